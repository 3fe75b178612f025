"""The command line of Maillon: what a steward types to harvest, publish, look and serve.

Exit status: 0 all went well; 1 something could not be harvested, verified or answered (the rest was done); 2 the
command or a setting is wrong and nothing was done.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import click

from maillon import __version__
from maillon.errors import MaillonError, OperatorError

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "harvest": ("harvesting", "Harvest sources into the ledger: all enabled ones, or those named."),
    "sources": ("sources", "List the sources, add your own, enable and disable them."),
    "runs": ("inspecting", "List the runs, of one source or of all."),
    "repairs": ("repairs", "Show what was repaired of a source."),
    "rules": ("repairs", "List the repair rules in their order."),
    "kinds": ("kinds", "List the kinds of sources that come with Maillon."),
    "template": ("inventory", "Write a workbook in which an administration lists its datasets."),
    "schedule": ("scheduling", "Harvest and publish by itself, as the sources' TOMLs say."),
    "links": ("links", "Check the addresses of files and services, and show which do not work."),
    "publish": ("publishing", "Publish the ledger: make the next snapshot, verify it, switch to it."),
    "snapshots": ("publishing", "Look at the published snapshots, check them, go back, remove old ones."),
    "dump": ("publishing", "Write everything that is published, with literals exactly as the sources gave them."),
    "query": ("querying", "Ask the published snapshot in SPARQL."),
    "usage": ("usage", "Show how often which queries were asked and which datasets were looked at."),
    "settings": ("querying", "Print the settings in force."),
    "validation": ("validating", "Compare the validation engine with its reference on what is published."),
    "check": ("checking", "Check a catalogue before it is published: a file, an address or standard input."),
    "serve": ("serving", "Serve the published snapshot: pages, feeds, linked data and SPARQL, until stopped."),
}
"""The module and the short help of each command, so that `maillon --help` need not load what all of them need."""


class _Door(click.Group):
    """A group whose errors are one clear line instead of a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the module of one command."""
        module, _ = COMMANDS.get(cmd_name, ("", ""))
        if not module:
            return None
        found = import_module(f"maillon.cli.{module}").COMMANDS
        return next((command for command in found if command.name == cmd_name), None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, without loading any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and translate what Maillon raises on purpose into a message and an exit status."""
        try:
            return super().invoke(ctx)
        except MaillonError as error:
            click.echo(f"maillon: {error}", err=True)
            sys.exit(2 if isinstance(error, OperatorError) else 1)


@click.group(cls=_Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="maillon")
def main() -> None:
    """Harvest what administrations say of their data, check it, publish it, serve it.

    The usual order: maillon harvest, maillon publish, maillon serve.
    """
