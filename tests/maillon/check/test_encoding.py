"""A file in the wrong encoding is read as a harvest reads it, and is a fault of its own in every format."""

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from pyoxigraph import RdfFormat, parse

from maillon.check.encoding import SHAPE
from maillon.check.values import DOCUMENT
from tests.maillon.check.conftest import Maillon, checked

_TTL = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://e.example/d> a dcat:Dataset ; dct:title "Arbres"@fr ;
  dct:description "La forêt en été"@fr .
"""
_NT = """<https://e.example/d> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .
<https://e.example/d> <http://purl.org/dc/terms/title> "Forêt"@fr .
"""
_XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/">
<rdf:Description rdf:about="https://e.example/d"><rdf:type rdf:resource="http://www.w3.org/ns/dcat#Dataset"/>
<dct:title xml:lang="fr">Forêt</dct:title></rdf:Description></rdf:RDF>
"""
_JSON = """{"@context": {"@vocab": "http://purl.org/dc/terms/"}, "@id": "https://e.example/d",
 "@type": "http://www.w3.org/ns/dcat#Dataset", "title": "Forêt"}
"""


@pytest.fixture
def latin(tmp_path: Path) -> Path:
    """Write a dataset in ISO-8859-1; return its path."""
    path = tmp_path / "latin.ttl"
    path.write_bytes(_TTL.encode("latin-1"))
    return path


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.ttl", _TTL, "latin-1"),
        ("a.nt", _NT, "cp1252"),
        ("a.ttl", _TTL, "utf-16"),
        ("a.jsonld", _JSON, "latin-1"),
        ("a.rdf", _XML, "latin-1"),
        ("a.rdf", f'<?xml version="1.0" encoding="UTF-8"?>\n{_XML}', "latin-1"),
    ],
)
def test_what_must_be_utf_8_and_is_not_fails_with_its_place(
    name: str, text: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    report = checked(path)
    file = report.records[0]
    assert (file.kind, file.notes[0].finding.shape) == (DOCUMENT, SHAPE)
    before = text.partition("ê")[0].split("\n")
    assert (file.place.line, file.place.column) == (
        (1, 0) if encoding == "utf-16" else (len(before), len(before[-1]) + 1)
    )
    assert report.kinds == {"dataset": 1}
    assert report.counts["Violation"] == sum(record.counts.get("Violation", 0) for record in report.records) > 0
    assert (SHAPE, "Violation", 1) in report.rules
    assert report.status("violation") == 1


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("a.ttl", _TTL.encode()),
        ("a.ttl", b"\xef\xbb\xbf" + _TTL.encode()),
        ("a.rdf", f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{_XML}'.encode("latin-1")),
        ("a.rdf", f'<?xml version="1.0" encoding="UTF-16"?>\n{_XML}'.encode("utf-16")),
    ],
)
def test_an_encoding_that_the_format_allows_is_no_fault(name: str, octets: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(octets)
    report = checked(path)
    assert [record.kind for record in report.records] == ["dataset"]


def test_nothing_but_a_file_in_the_wrong_encoding_is_nothing_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_bytes('# forêt\n@prefix a: <http://a.example/> .\n"'.encode("latin-1"))
    report = checked(path)
    assert (report.is_read, report.described, report.status("never")) == (False, (0, 0), 2)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The file is not in UTF-8"),
        ("fr", "Le fichier n'est pas en UTF-8"),
        ("nl", "Het bestand is niet in UTF-8"),
        ("de", "Die Datei ist nicht in UTF-8"),
    ],
)
def test_it_is_told_in_four_languages_before_all_records(
    language: str, said: str, latin: Path, maillon: Maillon
) -> None:
    result = maillon("check", latin, "--in", language, "--limit", "1")
    assert result.exit_code == 1
    assert said in result.stdout
    assert "Windows-1252" in result.stdout
    page = maillon("check", latin, "--in", language, "--format", "html").stdout
    assert said in page.replace("&#39;", "'")


def test_formats_for_machines_have_it_with_its_line(latin: Path, maillon: Maillon) -> None:
    found = json.loads(maillon("check", latin, "--format", "json").stdout)
    assert (found["status"], found["counts"]["Violation"], found["kinds"]) == (1, 1, {"dataset": 1})
    assert next((item["kind"], item["line"]) for item in found["records"]) == ("document", 3)
    case = Xml.fromstring(maillon("check", latin, "--format", "junit").stdout).find(".//testcase[failure]")
    assert case is not None
    assert (case.get("classname"), case.get("line")) == ("maillon.document", "3")
    run = json.loads(maillon("check", latin, "--format", "sarif").stdout)["runs"][0]
    assert (run["results"][0]["ruleId"], run["results"][0]["level"]) == (SHAPE, "error")
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    turtle = maillon("check", latin, "--format", "ttl").stdout
    messages = [
        quad.object.language
        for quad in parse(turtle, RdfFormat.TURTLE)
        if quad.predicate.value.endswith("#resultMessage") and "UTF-8" in quad.object.value
    ]
    assert sorted(messages) == ["de", "en", "fr", "nl"]
