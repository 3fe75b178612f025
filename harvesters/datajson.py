"""DCAT-US ``data.json``: turns Project Open Data catalogues and ArcGIS Hub feeds into ``records.Dataset``.

Read are DCAT-US 1.1 (``{"dataset": [...]}``), its forerunner 1.0 (a bare list, ``mbox``, addresses on the dataset), and
DCAT-US 3 as far as it has the same shape: nested catalogues, members of series, services. A feed is one document
without pages or counts (Hub's too); one without a list of datasets is an error, never an empty catalogue. A template
that was not filled in (``{{description}}``) says nothing. ``non-public`` speaks of the data: its record is public.
https://resources.data.gov/resources/dcat-us/ https://developers.arcgis.com/hub/services/feeds/
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import urlsplit

from harvesters import _ckan_package, _json
from maillon import identifiers
from maillon.errors import SourceUnavailable
from maillon.records import Agent, Contact, DataService, Dataset, Distribution, Record, Rejected
from maillon.sources import Fetch, Source

Fields = Mapping[str, Any]

_PARTS: Final = ("dataset", "catalog", "datasetSeries", "service")
_NOT_SHOWN: Final = frozenset({"deleted", "draft", "withdrawn"})
_ACCESS: Final = {"restricted public": "restricted"}  # the others are as the EU table spells them
_NAMES: Final = ("@value", "@id", "name", "source", "prefLabel", "label", "title", "notation")
_PLACE: Final = ("geometry", "bbox", "centroid", "@id", "prefLabel")
_TEMPLATE = re.compile(r"(?:[\s,;:/-]|mailto:|\{\{[^{}]*\}\})*", re.IGNORECASE)
_INTERVAL = re.compile(r"R\d*/(?:[^/]*/)*(P[\w.]+)", re.IGNORECASE)
_MAILTO = re.compile(r"^mailto:\s*", re.IGNORECASE)
_USER_NAME = re.compile(r"[a-z0-9_.-]*|(?=[^_\d]*[_\d])[\w.-]*")


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield a record for every dataset and service, or why it is left out.

    Raises:
        SourceUnavailable: The document holds no list of datasets, such as a portal's message of an error.
        ParseFailed: A document is not JSON; says where.
    """
    parts = urlsplit(source.url)
    bare = source.is_http and parts.path in ("", "/") and not parts.query
    answers = fetch.documents(f"{source.url.rstrip('/')}/data.json" if bare else source.url, "application/json")
    first, seen = list(islice(answers, 2)), set[str]()
    for answer in chain(first, answers):
        name = answer.url.rsplit("/", 1)[-1]
        try:
            entries = sorted(_entries(_json.decoded(answer), name), key=lambda entry: entry[2] == "member")
        except SourceUnavailable as error:
            if len(first) == 1:
                raise
            yield Rejected(name, "file without datasets", str(error), is_dataset=False)
            continue
        for place, item, role in entries:
            record = _record(item, place, role, source.language)
            known = f"{type(record).__name__} {record.identifier}"  # a service may be called as its dataset is
            names = {known, getattr(record, "iri", None) or known}
            if isinstance(record, Rejected) or not names & seen:
                yield record
            elif role != "member":  # a series or service repeats whole datasets where it only names them
                yield Rejected(record.identifier, "identifier stands twice in the source", place, role == "dataset")
            seen |= set() if isinstance(record, Rejected) else names


def _catalogue(document: Any, name: str) -> Fields:
    """Return a document as a catalogue, also where it is a list of datasets or one alone.

    Raises:
        SourceUnavailable: It is none.
    """
    alone = "identifier" in _object(document) and not any(part in _object(document) for part in _PARTS)
    if isinstance(document, list) or alone:
        return {"dataset": document}
    if any(isinstance(_get(document, part), list | dict) for part in _PARTS):
        return _object(document)
    said = next((found for key in ("message", "error", "title") if (found := _text(_get(document, key)))), "nothing")
    raise SourceUnavailable(f"{name} has no list of datasets but says {said[:200]!r}: correct the address.")


def _entries(document: Any, name: str) -> Iterator[tuple[str, Any, str]]:
    """Yield (place, value, role) of all that a catalogue and those nested in it hold."""
    waiting: list[tuple[str, Any]] = [(name, _catalogue(document, name))]
    for where, value in waiting:
        if not isinstance(value, dict):
            yield where, value, "catalogue"
            continue
        for place, item in _placed(value, "dataset", f"{where}, item"):
            if isinstance(_get(item, "dataset"), list) and "identifier" not in item:
                waiting.append((place, item))
            else:
                yield place, item, "dataset"
        for place, item in _placed(value, "service", f"{where}, service"):
            yield place, item, "service"
            yield from _members(item, ("servesDataset",), place)
        for place, item in _placed(value, "datasetSeries", f"{where}, series"):
            yield from _members(item, ("seriesMember", "first", "last"), place)
        waiting += _placed(value, "catalog", f"{where}, catalogue")


def _placed(value: Fields, key: str, place: str) -> list[tuple[str, Any]]:
    return [(f"{place} {number}", item) for number, item in enumerate(_list(value.get(key)), start=1)]


