"""One schema:Dataset: turns its values into a ``records.Dataset``.

A box of schema.org has latitude before longitude; here it becomes west, south, east, north, and its sides stay as they
stand. ``isAccessibleForFree`` false is access under conditions. A person is a creator by name alone, never a publisher.
https://schema.org/Dataset and https://developers.google.com/search/docs/appearance/structured-data/dataset
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urljoin

from harvesters import _ckan_package
from harvesters._schemaorg_jsonld import Node, Page, Words, values
from maillon import authority, identifiers
from maillon.records import Agent, Contact, Dataset, Distribution

_NUMBER: Final = re.compile(r"[+-]?\d{1,6}(?:\.\d{1,30})?")
_SCHEMA: Final = re.compile(r"https?://schema\.org/", re.IGNORECASE)
_OPEN_END: Final = frozenset({"", ".."})
_NAMING: Final = ("value", "name", "url", "@id", "termCode", "alternateName")
_LINKING: Final = ("url", "@id", "contentUrl", "name", "value")


def _text(value: Any, keys: tuple[str, ...] = _NAMING) -> str:
    """Return a text, of a node the first of its properties in this order, of a list its first."""
    if isinstance(value, Words):
        value = value.text
    if isinstance(value, dict):
        found = (_text(part, ("@id",)) for key in keys for part in value.get(key, ()))
        return next((words for words in found if words and not words.startswith("_:")), "")
    return "" if isinstance(value, list) else _ckan_package.text(value)


def _first(node: Node, page: Page, *names: str, keys: tuple[str, ...] = _NAMING) -> str | None:
    found = (_text(value, keys) for name in names for value in values(node, name, page))
    return next(filter(None, found), None)


def _all(node: Node, page: Page, *names: str, keys: tuple[str, ...] = _NAMING) -> tuple[str, ...]:
    found = (_text(value, keys) for name in names for value in values(node, name, page))
    return tuple(dict.fromkeys(filter(None, found)))


def _texts(node: Node, page: Page, name: str, language: str) -> dict[str, str]:
    """Return a text by language, the first of each."""
    found: dict[str, str] = {}
    for value in values(node, name, page):
        if words := _text(value):
            found.setdefault(value.language if isinstance(value, Words) else language, words)
    return found


def _absolute(link: str | None, page: Page) -> str | None:
    try:
        return urljoin(page.address, link) if link else None
    except ValueError:
        return link


def _own(node: Node, page: Page) -> str:
    """Return the ``@id`` of a node as an absolute IRI, empty where it has none."""
    stated = _text(next(iter(node.get("@id", ())), ""))
    named = "" if stated.startswith("_:") else _absolute(stated, page) or ""
    return named if identifiers.is_absolute(named) else ""


def identifier(node: Node, page: Page, alone: bool) -> str:
    """Return what a dataset calls itself: its IRI, page or identifier; the page where it stands if it stands alone."""
    page_address = _absolute(_first(node, page, "url", keys=_LINKING), page)
    stated = _own(node, page) or page_address or _first(node, page, "identifier", "sameAs")
    return stated or (page.address if alone and name(node, page) else "")


def name(node: Node, page: Page) -> str:
    """Return the name of a dataset in whatever language, empty where it has none."""
    return _first(node, page, "name") or ""


def status(node: Node, page: Page) -> str:
    """Return ``creativeWorkStatus`` in lower case."""
    return (_first(node, page, "creativeWorkStatus") or "").lower()


def dataset(identifier: str, node: Node, page: Page, language: str) -> Dataset:
    """Return the dataset of a node.

    Args:
        identifier: What ``identifier`` returned.
        node: The node.
        page: Where it stands, for references and relative addresses.
        language: BCP 47 tag of texts that carry none.
    """
    free = (_first(node, page, "isAccessibleForFree") or "").lower()
    return Dataset(
        identifier=identifier,
        iri=_own(node, page) or None,
        title=_texts(node, page, "name", language),
        description=_texts(node, page, "description", language),
        keyword=tuple(dict.fromkeys(_keywords(node, page, language))),
        theme=_all(node, page, "about", "genre", keys=("@id", "url", "name", "termCode")),
        publisher=next(_agents(node, page, ("publisher", "provider", "sourceOrganization"), language), None),
        creator=next(_agents(node, page, ("creator", "author"), language), None)
        or next(_persons(node, page, language), None),
        contact=tuple(dict.fromkeys(_contacts(node, page))),
        landing_page=_absolute(_first(node, page, "url", "mainEntityOfPage", keys=_LINKING), page) or page.address,
        issued=_first(node, page, "datePublished", "dateCreated"),
        modified=_first(node, page, "dateModified"),
        license=_licence(node, page),
        access_rights={"true": "PUBLIC", "false": "RESTRICTED"}.get(_SCHEMA.sub("", free)),
        language=_all(node, page, "inLanguage", keys=("alternateName", "identifier", "name", "@id")),
        spatial=tuple(
            dict.fromkeys(place for value in values(node, "spatialCoverage", page) for place in _places(value))
        ),
        temporal=tuple(dict.fromkeys(_periods(node, page))),
        version=_first(node, page, "version"),
        conforms_to=_all(node, page, "conformsTo", keys=_LINKING),
        documentation=_all(node, page, "documentation", "usageInfo", keys=_LINKING),
        distributions=tuple(_distributions(node, page, language)),
    )


def _keywords(node: Node, page: Page, language: str) -> Iterator[tuple[str, str]]:
    """Yield (language, keyword): a text may hold several with commas, an entry of a list is one."""
    stated = list(values(node, "keywords", page))
    for value in stated:
        tag = value.language if isinstance(value, Words) else language
        words = _text(value, ("name", "termCode", "@id"))
        yield from ((tag, word.strip()) for word in (words.split(",") if len(stated) == 1 else [words]) if word.strip())


def _agents(node: Node, page: Page, names: tuple[str, ...], language: str) -> Iterator[Agent]:
    """Yield the organisations among the values of properties; a plain text counts as one."""
    for value in (value for key in names for value in values(node, key, page)):
        if not isinstance(value, dict):
            if words := _text(value):
                yield Agent(name={value.language if isinstance(value, Words) else language: words})
        elif "Person" not in value.get("@type", ()):
            named, iri = _texts(value, page, "name", language), _own(value, page)
            if named or iri:
                homepage = _absolute(_first(value, page, "url", keys=_LINKING), page)
                mailbox = _first(value, page, "email")
                yield Agent(name=named, iri=iri or None, identifier=_first(value, page, "identifier", "taxID"),
                            homepage=homepage, email=mailbox)  # fmt: skip


def _persons(node: Node, page: Page, language: str) -> Iterator[Agent]:
    for value in (value for key in ("creator", "author") for value in values(node, key, page)):
        if isinstance(value, dict) and (named := _texts(value, page, "name", language)):
            yield Agent(name=named)


def _contacts(node: Node, page: Page) -> Iterator[Contact]:
    """Yield the contact points of the dataset and of the organisations that publish or made it."""
    holders = [node]
    for key in ("publisher", "provider", "creator"):
        holders += [value for value in values(node, key, page) if isinstance(value, dict)]
    for holder in holders:
        for point in (value for value in values(holder, "contactPoint", page) if isinstance(value, dict)):
            email, url, phone = (_first(point, page, key) for key in ("email", "url", "telephone"))
            if email or url or phone:
                mailbox = email.removeprefix("mailto:") if email else None
                yield Contact(name=_first(point, page, "name", "contactType"), email=mailbox, url=url, telephone=phone)


def _licence(node: Node, page: Page) -> str | None:
    """Return what names the licence best: what the EU table knows, else an address, else the text."""
    stated = [
        words
        for value in values(node, "license", page)
        for keys in (_LINKING, ("name",))
        if (words := _text(value, keys))
    ]
    known = [item for item in stated if authority.lookup("licence", item)]
    addresses = [item for item in stated if item.startswith("http")]
    return next(iter((*known, *addresses, *stated)), None)


def _periods(node: Node, page: Page) -> Iterator[tuple[str | None, str | None]]:
    """Yield start and end as written; ``..`` is an open end, a date alone both, other words a start."""
    for words in _all(node, page, "temporalCoverage", "temporal", "datasetTimeInterval"):
        start, slash, end = (part.strip() for part in words.partition("/"))
        if not slash:
            yield words, words if re.fullmatch(r"[\d-]{4,10}", words) else None
        elif start not in _OPEN_END or end not in _OPEN_END:
            yield (None if start in _OPEN_END else start), (None if end in _OPEN_END else end)


def _places(value: Any) -> Iterator[str]:
    """Yield the geometry, the IRI and the name of a place; a text is what it is."""
    if not isinstance(value, dict):
        if words := _text(value):
            yield words
        return
    shapes = [part for part in value.get("geo", ()) if isinstance(part, dict)]
    found = [place for shape in (*shapes, value) if (place := _shape(shape))]
    named = _text(value, ("@id", "sameAs", "name", "address", "identifier"))
    yield from found or ([named] if named else [])


def _shape(shape: Node) -> str:
    """Return a box, a polygon or a point; latitude stands before longitude. A box that is none stays as it is."""
    box = _text(shape, ("box",))
    numbers = _NUMBER.findall(box)
    if box:
        south, west, north, east = numbers if len(numbers) == 4 else ("", "", "", "")
        return ",".join((west, south, east, north)) if west else box
    pairs = _NUMBER.findall(_text(shape, ("polygon",)))
    if len(pairs) >= 8 and len(pairs) % 2 == 0:
        ring = [[float(east), float(north)] for north, east in zip(pairs[::2], pairs[1::2], strict=True)]
        return json.dumps({"type": "Polygon", "coordinates": [ring]})
    point = [_NUMBER.fullmatch(_text(shape, (key,))) for key in ("longitude", "latitude")]
    if point[0] and point[1]:
        return json.dumps({"type": "Point", "coordinates": [float(point[0][0]), float(point[1][0])]})
    return ""


def _distributions(node: Node, page: Page, language: str) -> Iterator[Distribution]:
    """Yield the distributions that have an address, each once; a text is an address."""
    seen: set[str] = set()
    for value in values(node, "distribution", page):
        part = value if isinstance(value, dict) else {"contentUrl": [value]}
        download = _absolute(_first(part, page, "contentUrl", keys=_LINKING), page)
        access = _absolute(_first(part, page, "url", keys=_LINKING), page)
        key = _own(part, page) or download or access or ""
        if key in seen:
            key = f"{key} {_first(part, page, 'encodingFormat', 'name')}"
        if key and key not in seen and (download or access):
            seen.add(key)
            yield _distribution(key, part, page, language, (access, download))


def _distribution(
    key: str, part: Node, page: Page, language: str, addresses: tuple[str | None, str | None]
) -> Distribution:
    formats = _all(part, page, "encodingFormat", "fileFormat")
    digest = _first(part, page, "sha256")
    return Distribution(
        identifier=key,
        access_url=addresses[0],
        download_url=addresses[1],
        title=_texts(part, page, "name", language),
        description=_texts(part, page, "description", language),
        format=next((item for item in formats if "/" not in item), None),
        media_type=next((item for item in formats if "/" in item), None),
        license=_licence(part, page),
        byte_size=_first(part, page, "contentSize"),
        issued=_first(part, page, "datePublished", "uploadDate"),
        modified=_first(part, page, "dateModified"),
        language=_all(part, page, "inLanguage", keys=("alternateName", "identifier", "name", "@id")),
        checksum=f"sha256:{digest}" if digest else None,
    )
