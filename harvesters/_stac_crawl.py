"""Follows a STAC catalogue or API on the web: turns its links into the collections and items behind them.

Not a kind of source: the part of ``stac`` that reads over HTTP. Links are relative to the address of the request, every
address is read once, lists page by page until as much came as they count.
https://github.com/radiantearth/stac-spec/blob/master/catalog-spec/catalog-spec.md#link-object
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from harvesters import _json, _paging
from harvesters._ckan_package import text
from harvesters._stac_record import Fields, kind, listed
from maillon.errors import SourceUnavailable
from maillon.records import Rejected
from maillon.sources import Answer, Fetch, Source

DEEPEST: Final = 30
"""Levels of catalogues below each other; a generated catalogue can have no end."""

PATIENCE: Final = 5
"""Linked documents in a row that cannot be read, after which the catalogue counts as not available."""

ACCEPT: Final = "application/json, application/geo+json;q=0.9, */*;q=0.1"

FEW: Final = "more items than max_items"

Found = tuple[str, Fields | Rejected, Fields]
"""Address; a collection or item, or why it is left out; the collection of an item, empty where unknown."""


def document_of(answer: Answer) -> Fields:
    """Return the STAC document of an answer. Raises SourceUnavailable where it is none."""
    document = _json.decoded(answer)
    if not isinstance(document, dict) or not kind(document):
        said = text(document.get("description") or document.get("message")) if isinstance(document, dict) else ""
        raise SourceUnavailable(f"{answer.url} is no STAC document{f' but says {said[:200]!r}' if said else ''}.")
    return document


def parts_of(document: Fields, place: str) -> Iterator[Fields | Rejected]:
    """Yield the collections or items of a list of them, else the document itself."""
    key = {"FeatureCollection": "features", "Collections": "collections"}.get(kind(document))
    for number, part in enumerate(listed(document.get(key)) if key else [document], start=1):
        if isinstance(part, dict) and kind(part) in ("Collection", "Feature", "Catalog"):
            yield part
        else:
            yield Rejected(f"{place}, item {number}", "not a STAC object", type(part).__name__, is_dataset=False)


class Crawl:
    """One reading of a catalogue on the web: every address once, items up to the number wanted."""

    def __init__(self, source: Source, fetch: Fetch, wanted: int) -> None:
        self._source, self._fetch, self._wanted = source, fetch, wanted
        self._seen = {source.url}
        self._items = 0
        self._failures = 0

    def documents(self) -> Iterator[Found]:
        """Yield (address, collection or item or why not, the item's collection)."""
        answer = self._fetch(self._source.url, ACCEPT)
        document = document_of(answer)
        what = kind(document)
        if what in ("FeatureCollection", "Feature") and not self._wanted:
            raise SourceUnavailable(f"{answer.url} holds items only: set items = true in [options] to have them.")
        if what in ("FeatureCollection", "Collections"):
            yield from self._pages(answer, document, {}, 0)
        else:
            yield from self._one(answer.url, document, {}, 0)

    def _one(self, address: str, value: Fields, collection: Fields, depth: int) -> Iterator[Found]:
        """Yield an object and all that it links to."""
        what = kind(value)
        if what == "Feature":
            self._items += 1
            yield address, value, collection
            return
        if what == "Collection":
            yield address, value, {}
        rels = {text(link.get("rel")) for link in _links(value)}
        listing = (
            "data" if what == "Catalog" and "data" in rels else "items" if self._wanted and "items" in rels else ""
        )
        children = () if listing == "data" else ("child",) if listing or not self._wanted else ("child", "item")
        for link in _links(value):
            rel = text(link.get("rel"))
            if rel != listing and rel not in children:
                continue
            if rel in ("item", "items") and self._items >= self._wanted:
                yield address, Rejected(text(value.get("id")) or address, FEW, str(self._wanted), is_dataset=False), {}
                return
            yield from self._linked(link, address, value, depth + 1)

    def _linked(self, link: Fields, base: str, parent: Fields, depth: int) -> Iterator[Found]:
        """Yield what a link leads to; one that is broken is named, and the others carry on."""
        try:
            address = urljoin(base, text(link.get("href"))).partition("#")[0]
        except ValueError:
            address = ""
        if address in self._seen:
            return
        self._seen.add(address)
        try:
            answer = self._fetch(_checked(address, depth), ACCEPT)
            document = document_of(answer)
            self._failures = 0
        except SourceUnavailable as error:
            self._failures += 1
            if self._failures == PATIENCE:
                raise
            yield base, Rejected(address or base, "linked document cannot be read", str(error), is_dataset=False), {}
            return
        collection = parent if kind(parent) == "Collection" else {}
        if kind(document) in ("FeatureCollection", "Collections"):
            yield from self._pages(answer, document, collection, depth)
        else:
            yield from self._one(answer.url, document, collection, depth)

    def _pages(self, answer: Answer, document: Fields, collection: Fields, depth: int) -> Iterator[Found]:
        """Yield what a list holds, page by page; as much as it counts must have been given."""
        listing = _paging.Listing(answer.url)
        is_items = kind(document) == "FeatureCollection"
        while True:
            parts = list(parts_of(document, answer.url))
            names = [
                "" if isinstance(part, Rejected) else f"{part.get('collection')}/{part.get('id')}" for part in parts
            ]
            listing.page(answer.url, names, _count(document))
            for part in parts:
                if is_items and self._items >= self._wanted:
                    name = text(collection.get("id")) or self._source.name
                    yield answer.url, Rejected(name, FEW, str(self._wanted), is_dataset=False), {}
                    return
                if isinstance(part, Rejected):
                    yield answer.url, part, {}
                else:
                    yield from self._one(answer.url, part, collection, depth)
            link = next((link for link in _links(document) if text(link.get("rel")) == "next"), {})
            if not link or not parts:
                listing.close()
                return
            answer = self._next(link, answer.url)
            document = document_of(answer)

    def _next(self, link: Fields, base: str) -> Answer:
        if text(link.get("method")).upper() not in ("", "GET"):
            raise SourceUnavailable(f"{base} pages by POST only: give the address of /collections instead of /search.")
        try:
            address = urljoin(base, text(link.get("href")))
        except ValueError:
            address = ""
        if address in self._seen or not address.startswith(("http://", "https://")):
            raise SourceUnavailable(f"{base}: its next page {address[:200]!r} was read or is none. Tell its operator.")
        self._seen.add(address)
        return self._fetch(address, ACCEPT)


def _checked(address: str, depth: int) -> str:
    if not address.startswith(("http://", "https://")) or depth > DEEPEST:
        raise SourceUnavailable(f"{address[:200]} is no web address, or stands deeper than {DEEPEST} levels.")
    return address


def _links(value: Fields) -> list[Fields]:
    return [link for link in listed(value.get("links")) if isinstance(link, dict)]


def _count(document: Fields) -> int | None:
    context = document.get("context")
    stated = document.get("numberMatched", context.get("matched") if isinstance(context, dict) else None)
    return stated if isinstance(stated, int) and not isinstance(stated, bool) else None
