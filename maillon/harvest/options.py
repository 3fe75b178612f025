"""How one run is to go, and the one way in which this package writes times."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Progress = Callable[[str, int, int | None], None]
"""Called with stage ("reading", "applying"), steps done, and steps in all or None where that is not known."""


def utc_now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the operator asked of a run.

    Attributes:
        dry_run: Do everything but keep the result.
        replay_run: Number of an earlier run whose raw answers are read in the place of the source.
        accept_mass_change: Let a run through that makes many datasets vanish.
        full: Read the source from the start, whatever the last run left for this one.
        resume: Take the pages that the run before fetched, where that one was cut off a short time ago.
        now: The clock; a test or a replay may hand in another. Must give times with a time zone.
    """

    dry_run: bool = False
    replay_run: int | None = None
    accept_mass_change: bool = False
    full: bool = False
    resume: bool = True
    now: Callable[[], datetime] = utc_now


def written(time: datetime) -> str:
    """Write a time as the ledger does: ISO 8601, UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> datetime:
    """Return the time that ``written`` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
