"""What a document says, by subject and property.

Turns the canonical N-Triples of a document (``store.documents``) into look-ups. Embedded nodes, which bear skolem IRIs
by then, are subjects of the same document.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from maillon.rdf import canonical
from maillon.vocabulary import PREFIXES, TYPE


class Description:
    """The triples about one subject and its embedded nodes.

    Attributes:
        iri: The subject.
    """

    def __init__(self, iri: str, triples: Iterable[Triple]) -> None:
        self.iri = iri
        self._index: dict[str, dict[str, list[NamedNode | Literal]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
                self._index[triple.subject.value][triple.predicate.value].append(triple.object)

    def about(self, iri: str) -> "Description":
        """Return the same triples seen from an embedded node."""
        other = Description(iri, ())
        other._index = self._index
        return other

    def values(self, predicate: NamedNode) -> list[NamedNode | Literal]:
        """Return all objects of a property."""
        return self._index.get(self.iri, {}).get(predicate.value, [])

    def texts(self, *predicates: NamedNode) -> list[tuple[str, str]]:
        """Return pairs of language tag (may be empty) and text of the first property that has any."""
        for predicate in predicates:
            found = [(item.language or "", item.value) for item in self.values(predicate) if isinstance(item, Literal)]
            if found:
                return found
        return []

    def strings(self, *predicates: NamedNode) -> list[str]:
        """Return the lexical forms and IRIs of the objects of several properties, each once."""
        return list(dict.fromkeys(item.value for predicate in predicates for item in self.values(predicate)))

    def string(self, *predicates: NamedNode) -> str:
        """Return the first of ``strings``, empty where there is none."""
        return next(iter(self.strings(*predicates)), "")

    def iris(self, *predicates: NamedNode) -> list[str]:
        """Return the IRIs among the objects of several properties, each once."""
        found = (item for predicate in predicates for item in self.values(predicate))
        return list(dict.fromkeys(item.value for item in found if isinstance(item, NamedNode)))

    def types(self) -> list[str]:
        """Return the classes of the subject."""
        return self.iris(TYPE)

    def is_embedded(self, iri: str) -> bool:
        """Tell whether an IRI is another subject of this document."""
        return iri != self.iri and iri in self._index

    def subjects(self) -> list[str]:
        """Return all subjects: the entity itself, then its embedded nodes."""
        return [self.iri, *(subject for subject in self._index if subject != self.iri)]

    def properties(self) -> Iterator[tuple[str, list[NamedNode | Literal]]]:
        """Yield each property (an IRI) of the subject with its objects, classes first."""
        own = self._index.get(self.iri, {})
        for predicate in sorted(own, key=lambda item: (item != TYPE.value, compact(item))):
            yield predicate, own[predicate]


def read(iri: str, text: str) -> Description:
    """Return what a document's canonical text says about its subject."""
    return Description(iri, canonical.triples(text))


def compact(iri: str) -> str:
    """Return an IRI with a prefix where one is known (``dct:title``), else as it is."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and local and not set(local) & set("/#?"):
            return f"{prefix}:{local}"
    return iri
