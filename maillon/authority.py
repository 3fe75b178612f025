"""The controlled vocabularies: turns what a source wrote ("csv", "jaarlijks", "cc-by") into the IRI of a concept.

The tables are the Turtle files of ``ontology/authority/`` (SKOS, one file a table; origin in ``ontology/README.md``).
They are read once, when first asked for (measured: 0.06 s for all). A text is compared without case, accents and
punctuation, with the notation, the labels in four languages, the hidden labels and the equal IRIs of each concept.
A spelling that belongs to two concepts of one table is no match: a wrong code is worse than none.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from maillon import paths
from maillon.vocabulary import PREFIXES

LONGEST: Final = 300
"""Characters of the longest text that is looked up; no code is longer, descriptions pasted into a code field are."""

_SKOS: Final = PREFIXES["skos"]
_PREFERRED: Final = _SKOS + "prefLabel"
_DEPRECATED: Final = PREFIXES["owl"] + "deprecated"
_IN_SCHEME: Final = _SKOS + "inScheme"
_LISTED: Final = _SKOS + "hasTopConcept"
_IANA: Final = "https://www.iana.org/assignments/media-types/"
# What speaks for a concept, strongest first.
_STRENGTH: Final = ("iri", _SKOS + "exactMatch", _SKOS + "notation", _SKOS + "hiddenLabel", _PREFERRED)

_PROTOCOL = re.compile(r"^https?://(?:www\.)?(?:spdx\.org/licenses/)?", re.IGNORECASE)
_DEED = re.compile(r"/(?:deed|legalcode)(?:\.[\w-]+)?/?$", re.IGNORECASE)
_OTHER_SIGNS = re.compile(r"[^a-z0-9+]+")
_SUBTAG = re.compile(r"([A-Za-z]{2,3})[-_].*")
_EXTENDED_TYPE = re.compile(r"([^;]+/[^;]+);.*")


def _spelling(text: str) -> str:
    """Return what is compared: no protocol, case, accent, soft hyphen or punctuation."""
    address = _PROTOCOL.sub("", text.replace("\u00ad", ""))
    if address != text:
        address = _DEED.sub("", address)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", address) if not unicodedata.combining(sign))
    return _OTHER_SIGNS.sub(" ", bare.casefold()).strip()


def graph_files() -> list[Path]:
    """Return the Turtle files whose concepts and labels belong in the published graph, by name."""
    return [*sorted((paths.ONTOLOGY / "authority").glob("*.ttl")), paths.ONTOLOGY / "mappings" / "places.ttl"]


def _claims(triples: list[Triple]) -> Iterator[tuple[int, str, str]]:
    """Yield (strength, spelling, IRI of the concept); smaller is stronger."""
    deprecated = {item.subject for item in triples if item.predicate.value == _DEPRECATED}
    for triple in triples:
        predicate, value = triple.predicate.value, triple.object
        concept = triple.subject
        if predicate == _LISTED and isinstance(value, NamedNode):
            yield 0, _spelling(value.value), value.value
            yield 2, _spelling(value.value.removeprefix(_IANA)), value.value
        if not isinstance(concept, NamedNode) or not isinstance(value, NamedNode | Literal):
            continue
        if predicate == _IN_SCHEME:
            yield 0, _spelling(concept.value), concept.value
            if concept.value.startswith(_IANA):
                yield 2, _spelling(concept.value.removeprefix(_IANA)), concept.value
        elif predicate in _STRENGTH and concept not in deprecated:
            yield _STRENGTH.index(predicate), _spelling(value.value), concept.value


def _table(triples: list[Triple]) -> dict[str, str]:
    """Return concept by spelling; where claims of equal strength differ, the spelling is left out."""
    best: dict[str, tuple[int, set[str]]] = {}
    for strength, spelling, concept in _claims(triples):
        known = best.get(spelling)
        if known is None or strength < known[0]:
            best[spelling] = (strength, {concept})
        elif strength == known[0]:
            known[1].add(concept)
    return {key: next(iter(found)) for key, (_, found) in best.items() if key and len(found) == 1}


@cache
def _tables() -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    codes: dict[str, dict[str, str]] = {}
    texts: dict[str, dict[str, str]] = {}
    for path in graph_files():
        triples = [quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE)]
        codes[path.stem] = _table(triples)
        for triple in triples:
            subject, label_ = triple.subject, triple.object
            if triple.predicate.value == _PREFERRED and isinstance(subject, NamedNode) and isinstance(label_, Literal):
                texts.setdefault(subject.value, {})[label_.language or ""] = label_.value
    return codes, texts


def labels(iri: str) -> Mapping[str, str]:
    """Return the labels of a concept by language tag, empty where the concept is unknown."""
    return MappingProxyType(_tables()[1].get(iri, {}))


def label(iri: str, language: str) -> str | None:
    """Return the label of a concept in a language, else in English, else in any; None where it is unknown."""
    known = labels(iri)
    for tag in (language, language.partition("-")[0], "en"):
        if tag in known:
            return known[tag]
    return next(iter(known.values()), None)


def lookup(table: str, text: str) -> str | None:
    """Return the IRI of the concept that a text names, None where it names none or more than one.

    Args:
        table: Name of a file in ``ontology/authority/`` without its ending, such as ``file-type``.
        text: A code, label, other spelling or IRI, as the source wrote it.

    Raises:
        KeyError: There is no such table.
    """
    text = text.strip()
    return _concept(table, text) if len(text) <= LONGEST else None


@lru_cache(maxsize=20_000)
def _concept(table: str, text: str) -> str | None:
    codes = _tables()[0][table]
    found = codes.get(_spelling(text)) or codes.get(_spelling(text.partition("#")[0]))
    if found is None and table == "language" and (tag := _SUBTAG.fullmatch(text)):
        found = codes.get(_spelling(tag[1]))
    if found is None and table in ("media-type", "file-type") and (kind := _EXTENDED_TYPE.fullmatch(text)):
        found = codes.get(_spelling(kind[1]))  # "text/csv; charset=utf-8"
    return found
