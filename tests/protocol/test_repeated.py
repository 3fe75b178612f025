"""A request that came before gets the answer that it got then, without Flask, and counts like any other."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from maillon.settings import Settings
from maillon.sparql import usage
from maillon.store import snapshots
from maillon.web import create_app
from maillon.web.engine import engine
from maillon.web.repeated import LONGEST, Mark, Repeated, offer

WHICH = "SELECT ?n { <urn:snapshot> rdfs:label ?n }"
LONG = "SELECT (STR(?p) AS ?text) { ?s ?p ?o . ?t ?q ?u } LIMIT 2000"


class Asked:
    """An application, with the number of requests that came to Flask."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        self.requests = 0
        self.app.before_request(self._count)

    def _count(self) -> None:
        self.requests += 1

    def get(self, path: str = "/sparql.csv", query: str = WHICH, **values: object) -> TestResponse:
        """Ask by GET."""
        return self.app.test_client().get(path, query_string={"query": query}, buffered=True, **values)


Make = Callable[..., Asked]


@pytest.fixture
def data(kept: Path, tmp_path: Path) -> Path:
    """Give a data folder with three snapshots, in which another may be made the current one."""
    shutil.copytree(kept / "snapshots", tmp_path / "snapshots", symlinks=True)
    return tmp_path


@pytest.fixture
def make(data: Path) -> Iterator[Make]:
    """Give a function that makes the application with some settings."""
    made: list[Asked] = []

    def start(**values: object) -> Asked:
        most = {"query_queue": 30.0, "queries_per_client": 1000, "query_rate": "", **values}
        made.append(Asked(Settings(data=data, **most)))  # type: ignore[arg-type]
        return made[-1]

    yield start
    for item in made:
        with item.app.app_context():
            engine().close()


def test_the_second_answer_is_the_first_to_the_last_header_and_needs_no_flask(make: Make) -> None:
    asked = make()
    first = asked.get()
    for _ in range(3):
        again = asked.get()
        assert (again.status, list(again.headers), again.data) == (first.status, list(first.headers), first.data)
    assert first.text.split() == ["n", "4"]
    assert asked.requests == 1


def test_whatever_shapes_an_answer_is_told_apart(make: Make) -> None:
    asked = make()
    ways: list[dict[str, object]] = [
        {},
        {"path": "/sparql"},
        {"path": "/sparql", "headers": {"Accept": "text/csv"}},
        {"headers": {"Accept-Language": "nl"}},
        {"headers": {"Accept-Encoding": "gzip"}},
        {"headers": {"Host": "data.example.org"}},
        {"query": f"{WHICH} #"},
    ]
    first = [asked.get(**way) for way in ways]  # type: ignore[arg-type]
    assert asked.requests == len(ways)
    again = [asked.get(**way) for way in ways]  # type: ignore[arg-type]
    assert asked.requests == len(ways)
    assert [list(item.headers) for item in again] == [list(item.headers) for item in first]
    assert {item.mimetype for item in first} == {"text/csv", "application/sparql-results+json"}
    assert "data.example.org" not in first[0].headers["Link"]


def test_another_snapshot_is_another_answer_and_so_is_the_way_back(make: Make, data: Path) -> None:
    asked = make()
    for number in (4, 2, 1, 2, 4):
        snapshots.switch(data / "snapshots", number)
        for _ in range(3):
            reply = asked.get()
            assert (reply.text.split(), reply.headers["X-Maillon-Snapshot"]) == (["n", str(number)], str(number))


def test_no_answer_is_of_another_snapshot_than_it_says_while_snapshots_change(make: Make, data: Path) -> None:
    asked, wrong, ended = make(), list[str](), threading.Event()

    def ask() -> None:
        while not ended.is_set():
            reply = asked.get()
            if reply.text.split() != ["n", reply.headers["X-Maillon-Snapshot"]]:
                wrong.append(reply.text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in (2, 1, 4) * 10:
        snapshots.switch(data / "snapshots", number)
        assert asked.get().headers["X-Maillon-Snapshot"] == str(number)
    ended.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_each_counts_against_the_rate_of_its_client(make: Make) -> None:
    asked = make(query_rate="3 per minute", proxies=1)
    statuses = [asked.get(headers={"X-Forwarded-For": "192.0.2.1"}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert [asked.get(headers={"X-Forwarded-For": "192.0.2.2"}).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert asked.requests == 1  # refusals come before what counts here


def test_each_is_counted_in_metrics_in_the_cache_and_as_usage(make: Make, data: Path) -> None:
    def cached() -> float:
        return REGISTRY.get_sample_value("maillon_sparql_queries_total", {"outcome": "cached"}) or 0.0

    asked, before = make(), cached()
    for _ in range(5):
        asked.get()
    assert cached() - before == 4
    with asked.app.app_context():
        assert engine().cache_counts()["hits"] == 4
        engine().flush_usage()
    assert [item.count for item in usage.read(data / "usage.sqlite", usage.PATTERN)] == [5]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"path": "/sparql.html"}, 200),
        ({"path": "/sparql.csv?snapshot=4"}, 200),
        ({"query": "SELECT (RAND() AS ?x) {}"}, 200),
        ({"query": LONG}, 200),
        ({"query": "SELECT nothing"}, 400),
        ({"headers": {"Accept-Datetime": "Sun, 01 Mar 2026 06:00:00 GMT"}}, 200),
    ],
)
def test_what_is_of_the_moment_long_or_wrong_goes_the_whole_way(
    make: Make, values: dict[str, str], status: int
) -> None:
    asked = make()
    path, _, extra = values.pop("path", "/sparql.csv").partition("?")
    name, _, value = extra.partition("=")
    query = {"query": values.pop("query", WHICH), **({name: value} if name else {})}
    for _ in range(3):
        reply = asked.app.test_client().get(path, query_string=query, buffered=True, **values)
        assert reply.status_code == status
        assert (len(reply.data) > LONGEST) is (query["query"] == LONG)
    assert asked.requests == 3


def test_the_cache_turned_off_is_off_here_too(make: Make) -> None:
    asked = make(query_cache=0)
    for _ in range(3):
        asked.get()
    assert asked.requests == 3


def test_who_has_the_answer_already_and_who_posts_goes_the_whole_way(make: Make) -> None:
    asked = make()
    tag = asked.get().headers["ETag"]
    assert asked.get(headers={"If-None-Match": tag}).status_code == 304
    assert asked.app.test_client().post("/sparql", data={"query": WHICH}).status_code == 200
    assert asked.requests == 3


def test_what_is_held_has_a_bound_and_the_longest_unasked_goes_first(data: Path) -> None:
    app = Flask(__name__)
    seen: list[str] = []

    @app.get("/<name>")
    def view(name: str) -> str:
        seen.append(name)
        offer(Mark(4, lambda _client: True, lambda: None))
        return name * 1000

    app.wsgi_app = Repeated(app.wsgi_app, data / "snapshots", most=8_000)  # type: ignore[method-assign]
    client = app.test_client()
    for name in ("a", "b", "a", "c", "d", "a", "b", "x" * 30, "a", "a"):
        assert client.get(f"/{name}").text == name * 1000
    assert seen == ["a", "b", "c", "d", "b", "x" * 30, "a"]
