"""Following the published snapshot: what is read stays, what is no longer read is given back."""

from collections.abc import Callable

import pytest
from pyoxigraph import Store

from maillon import publish
from maillon.errors import SnapshotError
from maillon.ledger import Ledger
from maillon.records import Entity
from maillon.settings import Settings
from maillon.sources import Source
from maillon.web.current import Follower

SOURCE = Source(name="s", kind="dcat", url="s.ttl")


def _publish(
    settings: Settings, keep: Callable[..., None], entity: Callable[[str, str, str], Entity], number: int
) -> None:
    iri = f"http://localhost:8000/id/dataset/s/{number}"
    with Ledger(settings.ledger) as ledger:
        keep(ledger, SOURCE, [entity(iri, "dataset", f"<{iri}> a dcat:Dataset ; dct:title 'Titre {number}'@fr .")])
        publish.publish(ledger, settings).close()


def test_a_request_keeps_the_snapshot_that_it_began_with(
    new_settings: Settings, keep: Callable[..., None], entity: Callable[[str, str, str], Entity]
) -> None:
    follower = Follower(new_settings.snapshots)
    with pytest.raises(SnapshotError, match="maillon publish"):
        follower.acquire()
    _publish(new_settings, keep, entity, 1)
    first, same = follower.acquire(), follower.acquire()
    assert first is same
    _publish(new_settings, keep, entity, 2)
    second = follower.acquire()
    assert second.snapshot.number == first.snapshot.number + 1
    assert (first.documents.count("dataset"), second.documents.count("dataset")) == (1, 2)
    assert first.search.search is not None
    follower.release(first)
    assert first.snapshot._lease
    follower.release(same)
    assert not first.snapshot._lease
    assert second.snapshot._lease


def test_a_snapshot_that_nobody_reads_is_closed_when_the_next_one_comes(
    new_settings: Settings, keep: Callable[..., None], entity: Callable[[str, str, str], Entity]
) -> None:
    follower = Follower(new_settings.snapshots)
    _publish(new_settings, keep, entity, 1)
    first = follower.acquire()
    follower.release(first)
    assert first.snapshot._lease
    _publish(new_settings, keep, entity, 2)
    follower.release(follower.acquire())
    assert not first.snapshot._lease


def test_the_store_is_opened_when_it_is_needed(settings: Settings) -> None:
    published = Follower(settings.snapshots).acquire()
    assert "store" not in published.__dict__
    assert isinstance(published.store, Store)
    assert len(published.store) == published.snapshot.manifest.counts["triples"] or len(published.store) > 0
    published.close()
