"""An entity's canonical text and hash."""

import hashlib
import time
from itertools import pairwise

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.errors import RecordRejected
from maillon.rdf import canonical, poison
from maillon.records import Entity

BASE = "https://catalogue.example/"
S = NamedNode("https://x.example/s")
P = NamedNode("https://x.example/p")


def entity(*triples: Triple) -> Entity:
    return Entity(S.value, "dataset", triples)


def clique(size: int) -> list[Triple]:
    nodes = [BlankNode() for _ in range(size)]
    return [Triple(a, P, b) for a in nodes for b in nodes if a != b] + [Triple(S, P, node) for node in nodes]


def test_lines_are_sorted_unique_and_hashed() -> None:
    triples = (Triple(S, P, Literal("\u00e9")), Triple(S, P, Literal("b")), Triple(S, P, Literal("b")))
    version = canonical.version(entity(*triples), BASE)
    assert version.text == (
        '<https://x.example/s> <https://x.example/p> "b" .\n<https://x.example/s> <https://x.example/p> "\u00e9" .\n'
    )
    assert version.hash == hashlib.sha256(version.text.encode()).hexdigest()
    assert (version.iri, version.kind) == (S.value, "dataset")


def test_literals_keep_the_form_they_were_sent_in() -> None:
    integer = NamedNode("http://www.w3.org/2001/XMLSchema#nonNegativeInteger")
    literals = [
        Literal("007", datatype=integer),
        Literal("1.50"),
        Literal("a\u2028b\x85c\nd\\"),
        Literal("x", language="fr-be"),
    ]
    version = canonical.version(entity(*(Triple(S, P, literal) for literal in literals)), BASE)
    assert {triple.object for triple in canonical.triples(version.text)} == set(literals)


def test_blank_nodes_become_skolem_iris_of_the_entity() -> None:
    node = BlankNode()
    version = canonical.version(entity(Triple(S, P, node), Triple(node, P, Literal("x"))), BASE)
    assert "_:" not in version.text
    assert version.text.count(BASE + ".well-known/genid/") == 2
    other = Entity("https://x.example/t", "dataset", (Triple(S, P, node), Triple(node, P, Literal("x"))))
    assert canonical.version(other, BASE).hash != version.hash


def test_an_entity_without_triples_has_the_empty_text() -> None:
    assert canonical.version(entity(), BASE).text == ""
    assert canonical.triples("") == []


@pytest.mark.parametrize("size", [8, 12, 60])
def test_a_poison_graph_is_rejected_within_a_second(size: int) -> None:
    poisoned = entity(*clique(size))
    began = time.perf_counter()
    with pytest.raises(RecordRejected, match="no canonical form"):
        canonical.version(poisoned, BASE)
    assert time.perf_counter() - began < 1


def test_other_poisons_are_rejected_too() -> None:
    stars = [
        triple
        for _ in range(20)
        for centre in [BlankNode()]
        for triple in [Triple(S, P, centre), *(Triple(centre, P, BlankNode()) for _ in range(9))]
    ]
    nodes = [BlankNode() for _ in range(1000)]
    chain = [Triple(a, P, b) for a, b in pairwise(nodes)]
    ring = [*chain, Triple(nodes[-1], P, nodes[0])]
    for triples in (stars, chain, ring):
        began = time.perf_counter()
        assert poison.is_poisonous(triples)
        assert time.perf_counter() - began < 1


def test_many_harmless_blank_nodes_are_no_poison() -> None:
    alike = [Triple(S, P, BlankNode()) for _ in range(2000)]
    pairs = [
        triple
        for node in (BlankNode() for _ in range(500))
        for triple in (Triple(S, P, node), Triple(node, P, BlankNode()))
    ]
    nodes = [BlankNode() for _ in range(500)]
    items = [Triple(node, P, Literal(str(number))) for number, node in enumerate(nodes)]
    listed = [Triple(a, P, b) for a, b in pairwise(nodes)] + items
    for triples in (alike, pairs, listed, clique(5)):
        assert canonical.version(entity(*triples), BASE).text


def test_a_blank_node_in_a_triple_term_is_rejected() -> None:
    term = Triple(S, P, BlankNode())
    with pytest.raises(RecordRejected, match="triple term"):
        canonical.version(entity(Triple(S, P, term)), BASE)
    assert canonical.version(entity(Triple(S, P, Triple(S, P, S))), BASE).text
