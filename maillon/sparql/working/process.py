"""Read and write the operator's working graph, one job after the other, in a process that may be killed at any moment.

``python -m maillon.sparql.working.process FOLDER MEMORY WAIT`` takes the folder's lock, opens its store for writing,
gives up the network and does the jobs that come on its standard input; ``maillon.sparql.working.graph`` is the other
end. SPARQL 1.1 Update (https://www.w3.org/TR/sparql11-update/) and the operations of the Graph Store Protocol
(https://www.w3.org/TR/sparql11-http-rdf-update/) are one transaction each, so a job that fails or is killed changes
nothing.

A job is 4 octets of length (big-endian), JSON, and the documents whose sizes its ``parts`` lists. A frame of an answer
is 4 octets of length, 1 of type, the payload: ``D`` octets of an answer, ``E`` JSON at the end of each job and once
when ready: what came of it, or ``{"kind": ..., "message": ...}``.
"""

import contextlib
import fcntl
import json
import os
import re
import resource
import select
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryResultsFormat, QueryTriples, Store, Triple

from maillon.errors import ParseFailed
from maillon.rdf.serialization import stream
from maillon.sparql.jobs import FRAME, QueryFailed
from maillon.sparql.workers import sandbox
from maillon.sparql.working import documents as working_documents
from maillon.sparql.working import updates as working_updates
from maillon.vocabulary import QUERY_PREFIXES

_STACK: Final = 256 << 20
_MESSAGE: Final = 500
_ALONE: Final = 60.0
"""Seconds without a job after which this process ends itself; its parent ends it much earlier if it still lives."""
_PLACE: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)

Job = dict[str, Any]
Result = dict[str, Any]


class _TooLarge(Exception):
    """The answer passed the job's max_bytes."""


