"""Turns a snapshot into one file of RDF: N-Quads, N-Triples, TriG or Turtle.

Written from the documents, never from the store, so that literals stay as the sources wrote them. Streamed, in the
order of IRIs, tombstones left out. N-Triples and Turtle hold the default graph only, that is the public catalogue
without findings and provenance.
"""

from collections.abc import Callable, Iterator
from typing import IO, Final

from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse

from maillon.errors import OperatorError
from maillon.rdf import serialization
from maillon.store.documents import Documents
from maillon.store.snapshots import Snapshot

_N_QUADS: Final = "application/n-quads"
_TRIG: Final = "application/trig"
MEDIA_TYPES: Final = (_N_QUADS, "application/n-triples", "text/turtle", _TRIG)


def _texts(documents: Documents) -> Iterator[str]:
    for document in documents.dump():
        if document.quads:
            yield document.quads


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
                out.write(serialization.escaped(text).encode())
        else:
            wanted = _in_any_graph if media_type == _TRIG else _in_default_graph
            serialization.stream(_quads(texts, wanted), out, media_type)
    finally:
        documents.close()


def _in_default_graph(quad: Quad) -> bool:
    return quad.graph_name == DefaultGraph()


def _in_any_graph(quad: Quad) -> bool:
    return True
