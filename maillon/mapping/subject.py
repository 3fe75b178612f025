"""Collects the triples of one entity: its subject IRI and the blank nodes embedded in it."""

from functools import cache

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.records import Entity, Node
from maillon.vocabulary import TYPE, term

Value = NamedNode | BlankNode | Literal

_term = cache(term)


class Subject:
    """The triples of one entity, in the order they were added, each once.

    Blank nodes are numbered inside the entity, so that equal records give equal triples.
    """

    def __init__(self, iri: str, *types: str) -> None:
        self.node = NamedNode(iri)
        self._triples: dict[Triple, None] = {}
        self._embedded = 0
        for name in types:
            self.add("rdf:type", _term(name))

    def add(self, predicate: str, *values: Value | None, of: Node | None = None) -> None:
        """Add one triple a value; None adds nothing.

        Args:
            predicate: Prefixed name, such as ``dct:title``.
            values: The objects.
            of: The embedded node that has them, default the entity itself.
        """
        for value in values:
            if value is not None:
                self._triples[Triple(of or self.node, _term(predicate), value)] = None

    def embed(self, predicate: str, class_name: str, of: Node | None = None) -> BlankNode:
        """Add a new embedded node of a class and return it."""
        self._embedded += 1
        node = BlankNode(f"n{self._embedded}")
        self.add(predicate, node, of=of)
        self._triples[Triple(node, TYPE, _term(class_name))] = None
        return node

    def entity(self, kind: str) -> Entity:
        """Return the finished entity; ``kind`` is one of ``identifiers.KINDS``."""
        return Entity(self.node.value, kind, tuple(self._triples))
