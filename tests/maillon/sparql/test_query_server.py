"""The processes behind a query are replaced when they die, move to a new snapshot, and leave nothing behind."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import pytest

from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.workers.pool import QueryPool

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FLOOD = "SELECT * { ?s ?p ?o . ?t ?q ?u }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

Make = Callable[..., QueryPool]
Rows = Callable[..., Any]
Until = Callable[..., float]
Family = Callable[[QueryPool], dict[int, str]]


def number(rows: Rows, pool: QueryPool, snapshot: Path) -> int:
    return int(rows(pool, snapshot, COUNT)["results"]["bindings"][0]["n"]["value"])


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def locked(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


@pytest.mark.parametrize("victim", ["maillon-query", "maillon-nursery", "maillon-queries"])
def test_whoever_is_killed_is_replaced_and_a_query_in_flight_is_told(
    make_pool: Make, titles: Path, rows: Rows, family: Family, until: Until, victim: str
) -> None:
    pool = make_pool()
    answer = pool.query(titles, Job(query=FLOOD))
    before = family(pool)
    pids = [pid for pid, name in before.items() if name == victim]
    assert answer.pid in before
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(QueryFailed) as caught:
        list(answer)
    answer.close()
    assert caught.value.kind == "died"
    assert number(rows, pool, titles) == 5000
    until(lambda: not any(lives(pid) for pid in [*pids, answer.pid]))
    after = family(pool)
    assert sorted(after.values()) == sorted(before.values()) or len(after) < len(before)


def test_a_query_that_waits_for_a_worker_survives_the_death_of_the_nursery(
    make_pool: Make, titles: Path, rows: Rows, family: Family
) -> None:
    pool = make_pool()
    number(rows, pool, titles)
    for pid, name in family(pool).items():
        if name == "maillon-nursery":
            os.kill(pid, signal.SIGKILL)
    assert number(rows, pool, titles) == 5000


def test_a_client_that_goes_away_ends_its_worker_at_once(make_pool: Make, titles: Path, until: Until) -> None:
    pool = make_pool(query_quick=0.1)
    pid = abandoned(pool, titles)
    assert until(lambda: not lives(pid)) < 1.0


def test_a_held_query_ends_with_its_client_too(make_pool: Make, titles: Path, until: Until) -> None:
    pool = make_pool(query_quick=0.1, query_long=1)
    answers = [pool.query(titles, Job(query=FLOOD)) for _ in range(2)]
    until(lambda: sorted(item.lane for item in pool.running()) == ["held", "long"])
    held = next(item.pid for item in pool.running() if item.lane == "held")
    next(answer for answer in answers if answer.pid == held).close()
    assert until(lambda: not lives(held)) < 1.0
    for answer in answers:
        answer.close()


def abandoned(pool: QueryPool, snapshot: Path) -> int:
    """Return the worker of a query whose client has just gone away in the middle of its answer."""
    answer = pool.query(snapshot, Job(query=FLOOD))
    next(answer)
    time.sleep(0.3)
    answer.close()
    return answer.pid


def test_the_snapshot_changes_while_a_long_query_runs(
    make_pool: Make, make_snapshot: Callable[..., Path], tmp_path: Path, rows: Rows, until: Until
) -> None:
    pool = make_pool(idle=0.2)
    old, new = make_snapshot(tmp_path / "old", 200), make_snapshot(tmp_path / "new", 10)
    answer = pool.query(old, Job(query=FLOOD))
    assert number(rows, pool, new) == 10
    assert locked(old / "lease")
    assert locked(new / "lease")
    time.sleep(1.5)
    assert b"".join(answer).count(b'"Jeu de donn') == 2 * 200 * 200
    answer.close()
    until(lambda: not locked(old / "lease"))
    assert locked(new / "lease")
    assert number(rows, pool, new) == 10
    assert number(rows, pool, old) == 200


def test_a_snapshot_that_fits_is_answered_from_memory_after_a_moment(
    make_pool: Make, make_snapshot: Callable[..., Path], tmp_path: Path, rows: Rows, until: Until, family: Family
) -> None:
    pool = make_pool(query_workers=2)
    snapshot = make_snapshot(tmp_path / "fits", 3000, manifest=True)
    assert number(rows, pool, snapshot) == 3000  # from disk
    until(lambda: len(family(pool)) == 4 and in_memory(pool, family))
    assert number(rows, pool, snapshot) == 3000
    for pid, name in family(pool).items():
        if name == "maillon-nursery":
            os.kill(pid, signal.SIGKILL)
    # A query that a worker took as it died ends with it; the next ones are answered by new workers.
    until(lambda: answers(rows, pool, snapshot))
    until(lambda: len(family(pool)) == 4 and in_memory(pool, family))
    assert rows(pool, snapshot, "ASK { GRAPH <http://example.org/graph> { ?s ?p 'named' } }")["boolean"]


def answers(rows: Rows, pool: QueryPool, snapshot: Path) -> bool:
    try:
        return number(rows, pool, snapshot) == 3000
    except QueryFailed as failed:
        assert failed.kind == "died"
        return False


def in_memory(pool: QueryPool, family: Family) -> bool:
    """Tell whether no worker has the store on disk open."""
    for pid, name in family(pool).items():
        with contextlib.suppress(OSError):
            if name == "maillon-query" and "/store/" in Path(f"/proc/{pid}/maps").read_text() + files_of(pid):
                return False
    return True


def files_of(pid: int) -> str:
    return " ".join(str(item.readlink()) for item in Path(f"/proc/{pid}/fd").iterdir())


def test_a_snapshot_that_does_not_fit_stays_on_disk(
    make_pool: Make, make_snapshot: Callable[..., Path], tmp_path: Path, rows: Rows, family: Family
) -> None:
    pool = make_pool(query_in_memory=1_000_000)
    snapshot = make_snapshot(tmp_path / "large", 3000, manifest=True)
    assert number(rows, pool, snapshot) == 3000
    time.sleep(1.5)
    assert not in_memory(pool, family)


def test_a_closed_pool_leaves_neither_processes_nor_files(
    make_pool: Make, titles: Path, rows: Rows, family: Family, until: Until
) -> None:
    pool = make_pool()
    answer = pool.query(titles, Job(query=FLOOD))
    assert number(rows, pool, titles) == 5000
    pids, home = list(family(pool)), pool._home
    assert home is not None
    assert home.path.stat().st_mode & 0o077 == 0
    pool.close()
    assert not home.path.exists()
    until(lambda: not any(lives(pid) for pid in pids))
    answer.close()
    with pytest.raises(QueryFailed) as caught:
        pool.query(titles, Job(query="ASK {}"))
    assert caught.value.kind == "busy"


OWNER = """
import sys
from pathlib import Path
from maillon.settings import Settings
from maillon.sparql.jobs import Job
from maillon.sparql.workers.pool import QueryPool
pool = QueryPool(Settings(query_timeout=30.0))
answer = pool.query(Path(sys.argv[1]), Job(query="SELECT * { ?s ?p ?o . ?t ?q ?u }"))
print(answer.pid, pool._home._process.pid, pool._home.path, flush=True)
if len(sys.argv) > 2:
    sys.exit(0)
