"""Turns the prologue and the names in the tokens of a query into IRIs: its own prefixes, else those predeclared."""

from collections.abc import Iterable, Mapping, Sequence

from maillon import identifiers
from maillon.sparql.text.tokens import Token
from maillon.vocabulary import PREFIXES, TYPE


def declared(found: Iterable[Token]) -> dict[str, str]:
    """Return the IRI of every prefix that the tokens of a query may use, its own declarations before the predeclared.

    One that is declared twice has its last IRI (SPARQL 1.2 Query, section 4.1.1); a relative IRI stays as it is.
    """
    prefixes, before, name = dict(PREFIXES), "", ""
    for kind, text, _ in found:
        if kind == "comment":
            continue
        if kind == "name" and before == "PREFIX":
            name, before = text, ":"
        elif kind == "iri" and before == ":":
            prefixes[name.partition(":")[0]] = text[1:-1]
            before = ""
        else:
            before = text.upper()
    return prefixes


def iri(token: Token, prefixes: Mapping[str, str]) -> str:
    """Return the IRI that a token stands for, empty where it stands for none or its prefix is unknown."""
    if token.kind == "iri":
        return token.text[1:-1]
    if token.kind == "name":
        prefix, _, local = token.text.partition(":")
        return prefixes[prefix] + local.replace("\\", "") if prefix in prefixes else ""
    return TYPE.value if token.kind == "word" and token.text == "a" else ""


def absolute(token: Token, prefixes: Mapping[str, str]) -> str:
    """Return the absolute IRI that a token stands for, empty where it is none or is written with escapes."""
    found = iri(token, prefixes)
    return found if identifiers.is_absolute(found) and "\\" not in token.text else ""


def body(found: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens after the prefixes that a query declares for absolute IRIs."""
    start = 0
    while [token.kind for token in found[start : start + 3]] == ["word", "name", "iri"]:
        if found[start].text.upper() != "PREFIX" or not identifiers.is_absolute(found[start + 2].text[1:-1]):
            break
        start += 3
    return found[start:]


def place(query: str, start: int) -> tuple[int, int]:
    """Return line and column, both from 1, of a character of a query."""
    return query.count("\n", 0, start) + 1, start - query.rfind("\n", 0, start)
