"""Reads what is to be checked as a harvest reads it: a file, an address or standard input in, staged entities out.

Fetcher (with its guard and limits), harvester, mapping and staging are those of a run; nothing is kept afterwards. What
a harvest refuses as a whole because of one fault is read again in parts (``recovery``), so that one fault does not hide
the others.
"""

import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final
from urllib.parse import unquote, urlsplit

from maillon import repair
from maillon.check import recovery
from maillon.check.values import Place, Refused
from maillon.errors import OperatorError, ParseFailed, SourceDefinitionError, SourceUnavailable
from maillon.fetch import Fetcher
from maillon.harvest import guessing, loading, spreading
from maillon.harvest.options import Progress
from maillon.harvest.reading import Reading
from maillon.harvest.report import legible
from maillon.harvest.staging import Staging
from maillon.harvest.taking import Taker
from maillon.rdf.mending import mend_iri
from maillon.records import Rejected
from maillon.settings import Settings
from maillon.sources import Answer, Source

STANDARD_INPUT: Final = "-"
NAME: Final = "check"
"""Name of the source that a check makes up; part of the IRIs of what the document gives none."""

MEGABYTES: Final = 200
"""Size that a document may have once unpacked, in millions of octets; reading takes about twenty times that memory."""

SECONDS: Final = 300.0
"""Time that reading may take."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """What to check, and how to read it.

    Attributes:
        target: Path, http(s) address, or ``-`` for standard input.
        kind: A kind of ``harvesters``.
        base: Base IRI for relative IRIs; empty for the document's own address.
        language: BCP 47 tag of texts that carry none, for kinds that need one.
        allow_hosts: Hosts that may be asked though their addresses are private.
        megabytes: Size that one document may have once unpacked, in millions of octets.
        seconds: Time that reading may take.
        stream: Where standard input comes from.
    """

    target: str
    kind: str = "dcat"
    base: str = ""
    language: str = ""
    allow_hosts: tuple[str, ...] = ()
    megabytes: int = MEGABYTES
    seconds: float = SECONDS
    stream: BinaryIO | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One document that was read: its name for people, its base IRI, its media type and the file with its content."""

    name: str
    base: str
    media_type: str
    path: Path


@dataclass(kw_only=True)
class Read:
    """What was read; its files live as long as ``read`` holds them.

    Attributes:
        staging: The entities.
        refused: What could not be read or used.
        failure: Why reading ended early; empty where it did not.
        documents: What they came from.
    """

    staging: Staging
    refused: list[Refused] = field(default_factory=list)
    failure: str = ""
    documents: list[Document] = field(default_factory=list)


class _Watching(Fetcher):
    """A fetcher that remembers what it handed out, and that mends documents where it is told to."""

    def __init__(self, source: Source, settings: Settings, folder: Path, given: Input) -> None:
        super().__init__(source, settings, folder / "raw")
        self._source_read = source
        self._given = given
        self._mended = folder
        self.is_mending = False
        self.seen: dict[str, Answer] = {}
        self.faults: dict[str, recovery.Recovered] = {}

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        """Yield every document behind an address, mended where that is asked for."""
        for answer in super().documents(url, accept):
            self.seen.setdefault(answer.url, answer)
            yield self._readable(answer) if self.is_mending else answer

    def _readable(self, answer: Answer) -> Answer:
        path = self._mended / f"mended-{list(self.seen).index(answer.url)}.nq"
        if answer.url not in self.faults:
            found = recovery.recover(answer.read(), self.base_of(answer), answer.media_type, self.name_of(answer))
            if found is None:
                return answer
            self.faults[answer.url] = found
            path.write_bytes(found.content)
        return replace(answer, media_type="application/n-quads", path=path)

    def base_of(self, answer: Answer) -> str:
        """Return the IRI against which a document is read, as the kind ``dcat`` does."""
        base = self._source_read.base if self._source_read.base and self._source_read.is_http else answer.url
        return mend_iri(base) or "urn:base:unknown"

    def name_of(self, answer: Answer) -> str:
        """Return what to call a document: what was typed, and the name inside it where there are several."""
        inner = unquote(urlsplit(answer.url).path).partition(f"/source/{NAME}/")[2]
        if not self._source_read.is_http and len(self.seen) <= 1:
            return self._given.target
        return f"{self._given.target}/{inner}" if inner else answer.url


