"""Dublin Core in XML: turns ``oai_dc:dc`` and ``csw:Record`` into ``records.Dataset``.

The fifteen elements (https://www.dublincore.org/specifications/dublin-core/dces/) and the terms that qualify them
(``dct:``), whatever element holds them. Only what is unambiguous is taken: ``dc:date`` may be any date of the life of
a resource, so it only counts as the date of issue, the earliest of several (DSpace adds its own); ``dc:identifier`` is
a link only where it is one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from harvesters._oai_answer import content
from maillon.records import Agent, Dataset, Distribution

_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMESPACES: Final = (
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/dc/terms/",
    "http://purl.org/dc/elements/1.0/",
)
_OPEN: Final = {
    "info:eu-repo/semantics/openaccess": "PUBLIC",
    "info:eu-repo/semantics/restrictedaccess": "RESTRICTED",
    "info:eu-repo/semantics/closedaccess": "NON_PUBLIC",
    "info:eu-repo/semantics/embargoedaccess": "RESTRICTED",
}
_ACCESS_RIGHT: Final = "http://publications.europa.eu/resource/authority/access-right/"
_NO_LANGUAGE: Final = frozenset({"other", "und", "zxx", "mis", "n/a"})
_PROSE: Final = frozenset({"description", "abstract"})  # their line breaks are kept
_DOI: Final = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_FILE: Final = re.compile(
    r"\.(?:csv|tsv|xlsx?|ods|json|geojson|xml|pdf|zip|gz|gpkg|shp|kml|gml|nc|tiff?|rdf|ttl|txt)$", re.IGNORECASE
)
_WEB: Final = ("http://", "https://")
_PERIOD: Final = re.compile(
    r"(?=.*\d{4}).*\b(?:start|end)=|\d{4}(?:-\d\d){0,2}\s*/\s*\d{4}(?:-\d\d){0,2}|\d{4}\s*-\s*\d{4}"
)
_ISO_DATE: Final = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)?)?")


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    language: str
    scheme: str


def tag(code: str) -> str:
    """Return a language code as a BCP 47 tag; empty where it is none, as ``other``."""
    code = code.strip().replace("_", "-")
    return (
        code if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", code) and code.lower() not in _NO_LANGUAGE else ""
    )


def doi(text: str) -> str:
    """Return the address of a DOI however it is written, empty where a text is none."""
    match = _DOI.fullmatch(text)
    return "" if match is None else f"https://doi.org/{match[1]}"


def is_web(text: str) -> bool:
    """Tell whether a text is an address on the web."""
    return text.lower().startswith(_WEB) and not re.search(r"\s", text)


def types(root: etree._Element) -> list[str]:
    """Return the values of ``dc:type``, of an IRI its last part, lower case."""
    return [re.split(r"[/#:]", value.text)[-1].lower() for value in _values(root)["type"]]


def access(rights: list[str]) -> str | None:
    """Return the EU access right for the words of OpenAIRE among statements of rights, None where there is none."""
    return next((_ACCESS_RIGHT + _OPEN[text.lower()] for text in rights if text.lower() in _OPEN), None)


def licence(rights: list[str]) -> str | None:
    """Return the licence among statements of rights: an address before a text, None where there is none."""
    return next(
        iter(sorted((text for text in rights if text.lower() not in _OPEN), key=lambda text: not is_web(text))), None
    )


class _Fields(dict[str, list[_Value]]):
    def __missing__(self, name: str) -> list[_Value]:
        return []


def _values(root: etree._Element) -> _Fields:
    """Return the values of each element by its local name, in document order, each once."""
    fields = _Fields()
    for element in root.iter(etree.Element):
        name = etree.QName(element)
        if element is root or (name.namespace or _NAMESPACES[0]) not in _NAMESPACES:
            continue
        words = content(element)
        if name.localname not in _PROSE:
            words = " ".join(words.split())
        if not words:
            continue
        scheme = element.get("scheme") or element.get("protocol") or ""
        value = _Value(words, tag(element.get(_LANGUAGE, "")), scheme)
        if value not in fields[name.localname]:
            fields.setdefault(name.localname, []).append(value)
    return fields


def _texts(values: list[_Value], default: str) -> dict[str, str]:
    """Return a text by language; of several in one language the first."""
    found: dict[str, str] = {}
    for value in values:
        found.setdefault(value.language or default, value.text)
    return found


def dataset(identifier: str, root: etree._Element, language: str) -> Dataset:
    """Return the dataset that a Dublin Core element describes.

    Args:
        identifier: What the repository calls it.
        root: The element that holds the others.
        language: BCP 47 tag of texts that carry none.
    """
    fields = _values(root)
    links = list(dict.fromkeys(_links(fields)))
    pages = [link for link in links if not _is_file(link)]
    rights = [value.text for name in ("license", "rights", "accessRights") for value in fields[name]]
    dates = [value.text for name in ("issued", "available", "created") for value in fields[name]]
    return Dataset(
        identifier=identifier,
        title=_texts([*fields["title"], *fields["alternative"]], language),
        description=_texts([*fields["description"], *fields["abstract"]], language),
        keyword=tuple((value.language or language, value.text) for value in fields["subject"]),
        publisher=_agent(fields["publisher"], language),
        creator=_agent(fields["creator"], language),
        landing_page=pages[0] if pages else None,
        issued=next(iter(dates), None) or earliest([value.text for value in fields["date"]]),
        modified=next((value.text for value in fields["modified"]), None),
        license=licence(rights),
        access_rights=access(rights),
        language=tuple(found for value in fields["language"] if (found := tag(value.text))),
        spatial=(*_places(fields), *boxes(root)),
        temporal=tuple(period for value in (*fields["temporal"], *fields["coverage"]) for period in _period(value)),
        conforms_to=tuple(value.text for value in fields["conformsTo"]),
        distributions=tuple(_distributions(links, fields)),
    )


def _agent(values: list[_Value], language: str) -> Agent | None:
    return Agent(name={values[0].language or language: values[0].text}) if values else None


def earliest(dates: list[str]) -> str | None:
    """Return the earliest of ISO dates, else the first of whatever there is."""
    known = sorted(date for date in dates if _ISO_DATE.fullmatch(date))
    return next(iter(known or dates), None)


def _links(fields: _Fields) -> Iterator[str]:
    for name in ("identifier", "references", "URI"):
        for value in fields[name]:
            if address := doi(value.text) or (value.text if is_web(value.text) else ""):
                yield address


def _is_file(link: str) -> bool:
    return bool(_FILE.search(urlsplit(link).path))


def _places(fields: _Fields) -> list[str]:
    return [value.text for value in (*fields["spatial"], *fields["coverage"]) if not list(_period(value))]


def _period(value: _Value) -> Iterator[tuple[str | None, str | None]]:
    """Yield the period of a text: DCMI Period, ISO 8601 interval, two years, or a single date."""
    if not _PERIOD.match(value.text):
        if _ISO_DATE.fullmatch(value.text):
            yield value.text, value.text
        return
    parts = dict(re.findall(r"(start|end)=\s*([^;]+)", value.text))
    if not parts:
        parts = dict(zip(("start", "end"), re.findall(r"\d{4}(?:-\d\d-\d\d|-\d\d(?!\d))?", value.text), strict=False))
    yield parts.get("start"), parts.get("end")


def boxes(root: etree._Element) -> Iterator[str]:
    """Yield the bounding boxes of OWS Common: west, south, east, north."""
    for box in root.iter("{*}BoundingBox", "{*}WGS84BoundingBox"):
        corners = [content(item).split() for item in box.iter("{*}LowerCorner", "{*}UpperCorner")]
        if [len(corner) for corner in corners] != [2, 2]:
            continue
        # EPSG:4326 is latitude before longitude; only CRS84 and the WGS84 box are the other way round.
        swapped = etree.QName(box).localname == "BoundingBox" and "CRS84" not in (box.get("crs") or "CRS84")
        (west, south), (east, north) = (corner[::-1] if swapped else corner for corner in corners)
        yield f"{west},{south},{east},{north}"


def _distributions(links: list[str], fields: _Fields) -> Iterator[Distribution]:
    """Yield what can be had: files by their extension, and the references of csw:Record, which name a protocol."""
    protocols = {value.text: value.scheme for name in ("references", "URI") for value in fields[name]}
    formats = [value.text for value in fields["format"]]
    files = [link for link in links if _is_file(link) or link in protocols]
    for link in files:
        yield Distribution(
            identifier=link,
            access_url=link,
            download_url=link if _is_file(link) else None,
            format=protocols.get(link) or (formats[0] if len(formats) == len(files) == 1 else None),
        )
