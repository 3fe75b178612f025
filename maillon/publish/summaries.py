"""Turns a dataset's document, with those of its distributions and publisher, into its summary for the search index.

Only the triples that a summary needs are parsed. Values of controlled vocabularies stay IRIs; the pages write their
labels in the visitor's language.
"""

import html
import re
from collections.abc import Callable, Container, Iterable, Mapping
from functools import lru_cache
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from maillon import authority, vocabulary
from maillon.search import Summary
from maillon.store.documents import PUBLISHED, Document

Lookup = Callable[[Iterable[str]], Mapping[str, Document]]

_HVD_LAW: Final = "http://data.europa.eu/eli/reg_impl/2023/138"
_LONGEST: Final = 5_000
"""Characters of a description that are searched."""

_NAMES: Final = (
    "dct:title", "dct:description", "dcat:keyword", "dct:publisher", "dcat:theme", "dct:format", "dcat:mediaType",
    "dct:license", "dct:language", "dct:accessRights", "dct:accrualPeriodicity", "dct:issued", "dct:modified",
    "dcat:distribution", "dcatap:hvdCategory", "dcatap:applicableLegislation", "foaf:name",
)  # fmt: skip
_TERMS: Final = {str(vocabulary.term(name)): name for name in _NAMES}
_OF_A_PART: Final = frozenset({"dct:format", "dcat:mediaType", "dct:license"})
_OF_A_NAME: Final = frozenset({"foaf:name", "dct:title"})
_LITERAL: Final = re.compile(r'"([^"\\]*)"(?:@([A-Za-z0-9-]+))?')
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>")
_DATE: Final = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d)?)?)?)?")
_FILE_TYPE: Final = vocabulary.AUTHORITY + "file-type/"

Facts = Mapping[str, list[Literal | NamedNode]]
"""Values by prefixed name of the property."""


def _facts(text: str, subject: str, wanted: Container[str] = _NAMES) -> Facts:
    """Return the values of the wanted properties of one subject, in the canonical order of the text."""
    found: dict[str, list[Literal | NamedNode]] = {}
    node = f"<{subject}>"
    for line in text.split("\n")[:-1]:  # canonical N-Triples: one space between terms, none inside IRIs
        parts = line.split(" ", 2)
        name = _TERMS.get(parts[1])
        if name in wanted and parts[0] == node and name:
            found.setdefault(name, []).append(_term(parts[2].removesuffix(" .")))
    return found


def _term(text: str) -> Literal | NamedNode:
    """Read a term in N-Triples syntax, the plain ones (nearly all) without the parser."""
    if text.startswith("<") and "\\" not in text:
        return NamedNode(text[1:-1])
    simple = _LITERAL.fullmatch(text)
    if simple:
        return Literal(simple[1], language=simple[2]) if simple[2] else Literal(simple[1])
    term = next(iter(parse(f"<x:s> <x:p> {text} .".encode(), RdfFormat.N_TRIPLES))).object
    return term if isinstance(term, Literal | NamedNode) else Literal(str(term))


def plain(text: str) -> str:
    """Return a text without mark-up and with single spaces."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


def _texts(values: Iterable[Literal | NamedNode]) -> dict[str, str]:
    """Return texts by language tag, the first of each tag."""
    found: dict[str, str] = {}
    for value in values:
        if isinstance(value, Literal):
            cleaned = plain(value.value)[:_LONGEST]
            if cleaned:
                found.setdefault(value.language or "", cleaned)
    return found


def _iris(values: Iterable[Literal | NamedNode]) -> tuple[str, ...]:
    """Return the IRIs among values, sorted, embedded nodes left out."""
    found = {value.value for value in values if isinstance(value, NamedNode)}
    return tuple(sorted(iri for iri in found if "/.well-known/genid/" not in iri))


@lru_cache(maxsize=10_000)
def format_of(value: str) -> str:
    """Return the IRI of the EU file-type table for a format as written (IRI, media type or text), else what it says."""
    if value.startswith(_FILE_TYPE):
        return value
    known = authority.lookup("file-type", value) or authority.lookup("file-type", value.rstrip("/").rsplit("/", 1)[-1])
    return known or plain(value)[:100]


def _formats(facts: Facts) -> set[str]:
    values = facts.get("dct:format") or facts.get("dcat:mediaType") or []
    return {name for value in values if (name := format_of(value.value)) and "/.well-known/genid/" not in name}


def _date(facts: Facts, name: str) -> str:
    dates = [match[0] for value in facts.get(name, []) if (match := _DATE.match(value.value))]
    return max(dates, default="")


def _keywords(facts: Facts) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for value in facts.get("dcat:keyword", []):
        if isinstance(value, Literal) and (word := plain(value.value)[:200]):
            found.setdefault(value.language or "", set()).add(word)
    return {language: tuple(sorted(words)) for language, words in sorted(found.items())}


def _publisher_name(iri: str, dataset: Document, related: Mapping[str, Document]) -> dict[str, str]:
    """Return the publisher's names: from its own document, from the dataset's embedded node, or from a table."""
    text = related[iri].text if iri in related else dataset.text
    facts = _facts(text, iri, _OF_A_NAME)
    return _texts(facts.get("foaf:name", []) + facts.get("dct:title", [])) or dict(authority.labels(iri))


def _is_hvd(facts: Facts) -> bool:
    laws = (value.value for value in facts.get("dcatap:applicableLegislation", []))
    return bool(facts.get("dcatap:hvdCategory")) or any(law.startswith(_HVD_LAW) for law in laws)


def _first(values: tuple[str, ...]) -> str:
    return values[0] if values else ""


def summarise(dataset: Document, lookup: Lookup) -> Summary:
    """Summarise a dataset.

    Args:
        dataset: Its document.
        lookup: Gives the documents about some IRIs, absent ones left out.
    """
    facts = _facts(dataset.text, dataset.iri)
    publishers = [value.value for value in facts.get("dct:publisher", []) if isinstance(value, NamedNode)]
    parts = [value.value for value in facts.get("dcat:distribution", [])]
    related = {iri: item for iri, item in lookup([*publishers, *parts]).items() if item.state in PUBLISHED}
    distributions = [_facts((related.get(iri) or dataset).text, iri, _OF_A_PART) for iri in parts]
    licences = [
        *facts.get("dct:license", []),
        *(value for item in distributions for value in item.get("dct:license", [])),
    ]
    publisher = min(publishers, default="")
    return Summary(
        iri=dataset.iri,
        key=dataset.key,
        title=_texts(facts.get("dct:title", [])),
        description=_texts(facts.get("dct:description", [])),
        keywords=_keywords(facts),
        publisher_iri="" if "/.well-known/genid/" in publisher else publisher,
        publisher_name=_publisher_name(publisher, dataset, related) if publisher else {},
        themes=_iris(facts.get("dcat:theme", [])),
        formats=tuple(sorted({name for item in distributions for name in _formats(item)})),
        licences=_iris(licences),
        languages=_iris(facts.get("dct:language", [])),
        source=dataset.source,
        access_rights=_first(_iris(facts.get("dct:accessRights", []))),
        hvd=_is_hvd(facts),
        frequency=_first(_iris(facts.get("dct:accrualPeriodicity", []))),
        issued=_date(facts, "dct:issued"),
        modified=_date(facts, "dct:modified") or _date(facts, "dct:issued"),
        distributions=len(parts),
        conformant=dataset.conformant,
    )
