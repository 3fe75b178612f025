"""``maillon template``: a workbook for administrations that have no portal to harvest."""

from pathlib import Path

import click

from maillon import inventory
from maillon.errors import OperatorError


@click.command("template")
@click.argument("language", type=click.Choice(inventory.LANGUAGES))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
def template_command(language: str, file: Path, force: bool) -> None:
    """Write FILE (.xlsx), a workbook with help and examples in which an administration lists its data.

    What comes back is harvested as it is: a source with kind = "spreadsheet" whose url is the file.
    """
    if file.suffix.lower() != ".xlsx":
        raise OperatorError(f"{file} must end with .xlsx: the workbook is an Excel file.")
    if file.exists() and not force:
        raise OperatorError(f"{file} is there already: choose another name, or add --force to replace it.")
    if not file.absolute().parent.is_dir():
        raise OperatorError(f"The folder of {file} is not there: make it, or choose another place.")
    inventory.write(file, language)
    click.echo(f'{file} is ready to be sent. Harvest what comes back with kind = "spreadsheet".')


COMMANDS = (template_command,)
