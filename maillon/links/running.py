"""Checks the addresses of the published snapshot: what the command line and the schedule both call."""

import threading
from collections.abc import Iterable, Iterator
from typing import Final

from maillon.fetch.probing import Prober
from maillon.links.addresses import declared
from maillon.links.checking import Checker, Outcome
from maillon.links.judging import Declared
from maillon.links.store import Links
from maillon.settings import Settings
from maillon.store import snapshots
from maillon.store.documents import READABLE, Documents

_OFFERING: Final = ("distribution", "dataset")
"""Kinds of documents that hold addresses; a source may embed distributions in the dataset."""


def addresses(settings: Settings, source: str = "") -> dict[str, Declared]:
    """Return what is declared of each address that is published, of one source or of all.

    Raises:
        SnapshotError: Nothing is published.
    """
    with snapshots.open_current(settings.snapshots) as snapshot:
        return declared(_texts(Documents(snapshot.documents), source))


def _texts(documents: Documents, source: str) -> Iterator[str]:
    for document in documents.dump():
        if document.kind in _OFFERING and document.state in READABLE and source in ("", document.source):
            yield document.text


def check(
    settings: Settings,
    source: str = "",
    limit: int = 0,
    everything: bool = False,
    stop: threading.Event | None = None,
    allow_hosts: Iterable[str] = (),
) -> Outcome:
    """Check what is due, for as long as the setting ``links_seconds`` allows.

    Args:
        settings: The settings in force.
        source: Only the addresses of this source; empty for all.
        limit: At most so many addresses; 0 for all.
        everything: Whether addresses that are not due yet are checked too.
        stop: Ends the run early when set.
        allow_hosts: Hosts that may be asked though their addresses are not public.

    Raises:
        SnapshotError: Nothing is published.
        LinksFailed: The states cannot be kept.
    """
    allowed = tuple(allow_hosts)

    def prober() -> Prober:
        return Prober(settings.data, settings.base_iri, settings.links_timeout, settings.links_rate, allowed)

    checker = Checker(Links(settings.links), prober, settings.links_seconds, stop)
    return checker.run(addresses(settings, source), limit, everything)
