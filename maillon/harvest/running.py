"""Runs one source: its TOML in, a report out, and the ledger changed in between if the source could be read to its end.

The way: take the lease, fetch and read through the source's harvester, map, repair, make canonical, stage; then compare
with the ledger, validate and apply. What was read is applied only when the harvester came to its normal end: after an
error, or when the time limit is over, nothing of the run is applied and nothing counts as missing, so that the last
good state stays.
"""

import contextlib
import hashlib
import shutil
import sqlite3
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from maillon import __version__, repair
from maillon.errors import OperatorError, SourceUnavailable
from maillon.fetch import Fetcher, HttpFailure, RawFolder
from maillon.harvest import identity, leases, loading, retention, spreading
from maillon.harvest.apply import Application
from maillon.harvest.options import Options, Progress, written
from maillon.harvest.reading import Reading, TimeOver
from maillon.harvest.report import DONE, FAILED, Report, legible, listing
from maillon.harvest.staging import Staging
from maillon.harvest.tables import Tables, rows_of
from maillon.harvest.taking import Taker
from maillon.ledger import Ledger, bookmarks, writing
from maillon.ledger.rows import definition
from maillon.settings import Settings
from maillon.sources import Source

_NOTES = 5
"""Kinds of unusual readings that a report names, the most frequent first."""

_BOOKMARK = "bookmark.txt"


def silent(stage: str, done: int, total: int | None) -> None:
    """Show no progress."""


def run(
    source: Source,
    settings: Settings,
    ledger: Ledger,
    options: Options | None = None,
    progress: Progress = silent,
    token: str = "",
) -> Report:
    """Harvest one source into the ledger.

    Args:
        source: What to harvest.
        settings: The settings in force; raw answers and staging are kept in the folder ``data``.
        ledger: Where to.
        options: How; the default is a plain run now.
        progress: Told how far it is.
        token: Begins the name of the lease's holder, for whoever watches this process.

    Returns:
        The report. A source that cannot be harvested now (SourceUnavailable, MassChange, another run of it under way,
        or a fault in its harvester) gives a report with status ``failed``, whose first note says why.

    Raises:
        SourceDefinitionError: There is no harvester for its kind.
        OperatorError: The operator must act: the ledger or the data folder fails, or the run to replay is not there.
    """
    options = options or Options()
    loading.check(source)
    one = _Run(source, settings, ledger, options, progress)
    try:
        with leases.Held(ledger, source.name, settings.lease_seconds, token) as held:
            return one.perform(held)
    except SourceUnavailable as error:  # from the lease: `perform` reports its own
        return one.failure(str(error))


def failure(ledger: Ledger, source: Source, number: int, message: str) -> Report:
    """Return the report of a run that changed nothing, with what the ledger knows of its source."""
    missing = ledger.count(source.name, "dataset", ("missing",))
    return Report(
        source=source.name,
        run=number,
        status=FAILED,
        published=missing + ledger.count(source.name, "dataset", ("live",)),
        missing=missing,
        withheld=ledger.count(source.name, "dataset", ("withheld",)),
        notes=(legible(message),),
    )


def _keep_bookmark(raw: Path, value: str) -> None:
    """Keep beside the raw answers of a run where it went on from, for whoever replays it."""
    if value:
        raw.mkdir(parents=True, exist_ok=True)
        (raw / _BOOKMARK).write_text(value, encoding="utf-8")


def finish(connection: Connection, report: Report, at: str) -> None:
    """Write the end of a run, and what it rejected, into the ledger."""
    writing.put_rejections(connection, report.run, report.rejections)
    message = report.notes[0] if report.status == FAILED else ""
    ended = {"status": report.status, "finished": at, "message": message}
    writing.finish_run(connection, report.run, ended, report.for_ledger())


