"""Turns a query that only counts a class or a property into one that says the number, which is known already.

``SELECT (COUNT(*) AS ?n) { ?d a dcat:Dataset }`` is what people and monitors ask most, and a scan each time. The
numbers were counted when the snapshot was made (``maillon.store.statistics``) and a snapshot never changes, so they
are exact. Only this one form is recognised, token by token (SPARQL 1.1 Query); any other query comes back as it is.
"""

from collections.abc import Sequence
from typing import Final

from maillon.sparql.text import names
from maillon.sparql.text.tokens import Token, tokens
from maillon.store.statistics import Statistics
from maillon.vocabulary import TYPE

_LONGEST: Final = 60
"""Tokens of the longest query that is looked at: ten prefixes and the count."""


def rewritten(query: str, counted: Statistics) -> str:
    """Return a query with the same answer over the default graph.

    Args:
        query: Its text, which need not be valid.
        counted: Of the snapshot that is asked.
    """
    if "count" not in query.lower():
        return query
    found = [token for token in tokens(query) if token.kind != "comment"]
    if len(found) > _LONGEST:
        return query
    body = names.body(found)
    parts = _parts(body)
    if parts is None:
        return query
    counts, variable, pattern = parts
    number = _number(counts, pattern, names.declared(found), counted)
    if number is None or variable.text in [token.text for token in pattern]:
        return query
    return f"SELECT ({number} AS {variable.text}) {{}}"


def _parts(body: Sequence[Token]) -> tuple[list[str], Token, Sequence[Token]] | None:
    """Return what is counted, the variable for the number, and the three terms of the one pattern; None otherwise."""
    texts = [token.text.upper() for token in body]
    if texts[:4] != ["SELECT", "(", "COUNT", "("] or ")" not in texts:
        return None
    end = texts.index(")")
    head, rest = texts[end + 1 : end + 4], body[end + 4 :]
    if len(head) < 3 or head[0] != "AS" or head[2] != ")" or body[end + 2].kind != "variable":
        return None
    if rest and rest[0].text.upper() == "WHERE":
        rest = rest[1:]
    closed = [token.text for token in rest[4:]]
    if len(rest) < 5 or rest[0].text != "{" or closed not in (["}"], [".", "}"]):
        return None
    return [token.text for token in body[4:end]], body[end + 2], rest[1:4]


def _number(counts: list[str], pattern: Sequence[Token], prefixes: dict[str, str], counted: Statistics) -> int | None:
    """Return how many matches a pattern has: of a class, or of a property between two variables."""
    subject, predicate, value = pattern
    relation, kind = names.absolute(predicate, prefixes), names.absolute(value, prefixes)
    if subject.kind != "variable" or not relation:
        return None
    if relation == TYPE.value and kind and value.kind != "word":
        # Each subject stands once, so counting it, all rows, or it without repetition is the same.
        fits = counts in (["*"], [subject.text]) or [item.upper() for item in counts[:1]] + counts[1:] == [
            "DISTINCT",
            subject.text,
        ]
        return counted.classes.get(kind, 0) if fits else None
    if value.kind != "variable" or value.text[1:] == subject.text[1:]:
        return None
    return counted.properties.get(relation, 0) if counts in (["*"], [subject.text], [value.text]) else None
