"""Builds the queries that read a catalogue out of a SPARQL endpoint, and the requests that carry them.

Turns IRIs into the texts of SPARQL 1.1 queries, and those into addresses for GET after the SPARQL 1.1 Protocol
(https://www.w3.org/TR/sparql11-protocol/), which SPARQLWrapper builds; it never sends them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from SPARQLWrapper import GET, JSON, TURTLE, SPARQLWrapper

from maillon.errors import SourceDefinitionError
from maillon.identifiers import is_absolute
from maillon.sources import Source
from maillon.vocabulary import PREFIXES

MAX_ADDRESS: Final = 6000
"""Characters of an address; Apache and nginx refuse lines of more than 8,190 by default."""

_DATASET: Final = PREFIXES["dcat"] + "Dataset"
_UNSAFE: Final = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_BLANKS: Final = """?s ?p ?o
  OPTIONAL { ?o ?p1 ?o1 FILTER(isBlank(?o))
    OPTIONAL { ?o1 ?p2 ?o2 FILTER(isBlank(?o1))
      OPTIONAL { ?o2 ?p3 ?o3 FILTER(isBlank(?o2)) } } }"""
_TRIPLES: Final = "?s ?p ?o . ?o ?p1 ?o1 . ?o1 ?p2 ?o2 . ?o2 ?p3 ?o3"
_VARIABLES: Final = "?s ?p ?o ?p1 ?o1 ?p2 ?o2 ?p3 ?o3"


@dataclass(frozen=True, slots=True)
class Scope:
    """What of an endpoint is read: instances of classes, in one named graph or in the default graph."""

    classes: tuple[str, ...]
    graph: str

    def _in_graph(self, pattern: str) -> str:
        return f"GRAPH <{self.graph}> {{ {pattern} }}" if self.graph else pattern

    def _instances(self) -> str:
        classes = " ".join(f"<{name}>" for name in self.classes)
        return f"VALUES ?c {{ {classes} }} " + self._in_graph("?d a ?c")

    def count(self) -> str:
        """Return the query for the number of instances that have an IRI (``?n``)."""
        return f"SELECT (COUNT(DISTINCT ?d) AS ?n) WHERE {{ {self._instances()} FILTER(isIRI(?d)) }}"

    def blanks(self, limit: int) -> str:
        """Return the query for instances that have no IRI (``?d``), with one of their titles (``?t``)."""
        title = self._in_graph(f"?d <{PREFIXES['dct']}title> ?title")
        return (
            f"SELECT ?d (MIN(STR(?title)) AS ?t) WHERE {{ {self._instances()} FILTER(isBlank(?d)) "
            f"OPTIONAL {{ {title} }} }} GROUP BY ?d LIMIT {limit}"
        )

    def page(self, after: str, limit: int) -> str:
        """Return the query for the next IRIs (``?d``) after one, in the order of their characters."""
        later = f' && STR(?d) > "{after}"' if after else ""
        return (
            f"SELECT DISTINCT ?d WHERE {{ {self._instances()} FILTER(isIRI(?d){later}) }} "
            f"ORDER BY STR(?d) LIMIT {limit}"
        )

    def _of(self, iris: Iterable[str]) -> str:
        return "VALUES ?s { " + " ".join(f"<{iri}>" for iri in iris) + " } " + self._in_graph(_BLANKS)

    def describe(self, iris: Iterable[str]) -> str:
        """Return the query for all triples of some subjects, with their blank nodes to depth 3."""
        return f"CONSTRUCT {{ {_TRIPLES} }} WHERE {{ {self._of(iris)} }}"

    def rows(self, iris: Iterable[str]) -> str:
        """Return the query for the number of solutions (``?n``) that ``describe`` is made of."""
        return f"SELECT (COUNT(*) AS ?n) WHERE {{ SELECT DISTINCT {_VARIABLES} WHERE {{ {self._of(iris)} }} }}"


def scope(source: Source) -> Scope:
    """Return what a source reads, from its options. Raises SourceDefinitionError for those that cannot be used."""
    options = dict(source.options)
    classes = options.pop("class", _DATASET)
    graph = options.pop("graph", "")
    if options:
        raise SourceDefinitionError(
            f"Source {source.name}: unknown options {', '.join(sorted(options))}. The kind sparql knows class, graph."
        )
    names = tuple(classes) if isinstance(classes, list | tuple) else (classes,)
    for name in (*names, *((graph,) if graph else ())):
        if not is_iri(name):
            raise SourceDefinitionError(f"Source {source.name}: options: {name!r} is no absolute IRI.")
    if not names:
        raise SourceDefinitionError(f"Source {source.name}: options: class: give at least one IRI.")
    return Scope(names, graph)


def is_iri(value: object) -> bool:
    """Tell whether a value can stand between ``<`` and ``>`` in a query without changing it."""
    return isinstance(value, str) and not _UNSAFE.search(value) and is_absolute(value)


def request(endpoint: str, query: str) -> tuple[str, str]:
    """Return the address that asks a query by GET, and the Accept header.

    Args:
        endpoint: Address of the endpoint; parameters that it has are kept.
        query: A SELECT or CONSTRUCT query.
    """
    parts = urlsplit(endpoint)
    wrapper = SPARQLWrapper(urlunsplit((*parts[:3], "", "")))
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        wrapper.addParameter(name, value)
    wrapper.setMethod(GET)
    wrapper.setOnlyConneg(True)  # else it adds four parameters of its own for the format
    wrapper.setQuery(query)
    wrapper.setReturnFormat(TURTLE if wrapper.queryType == "CONSTRUCT" else JSON)
    built = wrapper._createRequest()  # the public methods that build a request send it, too
    return str(built.full_url), str(built.get_header("Accept"))


def batches(endpoint: str, within: Scope, iris: Iterable[str], most: int) -> Iterator[list[str]]:
    """Yield the IRIs in lists whose query fits into an address; one that is too long by itself stands alone."""
    batch: list[str] = []
    for iri in iris:
        if batch and (len(batch) >= most or not fits(endpoint, within, [*batch, iri])):
            yield batch
            batch = []
        batch.append(iri)
    if batch:
        yield batch


def fits(endpoint: str, within: Scope, iris: list[str]) -> bool:
    """Tell whether the longest query about some IRIs fits into an address."""
    return len(request(endpoint, within.rows(iris))[0]) <= MAX_ADDRESS