class _Run:
    """One run under way."""

    def __init__(
        self, source: Source, settings: Settings, ledger: Ledger, options: Options, progress: Progress
    ) -> None:
        self._source = source
        self._settings = settings
        self._ledger = ledger
        self._options = options
        self._progress = progress
        self._began = time.monotonic()
        self._number = 0
        self._resumed = 0  # the run whose pages may be taken over
        self._reused = 0  # how many of them were
        self._reading: Reading | None = None
        self._tables = Tables()

    def perform(self, held: leases.Held) -> Report:
        """Go the whole way; the lease is held."""
        self._ledger = leases.Fenced(self._ledger, held)
        replay, resume = self._replay(), self._resume()
        self._number = self._start()
        raw = self._raw()
        try:
            bookmark = self._bookmark(replay)
            _keep_bookmark(raw, bookmark)
            return self._whole(Fetcher(self._source, self._settings, raw, replay, bookmark, resume), held)
        except SourceUnavailable as error:
            # Only what cut the run off from outside leaves pages that the next run can trust.
            if not isinstance(error, HttpFailure | TimeOver | leases.LeaseLost):
                RawFolder(raw).void()
            return self._fail(str(error))
        except (OperatorError, KeyboardInterrupt, SystemExit) as error:
            self._fail(str(error) or "Interrupted by the operator.")
            raise
        except sqlite3.OperationalError as error:  # of the staging file: the disk is full, or gone
            message = f"The staging file cannot be written: {error}. Check the disk of the data folder."
            self._fail(message)
            raise OperatorError(message) from error
        except BaseException as error:
            # The one door of harvesting. Harvesters may be third parties', and engines in Rust panic with exceptions
            # outside Exception; whatever is wrong with this source, the others must carry on.
            RawFolder(raw).void()
            return self._fail(self._fault(error, raw))
        finally:
            if self._number:
                with contextlib.suppress(OperatorError):  # the next run does it
                    retention.prune(self._ledger, raw.parent, self._source.name, self._settings.keep_raw_runs)
            else:
                shutil.rmtree(raw, ignore_errors=True)

    def _whole(self, fetcher: Fetcher, held: leases.Held) -> Report:
        with Staging(self._settings.data / "staging" / f"{self._source.name}.sqlite") as staging:
            taker = self._taker(fetcher)
            reading = self._reading = Reading(self._source, taker, staging, self._progress, held.check)
            with fetcher as fetch:
                reading.read(fetch)
                spreading.spread(taker, staging)
                staging.drop(reading.private())  # what is open on one page and private on another is private
                self._tables.read(taker, staging, fetch, reading, self._ledger)
                self._reused = fetch.reused
            return self._apply(staging, reading, taker)

    def _resume(self) -> Path | None:
        """Return the raw answers of the last run of the source, if it was cut off; they say which can be used."""
        options = self._options
        if options.replay_run is not None or options.full or not options.resume or not self._source.is_http:
            return None
        last = next(iter(self._ledger.runs(self._source.name, 1)), None)
        if last is None or last.status == DONE:
            return None
        self._resumed = last.id
        return self._settings.data / "raw" / str(last.id)

    def _taker(self, fetcher: Fetcher) -> Taker:
        with self._ledger.reading() as connection:
            aliases = bookmarks.aliases_of(connection, self._source.name)
        sniff = fetcher.sniff if self._source.sniff else None
        return Taker(repair.Context(source=self._source, base=self._settings.base_iri, sniff=sniff), aliases)

    def _fingerprint(self) -> str:
        """Return what a bookmark depends on: with another definition, base or Maillon all has to be read again."""
        what = definition(replace(self._source, enabled=True, schedule=""))  # when it is read changes nothing of it
        parts = (what, self._settings.base_iri, __version__, *(rule.id for rule in repair.RULES))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _bookmark(self, replay: Path | None) -> str:
        if replay is not None:  # a run that read only what was new must not be taken for one that read all
            with contextlib.suppress(FileNotFoundError):
                return (replay / _BOOKMARK).read_text(encoding="utf-8")
        if self._options.full or replay is not None:
            return ""
        with self._ledger.reading() as connection:
            return bookmarks.bookmark(connection, self._source.name, self._fingerprint())

    def _replay(self) -> Path | None:
        number = self._options.replay_run
        if number is None:
            return None
        folder = self._settings.data / "raw" / str(number)
        row = self._ledger.run(number)
        if row is None or not folder.is_dir():
            raise OperatorError(f"There is no run {number} with raw answers in {folder.parent}: see `maillon runs`.")
        if row.source != self._source.name:
            raise OperatorError(f"Run {number} is of source {row.source}, not {self._source.name}: name that source.")
        return folder

    def _start(self) -> int:
        if self._options.dry_run:
            return 0
        at = written(self._options.now())
        with self._ledger.writing() as connection:
            writing.put_source(connection, self._source, at)
            return writing.start_run(connection, self._source.name, at, self._options.replay_run)

    def _raw(self) -> Path:
        """Return the folder of this run's raw answers; one that an earlier ledger left there is moved aside."""
        if not self._number:
            folder = self._settings.data / "staging" / f"{self._source.name}.raw"
            shutil.rmtree(folder, ignore_errors=True)
            return folder
        folder = self._settings.data / "raw" / str(self._number)
        if folder.exists():
            folder.rename(folder.with_name(f"{self._number}.before-{time.time_ns()}"))
        return folder

    def _apply(self, staging: Staging, reading: Reading, taker: Taker) -> Report:
        application = Application(
            source=self._source,
            ledger=self._ledger,
            staging=staging,
            run=self._number,
            now=self._options.now(),
            private=reading.private(),
            deleted=reading.deleted(),
            is_partial=reading.is_partial,
            kept=self._rows(self._tables.kept),
            withdrawn=self._rows(self._tables.withdrawn),
            yielding=self._yielding(),
        )
        aliases = identity.recognise(application)
        refused = taker.restage(staging, {item.given: item.kept for item in aliases}) if aliases else []
        application.rejected += refused
        application.compare(self._options.accept_mass_change)
        application.apply(self._progress)
        with application.transaction() as connection:
            application.settle(connection)
            report = self._report(application, reading, taker, len(aliases))
            self._finish(connection, report)
            if self._number:
                bookmarks.drop_aliases(connection, self._source.name, taker.void)
                bookmarks.put_aliases(connection, self._number, self._source.name, written(application.now), aliases)
                value = reading.bookmark.value if reading.bookmark is not None else ""
                bookmarks.put_bookmark(connection, self._number, self._source.name, value, self._fingerprint())
        return report

    def _rows(self, tables: list[str]) -> frozenset[str]:
        return rows_of(self._ledger, self._source.name, self._settings.base_iri, tables)

    def _yielding(self) -> frozenset[str]:
        """Return the aggregators, which give way to a source that is none."""
        if self._source.aggregator:
            return frozenset()
        return frozenset(row.name for row in self._ledger.sources() if row.source.aggregator)

    def _report(self, application: Application, reading: Reading, taker: Taker, renamed: int) -> Report:
        rejected = (*reading.rejected, *self._tables.rejected, *application.rejected)
        counts = application.datasets()
        report = Report(
            source=self._source.name,
            run=self._number,
            status=DONE,
            found=sum(item.is_dataset for item in rejected)
            + counts.new
            + counts.changed
            + counts.unchanged
            + counts.withheld,
            published=counts.published,
            new=counts.new,
            changed=counts.changed,
            unchanged=counts.unchanged,
            missing=counts.missing,
            gone=counts.gone,
            withheld=counts.withheld,
            rejections=rejected,
            withheld_because=tuple(application.withheld),
            orphans=() if reading.is_partial else tuple(application.staging.orphans()),
            repairs=dict(application.repaired.most_common()),
            findings=dict(application.tally.after.most_common()),
            findings_before=dict(application.tally.before.most_common()),
            rows=self._tables.rows,
            partial=reading.is_partial,
            seconds=time.monotonic() - self._began,
        )
        return replace(report, notes=tuple(self._notes(application.staging, reading, taker, renamed)))

    def _notes(self, staging: Staging, reading: Reading, taker: Taker, renamed: int) -> Iterator[str]:
        if renamed:
            yield f"{renamed:,} datasets and distributions have other identifiers than before and were recognised."
        if self._reused:
            yield f"{self._reused:,} pages were taken from run {self._resumed}, which had been cut off."
        if reading.again:
            yield f"The source changed while it was read, so it was read {reading.again + 1} times."
        yield from (f"A repair rule failed, and its repair was left out: {fault}." for fault in taker.faults)
        outcomes = staging.outcomes()
        kept = {kind: number for (kind, outcome), number in sorted(outcomes.items()) if outcome == "kept"}
        if kept:
            yield f"Owned and described by another source too, whose words were kept: {listing(kept.items())}."
        held = {
            kind: number
            for (kind, outcome), number in sorted(outcomes.items())
            if outcome == "withheld" and kind != "dataset"
        }
        if held:
            yield f"Withheld besides datasets: {listing(held.items())}."
        if staging.differing:
            yield (
                f"{staging.differing:,} times something other than a dataset was described in two ways: the statements "
                "were united where that was possible, else the fullest description was kept."
            )
        del taker.readings[""]
        for note, number in taker.readings.most_common(_NOTES):
            yield (
                f"{number:,} subjects stand in documents with mistakes and were read in another "
                f"way ({note}): tell their publisher."
            )

    def _finish(self, connection: Connection, report: Report) -> None:
        if self._number:
            finish(connection, report, written(self._options.now()))

    def failure(self, message: str) -> Report:
        """Return the report of a run that changed nothing."""
        rejected = [] if self._reading is None else self._reading.rejected
        return replace(
            failure(self._ledger, self._source, self._number, message),
            found=self._found() + sum(item.is_dataset for item in rejected),
            rejections=tuple(rejected),
            seconds=time.monotonic() - self._began,
        )

    def _found(self) -> int:
        return 0 if self._reading is None else self._reading.datasets

    def _fail(self, message: str) -> Report:
        report = self.failure(message)
        if self._number:
            with self._ledger.writing() as connection:
                self._finish(connection, report)
        return report

    def _fault(self, error: BaseException, raw: Path) -> str:
        """Keep the traceback of a fault beside the raw answers; return what the report says of it."""
        path = (raw if self._number else raw.parent) / f"{self._source.name}.error.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        what = traceback.format_exception_only(error)[-1].strip()
        return (
            f"A fault in the harvester {self._source.kind} or in Maillon, not in the source: {what}. Nothing more was "
            f"changed. Report it with the file {path.relative_to(self._settings.data)} of the data folder."
        )
