"""Turns an entity into its canonical text and hash: the identity of what it says.

Blank nodes are labelled by `RDFC-1.0 <https://www.w3.org/TR/rdf-canon/>`_ and become skolem IRIs of the entity
(`RDF 1.1, section 3.5 <https://www.w3.org/TR/rdf11-concepts/#section-skolemization>`_); then the lines of canonical
N-Triples are sorted by code point. Same content, in any order and under any labels, gives the same text.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, TypeVar

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from maillon import identifiers
from maillon.errors import RecordRejected
from maillon.rdf import poison
from maillon.records import Entity, Version

_LABEL: Final = "c14n"
_Any = TypeVar("_Any")


def version(entity: Entity, base: str) -> Version:
    """Return the canonical version of an entity.

    Args:
        entity: The entity; its triples may hold blank nodes.
        base: The setting ``base_iri``, under which skolem IRIs stand.

    Raises:
        RecordRejected: Its blank nodes are so alike that a canonical form would take too long, or it has none.
    """
    if any(isinstance(triple.object, Triple) and "_:" in str(triple.object) for triple in entity.triples):
        raise RecordRejected(entity.iri, "blank node in a triple term", "RDF 1.2 triple terms need IRIs")
    plain: list[Triple] = []
    blank: list[Triple] = []
    for triple in entity.triples:
        embedded = isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)
        (blank if embedded else plain).append(triple)
    triples = [*plain, *_skolemised(blank, entity.iri, base)] if blank else plain
    written = (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()
    lines = sorted(set(written.split("\n")) - {""})
    text = "".join(f"{line}\n" for line in lines)
    return Version(entity.iri, entity.kind, hashlib.sha256(text.encode()).hexdigest(), text)


def triples(text: str) -> list[Triple]:
    """Read ``Version.text`` back. Raises SyntaxError for a text that was not made by ``version``."""
    return [quad.triple for quad in parse(text.encode(), RdfFormat.N_TRIPLES)]


def _skolemised(blank: Sequence[Triple], iri: str, base: str) -> list[Triple]:
    """Name the blank nodes; only triples that hold one have a say in their canonical labels."""
    if poison.is_poisonous(blank):
        raise RecordRejected(iri, "no canonical form", "too many blank nodes that cannot be told apart")
    dataset = Dataset(Quad(triple.subject, triple.predicate, triple.object) for triple in blank)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    known: dict[BlankNode, NamedNode] = {}

    def named(term: _Any) -> _Any | NamedNode:
        if not isinstance(term, BlankNode):
            return term
        if term not in known:
            known[term] = NamedNode(identifiers.skolem(base, iri, term.value.removeprefix(_LABEL)))
        return known[term]

    return [Triple(named(quad.subject), quad.predicate, named(quad.object)) for quad in dataset]
