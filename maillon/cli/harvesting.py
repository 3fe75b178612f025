"""``maillon harvest``: from sources to the ledger, and a table of what became of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from maillon import definitions
from maillon.cli.options import as_json, with_settings
from maillon.cli.output import Progress, json_line, table
from maillon.cli.sources import next_run
from maillon.errors import OperatorError, SourceDefinitionError
from maillon.harvest import Job, Options, Report, loading, run, together
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.sources import Source

_COUNTS = ("found", "published", "new", "changed", "unchanged", "missing", "gone", "withheld")


def _chosen(names: tuple[str, ...], everything: bool, data: Path) -> tuple[list[Source], list[SourceDefinitionError]]:
    """Return the sources to harvest, and what is wrong with the others: those do not stop these."""
    wrong: list[SourceDefinitionError] = []
    chosen: list[Source] = []
    if everything or not names:
        usable, wrong = definitions.known(data)
        chosen = [source for source in usable if source.enabled and _usable(source, [], wrong)]
    every = tuple(chosen)
    for name in names:
        try:
            source = definitions.load(name, data)
        except SourceDefinitionError as error:
            wrong.append(error)
        else:
            if source not in every and _usable(source, chosen, wrong):
                chosen.append(source)
    return chosen, wrong


def _usable(source: Source, chosen: list[Source], wrong: list[SourceDefinitionError]) -> bool:
    if source.name in {item.name for item in chosen}:
        wrong.append(SourceDefinitionError(f"Two sources are called {source.name}: give one another `name`."))
        return False
    try:
        loading.check(source)
    except SourceDefinitionError as error:
        wrong.append(error)
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class _Harvest:
    """What is to be harvested, and how."""

    sources: list[Source]
    settings: Settings
    options: Options
    jobs: int | None
    alone: bool
    quiet: bool

    def reports(self) -> Iterator[Report]:
        """Harvest; yield the reports as they come."""
        if self.alone:
            yield self._here(self.sources[0])
            return
        jobs = [
            Job(source=source, settings=self.settings, options=self.options, quiet=self.quiet)
            for source in self.sources
        ]
        yield from together.harvest(jobs, self.jobs or self.settings.harvest_jobs)

    def _here(self, source: Source) -> Report:
        progress = Progress(source.name, quiet=self.quiet)
        with Ledger(self.settings.ledger) as ledger:
            try:
                return run(source, self.settings, ledger, self.options, progress)
            finally:
                progress.close()

    def place(self, report: Report) -> int:
        """Return where a report stands in the table."""
        return [source.name for source in self.sources].index(report.source)


def _show(reports: list[Report], upcoming: dict[str, str | None], dry_run: bool) -> None:
    table(
        ("source", "status", *_COUNTS, "rejected", "repairs"),
        [
            (
                report.source,
                report.status,
                *(getattr(report, name) for name in _COUNTS),
                sum(report.rejected.values()),
                sum(report.repairs.values()),
            )
            for report in reports
        ],
    )
    rejected = [(report.source, reason, count) for report in reports for reason, count in report.rejected.items()]
    if rejected:
        click.echo("\nRejected, by reason (`maillon runs --rejected SOURCE` names each record):")
        table(("source", "reason", "records"), rejected)
    withheld = [(item.identifier, item.reason) for report in reports for item in report.withheld_because]
    if withheld:
        click.echo("\nWithheld (kept, but not shown):")
        table(("dataset", "why"), withheld[:20])
    _show_quality(reports)
    for report in reports:
        if report.orphans:
            click.echo(f"{report.source}: {len(report.orphans):,} distributions belong to no dataset of the source.")
        if upcoming.get(report.source):
            click.echo(f"{report.source}: next run {upcoming[report.source]}.")
        for note in report.notes:
            click.echo(f"{report.source}: {note}", err=True)
    if dry_run:
        click.echo("\nDry run: nothing was kept.")


def _show_quality(reports: list[Report]) -> None:
    """Show the findings side by side: of what the sources sent, and of what is published of it."""
    rows = [
        (report.source, severity.lower(), report.findings_before.get(severity, 0), report.findings.get(severity, 0))
        for report in reports
        for severity in sorted({*report.findings_before, *report.findings}, reverse=True)
    ]
    if rows:
        click.echo("\nFindings, as sent and after repair:")
        table(("source", "severity", "sent", "repaired"), rows)


@click.command("harvest")
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@with_settings
@click.option("--all", "everything", is_flag=True, help="All enabled sources; what is meant where none is named.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 256), help="So many side by side (setting harvest_jobs).")
@click.option("--dry-run", is_flag=True, help="Do everything but keep the result: shows what a run would change.")
@click.option("--full", is_flag=True, help="Read sources from the start, not only what changed since the last run.")
@click.option("--no-resume", is_flag=True, help="Fetch everything anew, also where the last run was cut off just now.")
@click.option("--replay", metavar="RUN", type=int, help="Read the raw answers of an earlier run, not the source.")
@click.option("--accept-mass-change", is_flag=True, help="Let a run through that makes many datasets vanish.")
@as_json
def harvest_command(
    names: tuple[str, ...], settings: Settings, everything: bool, jobs: int | None, as_json: bool, **how: Any
) -> None:
    """Harvest sources into the ledger: all enabled ones, or those named.

    SOURCE is a name that `maillon sources` lists, or the path of a TOML with the keys kind and url. A source that fails
    keeps its last good state and does not stop the others; the exit status is then 1. Several sources are
    harvested side by side, each in a process of its own, which is ended when its time limit is over. Nothing is
    visible on the site before `maillon publish`.
    """
    options = Options(
        dry_run=how["dry_run"],
        replay_run=how["replay"],
        accept_mass_change=how["accept_mass_change"],
        full=how["full"],
        resume=not how["no_resume"],
    )
    replayed = options.replay_run is not None and not names
    chosen, wrong = (
        ([_source_of(settings, options.replay_run or 0)], []) if replayed else _chosen(names, everything, settings.data)
    )
    for error in wrong:
        click.echo(f"maillon: {error}", err=True)
    if wrong and not chosen:
        click.get_current_context().exit(2)
    alone = len(chosen) == 1 and jobs is None and not everything and (replayed or len(names) == 1)
    harvest = _Harvest(sources=chosen, settings=settings, options=options, jobs=jobs, alone=alone, quiet=as_json)
    reports = _told(harvest, options.dry_run)
    if wrong or any(report.status != "done" for report in reports):
        click.get_current_context().exit(1)


def _told(harvest: _Harvest, dry_run: bool) -> list[Report]:
    """Harvest and say what became of each source: as JSON at once, as tables at the end."""
    upcoming = {source.name: next_run(source) for source in harvest.sources}
    reports = []
    for report in harvest.reports():
        reports.append(report)
        if harvest.quiet:
            more = {"status": report.status, "run": report.run, "next_run": upcoming[report.source]}
            json_line({**report.as_json(), **more})
            for note in report.notes:
                click.echo(f"{report.source}: {note}", err=True)
    if not harvest.quiet:
        _show(sorted(reports, key=harvest.place), upcoming, dry_run)
    return reports


def _source_of(settings: Settings, number: int) -> Source:
    """Return the source of a run: as it is defined now, or as it was when its TOML was given by path."""
    with Ledger(settings.ledger) as ledger:
        row = ledger.run(number)
        harvested = {item.name: item.source for item in ledger.sources()}
    if row is None:
        raise OperatorError(f"There is no run {number}: `maillon runs` lists them.")
    ready = {source.name: source for source in definitions.known(settings.data)[0]}
    return ready.get(row.source) or harvested[row.source]


COMMANDS = (harvest_command,)
