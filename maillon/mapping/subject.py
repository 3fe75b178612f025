"""Collects the lines of one entity: what is said of its subject IRI and of the blank nodes embedded in it."""

from maillon.rdf.ntriples import PREDICATES, Written, iri, prefixed
from maillon.records import Entity


class Subject:
    """What is said of one entity, in the order in which it was added, each line once.

    Terms are written as in N-Triples (``maillon.rdf.ntriples``). Blank nodes are numbered inside the entity, so that
    equal records give equal lines.

    Attributes:
        iri: Its IRI, which must be valid: minted, or read by ``rdf.lexical``.
    """

    __slots__ = ("_embedded", "_lines", "_node", "iri")

    def __init__(self, iri_: str, *types: str) -> None:
        self.iri = iri_
        self._node = iri(iri_)
        self._lines: dict[str, None] = {}
        self._embedded = 0
        for name in types:
            self.add("rdf:type", prefixed(name))

    def add(self, predicate: str, value: str | None = None, *more: str | None, of: str = "") -> None:
        """Add one line a value; None adds nothing.

        Args:
            predicate: Prefixed name, such as ``dct:title``.
            value: The object.
            more: Other objects. One value in a parameter of its own spares a tuple and a loop.
            of: The embedded node that has them, default the entity itself.
        """
        if value is not None:
            self._lines[f"{of or self._node}{PREDICATES[predicate]}{value} ."] = None
        for other in more:
            self.add(predicate, other, of=of)

    def embed(self, predicate: str, class_name: str, of: str = "") -> str:
        """Add a new embedded node of a class and return it."""
        self._embedded += 1
        node = f"_:n{self._embedded}"
        self._lines[f"{of or self._node}{PREDICATES[predicate]}{node} ."] = None
        self._lines[f"{node}{PREDICATES['rdf:type']}{prefixed(class_name)} ."] = None
        return node

    def entity(self, kind: str) -> Entity:
        """Return the finished entity; ``kind`` is one of ``identifiers.KINDS``."""
        return Written(self.iri, kind, tuple(self._lines), self._embedded > 0)
