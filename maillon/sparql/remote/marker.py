"""What a side of the remote server holds: the mark that a finished load leaves, and how it is read.

The mark is a graph of its own, ``<base>graph/publication``: one dct:identifier, the mark of the snapshot whose content
is whole, and a dct:hasPart for each named graph that may hold anything of ours. A load takes the identifier away before
it changes anything and puts it back as its last step, so a reader that finds the same mark before and after its answer
has read one snapshot and nothing else.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from maillon.errors import SnapshotError
from maillon.sparql.remote.http import Server, ServerFailed, Side
from maillon.store.snapshots import Manifest
from maillon.vocabulary import term

JSON: Final = "application/sparql-results+json"
FILE: Final = "remote.json"
"""File of a snapshot that lists its graphs, in the place of its store."""
DOCUMENTS: Final = "documents.sqlite"
QUALITY: Final = "quality.sqlite"
_IDENTIFIER: Final = term("dct:identifier")
_PART: Final = term("dct:hasPart")
_MOST: Final = 10_000_000
_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Names:
    """IRIs of the graphs that are ours, under the setting ``base_iri``."""

    base: str

    @property
    def public(self) -> str:
        """Graph that holds the public graph, asked as the default graph: many servers have none of their own."""
        return f"{self.base}graph/public"

    @property
    def mark(self) -> str:
        """Graph of the mark."""
        return f"{self.base}graph/publication"


@dataclass(frozen=True, slots=True)
class Held:
    """What a side holds.

    Attributes:
        mark: Mark of the snapshot; empty where a load did not end.
        graphs: IRIs of the graphs that may hold anything of ours.
        software: What the server calls itself.
    """

    mark: str
    graphs: tuple[str, ...]
    software: str


def mark(manifest: Manifest) -> str:
    """Return the mark of a snapshot: another one for any other content."""
    sums = [manifest.files[name].sha256 for name in (DOCUMENTS, QUALITY) if name in manifest.files]
    return mark_of(sums, manifest.build)


def mark_of(sums: Iterable[str], build: str) -> str:
    """Return the mark for the SHA-256 of the files that a snapshot is sent from, and its build."""
    return hashlib.sha256(" ".join([*sums, build]).encode()).hexdigest()


def graphs(folder: Path) -> dict[str, Any]:
    """Return what the file of a snapshot says of each of its graphs, by IRI.

    Raises:
        SnapshotError: The snapshot was made for another kind of store.
    """
    try:
        found: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))["graphs"]
    except (OSError, ValueError, KeyError) as error:
        raise SnapshotError(
            f"Snapshot {folder.name} was not made for a SPARQL server (no {FILE}): run `maillon publish --rebuild`."
        ) from error
    return found


def rows(server: Server, side: Side, query: str, seconds: float) -> tuple[list[Any], str]:
    """Return the solutions of a query of our own, few of them, and what the server calls itself.

    Raises:
        ServerFailed: There is no answer, or one that is not SPARQL 1.1 Query Results JSON.
    """
    with server.query(side, [("query", query)], JSON, seconds) as exchange:
        body = b""
        while (part := exchange.read()) and len(body) < _MOST:
            body += part
    if "x-sql-state" in exchange.headers:
        raise ServerFailed(f"{side.query_url} gave a part of an answer: its time is used up.", 200, late=True)
    try:
        found = parse_query_results(body, QueryResultsFormat.JSON)
        return (list(found) if isinstance(found, QuerySolutions) else []), exchange.software
    except (SyntaxError, ValueError) as error:
        raise ServerFailed(
            f"{side.query_url} answered with something that is no SPARQL result ({error}): check the address.", 200
        ) from error


def held(server: Server, side: Side, names: Names, seconds: float = _SECONDS) -> Held:
    """Return what a side holds. Raises ServerFailed."""
    query = f"SELECT ?p ?o WHERE {{ GRAPH <{names.mark}> {{ <{names.mark}> ?p ?o }} }}"
    found, software = rows(server, side, query, seconds)
    marks = [row["o"].value for row in found if row["p"] == _IDENTIFIER]
    parts = sorted(row["o"].value for row in found if row["p"] == _PART and isinstance(row["o"], NamedNode))
    return Held(marks[0] if len(marks) == 1 else "", tuple(parts), software)


def triples(names: Names, value: str, parts: Iterable[str]) -> bytes:
    """Return the content of the graph of the mark as N-Triples; an empty mark says that a load is under way."""
    lines = [f"<{names.mark}> {_PART} <{part}> .\n" for part in sorted(set(parts))]
    if value:
        lines.append(f'<{names.mark}> {_IDENTIFIER} "{value}" .\n')
    return "".join(lines).encode()
