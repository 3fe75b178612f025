"""Turns what a visitor types and ticks into a page of datasets with facet counts.

The text is read by rules of our own, so that nothing a visitor types is a syntax error (``typed``), and turned into a
query (``asking``). Whether a text is taken as typed or widened depends on all datasets, not on those that the filters
leave, so that hits, counts and pages are those of one query. Facets are multi-select: the counts of a facet ignore its
own filter, so that a second value can be added.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import tantivy
from tantivy import Occur

from maillon.errors import SnapshotError
from maillon.search.asking import Asker
from maillon.search.schema import FACETS, LANGUAGES, register, words
from maillon.search.summary import Summary, from_json

_MAX_TEXT: Final = 500
_MAX_LIMIT: Final = 1000
_FACET_VALUES: Final = 65_000


def _valid(text: str) -> str:
    """Return a text without lone surrogates, which a broken percent-encoding can hold and tantivy refuses."""
    return text.encode("utf-8", "ignore").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked.

    Attributes:
        text: As typed; empty for all datasets.
        wide: Whether words that mean the same count, and where little is found misspelt words are corrected and some
            words may be absent. Otherwise words are taken as typed.
        language: Language of the visitor: its titles weigh more, and it decides the order by title.
        filters: Accepted values by facet name: any of the values of a facet, in all facets. Unknown names are ignored.
        sort: ``relevance`` (without a text: as ``modified``), ``modified`` (newest first) or ``title``.
        offset: Number of datasets to skip.
        limit: Number of datasets wanted, at most 1000; 0 for counts alone.
        facet_limit: Values per facet.
    """

    text: str = ""
    wide: bool = False
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
        approximate: Whether other or fewer words than those typed were accepted.
        words: The words searched for, those that mean the same included; for marking them in texts.
        corrected: Texts searched for in the place of the one typed, the likeliest first; empty where it has no slip.
        partial: Whether datasets without some of the words were accepted.
        missing: Words typed that no dataset has; only where ``partial``.
    """

    total: int
    hits: list[Hit]
    facets: dict[str, list[tuple[str, int]]]
    approximate: bool = False
    words: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    partial: bool = False
    missing: tuple[str, ...] = ()


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
        self._asker = Asker(self._schema, self._searcher)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(self, query: Query) -> Results:
        """Answer a query; whatever the text and the filters hold, no error is raised."""
        query = replace(
            query,
            text=_valid(query.text[:_MAX_TEXT]),
            filters={name: tuple(map(_valid, values)) for name, values in query.filters.items()},
        )
        asked = self._asker.ask(query.text, query.language, query.wide)
        total, hits = self._hits(asked.query, query)
        return Results(
            total,
            hits,
            self._facets(asked.query, query),
            approximate=bool(asked.corrected) or asked.partial,
            words=asked.words,
            corrected=asked.corrected,
            partial=asked.partial,
            missing=asked.missing,
        )

    def suggest(self, text: str, limit: int = 8) -> list[str]:
        """Return words worth searching for instead of a text that finds nothing, at most ``limit``.

        Those of its words that are found, and the words of titles, keywords and publishers near to the others.
        """
        return self._asker.suggest(_valid(text[:_MAX_TEXT]))[: max(limit, 0)]

    def similar(self, summary: Summary, limit: int = 5) -> list[Summary]:
        """Return datasets with much the same words in title and keywords, most similar first."""
        texts = [*summary.title.values(), *(" ".join(list_) for list_ in summary.keywords.values())]
        terms = sorted({term for text in texts for term in self._asker.stems.plain(text[:_MAX_TEXT])})[:64]
        if not terms or limit < 1:
            return []
        any_term = [(Occur.Should, self._asker.term("plain", term)) for term in terms]
        itself = tantivy.Query.term_query(self._schema, "iri", summary.iri)
        query = tantivy.Query.boolean_query([*any_term, (Occur.MustNot, itself)])
        return [self._summary(address) for _, address in self._searcher.search(query, min(limit, _MAX_LIMIT)).hits]

    def _summary(self, address: tantivy.DocAddress) -> Summary:
        return from_json(bytes(self._searcher.doc(address)["summary"][0]).decode())

    def _hits(self, text: tantivy.Query, query: Query) -> tuple[int, list[Hit]]:
        filtered = self._filtered(text, query.filters)
        total = self._asker.count(filtered)
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
