"""What a check finds, in which record, on which line, in every serialisation."""

import gzip
import zipfile
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from maillon import paths
from maillon.check.values import Checked, Report
from tests.maillon.check.conftest import TTL, checked, shapes_of


def _record(report: Report, title: str) -> Checked:
    return next(record for record in report.records if title in record.title.values())


def test_findings_stand_in_their_record_with_line_and_value(catalogue: Path) -> None:
    report = checked(catalogue)
    trees = _record(report, "Arbres des parcs")
    assert (trees.iri, trees.kind, trees.is_named) == ("https://data.example.org/trees", "dataset", True)
    assert (trees.place.document, trees.place.line) == (str(catalogue), 6)
    found = {
        (note.finding.shape.removeprefix("urn:maillon:shape:"), note.value, note.place.line) for note in trees.notes
    }
    assert ("dataset-issued-date", "un jour", 9) in found
    assert ("dataset-access-rights-node", "oui", 10) in found
    assert ("distribution-access-url-node", "pas une adresse", 15) in found
    assert ("distribution-access-url", "", 17) in found, "a missing value has the line of what lacks it"
    assert {("distribution-format-code", "CSV", 14), ("distribution-format-code", "CSV", 18)} <= found
    assert report.counts["Violation"] >= 5
    assert trees.counts["Violation"] == sum(note.finding.severity == "Violation" for note in trees.notes)


def test_a_record_without_an_address_is_found_by_what_it_says(catalogue: Path) -> None:
    benches = _record(checked(catalogue), "Bancs publics")
    assert (benches.is_named, benches.place.line) == (False, 21)
    assert {note.place.line for note in benches.notes if note.value == "jadis"} == {22}


def test_the_document_is_judged_as_it_is_and_not_as_repaired(catalogue: Path) -> None:
    report = checked(catalogue)
    assert "format-eu" in _record(report, "Arbres des parcs").repairs
    assert "distribution-format-code" in shapes_of(report)


def test_all_of_the_sample_is_read_and_scored() -> None:
    report = checked(paths.SAMPLES / "brussels-dcat.ttl")
    assert report.is_read
    assert report.failure == ""
    assert report.kinds["dataset"] > 20
    assert all(record.place.line for record in report.records)
    assert report.rating is not None
    assert report.rating.datasets == report.kinds["dataset"]
    assert 0 < report.rating.points < 405
    assert sum(report.rating.dimensions.values()) == pytest.approx(report.rating.points)
    assert len(report.rating.fixes) == 3
    assert report.rating.fixes[0].points >= report.rating.fixes[1].points >= report.rating.fixes[2].points > 0


def test_another_kind_of_export_is_checked_too() -> None:
    report = checked(paths.SAMPLES / "brussels-ckan.json", kind="ckan", language="fr")
    assert report.kinds["dataset"] > 30
    private = [item for item in report.refused if item.reason == "private"]
    assert private
    assert not private[0].is_fault
    assert [item.reason for item in report.refused if item.is_fault] == ["identifier stands twice in the source"]


def _converted(found: RdfFormat) -> bytes:
    quads = parse(TTL, RdfFormat.TURTLE, base_iri="https://data.example.org/")
    return serialize((quad.triple for quad in quads), format=found) or b""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.nt", _converted(RdfFormat.N_TRIPLES)),
        ("c.nq", _converted(RdfFormat.N_QUADS)),
        ("c.trig", _converted(RdfFormat.TRIG)),
        ("c.rdf", _converted(RdfFormat.RDF_XML)),
        ("c.jsonld", _converted(RdfFormat.JSON_LD)),
        ("c.ttl.gz", gzip.compress(TTL.encode())),
    ],
)
def test_every_serialisation_gives_the_same_findings(name: str, content: bytes, catalogue: Path) -> None:
    path = catalogue.with_name(name)
    path.write_bytes(content)
    expected = {shape: len(lines) for shape, lines in shapes_of(checked(catalogue)).items()}
    assert {shape: len(lines) for shape, lines in shapes_of(checked(path)).items()} == expected


def test_members_of_an_archive_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.ttl", TTL)
        archive.writestr("b.ttl", TTL.replace("ex:trees", "ex:bushes").replace("Bancs publics", "Fontaines"))
    report = checked(path)
    bushes = next(record for record in report.records if record.iri.endswith("/bushes"))
    assert (bushes.place.document, bushes.place.line) == (f"{path}/b.ttl", 6)


def test_a_folder_is_one_catalogue(catalogue: Path) -> None:
    other = TTL.replace("ex:trees", "ex:bushes").replace("Bancs publics", "Fontaines")
    catalogue.with_name("more.ttl").write_text(other, encoding="utf-8")
    assert checked(catalogue.parent).kinds["dataset"] == 4


def test_relative_addresses_are_resolved_against_the_base_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "relative.ttl"
    text = TTL.replace("@prefix ex: <https://data.example.org/>", "@prefix ex: <./>")
    path.write_text(text, encoding="utf-8")
    report = checked(path, base="https://base.example/")
    assert "https://base.example/trees" in {record.iri for record in report.records}
