"""``maillon check``: what is wrong with a description of data before anybody harvests it, for its publisher."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click

from maillon.check import (
    Input,
    Report,
    choosing,
    failures,
    junit,
    machine,
    page,
    reading,
    sarif,
    shacl_report,
    text,
    wordings,
)
from maillon.check.checking import check
from maillon.check.values import FAIL_ON
from maillon.check.wording import Wording
from maillon.check.wordings import WORDINGS
from maillon.cli.output import Progress
from maillon.errors import OperatorError
from maillon.rdf.mending import mend_iri
from maillon.settings import LANGUAGES, load
from maillon.validation import profiles

FORMATS: Final[Mapping[str, Callable[[Report, Wording, str, int | None], str]]] = {
    "text": text.write, "json": machine.write, "junit": junit.write, "sarif": sarif.write, "html": page.write,
    "ttl": shacl_report.write,
}  # fmt: skip
_LIMITS: Final = {"text": text.LIMIT, "html": page.LIMIT}


def language_of(environment: Mapping[str, str]) -> str:
    """Return the language that a terminal is set to, English where it is none of ours (POSIX, section 8.2)."""
    wished = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    tag = wished[:2].lower()
    return tag if tag in LANGUAGES and wished[2:3] in ("", "_", ".", "@", "-") else "en"


def is_terminal() -> bool:
    """Tell whether a person looks at what is printed."""
    return sys.stdout is not None and sys.stdout.isatty()


def _written(report: Report, how: Mapping[str, Any]) -> str:
    """Return the report in the format, the language and the length that are wished."""
    words = WORDINGS[how["language"] or language_of(os.environ)]
    limit = how["limit"] if how["limit"] is not None else _LIMITS.get(how["format"])
    limit = 0 if how["summary"] else limit
    if how["format"] == "text" and not how["output"] and is_terminal() and not os.environ.get("NO_COLOR"):
        return text.write(report, words, how["fail_on"], limit, text.coloured)
    return FORMATS[how["format"]](report, words, how["fail_on"], limit)


def _save(content: str, output: Path | None) -> None:
    octets = content.encode("utf-8", "replace")
    if output is None and sys.stdout is None:
        raise OperatorError("Standard output is closed: give --output a path for the report.")
    if output is None:
        stream = sys.stdout.buffer
        stream.write(octets)
        stream.flush()
        return
    try:
        output.write_bytes(octets)
    except OSError as error:
        raise OperatorError(f"{output} cannot be written ({error.strerror}): give --output another path.") from error


def _ending(report: Report, how: Mapping[str, Any]) -> str:
    """Return the outcome in a line, for who does not look at the report."""
    words = WORDINGS[how["language"] or language_of(os.environ)]
    failure = words.failure.format(reason=wordings.clean(report.failure)) if report.failure else ""
    return " ".join(part for part in (wordings.verdict(report, words, how["fail_on"]), failure) if part)


def _base(given: str) -> str:
    """Return a base IRI if it can be one: an http(s) address with a host (RFC 3986, section 5.1)."""
    parts = urlsplit(given) if "[" not in given else None  # urlsplit raises on brackets that are no IPv6 address
    is_web = parts is not None and parts.scheme.lower() in ("http", "https") and bool(parts.netloc)
    if given and not (is_web and mend_iri(given) == given):
        raise OperatorError(
            f"--base {given!r} is no web address: give the whole one of the folder that the file will be published in, "
            "as --base https://data.example.org/catalogue/."
        )
    return given


def _input(target: str, how: Mapping[str, Any]) -> Input:
    return Input(
        target=target,
        kind=how["kind"],
        base=_base(how["base"]),
        language=how["tag"],
        allow_hosts=how["hosts"],
        megabytes=how["megabytes"],
        seconds=how["seconds"],
        stream=sys.stdin.buffer if target == reading.STANDARD_INPUT else None,
    )


@click.command("check")
@click.argument("target", metavar="FILE|URL|-")
@click.option(
    "--profile",
    type=click.Choice(choosing.names()),
    default=profiles.DEFAULT,
    show_default=True,
    metavar="NAME",
    help=f"Rules to check against: {', '.join(name for name in choosing.whole())}.",
)
@click.option(
    "--shapes",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="FOLDER",
    help="Folder of the European shapes, for official-...",
)
@click.option("--format", type=click.Choice(tuple(FORMATS)), default="text", show_default=True, help="How to report.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write the report to.")
@click.option("--in", "language", type=click.Choice(LANGUAGES), help="Language of the report (default: from LANG).")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="violation",
    show_default=True,
    help="From which severity on the exit status is 1.",
)
@click.option("--limit", type=click.IntRange(0), help="Records to report in full (default: 20 in text, 500 in html).")
@click.option("--summary", is_flag=True, help="Report totals only.")
@click.option("--kind", default="dcat", show_default=True, help="What it is, if no RDF (`maillon kinds`).")
@click.option("--base", default="", help="Address of the folder it will be published in, for relative IRIs.")
@click.option("--language", "tag", default="", help="BCP 47 tag of texts without one, for kinds that are no RDF.")
@click.option("--allow-host", "hosts", multiple=True, help="Host that may be asked though its address is private.")
@click.option(
    "--max-megabytes",
    "megabytes",
    type=click.IntRange(1),
    default=reading.MEGABYTES,
    show_default=True,
    help="Size that a document may have once unpacked.",
)
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(1),
    default=reading.SECONDS,
    show_default=True,
    help="Seconds that reading may take.",
)
def check_command(target: str, **how: Any) -> None:
    """Check a catalogue or a dataset before it is published: a file, an address, or - for standard input.

    Nothing is kept and nothing is repaired. Exit status: 0 nothing of the severity of --fail-on, 1 something of it or
    something that could not be read, 2 wrong usage or nothing could be read.
    """
    chosen = choosing.profile(how["profile"], how["shapes"])
    progress = Progress("check", quiet=not sys.stderr.isatty())
    try:
        found = check(_input(target, how), load(), chosen, progress)
    finally:
        progress.close()
    report = failures.worded(found, how["language"] or language_of(os.environ))
    _save(_written(report, how), how["output"])
    if how["output"] or how["format"] != "text":
        click.echo(f"maillon: {_ending(report, how)}", err=True)
    sys.exit(report.status(how["fail_on"]))


COMMANDS: Final = (check_command,)
