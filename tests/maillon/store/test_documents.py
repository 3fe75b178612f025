"""What the documents file answers: by IRI, by address, by page, by reference; in any number of threads."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from maillon.errors import SnapshotError
from maillon.rdf import canonical
from maillon.settings import Settings
from maillon.store import snapshots
from maillon.store.documents import Documents

BASE = "http://localhost:8000/"
DATASET = f"{BASE}id/dataset/ville/jeu-1"


@pytest.fixture
def documents(settings: Settings) -> Iterator[Documents]:
    with snapshots.open_current(settings.snapshots) as snapshot:
        opened = Documents(snapshot.documents)
        yield opened
        opened.close()


def test_a_document_by_iri_and_by_address_is_the_same(documents: Documents) -> None:
    document = documents.get(DATASET)
    assert document is not None
    assert document == documents.find("dataset", "ville/jeu-1")
    assert (document.kind, document.source, document.state, document.conformant) == ("dataset", "ville", "live", True)
    assert hashlib.sha256(document.text.encode()).hexdigest() == document.hash
    assert {triple.subject.value for triple in canonical.triples(document.text)} > {DATASET}  # type: ignore[union-attr]
    assert f"<{BASE}id/catalog/all> <http://www.w3.org/ns/dcat#dataset> <{DATASET}> .\n" in document.derived
    assert f"<{BASE}id/catalog/ville> <http://www.w3.org/ns/dcat#dataset> <{DATASET}> .\n" in document.derived


def test_what_is_not_there_is_none(documents: Documents) -> None:
    assert documents.get("https://nowhere.example.org/") is None
    assert documents.find("dataset", "nowhere") is None
    assert documents.many(["https://nowhere.example.org/"]) == {}
    assert documents.many([]) == {}
    assert documents.related("https://nowhere.example.org/") == []


def test_every_dataset_has_its_record(documents: Documents) -> None:
    for document in documents.page("dataset", limit=1000):
        record = documents.find("record", document.key)
        assert record is not None
        assert f"<{document.iri}>" in record.text
        assert record.iri in documents.referrers(document.iri, "record")


def test_pages_by_key_give_every_dataset_once(documents: Documents) -> None:
    found: list[str] = []
    after = ""
    while page := documents.page("dataset", after, 5):
        assert len(page) <= 5
        found += [document.key for document in page]
        after = found[-1]
    assert found == sorted(set(found))
    assert len(found) == documents.count("dataset") == 12


def test_pages_and_counts_by_grade_and_source(documents: Documents) -> None:
    conformant = documents.page("dataset", limit=100, conformant_only=True)
    assert all(document.conformant for document in conformant)
    assert "ville/sans-description" not in {document.key for document in conformant}
    assert documents.count("dataset", conformant_only=True) == len(conformant) == 11
    assert {document.source for document in documents.page("dataset", source="region")} == {"region"}
    by_source = documents.count("dataset", source="region") + documents.count("dataset", source="ville")
    assert by_source == documents.count("dataset")
    assert documents.page("dataset", limit=0) == []


def test_related_and_referrers_are_each_other(documents: Documents) -> None:
    related = documents.related(DATASET)
    publisher = f"{BASE}id/organisation/region/mobilite"
    assert f"{BASE}id/distribution/ville/jeu-1-1" in related
    assert publisher in related
    assert all(DATASET in documents.referrers(iri, "dataset") for iri in related)
    first = documents.referrers(publisher, "dataset", limit=2)
    rest = documents.referrers(publisher, "dataset", after=first[-1])
    assert first + rest == documents.referrers(publisher, "dataset")
    assert len(first + rest) == 4


def test_what_is_no_document_has_referrers_too(documents: Documents) -> None:
    assert documents.referrers("https://data.example.org/1.zip") == [f"{BASE}id/distribution/ville/jeu-1-1"]


def test_the_states_of_entities(documents: Documents) -> None:
    missing, gone = (documents.find("dataset", f"ville/{name}") for name in ("manquant", "disparu"))
    assert missing is not None
    assert gone is not None
    assert (missing.state, gone.state) == ("missing", "gone")
    assert missing in documents.page("dataset", limit=100)


def test_sources_carry_their_numbers_and_runs(documents: Documents) -> None:
    sources = {source.name: source for source in documents.sources()}
    assert list(sources) == ["region", "ville"]
    ville = sources["ville"]
    assert (ville.datasets, ville.conformant, ville.kind) == (7, 6, "ckan")
    assert ville.title["nl"] == "Gegevens van de Stad"
    assert ville.catalog == f"{BASE}id/catalog/ville"
    assert ville.harvested == "2026-11-20T08:01:00Z"
    assert [run.id for run in ville.runs] == sorted((run.id for run in ville.runs), reverse=True)
    assert sources["region"].url == "", "a path of the machine is nobody's business"


def test_findings_of_a_document_and_by_shape(documents: Documents) -> None:
    document = documents.get(f"{BASE}id/dataset/ville/sans-description")
    assert document is not None
    every = document.findings
    findings = [finding for finding in every if finding.severity == "Violation"]
    assert len(findings) == 1
    assert len(every) > 1, "what is recommended and missing is found too"
    assert findings[0].path == "<http://purl.org/dc/terms/description>"
    assert (findings[0].shape, "Violation", 1) in documents.findings_by_shape()
    assert documents.findings_by_shape("region") == [item for item in documents.findings_by_shape("region") if item[2]]


def test_many_documents_in_one_go(documents: Documents) -> None:
    iris = [document.iri for document in documents.dump()]
    assert list(documents.many(reversed(iris))) == iris[::-1]
    assert iris == sorted(iris)


def test_threads_do_not_disturb_each_other(documents: Documents) -> None:
    iris = [document.iri for document in documents.page("dataset", limit=100)] * 20
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(documents.get, iris))
    assert [document.iri for document in found if document is not None] == iris


def test_counts_are_those_of_the_manifest(documents: Documents, settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        assert documents.counts() | {"triples": snapshot.manifest.counts["triples"]} == dict(snapshot.manifest.counts)


def test_a_file_that_is_none_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="cannot be opened"):
        Documents(tmp_path / "absent.sqlite")
    (tmp_path / "torn.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(SnapshotError, match="cannot be opened"):
        Documents(tmp_path / "torn.sqlite")
