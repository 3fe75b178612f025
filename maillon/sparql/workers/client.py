"""Turn one job into the octets of its answer, by asking a query worker over its snapshot's socket.

One connection a query: the job goes, the frames of ``maillon.sparql.workers.frames`` come. The connection's end before
the last frame means that the worker has ended; the board then says why.
"""

import contextlib
import fcntl
import json
import os
import select
import socket
import struct
import termios
import threading
import time
from pathlib import Path
from typing import Any, Final, cast

from maillon.sparql.jobs import ASKER, FRAME, Answer, Kind, QueryFailed
from maillon.sparql.workers import board as states
from maillon.sparql.workers.board import Board
from maillon.sparql.workers.frames import Reader, packed

_GRACE: Final = 3.0
"""Seconds after the end of its time for which a query is waited for, should nobody end it."""
_ASKING: Final = 1.0
"""Seconds within which the board says why a worker has ended."""
BUSY: Final = "All query workers are busy. Try again in some seconds."
_TIME: Final = "The query was stopped after {seconds:g} seconds: its time is used up."
_ENDED: Final[dict[int, tuple[Kind, str]]] = {
    states.TIME: ("time", _TIME),
    states.MEMORY: ("memory", "The query used up its memory. Ask for less, or for smaller parts."),
    states.MEMORY_ALL: (
        "memory",
        "All queries together used up the memory of the endpoint, and yours used the most. Ask for less, or for "
        "smaller parts, or try again later.",
    ),
    states.MANY: (
        "busy",
        "Too many long queries are being answered, and yours takes longer than a moment. Try again in a minute.",
    ),
    states.PANICKED: (
        "died",
        "The engine has given up on this query, by a fault of its own. It does so where ORDER BY compares texts with "
        "and without a language: write ORDER BY STR(?x) there.",
    ),
    states.STOPPED: ("died", "The operator of this endpoint has stopped the query."),
}


class Unanswered(Exception):
    """No worker has taken the query: it may be sent again."""


