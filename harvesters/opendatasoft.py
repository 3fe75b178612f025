"""Opendatasoft: turns the datasets of the Explore API (v2.1, v2.0, v1), or of a catalogue export, into records.

Read are the metadata templates ``default``, ``dcat*`` and ``inspire``, in this order. The distributions are the exports
that the portal makes of its records, its alternative exports and attachments. A copy of another portal's dataset
(``federated``, ``source_*``) has the page of the original as its landing page. HTML stays as it was sent.
https://help.opendatasoft.com/apis/ods-explore-v2/ and https://help.opendatasoft.com/apis/ods-search-v1/
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from harvesters import _json
from harvesters._ckan_package import text
from maillon import authority
from maillon.errors import ParseFailed, SourceUnavailable
from maillon.records import Agent, Contact, Dataset, Distribution, Record, Rejected
from maillon.sources import Fetch, Source

DEEPEST: Final = 10_000
"""Datasets that the paged interfaces give at most."""
LARGEST_SHAPEFILE: Final = 50_000
"""Records that an export as shapefile holds at most; it is cut off there."""

Fields = Mapping[str, list[Any]]
"""Values by name, those of the template that counts most first."""

_EXPORTS: Final = (("csv", "text/csv"), ("json", "application/json"), ("geojson", "application/geo+json"), ("shp", ""))
_OURS: Final = frozenset({"limit", "offset", "rows", "start", "order_by", "select"})
_TEMPLATE = re.compile(r"(default)|(dcat_ap\w*)|(dcat\w*)|(inspire)")
_DUMP = re.compile(r"\.(?:json|gz|zip|tar|tgz|xz|bz2)$|/exports/\w+/*$|/catalog/datasets/[^/]+/*$", re.IGNORECASE)
_ROOT = re.compile(r"(https?://[^\s?#]+?)(?:/(?:api|explore|pages?)(?:/[^?#]*)?|/*)(?:[?#].*)?", re.IGNORECASE)
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", re.IGNORECASE)
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_PERIOD = re.compile(r"(.+?)\s[/–-]\s(.+)|(\d{4}(?:-\d\d){0,2})\s?[/–]\s?(\d{4}(?:-\d\d){0,2})|(\d{4})-(\d{4})")
_BOX: Final = tuple(f"extend_bounding_box_{side}bound_{axis}itude" for side, axis in
                    (("west", "long"), ("south", "lat"), ("east", "long"), ("north", "lat")))  # fmt: skip


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield a dataset for every entry of the catalogue, or why it is left out.

    Raises:
        SourceUnavailable: The portal answers with an error, gives fewer datasets than it counts, or has too many.
        ParseFailed: The document is not JSON; says where.
    """
    seen: set[str] = set()
    for place, entry in _pages(source, fetch) if _is_paged(source) else _dump(source, fetch):
        record = entry if isinstance(entry, Rejected) else _record(entry, place, source)
        if isinstance(record, Dataset):
            if record.identifier in seen:
                record = Rejected(record.identifier, "identifier stands twice in the source", place)
            seen.add(record.identifier)
        yield record


def _is_paged(source: Source) -> bool:
    return source.is_http and not _DUMP.search(urlsplit(source.url).path)


def _pages(source: Source, fetch: Fetch) -> Iterator[tuple[str, Any]]:
    """Yield every entry of the API: as many different ones as it counted at first, else the harvest is not complete."""
    start, counts, given, previous = 0, list[int](), set[str](), None
    while not counts or start < counts[-1]:
        url = _address(source, start)
        entries, count = _entries(_json.decoded(fetch(url, "application/json")), url)
        if count is None:
            raise SourceUnavailable(f"{url} does not say how many datasets there are: correct the address.")
        if count > DEEPEST:
            raise SourceUnavailable(
                f"{url} counts {count} datasets but pages give {DEEPEST} at most: "
                "give the address of the catalogue export, /api/explore/v2.1/catalog/exports/json."
            )
        if entries and entries == previous:
            raise SourceUnavailable(
                f"{url} gives the page before it again: the portal does not page. Tell its operator."
            )
        places = [f"dataset {start + number}" for number in range(1, len(entries) + 1)]
        yield from zip(places, entries, strict=True)
        given.update(_identifier(_opened(entry)) or place for place, entry in zip(places, entries, strict=True))
        counts.append(count)
        start, previous = start + len(entries), entries
        if not entries:
            break
    if len(given) < counts[0] or start < counts[-1]:
        raise SourceUnavailable(
            f"{source.url} counts {counts[-1]} datasets but gave {len(given)} different ones. Try again later."
        )


def _address(source: Source, start: int) -> str:
    """Return the address of a page; what the source's own address asks for beside pages is kept (where, refine)."""
    match = _ROOT.fullmatch(source.url)
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


