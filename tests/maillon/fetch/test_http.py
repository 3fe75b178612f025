"""HTTP answers: limits, retries, revalidation, messages."""

import gzip
import json
import resource
import time
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from maillon.errors import SourceUnavailable
from maillon.fetch import Fetcher

Make = Callable[..., Fetcher]


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """200 MB of spaces, gzipped."""
    return gzip.compress(b" " * 200_000_000, compresslevel=1)


def index(tmp_path: Path, run: str = "r1") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "runs" / run / "index.jsonl").read_text().splitlines()]


def test_an_answer_is_kept_with_what_replay_needs(server: Any, make: Make, tmp_path: Path) -> None:
    url = server.add("/c.ttl", body=b"<a> <b> <c> .", Content_Type="Text/Turtle; charset=utf-8", ETag='"1"')
    with make(url) as fetch:
        answer = fetch(url + "?page=1#frag", "text/turtle")
        assert (answer.url, answer.media_type, answer.read()) == (url + "?page=1", "text/turtle", b"<a> <b> <c> .")
    (line,) = index(tmp_path)
    assert line["headers"]["etag"] == '"1"'
    assert (line["asked"], line["status"], line["octets"], line["accept"]) == (url + "?page=1", 200, 13, "text/turtle")
    path, headers = server.seen[0]
    assert path == "/c.ttl?page=1"
    assert headers["user-agent"].startswith("Maillon/")
    assert "https://cat.example/" in headers["user-agent"]
    assert headers["accept"] == "text/turtle"


def test_asking_twice_in_a_run_asks_the_server_once(server: Any, make: Make) -> None:
    url = server.add("/x", body=b"x")
    missing = server.base + "/none"
    with make(url) as fetch:
        assert fetch(url).path == fetch(url).path
        for _ in range(2):
            with pytest.raises(SourceUnavailable, match="404"):
                fetch(missing)
    assert [path for path, _ in server.seen] == ["/x", "/none"]


def test_a_second_run_revalidates_and_reuses_what_did_not_change(server: Any, make: Make) -> None:
    body = b"<a> <b> <c> ." * 1000
    sent: list[int] = []

    def route(handler: BaseHTTPRequestHandler) -> None:
        fresh = handler.headers.get("If-None-Match") == '"v1"'
        sent.append(304 if fresh else 200)
        handler.send_response(sent[-1])
        handler.send_header("ETag", '"v1"')
        handler.send_header("Cache-Control", "max-age=86400")
        handler.send_header("Content-Length", "0" if fresh else str(len(body)))
        handler.end_headers()
        handler.wfile.write(b"" if fresh else body)

    server.routes["/x"] = route
    url = server.base + "/x"
    for run in ("r1", "r2", "r3"):
        with make(url, run) as fetch:
            assert fetch(url).read() == body
    assert sent == [200, 304, 304]
    with make(url, "r4", replay="r3") as fetch:
        assert fetch(url).read() == body
    assert len(sent) == 3


def test_a_changed_answer_is_never_hidden_by_the_cache(server: Any, make: Make) -> None:
    for run in ("one", "two"):
        url = server.add("/x", body=run.encode(), Cache_Control="max-age=86400", ETag=f'"{run}"')
        with make(url, run) as fetch:
            assert fetch(url).read() == run.encode()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate"])
def test_a_compressed_answer_is_read(server: Any, make: Make, encoding: str) -> None:
    plain = b"<a> <b> <c> .\n" * 5000
    squeeze = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(plain),
        "deflate": zlib.compress(plain),
        "raw deflate": squeeze.compress(plain) + squeeze.flush(),
    }[encoding]
    url = server.add("/x.ttl", body=packed, Content_Encoding=encoding.rpartition(" ")[2], Content_Type="text/turtle")
    with make(url) as fetch:
        assert fetch(url).read() == plain
    with make(url, "r2", replay="r1") as fetch:
        assert fetch(url).read() == plain


def test_a_gzipped_file_is_read_and_takes_the_type_of_its_name(server: Any, make: Make) -> None:
    url = server.add("/dump.rdf.gz", body=gzip.compress(b"<rdf/>"), Content_Type="application/gzip")
    with make(url) as fetch:
        answer = fetch(url)
        assert (answer.url, answer.media_type, answer.read()) == (url, "application/rdf+xml", b"<rdf/>")


def test_an_encoding_that_was_not_asked_for_is_refused(server: Any, make: Make) -> None:
    url = server.add("/x", body=b"x", Content_Encoding="br")
    with make(url) as fetch, pytest.raises(SourceUnavailable, match="'br'"):
        fetch(url)


@pytest.mark.parametrize("declared", ["Content_Encoding", "file"])
def test_a_bomb_is_stopped_at_the_limit(server: Any, make: Make, bomb: bytes, declared: str, tmp_path: Path) -> None:
    headers = {"Content_Encoding": "gzip"} if declared == "Content_Encoding" else {}
    url = server.add("/x", body=bomb, **headers)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with make(url, max_bytes=20_000_000, settings={"fetch_max_ratio": 100_000}) as fetch:
        with pytest.raises(SourceUnavailable, match="20,000,000 octets"):
            fetch(url)
        assert not [path for path in (tmp_path / "data" / "tmp").rglob("*") if path.is_file()]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_a_bomb_is_stopped_by_its_ratio_before_the_limit_of_size(server: Any, make: Make, bomb: bytes) -> None:
    url = server.add("/x", body=bomb, Content_Encoding="gzip")
    with make(url) as fetch, pytest.raises(SourceUnavailable, match="bomb"):
        fetch(url)


