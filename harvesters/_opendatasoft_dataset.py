"""One dataset of Opendatasoft: turns its metadata templates, exports and attachments into a ``records.Dataset``.

Read are the templates ``default``, ``dcat*`` and ``inspire``, in this order. The distributions are the exports that the
portal makes of its records, its alternative exports and attachments. A copy of another portal's dataset (``federated``,
``source_*``) has the page of the original as its landing page. HTML stays as it was sent.
https://help.opendatasoft.com/apis/ods-explore-v2/ and https://help.opendatasoft.com/apis/ods-search-v1/
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final
from urllib.parse import quote

from harvesters._ckan_package import text
from maillon import authority
from maillon.records import Agent, Contact, Dataset, Distribution

LARGEST_SHAPEFILE: Final = 50_000
"""Records that an export as shapefile holds at most; it is cut off there."""

ROOT: Final = re.compile(r"(https?://[^\s?#]+?)(?:/(?:api|explore|pages?)(?:/[^?#]*)?|/*)(?:[?#].*)?", re.IGNORECASE)
"""The address of a portal, from any address in it."""

Fields = Mapping[str, list[Any]]
"""Values by name, those of the template that counts most first."""

_EXPORTS: Final = (("csv", "text/csv"), ("json", "application/json"), ("geojson", "application/geo+json"), ("shp", ""))
_TEMPLATE = re.compile(r"(default)|(dcat_ap\w*)|(dcat\w*)|(inspire)")
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", re.IGNORECASE)
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_PERIOD = re.compile(r"(.+?)\s[/–-]\s(.+)|(\d{4}(?:-\d\d){0,2})\s?[/–]\s?(\d{4}(?:-\d\d){0,2})|(\d{4})-(\d{4})")
_BOX: Final = tuple(f"extend_bounding_box_{side}bound_{axis}itude" for side, axis in
                    (("west", "long"), ("south", "lat"), ("east", "long"), ("north", "lat")))  # fmt: skip


def fields_of(dataset: Mapping[str, Any]) -> Fields:
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


def first(fields: Fields, *names: str) -> str | None:
    return next((found for name in names for value in fields.get(name, ()) if (found := text(value))), None)


def _list(fields: Fields, name: str, separator: str = r"\Z") -> tuple[str, ...]:
    """Return the texts of a property that may have many: a list, or a text parted where the separator matches."""
    value: Any = next(iter(fields.get(name, ())), None)
    parts = value if isinstance(value, list) else re.split(separator, text(value))
    return tuple(dict.fromkeys(filter(None, map(text, parts))))


def portal(entry: Mapping[str, Any], fields: Fields, own: str, others: tuple[str, ...]) -> str:
    """Return the root of the portal, empty where it cannot be told.

    Args:
        entry: The entry of the catalogue, whose links may tell.
        fields: Its metadata, whose domain may.
        own: The address of the source where that is the portal's, else empty.
        others: What the source's TOML has beside, in the order in which it counts; its url first.
    """
    links = [entry.get(name) for name in ("links", "_links")]
    linked = [text(link.get("href")) for item in links if isinstance(item, list) for link in item
              if isinstance(link, dict)]  # fmt: skip
    named = [address for address in (others[0], *linked) if "/api/" in address]
    for address in (own, *named, *others[1:]):
        if match := ROOT.fullmatch(address):
            return match[1]
    domain = first(fields, "domain") or ""
    return f"https://{domain}{'' if '.' in domain else '.opendatasoft.com'}" if _DOMAIN.fullmatch(domain) else ""


def dataset(entry: Mapping[str, Any], fields: Fields, portal: str, default: str) -> Dataset:
    """Return the dataset of an entry that has an identifier.

    Args:
        entry: The dataset as JSON gave it, without envelope.
        fields: Its metadata.
        portal: Root of the portal, empty where unknown.
        default: BCP 47 tag of texts whose language the dataset does not state.
    """
    identifier = text(entry.get("dataset_id")) or text(entry.get("datasetid"))
    stated = _list(fields, "metadata_languages")
    tags = (*(stated if len(stated) == 1 else ()), default, first(fields, "language") or "")
    tag = next((tag for item in tags if _TAG.fullmatch(tag := item.replace("_", "-"))), "")
    texts = {name: {tag: words} for name in ("title", "description", "publisher", "creator")
             if (words := first(fields, name))}  # fmt: skip
    return Dataset(
        identifier=identifier,
        title=texts.get("title", {}),
        description=texts.get("description", {}),
        keyword=tuple((tag, word) for word in _list(fields, "keyword", r"[,;]")),
        theme=_list(fields, "theme"),  # a text of v1 is one theme, whose name may hold commas
        publisher=Agent(name=texts["publisher"]) if "publisher" in texts else None,
        creator=Agent(name=texts["creator"]) if "creator" in texts else None,
        contact=_contact(fields),
        landing_page=_landing_page(identifier, fields, portal),
        issued=first(fields, "issued", "created"),
        modified=_modified(fields),
        frequency=first(fields, "accrualperiodicity", "accrual_periodicity", "update_frequency"),
        license=_licence(fields),
        access_rights="RESTRICTED" if entry.get("data_visible") is False else first(fields, "access_rights"),
        language=_list(fields, "language", r"[\s,;]+"),
        spatial=_spatial(fields),
        temporal=_temporal(first(fields, "temporal")),
        conforms_to=_list(fields, "conforms_to"),
        documentation=_list(fields, "references", r"[\s,;]+(?=https?://)"),
        legislation=_list(fields, "applicable_legislation"),
        hvd_category=_list(fields, "hvd_category"),
        distributions=tuple(_distributions(identifier, entry, fields, portal, tag)),
    )


def _contact(fields: Fields) -> tuple[Contact, ...]:
    mailbox, page = first(fields, "contact_email"), first(fields, "contact_url")
    contact = Contact(name=first(fields, "contact_name"), email=mailbox, url=page)
    return (contact,) if contact.name or contact.email or contact.url else ()


def _landing_page(identifier: str, fields: Fields, portal: str) -> str | None:
    """Return the page of the dataset; of a copy, that of the original where its portal is named."""
    origin, name = first(fields, "source_domain_address"), first(fields, "source_dataset")
    if origin and name and _DOMAIN.fullmatch(re.sub(r"^https?://|/+$", "", origin)):
        portal, identifier = origin if "//" in origin else f"https://{origin}", name
    return f"{portal.rstrip('/')}/explore/dataset/{quote(identifier, safe='@')}/" if portal else None


def _modified(fields: Fields) -> str | None:
    """Return when the data changed: ``modified``, unless its switches say that it follows the metadata only."""
    follows = [first(fields, f"modified_updates_on_{part}_change") == "true" for part in ("metadata", "data")]
    if follows == [True, False]:
        return first(fields, "data_processed", "modified", "metadata_processed")
    return first(fields, "modified", "data_processed", "metadata_processed")


def _licence(fields: Fields) -> str | None:
    """Return what names the licence best: what the EU table knows, else an address, else the text."""
    stated = [found for name in ("license_url", "license") for item in fields.get(name, ()) if (found := text(item))]
    known = [item for item in stated if authority.lookup("licence", item)]
    addresses = [item for item in stated if item.startswith("http")]
    return next(iter((*known, *addresses, *stated)), None)


def _spatial(fields: Fields) -> tuple[str, ...]:
    """Return the area as GeoJSON, the names of the territories, and the corners of an INSPIRE record."""
    areas = [value for name in ("geographic_area", "bbox") for value in fields.get(name, ()) if isinstance(value, dict)]
    corners = [first(fields, name) for name in _BOX]
    box = [",".join(filter(None, corners))] if all(corners) else []
    return (*map(json.dumps, areas[:1]), *_list(fields, "territory"), *_list(fields, "spatial"), *box)


def _temporal(stated: str | None) -> tuple[tuple[str | None, str | None], ...]:
    if not stated:
        return ()
    if match := _PERIOD.fullmatch(stated) if len(stated) <= 100 else None:
        start, end = filter(None, match.groups())
        if re.match(r"\d{4}(?!\d)", start) and re.match(r"\d{4}(?!\d)", end):
            return ((start, end),)
        return ((stated, None),)  # "01-01-12 / 31-12-13": the rules read the ends, each in the light of the other
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
                               modified=first(fields, "data_processed"))  # fmt: skip
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
    size = first(fields, "records_count") or ""
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
