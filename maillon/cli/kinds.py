"""``maillon kinds``: the kinds of sources there are, and whether one keeps the contract of harvesters."""

import importlib
import sys
from pathlib import Path

import click

from maillon import harvest
from maillon.cli.options import as_json
from maillon.cli.output import json_line, table
from maillon.harvest import suite


def _first_line(kind: str) -> str:
    """Return what a kind says of itself."""
    said = importlib.import_module(f"harvesters.{kind}").__doc__ or ""
    return said.strip().partition("\n")[0]


@click.group("kinds", invoke_without_command=True)
@as_json
@click.pass_context
def kinds_command(context: click.Context, as_json: bool) -> None:
    """List the kinds of sources that come with Maillon: what `kind` may be in the TOML of a source."""
    if context.invoked_subcommand is not None:
        return
    rows = [(name, _first_line(name)) for name in harvest.kinds()]
    if as_json:
        for name, text in rows:
            json_line({"kind": name, "reads": text})
        return
    table(("kind", "reads"), rows)


@kinds_command.command("check")
@click.argument("kind")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@as_json
def check_command(kind: str, folder: Path, as_json: bool) -> None:
    """Run the standard suite on KIND, a name or the dotted path of a module, with the recordings in FOLDER.

    The exit status is 1 where a check failed. How to record: docs/how-to/write-a-harvester.md.
    """
    if str(Path.cwd()) not in sys.path:  # so that a module under development needs no installation
        sys.path.insert(0, str(Path.cwd()))
    results = suite.run(kind, folder)
    for result in results:
        if as_json:
            json_line({"check": result.check, "passed": not result.failure, "failure": result.failure})
        else:
            click.echo(f"{'FAILED' if result.failure else 'passed'}  {result.check}")
            if result.failure:
                click.echo(f"        {result.failure}")
    failed = sum(bool(result.failure) for result in results)
    if not as_json:
        click.echo(f"{kind}: {len(results) - failed} of {len(results)} checks passed.")
    if failed:
        sys.exit(1)


COMMANDS = (kinds_command,)
