"""Turns terms that only a lenient parser accepts into terms that every strict parser reads.

IRIs are percent-encoded after RFC 3987; language tags are brought into the form of BCP 47. The canonical text of an
entity must be readable again by a strict N-Triples parser, so nothing may pass here that would not.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

_FORBIDDEN: Final = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f]|%(?![0-9A-Fa-f]{2})")
_TWO: Final = re.compile(r"(\S*?)\s+(https?://\S.*)", re.DOTALL)
_PARTS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:(?://[^/?#]*)?)([^#]*)(#?)(.*)", re.DOTALL)
_SAFE: Final = "%:/?#[]@!$&'()*+,;=~-._"

Term = NamedNode | BlankNode | Literal | Triple


def _valid(iri: str) -> bool:
    try:
        NamedNode(iri)
    except ValueError:  # a lone surrogate raises UnicodeEncodeError, which is a ValueError too
        return False
    return True


def _escape(match: re.Match[str]) -> str:
    return quote(match.group(), safe="")


def _brackets(iri: str) -> str:
    """Encode what is allowed in some component only: brackets outside the host, a second number sign."""
    match = _PARTS.fullmatch(iri)
    if match is None:
        return iri
    head, path, mark, fragment = match.groups()
    path, fragment = (part.replace("[", "%5B").replace("]", "%5D") for part in (path, fragment))
    return head + path + mark + fragment.replace("#", "%23")


def mend_iri(iri: str, base: str = "") -> str | None:
    """Return an absolute IRI as every parser reads it, or None where that is beyond repair.

    Two IRIs in one attribute, as GeoNetwork writes, count as the first; an IRI that was resolved against the base only
    because of a leading blank counts as itself.
    """
    iri = iri.strip()
    two = _TWO.fullmatch(iri)
    if two is not None:
        first, second = two.groups()
        iri = second if base.startswith(first) else first
    if _valid(iri):
        return iri
    iri = _brackets(_FORBIDDEN.sub(_escape, iri.encode("utf-8", errors="replace").decode()))
    if _valid(iri):
        return iri
    iri = quote(iri, safe=_SAFE)
    return iri if _valid(iri) else None


class Mender:
    """Mends the quads of one document; ``changed`` counts terms mended, ``lost`` quads beyond repair."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.changed = 0
        self.lost = 0
        self._known: dict[str, str | None] = {}

    def quads(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """Yield the quads with every term mended; a quad whose subject or predicate is beyond repair is left out."""
        for quad in quads:
            subject, predicate = self._resource(quad.subject), self._resource(quad.predicate)
            if subject is None or not isinstance(predicate, NamedNode):
                self.lost += 1
                continue
            graph = quad.graph_name
            if isinstance(graph, NamedNode):
                name = self._iri(graph.value)
                graph = DefaultGraph() if name is None else NamedNode(name)
            yield Quad(subject, predicate, self._object(quad.object), graph)

    def _iri(self, iri: str) -> str | None:
        if iri not in self._known:
            self._known[iri] = mend_iri(iri, self.base)
        mended = self._known[iri]
        self.changed += mended != iri
        return mended

    def _resource(self, term: NamedNode | BlankNode | Triple) -> NamedNode | BlankNode | Triple | None:
        if not isinstance(term, NamedNode):
            return term
        mended = self._iri(term.value)
        return None if mended is None else NamedNode(mended)

    def _object(self, term: Term) -> Term:
        if isinstance(term, NamedNode):
            # What cannot be an IRI still says something: it is kept as text.
            return self._resource(term) or Literal(term.value)
        if isinstance(term, Literal):
            return self._literal(term)
        return term

    def _literal(self, term: Literal) -> Literal:
        if term.language is None:
            mended = self._iri(term.datatype.value)
            return Literal(term.value) if mended is None else Literal(term.value, datatype=NamedNode(mended))
        for tag in (term.language, term.language.strip().replace("_", "-")):
            try:
                literal = Literal(term.value, language=tag)
            except ValueError:
                self.changed += 1
            else:
                return literal
        return Literal(term.value)
