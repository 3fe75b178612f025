"""Turns the manifests of the W3C's SHACL test suite into tests, and plays one: what comes out against what must.

https://w3c.github.io/data-shapes/data-shapes-test-suite/ . Data and shapes are written anew as N-Triples, which loses
nothing, because that is what an engine of ours reads.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Triple, parse

from maillon.errors import MaillonError
from maillon.validation import reports
from maillon.validation.engine import SHACL, Engine, Result

SUITE: Final = Path(__file__).resolve().parents[3] / "shared" / "standards" / "w3c-shacl-tests"
ADDRESS: Final = "http://datashapes.org/sh/tests/"
MF: Final = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT: Final = "http://www.w3.org/ns/shacl-test#"

Row = tuple[str, str, str, str, str, str]
"""Focus, path, value, severity, component and source shape of a result; a blank node is ``_:``."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test.

    Attributes:
        name: Path of its file below the suite, without its ending.
        data: The data graph as N-Triples.
        shapes: The shapes graph as N-Triples.
        expected: The results of the report that must come out; None where validation must fail.
    """

    name: str
    data: str
    shapes: str
    expected: Counter[Row] | None


@cache
def _triples(path: Path) -> list[Triple]:
    base = ADDRESS + path.relative_to(SUITE).as_posix()
    return [quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE, base_iri=base)]


def _text(path: Path) -> str:
    return "".join(f"{triple} .\n" for triple in _triples(path))


def _path(node: str) -> Path:
    return SUITE / node.strip("<>").removeprefix(ADDRESS)


def _files(manifest: Path) -> Iterator[Path]:
    """Yield the manifests that have entries, with all that they include."""
    triples = _triples(manifest)
    if any(triple.predicate.value == MF + "entries" for triple in triples):
        yield manifest
    for triple in triples:
        if triple.predicate.value == MF + "include":
            yield from _files(_path(str(triple.object)))


def _blind(term: str) -> str:
    return "_:" if term.startswith("_:") else term


def row(result: Result) -> Row:
    """Return what is compared of a result."""
    focus, value, shape = (_blind(term) for term in (result.focus, result.value, result.shape))
    return focus, result.path, value, result.severity, result.component, shape


def _case(path: Path) -> Case:
    triples = _triples(path)
    graph = reports.index(triples)

    def one(node: str, name: str) -> str:
        return str(graph[node][name][0])

    (test,) = (node for node, parts in graph.items() if MF + "action" in parts)
    action, result = one(test, MF + "action"), one(test, MF + "result")
    data, shapes = (_text(_path(one(action, SHT + name))) for name in ("dataGraph", "shapesGraph"))
    expected = None
    if result != f"<{SHT}Failure>":
        expected = Counter(row(item) for item in reports.results(triples))
        conforms = one(result, SHACL + "conforms")
        assert conforms.startswith(f'"{str(not expected).lower()}"'), f"{path}: the manifest was not read rightly"
    return Case(path.relative_to(SUITE).with_suffix("").as_posix(), data, shapes, expected)


def cases() -> list[Case]:
    """Return the tests that the suite's manifest lists, in the order of their names."""
    return sorted((_case(path) for path in _files(SUITE / "manifest.ttl")), key=lambda case: case.name)


def play(case: Case, engine: Callable[[str], Engine]) -> str:
    """Return what is wrong with the outcome of a test, empty if nothing is."""
    try:
        found = Counter(row(result) for result in engine(case.shapes).validate(case.data))
    except MaillonError as error:
        return "" if case.expected is None else f"refused: {error}"
    if case.expected is None:
        return "accepted what must be refused"
    missing, extra = case.expected - found, found - case.expected
    return "" if not missing and not extra else f"missing {sorted(missing)}, too much {sorted(extra)}"
