"""Turns what a visitor types and ticks into a page of datasets with facet counts.

The text is read by rules of our own, so that nothing a visitor types is a syntax error: words (all must be found),
"phrases in quotes", -word to leave out. Where nothing is found, words may be misspelt or incomplete. Facets are
multi-select: the counts of a facet ignore its own filter, so that a second value can be added.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import tantivy
from tantivy import Occur

from maillon.errors import SnapshotError
from maillon.search.schema import FACETS, LANGUAGES, SEPARATOR, analyser, folded, register, words
from maillon.search.summary import Summary, from_json

_TERM = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')
_VOWEL_S = re.compile(r"\w{2}[aiou]s?$")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’](?=\w)", re.IGNORECASE)
_MAX_TEXT: Final = 500
_MAX_TERMS: Final = 20
_MAX_LIMIT: Final = 1000
_FACET_VALUES: Final = 65_000
_SHORTEST_FUZZY: Final = 4
_SHORTEST_DUTCH: Final = 4


def _forms(name: str, term: str) -> list[str]:
    """Return a stem with and without its s, in the fields of the languages whose stemmer is unsure of it.

    The French one keeps the s after a, i, o, u (vélos); the Dutch one takes that of a stem for a plural (fiets is cut
    to "fiet", fietsen to "fiets").
    """
    if (name.endswith("_fr") and _VOWEL_S.search(term)) or (name.endswith("_nl") and len(term) >= _SHORTEST_DUTCH):
        return [term, term.removesuffix("s") if term.endswith("s") else term + "s"]
    return [term]


def _valid(text: str) -> str:
    """Return a text without lone surrogates, which a broken percent-encoding can hold and tantivy refuses."""
    return text.encode("utf-8", "ignore").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked.

    Attributes:
        text: As typed; empty for all datasets.
        language: Language of the visitor: its titles weigh more, and it decides the order by title.
        filters: Accepted values by facet name: any of the values of a facet, in all facets. Unknown names are ignored.
        sort: ``relevance`` (without a text: as ``modified``), ``modified`` (newest first) or ``title``.
        offset: Number of datasets to skip.
        limit: Number of datasets wanted, at most 1000; 0 for counts alone.
        facet_limit: Values per facet.
    """

    text: str = ""
    language: str = "fr"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "relevance"
    offset: int = 0
    limit: int = 20
    facet_limit: int = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """One dataset found, and its score (0 where the order is not by relevance)."""

    summary: Summary
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """What was found.

    Attributes:
        total: Exact number of datasets found.
        hits: Those of the page asked for.
        facets: (value, number of datasets) by facet name, most frequent first, then by value.
        approximate: Whether nothing was found as typed, and similar words were accepted.
    """

    total: int
    hits: list[Hit]
    facets: dict[str, list[tuple[str, int]]]
    approximate: bool = False


