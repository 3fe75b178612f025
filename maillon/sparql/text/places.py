"""Turns places in the text of a query, as lines and columns from 1, into characters from 0 and into sentences."""

from typing import Final

from maillon.sparql.text import names

_EXCERPT: Final = 40


def offset(query: str, line: int, column: int) -> int:
    """Return which character of a query is at a line and column, both from 1; its length where there is none."""
    start = 0
    for _ in range(line - 1):
        start = query.find("\n", start) + 1
        if not start:
            return len(query)
    return min(start + column - 1, len(query))


def sentence(query: str, start: int, what: str = "something else is expected") -> str:
    """Return what is said of a character of a query, and after what it stands on its line."""
    line, column = names.place(query, start)
    before = query[query.rfind("\n", 0, start) + 1 : start].strip()
    after = f" after “{before[-_EXCERPT:]}”" if before else ""
    return f"Line {line}, column {column}: {what}{after}."
