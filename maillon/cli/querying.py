"""``maillon query`` and ``settings``: ask the published snapshot, and see what is in force."""

import dataclasses
import json
import os
import sys
from pathlib import Path

import click

from maillon.cli.options import as_json, with_settings
from maillon.cli.output import json_line, table
from maillon.errors import MaillonError, OperatorError
from maillon.settings import SECRETS, Settings
from maillon.sparql.engine import Engine
from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.text import guard
from maillon.store import snapshots

_FORMATS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}


def _text(query: str) -> str:
    """Return the query itself: the argument, or the content of the file it names."""
    if "{" in query or "<" in query:  # DESCRIBE needs no braces
        return query
    try:
        return Path(query).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{query!r} is neither a SPARQL query nor a readable file: {error}.") from error


@click.command("query")
@click.argument("query")
@with_settings
@click.option("--format", "form", type=click.Choice(sorted(_FORMATS)), default="tsv", show_default=True)
def query_command(settings: Settings, query: str, form: str) -> None:
    """Ask the published snapshot in SPARQL; QUERY is the text or the path of a .rq file.

    The usual prefixes (dcat, dct, foaf, skos ...) need not be declared. CONSTRUCT and DESCRIBE give Turtle.
    """
    out = sys.stdout.buffer
    engine = Engine(settings)
    text, last = _text(query), b"\n"
    try:
        guard.check(text, settings.base_iri)
        with snapshots.open_current(settings.snapshots) as snapshot:
            for part in engine.ask(snapshot, Job(query=text, media_type=_FORMATS[form])):
                out.write(part)
                last = part[-1:] or last
        if last != b"\n" and out.isatty():  # the answer to an ASK has no line end of its own
            out.write(b"\n")
        out.flush()
    except QueryFailed as error:
        raise MaillonError(str(error)) from error
    finally:
        engine.close()


@click.command("settings")
@with_settings
@as_json
def settings_command(settings: Settings, as_json: bool) -> None:
    """Print the settings in force; change them in maillon.toml or by MAILLON_... variables."""
    values = {item.name: getattr(settings, item.name) for item in dataclasses.fields(settings)}
    values.update({name: "(set)" for name in SECRETS if values[name]})
    if as_json:
        json_line(values)
        return
    rows = [
        (
            item.name,
            json.dumps(values[item.name], default=str, ensure_ascii=False),
            "yes" if f"MAILLON_{item.name.upper()}" in os.environ else "",
        )
        for item in dataclasses.fields(settings)
    ]
    table(("setting", "value", "from environment"), rows)


COMMANDS = (query_command, settings_command)
