"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from maillon.settings import Settings, load


def _settings(_context: click.Context, _parameter: click.Parameter, data: Path | None) -> Settings:
    return load(data=data)


with_settings: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--data",
    "settings",
    type=click.Path(path_type=Path, file_okay=False),
    callback=_settings,
    help="Folder of everything Maillon keeps (default: the setting data, data/run).",
)
"""Gives a command ``--data`` and hands it the settings in force as ``settings``."""

as_json: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line, for machines."
)