def test_an_answer_that_is_too_large_is_stopped(server: Any, make: Make, tmp_path: Path) -> None:
    url = server.add("/x", body=b"x" * 5001)

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"y" * 4096)

    server.routes["/endless"] = endless
    with make(url, max_bytes=5000) as fetch:
        for address in (url, server.base + "/endless"):
            with pytest.raises(SourceUnavailable, match="larger than 5,000 octets"):
                fetch(address)
    assert not [path for path in (tmp_path / "runs" / "r1").iterdir() if path.name != "index.jsonl"]


@pytest.mark.parametrize("part", ["body", "headers"])
def test_a_source_that_drips_ends_at_the_deadline(server: Any, make: Make, part: str) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        if part == "body":
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
        for _ in range(60):
            handler.wfile.write(b"H")
            handler.wfile.flush()
            time.sleep(0.2)

    server.routes["/x"] = drip
    url = server.base + "/x"
    start = time.monotonic()
    with (
        make(url, settings={"fetch_timeout": 2.0}) as fetch,
        pytest.raises(SourceUnavailable, match=r"not complete after 2 seconds.*fetch_timeout"),
    ):
        fetch(url)
    assert 1.8 < time.monotonic() - start < 4
    assert len(server.seen) == 1


def test_a_body_cut_short_is_tried_again_and_then_refused(server: Any, make: Make, tmp_path: Path) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"[1, 2")

    server.routes["/x"] = cut
    url = server.base + "/x"
    with make(url) as fetch, pytest.raises(SourceUnavailable, match="cut short"):
        fetch(url)
    assert len(server.seen) == 4
    assert [line["file"] for line in index(tmp_path)] == [""]


def test_a_gzip_body_cut_short_is_refused(server: Any, make: Make) -> None:
    url = server.add("/x", body=gzip.compress(b"<a> <b> <c> .\n" * 999)[:-9], Content_Encoding="gzip")
    with make(url) as fetch, pytest.raises(SourceUnavailable, match="cut short"):
        fetch(url)


def test_redirects_are_followed_up_to_five(server: Any, make: Make) -> None:
    for number in range(9):
        server.add(f"/{number}", status=(301, 302, 303, 307, 308)[number % 5], Location=f"/{number + 1}")
    server.add("/9", body=b"there")
    server.add("/loop", status=302, Location="/loop")
    with make(server.base) as fetch:
        answer = fetch(server.base + "/4")
        assert (answer.url, answer.read()) == (server.base + "/9", b"there")
        for start in ("/3", "/loop"):
            with pytest.raises(SourceUnavailable, match="more than 5 times"):
                fetch(server.base + start)


def test_a_busy_server_is_given_the_time_it_asks_for(server: Any, make: Make) -> None:
    server.add("/x", status=503, Retry_After="1")
    first = server.routes["/x"]

    def route(handler: BaseHTTPRequestHandler) -> None:
        server.add("/x", body=b"ok")
        first(handler)

    server.routes["/x"] = route
    start = time.monotonic()
    with make(server.base) as fetch:
        assert fetch(server.base + "/x").read() == b"ok"
    assert 1.0 <= time.monotonic() - start < 3
    assert len(server.seen) == 2


@pytest.mark.parametrize("wait", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_server_that_wants_to_be_left_alone_for_long_is(server: Any, make: Make, wait: str) -> None:
    url = server.add("/x", status=429, Retry_After=wait)
    with make(url) as fetch, pytest.raises(SourceUnavailable, match=r"left alone for \d+ seconds"):
        fetch(url)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "requests", "advice"),
    [
        (204, 1, "not the document"),
        (401, 1, "login"),
        (403, 1, "refuses"),
        (404, 1, "Correct url"),
        (410, 1, "removed"),
        (418, 1, "publisher"),
        (500, 4, "later"),
        (501, 1, "fault"),
        (999, 1, "fault"),
    ],
)
def test_only_200_is_an_answer(server: Any, make: Make, status: int, requests: int, advice: str) -> None:
    url = server.add("/x", status=status)
    with make(url) as fetch, pytest.raises(SourceUnavailable, match=f"answers {status}.*{advice}") as caught:
        fetch(url)
    assert len(server.seen) == requests
    with make(url, "r2", replay="r1") as fetch, pytest.raises(SourceUnavailable) as again:
        fetch(url)
    assert str(again.value) == str(caught.value)


def test_a_server_that_is_not_there_is_named(server: Any, make: Make) -> None:
    server.stop()
    with make(server.base) as fetch, pytest.raises(SourceUnavailable, match=r"refused.*Check url"):
        fetch(server.base + "/x")


def test_a_name_that_does_not_exist_is_told(make: Make) -> None:
    with make("http://x.invalid/") as fetch, pytest.raises(SourceUnavailable, match=r"no host x\.invalid"):
        fetch("http://x.invalid/")


def test_a_run_over_its_time_fetches_no_more(server: Any, make: Make) -> None:
    url = server.add("/x")
    with make(url, time_limit=0.0) as fetch, pytest.raises(SourceUnavailable, match="time_limit"):
        fetch(url)


def test_cookies_are_not_sent_back(server: Any, make: Make) -> None:
    url = server.add("/x", Set_Cookie="session=1; Path=/")
    with make(url) as fetch:
        fetch(url)
        fetch(server.add("/y"))
    assert "cookie" not in server.seen[1][1]


def test_a_damaged_cache_is_named(server: Any, make: Make, tmp_path: Path) -> None:
    url = server.add("/x", body=b"x")
    cache = tmp_path / "data" / "http-cache"
    cache.mkdir(parents=True)
    (cache / "hishel-2.sqlite").write_bytes(b"no database" * 1000)
    with make(url) as fetch:
        assert fetch(url).read() == b"x"
