"""Runs one source in a process of its own and answers for it, whatever becomes of that process.

A run that is over its time limit and a short grace is killed, also in the middle of a call into C; a process that dies
(out of memory, ``kill -9``) is told; in both cases the run is closed in the ledger, and the caller gets a report.
"""

import signal
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from maillon.errors import OperatorError
from maillon.harvest import running
from maillon.harvest.child import ABANDONED, ChildEnded, Tell, call
from maillon.harvest.options import Options, written
from maillon.harvest.report import Report
from maillon.ledger import Ledger, leases
from maillon.settings import Settings
from maillon.sources import Source

_PAUSE: Final = 5.0
"""Seconds between two lines of one stage."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One source to be harvested in a process of its own; can be sent to another machine."""

    source: Source
    settings: Settings
    options: Options = field(default_factory=Options)
    quiet: bool = False


class _Lines:
    """Writes progress as plain lines, which several processes can do on one terminal."""

    def __init__(self, name: str, quiet: bool) -> None:
        self._name = name
        self._quiet = quiet
        self._stage = ""
        self._shown = 0.0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Write a line when a stage begins, when it ends, and now and then between."""
        now = time.monotonic()
        if self._quiet or (stage == self._stage and now - self._shown < _PAUSE and done != total):
            return
        self._stage, self._shown = stage, now
        of = f" of {total:,}" if total else ""
        sys.stderr.write(f"{self._name}: {stage}{f' {done:,}' if done else ''}{of}\n")
        sys.stderr.flush()


def run_here(job: Job, token: str, tell: Tell) -> Report:
    """Be the child's work: harvest a source into its ledger."""
    with Ledger(job.settings.ledger) as ledger:
        return running.run(job.source, job.settings, ledger, job.options, tell, token)


def watched(job: Job, stop: threading.Event | None = None) -> Report:
    """Harvest a source in a process of its own; return its report, however that process ends.

    Args:
        job: What to harvest, and how.
        stop: When set, the run is ended.
    """
    token = uuid.uuid4().hex
    seconds = job.source.time_limit + job.settings.harvest_grace
    lines = _Lines(job.source.name, job.quiet)
    try:
        report: Report = call("maillon.harvest.watching:run_here", (job, token), seconds, lines, stop)
    except ChildEnded as ended:
        return _closed(job, token, _explained(job, ended))
    except OperatorError as error:
        return _closed(job, token, str(error))
    return report


def _explained(job: Job, ended: ChildEnded) -> str:
    name, limit = job.source.name, job.source.time_limit
    if ended.how == "time":
        return (
            f"Source {name} did not end within its time_limit of {limit:g} seconds and {job.settings.harvest_grace:g} "
            "more, so its process was ended: what was applied before stays. Raise time_limit in its TOML if it is only "
            "large; if it hangs, tell whoever wrote its harvester."
        )
    if ended.how == "stopped":
        return ABANDONED
    if ended.code == 130:
        return "Interrupted by the operator."
    cause = f"by signal {signal.Signals(-ended.code).name}" if ended.code < 0 else f"with exit status {ended.code}"
    return (
        f"The process that harvested source {name} ended {cause}, not by Maillon. If nobody did that, this machine may "
        "be short of memory: look at its log, then harvest the source again; what was applied before stays."
    )


def _closed(job: Job, token: str, message: str) -> Report:
    """Close the run that a dead child left open, if it had one, and free its source."""
    with Ledger(job.settings.ledger) as ledger:
        number = 0
        with ledger.writing() as connection:
            present = leases.standing(connection).get(job.source.name)
            if present is not None and present.holder.startswith(f"{token} "):
                leases.give_back(connection, job.source.name, present.holder)
                number = leases.running(connection, job.source.name)
        report = running.failure(ledger, job.source, number, message)
        if number:
            with ledger.writing() as connection:
                running.finish(connection, report, written(datetime.now(UTC)))
    return report
