"""The history of quality as publishing keeps it: once a snapshot, for ever, and in the graph."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode

from maillon import publish
from maillon.ledger import Ledger
from maillon.publish import retention
from maillon.quality import history
from maillon.quality.file import QualityFile
from maillon.quality.values import Moment
from maillon.records import Entity
from maillon.settings import Settings
from maillon.sources import Source
from maillon.store import graph
from maillon.store.snapshots import Snapshot

BASE = "http://localhost:8000/"
PAST = NamedNode(f"{BASE}graph/quality-history")
World = Callable[[int, int], Entity]


class Growing:
    """A ledger whose dataset changes with every call, and what was published of it."""

    def __init__(self, settings: Settings, ledger: Ledger, change: Callable[[int], None]) -> None:
        self.settings = settings
        self._ledger = ledger
        self._change = change
        self._turn = 0

    def publish(self, changed: bool = True, mode: publish.Mode = "auto") -> tuple[Snapshot, list[str]]:
        """Publish, after a change where wanted; return the snapshot and what was told of it."""
        if changed:
            self._turn += 1
            self._change(self._turn % 4)
        lines: list[str] = []
        snapshot = publish.publish(self._ledger, self.settings, mode, lambda stage, *_: lines.append(stage))
        snapshot.close()
        return snapshot, lines

    def moments(self, kind: str = "catalogue", key: str = "") -> list[Moment]:
        return history.moments(self.settings.quality_history, kind, key)


@pytest.fixture
def growing(new_settings: Settings, world: World, owners: tuple[Source, ...], keep: Any) -> Iterator[Growing]:
    with Ledger(new_settings.ledger) as ledger:
        keep(ledger, owners[0], [world(number, 1) for number in range(8)])
        yield Growing(
            new_settings, ledger, lambda variant: keep(ledger, owners[0], [world(2, variant)], "live", "update")
        )


def test_the_history_survives_pruning_rollback_and_a_second_look(growing: Growing) -> None:
    for _ in range(3):
        growing.publish()
    assert [item.snapshot for item in growing.moments()] == [1, 2, 3]
    root = growing.settings.snapshots
    retention.rollback(root)
    publish.prune(root, 1)
    growing.publish()
    assert [item.snapshot for item in growing.moments()] == [1, 2, 3, 4]
    growing.publish(changed=False)
    assert [item.snapshot for item in growing.moments()] == [1, 2, 3, 4]
    assert len(growing.moments("source", "a")) == 4
    assert growing.moments("organisation", f"{BASE}id/organisation/a/o1")
    assert growing.moments()[0].datasets == 5


def test_a_history_that_is_lost_or_torn_costs_a_line_and_no_snapshot(growing: Growing) -> None:
    growing.publish()
    path: Path = growing.settings.quality_history
    path.unlink()
    growing.publish(changed=False)  # no new snapshot, and yet the current one is known again
    assert [item.snapshot for item in growing.moments()] == [1]
    path.write_bytes(b"torn" * 1000)
    snapshot, lines = growing.publish(mode="rebuild")
    assert (snapshot.number, snapshot.fresh) == (2, True)
    assert [line for line in lines if "begins anew" in line]
    assert [item.snapshot for item in growing.moments()] == [2]


def test_earlier_snapshots_can_be_asked_for_by_date(growing: Growing) -> None:
    growing.publish()
    (before,) = growing.moments()
    snapshot, _ = growing.publish(mode="incremental")
    assert snapshot.manifest.mode == "incremental"
    store = graph.open_read_only(snapshot.store)
    said = list(store.quads_for_pattern(None, NamedNode("http://purl.org/dc/terms/date"), None, PAST))
    assert {str(quad.object).split('"')[1] for quad in said} == {before.made}
    opened = QualityFile(snapshot.quality)
    assert opened.moments("catalogue") == (before,)
    opened.close()