def _members(value: Any, keys: tuple[str, ...], place: str) -> Iterator[tuple[str, Any, str]]:
    """Yield the datasets that stand whole in a series or a service; those that are only named stand elsewhere."""
    for key in keys:
        yield from ((place, item, "member") for item in _list(_get(value, key)) if len(_object(item)) > 2)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _object(value: Any) -> Fields:
    """Return the first object of a value, empty where there is none."""
    return next((item for item in _list(value) if isinstance(item, dict)), {})


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _text(value: Any, depth: int = 2) -> str:
    """Return a text; an object gives its address, its name or its notation, a template nothing."""
    value = next(iter(value), None) if isinstance(value, list) else value
    if isinstance(value, dict):
        found = (_text(value.get(key), depth - 1) for key in _NAMES if depth)
        return next((text for text in found if text and not text.startswith("_:")), "")
    text = _ckan_package.text(value)
    return "" if "{{" in text and _TEMPLATE.fullmatch(text) else text


def _first(fields: Fields, *keys: str) -> str | None:
    return next((found for key in keys if (found := _text(fields.get(key)))), None)


def _all(fields: Fields, *keys: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for key in keys for item in _list(fields.get(key)) if (found := _text(item))))


def _texts(value: Any, language: str) -> dict[str, str]:
    """Return a text by language: JSON-LD of DCAT-US 3 names it, else it is the source's."""
    tagged = [item for item in _list(value) if isinstance(item, dict) and "@value" in item]
    found = {_text(item.get("@language")) or language: _text(item) for item in reversed(tagged)}
    return {tag: words for tag, words in (found or {language: _text(value)}).items() if words}


def _address(value: Any) -> str | None:
    found = _text(_get(value, "@id") or value)
    return found if identifiers.is_absolute(found) else None


def _record(item: Any, place: str, role: str, language: str) -> Dataset | DataService | Rejected:
    """Return what an entry of a catalogue says, or why it cannot be used."""
    is_dataset = role in ("dataset", "member")
    if not isinstance(item, dict) or role == "catalogue":
        return Rejected(place, f"{role} that is no object", _text(item) or type(item).__name__, is_dataset=False)
    identifier = _text(item.get("identifier")) or _text(item.get("@id"))
    status = _text(item.get("status")).rsplit("/", 1)[-1].lower()
    if _text(item.get("private")).lower() in ("true", "1", "yes"):
        known = _address(item.get("@id")) or identifier or place
        return Rejected(known, "private", is_dataset=is_dataset, is_private=True)
    if status in _NOT_SHOWN:
        return Rejected(identifier or place, f"status {status}", is_dataset=is_dataset)
    if not identifier:
        return Rejected(place, "no identifier", is_dataset=is_dataset)
    return (_dataset if is_dataset else _service)(identifier, item, language)


def _service(identifier: str, item: Fields, language: str) -> DataService:
    served = (_get(part, "identifier") or part for part in _list(item.get("servesDataset")))
    return DataService(
        identifier=identifier,
        iri=_address(item.get("@id")),
        endpoint_url=_first(item, "endpointURL") or "",
        endpoint_description=_first(item, "endpointDescription"),
        title=_texts(item.get("title"), language),
        description=_texts(item.get("description"), language),
        publisher=_publisher(item, language),
        contact=tuple(_contacts(item)),
        license=_first(item, "license"),
        serves=tuple(found for part in served if (found := _text(_get(part, "@id") or part))),
    )


def _dataset(identifier: str, item: Fields, language: str) -> Dataset:
    modified, stated = _first(item, "modified"), _first(item, "accrualPeriodicity")
    interval = _INTERVAL.fullmatch(modified or "")
    access = _first(item, "accessLevel", "accessRights")
    words = item.get("keyword")  # in DCAT-US 1.0 one text with commas
    words = words.split(",") if isinstance(words, str) else words
    return Dataset(
        identifier=identifier,
        iri=_address(item.get("@id")),
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
    name = _text({key: value for key, value in _object(stated).items() if key != "@id"} or stated)
    iri = _address(_object(stated).get("@id"))
    return Agent(name={language: name} if name else {}, iri=iri) if name or iri else None


def _contacts(item: Fields) -> Iterator[Contact]:
    """Yield the contact points; a page may stand for the mailbox, a bare user name is nobody's concern."""
    for value in _list(item.get("contactPoint")) or [None]:
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
    for item in [value] if coordinates else _list(value):
        located = isinstance(item, dict) and "coordinates" not in item
        parts = [part for key in _PLACE if (part := _get(item, key))] if located else []
        yield from filter(None, map(_place, parts or [item]))


def _place(value: Any) -> str:
    if isinstance(value, list) and len(value) == 4 and not any(isinstance(part, list | dict) for part in value):
        return ",".join(map(_text, value))
    try:
        return json.dumps(value) if value and isinstance(value, list | dict) else _text(value)
    except RecursionError:  # nested as deeply as can just be read
        return ""


def _periods(value: Any) -> Iterator[tuple[str | None, str | None]]:
    """Yield start and end as they were written; a date alone, such as a year, is both."""
    for item in _list(value):
        if isinstance(item, dict):
            start, end = _first(item, "startDate", "start"), _first(item, "endDate", "end")
        else:
            start, slash, end = _text(item).partition("/")
            start, end = start.strip(". "), (end if slash else start).strip(". ")
        if start or end:
            yield start or None, end or None


def _distributions(item: Fields, language: str) -> Iterator[Distribution]:
    """Yield the distributions that have an address, which names them; DCAT-US 1.0 has it on the dataset itself."""
    own = [{key: item.get(key) for key in ("accessURL", "format")}, {"accessURL": item.get("webService")}]
    seen: set[str] = set()
    for part in (*_list(item.get("distribution")), *own):
        fields = _object(part)
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