pool.query(Path(sys.argv[1]), Job(query="SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"))
"""


@pytest.mark.parametrize("killed", [True, False])
def test_nothing_outlives_the_process_that_asked(titles: Path, until: Until, killed: bool) -> None:
    command = [sys.executable, "-c", OWNER, str(titles), *([] if killed else ["leave"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        worker, server, home = process.stdout.readline().decode().split()
        if killed:
            time.sleep(0.5)
            process.kill()
    until(lambda: not lives(int(worker)) and not lives(int(server)))
    until(lambda: not Path(home).exists())


def test_what_a_doubly_killed_server_leaves_is_swept_by_the_next_one(make_pool: Make, titles: Path, rows: Rows) -> None:
    left = Path(tempfile.mkdtemp(prefix="maillon-queries-"))
    (left / "board").touch()
    os.utime(left, (0, 0))
    assert number(rows, make_pool(), titles) == 5000
    assert not left.exists()


def libraries(pool: QueryPool, family: Family) -> set[str]:
    """Return the libraries that all processes of a pool's query server have loaded."""
    texts = [Path(f"/proc/{pid}/maps").read_text() for pid in family(pool)]
    return set.intersection(*({Path(line.split()[-1]).name for line in text.splitlines()} for text in texts))


def test_queries_are_evaluated_with_the_allocator_of_the_settings(
    make_pool: Make, titles: Path, rows: Rows, family: Family
) -> None:
    # Not an allocator, but every machine has it, and nothing else here loads it.
    name, library = "resolv", "libresolv.so.2"
    assert find_library(name) == library
    with_it, without = make_pool(query_allocator=name), make_pool(query_allocator="")
    assert [number(rows, pool, titles) for pool in (with_it, without)] == [5000, 5000]
    assert library in libraries(with_it, family)
    assert library not in libraries(without, family)
    lacking = make_pool(query_allocator="no-such-library")
    assert number(rows, lacking, titles) == 5000


def test_processes_that_share_a_server_start_it_anew_once(
    make_pool: Make, titles: Path, rows: Rows, family: Family, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = make_pool()
    monkeypatch.setenv("_MAILLON_QUERIES", str(owner.start(titles)))
    others = [make_pool(), make_pool()]
    assert [number(rows, pool, titles) for pool in others] == [5000, 5000]
    assert all(pool._home is not None and pool._home._process is None for pool in others)
    old = family(owner)
    os.kill(next(pid for pid, name in old.items() if name == "maillon-queries"), signal.SIGKILL)
    until(lambda: not any(lives(pid) for pid in old))  # until then, its workers may still answer
    found: list[int] = []
    threads = [threading.Thread(target=lambda pool=pool: found.append(number(rows, pool, titles))) for pool in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [5000, 5000]
    assert sum(pool._home is not None and pool._home._process is not None for pool in others) == 1


def test_the_operator_sees_and_stops_what_runs(make_pool: Make, titles: Path, until: Until) -> None:
    pool = make_pool()
    assert pool.running() == []
    assert pool.stop(1) is False
    failed: list[QueryFailed] = []

    def ask() -> None:
        try:
            pool.query(titles, Job(query=CROSS))
        except QueryFailed as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: [item.lane for item in pool.running()] == ["long"])
    running = pool.running()[0]
    assert running.query == CROSS
    assert running.seconds > 0.1
    assert pool.stop(running.pid) is True
    thread.join(5)
    assert failed[0].kind == "died"
    assert "operator" in str(failed[0])
