"""Turns the manifests of the W3C test suites into tests: what to send, over which data, and what is expected.

https://www.w3.org/2001/sw/DataAccess/tests/README and the vocabularies ``mf``, ``qt`` and ``ut`` of the suites. Files
keep the addresses that they have at the W3C, so that relative IRIs in them mean what they mean there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from rdflib import Graph, Namespace
from rdflib.collection import Collection
from rdflib.term import Node, URIRef

SUITES: Final = Path(__file__).resolve().parents[3] / "shared" / "standards" / "w3c-rdf-tests"
ADDRESS: Final = "https://w3c.github.io/rdf-tests/"
MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT: Final = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
RDFS: Final = Namespace("http://www.w3.org/2000/01/rdf-schema#")
RDF_TYPE: Final = URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

_FROM: Final = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^>]*)>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Data:
    """The dataset of a test: files of the default graph, and pairs of a graph's IRI and its file."""

    default: tuple[Path, ...] = ()
    named: tuple[tuple[str, Path], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test.

    Attributes:
        name: Last part of its IRI, after the folder: ``aggregates/agg01``.
        kind: Its class, such as ``QueryEvaluationTest``.
        text: The query or update.
        base: Address of the file that holds it.
        data: What it runs over.
        expected: File of the expected result of a query.
        after: Dataset that an update must lead to.
        is_lax: Whether an answer may repeat a row less often than the result does.
    """

    name: str
    kind: str
    text: str = ""
    base: str = ""
    data: Data = field(default_factory=Data)
    expected: Path | None = None
    after: Data = field(default_factory=Data)
    is_lax: bool = False


def path_of(address: Node | str) -> Path:
    """Return the file that has an address of the W3C."""
    return SUITES / str(address).removeprefix(ADDRESS)


def address_of(path: Path) -> str:
    """Return the address that a file has at the W3C."""
    return ADDRESS + path.relative_to(SUITES).as_posix()


@cache
def graph(path: Path) -> Graph:
    """Return a manifest."""
    return Graph().parse(path, format="turtle", publicID=address_of(path))


def entries(path: Path) -> Iterator[tuple[Graph, Node]]:
    """Yield the tests of a manifest and of those that it includes."""
    found = graph(path)
    for included in found.objects(None, MF.include):
        for item in Collection(found, included):
            yield from entries(path_of(item))
    for listed in found.objects(None, MF.entries):
        for item in Collection(found, listed):
            yield found, item


def cases(manifest: str) -> list[Case]:
    """Return the tests of a manifest, named by its path below ``sparql``; they are sorted by their data."""
    found = [_case(item, node) for item, node in entries(SUITES / "sparql" / manifest)]
    return sorted(found, key=lambda case: (str(case.data), case.name))


def _case(found: Graph, node: Node) -> Case:
    kind = str(found.value(node, RDF_TYPE)).rpartition("#")[2]
    action, result = found.value(node, MF.action), found.value(node, MF.result)
    assert action is not None, node
    text = found.value(action, QT.query) or found.value(action, UT.request) or action
    path = path_of(text)
    written = path.read_text(encoding="utf-8")
    return Case(
        name=f"{path.parent.name}/{str(node).rpartition('#')[2]}",
        kind=kind,
        text=written,
        base=str(text),
        data=_with_from(_data(found, action), written, path),
        expected=path_of(result) if isinstance(result, URIRef) else None,
        after=_data(found, result) if result is not None and kind == "UpdateEvaluationTest" else Data(),
        is_lax=found.value(node, MF.resultCardinality) == MF.LaxCardinality,
    )


def _data(found: Graph, node: Node) -> Data:
    default = [path_of(item) for name in (QT.data, UT.data) for item in found.objects(node, name)]
    named = []
    for item in (*found.objects(node, QT.graphData), *found.objects(node, UT.graphData)):
        file = found.value(item, UT.graph) or found.value(item, QT.graph) or item
        named.append((str(found.value(item, RDFS.label) or file), path_of(file)))
    return Data(tuple(sorted(default)), tuple(sorted(named)))


def _with_from(data: Data, text: str, path: Path) -> Data:
    """Add the files that FROM names: our endpoints know graphs by their names only and never fetch them."""
    if data != Data() or path.suffix == ".ru":
        return data
    names = sorted({name for name in _FROM.findall(text) if (path.parent / name).is_file() and name})
    return Data((), tuple((address_of(path.parent / name), path.parent / name) for name in names))
