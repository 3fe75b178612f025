"""A snapshot of 5,000 titles on which query workers are tried, and pools of them that end with the test."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from maillon.settings import Settings
from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.workers.pool import QueryPool

EX = "http://example.org/"
PATIENT: dict[str, Any] = {"query_workers": 1, "query_timeout": 20.0, "query_queue": 30.0}


def _quads(count: int) -> Iterator[Quad]:
    for number in range(count):
        text = Literal(f"Jeu de données {number}", language="fr")
        yield Quad(NamedNode(f"{EX}{number}"), NamedNode(f"{EX}title"), text)
    yield Quad(NamedNode(f"{EX}a"), NamedNode(f"{EX}p"), Literal("named"), NamedNode(f"{EX}graph"))


class MakeSnapshot(Protocol):
    """Makes the folder of a snapshot; only one with a manifest may be held in memory."""

    def __call__(self, path: Path, count: int = 5000, manifest: bool = False) -> Path: ...


class Rows(Protocol):
    """Returns an answer as JSON."""

    def __call__(self, pool: QueryPool, snapshot: Path, query: str, **values: Any) -> Any: ...


class Failure(Protocol):
    """Returns why a query failed, which it must."""

    def __call__(self, pool: QueryPool, snapshot: Path, query: str, **values: Any) -> QueryFailed: ...


def _make(path: Path, count: int = 5000, manifest: bool = False) -> Path:
    path.mkdir(exist_ok=True)
    store = pyoxigraph.Store(str(path / "store"))
    store.bulk_extend(_quads(count))
    store.flush()
    (path / "lease").touch()
    if manifest:
        (path / "manifest.json").write_text(json.dumps({"counts": {"triples": count}}))
    return path


@pytest.fixture(scope="session")
def make_snapshot() -> MakeSnapshot:
    """Give the function that makes a snapshot with so many titles."""
    return _make


@pytest.fixture(scope="session")
def titles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a snapshot that stays on disk."""
    return _make(tmp_path_factory.mktemp("titles"))


@pytest.fixture
def make_pool() -> Iterator[Callable[..., QueryPool]]:
    """Give a function that makes a pool with some settings."""
    made: list[QueryPool] = []

    def make(idle: float = 30.0, **values: Any) -> QueryPool:
        made.append(QueryPool(Settings(**{**PATIENT, **values}), idle))
        return made[-1]

    yield make
    for item in made:
        item.close()


def _read(pool: QueryPool, snapshot: Path, query: str, **values: Any) -> bytes:
    answer = pool.query(snapshot, Job(query=query, **values))
    try:
        return b"".join(answer)
    finally:
        answer.close()


@pytest.fixture(scope="session")
def read() -> Callable[..., bytes]:
    """Give the function that returns a whole answer."""
    return _read


@pytest.fixture(scope="session")
def rows() -> Rows:
    """Give the function that returns a whole JSON answer."""
    return lambda pool, snapshot, query, **values: json.loads(_read(pool, snapshot, query, **values))


@pytest.fixture(scope="session")
def failure() -> Failure:
    """Give the function that returns why a query failed."""

    def fail(pool: QueryPool, snapshot: Path, query: str, **values: Any) -> QueryFailed:
        with pytest.raises(QueryFailed) as caught:
            _read(pool, snapshot, query, **values)
        return caught.value

    return fail


@pytest.fixture(scope="session")
def until() -> Callable[..., float]:
    """Give a function that waits until something is so, at most so many seconds; it returns how long it took."""

    def wait(is_so: Callable[[], object], seconds: float = 60.0) -> float:
        start = time.monotonic()
        while not is_so():
            assert time.monotonic() - start < seconds
            time.sleep(0.01)
        return time.monotonic() - start

    return wait


@pytest.fixture(scope="session")
def family() -> Callable[[QueryPool], dict[int, str]]:
    """Give a function that returns the processes of a pool's query server and their names."""
    return lambda pool: _family(server_of(pool))


def server_of(pool: QueryPool) -> int:
    """Return the process of a pool's query server."""
    assert pool._home is not None
    assert pool._home._process is not None
    return pool._home._process.pid


def _family(pid: int) -> dict[int, str]:
    try:
        found = {pid: Path(f"/proc/{pid}/comm").read_text().strip()}
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return {}
    for child in children:
        found |= _family(int(child))
    return found
