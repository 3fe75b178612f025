"""Collects the lines of one entity: what is said of its subject IRI and of the blank nodes embedded in it."""

from maillon.rdf.ntriples import Written, iri, prefixed
from maillon.records import Entity


class Subject:
    """What is said of one entity, in the order in which it was added, each line once.

    Terms are written as in N-Triples (``maillon.rdf.ntriples``). Blank nodes are numbered inside the entity, so that
    equal records give equal lines.

    Attributes:
        iri: Its IRI, which must be valid: minted, or read by ``rdf.lexical``.
    """

    def __init__(self, iri_: str, *types: str) -> None:
        self.iri = iri_
        self._node = iri(iri_)
        self._lines: dict[str, None] = {}
        self._embedded = 0
        for name in types:
            self.add("rdf:type", prefixed(name))

    def add(self, predicate: str, *values: str | None, of: str = "") -> None:
        """Add one line a value; None adds nothing.

        Args:
            predicate: Prefixed name, such as ``dct:title``.
            values: The objects.
            of: The embedded node that has them, default the entity itself.
        """
        for value in values:
            if value is not None:
                self._lines[f"{of or self._node} {prefixed(predicate)} {value} ."] = None

    def embed(self, predicate: str, class_name: str, of: str = "") -> str:
        """Add a new embedded node of a class and return it."""
        self._embedded += 1
        node = f"_:n{self._embedded}"
        self.add(predicate, node, of=of)
        self.add("rdf:type", prefixed(class_name), of=node)
        return node

    def entity(self, kind: str) -> Entity:
        """Return the finished entity; ``kind`` is one of ``identifiers.KINDS``."""
        return Written(self.iri, kind, tuple(self._lines), self._embedded > 0)
