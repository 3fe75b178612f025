"""Turns an IRI into the words that people know it by: ``maillon:label`` in queries, labels beside the IRIs of a table.

The function is declared in ``ontology/maillon.ttl``. Labels come from the public graph, whatever graphs a query asks,
because most IRIs of findings and provenance are labelled there and nowhere else.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Store

from maillon.settings import LANGUAGES
from maillon.vocabulary import NAME, TITLE, term

FUNCTION: Final = term("maillon:label")

PREDICATES: Final = (
    term("skos:prefLabel"), TITLE, NAME, term("rdfs:label"), term("vcard:fn"), term("vcard:organization-name"),
    term("schema:name"),
)  # fmt: skip
"""What gives a label, the best first: a code list's own words before those of whoever reuses it."""
_ORDER: Final = {language: place for place, language in enumerate(LANGUAGES, start=2)}
_UNTAGGED: Final = len(_ORDER) + 2
_TAG: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,8}")
_REMEMBERED: Final = 20_000
"""Labels kept while one query runs: about 5 MB."""
_LOOKED_AT: Final = 100
"""Values of one predicate: a concept has a label in each of 24 languages, hardly more."""


def _rank(tag: str, wanted: str) -> int:
    """Return the place of a language tag, 0 for the best."""
    tag = tag.lower()
    primary = tag.partition("-")[0]
    if wanted and tag == wanted:
        return 0
    if wanted and primary == wanted.partition("-")[0]:
        return 1
    return _ORDER.get(primary, _UNTAGGED if not tag else _UNTAGGED + 1)


class Labels:
    """Finds labels for one query, in the thread that opened the store; remembers the last 20,000.

    Args:
        store: The store of the snapshot.
        language: BCP 47 tag of the language wanted; empty for none in particular.
    """

    def __init__(self, store: Store, language: str = "") -> None:
        self._store = store
        self._language = language
        self._remembered = lru_cache(_REMEMBERED)(self._found)

    def of(self, node: Any, language: str | None = None) -> Literal | None:
        """Return the best label of a node, None where it has none and for what is no node.

        The language asked for goes before French, Dutch, German, English, texts without a language and any other.

        Args:
            node: Any term.
            language: BCP 47 tag, where it is another than that of the constructor.
        """
        if not isinstance(node, NamedNode | BlankNode):
            return None
        return self._remembered(node, (self._language if language is None else language).lower())

    def _found(self, node: NamedNode | BlankNode, wanted: str) -> Literal | None:
        best: tuple[int, int, str, Literal] | None = None
        least = 0 if wanted else min(_ORDER.values())
        for place, predicate in enumerate(PREDICATES):
            for quad in islice(self._store.quads_for_pattern(node, predicate, None, DefaultGraph()), _LOOKED_AT):
                value = quad.object
                if isinstance(value, Literal) and value.value.strip():
                    found = (_rank(value.language or "", wanted), place, value.value, value)
                    best = found if best is None or found[:3] < best[:3] else best
            if best is not None and best[0] == least:
                break  # no later predicate can give a better one
        return None if best is None else best[3]


def functions(store: Store) -> dict[NamedNode, Callable[..., Any]]:
    """Return the custom functions of one query, for ``Store.query``; what they remember goes with the query.

    ``maillon:label(?x)`` and ``maillon:label(?x, "fr")`` give the best label of an IRI with its language; no value
    (an error of SPARQL, so unbound after BIND) where there is no label, or the language is no language tag.
    """
    labels = Labels(store)

    def label(node: Any, language: Any = None, *more: Any) -> Literal | None:
        if more:
            return None
        if language is None:
            return labels.of(node)
        if not isinstance(language, Literal) or (language.value and not _TAG.fullmatch(language.value)):
            return None
        return labels.of(node, language.value)

    return {FUNCTION: label}
