"""Findings in a documents file: pages and streams of the records that have some."""

from collections.abc import Iterator

import pytest

from maillon.settings import Settings
from maillon.store import findings_by_record
from maillon.store.documents import Documents

DESCRIPTION = "urn:maillon:shape:dataset-description"


@pytest.fixture(scope="module")
def documents(settings: Settings) -> Iterator[Documents]:
    """Give the documents of the sample catalogue."""
    opened = Documents(settings.snapshots / "current" / "documents.sqlite")
    yield opened
    opened.close()


def test_a_stream_has_every_finding_of_a_source(documents: Documents) -> None:
    for source in ("ville", "region", ""):
        streamed = sum(len(item.findings) for item in findings_by_record.findings(documents, source))
        assert streamed == sum(count for *_, count in documents.findings_by_shape(source)) > 0


def test_a_stream_goes_by_iri_over_several_pages(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(findings_by_record.findings(documents))
    iris = [item.iri for item in whole]
    assert iris == sorted(set(iris))
    monkeypatch.setattr(findings_by_record, "_PAGE", 2)
    assert list(findings_by_record.findings(documents)) == whole


def test_only_records_with_a_finding_of_the_shape_are_given(documents: Documents) -> None:
    items = list(findings_by_record.findings(documents, "ville", DESCRIPTION))
    assert "http://localhost:8000/id/dataset/ville/sans-description" in {item.iri for item in items}
    assert all(any(finding.shape == DESCRIPTION for finding in item.findings) for item in items)
    assert list(findings_by_record.findings(documents, "ville", "urn:unknown")) == []
    assert list(findings_by_record.findings(documents, "rien")) == []


def test_pages_join_up(documents: Documents) -> None:
    after, seen = "", []
    while page := findings_by_record.page(documents, "", "", after, 2):
        seen += [item.iri for item in page]
        after = page[-1].iri
    assert seen == [item.iri for item in findings_by_record.findings(documents)]


def test_findings_are_looked_up_by_iri(documents: Documents) -> None:
    items = {item.iri: item.findings for item in findings_by_record.findings(documents)}
    assert findings_by_record.of_iris(documents, [*items, "urn:unknown"]) == items
    assert findings_by_record.of_iris(documents, []) == {}


def test_a_file_belongs_to_its_dataset_and_texts_are_those_of_the_documents(documents: Documents) -> None:
    base = "http://localhost:8000/id"
    part, dataset = f"{base}/distribution/ville/jeu-1-1", f"{base}/dataset/ville/jeu-1"
    orphan = f"{base}/distribution/ville/orpheline"
    assert findings_by_record.datasets_of(documents, [part, orphan, "urn:unknown"]) == {part: dataset}
    document = documents.get(dataset)
    assert document is not None
    assert findings_by_record.texts(documents, [dataset, "urn:unknown"]) == {dataset: document.text}
