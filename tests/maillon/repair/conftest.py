"""Reads entities from Turtle and compares them whatever their blank nodes are called."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Store, Triple, parse

from maillon.records import Entity
from maillon.repair import Context
from maillon.sources import Source
from maillon.vocabulary import PREFIXES

_PREFIXES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())


def _entity(turtle: str, kind: str = "dataset") -> Entity:
    quads = parse((_PREFIXES + turtle).encode(), RdfFormat.TURTLE, lenient=True)
    return Entity("urn:example", kind, tuple(quad.triple for quad in quads))


def _context(**keys: Any) -> Context:
    return Context(
        source=Source(**{"name": "exemple", "kind": "dcat", "url": "https://example.org/", **keys}), base="b:"
    )


def _same(triples: Iterable[Triple]) -> list[str]:
    # Through a store, because SPARQL Update rewrites numbers and dates as the store does.
    store = Store()
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    dataset = Dataset(list(store))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


@pytest.fixture(scope="session")
def entity_of() -> Callable[..., Entity]:
    """Return a function that reads the entity ``<urn:example>`` from Turtle with the usual prefixes."""
    return _entity


@pytest.fixture(scope="session")
def context_of() -> Callable[..., Context]:
    """Return a function that makes a context of keys of a source's TOML."""
    return _context


@pytest.fixture(scope="session")
def canonical() -> Callable[[Iterable[Triple]], list[str]]:
    """Return a function that writes triples so that equal graphs give equal lists."""
    return _same
