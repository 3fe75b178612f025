"""Turns a catalogue service (OGC CSW 2.0.2 and 3.0), or files of ISO 19115 records, into GeoDCAT-AP 3.

The service is paged with GetRecords in key-value pairs. Files are records in ISO 19139 (gmd, gmi), ISO 19115-3 (mdb) or
Swiss CHE_MD_Metadata, or saved answers of a service. DCAT in an answer is taken as it is; Dublin Core as a plain
dataset. All records are read twice: first which resources there are, because a service names its datasets by the
identifiers of their records, and an IRI that two records claim belongs to neither.

Options of the source (table ``[options]`` of its TOML):

- ``version``: ``2.0.2`` (default) or ``3.0.0``;
- ``output_schema``: default ``http://www.isotc211.org/2005/gmd``;
- ``type_names``: default ``csw:Record`` (``Record`` in 3.0.0);
- ``constraint``: a filter in CQL, such as ``keywords LIKE '%open%'``.

https://www.ogc.org/standards/cat/
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final
from urllib.parse import unquote, urlsplit

from lxml import etree
from pyoxigraph import Dataset

from harvesters import _csw_page as page
from harvesters import _csw_record, _iso_element, _iso_record, _xml
from harvesters import _csw_request as request
from harvesters import _iso_graph as rdf
from maillon.errors import PagesShifted, ParseFailed, SourceUnavailable
from maillon.rdf import parsing, subjects
from maillon.records import Record, Rejected
from maillon.sources import Fetch, Source

ACCEPT: Final = "application/xml, text/xml;q=0.9, application/rdf+xml;q=0.5, */*;q=0.1"
_FILE = re.compile(r"\.(?:xml|zip|gz|tgz|tar|xz|bz2)$", re.IGNORECASE)
_RDF: Final = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">%s</rdf:RDF>'


@dataclass(frozen=True, slots=True)
class _Found:
    """One record of the source as an element; ``place`` says where it was, ``note`` what was done to read it."""

    element: etree._Element
    place: str
    url: str
    note: str


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield the subjects of every record, and what had to be rejected.

    Raises:
        SourceDefinitionError: An option is unknown or wrong.
        PagesShifted: The pages do not add up to what the service counts, or repeat a record.
        SourceUnavailable: The service answers with an error.
        ParseFailed: The only document, or a page, cannot be read.
    """
    plan = request.options(source)
    known = _survey(source, fetch, plan)
    seen: set[str] = set()
    shared, dcat = rdf.Shared(), Dataset()
    for found in _found(source, fetch, plan):
        if isinstance(found, Rejected):
            yield found
            continue
        key = page.key(found.element)
        if key in seen:
            yield Rejected(key, "identifier stands twice in the source", found.place)
            continue
        seen.add(key)
        if page.kind(found.element) == "rdf":
            yield from _dcat(found, dcat)
        else:
            yield from _records(found, known, shared, source, fetch.base_iri)
    yield from shared.described({item.iri for item in known.values()})
    yield from subjects.split(dcat, source, fetch.base_iri)


def _survey(source: Source, fetch: Fetch, plan: Mapping[str, str]) -> dict[str, _iso_record.Known]:
    """Return all resources by the identifier of their record, and by their own IRI where one record claims it."""
    identities: dict[str, _iso_record.Identity] = {}
    for found in _found(source, fetch, plan):
        if isinstance(found, _Found) and page.kind(found.element) == "iso":
            who = _iso_record.identity(_iso_element.plain(found.element))
            if who.identifier and who.kind:
                identities.setdefault(who.identifier, who)
    claims = Counter(who.own for who in identities.values())
    graph = rdf.Graph(fetch.base_iri, source.name, rdf.Shared())
    known: dict[str, _iso_record.Known] = {}
    for identifier, who in identities.items():
        own = who.own if who.own is not None and claims[who.own] == 1 else graph.mint(who.kind, identifier)
        known[identifier] = _iso_record.Known(own, who.kind)
    return {item.iri.value: item for item in known.values()} | known


