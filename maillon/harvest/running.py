"""Runs one source: its TOML in, a report out, and the ledger changed in between if the source could be read to its end.

The way: lock, fetch and read through the source's harvester, map, make canonical, stage; then compare with the ledger,
validate and apply. What was read is applied only when the harvester came to its normal end: after an error, or when the
time limit is over, nothing of the run is applied and nothing counts as missing, so that the last good state stays.
"""

import shutil
import sqlite3
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from inspect import isgenerator
from pathlib import Path

from sqlalchemy import Connection

from maillon import identifiers, mapping
from maillon.errors import OperatorError, RecordRejected, SourceUnavailable
from maillon.fetch import Fetcher
from maillon.harvest import loading, lock
from maillon.harvest.apply import Application
from maillon.harvest.merging import is_dataset, links_of, united
from maillon.harvest.options import Options, Progress, written
from maillon.harvest.report import DONE, FAILED, Report, legible, listing
from maillon.harvest.staging import Staging
from maillon.ledger import Ledger, writing
from maillon.rdf import canonical
from maillon.records import Described, Record, Rejected, Version
from maillon.settings import Settings
from maillon.sources import Source

_STEP = 100
"""Records between two signs of progress."""

_NOTES = 5
"""Kinds of repairs that a report names, the most frequent first."""


def silent(stage: str, done: int, total: int | None) -> None:
    """Show no progress."""


def run(
    source: Source, settings: Settings, ledger: Ledger, options: Options | None = None, progress: Progress = silent
) -> Report:
    """Harvest one source into the ledger.

    Args:
        source: What to harvest.
        settings: The settings in force; raw answers, staging and locks are kept in the folder ``data``.
        ledger: Where to.
        options: How; the default is a plain run now.
        progress: Told how far it is.

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
        with lock.held(settings.data, source.name, written(options.now())), ledger.source_lock(source.name):
            return one.perform()
    except SourceUnavailable as error:  # from the locks: `perform` reports its own
        return one.failure(str(error))


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
        self._datasets = 0
        self._rejected: list[Rejected] = []
        self._readings: Counter[str] = Counter()

    def perform(self) -> Report:
        """Go the whole way; the locks are held."""
        replay = self._replay()
        self._number = self._start()
        raw = self._raw()
        try:
            with Staging(self._settings.data / "staging" / f"{self._source.name}.sqlite") as staging:
                with Fetcher(self._source, self._settings, raw, replay) as fetch:
                    self._read(fetch, staging)
                return self._apply(staging)
        except SourceUnavailable as error:
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
            return self._fail(self._fault(error, raw))
        finally:
            if not self._number:
                shutil.rmtree(raw, ignore_errors=True)

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

    def _read(self, fetch: Fetcher, staging: Staging) -> None:
        self._progress("reading", 0, None)
        number = 0
        for number, record in enumerate(self._records(fetch), 1):
            self._take(record, staging)
            if number % _STEP == 0:
                self._progress("reading", number, None)
        self._progress("reading", number, number)
        self._datasets = staging.count("dataset")

    def _records(self, fetch: Fetcher) -> Iterator[Record]:
        """Yield what the harvester yields; a record that it refuses by an exception becomes a Rejected."""
        records = iter(loading.load(self._source).records(self._source, fetch))
        while True:
            if time.monotonic() - self._began > self._source.time_limit:
                raise SourceUnavailable(
                    f"Source {self._source.name} took longer than its time_limit of {self._source.time_limit:g} "
                    "seconds: nothing was changed. Raise time_limit if it is only large."
                )
            try:
                record = next(records)
            except StopIteration:
                return
            except RecordRejected as error:
                yield Rejected(error.identifier, error.reason, error.detail)
                if isgenerator(records):  # it cannot go on, so what follows would silently be missing
                    raise SourceUnavailable(
                        f"The harvester {self._source.kind} ended at record {error.identifier}: {error.reason}. It "
                        "must yield Rejected to go on with the next."
                    ) from error
                continue
            yield record

    def _take(self, record: Record, staging: Staging) -> None:
        if isinstance(record, Rejected):
            self._reject(record)
            return
        base = self._settings.base_iri
        try:
            entities = mapping.entities(record, self._source, base)
            versions = [canonical.version(entity, base) for entity in entities]
        except RecordRejected as error:
            self._reject(Rejected(error.identifier, error.reason, error.detail, is_dataset(record)))
            return
        if isinstance(record, Described):
            self._readings[record.note] += 1
            versions = [self._united(version, staging) for version in versions]
        keyed = [(version, identifiers.key(base, version.kind, version.iri)) for version in versions]
        for refused in staging.add(keyed, [link for entity in entities for link in links_of(entity)]):
            self._reject(refused)

    def _reject(self, record: Rejected) -> None:
        identifier, reason, detail = map(legible, (record.identifier, record.reason, record.detail))
        self._rejected.append(Rejected(identifier, reason, detail, record.is_dataset, record.is_private))

    def _private(self) -> frozenset[str]:
        """Return the IRIs of the datasets that the source marks private."""
        base, name = self._settings.base_iri, self._source.name
        found = [item.identifier for item in self._rejected if item.is_private]
        return frozenset(
            item if identifiers.is_absolute(item) else identifiers.mint(base, "dataset", name, item) for item in found
        )

    def _united(self, version: Version, staging: Staging) -> Version:
        """Unite what several documents of an RDF source say of one subject; of datasets the first is kept."""
        earlier = None if version.kind == "dataset" else staging.text(version.iri, version.kind)
        return version if earlier is None else united(earlier, version, self._settings.base_iri)

    def _apply(self, staging: Staging) -> Report:
        now = self._options.now()
        application = Application(self._source, self._ledger, staging, self._number, now, self._private())
        application.compare(self._options.accept_mass_change)
        application.apply(self._progress)
        with application.transaction() as connection:
            application.settle(connection)
            report = self._report(application, staging)
            self._finish(connection, report)
        return report

    def _report(self, application: Application, staging: Staging) -> Report:
        rejected = (*self._rejected, *application.rejected)
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
            orphans=tuple(staging.orphans()),
            seconds=time.monotonic() - self._began,
        )
        return replace(report, notes=tuple(self._notes(staging)))

    def _notes(self, staging: Staging) -> Iterator[str]:
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
        del self._readings[""]
        for note, number in self._readings.most_common(_NOTES):
            yield (
                f"{number:,} subjects stand in documents that break the rules of their syntax and were read in another "
                f"way ({note}): tell their publisher."
            )

    def _finish(self, connection: Connection, report: Report) -> None:
        if self._number:
            writing.put_rejections(connection, self._number, report.rejections)
            ended = {
                "status": report.status,
                "finished": written(self._options.now()),
                "message": report.notes[0] if report.status == FAILED else "",
            }
            writing.finish_run(connection, self._number, ended, report.for_ledger())

    def failure(self, message: str) -> Report:
        """Return the report of a run that changed nothing."""
        name = self._source.name
        missing = self._ledger.count(name, "dataset", ("missing",))
        return Report(
            source=name,
            run=self._number,
            status=FAILED,
            found=self._datasets + sum(item.is_dataset for item in self._rejected),
            published=missing + self._ledger.count(name, "dataset", ("live",)),
            missing=missing,
            withheld=self._ledger.count(name, "dataset", ("withheld",)),
            rejections=tuple(self._rejected),
            notes=(legible(message),),
            seconds=time.monotonic() - self._began,
        )

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
