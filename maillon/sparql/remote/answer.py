"""Turn the answer of a remote SPARQL server, while it comes, into the octets of the form that a job wants.

JSON and XML results pass through where the server writes them as SPARQL 1.1 has them. Everything else is asked as JSON
results or as N-Triples and written here, so that CSV, TSV and RDF are the same whatever the server; a list that it
cut short is no JSON any more, while CSV would look whole. The last part is held back until ``check`` has found the
server's content unchanged.
"""

import json
import queue
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import IO, Any, Final, cast

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from maillon.rdf.serialization import stream
from maillon.sparql import tables
from maillon.sparql.jobs import FRAME, RECORDS, TABLE, Answer, Job, QueryFailed
from maillon.sparql.labels import Labels
from maillon.sparql.remote.http import Exchange, ServerFailed

JSON: Final = "application/sparql-results+json"
XML: Final = "application/sparql-results+xml"
N_TRIPLES: Final = "application/n-triples"
_GRAPHS: Final = {
    N_TRIPLES: RdfFormat.N_TRIPLES,
    "text/plain": RdfFormat.N_TRIPLES,
    "text/turtle": RdfFormat.TURTLE,
}
_VIRTUOSO_ASK: Final = "__ASK_RETVAL"
_BATCH: Final = 500
_QUEUE: Final = 8
_END: Final = b""

Check = Callable[[], None]
LabelsOf = Callable[[list[Any]], Labels]
"""Returns what gives the labels of the terms of some rows."""


class _Ended(Exception):
    """Nobody reads the answer any more."""


class _File:
    """A file over an iterator of octets, for parsers that read."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next octets, at most ``size``: pyoxigraph ends the process where it gets more."""
        if not self._rest:
            self._rest = next(self._parts, b"")
        part, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return part


class RemoteAnswer(Answer):
    """One answer; its exchange and its place among the queries are given back by ``close`` or by its end.

    Args:
        exchange: What the server answers.
        job: What is wanted of it.
        check: Raises QueryFailed where the server was loaded anew meanwhile.
        done: Called once when the answer is over.
    """

    def __init__(self, exchange: Exchange, job: Job, check: Check, done: Callable[[], None]) -> None:
        self._exchange = exchange
        self._left = job.max_bytes
        self._limit = job.max_bytes
        self._check = check
        self._done: Callable[[], None] | None = done
        self._first: bytes | None = None
        self._buffer = bytearray()
        self._ended = False

    def start(self) -> None:
        """Wait for the first octets, so that an error still gets its status line. Raises QueryFailed."""
        try:
            self._first = self._next()
        except BaseException:
            self.close()
            raise

    def __next__(self) -> bytes:
        part, self._first = self._first, None
        part = self._next() if part is None else part
        if not part:
            self.close()
            raise StopIteration
        return part

    def _next(self) -> bytes:
        """Return a full frame, at the end what is left, once it is known to be right, then nothing."""
        while len(self._buffer) < FRAME and not self._ended:
            part = self._read()
            self._left -= len(part)
            if self._left < 0:
                raise QueryFailed("size", f"The answer has more than {self._limit} octets.")
            self._buffer += part
            if not part:
                self._ended = True
                self._check()
        frame = bytes(self._buffer[:FRAME])
        del self._buffer[:FRAME]
        return frame

    @abstractmethod
    def _read(self) -> bytes:
        """Return the next octets, nothing at the end. Raises QueryFailed where the server breaks off."""

    def close(self) -> None:
        """Give the connection and the place back. May be called again."""
        self._exchange.close()
        done, self._done = self._done, None
        if done is not None:
            done()


class Passed(RemoteAnswer):
    """An answer whose octets are those of the server."""

    def __init__(self, exchange: Exchange, job: Job, check: Check, done: Callable[[], None]) -> None:
        super().__init__(exchange, job, check, done)
        self.media_type = job.media_type

    def _read(self) -> bytes:
        try:
            return self._exchange.read()
        except ServerFailed as error:
            raise broken(error) from error


class Written(RemoteAnswer):
    """An answer written here, by a thread that is never further ahead than some frames."""

    def __init__(self, exchange: Exchange, job: Job, check: Check, done: Callable[[], None], write: "Writer") -> None:
        super().__init__(exchange, job, check, done)
        self.media_type = write.media_type
        self._parts: queue.Queue[bytes | QueryFailed] = queue.Queue(_QUEUE)
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(write,), daemon=True)
        self._thread.start()

    def _work(self, write: "Writer") -> None:
        try:
            write(self._exchange, cast(IO[bytes], _Pipe(self._put)))
            self._put(_END)
        except _Ended:
            return
        except ServerFailed as error:
            self._fail(broken(error))
        except (SyntaxError, ValueError, OSError) as error:
            self._fail(self._unreadable(error))
        except QueryFailed as error:  # a new one: a traceback holds what only this thread may let go of
            self._fail(QueryFailed(error.kind, str(error)))

    def _unreadable(self, error: Exception) -> QueryFailed:
        """Return what is told of an answer that is not what it should be, after a look at how it ends."""
        try:
            for _ in range(_QUEUE):
                if not self._exchange.read():
                    break
        except ServerFailed as failed:
            return broken(failed)
        return QueryFailed("failed", f"The server's answer cannot be read: {error}")

    def _fail(self, error: QueryFailed) -> None:
        try:
            self._put(error)
        except _Ended:
            return

    def _put(self, part: bytes | QueryFailed) -> None:
        while not self._gone.is_set():
            try:
                self._parts.put(part, timeout=0.2)
            except queue.Full:
                continue
            return
        raise _Ended

    def _read(self) -> bytes:
        part = self._parts.get()
        if isinstance(part, QueryFailed):
            raise part
        return part

    def close(self) -> None:
        """End the thread too."""
        self._gone.set()
        super().close()