@contextmanager
def read(given: Input, settings: Settings, progress: Progress) -> Iterator[Read]:
    """Read everything; the entities are as they were sent, with what repair would make of them beside.

    Raises:
        OperatorError: There is no such file or kind, or the address cannot be one.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="maillon-check-")))
        brief = replace(
            settings,
            data=folder / "data",
            fetch_timeout=min(settings.fetch_timeout, given.seconds),
            fetch_total=min(settings.fetch_total, given.seconds),
        )
        source = _source(given, folder)
        loading.check(source)
        work = folder / "work"
        work.mkdir()
        staging = stack.enter_context(Staging(work / "staging.sqlite"))
        fetch = stack.enter_context(_Watching(source, brief, work, given))
        found = Read(staging=staging)
        _fill(found, source, brief, fetch, progress)
        found.documents = [
            Document(fetch.name_of(answer), fetch.base_of(answer), answer.media_type, answer.path)
            for answer in fetch.seen.values()
        ]
        yield found


def _source(given: Input, folder: Path) -> Source:
    if given.target == STANDARD_INPUT:
        url = str(folder / "standard-input")
        _save(given.stream or sys.stdin.buffer, Path(url), given.megabytes * 1_000_000)
    else:
        url = guessing.checked(given.target)
    return Source(
        name=NAME,
        kind=given.kind,
        url=url,
        base=given.base,
        language=given.language,
        allow_hosts=given.allow_hosts,
        max_bytes=given.megabytes * 1_000_000,
        time_limit=given.seconds,
    )


def _save(stream: BinaryIO, path: Path, limit: int) -> None:
    """Write standard input to a file; one octet more than the limit, so that reading it says that it is too large."""
    left = limit + 1
    with path.open("wb") as file:
        while left and (data := stream.read(min(left, 1 << 20))):
            file.write(data)
            left -= len(data)


def _fill(found: Read, source: Source, settings: Settings, fetch: _Watching, progress: Progress) -> None:
    taker = Taker(repair.Context(source=source, base=settings.base_iri))
    reading = Reading(source, taker, found.staging, progress)
    failure = _tried(source, reading, fetch)
    if source.kind == "dcat" and (_is_parsing(failure) or any(item.reason == _UNREAD for item in reading.rejected)):
        fetch.is_mending = True
        again = Reading(source, taker, found.staging, progress)
        mended = _tried(source, again, fetch)
        if fetch.faults:
            reading, failure = again, mended
    spreading.spread(taker, found.staging)
    found.staging.drop(reading.private())  # as in a run: what the source marks private is not looked at
    found.refused = [*_faults(fetch), *map(_refused, reading.rejected)]
    found.failure = _said(failure, source, fetch)


_UNREAD: Final = "cannot be parsed"
_TOLD: Final = frozenset({"columns are known by their headers only"})  # what harvesters tell though nothing is wrong


def _tried(source: Source, reading: Reading, fetch: Fetcher) -> str | ParseFailed | None:
    """Read to the end; return why that failed, if it did."""
    try:
        reading.read(fetch)
    except ParseFailed as error:
        return error
    except SourceUnavailable as error:
        return str(error)
    except SourceDefinitionError as error:
        raise OperatorError(_advised(str(error), source)) from error
    except (OperatorError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # as in a run: harvesters may be third parties', engines in Rust panic
        what = traceback.format_exception_only(error)[-1].strip()
        return f"A fault in the harvester {source.kind} or in Maillon, not in what is checked: {what}. Report it."
    return None


def _is_parsing(failure: str | ParseFailed | None) -> bool:
    return isinstance(failure, ParseFailed)


def _faults(fetch: _Watching) -> Iterator[Refused]:
    for url, found in fetch.faults.items():
        name = fetch.name_of(fetch.seen[url])
        for fault in found.faults:
            place = Place(name, fault.line, fault.column)
            yield Refused(identifier=legible(fault.subject), reason=_UNREAD, detail=legible(fault.message), place=place)


def _refused(item: Rejected) -> Refused:
    return Refused(
        identifier=item.identifier,
        reason=item.reason,
        detail=item.detail,
        is_fault=not (item.is_private or item.reason in _TOLD),
    )


def _said(failure: str | ParseFailed | None, source: Source, fetch: _Watching) -> str:
    if failure is None:
        return "" if all(item.is_whole for item in fetch.faults.values()) else _CUT
    text = _advised(legible(str(failure)), source)
    if _is_parsing(failure) and source.kind == "dcat" and fetch.seen:
        seen = _no_rdf(next(iter(fetch.seen.values())).read()[:_START])
        if seen:
            return (
                f"{fetch.name_of(next(iter(fetch.seen.values())))} is {seen}, no RDF: check the file itself. {_OTHER}"
            )
        if "is no RDF" in text:
            return f"{text}. {_OTHER}"
    return text


def _advised(text: str, source: Source) -> str:
    """Return a message about a source with advice for who has no source, only a command."""
    for said, advice in _ADVICE:
        text = re.sub(said, advice.replace("HOST", urlsplit(source.url).hostname or ""), text)
    return text.replace(f"Source {NAME}: ", "").replace(f"Source {NAME} ", "Reading ")


_ADVICE: Final = (
    (r"If this source may be read there, .*", "If it may be read there, give --allow-host HOST."),
    (r"If that is right, raise max_bytes .*", "If that is right, give --max-megabytes more."),
    (r"its time_limit of (\S+) seconds: .*", r"\1 seconds. If it is only large, give --timeout more."),
    (r"raise time_limit in its TOML", "give --timeout more"),
    (
        r"Source \w+, \[options\]: say under columns which column is what; the headers are: (.*)",
        r"No inventory is known by the headers of this table: \1 Name its columns title, description, "
        "distribution.access_url and so on (docs/how-to/harvest-a-spreadsheet.md lists the names), or, if it is "
        "something else, say what with --kind.",
    ),
    (r"([Cc]heck|[Cc]orrect) url in the source's TOML", r"\1 the address"),
)
"""What a message about a source advises, and what is said in its place."""

_START: Final = 4096
_OTHER: Final = "If it is an export of another kind, name that with --kind (`maillon kinds` lists them)."
_PAGE: Final = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)


def _no_rdf(start: bytes) -> str:
    """Return what the beginning of a document shows it to be, if that is plainly no RDF."""
    if _PAGE.match(start) and b"http://www.w3.org/1999/02/22-rdf-syntax-ns#" not in start:
        return "a web page"
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return "a file of octets that are no text"
    return ""


_CUT: Final = "The document has faults after which, or so many that, reading could not go on: correct those listed."
