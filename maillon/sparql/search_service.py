"""Turns ``SERVICE maillon:search { ... }`` of a query into the datasets that the search index finds, before any worker.

The form is that of SPARQL 1.1 Federated Query; nothing is federated: the block becomes an inline table (VALUES) and
the query stays one that any engine answers. Why so: ``docs/decisions/0016-text-search-in-sparql.md``.

    SERVICE maillon:search { ?dataset maillon:query "vélo" ; maillon:score ?score ; maillon:limit 100 }
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import Literal, RdfFormat, parse

from maillon.search import Query, SearchIndex
from maillon.settings import LANGUAGES
from maillon.sparql.jobs import QueryFailed
from maillon.sparql.text import names
from maillon.sparql.text.tokens import Token, tokens
from maillon.vocabulary import term

SERVICE: Final = term("maillon:search").value
DEFAULT_LIMIT: Final = 1000
MAX_LIMIT: Final = 10_000
MAX_BLOCKS: Final = 5
EXAMPLE: Final = (
    'SERVICE maillon:search { ?dataset maillon:query "vélo" ; maillon:score ?score ; maillon:limit 100 ; '
    'maillon:language "fr" }'
)
REFUSED: Final = (
    "SERVICE is not offered: this endpoint never asks other servers. Remove it. Text search is the exception: "
    f"{EXAMPLE}"
)

_PAGE: Final = 1000
_OPEN: Final = 4
_WORD: Final = re.compile(r"[^\W_]")
_WRITABLE: Final = re.compile(r'[^\x00-\x20<>"{}|^`\\]+')
_TERMS: Final = {term(f"maillon:{name}").value: name for name in ("query", "score", "limit", "language", "total")}


class Found(NamedTuple):
    """What a search gives.

    Attributes:
        hits: Pairs of a dataset's IRI and its score, the most relevant first.
        total: Number of datasets found, those beyond the limit included.
    """

    hits: list[tuple[str, float]]
    total: int


Search = Callable[[str, int, str], Found]
"""Finds datasets: text, limit, language (empty for none in particular)."""


@dataclass(slots=True)
class _Block:
    """One search of a query: where it stands, and what it says by term (query, score, limit, language, total)."""

    start: int
    end: int = 0
    dataset: str = ""
    said: dict[str, str] = field(default_factory=dict)
    """Variables without their sign for score and total, values for the others."""


class _Reader:
    """Reads the searches of a query, one token after the other."""

    def __init__(self, query: str, base_iri: str, bindings: Mapping[str, str]) -> None:
        self._query = query
        self._bindings = bindings
        self._tokens = [token for token in tokens(query) if token.kind != "comment"]
        self._prefixes = names.declared(self._tokens)
        self._services = services(base_iri)
        self._next = 0

    def blocks(self) -> Iterator[_Block]:
        while self._next < len(self._tokens):
            token = self._take()
            if token.kind == "word" and token.text.upper() == "SERVICE":
                yield self._block(token.start)

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def _peek(self) -> Token:
        end = Token("end", "the end of the query", len(self._query))
        return self._tokens[self._next] if self._next < len(self._tokens) else end

    def _wrong(self, token: Token, what: str) -> QueryFailed:
        line, column = names.place(self._query, token.start)
        return QueryFailed("syntax", f"Line {line}, column {column}: {what}. Text search is written so: {EXAMPLE}")

    def _block(self, start: int) -> _Block:
        block = _Block(start)
        if self._peek().text.upper() == "SILENT":
            self._take()
        if names.iri(self._take(), self._prefixes) not in self._services:
            raise QueryFailed("refused", REFUSED)
        if (token := self._take()).text != "{":
            raise self._wrong(token, "“{” is expected after maillon:search")
        while self._peek().text != "}":
            self._statement(block)
        closing = self._take()
        if "query" not in block.said:
            raise self._wrong(closing, "maillon:query is missing")
        block.end = closing.start + 1
        return block

    def _statement(self, block: _Block) -> None:
        """Read one subject with its predicates, up to the full stop or the closing bracket."""
        subject = self._take()
        if subject.kind != "variable" or block.dataset not in ("", subject.text[1:]):
            raise self._wrong(subject, "one variable for the dataset is expected before maillon:query")
        block.dataset = subject.text[1:]
        while True:
            self._property(block)
            if self._peek().text != ";":
                break
            while self._peek().text == ";":
                self._take()
            if self._peek().text in (".", "}"):
                break
        if self._peek().text == ".":
            self._take()
        elif self._peek().text != "}":
            raise self._wrong(self._peek(), "“;”, “.” or “}” is expected")

    def _property(self, block: _Block) -> None:
        token = self._take()
        name = _TERMS.get(names.iri(token, self._prefixes), "")
        if not name or name in block.said:
            known = ", ".join(f"maillon:{name}" for name in _TERMS.values())
            raise self._wrong(token, f"one of {known} is expected, each once")
        value = self._peek()
        block.said[name] = self._variable(block) if name in ("score", "total") else self._constant(block, name)
        self._check(name, block.said[name], value)

    def _variable(self, block: _Block) -> str:
        token = self._take()
        taken = {block.dataset, block.said.get("score"), block.said.get("total")}
        if token.kind != "variable" or token.text[1:] in taken:
            raise self._wrong(token, "a variable of its own is expected for a score or a total")
        return token.text[1:]

    def _constant(self, block: _Block, name: str) -> str:
        token = self._take()
        text = token.text
        if token.kind == "variable":
            text = self._bindings.get(text[1:], "")
        elif token.kind == "string" and self._peek().kind == "tag":
            text += self._take().text
        literal = _literal(text) if token.kind in ("variable", "string", "number") else None
        if literal is None:
            raise self._wrong(token, f"maillon:{name} needs a constant")
        if name == "query" and literal.language:
            block.said.setdefault("tag", literal.language)
        return literal.value

    def _check(self, name: str, value: str, token: Token) -> None:
        if name == "query" and not _WORD.search(value):
            raise self._wrong(token, "maillon:query needs a word to search for")
        if name == "language" and value not in LANGUAGES:
            raise self._wrong(token, f"maillon:language is one of {', '.join(LANGUAGES)}")
        if name == "limit" and not (value.isascii() and value.isdecimal() and 0 < int(value[:9]) <= MAX_LIMIT):
            raise self._wrong(token, f"maillon:limit is a whole number from 1 to {MAX_LIMIT}")


def _literal(text: str) -> Literal | None:
    """Return the literal of a token or of an N-Triples term; None where it is none, or has no end."""
    try:
        quads = list(parse(f"<a:a> <a:a> {text} .".encode(), RdfFormat.TURTLE))
    except (SyntaxError, UnicodeEncodeError):
        return None
    return quads[0].object if len(quads) == 1 and isinstance(quads[0].object, Literal) else None


def services(base_iri: str) -> frozenset[str]:
    """Return the IRIs of the text search: ``maillon:search``, and ``search`` under a base IRI unless that is empty."""
    return frozenset([SERVICE, f"{base_iri}search"] if base_iri else [SERVICE])


def _number(score: float) -> str:
    text = repr(float(score))
    return text if "e" in text else f"{text}e0"


def _table(block: _Block, search: Search) -> str:
    said = block.said
    language = said.get("language", said.get("tag", "").partition("-")[0])
    found = search(said["query"], int(said.get("limit", DEFAULT_LIMIT)), language)
    names_ = [block.dataset, *(said[name] for name in ("score", "total") if name in said)]
    variables = " ".join(f"?{name}" for name in names_)
    rows = []
    for iri, score in found.hits:
        if _WRITABLE.fullmatch(iri):  # any other no query can name, nor does the store hold it
            cells = [
                f"<{iri}>",
                *([_number(score)] if "score" in said else []),
                *([str(found.total)] * ("total" in said)),
            ]
            rows.append(f"({' '.join(cells)})")
    # DISTINCT keeps Oxigraph from reading a VALUES of over 1,000 rows anew for every row of the other side: 8,871 rows
    # joined with titles took minutes without, 0.5 s with it (pyoxigraph 0.5.13).
    return f"{{ SELECT DISTINCT {variables} {{ VALUES ({variables}) {{ {' '.join(rows)} }} }} }}"


def _in_place(table: str, old: str) -> str:
    """Return a table that ends in the line and, where it can, in the column of the text that it replaces."""
    *lines, last = old.split("\n")
    if not lines:
        return table.ljust(len(old))
    return table + "\n" * len(lines) + " " * len(last)


def _blocks(query: str, base_iri: str, bindings: tuple[tuple[str, str], ...]) -> list[_Block]:
    blocks = list(_Reader(query, base_iri, dict(bindings)).blocks())
    if len(blocks) > MAX_BLOCKS:
        raise QueryFailed("refused", f"The query searches {len(blocks)} times; at most {MAX_BLOCKS} are accepted.")
    return blocks


def expand(query: str, search: Search, base_iri: str, bindings: tuple[tuple[str, str], ...] = ()) -> str:
    """Return a query with the datasets found in the place of its text searches; one without any comes back as it is.

    Args:
        query: As the user sent it.
        search: Finds the datasets; called once for each search, at most 5 times.
        base_iri: The catalogue's base IRI: ``SERVICE <{base_iri}search>`` is the search too; empty for none.
        bindings: The job's, for a text, limit or language that is a parameter.

    Raises:
        QueryFailed: ``refused`` for any other SERVICE and for too many searches; ``syntax``, with line, column and an
            example, for a search that is not written as it must be.
    """
    if "service" not in query.lower():
        return query
    parts, at = [], 0
    for block in _blocks(query, base_iri, bindings):
        parts += [query[at : block.start], _in_place(_table(block, search), query[block.start : block.end])]
        at = block.end
    return "".join([*parts, query[at:]])


def outline(query: str, base_iri: str, bindings: tuple[tuple[str, str], ...] = ()) -> str:
    """Return a query whose searches find nothing and end where they ended: a parser names the places of ``query``.

    Raises:
        QueryFailed: As ``expand``.
    """
    return expand(query, lambda _text, _limit, _language: Found([], 0), base_iri, bindings)


class Indexes:
    """The search indexes of the snapshots asked last, opened once each, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: OrderedDict[Path, SearchIndex] = OrderedDict()

    def search(self, path: Path) -> Search:
        """Return the search of a snapshot.

        Args:
            path: Its ``Snapshot.search``; the caller holds a lease on it.

        Raises:
            SnapshotError: The index cannot be opened.
        """
        with self._lock:
            index = self._open.pop(path, None)
            index = SearchIndex(path) if index is None else index
            self._open[path] = index  # the newest stands last
            while len(self._open) > _OPEN:
                self._open.popitem(last=False)
        return lambda text, limit, language: _found(index, text, limit, language)


def _found(index: SearchIndex, text: str, limit: int, language: str) -> Found:
    """Search a page at a time; words are taken as typed, because a join must not rest on a guess."""
    hits: list[tuple[str, float]] = []
    while len(hits) < limit:
        wanted = min(_PAGE, limit - len(hits))
        query = Query(text=text, language=language, offset=len(hits), limit=wanted, facet_limit=0)
        results = index.search(query)
        hits += [(hit.summary.iri, hit.score) for hit in results.hits]
        if len(results.hits) < wanted:
            break
    return Found(hits, results.total)
