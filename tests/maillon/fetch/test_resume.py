"""Taking over what a run that was cut off had fetched, and keeping no more raw answers than wanted."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maillon.errors import SourceUnavailable
from maillon.fetch import Fetcher, RawFolder
from maillon.settings import Settings
from maillon.sources import Source

Begin = Callable[..., Fetcher]


@pytest.fixture
def begin(tmp_path: Path, server: Any) -> Begin:
    """Return a maker of fetchers: ``begin("r2", after="r1")``."""

    def make(run: str, after: str = "") -> Fetcher:
        settings = Settings(data=tmp_path / "data")
        source = Source(name="s", kind="ckan", url=server.base, allow_hosts=("127.0.0.1",))
        runs = tmp_path / "runs"
        return Fetcher(source, settings, runs / run, resume=runs / after if after else None)

    return make


def pages(server: Any, *bodies: bytes) -> list[str]:
    return [server.add(f"/{number}", body=body) for number, body in enumerate(bodies)]


def asked(server: Any) -> list[str]:
    paths = [path for path, _ in server.seen]
    server.seen.clear()
    return paths


def read(fetch: Fetcher, urls: list[str]) -> list[bytes]:
    return [fetch(url, "text/plain").read() for url in urls]


def test_pages_are_taken_over_when_the_last_of_them_is_still_the_same(server: Any, begin: Begin) -> None:
    urls = pages(server, b"a", b"b", b"c")
    with begin("r1") as fetch:
        read(fetch, urls)
    assert asked(server) == ["/0", "/1", "/2"]
    more = [*urls, server.add("/3", body=b"d")]
    with begin("r2", after="r1") as fetch:
        assert read(fetch, more) == [b"a", b"b", b"c", b"d"]
        assert fetch.reused == 2
    assert asked(server) == ["/2", "/3"]


def test_nothing_is_taken_over_when_the_last_page_changed(server: Any, begin: Begin) -> None:
    urls = pages(server, b"a", b"b", b"c")
    with begin("r1") as fetch:
        read(fetch, urls)
    asked(server)
    pages(server, b"A", b"B", b"C")
    with begin("r2", after="r1") as fetch:
        assert read(fetch, urls) == [b"A", b"B", b"C"]
        assert fetch.reused == 0
    assert asked(server) == ["/2", "/0", "/1"], "and no page is fetched twice"


def test_pages_that_are_too_old_damaged_or_void_are_fetched_anew(server: Any, begin: Begin, tmp_path: Path) -> None:
    urls = pages(server, b"a", b"b", b"c")
    with begin("r1") as fetch:
        read(fetch, urls)
    index = tmp_path / "runs" / "r1" / "index.jsonl"
    now = index.read_text(encoding="utf-8")
    index.write_text(re.sub('"time":"[^"]*"', '"time":"2020-01-01T00:00:00Z"', now), encoding="utf-8")
    with begin("r2", after="r1") as fetch:
        read(fetch, urls)
        assert fetch.reused == 0
    index.write_text(now, encoding="utf-8")
    with gzip.open(tmp_path / "runs" / "r1" / "000001", "wb") as file:
        file.write(b"tampered with")
    with begin("r3", after="r1") as fetch:
        assert read(fetch, urls) == [b"a", b"b", b"c"]
        assert fetch.reused == 0
    RawFolder(tmp_path / "runs" / "r2").void()
    with begin("r4", after="r2") as fetch:
        read(fetch, urls)
        assert fetch.reused == 0


def test_what_was_forgotten_because_pages_shifted_is_not_taken_over(server: Any, begin: Begin) -> None:
    urls = pages(server, b"a", b"b", b"c")
    with begin("r1") as fetch:
        read(fetch, urls)
        fetch.forget()
        read(fetch, urls[:2])
    asked(server)
    with begin("r2", after="r1") as fetch:
        read(fetch, urls)
        assert fetch.reused == 1
        fetch.forget()
        read(fetch, urls)
        assert fetch.reused == 0
    assert asked(server) == ["/1", "/2", "/0", "/1", "/2"]


def test_a_run_cut_off_again_at_once_hands_the_pages_on(server: Any, begin: Begin) -> None:
    urls = pages(server, b"a", b"b", b"c")
    with begin("r1") as fetch:
        read(fetch, urls)
    server.add("/2", status=404)
    with begin("r2", after="r1") as fetch, pytest.raises(SourceUnavailable, match="404"):
        read(fetch, urls)
    pages(server, b"a", b"b", b"c")
    asked(server)
    with begin("r3", after="r2") as fetch:
        assert read(fetch, urls) == [b"a", b"b", b"c"]
    assert asked(server) == ["/2"]


def test_a_page_is_taken_over_only_for_the_same_accept_header(server: Any, begin: Begin) -> None:
    urls = pages(server, b"a", b"b")
    with begin("r1") as fetch:
        read(fetch, urls)
    asked(server)
    with begin("r2", after="r1") as fetch:
        fetch(urls[0], "application/json")
    assert asked(server) == ["/1", "/0"]


def test_a_run_that_took_pages_over_can_be_replayed_when_the_other_is_gone(
    server: Any, begin: Begin, tmp_path: Path, make: Callable[..., Fetcher]
) -> None:
    urls = pages(server, b"a", b"b", b"c")
    with begin("r1") as fetch:
        read(fetch, urls)
    with begin("r2", after="r1") as fetch:
        read(fetch, urls)
    for path in (tmp_path / "runs" / "r1").iterdir():
        path.unlink()
    asked(server)
    with make(server.base, "r3", replay="r2") as fetch:
        assert read(fetch, urls) == [b"a", b"b", b"c"]
    assert asked(server) == []
