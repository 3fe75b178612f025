"""Does what is due: one source harvested, or the ledger published, each in a process of its own that is watched."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from maillon import publish
from maillon.errors import MaillonError
from maillon.harvest import Job, Report, comparing, link, watched
from maillon.harvest.child import ChildEnded, Tell, call
from maillon.ledger import Ledger
from maillon.links import running as links
from maillon.links.states import GOOD
from maillon.settings import Settings
from maillon.sources import Source

PUBLISHING: Final = 6 * 3600.0
"""Seconds after which publishing is ended by force; the next tick with a change tries again."""
_COMPARING: Final = 1800.0
"""Seconds that a comparison of engines may take: 200 records take some 15."""
_ENDING: Final = 300.0
"""Seconds beyond its time that a link check may take to end."""


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Where work is done; every method may be called from any thread.

    Attributes:
        stop: When set, what is under way is ended.
    """

    stop: threading.Event = field(default_factory=threading.Event)

    def harvest(self, source: Source, settings: Settings) -> Report:
        """Harvest a source; return its report, however the run ends."""
        return watched(Job(source=source, settings=settings, quiet=True), self.stop)

    def check_links(self, settings: Settings) -> str:
        """Check the web addresses that are due; return a line that says what came of it."""
        seconds = settings.links_seconds + _ENDING
        try:
            summary: str = call("maillon.schedule.work:check_here", (settings,), seconds, lambda *_: None, self.stop)
        except (ChildEnded, MaillonError) as error:
            return f"the link check failed: {error} `maillon links check` says more."
        return summary

    def compare_engines(self, settings: Settings) -> str:
        """Compare the validation engine with its reference on some records; return a line that says what came of it."""
        try:
            summary: str = call(
                "maillon.schedule.work:compare_here", (settings,), _COMPARING, lambda *_: None, self.stop
            )
        except (ChildEnded, MaillonError) as error:
            return f"the comparison of engines failed: {error} `maillon validation compare` says more."
        return summary

    def publish(self, settings: Settings) -> str:
        """Publish the ledger; return a line that says what came of it."""
        try:
            summary: str = call(
                "maillon.schedule.work:publish_here", (settings,), PUBLISHING, lambda *_: None, self.stop
            )
        except (ChildEnded, MaillonError) as error:
            return f"publishing failed: {error} The snapshot before is still served; `maillon publish` says more."
        return summary


def check_here(settings: Settings, _tell: Tell) -> str:
    """Be the child's work: check web addresses."""
    outcome = links.check(settings)
    checked, good = sum(outcome.verdicts.values()), sum(outcome.verdicts[name] for name in GOOD)
    return f"{checked:,} web addresses checked, {good:,} work, {outcome.left:,} are left for the next run."


def compare_here(settings: Settings, _tell: Tell) -> str:
    """Be the child's work: validate a sample with both engines, other records each night."""
    with Ledger(settings.ledger) as ledger:
        return comparing.nightly(ledger, datetime.now(UTC).date())


def publish_here(settings: Settings, _tell: Tell) -> str:
    """Be the child's work: publish, and remove the snapshots that are kept no longer."""
    with Ledger(settings.ledger) as ledger:
        link(ledger, settings.data)
        with publish.publish(ledger, settings) as snapshot:
            counts: dict[str, Any] = dict(snapshot.manifest.counts)
            number = snapshot.number
            said = f"snapshot {number} is published" if snapshot.fresh else f"nothing changed since snapshot {number}"
    publish.prune(settings.snapshots, settings.keep_snapshots)
    return f"{said}: {counts['datasets']:,} datasets."
