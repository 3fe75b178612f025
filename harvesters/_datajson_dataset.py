"""One dataset or service of a ``data.json``: turns its fields into a ``records.Dataset`` or ``records.DataService``.

A template that was not filled in (``{{description}}``) says nothing. Where a publisher has no name, its ``source`` is
taken; an interval (``R/P1W``) as date is the frequency; a box stays as it was written, also one with its sides swapped.
https://resources.data.gov/resources/dcat-us/ https://developers.arcgis.com/hub/services/feeds/
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from harvesters import _ckan_package
from maillon import identifiers
from maillon.records import Agent, Contact, DataService, Dataset, Distribution

Fields = Mapping[str, Any]

_ACCESS: Final = {"restricted public": "restricted"}  # the others are as the EU table spells them
_NAMES: Final = ("@value", "@id", "name", "source", "prefLabel", "label", "title", "notation")
_PLACE: Final = ("geometry", "bbox", "centroid", "@id", "prefLabel")
_TEMPLATE = re.compile(r"(?:[\s,;:/-]|mailto:|\{\{[^{}]*\}\})*", re.IGNORECASE)
_INTERVAL = re.compile(r"R\d*/(?:[^/]*/)*(P[\w.]+)", re.IGNORECASE)
_MAILTO = re.compile(r"^mailto:\s*", re.IGNORECASE)
_USER_NAME = re.compile(r"[a-z0-9_.-]*|(?=[^_\d]*[_\d])[\w.-]*")


def listed(value: Any) -> list[Any]:
    """Return a list as it is, one value as a list of it, nothing as none."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def mapping(value: Any) -> Fields:
    """Return the first object of a value, empty where there is none."""
    return next((item for item in listed(value) if isinstance(item, dict)), {})


def get(value: Any, key: str) -> Any:
    """Return a field of an object, None where it lacks it or is none."""
    return value.get(key) if isinstance(value, dict) else None


def text(value: Any, depth: int = 2) -> str:
    """Return a text; an object gives its address, its name or its notation, a template nothing."""
    value = next(iter(value), None) if isinstance(value, list) else value
    if isinstance(value, dict):
        found = (text(value.get(key), depth - 1) for key in _NAMES if depth)
        return next((words for words in found if words and not words.startswith("_:")), "")
    words = _ckan_package.text(value)
    return "" if "{{" in words and _TEMPLATE.fullmatch(words) else words


def _first(fields: Fields, *keys: str) -> str | None:
    return next((found for key in keys if (found := text(fields.get(key)))), None)


def _all(fields: Fields, *keys: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for key in keys for item in listed(fields.get(key)) if (found := text(item))))


def _texts(value: Any, language: str) -> dict[str, str]:
    """Return a text by language: JSON-LD of DCAT-US 3 names it, else it is the source's."""
    tagged = [item for item in listed(value) if isinstance(item, dict) and "@value" in item]
    found = {text(item.get("@language")) or language: text(item) for item in reversed(tagged)}
    return {tag: words for tag, words in (found or {language: text(value)}).items() if words}


def address(value: Any) -> str | None:
    """Return the IRI that a value is or names, None where it is no absolute one."""
    found = text(get(value, "@id") or value)
    return found if identifiers.is_absolute(found) else None


def service(identifier: str, item: Fields, language: str) -> DataService:
    """Return a service of DCAT-US 3; texts without language are in the given one, a BCP 47 tag."""
    served = (get(part, "identifier") or part for part in listed(item.get("servesDataset")))
    return DataService(
        identifier=identifier,
        iri=address(item.get("@id")),
        endpoint_url=_first(item, "endpointURL") or "",
        endpoint_description=_first(item, "endpointDescription"),
        title=_texts(item.get("title"), language),
        description=_texts(item.get("description"), language),
        publisher=_publisher(item, language),
        contact=tuple(_contacts(item)),
        license=_first(item, "license"),
        serves=tuple(found for part in served if (found := text(get(part, "@id") or part))),
    )


