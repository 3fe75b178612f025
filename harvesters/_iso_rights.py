"""Turns the constraints of ISO 19115 into licence, access rights and rights statement of GeoDCAT-AP 3.

An anchor in a use constraint is a licence, in an access constraint the access right (INSPIRE's
``LimitationsOnPublicAccess``). Of free text, a licence is what its address or name says in the EU licence table; the
text itself is kept as one rights statement. No licence is ever invented.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from lxml import etree
from pyoxigraph import Literal, NamedNode

from harvesters import _iso_element as iso
from harvesters import _iso_graph as rdf
from maillon import authority

_URL = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:]")
_NAMES: Final = re.compile(
    r"CC[ -]?0(?: 1\.0)?\b|CC[ -]BY(?:-(?:SA|ND|NC))*(?:[ -]\d\.\d)?|Licence Ouverte(?:[ /]Open Licen[cs]e)?"
    r"(?: Etalab)?(?:,? (?:version|v\.?) ?\d(?:\.\d)?| \d\.\d)|ODbL(?:[ -]1\.0)?|Open Database Licen[cs]e"
    r"|Open Government Licen[cs]e(?: v?\d\.0)?|etalab-2\.0",
    re.IGNORECASE,
)
_SILENT: Final = frozenset({"", "otherRestrictions", "license", "licence", "unrestricted"})
"""Restriction codes that say nothing by themselves: they only point to the text beside them."""


@dataclass(slots=True)
class Rights:
    """What a record's constraints say; it goes on each of its distributions, or on the service."""

    licences: list[NamedNode] = field(default_factory=list)
    access: list[NamedNode] = field(default_factory=list)
    statements: list[Literal] = field(default_factory=list)

    def add(self, node: rdf.Node) -> None:
        """Add them to a distribution, service or dataset; all texts in one rights statement."""
        node.add("dct:license", *self.licences)
        node.add("dct:accessRights", *self.access)
        if self.statements:
            node.embed("dct:rights", "dct:RightsStatement").add("rdfs:label", *self.statements)


def read(identification: etree._Element, reader: iso.Reader) -> Rights:
    """Read all constraints of a resource."""
    rights = Rights()
    for constraints in identification.findall("resourceConstraints/*"):
        use, access = constraints.findall("useConstraints"), constraints.findall("accessConstraints")
        for element in constraints.findall("otherConstraints"):
            _other(rights, element, reader, bool(use), bool(access))
        for element in [*use, *access]:
            code = iso.code(element, ".")
            text = rdf.literal("" if code in _SILENT else code)
            rights.statements += [text] if text is not None else []
        for element in constraints.findall("useLimitation"):
            _text(rights, element, reader, may_license=True)
    rights.statements = list(dict.fromkeys(rights.statements))
    return rights


def _other(rights: Rights, element: etree._Element, reader: iso.Reader, use: bool, access: bool) -> None:
    anchor = rdf.web(iso.href(element))
    if anchor is None:
        _text(rights, element, reader, may_license=use or not access)
        return
    if use or not access:
        rights.licences.append(anchor)
    if access:
        rights.access.append(anchor)


def _text(rights: Rights, element: etree._Element, reader: iso.Reader, may_license: bool) -> None:
    texts = reader.texts(element)
    anchor = rdf.web(iso.href(element))
    if anchor is not None:
        rights.licences.append(anchor)
    for text in texts:
        found = licence(text.value) if may_license else None
        if found is not None and found not in rights.licences:
            rights.licences.append(found)
    if not (len(texts) == 1 and rights.licences and texts[0].value == rights.licences[-1].value):
        rights.statements += texts


def licence(text: str) -> NamedNode | None:
    """Return the licence that a text names: by the whole of it, an address in it, or a well-known name; else None.

    A text that is nothing but an address is taken for the address of a licence document.
    """
    candidates = [text, *_URL.findall(text), *_NAMES.findall(text)]
    for candidate in candidates:
        concept = authority.lookup("licence", candidate)
        if concept:
            return NamedNode(concept)
    return rdf.web(text) if _URL.fullmatch(text) else None
