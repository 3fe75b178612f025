"""Run SPARQL queries over one snapshot, one after the other, in a process that may be killed at any moment.

``python -m maillon.sparql.worker_process SNAPSHOT MEMORY`` opens the snapshot's store read-only, gives up the network
and answers on its standard output, in frames, the jobs that come on its standard input. ``maillon.sparql.pool`` is
the other end. A job is 4 octets of length (big-endian) and JSON; a frame is 4 octets of length, 1 of type, the payload:

- ``H`` JSON: first ``{"sandbox": ...}`` when ready; then, for each job, ``{"media_type": ...}`` when accepted;
- ``D`` up to 64 kB of the answer;
- ``E`` JSON: ``{}`` after a whole answer, ``{"kind": ..., "message": ...}`` after any other.
"""

import fcntl
import json
import os
import re
import resource
import signal
import struct
import sys
import threading
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    Store,
)

from maillon.rdf.serialization import stream
from maillon.sparql import sandbox
from maillon.sparql.jobs import FRAME, TABLE
from maillon.vocabulary import PREFIXES

_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_REASON: Final = re.compile(r"(?:^|, )([A-Z]\w*(?: [a-z]\w*| [A-Z]+)* [a-z]\w*)(?=,|$)")  # "Prefix not found"
_EXCERPT: Final = 40

_STACK: Final = 256 << 20
_MESSAGE: Final = 500

Job = dict[str, Any]


class _TooLarge(Exception):
    """The answer passed the job's max_bytes."""


class _Frames:
    """File object that sends what is written to it in D frames of up to 64 kB, and stops at the octets allowed."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._buffer = bytearray()
        self._left = 0

    def start(self, media_type: str, max_bytes: int) -> None:
        self._left = max_bytes
        self.send(b"H", json.dumps({"media_type": media_type}).encode())

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise _TooLarge
        self._buffer += data
        while len(self._buffer) >= FRAME:
            self.send(b"D", bytes(self._buffer[:FRAME]))
            del self._buffer[:FRAME]
        return len(data)

    def flush(self) -> None:
        """Nothing: frames are filled first, because a system call a row would cost more than the row."""

    def finish(self) -> None:
        if self._buffer:
            self.send(b"D", bytes(self._buffer))
        self._buffer.clear()
        self.send(b"E", b"{}")

    def fail(self, kind: str, message: str) -> None:
        self._buffer.clear()
        self.send(b"E", json.dumps({"kind": kind, "message": message[:_MESSAGE]}).encode())

    def send(self, kind: bytes, payload: bytes) -> None:
        data = struct.pack(">I", len(payload)) + kind + payload
        while data:
            data = data[self._output.write(data) :]


def _cell(term: Any) -> dict[str, str] | None:
    match term:
        case None:
            return None
        case NamedNode():
            return {"type": "iri", "text": term.value}
        case BlankNode():
            return {"type": "blank", "text": str(term)}
        case Literal():
            return {"type": "literal", "text": term.value, "lang": term.language or "", "datatype": term.datatype.value}
        case _:
            return {"type": "triple", "text": str(term)}


def _table(result: QuerySolutions | QueryBoolean | QueryTriples, limit: int) -> bytes:
    rows: list[list[Any]]
    if isinstance(result, QueryBoolean):
        columns, rows = [], [[{"type": "literal", "text": str(bool(result)).lower(), "lang": "", "datatype": ""}]]
    elif isinstance(result, QuerySolutions):
        columns = [variable.value for variable in result.variables]
        rows = [[_cell(term) for term in solution] for solution in islice(result, limit + 1)]
    else:
        columns = ["subject", "predicate", "object"]
        rows = [[_cell(term) for term in triple] for triple in islice(result, limit + 1)]
    return json.dumps({"columns": columns, "rows": rows[:limit], "truncated": len(rows) > limit}).encode()


def _answer(store: Store, job: Job, frames: _Frames) -> None:
    dataset: dict[str, Any] = {}
    if job["default_graphs"] or job["named_graphs"]:
        # The protocol's dataset wins over the query's as a whole (SPARQL 1.1 Protocol, section 2.1.4).
        dataset["default_graph"] = [NamedNode(iri) for iri in job["default_graphs"]]
        dataset["named_graphs"] = [NamedNode(iri) for iri in job["named_graphs"]]
    result = store.query(job["query"], base_iri=job["base_iri"], prefixes=PREFIXES, **dataset)
    if job["media_type"] == TABLE:
        frames.start(TABLE, job["max_bytes"])
        frames.write(_table(result, job["max_rows"]))
    elif isinstance(result, QueryTriples):
        frames.start(job["rdf_media_type"], job["max_bytes"])
        stream(result, frames, job["rdf_media_type"])  # type: ignore[arg-type]
    else:
        frames.start(job["media_type"], job["max_bytes"])
        result.serialize(frames, QueryResultsFormat.from_media_type(job["media_type"]))  # type: ignore[arg-type]


def _readable(message: str, query: str) -> str:
    """Return where a query stops being SPARQL, instead of the parser's list of all that could stand there."""
    if not query.strip():
        return "The query is empty."
    place = _PLACE.match(message)
    if place is None:
        return message
    line, column = int(place[1]), int(place[2])
    reason = _REASON.search(place[3])
    before = next(iter(query.split("\n")[line - 1 : line]), "")[: column - 1].strip()
    after = f" after “{before[-_EXCERPT:]}”" if before else ""
    return f"Line {line}, column {column}: {reason[1] if reason else 'something else is expected'}{after}."


def _run(store: Store, job: Job, frames: _Frames) -> None:
    """Answer one job. The alarm kills this process where its parent died and so cannot."""
    signal.setitimer(signal.ITIMER_REAL, job["seconds"] + 1)
    try:
        _answer(store, job, frames)
    except _TooLarge:
        frames.fail("size", f"The answer has more than {job['max_bytes']} octets.")
    except SyntaxError as error:
        frames.fail("syntax", _readable(str(error), job["query"]))
    except PermissionError:
        frames.fail("refused", "This endpoint never asks other servers.")
    except (RuntimeError, ValueError) as error:  # an unknown function, for instance
        frames.fail("refused", str(error))
    except OSError as error:
        frames.fail("failed", str(error))
    else:
        frames.finish()
    signal.setitimer(signal.ITIMER_REAL, 0)


def _read(source: BinaryIO, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = source.read(length - len(data))
        if not part:
            sys.exit(0)
        data += part
    return data


def _serve(store: Store, source: BinaryIO, frames: _Frames) -> None:
    while True:
        (length,) = struct.unpack(">I", _read(source, 4))
        _run(store, json.loads(_read(source, length)), frames)


def _lease(snapshot: Path) -> None:
    """Hold the snapshot's lease for as long as this process lives, so that it is not pruned under it."""
    path = snapshot / "lease"
    if path.is_file():
        fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_SH)


def main(snapshot: Path, memory: int) -> None:
    """Open, lock down, say ready, then answer until the input ends."""
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever is printed by mistake must not end up between the frames
    frames = _Frames(output)
    try:
        _lease(snapshot)
        store = Store.read_only(str(snapshot / "store"))
    except OSError as error:
        frames.fail("failed", f"The snapshot cannot be opened: {error}")
        return
    ready = {"sandbox": sandbox.deny_network()}
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    memory = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    frames.send(b"H", json.dumps(ready).encode())
    threading.stack_size(_STACK)  # deep nesting then costs time instead of a crash
    thread = threading.Thread(target=_serve, args=(store, os.fdopen(0, "rb", buffering=0), frames))
    thread.start()
    thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
