"""The command line of Maillon: what a steward types to harvest, publish, look and serve.

Exit status: 0 all went well; 1 something could not be harvested, verified or answered (the rest was done); 2 the
command or a setting is wrong and nothing was done.
"""

import sys
from typing import Any

import click

from maillon import __version__
from maillon.cli import harvesting, inspecting, publishing, querying, serving
from maillon.errors import MaillonError, OperatorError


class _Door(click.Group):
    """A group whose errors are one clear line instead of a traceback."""

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


for _command in (
    *harvesting.COMMANDS,
    *inspecting.COMMANDS,
    *publishing.COMMANDS,
    *querying.COMMANDS,
    *serving.COMMANDS,
):
    main.add_command(_command)
