"""Portals that fail in every way met in the wild, as real servers: each run ends in time and says who should do what.

Every case ends with the portal healed: the run after that recovers everything. The portals page, and misbehave on their
second page, so that what is lost in the middle of a listing would be seen.
"""

import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from maillon import harvest
from maillon.harvest import Options, Report
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.sources import Source

DATASETS, PAGE = 12, 5
ALL = [f"d{number:02d}" for number in range(DATASETS)]
TYPES = {"ckan": "application/json", "dcat": "text/turtle"}

Fault = Callable[["Portal", BaseHTTPRequestHandler, bytes], None]


@dataclass
class Portal:
    """A portal on 127.0.0.1 with twelve datasets on three pages.

    Attributes:
        kind: ``ckan`` (Action API) or ``dcat`` (Turtle with Hydra pages).
        fault: What it does with the second page in the place of sending it; None when it is well.
        listing: The identifiers that it lists, by number of the request; the last one stays.
        asked: The numbers of the pages that were asked for.
    """

    kind: str
    fault: Fault | None = None
    listing: list[list[str]] = field(default_factory=lambda: [ALL])
    asked: list[int] = field(default_factory=list)
    base: str = ""
    time_limit: ClassVar[float] = 4.0

    @property
    def source(self) -> Source:
        url = self.base if self.kind == "ckan" else f"{self.base}/catalogue?page=0"
        return Source(
            name="portal",
            kind=self.kind,
            url=url,
            allow_hosts=("127.0.0.1",),
            page_size=PAGE,
            time_limit=self.time_limit,
        )

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(handler.path).query)
        page = int(query.get("start", ["0"])[0]) // PAGE if self.kind == "ckan" else int(query.get("page", ["0"])[0])
        listed = self.listing[min(len(self.asked), len(self.listing) - 1)]
        self.asked.append(page)
        body = self.page(page, listed)
        if page == 1 and self.fault is not None:
            self.fault(self, handler, body)
        else:
            send(handler, body, TYPES[self.kind])

    def page(self, page: int, listed: list[str], more: bool = False) -> bytes:
        part = listed[page * PAGE : (page + 1) * PAGE]
        if self.kind == "ckan":
            packages = [{"id": name, "title": f"Café {name}", "notes": "Un jeu."} for name in part]
            count = 10**6 if more else len(listed)
            return json.dumps(
                {"success": True, "result": {"count": count, "results": packages}}, ensure_ascii=False
            ).encode()
        items = "\n".join(
            f'<https://d.example/{name}> a dcat:Dataset ; dct:title "Café {name}"@fr ; dct:description "Un jeu."@fr .'
            for name in part
        )
        last = not more and (page + 1) * PAGE >= len(listed)
        view = (
            "" if last else f"<{self.base}/catalogue?page={page}> hydra:next <{self.base}/catalogue?page={page + 1}> ."
        )
        prefixes = (
            "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n"
            "@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n"
        )
        return f"{prefixes}{items}\n{view}\n".encode()


