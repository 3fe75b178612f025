"""Reads property paths as an engine writes them, in the syntax of SPARQL 1.1, and writes them as SHACL writes them.

https://www.w3.org/TR/sparql11-query/#propertypaths and https://www.w3.org/TR/shacl/#property-paths
"""

import re
from collections.abc import Iterator
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Triple

from maillon.vocabulary import PREFIXES, term

_TOKEN: Final = re.compile(r"\s*(<[^<>]*>|[()^|/*+?])")
_FIRST: Final = term("rdf:first")
_REST: Final = term("rdf:rest")
_NIL: Final = term("rdf:nil")
_AFTER: Final = {"*": "sh:zeroOrMorePath", "+": "sh:oneOrMorePath", "?": "sh:zeroOrOnePath"}
_DEPTH: Final = 50


def last(path: str) -> str:
    """Return the IRI of the property at the end of a path that only goes forward, empty for any other path."""
    if not path or set(path) & set("^|"):
        return ""
    found = re.findall(r"<([^<>]*)>", path)
    return found[-1] if found else "" if "<" in path else path.strip("()")


def short(iri: str) -> str:
    """Return an IRI as a prefixed name where a prefix of ours fits, else as it is."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and re.fullmatch(r"[A-Za-z_][\w-]*", local):
            return f"{prefix}:{local}"
    return iri


def shown(path: str) -> str:
    """Return a path with its IRIs as prefixed names."""
    return re.sub(r"<([^<>]*)>", lambda found: short(found[1]), path)


class _Reader:
    """Reads one path by recursive descent: alternatives of sequences of elements."""

    def __init__(self, path: str, label: str) -> None:
        self._label = label
        self._nodes = 0
        self._tokens = _TOKEN.findall(path)
        if "".join(self._tokens) != re.sub(r"\s+", "", path):
            raise ValueError(path)
        self._at = 0
        self.triples: list[Triple] = []

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def whole(self) -> NamedNode | BlankNode:
        node = self._alternatives(0)
        if self._peek():
            raise ValueError(self._peek())
        return node

    def _alternatives(self, depth: int) -> NamedNode | BlankNode:
        if depth > _DEPTH:
            raise ValueError("too deep")
        items = [self._sequence(depth)]
        while self._peek() == "|":
            self._next()
            items.append(self._sequence(depth))
        return items[0] if len(items) == 1 else self._node("sh:alternativePath", self._list(items))

    def _sequence(self, depth: int) -> NamedNode | BlankNode:
        items = [self._element(depth)]
        while self._peek() == "/":
            self._next()
            items.append(self._element(depth))
        return items[0] if len(items) == 1 else self._list(items)

    def _element(self, depth: int) -> NamedNode | BlankNode:
        sign = self._next()
        if sign == "^":
            return self._node("sh:inversePath", self._element(depth + 1))
        if sign == "(":
            node = self._alternatives(depth + 1)
            if self._next() != ")":
                raise ValueError("bracket")
        elif sign.startswith("<"):
            node = NamedNode(sign[1:-1])
        else:
            raise ValueError(sign)
        while self._peek() in _AFTER:
            node = self._node(_AFTER[self._next()], node)
        return node

    def _node(self, predicate: str, target: NamedNode | BlankNode) -> BlankNode:
        node = self._blank()
        self.triples.append(Triple(node, term(predicate), target))
        return node

    def _blank(self) -> BlankNode:
        self._nodes += 1
        return BlankNode(f"{self._label}{self._nodes}")

    def _list(self, items: list[NamedNode | BlankNode]) -> NamedNode | BlankNode:
        rest: NamedNode | BlankNode = _NIL
        for item in reversed(items):
            node = self._blank()
            self.triples += [Triple(node, _FIRST, item), Triple(node, _REST, rest)]
            rest = node
        return rest


def triples(path: str, label: str) -> tuple[NamedNode | BlankNode, Iterator[Triple]]:
    """Return the node of a path in SHACL, with the triples that describe it. Raises ValueError if it is no path.

    Args:
        path: In the syntax of SPARQL, or one IRI without brackets.
        label: How the labels of its blank nodes begin.
    """
    if path and not set(path) & set("<>()^|*+? "):  # an IRI without brackets
        return NamedNode(path), iter(())
    reader = _Reader(path, label)
    return reader.whole(), iter(reader.triples)
