"""What the value of a property says, whichever way its source wrote it: a literal, a labelled node or an IRI.

A node that only has a label says no more than the text of it; a node that says more is left alone, because putting a
code in its place would lose the rest.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon import paths
from maillon.repair.rule import Change, Triples
from maillon.vocabulary import TYPE, term

LABELS: Final = frozenset(
    {term(name) for name in ("rdfs:label", "skos:prefLabel", "rdf:value", "dct:title", "skos:notation")}
    | {term("rdfs:value"), term("dct:identifier"), term("schema:name"), term("foaf:name")}
)
"""By what sources name the nodes that they embed; ``rdfs:value`` does not exist, and is met."""

Object = NamedNode | BlankNode | Literal


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a property.

    Attributes:
        triple: Its triple.
        texts: What it says, as often as it says it; empty where it says more than a text.
        iri: The IRI, empty for a literal or an embedded node.
        parts: Triples of the embedded node, which go with it.
    """

    triple: Triple
    texts: tuple[str, ...]
    iri: str = ""
    parts: tuple[Triple, ...] = ()


def read(triples: Triples, triple: Triple) -> Value:
    """Return what the object of a triple says."""
    value = triple.object
    if isinstance(value, NamedNode):
        return Value(triple, (value.value,), value.value)
    if isinstance(value, Literal):
        return Value(triple, (value.value,))
    parts = triples.about(value) if isinstance(value, BlankNode) else ()
    labels = [part for part in parts if part.predicate in LABELS]
    plain = all(part.predicate in LABELS or part.predicate == TYPE for part in parts)
    texts = [part.object.value for part in labels if isinstance(part.object, Literal | NamedNode)]
    return Value(triple, tuple(texts) if plain else (), "", parts)


def swap(value: Value, *replacements: Triple) -> Change:
    """Return the change that puts triples in the place of a value."""
    return Change((value.triple, *value.parts), replacements)


def recode(
    triples: Triples, predicate: NamedNode, concept: Callable[[str], str | None], to: NamedNode | None = None
) -> Iterator[Change]:
    """Yield the changes that turn the values of a property into concepts.

    Args:
        triples: The entity.
        predicate: The property.
        concept: Gives the IRI of the concept that a text or an IRI means, None where it is none for certain. A node
            whose labels mean two concepts is left alone.
        to: The property to write instead, the same by default.
    """
    for triple in triples.having(predicate):
        value = read(triples, triple)
        found = {concept(text) for text in value.texts} - {None}
        if len(found) == 1 and (to or value.iri not in found):
            yield swap(value, Triple(triple.subject, to or predicate, NamedNode(str(found.pop()))))


def first(found: Iterable[str | None]) -> str | None:
    """Return the first that is known."""
    return next((item for item in found if item), None)


@cache
def table(name: str) -> Mapping[str, Any]:
    """Return a table of facts, ``ontology/mappings/<name>.toml``, read once."""
    return tomllib.loads((paths.ONTOLOGY / "mappings" / f"{name}.toml").read_text(encoding="utf-8"))
