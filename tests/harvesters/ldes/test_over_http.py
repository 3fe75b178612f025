"""An event stream on a real server, read with the real fetcher: relations, a page that is gone, the next run."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harvesters import ldes
from maillon.errors import SourceUnavailable
from maillon.fetch import Fetcher
from maillon.records import Bookmark, Deleted, Described, Rejected
from maillon.settings import Settings
from maillon.sources import Source

PREFIXES = """@prefix as: <https://www.w3.org/ns/activitystreams#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix tree: <https://w3id.org/tree#> . @prefix ldes: <https://w3id.org/ldes#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://data.example.org/> .
"""
ROOT = "<#s> a ldes:EventStream ; ldes:timestampPath as:published ; ldes:versionOfPath as:object ; tree:view <> .\n"
MEMBER = """ex:e{0} a as:{1} ; as:object ex:{2} ; as:published "2026-01-0{0}T00:00:00Z"^^xsd:dateTime .
ex:e{0} {{ ex:{2} a dcat:Dataset ; dct:title "{2}" . }}
"""


class Site:
    """Pages by path; a status instead of a text is answered so."""

    def __init__(self) -> None:
        self.pages: dict[str, str | int] = {}
        self.asked: list[str] = []
        self.immutable: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                page = outer.pages.get(self.path, 404)
                body = (PREFIXES + page).encode() if isinstance(page, str) else b""
                self.send_response(page if isinstance(page, int) else 200)
                self.send_header("Content-Type", "application/trig")
                if self.path in outer.immutable:
                    self.send_header("Cache-Control", "public, max-age=604800, immutable")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    yield running
    running.stop()


def harvest(site: Site, folder: Path, run: str, bookmark: str = "") -> list[Any]:
    source = Source(name="s", kind="ldes", url=site.base + "/feed", allow_hosts=("127.0.0.1",), rate=0.0)
    settings = Settings(data=folder / "data", base_iri="https://cat.example/")
    site.asked.clear()
    with Fetcher(source, settings, folder / "runs" / run, bookmark=bookmark) as fetch:
        return list(ldes.records(source, fetch))


def test_a_stream_is_followed_page_by_page_and_gone_on_with(site: Site, tmp_path: Path) -> None:
    site.pages = {
        "/feed": ROOT + "<> tree:relation [ tree:node <p2> ] , [ tree:node <gone> ] .",
        "/p2": "<> ldes:immutable true ; tree:relation [ tree:node <p3> ] ." + MEMBER.format(1, "Create", "a"),
        "/p3": MEMBER.format(2, "Create", "b"),
        "/gone": 410,
    }
    first = harvest(site, tmp_path, "1")
    assert sorted(item.subject.value[-1] for item in first if isinstance(item, Described)) == ["a", "b"]
    assert [item.reason for item in first if isinstance(item, Rejected)] == ["page gone"]
    assert first[-1].is_partial is False
    site.pages["/p3"] = MEMBER.format(2, "Create", "b") + MEMBER.format(3, "Delete", "a")
    second = harvest(site, tmp_path, "2", first[-1].value)
    assert "/p2" not in site.asked
    assert [item for item in second if isinstance(item, Deleted)] == [Deleted("https://data.example.org/a")]
    assert not [item for item in second if isinstance(item, Described)]
    assert isinstance(second[-1], Bookmark)
    assert second[-1].is_partial


def test_a_page_that_is_missing_stops_the_run(site: Site, tmp_path: Path) -> None:
    site.pages = {"/feed": ROOT + "<> tree:relation [ tree:node <absent> ] ."}
    with pytest.raises(SourceUnavailable, match="404"):
        harvest(site, tmp_path, "1")


def test_what_a_server_calls_immutable_is_not_fetched_again(site: Site, tmp_path: Path) -> None:
    site.pages = {
        "/feed": ROOT + "<> tree:relation [ tree:node <p2> ] .",
        "/p2": MEMBER.format(1, "Create", "a"),
    }
    site.immutable = {"/p2"}
    first = harvest(site, tmp_path, "1")
    harvest(site, tmp_path, "2", first[-1].value)
    assert site.asked == ["/feed"]
