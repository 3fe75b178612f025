"""The vocabulary terms that code names, as constants; each prefix with the document that defines it.

Only terms that some module uses stand here. The prefixes are those written into every serialisation; QUERY_PREFIXES
are those predeclared for every query.
"""

from typing import Final

from pyoxigraph import NamedNode

PREFIXES: Final[dict[str, str]] = {
    "adms": "http://www.w3.org/ns/adms#",  # ADMS 2.0
    "dcat": "http://www.w3.org/ns/dcat#",  # W3C DCAT 3
    "dcatap": "http://data.europa.eu/r5r/",  # SEMIC DCAT-AP 3
    "dct": "http://purl.org/dc/terms/",  # DCMI Metadata Terms
    "foaf": "http://xmlns.com/foaf/0.1/",  # FOAF
    "geo": "http://www.opengis.net/ont/geosparql#",  # OGC GeoSPARQL 1.1
    "hydra": "http://www.w3.org/ns/hydra/core#",  # Hydra Core
    "ldes": "https://w3id.org/ldes#",  # Linked Data Event Streams
    "geodcatap": "http://data.europa.eu/930/",  # GeoDCAT-AP
    "maillon": "urn:maillon:term:",  # ontology/maillon.ttl
    "locn": "http://www.w3.org/ns/locn#",  # ISA Core Location
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",  # PROV-O
    "qb": "http://purl.org/linked-data/cube#",  # RDF Data Cube
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",  # SPARQL 1.1 Service Description
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "sdmx-measure": "http://purl.org/linked-data/sdmx/2009/measure#",
    "sh": "http://www.w3.org/ns/shacl#",  # SHACL
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "time": "http://www.w3.org/2006/time#",
    "tree": "https://w3id.org/tree#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "as": "https://www.w3.org/ns/activitystreams#",  # Activity Streams 2
}
QUERY_PREFIXES: Final[dict[str, str]] = PREFIXES | {
    "cpsv": "http://purl.org/vocab/cpsv#",  # Core Public Service Vocabulary
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": PREFIXES["dct"],
    "dqv": "http://www.w3.org/ns/dqv#",  # Data Quality Vocabulary
    "eli": "http://data.europa.eu/eli/ontology#",  # European Legislation Identifier
    "epo": "http://data.europa.eu/a4g/ontology#",  # eProcurement Ontology
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "gsp": PREFIXES["geo"],
    "earl": "http://www.w3.org/ns/earl#",  # Evaluation and Report Language
    "pv": "https://piveau.eu/ns/voc#",  # metrics of data.europa.eu
}
"""Predeclared for every query: PREFIXES, and what people use without a declaration; never written into a document."""
AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"  # EU Publications Office tables


def term(name: str) -> NamedNode:
    """Return the IRI of a prefixed name such as ``dcat:Dataset``. Raises KeyError for an unknown prefix."""
    prefix, local = name.split(":", 1)
    return NamedNode(PREFIXES[prefix] + local)


TYPE: Final = term("rdf:type")

CATALOG: Final = term("dcat:Catalog")
CATALOG_RECORD: Final = term("dcat:CatalogRecord")
DATASET: Final = term("dcat:Dataset")
DATASET_SERIES: Final = term("dcat:DatasetSeries")
DISTRIBUTION: Final = term("dcat:Distribution")
DATA_SERVICE: Final = term("dcat:DataService")
AGENT: Final = term("foaf:Agent")
KIND: Final = term("vcard:Kind")

AGENT_CLASSES: Final = (
    AGENT,
    term("foaf:Organization"),
    term("foaf:Person"),
    term("foaf:Group"),
    term("org:Organization"),
)
KIND_CLASSES: Final = (
    KIND, term("vcard:Organization"), term("vcard:Individual"), term("vcard:Group"), term("vcard:Location"),
)  # fmt: skip

TITLE: Final = term("dct:title")
DESCRIPTION: Final = term("dct:description")
IDENTIFIER: Final = term("dct:identifier")
PUBLISHER: Final = term("dct:publisher")
ISSUED: Final = term("dct:issued")
MODIFIED: Final = term("dct:modified")
HAS_DATASET: Final = term("dcat:dataset")
HAS_DISTRIBUTION: Final = term("dcat:distribution")
SAMPLE: Final = term("adms:sample")
HAS_SERVICE: Final = term("dcat:service")
HAS_RECORD: Final = term("dcat:record")
ACCESS_URL: Final = term("dcat:accessURL")
DOWNLOAD_URL: Final = term("dcat:downloadURL")
NAME: Final = term("foaf:name")
PRIMARY_TOPIC: Final = term("foaf:primaryTopic")

RULE: Final = "urn:maillon:rule:"
"""Before the id of a repair rule it makes the rule's IRI."""
