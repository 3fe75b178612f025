"""Turns documents and quality of a snapshot into what a remote SPARQL server is to hold: N-Triples by graph, counted.

Servers rewrite literals each in its own way ("007" and "7" become one, some lose what they cannot read), so the number
of triples to expect is a range: at most one for each line, at least one for each subject and property with typed
literals. Triples whose object is an IRI are never rewritten: their number is exact.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from maillon.publish import quality
from maillon.sparql.remote.marker import DOCUMENTS, Names
from maillon.store import published_file
from maillon.store.documents import Documents

_BATCH: Final = 500

Difference = tuple[dict[str, list[str]], dict[str, list[str]], "Content"]
"""Triples to take away and to add, by graph, and by how much the numbers change."""


@dataclass(slots=True)
class Numbers:
    """Triples of one graph: at most, at least, and with an IRI as object."""

    most: int = 0
    least: int = 0
    links: int = 0

    def add(self, other: "Numbers", sign: int = 1) -> None:
        """Add other numbers, or take them away with a sign of -1."""
        self.most += sign * other.most
        self.least += sign * other.least
        self.links += sign * other.links


@dataclass(slots=True)
class Content:
    """The numbers of every graph, by IRI; the public graph goes by the IRI that it has on the server."""

    graphs: dict[str, Numbers] = field(default_factory=dict)

    def add(self, other: "Content", sign: int = 1) -> None:
        """Add the numbers of other triples, or take them away; graphs that hold nothing any more are left out."""
        for graph, numbers in other.graphs.items():
            self.graphs.setdefault(graph, Numbers()).add(numbers, sign)
            if not self.graphs[graph].most:
                del self.graphs[graph]


def split(line: str) -> tuple[str, str]:
    """Return the triple of an N-Quads line that we wrote, without its end, and its graph; empty for the public one."""
    body = line.removesuffix(" .")
    place = body.rfind(" <") if body.endswith(">") else -1
    if place > body.rfind('"') and body.count(" ", 0, place) >= 2:  # else it is the object
        return body[:place], body[place + 2 : -1]
    return body, ""


def by_graph(lines: Iterable[str], public: str) -> dict[str, list[str]]:
    """Return the triples of N-Quads lines, by the IRI of their graph, each once."""
    found: dict[str, dict[str, None]] = {}
    for line in lines:
        triple, graph = split(line)
        found.setdefault(graph or public, {})[triple] = None
    return {graph: list(triples) for graph, triples in found.items()}


def content(graphs: dict[str, list[str]]) -> Content:
    """Return the numbers of triples that share no subject with any others."""
    return Content({graph: _numbers(triples) for graph, triples in graphs.items()})


def _numbers(triples: list[str]) -> Numbers:
    least, links = set(), 0
    for triple in triples:
        subject, predicate, term = triple.split(" ", 2)
        links += term.startswith("<")
        typed = "^^<" in term[term.rfind('"') :] if term.startswith('"') else False
        # Tags are folded to one case by some: "x"@fr-BE and "x"@fr-be may become one.
        least.add((subject, predicate, "" if typed else term if term.startswith("<") else term.lower()))
    return Numbers(len(triples), len(least), links)


def _lines(text: str) -> list[str]:
    """Cut N-Quads; not ``splitlines``, which cuts titles at U+2028 too (seen in descriptions of data.gov.be)."""
    return [line for line in text.split("\n") if line]


class Shared:
    """What every snapshot holds whatever its documents say: the labels of controlled vocabularies."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.lines = frozenset(line for text in texts for line in _lines(text))

    def own(self, text: str) -> list[str]:
        """Return the lines of N-Quads that are not shared."""
        return [line for line in _lines(text) if line not in self.lines]


def everything(folder: Path, shared: Shared, names: Names) -> Iterator[list[str]]:
    """Yield the lines of a snapshot: the shared ones, those of each document, then those about quality."""
    yield sorted(shared.lines)
    reader = Documents(folder / DOCUMENTS)
    try:
        for document in reader.dump():
            if lines := shared.own(document.quads):
                yield lines
    finally:
        reader.close()
    for measured in quality.everything(folder, names.base):
        yield [line.rstrip("\n") for line in measured]


def changed(before: Path, after: Path) -> list[str]:
    """Return the IRIs of documents that differ between two documents files, or that only one of them has."""
    same = "o.text = n.text AND o.derived = n.derived AND o.state = n.state AND o.graph = n.graph"
    query = (
        f"SELECT n.iri FROM documents n LEFT JOIN old.documents o ON o.id = n.id AND {same} WHERE o.id IS NULL "  # noqa: S608
        "UNION SELECT o.iri FROM old.documents o LEFT JOIN documents n ON n.id = o.id WHERE n.id IS NULL ORDER BY 1"
    )
    with closing(sqlite3.connect(f"{after.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("ATTACH ? AS old", (published_file.address(before),))
        return [row[0] for row in connection.execute(query)]


def differences(before: Path, after: Path, shared: Shared, names: Names) -> Iterator[Difference]:
    """Yield (triples to take away, triples to add, change of the numbers) between two snapshots, some at a time."""
    for lines in (_of_documents(before, after, shared), quality.differences(before, after, names.base)):
        for old, new in lines:
            was, now = (by_graph((line.rstrip("\n") for line in side), names.public) for side in (old, new))
            yield _less(was, now), _less(now, was), _change(was, now)


def _of_documents(before: Path, after: Path, shared: Shared) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the lines of some changed documents at a time, as they were and as they are."""
    old, new = Documents(before / DOCUMENTS), Documents(after / DOCUMENTS)
    try:
        iris = changed(before / DOCUMENTS, after / DOCUMENTS)
        for start in range(0, len(iris), _BATCH):
            batch = iris[start : start + _BATCH]
            yield (
                [line for item in old.many(batch).values() for line in shared.own(item.quads)],
                [line for item in new.many(batch).values() for line in shared.own(item.quads)],
            )
    finally:
        old.close()
        new.close()


def _less(some: dict[str, list[str]], others: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the triples that others do not have, by graph."""
    known = {graph: set(triples) for graph, triples in others.items()}
    found = {graph: [item for item in triples if item not in known.get(graph, ())] for graph, triples in some.items()}
    return {graph: triples for graph, triples in found.items() if triples}


def _change(was: dict[str, list[str]], now: dict[str, list[str]]) -> Content:
    """Return by how much the numbers of each graph change; they may be negative."""
    found = {graph: _numbers(triples) for graph, triples in now.items()}
    for graph, triples in was.items():
        found.setdefault(graph, Numbers()).add(_numbers(triples), -1)
    return Content(found)
