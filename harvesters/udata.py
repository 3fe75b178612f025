"""udata (data.gouv.fr, data.public.lu): turns the datasets of its API, or of a dump of it, into ``records.Dataset``.

API 1 gives resources inside their dataset; API 2 gives a link to them, which costs one more request for each dataset.
A dump is any document or folder that holds datasets: one, a list, ``{"data": [...]}``, or the fixtures that udata
writes (``{"datasets": [{"dataset", "organization", "resources"}]}``). What is private, deleted or archived is left out
before anything else of it is read. ``_udata_dataset`` reads the fields.
https://doc.data.gouv.fr/api/reference/
"""

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from harvesters import _json, _paging, _udata_dataset
from harvesters._udata_dataset import Fields, text
from maillon.errors import PagesShifted, SourceUnavailable
from maillon.records import Record, Rejected
from maillon.sources import Fetch, Source

PATIENCE: Final = 3
"""Datasets in a row whose resources cannot be read, after which the portal counts as not available."""

_DUMP = re.compile(r"\.(?:json|gz|zip|tar|tgz|xz|bz2)$|/api/[12]/datasets/(?!search/*$)[^/]+/*$", re.IGNORECASE)
_LISTING = re.compile(r"/api/[12](?:/organizations/[^/]+)?/datasets(?:/search)?$")
_ROOT = re.compile(r"(?:/api(?:/([12]))?|(?:/[a-z]{2})?(?:/datasets)?)$")
_COUNT = re.compile(r"[0-9]{1,9}")


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield a dataset for every dataset of the portal, or why it is left out.

    Raises:
        SourceUnavailable: The portal lists fewer datasets than it counts, or the resources of none can be read.
        ParseFailed: A document is not JSON; says where.
    """
    seen: set[str] = set()
    failures = 0
    online = source.is_http and not _DUMP.search(urlsplit(source.url).path)
    for place, item in _portal(source, fetch) if online else _dump(source, fetch):
        found: Record | None = _fault(item, place, seen)
        if found is None:
            seen.add(identifier := text(item["id"]))
            try:
                found = _udata_dataset.dataset(
                    identifier, item, _resources(item, source.url if online else "", fetch), source
                )
                failures = 0
            except SourceUnavailable as error:  # it may have been deleted since it was listed
                failures += 1
                if failures == PATIENCE:
                    raise
                found = Rejected(identifier, "resources cannot be read", str(error))
        yield found


def _portal(source: Source, fetch: Fetch) -> Iterator[tuple[str, Any]]:
    """Yield every dataset of a portal, oldest first, so that new ones do not shift the pages."""
    parts = urlsplit(source.url)
    path = parts.path.rstrip("/")
    if not _LISTING.search(path):
        version = (found := _ROOT.search(path)) and found[1]
        path = f"{_ROOT.sub('', path, count=1)}/api/{version or 1}/datasets"
    query = {**dict(parse_qsl(parts.query)), "page": 1, "page_size": source.page_size, "sort": "created"}
    url = urlunsplit((*parts[:2], path + "/", urlencode(query), ""))
    return ((f"dataset {number}", item) for number, item in enumerate(_listed(url, fetch), start=1))


def _listed(url: str, fetch: Fetch) -> Iterator[Any]:
    """Yield what all pages list, from the first; what is counted must have been given, else the list is incomplete."""
    asked, address = set[str](), url
    listing = _paging.Listing(url)
    while address and (listing.count is None or listing.read < listing.count):
        asked.add(address)
        page = _json.decoded(fetch(address, "application/json"))
        items = page.get("data") if isinstance(page, dict) else None
        if not isinstance(items, list):
            raise SourceUnavailable(f"{address} gives no list: give the address of a udata portal.")
        counted = total if _COUNT.fullmatch(total := text(page.get("total"))) else ""
        listing.page(address, [*map(_name, items)], int(counted) if counted else None, items)
        yield from items
        address = _within(link, url) if items and (link := text(page.get("next_page"))) else ""
        if address in asked:
            raise PagesShifted(f"{url}: a page comes again: the portal does not page. Tell its operator.")
    listing.close()


def _name(item: Any) -> str:
    """Return what tells an item of a listing from others: a resource may share its id with another."""
    names = [text(item.get(key)) for key in ("id", "url")] if isinstance(item, dict) else []
    return " ".join(filter(None, names))


def _within(link: str, url: str) -> str:
    """Return a link of a portal at the host that was asked for: behind a proxy, portals name one nobody can reach.

    A dump has no such host; its links must be on the web, never files of this machine.
    """
    try:
        theirs, ours = urlsplit(urljoin(url, link)), urlsplit(url or link)
    except ValueError:
        theirs = ours = urlsplit("")
    if ours.scheme not in ("http", "https") or not ours.netloc:
        raise SourceUnavailable(f"The link {link[:200]!r} is no web address. Tell the operator of the portal.")
    return urlunsplit((*ours[:2], *theirs[2:4], ""))


def _resources(item: Fields, url: str, fetch: Fetch) -> list[Fields]:
    """Return the resources of a dataset, fetched where API 2 gives a link only."""
    value = item.get("resources")
    if isinstance(value, dict) and text(value.get("href")) and text(value.get("total")) != "0":
        value = list(_listed(_within(text(value["href"]), url), fetch))
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _dump(source: Source, fetch: Fetch) -> Iterator[tuple[str, Any]]:
    """Yield every dataset of a dump; a file among several that cannot be used is rejected, and the others carry on."""
    answers = fetch.documents(source.url)
    first = list(islice(answers, 2))
    for answer in chain(first, answers):
        name = answer.url.rstrip("/").rsplit("/", 1)[-1]
        try:
            items = _unpacked(_json.decoded(answer), name)
        except SourceUnavailable as error:
            if len(first) == 1:
                raise
            yield name, Rejected(name, "file without datasets", str(error), is_dataset=False)
            continue
        yield from ((f"{name}, item {number}", item) for number, item in enumerate(items, start=1))


def _unpacked(value: Any, name: str) -> list[Any]:
    """Return the datasets of a document, out of any envelope."""
    if isinstance(value, dict):
        lists = [value[key] for key in ("data", "datasets") if isinstance(value.get(key), list)]
        value = lists[0] if lists else [value] if "id" in value or "dataset" in value else None
    if not isinstance(value, list):
        raise SourceUnavailable(f"{name} holds no datasets: give the address of a udata portal or a dump of its API.")
    return [
        {**item["dataset"], **{key: item[key] for key in ("organization", "resources") if key in item}}
        if isinstance(item, dict) and isinstance(item.get("dataset"), dict)
        else item
        for item in value
    ]


def _fault(item: Any, place: str, seen: set[str]) -> Rejected | None:
    """Return why an item is left out, before anything else of it is read; None where it can be used."""
    if isinstance(item, Rejected):
        return item
    if not isinstance(item, dict) or "filetype" in item:
        kind = "resource" if isinstance(item, dict) else type(item).__name__
        return Rejected(place, "not a dataset", kind, is_dataset=False)
    identifier = text(item.get("id"))
    if _flag(item.get("private")):
        return Rejected(_udata_dataset.iri(item) or identifier or place, "private", is_private=True)
    for state in ("deleted", "archived"):
        if _flag(item.get(state)):
            return Rejected(identifier or place, state, text(item[state]))
    if not identifier:
        return Rejected(place, "no identifier")
    return Rejected(identifier, "identifier stands twice in the source", place) if identifier in seen else None


def _flag(value: Any) -> bool:
    """Tell whether a flag or the date of an event is set."""
    return bool(value) and str(value).lower() not in ("false", "0", "no", "none", "null")
