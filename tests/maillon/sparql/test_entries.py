"""Kept answers stay within their bounds, whoever else uses the folder, is killed, or fills the disk; none is torn."""

import contextlib
import errno
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from maillon.sparql.jobs import FRAME, Answer, QueryFailed
from maillon.sparql.kept import entries
from maillon.sparql.kept.results import Results
from tests.maillon.sparql.answers import PART, Fake, gated, read


def never() -> Answer:
    raise AssertionError("The answer was made again.")


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "This took too long."
        time.sleep(0.005)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")


def octets(folder: Path) -> int:
    """Return the octets of all entries; some may be removed meanwhile."""
    total = 0
    for path in files(folder):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_the_least_recently_used_goes_first_and_who_reads_it_reads_on(folder: Path) -> None:
    made = Results(folder, 40 * FRAME, from_seconds=0)
    for number in range(10):
        read(made.answer(f"snap/{number}", lambda: Fake([PART] * 3)))
    now = time.time()
    for number, path in enumerate(sorted(files(folder), key=lambda item: item.stat().st_mtime_ns)):
        os.utime(path, (now - 1000 + number, now - 1000 + number))
    reading = made.answer("snap/1", never)
    read(made.answer("snap/0", never))  # and so it is the most recently used
    os.utime(folder / "snap" / Path(made._path("snap/1")).name, (now - 2000, now - 2000))
    for number in range(10, 20):
        read(made.answer(f"snap/{number}", lambda: Fake([PART] * 3)))
    wait_for(lambda: octets(folder) <= 40 * FRAME)
    wait_for(lambda: made.find("snap/1") is None)
    assert read(reading) == PART * 3
    assert made.find("snap/0") is not None
    wait_for(lambda: made.counts().evictions >= 7)


def test_a_hit_is_noted_at_most_once_a_minute(folder: Path) -> None:
    made = Results(folder, 10**9, from_seconds=0)
    read(made.answer("snap/query", lambda: Fake([b"x"])))
    (path,) = files(folder)
    os.utime(path, (1000, 1000))
    read(made.answer("snap/query", never))
    noted = path.stat().st_mtime_ns
    assert noted > time.time_ns() - 10**10
    read(made.answer("snap/query", never))
    assert path.stat().st_mtime_ns == noted


def test_entries_of_snapshots_that_are_gone_go_first(folder: Path) -> None:
    made = Results(folder, 10**9, from_seconds=0, alive=lambda: ["new"])
    for key in ("old/1", "old/2", "new/1"):
        read(made.answer(key, lambda: Fake([b"x"])))
    made._entries.sweep(10**9)
    assert not (folder / "old").exists()
    assert read(made.answer("new/1", never)) == b"x"
    assert (made.counts().entries, made.counts().octets) == (1, entries.BLOCK)


def test_an_answer_larger_than_a_quarter_of_the_cache_is_held_but_not_kept(folder: Path) -> None:
    made = Results(folder, 20 * FRAME)
    assert read(made.answer("snap/query", lambda: Fake([PART] * 6))) == PART * 6
    wait_for(lambda: files(folder) == [])


def test_without_a_cache_answers_are_still_held_and_shared(folder: Path) -> None:
    made, gate = Results(folder, 0), threading.Event()
    first = made.answer("snap/query", lambda: Fake(gated(gate, b"end")))
    second = made.answer("snap/query", never)
    gate.set()
    assert read(first) == read(second) == PART + b"end"
    wait_for(lambda: made._runs == {})
    assert read(made.answer("snap/query", lambda: Fake([b"x"]))) == b"x"
    assert not folder.exists()


def test_a_folder_that_cannot_be_used_costs_one_line_of_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    made = Results(tmp_path / "file" / "cache", 10**9, from_seconds=0)
    with caplog.at_level(logging.WARNING, "maillon.sparql"):
        for number in range(3):
            assert read(made.answer(f"snap/{number}", lambda: Fake([PART, b"x"]))) == PART + b"x"
            assert read(made.answer(f"snap/short{number}", lambda: Fake([b"x"]))) == b"x"
    assert [record.name for record in caplog.records] == ["maillon.sparql"]
    assert "Make the folder writable" in caplog.text


