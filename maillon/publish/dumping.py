"""Turns a snapshot into one file of RDF: N-Quads, N-Triples, TriG or Turtle.

Written from the documents, never from the store, so that literals stay as the sources wrote them. Streamed, in the
order of IRIs, tombstones left out. N-Triples and Turtle hold the default graph only, that is the public catalogue
without findings and provenance.
"""

from collections.abc import Callable, Iterator
from typing import IO, Final

from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse, serialize

from maillon.errors import OperatorError
from maillon.store.documents import PUBLISHED, Documents
from maillon.store.snapshots import Snapshot
from maillon.vocabulary import PREFIXES

_N_QUADS: Final = "application/n-quads"
_N_TRIPLES: Final = "application/n-triples"
_STREAMED: Final = {"text/turtle": RdfFormat.TURTLE, "application/trig": RdfFormat.TRIG}
MEDIA_TYPES: Final = (_N_QUADS, _N_TRIPLES, *_STREAMED)


def _texts(documents: Documents) -> Iterator[str]:
    for document in documents.dump():
        if document.state in PUBLISHED:
            yield document.text + document.derived


def _quads(texts: Iterator[str], wanted: Callable[[Quad], bool]) -> Iterator[Quad]:
    for text in texts:
        yield from filter(wanted, parse(text.encode(), RdfFormat.N_QUADS))


def dump(snapshot: Snapshot, out: IO[bytes], media_type: str = _N_QUADS) -> None:
    """Write everything that a snapshot publishes, the labels of controlled vocabularies left out.

    Raises:
        OperatorError: The media type is none of MEDIA_TYPES.
    """
    if media_type not in MEDIA_TYPES:
        raise OperatorError(f"A dump cannot be written as {media_type!r}: use one of {', '.join(MEDIA_TYPES)}.")
    documents = Documents(snapshot.documents)
    try:
        texts = _texts(documents)
        if media_type == _N_QUADS:
            for text in texts:
                out.write(text.encode())
        elif media_type == _N_TRIPLES:
            for quad in _quads(texts, _in_default_graph):
                out.write(f"{quad.triple} .\n".encode())
        else:
            wanted = _in_default_graph if media_type == "text/turtle" else _in_any_graph
            serialize(_quads(texts, wanted), out, _STREAMED[media_type], prefixes=PREFIXES)
    finally:
        documents.close()


def _in_default_graph(quad: Quad) -> bool:
    return quad.graph_name == DefaultGraph()


def _in_any_graph(quad: Quad) -> bool:
    return True
