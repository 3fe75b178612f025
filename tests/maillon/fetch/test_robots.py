"""robots.txt, asked where a source wants it respected: RFC 9309."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from maillon.errors import SourceUnavailable
from maillon.fetch import Fetcher
from maillon.fetch.robots import Robots

Make = Callable[..., Fetcher]

RULES = b"""User-agent: *
Disallow: /api   # not for robots
Disallow: /api/action/
Allow: /api/open

User-agent: Otherbot
Disallow: /
"""


def test_what_is_forbidden_is_not_fetched_and_the_rule_is_named(server: Any, make: Make) -> None:
    server.add("/robots.txt", body=RULES)
    with make(server.base, robots=True) as fetch:
        for path in ("/dump", "/api/open/x"):
            assert fetch(server.add(path, body=b"x")).read() == b"x"
        with pytest.raises(SourceUnavailable, match=r"robots.txt says 'Disallow: /api/action/'.*robots = false"):
            fetch(server.add("/api/action/list"))
    assert [path for path, _ in server.seen] == ["/robots.txt", "/dump", "/api/open/x"], "asked once in a run"


def test_a_rule_for_us_by_name_comes_before_that_for_all(server: Any, make: Make) -> None:
    server.add("/robots.txt", body=b"User-agent: *\nDisallow: /\n\nUser-agent: maillon\nDisallow: /private\n")
    with make(server.base, robots=True) as fetch:
        assert fetch(server.add("/x", body=b"x")).read() == b"x"


def test_a_redirect_into_what_is_forbidden_is_not_followed(server: Any, make: Make) -> None:
    server.add("/robots.txt", body=RULES)
    server.add("/api/x", body=b"x")
    with make(server.base, robots=True) as fetch, pytest.raises(SourceUnavailable, match="Disallow: /api"):
        fetch(server.add("/x", status=302, Location="/api/x"))
    assert "/api/x" not in [path for path, _ in server.seen]


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429])
def test_an_absent_file_forbids_nothing(server: Any, make: Make, status: int) -> None:
    server.add("/robots.txt", status=status, body=b"User-agent: *\nDisallow: /\n")
    with make(server.base, robots=True) as fetch:
        assert fetch(server.add("/x", body=b"x")).read() == b"x"


@pytest.mark.parametrize("status", [500, 503])
def test_a_file_that_cannot_be_had_forbids_everything(server: Any, make: Make, status: int) -> None:
    server.add("/robots.txt", status=status)
    with make(server.base, robots=True) as fetch, pytest.raises(SourceUnavailable, match=f"answers {status}.*later"):
        fetch(server.add("/x", body=b"x"))
    assert [path for path, _ in server.seen] == ["/robots.txt"]


def test_a_file_behind_redirects_is_found_and_one_in_a_loop_is_absent(server: Any, make: Make) -> None:
    server.add("/robots.txt", status=301, Location="/rules")
    server.add("/rules", body=b"User-agent: *\nDisallow: /x\n")
    with make(server.base, robots=True) as fetch, pytest.raises(SourceUnavailable, match="Disallow: /x"):
        fetch(server.add("/x"))
    server.add("/robots.txt", status=301, Location="/robots.txt")
    with make(server.base, "r2", robots=True) as fetch:
        assert fetch(server.add("/x", body=b"x")).read() == b"x"


def test_an_endless_file_is_read_up_to_a_limit() -> None:
    body = b"User-agent: *\nDisallow: /x\n" + b"# more\n" * 100_000
    robots = Robots(lambda _url: (200, body))
    with pytest.raises(SourceUnavailable, match="Disallow: /x"):
        robots.delay("https://data.example/x")


def test_a_crawl_delay_is_kept_even_by_a_source_with_a_higher_rate(server: Any, make: Make) -> None:
    server.add("/robots.txt", body=b"User-agent: *\nCrawl-delay: 0.3\n")
    began = time.monotonic()
    with make(server.base, robots=True, rate=100.0) as fetch:
        for number in range(3):
            fetch(server.add(f"/{number}"))
    assert time.monotonic() - began >= 0.6


def test_robots_txt_is_not_asked_where_nobody_wants_it(server: Any, make: Make) -> None:
    server.add("/robots.txt", body=b"User-agent: *\nDisallow: /\n")
    with make(server.base) as fetch:
        fetch(server.add("/x"))
    assert [path for path, _ in server.seen] == ["/x"]
