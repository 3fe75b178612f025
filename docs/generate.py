"""Turns the code's own help texts into the pages of ``docs/reference/``; ``tests/docs/`` checks that they are current.

Run ``.venv/bin/python docs/generate.py`` after changing a setting, a key of sources, a command, an error or a shape.
"""

import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from maillon import errors, paths, validation
from maillon.cli import main as command_line
from maillon.harvest import kinds
from maillon.settings import Settings
from maillon.sources import Source
from maillon.validation import shapes

FOLDER = Path(__file__).resolve().parent / "reference"
_MADE = "<!-- Made by docs/generate.py from the code: change it there. -->\n"


def _default(item: "dataclasses.Field[object]") -> str:
    if item.default is not dataclasses.MISSING:
        value = item.default
        return f"`{value}`" if value not in ("", ()) else "empty"
    return "empty" if item.default_factory is not dataclasses.MISSING else "required"


def settings_page() -> str:
    """Return the page of settings."""
    rows = [
        f"| `{item.name}` | {_default(item)} | `MAILLON_{item.name.upper()}` | {item.metadata['help']} |"
        for item in dataclasses.fields(Settings)
    ]
    return "\n".join(
        (
            "# Settings\n",
            _MADE,
            "From `maillon.toml` in the working directory (or the file that `MAILLON_SETTINGS` names), overruled by "
            "the environment. An unknown key is refused. `maillon settings` prints what is in force.\n",
            "| setting | default | variable | what it is |",
            "|---|---|---|---|",
            *rows,
            "",
        )
    )


def source_page() -> str:
    """Return the page of a source's TOML."""
    rows = [f"| `{item.name}` | {_default(item)} | {item.metadata['help']} |" for item in dataclasses.fields(Source)]
    return "\n".join(
        (
            "# A source's TOML\n",
            _MADE,
            "Only `kind` and `url` are required (`name` comes from the file's name). A relative path is looked for "
            "beside the TOML, then in the working directory, then among the shipped folders. Proxies are not used; "
            "`allow_hosts` compares host names without port. An unknown key is refused.\n",
            "| key | default | what it is |",
            "|---|---|---|",
            *rows,
            "",
            f"Kinds that come with Maillon: {', '.join(f'`{kind}`' for kind in kinds())}.",
            "",
        )
    )


def _commands(command: click.Command, path: str) -> Iterator[str]:
    names = ["-h", "--help"]
    context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100, help_option_names=names)
    yield f"## `{path}`\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _commands(command.commands[name], f"{path} {name}")


def commands_page() -> str:
    """Return the page of commands: the help text of each."""
    status = (
        "Exit status: 0 all went well; 1 something could not be harvested, verified or answered (the rest was done); "
        "2 the command or a setting is wrong and nothing was done.\n"
    )
    return "\n".join(("# Commands\n", _MADE, status, *_commands(command_line, "maillon")))


def errors_page() -> str:
    """Return the page of errors, by what to do next."""
    found = [item for _, item in inspect.getmembers(errors, inspect.isclass) if item.__module__ == errors.__name__]
    rows = [f"| `{item.__name__}` | {(item.__doc__ or '').splitlines()[0]} |" for item in found]
    tree = (errors.__doc__ or "").split("\n\n", 1)[1]
    return "\n".join(
        ("# Errors\n", _MADE, f"```\n{tree.strip()}\n```\n", "| error | meaning |", "|---|---|", *rows, "")
    )


def shapes_page() -> str:
    """Return the page of shapes: each rule with its message in English."""
    names = sorted(path.name for path in paths.SHAPES.glob("*.ttl"))
    rows = [f"| `{iri}` | {validation.message(iri, 'en')} |" for iri in sorted(shapes.messages())]
    return "\n".join(
        (
            "# Shapes\n",
            _MADE,
            f"Files in `shapes/`: {', '.join(names)}.\n",
            "| rule | what it says |",
            "|---|---|",
            *rows,
            "",
        )
    )


PAGES = {
    "settings.md": settings_page,
    "source.md": source_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
    "shapes.md": shapes_page,
}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