class _Output:
    """File object that sends what is written to it in D frames of 64 kB, and stops at the octets allowed."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._buffer = bytearray()
        self.left = 0

    def write(self, data: bytes) -> int:
        self.left -= len(data)
        if self.left < 0:
            raise _TooLarge
        self._buffer += data
        while len(self._buffer) >= FRAME:
            self._send(b"D", bytes(self._buffer[:FRAME]))
            del self._buffer[:FRAME]
        return len(data)

    def flush(self) -> None:
        """Nothing: frames are filled first."""

    def end(self, result: Result) -> None:
        if self._buffer and "kind" not in result:
            self._send(b"D", bytes(self._buffer))
        self._buffer.clear()
        self._send(b"E", json.dumps(result).encode())

    def fail(self, kind: str, message: str) -> None:
        self.end({"kind": kind, "message": message[:_MESSAGE]})

    def _send(self, kind: bytes, payload: bytes) -> None:
        data = struct.pack(">I", len(payload)) + kind + payload
        while data:
            data = data[self._pipe.write(data) :]


def _name(job: Job) -> NamedNode | DefaultGraph:
    return NamedNode(job["graph"]) if job["graph"] else DefaultGraph()


def _exists(store: Store, graph: NamedNode | DefaultGraph) -> bool:
    return isinstance(graph, DefaultGraph) or store.contains_named_graph(graph)


def _query(store: Store, job: Job, _parts: list[bytes], output: _Output) -> Result:
    dataset: dict[str, Any] = {}
    if job["default_graphs"] or job["named_graphs"]:
        # The protocol's dataset wins over the query's as a whole (SPARQL 1.1 Protocol, section 2.1.4).
        dataset["default_graph"] = [NamedNode(iri) for iri in job["default_graphs"]]
        dataset["named_graphs"] = [NamedNode(iri) for iri in job["named_graphs"]]
    result = store.query(job["query"], base_iri=job["base_iri"], prefixes=QUERY_PREFIXES, **dataset)
    if isinstance(result, QueryTriples):
        stream(result, output, job["rdf_media_type"])  # type: ignore[arg-type]
        return {"media_type": job["rdf_media_type"]}
    result.serialize(output, QueryResultsFormat.from_media_type(job["media_type"]))  # type: ignore[arg-type]
    return {"media_type": job["media_type"]}


def _update(store: Store, job: Job, parts: list[bytes], _output: _Output) -> Result:
    text = parts[0].decode()
    try:
        text = working_updates.prepared(text, job["using"], job["using_named"])
    except QueryFailed:
        _check_syntax(text, job["base_iri"])
        raise
    store.update(text, base_iri=job["base_iri"], prefixes=QUERY_PREFIXES)
    return {}


def _check_syntax(text: str, base_iri: str) -> None:
    """Raise SyntaxError where an update that is refused anyway is none: that is what its writer must know first."""
    with contextlib.suppress(RuntimeError):
        Store().update(working_updates.harmless(text), base_iri=base_iri, prefixes=QUERY_PREFIXES)


def _read_graph(store: Store, job: Job, _parts: list[bytes], output: _Output) -> Result:
    graph = _name(job)
    if not _exists(store, graph):
        return {"found": False}
    stream(store.quads_for_pattern(None, None, None, graph), output, job["media_type"])  # type: ignore[arg-type]
    return {"found": True, "media_type": job["media_type"]}


def _write_graph(store: Store, job: Job, parts: list[bytes], _output: _Output) -> Result:
    """Merge documents into a graph, or put them in its place. All are read before anything is written."""
    graph = _name(job)
    found = _exists(store, graph)
    triples = [
        triple
        for content, media_type in zip(parts, job["media_types"], strict=True)
        for triple in working_documents.triples(content, media_type, job["base_iri"])
    ]
    if job["replace"] and next(store.quads_for_pattern(None, None, None, graph), None) is not None:
        store.update(_replacement(graph, triples))
    elif triples:
        store.extend(Quad(item.subject, item.predicate, item.object, graph) for item in triples)
    elif isinstance(graph, NamedNode):
        store.add_graph(graph)
    return {"created": not found, "triples": len(triples)}


def _replacement(graph: NamedNode | DefaultGraph, triples: list[Triple]) -> str:
    """Return the update that replaces a graph: pyoxigraph offers no other transaction that takes away and adds."""
    data = " .\n".join(map(str, triples))
    if isinstance(graph, DefaultGraph):
        return f"CLEAR DEFAULT; INSERT DATA {{ {data} }}"
    return f"CLEAR GRAPH {graph}; INSERT DATA {{ GRAPH {graph} {{ {data} }} }}"


def _remove_graph(store: Store, job: Job, _parts: list[bytes], _output: _Output) -> Result:
    graph = _name(job)
    if not _exists(store, graph):
        return {"found": False}
    store.update("CLEAR DEFAULT" if isinstance(graph, DefaultGraph) else f"DROP GRAPH {graph}")
    return {"found": True}


_OPERATIONS: Final[dict[str, Callable[[Store, Job, list[bytes], _Output], Result]]] = {
    "query": _query,
    "update": _update,
    "read": _read_graph,
    "write": _write_graph,
    "remove": _remove_graph,
}


def _readable(message: str) -> str:
    """Return where a query or update stops being SPARQL; the list of all that could stand there is cut."""
    place = _PLACE.match(message)
    return f"Line {place[1]}, column {place[2]}: {place[3][:200]}" if place else message


def _reason(error: Exception, job: Job) -> tuple[str, str]:
    """Return the kind and the message of a failed job."""
    match error:
        case QueryFailed():
            return error.kind, str(error)
        case _TooLarge():
            return "size", f"The answer has more than {job['max_bytes']} octets."
        case SyntaxError() | ParseFailed():
            return "syntax", _readable(str(error))
        case PermissionError():
            return "refused", "The working graph never asks other servers."
        case OSError():  # a full disk
            return "failed", f"The working graph could not be read or written: {error}"
        case _:  # a graph that is not there, an unknown function, no UTF-8
            return "refused", str(error)


def _run(store: Store, job: Job, parts: list[bytes], output: _Output) -> None:
    """Do one job. The alarm kills this process where its parent died and so cannot."""
    signal.setitimer(signal.ITIMER_REAL, job["seconds"] + 1)
    output.left = job["max_bytes"]
    try:
        result = _OPERATIONS[job["operation"]](store, job, parts, output)
    except (QueryFailed, _TooLarge, SyntaxError, ParseFailed, OSError, RuntimeError, ValueError) as error:
        kind, message = _reason(error, job)
        output.fail(kind, message)
    else:
        output.end(result)
    signal.setitimer(signal.ITIMER_REAL, 0)


def _read(source: BinaryIO, length: int) -> bytes | None:
    """Return that many octets, None at the end of the input."""
    data = bytearray()
    while len(data) < length:
        part = source.read(length - len(data))
        if not part:
            return None
        data += part
    return bytes(data)


def _receive(source: BinaryIO) -> tuple[Job, list[bytes]] | None:
    """Return the next job with its documents, None where no more will come."""
    if not select.select([source], [], [], _ALONE)[0]:
        return None
    head = _read(source, 4)
    text = _read(source, struct.unpack(">I", head)[0]) if head else None
    if text is None:
        return None
    job: Job = json.loads(text)
    parts = [_read(source, length) for length in job["parts"]]
    return (job, [part for part in parts if part is not None]) if None not in parts else None


def _serve(store: Store, source: BinaryIO, output: _Output) -> None:
    try:
        while received := _receive(source):
            _run(store, *received, output)
        store.flush()  # a commit is in the log, which is not synchronised with the disk; this is
    except BrokenPipeError:  # nobody waits any more
        store.flush()


def _lock(folder: Path, wait: float) -> None:
    """Take the folder for as long as this process lives. Raises QueryFailed where another process has it."""
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > end:
                other = os.pread(file, 20, 0).decode() or "unknown"
                raise QueryFailed(
                    "busy", f"Process {other} works on the working graph. Try again when it has finished."
                ) from None
            time.sleep(0.02)
        else:
            os.ftruncate(file, 0)
            os.pwrite(file, str(os.getpid()).encode(), 0)
            return


def _open(folder: Path, wait: float) -> Store:
    """Open the store, and clear away what a killed predecessor has left. Raises QueryFailed or OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _lock(folder, wait)
    for orphan in (folder / "store").glob("bulk-*.sst"):
        orphan.unlink()
    return Store(str(folder / "store"))


def main(folder: Path, memory: int, wait: float) -> None:
    """Open, lock down, say ready, then work until the input ends."""
    output = _Output(os.fdopen(os.dup(1), "wb", buffering=0))
    os.dup2(2, 1)  # whatever is printed by mistake must not end up between the frames
    try:
        store = _open(folder, wait)
    except QueryFailed as failed:
        output.fail(failed.kind, str(failed))
        return
    except OSError as error:
        output.fail("failed", f"The working graph in {folder} cannot be opened: {error}")
        return
    ready = {"sandbox": sandbox.deny_network()}
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    memory = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    output.end(ready)
    threading.stack_size(_STACK)  # deep nesting then costs time instead of a crash
    thread = threading.Thread(target=_serve, args=(store, os.fdopen(0, "rb", buffering=0), output))
    thread.start()
    thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
