"""CKAN and DKAN: turns the packages of the Action API, or of a dump of it, into ``records.Dataset``.

The API is paged by ``package_search`` in the order of the package ids. A dump is any document or folder that holds
packages: a package, a list, the envelopes of API versions 1 to 3, DKAN's, the Solr ``data_dict``, or JSON lines.
A record that its portal marks private or deleted is left out before anything of it is read.
https://docs.ckan.org/en/latest/api/
"""

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvesters import _ckan_package, _json, _paging
from harvesters._once import once
from maillon.errors import SourceUnavailable
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Fetch, Source

SKIPPED_TYPES: Final = frozenset(
    {"harvest", "showcase", "application", "app", "organization", "group", "page", "idea", "issue", "user", "related"}
)
"""Values of ``type`` that CKAN extensions give to things that are no datasets."""

_DUMP = re.compile(r"\.(?:jsonl?|ndjson|gz|zip|tar|tgz|xz|bz2)$|/action/(?!package_search)\w+$", re.IGNORECASE)


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield a dataset for every package, or why it is left out.

    Raises:
        SourceUnavailable: The portal answers with an error, lists fewer packages than it counts, or gives names only.
        ParseFailed: A document is not JSON; says where.
    """
    seen: set[str] = set()
    online = source.is_http and not _DUMP.search(urlsplit(source.url).path)
    for place, package in _pages(source, fetch) if online else _dump(source, fetch):
        record = package if isinstance(package, Rejected) else _record(package, place, source)
        yield once(record, seen, place)


def _pages(source: Source, fetch: Fetch) -> Iterator[tuple[str, Any]]:
    """Yield every package of the API: what is counted must have been given, else the harvest is not complete."""
    parts = urlsplit(source.url)
    path = (
        re.sub(r"(?:/api(?:/3)?(?:/action(?:/package_search)?)?)?/*$", "", parts.path) + "/api/3/action/package_search"
    )
    listing = _paging.Listing(source.url)
    while True:
        start = listing.read
        query = {**dict(parse_qsl(parts.query)), "rows": source.page_size, "start": start, "sort": "id asc"}
        url = urlunsplit((*parts[:2], path, urlencode(query), ""))
        page = _json.decoded(fetch(url, "application/json"))
        packages = _packages(page, url)
        result = page.get("result") if isinstance(page, dict) else None
        count = result.get("count") if isinstance(result, dict) else None
        names = [_ckan_package.text(item.get("id")) if isinstance(item, dict) else "" for item in packages]
        listing.page(url, names, count if isinstance(count, int) else None, packages)
        yield from ((f"package {start + number}", package) for number, package in enumerate(packages, start=1))
        last = len(packages) < source.page_size if listing.count is None else listing.read >= listing.count
        if last or not packages:
            listing.close()
            return


def _dump(source: Source, fetch: Fetch) -> Iterator[tuple[str, Any]]:
    """Yield every package of a dump; a file among several that cannot be used is rejected, and the others carry on."""
    answers = fetch.documents(source.url)
    first = list(islice(answers, 2))
    for answer in chain(first, answers):
        name = answer.url.rsplit("/", 1)[-1]
        try:
            packages = _packages(_json.decoded(answer, lines=True), name)
        except SourceUnavailable as error:
            if len(first) == 1:
                raise
            yield name, Rejected(name, "file without packages", str(error), is_dataset=False)
            continue
        yield from ((f"{name}, item {number}", package) for number, package in enumerate(packages, start=1))


def _packages(value: Any, place: str) -> list[Any]:
    """Return what stands where packages are expected, out of any envelope."""
    if isinstance(value, list):
        items = [item for part in value for item in (part if isinstance(part, list) else [part])]  # DKAN nests lists
        if items and all(isinstance(item, str) for item in items):
            raise SourceUnavailable(
                f"{place} holds names of packages only: give the address of the API or a full dump."
            )
        return items
    if not isinstance(value, dict):
        return [value]
    if value.get("success") is False:
        error = value.get("error")
        message = error.get("message") or error.get("__type") if isinstance(error, dict) else error
        raise SourceUnavailable(f"{place}: the portal answers with an error: {message or 'without a message'}.")
    for envelope in ("result", "results", "packages"):
        if isinstance(value.get(envelope), list | dict) and "resources" not in value:
            return _packages(value[envelope], place)
    return [value]


def _record(package: Any, place: str, source: Source) -> Dataset | Rejected:
    """Return the dataset of a package, or why it cannot be used."""
    if isinstance(package, dict) and "data_dict" in package:  # Solr's answer wraps the package in a text
        package = _ckan_package.embedded(package["data_dict"])
    if not isinstance(package, dict):
        return Rejected(place, "not a package", type(package).__name__, is_dataset=False)
    text = _ckan_package.text
    identifier = text(package.get("id"))
    state, kind = text(package.get("state")).lower(), text(package.get("type")).lower()
    if text(package.get("private")).lower() in ("true", "1", "yes"):
        return Rejected(_ckan_package.uri(package) or identifier or place, "private", is_private=True)
    if state not in ("", "active"):
        return Rejected(identifier or place, f"state {state[:20]}")
    if kind in SKIPPED_TYPES or "package_id" in package:
        return Rejected(identifier or place, f"type {kind or 'resource'}, not a dataset", is_dataset=False)
    if not identifier:
        return Rejected(place, "no identifier")
    return _ckan_package.dataset(identifier, package, source.language)
