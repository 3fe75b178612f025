"""Turns JSON-LD with references to contexts into JSON-LD that stands alone; nothing is ever fetched.

Contexts that catalogues are known to name are replaced from a local table: schema.org, DCAT-AP 3 (the terms of the
`JSON-LD context <https://semiceu.github.io/DCAT-AP/releases/3.0.1/context/dcat-ap.jsonld>`_, which mean the same in
every class, so that one flat context does), Project Open Data 1.1 and Activity Streams. Any other is refused by name.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from maillon.errors import ParseFailed
from maillon.vocabulary import PREFIXES

_DCAT_AP_CLASSES: Final = """
prov:Activity foaf:Agent prov:Attribution Catalogue=dcat:Catalog CatalogueRecord=dcat:CatalogRecord
CataloguedResource=dcat:Resource spdx:Checksum spdx:ChecksumAlgorithm skos:Concept skos:ConceptScheme dcat:DataService
dcat:Dataset dcat:DatasetSeries dcat:Distribution foaf:Document dct:Frequency locn:Geometry adms:Identifier vcard:Kind
LicenceDocument=dct:LicenseDocument dct:LinguisticSystem dct:Location dct:MediaType dct:MediaTypeOrExtent
dct:PeriodOfTime odrl:Policy dct:ProvenanceStatement dcat:Relationship dct:RightsStatement dcat:Role dct:Standard
TimeInstant=time:Instant LegalResource=http://data.europa.eu/eli/ontology#LegalResource
"""
_DCAT_AP_LINKS: Final = """
dct:accessRights dcat:accessService accessUrl=dcat:accessURL spdx:algorithm dcatap:applicableLegislation
applicationProfile=dct:conformsTo dcatap:availability beginning=time:hasBeginning catalogue=dcat:catalog
changeType=adms:status spdx:checksum compressionFormat=dcat:compressFormat dct:conformsTo dcat:contactPoint dct:creator
dcat:dataset datasetDistribution=dcat:distribution documentation=foaf:page downloadUrl=dcat:downloadURL end=time:hasEnd
dcat:endpointDescription endpointUrl=dcat:endpointURL dct:format frequency=dct:accrualPeriodicity
geographicalCoverage=dct:spatial locn:geometry dcat:hadRole dct:hasPart odrl:hasPolicy dcat:hasVersion foaf:homepage
dcat:inSeries dct:isReferencedBy dcat:landingPage dct:language licence=dct:license linkedSchemas=dct:conformsTo
dcat:mediaType otherIdentifier=adms:identifier packagingFormat=dcat:packageFormat foaf:primaryTopic dct:provenance
dct:publisher prov:qualifiedAttribution dcat:qualifiedRelation dcat:record relatedResource=dct:relation dct:relation
dct:rights adms:sample dcat:servesDataset dcat:service dct:source sourceMetadata=dct:source adms:status
temporalCoverage=dct:temporal dcat:theme themes=dcat:themeTaxonomy dct:type prov:wasGeneratedBy
"""
_DCAT_AP_TEXTS: Final = """
dcat:bbox dcat:centroid dct:description dcat:endDate dct:identifier dcat:keyword listingDate=dct:issued
modificationDate=dct:modified foaf:name skos:notation preferredLabel=skos:prefLabel releaseDate=dct:issued
dcat:startDate dct:title dcat:version adms:versionNotes
"""
_DCAT_AP_TYPED: Final = {
    "byteSize": ("dcat:byteSize", "xsd:nonNegativeInteger"),
    "checksumValue": ("spdx:checksumValue", "xsd:hexBinary"),
    "spatialResolution": ("dcat:spatialResolutionInMeters", "xsd:decimal"),
    "temporalResolution": ("dcat:temporalResolution", "xsd:duration"),
}
_POD_TERMS: Final = """
Catalog=dcat:Catalog Dataset=dcat:Dataset Distribution=dcat:Distribution dcat:dataset dcat:distribution dct:title
dct:description dcat:keyword dct:modified dct:issued dct:identifier dct:publisher dcat:contactPoint
vcard:fn foaf:name org:subOrganizationOf dct:rights dct:spatial dct:temporal dct:language dct:accrualPeriodicity
dct:format dcat:mediaType dcat:theme
"""
_POD_LINKS: Final = """
vcard:hasEmail dcat:accessURL dcat:downloadURL dcat:landingPage dct:license dct:conformsTo dct:references dct:isPartOf
describedBy=http://www.w3.org/2007/05/powder-s#describedby
"""
_SCHEMA_LINKS: Final = (
    "url", "contentUrl", "sameAs", "license", "isPartOf", "includedInDataCatalog", "logo", "image",
)  # fmt: skip


def _full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else name


def _terms(listing: str, kind: str = "") -> dict[str, Any]:
    """Read a listing of ``prefix:name`` or ``term=prefix:name``."""
    terms: dict[str, Any] = {}
    for item in listing.split():
        term, found, name = item.partition("=")
        term, name = (term, name) if found else (item.rpartition(":")[2], item)
        terms[term] = {"@id": _full(name), "@type": kind} if kind else _full(name)
    return terms


_DCAT_AP: Final[dict[str, Any]] = {
    **PREFIXES,
    **_terms(_DCAT_AP_CLASSES),
    **_terms(_DCAT_AP_TEXTS),
    **_terms(_DCAT_AP_LINKS, "@id"),
    **{term: {"@id": _full(name), "@type": _full(kind)} for term, (name, kind) in _DCAT_AP_TYPED.items()},
}
_POD: Final[dict[str, Any]] = {**PREFIXES, **_terms(_POD_TERMS), **_terms(_POD_LINKS, "@id")}
_SCHEMA: Final[dict[str, Any]] = {
    "@vocab": "http://schema.org/",
    "schema": "http://schema.org/",
    "type": "@type",
    "id": "@id",
    **{term: {"@id": f"http://schema.org/{term}", "@type": "@id"} for term in _SCHEMA_LINKS},
}
_ACTIVITY: Final[dict[str, Any]] = {
    "as": PREFIXES["as"],
    "id": "@id",
    "type": "@type",
    "object": {"@id": "as:object", "@type": "@id"},
    "published": {"@id": "as:published", "@type": PREFIXES["xsd"] + "dateTime"},
    **{name: f"as:{name}" for name in ("Create", "Update", "Delete")},
}
CONTEXTS: Final[Mapping[str, dict[str, Any]]] = {
    "schema.org": _SCHEMA,
    "www.w3.org/ns/activitystreams": _ACTIVITY,
    "project-open-data.cio.gov/v1.1/schema/catalog.jsonld": _POD,
    "project-open-data.cio.gov/v1.1/schema": _POD,
    "semiceu.github.io/DCAT-AP/releases/3.0.0/context/dcat-ap.jsonld": _DCAT_AP,
    "semiceu.github.io/DCAT-AP/releases/3.0.1/context/dcat-ap.jsonld": _DCAT_AP,
    "semiceu.github.io/uri.semic.eu-generated/DCAT-AP/releases/3.0.0/context/dcat-ap.jsonld": _DCAT_AP,
}
"""Known contexts by address without scheme, trailing slash or fragment."""

_NAME: Final = re.compile(r"^(?:https?://)?(?:www\.(?=schema\.org))?(.*?)(?:/docs/jsonldcontext\.json\w*|\.?/?#?)$")
_DEPTH: Final = 100


def is_jsonld(text: bytes) -> bool:
    """Tell whether a JSON document claims to be JSON-LD: some JSON-LD keyword is one of its keys."""
    return re.search(rb'"@(?:context|id|graph|type|value)"\s*:', text) is not None


def _local(address: str) -> dict[str, Any]:
    match = _NAME.match(address.strip())
    context = CONTEXTS.get(match.group(1)) if match else None
    if context is None:
        raise ParseFailed(
            f"it names the remote JSON-LD context {address[:200]!r}, which is never fetched. "
            "Ask the producer to put the context into the document."
        )
    return context


def _inline_context(context: Any, depth: int) -> Any:
    if isinstance(context, str):
        return _local(context)
    if isinstance(context, list):
        return [_inline_context(item, depth) for item in context]
    if isinstance(context, dict) and "@import" in context:
        rest = {key: value for key, value in context.items() if key != "@import"}
        return {**_local(str(context["@import"])), **rest}
    return _inline(context, depth + 1)


def _inline(node: Any, depth: int = 0) -> Any:
    if depth > _DEPTH:
        raise ParseFailed(f"its JSON is nested deeper than {_DEPTH}. Ask the producer to flatten it.")
    if isinstance(node, list):
        return [_inline(item, depth + 1) for item in node]
    if isinstance(node, dict):
        return {
            key: _inline_context(value, depth) if key == "@context" else _inline(value, depth + 1)
            for key, value in node.items()
        }
    return node


def inline(content: bytes) -> bytes:
    """Return the document with every remote context replaced; unchanged where it names none.

    Raises:
        ParseFailed: It is not JSON, is nested too deeply, or names a context that is not known here.
    """
    try:
        document = json.loads(content)
    except json.JSONDecodeError as error:
        raise ParseFailed(f"not JSON: {error.msg}", error.lineno, error.colno) from error
    except RecursionError as error:
        raise ParseFailed(f"its JSON is nested deeper than {_DEPTH}. Ask the producer to flatten it.") from error
    inlined = _inline(document)
    # Written anew only where something changed: Python would spell numbers differently.
    return content if inlined == document else json.dumps(inlined).encode()
