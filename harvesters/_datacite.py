"""DataCite metadata in XML, kernels 2 to 4: turns ``resource`` into ``records.Dataset``.

https://datacite-metadata-schema.readthedocs.io/ Elements are found by local name, because repositories send every
kernel's namespace and pycsw sends none.
"""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from harvesters._dublin_core import access, doi, is_web, licence, tag
from harvesters._oai_answer import content
from maillon.records import Agent, Contact, Dataset

_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_CONTACTS: Final = frozenset({"contactperson", "datamanager"})
_SIDES: Final = (("west", "Longitude"), ("south", "Latitude"), ("east", "Longitude"), ("north", "Latitude"))
_DOCUMENTS: Final = frozenset({"isdocumentedby", "isdescribedby"})


def _all(root: etree._Element, path: str) -> list[etree._Element]:
    found = root.findall("/".join("{*}" + name for name in path.split("/")))
    return [element for element in found if content(element)]


def _first(root: etree._Element, path: str) -> str:
    return next((content(element) for element in _all(root, path)), "")


def _texts(root: etree._Element, path: str, kind: str, language: str) -> dict[str, str]:
    """Return a text by language, plain ones before those with a type (subtitle, other)."""
    found: dict[str, str] = {}
    for element in sorted(_all(root, path), key=lambda item: item.get(kind, "") not in ("", "Abstract")):
        found.setdefault(tag(element.get(_LANGUAGE, "")) or language, content(element))
    return found


def types(root: etree._Element) -> list[str]:
    """Return the general type of the resource, lower case."""
    return [element.get("resourceTypeGeneral", "").lower() for element in root.findall("{*}resourceType")]


def dataset(identifier: str, root: etree._Element, language: str) -> Dataset:
    """Return the dataset that a DataCite resource describes.

    Args:
        identifier: What the repository calls it.
        root: The element ``resource``.
        language: BCP 47 tag of texts that carry none.
    """
    dates = {element.get("dateType", "").lower(): content(element) for element in _all(root, "dates/date")}
    rights = root.findall("{*}rightsList/{*}rights") + root.findall("{*}rights")
    stated = [text for item in rights if (text := item.get("rightsURI", "").strip() or content(item))]
    publisher = _first(root, "publisher")
    creator = next(iter(_names(root, "creators/creator", "creatorName")), "")
    collected = re.split(r"\s*/\s*", dates.get("collected") or dates.get("coverage") or "", maxsplit=1)
    return Dataset(
        identifier=identifier,
        title=_texts(root, "titles/title", "titleType", language),
        description=_texts(root, "descriptions/description", "descriptionType", language),
        keyword=tuple(
            (tag(item.get(_LANGUAGE, "")) or language, content(item)) for item in _all(root, "subjects/subject")
        ),
        publisher=Agent(name={language: publisher}) if publisher else None,
        creator=Agent(name={language: creator}) if creator else None,
        contact=tuple(Contact(name=name) for name in _contacts(root)),
        landing_page=_page(root),
        issued=dates.get("issued") or dates.get("available") or _first(root, "publicationYear") or None,
        modified=dates.get("updated"),
        license=licence(stated),
        access_rights=access(stated),
        language=tuple(found for item in _all(root, "language") if (found := tag(content(item)))),
        spatial=tuple(_places(root)),
        temporal=((collected[0] or None, collected[-1] or None),) if any(collected) else (),
        version=_first(root, "version") or None,
        documentation=tuple(_documents(root)),
    )


def _names(root: etree._Element, path: str, name: str) -> list[str]:
    """Return the names of people and bodies, whatever the order in which they are written."""
    return [text for item in _all(root, path) if (text := _first(item, name))]


def _contacts(root: etree._Element) -> Iterator[str]:
    for item in _all(root, "contributors/contributor"):
        if item.get("contributorType", "").lower() in _CONTACTS and (name := _first(item, "contributorName")):
            yield name


def _page(root: etree._Element) -> str | None:
    identifiers = [*_all(root, "identifier"), *_all(root, "alternateIdentifiers/alternateIdentifier")]
    links = (doi(content(item)) or (content(item) if is_web(content(item)) else "") for item in identifiers)
    return next(filter(None, links), None)


def _documents(root: etree._Element) -> Iterator[str]:
    for item in _all(root, "relatedIdentifiers/relatedIdentifier"):
        address = doi(content(item)) or content(item)
        if item.get("relationType", "").lower() in _DOCUMENTS and is_web(address):
            yield address


def _places(root: etree._Element) -> Iterator[str]:
    """Yield names and boxes (west, south, east, north); kernel 3 writes south, west, north, east in one text."""
    for place in root.findall("{*}geoLocations/{*}geoLocation"):
        if name := _first(place, "geoLocationPlace"):
            yield name
        for box in place.findall("{*}geoLocationBox"):
            sides = [_first(box, f"{side}Bound{axis}") for side, axis in _SIDES]
            numbers = content(box).split()
            if all(sides):
                yield ",".join(sides)
            elif len(numbers) == 4 and not len(box):
                south, west, north, east = numbers
                yield f"{west},{south},{east},{north}"
