"""Opendatasoft: turns the datasets of the Explore API (v2.1, v2.0, v1), or of a catalogue export, into records.

This is the protocol: pages by offset in the order of the ids, as many datasets as the portal counts; exports and
single datasets read as a whole; what is restricted or not published is left out before anything else of it is read.
``_opendatasoft_dataset`` reads the fields.
https://help.opendatasoft.com/apis/ods-explore-v2/ and https://help.opendatasoft.com/apis/ods-search-v1/
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from harvesters import _json, _opendatasoft_dataset, _paging
from harvesters._ckan_package import text
from harvesters._once import once
from harvesters._opendatasoft_dataset import ROOT, fields_of, first
from maillon.errors import ParseFailed, SourceUnavailable
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Fetch, Source

DEEPEST: Final = 10_000
"""Datasets that the paged interfaces give at most."""

_OURS: Final = frozenset({"limit", "offset", "rows", "start", "order_by", "select"})
_DUMP = re.compile(r"\.(?:json|gz|zip|tar|tgz|xz|bz2)$|/exports/\w+/*$|/catalog/datasets/[^/]+/*$", re.IGNORECASE)


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield a dataset for every entry of the catalogue, or why it is left out.

    Raises:
        SourceUnavailable: The portal answers with an error, gives fewer datasets than it counts, or has too many.
        ParseFailed: The document is not JSON; says where.
    """
    seen: set[str] = set()
    for place, entry in _pages(source, fetch) if _is_paged(source) else _dump(source, fetch):
        record = entry if isinstance(entry, Rejected) else _record(entry, place, source)
        yield once(record, seen, place)


def _is_paged(source: Source) -> bool:
    return source.is_http and not _DUMP.search(urlsplit(source.url).path)


def _pages(source: Source, fetch: Fetch) -> Iterator[tuple[str, Any]]:
    """Yield every entry of the API: as many as it counts, on pages that do not shift."""
    listing = _paging.Listing(source.url)
    while listing.count is None or listing.read < listing.count:
        start = listing.read
        url = _address(source, start)
        entries, count = _entries(_json.decoded(fetch(url, "application/json")), url)
        if count is None:
            raise SourceUnavailable(f"{url} does not say how many datasets there are: correct the address.")
        if count > DEEPEST:
            raise SourceUnavailable(
                f"{url} counts {count} datasets but pages give {DEEPEST} at most: "
                "give the address of the catalogue export, /api/explore/v2.1/catalog/exports/json."
            )
        listing.page(url, [_identifier(_opened(entry)) for entry in entries], count, entries)
        yield from ((f"dataset {start + number}", entry) for number, entry in enumerate(entries, start=1))
        if not entries:
            break
    listing.close()


def _address(source: Source, start: int) -> str:
    """Return the address of a page; what the source's own address asks for beside pages is kept (where, refine)."""
    match = ROOT.fullmatch(source.url)
    if match is None:
        raise SourceUnavailable(f"{source.url} is no address of a portal: correct it.")
    kept = [pair for pair in parse_qsl(urlsplit(source.url).query) if pair[0] not in _OURS]
    rest = urlsplit(source.url[match.end(1) :]).path
    if rest.startswith("/api/datasets/"):
        query = [*kept, ("rows", min(source.page_size, 1000)), ("start", start)]
        return f"{match[1]}/api/datasets/1.0/search/?{urlencode(query)}"
    version = re.match(r"/api/(?:explore/)?v2(?:\.\d+)?(?=/|$)", rest)
    query = [*kept, ("limit", min(source.page_size, 100)), ("offset", start), ("order_by", "dataset_id")]
    return f"{match[1]}{version[0] if version else '/api/explore/v2.1'}/catalog/datasets?{urlencode(query)}"


def _dump(source: Source, fetch: Fetch) -> Iterator[tuple[str, Any]]:
    """Yield every entry of the files; one among several that cannot be used is rejected, and the others carry on."""
    answers = fetch.documents(source.url)
    first = list(islice(answers, 2))
    found, counted = 0, 0
    for answer in chain(first, answers):
        name = answer.url.rsplit("/", 1)[-1]
        try:
            entries, count = _entries(_json.decoded(answer), name)
        except SourceUnavailable as error:
            if len(first) == 1:
                raise
            reason = "file is not JSON" if isinstance(error, ParseFailed) else "file without datasets"
            yield name, Rejected(name, reason, str(error), is_dataset=False)
            continue
        found, counted = found + len(entries), max(counted, count or 0)
        yield from ((f"{name}, item {number}", entry) for number, entry in enumerate(entries, start=1))
    if found < counted:
        detail = f"{found} of {counted}"
        yield source.name, Rejected(source.name, "files hold fewer datasets than they count", detail, is_dataset=False)


def _entries(value: Any, place: str) -> tuple[list[Any], int | None]:
    """Return the entries of a catalogue, a page of it or a single dataset, and how many it says there are."""
    if isinstance(value, list):
        return value, None
    if not isinstance(value, dict):
        raise SourceUnavailable(f"{place} holds no datasets: give the address of a portal or of its catalogue export.")
    count = next((value[name] for name in ("total_count", "nhits") if type(value.get(name)) is int), None)
    for name in ("results", "datasets"):
        if isinstance(value.get(name), list):
            return value[name], count
    if _identifier(_opened(value)):
        return [value], None
    if stated := text(value.get("message")) or text(value.get("error")):
        raise SourceUnavailable(f"{place}: the portal answers with an error: {stated[:200]}")
    raise SourceUnavailable(f"{place} holds no datasets: give the address of a portal or of its catalogue export.")


def _opened(entry: Any) -> Mapping[str, Any]:
    """Return the dataset inside an entry: v2.0 wraps it, all others do not."""
    inner = entry.get("dataset", entry) if isinstance(entry, dict) else {}
    return inner if isinstance(inner, dict) else {}


def _identifier(dataset: Mapping[str, Any]) -> str:
    return text(dataset.get("dataset_id")) or text(dataset.get("datasetid"))


def _record(entry: Any, place: str, source: Source) -> Dataset | Rejected:
    """Return the dataset of an entry, or why it cannot be used."""
    dataset = _opened(entry)
    if not dataset:
        return Rejected(place, "not a dataset", type(entry).__name__, is_dataset=False)
    fields, identifier = fields_of(dataset), _identifier(dataset)
    switches = ("visibility", "is_restricted", "is_published", "status")
    said = {name: (first(fields, name) or "").lower() for name in switches}
    if said["visibility"] in ("restricted", "private") or said["is_restricted"] == "true":
        return Rejected(identifier or place, "restricted", is_private=True)
    if said["is_published"] == "false" or said["status"] in ("draft", "deleted", "unpublished"):
        return Rejected(identifier or place, f"state {said['status'] or 'unpublished'}")
    if not identifier:
        return Rejected(place, "no identifier")
    address = source.url if _is_paged(source) else ""
    portal = _opendatasoft_dataset.portal(entry, fields, address, (source.url, source.base, source.homepage))
    return _opendatasoft_dataset.dataset(dataset, fields, portal, source.language)
