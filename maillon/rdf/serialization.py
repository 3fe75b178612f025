"""Turns quads into bytes with our prefixes; the same quads in the same order always give the same bytes.

Serialisations: Turtle, TriG, RDF/XML, JSON-LD 1.1 (expanded), N-Triples, N-Quads. Those that hold one graph only leave
graph names out. RDF/XML cannot hold a property whose IRI does not end in an XML name, nor control characters: they are
left out there, because one of them would break the whole document. N-Triples and N-Quads have the white space of
Unicode escaped: rdflib takes a no-break space, which an IRI may hold, for its end.
"""

import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import IO, Final

from pyoxigraph import Literal, Quad, RdfFormat, Triple, serialize

from maillon.vocabulary import PREFIXES

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
}
"""Media type by file extension, without the dot."""

_FORMATS: Final[Mapping[str, RdfFormat]] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
}
_ONE_GRAPH: Final = frozenset({RdfFormat.TURTLE, RdfFormat.RDF_XML, RdfFormat.N_TRIPLES})
_XML_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SPACES: Final = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_XML_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*\Z")
_TURTLE_HEAD: Final = re.compile(rb"\A(?:@prefix [^\n]*\n)+")
_XML_ROOT: Final = re.compile(rb"<rdf:RDF((?: xmlns:[\w.-]+=\"[^\"]*\")+)")


def write(quads: Iterable[Quad] | Iterable[Triple], media_type: str) -> bytes:
    """Write quads or triples.

    Quads of one subject should follow each other: Turtle, RDF/XML and JSON-LD then write the subject once.

    Args:
        quads: What to write.
        media_type: One of ``MEDIA_TYPES``' values. Raises KeyError for another.
    """
    out = BytesIO()
    stream(quads, out, media_type)
    return _ordered(out.getvalue(), _FORMATS[media_type])


def stream(quads: Iterable[Quad] | Iterable[Triple], out: IO[bytes], media_type: str) -> None:
    """Write quads or triples one by one into a file, as ``write`` does but for the order of the prefixes."""
    target = _FORMATS[media_type]
    items: Iterable[Quad] | Iterable[Triple] = quads
    if target in _ONE_GRAPH:
        items = (item.triple if isinstance(item, Quad) else item for item in quads)
    if target == RdfFormat.RDF_XML:
        items = (_xml(item) for item in items if isinstance(item, Triple) and _XML_NAME.search(item.predicate.value))
    if target in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
        for item in items:
            out.write(escaped(f"{item} .\n").encode())
    else:
        serialize(items, out, format=target, prefixes=PREFIXES)


def escaped(text: str) -> str:
    """Return N-Triples or N-Quads with the white space of Unicode escaped."""
    return _SPACES.sub(lambda found: f"\\u{ord(found[0]):04X}", text)


def _xml(triple: Triple) -> Triple:
    """Leave out the control characters that XML 1.0 cannot hold in any form."""
    value = triple.object
    if not isinstance(value, Literal) or not _XML_ILLEGAL.search(value.value):
        return triple
    text = _XML_ILLEGAL.sub("", value.value)
    if value.language is not None:
        return Triple(triple.subject, triple.predicate, Literal(text, language=value.language))
    return Triple(triple.subject, triple.predicate, Literal(text, datatype=value.datatype))


def _ordered(written: bytes, target: RdfFormat) -> bytes:
    """Put the prefixes in order: pyoxigraph writes them in another order in every process."""
    if target in (RdfFormat.TURTLE, RdfFormat.TRIG):
        head = _TURTLE_HEAD.match(written)
        if head is not None:
            return b"".join(sorted(head.group().splitlines(keepends=True))) + written[head.end() :]
    if target == RdfFormat.RDF_XML:
        root = _XML_ROOT.search(written)
        if root is not None:
            names = sorted(re.findall(rb" xmlns:[\w.-]+=\"[^\"]*\"", root.group(1)))
            return written[: root.start(1)] + b"".join(names) + written[root.end(1) :]
    return written
