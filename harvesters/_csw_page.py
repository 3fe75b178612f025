"""Takes documents of a catalogue service apart: envelopes of OGC CSW 2.0.2 and 3.0, exceptions, single records.

Elements are known by their local names, because prefixes and versions of namespaces differ between products.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from lxml import etree

from harvesters import _csw_record, _iso_element, _iso_record
from maillon.errors import SourceUnavailable

_ISO: Final = frozenset({"MD_Metadata", "MI_Metadata", "CHE_MD_Metadata"})
_RDF: Final = frozenset({"http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/ns/dcat#"})
_ENVELOPES: Final = frozenset({"GetRecordsResponse", "GetRecordByIdResponse"})
_EXCEPTIONS: Final = frozenset({"ExceptionReport", "ServiceExceptionReport"})


@dataclass(frozen=True, slots=True)
class Results:
    """One answer to GetRecords.

    Attributes:
        elements: The records in it.
        matched: How many the service has, None where it does not say.
        returned: How many it says that it sent.
        following: Position of the next record, 0 at the end, None where it does not say.
    """

    elements: list[etree._Element]
    matched: int | None
    returned: int
    following: int | None


def local(element: etree._Element) -> str:
    """Return the name of an element without namespace."""
    return etree.QName(element).localname


def kind(element: etree._Element) -> str:
    """Tell what an element is: ``iso``, ``rdf``, ``dublin core``, or empty for anything else."""
    namespace = etree.QName(element).namespace or ""
    if local(element) in _ISO or element.tag in ("MD_Metadata", "MI_Metadata"):
        return "iso"
    if namespace in _RDF:
        return "rdf"
    return "dublin core" if "/cat/csw" in namespace and local(element) in _csw_record.NAMES else ""


def elements(root: etree._Element, name: str) -> list[etree._Element]:
    """Return the records in a document: itself, or what its envelopes hold.

    Raises:
        SourceUnavailable: It is an exception of a service; its texts are in the message.
    """
    if local(root) in _EXCEPTIONS:
        raise SourceUnavailable(
            f"{name}: the service answers with an error: {_exception(root)}. Correct the source or tell its operator."
        )
    return list(_unpacked(root))


def _unpacked(element: etree._Element) -> Iterator[etree._Element]:
    if local(element) not in _ENVELOPES and local(element) != "SearchResults":
        yield element
        return
    for child in element.iterchildren(etree.Element):
        # pycsw's and geocat's answers were seen with records beside SearchResults as well as in it.
        if local(child) not in ("SearchStatus", "RequestId"):
            yield from _unpacked(child)


def _exception(root: etree._Element) -> str:
    texts = []
    for item in root.iter(etree.Element):
        code = item.get("exceptionCode") or item.get("code")
        text = " ".join((item.text or "").split())
        texts += [part for part in (code, text) if part]
    return "; ".join(dict.fromkeys(texts))[:500] or "without a message"


def results(root: etree._Element, name: str) -> Results:
    """Read one answer to GetRecords.

    Raises:
        SourceUnavailable: It is an exception, or no answer to GetRecords.
    """
    found = elements(root, name)
    search = next((item for item in root.iter(etree.Element) if local(item) == "SearchResults"), None)
    if local(root) != "GetRecordsResponse" or search is None:
        raise SourceUnavailable(
            f"{name} answers with {local(root)}, not with records: give the address of a catalogue service (CSW)."
        )
    matched, returned = _number(search, "numberOfRecordsMatched"), _number(search, "numberOfRecordsReturned")
    return Results(found, matched, returned or 0, _number(search, "nextRecord"))


def _number(element: etree._Element, name: str) -> int | None:
    text = (element.get(name) or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def key(element: etree._Element) -> str:
    """Return what tells a record from others of the source: its identifier, else a hash of all of it."""
    found = ""
    if kind(element) == "iso":
        found = _iso_record.identity(_iso_element.plain(element)).identifier
    elif kind(element) == "dublin core":
        found = _csw_record.identifier(element)
    return found or sha256(etree.tostring(element, with_tail=False)).hexdigest()
