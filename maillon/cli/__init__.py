"""The command line of Maillon: what a steward types to harvest, publish, look and serve.

Exit status: 0 all went well; 1 something could not be harvested, verified or answered (the rest was done); 2 the
command or a setting is wrong and nothing was done.
"""

import errno
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
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

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


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

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; output for which there is no room ends it in one line."""
        try:
            return super().main(*args, **kwargs)
        except OSError as error:  # a closed pipe (`| head`) does not get here: click ends silently then
            if error.errno not in _FULL:
                raise
            click.echo(f"maillon: {_lost(error)}", err=True)
            _forget_output()
            sys.exit(2)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and translate what Maillon raises on purpose into a message and an exit status."""
        try:
            result = super().invoke(ctx)
        except MaillonError as error:
            click.echo(f"maillon: {error}", err=True)
            sys.exit(2 if isinstance(error, OperatorError) else 1)
        except SystemExit:
            _flush()
            raise
        _flush()
        return result


def _lost(error: OSError) -> str:
    """Return what a full or broken disk means for who typed the command."""
    if error.errno == errno.EIO:  # nothing tells whether it was being read or written
        return f"{error.filename or 'A disk or terminal'} failed ({error.strerror}): check it, then run this again."
    what = error.filename or "What this command prints"
    return f"{what} could not be written ({error.strerror}): make room where it goes, then run this again."


def _flush() -> None:
    """Write what is still buffered, so that a full disk is noticed while it can still be told."""
    if sys.stdout is not None:  # it is None where a shell closed it (`>&-`)
        sys.stdout.flush()


def _forget_output() -> None:
    """Lead what is still buffered nowhere: at its end Python would try to write it again and print a traceback."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@click.group(cls=_Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="maillon")
def main() -> None:
    """Harvest what administrations say of their data, check it, publish it, serve it.

    The usual order: maillon harvest, maillon publish, maillon serve.
    """
