"""``maillon validation``: whether two engines, apart, find the same in what is published."""

from datetime import UTC, datetime

import click

from maillon.cli.options import with_settings
from maillon.cli.output import table
from maillon.harvest import comparing
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.validation.agreement import Disagreement


@click.group("validation")
def validation_group() -> None:
    """Look after the validation itself."""


def _short(iri: str) -> str:
    """Return the last part of an IRI, which is what tells rules, components and properties apart."""
    return iri.strip("<>").rpartition("/")[2].rpartition("#")[2].rpartition(":")[2]


def _line(item: Disagreement) -> tuple[object, ...]:
    focus, path, severity, component, shape = item.row
    return focus or item.iri, _short(shape), _short(path), severity, _short(component), item.first, item.second


@validation_group.command("compare")
@with_settings
@click.option("--sample", type=click.IntRange(1), default=200, show_default=True, help="How many datasets.")
@click.option("--seed", type=int, help="Which ones are drawn (default: today's date, so others every day).")
@click.option("--keep", is_flag=True, help="Where they differ, show the stricter findings from the next publish on.")
def compare_command(settings: Settings, sample: int, seed: int | None, keep: bool) -> None:
    """Validate a sample of what is published with the reference engine too, and say where the two differ.

    Compared are focus node, path, severity, constraint component and rule. Exit status: 0 they agree, 1 they differ,
    2 the comparison could not be made (pySHACL is missing).
    """
    chosen = int(datetime.now(UTC).strftime("%Y%m%d")) if seed is None else seed
    with Ledger(settings.ledger) as ledger:
        outcome = comparing.compare(ledger, sample, chosen)
        if keep and outcome.stricter:
            comparing.keep(ledger, outcome)
    first, second = outcome.engines
    click.echo(f"{first} and {second}: {outcome.versions:,} records, {outcome.findings:,} findings (seed {chosen}).")
    if not outcome.disagreements:
        click.echo("They agree.")
        return
    columns = ("focus", "rule", "property", "severity", "component", first.split(" ")[0], second.split(" ")[0])
    table(columns, [_line(item) for item in outcome.disagreements])
    kept = "are kept" if keep else "can be kept with --keep"
    click.echo(f"They differ about {len(outcome.stricter):,} records; the stricter findings {kept}.")
    click.echo("Report it to the maintainers of Maillon, with the lines above and the records.")
    raise SystemExit(1)


COMMANDS = (validation_group,)
