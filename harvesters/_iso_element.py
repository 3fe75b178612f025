"""Reads the elements of ISO 19139, ISO 19115-3 and CHE records: texts by language, codes, anchors, dates.

Turns the namespaces and structures of the encodings into one: ``plain`` takes the namespaces off in place, so that
``gmd:title``, ``cit:title`` and ``che:...`` are all ``title``. A ``gco:nilReason`` is no text.
https://schemas.isotc211.org/ and https://www.geocat.admin.ch/
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import langcodes
from lxml import etree
from pyoxigraph import Literal, NamedNode

from harvesters import _iso_graph as rdf

_KNOWN: Final = re.compile(
    r"http://(?:www\.isotc211\.org/\d{4}/\w+|standards\.iso\.org/iso/191\d\d/.*"
    r"|www\.geocat\.ch/2008/che|www\.opengis\.net/gml(?:/3\.[123])?)/?$"
)
_XLINK: Final = "{http://www.w3.org/1999/xlink}"
_TEXTS: Final = frozenset(
    {
        "CharacterString", "Anchor", "URL", "FileName", "MimeFileType", "LocalName", "ScopedName", "Date", "DateTime",
        "Integer", "Real", "Decimal", "Distance", "Measure", "Boolean", "MD_TopicCategoryCode", "URI",
    }
)  # fmt: skip
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}")


def plain(element: etree._Element) -> etree._Element:
    """Take the known namespaces (and Swiss ``CHE_``) off the names of an element and all in it, and return it."""
    for item in element.iter(etree.Element):
        item.tag = _plain_name(str(item.tag))
    return element


@lru_cache(maxsize=10_000)
def _plain_name(name: str) -> str:
    namespace, _, local = name.removeprefix("{").rpartition("}")
    return local.removeprefix("CHE_") if _KNOWN.match(namespace) else name


def content(element: etree._Element | None) -> str:
    """Return the text of an element, without outer blanks; empty where there is none."""
    return (element.text or "").strip() if element is not None else ""


def value(parent: etree._Element | None, path: str = ".") -> str:
    """Return the default text or code of the first property at a path that has one; empty where none has.

    Args:
        parent: Where the path starts.
        path: Names without namespaces, such as ``citation/CI_Citation/title``.
    """
    for element in parent.findall(path) if parent is not None else ():
        found = content(element) or next((text for child in element if (text := _own(child))), "")
        if found:
            return found
    return ""


def _own(child: etree._Element) -> str:
    """Return the text of a value element, or its code; of a code the attribute counts, its text is for people."""
    code = (child.get("codeListValue") or "").strip()
    return code or (content(child) if child.tag in _TEXTS or str(child.tag).endswith("Code") else "")


def code(parent: etree._Element | None, path: str) -> str:
    """Return a code: the last segment of one written as an address or with its list (``.../CI_RoleCode/owner``)."""
    return re.split(r"[/#]", value(parent, path).rstrip("/#"))[-1]


def href(element: etree._Element | None) -> str:
    """Return the ``xlink:href`` of a property or of the anchor in it; empty where there is none."""
    for item in (element, *element) if element is not None else ():
        if item.get(_XLINK + "href"):
            return (item.get(_XLINK + "href") or "").strip()
    return ""


def tag(text: str) -> str:
    """Return the BCP 47 tag of an ISO 639 code (``fre``, ``ger; DEU``, ``locale-en``); empty where it is none."""
    match = _LANGUAGE.match(text.strip().removeprefix("#").removeprefix("locale-").removeprefix("locale"))
    if match is None:
        return ""
    try:
        found = langcodes.standardize_tag(match.group().lower())
    except ValueError:
        return ""
    return "" if found in ("und", "zxx", "mul") else found


class Reader:
    """Reads the texts of one record.

    Attributes:
        language: BCP 47 tag of its texts, empty where the record states none.
    """

    def __init__(self, record: etree._Element, default: str) -> None:
        codes = (
            value(record, "language") or value(record, "defaultLocale/PT_Locale/language")
            or value(record, "identificationInfo/*/language")
        )  # fmt: skip
        self.code = codes
        self.language = tag(codes) or default
        self._preferred = default
        self._locales: dict[str, str] = {}
        for locale in record.iter("PT_Locale"):
            found = tag(value(locale, "languageCode") or value(locale, "language"))
            if locale.get("id") and found:
                self._locales[str(locale.get("id"))] = found

    def texts(self, parent: etree._Element | None, path: str = ".") -> list[Literal]:
        """Return the texts of the properties at a path in all their languages, each once, in the order found."""
        found = (
            rdf.literal(text, language)
            for element in (parent.findall(path) if parent is not None else ())
            for language, text in self._pairs(element)
        )
        return list(dict.fromkeys(item for item in found if item is not None))

    def _pairs(self, element: etree._Element) -> Iterator[tuple[str, str]]:
        for child in element:
            if child.tag in _TEXTS:
                yield self.language, content(child)
        for item in element.iterfind(".//LocalisedCharacterString"):
            locale = (item.get("locale") or "").removeprefix("#")
            # A locale that is used without being declared says its language by its name, such as "#nl".
            yield self._locales.get(locale) or tag(locale), content(item)

    def first(self, parent: etree._Element | None, path: str = ".") -> str:
        """Return one text without language: the default one, else that of the source's language, else any."""
        for element in parent.findall(path) if parent is not None else ():
            pairs = [pair for pair in self._pairs(element) if pair[1]]
            best = [text for language, text in pairs if language == self._preferred]
            default = [content(child) for child in element if child.tag in _TEXTS and content(child)]
            for text in (*default, *best, *(pair[1] for pair in pairs)):
                return text
        return ""

    def reference(self, parent: etree._Element | None, path: str = ".") -> NamedNode | None:
        """Return the address that an anchor, or the text itself, holds."""
        element = parent.find(path) if parent is not None else None
        return rdf.web(href(element)) or rdf.web(value(element)) if element is not None else None
