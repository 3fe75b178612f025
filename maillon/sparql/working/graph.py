"""The operator's private working graph: a store of its own that SPARQL Update and the Graph Store Protocol write to.

It lies in ``<data>/working/``, apart from every published snapshot. Pyoxigraph can neither cancel an operation nor
survive every one of them, so one process (``maillon.sparql.working.process``) opens it and does one job at a time
within ``query_timeout``, ``query_memory`` and ``query_max_bytes``; it is started at the first job and ended after a
second without any, so that several web processes can take turns. Killing it at any moment loses no job that was
answered and leaves none half done (write-ahead log of RocksDB).
"""

import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final, cast

from maillon.settings import Settings
from maillon.sparql.jobs import FRAME, Answer, Job, Kind, QueryFailed

MAX_BODY: Final = 50_000_000
"""Octets of an update or of the documents of one upload."""
WAIT: Final = 5.0
"""Seconds to wait for the job before, or for another process that has the working graph open."""
IDLE: Final = 1.0
"""Seconds without a job after which the process is ended."""
_START: Final = 30.0
_IN_MEMORY: Final = 1_000_000
_KEPT_VARIABLES: Final = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One SPARQL 1.1 update.

    Attributes:
        text: Its octets in UTF-8.
        base_iri: What its relative IRIs are relative to.
        using: Absolute IRIs of the protocol's using-graph-uri.
        using_named: Absolute IRIs of the protocol's using-named-graph-uri.
    """

    text: bytes
    base_iri: str
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """RDF documents for one graph.

    Attributes:
        graph: Absolute IRI of the graph, empty for the default graph.
        documents: Pairs of octets and media type (one of ``working_documents.FORMATS``).
        base_iri: What their relative IRIs are relative to.
        replaces: Whether they take the place of what the graph holds, else they are merged into it.
    """

    graph: str
    documents: tuple[tuple[bytes, str], ...]
    base_iri: str
    replaces: bool


class WorkingAnswer(Answer):
    """The octets of a whole answer, made before the first is handed out; on disk where they are many."""

    def __init__(self, file: IO[bytes], media_type: str) -> None:
        self.media_type = media_type
        self._file = file
        file.seek(0)

    def __next__(self) -> bytes:
        data = b"" if self._file.closed else self._file.read(FRAME)
        if not data:
            self.close()
            raise StopIteration
        return data

    def close(self) -> None:
        """Give the file back. May be called again."""
        self._file.close()


class _Process:
    """The process that has the store open, and its two pipes."""

    def __init__(self, settings: Settings) -> None:
        arguments = [str(settings.data.resolve() / "working"), str(settings.query_memory), str(WAIT)]
        self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "maillon.sparql.working.process", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
        )
        self._is_expired = False
        try:
            list(self._frames(_START))
        except QueryFailed:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def is_alive(self) -> bool:
        """Tell whether it can take a job."""
        return self._popen.poll() is None

    def exchange(self, job: dict[str, Any], parts: Sequence[bytes]) -> Iterator[bytes | dict[str, Any]]:
        """Hand over a job; yield the octets of its answer and, last, what came of it.

        Raises:
            QueryFailed: The job failed, or the process died or was killed at the deadline.
        """
        payload = json.dumps({**job, "parts": [len(part) for part in parts]}).encode()
        try:
            for data in (struct.pack(">I", len(payload)) + payload, *parts):
                rest = memoryview(data)
                while rest:
                    rest = rest[cast("Any", self._popen.stdin).write(rest) :]
        except BrokenPipeError:
            pass  # a dead process is noticed when its answer is read
        yield from self._frames(job["seconds"])

    def _frames(self, seconds: float) -> Iterator[bytes | dict[str, Any]]:
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            kind = b"D"
            while kind == b"D":
                head = self._read(5)
                kind, payload = head[4:], self._read(int.from_bytes(head[:4], "big"))
                yield payload if kind == b"D" else _result(payload)
        except EOFError:
            raise self._lost(seconds) from None
        finally:
            timer.cancel()

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            part = cast("Any", self._popen.stdout).read(length - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def _expire(self) -> None:
        self._is_expired = True
        self._popen.kill()

    def _lost(self, seconds: float) -> QueryFailed:
        code = self._popen.wait()
        if self._is_expired or code == -signal.SIGALRM:  # its own alarm, where the timer was late
            return QueryFailed(
                "time",
                f"The operation was stopped after {seconds:g} seconds: its time is used up. Unless it was at its very "
                "end, nothing was changed. Do less at once.",
            )
        if code == -signal.SIGABRT:  # what a failed allocation ends in
            return QueryFailed("memory", "The operation used up its memory; nothing was changed. Do less at once.")
        return QueryFailed("died", f"The operation ended its process (code {code}). Try again in some seconds.")

    def close(self, patience: float = 0.0) -> None:
        """Let the process put everything on disk and end, by force where that takes longer (seconds)."""
        cast("Any", self._popen.stdin).close()
        try:
            self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        cast("Any", self._popen.stdout).close()


def _result(payload: bytes) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(payload)
    if "kind" in result:
        raise QueryFailed(cast("Kind", result["kind"]), result["message"])
    return result


class WorkingGraph:
    """Does the operator's jobs for one web process, one after the other."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._idle: threading.Timer | None = None

    @property
    def pid(self) -> int:
        """Process id of the process that has the store open, 0 for none."""
        process = self._process
        return process.pid if process is not None else 0

    def query(self, job: Job) -> WorkingAnswer:
        """Answer a query that the guard has let through; TABLE, RECORDS, bindings and labels are not offered.

        Raises:
            QueryFailed: The query is wrong, used up a budget, or had to wait too long.
        """
        values = {name: getattr(job, name) for name in Job.__slots__}
        result, file = self._do({**values, "operation": "query"}, (), job.max_bytes)
        return WorkingAnswer(file, result["media_type"])

    def update(self, update: Update) -> None:
        """Run an update as one transaction. Raises QueryFailed; nothing has changed then."""
        job = {"base_iri": update.base_iri, "using": update.using, "using_named": update.using_named}
        self._told({**job, "operation": "update"}, (update.text,))

    def read(self, graph: str, media_type: str) -> WorkingAnswer | None:
        """Return a graph (empty for the default graph) in an RDF media type, None where there is no such graph.

        Raises:
            QueryFailed: A budget was used up, or it had to wait too long.
        """
        result, file = self._do({"operation": "read", "graph": graph, "media_type": media_type}, ())
        if not result["found"]:
            file.close()
            return None
        return WorkingAnswer(file, media_type)

    def write(self, upload: Upload) -> bool:
        """Write documents to a graph as one transaction; tell whether the graph is new.

        Raises:
            QueryFailed: A document cannot be read, or a budget was used up; nothing has changed then.
        """
        job = {"graph": upload.graph, "base_iri": upload.base_iri, "replace": upload.replaces}
        types = [media_type for _, media_type in upload.documents]
        parts = [content for content, _ in upload.documents]
        return bool(self._told({**job, "operation": "write", "media_types": types}, parts)["created"])

    def remove(self, graph: str) -> bool:
        """Remove a graph, or empty the default graph; tell whether it was there. Raises QueryFailed."""
        return bool(self._told({"operation": "remove", "graph": graph}, ())["found"])

    def close(self) -> None:
        """End the process once its job is done."""
        with self._lock:
            self._end()

    def _told(self, job: dict[str, Any], parts: Sequence[bytes]) -> dict[str, Any]:
        """Do a job that has no octets for an answer; return what came of it."""
        result, file = self._do(job, parts)
        file.close()
        return result

    def _do(
        self, job: dict[str, Any], parts: Sequence[bytes], max_bytes: int = sys.maxsize
    ) -> tuple[dict[str, Any], IO[bytes]]:
        """Do one job; return what came of it and a file with the octets of its answer."""
        if not self._lock.acquire(timeout=WAIT):
            raise QueryFailed("busy", "The working graph is busy with another operation. Try again in some seconds.")
        try:
            process = self._ready()
            limits = {
                "seconds": self._settings.query_timeout,
                "max_bytes": min(max_bytes, self._settings.query_max_bytes),
            }
            try:
                return _collected(process, {**job, **limits}, parts)
            finally:
                self._rest()
        finally:
            self._lock.release()

    def _ready(self) -> _Process:
        if self._idle is not None:
            self._idle.cancel()
        if self._process is not None and not self._process.is_alive():
            self._end()
        if self._process is None:
            self._process = _Process(self._settings)
        return self._process

    def _rest(self) -> None:
        """Have the process ended when nothing comes for a while."""
        self._idle = threading.Timer(IDLE, self._end_when_idle)
        self._idle.daemon = True
        self._idle.start()

    def _end_when_idle(self) -> None:
        if self._lock.acquire(blocking=False):  # else a job has come in the meantime
            try:
                self._end()
            finally:
                self._lock.release()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close(_START)


def _collected(process: _Process, job: dict[str, Any], parts: Sequence[bytes]) -> tuple[dict[str, Any], IO[bytes]]:
    """Collect an answer to its end, so that a slow reader holds up nobody."""
    result: dict[str, Any] = {}
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the answer closes it
    try:
        for frame in process.exchange(job, parts):
            if isinstance(frame, bytes):
                file.write(frame)
            else:
                result = frame
    except BaseException:
        file.close()
        raise
    return result, file
