"""Turns an answer that a worker makes once into the answer of all who ask the same: those who ask now, and later ones.

Exact, because a snapshot never changes: the key holds which snapshot is asked (``maillon.sparql.kept.keys``). Short
answers stay in memory, longer ones go through a file (``maillon.sparql.kept.spool``); what was dear or is large is kept
(``maillon.sparql.kept.entries``). What used up its budget is not tried again for a minute.
"""

import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from maillon.sparql.jobs import FRAME, Answer, Kind, QueryFailed
from maillon.sparql.kept.entries import Entries, Part
from maillon.sparql.kept.spool import NO_ROOM, HeldAnswer, Pump, Run, WholeAnswer

FROM_SECONDS: Final = 0.02
"""A short answer that took so long is kept at once; a faster one only when it is asked for again (decision 0015)."""
REMEMBERED: Final = 60.0
"""Seconds for which a query that used up a budget is not tried again."""
_FAILURES: Final = 1_000
_SEEN: Final = 4_000
_PRIVATE: Final = ("", "")
_BUDGETS: Final = frozenset(["time", "memory", "size"])


@dataclass(frozen=True, slots=True)
class Counts:
    """What the results of one process did, and what is in their folder.

    Attributes:
        hits: Answers that were made before.
        misses: Answers that were made.
        shared: Answers that were being made for somebody else.
        refused: Queries that had used up a budget a moment ago.
        octets: Of all entries, of all processes, when they were last looked at, and of those made here since.
        entries: Their number.
        evictions: Entries that this process removed.
    """

    hits: int
    misses: int
    shared: int
    refused: int
    octets: int
    entries: int
    evictions: int


@dataclass(frozen=True, slots=True)
class _Failure:
    kind: Kind
    message: str
    at: float

    def again(self) -> QueryFailed:
        since = time.monotonic() - self.at
        wait = max(1, round(REMEMBERED - since))
        return QueryFailed(
            self.kind,
            f"{self.message} This was tried {since:.0f} seconds ago and would end the same way: "
            f"it is tried again from {wait} seconds from now on.",
        )


