"""Turns states of links into assertions of the Evaluation and Report Language (EARL 1.0 Schema).

https://www.w3.org/TR/EARL10-Schema/: one ``earl:Assertion`` for each address that was checked and is not good, so that
the graph stays small; an address without one is good or was never checked.
"""

from collections.abc import Iterable
from typing import Final

from pyoxigraph import Literal, NamedNode

from maillon import identifiers
from maillon.links.states import LinkState

EARL: Final = "http://www.w3.org/ns/earl#"
TEST: Final = "urn:maillon:test:link"
_DATE: Final = NamedNode("http://purl.org/dc/terms/date")
_DATE_TIME: Final = NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
_TYPE: Final = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def quads(states: Iterable[LinkState], base: str, graph: str) -> list[str]:
    """Return the assertions as N-Quads lines.

    Args:
        states: The states; good ones are left out.
        base: The setting ``base_iri``, under which the assertions have their IRIs.
        graph: IRI of the named graph.
    """
    lines: list[str] = []
    for state in states:
        if not state.is_good:
            lines += _assertion(state, base, graph)
    return lines


def _assertion(state: LinkState, base: str, graph: str) -> list[str]:
    node = NamedNode(identifiers.skolem(base, state.url, "link"))
    result = NamedNode(identifiers.skolem(base, state.url, "link-result"))
    outcome = "cantTell" if state.verdict in ("slow", "wrong") else "failed"
    said = f"{state.verdict}: {state.detail}" if state.detail else state.verdict
    triples = [
        (node, _TYPE, NamedNode(f"{EARL}Assertion")),
        (node, NamedNode(f"{EARL}subject"), NamedNode(state.url)),
        (node, NamedNode(f"{EARL}test"), NamedNode(TEST)),
        (node, NamedNode(f"{EARL}mode"), NamedNode(f"{EARL}automatic")),
        (node, NamedNode(f"{EARL}result"), result),
        (result, NamedNode(f"{EARL}outcome"), NamedNode(f"{EARL}{outcome}")),
        (result, NamedNode(f"{EARL}info"), Literal(said, language="en")),
        (result, _DATE, Literal(state.checked, datatype=_DATE_TIME)),
    ]
    return [f"{subject} {predicate} {value} <{graph}> .\n" for subject, predicate, value in triples]
