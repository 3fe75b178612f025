"""Keeps the order in which a document writes titles and descriptions, which an RDF graph does not have.

Portals that split a text at its commas write the pieces one after the other (490 datasets of data.gov.be); only by that
order can ``maillon.repair`` join them again. Nothing else may depend on it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, Quad, Triple

from maillon.vocabulary import DESCRIPTION, TITLE

_ORDERED: Final = frozenset({TITLE, DESCRIPTION})


class TextOrder:
    """The places of titles and descriptions in the documents read so far; about 100 octets of memory for each."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}

    def watch(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """Yield quads as they come, which must be in the order of their document, and note the first place of each."""
        places = self._places
        for quad in quads:
            if quad.predicate in _ORDERED and isinstance(quad.object, Literal):
                places.setdefault(_key(quad), len(places) + 1)
            yield quad

    def note(self, quads: Iterable[Quad]) -> None:
        """Note the places of the texts of a document."""
        for _quad in self.watch(quads):
            pass

    def sorted(self, triples: Iterable[Triple]) -> tuple[Triple, ...]:
        """Return triples with titles and descriptions last, in the order of their documents."""
        texts: list[Triple] = []
        others: list[Triple] = []
        for triple in triples:
            (texts if triple.predicate in _ORDERED else others).append(triple)
        places = self._places
        return (*others, *sorted(texts, key=lambda triple: (places.get(_key(triple), 0), str(triple.object))))


def _key(said: Quad | Triple) -> int:
    return hash((said.subject, said.predicate, said.object))
