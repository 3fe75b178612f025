"""Keeps who harvests which source now: one row a source, whose heartbeat the holder renews while it lives.

All times are those of the database, so that the clocks of several machines need not agree. What is written here is
written in the one writing transaction of the ledger, so taking a lease and writing under it never interleave.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from maillon.ledger.schema import leases, runs

_DIED = "The process ended before the run did."


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it stands; ``age`` is seconds since its heartbeat, never negative."""

    source: str
    holder: str
    since: str
    heartbeat: str
    age: float


def database_time(connection: Connection) -> str:
    """Return the time now by the clock of the database: ISO 8601, UTC, to the second."""
    moment: Any = func.strftime("%Y-%m-%dT%H:%M:%SZ", "now")
    if connection.dialect.name == "postgresql":
        moment = func.to_char(func.timezone("UTC", func.clock_timestamp()), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    return str(connection.scalar(select(moment)))


def _seconds(earlier: str, later: str) -> float:
    return max((datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds(), 0.0)


def standing(connection: Connection) -> dict[str, Lease]:
    """Return every lease by source."""
    now = database_time(connection)
    return {
        row.source: Lease(row.source, row.holder, row.since, row.heartbeat, _seconds(row.heartbeat, now))
        for row in connection.execute(select(leases))
    }


def take(connection: Connection, source: str, holder: str, is_void: Callable[[Lease], bool]) -> Lease | None:
    """Take the lease of a source where there is none or it is void; else return the one that stands.

    Runs of the source that never ended have died then, because whoever made them holds nothing any longer.
    """
    present = standing(connection).get(source)
    if present is not None and not is_void(present):
        return present
    now = database_time(connection)
    connection.execute(delete(leases).where(leases.c.source == source))
    connection.execute(insert(leases).values(source=source, holder=holder, since=now, heartbeat=now))
    left = update(runs).where(runs.c.source == source, runs.c.status == "running")
    connection.execute(left.values(status="died", finished=now, message=_DIED))
    return None


def renew(connection: Connection, source: str, holder: str) -> bool:
    """Renew the heartbeat; tell whether the lease is still this holder's."""
    row = update(leases).where(leases.c.source == source, leases.c.holder == holder)
    return connection.execute(row.values(heartbeat=database_time(connection))).rowcount == 1


def give_back(connection: Connection, source: str, holder: str) -> bool:
    """Remove the lease; tell whether it was this holder's until now."""
    return connection.execute(delete(leases).where(leases.c.source == source, leases.c.holder == holder)).rowcount == 1


def running(connection: Connection, source: str) -> int:
    """Return the number of the run of a source that is under way, 0 where there is none."""
    number: int | None = connection.scalar(
        select(func.max(runs.c.id)).where(runs.c.source == source, runs.c.status == "running")
    )
    return number or 0
