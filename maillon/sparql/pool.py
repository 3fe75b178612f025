"""Turn foreign SPARQL queries into streams of octets, in processes that can be killed.

Pyoxigraph can neither cancel a query nor survive every one of them, so each runs in a worker process
(``maillon.sparql.worker_process``), one at a time, within the settings ``query_timeout``, ``query_memory`` and
``query_max_bytes``. A worker that does not end its answer cleanly is killed and replaced.
"""

import json
import os
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final, cast

from maillon.settings import Settings
from maillon.sparql.jobs import FRAME, Answer, Job, Kind, QueryFailed

WAIT: Final = 2.0
"""Seconds to wait for a free worker."""
_START: Final = 30.0
_KEPT_VARIABLES: Final = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")


class _Worker:
    """One process and its two pipes."""

    def __init__(self, snapshot: Path, memory: int) -> None:
        self.snapshot = snapshot
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "maillon.sparql.worker_process", str(snapshot), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
        )
        starting = threading.Timer(_START, self.process.kill)
        starting.start()
        try:
            kind, payload = self.receive()
        finally:
            starting.cancel()
        if kind != b"H":
            self.close()
            raise QueryFailed("failed", json.loads(payload)["message"] if payload else "A query worker did not start.")
        self.sandboxed = bool(json.loads(payload)["sandbox"])

    def send(self, job: dict[str, Any]) -> None:
        """Hand over a job. A dead worker is noticed when its answer is read."""
        payload = json.dumps(job).encode()
        data = struct.pack(">I", len(payload)) + payload
        try:
            while data:
                data = data[cast("Any", self.process.stdin).write(data) :]
        except BrokenPipeError:
            pass

    def receive(self) -> tuple[bytes, bytes]:
        """Return the type and payload of the next frame; two empty strings at the end of the pipe."""
        head = self._read(5)
        length = int.from_bytes(head[:4], "big")
        payload = self._read(length)
        # A frame cut short by a kill is no frame, else a torn answer would look whole.
        return (head[4:], payload) if len(payload) == length else (b"", b"")

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            part = cast("Any", self.process.stdout).read(length - len(data))
            if not part:
                return b""
            data += part
        return data

    def kill(self) -> None:
        """End the process now. Its pipes are closed by their reader, who may be another thread."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End the process and close its pipes."""
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class WorkerAnswer(Answer):
    """The octets of one answer, while a worker makes them; ``close`` kills it where they were not read to the end."""

    def __init__(self, pool: "QueryPool", worker: _Worker, seconds: float) -> None:
        self.media_type = ""
        self._pool = pool
        self._worker = worker
        self._seconds = seconds
        self._first: bytes | None = None
        self._lock = threading.Lock()
        self._released = self._clean = self._expired = False
        self._timer = threading.Timer(seconds, self._release, (False, True))
        self._timer.daemon = True

    def start(self, job: dict[str, Any]) -> None:
        """Send the job and wait for the first octets, so that an error still gets its status line."""
        self._timer.start()
        self._worker.send(job)
        try:
            self._first = self._next()
        except QueryFailed:
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
        if self._clean:
            return b""
        kind, payload = self._worker.receive()
        if kind == b"H":
            self.media_type = json.loads(payload)["media_type"]
            return self._next()
        if kind == b"D":
            if len(payload) < FRAME:  # the last one: the worker is free even if the client never reads
                self._next()
            return payload
        if kind != b"E":
            raise self._lost()
        self._timer.cancel()
        self._release(True)
        end = json.loads(payload)
        if end:
            raise QueryFailed(cast("Kind", end["kind"]), end["message"])
        return b""

    def _lost(self) -> QueryFailed:
        code = self._worker.process.wait()
        if self._expired or code == -signal.SIGALRM:  # the worker's own alarm, where the timer was late
            return QueryFailed("time", f"The query was stopped after {self._seconds:g} seconds: its time is used up.")
        if code == -signal.SIGABRT:  # what a failed allocation ends in
            return QueryFailed("memory", "The query used up its memory. Ask for less, or for smaller parts.")
        return QueryFailed("died", f"The query ended its worker (code {code}).")

    def _release(self, clean: bool, expired: bool = False) -> None:
        """Give the worker back once: by its reader at the end, or by the timer at the deadline, dead.

        The timer does not wait for the reader, who may be held up by a client that has stopped reading.
        """
        with self._lock:
            if not self._released:
                self._released, self._clean, self._expired = True, clean, expired
                self._pool.give_back(self._worker, clean)

    def close(self) -> None:
        """Give the worker back. May be called again."""
        self._timer.cancel()
        self._release(False)
        if not self._clean:
            self._worker.close()


class QueryPool:
    """The query workers of one web process; they start with the first queries, so after any fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._condition = threading.Condition()
        self._idle: list[_Worker] = []
        self._places: set[_Worker | object] = set()
        self._closed = False

    def query(self, snapshot: Path, job: Job) -> WorkerAnswer:
        """Start a query and wait for its first octets.

        Args:
            snapshot: Folder of a snapshot that the caller holds a lease on until this returns.
            job: The query.

        Raises:
            QueryFailed: No worker was free in time, the query is wrong, or used up a budget.
        """
        worker = self._take(snapshot)
        answer = WorkerAnswer(self, worker, self._settings.query_timeout)
        values = {name: getattr(job, name) for name in Job.__slots__}
        values["max_bytes"] = min(job.max_bytes, self._settings.query_max_bytes)
        answer.start({**values, "seconds": self._settings.query_timeout})
        return answer

    def _take(self, snapshot: Path) -> _Worker:
        """Return a worker over this snapshot: a free one, else a new one, as soon as there is a place."""
        place = object()
        with self._condition:
            free = self._condition.wait_for(self._has_place, WAIT)
            if self._closed or not free:
                raise QueryFailed("busy", "All query workers are busy. Try again in some seconds.")
            for worker in [item for item in self._idle if item.snapshot != snapshot or item.process.poll() is not None]:
                self._idle.remove(worker)
                self._places.discard(worker)
                worker.close()
            if self._idle:
                return self._idle.pop()
            self._places.add(place)
        try:
            worker = _Worker(snapshot, self._settings.query_memory)
        except BaseException:
            self._replace(place, None)
            raise
        self._replace(place, worker)
        return worker

    def _has_place(self) -> bool:
        return self._closed or bool(self._idle) or len(self._places) < self._settings.query_workers

    def _replace(self, place: object, worker: _Worker | None) -> None:
        with self._condition:
            self._places.discard(place)
            if worker is not None:
                self._places.add(worker)
            self._condition.notify()

    def give_back(self, worker: _Worker, clean: bool) -> None:
        """Take a worker back, once for each time it was taken: to use it again, or, not clean, to end it."""
        if not clean:
            worker.kill()
        with self._condition:
            if clean and not self._closed:
                self._idle.append(worker)
            else:
                self._places.discard(worker)
            self._condition.notify()
        if clean and self._closed:
            worker.close()

    def close(self) -> None:
        """End all idle workers; busy ones end with their answers. Later queries are refused."""
        with self._condition:
            self._closed = True
            while self._idle:
                worker = self._idle.pop()
                self._places.discard(worker)
                worker.close()
            self._condition.notify_all()
