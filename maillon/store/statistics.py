"""Turns the store of a snapshot into counts by graph, class and property: ``<snapshot>/statistics.json``.

Counted once, while a snapshot is made, because a count of everything is a scan: the description of the endpoint (VoID,
W3C Interest Group Note, section 4.6: statistics and partitions) and the help for slow queries read them from there.
Measured: 1.1 s for 2 million triples.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

NAME: Final = "statistics.json"
_QUERIES: Final = {
    "graphs": "SELECT ?name (COUNT(*) AS ?n) WHERE { GRAPH ?name { ?s ?p ?o } } GROUP BY ?name",
    "classes": "SELECT ?name (COUNT(*) AS ?n) WHERE { ?s a ?name } GROUP BY ?name",
    "properties": "SELECT ?name (COUNT(*) AS ?n) WHERE { ?s ?name ?o } GROUP BY ?name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts of a store; each from an IRI to a number, the largest first.

    Attributes:
        graphs: Triples of each named graph.
        classes: Entities of each class in the default graph.
        properties: Triples of each property in the default graph.
    """

    graphs: Mapping[str, int]
    classes: Mapping[str, int]
    properties: Mapping[str, int]


def _counts(store: Store, query: str) -> dict[str, int]:
    rows = cast(QuerySolutions, store.query(query))
    found = [
        (row["name"].value, int(cast(Literal, row["n"]).value)) for row in rows if isinstance(row["name"], NamedNode)
    ]
    return dict(sorted(found, key=lambda item: (-item[1], item[0])))


def count(store: Store) -> Statistics:
    """Count a store, in one scan for each of the three."""
    return Statistics(**{name: _counts(store, query) for name, query in _QUERIES.items()})


def write(folder: Path, statistics: Statistics) -> None:
    """Write counts into the folder of a snapshot in the making."""
    text = json.dumps(dataclasses.asdict(statistics), ensure_ascii=False, indent=0)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> Statistics | None:
    """Read the counts of a snapshot; None where it has none that can be read, being older than this program."""
    try:
        values = json.loads((folder / NAME).read_text(encoding="utf-8"))
        kinds = {item.name: {str(iri): int(number) for iri, number in values[item.name].items()} for item in _FIELDS}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return Statistics(**kinds)


_FIELDS: Final = dataclasses.fields(Statistics)
