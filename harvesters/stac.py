"""STAC 0.9 to 1.1: turns the collections of a catalogue or an API, and on demand its items, into ``records.Dataset``.

This is the protocol: a static catalogue is followed by its links ``child`` and ``item``, an API by ``data``, ``items``,
``next``; every address once. A file or folder is read document by document. ``_stac_record`` reads the fields.

Options (``[options]`` of the source's TOML): ``items`` (true: items become datasets too; default false), ``max_items``
(how many at most, default 1,000; a line says where there are more).
https://github.com/radiantearth/stac-spec/ and https://github.com/radiantearth/stac-api-spec/
"""

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final

from harvesters._ckan_package import text
from harvesters._once import once
from harvesters._stac_crawl import ACCEPT, FEW, Crawl, Found, document_of, parts_of
from harvesters._stac_record import Fields, kind
from harvesters._stac_record import records as records_of
from maillon.errors import SourceDefinitionError, SourceUnavailable
from maillon.records import Record, Rejected
from maillon.sources import Answer, Fetch, Source

_ITEM: Final = "item not asked for: set items = true in [options] to have it as a dataset"


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield a dataset for every collection, and for every item where that is asked for, or why it is left out.

    Raises:
        SourceDefinitionError: ``[options]`` holds a key or value that is not known.
        SourceUnavailable: The address is of no STAC document, or what it links to cannot be read.
        ParseFailed: The document at the address is not JSON; says where.
    """
    wanted = _wanted(source.options)
    seen: set[str] = set()
    found = Crawl(source, fetch, wanted).documents() if source.is_http else _files(source, fetch, wanted)
    for place, value, collection in found:
        for record in [value] if isinstance(value, Rejected) else _read(value, place, collection, source.language):
            kept = once(record, seen, place)
            yield kept
            if kept is not record:
                break  # what else is said of it is no longer of interest


def _wanted(options: Mapping[str, Any]) -> int:
    """Return how many items are asked for, 0 for none."""
    items, most = options.get("items", False), options.get("max_items", 1000)
    if unknown := sorted({*options} - {"items", "max_items"}):
        raise SourceDefinitionError(f"[options] of a stac source: unknown key {', '.join(unknown)}.")
    if not isinstance(items, bool) or isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise SourceDefinitionError("[options] of a stac source: give items = true or false, max_items = 1 or more.")
    return most if items else 0


def _read(value: Fields, place: str, collection: Fields, language: str) -> Iterator[Record]:
    if not text(value.get("id")):
        yield Rejected(place, "no identifier")
        return
    yield from records_of(value, place, collection, language)


def _files(source: Source, fetch: Fetch, wanted: int) -> Iterator[Found]:
    """Yield what documents hold, collections first, because items without licence have that of their collection."""
    collections: dict[str, Fields] = {}
    for name, value in _contents(source, fetch):
        if isinstance(value, Rejected):
            yield name, value, {}
        elif kind(value) == "Collection":
            collections.setdefault(text(value.get("id")), value)
            yield name, value, {}
    yield from _items(source, fetch, wanted, collections)


def _items(source: Source, fetch: Fetch, wanted: int, collections: Mapping[str, Fields]) -> Iterator[Found]:
    given = 0
    for name, value in _contents(source, fetch):
        if isinstance(value, Rejected) or kind(value) != "Feature":
            continue
        given += 1
        if given <= wanted:
            yield name, value, collections.get(text(value.get("collection")), {})
        elif not wanted:
            yield name, Rejected(text(value.get("id")) or name, _ITEM, is_dataset=False), {}
    if given > wanted > 0:
        yield source.name, Rejected(source.name, FEW, f"{wanted} of {given}", is_dataset=False), {}


def _contents(source: Source, fetch: Fetch) -> Iterator[tuple[str, Fields | Rejected]]:
    """Yield the collections and items of all documents; one among several that cannot be used is rejected."""
    answers = fetch.documents(source.url, ACCEPT)
    first = list(islice(answers, 2))
    for answer in chain(first, answers):
        try:
            parts = list(parts_of(_alone(answer) if len(first) == 1 else document_of(answer), answer.url))
        except SourceUnavailable as error:
            if len(first) == 1:
                raise
            yield answer.url, Rejected(answer.url.rsplit("/", 1)[-1], "not STAC", str(error), is_dataset=False)
            continue
        yield from ((answer.url, part) for part in parts)


def _alone(answer: Answer) -> Fields:
    """Return the one document of a source. Raises SourceUnavailable for a catalogue, whose links are not followed."""
    document = document_of(answer)
    if kind(document) == "Catalog":
        raise SourceUnavailable(f"{answer.url} only links to collections: give the folder that holds them all.")
    return document
