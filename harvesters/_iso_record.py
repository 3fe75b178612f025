"""Turns one ISO 19115 record into ``records.Described`` of GeoDCAT-AP 3: the resource, its distributions, its bodies.

Encodings: ISO 19139 (gmd, gmi, srv), ISO 19115-3 (mdb) and Swiss ``CHE_MD_Metadata``. The mapping follows GeoDCAT-AP 3
(https://semiceu.github.io/GeoDCAT-AP/releases/3.0.0/); where it differs from the reference implementation of SEMIC,
``docs/geodcat-ap.md`` says why.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from lxml import etree
from pyoxigraph import NamedNode

from harvesters import (
    _iso_agent,
    _iso_distribution,
    _iso_extent,
    _iso_keyword,
    _iso_quality,
    _iso_rights,
)
from harvesters import _iso_element as iso
from harvesters import _iso_graph as rdf
from maillon import authority
from maillon.records import Described, Rejected
from maillon.sources import Source

_CLASSES: Final = {"dataset": "dcat:Dataset", "series": "dcat:DatasetSeries", "service": "dcat:DataService"}
_NO_DATA: Final = frozenset(
    {"application", "software", "fieldHardware", "collectionHardware", "document", "model", "fieldSession"}
)
_SERVICE_TYPES: Final = frozenset({"discovery", "view", "download", "transformation", "invoke", "other"})
_GEODCAT: Final = NamedNode("http://data.europa.eu/930/")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a record is about.

    Attributes:
        identifier: That of the record, else of the resource; empty where neither has one.
        own: IRI that the resource has itself, None where it has none that can be used.
        kind: ``dataset``, ``series`` or ``service``; empty for anything else.
        scope: The scope as the source wrote it.
    """

    identifier: str
    own: NamedNode | None
    kind: str
    scope: str


@dataclass(frozen=True, slots=True)
class Known:
    """A resource of the source, as others refer to it."""

    iri: NamedNode
    kind: str


def identity(record: etree._Element) -> Identity:
    """Return the identity of a record whose names are plain (``_iso_element.plain``)."""
    names = list(_identifiers(record))
    own = next((node for name, anchor in names if (node := rdf.web(name) or rdf.web(anchor)) is not None), None)
    scope = _scope(record)
    main = record.find("identificationInfo/*")
    kind = "" if scope in _NO_DATA else scope if scope in _CLASSES else "dataset"
    if scope in ("services", "") and main is not None and main.tag == "SV_ServiceIdentification":
        kind = "service"
    return Identity(_identifier(record) or next((name for name, _ in names), ""), own, kind, scope)


def _identifier(record: etree._Element) -> str:
    return iso.value(record, "fileIdentifier") or iso.value(record, "metadataIdentifier/*/code")


def _scope(record: etree._Element) -> str:
    return iso.code(record, "hierarchyLevel") or iso.code(record, "metadataScope/MD_MetadataScope/resourceScope")


