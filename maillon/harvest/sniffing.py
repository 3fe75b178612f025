"""Tells by the content of a document which kinds of source could read it: octets in, kinds with the reason out.

What is looked at: the root element of XML (OGC CSW, OAI-PMH 2.0, ISO 19139 and 19115-3, RDF/XML, SPARQL results,
sitemaps), the keys of JSON (CKAN, Opendatasoft, udata, DCAT-US, STAC, data packages, JSON-LD), the namespaces of RDF,
JSON-LD in HTML, and the first octets of workbooks. The media type only decides where the content says nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from io import BytesIO
from typing import Any, Final, NamedTuple

from lxml import etree

from maillon.rdf import parsing

HEAD: Final = 2_000_000
"""Octets that are looked at where a document is not read as a whole."""

WHOLE: Final = 20_000_000
"""Octets of JSON that are read as a whole; of more, the first record of its first list tells."""


class Sniffed(NamedTuple):
    """A kind that could read a document, and what speaks for it."""

    kind: str
    why: str


_ISO: Final = (
    r"\{(?:http://www\.isotc211\.org/2005/gm[di]|https?://standards\.iso\.org/iso/19115/-3/[^}]*|"
    r"http://www\.geocat\.ch/[^}]*)\}\w*MD_Metadata"
)
_ROOTS: Final = (
    (r"\{http://www\.opengis\.net/cat/csw/[^}]*\}", "csw", "it is the answer of a catalogue service (CSW)"),
    (r"\{http://www\.openarchives\.org/OAI/2\.0/\}OAI-PMH", "oaipmh", "it is the answer of an OAI-PMH repository"),
    (_ISO, "csw", "it is a metadata record of ISO 19115"),
    (r"\{http://www\.w3\.org/2005/sparql-results#\}sparql", "sparql", "it answers SPARQL queries"),
    (r"\{http://www\.sitemaps\.org/[^}]*\}(?:urlset|sitemapindex)", "schemaorg", "it is a sitemap"),
)
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
_SYNTAX: Final = b"www.w3.org/1999/02/22-rdf-syntax-ns#"
_DCAT, _LDES, _SD, _SCHEMA = b"www.w3.org/ns/dcat#", b"w3id.org/ldes#", b"sparql-service-description#", b"schema.org"
_SCRIPT = re.compile(rb"<script[^>]*application/ld\+json[^>]*>(.*?)</script", re.IGNORECASE | re.DOTALL)
_SCHEMA_TYPE = re.compile(rb'"(?:https?://schema\.org/|schema:)?(Dataset|DataCatalog)"')
_HTML = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(rb"<link\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([a-z]+)\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_TURTLE = re.compile(
    rb"^\s*(?:#[^\n]*\n\s*)*(?:@prefix|@base|prefix\s+\S*:|base\s*<|<(?:#|urn:|[a-z][a-z0-9+.-]*://)[^<>\s]*>\s)",
    re.IGNORECASE,
)
_BOOK = re.compile(
    rb"PK\x03\x04.{26}(?:mimetypeapplication/vnd\.oasis\.opendocument\.spreadsheet|.*xl/\w)|\xd0\xcf\x11\xe0", re.DOTALL
)
_FIRST = re.compile(r"\[\s*(?=\{)")
_TEXTS: Final = frozenset({"text/csv", "text/tab-separated-values", "text/comma-separated-values"})


def sniff(data: bytes, media_type: str = "", name: str = "") -> list[Sniffed]:
    """Return the kinds that could read a document, the likeliest first; none where nothing is recognised.

    Args:
        data: Its content, unpacked.
        media_type: As declared, without parameters; may be wrong or empty.
        name: Its file name or address.
    """
    head = data[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if _BOOK.match(data):
        return [Sniffed("spreadsheet", "it is a workbook")]
    if head[:1] in (b"{", b"["):
        return list(_json(data if len(data) <= WHOLE else b"", head))
    if head[:1] == b"<" and not _TURTLE.match(head):
        return list(_html(head) if _HTML.match(head[:5000]) else _xml(head))
    if parsing.sniff(head[:10_000], media_type, name) is not None:
        return list(_rdf(head))
    is_table = media_type in _TEXTS or name.lower().endswith((".csv", ".tsv"))
    return [Sniffed("spreadsheet", "it is a table of delimited text")] if is_table else []


def _rdf(head: bytes) -> Iterator[Sniffed]:
    """Yield what RDF speaks of; the namespaces tell, because a huge graph need not be read for that."""
    if _LDES in head:
        yield Sniffed("ldes", "it is RDF of an event stream (LDES)")
    if _DCAT in head:
        yield Sniffed("dcat", "it is RDF that uses DCAT")
    if _SD in head:
        yield Sniffed("sparql", "it describes a SPARQL endpoint")
    if not any(sign in head for sign in (_LDES, _DCAT, _SD)):
        yield Sniffed("dcat", "it is RDF, though DCAT is not seen in its beginning")


def _xml(head: bytes) -> Iterator[Sniffed]:
    root = _root(head)
    if root == _RDF:
        yield from _rdf(head)
    for pattern, kind, why in _ROOTS:
        if re.match(pattern, root):
            yield Sniffed(kind, why)
            return
    if root and root != _RDF and _SYNTAX in head[:20_000]:  # one node without rdf:RDF around it
        yield from _rdf(head)


def _root(head: bytes) -> str:
    """Return the name of the root element, empty where it is no XML; nothing is loaded from anywhere."""
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "recover": True}
    try:
        for _, element in etree.iterparse(BytesIO(head), events=("start",), **options):
            return str(element.tag)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    return ""


def _html(head: bytes) -> Iterator[Sniffed]:
    for script in _SCRIPT.findall(head):
        found = _SCHEMA_TYPE.search(script)
        if found and _SCHEMA in script:
            yield Sniffed("schemaorg", f"it is a web page with a schema.org {found[1].decode()} in JSON-LD")
            return


def alternates(data: bytes) -> list[str]:
    """Return the addresses of RDF and data that a web page says it also comes as, relative ones as they stand."""
    found = []
    for link in _LINK.findall(data[:HEAD]):
        values = {key.lower(): value for key, value in _ATTRIBUTE.findall(link)}
        if b"alternate" in values.get(b"rel", b"").lower() and _is_data(values.get(b"type", b"").lower()):
            found.append(unescape(values.get(b"href", b"").decode("utf-8", "replace")).strip())
    return [address for address in dict.fromkeys(found) if address]


def _is_data(media_type: bytes) -> bool:
    return media_type.partition(b";")[0].strip() in {
        b"application/rdf+xml", b"text/turtle", b"application/ld+json", b"application/n-triples", b"text/n3",
        b"application/trig",
    }  # fmt: skip


def _json(whole: bytes, head: bytes) -> Iterator[Sniffed]:
    """Yield what JSON is; JSON that is too large, cut off or in lines is told by its first record."""
    try:
        value = json.loads(whole)
    except (ValueError, RecursionError):
        value = _first_record(head.decode("utf-8", "replace"))
    is_said = False
    for item in _keys(value):
        is_said = True
        yield item
    if not is_said and b'"@context"' in head:
        yield from _rdf(head)


def _first_record(text: str) -> Any:
    """Return the first object of JSON lines, or of the first list of objects; None where there is none."""
    found = _FIRST.search(text)
    for start in (0, found.end() if found else len(text)):
        try:
            return json.JSONDecoder().raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
    return None


def _keys(value: Any) -> Iterator[Sniffed]:
    """Yield the kinds that the keys of JSON speak for, of the document or of the first item of its list."""
    item = next((part for part in value if isinstance(part, dict)), {}) if isinstance(value, list) else value
    if not isinstance(item, dict):
        return
    for told in (_portal, _feed, _linked):
        yield from told(item)


def _portal(item: Mapping[str, Any]) -> Iterator[Sniffed]:
    """Yield the software of portals."""
    first = _of_list(item.get("results")) or _of_list(item.get("datasets")) or item
    data = _of_list(item.get("data"))
    if isinstance(item.get("success"), bool) and "result" in item:
        yield Sniffed("ckan", "it is an answer of the Action API of CKAN")
    elif "resources" in item and {"num_resources", "metadata_modified", "license_id", "extras"} & item.keys():
        yield Sniffed("ckan", "it holds packages of CKAN")
    inner = first.get("dataset") if isinstance(first.get("dataset"), dict) else first
    is_empty = item.get("total_count") == 0 or item.get("nhits") == 0
    if {"dataset_id", "datasetid"} & set(inner or ()) or (is_empty and ({"results", "datasets"} & item.keys())):
        yield Sniffed("opendatasoft", "it is a catalogue of Opendatasoft")
    fixture = "organization" in first and {"dataset", "resources"} & first.keys()
    udata = {"total", "page_size", "data"} <= item.keys() and (
        not data or "organization" in data or "resources" in data
    )
    if fixture or udata or {"frequency", "organization", "resources", "slug", "last_modified"} <= item.keys():
        yield Sniffed("udata", "it is an answer of the API of udata")


def _feed(item: Mapping[str, Any]) -> Iterator[Sniffed]:
    """Yield formats that stand in files."""
    said = str(item.get("conformsTo", "")) + str(item.get("@context", ""))
    dataset = _of_list(item.get("dataset"))
    if "accessLevel" in item and "title" in item:
        yield Sniffed("datajson", "it holds datasets of a data.json (DCAT-US)")
    if dataset and ("project-open-data" in said or "accessLevel" in dataset or "@context" not in item):
        yield Sniffed("datajson", "it is a data.json (DCAT-US)")
    if "stac_version" in item or "stac_version" in _of_list(item.get("collections")):
        yield Sniffed("stac", "it is a SpatioTemporal Asset Catalog (STAC)")
    resource = _of_list(item.get("resources"))
    is_package = "profile" in item or "$schema" in item or {"path", "data"} & resource.keys()
    if resource and is_package and "@context" not in item:
        yield Sniffed("datapackage", "it is a data package (datapackage.json)")
    if isinstance(item.get("head"), dict) and {"boolean", "results"} & item.keys():
        yield Sniffed("sparql", "it answers SPARQL queries")


def _linked(item: Mapping[str, Any]) -> Iterator[Sniffed]:
    """Yield what JSON-LD is about."""
    context = json.dumps(item.get("@context", ""))
    kinds = json.dumps([item.get("@type", ""), _of_list(item.get("@graph")).get("@type", "")])
    if re.search(r"schema\.org/?[\"#]", context) and re.search(r"Dataset|DataCatalog", kinds):
        yield Sniffed("schemaorg", "it is JSON-LD of schema.org")


def _of_list(value: Any) -> Mapping[str, Any]:
    """Return the first object of a list, an empty one where there is none."""
    if not isinstance(value, list):
        return {}
    return next((part for part in value if isinstance(part, dict)), {})
