"""Versions made from Turtle, for the tests of validation."""

import hashlib
from collections.abc import Callable

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from maillon.records import Version

PREFIXES = """
@prefix : <https://data.example/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
"""


def version_of(text: str, iri: str) -> Version:
    return Version(iri, "resource", hashlib.sha256(text.encode()).hexdigest(), text)


def from_turtle(turtle: str) -> Version:
    triples = [quad.triple for quad in parse(PREFIXES + turtle, RdfFormat.TURTLE)]
    subject = next(triple.subject for triple in triples if isinstance(triple.subject, NamedNode))
    return version_of("".join(sorted(f"{triple} .\n" for triple in triples)), subject.value)


@pytest.fixture(name="version")
def _version() -> Callable[[str], Version]:
    return from_turtle


@pytest.fixture(name="raw")
def _raw() -> Callable[[str, str], Version]:
    return version_of