class WorkerAnswer(Answer):
    """The octets of one answer, while a worker makes them; ``close`` ends it where they were not read to the end.

    Attributes:
        pid: The worker's process, 0 until the answer begins.

    Args:
        connection: From ``connect``.
        board: Where the query server notes what became of each query.
        seconds: The time that the query has.
        patience: Seconds to wait for a worker that takes it.
    """

    def __init__(self, connection: socket.socket, board: Path, seconds: float, patience: float) -> None:
        self.media_type = ""
        self.pid = 0
        self._connection = connection
        self._reader = Reader(connection)
        self._board = board
        self._token = 0
        self._seconds = seconds
        self._patience = patience
        self._until = 0.0
        self._first: bytes | None = None
        self._ended = self._whole = False
        self._lock = threading.Lock()

    def start(self, job: dict[str, Any]) -> None:
        """Send the job and wait for the first octets, so that an error still gets its status line.

        Raises:
            QueryFailed: The query is wrong, or used up a budget.
            Unanswered: No worker took it, and none will.
        """
        self._token = int.from_bytes(os.urandom(8), "big") or 1
        self._until = time.monotonic() + self._seconds + self._patience + _GRACE
        try:
            self._connection.sendall(packed({**job, "token": self._token, "seconds": self._seconds}))
        except OSError as error:
            self.close()
            raise Unanswered from error
        try:
            self._first = self._next()
        except BaseException:
            self.close()
            raise

    def __next__(self) -> bytes:
        data, self._first = self._first, None
        data = self._next() if data is None else data
        if not data:
            raise StopIteration
        return data

    def _next(self) -> bytes:
        """Return the next octets, empty at the clean end. Raises QueryFailed."""
        if self._whole:
            return b""
        if self._ended:
            raise QueryFailed("died", "The answer was given up before its end.")
        kind, payload = self._frame()
        if kind == b"H":
            head = json.loads(payload)
            self.media_type, self.pid = head["media_type"], head["pid"]
            return self._next()
        if kind == b"D":
            if len(payload) < FRAME:  # the last one: the connection is no longer needed even if nobody reads on
                self._next()
            return payload
        self.close()
        if kind != b"E":
            raise self._lost()
        end = json.loads(payload)
        if end:
            raise QueryFailed(cast("Kind", end["kind"]), end["message"])
        self._whole = True
        return b""

    def _frame(self) -> tuple[bytes, bytes]:
        """Return the next frame, waiting as long as somebody works on it."""
        while True:
            try:
                self._wait()
                return self._reader.frame()
            except BlockingIOError:
                left = self._until - time.monotonic()
                if _unread(self._connection):
                    raise QueryFailed("busy", BUSY) from None
                if left <= 0:
                    raise QueryFailed("time", _TIME.format(seconds=self._seconds)) from None
                limit(self._connection, socket.SO_RCVTIMEO, left)
            except (OSError, ValueError):  # closed by another thread
                return b"", b""

    def _wait(self) -> None:
        """Wait for the first octets while the asker is there: what nobody waits for need not be worked on.

        Raises:
            QueryFailed: The asker has gone, and closing the connection then ends the query; or no worker took it.
        """
        asker = ASKER.get()
        if asker is None or self.media_type:  # from then on, sending fails where the asker has gone
            return
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        poll.register(asker, select.POLLRDHUP)
        while time.monotonic() < self._until:
            handles = [handle for handle, _ in poll.poll(self._patience * 1000)]
            if self._connection.fileno() in handles:
                return
            if handles:
                raise QueryFailed("died", "Whoever asked has gone.")
            if _unread(self._connection):
                raise QueryFailed("busy", BUSY)

    def _lost(self) -> QueryFailed:
        """Return why the worker ended, as its nursery has it or will have it in a moment."""
        until = time.monotonic() + _ASKING
        with contextlib.suppress(OSError, ValueError):  # no board: the query server has gone too
            board = Board(self._board)
            try:
                while (found := board.find(self._token)) is not None and time.monotonic() < until:
                    entry = found[1]
                    if entry.outcome in _ENDED:
                        kind, text = _ENDED[entry.outcome]
                        return QueryFailed(kind, text.format(seconds=self._seconds))
                    if entry.state == states.ENDED:
                        return QueryFailed("died", f"The query ended its worker (code {entry.code}).")
                    time.sleep(0.01)
            finally:
                board.close()
        # Nobody has it, or nobody says how its worker ended: the nursery has gone too, and the query did not do that.
        if not self.media_type:
            raise Unanswered
        return QueryFailed("died", "The query's worker has ended.")

    def close(self) -> None:
        """Let go of the worker, which ends where it has not ended its answer. May be called again."""
        with self._lock:
            if not self._ended:
                self._ended = True
                with contextlib.suppress(OSError):  # wakes a thread that waits for the next frame
                    self._connection.shutdown(socket.SHUT_RDWR)
                self._connection.close()


def _unread(connection: socket.socket) -> int:
    """Return how many octets of what was sent have not been read yet: all, while no worker has taken the query."""
    return int(struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0])


def limit(connection: socket.socket, option: int, seconds: float) -> None:
    """Set how long receiving or sending may take; the kernel's limit costs no system call of its own."""
    connection.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(seconds), int(seconds % 1 * 1e6) + 1))


def connect(path: Path, patience: float) -> socket.socket:
    """Return a connection to a snapshot's workers, on which sending and receiving wait so many seconds.

    Raises:
        QueryFailed: Too many clients wait already.
        Unanswered: Nobody listens there (any more).
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    limit(connection, socket.SO_SNDTIMEO, patience)
    limit(connection, socket.SO_RCVTIMEO, patience)
    try:
        connection.connect(str(path))
    except BlockingIOError as error:
        connection.close()
        raise QueryFailed("busy", BUSY) from error
    except OSError as error:
        connection.close()
        raise Unanswered from error
    return connection
