"""An answer is made once for all who ask the same, held for slow readers, kept within bounds, and never torn."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from maillon.sparql.jobs import FRAME, Answer, QueryFailed
from maillon.sparql.kept import results
from maillon.sparql.kept.results import Results
from tests.maillon.sparql.answers import MEDIA_TYPE, PART, Fake, gated, read


def failing(*parts: bytes, kind: Any = "time") -> Iterator[bytes]:
    yield from parts
    raise QueryFailed(kind, "The query was stopped.")


def endless() -> Iterator[bytes]:
    while True:
        time.sleep(0.002)
        yield PART


def never() -> Answer:
    raise AssertionError("The answer was made again.")


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "This took too long."
        time.sleep(0.005)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.mark.parametrize("octets", [b"", b"short", PART, PART + b"x", PART * 20 + b"x"])
def test_an_answer_is_made_once_and_the_same_ever_after(folder: Path, octets: bytes) -> None:
    made = Results(folder, 10**9, from_seconds=0)
    parts = [octets[place : place + FRAME] for place in range(0, len(octets), FRAME)]
    source = Fake(parts)
    first = made.answer("snap/query", lambda: source)
    assert (read(first), first.media_type) == (octets, MEDIA_TYPE)
    wait_for(source.closed.is_set)
    for later in (made, Results(folder, 10**9)):
        again = later.answer("snap/query", never)
        assert (again.length, again.media_type) == (len(octets), MEDIA_TYPE)
        assert read(again) == octets
        found = later.find("snap/query")
        assert found is not None
        assert read(found) == octets
    assert made.find("snap/other") is None
    assert made.find("other/query") is None
    assert (made.counts().misses, made.counts().hits) == (1, 2)


def test_keys_may_be_long_and_hold_anything(folder: Path) -> None:
    made = Results(folder, 10**9, from_seconds=0)
    for key in ("snap/" + "../" * 5000, "snap/a/b\x00c", "snap/\ud800", "snap/"):
        read(made.answer(key, lambda key=key: Fake([repr(key)[:50].encode()])))  # type: ignore[misc]
        assert read(made.answer(key, never)) == repr(key)[:50].encode()
    assert {path.parent for path in files(folder)} == {folder / "snap"}


def test_a_cheap_short_answer_is_kept_only_when_it_is_asked_for_again(folder: Path) -> None:
    made = Results(folder, 10**9, from_seconds=5)
    read(made.answer("snap/query", lambda: Fake([b"x"])))
    assert files(folder) == []
    read(made.answer("snap/query", lambda: Fake([b"x"])))
    assert read(made.answer("snap/query", never)) == b"x"


def test_a_short_answer_starts_no_thread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Results(folder, 10**9, from_seconds=5)
    monkeypatch.setattr(threading.Thread, "start", lambda _self: pytest.fail("A thread was started."))
    assert read(made.answer("snap/query", lambda: Fake([b"x"]))) == b"x"
    assert not folder.exists()


def test_a_reader_who_stops_reading_does_not_hold_the_worker(folder: Path) -> None:
    made = Results(folder, 10**9)
    source = Fake([PART] * 100)
    slow = made.answer("snap/query", lambda: source)
    assert next(slow) == PART
    wait_for(source.closed.is_set)
    assert source.given == 100
    assert read(slow) == PART * 99


def test_octets_are_there_while_more_are_made(folder: Path) -> None:
    gate = threading.Event()
    made = Results(folder, 10**9)
    answer = made.answer("snap/query", lambda: Fake(gated(gate, b"end")))
    assert (next(answer), answer.length) == (PART, None)
    assert made.find("snap/query") is None
    gate.set()
    assert read(answer) == b"end"
    assert read(made.answer("snap/query", never)) == PART + b"end"


def test_equal_queries_at_the_same_time_share_one_run(folder: Path) -> None:
    gate, made = threading.Event(), Results(folder, 10**9)
    started: list[Fake] = []

    def start() -> Answer:
        started.append(Fake(gated(gate, *[PART] * 50, b"end")))
        time.sleep(0.1)
        return started[-1]

    with ThreadPoolExecutor(8) as threads:
        found = [threads.submit(lambda: read(made.answer("snap/query", start))) for _ in range(8)]
        wait_for(lambda: made.counts().shared == 7)
        gate.set()
        assert {item.result(20) for item in found} == {PART * 51 + b"end"}
    assert len(started) == 1
    assert made.counts().misses == 1


def test_equal_short_queries_at_the_same_time_share_one_run(folder: Path) -> None:
    gate, made = threading.Event(), Results(folder, 10**9, from_seconds=60)

    def start() -> Answer:
        assert gate.wait(20)
        return Fake([b"short"])

    with ThreadPoolExecutor(8) as threads:
        found = [threads.submit(lambda: read(made.answer("snap/query", start))) for _ in range(8)]
        wait_for(lambda: made.counts().shared == 7)
        gate.set()
        assert [item.result(20) for item in found] == [b"short"] * 8
    assert read(made.answer("snap/query", never)) == b"short"


@pytest.mark.parametrize("parts", [[], [b"short"], [PART, PART, b"x"]])
def test_a_failure_is_that_of_all_who_wait_and_of_none_who_ask_later(folder: Path, parts: list[bytes]) -> None:
    gate, made = threading.Event(), Results(folder, 10**9, from_seconds=0)

    def start() -> Answer:
        assert gate.wait(20)
        return Fake(failing(*parts, kind="failed"))

    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(lambda: read(made.answer("snap/query", start))) for _ in range(4)]
        wait_for(lambda: made.counts().shared == 3)
        gate.set()
        errors = [item.exception(20) for item in found]
    assert {str(error) for error in errors} == {"The query was stopped."}
    assert all(isinstance(error, QueryFailed) and error.kind == "failed" for error in errors)
    assert len({id(error) for error in errors}) == 4
    assert files(folder) == []
    assert read(made.answer("snap/query", lambda: Fake([b"now"]))) == b"now"


def test_an_error_of_ours_is_told_to_those_who_wait(folder: Path) -> None:
    gate, made = threading.Event(), Results(folder, 10**9)

    def start() -> Answer:
        assert gate.wait(20)
        raise ZeroDivisionError

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lambda: made.answer("snap/query", start))
        wait_for(lambda: made.counts().misses == 1)
        second = threads.submit(lambda: made.answer("snap/query", start))
        wait_for(lambda: made.counts().shared == 1)
        gate.set()
        assert isinstance(first.exception(20), ZeroDivisionError)
        assert isinstance(second.exception(20), QueryFailed)
    assert read(made.answer("snap/query", lambda: Fake([b"now"]))) == b"now"


def test_what_came_before_a_failure_is_given_and_then_the_failure(folder: Path) -> None:
    gate, made = threading.Event(), Results(folder, 10**9)

    def parts() -> Iterator[bytes]:
        yield from gated(gate, PART)
        raise RuntimeError("unexpected")

    answer = made.answer("snap/query", lambda: Fake(parts()))
    gate.set()
    assert [next(answer), next(answer)] == [PART, PART]
    with pytest.raises(QueryFailed, match="broke off"):
        next(answer)
    answer.close()
    wait_for(lambda: files(folder) == [])


@pytest.mark.parametrize("is_careless", [False, True])
def test_work_that_nobody_waits_for_is_ended_and_not_taken_for_whole(folder: Path, is_careless: bool) -> None:
    made, gate = Results(folder, 10**9), threading.Event()

    def parts() -> Iterator[bytes]:
        while not gate.wait(0.01):
            yield PART

    source = Fake(parts(), is_careless)
    first = made.answer("snap/query", lambda: source)
    second = made.answer("snap/query", never)
    first.close()
    first.close()
    assert not source.closed.wait(0.1)
    assert next(second) == PART
    second.close()
    assert source.closed.is_set()
    wait_for(lambda: files(folder) == [])
    assert made.find("snap/query") is None
    gate.set()
    with pytest.raises(QueryFailed, match="closed before"):
        next(second)


def test_an_answer_that_is_dropped_without_close_ends_its_work(folder: Path) -> None:
    made = Results(folder, 10**9)
    source = Fake(endless())
    answer = made.answer("snap/query", lambda: source)
    assert next(answer) == PART
    del answer
    gc.collect()
    assert source.closed.wait(5)
    wait_for(lambda: files(folder) == [])


def test_a_reader_who_waits_is_woken_by_a_close_from_elsewhere(folder: Path) -> None:
    made, gate = Results(folder, 10**9), threading.Event()
    answer = made.answer("snap/query", lambda: Fake(gated(gate)))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lambda: list(answer))
        time.sleep(0.1)
        answer.close()
        gate.set()
        assert isinstance(waiting.exception(10), QueryFailed)


def test_answers_leave_no_descriptors_open(folder: Path) -> None:
    made = Results(folder, 10**9, from_seconds=0)

    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    def use(number: int) -> None:
        read(made.answer(f"snap/{number}", lambda: Fake([PART, b"x"])))
        read(made.answer(f"snap/{number}", never))
        made.answer(f"snap/{number}", never).close()
        made.answer(f"snap/{number}-left", lambda: Fake([PART, PART, b"x"])).close()
        read(made.answer(f"snap/{number}-short", lambda: Fake([b"x"])))

    use(0)
    before = opened()
    for number in range(1, 30):
        use(number)
    wait_for(lambda: opened() <= before)


def test_an_answer_larger_than_allowed_fails_at_its_reader(folder: Path) -> None:
    made = Results(folder, 10**9, most=5 * FRAME)
    source = Fake(iter(lambda: PART, b""))
    with pytest.raises(QueryFailed) as caught:
        read(made.answer("snap/query", lambda: source))
    assert caught.value.kind == "size"
    assert source.closed.wait(5)
    wait_for(lambda: files(folder) == [])


def test_an_endless_answer_ends_at_the_deadline_though_nobody_reads(folder: Path) -> None:
    made = Results(folder, 10**9, seconds=0.2)
    source = Fake(endless())
    answer = made.answer("snap/query", lambda: source)
    assert source.closed.wait(5)
    with pytest.raises(QueryFailed) as caught:
        read(answer)
    assert caught.value.kind == "time"


def test_what_used_up_its_budget_is_not_tried_again_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Results(folder, 10**9)

    def start() -> Answer:
        raise QueryFailed("time", "The query was stopped after 60 seconds.")

    with pytest.raises(QueryFailed, match=r"60 seconds\.$"):
        made.answer("snap/query", start, "60 s")
    for _ in range(2):
        with pytest.raises(QueryFailed, match=r"60 seconds\. This was tried 0 seconds .* from 60 seconds") as caught:
            made.answer("snap/query", never, "60 s")
        assert caught.value.kind == "time"
    assert made.counts().refused == 2
    assert read(made.answer("snap/query", lambda: Fake([b"x"]), "120 s")) == b"x"
    assert read(made.answer("other/query", lambda: Fake([b"x"]), "60 s")) == b"x"
    monkeypatch.setattr(results, "REMEMBERED", 0.0)
    assert read(made.answer("snap/query", lambda: Fake([b"x"]), "60 s")) == b"x"


def test_failures_that_may_pass_are_tried_again_and_those_remembered_are_few(folder: Path) -> None:
    made = Results(folder, 10**9)
    for kind in ("busy", "died", "failed", "syntax"):
        with pytest.raises(QueryFailed):
            made.answer("snap/query", lambda kind=kind: Fake(failing(kind=kind)))  # type: ignore[misc]
    for number in range(1100):
        with pytest.raises(QueryFailed):
            made.answer(f"snap/{number}", lambda: Fake(failing(kind="memory")))
    assert read(made.answer("snap/0", lambda: Fake([b"x"]))) == b"x"
    with pytest.raises(QueryFailed, match="tried"):
        made.answer("snap/1099", never)


def test_an_answer_without_a_key_is_held_and_neither_shared_nor_kept_nor_remembered(folder: Path) -> None:
    made = Results(folder, 10**9, from_seconds=0)
    for octets in (b"short", b"other"):
        assert read(made.answer(None, lambda octets=octets: Fake([octets]))) == octets  # type: ignore[misc]
    source = Fake([PART] * 20)
    answer = made.answer(None, lambda: source)
    assert source.closed.wait(10)
    other = made.answer(None, lambda: Fake([PART, b"x"]))
    assert (read(answer), read(other)) == (PART * 20, PART + b"x")
    for _ in range(2):
        with pytest.raises(QueryFailed, match=r"^The query was stopped\.$"):
            made.answer(None, lambda: Fake(failing()))
    assert files(folder) == []
    assert (made.counts().misses, made.counts().shared, made._runs) == (6, 0, {})
