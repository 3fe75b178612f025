"""Turns the octets of an answer, as fast as a worker makes them, into a file that any number of readers follow.

A client that reads slowly, or not at all, then holds a file and never a worker. The file is one of the cache
(``maillon.sparql.kept.entries``), or a nameless one where nothing is cached.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Final

from maillon.sparql.jobs import FRAME, Answer, Kind, QueryFailed

CLOSED: Final = "The answer was closed before it was read to its end."
NO_ROOM: Final = (
    "The answer could not be held until you read it: the disk of this server is full. Ask for less, or ask its "
    "operator to make room."
)
_ENDED: Final = "Nobody waits for this answer any more."
_LOG: Final = logging.getLogger("maillon.sparql")


class HeldAnswer(Answer):
    """An answer that no worker waits for.

    Attributes:
        length: Its octets, None while it is being made.
        is_kept: Whether it was made before.
    """

    length: int | None = None
    is_kept = False

    def __del__(self) -> None:
        self.close()


class WholeAnswer(HeldAnswer):
    """An answer that is in memory as a whole."""

    def __init__(self, octets: bytes, media_type: str) -> None:
        self.media_type = media_type
        self.length = len(octets)
        self._octets = octets

    def __next__(self) -> bytes:
        octets, self._octets = self._octets, b""
        if not octets:
            raise StopIteration
        return octets

    def __del__(self) -> None:
        """Nothing: there is nothing to give back."""


class FileAnswer(HeldAnswer):
    """An answer that is in a finished file, whatever becomes of the file's name meanwhile."""

    def __init__(self, descriptor: int, start: int, length: int, media_type: str) -> None:
        self._descriptor = descriptor
        self.media_type = media_type
        self.length = length
        self._position = start
        self._end = start + length
        self._lock = threading.Lock()

    def __next__(self) -> bytes:
        if self._position == self._end:
            raise StopIteration
        # The lock: a descriptor closed by another thread may be another file by the time that it is read.
        with self._lock:
            if self._descriptor < 0:
                raise QueryFailed("failed", CLOSED)
            octets = _read(self._descriptor, self._position, self._end)
        self._position += len(octets)
        return octets

    def close(self) -> None:
        """Give the file back. May be called again, and by another thread."""
        if self._descriptor >= 0:
            with self._lock:
                descriptor, self._descriptor = self._descriptor, -1
            if descriptor >= 0:
                os.close(descriptor)


def _read(descriptor: int, position: int, end: int) -> bytes:
    try:
        octets = os.pread(descriptor, min(FRAME, end - position), position)
    except OSError as error:
        raise QueryFailed("failed", f"The answer cannot be read from this server's disk: {error.strerror}.") from error
    if not octets:
        raise QueryFailed("failed", "The answer was cut short on this server's disk. Ask again.")
    return octets


