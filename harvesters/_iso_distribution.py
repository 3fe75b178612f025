"""Turns the online resources of ISO 19115 into distributions, data services and pages of GeoDCAT-AP 3.

Whether one is a service or a download is decided by its protocol, then its address (``service=WMS``), then its media
type, ending or function; 31 spellings of protocols were counted in real records, and half of them state none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from lxml import etree
from pyoxigraph import Literal, NamedNode

from harvesters import _iso_element as iso
from harvesters import _iso_graph as rdf
from harvesters._iso_rights import Rights
from maillon import authority
from maillon.records import Rejected

_STANDARD: Final = "http://www.opengeospatial.org/standards/"
_SERVICES: Final = {"csw": "cat", **{name: name for name in ("sos", "sps", "wcs", "wfs", "wmts", "wms", "wps")}}
_PROTOCOL = re.compile(r"(?:^|[^a-z])(csw|sos|sps|wcs|wfs|wmts|wms|wps)(?![a-z])")
_OTHER_SERVICE = re.compile(r"esri:rest|arcgis|ogc ?api|ogcapi|tms|atom|georss|rfc4287|sensorthings|opendap|thredds")
_DOWNLOAD = re.compile(r"download|^file|^ftp|[a-z]+/[a-z0-9.+-]+$|geofile")
_QUERY = re.compile(r"service=(csw|sos|sps|wcs|wfs|wmts|wms|wps)(?:&|$)")
_PATH = re.compile(r"(?:^|[/_-])(csw|sos|sps|wcs|wfs|wmts|wms|wps)(?:server)?/?$")
_REST = re.compile(r"/(?:map|feature|image|vectortile)server(?:/\d*)?$")
_IANA: Final = "https://www.iana.org/assignments/media-types/"
_PAGES: Final = frozenset({".html", ".htm", ".php", ".asp", ".aspx", ".jsp", ".jsf", ".do", ".pdf", ".org", ".com"})
_OFFERED: Final = frozenset({"download", "offlineAccess", "order"})
_INFORMATION: Final = frozenset({"information", "search", "browsing", "browseGraphic", "completeMetadata"})
CHARACTER_SETS: Final = {"utf8": "UTF-8", "utf16": "UTF-16", "usAscii": "US-ASCII"} | {
    f"8859part{number}": f"ISO-8859-{number}" for number in range(1, 17)
}
"""ISO 19115 character set codes with their IANA names."""


@dataclass(frozen=True, slots=True)
class Online:
    """One online resource as read; ``options`` are the transfer options in which it stands."""

    url: str
    protocol: str
    function: str
    name: list[Literal]
    description: list[Literal]
    options: etree._Element
    formats: list[etree._Element] = field(default_factory=list)

    @property
    def service(self) -> str:
        """The kind of service behind it: a key of the OGC standards, ``other``, or empty where it is none."""
        if found := _PROTOCOL.search(self.protocol):
            return found[1]
        if _OTHER_SERVICE.search(self.protocol):
            return "other"
        parts = urlsplit(self.url.lower()) if "[" not in self.url else urlsplit("")
        if found := _QUERY.search(parts.query) or _PATH.search(parts.path):
            return found[1]
        return "other" if "request=getcapabilities" in parts.query or _REST.search(parts.path) else ""

    @property
    def is_file(self) -> bool:
        """Whether the address is that of a file to download."""
        if _DOWNLOAD.search(self.protocol):
            return True
        suffix = PurePosixPath(re.split(r"[?#]", self.url)[0].lower()).suffix
        return (
            2 < len(suffix) < 9
            and suffix not in _PAGES
            and authority.lookup("file-type", suffix.strip(".")) is not None
        )


def read(record: etree._Element, reader: iso.Reader) -> Iterator[Online]:
    """Yield the online resources of a record that have an address."""
    for distribution in record.findall("distributionInfo/MD_Distribution"):
        common = distribution.findall("distributionFormat/MD_Format")
        for options in distribution.findall("transferOptions/MD_DigitalTransferOptions"):
            own = options.findall("distributionFormat/MD_Format")
            yield from _online(options, own or common, reader)
        for distributor in distribution.findall("distributor/MD_Distributor"):
            own = distributor.findall("distributorFormat/MD_Format")
            for options in distributor.findall("distributorTransferOptions/MD_DigitalTransferOptions"):
                yield from _online(options, own or common, reader)
    # THREDDS describes the services of a dataset as further identifications of the same record.
    for further in record.findall("identificationInfo/SV_ServiceIdentification")[:64]:
        if further is not record.find("identificationInfo/*"):
            for operation in further.findall("containsOperations/SV_OperationMetadata"):
                yield from _online(operation, [], reader)


def _online(options: etree._Element, formats: list[etree._Element], reader: iso.Reader) -> Iterator[Online]:
    for item in [*options.findall("onLine/CI_OnlineResource"), *options.findall("connectPoint/CI_OnlineResource")]:
        url = reader.first(item, "linkage") or next(
            (text for found in item.iterfind("linkage//LocalisedURL") if (text := iso.content(found))), ""
        )
        if url:
            protocol = f"{iso.value(item, 'protocol')} {iso.href(item.find('protocol'))}".strip().lower()
            name, description = reader.texts(item, "name"), reader.texts(item, "description")
            yield Online(url, protocol, iso.code(item, "function"), name, description, options, formats)


class Distributions:
    """Writes the distributions of one dataset or series."""

    def __init__(self, dataset: rdf.Node, graph: rdf.Graph, rights: Rights, identification: etree._Element) -> None:
        self._dataset = dataset
        self._graph = graph
        self._rights = rights
        self._techniques = [
            NamedNode(f"{rdf.CODELIST}SpatialRepresentationType/{code}")
            for item in identification.findall("spatialRepresentationType")
            if (code := iso.code(item, ".")).isalpha()
        ]
        sets = (iso.code(item, ".") for item in identification.findall("characterSet"))
        self._characters = [rdf.literal(CHARACTER_SETS.get(name, name)) for name in sets]

    def add(self, found: list[Online], identifier: str) -> Iterator[Rejected]:
        """Add all online resources; yield those whose address is none on the web."""
        names = _distinct(found)
        for item in found:
            url = rdf.web(item.url)
            if url is None:
                scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:|", item.url)
                start = f"begins with {scheme[0]!r}" if scheme and scheme[0] else "has no scheme"
                yield Rejected(identifier, "online resource without a web address", f"it {start}", is_dataset=False)
            elif item.service or item.is_file or item.function in _OFFERED:
                self._distribution(item, url, names[item.url, _name(item)])
            else:
                self._page("foaf:page" if item.function in _INFORMATION else "dcat:landingPage", item, url)
        if not self._dataset.values("dcat:distribution"):
            self._rights.add(self._dataset)

    def _page(self, predicate: str, item: Online, url: NamedNode) -> None:
        self._dataset.add(predicate, url)
        if (item.name or item.description) and url != self._dataset.node:
            self._graph.shared.page(url, item.name, item.description)

    def _distribution(self, item: Online, url: NamedNode, distinction: str) -> None:
        identity = f"{self._dataset.node.value}\n\n{url.value}{distinction}"
        node = self._graph.subject(self._graph.mint("distribution", identity), "dcat:Distribution")
        self._dataset.add("dcat:distribution", node.node)
        node.add("dct:title", *item.name)
        node.add("dct:description", *item.description)
        node.add("dcat:accessURL", url)
        if item.service:
            service = self._graph.subject(self._graph.mint("service", identity), "dcat:DataService")
            node.add("dcat:accessService", service.node)
            titles = item.name or item.description or self._dataset.values("dct:title")
            service.add("dct:title", *(text for text in titles if isinstance(text, Literal)))
            endpoint(service, item, url)
        elif item.is_file:
            node.add("dcat:downloadURL", url)
        self._rights.add(node)
        node.add("adms:representationTechnique", *self._techniques)
        node.add("cnt:characterEncoding", *self._characters)
        node.add("dcat:byteSize", _size(iso.value(item.options, "transferSize")))
        for element in item.formats:
            _format(node, element)


def _name(item: Online) -> str:
    return "\n".join(sorted(text.value for text in item.name or item.description))


def _distinct(found: list[Online]) -> dict[tuple[str, str], str]:
    """Tell online resources with one address apart by name, as layers of a WMS are: the first by name needs nothing."""
    names: dict[str, set[str]] = {}
    for item in found:
        names.setdefault(item.url, set()).add(_name(item))
    return {
        (url, name): "" if number == 0 else f"\n{name}"
        for url, own in names.items()
        for number, name in enumerate(sorted(own))
    }


def endpoint(service: rdf.Node, item: Online, url: NamedNode) -> None:
    """Add where a service answers and how it is spoken to."""
    service.add("dcat:endpointURL", rdf.web(url.value.partition("?")[0]))
    service.add("dcat:endpointDescription", url)
    if item.service in _SERVICES:
        service.add("geodcatap:serviceProtocol", NamedNode(_STANDARD + _SERVICES[item.service]))


def _size(text: str) -> Literal | None:
    """Return octets of a transfer size, which ISO 19115 gives in megabytes."""
    if not re.fullmatch(r"\d{1,12}(?:\.\d{1,12})?", text) or not Decimal(text):
        return None
    return rdf.typed(str(round(Decimal(text) * 1_000_000)), "xsd:nonNegativeInteger")


def _format(node: rdf.Node, element: etree._Element) -> None:
    title = element.find("formatSpecificationCitation/CI_Citation/title")
    named = element.find("name") if title is None else title
    text, anchor = iso.value(named), rdf.web(iso.href(named))
    if anchor is not None:
        node.add("dcat:mediaType" if anchor.value.startswith(_IANA) else "dct:format", anchor)
        return
    concept = authority.lookup("file-type", text) if text else None
    media_type = authority.lookup("media-type", text) if text and not concept else None
    if concept:
        node.add("dct:format", NamedNode(concept))
    elif media_type:
        node.add("dcat:mediaType", NamedNode(media_type))
    elif text:
        node.embed("dct:format", "dct:MediaType").add("rdfs:label", rdf.literal(text))
