"""Turns the beginning of a query, up to the token that stopped the parser, into what is known there.

Not the grammar of SPARQL 1.1 Query, section 19.8, but brackets, keywords and the number of terms since the last
separator, in one pass; ``maillon.sparql.text.mistakes`` tells mistakes apart by them.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from maillon.sparql.text.tokens import Token, tokens

TERMS: Final = ("variable", "iri", "name", "string", "number", "tag")
"""Kinds of tokens that are a term, or end one."""
_NONE: Final = -1000
"""Count of terms after a keyword: what follows is no triple pattern."""


class Found(NamedTuple):
    """A mistake: its id in MISTAKES, where it starts and ends in the query, and values of its texts."""

    id: str
    start: int
    end: int
    values: Mapping[str, str] = {}


@dataclass(slots=True)
class Bracket:
    """An open bracket.

    Attributes:
        token: The bracket; None for the query as a whole.
        word: The last keyword at this level, in upper case.
        before: The keyword right before the bracket, in upper case, or empty.
        grouped: Whether a group in braces has been closed at this level.
        terms: How many terms stand since the last separator of patterns, negative after a keyword.
    """

    token: Token | None
    word: str = ""
    before: str = ""
    grouped: bool = False
    terms: int = 0


@dataclass(slots=True)
class Reading:
    """A query up to the token that stopped the parser.

    Attributes:
        query: Its text.
        before: The tokens before that one, without comments.
        token: That token; one of kind ``end`` where the text ends too early.
        after: What follows it, at most three tokens.
        open: The brackets that are open there, the whole first.
    """

    query: str
    before: list[Token]
    token: Token
    after: list[Token]
    open: list[Bracket] = field(default_factory=list)

    @property
    def word(self) -> str:
        """The token in upper case where it is a bare word, else empty."""
        return self.token.text.upper() if self.token.kind == "word" else ""

    @property
    def end(self) -> int:
        """Where the token ends."""
        return self.token.start + len(self.token.text)

    @property
    def bracket(self) -> str:
        """The innermost open bracket, empty where none is."""
        token = self.open[-1].token
        return token.text if token else ""

    @property
    def clause(self) -> str:
        """The last keyword at the level of the token, or of those around it inside round brackets."""
        for one in reversed(self.open):
            if one.word or one.token is None or one.token.text != "(":
                return one.word
        return ""

    def last(self, number: int = 1) -> Token:
        """Return the token so many before, of kind ``end`` where there is none."""
        return self.before[-number] if len(self.before) >= number else Token("end", "", 0)

    def last_word(self, number: int = 1) -> str:
        """Return the same in upper case where it is a bare word, else empty."""
        token = self.last(number)
        return token.text.upper() if token.kind == "word" else ""

    def here(self, id_: str, **values: str) -> Found:
        """Return a mistake that is the token itself."""
        return Found(id_, self.token.start, self.end, values)

    def at(self, token: Token, id_: str, **values: str) -> Found:
        """Return a mistake that is another token."""
        return Found(id_, token.start, token.start + len(token.text), values)


def read(query: str, start: int) -> Reading:
    """Return what stands before the token at or after a character of a query, which need not be valid."""
    found = [token for token in tokens(query) if token.kind != "comment"]
    place = bisect_left(found, start, key=lambda token: token.start)
    rest = found[place : place + 4] or [Token("end", "", len(query))]
    reading = Reading(query, found[:place], rest[0], rest[1:], [Bracket(None)])
    for token in reading.before:
        _step(reading.open, token)
    return reading


def _step(open_: list[Bracket], token: Token) -> None:
    """Take one token into account: brackets, the last keyword, and terms since the last separator."""
    level = open_[-1]
    if token.kind == "open":
        open_.append(Bracket(token, before=level.word))
    elif token.kind == "close":
        _close(open_, token)
    elif token.kind == "word" and token.text not in ("a", "true", "false"):
        level.word, level.terms = token.text.upper(), _NONE
    elif token.kind == "other" and token.text in ".;,":
        level.terms = {".": 0, ";": 1, ",": 2}[token.text]
    elif token.kind in (*TERMS, "word"):
        level.terms += token.kind != "tag"


def _close(open_: list[Bracket], token: Token) -> None:
    if len(open_) > 1:
        open_.pop()
    level = open_[-1]
    level.terms += 1
    if token.text == "}" or level.terms < 0:  # a group or FILTER(...) ends by itself
        level.terms = 0
    if token.text == "}":
        level.word, level.grouped = "", True
