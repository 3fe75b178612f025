"""One STAC collection or item: turns its fields, assets and links into a ``records.Dataset``.

Only assets on the web become distributions; the others (``s3://``, which needs an account) are counted in a rejection
of their own, unless the alternate-assets extension gives a web address. Thumbnails and overviews are not data.
``proprietary``, ``other`` and ``various`` name no licence; the link ``license`` does. A title is never made of the id.
https://github.com/radiantearth/stac-spec/blob/master/collection-spec/collection-spec.md and
https://github.com/radiantearth/stac-spec/blob/master/item-spec/item-spec.md
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from harvesters._ckan_package import text
from maillon.records import Agent, Dataset, Distribution, Record, Rejected

Fields = Mapping[str, Any]

NO_LICENCE: Final = frozenset({"", "proprietary", "other", "various", "unknown", "none"})
"""Values of ``license`` that name no licence."""

SERVICES: Final = {
    "items": "GEOJSON", "enclosure": "", "wms": "WMS", "wmts": "WMTS", "xyz": "", "tilejson": "", "pmtiles": "",
    "3d-tiles": "", "copc": "",
}  # fmt: skip
"""Format by relation, of the links of a collection that lead to its data (STAC API, web-map-links extension)."""

_NOT_DATA: Final = frozenset({"thumbnail", "overview", "graphic"})
_DIGEST = re.compile(r"(?:1220([0-9a-f]{64})|1114([0-9a-f]{40})|d50110([0-9a-f]{32}))", re.IGNORECASE)


def listed(value: Any) -> list[Any]:
    """Return a list, empty where the value is none."""
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Fields:
    return value if isinstance(value, dict) else {}


def kind(value: Fields) -> str:
    """Return what a document is: ``Catalog``, ``Collection``, ``Feature``, ``FeatureCollection``, ``Collections``.

    Empty where it is none of them. Before version 1.0 catalogues and collections had no ``type``.
    """
    stated = value.get("type")
    if stated in ("Catalog", "Collection", "Feature", "FeatureCollection"):
        return str(stated) if stated != "FeatureCollection" or isinstance(value.get("features"), list) else ""
    if isinstance(value.get("collections"), list):
        return "Collections"
    if "stac_version" not in value:
        return ""
    return "Collection" if "extent" in value else "Feature" if "geometry" in value else "Catalog"


def records(value: Fields, address: str, collection: Fields, language: str) -> Iterator[Record]:
    """Yield the dataset of a collection or item with an id, and what of it is left out.

    Args:
        value: The collection or item.
        address: Where it was read, for relative links; its link ``self`` counts where this is a file.
        collection: The collection of an item, empty where unknown: it says what the item leaves open.
        language: BCP 47 tag of texts that carry none.
    """
    own = _mapping(value.get("properties")) if kind(value) == "Feature" else value
    links: list[Fields] = [link for link in listed(value.get("links")) if isinstance(link, dict)]
    base = _base(links, address)
    identifier = text(value.get("id"))
    parent = text(value.get("collection")) if kind(value) == "Feature" else ""
    identifier = f"{parent}/{identifier}" if parent else identifier
    left: Counter[str] = Counter()
    providers = listed(own.get("providers")) or listed(value.get("providers")) or listed(collection.get("providers"))
    stated_language = _mapping(own.get("language"))
    yield Dataset(
        identifier=identifier,
        title=_texts(own.get("title"), language),
        description=_texts(own.get("description"), language),
        keyword=tuple((language, word) for word in dict.fromkeys(map(text, listed(own.get("keywords")))) if word),
        theme=tuple(dict.fromkeys(_themes(own))),
        publisher=_agent(providers, ("licensor", "host", ""), language),
        creator=_agent(providers, ("producer", "processor"), language),
        landing_page=_link(links, base, ("about", "alternate", "via"), "html"),
        issued=_first(own, "published", "created"),
        modified=_first(own, "updated"),
        license=_licence(own, links, base) or _licence(collection, listed(collection.get("links")), base),
        language=(text(stated_language.get("code")),) if text(stated_language.get("code")) else (),
        spatial=tuple(_places(value)),
        temporal=tuple(_periods(value, own)),
        version=_first(own, "version"),
        documentation=tuple(_addresses(links, base, ("describedby", "cite-as", "handbook"))),
        distributions=(*_assets(value, base, language, left), *_services(links, base, language)),
    )
    if left:
        what = ", ".join(f"{number} {scheme or 'without scheme'}" for scheme, number in sorted(left.items()))
        yield Rejected(identifier, "assets that are not on the web", what, is_dataset=False)


def _base(links: list[Fields], address: str) -> str:
    """Return what relative links are relative to: the address of the request, the link self for what is listed."""
    own = next((text(link.get("href")) for link in links if text(link.get("rel")) == "self"), "")
    return own if own.startswith(("http://", "https://")) else address


def _first(fields: Fields, *names: str) -> str | None:
    return next((found for name in names if (found := text(fields.get(name)))), None)


def _texts(value: Any, language: str) -> dict[str, str]:
    return {language: words} if (words := text(value)) else {}


def _absolute(href: Any, base: str) -> str:
    try:
        return urljoin(base, text(href)) if text(href) else ""
    except ValueError:
        return ""


def _is_web(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))


def _addresses(links: list[Any], base: str, rels: tuple[str, ...]) -> Iterator[str]:
    for rel in rels:
        for link in links:
            address = _absolute(_mapping(link).get("href"), base) if text(_mapping(link).get("rel")) == rel else ""
            if _is_web(address):
                yield address


def _link(links: list[Fields], base: str, rels: tuple[str, ...], media: str) -> str | None:
    """Return the first link of these relations to a medium; ``about`` needs not to state one."""
    fitting = [link for link in links if media in text(link.get("type")) or text(link.get("rel")) == "about"]
    return next(_addresses(fitting, base, rels), None)


def _themes(own: Fields) -> Iterator[str]:
    """Yield the concepts of the themes extension, by address where they have one."""
    for theme in listed(own.get("themes")):
        for concept in map(_mapping, listed(_mapping(theme).get("concepts"))):
            scheme, name = text(_mapping(theme).get("scheme")), text(concept.get("id"))
            if found := text(concept.get("url")) or (f"{scheme}{name}" if scheme.endswith(("/", "#")) else name):
                yield found


def _agent(providers: list[Any], roles: tuple[str, ...], language: str) -> Agent | None:
    """Return the first provider that has the first of these roles; the empty one means: none stated."""
    named = [item for item in map(_mapping, providers) if text(item.get("name"))]
    for role in roles:
        for item in named:
            stated = [text(part).lower() for part in listed(item.get("roles"))]
            if role in stated or (not role and not stated):
                return Agent(name=_texts(item.get("name"), language), homepage=_first(item, "url"))
    return None


def _licence(own: Fields, links: list[Any], base: str) -> str | None:
    stated = text(own.get("license"))
    if stated.lower() not in NO_LICENCE:
        return stated
    return next(_addresses(links, base, ("license",)), None)


def _box(value: Any) -> str:
    """Return ``west,south,east,north`` of four numbers, or of six, which have heights between; else nothing."""
    numbers = listed(value)
    if len(numbers) not in (4, 6) or any(
        isinstance(item, bool) or not isinstance(item, int | float) for item in numbers
    ):
        return ""
    half = len(numbers) // 2
    return ",".join(map(text, (*numbers[:2], *numbers[half : half + 2])))


def _places(value: Fields) -> Iterator[str]:
    """Yield the area: the first box of a collection, which is that of the whole, the box or geometry of an item."""
    spatial = _mapping(value.get("extent")).get("spatial")
    boxes = spatial if isinstance(spatial, list) else listed(_mapping(spatial).get("bbox"))
    overall = value.get("bbox") or (boxes[0] if boxes and isinstance(boxes[0], list) else boxes)
    if box := _box(overall):
        yield box
    elif geometry := _mapping(value.get("geometry")):
        try:
            yield json.dumps(geometry)
        except RecursionError:  # nested as deeply as can just be read
            return


def _periods(value: Fields, own: Fields) -> Iterator[tuple[str | None, str | None]]:
    """Yield the time: of a collection the first interval, that of the whole; of an item its time or interval."""
    temporal = _mapping(value.get("extent")).get("temporal")
    intervals = temporal if isinstance(temporal, list) else listed(_mapping(temporal).get("interval"))
    first = listed(intervals[0] if intervals and isinstance(intervals[0], list) else intervals)
    moment = text(own.get("datetime"))
    start, end = _first(own, "start_datetime"), _first(own, "end_datetime")
    if len(first) == 2:
        start, end = text(first[0]) or None, text(first[1]) or None
    elif not start and not end and moment:
        start = end = moment
    if start or end:
        yield start, end


def _assets(value: Fields, base: str, language: str, left: Counter[str]) -> Iterator[Distribution]:
    """Yield the assets on the web, by their keys; count the schemes of the others."""
    for key, stated in _mapping(value.get("assets")).items():
        asset = _mapping(stated)
        if {text(role).lower() for role in listed(asset.get("roles"))} & _NOT_DATA or not text(key):
            continue
        others = [_mapping(item).get("href") for item in _mapping(asset.get("alternate")).values()]
        found = [_absolute(href, base) for href in (asset.get("href"), *others)]
        address = next(filter(_is_web, found), "")
        if not address:
            left[_scheme(found[0])] += 1
            continue
        yield Distribution(
            identifier=text(key),
            download_url=address,
            title=_texts(asset.get("title"), language),
            description=_texts(asset.get("description"), language),
            media_type=_first(asset, "type"),
            byte_size=_first(asset, "file:size"),
            issued=_first(asset, "created"),
            modified=_first(asset, "updated"),
            checksum=_checksum(text(asset.get("file:checksum"))),
        )


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme[:20]
    except ValueError:
        return ""


def _checksum(multihash: str) -> str | None:
    """Return the digest of a multihash of SHA-256, SHA-1 or MD5, with its algorithm."""
    match = _DIGEST.fullmatch(multihash)
    names = ("sha256", "sha1", "md5")
    return f"{names[(match.lastindex or 1) - 1]}:{match[match.lastindex or 1].lower()}" if match else None


def _services(links: list[Fields], base: str, language: str) -> Iterator[Distribution]:
    """Yield the links that lead to the data, each once."""
    seen: set[str] = set()
    for link in links:
        rel, address = text(link.get("rel")), _absolute(link.get("href"), base)
        if rel not in SERVICES or not _is_web(address) or address in seen:
            continue
        seen.add(address)
        yield Distribution(
            identifier=f"{rel} {address}",
            access_url=address,
            title=_texts(link.get("title"), language),
            format=SERVICES[rel] or None,
            media_type=_first(link, "type"),
        )
