"""Turns the quality section of ISO 19115 (conformity, lineage) and its reference systems into GeoDCAT-AP 3.

A passed conformance result becomes ``dct:conformsTo``; every result also the ``prov:Activity`` in which GeoDCAT-AP
keeps its degree and explanation.
"""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree
from pyoxigraph import NamedNode

from harvesters import _iso_element as iso
from harvesters import _iso_graph as rdf

_DEGREES: Final = {"true": "conformant", "1": "conformant", "false": "notConformant", "0": "notConformant"}
_REFERENCE_SYSTEM: Final = NamedNode("http://inspire.ec.europa.eu/glossary/SpatialReferenceSystem")
_EPSG_BASE: Final = "http://www.opengis.net/def/crs/EPSG/0/"
_EPSG = re.compile(r"(?:urn:(?:x-)?ogc:def:crs:)?EPSG\s*:+(?:[\d.]*:)?\s*(\d{4,6})", re.IGNORECASE)


def add(node: rdf.Node, record: etree._Element, reader: iso.Reader) -> None:
    """Add conformity, lineage and reference systems to a resource."""
    for result in record.findall("dataQualityInfo//DQ_ConformanceResult"):
        _conformity(node, result, reader)
    statements = [
        text
        for path in ("dataQualityInfo/*/lineage/*/statement", "resourceLineage/*/statement")
        for text in reader.texts(record, path)
    ]
    if statements:
        node.embed("dct:provenance", "dct:ProvenanceStatement").add("dct:description", *statements)
    for system in record.findall("referenceSystemInfo/*/referenceSystemIdentifier/*"):
        _reference_system(node, system, reader)


def _conformity(node: rdf.Node, result: etree._Element, reader: iso.Reader) -> None:
    citation = result.find("specification/CI_Citation")
    specification = (
        reader.reference(citation, "title") or rdf.web(iso.href(result.find("specification")))
        or reader.reference(citation, "identifier/*/code")
    )  # fmt: skip
    titles = reader.texts(citation, "title")
    if specification is None and not titles:
        return
    degree = _DEGREES.get(iso.value(result, "pass").lower(), "notEvaluated")
    node.type("prov:Entity")
    if degree == "conformant":
        _specify(node, "dct:conformsTo", "dct:Standard", specification, citation, reader)
    activity = node.embed("prov:wasUsedBy", "prov:Activity")
    activity.add("prov:used", node.node)
    generated = activity.embed("prov:generated", "prov:Entity")
    generated.add("dct:type", NamedNode(f"{rdf.CODELIST}DegreeOfConformity/{degree}"))
    generated.add("dct:description", *reader.texts(result, "explanation"))
    plan = activity.embed("prov:qualifiedAssociation", "prov:Association").embed("prov:hadPlan", "prov:Plan")
    _specify(plan, "prov:wasDerivedFrom", "prov:Entity", specification, citation, reader)


def _specify(
    node: rdf.Node,
    predicate: str,
    type_name: str,
    specification: NamedNode | None,
    citation: etree._Element | None,
    reader: iso.Reader,
) -> None:
    if specification is not None:
        node.add(predicate, specification)
        return
    child = node.embed(predicate, type_name)
    child.add("dct:title", *reader.texts(citation, "title"))
    for name, date in dates(citation):
        child.add(name, rdf.date(date))


def dates(citation: etree._Element | None) -> Iterator[tuple[str, str]]:
    """Yield the dates of a citation: property by its type, and the date as written; other types are left out."""
    properties = {
        "publication": "dct:issued", "released": "dct:issued", "issued": "dct:issued", "revision": "dct:modified",
        "lastRevision": "dct:modified", "lastUpdate": "dct:modified", "modified": "dct:modified",
        "creation": "dct:created", "created": "dct:created",
    }  # fmt: skip
    for item in citation.findall("date/CI_Date") if citation is not None else ():
        name, date = properties.get(iso.code(item, "dateType")), iso.value(item, "date")
        if name and date:
            yield name, date


def _reference_system(node: rdf.Node, system: etree._Element, reader: iso.Reader) -> None:
    text, space = iso.value(system, "code"), iso.value(system, "codeSpace")
    known = reader.reference(system, "code")
    match = _EPSG.search(text) or (_EPSG.fullmatch(f"EPSG:{text}") if "EPSG" in space.upper() else None)
    if known is not None or match:
        node.add("geodcatap:referenceSystem", known or NamedNode(_EPSG_BASE + (match[1] if match else "")))
    elif text:
        child = node.embed("geodcatap:referenceSystem", "dct:Standard")
        child.add("dct:type", _REFERENCE_SYSTEM)
        child.add("dct:title", *reader.texts(system, "code"))
        child.add("owl:versionInfo", *reader.texts(system, "version"))
