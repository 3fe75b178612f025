"""Findings in a documents file counted by rule, with examples, and pages of one rule however they are looked for."""

from collections import Counter
from collections.abc import Iterator

import pytest

from maillon.settings import Settings
from maillon.store import findings_by_record
from maillon.store.documents import Documents, number_of
from maillon.store.findings_by_record import Found


@pytest.fixture(scope="module")
def documents(settings: Settings) -> Iterator[Documents]:
    """Give the documents of the sample catalogue."""
    opened = Documents(settings.snapshots / "current" / "documents.sqlite")
    yield opened
    opened.close()


def _counted(records: list[Found]) -> dict[str, tuple[int, int]]:
    times = Counter(finding.shape for record in records for finding in record.findings)
    hit = Counter(shape for record in records for shape in {finding.shape for finding in record.findings})
    return {shape: (times[shape], hit[shape]) for shape in times}


@pytest.mark.parametrize("source", ["ville", "region", ""])
def test_every_finding_and_every_record_is_counted_once(documents: Documents, source: str) -> None:
    records = list(findings_by_record.findings(documents, source))
    found = findings_by_record.by_rule(documents, source)
    assert {item.shape: (item.findings, item.records) for item in found} == _counted(records)
    assert [item.records for item in found] == sorted((item.records for item in found), reverse=True)
    some = records[::2]
    among = findings_by_record.by_rule(documents, numbers=[number_of(item.iri) for item in some])
    assert {item.shape: (item.findings, item.records) for item in among} == _counted(some)
    assert findings_by_record.by_rule(documents, numbers=[]) == []
    assert findings_by_record.by_rule(documents, "rien") == []


def test_each_rule_has_some_examples(documents: Documents) -> None:
    records = {number_of(item.iri): item for item in findings_by_record.findings(documents, "ville")}
    for found in (
        findings_by_record.examples(documents, 2, "ville"),
        findings_by_record.examples(documents, 2, numbers=list(records)),
    ):
        counts = _counted(list(records.values()))
        assert {shape: len(numbers) for shape, numbers in found.items()} == {
            shape: min(2, hit) for shape, (_times, hit) in counts.items()
        }
        for shape, numbers in found.items():
            assert all(shape in {finding.shape for finding in records[number].findings} for number in numbers)


@pytest.mark.parametrize("source", ["ville", ""])
@pytest.mark.parametrize("rare", [0, 1_000_000])
def test_a_page_of_a_rule_is_the_same_however_it_is_looked_for(
    documents: Documents, monkeypatch: pytest.MonkeyPatch, source: str, rare: int
) -> None:
    monkeypatch.setattr(findings_by_record, "_RARE", rare)
    whole = list(findings_by_record.findings(documents, source))
    numbers = [number_of(item.iri) for item in whole]
    for rule in findings_by_record.by_rule(documents, source):
        expected = [item for item in whole if rule.shape in {finding.shape for finding in item.findings}]
        after, seen = "", []
        while page := findings_by_record.page(documents, source, rule.shape, after, 2):
            assert page == findings_by_record.page_among(documents, numbers, rule.shape, after, 2)
            seen += page
            after = page[-1].iri
        assert seen == expected
    assert findings_by_record.page(documents, source, "urn:unknown", "", 2) == []


def test_records_and_texts_are_looked_up_by_number(documents: Documents) -> None:
    whole = list(findings_by_record.findings(documents, "ville"))
    numbers = [number_of(item.iri) for item in whole]
    assert findings_by_record.of_numbers(documents, [*reversed(numbers), 1]) == whole
    texts = findings_by_record.texts(documents, [item.iri for item in whole])
    assert sorted(findings_by_record.texts_of_numbers(documents, [*numbers, 1])) == sorted(texts.values())
