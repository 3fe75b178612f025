"""Turns the store of a snapshot into counts by graph, class, property and code: ``<snapshot>/statistics.json``.

Counted once, while a snapshot is made, because a count of everything is a scan: the description of the endpoint (VoID,
W3C Interest Group Note, section 4.6: statistics and partitions), the help for slow queries and queries that only count
(``maillon.sparql.counting`` and ``grouping``) read them from there.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from maillon.vocabulary import term

NAME: Final = "statistics.json"
_QUERIES: Final = {
    "graphs": "SELECT ?name (COUNT(*) AS ?n) WHERE { GRAPH ?name { ?s ?p ?o } } GROUP BY ?name",
    "classes": "SELECT ?name (COUNT(*) AS ?n) WHERE { ?s a ?name } GROUP BY ?name",
    "properties": "SELECT ?name (COUNT(*) AS ?n) WHERE { ?s ?name ?o } GROUP BY ?name",
}
CODES: Final = tuple(
    term(name).value
    for name in (
        "dcat:theme", "dcat:mediaType", "dcatap:applicableLegislation", "dcatap:availability", "dcatap:hvdCategory",
        "dct:accessRights", "dct:accrualPeriodicity", "dct:conformsTo", "dct:creator", "dct:format", "dct:language",
        "dct:license", "dct:publisher", "dct:spatial", "dct:type",
    )
)  # fmt: skip
"""Properties whose values catalogues are divided by, most of them codes of a list (DCAT-AP 3.0.1)."""
CLASSES: Final = tuple(term(name).value for name in ("dcat:Dataset", "dcat:DataService", "dcat:Distribution"))
"""Classes in which they are counted, beside all entities."""
_MOST_VALUES: Final = 1_000
"""Values of a property in a class up to which each is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts of a store; each from an IRI to a number, the largest first.

    Attributes:
        graphs: Triples of each named graph.
        classes: Entities of each class in the default graph.
        properties: Triples of each property in the default graph.
        codes: Triples of each value of the properties CODES in the default graph, by ``code_key``; only where all
            values are IRIs, and not too many.
    """

    graphs: Mapping[str, int]
    classes: Mapping[str, int]
    properties: Mapping[str, int]
    codes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def code_key(kind: str, relation: str) -> str:
    """Return the key of the values of a property in a class, both as IRIs; the class is empty for all entities."""
    return f"{kind} {relation}"


def _counts(store: Store, query: str) -> dict[str, int]:
    rows = cast(QuerySolutions, store.query(query))
    found = [
        (row["name"].value, int(cast(Literal, row["n"]).value)) for row in rows if isinstance(row["name"], NamedNode)
    ]
    return _largest_first(dict(found))


def _largest_first(numbers: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(numbers.items(), key=lambda item: (-item[1], item[0])))


def _values(store: Store, relation: str, kind: str = "") -> dict[str, int]:
    """Count the values of a property, of all entities or of a class; nothing where one is no IRI, or for too many."""
    typed = f"?s a <{kind}> ." if kind else ""
    query = f"SELECT ?name (COUNT(*) AS ?n) WHERE {{ {typed} ?s <{relation}> ?name }} GROUP BY ?name"
    rows = list(cast(QuerySolutions, store.query(query)))
    if len(rows) > _MOST_VALUES or not all(isinstance(row["name"], NamedNode) for row in rows):
        return {}
    return _largest_first({row["name"].value: int(cast(Literal, row["n"]).value) for row in rows})


def _codes(store: Store) -> dict[str, dict[str, int]]:
    """Count the values of the CODES, of all entities and of those of each of the CLASSES."""
    found = {code_key("", relation): _values(store, relation) for relation in CODES}
    for relation in CODES:
        if found[code_key("", relation)]:
            found |= {code_key(kind, relation): _values(store, relation, kind) for kind in CLASSES}
    return {key: numbers for key, numbers in found.items() if numbers}


def count(store: Store) -> Statistics:
    """Count a store, in one scan for each of graphs, classes and properties, and four of each of the CODES."""
    return Statistics(**{name: _counts(store, query) for name, query in _QUERIES.items()}, codes=_codes(store))


def write(folder: Path, statistics: Statistics) -> None:
    """Write counts into the folder of a snapshot in the making."""
    text = json.dumps(dataclasses.asdict(statistics), ensure_ascii=False, indent=0)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> Statistics | None:
    """Read the counts of a snapshot; None where it has none that can be read, being older than this program."""
    try:
        values = json.loads((folder / NAME).read_text(encoding="utf-8"))
        counts = {name: _numbers(values[name]) for name in _QUERIES}
        codes = {str(key): _numbers(found) for key, found in values.get("codes", {}).items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return Statistics(**counts, codes=codes)


def _numbers(values: Mapping[str, object]) -> dict[str, int]:
    return {str(iri): int(cast(int, number)) for iri, number in values.items()}
