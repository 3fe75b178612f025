"""Reads a validation report, as RDF, into results.

The report is that of W3C SHACL (https://www.w3.org/TR/shacl/#validation-report). It is read where an engine offers
nothing else (pySHACL), and where the languages of the messages are asked for: ``shacl`` drops the tags in its own
values and keeps them in the report.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from maillon.validation.engine import SHACL, Result
from maillon.vocabulary import PREFIXES

_RDF: Final = PREFIXES["rdf"]
_AFTER: Final = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}

Index = Mapping[str, Mapping[str, list[NamedNode | Literal | object]]]
"""Objects by subject and predicate: subjects in N-Triples syntax, predicates as IRIs without brackets."""


def index(triples: Iterable[Triple]) -> Index:
    """Return the triples by subject and predicate."""
    found: dict[str, dict[str, list[object]]] = {}
    for triple in triples:
        found.setdefault(str(triple.subject), {}).setdefault(triple.predicate.value, []).append(triple.object)
    return found


def _list(node: str, graph: Index) -> list[str]:
    """Return the members of an RDF list; a list that runs in a circle ends where it closes."""
    members, seen = [], set[str]()
    while node in graph and node not in seen:
        seen.add(node)
        members += [str(item) for item in graph[node].get(_RDF + "first", [])]
        node = str(next(iter(graph[node].get(_RDF + "rest", [])), ""))
    return members


def path_text(node: str, graph: Index, depth: int = 20) -> str:
    """Return a SHACL property path in the syntax of SPARQL, bracketed as ``shacl`` writes it.

    Args:
        node: The path: an IRI or a blank node, in N-Triples syntax.
        graph: The graph that describes it.
        depth: How many paths may stand inside one another; what is deeper is shown as its node.
    """
    parts = graph.get(node, {})
    if node.startswith("<") or not parts or not depth:
        return node
    if _RDF + "first" in parts:
        return "(" + "/".join(path_text(member, graph, depth - 1) for member in _list(node, graph)) + ")"
    for name, objects in parts.items():
        inner, kind = str(objects[0]), name.removeprefix(SHACL)
        if kind == "alternativePath":
            return "(" + "|".join(path_text(member, graph, depth - 1) for member in _list(inner, graph)) + ")"
        if kind == "inversePath":
            return "^" + path_text(inner, graph, depth - 1)
        if kind in _AFTER:
            return f"({path_text(inner, graph, depth - 1)}){_AFTER[kind]}"
    return node


def _result(node: str, graph: Index) -> Result:
    parts = graph[node]

    def one(name: str) -> str:
        return str(next(iter(parts.get(SHACL + name, [])), ""))

    said = parts.get(SHACL + "resultMessage", [])
    path = one("resultPath")
    return Result(
        focus=one("focusNode"),
        path=path_text(path, graph) if path else "",
        value=one("value"),
        severity=one("resultSeverity").strip("<>").removeprefix(SHACL),
        component=one("sourceConstraintComponent").strip("<>"),
        shape=one("sourceShape").strip("<>"),
        messages=tuple(sorted((text.language or "", text.value) for text in said if isinstance(text, Literal))),
    )


def results(triples: Iterable[Triple]) -> list[Result]:
    """Return the results of a report, each with its messages in order of language.

    Results inside results (``sh:detail``) are not results of the report and left out.
    """
    graph = index(triples)
    report = (objects for parts in graph.values() for name, objects in parts.items() if name == SHACL + "result")
    return [_result(str(node), graph) for objects in report for node in objects]


def read(text: str) -> list[Result]:
    """Return the results of a report given as N-Triples."""
    return results(quad.triple for quad in parse(text, RdfFormat.N_TRIPLES))
