"""Answer SPARQL queries with a remote SPARQL 1.1 server that publishing has loaded: the engine beyond one machine.

Takes the place of the query workers (``maillon.sparql.workers.pool``) where the setting ``store_kind`` is ``sparql``.
Which of the two sides of the server holds a snapshot is read from the mark that its load left there; the mark is read
again before the last octets of every answer, so an answer is of one snapshot or breaks off. What the server says of
itself, and where it is, goes to the log and never to the public.
"""

import json
import logging
import math
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, Quad, Store

from maillon.errors import SnapshotError
from maillon.settings import Settings
from maillon.sparql.jobs import Answer, Job, QueryFailed
from maillon.sparql.labels import PREDICATES as LABEL_PREDICATES
from maillon.sparql.labels import Labels
from maillon.sparql.remote import answer as remote_answer
from maillon.sparql.remote import marker as remote_marker
from maillon.sparql.remote import text as remote_text
from maillon.sparql.remote.answer import LabelsOf, Passed, RemoteAnswer, Writer, Written
from maillon.sparql.remote.http import FUSEKI, Exchange, Server, ServerFailed, Side
from maillon.sparql.remote.marker import Held, Names
from maillon.sparql.remote.text import Prepared
from maillon.sparql.workers.pool import Running
from maillon.store import snapshots

TRUSTED: Final = 1.0
"""Seconds for which a mark that was read is believed at the beginning of an answer; at its end it is always read."""
_LABELS: Final = 200
_SHOWN: Final = 4096
_SYNTAX: Final = re.compile(r"(?:at (?:line )?(\d+):(\d+)|line:? ?(\d+)(?:, ?column:? ?(\d+))?)", re.IGNORECASE)
_NEAR: Final = re.compile(r"(?:syntax error|expected [^.]{1,80}?|error) (at|before|near) '([^'\n]{1,40})'")
_TIME_WORDS: Final = ("timed out", "timeout", "estimated execution time", "cancelled")
_log = logging.getLogger(__name__)


class _Place:
    """Where a snapshot is: the side, what it holds, and when that was last seen there."""

    def __init__(self, folder: Path) -> None:
        manifest = snapshots.read_manifest(folder)
        self.mark = remote_marker.mark(manifest)
        self.names = Names(manifest.base_iri)
        self.graphs = tuple(iri for iri in remote_marker.graphs(folder) if iri != self.names.public)
        self.side: Side | None = None
        self.software = ""
        self.seen = 0.0


