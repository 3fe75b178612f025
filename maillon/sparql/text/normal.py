"""Turns the text of a SPARQL query into its normal text, by which equal queries are known, and into its pattern.

The lexer is that of ``maillon.sparql.text.tokens`` (terminals of SPARQL 1.1 Query,
https://www.w3.org/TR/sparql11-query/, section 19.8). The normal text is a key and is never evaluated: what the lexer
does not understand stays as it is written, because two spellings of one query cost a run, and two queries with one
normal text a wrong answer.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from maillon.sparql.text.tokens import Token, tokens
from maillon.vocabulary import PREFIXES

STRING: Final = '"…"'
IRI: Final = "<…>"
NUMBER: Final = "0"
"""What stands for a string, an IRI of data and a number in a pattern."""

_KEYWORDS: Final = frozenset(
    """
    BASE PREFIX VERSION SELECT DISTINCT REDUCED AS CONSTRUCT DESCRIBE ASK FROM NAMED WHERE GROUP BY HAVING ORDER
    ASC DESC LIMIT OFFSET VALUES OPTIONAL GRAPH UNION FILTER BIND SERVICE SILENT UNDEF MINUS LATERAL EXISTS NOT
    IN SEPARATOR COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT STR LANG LANGMATCHES LANGDIR DATATYPE BOUND IRI URI
    BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS
    STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384
    SHA512 COALESCE IF STRLANG STRLANGDIR STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR
    REPLACE TRIPLE SUBJECT PREDICATE OBJECT ISTRIPLE HASLANG HASLANGDIR ADJUST
    """.split()  # noqa: SIM905 - read as the grammar has it
)
_LOWER: Final = frozenset(["a", "true", "false"])
"""Words that Oxigraph takes in lower case only."""
_CHANGING: Final = frozenset(["NOW", "RAND", "UUID", "STRUUID", "BNODE"])
_MAYBE_CHANGING: Final = re.compile("NOW|RAND|UUID|BNODE", re.IGNORECASE)
_TOUCHING: Final = frozenset(["COALESCE", "CONCAT", "BNODE"])
"""Functions that Oxigraph 0.5.13 takes only where the bracket follows at once; with all others a blank is the same."""
_OPERATORS: Final = frozenset("^&|!<>=+-*/")
_JOINING: Final = _OPERATORS | frozenset(".")
_MARKS: Final = _JOINING | frozenset(",;?")
_BLANK: Final = " \t\r\n"
_JUDGED: Final = frozenset(["word", "other", "string"])
_NOTHING: Final = Token("", "", 0)
_STRING: Final = re.compile(
    r"""'''(?:'{0,2}(?:[^'\\]|\\.))*+''' | \"""(?:"{0,2}(?:[^"\\]|\\.))*+\"""
    | '(?:[^'\\]|\\.)*+' | "(?:[^"\\]|\\.)*+" """,
    re.VERBOSE | re.DOTALL,
)
_LONG: Final = 4_000
_REMEMBERED: Final = 1_000
"""Queries of up to so many characters that are remembered, because several ask one after the other: 10 MB at most."""
_LOCAL: Final = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)


def text(query: str) -> str:
    """Return the same for queries that differ only in white space, comments and the case of keywords.

    A query that the lexer does not understand whole is returned as it is. Tokens are parted by one blank, but for signs
    that stand together, which may be another token than the two apart: ``?s ?p -1`` finds what ``?s ?p - 1`` does not.

    Args:
        query: Its text, which need not be valid.
    """
    return _text(query) if len(query) < _LONG else _text.__wrapped__(query)


@lru_cache(_REMEMBERED)
def _text(query: str) -> str:
    parts: list[str] = []
    end, before = 0, _NOTHING
    for token in tokens(query):
        kind, written, start = token
        if start > end and query[end:start].strip(_BLANK):
            return query
        apart = start > end or before is _NOTHING
        end = start + len(written)
        if kind == "comment":
            before = _NOTHING  # parts tokens as a blank does
            continue
        if kind in _JUDGED:
            known = _written(token)
            if known is None:
                return query
            written = known
        parts.append(written if not apart and _joined(before, token) else f" {written}")
        before = token
    return query if query[end:].strip(_BLANK) else "".join(parts)[1:]


def _written(token: Token) -> str | None:
    """Return how a word, sign or string stands in a normal text; None where it is none of SPARQL."""
    kind, value, _ = token
    if kind == "word":
        upper = value.upper()
        if upper in _KEYWORDS and value.isascii():  # "lımıt".upper() is LIMIT
            return upper
        return value if value in _LOWER else None
    if kind == "other":
        return value if value in _MARKS else None
    return value if _STRING.fullmatch(value) else None


def _joined(before: Token, token: Token) -> bool:
    """Tell whether two tokens that stand together may be one of SPARQL, as ``!=``, ``-1``, ``+.5``, ``<<(``, ``{|``."""
    if before.kind == "word":
        return token.text == "(" and before.text.upper() in _TOUCHING
    if before.kind == "other":
        if token.kind == "number":
            return before.text in "+-."
        if token.kind == "other":
            return before.text in _OPERATORS and token.text in _JOINING
        return token.kind in ("open", "close") and before.text in "<>|"
    return token.kind == "other" and token.text in "<>|" and before.kind in ("open", "close")


def is_lasting(query: str) -> bool:
    """Tell whether a query has the same answer each time; it has not where NOW, RAND, UUID, STRUUID or BNODE is called.

    Args:
        query: Its text, which need not be valid.
    """
    return _is_lasting(query) if len(query) < _LONG else _is_lasting.__wrapped__(query)


@lru_cache(_REMEMBERED)
def _is_lasting(query: str) -> bool:
    if not _MAYBE_CHANGING.search(query):
        return True
    return not any(kind == "word" and value.upper() in _CHANGING for kind, value, _ in tokens(query))


def pattern(query: str) -> str:
    """Return what a query asks without what it was asked about, so that equal uses can be counted together.

    Strings, numbers (so LIMIT and OFFSET) and IRIs are replaced by STRING, NUMBER and IRI; IRIs of the vocabularies of
    ``maillon.vocabulary`` are kept, as the prefixed names that they are predeclared with, and their declarations left
    out. Prefixed names, variables and keywords stay, comments and white space do not.

    Args:
        query: Its text, which need not be valid.
    """
    parts: list[str] = []
    pending: list[str] = []  # PREFIX, its name: until it is known whose IRI follows
    before = _NOTHING
    for token in tokens(query):
        if token.kind == "comment":
            continue
        value = _placeholder(token)
        if value == "PREFIX" or (pending and token.kind == "name"):
            pending.append(value)
        elif pending:
            if not (token.kind == "iri" and PREFIXES.get(pending[-1].rstrip(":")) == token.text[1:-1]):
                parts += [*pending, value]
            pending = []
        elif token.kind == "number" and before.kind == "other" and before.text in "+-" and parts:
            parts[-1] = value  # a sign is part of the number
        else:
            parts.append(value)
        before = token
    return " ".join([*parts, *pending])


def _placeholder(token: Token) -> str:
    kind, value, _ = token
    match kind:
        case "string":
            return STRING
        case "number":
            return NUMBER
        case "iri":
            return next(_known(value[1:-1]), IRI)
        case "word" if value.isascii() and value.upper() in _KEYWORDS:
            return value.upper()
        case _:
            return value


def _known(iri: str) -> Iterator[str]:
    """Yield the prefixed name of an IRI of a known vocabulary, else nothing."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
            yield f"{prefix}:{iri[len(namespace) :]}"
