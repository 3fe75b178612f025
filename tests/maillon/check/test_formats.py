"""The six formats: what their readers need is in them, and nothing in a value becomes a command, markup or a fault."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

import jsonschema  # type: ignore[import-untyped]
import pytest
from pyoxigraph import Dataset, Literal, NamedNode, RdfFormat, parse

from maillon.check import Report, junit, machine, page, sarif, shacl_report, text
from maillon.check.wordings import WORDINGS
from maillon.settings import LANGUAGES
from maillon.vocabulary import PREFIXES, TYPE, term
from tests.maillon.check.conftest import TTL, checked

EVIL = "Evil \\u001B[2J\\u009B31m\\u0000\\uFFFE\\u202Eabc <script>alert(1)</script> \\\"' ]]> & \\u0008"
WRITERS = {
    "text": text.write, "json": machine.write, "junit": junit.write, "sarif": sarif.write, "html": page.write,
    "ttl": shacl_report.write,
}  # fmt: skip
ENGLISH = WORDINGS["en"]

# Facts of the JSON schema of SARIF 2.1.0 (OASIS, errata 01) about the parts that are written; all are closed there.
_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}} | {
    "additionalProperties": False
}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}


def _closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


_NUMBER = {"type": "integer", "minimum": 1}
_PHYSICAL = _closed(
    ["artifactLocation"],
    artifactLocation=_closed(["uri"], uri={"type": "string", "pattern": r"^[A-Za-z0-9:/?#\[\]@!$&'()*+,;=%._~-]+$"}),
    region=_closed(["startLine"], startLine=_NUMBER, startColumn=_NUMBER),
)
_LOGICAL = _closed([], fullyQualifiedName={"type": "string"}, kind={"type": "string"})
_LOCATION = _closed([], physicalLocation=_PHYSICAL, logicalLocations={"type": "array", "items": _LOGICAL})
_RESULT = _closed(
    ["message"],
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": -1},
    level=_LEVEL,
    message=_TEXT,
    locations={"type": "array", "items": _LOCATION},
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
)
_RULE = _closed(
    ["id"], id={"type": "string"}, shortDescription=_TEXT, help=_TEXT, defaultConfiguration=_closed([], level=_LEVEL)
)
_DRIVER = _closed(
    ["name"], name={"type": "string"}, semanticVersion={"type": "string"},
    rules={"type": "array", "uniqueItems": True, "items": _RULE},
)  # fmt: skip
_NOTIFICATION = _closed(["message"], level=_LEVEL, message=_TEXT)
_INVOCATION = _closed(
    ["executionSuccessful"],
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications={"type": "array", "items": _NOTIFICATION},
)
_RUN = _closed(
    ["tool"],
    tool=_closed(["driver"], driver=_DRIVER),
    language={"type": "string", "pattern": "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$"},
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    invocations={"type": "array", "items": _INVOCATION},
    results={"type": "array", "items": _RESULT},
)
SARIF = _closed(
    ["version", "runs"],
    **{"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": _RUN}},
)


@pytest.fixture
def report(catalogue: Path) -> Report:
    return checked(catalogue)


@pytest.fixture
def evil(tmp_path: Path) -> Report:
    path = tmp_path / "evil <b>.ttl"
    path.write_text(TTL.replace("Arbres des parcs", EVIL).replace('"oui"', f'"{EVIL}"') + "broken\x1b[2J .\n", "utf-8")
    return checked(path)


def test_text_tells_a_steward_what_to_do(report: Report) -> None:
    said = text.write(report, WORDINGS["fr"], "violation")
    assert "1. Arbres des parcs [jeu de données]" in said
    assert "https://data.example.org/trees (ligne 6)" in said
    assert "- erreur · date de publication (dct:issued)" in said
    assert "valeur : un jour, ligne 9" in said
    assert "- avertissement · format (dct:format) (2 fois)" in said
    assert "valeur : CSV, dans https://data.example.org/csv, ligne 14" in said
    assert "Maillon réparerait de lui-même à la moisson" in said
    assert "points sur 405" in said
    assert said.count("points en tout") == 3
    assert said.rstrip().splitlines()[-1].startswith("À corriger : ")
    assert "\x1b" not in said


def test_text_is_coloured_only_where_it_is_asked_for(report: Report) -> None:
    assert "\x1b[31merror\x1b[0m" in text.write(report, ENGLISH, "violation", 20, text.coloured)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(WRITERS))
def test_every_format_has_every_language(name: str, language: str, report: Report) -> None:
    said = WRITERS[name](report, WORDINGS[language], "violation", None)
    message = next(note for note in report.records[-1].notes if note.finding.shape.endswith("issued-date"))
    plain = json.dumps(message.message(language))[1:-1] if name in ("json", "sarif") else message.message(language)
    assert plain.split("'")[0] in said.replace("&#39;", "'").replace("&quot;", '"')
    assert "{" not in said or name in ("json", "sarif", "html"), "every word is filled in"


def test_the_limit_leaves_out_records_and_says_how_many(report: Report) -> None:
    for name, write in WRITERS.items():
        said = write(report, ENGLISH, "violation", 1)
        assert "un jour" in said, name
        assert "jadis" not in said, name
        assert "1 more record has findings" in said or '"more_records": 1' in said, name
    assert "jadis" not in text.write(report, ENGLISH, "violation", 0)
    assert f"{report.counts['Violation']} errors" in text.write(report, ENGLISH, "violation", 0)


def test_nothing_in_a_value_commands_a_terminal(evil: Report) -> None:
    for name, write in WRITERS.items():
        said = write(evil, ENGLISH, "violation", None)
        assert "Evil" in said, name
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said), name


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_is_one_page_without_scripts_in_which_markup_of_values_is_text(evil: Report) -> None:
    said = page.write(evil, WORDINGS["nl"], "violation")
    found = _Page()
    found.feed(said)
    assert not {"script", "link", "img", "iframe", "object", "b", "a"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on") or name in ("src", "href")]
    assert "url(" not in said
    assert "@import" not in said
    assert any("<script>alert(1)</script>" in line for line in found.texts)
    assert ("lang", "nl") in found.attributes
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in found.attributes
    assert found.tags.count("h1") == 1
    assert found.tags.count("table") == sum(bool(record.counts) for record in evil.records)


def test_junit_has_a_test_for_each_record_and_counts_that_are_right(evil: Report) -> None:
    root = Xml.fromstring(junit.write(evil, ENGLISH, "violation"))
    cases = list(root.iter("testcase"))
    assert root.tag == "testsuites"
    assert len(cases) == int(root.get("tests", "")) == len(evil.records) + len(evil.refused)
    assert sum(len(case.findall("failure")) for case in cases) == int(root.get("failures", "")) == 2
    assert len(list(root.iter("error"))) == int(root.get("errors", "")) == 1
    assert all(len(case.findall("failure")) + len(case.findall("error")) <= 1 for case in cases)
    assert len({case.get("name") for case in cases}) == len(cases)
    trees = next(case for case in cases if "trees" in case.get("name", ""))
    assert (trees.get("classname"), trees.get("line")) == ("maillon.dataset", "6")
    failure = trees.find("failure")
    assert failure is not None
    assert "line 9" in (failure.text or "")
    assert "\ufffd[2J" in (failure.text or ""), "what XML does not allow is replaced"
    assert "warning" in (trees.findtext("system-out") or "")


def test_junit_fails_from_the_severity_that_is_asked_for(report: Report) -> None:
    def failures(fail_on: str) -> int:
        return int(Xml.fromstring(junit.write(report, ENGLISH, fail_on)).get("failures", ""))

    assert failures("never") == 0
    assert failures("violation") == sum("Violation" in record.counts for record in report.records)
    assert failures("info") == sum(bool(record.counts) for record in report.records)


def test_two_records_of_one_name_are_two_tests(tmp_path: Path) -> None:
    path = tmp_path / "twice.ttl"
    path.write_text(TTL + TTL.rpartition("[] a")[2].join(("[] a", "")).replace("jadis", "demain"), encoding="utf-8")
    found = checked(path)
    assert len([record for record in found.records if not record.is_named]) == 1, "one title is one record"
    names = [case.get("name") for case in Xml.fromstring(junit.write(found, ENGLISH, "violation")).iter("testcase")]
    assert len(set(names)) == len(names)


def test_sarif_keeps_to_its_schema(evil: Report, report: Report) -> None:
    for found in (evil, report, checked(__file__)):
        value = json.loads(sarif.write(found, ENGLISH, "violation"))
        jsonschema.validate(value, SARIF)
        run = value["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        assert all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in run["results"])
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is False


def test_sarif_points_to_lines(report: Report) -> None:
    results = json.loads(sarif.write(report, ENGLISH, "violation"))["runs"][0]["results"]
    assert len(results) == sum(len(record.notes) for record in report.records)
    issued = next(item for item in results if item["ruleId"].endswith("dataset-issued-date"))
    place = issued["locations"][0]["physicalLocation"]
    assert (issued["level"], place["region"]) == ("error", {"startLine": 9})
    assert urlsplit(place["artifactLocation"]["uri"]).path == report.target
    prints = [item["partialFingerprints"]["maillonFinding/v1"] for item in results]
    assert len(set(prints)) == len(prints)
    assert "value: un jour" in issued["message"]["text"]


@pytest.mark.parametrize(
    ("document", "uri"),
    [
        ("a b/c#d?.ttl", "a%20b/c%23d%3F.ttl"),
        ("a:b.ttl", "a%3Ab.ttl"),
        ("/tmp/x.ttl", "file:///tmp/x.ttl"),
        ("https://e.example/a?b=1#c", "https://e.example/a?b=1#c"),
        ("https://e.example/<a b>", "https://e.example/%3Ca%20b%3E"),
        ("é\udcff.ttl", "%C3%A9%FF.ttl"),
        ("-", "standard-input"),
    ],
)
def test_sarif_names_every_document_by_a_valid_reference(document: str, uri: str) -> None:
    assert sarif.uri(document) == uri


def test_sarif_stays_below_what_code_hosts_accept(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST", 3)
    run = json.loads(sarif.write(report, ENGLISH, "violation"))["runs"][0]
    left = sum(len(record.notes) for record in report.records) - 3
    assert len(run["results"]) == 3
    assert f"{left} further findings" in json.dumps(run["invocations"])


def test_turtle_is_a_validation_report_with_messages_in_four_languages(report: Report) -> None:
    said = shacl_report.write(report, ENGLISH, "violation")
    graph = Dataset(parse(said.encode(), RdfFormat.TURTLE))
    results = [quad.subject for quad in graph if quad.object == term("sh:ValidationResult")]
    assert len(results) == sum(len(record.notes) for record in report.records)
    for needed in ("focusNode", "resultSeverity", "sourceConstraintComponent", "sourceShape"):
        for node in results:
            values = [quad for quad in graph.quads_for_subject(node) if quad.predicate == term(f"sh:{needed}")]
            assert len(values) == 1, needed
    for node in results:
        said_of = [quad.object for quad in graph.quads_for_subject(node) if quad.predicate == term("sh:resultMessage")]
        assert {item.language for item in said_of if isinstance(item, Literal)} == set(LANGUAGES)
    issued = NamedNode(PREFIXES["dct"] + "issued")
    assert any(quad.predicate == term("sh:resultPath") and quad.object == issued for quad in graph)
    assert any(quad.predicate == term("sh:value") and quad.object == Literal("un jour") for quad in graph)
    assert "sh:conforms false" in said
    assert said == shacl_report.write(report, ENGLISH, "violation"), "the same findings make the same file"


def test_turtle_of_a_faultless_file_conforms(tmp_path: Path) -> None:
    path = tmp_path / "fine.ttl"
    path.write_text("<https://e.example/p> a <http://www.w3.org/2004/02/skos/core#Concept> .\n", encoding="utf-8")
    found = checked(path)
    graph = Dataset(parse(shacl_report.write(found, ENGLISH, "never").encode(), RdfFormat.TURTLE))
    conforms = next(quad.object for quad in graph if quad.predicate == term("sh:conforms"))
    assert isinstance(conforms, Literal)
    assert conforms.value == str(not any(found.counts.values())).lower()
    assert any(quad.predicate == TYPE for quad in graph)


def test_json_has_everything_for_a_program(report: Report) -> None:
    value = json.loads(machine.write(report, WORDINGS["de"], "violation"))
    assert value["counts"] == dict(report.counts)
    assert (value["status"], value["read"], value["language"]) == (1, True, "de")
    issued = next(item for record in value["records"] for item in record["findings"] if item["value"] == "un jour")
    assert (issued["field"], issued["line"], issued["term"]) == ("Veröffentlichungsdatum", 9, '"un jour"')
    assert issued["path"].strip("<>") == PREFIXES["dct"] + "issued"
    assert {record["iri"] for record in value["records"]} >= {"https://data.example.org/trees", None}
    assert value["score"]["of"] == 405