def _identifiers(record: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield the identifiers of the resource, with the address of those that are anchors."""
    for item in record.findall("identificationInfo/*/citation/CI_Citation/identifier/*"):
        code, space = iso.value(item, "code"), iso.value(item, "codeSpace")
        anchor = iso.href(item.find("code"))
        if code and space and not anchor and not rdf.web(code):
            code = space + ("" if space.endswith(("/", ":", "#")) else "/") + code
        if code or anchor:
            yield code or anchor, anchor


def described(
    record: etree._Element, known: Mapping[str, Known], shared: rdf.Shared, source: Source, base: str, note: str
) -> Iterator[Described | Rejected]:
    """Yield the resource of a record, its distributions and their services; then what of it could not be used.

    Args:
        record: The record, with plain names.
        known: The resources of the source by identifier; the record's own is among them.
        shared: Takes what it says of organisations and pages.
        source: Where it comes from.
        base: The setting ``base_iri``.
        note: What had to be done to read it.
    """
    reader = iso.Reader(record, source.language)
    graph = rdf.Graph(base, source.name, shared)
    who = identity(record)
    node = graph.subject(known[who.identifier].iri, _CLASSES[who.kind])
    mended = ""
    rejected: list[Rejected] = []
    _describe(node, record, reader)
    for found in record.findall("identificationInfo/*")[:1]:
        _iso_keyword.add(node, found, reader)
        mended = _iso_extent.add(node, found, reader)
        _iso_agent.add(node, found.findall("pointOfContact/*"), reader, graph)
        rights = _iso_rights.read(found, reader)
        online = list(_iso_distribution.read(record, reader))
        if who.kind == "service":
            rights.add(node)
            _service(node, found, online)
            rejected = _coupled(node, found, known, who.identifier)
        else:
            writer = _iso_distribution.Distributions(node, graph, rights, found)
            rejected = [*writer.add(online, who.identifier), *_parent(node, record, known, who.identifier)]
    _iso_quality.add(node, record, reader)
    _catalogue_record(node, record, reader, graph)
    for item in graph.described(note):
        yield replace(item, note="; ".join(filter(None, (note, mended)))) if item.subject == node.node else item
    yield from rejected


def _describe(node: rdf.Node, record: etree._Element, reader: iso.Reader) -> None:
    if _scope(record) in _CLASSES:
        node.add("geodcatap:resourceType", NamedNode(f"{rdf.CODELIST}ResourceType/{_scope(record)}"))
    for name, _ in _identifiers(record):
        is_iri = name.startswith(("http://", "https://", "urn:"))
        node.add("dct:identifier", rdf.typed(name, "xsd:anyURI" if is_iri else "xsd:string"))
    for found in record.findall("identificationInfo/*")[:1]:
        node.add("dct:title", *reader.texts(found, "citation/CI_Citation/title"))
        node.add("dct:description", *reader.texts(found, "abstract"))
        node.add("geodcatap:purpose", *reader.texts(found, "purpose"))
        _dates(node, found.find("citation/CI_Citation"))
        for path in ("language", "defaultLocale/PT_Locale/language", "otherLocale/PT_Locale/language"):
            for item in found.findall(path):
                node.add("dct:language", _language(iso.value(item)))
        _frequency(node, iso.code(found, "resourceMaintenance/*/maintenanceAndUpdateFrequency"))


def _dates(node: rdf.Node, citation: etree._Element | None) -> None:
    """Add of each kind of date the first issued and created, and the last modified, because one is allowed."""
    found: dict[str, list[str]] = {}
    for name, date in _iso_quality.dates(citation):
        found.setdefault(name, []).append(date)
    for name, written in found.items():
        node.add(name, rdf.date(max(written) if name == "dct:modified" else min(written)))


def _language(code: str) -> NamedNode | None:
    concept = authority.lookup("language", code.partition(";")[0].strip()) if code else None
    return NamedNode(concept) if concept else None


def _frequency(node: rdf.Node, code: str) -> None:
    concept = authority.lookup("frequency", code) if code else None
    if concept:
        node.add("dct:accrualPeriodicity", NamedNode(concept))
    elif code and code != "unknown":
        node.embed("dct:accrualPeriodicity", "dct:Frequency").add("rdfs:label", rdf.literal(code))


def _service(node: rdf.Node, found: etree._Element, online: list[_iso_distribution.Online]) -> None:
    name = iso.value(found, "serviceType")
    if name in _SERVICE_TYPES:
        node.add("geodcatap:serviceType", NamedNode(f"{rdf.CODELIST}SpatialDataServiceType/{name}"))
    elif name:
        node.embed("geodcatap:serviceType", "skos:Concept").add("skos:prefLabel", rdf.literal(name))
    for item in [item for item in online if item.service] or online:
        url = rdf.web(item.url)
        if url is not None:
            _iso_distribution.endpoint(node, item, url)
    if not node.values("dcat:endpointURL"):
        for url in map(rdf.web, (iso.value(item) for item in found.iterfind(".//connectPoint/*/linkage"))):
            node.add("dcat:endpointURL", url)
            node.add("dcat:endpointDescription", url)


def _coupled(node: rdf.Node, found: etree._Element, known: Mapping[str, Known], identifier: str) -> list[Rejected]:
    """Add the datasets that a service works on; return those that nothing is known of."""
    lost = []
    for item in found.findall("operatesOn"):
        address = iso.href(item)
        names = [item.get("uuidref") or "", *_queried(address), re.split(r"[/#]", address)[-1], address]
        names += [iso.value(item, "*/citation/CI_Citation/identifier/*/code")]
        dataset = next((known[name] for name in names if name in known), None)
        if dataset is not None:
            node.add("dcat:servesDataset" if dataset.kind == "dataset" else "dct:relation", dataset.iri)
        elif page := rdf.web(address) or rdf.web(item.get("uuidref")):
            # The dataset stands in no record of this source; where its record stands is all that is known.
            node.add("dct:relation", page)
        elif named := [name for name in names if name]:
            lost.append(Rejected(identifier, "its dataset is not in the source", named[0], is_dataset=False))
    return lost


def _queried(address: str) -> list[str]:
    """Return the identifiers that a GetRecordById, or a page of a record, asks for."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return []
    found = [value for name, value in parse_qsl(parts.query) if name.lower() in ("id", "uuid")]
    return [*found, *parts.path.split("/")[-3:]]


def _parent(node: rdf.Node, record: etree._Element, known: Mapping[str, Known], identifier: str) -> list[Rejected]:
    reference = record.find("parentMetadata")
    name = iso.value(record, "parentIdentifier") or (
        (reference.get("uuidref") or iso.value(reference, ".//code")) if reference is not None else ""
    )
    parent = known.get(name)
    if name and parent is None:
        return [Rejected(identifier, "its parent is not in the source", name, is_dataset=False)]
    if parent is not None and parent.iri != node.node:
        node.add("dcat:inSeries" if parent.kind == "series" else "dct:isPartOf", parent.iri)
    return []


def _catalogue_record(node: rdf.Node, record: etree._Element, reader: iso.Reader, graph: rdf.Graph) -> None:
    child = node.embed("foaf:isPrimaryTopicOf", "dcat:CatalogRecord")
    child.add("foaf:primaryTopic", node.node)
    child.add("dct:conformsTo", _GEODCAT)
    identifier = _identifier(record)
    child.add("dct:identifier", rdf.typed(identifier, "xsd:string") if identifier else None)
    child.add("dct:language", _language(reader.code))
    stamps = dict(_stamps(record))
    modified = stamps.get("dct:modified") or stamps.get("dct:issued") or stamps.get("dct:created") or ""
    child.add("dct:modified", rdf.date(modified))
    _iso_agent.add(child, record.findall("contact/*"), reader, graph)
    origin = child.embed("dct:source", "dcat:CatalogRecord")
    origin.add("foaf:primaryTopic", node.node)
    origin.add("dct:modified", rdf.date(modified.partition("T")[0]))
    characters = iso.code(record, "characterSet") or iso.code(record, "defaultLocale/PT_Locale/characterEncoding")
    name = _iso_distribution.CHARACTER_SETS.get(characters, characters)
    origin.add("cnt:characterEncoding", rdf.literal(name))
    titles = reader.texts(record, "metadataStandardName") or reader.texts(record, "metadataStandard/*/title")
    if titles:
        standard = origin.embed("dct:conformsTo", "dct:Standard")
        standard.add("dct:title", *titles)
        standard.add("owl:versionInfo", *reader.texts(record, "metadataStandardVersion"))
        standard.add("owl:versionInfo", *reader.texts(record, "metadataStandard/*/edition"))


def _stamps(record: etree._Element) -> Iterator[tuple[str, str]]:
    if stamp := iso.value(record, "dateStamp"):
        yield "dct:modified", stamp
    for item in record.findall("dateInfo"):
        date, code = iso.value(item, "CI_Date/date"), iso.code(item, "CI_Date/dateType")
        names = {"revision": "dct:modified", "lastUpdate": "dct:modified", "creation": "dct:created"}
        if date:
            yield names.get(code, "dct:issued"), date