class Results:
    """The answers of one process; the folder may be shared with other processes of this machine.

    Args:
        folder: Where answers are kept; need not exist.
        octets: How many octets are kept; 0 to keep none.
        from_seconds: Seconds that a short answer must have taken to be kept at once.
        most: Octets that one answer may have.
        seconds: How long a long answer may take until its last octets are there.
        alive: Returns the first parts of all keys that can still be asked for, to remove the others first.
    """

    def __init__(
        self,
        folder: Path,
        octets: int,
        *,
        from_seconds: float = FROM_SECONDS,
        most: int = 500_000_000,
        seconds: float = 60.0,
        alive: Callable[[], Collection[str]] | None = None,
    ) -> None:
        self._from_seconds = from_seconds
        self._most = most
        self._seconds = seconds
        self._entries = Entries(folder, octets, alive)
        self._lock = threading.RLock()
        self._runs: dict[tuple[str, str], Run] = {}
        self._failures: OrderedDict[tuple[str, str], _Failure] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._hits = self._misses = self._shared = self._refused = 0
        self._entries.tidy()

    def find(self, key: str) -> HeldAnswer | None:
        """Return an answer that was made before, None where none is kept.

        Args:
            key: What is asked: the identity of the snapshot, a slash, all that makes the answer what it is.
        """
        return self._found(self._path(key))

    def _path(self, key: str) -> str:
        snapshot, _, rest = key.partition("/")
        return self._entries.path(snapshot, blake2b(rest.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest())

    def _found(self, path: str) -> HeldAnswer | None:
        answer = self._entries.find(path)
        if answer is not None:
            answer.is_kept = True
            self.found()
        return answer

    def found(self) -> None:
        """Count an answer that was made before."""
        with self._lock:
            self._hits += 1

    def answer(self, key: str | None, start: Callable[[], Answer], budget: str = "") -> HeldAnswer:
        """Return the answer that is kept, or is being made for somebody else, or else that ``start`` makes.

        Args:
            key: As for ``find``; None for an answer that is only held, as it is another each time.
            start: Starts the work and returns its answer once the first octets are there.
            budget: What the work may use up; a failure is shared only by those with the same.

        Raises:
            QueryFailed: What ``start`` raised, here or for another who asked the same, now or a moment ago.
        """
        if key is None:
            with self._lock:
                self._misses += 1
            return self._made(Run(), _PRIVATE, start)
        path = self._path(key)
        found = self._found(path)
        if found is not None:
            return found
        name = (path, budget)
        with self._lock:
            self._refuse(name)
            run = self._runs.get(name)
            joined = run is not None and run.join()
            if run is None or not joined:
                run = self._runs[name] = Run()
                self._misses += 1
            else:
                self._shared += 1
        return run.answer() if joined else self._made(run, name, start)

    def counts(self) -> Counts:
        """Return what happened so far."""
        entries = self._entries
        return Counts(
            self._hits, self._misses, self._shared, self._refused, entries.octets, entries.entries, entries.evictions
        )

    def _refuse(self, name: tuple[str, str]) -> None:
        failure = self._failures.get(name)
        if failure is None:
            return
        if time.monotonic() - failure.at < REMEMBERED:
            self._refused += 1
            raise failure.again()
        del self._failures[name]

    def _made(self, run: Run, name: tuple[str, str], start: Callable[[], Answer]) -> HeldAnswer:
        began = time.monotonic()
        try:
            source = start()
            try:
                whole = self._read(run, name, source, began)
            except BaseException:
                source.close()
                raise
        except BaseException as error:
            unknown = QueryFailed("failed", "The query was given up by the server. Ask again.")
            failed = error if isinstance(error, QueryFailed) else unknown
            self._ended(run, name, failed)
            run.end(failed)
            run.leave()
            raise
        return run.answer() if whole is None else whole

    def _read(self, run: Run, name: tuple[str, str], source: Answer, began: float) -> HeldAnswer | None:
        """Return a short answer; None for a longer one, which another thread reads from now on. Raises QueryFailed."""
        first = next(source, None)
        second = next(source, None) if first is not None and len(first) < FRAME else b""
        if first is not None and second is not None:
            self._spool(run, name, source, first + second)
            return None
        source.close()
        octets = first or b""
        run.whole(octets, source.media_type)
        self._ended(run, name, None)
        if self._is_worth_it(run, name[0], began):
            self._entries.put(name[0], octets, source.media_type)
        run.leave()
        return WholeAnswer(octets, source.media_type)

    def _is_worth_it(self, run: Run, path: str, began: float) -> bool:
        """Tell whether to keep a short answer: it took long, or was asked for more than once."""
        if not path or not self._entries.is_on:
            return False
        if run.shared or time.monotonic() - began >= self._from_seconds:
            return True
        with self._lock:
            if path in self._seen:
                return True
            self._seen[path] = None
            if len(self._seen) > _SEEN:
                self._seen.popitem(last=False)
        return False

    def _spool(self, run: Run, name: tuple[str, str], source: Answer, first: bytes) -> None:
        part = self._entries.part(name[0], source.media_type) if name[0] else None
        part = part or _nameless()
        run.fill(source, part.descriptor, part.start)
        pump = Pump(run, source, most=self._most, seconds=self._seconds, room=self._make_room)
        try:
            pump.start(first, lambda failed: self._complete(run, name, part, failed))
        except BaseException:
            self._entries.drop(part)
            run.filled()
            raise

    def _complete(self, run: Run, name: tuple[str, str], part: Part, failed: QueryFailed | None) -> None:
        failed = run.failure or failed
        if failed is None:
            self._entries.keep(part, run.octets)
        else:
            self._entries.drop(part)
        self._ended(run, name, failed)

    def _ended(self, run: Run, name: tuple[str, str], failed: QueryFailed | None) -> None:
        with self._lock:
            if self._runs.get(name) is run:
                del self._runs[name]
            if name[0] and failed is not None and failed.kind in _BUDGETS:
                self._failures[name] = _Failure(failed.kind, str(failed), time.monotonic())
                if len(self._failures) > _FAILURES:
                    self._failures.popitem(last=False)

    def _make_room(self) -> bool:
        return self._entries.sweep(self._entries.octets // 2) > 0


def _nameless() -> Part:
    """Return a file that goes with the last who reads it. Raises QueryFailed."""
    try:
        descriptor, path = tempfile.mkstemp(prefix="maillon-answer-")
        os.unlink(path)  # noqa: PTH108 - a text
    except OSError as error:
        raise QueryFailed("failed", NO_ROOM) from error
    return Part(descriptor, None, "", 0)
