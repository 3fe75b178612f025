"""The scheduler: a huey consumer that asks once a minute what is due and has it done, until it is told to end.

The queue is in SQLite in the data folder, as huey keeps it (https://huey.readthedocs.io/). What is in it after a crash
is harmless: each task asks again whether its source is still due. Threads here only watch processes.
"""

import signal
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import Any, Final

from huey import SqliteHuey  # type: ignore[import-untyped]
from huey.consumer import Consumer  # type: ignore[import-untyped]

from maillon import cron
from maillon.errors import MaillonError, SettingsError
from maillon.ledger import Ledger
from maillon.schedule.due import Plan, plans
from maillon.schedule.work import Workshop
from maillon.settings import Settings
from maillon.sources import Source

FILE: Final = "schedule.sqlite"

_PUBLISH_FIRST: Final = 10  # priority over harvests that wait

Say = Callable[[str], None]


class _Huey(SqliteHuey):  # type: ignore[misc]
    """huey whose periodic tasks are not fixed when it starts, but those sources that are due now."""

    due: Callable[[], list[Any]]

    def read_periodic(self, _timestamp: datetime | None) -> list[Any]:
        """Return the tasks that begin in this minute."""
        return self.due()


class _Consumer(Consumer):  # type: ignore[misc]
    """huey's consumer that ends in the same way on SIGTERM and SIGINT: what is under way is told to end."""

    stopping: threading.Event

    def _set_signal_handlers(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()
        self.stop_flag.set()


class Scheduler:
    """Harvests each source when its schedule comes, and publishes when the runs of one minute have ended.

    Args:
        settings: Gives the settings in force; asked again every minute and before each task.
        sources: Gives all sources that are defined; asked every minute.
        say: Told, in one line, whatever begins, ends or goes wrong.
    """

    def __init__(self, settings: Callable[[], Settings], sources: Callable[[], Sequence[Source]], say: Say) -> None:
        self._load = settings
        self._settings = settings()
        self._sources = sources
        self._say = say
        self._began = datetime.now(UTC)
        self._workshop = Workshop()
        self._guard = threading.Lock()
        self._waiting: set[str] = set()  # queued or under way
        self._harvested = 0  # since the last publishing was queued
        folder = self._settings.data
        folder.mkdir(parents=True, exist_ok=True)
        self._huey = _Huey("maillon", filename=str(folder / FILE), immediate=False, results=False, utc=True)
        self._huey.due = self._tick
        self._harvest = self._huey.task()(self._harvest_now)
        self._publish = self._huey.task(priority=_PUBLISH_FIRST)(self._publish_now)
        self._night = self._huey.task()(self._nightly_now)
        self._last_night = self._began

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; runs under way then are told to end and are made up later."""
        workers = self._settings.harvest_jobs + 1  # one more, for a link check takes an hour
        consumer = _Consumer(self._huey, workers=workers, max_delay=1.0, scheduler_interval=1)
        consumer.stopping = self._workshop.stop
        self._say(f"scheduling in {self._settings.data}, {self._settings.harvest_jobs} sources side by side")
        with Ledger(self._settings.ledger) as ledger:
            if ledger.sequence():
                self._publish()  # what a scheduler that was killed harvested; nothing happens where nothing changed
        consumer.run()
        for _, thread in consumer.worker_threads:
            thread.join()
        self._say("ended")

    def plans(self, now: datetime | None = None) -> list[Plan]:
        """Return what is in mind for each source, from its TOML and the ledger as they are now."""
        self._refresh()
        with Ledger(self._settings.ledger) as ledger:
            return plans(self._sources(), ledger, self._settings, now or datetime.now(UTC), self._began)

    def _refresh(self) -> None:
        try:
            self._settings = self._load()
        except SettingsError as error:
            self._say(f"the settings cannot be used, so those before stay in force: {error}")

    def _tick(self) -> list[Any]:
        """Return a task for each source that is due and not waiting already."""
        try:
            due = [plan.source.name for plan in self.plans() if plan.due]
        except MaillonError as error:
            self._say(f"nothing can be scheduled now: {error}")
            return []
        with self._guard:
            fresh = [name for name in due if name not in self._waiting]
            self._waiting.update(fresh)
        return [*(self._harvest.s(name) for name in fresh), *self._due_tonight(datetime.now(UTC))]

    def _due_tonight(self, now: datetime) -> list[Any]:
        """Return the task of the night where its schedule came since the last one, or since this process began."""
        schedule = self._settings.nightly
        if fault := cron.fault(schedule) if schedule else "":
            self._say(f"nightly is {schedule!r}: {fault}. Correct the setting; nothing is checked at night.")
        if not schedule or fault or cron.last_before(schedule, now) <= self._last_night:
            return []
        self._last_night = now
        return [self._night.s()]

    def _nightly_now(self) -> None:
        self._say(self._workshop.check_links(self._settings))
        self._say(self._workshop.compare_engines(self._settings))
        self._publish()  # scores and findings depend on them

    def _harvest_now(self, name: str) -> None:
        try:
            self._harvest_if_due(name)
        except Exception as error:
            self._say(f"{name}: {type(error).__name__}: {error}")
            raise  # huey logs it
        finally:
            with self._guard:
                self._waiting.discard(name)
                ready = self._harvested > 0 and not self._waiting
                if ready:
                    self._harvested = 0
            if ready and not self._workshop.stop.is_set():
                self._publish()

    def _harvest_if_due(self, name: str) -> None:
        plan = next((plan for plan in self.plans() if plan.source.name == name), None)
        if plan is None or not plan.due or self._workshop.stop.is_set():
            return
        self._say(f"{name}: begins")
        report = self._workshop.harvest(plan.source, self._settings)
        why = f": {report.notes[0]}" if report.status != "done" and report.notes else ""
        self._say(f"{name}: {report.status}, {report.found:,} datasets found, {report.published:,} published{why}")
        with self._guard:
            self._harvested += 1

    def _publish_now(self) -> None:
        self._refresh()
        self._say(self._workshop.publish(self._settings))