class Run:
    """One query that is being worked on, and all who wait for its answer.

    Whoever joins must ``leave`` or close the answer got. The last to leave ends the work.
    """

    def __init__(self) -> None:
        # A lock that its holder may take again: an answer may be collected as garbage, and so leave, at any time.
        self._condition = threading.Condition(threading.RLock())
        self._readers = 1
        self._begun = self._done = self._filling = False
        self._failed: tuple[Kind, str] | None = None
        self._whole: bytes | None = None
        self._media_type = ""
        self._source: Answer | None = None
        self._descriptor = -1
        self._start = self._end = 0
        self.shared = False

    @property
    def octets(self) -> int:
        """Octets spooled so far."""
        return self._end - self._start

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits any more."""
        return self._readers == 0

    def join(self) -> bool:
        """Wait for this answer too; False where it can be waited for no more."""
        with self._condition:
            if self._readers == 0 or (self._begun and self._failed is not None):
                return False
            self._readers += 1
            self.shared = True
            return True

    def leave(self) -> None:
        """Wait no more; end the work where nobody else does."""
        with self._condition:
            self._readers -= 1
            source = None
            if self._readers == 0 and not self._done:
                # Said first: a source that takes its close for an end must not make a whole answer of a torn one.
                self.end(QueryFailed("failed", _ENDED))
                source = self._source
            self._condition.notify_all()
            self._release()
        if source is not None:
            source.close()

    def answer(self) -> HeldAnswer:
        """Return the answer for one who joined, once its first octets are there. Raises QueryFailed."""
        try:
            answer = self._joined()
        except BaseException:
            self.leave()
            raise
        if isinstance(answer, WholeAnswer):
            self.leave()
        return answer

    def _joined(self) -> HeldAnswer:
        with self._condition:
            self._condition.wait_for(lambda: self._begun)
            if self._failed is not None:
                raise QueryFailed(*self._failed)
            if self._whole is not None:
                return WholeAnswer(self._whole, self._media_type)
            return RunAnswer(self, self._media_type, self._start, self.octets if self._done else None)

    def whole(self, octets: bytes, media_type: str) -> None:
        """Say that this is the whole answer."""
        with self._condition:
            self._whole, self._media_type = octets, media_type
            self._begun = self._done = True
            self._condition.notify_all()

    def fill(self, source: Answer, descriptor: int, start: int) -> None:
        """Say that the answer is coming from ``source`` into a file, which belongs to this run from now on."""
        with self._condition:
            self._source, self._media_type = source, source.media_type
            self._descriptor, self._start, self._end = descriptor, start, start
            self._filling = True

    def add(self, octets: bytes) -> None:
        """Write octets for the readers. Raises OSError where they cannot be written; they can be added again."""
        view, place = memoryview(octets), self._end
        while view:
            count = os.pwrite(self._descriptor, view, place)
            place, view = place + count, view[count:]
        with self._condition:
            self._end = place
            self._begun = True
            self._condition.notify_all()

    def end(self, failed: QueryFailed | None = None) -> None:
        """Say that all octets are there, or why no more will come. The first end counts."""
        with self._condition:
            if not self._done:
                self._failed = None if failed is None else (failed.kind, str(failed))
                self._begun = self._done = True
            self._condition.notify_all()

    def filled(self) -> None:
        """Say that the file will not be touched again."""
        with self._condition:
            self._filling = False
            self._release()

    def expire(self, failed: QueryFailed) -> None:
        """End the work at its deadline."""
        self.end(failed)
        if self._source is not None:
            self._source.close()

    @property
    def failure(self) -> QueryFailed | None:
        """The failure, None while there is none."""
        return None if self._failed is None else QueryFailed(*self._failed)

    def wait(self, answer: "RunAnswer") -> int:
        """Wait for octets after the answer's position; return where those that are there end."""
        with self._condition:
            self._condition.wait_for(lambda: answer.closed or self._done or self._end > answer.position)
            if self._end == answer.position and self._failed is not None:
                raise QueryFailed(*self._failed)
            return self._end

    def read(self, position: int, end: int) -> bytes:
        """Return octets of the file; the caller has not left."""
        return _read(self._descriptor, position, end)

    def _release(self) -> None:
        if self._readers == 0 and not self._filling and self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class RunAnswer(HeldAnswer):
    """The answer of one reader, who follows the file that a run fills."""

    def __init__(self, run: Run, media_type: str, position: int, length: int | None) -> None:
        self.media_type = media_type
        self.position = position
        self.length = length
        self.closed = False
        self._run = run
        self._lock = threading.Lock()

    def __next__(self) -> bytes:
        end = self._run.wait(self)
        with self._lock:
            if self.closed:
                raise QueryFailed("failed", CLOSED)
            if end == self.position:
                raise StopIteration
            octets = self._run.read(self.position, end)
        self.position += len(octets)
        return octets

    def close(self) -> None:
        """Wait no more. May be called again, and by another thread."""
        if self.closed:
            return
        with self._lock:
            closed, self.closed = self.closed, True
        if not closed:
            self._run.leave()


class Pump:
    """Moves the octets of one worker's answer into the file of its run, in a thread of its own.

    Args:
        run: What is filled; ``fill`` was called.
        source: Where the octets come from.
        most: Octets that the answer may have.
        seconds: How long it may take.
        room: Makes room on a full disk; tells whether there may be some now.
    """

    def __init__(self, run: Run, source: Answer, *, most: int, seconds: float, room: Callable[[], bool]) -> None:
        self._run = run
        self._source = source
        self._most = most
        self._room = room
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def start(self, first: bytes, ended: Callable[[QueryFailed | None], None]) -> None:
        """Write the first octets, then move the rest in a thread.

        Args:
            first: Octets that were read already.
            ended: Called in the thread after the last octets, or with the failure, before readers are told.

        Raises:
            QueryFailed: The first octets could not be held.
        """
        self._add(first)
        threading.Thread(target=self._all, args=(ended,), name="spool", daemon=True).start()

    def _all(self, ended: Callable[[QueryFailed | None], None]) -> None:
        timer = threading.Timer(max(0.0, self._deadline - time.monotonic()), self._expire)
        timer.daemon = True
        timer.start()
        failed = None
        try:
            self._move()
        except QueryFailed as error:
            failed = error
        except Exception as error:
            if not self._run.abandoned:  # else its worker was ended under it
                _LOG.exception("The answer to a query broke off.")
            failed = QueryFailed("failed", f"The answer broke off: {type(error).__name__}. Ask again.")
        timer.cancel()
        with contextlib.suppress(Exception):
            self._source.close()
        try:
            ended(failed)
        finally:
            self._run.end(failed)
            self._run.filled()

    def _move(self) -> None:
        for part in self._source:
            if self._run.abandoned:
                raise QueryFailed("failed", _ENDED)
            if self._run.octets + len(part) > self._most:
                raise QueryFailed("size", f"The answer has more than {self._most} octets. Ask for less.")
            self._add(part)

    def _add(self, part: bytes) -> None:
        try:
            self._run.add(part)
        except OSError as error:
            try:
                if not self._room():
                    raise
                self._run.add(part)
            except OSError:
                _LOG.warning("An answer could not be spooled: %s. Make room on that disk.", error)
                raise QueryFailed("failed", NO_ROOM) from error

    def _expire(self) -> None:
        text = f"The query was stopped after {self._seconds:g} seconds: its time is used up."
        self._run.expire(QueryFailed("time", text))
