"""Every real ISO file, and every answer of a catalogue service, is harvested or says why not; nothing crashes."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvesters import csw
from maillon import mapping
from maillon.errors import ParseFailed
from maillon.rdf import canonical
from maillon.records import DataService, Dataset, Described, Rejected
from maillon.sources import Source

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "iso"
BASE = "https://catalogue.example/"
_UNREADABLE = {"biodiversity", "sodha", "gemini2.1/error_bad_xml"}

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is absent")]


def _count(source: Source, fetch: Any) -> Counter[str]:
    """Harvest, map every record, make every entity canonical; count by kind and by reason of rejection."""
    counts: Counter[str] = Counter()
    for record in csw.records(source, fetch):
        if isinstance(record, Rejected):
            assert record.reason
            assert record.identifier
            counts[f"rejected: {record.reason}"] += 1
        elif isinstance(record, Dataset | DataService | Described):
            for entity in mapping.entities(record, source, BASE):
                assert canonical.version(entity, BASE).text
                counts[entity.kind] += 1
    return counts


def test_every_file_yields_records_or_says_why_not(fetch_folder: Callable[..., Any]) -> None:
    total: Counter[str] = Counter()
    files = sorted([*CORPUS.rglob("*.xml"), *CORPUS.rglob("*.rdf"), *CORPUS.rglob("dataset-example.json")])
    for path in files:
        name = path.relative_to(CORPUS).as_posix()
        try:
            counts = _count(Source(name="test", kind="csw", url=str(path)), fetch_folder(path.parent))
        except ParseFailed as error:
            assert any(part in name for part in _UNREADABLE), f"{name}: {error}"
            counts = Counter({"unreadable": 1})
        assert counts, f"{name} gives nothing and says nothing"
        total += counts
    print(f"{len(files)} files: {dict(total)}")  # noqa: T201 - the count that the issue asks for
    assert total["unreadable"] == len(_UNREADABLE)
    assert total["dataset"] > 180


def test_the_folder_as_one_source_reads_every_file_and_repeats_itself(fetch_folder: Callable[..., Any]) -> None:
    source = Source(name="test", kind="csw", url=str(CORPUS / "gemini-uk"))
    runs = [list(csw.records(source, fetch_folder(CORPUS / "gemini-uk"))) for _ in range(2)]
    hashes = [
        [
            canonical.version(mapping.entities(record, source, BASE)[0], BASE).hash
            for record in run
            if isinstance(record, Described)
        ]
        for run in runs
    ]
    assert hashes[0] == hashes[1]
    assert [item for item in runs[0] if isinstance(item, Rejected)] == [
        item for item in runs[1] if isinstance(item, Rejected)
    ]
    subjects = [record.subject for record in runs[0] if isinstance(record, Described)]
    assert len(subjects) == len(set(subjects))


def test_one_record_in_two_pages_of_a_real_service_is_the_same_in_iso_and_names_its_title(
    fetch_folder: Callable[..., Any],
) -> None:
    path = CORPUS / "udata-csw" / "geonetwork-iso19139-page-1.xml"
    counts = _count(Source(name="test", kind="csw", url=str(path)), fetch_folder(path.parent))
    assert (counts["dataset"], counts["distribution"]) == (2, 9)
