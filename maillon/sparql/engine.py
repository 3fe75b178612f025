"""The way of every query of one process: text search put in, kept answers looked at, workers or a server asked.

``web`` and ``cli`` know this module, ``guard`` and ``jobs``; how a query gets its answer is decided here.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Collection, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Final, Protocol

from maillon.errors import SnapshotError
from maillon.settings import Settings
from maillon.sparql import counting, grouping, metrics, search_service
from maillon.sparql.jobs import Answer, Hint, Job, QueryFailed
from maillon.sparql.kept import keys
from maillon.sparql.kept.results import Results
from maillon.sparql.remote.engine import RemoteEngine
from maillon.sparql.remote.http import NOTHING
from maillon.sparql.text import hints, mistakes
from maillon.sparql.usage import Usage
from maillon.sparql.workers.pool import QueryPool, Running
from maillon.store import snapshots, statistics
from maillon.store.snapshots import Snapshot
from maillon.store.statistics import Statistics

_GRACE: Final = 5.0
"""Seconds after which an answer is ended that its worker should have ended."""
_EXPLAINED: Final = ("time", "memory", "size")
_MISTAKEN: Final = ("syntax", "refused")


class Backend(Protocol):
    """What evaluates queries: our own workers, or a server elsewhere."""

    def query(self, snapshot: Path, job: Job, /) -> Answer:
        """Start a query over the snapshot in a folder. Raises QueryFailed."""

    def running(self) -> list[Running]:
        """Return the queries that are being answered."""

    def stop(self, pid: int) -> bool:
        """Stop one; False where it is not running (any more)."""

    def close(self) -> None:
        """End all; later queries are refused."""


class Engine:
    """Answers the queries of one process; its workers start with the first query, so after any fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._backend: Backend = RemoteEngine(settings) if settings.store_kind == "sparql" else QueryPool(settings)
        self._results = Results(
            settings.data / "cache" / "sparql",
            settings.query_cache,
            most=settings.query_max_bytes,
            seconds=settings.query_timeout + _GRACE,
            alive=self._alive,
        )
        self._indexes = search_service.Indexes()
        self._usage = Usage(settings.data / "usage.sqlite", settings.base_iri)

    def _alive(self) -> Collection[str]:
        """Return the identities of all snapshots that are kept, so that answers over others can go."""
        found = []
        for number in snapshots.numbers(self._settings.snapshots):
            with contextlib.suppress(SnapshotError, OSError):  # pruned meanwhile
                manifest = snapshots.read_manifest(snapshots.folder(self._settings.snapshots, number))
                found.append(keys.identity(manifest))
        return found

    def ask(self, snapshot: Snapshot, job: Job) -> Answer:
        """Return the answer to a query that the guard has let through, once its first octets are there.

        Args:
            snapshot: What is asked; the caller holds a lease on it until this returns.
            job: The query.

        Raises:
            QueryFailed: No worker was free in time, the query is wrong, or used up a budget.
        """
        self._usage.count(*self._usage.of_query(job.query))
        return metrics.watched(lambda: self._answer(snapshot, job), job, snapshot.number, self._settings.query_quick)

    def again(self, snapshot: Snapshot, job: Job, octets: int) -> Callable[[], None]:
        """Return what counts a query once more whose answer, of so many octets, is sent as it was, without ``ask``."""
        used = cache(lambda: self._usage.of_query(job.query))  # most are asked once
        counted = metrics.repeated(job, snapshot.number, octets)

        def count() -> None:
            self._usage.count(*used())
            self._results.found()
            counted()

        return count

    def check(self, snapshot: Snapshot, job: Job) -> None:
        """Refuse a query that is wrong whatever the data are: it is asked of nothing, which is quick and not counted.

        Raises:
            QueryFailed: Of kind ``syntax`` or ``refused``.
        """
        nothing = dataclasses.replace(job, default_graphs=(NOTHING,), named_graphs=(NOTHING,), seconds=_GRACE)
        try:
            self._made(snapshot, nothing).close()
        except QueryFailed as failed:
            if failed.kind in _MISTAKEN:
                raise explained(failed, job.query, snapshot.path) from failed

    def _answer(self, snapshot: Snapshot, job: Job) -> tuple[Answer, bool]:
        """Return the answer, and whether it was made before. Raises QueryFailed."""
        key = keys.key(keys.identity(snapshot.manifest), job)
        try:
            answer = self._results.answer(key, lambda: self._made(snapshot, job), keys.budget(job))
        except QueryFailed as failed:
            raise explained(failed, job.query, snapshot.path) from failed
        return (_within(answer, job), True) if answer.is_kept else (answer, False)

    def _made(self, snapshot: Snapshot, job: Job) -> Answer:
        """Have an answer made."""
        base = self._settings.base_iri
        text = search_service.expand(job.query, partial(self._search, snapshot), base, job.bindings)
        if counted := _counted(snapshot.path, job):
            text = grouping.rewritten(counting.rewritten(text, counted), counted)
        written = job if text == job.query else dataclasses.replace(job, query=text)
        try:
            return self._backend.query(snapshot.path, written)
        except QueryFailed as failed:
            if failed.kind != "syntax" or text == job.query:
                raise
        # Asked again with searches that find nothing, so that places are named as the query has them.
        outline = search_service.outline(job.query, base, job.bindings)
        return self._backend.query(snapshot.path, dataclasses.replace(job, query=outline))

    def _search(self, snapshot: Snapshot, text: str, limit: int, language: str) -> search_service.Found:
        """Search a snapshot, whose index is opened only for a query that searches. Raises QueryFailed."""
        try:
            return self._indexes.search(snapshot.search)(text, limit, language)
        except SnapshotError as error:
            raise QueryFailed("failed", str(error)) from error

    def viewed(self, iri: str) -> None:
        """Count a page or document of an entity that somebody looked at."""
        self._usage.viewed(iri)

    def running(self) -> list[Running]:
        """Return the queries that are being answered, the oldest first."""
        return self._backend.running()

    def stop(self, pid: int) -> bool:
        """Stop the query that a worker process answers; False where it answers none (any more)."""
        return self._backend.stop(pid)

    def cache_counts(self) -> Mapping[str, int]:
        """Return what the result cache of this process did, and what it holds."""
        return dataclasses.asdict(self._results.counts())

    def flush_usage(self) -> None:
        """Add what was counted to the file of usage."""
        self._usage.flush()

    def close(self) -> None:
        """End all workers; later queries are refused."""
        self._usage.flush()
        self._backend.close()


