"""A real endpoint on 127.0.0.1: a pyoxigraph store behind HTTP, with the faults that public endpoints have."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Store, serialize

from harvesters import sparql
from maillon.fetch import Fetcher
from maillon.records import Record
from maillon.settings import Settings
from maillon.sources import Source

Change = Callable[[str, str, bytes], tuple[str, bytes]]


def _same(query: str, media_type: str, body: bytes) -> tuple[str, bytes]:
    return media_type, body


class Endpoint:
    """A SPARQL endpoint.

    Attributes:
        store: What it knows.
        queries: What it was asked, in order.
        lengths: Characters of each request's target.
        most: Rows it gives at most, without a word; 0 for no limit.
        change: What it makes of an answer: (query, media type, body) to (media type, body).
        before: Called with each query before it is answered.
    """

    def __init__(self) -> None:
        self.store = Store()
        self.queries: list[str] = []
        self.accepted: list[str] = []
        self.lengths: list[int] = []
        self.most = 0
        self.change: Change = _same
        self.before: Callable[[str], None] = lambda query: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parameters = parse_qs(urlsplit(self.path).query)
                outer.queries.append(parameters["query"][0])
                outer.accepted.append(self.headers["Accept"])
                outer.lengths.append(len(self.path))
                media_type, body = outer.answer(parameters["query"][0])
                self.send_response(200)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/sparql"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def load(self, text: str) -> None:
        self.store.load(text.encode(), RdfFormat.TRIG)

    def answer(self, query: str) -> tuple[str, bytes]:
        self.before(query)
        results = self.store.query(query)
        if isinstance(results, QueryTriples):
            triples = list(results)[: self.most or None]
            body = serialize(triples, format=RdfFormat.TURTLE)
            return self.change(query, "text/turtle", body or b"")
        assert isinstance(results, QuerySolutions)
        body = results.serialize(format=QueryResultsFormat.JSON)
        return self.change(query, "application/sparql-results+json", body or b"")

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    running = Endpoint()
    yield running
    running.stop()


@pytest.fixture
def harvest(endpoint: Endpoint, tmp_path: Path) -> Callable[..., list[Record]]:
    """Return what harvests the endpoint with the real fetcher: ``harvest(page_size=..., options=...)``."""

    def run(**keys: Any) -> list[Record]:
        values = {"name": "s", "kind": "sparql", "url": endpoint.url, "rate": 0.0, **keys}
        source = Source(**{"allow_hosts": ("127.0.0.1",), **values})
        settings = Settings(data=tmp_path / "data", base_iri="https://cat.example/")
        with Fetcher(source, settings, tmp_path / "runs" / str(len(endpoint.queries))) as fetch:
            return list(sparql.records(source, fetch))

    return run
