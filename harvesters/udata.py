"""udata (data.gouv.fr, data.public.lu): turns the datasets of its API, or of a dump of it, into ``records.Dataset``.

API 1 gives resources inside their dataset; API 2 gives a link to them, which costs one more request for each dataset.
A dump is any document or folder that holds datasets: one, a list, ``{"data": [...]}``, or the fixtures that udata
writes (``{"datasets": [{"dataset", "organization", "resources"}]}``). Community resources are not the publisher's and
are left out; the owner of a dataset without organisation is a private person and is never named.
https://doc.data.gouv.fr/api/reference/
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from harvesters import _json
from maillon import authority
from maillon.errors import SourceUnavailable
from maillon.records import Agent, Contact, Dataset, Distribution, Record, Rejected
from maillon.sources import Fetch, Source

Fields = Mapping[str, Any]

FREQUENCIES: Final = {
    "punctual": "AS_NEEDED", "realtime": "UPDATE_CONT", "continuous": "UPDATE_CONT", "semidaily": "DAILY_2",
    "semiweekly": "WEEKLY_2", "threetimesaweek": "WEEKLY_3", "fortnighly": "BIWEEKLY", "semimonthly": "MONTHLY_2",
    "threetimesamonth": "MONTHLY_3", "semiannual": "ANNUAL_2", "biannual": "ANNUAL_2", "threetimesayear": "ANNUAL_3",
    "threetimesaday": "OTHER", "fourtimesaday": "OTHER", "fourtimesaweek": "OTHER", "weekly_5": "OTHER",
}  # fmt: skip
"""EU code by udata's own, in lower case, where the EU table does not know that; after LEGACY_FREQUENCIES of udata."""

LICENCES: Final = {"fr-lo": "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf"}
"""Address by udata's licence id, where the EU table knows no such licence: the Licence Ouverte 1.0 is not in it."""

ACCESS: Final = {"open": "PUBLIC", "open_with_account": "PUBLIC", "restricted": "NON_PUBLIC"}
"""EU code by udata's ``access_type``, as udata itself exports it."""

PATIENCE: Final = 3
"""Datasets in a row whose resources cannot be read, after which the portal counts as not available."""

