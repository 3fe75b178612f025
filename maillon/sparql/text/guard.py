"""Turn the text of a foreign SPARQL query into a verdict before any engine sees it.

Counts on the tokens of ``maillon.sparql.text.tokens``; what they may miss is caught behind it by the sandbox, the
stack, the memory and the time of the query worker.
"""

from dataclasses import dataclass, field
from typing import Final

from maillon.sparql import search_service
from maillon.sparql.jobs import QueryFailed
from maillon.sparql.text import names
from maillon.sparql.text.tokens import Token, tokens

MAX_LENGTH: Final = 32_768
"""Characters of a query."""
MAX_DEPTH: Final = 200
"""Nested brackets. An 8 MB stack overflows at 3,000 nested groups, which are 6 kB (pyoxigraph 0.5.13)."""
MAX_PATTERNS: Final = 60
"""Triple patterns of one group. Planning takes time to the fourth power: 60 take 73 ms, 300 more than 40 s."""

FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES: Final = frozenset(["INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"])


@dataclass(slots=True)
class Facts:
    """What the lexer sees of a query.

    Attributes:
        words: Its keywords in upper case.
        form: Its query form, one of FORMS, empty where there is none.
        depth: Deepest nesting of brackets.
        patterns: Most triple patterns, path steps and nested groups in one group; never counted too low, but a
            collection counts as one.
    """

    words: set[str] = field(default_factory=set)
    form: str = ""
    depth: int = 0
    patterns: int = 0


class _Groups:
    """Counts the triple patterns of each open group while the tokens pass."""

    def __init__(self) -> None:
        self.stack: list[tuple[str, bool]] = []
        self.counts: list[int] = []
        self.most = 0

    def open(self, bracket: str, before: str) -> None:
        if bracket == "{":
            if before != "UNION":
                self.count()
            self.counts.append(1)
        self.stack.append((bracket, bracket == "{" and before == "CONSTRUCT"))

    def close(self) -> None:
        if not self.stack:
            return
        bracket, template = self.stack.pop()
        if bracket == "{":
            patterns = self.counts.pop()
            self.most = max(self.most, 0 if template else patterns)

    def separator(self, character: str) -> None:
        inside = self.stack[-1][0] if self.stack else ""
        if character in "/^" or (character in ".;," and inside in ("{", "[")):
            self.count()

    def count(self) -> None:
        if self.counts:
            self.counts[-1] += 1


def inspect(query: str) -> Facts:
    """Return what the lexer sees of a query, which need not be valid."""
    facts, groups, before = Facts(), _Groups(), ""
    for kind, text, _ in tokens(query):
        if kind == "comment":
            continue
        if kind == "word":
            facts.words.add(text.upper())
            if not facts.form and text.upper() in FORMS:
                facts.form = text.upper()
        elif kind == "open":
            groups.open(text, before)
            facts.depth = max(facts.depth, len(groups.stack))
        elif kind == "close":
            groups.close()
        elif kind == "other":
            groups.separator(text)
        before = text.upper()
    facts.patterns = max([groups.most, *groups.counts])
    return facts


def _asks_others(query: str, base_iri: str) -> bool:
    """Tell whether any SERVICE of a query is another than our text search."""
    found = [token for token in tokens(query) if token.kind != "comment"]
    prefixes, ours = names.declared(found), search_service.services(base_iri)
    after = [*found[1:], Token("end", "", len(query)), Token("end", "", len(query))]
    for place, token in enumerate(found):
        if token.kind == "word" and token.text.upper() == "SERVICE":
            silent = after[place].kind == "word" and after[place].text.upper() == "SILENT"
            if names.iri(after[place + silent], prefixes) not in ours:
                return True
    return False


def check(query: str, base_iri: str = "") -> Facts:
    """Let a query through to the workers.

    Args:
        query: Its text.
        base_iri: The catalogue's base IRI, under which ``search`` is the text search too, beside ``maillon:search``.

    Raises:
        QueryFailed: of kind ``refused``, with the reason and what to do.
    """
    if len(query) > MAX_LENGTH:
        raise QueryFailed("refused", f"The query has {len(query)} characters; at most {MAX_LENGTH} are accepted.")
    facts = inspect(query)
    if "SERVICE" in facts.words and _asks_others(query, base_iri):
        raise QueryFailed("refused", search_service.REFUSED)
    if not facts.form and facts.words & _UPDATES:
        raise QueryFailed("refused", "This is an update. The endpoint is read-only: send a query.")
    if facts.depth > MAX_DEPTH:
        raise QueryFailed("refused", f"Brackets are nested {facts.depth} deep; at most {MAX_DEPTH} are accepted.")
    if facts.patterns > MAX_PATTERNS:
        raise QueryFailed(
            "refused",
            f"One group holds {facts.patterns} triple patterns or path steps; at most {MAX_PATTERNS} are accepted. "
            "Split it into sub-selects or unions.",
        )
    return facts
