"""Turns the code's own help texts into the pages of ``docs/reference/``; ``tests/docs/`` checks that they are current.

Run ``.venv/bin/python docs/generate.py [FOLDER]`` after changing a setting, a key of sources, a kind, a
command, an error, a shape or a repair rule.
"""

import dataclasses
import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from maillon import errors, paths, repair, validation
from maillon.cli import main as command_line
from maillon.harvest import kinds
from maillon.repair.rule import Rule
from maillon.settings import LANGUAGES, Settings
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
            f"Kinds that come with Maillon: {', '.join(f'[`{kind}`](kinds.md#{kind})' for kind in kinds())}. Rules for "
            "`repairs_off`: [repair rules](rules.md). Keys of `[[tables]]`: "
            "[turn a table into RDF](../how-to/turn-a-table-into-rdf.md).",
            "",
        )
    )


def _markdown(docstring: str) -> str:
    """Return a docstring as Markdown: names in single backticks, addresses as links."""
    text = docstring.replace("``", "`")
    return re.sub(r"(?<![<(\"`])(https?://[^\s`]*[^\s`.,;:])", r"<\1>", text)


def _kind(name: str) -> Iterator[str]:
    docstring = inspect.cleandoc(importlib.import_module(f"harvesters.{name}").__doc__ or "")
    yield f"## {name}\n"
    yield f"{_markdown(docstring)}\n"


def kinds_page() -> str:
    """Return the page of kinds: what each module says of itself, its options included."""
    return "\n".join(
        (
            "# Kinds of sources\n",
            _MADE,
            "What `kind` may be in a source's TOML, and the keys of its table `[options]`. The keys that all kinds "
            "share are in [a source's TOML](source.md). A kind of your own: "
            "[write a harvester](../how-to/write-a-harvester.md).\n",
            *(line for name in kinds() for line in _kind(name)),
        )
    )


def _conditions(rule: Rule) -> str:
    """Return what the example of a rule needs beside the entity."""
    example = rule.example
    found = [example.kind if example.kind != "dataset" else ""]
    found += [f"`{key} = {json.dumps(value)}` in the source's TOML" for key, value in example.source.items()]
    found.append(f"the file's first octets are `{example.sniffed}`" if example.sniffed else "")
    return ", ".join(filter(None, found))


def _rule(rule: Rule) -> Iterator[str]:
    yield f"## `{rule.id}`\n"
    yield "\n".join(f"- {language}: {rule.title[language]}" for language in LANGUAGES) + "\n"
    yield f"**Looks for** {rule.matches}\n"
    yield f"**Puts in its place** {rule.changes}\n"
    if rule.kinds:
        yield f"**Only for** {', '.join(sorted(rule.kinds))}\n"
    conditions = _conditions(rule)
    yield f"Example ({conditions}):\n" if conditions else "Example:\n"
    yield f"```turtle\n# before\n{rule.example.before}\n# after\n{rule.example.after}\n```\n"


def rules_page() -> str:
    """Return the page of repair rules, in the order in which they are tried."""
    return "\n".join(
        (
            "# Repair rules\n",
            _MADE,
            f"{len(repair.RULES)} rules, in the order in which they are tried. The examples are also their tests, with "
            "the usual prefixes. `repairs_off` in a source's TOML switches rules off for it. How they work, and how to "
            "write one: [repairs](../how-to/repairs.md).\n",
            *(line for rule in repair.RULES for line in _rule(rule)),
        )
    )


def _commands(command: click.Command, path: str) -> Iterator[str]:
    names = ["-h", "--help"]
    context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100, help_option_names=names)
    yield f"## `{path}`\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):  # the commands of maillon are loaded only when asked for
            found = command.get_command(context, name)
            if found is not None:
                yield from _commands(found, f"{path} {name}")


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
    "kinds.md": kinds_page,
    "rules.md": rules_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
    "shapes.md": shapes_page,
}

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