_DUMP = re.compile(r"\.(?:json|gz|zip|tar|tgz|xz|bz2)$|/api/[12]/datasets/(?!search/*$)[^/]+/*$", re.IGNORECASE)
_LISTING = re.compile(r"/api/[12](?:/organizations/[^/]+)?/datasets(?:/search)?$")
_ROOT = re.compile(r"(?:/api(?:/([12]))?|(?:/[a-z]{2})?(?:/datasets)?)$")
_COUNT = re.compile(r"[0-9]{1,9}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_INSEE = re.compile(r"fr:(region|departement|commune):(\w+)(?:@.*)?")


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
            seen.add(identifier := _text(item["id"]))
            try:
                found = _dataset(identifier, item, _resources(item, source.url if online else "", fetch), source)
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
    asked, given, previous, counted = set[str](), set[str](), None, ""
    address, number = url, 0
    while address and (not counted or number < int(counted)):
        asked.add(address)
        page = _json.decoded(fetch(address, "application/json"))
        items = page.get("data") if isinstance(page, dict) else None
        if not isinstance(items, list):
            raise SourceUnavailable(f"{address} gives no list: give the address of a udata portal.")
        for item in items:
            number += 1
            names = [_text(item.get(key)) for key in ("id", "url")] if isinstance(item, dict) else []
            given.add(" ".join(names) if any(names) else str(number))
            yield item
        counted = total if _COUNT.fullmatch(total := _text(page.get("total"))) else ""
        address = _within(link, url) if items and (link := _text(page.get("next_page"))) else ""
        if address in asked or (items and items == previous):
            raise SourceUnavailable(f"{url}: a page comes again: the portal does not page. Tell its operator.")
        previous = items
    if counted and len(given) < int(counted):
        raise SourceUnavailable(
            f"{url} counts {counted} entries but gave {len(given)} different ones. Try again later."
        )


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
    if isinstance(value, dict) and _text(value.get("href")) and _text(value.get("total")) != "0":
        value = list(_listed(_within(_text(value["href"]), url), fetch))
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
    identifier = _text(item.get("id"))
    if _flag(item.get("private")):
        return Rejected(_iri(item) or identifier or place, "private", is_private=True)
    for state in ("deleted", "archived"):
        if _flag(item.get(state)):
            return Rejected(identifier or place, state, _text(item[state]))
    if not identifier:
        return Rejected(place, "no identifier")
    return Rejected(identifier, "identifier stands twice in the source", place) if identifier in seen else None


def _flag(value: Any) -> bool:
    """Tell whether a flag or the date of an event is set."""
    return bool(value) and str(value).lower() not in ("false", "0", "no", "none", "null")


def _text(value: Any) -> str:
    """Return a text or a number as a text without outer blanks; anything else is empty."""
    known = isinstance(value, str | int | float) and not isinstance(value, bool)
    return _SURROGATE.sub("\ufffd", str(value)).strip() if known else ""


def _first(*values: Any) -> str | None:
    return next(filter(None, map(_text, values)), None)


def _part(fields: Fields, name: str) -> Fields:
    return value if isinstance(value := fields.get(name), dict) else {}


def _list(fields: Fields, name: str) -> list[Any]:
    return value if isinstance(value := fields.get(name), list) else []


def _texts(value: Any, language: str) -> dict[str, str]:
    return {language: content} if (content := _text(value)) else {}


def _code(fields: Fields, name: str) -> str:
    """Return a code; API 2 can give an object with it instead."""
    return _text(_part(fields, name).get("id") or fields.get(name))


def _iri(item: Fields) -> str | None:
    """Return the IRI of a dataset that the portal copied from another, where that one has stated it."""
    iri = _text(_part(item, "harvest").get("uri"))
    return iri if iri.startswith(("http://", "https://")) else None


def _dates(fields: Fields, names: tuple[str, str, str]) -> str | None:
    """Return the date of a thing itself, of the portal it is copied from, else of its entry in this portal."""
    own, harvested, internal = names
    harvest = _part(fields, "harvest")
    return _first(
        fields.get(own), harvest.get(harvested), harvest.get(own), _part(fields, "internal").get(internal),
        fields.get(internal),
    )  # fmt: skip


def _dataset(identifier: str, item: Fields, resources: list[Fields], source: Source) -> Dataset:
    language, frequency, schema = source.language, _code(item, "frequency"), _part(item, "schema")
    data, documents = list[Fields](), list[Fields]()
    for part in resources:
        (documents if _text(part.get("type")).lower() == "documentation" else data).append(part)
    period = _part(item, "temporal_coverage")
    start, end = _first(period.get("start")), _first(period.get("end"))
    access = _text(item.get("access_type"))
    return Dataset(
        identifier=identifier,
        iri=_iri(item),
        title=_texts(item.get("title"), language),
        description=_texts(item.get("description"), language),
        keyword=tuple((language, word) for word in dict.fromkeys(map(_text, _list(item, "tags"))) if word),
        publisher=_publisher(_part(item, "organization"), language),
        contact=tuple(_contacts(item)),
        landing_page=_first(_part(item, "harvest").get("remote_url"), item.get("page")),
        issued=_dates(item, ("created_at", "issued_at", "created_at_internal")),
        modified=_dates(item, ("last_modified", "modified_at", "last_modified_internal")),
        frequency=FREQUENCIES.get(frequency.lower(), frequency) or None,
        license=_licence(item),
        access_rights=ACCESS.get(access.lower(), access) or None,
        spatial=tuple(dict.fromkeys(_places(_part(item, "spatial")))),
        temporal=((start, end),) if start or end else (),
        conforms_to=(standard,) if (standard := _first(schema.get("url"), schema.get("name"))) else (),
        documentation=tuple(dict.fromkeys(url for part in documents if (url := _text(part.get("url"))))),
        distributions=tuple(_distributions(data, language)),
    )


def _publisher(organisation: Fields, language: str) -> Agent | None:
    identifier, name = _first(organisation.get("id"), organisation.get("slug")), _text(organisation.get("name"))
    if not identifier and not name:
        return None
    return Agent(name=_texts(name, language), identifier=identifier, homepage=_first(organisation.get("url")))


def _contacts(item: Fields) -> Iterator[Contact]:
    """Yield the contact points; those with another role, such as the author, are none."""
    for point in _list(item, "contact_points"):
        if isinstance(point, dict) and _code(point, "role").lower() in ("", "contact"):
            name, email, url = (_first(point.get(key)) for key in ("name", "email", "contact_form"))
            if name or email or url:
                yield Contact(name=name, email=email, url=url)


def _licence(item: Fields) -> str | None:
    """Return the id of the licence, or its address where the EU table does not know that."""
    code = _code(item, "license")
    address = LICENCES.get(code) or _text(_part(item, "license").get("url"))
    return (code if authority.lookup("licence", code) else address or code) or None


def _places(spatial: Fields) -> Iterator[str]:
    """Yield the zones and the geometry: a country by its code, French territories by their IRIs at INSEE."""
    for zone in _list(spatial, "zones"):
        uri, name, code = (_text(zone.get(key)) if isinstance(zone, dict) else "" for key in ("uri", "name", "id"))
        code = code or _text(zone)
        if match := _INSEE.fullmatch(code):
            uri = f"http://id.insee.fr/geo/{match[1]}/{match[2]}"
        country = code.removeprefix("country:")
        if place := uri or (country if country != code else name or code):
            yield place
    if geometry := _part(spatial, "geom"):
        yield json.dumps(geometry)


def _distributions(resources: list[Fields], language: str) -> Iterator[Distribution]:
    """Yield the distributions of the resources; one without id is known by its address, else by its title."""
    seen: set[str] = set()
    for resource in resources:
        url = _text(resource.get("url"))
        identifier = _first(resource.get("id"), url, resource.get("title")) or ""
        if identifier in seen:
            identifier = f"{identifier} {url}"
        if identifier and identifier not in seen:
            seen.add(identifier)
            yield _distribution(identifier, url, resource, language)


def _distribution(identifier: str, url: str, resource: Fields, language: str) -> Distribution:
    """Return a distribution; only what was uploaded is a file for sure, a remote address may be a page."""
    kind, checksum = _text(resource.get("format")), _part(resource, "checksum")
    algorithm, digest = _text(checksum.get("type")).lower(), _text(checksum.get("value") or resource.get("checksum"))
    return Distribution(
        identifier=identifier,
        access_url=url or None,
        download_url=(url or None) if _text(resource.get("filetype")) == "file" else None,
        title=_texts(resource.get("title"), language),
        description=_texts(resource.get("description"), language),
        format=kind or None,
        media_type=_text(resource.get("mime")) or authority.lookup("media-type", kind),
        byte_size=_first(resource.get("filesize")),
        issued=_dates(resource, ("created_at", "issued_at", "created_at_internal")),
        modified=_dates(resource, ("last_modified", "modified_at", "last_modified_internal")),
        checksum=(digest if algorithm in ("", "sha2") else f"{algorithm}:{digest}") if digest else None,
    )
