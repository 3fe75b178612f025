"""Turn foreign SPARQL queries into streams of octets, in processes that can be killed.

Pyoxigraph can neither cancel a query nor survive every one of them, so each runs in a worker process. The processes,
from the outside in: a query server (``server``, found by ``home``), a nursery for each snapshot (``nursery``), workers
(``worker``), all of which end with whoever started the server. Asking is ``client``; rules are ``lanes``.
"""

import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from maillon.settings import Settings
from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.workers import client
from maillon.sparql.workers.board import BUSY, LANES, Board
from maillon.sparql.workers.client import Unanswered, WorkerAnswer
from maillon.sparql.workers.home import Home

IDLE: Final = 30.0
"""Seconds after which the workers of a snapshot that is not the current one end, when nobody asks it."""
_TRIES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One query that is being answered.

    Attributes:
        pid: The worker's process.
        lane: ``quick``, ``long`` or ``held``.
        seconds: For how long it has been answered, held time included.
        memory: Octets that it uses, 0 while it is quick.
        query: Its text, at most 4,096 octets of it.
    """

    pid: int
    lane: str
    seconds: float
    memory: int
    query: str


class QueryPool:
    """The query workers that one process uses; they start with the first query, so after any fork.

    Args:
        settings: The limits.
        idle: Seconds after which the workers of a snapshot that is not the current one end, when nobody asks it.
    """

    def __init__(self, settings: Settings, idle: float = IDLE) -> None:
        self._settings = settings
        self._idle = idle
        self._lock = threading.Lock()
        self._home: Home | None = None
        self._sockets: dict[Path, Path] = {}
        self._closed = False

    def query(self, snapshot: Path, job: Job) -> WorkerAnswer:
        """Start a query and wait for its first octets.

        Args:
            snapshot: Folder of a snapshot that the caller holds a lease on until this returns.
            job: The query.

        Raises:
            QueryFailed: No worker was free in time, the query is wrong, or used up a budget.
        """
        values: dict[str, Any] = {name: getattr(job, name) for name in Job.__slots__}
        values["max_bytes"] = min(job.max_bytes, self._settings.query_max_bytes)
        seconds = min(job.seconds or self._settings.query_timeout, self._settings.query_timeout)
        for _ in range(_TRIES):
            home, path = self._socket(snapshot)
            try:
                patience = self._settings.query_queue
                answer = WorkerAnswer(client.connect(path, patience), home.path / "board", seconds, patience)
                answer.start(values)
            except Unanswered:
                self._forget(snapshot, path)
            else:
                return answer
        raise QueryFailed("died", "The query workers ended again and again before they took the query.")

    def start(self, snapshot: Path) -> Path:
        """Make workers ready for a snapshot before the first query; return the folder of the query server.

        Raises:
            QueryFailed: They cannot be started.
        """
        return self._socket(snapshot)[0].path

    def _socket(self, snapshot: Path) -> tuple[Home, Path]:
        """Return the query server and the socket of a snapshot's workers, asking the server where it is not known."""
        with self._lock:
            if self._closed:
                raise QueryFailed("busy", "The server is being stopped. Try again in some seconds.")
            if self._home is None:
                self._home = Home(self._settings, self._idle)
                weakref.finalize(self, self._home.close)
            home, path = self._home, self._sockets.get(snapshot)
            if path is None:
                answer = home.ask({"snapshot": str(snapshot.absolute())})
                if answer.get("failed"):
                    raise QueryFailed("failed", answer["failed"])
                path = self._sockets[snapshot] = Path(answer["socket"])
        return home, path

    def _forget(self, snapshot: Path, path: Path) -> None:
        with self._lock:
            if self._sockets.get(snapshot) == path:
                del self._sockets[snapshot]

    def _board(self) -> Board | None:
        """Return the board of the query server, None where none runs."""
        shared = self._home.path if self._home is not None else None
        try:
            return Board(shared / "board") if shared is not None else None
        except (OSError, ValueError):
            return None

    def running(self) -> list[Running]:
        """Return the queries that are being answered, the oldest first."""
        board = self._board()
        if board is None:
            return []
        now, found = time.monotonic(), []
        for number in board.used():
            for slot, entry in enumerate(board.section(number), number * board.size):
                if entry.state == BUSY:
                    seconds, text = max(0.0, now - entry.started), board.text(slot)
                    lane = LANES[entry.lane]
                    found.append(Running(pid=entry.pid, lane=lane, seconds=seconds, memory=entry.memory, query=text))
        board.close()
        return sorted(found, key=lambda item: -item.seconds)

    def stop(self, pid: int) -> bool:
        """Stop the query that a worker answers now; return False where it answers none (any more)."""
        board = self._board()
        if board is None:
            return False
        slots = [
            (slot, entry)
            for number in board.used()
            for slot, entry in enumerate(board.section(number), number * board.size)
            if entry.pid == pid and entry.state == BUSY
        ]
        for slot, entry in slots:
            board.put(slot, "ordered", entry.token)
        board.close()
        return bool(slots)

    def close(self) -> None:
        """End all workers that this process has started, the busy ones too. Later queries are refused."""
        with self._lock:
            self._closed = True
            home, self._home = self._home, None
            if home is not None:
                home.close()
