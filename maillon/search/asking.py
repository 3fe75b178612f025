"""Turns the words that a visitor types into a query of the index, and into a wider one where that finds little.

All words must be found, in any language. Asked widely (as the search page does, and SPARQL does not), a word also
stands for those that mean the same, below itself. Where nothing is found, misspelt words give way to the nearest words
of the index; where still nothing is found, or next to nothing, all words but one are enough, then all but two, down to
half of those that any dataset has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import tantivy
from tantivy import Occur

from maillon.search import synonyms, typed
from maillon.search.schema import SEPARATOR, words
from maillon.search.spelling import Vocabulary
from maillon.search.stems import Stems, forms
from maillon.search.typed import Typed

_FEW: Final = 3
_SYNONYM: Final = 0.3
_EACH_WORD: Final = 100.0
"""Score of a word that is found at all, above what its place and frequency can give: more words stand before fewer."""
_OFFERED: Final = 3
_EVERY_WORD: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """What must be found together: a word, a phrase, or words that the table of synonyms knows together.

    Attributes:
        terms: What was typed.
        query: Finds it.
        words: The words that it stands for, for marking them in a text.
    """

    terms: tuple[Typed, ...]
    query: tantivy.Query
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A text turned into a query.

    Attributes:
        query: Finds the datasets.
        words: The words searched for.
        corrected: Texts searched for in the place of the one typed, the likeliest first.
        partial: Whether datasets without some of the words are accepted.
        missing: Words typed that no dataset has; only where ``partial``.
    """

    query: tantivy.Query
    words: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    partial: bool = False
    missing: tuple[str, ...] = ()


Clauses = list[tuple[Occur, tantivy.Query]]


