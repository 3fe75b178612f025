"""schema.org/Dataset: turns the JSON-LD of web pages, or files of it, into ``records.Dataset``.

On the web ``url`` is a page, a sitemap (an index of sitemaps too) or the page of a catalogue, whose ``DataCatalog``
names its datasets by ``@id`` or ``url``; pages of other hosts are left alone unless ``include`` names them. Otherwise
it is a file or folder of HTML and JSON-LD. ``_schemaorg_jsonld`` finds nodes, ``_schemaorg_dataset`` reads fields.

Options (``[options]`` of the source's TOML): ``include`` (a regular expression found in the addresses of the pages to
read; default: those of the same host), ``max_pages`` (how many at most, default 10,000; a line says if there are more).
https://schema.org/Dataset and https://www.sitemaps.org/protocol.html
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from harvesters import _schemaorg_dataset, _schemaorg_jsonld
from harvesters._once import once
from harvesters._schemaorg_jsonld import Page
from maillon.errors import SourceDefinitionError, SourceUnavailable
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Fetch, Source

PATIENCE: Final = 10
"""Pages in a row that cannot be read, after which the site counts as not available."""

ACCEPT: Final = "text/html, application/ld+json;q=0.9, application/xml;q=0.8, */*;q=0.1"

_HIDDEN: Final = frozenset({"draft", "deleted", "obsolete", "withdrawn"})


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield a dataset for every ``schema:Dataset``, or why it is left out.

    Raises:
        SourceDefinitionError: ``[options]`` holds a key or value that is not known.
        SourceUnavailable: No page describes a dataset, or pages cannot be read.
        ParseFailed: The only document is neither HTML nor JSON nor a sitemap; says where.
    """
    include, most = _options(source.options)
    seen: set[str] = set()
    found = False
    for page in _Site(source, fetch, include, most).pages() if source.is_http else _files(source, fetch):
        for record in [page] if isinstance(page, Rejected) else _read(page, source.language):
            found = found or isinstance(record, Dataset) or record.is_dataset
            yield record if isinstance(page, Rejected) else once(record, seen, _address(page))
    if not found:
        raise SourceUnavailable(f"{source.url} describes no schema.org Dataset in JSON-LD: correct the address.")


def _address(page: Page | Rejected) -> str:
    return page.identifier if isinstance(page, Rejected) else page.address


def _options(options: Mapping[str, Any]) -> tuple[re.Pattern[str] | None, int]:
    include, most = options.get("include", ""), options.get("max_pages", 10_000)
    if unknown := sorted({*options} - {"include", "max_pages"}):
        raise SourceDefinitionError(f"[options] of a schemaorg source: unknown key {', '.join(unknown)}.")
    if not isinstance(include, str) or isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise SourceDefinitionError("[options] of a schemaorg source: give include a text, max_pages 1 or more.")
    try:
        return (re.compile(include) if include else None), most
    except re.error as error:
        raise SourceDefinitionError(f"[options] include = {include!r} is no regular expression: {error}.") from error


def _read(page: Page, language: str) -> Iterator[Dataset | Rejected]:
    """Yield the datasets of a page, and what of it cannot be used."""
    yield from page.faults
    for number, node in enumerate(page.datasets, start=1):
        identifier = _schemaorg_dataset.identifier(node, page, alone=len(page.datasets) == 1)
        status = _schemaorg_dataset.status(node, page)
        if not identifier:
            yield Rejected(f"{page.address}, dataset {number}", "no identifier", _schemaorg_dataset.name(node, page))
        elif status in _HIDDEN:
            yield Rejected(identifier, f"status {status}")
        else:
            yield _schemaorg_dataset.dataset(identifier, node, page, language)
    if not page.datasets and not page.faults and not page.links:
        yield Rejected(page.address, "page without dataset", is_dataset=False)


def _files(source: Source, fetch: Fetch) -> Iterator[Page | Rejected]:
    """Yield every file; one among several that cannot be used is rejected, and the others carry on."""
    answers = fetch.documents(source.url, ACCEPT)
    first = list(islice(answers, 2))
    for answer in chain(first, answers):
        try:
            yield _schemaorg_jsonld.page(answer)
        except SourceUnavailable as error:
            if len(first) == 1:
                raise
            yield Rejected(answer.url.rsplit("/", 1)[-1], "file cannot be read", str(error), is_dataset=False)


class _Site:
    """One reading of a site: every address once, up to the number of pages wanted."""

    def __init__(self, source: Source, fetch: Fetch, include: re.Pattern[str] | None, most: int) -> None:
        self._source, self._fetch, self._include, self._most = source, fetch, include, most
        self._host = urlsplit(source.url).netloc.lower()
        self._todo = deque([source.url])
        self._seen = {source.url}
        self._failures = 0

    def pages(self) -> Iterator[Page | Rejected]:
        """Yield the pages that the site names, the first of them the source's own address."""
        read = 0
        while self._todo:
            address = self._todo.popleft()
            if read == self._most:
                left = len(self._todo) + 1
                yield Rejected(self._source.url, "more pages than max_pages", f"{left} left", is_dataset=False)
                return
            read += 1
            page = self._page(address, alone=read == 1)
            if isinstance(page, Page):
                yield from self._follow(page)
            if isinstance(page, Rejected) or not page.is_sitemap:
                yield page

    def _page(self, address: str, alone: bool) -> Page | Rejected:
        try:
            page = _schemaorg_jsonld.page(self._fetch(address, ACCEPT))
        except SourceUnavailable as error:
            self._failures += 1
            if alone or self._failures == PATIENCE:
                raise
            return Rejected(address, "page cannot be read", str(error), is_dataset=False)
        self._failures = 0
        return page

    def _follow(self, page: Page) -> Iterator[Rejected]:
        """Note the pages that a page names, those of a sitemap that are of no interest without a word."""
        for link in page.links:
            try:
                address = urljoin(page.address, link).partition("#")[0]
                parts = urlsplit(address)
            except ValueError:
                address, parts = link[:200], urlsplit("")
            if address in self._seen or address == page.address:
                continue
            self._seen.add(address)
            wanted = self._include.search(address) if self._include else parts.netloc.lower() == self._host
            if parts.scheme in ("http", "https") and (wanted or page.is_index):
                self._todo.append(address)
            elif not page.is_sitemap:
                yield Rejected(address, "page of another site: name it in include", page.address, is_dataset=False)
