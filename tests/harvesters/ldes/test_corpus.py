"""The event stream of a whole country: the datasets that the kind dcat finds, then nothing more."""

import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode

from harvesters import ldes
from maillon.records import Bookmark, Described, Rejected
from maillon.sources import Source
from maillon.vocabulary import DATASET, TYPE

ARCHIVE = Path(__file__).resolve().parents[4] / "shared/corpus/dcat/be-data-gov-ldes/datagovbe-ldes-2025-04-14.tar.xz"


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(not ARCHIVE.is_file(), reason="../shared is absent: corpus tests need it")
def test_the_stream_of_data_gov_be_gives_every_dataset_once(tmp_path: Path, fetch_folder: Callable[..., Any]) -> None:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    source = Source(name="test", kind="ldes", url=str(tmp_path))
    found, bookmark = list[NamedNode](), Bookmark("", True)
    for record in ldes.records(source, fetch_folder(tmp_path)):
        if isinstance(record, Described):
            said = {item.object for item in record.triples if item.subject == record.subject and item.predicate == TYPE}
            found += [record.subject] if DATASET in said else []
        elif isinstance(record, Bookmark):
            bookmark = record
    assert len(found) == len(set(found)) == 17_828
    assert not bookmark.is_partial
    assert len(bookmark.value) < 2000
    again = list(ldes.records(source, fetch_folder(tmp_path, bookmark=bookmark.value)))
    assert [record.reason for record in again if isinstance(record, Rejected)] == ["not RDF"]  # .gitkeep
    assert isinstance(again[-1], Bookmark)
    assert again[-1].is_partial
    assert len(again) == 2
