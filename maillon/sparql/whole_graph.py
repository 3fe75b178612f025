"""Recognises the query that asks for all triples of one graph, so that it is answered without being evaluated.

``CONSTRUCT WHERE { ?s ?p ?o }`` (SPARQL 1.1 Query, section 16.2.4) is how people and the Graph Store Protocol ask for a
graph. Oxigraph keeps every triple of a CONSTRUCT in memory to send none twice: 552 MB for a million. The triples of one
graph are a set already, so a scan gives the same answer in constant memory.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Store, Triple

from maillon.sparql.text.tokens import Token, tokens

QUERY: Final = "CONSTRUCT WHERE { ?s ?p ?o }"
"""The query for all triples of the default graph that goes with it."""


def _pattern(found: Sequence[Token]) -> tuple[str, ...]:
    """Return the variables of ``{ ?s ?p ?o }`` (a dot may follow), nothing for any other tokens."""
    texts = [token.text for token in found]
    if len(found) == 6 and texts[4] == ".":
        del texts[4]
    if len(texts) != 5 or texts[0] != "{" or texts[4] != "}":
        return ()
    names = tuple(text[1:] for token, text in zip(found[1:4], texts[1:4], strict=True) if token.kind == "variable")
    return names if len(set(names)) == 3 else ()


def is_asked(query: str) -> bool:
    """Tell whether a query asks for all triples of its default graph, under any three names and without a limit."""
    if len(query) > 200:
        return False
    found = [token for token in tokens(query) if token.kind != "comment"]
    words = [token.text.upper() if token.kind == "word" else token.text for token in found]
    if words[:1] != ["CONSTRUCT"]:
        return False
    if words[1:2] == ["WHERE"]:
        return bool(_pattern(found[2:]))
    end = words.index("}") + 1 if "}" in words else 0
    template = _pattern(found[1:end])
    rest = end + 1 if words[end : end + 1] == ["WHERE"] else end
    return bool(template) and template == _pattern(found[rest:])


def triples(store: Store, graph: str = "") -> Iterator[Triple]:
    """Yield all triples of a graph, those of one subject after each other.

    Args:
        store: Where they are; it may be shared with nobody in another thread while they are read.
        graph: IRI of a named graph, empty for the default graph.
    """
    name = NamedNode(graph) if graph else DefaultGraph()
    for quad in store.quads_for_pattern(None, None, None, name):
        yield quad.triple
