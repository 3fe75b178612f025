"""``maillon sources``: which sources there are, where they are defined, and which are harvested by themselves."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from maillon import cron, definitions
from maillon.cli import adding
from maillon.cli.options import as_json, with_settings
from maillon.cli.output import json_line, table
from maillon.definitions import Definition
from maillon.errors import SourceDefinitionError
from maillon.harvest import loading
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.sources import Source

_OWN, _INSTEAD, _SHIPPED, _LEDGER = "own", "own, instead of the shipped one", "shipped", "ledger only"
_YES = {True: "yes", False: "no"}


def next_run(source: Source) -> str | None:
    """Return when the schedule harvests a source next, in UTC; None where it does not."""
    if not source.schedule or not source.enabled:
        return None
    return f"{cron.next_after(source.schedule, datetime.now(UTC)):%Y-%m-%dT%H:%MZ}"


def _where(item: Definition | None) -> str:
    if item is None:
        return _LEDGER
    if not item.is_own:
        return _SHIPPED
    return _INSTEAD if item.replaces else _OWN


def _unusable(found: Iterable[Definition]) -> Iterator[SourceDefinitionError]:
    """Yield why sources cannot be harvested though their definitions can be read."""
    for item in found:
        try:
            loading.check(item.source)
        except SourceDefinitionError as error:
            yield error


def _rows(settings: Settings) -> list[dict[str, Any]]:
    """Return what there is to say of each source: of those that are defined, and those that were harvested before."""
    with Ledger(settings.ledger) as ledger:
        harvested = {row.name: row for row in ledger.sources()}
        datasets = {name: ledger.count(name, "dataset", ("live", "missing")) for name in harvested}
    found, wrong = definitions.every(settings.data)
    for error in (*wrong, *_unusable(found)):
        click.echo(f"maillon: {error}", err=True)
    defined = {item.source.name: item for item in found}
    rows = []
    for name in sorted({*defined, *harvested}):
        item = defined.get(name)
        source = harvested[name].source if item is None else item.source
        rows.append(
            {
                "source": name,
                "kind": source.kind,
                "enabled": item is not None and source.enabled,
                "schedule": source.schedule or None,
                "next_run": None if item is None else next_run(source),
                "last_harvest": harvested[name].last_done if name in harvested else None,
                "datasets": datasets.get(name, 0),
                "defined": _where(item),
                "url": source.url if source.is_http else Path(source.url).name,
            }
        )
    return rows


def _list(settings: Settings, as_json: bool) -> None:
    rows = _rows(settings)
    if as_json:
        for row in rows:
            json_line(row)
        return
    shown = ("source", "kind", "enabled", "schedule", "next_run", "last_harvest", "datasets", "defined")
    empty = {"schedule": "none", "next_run": "", "last_harvest": "never"}
    for row in rows:
        row.update({key: text for key, text in empty.items() if row[key] is None}, enabled=_YES[row["enabled"]])
    table([name.replace("_", " ") for name in shown], [[row[key] for key in shown] for row in rows])


@click.group("sources", invoke_without_command=True)
@with_settings
@as_json
@click.pass_context
def sources_group(context: click.Context, settings: Settings, as_json: bool) -> None:
    """List the sources, add your own, enable and disable them.

    Sources come with Maillon (harvesters/sources/) or are your own (the folder `sources` of the data folder); of two
    with one name, your own counts. Enabled ones are harvested by `maillon harvest` and by the schedule.
    """
    if context.invoked_subcommand is None:
        _list(settings, as_json)
    elif context.get_parameter_source("settings") is not ParameterSource.DEFAULT or as_json:
        raise click.UsageError(f"Give options after `{context.invoked_subcommand}`, which is what they are for.")


@sources_group.command("list")
@with_settings
@as_json
def list_command(settings: Settings, as_json: bool) -> None:
    """List the sources: those that are defined and those harvested before."""
    _list(settings, as_json)


@sources_group.command("show")
@click.argument("name")
@with_settings
@as_json
def show_command(name: str, settings: Settings, as_json: bool) -> None:
    """Print the definition in force of the source NAME, and where it stands."""
    item = definitions.find(name, settings.data)
    if as_json:
        values = {"source": name, "enabled": item.source.enabled, "defined": _where(item), "path": item.path}
        json_line({**values, "toml": definitions.text_of(item.path)})
        return
    state = "enabled" if item.source.enabled else "disabled"
    click.echo(f"# {name}: {state}, {_where(item)}, {item.path}")
    click.echo(definitions.text_of(item.path), nl=False)


@sources_group.command("enable")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@with_settings
def enable_command(names: tuple[str, ...], settings: Settings) -> None:
    """Let `maillon harvest` and the schedule include sources."""
    for name in names:
        loading.check(definitions.find(name, settings.data).source)
        definitions.switch(name, True, settings.data)
        following = next_run(definitions.find(name, settings.data).source)
        when = f"the schedule harvests it next {following}" if following else "it has no schedule"
        click.echo(f"{name} is enabled; {when}. Now: `maillon harvest {name}`.")


@sources_group.command("disable")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@with_settings
def disable_command(names: tuple[str, ...], settings: Settings) -> None:
    """Leave sources out of `maillon harvest` and of the schedule; what was harvested of them stays."""
    for name in names:
        definitions.switch(name, False, settings.data)
        click.echo(f"{name} is disabled; what was harvested of it stays published.")


@sources_group.command("remove")
@click.argument("name")
@with_settings
def remove_command(name: str, settings: Settings) -> None:
    """Remove the definition of your own source NAME; what was harvested of it stays."""
    removed = definitions.remove(name, settings.data)
    with Ledger(settings.ledger) as ledger:
        datasets = ledger.count(name, "dataset", ("live", "missing"))
        runs = len(ledger.runs(name, 1_000_000))
    click.echo(f"The definition of {name} is removed ({removed.path}).")
    if removed.replaces:
        click.echo(f"The source {name} that comes with Maillon counts again; look at it with `maillon sources show`.")
    if runs:
        click.echo(f"In the ledger stay {runs:,} runs and {datasets:,} datasets, which stay published.")
    else:
        click.echo("Nothing was ever harvested of it, so nothing of it stays.")


sources_group.add_command(adding.add_command)
sources_group.add_command(adding.preview_command)

COMMANDS = (sources_group,)