class RemoteEngine:
    """The remote server, for the queries of one process.

    Args:
        settings: The settings in force.

    Raises:
        SettingsError: An address of the server cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        most = settings.query_workers + settings.query_long
        self._server = Server(settings, 2 * most)
        self._free = threading.BoundedSemaphore(most)
        self._places: dict[Path, _Place] = {}
        self._running: dict[int, tuple[str, float]] = {}
        self._exchanges: dict[int, Exchange] = {}
        self._lock = threading.Lock()
        self._closed = False

    def query(self, folder: Path, job: Job) -> Answer:
        """Start a query and wait for its first octets.

        Args:
            folder: Folder of the snapshot that is asked.
            job: The query.

        Raises:
            QueryFailed: The query is wrong, used up a budget, or the server could not answer it.
        """
        end = time.monotonic() + min(job.seconds or self._settings.query_timeout, self._settings.query_timeout)
        if self._closed or not self._free.acquire(timeout=self._settings.query_queue):
            raise QueryFailed("busy", "All places for queries are taken. Try again in some seconds.")
        number = self._begun(job.query)
        try:
            return self._asked(folder, job, end, number)
        except (SnapshotError, ServerFailed) as error:
            self._over(number)
            raise self._explained(error) from error
        except BaseException:
            self._over(number)
            raise

    def running(self) -> list[Running]:
        """Return the queries of this process that are being answered, the oldest first; their number is no process."""
        now = time.monotonic()
        with self._lock:
            found = [(number, now - since, text) for number, (text, since) in self._running.items()]
        quick = self._settings.query_quick
        return [
            Running(
                pid=number, lane="quick" if seconds < quick else "long", seconds=seconds, memory=0, query=text[:_SHOWN]
            )
            for number, seconds, text in found
        ]

    def stop(self, pid: int) -> bool:
        """Break off an answer by its number; False where the server has not begun to answer, or no longer answers."""
        with self._lock:
            exchange = self._exchanges.get(pid)
        if exchange is not None:
            exchange.expire()
        return exchange is not None

    def close(self) -> None:
        """Refuse later queries and close all connections."""
        self._closed = True
        self._server.close()

    def _begun(self, text: str) -> int:
        with self._lock:
            number = max(self._running, default=0) + 1
            self._running[number] = (text, time.monotonic())
            return number

    def _over(self, number: int) -> None:
        """Free the place of a query, once however often it is said."""
        with self._lock:
            known = self._running.pop(number, None)
            self._exchanges.pop(number, None)
        if known is not None:
            self._free.release()

    def _asked(self, folder: Path, job: Job, end: float, number: int) -> Answer:
        place = self._place(folder)
        query = remote_text.prepared(job, place.names.public, place.graphs)
        side = self._side(place)
        accept = remote_answer.accept(job, query.form, place.software)
        exchange = self._sent(side, place, query, accept, end)
        with self._lock:
            self._exchanges[number] = exchange
        try:
            answer = self._answer(exchange, job, query, place, lambda: self._over(number))
        except BaseException:
            exchange.close()
            raise
        answer.start()
        return answer

    def _answer(
        self, exchange: Exchange, job: Job, query: Prepared, place: _Place, done: Callable[[], None]
    ) -> RemoteAnswer:
        if not remote_answer.readable(query.form, exchange.media_type):
            raise ServerFailed(f"A query for results was answered with {exchange.media_type or 'no media type'}.", 200)
        job = _limited(job, self._settings.query_max_bytes)

        def check() -> None:
            self._check(place)

        if exchange.media_type == job.media_type and not place.software.startswith("Virtuoso"):
            return Passed(exchange, job, check, done)
        labels = self._labels(place, job.labels) if job.labels else None
        return Written(exchange, job, check, done, Writer(job, query.form, labels))

    def _sent(self, side: Side, place: _Place, query: Prepared, accept: str, end: float) -> Exchange:
        seconds = max(end - time.monotonic(), 0.01)
        fields = query.fields
        # These go on for nobody otherwise. Virtuoso takes a second at least; Fuseki counts whole ones, and is given one
        # more, because our end of an answer is the clearer one.
        if place.software.startswith("Virtuoso"):
            fields.append(("timeout", str(max(int(seconds * 1000), 1000))))
        elif place.software == FUSEKI:
            fields.append(("timeout", str(math.ceil(seconds) + 1)))
        exchange = self._server.query(side, fields, accept, seconds)
        if "x-sql-state" in exchange.headers:  # rows of a part of the data, sent with 200
            exchange.close()
            raise ServerFailed(f"{side.query_url} stopped a query.", 200, late=True)
        if "x-sparql-maxrows" in exchange.headers:
            exchange.close()
            raise ServerFailed(
                f"{side.query_url} cuts answers silently: take ResultSetMaxRows out of virtuoso.ini.", 200
            )
        return exchange

    def _place(self, folder: Path) -> _Place:
        with self._lock:
            place = self._places.get(folder)
        if place is None:
            place = _Place(folder)
            with self._lock:
                self._places = {**dict(list(self._places.items())[-3:]), folder: place}
        return place

    def _side(self, place: _Place) -> Side:
        """Return the side that holds a snapshot. Raises ServerFailed, QueryFailed."""
        if place.side is not None and time.monotonic() - place.seen < TRUSTED:
            return place.side
        known = [place.side] if place.side is not None else []
        for side in [*known, *(side for side in self._server.sides if side not in known)]:
            found = self._held(side, place)
            if found.mark == place.mark:
                place.side, place.software, place.seen = side, found.software, time.monotonic()
                return side
        place.side = None
        raise QueryFailed(
            "busy", "The server does not hold this version of the catalogue (any more). Ask for the newest one."
        )

    def _held(self, side: Side, place: _Place) -> Held:
        try:
            return remote_marker.held(self._server, side, place.names)
        except ServerFailed as error:
            # One side may be down while the other serves; if neither holds it, the operator finds both in the log.
            _log.warning("%s", error)
            return Held("", (), "")

    def _check(self, place: _Place) -> None:
        """Raise QueryFailed where the side of a snapshot no longer holds it, so that an answer may mix two."""
        side = place.side
        if side is None or self._held(side, place).mark != place.mark:
            raise QueryFailed("busy", "The catalogue was published anew meanwhile. Ask again.")
        place.seen = time.monotonic()

    def _labels(self, place: _Place, language: str) -> LabelsOf:
        """Return what fetches the labels of terms into a small store in memory, a batch of IRIs at a time."""
        store = Store()
        labels = Labels(store, language)
        asked: set[NamedNode] = set()

        def of(terms: list[Any]) -> Labels:
            new = {term for term in terms if isinstance(term, NamedNode)} - asked
            asked.update(new)
            iris = [str(term) for term in new]
            for start in range(0, len(iris), _LABELS):
                store.extend(self._label_triples(place, iris[start : start + _LABELS]))
            return labels

        return of

    def _label_triples(self, place: _Place, iris: list[str]) -> list[Quad]:
        predicates = " ".join(str(predicate) for predicate in LABEL_PREDICATES)
        query = (
            f"SELECT ?s ?p ?o WHERE {{ GRAPH <{place.names.public}> {{ VALUES ?s {{ {' '.join(iris)} }} "
            f"VALUES ?p {{ {predicates} }} ?s ?p ?o }} }}"
        )
        side = place.side or self._side(place)
        rows, _ = remote_marker.rows(self._server, side, query, self._settings.query_timeout)
        return [Quad(row["s"], row["p"], row["o"]) for row in rows]

    def _explained(self, error: SnapshotError | ServerFailed) -> QueryFailed:
        """Return what the public is told of a failure; the whole of it goes to the log."""
        if not isinstance(error, ServerFailed):
            return QueryFailed("failed", str(error))
        if error.status == 400 and error.said:
            return QueryFailed("syntax", _syntax(error.said))
        _log.warning("%s", error)
        if error.late or (error.status >= 500 and any(word in error.said.lower() for word in _TIME_WORDS)):
            return QueryFailed("time", "The query was stopped: its time is used up. Ask for less, or add a LIMIT.")
        if error.status in (429, 502, 503, 504):
            return QueryFailed("busy", "The server is busy now. Try again in some seconds.")
        return QueryFailed("failed", "The SPARQL server could not answer; the log of this process says why.")


def _limited(job: Job, octets: int) -> Job:
    return job if job.max_bytes <= octets else _replaced(job, octets)


def _replaced(job: Job, octets: int) -> Job:
    values = {name: getattr(job, name) for name in Job.__slots__} | {"max_bytes": octets}
    return Job(**values)


def _syntax(said: str) -> str:
    """Return where a server sees the error, in our words: its own may name its addresses, files and versions."""
    near, place = _NEAR.search(said), _SYNTAX.search(said)
    numbers = [number for number in place.groups() if number] if place else []
    where = ", ".join(f"{name} {number}" for name, number in zip(("line", "column"), numbers, strict=False))
    text = "The query is not SPARQL as the server understands it" + (f", {where}" if where else "")
    return text + (f", {near[1]} “{json.dumps(near[2], ensure_ascii=False)[1:-1]}”." if near else ".")