def send(handler: BaseHTTPRequestHandler, body: bytes, media_type: str, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content_Type": media_type, "Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def fails(_portal: Portal, handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    send(handler, b"<h1>Oops</h1>", "text/html", 500)


def resets(portal: Portal, handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", TYPES[portal.kind])
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def drips(_portal: Portal, handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    for octet in body:
        handler.wfile.write(bytes([octet]))
        handler.wfile.flush()
        time.sleep(0.1)


def truncates(portal: Portal, handler: BaseHTTPRequestHandler, body: bytes) -> None:
    send(handler, body[: len(body) * 2 // 3], TYPES[portal.kind])


def announces_2_gb(portal: Portal, handler: BaseHTTPRequestHandler, body: bytes) -> None:
    send(handler, body, TYPES[portal.kind], Content_Length=str(2 * 10**9))


def redirects_for_ever(portal: Portal, handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    send(handler, b"", "text/plain", 302, Location=f"{portal.base}{handler.path}")


def wants_to_be_left_alone(_portal: Portal, handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    send(handler, b"", "text/plain", 429, Retry_After="600")


def sends_endless_headers(_portal: Portal, handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10**6):
        handler.wfile.write(f"X-{number}: {'x' * 900}\r\n".encode())


@contextlib.contextmanager
def serving(portal: Portal, port: int = 0) -> Iterator[Portal]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(OSError):
                portal.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as http:
        http.daemon_threads, http.block_on_close = True, False
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        portal.base = f"http://127.0.0.1:{http.server_port}"
        yield portal
        http.shutdown()


@pytest.fixture(params=["ckan", "dcat"])
def portal(request: pytest.FixtureRequest) -> Iterator[Portal]:
    with serving(Portal(request.param)) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("maillon.fetch.http.FIRST_WAIT", 0.02)
    return Settings(data=tmp_path / "data", fetch_timeout=0.8, fetch_total=1.6, fetch_max_bytes=10_000_000)


def run(portal: Portal, settings: Settings, **options: Any) -> Report:
    portal.asked.clear()
    with Ledger(settings.ledger) as ledger:
        return harvest.run(portal.source, settings, ledger, Options(**options))


def check_whole(settings: Settings, report: Report) -> None:
    assert (report.status, report.found, report.published, report.missing) == ("done", DATASETS, DATASETS, 0), report
    with Ledger(settings.ledger) as ledger:
        listed = sorted(item.iri.rsplit("/", 1)[-1] for item in ledger.current(kinds=["dataset"]))
    assert listed == ALL


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (fails, "answers 500 .*later, or ask its publisher"),
        (resets, "cut short|Try again later, or ask its publisher"),
        (drips, "not complete after 0.8 seconds.*raise the setting fetch_timeout"),
        (announces_2_gb, "larger than 10,000,000 octets.*raise max_bytes"),
        (redirects_for_ever, "redirects more than 5 times: ask its publisher"),
        (wants_to_be_left_alone, "left alone for 600 seconds. Run the harvest again after that"),
        (sends_endless_headers, "is not HTTP.*ask its publisher"),
        (truncates, r"line \d+"),
    ],
)
def test_a_fault_in_the_middle_ends_in_time_with_a_message_and_the_next_run_recovers(
    portal: Portal, settings: Settings, fault: Fault, says: str
) -> None:
    portal.fault = fault
    began = time.monotonic()
    report = run(portal, settings)
    assert time.monotonic() - began < 3
    assert (report.status, report.published) == ("failed", 0)
    assert re.search(says, report.notes[0]), report.notes
    portal.fault = None
    check_whole(settings, run(portal, settings))


def test_a_server_that_asks_for_a_pause_gets_it_and_the_run_goes_on(portal: Portal, settings: Settings) -> None:
    def busy(portal: Portal, handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        portal.fault = None
        send(handler, b"", "text/plain", 429, Retry_After="1")

    portal.fault = busy
    began = time.monotonic()
    check_whole(settings, run(portal, settings))
    assert time.monotonic() - began >= 1


def test_endless_paging_ends_with_the_time_limit(
    portal: Portal, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = [f"d{number:02d}" for number in range(10**5)]
    pages = Portal.page
    with monkeypatch.context() as patch:
        patch.setattr(Portal, "page", lambda self, page, _listed: pages(self, page, endless, more=True))
        patch.setattr(Portal, "time_limit", 1.0)
        began = time.monotonic()
        report = run(portal, settings)
    assert time.monotonic() - began < 3
    assert report.status == "failed"
    assert "time_limit" in report.notes[0]
    check_whole(settings, run(portal, settings, resume=False))


def test_a_wrong_charset_stops_nothing_or_says_where(portal: Portal, settings: Settings) -> None:
    def latin(portal: Portal, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        send(handler, body.decode().encode("latin-1"), f"{TYPES[portal.kind]}; charset=utf-8")

    portal.fault = latin
    report = run(portal, settings)
    if report.status == "failed":
        assert re.search(r"UTF-8|utf-8|encod|line \d+", report.notes[0]), report.notes
    else:
        assert report.found == DATASETS
    portal.fault = None
    check_whole(settings, run(portal, settings))


@pytest.mark.parametrize("portal", ["ckan"], indirect=True)
def test_pages_that_shift_while_they_are_read_are_read_again(portal: Portal, settings: Settings) -> None:
    shifted = ["d99", *ALL]  # the first record of the second page stood on the first one too
    portal.listing = [ALL, shifted, ALL]
    report = run(portal, settings)
    check_whole(settings, report)
    assert any("read 2 times" in note for note in report.notes)
    assert portal.asked[-3:] == [0, 1, 2]


@pytest.mark.parametrize("portal", ["ckan"], indirect=True)
def test_pages_that_never_stop_shifting_end_the_run_and_are_not_taken_for_the_next(
    portal: Portal, settings: Settings
) -> None:
    portal.listing = [part for number in range(40) for part in ([ALL] if number % 3 == 0 else [["d99", *ALL]])]
    report = run(portal, settings)
    assert report.status == "failed"
    assert len(portal.asked) < 12
    portal.listing = [ALL]
    check_whole(settings, run(portal, settings))
    assert portal.asked == [0, 1, 2]


def test_a_run_that_was_cut_off_goes_on_where_it_was(portal: Portal, settings: Settings) -> None:
    def at_the_third(portal: Portal, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        portal.fault = None
        portal.listing = [ALL]
        send(handler, body, TYPES[portal.kind])

    pages, failing = Portal.page, [True]

    def page(self: Portal, page: int, listed: list[str], more: bool = False) -> bytes:
        if page == 2 and failing[0]:
            raise OSError("the portal closes the connection")
        return pages(self, page, listed, more)

    portal.fault = at_the_third
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Portal, "page", page)
        assert run(portal, settings).status == "failed"
        failing[0] = False
        report = run(portal, settings)
    check_whole(settings, report)
    assert portal.asked == [1, 2], "the second page to see whether it is the same, then the third"
    assert any("1 pages were taken from run 1" in note for note in report.notes)


def test_nothing_is_taken_from_a_run_that_was_cut_off_when_the_listing_changed_since(
    portal: Portal, settings: Settings
) -> None:
    pages, failing = Portal.page, [True]

    def page(self: Portal, page: int, listed: list[str], more: bool = False) -> bytes:
        if page == 2 and failing[0]:
            raise OSError("the portal closes the connection")
        return pages(self, page, listed, more)

    portal.listing = [["a-new-one", *ALL[:-1]]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Portal, "page", page)
        assert run(portal, settings).status == "failed"
        failing[0], portal.listing = False, [ALL]
        check_whole(settings, run(portal, settings))
    assert sorted(set(portal.asked)) == [0, 1, 2]


@pytest.mark.parametrize("kind", ["ckan", "dcat"])
def test_a_host_that_lets_nobody_in_ends_in_time(kind: str, settings: Settings) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(8)]  # fill its queue: further connections get no answer
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        port = full.getsockname()[1]
        portal = Portal(kind, base=f"http://127.0.0.1:{port}")
        began = time.monotonic()
        report = run(portal, settings)
        assert time.monotonic() - began < 3
        for each in waiting:
            each.close()
    assert report.status == "failed"
    assert "Try again later" in report.notes[0] or "not complete after" in report.notes[0]
    with serving(portal, port):
        check_whole(settings, run(portal, settings))
