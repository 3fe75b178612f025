"""Decide which long queries are worked on, which are held and which must end: rules on values, no processes.

Every query begins *quick*. One that takes longer than ``query_quick`` seconds is *long*; ``query_long`` of these are
worked on side by side, ``query_waiting`` more are held. Those that have had the least time go first, by doublings of
it, so that a query of one second passes one of a minute, and places change hands ever more rarely.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from maillon.settings import Settings
from maillon.sparql.workers.board import HELD, LONG, Entry

STATES: Final = (LONG, HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings that lanes know.

    Attributes:
        workers: Workers kept ready for quick queries.
        quick: Seconds after which a query is long.
        long: Long queries that are worked on side by side.
        waiting: Long queries that may be held besides.
        memory: Octets that one query may use.
        memory_all: Octets that all may use together.
        warm: Workers that go on after a long query, with what they have read of the store; the others are replaced.
    """

    workers: int
    quick: float
    long: int
    waiting: int
    memory: int
    memory_all: int
    warm: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits that settings give."""
        return cls(
            workers=settings.query_workers,
            quick=settings.query_quick,
            long=settings.query_long,
            waiting=settings.query_waiting,
            memory=settings.query_memory,
            memory_all=settings.query_memory_all,
            warm=settings.query_workers,
        )


@dataclass(slots=True)
class Long:
    """One long query.

    Attributes:
        slot: The worker's slot on the board.
        token: What the client calls the query.
        ran: Seconds for which it was worked on.
        held: Whether it is held now.
    """

    slot: int
    token: int
    ran: float
    held: bool = False


def chosen(queries: Sequence[Long], limits: Limits, elsewhere: int) -> set[int]:
    """Return the slots of the long queries to work on now.

    Args:
        queries: Those of one nursery, in the order in which they became long.
        limits: The limits.
        elsewhere: Long queries that other nurseries work on.
    """

    def level(query: Long) -> int:
        return max(0, math.floor(math.log2(max(query.ran, limits.quick) / limits.quick)))

    places = max(0, limits.long - elsewhere)
    return {query.slot for query in sorted(queries, key=level)[:places]}


def too_many(entries: Sequence[Entry], limits: Limits) -> bool:
    """Tell whether more queries are long, in all nurseries, than may be worked on and held."""
    return sum(entry.lane in STATES for entry in entries) > limits.long + limits.waiting


def largest(entries: Sequence[Entry], limits: Limits) -> Entry | None:
    """Return the worker to end because all together use too much memory, None while they do not."""
    if sum(entry.memory for entry in entries) <= limits.memory_all:
        return None
    return max(entries, key=lambda entry: entry.memory)
