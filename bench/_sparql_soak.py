"""The clients of ``bench/soak.py``, and the truth that their answers are held against.

A client asks one of a fixed set of queries of one server, in its own manner: quickly, slowly, breaking off, with the
ETag of its last answer, of an older snapshot. Every whole answer names its snapshot (``X-Maillon-Snapshot``) and is
compared with the answer of that snapshot's store, opened by pyoxigraph apart from the server; answers to snapshots
whose truth is not known yet wait for it.
"""

import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import quote

from pyoxigraph import QueryResultsFormat, QueryTriples, Store

from bench import _sparql_mix as mix
from maillon.vocabulary import PREFIXES

MARKER: Final = "SELECT ?v { ?d dcat:version ?v }"
TITLES: Final = "SELECT ?d ?t { ?d dct:title ?t }"
ALLOWED: Final = {200, 304, 429, 503, 504}
Rows = Counter[tuple[str, ...]]


def queries() -> dict[str, list[str]]:
    """Return the queries by manner of asking."""
    cheap = [query for number in range(0, 500, 25) for name, query in mix.small(number).items() if "ask" not in name]
    return {"cheap": [MARKER, *cheap], "analytic": list(mix.MIX.values()), "large": [TITLES]}


class Truth:
    """The right answers, by snapshot and query, and the answers that wait to be compared.

    Attributes:
        wrong: What was answered wrongly, as text.
        compared: Number of answers compared.
    """

    def __init__(self) -> None:
        self._known: dict[int, dict[str, Rows]] = {}
        self._revisions: dict[int, int] = {}
        self._waiting: list[tuple[int, str, bytes]] = []
        self._lock = threading.Lock()
        self.wrong: list[str] = []
        self.compared = 0

    def learn(self, number: int, folder: Path, revision: int) -> None:
        """Work out the answers of a snapshot that was just published with a revision of the source."""
        store, known = Store.read_only(str(folder / "store")), {}
        for query in {text for texts in queries().values() for text in texts}:
            found = store.query(query, prefixes=PREFIXES)
            assert not isinstance(found, QueryTriples)
            known[query] = mix.rows(found.serialize(format=QueryResultsFormat.CSV) or b"")
        if list(known[MARKER]) != [(str(revision),)]:
            self.wrong.append(f"snapshot {number} holds {list(known[MARKER])}, not revision {revision}")
        with self._lock:
            self._known[number] = known
            self._revisions[number] = revision

    def newest(self, count: int) -> list[int]:
        """Return the numbers of the snapshots known last."""
        with self._lock:
            return sorted(self._known)[-count:]

    def told(self, number: int, query: str, body: bytes) -> None:
        """Take note of an answer."""
        with self._lock:
            self._waiting.append((number, query, body))

    def compare(self) -> None:
        """Compare what can be compared."""
        with self._lock:
            ready = [item for item in self._waiting if item[0] in self._known]
            self._waiting = [item for item in self._waiting if item[0] not in self._known]
        for number, query, body in ready:
            self.compared += 1
            if mix.rows(body) != self._known[number][query]:
                self._note(number, query, mix.rows(body))

    def _note(self, number: int, query: str, got: Rows) -> None:
        """Take note of a wrong answer, and say so at once: an hour is long."""
        other = [n for n, known in self._known.items() if known.get(query) == got]
        right = self._known[number][query]
        text = f"snapshot {number}, right for {other}: {query[-200:]!r}: {got.total()} rows for {right.total()}, "
        text += f"missing {list((right - got).items())[:3]}, too many {list((got - right).items())[:3]}"
        self.wrong.append(text)
        print(f"    WRONG {text}", flush=True)

    def unknown(self) -> int:
        """Return the number of answers to snapshots that were never learnt."""
        return len(self._waiting)


@dataclass
class Counts:
    """What became of requests: by manner and status; those without a status; answers that broke off."""

    statuses: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


class Clients:
    """Threads that ask until they are told to stop."""

    MANNERS: Final = {
        "cheap": 8.0, "analytic": 3.0, "conditional": 4.0, "pinned": 2.0, "large": 0.7, "slow": 0.3, "leaving": 1.0,
    }  # fmt: skip
    """Requests a second, by manner."""

    def __init__(self, port: int, truth: Truth, rate: float, seed: int) -> None:
        self._port, self._truth, self._rate = port, truth, rate
        self._queries = queries()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._tags: dict[str, tuple[str, str]] = {}
        self.counts = Counts()
        self._threads = [
            threading.Thread(target=self._run, args=(manner, Random(f"{seed} {manner}")), daemon=True)
            for manner in self.MANNERS
        ]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop asking, after the answers under way."""
        self._ended.set()
        for thread in self._threads:
            thread.join(120)

    def _run(self, manner: str, random: Random) -> None:
        while not self._ended.wait(random.expovariate(self.MANNERS[manner] * self._rate)):
            kind = {"slow": "large", "leaving": "large", "conditional": "cheap", "pinned": "cheap"}.get(manner, manner)
            query = random.choice(self._queries[kind])
            try:
                self._ask(manner, query, random)
            except (OSError, http.client.HTTPException) as error:
                with self._lock:
                    self.counts.lost.append(f"{manner}: {type(error).__name__} {error}: {query[-80:]!r}")

    def _ask(self, manner: str, query: str, random: Random) -> None:
        path, headers, pinned = f"/sparql?query={quote(query)}", {"Accept": "text/csv"}, 0
        if manner == "pinned" and (known := self._truth.newest(2)):
            pinned = random.choice(known)
            path += f"&snapshot={pinned}"
        if manner == "conditional" and query in self._tags:
            headers["If-None-Match"] = self._tags[query][0]
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            connection.request("GET", path, headers=headers)
            reply = connection.getresponse()
            body = self._read(manner, reply)
        finally:
            connection.close()
        self._judge(manner, query, reply, body, pinned)

    def _read(self, manner: str, reply: http.client.HTTPResponse) -> bytes | None:
        """Read the body as the manner is; None where it is not whole."""
        try:
            if manner == "leaving":
                reply.read(1000)
                return None
            if manner == "slow":
                parts = []
                while part := reply.read(20_000):
                    parts.append(part)
                    time.sleep(0.2)
                return b"".join(parts)
            return reply.read()
        except (http.client.IncompleteRead, ConnectionResetError):
            return None

    def _judge(self, manner: str, query: str, reply: http.client.HTTPResponse, body: bytes | None, pinned: int) -> None:
        status, number = reply.status, int(reply.headers.get("X-Maillon-Snapshot") or 0)
        with self._lock:
            self.counts.statuses[f"{manner} {status}{'' if body is not None else ' cut'}"] += 1
            if status not in ALLOWED and not (pinned and status in (404, 410)):
                self.counts.odd.append(f"{manner} {status}: {(body or b'')[:150]!r}")
            if pinned and status == 200 and number != pinned:
                self.counts.odd.append(f"asked for snapshot {pinned}, got {number}")
            if status == 304 and self._tags[query][1] != str(number or self._tags[query][1]):
                self.counts.odd.append(
                    f"304 for the answer of snapshot {self._tags[query][1]} while {number} is served"
                )
            if status == 200 and not pinned and (tag := reply.headers.get("ETag")):
                self._tags[query] = tag, str(number)
        if status == 200 and body is not None:
            self._truth.told(number, query, body)