def dataset(identifier: str, item: Fields, language: str) -> Dataset:
    """Return the dataset of an entry.

    Args:
        identifier: What the entry calls itself.
        item: The entry, as JSON gave it.
        language: BCP 47 tag of texts that carry none.
    """
    modified, stated = _first(item, "modified"), _first(item, "accrualPeriodicity")
    interval = _INTERVAL.fullmatch(modified or "")
    access = _first(item, "accessLevel", "accessRights")
    words = item.get("keyword")  # in DCAT-US 1.0 one text with commas
    words = words.split(",") if isinstance(words, str) else words
    return Dataset(
        identifier=identifier,
        iri=address(item.get("@id")),
        title=_texts(item.get("title"), language),
        description=_texts(item.get("description"), language),
        keyword=tuple((language, word) for word in _all({"keyword": words}, "keyword")),
        theme=_all(item, "theme"),
        publisher=_publisher(item, language),
        contact=tuple(_contacts(item)),
        landing_page=_first(item, "landingPage"),
        issued=_first(item, "issued"),
        modified=None if interval else modified,
        frequency=stated or (f"R/{interval[1]}" if interval else None),
        license=_first(item, "license"),
        access_rights=_ACCESS.get((access or "").lower(), access),
        language=_all(item, "language"),
        spatial=tuple(_places(item.get("spatial"))),
        temporal=tuple(dict.fromkeys(_periods(item.get("temporal")))),
        version=_first(item, "version"),
        conforms_to=_all(item, "conformsTo"),
        documentation=_all(item, "describedBy", "references", "dataDictionary", "page"),
        distributions=tuple(_distributions(item, language)),
    )


def _publisher(item: Fields, language: str) -> Agent | None:
    stated = item.get("publisher")
    name = text({key: value for key, value in mapping(stated).items() if key != "@id"} or stated)
    iri = address(mapping(stated).get("@id"))
    return Agent(name={language: name} if name else {}, iri=iri) if name or iri else None


def _contacts(item: Fields) -> Iterator[Contact]:
    """Yield the contact points; a page may stand for the mailbox, a bare user name is nobody's concern."""
    for value in listed(item.get("contactPoint")) or [None]:
        point = value if isinstance(value, dict) else {"fn": value, "hasEmail": item.get("mbox")}
        mailbox = _MAILTO.sub("", _first(point, "hasEmail") or "", count=1)
        page = mailbox if mailbox.lower().startswith(("http:", "https:")) else None
        name, phone = _first(point, "fn", "name"), _first(point, "hasTelephone", "tel")
        url = page or _first(point, "hasURL", "url")
        email = None if page else mailbox or None
        if email or url or phone or not _USER_NAME.fullmatch(name or ""):
            yield Contact(name=name, email=email, url=url, telephone=phone)


def _places(value: Any) -> Iterator[str]:
    """Yield the places: texts and GeoJSON as they are, the parts of a dct:Location, four numbers as a box."""
    coordinates = isinstance(value, list) and all(isinstance(part, int | float | list) for part in value)
    for item in [value] if coordinates else listed(value):
        located = isinstance(item, dict) and "coordinates" not in item
        parts = [part for key in _PLACE if (part := get(item, key))] if located else []
        yield from filter(None, map(_place, parts or [item]))


def _place(value: Any) -> str:
    if isinstance(value, list) and len(value) == 4 and not any(isinstance(part, list | dict) for part in value):
        return ",".join(map(text, value))
    try:
        return json.dumps(value) if value and isinstance(value, list | dict) else text(value)
    except RecursionError:  # nested as deeply as can just be read
        return ""


def _periods(value: Any) -> Iterator[tuple[str | None, str | None]]:
    """Yield start and end as they were written; a date alone, such as a year, is both."""
    for item in listed(value):
        if isinstance(item, dict):
            start, end = _first(item, "startDate", "start"), _first(item, "endDate", "end")
        else:
            start, slash, end = text(item).partition("/")
            start, end = start.strip(". "), (end if slash else start).strip(". ")
        if start or end:
            yield start or None, end or None


def _distributions(item: Fields, language: str) -> Iterator[Distribution]:
    """Yield the distributions that have an address, which names them; DCAT-US 1.0 has it on the dataset itself."""
    own = [{key: item.get(key) for key in ("accessURL", "format")}, {"accessURL": item.get("webService")}]
    seen: set[str] = set()
    for part in (*listed(item.get("distribution")), *own):
        fields = mapping(part)
        access, download = _first(fields, "accessURL"), _first(fields, "downloadURL")
        identifier = download or access or ""
        if identifier in seen:  # one service in several formats
            identifier = " ".join(filter(None, (identifier, _first(fields, "format"), _first(fields, "title"))))
        if not identifier or identifier in seen:
            continue
        seen.add(identifier)
        yield Distribution(
            identifier=identifier,
            access_url=access,
            download_url=download,
            title=_texts(fields.get("title"), language),
            description=_texts(fields.get("description"), language),
            format=_first(fields, "format"),
            media_type=_first(fields, "mediaType"),
            license=_first(fields, "license"),
            rights=_texts(fields.get("rights") or item.get("rights") or item.get("accessLevelComment"), language),
            byte_size=_first(fields, "byteSize"),
            issued=_first(fields, "issued"),
            modified=_first(fields, "modified"),
            language=_all(fields, "language"),
        )
