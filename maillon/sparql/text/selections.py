"""Turns the tokens of a query into what only the whole of a SELECT or group shows to be wrong, at most one thing.

After SPARQL 1.1 Query, sections 11.4 (what may be selected where rows are grouped) and 10.1 (new names of BIND).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from maillon.sparql.text.mistake_texts import AGGREGATES
from maillon.sparql.text.tokens import Token

_AFTER_GROUP: Final = frozenset(["HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"])


class Wrong(NamedTuple):
    """Id of the mistake in ``mistake_texts.MISTAKES``, and the token that it is about."""

    id: str
    token: Token


@dataclass(slots=True)
class _Select:
    """One SELECT while its tokens pass.

    Attributes:
        depth: Open brackets around it.
        phase: ``project``, ``body``, ``group`` or ``rest``.
        star: The ``*`` of ``SELECT *``.
        used: Variables of its projection outside of aggregates.
        named: Names that the projection gives with AS.
        totals: Whether it has an aggregate or HAVING.
        groups: Variables of GROUP BY, None without one.
        within: Depth of the outermost open aggregate of the projection, 0 outside.
    """

    depth: int
    phase: str = "project"
    star: Token | None = None
    used: list[Token] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    totals: bool = False
    groups: set[str] | None = None
    within: int = 0

    def take(self, token: Token, before: str, depth: int) -> None:
        """Take a token at a depth, with the word before it in upper case."""
        if self.phase == "project":
            self._project(token, before, depth)
        elif token.kind == "word" and depth == self.depth:
            self._word(token.text.upper())
        elif self.phase == "group" and token.kind == "variable" and self.groups is not None:
            self.groups.add(token.text[1:])

    def _project(self, token: Token, before: str, depth: int) -> None:
        word = token.text.upper() if token.kind == "word" else ""
        if token.text == "{" or word in ("WHERE", "FROM"):
            self.phase = "body"
        elif token.text == "*" and depth == self.depth:
            self.star = token
        elif word in AGGREGATES and not self.within:
            self.totals, self.within = True, depth + 1
        elif token.kind == "variable" and before == "AS":
            self.named.add(token.text[1:])
        elif token.kind == "variable" and not self.within:
            self.used.append(token)
        elif token.text == ")" and depth < self.within:
            self.within = 0

    def _word(self, word: str) -> None:
        if word == "GROUP":
            self.phase, self.groups = "group", set()
        elif word in _AFTER_GROUP:
            self.phase = "rest"
            self.totals |= word == "HAVING"

    def wrong(self) -> Wrong | None:
        """Return what is wrong with it once it has passed."""
        if self.groups is None and not self.totals:
            return None
        if self.star is not None and self.groups is not None:
            return Wrong("star", self.star)
        known = self.named | (self.groups or set())
        return next((Wrong("ungrouped", token) for token in self.used if token.text[1:] not in known), None)


def ungrouped(found: Sequence[Token]) -> Wrong | None:
    """Return what a SELECT takes of groups that they do not have; comments are left out of the tokens."""
    open_: list[_Select] = []
    depth, before = 0, ""
    for token in found:
        depth -= token.kind == "close"
        if token.kind == "close" and open_ and depth < open_[-1].depth:
            if wrong := open_.pop().wrong():
                return wrong
        elif token.kind == "word" and token.text.upper() == "SELECT":
            open_.append(_Select(depth))
        elif open_:
            open_[-1].take(token, before, depth)
        depth += token.kind == "open"
        before = token.text.upper()
    return next((wrong for wrong in (select.wrong() for select in reversed(open_)) if wrong), None)


def rebound(found: Sequence[Token]) -> Wrong | None:
    """Return the name that a BIND gives again, in the group that the last token closes."""
    depth, start = 0, 0
    for place in range(len(found) - 1, -1, -1):  # back to the brace that is closed
        depth += {"}": 1, "{": -1}.get(found[place].text, 0)
        if not depth:
            start = place
            break
    known: set[str] = set()
    braces, round_, before = 0, 0, ""
    for kind, text, at in found[start:]:
        braces += {"{": 1, "}": -1}.get(text, 0)
        round_ += {"(": 1, ")": -1}.get(text, 0)
        if kind == "variable" and braces == 1:
            if before == "AS" and round_ == 1 and text[1:] in known:
                return Wrong("rebound", Token(kind, text, at))
            if not round_:
                known.add(text[1:])
        before = text.upper()
    return None


def wrong(found: Sequence[Token]) -> Wrong | None:
    """Return what is wrong with a SELECT or the last group; the tokens end where the parser stopped."""
    closes = bool(found) and found[-1].text == "}"
    return ungrouped(found) or (rebound(found) if closes else None)
