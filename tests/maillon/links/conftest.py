"""A real web server on loopback, and what looks at it."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from maillon.fetch.probing import Prober

Route = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A real web server on loopback: routes by method and path; ``seen`` lists methods and paths."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], Route] = {}
        self.seen: list[tuple[str, str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                outer.seen.append((self.command, self.path, self.headers.get("Range", "")))
                default = outer.routes.get(("*", self.path), reply(404))
                outer.routes.get((self.command, self.path), default)(self)

            do_GET = _serve  # noqa: N815 - the name that http.server looks for
            do_HEAD = _serve  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def add(self, path: str, route: Route, method: str = "*") -> str:
        self.routes[method, path] = route
        return self.base + path

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def reply(status: int, body: bytes = b"", **headers: str) -> Route:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(body)

    return send


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    yield running
    running.stop()


@pytest.fixture
def make_prober(tmp_path: Path) -> Callable[..., Prober]:
    def make(seconds: float = 2.0, rate: float = 0.0, allow: tuple[str, ...] = ("127.0.0.1",)) -> Prober:
        return Prober(tmp_path, "https://data.example.org/", seconds, rate, allow)

    return make
