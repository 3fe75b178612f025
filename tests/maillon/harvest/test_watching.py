"""Runs in processes of their own: ended when they do not end, told when they die, side by side under any executor."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from maillon.errors import SettingsError
from maillon.harvest import Job, executor, together, watched
from maillon.harvest.child import ABANDONED
from maillon.ledger import RunRow
from maillon.ledger import leases as kept

Make = Callable[..., dict[str, Any]]
Town = Any

# Blocks in C with the GIL held, as a library of a third party may: no thread and no signal handler can end it.
HANGING = '''
"""Hangs or dies as its page says."""

import ctypes
import os
import signal
import time

from maillon.records import Dataset


def records(source, fetch):
    yield Dataset(identifier="first", title={"fr": "Premier"})
    what = fetch(source.url).read().decode()
    if what == "hang":
        ctypes.PyDLL(None).sleep(600)
    elif what == "wait":
        time.sleep(600)
    elif what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "exit":
        os._exit(3)
'''


@pytest.fixture
def hanging(town: Town, tmp_path: Path) -> Iterator[Callable[[str, str], Job]]:
    """Return a maker of jobs: name of the source, and what becomes of it."""
    folder = tmp_path / "third_party"
    (folder / "hanging").mkdir(parents=True)
    (folder / "hanging" / "__init__.py").touch()
    (folder / "hanging" / "portal.py").write_text(HANGING, encoding="utf-8")
    sys.path.insert(0, str(folder))

    def make(name: str, what: str) -> Job:
        page = tmp_path / f"{name}.txt"
        page.write_text(what, encoding="utf-8")
        source = replace(town.source, name=name, kind="hanging.portal", url=str(page), time_limit=1.0)
        grace = 4.0 if what == "hang" else 60.0
        return Job(source=source, settings=replace(town.settings, harvest_grace=grace), quiet=True)

    yield make
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "hanging"]:
        del sys.modules[name]


def first_run(town: Town) -> RunRow:
    """Wait until a run has begun."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if rows := town.ledger.runs():
            found: RunRow = rows[0]
            return found
        time.sleep(0.05)
    pytest.fail("no run has begun")


def leases(town: Town) -> set[str]:
    with town.ledger.reading() as connection:
        return set(kept.standing(connection))


def test_a_run_that_hangs_in_c_is_ended_and_closed(hanging: Any, town: Town) -> None:
    began = time.monotonic()
    report = watched(hanging("hangs", "hang"))
    assert time.monotonic() - began < 30
    assert report.status == "failed"
    assert "did not end within its time_limit of 1 seconds and 4 more" in report.notes[0]
    row = town.ledger.runs()[0]
    assert (row.id, row.status, row.message) == (report.run, "failed", report.notes[0])
    assert leases(town) == set()


@pytest.mark.parametrize(("what", "says"), [("die", "by signal SIGKILL"), ("exit", "with exit status 3")])
def test_a_process_that_dies_is_told_and_its_source_is_free_again(
    hanging: Any, town: Town, what: str, says: str
) -> None:
    report = watched(hanging("dies", what))
    assert report.status == "failed"
    assert says in report.notes[0]
    assert "look at its log" in report.notes[0]
    assert town.ledger.run(report.run).message == report.notes[0]
    assert leases(town) == set()
    assert watched(hanging("dies", "nothing")).status == "done"


def test_a_run_that_is_told_to_end_closes_itself(hanging: Any, town: Town) -> None:
    stop = threading.Event()
    job = hanging("waits", "wait")
    job = replace(job, source=replace(job.source, time_limit=600.0))
    reports: list[Any] = []
    thread = threading.Thread(target=lambda: reports.append(watched(job, stop)))
    thread.start()
    first_run(town)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
    assert reports[0].status == "failed"
    assert (town.ledger.runs()[0].status, town.ledger.runs()[0].message) == ("failed", ABANDONED)


def test_what_the_operator_must_mend_is_told_for_its_source(hanging: Any) -> None:
    job = hanging("absent", "nothing")
    report = watched(replace(job, options=replace(job.options, replay_run=99)))
    assert report.status == "failed"
    assert "There is no run 99" in report.notes[0]


def threads(_settings: Any, jobs: int) -> Executor:
    """An executor from outside, as a setting would name it."""
    return ThreadPoolExecutor(jobs)


def no_executor(_settings: Any, _jobs: int) -> str:
    return "not an executor"


class Breaking(Executor):
    """Breaks under the first job that it is given in each life."""

    lives = 0

    def submit(self, function: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if Breaking.lives == 1:
            future.set_exception(BrokenExecutor("a worker was killed"))
        else:
            future.set_result(function(*arguments))
        return future


def breaking(_settings: Any, _jobs: int) -> Executor:
    Breaking.lives += 1
    return Breaking()


def with_executor(job: Job, name: str) -> Job:
    return replace(job, settings=replace(job.settings, harvest_executor=name))


@pytest.mark.parametrize("name", ["maillon.harvest.executor:process_pool", f"{__name__}:threads"])
def test_sources_are_harvested_side_by_side_and_none_stops_another(
    hanging: Any, town: Town, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, __name__, sys.modules[threads.__module__])
    outcomes = {"good": "nothing", "dies": "die", "hangs": "hang", "fine": "nothing"}
    jobs = [with_executor(hanging(source, what), name) for source, what in outcomes.items()]
    reports = {report.source: report.status for report in together.harvest(jobs, 4)}
    assert reports == {"good": "done", "dies": "failed", "hangs": "failed", "fine": "done"}
    assert [town.ledger.count(source, "dataset", ("live",)) for source in outcomes] == [1, 0, 0, 1]
    assert leases(town) == set()


def test_an_executor_that_breaks_is_made_anew_for_what_is_left(hanging: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, __name__, sys.modules[breaking.__module__])
    monkeypatch.setattr(Breaking, "lives", 0)
    job = with_executor(hanging("good", "nothing"), f"{__name__}:breaking")
    assert [report.status for report in together.harvest([job], 1)] == ["done"]
    monkeypatch.setattr("maillon.harvest.together.TRIES", 1)
    monkeypatch.setattr(Breaking, "lives", 0)
    [report] = together.harvest([job], 1)
    assert report.status == "failed"
    assert "not by Maillon" in report.notes[0]


@pytest.mark.parametrize(
    "name", ["nowhere", "nowhere:make", "maillon.harvest.executor:nothing", f"{__name__}:no_executor"]
)
def test_a_setting_that_names_no_executor_is_refused(town: Town, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, __name__, sys.modules[no_executor.__module__])
    with pytest.raises(SettingsError, match="harvest_executor"):
        executor.make(replace(town.settings, harvest_executor=name), 1)


def test_a_child_whose_watcher_is_killed_does_not_go_on(hanging: Any, town: Town) -> None:
    job = hanging("waits", "wait")
    watcher = os.fork()
    if not watcher:
        with contextlib.suppress(BaseException):
            watched(replace(job, source=replace(job.source, time_limit=600.0)))
        os._exit(0)
    run = first_run(town)
    with town.ledger.reading() as connection:
        child = int(kept.standing(connection)["waits"].holder.split()[2])
    os.kill(watcher, signal.SIGKILL)
    os.waitpid(watcher, 0)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and Path(f"/proc/{child}").exists():
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()
    Path(job.source.url).write_text("nothing", encoding="utf-8")
    assert watched(job).status == "done", "its lease is taken over at once"
    assert town.ledger.run(run.id).status == "died"
