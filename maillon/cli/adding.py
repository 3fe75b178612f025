"""``maillon sources add`` and ``preview``: from an address to a definition, its first datasets shown on the way."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click

from maillon import definitions
from maillon.cli.options import as_json, with_settings
from maillon.cli.output import Progress, json_line, table
from maillon.definitions import name_of
from maillon.errors import OperatorError
from maillon.harvest import guessing, loading, previewing
from maillon.harvest.guessing import Guess
from maillon.harvest.previewing import Preview, Previewed, preview
from maillon.records import Texts
from maillon.repair import BY_ID
from maillon.settings import LANGUAGES, Settings
from maillon.sources import Source, parse
from maillon.validation import message

PATIENCE: Final = 300.0
"""Seconds that a preview may take."""

_WIDTH: Final = 110

in_language = click.option(
    "--in", "language", type=click.Choice(LANGUAGES), help="Language of titles, findings and repairs shown."
)
limit_option = click.option(
    "--limit", type=click.IntRange(1, 100), default=previewing.LIMIT, show_default=True, help="Datasets to look at."
)


def _text(texts: Texts, language: str) -> str:
    """Return a text in a language, else in any, in one line."""
    found = next((texts[tag] for tag in (language, *LANGUAGES, *texts) if tag in texts), "")
    line = _shown(found)
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."


def _shown(text: str) -> str:
    """Return a text of a source in one line that no terminal takes for a command."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(text.split()))


def _counted(items: Sequence[str]) -> list[tuple[str, int]]:
    return [(item, items.count(item)) for item in dict.fromkeys(items)]


def _show_dataset(number: int, item: Previewed, language: str) -> None:
    click.echo(f"\n{number}. {_text(item.title, language) or '(without title)'}")
    click.echo(f"   {item.iri}")
    publisher = _text(item.publisher, language) or "none"
    click.echo(f"   publisher: {publisher}; distributions: {len(item.distributions)}")
    if item.is_withheld:
        click.echo("   would be kept, but not shown:")
    messages = [f"{finding.severity.lower()}: {message(finding.shape, language)}" for finding in item.findings]
    for said, times in _counted(messages):
        click.echo(f"   {said}{f' ({times} times)' if times > 1 else ''}")
    for rule, times in item.repairs.items():
        click.echo(f"   repaired: {BY_ID[rule].title[language]}{f' ({times} times)' if times > 1 else ''}")


def show_preview(found: Preview, language: str) -> None:
    """Print what a preview found."""
    for number, item in enumerate(found.datasets, start=1):
        _show_dataset(number, item, language)
    for refused in found.rejected[:20]:
        detail = f" ({refused.detail})" if refused.detail else ""
        click.echo("\nRejected: " + _shown(f"{refused.identifier}: {refused.reason}{detail}"))
    if len(found.rejected) > 20:
        click.echo(f"... and {len(found.rejected) - 20:,} more.")
    if found.repairs:
        click.echo("\nRepaired in all that was read, publishers and others included:")
        table(("rule", "entities"), [(BY_ID[rule].title[language], count) for rule, count in found.repairs.items()])
    ending = "that is all of it" if found.is_whole else "there may be more"
    click.echo(f"\n{len(found.datasets)} datasets looked at, {len(found.rejected)} rejected; {ending}.")
    if found.failure:
        click.echo(f"Reading ended early: {_shown(found.failure)}", err=True)


def preview_json(found: Preview, language: str) -> dict[str, Any]:
    """Return a preview for machines."""
    return {
        "datasets": [
            {
                "iri": item.iri,
                "title": item.title,
                "publisher": item.publisher,
                "distributions": item.distributions,
                "withheld": item.is_withheld,
                "findings": [
                    {"severity": each.severity, "shape": each.shape, "focus": each.focus, "path": each.path}
                    | {"value": each.value, "message": message(each.shape, language)}
                    for each in item.findings
                ],
                "repairs": [
                    {"rule": rule, "title": BY_ID[rule].title[language], "times": times}
                    for rule, times in item.repairs.items()
                ],
            }
            for item in found.datasets
        ],
        "rejected": [
            {"identifier": each.identifier, "reason": each.reason, "detail": each.detail} for each in found.rejected
        ],
        "repairs": found.repairs,
        "whole": found.is_whole,
        "failure": found.failure,
    }


def _previewed(source: Source, settings: Settings, limit: int, quiet: bool) -> Preview:
    progress = Progress(source.name, quiet=quiet)
    try:
        brief = replace(source, time_limit=min(source.time_limit, PATIENCE))
        return preview(brief, settings, limit, progress)
    finally:
        progress.close()


@click.command("preview")
@click.argument("name")
@with_settings
@limit_option
@in_language
@as_json
def preview_command(name: str, settings: Settings, limit: int, language: str | None, as_json: bool) -> None:
    """Show what a harvest would make of the first datasets of the source NAME (or of a TOML); nothing is kept."""
    source = definitions.load(name, settings.data)
    tongue = language or settings.default_language
    found = _previewed(source, settings, limit, as_json)
    if as_json:
        json_line({"source": source.name, **preview_json(found, tongue)})
    else:
        show_preview(found, tongue)
    if found.failure:
        sys.exit(1)


