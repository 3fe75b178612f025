"""The other DCAT feeds of the corpus: no rule fails on any subject, and all of them settle."""

from collections import Counter
from pathlib import Path

import pytest

from maillon.errors import MaillonError
from maillon.mapping.described import entity
from maillon.rdf import parsing, subjects
from maillon.records import Described
from maillon.repair import Context, repair
from maillon.sources import Source

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "dcat"
_SOURCE = Source(name="exemple", kind="dcat", url="https://example.org/")
_CONTEXT = Context(source=_SOURCE, base="https://data.example.org/")

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not _FOLDER.is_dir(), reason="no corpus beside the checkout")]


def _subjects() -> list[Described]:
    found = []
    for path in sorted(_FOLDER.rglob("*")):
        if path.suffix not in (".rdf", ".ttl", ".jsonld", ".xml", ".nt", ".trig"):
            continue
        try:
            quads = parsing.parse(path.read_bytes(), "https://example.org/", "", path.name).quads
        except MaillonError:
            continue  # what cannot be parsed is told by the harvester's tests
        records = subjects.split(quads, _SOURCE, _CONTEXT.base)
        found += [record for record in records if isinstance(record, Described)]
    return found


def test_every_subject_of_every_feed_settles_without_a_fault() -> None:
    applied: Counter[str] = Counter()
    for record in _subjects():
        repaired = repair(entity(record), _CONTEXT)
        assert repaired.faults == ()
        assert repair(repaired.entity, _CONTEXT).applications == ()
        applied.update(item.rule for item in repaired.applications)
    # The pitfalls counted in these feeds: addresses as text, `fre` tags, properties that do not exist.
    assert applied["address-as-text"] >= 60
    assert applied["wrong-term"] >= 60
    assert applied["access-from-download"] >= 10