def _records(
    found: _Found, known: Mapping[str, _iso_record.Known], shared: rdf.Shared, source: Source, base: str
) -> Iterator[Record]:
    kind = page.kind(found.element)
    if kind == "iso":
        who = _iso_record.identity(_iso_element.plain(found.element))
        if not who.identifier:
            yield Rejected(found.place, "no identifier")
        elif not who.kind:
            yield Rejected(who.identifier, f"scope {who.scope[:30]}, not a dataset", is_dataset=False)
        elif who.identifier not in known:
            raise PagesShifted(f"{found.place} was not there when {source.name} was read first. Try again later.")
        else:
            yield from _iso_record.described(found.element, known, shared, source, base, found.note)
    elif kind == "dublin core":
        yield _csw_record.read(found.element, found.place, source.language)
    else:
        yield Rejected(found.place, "no metadata record", page.local(found.element), is_dataset=False)


def _dcat(found: _Found, merged: Dataset) -> Iterator[Rejected]:
    """Add what an RDF payload says to that of all others, which repeat its bodies and catalogues."""
    content = etree.tostring(found.element, with_tail=False)
    if page.local(found.element) != "RDF":
        content = _RDF % content
    try:
        parsed = parsing.parse(content, found.url, "application/rdf+xml", found.place)
    except ParseFailed as error:
        yield Rejected(found.place, "cannot be parsed", str(error))
        return
    for quad in parsed.quads:
        merged.add(quad)


def _found(source: Source, fetch: Fetch, plan: Mapping[str, str]) -> Iterator[_Found | Rejected]:
    parts = urlsplit(source.url)
    is_service = source.is_http and not _FILE.search(parts.path) and "getrecordbyid" not in parts.query.lower()
    return _pages(source, fetch, plan) if is_service else _documents(source, fetch)


def _documents(source: Source, fetch: Fetch) -> Iterator[_Found | Rejected]:
    """Yield the records of files; a file among several that cannot be read is rejected, and the others carry on."""
    answers = fetch.documents(source.url, ACCEPT)
    first = list(islice(answers, 2))
    for answer in chain(first, answers):
        name = unquote(answer.url.partition(f"/source/{source.name}/")[2]) or unquote(answer.url.rsplit("/", 1)[-1])
        try:
            root, note = _xml.root(answer.read(), name)
            elements = page.elements(root, name)
        except SourceUnavailable as error:
            if len(first) == 1:
                raise
            yield Rejected(name, "cannot be parsed", str(error), is_dataset=False)
            continue
        for number, element in enumerate(elements, start=1):
            yield _Found(element, name if len(elements) == 1 else f"{name}, record {number}", answer.url, note)


def _pages(source: Source, fetch: Fetch, plan: Mapping[str, str]) -> Iterator[_Found | Rejected]:
    """Yield the records of a service: what it counts must have been given, and each record once."""
    start, total, seen = 1, 0, set[str]()
    matched: int | None = None
    while start:
        url = request.address(source, plan, start)
        root, note = _xml.root(fetch(url, ACCEPT).read(), url)
        results = page.results(root, url)
        keys = {page.key(element) for element in results.elements}
        if keys & seen:
            raise PagesShifted(f"{url} repeats {min(keys & seen)}: the source changed meanwhile, or does not page.")
        seen |= keys
        for number, element in enumerate(results.elements, start=start):
            yield _Found(element, f"record {number}", url, note)
        lacking = results.returned - len(results.elements)
        if lacking > 0:
            yield Rejected(f"records from {start}", "counted but not sent", f"{lacking} of {results.returned}", False)
        got = max(results.returned, len(results.elements))
        total += got
        matched = results.matched if matched is None else matched
        if results.matched not in (None, matched):
            raise PagesShifted(f"{url} counts {results.matched} records where there were {matched}.")
        start = _following(results, start, got, url)
    if matched is not None and total != matched:
        raise PagesShifted(f"{source.url} counts {matched} records but gave {total}. Try again later.")


def _following(results: page.Results, start: int, got: int, url: str) -> int:
    """Return the position of the next page, 0 where there is none."""
    following = start + got if results.following is None else results.following
    if not got or following == 0 or (results.matched is not None and following > results.matched):
        return 0
    if following <= start:
        raise PagesShifted(f"{url} names record {following} as the next one: the service does not page.")
    return following
