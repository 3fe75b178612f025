"""``maillon harvest``: from sources to the ledger, and a table of what became of each."""

from collections.abc import Iterator

import click

from maillon import sources as definitions
from maillon.cli.options import as_json, with_settings
from maillon.cli.output import Progress, json_line, table
from maillon.errors import OperatorError, SourceDefinitionError
from maillon.harvest import Options, Report, loading, run
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.sources import Source

_COUNTS = ("found", "published", "new", "changed", "unchanged", "missing", "gone", "withheld")


def _chosen(names: tuple[str, ...]) -> tuple[list[Source], list[SourceDefinitionError]]:
    """Return the sources to harvest, and what is wrong with the others: those do not stop these."""
    wrong: list[SourceDefinitionError] = []
    if not names:
        usable, wrong = definitions.known()
        return [source for source in usable if source.enabled and _usable(source, [], wrong)], wrong
    chosen: list[Source] = []
    for name in names:
        try:
            source = definitions.load(name)
        except SourceDefinitionError as error:
            wrong.append(error)
        else:
            if _usable(source, chosen, wrong):
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


def _reports(chosen: list[Source], settings: Settings, options: Options, quiet: bool) -> Iterator[Report]:
    with Ledger(settings.ledger) as ledger:
        for source in chosen:
            progress = Progress(source.name, quiet=quiet)
            try:
                yield run(source, settings, ledger, options, progress)
            finally:
                progress.close()


def _show(reports: list[Report], dry_run: bool) -> None:
    table(
        ("source", "status", *_COUNTS, "rejected"),
        [
            (report.source, report.status, *(getattr(report, name) for name in _COUNTS), sum(report.rejected.values()))
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
    for report in reports:
        if report.orphans:
            click.echo(f"{report.source}: {len(report.orphans):,} distributions belong to no dataset of the source.")
        for note in report.notes:
            click.echo(f"{report.source}: {note}", err=True)
    if dry_run:
        click.echo("\nDry run: nothing was kept.")


@click.command("harvest")
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@with_settings
@click.option("--dry-run", is_flag=True, help="Do everything but keep the result: shows what a run would change.")
@click.option("--replay", metavar="RUN", type=int, help="Read the raw answers of an earlier run, not the source.")
@click.option("--accept-mass-change", is_flag=True, help="Let a run through that makes many datasets vanish.")
@as_json
def harvest_command(
    names: tuple[str, ...],
    settings: Settings,
    dry_run: bool,
    replay: int | None,
    accept_mass_change: bool,
    as_json: bool,
) -> None:
    """Harvest sources into the ledger: all enabled ones, or those named.

    SOURCE is a name in harvesters/sources/ or the path of a TOML with at least the keys kind and url. A source that
    fails keeps its last good state and does not stop the others; the exit status is then 1. Nothing is visible on
    the site before `maillon publish`.
    """
    options = Options(dry_run=dry_run, replay_run=replay, accept_mass_change=accept_mass_change)
    replayed = replay is not None and not names
    chosen, wrong = ([_source_of(settings, replay or 0)], []) if replayed else _chosen(names)
    for error in wrong:
        click.echo(f"maillon: {error}", err=True)
    if wrong and not chosen:
        click.get_current_context().exit(2)
    reports = []
    for report in _reports(chosen, settings, options, quiet=as_json):
        reports.append(report)
        if as_json:
            json_line(report.as_json())
            for note in report.notes:
                click.echo(f"{report.source}: {note}", err=True)
    if not as_json:
        _show(reports, dry_run)
    if wrong or any(report.status != "done" for report in reports):
        click.get_current_context().exit(1)


def _source_of(settings: Settings, number: int) -> Source:
    """Return the source of a run: as it is defined now, or as it was when its TOML is not in harvesters/sources/."""
    with Ledger(settings.ledger) as ledger:
        row = ledger.run(number)
        harvested = {item.name: item.source for item in ledger.sources()}
    if row is None:
        raise OperatorError(f"There is no run {number}: `maillon runs` lists them.")
    ready = {source.name: source for source in definitions.known()[0]}
    return ready.get(row.source) or harvested[row.source]


COMMANDS = (harvest_command,)