def _all_of(parts: Iterable[Part]) -> Clauses:
    return [(Occur.Must, part.query) for part in parts]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is read.

    Attributes:
        parts: What must be found.
        unwanted: Clauses for what must not.
    """

    parts: list[Part]
    unwanted: Clauses

    @property
    def query(self) -> tantivy.Query:
        """Finds all parts; all datasets where there is none."""
        wanted = _all_of(self.parts) or [(Occur.Must, tantivy.Query.all_query())]
        return tantivy.Query.boolean_query([*wanted, *self.unwanted])

    def asked(self) -> Asked:
        """Return it with all its words searched for."""
        return Asked(self.query, tuple(dict.fromkeys(word for part in self.parts for word in part.words)))


def _put(text: str, changes: Sequence[tuple[Typed, str]]) -> str:
    """Return a text with some of its words replaced."""
    for term, word in sorted(changes, key=lambda change: -change[0].start):
        text = text[: term.start] + word + text[term.end :]
    return text


class Asker:
    """Makes queries for one index, for any number of threads."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        self._schema = schema
        self._searcher = searcher
        self.stems = Stems()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of titles, keywords and publishers; made at the first misspelt word."""
        found = self._searcher.terms_with_prefix("suggest", "", limit=_EVERY_WORD)
        return Vocabulary((term.split(SEPARATOR)[-1], count) for term, count in found)

    def count(self, query: tantivy.Query) -> int:
        """Return how many datasets a query finds."""
        return int(self._searcher.search(query, 1).count)  # type: ignore[attr-defined]

    def term(self, name: str, term: str) -> tantivy.Query:
        """Return a query for one term of a field."""
        return tantivy.Query.term_query(self._schema, name, term)

    def ask(self, text: str, language: str, wide: bool) -> Asked:
        """Return the query for a text; all datasets where it asks for nothing.

        Args:
            text: As typed.
            language: The visitor's, whose titles weigh more.
            wide: Whether synonyms count, and fewer or other words are accepted where little is found.
        """
        read = self._read(text, language, wide)
        if not wide or not read.parts:
            return read.asked()
        found, corrected = self.count(read.query), []
        if not found and (corrected := self._corrections(text, read.parts)):
            again = [self._read(other, language, wide) for other in corrected]
            counts = [self.count(one.query) for one in again]
            best = next((number for number, count in enumerate(counts) if count), 0)
            read, found = again[best], counts[best]
            corrected.insert(0, corrected.pop(best))
        asked = replace(read.asked(), corrected=tuple(corrected))
        return self._widen(asked, read, found) if self._too_few(found, read.parts, language) else asked

    def _read(self, text: str, language: str, wide: bool) -> Reading:
        terms = typed.read(text)
        parts = self._parts([term for term in terms if not term.minus], language, wide)
        without = [self._exact(term.text, language) for term in terms if term.minus]
        return Reading(parts, [(Occur.MustNot, query) for query in without if query is not None])

    def _parts(self, terms: list[Typed], language: str, wide: bool) -> list[Part]:
        parts, at = [], 0
        while at < len(terms):
            length, entries = self._synonyms(terms, at) if wide else (1, [])
            together = tuple(terms[at : at + length])
            queries = [query for term in together if (query := self._exact(term.text, language)) is not None]
            if queries:
                own = queries[0] if length == 1 else tantivy.Query.boolean_query([(Occur.Must, one) for one in queries])
                query = self._or_synonyms(own, entries)
                parts.append(
                    Part(together, query, (*(term.text for term in together), *(entry.text for entry in entries)))
                )
            at += length
        return parts

    def _synonyms(self, terms: list[Typed], at: int) -> tuple[int, list[synonyms.Entry]]:
        """Return how many words from a place on the table knows together, at least 1, and what means the same."""
        for length in range(min(synonyms.LONGEST, len(terms) - at), 0, -1):
            run = terms[at : at + length]
            if any(term.phrase for term in run):
                continue
            if entries := synonyms.table().of([term.text for term in run], self.stems):
                return length, entries
        return 1, []

    def _or_synonyms(self, query: tantivy.Query, entries: list[synonyms.Entry]) -> tantivy.Query:
        if not entries:
            return query
        others = []
        for entry in entries:
            others += self._phrase("title", entry.language, list(entry.stems), 3.0 * _SYNONYM)
            others += self._phrase("body", entry.language, list(entry.stems), _SYNONYM)
        return tantivy.Query.disjunction_max_query([query, *others], 0.1)

    def _exact(self, text: str, language: str, fields: tuple[str, ...] = ("title", "body")) -> tantivy.Query | None:
        """Return a query for one word or phrase in any language; None where the text holds no word."""
        found: list[tantivy.Query] = []
        for name, stems in self.stems.each(text):
            weight = 2.0 if name == language else 1.0
            for field in fields:
                found += self._phrase(field, name, stems, 3.0 * weight if field == "title" else weight)
        if "body" in fields and (plain := self.stems.plain(text)):
            found.append(self.term("plain", plain[0]) if len(plain) == 1 else self._next_to("plain", plain))
        return tantivy.Query.disjunction_max_query(found, 0.1) if found else None

    def _phrase(self, field: str, language: str, stems: list[str], weight: float) -> list[tantivy.Query]:
        name = f"{field}_{language}"
        if len(stems) > 1:
            return [tantivy.Query.boost_query(self._next_to(name, stems), weight)]
        same = [form for stem in stems for form in forms(language, stem)]
        return [tantivy.Query.boost_query(self.term(name, form), weight) for form in same]

    def _next_to(self, name: str, terms: list[str]) -> tantivy.Query:
        return tantivy.Query.phrase_query(self._schema, name, list(terms))

    def _corrections(self, text: str, parts: list[Part]) -> list[str]:
        """Return the text with the nearest words in the place of those that no dataset has, at most 3 ways."""
        near = [(part.terms[0], list_) for part in parts if (list_ := self._near(part))]
        likeliest = [(term, list_[0]) for term, list_ in near]
        made = [_put(text, likeliest)] if near else []
        for term, list_ in near:
            others = [change for change in likeliest if change[0] != term]
            made += [_put(text, [*others, (term, word)]) for word in list_[1:]]
        return made[:_OFFERED]

    def _near(self, part: Part) -> list[str]:
        """Return the nearest words of a word that no dataset has; none for a phrase in quotes and for synonyms."""
        term = part.terms[0]
        plain = self.stems.plain(term.text)
        if len(part.words) > 1 or term.phrase or len(plain) != 1 or self.count(part.query):
            return []
        kept: list[str] = []
        for word in self.vocabulary.near(plain[0]):
            if not any(self.stems.alike(word, other) for other in kept):
                kept.append(word)
        return kept

    def _too_few(self, found: int, parts: list[Part], language: str) -> bool:
        """Whether fewer than 3 datasets have all words, and none of them in its title: the words may stand anywhere."""
        if found >= _FEW or len(parts) < 2:
            return False
        in_title = [self._exact(term.text, language, ("title",)) for part in parts for term in part.terms]
        return not (found and self.count(tantivy.Query.boolean_query([(Occur.Must, q) for q in in_title if q])))

    def _widen(self, asked: Asked, read: Reading, found: int) -> Asked:
        """Accept datasets without one of the words, or more where still none is found; phrases in quotes must stay.

        Words that no dataset has are the first to go.
        """
        fixed = [part for part in read.parts if part.terms[0].phrase]
        loose = [part for part in read.parts if not part.terms[0].phrase]
        missing = [part for part in loose if not self.count(part.query)]
        known = [part for part in loose if part not in missing]
        needed = [part for part in known if not part.terms[0].is_number] or known  # a year says less than a word
        most = len(needed) - (len(needed) == len(loose))
        each = [tantivy.Query.const_score_query(part.query, _EACH_WORD) for part in needed]
        ranked = [(Occur.Should, query) for query in (*each, *(part.query for part in loose))]
        for least in range(most, (len(needed) - 1) // 2, -1):
            either = tantivy.Query.boolean_query([(Occur.Should, part.query) for part in needed], least)
            enough = (Occur.Must, tantivy.Query.const_score_query(either, 0.0))
            query = tantivy.Query.boolean_query([*_all_of(fixed), enough, *ranked, *read.unwanted])
            if self.count(query) > found:
                names = tuple(term.text for part in missing for term in part.terms)
                return replace(asked, query=query, partial=True, missing=names)
        return asked

    def suggest(self, text: str) -> list[str]:
        """Return words worth searching for instead of a text: those of it that are found, and words near to the others.

        Where no word is near, those that begin as it does.
        """
        found: list[str] = []
        for word in [word for term in typed.read(text) if not term.minus for word in words(term.text)][:_OFFERED]:
            known = self.count(self._read(word, "", wide=True).query)
            found += [word] if known else self.vocabulary.near(word) or self.vocabulary.beginning(word)
        return list(dict.fromkeys(found))
