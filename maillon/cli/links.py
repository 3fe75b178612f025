"""``maillon links``: check the web addresses of what is published, and show what is known of them."""

import click

from maillon.cli.options import as_json, with_settings
from maillon.cli.output import json_line, table
from maillon.links import earl, running
from maillon.links.states import GOOD, LinkState
from maillon.links.store import Links
from maillon.settings import Settings

_source = click.option("--source", default="", help="Only the addresses of this source.")


@click.group("links")
def links_group() -> None:
    """Check the addresses of files and services, and show which do not work."""


@links_group.command("check")
@with_settings
@_source
@click.option("--limit", default=0, help="Check at most so many addresses (default: all that are due).")
@click.option("--everything", is_flag=True, help="Check those too whose next check is not due yet.")
@click.option("--allow-host", "allow_hosts", multiple=True, help="A host of your own network that may be asked.")
@as_json
def check_command(
    settings: Settings, source: str, limit: int, everything: bool, allow_hosts: tuple[str, ...], as_json: bool
) -> None:
    """Check the addresses that are due: politely, host by host, for links_seconds at most.

    The next publication takes the results into account.
    """
    outcome = running.check(settings, source, limit, everything, allow_hosts=allow_hosts)
    verdicts = dict(sorted(outcome.verdicts.items(), key=lambda item: -item[1]))
    if as_json:
        json_line({"verdicts": verdicts, "left": outcome.left, "hosts_left_alone": outcome.hosts})
        return
    checked, good = sum(verdicts.values()), sum(verdicts.get(name, 0) for name in GOOD)
    click.echo(f"{checked:,} addresses checked, {good:,} work, {outcome.left:,} are left for the next run.")
    table(("verdict", "addresses"), list(verdicts.items()))
    for host in sorted(outcome.hosts):
        click.echo(f"{host} did not answer several times in a row: its other addresses are checked next time.")


def _cells(state: LinkState) -> tuple[object, ...]:
    return (state.verdict, state.status or "", state.bad_since or state.good_since, state.url, state.detail)


@links_group.command("show")
@with_settings
@_source
@click.option("--all", "everything", is_flag=True, help="Those that work too.")
@click.option("--earl", "as_earl", is_flag=True, help="As assertions of EARL, in N-Quads.")
@as_json
def show_command(settings: Settings, source: str, everything: bool, as_earl: bool, as_json: bool) -> None:
    """Show the addresses that do not work, and since when."""
    states = Links(settings.links).states(running.addresses(settings, source)).values()
    shown = [state for state in sorted(states, key=lambda item: item.url) if everything or not state.is_good]
    if as_earl:
        click.echo("".join(earl.quads(shown, settings.base_iri, f"{settings.base_iri}graph/links")), nl=False)
        return
    if as_json:
        for state in shown:
            names = ("url", "verdict", "status", "final", "media_type", "octets", "detail", "checked", "bad_since")
            json_line({name: getattr(state, name) for name in names})
        return
    table(("verdict", "status", "since", "address", "detail"), [_cells(state) for state in shown])
    if not states:
        click.echo("No address was checked yet: run `maillon links check`.")


@links_group.command("history")
@click.argument("url")
@with_settings
@as_json
def history_command(url: str, settings: Settings, as_json: bool) -> None:
    """Show the last checks of one address, the latest first."""
    history = [(check.at, check.verdict, check.status or "") for check in Links(settings.links).history(url)]
    if as_json:
        json_line({"url": url, "checks": history})
        return
    table(("when", "verdict", "status"), history)


COMMANDS = (links_group,)
