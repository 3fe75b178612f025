"""One fault in a document is one line of the report; everything else is checked."""

from pathlib import Path

import pytest

from maillon.check import recovery
from tests.maillon.check.conftest import checked

HEAD = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
"""
GOOD = '<https://e.example/{0}> a dcat:Dataset ;\n  dct:title "Number {0}"@en .\n'
XML = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/"
  xmlns:dcat="http://www.w3.org/ns/dcat#" xml:base="https://e.example/">
  <dcat:Dataset rdf:about="1"><dct:title xml:lang="en">Number 1</dct:title></dcat:Dataset>
  <dcat:Dataset rdf:about="2"><dct:title rdf:resource="x" rdf:nodeID="y">Number 2</dct:title></dcat:Dataset>
  <dcat:Dataset rdf:about="3"><dct:title xml:lang="en">Number 3</dct:title></dcat:Dataset>
"""


@pytest.mark.parametrize(
    ("wrong", "line", "column", "said"),
    [
        ('<https://e.example/2> a dcat:Dataset ;\n  dct:title "Number 2 .\n', 6, 24, "Line jumps"),
        ('<https://e.example/2> a dcat:Dataset ;\n  dct:title "Number 2"@en\n', 6, 26, "A dot is expected"),
        ('nope:2 a dcat:Dataset ;\n  dct:title "Number 2"@en .\n', 5, 1, "prefix nope:"),
        ("<https://e.example/2> a dcat:Dataset ;\n  dct:title [ ] ] .\n", 6, 17, ""),
    ],
)
def test_a_faulty_statement_is_listed_and_the_others_are_checked(
    wrong: str, line: int, column: int, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "faulty.ttl"
    path.write_text(HEAD + GOOD.format(1) + wrong + GOOD.format(3), encoding="utf-8")
    report = checked(path)
    assert {record.iri for record in report.records} == {"https://e.example/1", "https://e.example/3"}
    (fault,) = report.refused
    assert (fault.place.document, fault.place.line) == (str(path), line)
    assert fault.place.column == column
    assert said in fault.detail
    assert report.failure == ""
    assert report.fails("violation")
    assert report.status("never") == 0


def test_a_long_text_that_looks_like_statements_stays_whole() -> None:
    text = HEAD + '<https://e.example/1> dct:description """One.\nTwo.\n<x> three.""" .\nbroken\n' + GOOD.format(2)
    found = recovery.recover(text.encode(), "https://e.example/", "", "x.ttl")
    assert found is not None
    assert b"One.\\nTwo.\\n<x> three." in found.content
    assert [(fault.subject, fault.line) for fault in found.faults] == [("broken", 6)]


def test_a_faulty_line_of_n_triples_costs_only_itself(tmp_path: Path) -> None:
    lines = [f'<https://e.example/{n}> <http://purl.org/dc/terms/title> "T{n}" .\n' for n in range(500)]
    lines[250] = "<https://e.example/250> oops\n"
    lines[260] = '<https://e.example/260> <http://purl.org/dc/terms/title> "open .\n'
    path = tmp_path / "many.nt"
    path.write_text("".join(lines), encoding="utf-8")
    report = checked(path)
    assert len(report.records) == 498
    assert [item.place.line for item in report.refused] == [251, 261]


def test_blank_nodes_that_statements_share_stay_one(tmp_path: Path) -> None:
    path = tmp_path / "shared.ttl"
    text = (
        HEAD
        + '<https://e.example/1> a dcat:Dataset ; dct:temporal _:p .\nbroken .\n_:p dcat:startDate "2024-01-01" .\n'
    )
    path.write_text(text, encoding="utf-8")
    report = checked(path)
    assert [item.identifier for item in report.refused] == ["broken"], "the period still has a dataset that leads to it"


def test_a_faulty_element_of_rdf_xml_is_listed_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "faulty.rdf"
    path.write_text(XML + "</rdf:RDF>\n", encoding="utf-8")
    report = checked(path)
    assert {record.iri for record in report.records} == {"https://e.example/1", "https://e.example/3"}
    (fault,) = report.refused
    assert (fault.identifier, fault.place.line) == ("2", 5)


def test_a_fault_in_a_catalogue_does_not_cost_the_datasets_nested_in_it(tmp_path: Path) -> None:
    first, _, rest = XML.partition('  <dcat:Dataset rdf:about="1">')
    nested = f'  <dcat:Dataset rdf:about="1">{rest}'.replace("<dcat:Dataset", "<dcat:dataset><dcat:Dataset")
    nested = nested.replace("</dcat:Dataset>", "</dcat:Dataset></dcat:dataset>")
    path = tmp_path / "nested.rdf"
    path.write_text(
        f'{first}<dcat:Catalog rdf:about="c">\n<!-- one\ntwo -->\n{nested}'
        "<dct:title>All</dct:title>\n</dcat:Catalog></rdf:RDF>\n",
        encoding="utf-8",
    )
    report = checked(path)
    assert {record.iri for record in report.records} == {f"https://e.example/{name}" for name in ("1", "3", "c")}
    (fault,) = report.refused
    assert (fault.identifier, fault.place.line) == ("2", 8)
    path.write_text(
        path.read_text("utf-8")
        .replace(' rdf:resource="x" rdf:nodeID="y"', "")
        .replace("<dct:title>All", '<dct:title rdf:resource="x">All'),
        encoding="utf-8",
    )
    report = checked(path)
    assert {record.iri for record in report.records} == {f"https://e.example/{name}" for name in ("1", "2", "3")}
    assert [item.identifier for item in report.refused] == ["c"]


def test_several_datasets_in_one_property_are_all_read_and_the_property_is_listed(tmp_path: Path) -> None:
    first, _, rest = XML.partition('  <dcat:Dataset rdf:about="1">')
    nested = f'  <dcat:Dataset rdf:about="1">{rest}'.replace(' rdf:resource="x" rdf:nodeID="y"', "")
    text = f'{first}<dcat:Catalog rdf:about="c">\n<dcat:dataset>\n{nested}</dcat:dataset></dcat:Catalog></rdf:RDF>'
    path = tmp_path / "several.rdf"
    path.write_text(text, encoding="utf-8")
    report = checked(path)
    assert {record.iri for record in report.records} == {f"https://e.example/{name}" for name in ("1", "2", "3", "c")}
    (fault,) = report.refused
    assert (fault.identifier, fault.place.line) == ("c", 5)
    assert "dataset holds 3 descriptions" in fault.detail


def test_xml_that_breaks_is_read_up_to_that_place_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "broken.rdf"
    path.write_text(XML + '  <dcat:Dataset rdf:about="4"><dct:title>Number 4</dct:titel></dcat:Dataset>\n', "utf-8")
    report = checked(path)
    assert {record.iri for record in report.records} == {"https://e.example/1", "https://e.example/3"}
    assert [item.place.line for item in report.refused] == [5, 7]
    assert "nothing after this place was read" in report.refused[-1].detail
    assert "could not go on" in report.failure
    assert report.status("violation") == 1


def test_too_many_faults_end_the_reading_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "MOST", 20)
    path = tmp_path / "all.ttl"
    path.write_text(HEAD + GOOD.format(1) + "".join(f"oops{n} .\n" for n in range(50)), encoding="utf-8")
    report = checked(path)
    assert len(report.refused) == 20
    assert "could not go on" in report.failure


def test_one_bad_document_among_several_is_read_in_parts(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(HEAD + GOOD.format(1), encoding="utf-8")
    (tmp_path / "b.ttl").write_text(HEAD + GOOD.format(2) + "oops .\n" + GOOD.format(3), encoding="utf-8")
    report = checked(tmp_path)
    assert len(report.records) == 3
    (fault,) = report.refused
    assert (fault.place.document, fault.place.line) == (f"{tmp_path}/b.ttl", 5)


def test_what_can_be_read_as_a_whole_is_not_read_in_parts() -> None:
    assert recovery.recover((HEAD + GOOD.format(1)).encode(), "https://e.example/", "", "x.ttl") is None
    assert recovery.recover(b'{"@id": "https://e.example/1", ', "https://e.example/", "", "x.jsonld") is None
