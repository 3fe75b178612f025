"""Turns the published documents of a dataset and of what belongs to it into its ``Closure``: all its score depends on.

The documents hold canonical N-Triples (RDF 1.2 N-Triples, canonical form): one space between terms, none inside IRIs.
That is why they are cut at spaces, which costs a tenth of parsing them; only the objects of the subjects that are
wanted become terms. Distributions, publishers and contact points are looked up; those that a source wrote inside the
dataset (embedded nodes with skolem IRIs) are read from its own text.
https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from maillon import vocabulary
from maillon.links.states import LinkState
from maillon.quality.values import Closure, Facts, Part
from maillon.store.documents import PUBLISHED, Document

Lookup = Callable[[Iterable[str]], Mapping[str, Document]]
"""Gives the documents about some IRIs with their findings, absent ones left out: ``Documents.many``."""

ADDRESSES: Final = ("dcat:accessURL", "dcat:downloadURL")
"""Properties of a distribution that hold addresses a reader gets the file from."""

_EMBEDDED: Final = "/.well-known/genid/"
_LITERAL: Final = re.compile(r'"([^"\\]*)"(?:@([A-Za-z0-9-]+)|\^\^<([^<>\\]+)>)?')
_REPAIR: Final = re.compile(
    rf"^\S+ {re.escape(str(vocabulary.TYPE))} {re.escape(str(vocabulary.term('maillon:Repair')))} ", re.MULTILINE
)
_ADDRESSES: Final = {str(vocabulary.term(name)) for name in ADDRESSES}

_Raw = dict[str, dict[str, list[str]]]
"""Objects as written, by subject (an IRI without brackets) and prefixed name of the property."""


@lru_cache(maxsize=4_096)
def _name(predicate: str) -> str:
    """Return the prefixed name of a predicate as it stands in a line, its IRI where no prefix of ours fits."""
    iri = predicate[1:-1]
    for prefix, namespace in vocabulary.PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and local and "/" not in local and "#" not in local:
            return f"{prefix}:{local}"
    return iri


def _raw(text: str) -> _Raw:
    """Cut canonical N-Triples into objects by subject and property."""
    found: _Raw = {}
    for line in text.split("\n"):
        parts = line.split(" ", 2)
        if len(parts) == 3:
            values = found.setdefault(parts[0][1:-1], {})
            values.setdefault(_name(parts[1]), []).append(parts[2].removesuffix(" ."))
    return found


def _term(text: str) -> Literal | NamedNode | BlankNode:
    """Read a term in N-Triples syntax, the plain ones (nearly all) without the parser."""
    if text.startswith("<") and "\\" not in text:
        return NamedNode(text[1:-1])
    simple = _LITERAL.fullmatch(text)
    if simple:
        datatype = NamedNode(simple[3]) if simple[3] else None
        return Literal(simple[1], language=simple[2], datatype=datatype)
    term = next(iter(parse(f"<x:s> <x:p> {text} .".encode(), RdfFormat.N_TRIPLES))).object
    return term if isinstance(term, Literal | NamedNode | BlankNode) else Literal(str(term))


def _facts(raw: Mapping[str, list[str]]) -> Facts:
    return {name: tuple(map(_term, values)) for name, values in raw.items()}


def _iris(facts: Facts, name: str) -> list[str]:
    """Return the IRIs among the values of a property, sorted, embedded nodes too."""
    return sorted({value.value for value in facts.get(name, ()) if isinstance(value, NamedNode)})


def _part(iri: str, own: _Raw, related: Mapping[str, Document]) -> Part:
    """Return a distribution: from its own document, else from the dataset's text, else without facts."""
    raw = _raw(related[iri].text) if iri in related else own
    return Part(iri=iri, facts=_facts(raw.get(iri, {})))


def _repairs(document: Document) -> int:
    """Return the number of repairs; documents read in numbers carry them only in what publishing derived."""
    return len(document.repairs) or len(_REPAIR.findall(document.derived))


def closure(document: Document, lookup: Lookup, links: Mapping[str, LinkState], today: str, twins: int = 0) -> Closure:
    """Gather all that the score of a dataset depends on.

    Args:
        document: The published document of the dataset.
        lookup: Gives the documents of distributions, publishers and contact points; only published ones are used.
        links: What is known of addresses; may hold more than those of this dataset.
        today: Day on which it is judged, ISO 8601.
        twins: Number of copies of the dataset in other sources; no document of its own says how many there are.
    """
    own = _raw(document.text)
    facts = _facts(own.get(document.iri, {}))
    parts = _iris(facts, "dcat:distribution")
    publishers = _iris(facts, "dct:publisher")
    wanted = dict.fromkeys([*parts, *publishers, *_iris(facts, "dcat:contactPoint")])
    outside = [iri for iri in wanted if iri not in own and iri != document.iri]
    related = {iri: item for iri, item in lookup(outside).items() if item.state in PUBLISHED}
    found = Closure(
        iri=document.iri,
        key=document.key,
        source=document.source,
        organisations=tuple(iri for iri in publishers if _EMBEDDED not in iri),
        facts=facts,
        parts=tuple(_part(iri, own, related) for iri in parts),
        findings=(*document.findings, *(finding for item in related.values() for finding in item.findings)),
        repairs=_repairs(document) + sum(_repairs(related[iri]) for iri in parts if iri in related),
        twins=twins,
        modified=document.modified,
        today=today,
    )
    return replace(found, links={url: links[url] for url in sorted(addresses(found)) if url in links})


def _written(text: str) -> Iterator[str]:
    """Yield the addresses in canonical N-Triples."""
    for line in text.split("\n"):
        parts = line.split(" ", 2)
        if len(parts) == 3 and parts[1] in _ADDRESSES:
            yield _term(parts[2].removesuffix(" .")).value


def addresses(described: Document | Closure) -> set[str]:
    """Return the addresses (dcat:accessURL, dcat:downloadURL) in a document or in the distributions of a closure."""
    if isinstance(described, Document):
        return set(_written(described.text))
    return {value.value for part in described.parts for name in ADDRESSES for value in part.facts.get(name, ())}
