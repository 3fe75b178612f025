"""Turns each query into numbers for Prometheus and one line of a log.

Prometheus exposition format (https://prometheus.io/docs/instrumenting/exposition_formats/). A line of the log is one
JSON object: the query only as a hash, except where it failed and its text is needed to mend it; nothing says who asked.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Counter, Histogram

from maillon.sparql.jobs import Answer, Job, QueryFailed

QUERIES: Final = Counter("maillon_sparql_queries", "SPARQL queries by how they ended.", ["outcome"])
SECONDS: Final = Histogram(
    "maillon_sparql_seconds",
    "Seconds from a SPARQL query to the end of its answer, by how they ended.",
    ["outcome"],
    buckets=(0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120),
)
FIRST: Final = Histogram(
    "maillon_sparql_first_octets_seconds",
    "Seconds from a SPARQL query to the first octets of its answer.",
    buckets=(0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60),
)
OCTETS: Final = Counter("maillon_sparql_octets", "Octets of SPARQL answers that were sent.")

_LOG: Final = structlog.wrap_logger(
    logging.getLogger("maillon.sparql.queries"),
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.EventRenamer("event"),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
)
_TEXT: Final = 4000
"""Characters of a failed query that the log keeps."""


@dataclass(slots=True)
class Watch:
    """One query from its start to its end.

    Attributes:
        job: The query.
        snapshot: Number of the snapshot asked.
        quick: Seconds up to which it counts as quick.
        started: When it began, on the monotonic clock.
        first: Seconds to its first octets, 0 before.
        octets: Octets sent so far.
        cached: Whether its answer was made before.
        ended: Whether it was counted.
    """

    job: Job
    snapshot: int
    quick: float
    started: float
    first: float = 0.0
    octets: int = 0
    cached: bool = False
    ended: bool = False

    def end(self, outcome: str, message: str = "") -> None:
        """Count the query and write its line, once."""
        if self.ended:
            return
        self.ended = True
        seconds = time.monotonic() - self.started
        QUERIES.labels(outcome).inc()
        SECONDS.labels(outcome).observe(seconds)
        OCTETS.inc(self.octets)
        kind = "cached" if self.cached else "quick" if seconds <= self.quick else "long"
        failed = {"message": message, "text": self.job.query[:_TEXT]} if message else {}
        _LOG.info(
            "query",
            query=hashlib.sha256(self.job.query.encode()).hexdigest()[:16],
            lane=kind,
            seconds=round(seconds, 4),
            first=round(self.first, 4),
            octets=self.octets,
            outcome=outcome,
            snapshot=self.snapshot,
            **failed,
        )


class WatchedAnswer(Answer):
    """An answer whose end is counted: ``ok``, the kind of its failure, or ``left`` where the client went away."""

    def __init__(self, answer: Answer, watch: Watch) -> None:
        self._answer = answer
        self._watch = watch
        self.media_type, self.length = answer.media_type, answer.length

    def __next__(self) -> bytes:
        try:
            data = next(self._answer)
        except StopIteration:
            self._watch.end("cached" if self._watch.cached else "ok")
            raise
        except QueryFailed as failed:
            self._watch.end(failed.kind, str(failed))
            raise
        self._watch.octets += len(data)
        return data

    def close(self) -> None:
        """End the work; a query that was not answered to its end is counted as left."""
        self._answer.close()
        self._watch.end("left")


def watched(start: Callable[[], tuple[Answer, bool]], job: Job, snapshot: int, quick: float) -> Answer:
    """Start a query and count it when it ends.

    Args:
        start: Returns the answer, and whether it was made before. Raises QueryFailed.
        job: The query.
        snapshot: Number of the snapshot asked.
        quick: Seconds up to which it counts as quick.

    Raises:
        QueryFailed: What ``start`` raised.
    """
    watch = Watch(job, snapshot, quick, time.monotonic())
    try:
        answer, watch.cached = start()
    except QueryFailed as failed:
        watch.end(failed.kind, str(failed))
        raise
    watch.first = time.monotonic() - watch.started
    FIRST.observe(watch.first)
    return WatchedAnswer(answer, watch)


def repeated(job: Job, snapshot: int, octets: int) -> Callable[[], None]:
    """Return what counts a query whose answer, of so many octets, is sent once more as it was."""

    def count() -> None:
        watch = Watch(job, snapshot, 0.0, time.monotonic(), octets=octets, cached=True)
        FIRST.observe(0.0)
        watch.end("cached")

    return count
