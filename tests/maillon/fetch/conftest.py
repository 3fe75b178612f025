"""Loopback servers, and fetchers over temporary folders."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from maillon.fetch import Fetcher
from maillon.settings import Settings
from maillon.sources import Source

Route = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A real HTTP server on 127.0.0.1; ``routes`` by path, ``seen`` lists each request's path and headers."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.seen.append((self.path, {key.lower(): value for key, value in self.headers.items()}))
                try:
                    outer.routes.get(self.path.partition("?")[0], answer(404))(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def add(self, path: str, status: int = 200, body: bytes = b"", **headers: str) -> str:
        """Answer a path so; underscores in header names stand for hyphens. Return its address."""
        self.routes[path] = answer(status, body, **headers)
        return self.base + path

    def stop(self) -> None:
        """Stop it and free its port."""
        self._server.shutdown()
        self._server.server_close()


def answer(status: int, body: bytes = b"", **headers: str) -> Route:
    """Return a route that sends one whole answer."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return send


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Fetcher]:
    """Return a maker of fetchers: ``make(url, run="r1", replay=None, settings={}, **source)``."""

    def build(
        url: str, run: str = "r1", replay: str | None = None, settings: dict[str, Any] | None = None, **source: Any
    ) -> Fetcher:
        values = {"name": "s", "kind": "dcat", "allow_hosts": ("127.0.0.1",), **source}
        return Fetcher(
            Source(url=url, **values),
            Settings(data=tmp_path / "data", base_iri="https://cat.example/", **(settings or {})),
            tmp_path / "runs" / run,
            tmp_path / "runs" / replay if replay else None,
        )

    return build


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less between attempts; what a server asks for is still waited."""
    monkeypatch.setattr("maillon.fetch.http.FIRST_WAIT", 0.02)
