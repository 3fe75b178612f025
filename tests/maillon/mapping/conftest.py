"""Fixtures of the mapping tests: a source, and a way to ask an entity for the values of a property."""

from collections.abc import Callable

import pytest
from pyoxigraph import BlankNode, NamedNode

from maillon.records import Entity, Node
from maillon.sources import Source
from maillon.vocabulary import term

Ask = Callable[..., list[str]]


@pytest.fixture
def base() -> str:
    return "https://data.example.org/"


@pytest.fixture
def source() -> Source:
    return Source(name="ville", kind="ckan", url="/nowhere", language="fr", publisher="Ville de Test")


@pytest.fixture
def ask() -> Ask:
    """Return the values at the end of a path of prefixed names, in N-Triples syntax, sorted."""

    def values(entity: Entity, *path: str) -> list[str]:
        nodes: list[Node] = [NamedNode(entity.iri)]
        found: list[object] = []
        for name in path:
            found = [
                triple.object for node in nodes for triple in entity.triples
                if triple.subject == node and triple.predicate == term(name)
            ]  # fmt: skip
            nodes = [value for value in found if isinstance(value, NamedNode | BlankNode)]
        return sorted(str(value) for value in found)

    return values