def full(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the disk be full after so many writes."""
    written = iter(range(after))
    write = os.pwrite

    def pwrite(descriptor: int, data: Any, offset: int) -> int:
        if next(written, None) is None:
            write(descriptor, data[: len(data) // 2], offset)
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data, offset)

    monkeypatch.setattr(os, "pwrite", pwrite)


@pytest.mark.parametrize("after", [0, 3])
def test_a_full_disk_is_a_clear_failure_and_never_a_torn_answer(
    folder: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    made = Results(folder, 10**9)
    source = Fake([PART] * 10)
    with monkeypatch.context() as patched:
        full(patched, after)
        with pytest.raises(QueryFailed, match="disk of this server is full"):
            read(made.answer("snap/query", lambda: source))
    assert source.closed.is_set()
    wait_for(lambda: files(folder) == [])
    assert read(made.answer("snap/query", lambda: Fake([PART] * 10))) == PART * 10


def test_a_full_disk_is_no_failure_where_entries_can_make_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Results(folder, 10**9, from_seconds=0)
    for number in range(4):
        read(made.answer(f"snap/{number}", lambda: Fake([PART, b"x"])))
    write = os.pwrite

    def pwrite(descriptor: int, data: Any, offset: int) -> int:
        if len([path for path in files(folder) if path.suffix != ".part"]) >= 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data, offset)

    monkeypatch.setattr(os, "pwrite", pwrite)
    assert read(made.answer("snap/query", lambda: Fake([PART] * 10))) == PART * 10
    assert made.counts().evictions >= 1


def test_a_short_answer_is_given_though_it_cannot_be_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Results(folder, 10**9, from_seconds=0)
    full(monkeypatch, 0)
    assert read(made.answer("snap/query", lambda: Fake([b"x" * 1000]))) == b"x" * 1000
    assert files(folder) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: b"",
        lambda data: data + b"x",
        lambda data: b"other" + data,
        lambda data: data.replace(b"%020d" % (FRAME + 1), b"%020d" % 0),
        lambda data: b"\0" * len(data),
        lambda data: data[: data.index(b"\n")],
    ],
)
def test_a_damaged_entry_is_made_again(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    made = Results(folder, 10**9)
    read(made.answer("snap/query", lambda: Fake([PART, b"x"])))
    (path,) = files(folder)
    path.write_bytes(damage(path.read_bytes()))
    assert made.find("snap/query") is None
    assert read(made.answer("snap/query", lambda: Fake([PART, b"x"]))) == PART + b"x"
    assert read(made.answer("snap/query", never)) == PART + b"x"


def test_an_entry_cut_while_it_is_read_is_a_failure(folder: Path) -> None:
    made = Results(folder, 10**9)
    read(made.answer("snap/query", lambda: Fake([PART] * 4)))
    answer = made.answer("snap/query", never)
    next(answer)
    os.truncate(files(folder)[0], 2 * FRAME)
    with pytest.raises(QueryFailed, match="cut short"):
        read(answer)


CHILD = """
import resource, sys, time
from pathlib import Path
from maillon.sparql.jobs import Answer, QueryFailed
from maillon.sparql.kept.results import Results
class Fake(Answer):
    media_type = "text/csv"
    def __init__(self, parts): self.parts = iter(parts)
    def __next__(self): return next(self.parts)
def endless():
    while True:
        yield b"x" * 65536
        time.sleep(0.01)
folder, what = Path(sys.argv[1]), sys.argv[2]
made = Results(folder, 4_000_000, from_seconds=0)
if what == "hang":
    answer = made.answer("snap/hang", lambda: Fake(endless()))
    next(answer); print("ready", flush=True); time.sleep(60)
elif what == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        b"".join(made.answer("snap/limit", lambda: Fake([b"x" * 65536] * 9)))
    except QueryFailed as failed:
        print(failed.kind, failed)
else:
    for number in range(300):
        text = f"{number % 60}".encode() * 50_000
        parts = [text[place:place + 65536] for place in range(0, len(text), 65536)]
        answer = made.answer(f"snap/{number % 60}", lambda: Fake(parts))
        assert b"".join(answer) == text, number
    time.sleep(0.2)
    print(made.counts().hits, flush=True)
"""


def child(folder: Path, what: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", CHILD, str(folder), what], stdout=subprocess.PIPE, text=True)


def test_a_limit_of_the_system_on_files_is_a_clear_failure(folder: Path) -> None:
    assert child(folder, "limit").communicate(timeout=60)[0].startswith("failed The answer could not be held")
    assert files(folder) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_fills_is_not(folder: Path) -> None:
    process = child(folder, "hang")
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        (part,) = files(folder)
        made = Results(folder, 10**9)
        made._entries.sweep(10**9)
        wait_for(lambda: not made._entries._sweeping)
        assert part.exists()
    finally:
        process.kill()
        process.communicate()
    assert part.exists()
    Results(folder, 10**9)
    wait_for(lambda: not part.exists())
    assert made.find("snap/hang") is None


def test_processes_share_a_folder_and_keep_its_bounds(folder: Path) -> None:
    processes = [child(folder, "work") for _ in range(3)]
    hits = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sum(hits) > 0
    made = Results(folder, 4_000_000)
    wait_for(lambda: octets(folder) <= 4_000_000)
    wait_for(lambda: not made._entries._sweeping)
    assert not [path for path in files(folder) if path.suffix == ".part"]
    left = [answer for number in range(60) if (answer := made.find(f"snap/{number}")) is not None]
    assert left
    for answer in left:
        text = read(answer)
        assert len(text) == answer.length
        assert text == text[: len(text) // 50_000] * 50_000


def test_many_threads_get_right_answers_from_a_cache_that_is_too_small(folder: Path) -> None:
    made = Results(folder, 30 * FRAME, from_seconds=0)

    def ask(number: int) -> bool:
        parts = [bytes([number % 7]) * FRAME] * (number % 7) + [b"end"]
        return read(made.answer(f"snap/{number % 7}", lambda: Fake(parts))) == b"".join(parts)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(400), timeout=60))
    assert made._runs == {}