def _fields(dataset: Mapping[str, Any]) -> Fields:
    """Return the metadata: v2 nests them by template, v1 has ``default`` plain, flat exports write ``dcat.creator``."""
    parts: tuple[Any, ...] = (dataset.get("metas"), dataset.get("interop_metas"), dataset.get("extra_metas"), dataset)
    stated: list[tuple[str, str, Any]] = []
    for name, value in chain.from_iterable(part.items() for part in parts if isinstance(part, dict)):
        template, _, key = name.rpartition(".")
        if isinstance(value, dict) and _TEMPLATE.fullmatch(name):
            stated += [(name, *pair) for pair in value.items()]
        else:
            stated.append((template or "default", key, value))
    found: dict[str, list[Any]] = {}
    ranked = [(match.lastindex or 0, *item[1:]) for item in stated if (match := _TEMPLATE.fullmatch(item[0]))]
    for _, key, value in sorted(ranked, key=lambda item: item[0]):
        if value not in (None, "", [], {}):
            found.setdefault(key, []).append(value)
    return found


def _first(fields: Fields, *names: str) -> str | None:
    return next((found for name in names for value in fields.get(name, ()) if (found := text(value))), None)


def _list(fields: Fields, name: str, separator: str = r"\Z") -> tuple[str, ...]:
    """Return the texts of a property that may have many: a list, or a text parted where the separator matches."""
    value: Any = next(iter(fields.get(name, ())), None)
    parts = value if isinstance(value, list) else re.split(separator, text(value))
    return tuple(dict.fromkeys(filter(None, map(text, parts))))


def _record(entry: Any, place: str, source: Source) -> Dataset | Rejected:
    """Return the dataset of an entry, or why it cannot be used."""
    dataset = _opened(entry)
    if not dataset:
        return Rejected(place, "not a dataset", type(entry).__name__, is_dataset=False)
    fields, identifier = _fields(dataset), _identifier(dataset)
    switches = ("visibility", "is_restricted", "is_published", "status")
    said = {name: (_first(fields, name) or "").lower() for name in switches}
    if said["visibility"] in ("restricted", "private") or said["is_restricted"] == "true":
        return Rejected(identifier or place, "restricted", is_private=True)
    if said["is_published"] == "false" or said["status"] in ("draft", "deleted", "unpublished"):
        return Rejected(identifier or place, f"state {said['status'] or 'unpublished'}")
    if not identifier:
        return Rejected(place, "no identifier")
    return _dataset(identifier, dataset, fields, _portal(entry, fields, source), source.language)


def _portal(entry: Mapping[str, Any], fields: Fields, source: Source) -> str:
    """Return the root of the portal: of the source's address, the entry's links, the source's TOML, or the domain."""
    links = [entry.get(name) for name in ("links", "_links")]
    linked = [text(link.get("href")) for item in links if isinstance(item, list) for link in item
              if isinstance(link, dict)]  # fmt: skip
    named = [address for address in (source.url, *linked) if "/api/" in address]
    for address in (source.url if _is_paged(source) else "", *named, source.base, source.homepage):
        if match := _ROOT.fullmatch(address):
            return match[1]
    domain = _first(fields, "domain") or ""
    return f"https://{domain}{'' if '.' in domain else '.opendatasoft.com'}" if _DOMAIN.fullmatch(domain) else ""


def _dataset(identifier: str, dataset: Mapping[str, Any], fields: Fields, portal: str, default: str) -> Dataset:
    stated = _list(fields, "metadata_languages")
    tags = (*(stated if len(stated) == 1 else ()), default, _first(fields, "language") or "")
    tag = next((tag for item in tags if _TAG.fullmatch(tag := item.replace("_", "-"))), "")
    texts = {name: {tag: words} for name in ("title", "description", "publisher", "creator")
             if (words := _first(fields, name))}  # fmt: skip
    mailbox, page = _first(fields, "contact_email"), _first(fields, "contact_url")
    contact = Contact(name=_first(fields, "contact_name"), email=mailbox, url=page)
    return Dataset(
        identifier=identifier,
        title=texts.get("title", {}),
        description=texts.get("description", {}),
        keyword=tuple((tag, word) for word in _list(fields, "keyword", r"[,;]")),
        theme=_list(fields, "theme"),  # a text of v1 is one theme, whose name may hold commas
        publisher=Agent(name=texts["publisher"]) if "publisher" in texts else None,
        creator=Agent(name=texts["creator"]) if "creator" in texts else None,
        contact=(contact,) if contact.name or contact.email or contact.url else (),
        landing_page=_landing_page(identifier, fields, portal),
        issued=_first(fields, "issued", "created"),
        modified=_modified(fields),
        frequency=_first(fields, "accrualperiodicity", "accrual_periodicity", "update_frequency"),
        license=_licence(fields),
        access_rights="RESTRICTED" if dataset.get("data_visible") is False else _first(fields, "access_rights"),
        language=_list(fields, "language", r"[\s,;]+"),
        spatial=_spatial(fields),
        temporal=_temporal(_first(fields, "temporal")),
        conforms_to=_list(fields, "conforms_to"),
        documentation=_list(fields, "references", r"[\s,;]+(?=https?://)"),
        legislation=_list(fields, "applicable_legislation"),
        hvd_category=_list(fields, "hvd_category"),
        distributions=tuple(_distributions(identifier, dataset, fields, portal, tag)),
    )


