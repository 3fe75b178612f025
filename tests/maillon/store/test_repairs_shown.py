"""Repairs and findings by rule, counted once when a snapshot is made, and kept right when it is made from the last."""

from pathlib import Path

import pytest

from maillon.records import Finding
from maillon.store.document_writing import DocumentsWriter
from maillon.store.documents import Document, Documents, Repair

SOURCES = ("ville", "region")


def _document(number: int, source: str, *rules: str) -> Document:
    iri = f"https://data.example.org/{source}/{number:02}"
    repairs = [Repair(rule, f"old {place}\n", "", "", "", 1) for place, rule in enumerate(rules)]
    found = [Finding(iri, "", "", "Warning", "c", f"shape-{rule}") for rule in rules]
    return Document(iri, "dataset", f"{source}-{number}", source, "h", "", repairs=repairs, findings=found)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a documents file with 12 documents of two sources."""
    made = tmp_path / "documents.sqlite"
    writer = DocumentsWriter(made)
    for number in range(6):
        writer.add(_document(number, "ville", "dates", "dates", "blanks"), ())
        writer.add(_document(number, "region", *(["blanks"] if number < 2 else [])), ())
    writer.settle((), ())
    writer.close()
    return made


def test_rules_and_shapes_are_counted_by_source_and_together(path: Path) -> None:
    documents = Documents(path)
    assert documents.repairs_by_rule("ville") == [("dates", 12, 6), ("blanks", 6, 6)]
    assert documents.repairs_by_rule("region") == [("blanks", 2, 2)]
    assert documents.repairs_by_rule() == [("dates", 12, 6), ("blanks", 8, 8)]
    assert documents.repairs_by_rule("nobody") == []
    assert documents.findings_by_shape("region") == [("shape-blanks", "Warning", 2)]
    assert documents.findings_by_shape() == [("shape-dates", "Warning", 12), ("shape-blanks", "Warning", 8)]
    documents.close()


def test_repaired_documents_come_in_pages_each_once(path: Path) -> None:
    documents = Documents(path)
    found, after = [], ""
    while page := documents.repaired("ville", "blanks", after, 4):
        assert all([item.rule for item in repairs] == ["blanks"] for *_, repairs in page)
        found += [iri for iri, *_ in page]
        after = found[-1]
    assert found == [f"https://data.example.org/ville/{number:02}" for number in range(6)]
    assert [len(repairs) for *_, repairs in documents.repaired("ville", limit=1)] == [3]
    assert len(documents.repaired("region")) == 2
    assert documents.repaired("ville", "nothing") == documents.repaired("nobody") == []
    documents.close()


def test_counts_follow_what_changes(path: Path) -> None:
    writer = DocumentsWriter(path)
    for number in (0, 1):
        writer.remove(f"https://data.example.org/ville/{number:02}")
    writer.add(_document(1, "ville", "sizes"), ())
    writer.remove("https://data.example.org/region/00")
    writer.remove("https://data.example.org/absent")
    writer.settle((), ())
    writer.close()
    documents = Documents(path)
    assert documents.repairs_by_rule("ville") == [("dates", 8, 4), ("blanks", 4, 4), ("sizes", 1, 1)]
    assert documents.repairs_by_rule("region") == [("blanks", 1, 1)]
    assert [iri[-2:] for iri, *_ in documents.repaired("ville")] == ["01", "02", "03", "04", "05"]
    assert documents.findings_by_shape("ville")[-1] == ("shape-sizes", "Warning", 1)
    documents.close()
