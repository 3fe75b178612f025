"""Findings grouped and in words."""

from pathlib import Path

from flask import Flask

from maillon.records import Finding
from maillon.settings import Settings
from maillon.web import create_app, findings

DCT = "http://purl.org/dc/terms/"


def _finding(severity: str, shape: str, value: str = "") -> Finding:
    return Finding("https://example.org/d", f"<{DCT}title>", value, severity, "c", shape)


def test_findings_of_one_kind_are_one_group_the_gravest_first(tmp_path: Path) -> None:
    app: Flask = create_app(Settings(data=tmp_path))
    found = [
        _finding("Info", "https://example.org/i"),
        *[_finding("Warning", "https://example.org/w", f'"v{number}"@fr') for number in range(5)],
        _finding("Violation", "https://example.org/v", "<https://example.org/x>"),
    ]
    with app.test_request_context("/fr/"):
        groups = findings.group(found, "fr")
    assert [(group.severity, group.count) for group in groups] == [("violation", 1), ("warning", 5), ("info", 1)]
    assert groups[0].severity_label == "À corriger"
    assert groups[0].values == ["https://example.org/x"]
    assert groups[1].values == ["v0", "v1", "v2"]
    assert groups[1].property == "dct:title"


def test_paths_and_values_lose_their_syntax() -> None:
    assert findings.path_name(f"<{DCT}temporal>/<{DCT}title>") == "dct:temporal / dct:title"
    assert findings.path_name(f"{DCT}title") == "dct:title"
    assert findings.path_name("") == ""
    assert findings.path_name(f"<{DCT}title>|<{DCT}source>") == "dct:title | dct:source"
    assert findings.path_name(f"(<{DCT}title>)?") == "dct:title"
    assert findings.lexical('"a \\"b\\" c"@fr') == 'a "b" c'
    assert findings.lexical('"1"^^<http://www.w3.org/2001/XMLSchema#integer>') == "1"
    assert findings.lexical("<https://example.org/>") == "https://example.org/"
    assert findings.lexical("_:b0") == "_:b0"
