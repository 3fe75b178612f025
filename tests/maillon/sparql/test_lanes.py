"""Cheap queries pass expensive ones, and those that are held end up with the right answer."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maillon.settings import Settings
from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.workers.board import HELD, LONG, QUICK, Entry
from maillon.sparql.workers.lanes import Limits, Long, chosen, largest, too_many
from maillon.sparql.workers.pool import QueryPool

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
# About a second: on a fast machine, a shorter one may end before its nursery has looked at it.
SOME = "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?b ?c } LIMIT 3000 } { SELECT * { ?d ?e ?f } LIMIT 3000 } }"
LIMITS = Limits.of(Settings(query_long=2, query_waiting=1, query_quick=0.2, query_memory_all=100))

Make = Callable[..., QueryPool]
Rows = Callable[..., Any]
Until = Callable[..., float]
Family = Callable[[QueryPool], dict[int, str]]


def entry(lane: int = LONG, memory: int = 0) -> Entry:
    return Entry._make([0] * len(Entry._fields))._replace(lane=lane, memory=memory)


def test_the_queries_that_had_the_least_time_go_first() -> None:
    queries = [Long(0, 0, 30.0), Long(1, 0, 25.0), Long(2, 0, 0.3), Long(3, 0, 3.0)]
    assert chosen(queries, LIMITS, 0) == {2, 3}
    assert chosen(queries, LIMITS, 1) == {2}
    assert chosen(queries, LIMITS, 5) == set()


def test_places_do_not_change_hands_before_the_time_has_doubled() -> None:
    assert chosen([Long(0, 0, 1.5), Long(1, 0, 1.0), Long(2, 0, 0.9)], LIMITS, 0) == {0, 1}
    assert chosen([Long(0, 0, 1.5), Long(1, 0, 1.0)], LIMITS, 1) == {0}
    assert chosen([Long(0, 0, 1.7), Long(1, 0, 1.0)], LIMITS, 1) == {1}


def test_there_are_too_many_long_queries_when_neither_a_place_nor_a_seat_is_left() -> None:
    assert not too_many([entry(LONG), entry(LONG), entry(HELD), entry(QUICK)], LIMITS)
    assert too_many([entry(LONG), entry(LONG), entry(HELD), entry(LONG)], LIMITS)


def test_the_largest_ends_when_all_use_too_much() -> None:
    assert largest([entry(memory=40), entry(memory=60)], LIMITS) is None
    found = largest([entry(memory=40), entry(memory=61)], LIMITS)
    assert found is not None
    assert found.memory == 61


class Askers:
    """Threads that ask something each, and how it ended."""

    def __init__(self, count: int, ask: Callable[[], Any]) -> None:
        self.ends: list[Any] = []
        self._threads = [threading.Thread(target=self._run, args=(ask,)) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self, ask: Callable[[], Any]) -> None:
        try:
            self.ends.append(ask())
        except QueryFailed as failed:
            self.ends.append(failed)

    def join(self) -> list[Any]:
        for thread in self._threads:
            thread.join()
        return self.ends


def test_cheap_queries_pass_ten_long_ones(make_pool: Make, titles: Path, rows: Rows, until: Until) -> None:
    pool = make_pool(query_workers=2, query_long=2, query_waiting=8)
    askers = Askers(10, lambda: rows(pool, titles, CROSS, seconds=8.0))
    until(lambda: sorted(item.lane for item in pool.running()) == ["held"] * 8 + ["long"] * 2)
    times = []
    for _ in range(100):
        start = time.monotonic()
        assert rows(pool, titles, "ASK { ?s ?p ?o }")["boolean"]
        times.append(time.monotonic() - start)
    assert sorted(times)[90] < 0.25
    assert {failed.kind for failed in askers.join()} == {"time"}


def test_a_held_query_is_continued_and_gives_the_right_answer(
    make_pool: Make, titles: Path, rows: Rows, until: Until
) -> None:
    pool = make_pool(query_quick=0.05, query_long=1, query_waiting=4, query_timeout=60.0)
    seen = set()
    askers = Askers(4, lambda: rows(pool, titles, SOME)["results"]["bindings"][0]["n"]["value"])
    while len(askers.ends) < 4:
        seen |= {item.lane for item in pool.running()}
        time.sleep(0.01)
    assert askers.join() == ["9000000"] * 4
    assert "held" in seen


def test_more_long_queries_than_have_a_seat_are_told_so(make_pool: Make, titles: Path, rows: Rows) -> None:
    pool = make_pool(query_workers=4, query_long=1, query_waiting=1)
    ends = Askers(4, lambda: rows(pool, titles, CROSS, seconds=4.0)).join()
    kinds = sorted(failed.kind for failed in ends)
    assert kinds == ["busy", "busy", "time", "time"]
    assert all("Too many long queries" in str(failed) for failed in ends if failed.kind == "busy")


def worker_of(pool: QueryPool, snapshot: Path, query: str) -> int:
    answer = pool.query(snapshot, Job(query=query))
    assert b"".join(answer)
    return answer.pid


def niceness(pid: int) -> list[int]:
    """Return the niceness of a process's threads (proc(5): the 19th field of stat)."""
    files = Path(f"/proc/{pid}/task").glob("*/stat")
    return [int(file.read_text().rsplit(")", 1)[1].split()[16]) for file in files]


def test_a_worker_goes_on_after_a_long_query_and_gives_way_no_more(
    make_pool: Make, titles: Path, until: Until, family: Family
) -> None:
    pool = make_pool(query_quick=0.05, query_timeout=60.0)
    again: list[int] = []

    def same_twice() -> bool:
        again.append(worker_of(pool, titles, SOME))
        return again[-2:-1] == again[-1:]

    until(same_twice, 60.0)
    until(lambda: again[-1] not in family(pool) or 10 not in niceness(again[-1]))
    until(lambda: list(family(pool).values()).count("maillon-query") == 1)


def test_only_so_many_workers_go_on_as_the_memory_has_room_for(
    make_pool: Make, make_snapshot: Callable[..., Path], tmp_path: Path, until: Until, family: Family
) -> None:
    snapshot = make_snapshot(tmp_path / "00000001", manifest=True)
    # Taken to be 2.25 GB in memory: of 6 GB for queries, half is for copies, so there is room for one.
    (snapshot / "manifest.json").write_text(json.dumps({"counts": {"triples": 5_000_000}}))
    pool = make_pool(query_quick=0.3, query_workers=2, query_long=2, query_timeout=60.0)
    used: set[int] = set()

    def ask(query: str) -> int:
        used.add(pid := worker_of(pool, snapshot, query))
        return pid

    until(lambda: ask("ASK {}") and in_memory(pool, family))
    both = set(Askers(2, lambda: ask(SOME)).join())
    assert len(both) == 2
    # On a busy machine it may be one whose short question took long.
    until(lambda: len(used & family(pool).keys()) == 1)
    until(lambda: list(family(pool).values()).count("maillon-query") == 2)
    assert worker_of(pool, snapshot, "ASK {}") in family(pool)


def in_memory(pool: QueryPool, family: Family) -> bool:
    """Tell whether one nursery has taken over from another, over the copy in memory."""
    names = list(family(pool).values())
    return names.count("maillon-nursery") == 1 and all(
        "/store/" not in Path(f"/proc/{pid}/maps").read_text() for pid, name in family(pool).items() if "query" in name
    )
