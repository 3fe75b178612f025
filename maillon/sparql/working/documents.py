"""Turns one RDF document that the operator sends into triples of one graph, strictly: a fault is told, never mended.

The document is what its media type says (Graph Store Protocol, section 5.3,
https://www.w3.org/TR/sparql11-http-rdf-update/#http-put). RDF/XML goes through hardened lxml and JSON-LD has its
contexts put in from a local table, as everything that is harvested. Blank nodes get names of their own, so that
documents can be merged.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from pyoxigraph import RdfFormat, Triple, parse

from maillon.errors import ParseFailed
from maillon.rdf import jsonld, rdfxml

FORMATS: Final[Mapping[str, RdfFormat]] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
}
"""Format by media type; of the last two and of JSON-LD only what has no named graphs."""
_MARK: Final = b"\xef\xbb\xbf"


def triples(content: bytes, media_type: str, base_iri: str) -> Iterator[Triple]:
    """Read one document.

    Args:
        content: Its octets in UTF-8.
        media_type: One of ``FORMATS``. Raises KeyError for another.
        base_iri: What its relative IRIs are relative to.

    Raises:
        ParseFailed, SyntaxError: It cannot be read, or it has named graphs.
    """
    form = FORMATS[media_type]
    content = content.removeprefix(_MARK)
    if form == RdfFormat.RDF_XML:
        content, note = rdfxml.clean(content)
        if note:
            raise ParseFailed("the RDF/XML is not well-formed: bare ampersands, control characters or unknown entities")
    elif form == RdfFormat.JSON_LD:
        content = jsonld.inline(content)
    for quad in parse(content, form, base_iri=base_iri, rename_blank_nodes=True, without_named_graphs=True):
        yield quad.triple
