"""Decides which sources are due: schedules, the last run of each and the leases in, plans out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from maillon import cron
from maillon.harvest import leases
from maillon.harvest.child import ABANDONED
from maillon.ledger import Ledger, RunRow
from maillon.ledger import leases as kept
from maillon.settings import Settings
from maillon.sources import Source

DEATHS: Final = 3
"""After so many runs in a row that died, the next one waits for its schedule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the schedule has in mind for one source.

    Attributes:
        source: Which.
        last: Its last run, None where there was none.
        due: Whether it has to be harvested now.
        following: When its schedule comes next, in UTC; None where it has none or is off.
    """

    source: Source
    last: RunRow | None
    due: bool
    following: datetime | None


def plans(sources: Sequence[Source], ledger: Ledger, settings: Settings, now: datetime, began: datetime) -> list[Plan]:
    """Return a plan for each source.

    A source is due when its schedule came since its last run began: once, however often it came while nobody was there.
    It is due again where that run was cut off by the end of the scheduler or by a death of its process; after a few
    deaths in a row, which it may be the cause of, only when its schedule comes.

    Args:
        sources: All that are defined.
        ledger: What was run, and what runs.
        settings: The settings in force.
        now: With a time zone.
        began: Since when schedules count for a source that was never harvested.
    """
    with ledger.reading() as connection:
        standing = kept.standing(connection)
    held = {name for name, lease in standing.items() if not leases.is_void(lease, settings.lease_seconds)}
    return [_plan(source, ledger, held, now, began) for source in sources]


def _plan(source: Source, ledger: Ledger, held: set[str], now: datetime, began: datetime) -> Plan:
    runs = ledger.runs(source.name, DEATHS)
    last = runs[0] if runs else None
    if not source.schedule or not source.enabled:
        return Plan(source=source, last=last, due=False, following=None)
    since = began if last is None else datetime.fromisoformat(last.started).replace(tzinfo=UTC)
    is_due = cron.last_before(source.schedule, now) > since or _is_cut_off(runs)
    following = cron.next_after(source.schedule, now)
    return Plan(source=source, last=last, due=is_due and source.name not in held, following=following)


def _is_cut_off(runs: Sequence[RunRow]) -> bool:
    """Tell whether the last run was cut off, the latest first; the source is not held, so "running" is not true."""
    if runs and runs[0].message == ABANDONED:
        return True
    died = [run.status in {"running", "died"} for run in runs]
    return died[:1] == [True] and not (len(died) == DEATHS and all(died))
