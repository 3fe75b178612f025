"""The scheduler: what is due, what is made up, and the real command that is ended, killed and started again."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from maillon.harvest.child import ABANDONED
from maillon.ledger import Ledger, leases, writing
from maillon.schedule import Plan, Scheduler, plans
from maillon.schedule.work import Workshop
from maillon.settings import Settings
from maillon.sources import Source
from maillon.store import snapshots

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOWN = Source(name="town", kind="ckan", url="town.json", schedule="30 2 * * *")


def written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    with Ledger(settings.ledger) as opened:
        yield opened


def past_run(ledger: Ledger, started: datetime, status: str = "done", message: str = "") -> None:
    """Put a run into the ledger as it would be left."""
    with ledger.writing() as connection:
        writing.put_source(connection, TOWN, written(started))
        number = writing.start_run(connection, TOWN.name, written(started), None)
        if status != "running":
            ended = {"status": status, "finished": written(started), "message": message}
            writing.finish_run(connection, number, ended, {})


def plan(ledger: Ledger, settings: Settings, source: Source = TOWN, began: datetime = NOW) -> Plan:
    [found] = plans([source], ledger, settings, NOW, began)
    return found


def test_a_source_is_due_when_its_schedule_came_since_its_last_run(ledger: Ledger, settings: Settings) -> None:
    past_run(ledger, NOW - timedelta(days=1))
    found = plan(ledger, settings)
    assert found.due
    assert found.following == datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    past_run(ledger, NOW - timedelta(hours=9))
    assert not plan(ledger, settings).due


def test_missed_runs_are_made_up_once(ledger: Ledger, settings: Settings) -> None:
    past_run(ledger, NOW - timedelta(days=30))
    assert plan(ledger, settings).due
    past_run(ledger, NOW)
    assert not plan(ledger, settings).due


def test_a_source_never_harvested_waits_for_its_time(ledger: Ledger, settings: Settings) -> None:
    assert not plan(ledger, settings).due
    assert plan(ledger, settings, began=NOW - timedelta(hours=10)).due


@pytest.mark.parametrize("change", [{"schedule": ""}, {"enabled": False}])
def test_a_source_without_schedule_or_switched_off_is_never_due(
    ledger: Ledger, settings: Settings, change: dict[str, Any]
) -> None:
    past_run(ledger, NOW - timedelta(days=9))
    found = plan(ledger, settings, replace(TOWN, **change))
    assert (found.due, found.following) == (False, None)
    assert found.last is not None


@pytest.mark.parametrize(
    ("status", "message", "due"),
    [
        ("running", "", True),
        ("died", "", True),
        ("failed", ABANDONED, True),
        ("failed", "the portal answers 500", False),
        ("failed", "Interrupted by the operator.", False),
    ],
)
def test_a_run_that_was_cut_off_is_made_up_and_one_that_failed_is_not(
    ledger: Ledger, settings: Settings, status: str, message: str, due: bool
) -> None:
    past_run(ledger, NOW - timedelta(hours=1), status, message)
    assert plan(ledger, settings).due == due


def test_a_source_whose_runs_die_again_and_again_waits_for_its_schedule(ledger: Ledger, settings: Settings) -> None:
    for minutes in (30, 20):
        past_run(ledger, NOW - timedelta(minutes=minutes), "died")
        assert plan(ledger, settings).due
    past_run(ledger, NOW - timedelta(minutes=10), "died")
    assert not plan(ledger, settings).due


@pytest.mark.parametrize(("holder", "due"), [("t other-machine 17 12 elsewhere", False), ("", True)])
def test_a_source_that_is_being_harvested_is_not_due(
    ledger: Ledger, settings: Settings, holder: str, due: bool
) -> None:
    past_run(ledger, NOW - timedelta(days=1), "running")
    if holder:
        with ledger.writing() as connection:
            leases.take(connection, TOWN.name, holder, lambda _lease: True)
    assert plan(ledger, settings).due == due


def test_changes_of_settings_and_sources_are_taken_up_and_wrong_settings_are_told(settings: Settings) -> None:
    current: list[Any] = [settings, [TOWN]]
    said: list[str] = []

    def load() -> Settings:
        if isinstance(current[0], Exception):
            raise current[0]
        found: Settings = current[0]
        return found

    scheduler = Scheduler(load, lambda: current[1], said.append)
    assert [plan.source.name for plan in scheduler.plans(NOW)] == ["town"]
    current[1] = [TOWN, replace(TOWN, name="village")]
    assert [plan.source.name for plan in scheduler.plans(NOW)] == ["town", "village"]
    from maillon.errors import SettingsError  # noqa: PLC0415 - needed by this test only

    current[0] = SettingsError("fetch_timeout is 0: a number above 0 is needed.")
    assert len(scheduler.plans(NOW)) == 2
    assert any("fetch_timeout is 0" in line and "before stay in force" in line for line in said)


COMMAND = """
import sys
from pathlib import Path
from maillon import paths
paths.SOURCES = Path(sys.argv.pop(1))
from maillon.cli import main, scheduling
main.add_command(scheduling.schedule_group)
sys.exit(main())
"""
WAITING = '''
"""Waits before it ends, where its file says so."""

import json
import time

from maillon.records import Dataset


def records(source, fetch):
    page = json.loads(fetch(source.url).read())
    yield Dataset(identifier="first", title={"fr": "Premier"}, description={"fr": "Oui"})
    time.sleep(page["wait"])
'''


class Command:
    """``maillon schedule`` over a folder of one source, whose last run lies a day back."""

    def __init__(self, folder: Path, settings: Settings, ledger: Ledger) -> None:
        self._sources = folder / "sources"
        self._settings = settings
        for path in (self._sources, folder / "third_party" / "waits"):
            path.mkdir(parents=True)
        (folder / "third_party" / "waits" / "__init__.py").touch()
        (folder / "third_party" / "waits" / "portal.py").write_text(WAITING, encoding="utf-8")
        definition = 'kind = "waits.portal"\nurl = "page.json"\nschedule = "30 2 * * *"\n'
        (self._sources / "town.toml").write_text(definition, encoding="utf-8")
        self._environment = {**os.environ, "PYTHONPATH": str(folder / "third_party")}
        self.waits(0)
        past_run(ledger, datetime.now(UTC) - timedelta(days=2))

    def waits(self, seconds: int) -> None:
        (self._sources / "page.json").write_text(json.dumps({"wait": seconds}), encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", COMMAND, str(self._sources), "schedule", *arguments]
        return subprocess.Popen(
            [*command, "--data", str(self._settings.data)],
            stdout=subprocess.PIPE, text=True, env=self._environment, start_new_session=True,
        )  # fmt: skip


@pytest.fixture
def command(tmp_path: Path, settings: Settings, ledger: Ledger) -> Command:
    return Command(tmp_path, settings, ledger)


@contextlib.contextmanager
def until(process: subprocess.Popen[str], words: str) -> Iterator[list[str]]:
    """Read the lines of a scheduler until one has these words; kill its group at the end, whatever happens."""
    lines: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if words in line:
                break
        yield lines
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.timeout(120)
def test_the_command_makes_up_a_missed_run_publishes_and_ends_on_sigterm(
    command: Command, settings: Settings, ledger: Ledger
) -> None:
    process = command.start("run")
    with until(process, "is published") as lines:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert any("town: done, 1 datasets found, 1 published" in line for line in lines)
    with snapshots.open_current(settings.snapshots) as snapshot:
        assert snapshot.manifest.counts["datasets"] == 1
    output, _ = command.start("list", "--json").communicate(timeout=60)
    row = json.loads(output)
    assert (row["source"], row["status"], row["enabled"]) == ("town", "done", True)
    assert row["next_run"].endswith("T02:30Z")
    assert row["last_run"] == ledger.runs()[0].started


@pytest.mark.timeout(120)
def test_a_run_under_way_is_ended_with_the_scheduler_and_made_up_by_the_next(command: Command, ledger: Ledger) -> None:
    command.waits(600)
    process = command.start("run")
    with until(process, "town: begins"):
        wait_for(ledger, "running")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert (ledger.runs()[0].status, ledger.runs()[0].message) == ("failed", ABANDONED)
    made_up(command, ledger)


@pytest.mark.timeout(120)
def test_a_run_under_way_at_kill_9_is_found_and_made_up(command: Command, ledger: Ledger) -> None:
    command.waits(600)
    process = command.start("run")
    with until(process, "town: begins"):
        wait_for(ledger, "running")
        process.kill()
        process.wait(30)
        made_up(command, ledger)
    assert [run.status for run in ledger.runs()] == ["done", "died", "done"]


def wait_for(ledger: Ledger, status: str) -> None:
    deadline = time.monotonic() + 60
    while ledger.runs()[0].status != status and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ledger.runs()[0].status == status


def made_up(command: Command, ledger: Ledger) -> None:
    command.waits(0)
    process = command.start("run")
    with until(process, "town: done"):
        assert ledger.runs()[0].status == "done"


def test_what_is_done_at_night_is_due_when_its_schedule_came_once(settings: Settings) -> None:
    said: list[str] = []
    scheduler = Scheduler(lambda: settings, list, said.append)
    begun = scheduler._last_night
    night = (begun + timedelta(days=1)).replace(hour=1, minute=41)
    assert len(scheduler._due_tonight(night)) == 1
    assert scheduler._due_tonight(night + timedelta(minutes=1)) == []
    assert len(scheduler._due_tonight(night + timedelta(days=1))) == 1


@pytest.mark.parametrize(("schedule", "said"), [("", ""), ("not a schedule", "Correct the setting")])
def test_without_a_right_schedule_nothing_is_done_at_night(tmp_path: Path, schedule: str, said: str) -> None:
    told: list[str] = []
    scheduler = Scheduler(lambda: Settings(data=tmp_path, nightly=schedule), list, told.append)
    assert scheduler._due_tonight(datetime.now(UTC) + timedelta(days=1)) == []
    assert said in " ".join(told)


def test_a_link_check_that_cannot_be_done_says_why(tmp_path: Path) -> None:
    said = Workshop().check_links(Settings(data=tmp_path / "nothing"))
    assert said.startswith("the link check failed: ")
    assert "maillon publish" in said


def test_engines_are_compared_on_what_is_in_the_ledger(settings: Settings, ledger: Ledger) -> None:
    assert ledger.sequence() == 0
    assert "0 records" in Workshop().compare_engines(settings)