class _Pipe:
    """A file that hands on what is written to it in larger pieces."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self._size += len(data)
        if self._size >= FRAME // 2:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._size >= FRAME // 2:
            self.send()

    def send(self) -> None:
        if self._parts:
            self._put(b"".join(self._parts))
        self._parts, self._size = [], 0


def broken(error: ServerFailed) -> QueryFailed:
    """Return what is told of an answer that broke off; the address stays in the cause, for the log."""
    if error.late:
        return QueryFailed("time", "The query was stopped: its time is used up. Ask for less, or add a LIMIT.")
    return QueryFailed("died", "The answer broke off before its end. Ask again in some seconds.")


class Writer:
    """Writes what the server answers in the form of a job.

    Args:
        job: What is wanted.
        form: The form of the query.
        labels: Gives the labels of rows; None where none are wanted.
    """

    def __init__(self, job: Job, form: str, labels: LabelsOf | None) -> None:
        self._job = job
        self._is_graph = form in ("CONSTRUCT", "DESCRIBE")
        self._is_ask = form == "ASK"
        self._labels = labels
        own = job.media_type in (TABLE, RECORDS)
        self.media_type = job.rdf_media_type if self._is_graph and not own else job.media_type

    def __call__(self, exchange: Exchange, out: IO[bytes]) -> None:
        """Read the whole answer and write it. Raises ServerFailed, SyntaxError, OSError."""
        if self._is_graph:
            quads = parse(cast(IO[bytes], exchange), _GRAPHS[exchange.media_type])
            if self._job.media_type in (TABLE, RECORDS):
                self._own(["subject", "predicate", "object"], (quad.triple for quad in quads), out)
            else:
                stream(quads, out, self._job.rdf_media_type)
        else:
            self._results(parse_query_results(cast(IO[bytes], exchange), QueryResultsFormat.JSON), out)
        cast(_Pipe, out).send()

    def _results(self, found: QuerySolutions | QueryBoolean, out: IO[bytes]) -> None:
        if self._is_ask and isinstance(found, QuerySolutions):
            found = _virtuoso_ask(found)
        if self._job.media_type not in (TABLE, RECORDS):
            found.serialize(out, QueryResultsFormat.from_media_type(self._job.media_type))
        elif self._labels is not None and isinstance(found, QuerySolutions):
            self._own([variable.value for variable in found.variables], found, out)
        else:
            self._tabled(found, None, out)

    def _own(self, columns: list[str], rows: Iterable[Any], out: IO[bytes]) -> None:
        """Write rows that come from elsewhere than a result, or whose labels must be fetched before they are shown."""
        labels: list[Labels] = []
        if self._job.media_type == TABLE:
            rows = islice(rows, self._job.max_rows + 1)
        parts = _as_json(columns, iter(rows), self._labels, labels)
        found = parse_query_results(cast(IO[bytes], _File(parts)), QueryResultsFormat.JSON)
        self._tabled(found, labels[0] if labels else None, out)

    def _tabled(self, found: QuerySolutions | QueryBoolean, labels: Labels | None, out: IO[bytes]) -> None:
        if self._job.media_type == TABLE:
            out.write(tables.table(found, self._job.max_rows, labels))
        else:
            tables.records(found, labels, out.write)


def _virtuoso_ask(found: QuerySolutions) -> QueryBoolean:
    """Return the truth of an ASK, which Virtuoso 7.2 answers as a row of 1 (or 0, or no row) where JSON is asked."""
    row = next(found, None)
    true = row is not None and [variable.value for variable in found.variables] == [_VIRTUOSO_ASK] and row[0] == _ONE
    return cast(QueryBoolean, parse_query_results(json.dumps({"head": {}, "boolean": true}), QueryResultsFormat.JSON))


_ONE: Final = Literal(1)


def _as_json(columns: list[str], rows: Iterator[Any], labels: LabelsOf | None, made: list[Labels]) -> Iterator[bytes]:
    """Yield rows as SPARQL 1.1 Query Results JSON, a batch at a time, the labels of each batch fetched before it.

    The head comes with the first batch, so that ``made`` has its labels before a reader sees the first row.
    """
    before = json.dumps({"head": {"vars": columns}})[:-1] + ', "results": {"bindings": ['
    while batch := list(islice(rows, _BATCH)):
        if labels is not None:
            found = labels([term for row in batch for term in row])
            made[:] = made or [found]
        for row in batch:
            pairs = {name: _json(term) for name, term in zip(columns, row, strict=True) if term is not None}
            yield (before + json.dumps(pairs)).encode()
            before = ","
    yield (("" if before == "," else before) + "]}}").encode()


def _json(term: Any) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if not isinstance(term, Literal):
        return {"type": "literal", "value": str(term)}
    tag = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
    return {"type": "literal", "value": term.value, **tag}


def accept(job: Job, form: str, software: str) -> str:
    """Return the media type to ask the server for."""
    if form in ("CONSTRUCT", "DESCRIBE"):
        return N_TRIPLES
    # Virtuoso writes typed literals in the JSON of a draft, and an ASK as a row.
    return job.media_type if job.media_type in (JSON, XML) and not software.startswith("Virtuoso") else JSON


def readable(form: str, media_type: str) -> bool:
    """Tell whether an answer of a media type can be read for a form of query."""
    return media_type in (_GRAPHS if form in ("CONSTRUCT", "DESCRIBE") else (JSON, "application/json", XML))