def _quoted(text: str) -> str:
    """Return a text as TOML writes it; JSON escapes the same, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml(guess: Guess, options: dict[str, Any], hosts: Sequence[str], is_enabled: bool) -> str:
    """Return the TOML of a new source."""
    lines = [
        f"# Added by `maillon sources add`: {_shown(guess.why)}.",
        "# Never rename this file: its name is part of the IRIs of what is harvested.",
        f"kind = {_quoted(guess.kind)}",
        f"url = {_quoted(guess.url)}",
        *(f"{key} = {_quoted(options[key])}" for key in ("title", "publisher", "language") if options[key]),
    ]
    if not options["language"]:
        lines.append('# language = "fr"          # of texts that carry no language tag')
    if not options["publisher"]:
        lines.append('# publisher = "..."        # body that publishes the source')
    schedule = "schedule = " + _quoted(options["schedule"] or "30 2 * * *")
    lines.append(schedule if options["schedule"] else f"# {schedule}  # harvest every night at 2:30 UTC")
    if hosts:
        lines.append(f"allow_hosts = [{', '.join(_quoted(host) for host in hosts)}]")
    lines.append(f"enabled = {str(is_enabled).lower()}")
    return "\n".join(lines) + "\n"


def _named(address: str) -> str:
    try:
        host = urlsplit(address).hostname if "://" in address else None
    except ValueError:  # what is wrong with it, guessing says
        host = None
    return name_of((host or Path(address).stem).removeprefix("www."))


def _guessed(address: str, kind: str | None, settings: Settings, hosts: Sequence[str], quiet: bool) -> list[Guess]:
    """Return the ways to harvest an address, the one to take first; say why."""
    if kind:
        return [Guess(kind, guessing.checked(address), f"its kind was given as {kind}")]
    if not quiet:
        click.echo(f"Looking at {address} ...", err=True)
    found = guessing.guess(address, settings, hosts)
    if not quiet:
        click.echo(f"Kind: {found.best.kind}, because {found.best.why}.")
        click.echo(f"Address to harvest: {found.best.url}")
        for other in found.others:
            click.echo(f"Also possible: --kind {other.kind} with {other.url}, because {other.why}.")
    return [found.best, *found.others]


@click.command("add")
@click.argument("address", metavar="URL|PATH")
@with_settings
@click.option("--name", help="What the source is called, for ever (default: after its host or file).")
@click.option("--kind", help="Its kind, if you know it: then nothing is guessed (`maillon kinds`).")
@click.option("--title", help="Name of the source for readers.")
@click.option("--publisher", help="Body that publishes it.")
@click.option("--language", "tag", help="BCP 47 tag of its texts that carry none, such as fr.")
@click.option("--schedule", help='When to harvest it by itself: five fields of cron in UTC, such as "30 2 * * *".')
@click.option("--allow-host", "hosts", multiple=True, help="Host that may be asked though its address is private.")
@click.option("--enable", "is_enabled", is_flag=True, help="Enable it at once.")
@click.option("--yes", is_flag=True, help="Write the definition without asking.")
@limit_option
@in_language
@as_json
def add_command(address: str, settings: Settings, as_json: bool, **how: Any) -> None:
    """Define a new source: guess its kind, show its first datasets as a harvest would make them, write its TOML.

    The TOML goes into the folder `sources` of the data folder, disabled until `maillon sources enable`. Nothing of
    the source is kept. With --json nothing is asked, and nothing written without --yes.
    """
    name = how["name"] or _named(address)
    definitions.check_free(name, settings.data)
    ways = _guessed(address, how["kind"], settings, how["hosts"], as_json)
    given = {"title": how["title"], "publisher": how["publisher"], "language": how["tag"], "schedule": how["schedule"]}
    text = toml(ways[0], given, how["hosts"], how["is_enabled"])
    source = parse(text, name, settings.data / definitions.FOLDER)
    loading.check(source)
    tongue = how["language"] or settings.default_language
    found = _previewed(source, settings, how["limit"], as_json)
    if not as_json:
        show_preview(found, tongue)
    path = _written(name, text, settings, found, how["yes"], as_json)
    if as_json:
        ways_json = [{"kind": each.kind, "url": each.url, "why": each.why} for each in ways]
        json_line({"source": name, "ways": ways_json, "written": path, **preview_json(found, tongue)})
    elif path is not None:
        _tell(name, path, is_enabled=how["is_enabled"])
    if not found.datasets:
        raise OperatorError(_nothing(address, name))


def _written(name: str, text: str, settings: Settings, found: Preview, yes: bool, quiet: bool) -> Path | None:
    """Write the definition where that is wished and something could be read; return its path."""
    if not found.datasets or (quiet and not yes):
        return None
    path = settings.data / definitions.FOLDER / f"{name}.toml"
    if not yes:
        click.confirm(f"\nWrite {path}?", default=True, abort=True)
    return definitions.add(name, text, settings.data)


def _nothing(address: str, name: str) -> str:
    return (
        f"No dataset could be read from {address}, so source {name} was not defined. If another way is possible, give "
        "--kind and its address; else ask its publisher, or write a TOML by hand (docs/how-to/add-a-source.md)."
    )


def _tell(name: str, path: Path, *, is_enabled: bool) -> None:
    click.echo(f"\nWritten: {path}\nNext:")
    click.echo(f"  maillon harvest {name} --dry-run    all of it, as a trial")
    click.echo(f"  maillon harvest {name}              for real, then `maillon publish`")
    if not is_enabled:
        click.echo(f"  maillon sources enable {name}       so that `maillon harvest` and the schedule include it")
