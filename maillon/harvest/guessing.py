"""Guesses how an address or a path can be harvested: what a person gives in, a kind and the address to harvest out.

First what stands at the address itself is looked at (``sniffing``). Where that is a web page or nothing known, the
addresses at which the software of portals answers are asked, beneath the address and beneath its host: CKAN's Action
API, Opendatasoft's Explore API, udata, ArcGIS Hub feeds, ``data.json``, GeoNetwork and other CSW (OGC 07-006), OAI-PMH
2.0, SPARQL 1.1, STAC, DCAT exports, data packages, sitemaps. All through the fetcher of harvests, with its guard.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from maillon.errors import SourceDefinitionError, SourceUnavailable
from maillon.fetch import Fetcher, HttpFailure
from maillon.fetch.http import bare
from maillon.fetch.workspace import workspace
from maillon.harvest.sniffing import WHOLE, Sniffed, alternates, sniff
from maillon.settings import Settings
from maillon.sources import Answer, Source

TIME: Final = 120.0
"""Seconds that guessing may take as a whole."""

_ONE: Final = 10.0  # seconds for one request
_LARGEST: Final = 200_000_000  # octets of one answer
_MOST: Final = 50  # documents of a folder or archive that are looked at
_BASES: Final = 3  # addresses beneath which portals are looked for

_ANY: Final = (
    "text/turtle, application/rdf+xml, application/ld+json, application/n-triples, application/trig;q=0.9, "
    "application/json;q=0.8, text/html;q=0.7, application/xml;q=0.6, */*;q=0.5"
)
_JSON: Final = "application/json"
_XML: Final = "application/xml, text/xml;q=0.9"
_RDF: Final = "text/turtle, application/rdf+xml, application/ld+json;q=0.9"
_RESULTS: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.9"


@dataclass(frozen=True, slots=True)
class Guess:
    """One way to harvest a source.

    Attributes:
        kind: A kind of ``harvesters``.
        url: What to write as ``url``.
        why: What speaks for it, as part of a sentence.
    """

    kind: str
    url: str
    why: str


@dataclass(frozen=True, slots=True)
class Guessed:
    """What is thought of an address.

    Attributes:
        best: The way that is proposed.
        others: Further ways that are possible, the likeliest first.
        asked: Number of addresses that were asked; 0 for a path.
    """

    best: Guess
    others: tuple[Guess, ...]
    asked: int


class _Probe(NamedTuple):
    """An address at which software of one kind answers, relative to where it is installed; and what to harvest."""

    kind: str
    path: str
    accept: str
    url: str


_PORTALS: Final = (
    _Probe("ckan", "api/3/action/package_search?rows=1", _JSON, ""),
    _Probe("opendatasoft", "api/explore/v2.1/catalog/datasets?limit=1", _JSON, ""),
    _Probe("udata", "api/1/datasets/?page_size=1", _JSON, ""),
    _Probe("dcat", "api/feed/dcat-ap/2.0.1.json", _JSON, "api/feed/dcat-ap/2.0.1.json"),
    _Probe("csw", "srv/eng/csw?service=CSW&request=GetCapabilities", _XML, "srv/eng/csw"),
    _Probe("csw", "geonetwork/srv/eng/csw?service=CSW&request=GetCapabilities", _XML, "geonetwork/srv/eng/csw"),
    _Probe("csw", "csw?service=CSW&request=GetCapabilities", _XML, "csw"),
    _Probe("oaipmh", "oai?verb=Identify", _XML, "oai"),
    _Probe("oaipmh", "oai/request?verb=Identify", _XML, "oai/request"),
    _Probe("dcat", "catalog.ttl", _RDF, "catalog.ttl"),
    _Probe("datajson", "data.json", _JSON, "data.json"),
    _Probe("sparql", "sparql?query=ASK%20%7B%7D", _RESULTS, "sparql"),
    _Probe("stac", "stac", _JSON, "stac"),
    _Probe("datapackage", "datapackage.json", _JSON, "datapackage.json"),
)
"""In the order in which they are preferred: what knows most of a portal first."""

_INTERFACES: Final = (
    _Probe("csw", "?service=CSW&request=GetCapabilities", _XML, ""),
    _Probe("oaipmh", "?verb=Identify", _XML, ""),
    _Probe("sparql", "?query=ASK%20%7B%7D", _RESULTS, ""),
)
"""Interfaces that say nothing, or a web page, where they are asked for nothing."""


def guess(address: str, settings: Settings, allow_hosts: Sequence[str] = ()) -> Guessed:
    """Guess how a source can be harvested.

    Args:
        address: http(s) address of a portal, an interface or a document; or the path of a file, archive or folder.
        settings: The settings in force; its data folder is used for a time.
        allow_hosts: Hosts that may be asked though their addresses are private.

    Raises:
        SourceDefinitionError: It is no such address or path, or nothing is recognised there.
        SourceUnavailable: It cannot be reached, or may not be asked.
    """
    url = checked(address)
    brief = replace(
        settings, fetch_timeout=min(settings.fetch_timeout, _ONE), fetch_total=min(settings.fetch_total, 2 * _ONE)
    )
    source = Source(
        name="guess", kind="dcat", url=url, time_limit=TIME, max_bytes=_LARGEST, allow_hosts=tuple(allow_hosts)
    )
    with workspace(settings.data / "tmp") as folder, Fetcher(source, brief, folder / "raw") as fetch:
        asking = _Asking(source, fetch)
        found = _unique(asking.online() if source.is_http else asking.on_disk())
    if not found:
        raise SourceDefinitionError(_unknown(address, asking))
    return Guessed(found[0], tuple(found[1:]), asking.asked)


def checked(address: str) -> str:
    """Return an address as it is fetched, or an absolute path.

    Raises:
        SourceDefinitionError: It is neither an http(s) address nor the path of a file or folder.
    """
    given = address.strip()
    if "://" in given:
        if not _is_web(given):
            raise SourceDefinitionError(
                f"{given[:200]!r} cannot be harvested: give an http or https address, or a path."
            )
        return given
    if not given or not os.path.exists(given):  # noqa: PTH110 - Path.exists() raises for a name that is too long
        raise SourceDefinitionError(
            f"There is no file or folder {given[:200]!r}. A portal on the web needs its whole address, "
            f"such as https://{given[:200] or 'data.example.org'}."
        )
    return str(Path(given).resolve())


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and address.isprintable()
    except ValueError:  # of [ without ] and the like
        return False


def _unknown(address: str, asking: "_Asking") -> str:
    where = f" nor at the {asking.asked - 1} addresses where portals usually answer" if asking.asked > 1 else ""
    seen = f" ({asking.seen})" if asking.seen else ""
    return (
        f"Nothing that Maillon can harvest was recognised at {address}{seen}{where}. Ask its publisher for the address "
        "of its API or of a catalogue export; if you know its kind (`maillon kinds`), give --kind."
    )


def _unique(found: Iterator[Guess]) -> list[Guess]:
    """Return the first guess of each kind; those from sitemaps, which say little, last."""
    by_kind: dict[str, Guess] = {}
    for item in found:
        by_kind.setdefault(item.kind, item)
    return sorted(by_kind.values(), key=lambda item: item.kind == "schemaorg")


class _Asking:
    """Asks for one source.

    Attributes:
        asked: Number of addresses that were asked.
        seen: What stands at the address itself, in words.
    """

    def __init__(self, source: Source, fetch: Fetcher) -> None:
        self._source = source
        self._fetch = fetch
        self.asked = 0
        self.seen = ""

    def on_disk(self) -> Iterator[Guess]:
        """Yield what the documents of a path are, the most frequent first."""
        tally: Counter[str] = Counter()
        reasons: dict[str, str] = {}
        answers = list(islice(self._fetch.documents(self._source.url), _MOST))
        for answer in answers:
            for position, item in enumerate(_sniffed(answer)):
                tally[item.kind] += 1 if position else 2
                reasons.setdefault(item.kind, item.why)
        number = len(answers)
        self.seen = "a file" if number == 1 else f"{number} files"
        for kind, weight in tally.most_common():
            of = "" if number == 1 else f" (so are {(weight + 1) // 2} of the {number} files looked at)"
            yield Guess(kind, self._source.url, reasons[kind] + of)

    def online(self) -> Iterator[Guess]:
        """Yield what is found at the address itself; where that is not enough, what is found around it."""
        documents = self._first()
        found = [Guess(item.kind, self._source.url, item.why) for answer in documents for item in _sniffed(answer)]
        yield from found
        if any(item.kind != "schemaorg" for item in found):
            return
        for answer in documents:
            yield from self._alternates(answer)
        if urlsplit(self._source.url).path.strip("/"):
            plain = self._source.url.partition("#")[0].partition("?")[0]
            yield from (item for probe in _INTERFACES for item in self._try(probe, plain + probe.path, plain))
        yield from self._around()

    def _first(self) -> list[Answer]:
        """Return the documents at the address; an answer that is no document is no reason to give up."""
        self.asked += 1
        try:
            documents = list(islice(self._fetch.documents(self._source.url, _ANY), _MOST))
        except SourceUnavailable as error:
            if "allow_hosts" in str(error):
                host = urlsplit(self._source.url).hostname
                raise SourceUnavailable(f"{error} `maillon sources add` takes --allow-host {host}.") from error
            if not isinstance(error, HttpFailure):
                raise SourceUnavailable(f"{error} If you know what it is, give --kind.") from error
            if not error.status:
                raise
            self.seen = f"it answers {error.status}"
            return []
        self.seen = f"{documents[0].media_type or 'of no media type'}" if len(documents) == 1 else "an archive"
        return documents

    def _alternates(self, answer: Answer) -> Iterator[Guess]:
        """Yield the RDF that a web page says it also comes as."""
        for link in alternates(_content(answer))[:5]:
            with suppress(ValueError):
                url = urljoin(answer.url, link)
                if not _is_web(url):
                    continue
                yield from self._try(_Probe("dcat", "", _RDF, ""), url, url)

    def _around(self) -> Iterator[Guess]:
        """Yield the portals at the address and above it: those of the first place where there is one."""
        for base in _bases(self._source.url):
            is_found = False
            for probe in _PORTALS:
                for item in self._try(probe, base + probe.path, base + probe.url):
                    is_found = True
                    yield item
            yield from self._sitemap(base)
            if is_found:
                return

    def _sitemap(self, base: str) -> Iterator[Guess]:
        url = f"{base}sitemap.xml"
        for item in self._try(_Probe("schemaorg", "", _XML, ""), url, url):
            yield replace(item, why="it has a sitemap, whose pages may describe datasets in JSON-LD")

    def _try(self, probe: _Probe, url: str, harvested: str) -> Iterator[Guess]:
        """Yield a guess where an address answers as software of a kind does."""
        self.asked += 1
        try:
            answer = self._fetch(url, probe.accept)
        except SourceUnavailable:
            return
        for item in _sniffed(answer):
            if item.kind == probe.kind:
                yield Guess(item.kind, harvested, f"{bare(url)} answers: {item.why}")
                return


def _bases(url: str) -> list[str]:
    """Return the places where a portal may be installed: the address as a folder, those above it, the host."""
    parts = urlsplit(url)
    steps = [step for step in parts.path.split("/") if step]
    if steps and "." in steps[-1]:
        steps.pop()
    paths = ["/".join(["", *steps[:number], ""]) for number in range(len(steps), -1, -1)]
    if len(paths) > _BASES:
        paths = [*paths[: _BASES - 1], paths[-1]]
    return [urlunsplit((parts.scheme, parts.netloc, path, "", "")) for path in paths]


def _content(answer: Answer) -> bytes:
    with answer.path.open("rb") as file:
        return file.read(WHOLE + 1)


def _sniffed(answer: Answer) -> list[Sniffed]:
    return sniff(_content(answer), answer.media_type, urlsplit(answer.url).path)
