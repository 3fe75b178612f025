"""A small portal on the loopback interface, for tests that go the whole way over HTTP."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Portal:
    """Answers by path, or by path with query: ``portal.gives("/data.json", body)``; everything else is a 404."""

    base: str = ""
    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def gives(self, path: str, body: str | bytes, media_type: str = "application/json", status: int = 200) -> str:
        """Answer a path so; return its address."""
        self.pages[path] = (status, media_type, body.encode() if isinstance(body, str) else body)
        return self.base + path


@pytest.fixture
def portal() -> Iterator[Portal]:
    """Give a portal that answers nothing yet."""
    running = Portal()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            running.asked.append(self.path)
            found = running.pages.get(self.path) or running.pages.get(self.path.partition("?")[0])
            status, media_type, body = found or (404, "text/plain", b"nothing")
            self.send_response(status)
            self.send_header("Location" if status in {301, 302} else "Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running.base = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield running
    server.shutdown()
    server.server_close()
