"""Asks cheap things of a server, one every 50 ms, until its standard input ends, and prints how long they took.

    python bench/_sparql_probe.py http://127.0.0.1:8000/ < pipe

In turn: an ASK and a small SELECT, never the same twice so that no cache answers, and the page of a dataset (of the
list where none has one). Prints one JSON object: asked, bad (answers that were not 200, by status), p50, p99 and most,
in milliseconds, by what was asked. It is a process of its own, so that those who load the server do not slow its clock.
"""

import http.client
import json
import select
import sys
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import quote, urlsplit

EVERY: Final = 0.05
_FIND: Final = "SELECT ?d { ?d a dcat:Dataset } LIMIT 1"
_HTML: Final = "text/html"
_JSON: Final = "application/sparql-results+json"


class Probe:
    """Measures one server."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._lock = threading.Lock()
        self._times: dict[str, list[float]] = defaultdict(list)
        self._bad: Counter[str] = Counter()
        self._page = self._find()

    def _get(self, path: str, accept: str) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=60)
        try:
            connection.request("GET", path, headers={"Accept": accept})
            reply = connection.getresponse()
            return reply.status, reply.headers.get("Location", ""), reply.read()
        finally:
            connection.close()

    def _find(self) -> str:
        """Return the path of the page of a dataset, empty where there is none or the server is not ready."""
        answer, _, body = self._get(f"/sparql?query={quote(_FIND)}", _JSON)
        found = json.loads(body)["results"]["bindings"] if answer == 200 else []
        path = urlsplit(found[0]["d"]["value"]).path if found else ""
        for _ in range(3):
            status, location, _ = self._get(path, _HTML) if path else (0, "", b"")
            if status not in (302, 303, 307, 308):
                return path if status == 200 else ""
            path = urlsplit(location).path
        return path

    def ask(self, number: int) -> None:
        """Ask one thing and note what it took, its wait for a thread included."""
        began = time.perf_counter()
        subject = f"<urn:probe:{time.time_ns()}-{number}>"
        name, path, accept = (
            ("ask", f"/sparql?query={quote(f'ASK {{ {subject} a dcat:Dataset }}')}", _JSON),
            ("select", f"/sparql?query={quote(f'SELECT ?o {{ {subject} dct:title ?o }} LIMIT 5')}", _JSON),
            ("page", self._page or "/fr/datasets", _HTML),
        )[number % 3]
        try:
            status: int | str = self._get(path, accept)[0]
        except (OSError, http.client.HTTPException) as error:
            status = type(error).__name__
        took = time.perf_counter() - began
        with self._lock:
            if status == 200:
                self._times[name].append(took * 1000)
            else:
                self._bad[f"{name} {status}"] += 1

    def result(self) -> dict[str, object]:
        """Return what is printed."""
        everything = [value for values in self._times.values() for value in values]
        named = {**self._times, "all": everything}
        return {
            "asked": len(everything) + self._bad.total(),
            "bad": dict(self._bad),
            **{
                key: {name: quantile(values, share) for name, values in named.items()}
                for key, share in (("p50", 0.5), ("p99", 0.99), ("most", 1.0))
            },
        }


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def main() -> None:
    """Probe until the end of standard input."""
    probe = Probe(sys.argv[1])
    number, due = 0, time.monotonic()
    with ThreadPoolExecutor(16) as threads:
        while not select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
            threads.submit(probe.ask, number)
            number, due = number + 1, max(due + EVERY, time.monotonic() - 1)
    print(json.dumps(probe.result()))


if __name__ == "__main__":
    main()