def _landing_page(identifier: str, fields: Fields, portal: str) -> str | None:
    """Return the page of the dataset; of a copy, that of the original where its portal is named."""
    origin, name = _first(fields, "source_domain_address"), _first(fields, "source_dataset")
    if origin and name and _DOMAIN.fullmatch(re.sub(r"^https?://|/+$", "", origin)):
        portal, identifier = origin if "//" in origin else f"https://{origin}", name
    return f"{portal.rstrip('/')}/explore/dataset/{quote(identifier, safe='@')}/" if portal else None


def _modified(fields: Fields) -> str | None:
    """Return when the data changed: ``modified``, unless its switches say that it follows the metadata only."""
    follows = [_first(fields, f"modified_updates_on_{part}_change") == "true" for part in ("metadata", "data")]
    if follows == [True, False]:
        return _first(fields, "data_processed", "modified", "metadata_processed")
    return _first(fields, "modified", "data_processed", "metadata_processed")


def _licence(fields: Fields) -> str | None:
    """Return what names the licence best: what the EU table knows, else an address, else the text."""
    stated = [found for name in ("license_url", "license") for item in fields.get(name, ()) if (found := text(item))]
    known = [item for item in stated if authority.lookup("licence", item)]
    addresses = [item for item in stated if item.startswith("http")]
    return next(iter((*known, *addresses, *stated)), None)


def _spatial(fields: Fields) -> tuple[str, ...]:
    """Return the area as GeoJSON, the names of the territories, and the corners of an INSPIRE record."""
    areas = [value for name in ("geographic_area", "bbox") for value in fields.get(name, ()) if isinstance(value, dict)]
    corners = [_first(fields, name) for name in _BOX]
    box = [",".join(filter(None, corners))] if all(corners) else []
    return (*map(json.dumps, areas[:1]), *_list(fields, "territory"), *_list(fields, "spatial"), *box)


def _temporal(stated: str | None) -> tuple[tuple[str | None, str | None], ...]:
    if not stated:
        return ()
    if match := _PERIOD.fullmatch(stated) if len(stated) <= 100 else None:
        start, end = filter(None, match.groups())
        return ((start, end),)
    return ((stated, stated if re.fullmatch(r"\d{4}", stated) else None),)


def _distributions(
    identifier: str, dataset: Mapping[str, Any], fields: Fields, portal: str, tag: str
) -> Iterator[Distribution]:
    """Yield the exports that the portal makes of its records, then the files that stand beside them, each once."""
    plain = "dataset_id" not in dataset  # version 1 of the API
    path = f"{portal}/api/{'datasets/1.0' if plain else 'explore/v2.1/catalog/datasets'}/{quote(identifier, safe='@')}"
    if portal and dataset.get("has_records") is not False and dataset.get("data_visible") is not False:
        page = f"{portal}/explore/dataset/{quote(identifier, safe='@')}/download/?format="
        for name, media_type in _EXPORTS[: _export_count(dataset, fields)]:
            address = page + name if plain else f"{path}/exports/{name}"
            yield Distribution(identifier=f"exports/{name}", download_url=address, title={tag: name.upper()},
                               format=name.upper(), media_type=media_type or None,
                               modified=_first(fields, "data_processed"))  # fmt: skip
    seen: set[str] = set()
    for kind in ("alternative_exports", "attachments"):
        files = dataset.get(kind)
        for item in (part for part in files if isinstance(part, dict)) if isinstance(files, list) else ():
            found = _file(kind, item, path if portal else "", tag)
            if found and found.identifier not in seen:
                seen.add(found.identifier)
                yield found


def _export_count(dataset: Mapping[str, Any], fields: Fields) -> int:
    """Return how many of the exports there are: two of any records, GeoJSON of places, and a shapefile of few."""
    features, columns = dataset.get("features"), dataset.get("fields")
    types = [text(item.get("type")) for item in columns if isinstance(item, dict)] if isinstance(columns, list) else []
    if not (isinstance(features, list) and "geo" in features) and not {"geo_point_2d", "geo_shape"} & {*types}:
        return 2
    size = _first(fields, "records_count") or ""
    return 3 if size.isdecimal() and len(size) < 20 and int(size) > LARGEST_SHAPEFILE else 4


def _file(kind: str, item: Mapping[str, Any], path: str, tag: str) -> Distribution | None:
    """Return an attachment or alternative export, None where no address can be told."""
    name, stated = text(item.get("id")), text(item.get("url")) or text(item.get("href"))
    own = f"{path}/{kind}/{quote(name, safe='')}/" if path and name else ""
    address = stated if stated.startswith(("http://", "https://")) else own
    title, description = text(item.get("title")), text(item.get("description"))
    suffix = re.search(r"\.([A-Za-z0-9]{1,8})$", stated) or re.search(r"\.([A-Za-z0-9]{1,8})$", title)
    return Distribution(
        identifier=f"{kind}/{name or address}",
        download_url=address,
        title={tag: title} if title else {},
        description={tag: description} if description else {},
        format=suffix[1].upper() if suffix else None,
        media_type=text(item.get("mimetype")) or None,
    ) if address else None  # fmt: skip