def _within(kept: Answer, job: Job) -> Answer:
    """Return an answer that was made for others, if it is not larger than this job allows. Raises QueryFailed."""
    if kept.length is not None and kept.length > job.max_bytes:
        kept.close()
        raise QueryFailed("size", f"The answer has more than {job.max_bytes} octets.")
    return kept


_statistics = lru_cache(4)(statistics.read)


def _counted(snapshot: Path, job: Job) -> Statistics | None:
    """Return the counts of a snapshot where a job is about its default graph, None elsewhere."""
    if job.default_graphs or job.named_graphs or job.bindings:
        return None
    return _statistics(snapshot)


def _sizes(snapshot: Path) -> Mapping[str, int]:
    counted = _statistics(snapshot)
    return counted.properties if counted is not None else {}


def explained(failed: QueryFailed, query: str, snapshot: Path) -> QueryFailed:
    """Return a failure with what is likely to blame, and what to try, in its message."""
    found: list[Hint] = []
    said = str(failed)
    if failed.kind in _EXPLAINED:
        found = hints.explain(query, _sizes(snapshot), failed.kind)
    elif failed.kind in _MISTAKEN:
        said, mistaken = mistakes.explained(query, said)
        found = [*mistaken, *hints.unknown_functions(query)]
    if not found:
        return failed
    return QueryFailed(failed.kind, f"{said}\n\n{hints.text(found)}", found)
