"""Collects the triples of one record, subject by subject, as ``records.Described``; and makes RDF terms of its texts.

Not a kind of source: what the reading of ISO 19115 metadata needs to write GeoDCAT-AP 3
(https://semiceu.github.io/GeoDCAT-AP/releases/3.0.0/).
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon import identifiers, vocabulary
from maillon.rdf.mending import mend_iri
from maillon.records import Described

PREFIXES: Final = vocabulary.PREFIXES | {
    "cnt": "http://www.w3.org/2011/content#",  # W3C Content in RDF
    "dqv": "http://www.w3.org/ns/dqv#",  # W3C Data Quality Vocabulary
    "geo": "http://www.opengis.net/ont/geosparql#",  # OGC GeoSPARQL 1.1
    "geodcatap": "http://data.europa.eu/930/",  # GeoDCAT-AP
}
CODELIST: Final = "http://inspire.ec.europa.eu/metadata-codelist/"  # INSPIRE registry

_Value = NamedNode | BlankNode | Literal
_DATE_TYPES: Final = (
    (re.compile(r"\d{4}"), "gYear"),
    (re.compile(r"\d{4}-\d{2}"), "gYearMonth"),
    (re.compile(r"\d{4}-\d{2}-\d{2}(?:Z|[+-]\d{2}:\d{2})?"), "date"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})?"), "dateTime"),
)
_INVALID = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_WEB: Final = ("http", "https", "ftp")


@cache
def term(name: str) -> NamedNode:
    """Return the IRI of a prefixed name. Raises KeyError for an unknown prefix."""
    prefix, local = name.split(":", 1)
    return NamedNode(PREFIXES[prefix] + local)


def typed(value: str, datatype: str) -> Literal:
    """Return a literal of a type given as prefixed name."""
    return Literal(value, datatype=term(datatype))


def literal(value: str, language: str = "") -> Literal | None:
    """Return a text with its language, None where there is no text."""
    content = _INVALID.sub("", value).strip()
    if not content:
        return None
    try:
        return Literal(content, language=language) if language else Literal(content)
    except ValueError:  # no BCP 47 tag
        return Literal(content)


def iri(value: str | None) -> NamedNode | None:
    """Return the absolute IRI that a text holds, None where it holds none (``s3:``, ``SDE``, ``../data``, no host)."""
    text = (value or "").strip()
    mended = mend_iri(text) if ":" in text else None
    if mended is None or not identifiers.is_absolute(mended):
        return None
    try:
        parts = urlsplit(mended)
        return None if parts.scheme.lower() in _WEB and not parts.hostname else NamedNode(mended)
    except ValueError:  # "http://[bad"
        return None


def web(value: str | None) -> NamedNode | None:
    """Return the address on the web that a text holds, else None."""
    node = iri(value)
    return node if node is not None and node.value.lower().startswith(("http:", "https:", "ftp:")) else None


def mailbox(value: str) -> NamedNode | None:
    """Return the ``mailto:`` IRI of a mail address, None where it cannot be one."""
    mended = mend_iri("mailto:" + value)
    return NamedNode(mended) if mended else None


def date(value: str) -> Literal | None:
    """Return a date of the precision in which it was written: a year stays a year. Any other text stays a text."""
    text = value.strip()
    for pattern, name in _DATE_TYPES:
        if pattern.fullmatch(text):
            day, _, clock = text.partition("T")
            try:
                datetime.fromisoformat((day[:10] + "-01-01"[len(day) - 4 :])[:10] + (f"T{clock[:8]}" if clock else ""))
            except ValueError:
                break
            return typed(text, f"xsd:{name}")
    return literal(text)


class Node:
    """A subject, or a blank node embedded in one, to which triples are added."""

    def __init__(self, node: NamedNode | BlankNode, triples: dict[Triple, None]) -> None:
        self.node = node
        self.triples = triples

    def add(self, predicate: str, *values: _Value | None) -> None:
        """Add one triple a value, by the prefixed name of the property; None adds nothing."""
        for value in values:
            if value is not None:
                self.triples[Triple(self.node, term(predicate), value)] = None

    def type(self, *names: str) -> None:
        """Add classes by their prefixed names."""
        self.add("rdf:type", *map(term, names))

    def embed(self, predicate: str, *types: str) -> "Node":
        """Add an embedded node of these classes and return it."""
        child = Node(BlankNode(), self.triples)
        self.add(predicate, child.node)
        child.type(*types)
        return child

    def values(self, predicate: str) -> list[Triple | _Value]:
        """Return the objects of a property, in the order in which they were added."""
        wanted = term(predicate)
        return [item.object for item in self.triples if item.subject == self.node and item.predicate == wanted]


class Shared:
    """What several records of a source say of the same organisations and pages, until all are read.

    An organisation has what any record says of it. Of a page the least of its descriptions counts, because a thousand
    records may link one portal under a thousand titles; neither depends on the order of the records.
    """

    def __init__(self) -> None:
        self.organisations: dict[NamedNode, dict[Triple, None]] = {}
        self._pages: dict[NamedNode, list[Triple]] = {}

    def page(self, node: NamedNode, titles: Iterable[Literal], descriptions: Iterable[Literal]) -> None:
        """Add one description of a page."""
        page = Node(node, {})
        page.type("foaf:Document")
        page.add("dct:title", *titles)
        page.add("dct:description", *descriptions)
        own = list(page.triples)
        known = self._pages.setdefault(node, own)
        if sorted(map(str, own)) < sorted(map(str, known)):
            self._pages[node] = own

    def described(self, taken: Collection[NamedNode]) -> Iterator[Described]:
        """Yield the organisations and pages by IRI, without those that are a resource of the source themselves."""
        for node in sorted({*self.organisations, *self._pages} - set(taken), key=str):
            yield Described(node, tuple(_lean(node, self.organisations.get(node) or dict.fromkeys(self._pages[node]))))


class Graph:
    """The subjects of one record, in the order in which they were met.

    Attributes:
        shared: Takes what the record says of organisations and pages.
    """

    def __init__(self, base: str, source: str, shared: Shared) -> None:
        self.shared = shared
        self._base = base
        self._source = source
        self._subjects: dict[NamedNode, dict[Triple, None]] = {}

    def mint(self, kind: str, identifier: str) -> NamedNode:
        """Return the IRI of something that has none of its own."""
        return NamedNode(identifiers.mint(self._base, kind, self._source, identifier))

    def subject(self, node: NamedNode, *types: str) -> Node:
        """Return a subject with these classes, the same one for the same IRI."""
        found = Node(node, self._subjects.setdefault(node, {}))
        found.type(*types)
        return found

    def organisation(self, node: NamedNode) -> Node:
        """Return an organisation, the same one for the same IRI in all records."""
        found = Node(node, self.shared.organisations.setdefault(node, {}))
        found.type("foaf:Organization", "foaf:Agent", "prov:Agent")
        return found

    def described(self, note: str) -> Iterator[Described]:
        """Yield every subject of the record's own; embedded nodes that say the same are written once."""
        for node, triples in self._subjects.items():
            yield Described(node, tuple(_lean(node, triples)), note)


def _lean(subject: NamedNode, triples: dict[Triple, None]) -> Iterator[Triple]:
    """Yield the triples of a subject without embedded nodes whose trees repeat that of a sibling.

    Records name one contact ten times over; nodes that cannot be told apart make a canonical form slow.
    """
    of: dict[NamedNode | BlankNode, list[Triple]] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode | BlankNode):
            of.setdefault(triple.subject, []).append(triple)

    def tree(node: BlankNode) -> str:
        parts = (
            f"{item.predicate} {tree(item.object) if isinstance(item.object, BlankNode) else item.object}"
            for item in of.get(node, ())
        )
        return "[" + ";".join(sorted(set(parts))) + "]"

    todo: list[NamedNode | BlankNode] = [subject]
    while todo:
        seen: set[tuple[NamedNode, str]] = set()
        for triple in of.get(todo.pop(), ()):
            target = triple.object
            key = (triple.predicate, tree(target) if isinstance(target, BlankNode) else str(target))
            if key in seen:
                continue
            seen.add(key)
            yield triple
            if isinstance(target, BlankNode):
                todo.append(target)