class SearchIndex:
    """The search index of one snapshot, for any number of threads.

    Raises SnapshotError where it is absent or of another version.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._index = tantivy.Index.open(str(path))
        except (ValueError, OSError) as error:
            raise SnapshotError(f"The search index {path} cannot be opened: {error}. Run `maillon publish`.") from error
        register(self._index)
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._analysers = {language: analyser(stemmer) for language, stemmer in LANGUAGES.items()}
        self._plain = analyser()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(self, query: Query) -> Results:
        """Answer a query; whatever the text and the filters hold, no error is raised."""
        query = replace(
            query,
            text=_valid(query.text[:_MAX_TEXT]),
            filters={name: tuple(map(_valid, values)) for name, values in query.filters.items()},
        )
        text = self._text(query, fuzzy=False)
        total, hits = self._hits(text, query)
        approximate = False
        if total == 0 and not self._is_empty(query.text) and not self._count(text):
            text = self._text(query, fuzzy=True)
            total, hits = self._hits(text, query)
            approximate = total > 0
        return Results(total, hits, self._facets(text, query), approximate)

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Complete the last word of a text with words of titles, keywords and publishers, most frequent first."""
        prefix = _valid(prefix[:_MAX_TEXT]).replace(SEPARATOR, " ")
        typed = words(prefix)
        if not typed or limit < 1 or not prefix[-1:].isalnum():
            return []
        before = prefix[: len(prefix) - len(typed[-1])]
        found = self._searcher.terms_with_prefix("suggest", folded(typed[-1]), limit=5000)
        ordered = sorted(found, key=lambda pair: (-pair[1], pair[0]))
        return list(dict.fromkeys(before + term.split(SEPARATOR)[-1] for term, _ in ordered))[:limit]

    def similar(self, summary: Summary, limit: int = 5) -> list[Summary]:
        """Return datasets with much the same words in title and keywords, most similar first."""
        texts = [*summary.title.values(), *(" ".join(list_) for list_ in summary.keywords.values())]
        terms = sorted({term for text in texts for term in self._plain.analyze(text[:_MAX_TEXT])})[:64]
        if not terms or limit < 1:
            return []
        any_term = [(Occur.Should, self._term("plain", term)) for term in terms]
        itself = tantivy.Query.term_query(self._schema, "iri", summary.iri)
        query = tantivy.Query.boolean_query([*any_term, (Occur.MustNot, itself)])
        return [self._summary(address) for _, address in self._searcher.search(query, min(limit, _MAX_LIMIT)).hits]

    def _summary(self, address: tantivy.DocAddress) -> Summary:
        return from_json(bytes(self._searcher.doc(address)["summary"][0]).decode())

    def _count(self, query: tantivy.Query) -> int:
        return int(self._searcher.search(query, 1).count)  # type: ignore[attr-defined]

    def _hits(self, text: tantivy.Query, query: Query) -> tuple[int, list[Hit]]:
        filtered = self._filtered(text, query.filters)
        total = self._count(filtered)
        limit = min(query.limit, _MAX_LIMIT, total - query.offset)
        if limit < 1 or query.offset < 0:  # tantivy panics on a limit of 0
            return total, []
        order = self._order(query)
        if order is None:
            found = self._searcher.search(filtered, limit, offset=query.offset)
            return total, [Hit(self._summary(address), float(score)) for score, address in found.hits]
        name, direction = order
        found = self._searcher.search(filtered, limit, offset=query.offset, order_by_field=name, order=direction)
        return total, [Hit(self._summary(address), 0.0) for _, address in found.hits]

    def _order(self, query: Query) -> tuple[str, tantivy.Order] | None:
        if query.sort == "title":
            language = query.language if query.language in LANGUAGES else "fr"
            return f"by_title_{language}", tantivy.Order.Asc
        if query.sort == "modified" or self._is_empty(query.text):
            return "by_modified", tantivy.Order.Desc
        return None

    def _facets(self, text: tantivy.Query, query: Query) -> dict[str, list[tuple[str, int]]]:
        active = {name: values for name, values in query.filters.items() if name in FACETS and values}
        found = self._aggregate(self._filtered(text, active), [name for name in FACETS if name not in active], query)
        for name in active:
            others = {other: values for other, values in active.items() if other != name}
            found |= self._aggregate(self._filtered(text, others), [name], query)
        return {name: found[name] for name in FACETS}

    def _aggregate(self, query: tantivy.Query, names: list[str], asked: Query) -> dict[str, list[tuple[str, int]]]:
        if not names:
            return {}
        terms = {name: {"terms": {"field": name, "size": _FACET_VALUES}} for name in names}
        result = self._searcher.aggregate(query, terms)
        found = {}
        for name in names:
            counted = [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in result[name]["buckets"]]
            found[name] = sorted(counted, key=lambda pair: (-pair[1], pair[0]))[: max(asked.facet_limit, 0)]
        return found

    def _filtered(self, text: tantivy.Query, filters: Mapping[str, tuple[str, ...]]) -> tantivy.Query:
        chosen = [
            (Occur.Must, tantivy.Query.term_set_query(self._schema, name, list(values)))
            for name, values in filters.items()
            if name in FACETS and values
        ]
        return tantivy.Query.boolean_query([(Occur.Must, text), *chosen]) if chosen else text

    @staticmethod
    def _is_empty(text: str) -> bool:
        return not words(text)

    def _text(self, query: Query, fuzzy: bool) -> tantivy.Query:
        parts: list[tuple[Occur, tantivy.Query]] = []
        for minus, phrase, typed in _TERM.findall(query.text)[:_MAX_TERMS]:
            word = _ELISION.sub("", typed)  # l'eau: the article must not stand before the word everywhere
            part = self._similar_words(word) if fuzzy and word and not minus else None
            part = part or self._exact(phrase or word, query.language)
            if part is not None:
                parts.append((Occur.MustNot if minus else Occur.Must, part))
        if all(occur == Occur.MustNot for occur, _ in parts):
            parts.append((Occur.Must, tantivy.Query.all_query()))
        return tantivy.Query.boolean_query(parts)

    def _exact(self, text: str, language: str) -> tantivy.Query | None:
        """Return a query for one word or phrase in any language; None where the text holds no word."""
        found: list[tantivy.Query] = []
        for name, analysis in self._analysers.items():
            terms = analysis.analyze(text)
            weight = 2.0 if name == language else 1.0
            found += self._phrase(f"title_{name}", terms, 3.0 * weight) + self._phrase(f"body_{name}", terms, weight)
        found += self._phrase("plain", self._plain.analyze(text), 1.0)
        return tantivy.Query.disjunction_max_query(found, 0.1) if found else None

    def _phrase(self, name: str, terms: list[str], weight: float) -> list[tantivy.Query]:
        if not terms:
            return []
        if len(terms) == 1:
            return [tantivy.Query.boost_query(self._term(name, form), weight) for form in _forms(name, terms[0])]
        return [tantivy.Query.boost_query(tantivy.Query.phrase_query(self._schema, name, list(terms)), weight)]

    def _term(self, name: str, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, name, term)

    def _similar_words(self, text: str) -> tantivy.Query | None:
        """Return a query for the beginning of a word with one or two letters wrong; None for a short word."""
        parts = [
            (
                Occur.Must,
                tantivy.Query.fuzzy_term_query(
                    self._schema, "plain", term, distance=1 if len(term) < 8 else 2, prefix=True
                ),
            )
            for term in self._plain.analyze(text)
            if len(term) >= _SHORTEST_FUZZY
        ]
        return tantivy.Query.boolean_query(parts) if parts else None
