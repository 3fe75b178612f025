"""Cuts the text of a SPARQL query, which need not be valid, into tokens.

Pyoxigraph offers no parser, so this is a lexer of one regular expression, after the terminals of SPARQL 1.1 Query,
section 19.8. It cuts the text so that a bare word is a keyword and nothing else is.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

_ESCAPE: Final = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LEXER: Final = re.compile(
    rf"""
      (?P<iri> <(?:[^<>"{{}}|^`\\\x00-\x20] | \\u[0-9A-Fa-f]{{4}} | \\U[0-9A-Fa-f]{{8}})*> )
    | (?P<string> '''(?:'{{0,2}}(?:[^'\\]|\\.))*+(?:''')? | \"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*+(?:\"\"\")?
        | '(?:[^'\\\n\r]|\\.)*+'? | "(?:[^"\\\n\r]|\\.)*+"? )  # one without end is an error of syntax
    | (?P<comment> \#[^\n\r]* )
    | (?P<variable> [?$]\w+ )
    | (?P<name> (?:[^\W\d_](?:[\w.-]{{0,100}}[\w-])? | _)? :
        (?:(?:[\w:]|{_ESCAPE})(?:(?:[\w.:-]|{_ESCAPE})*(?:[\w:-]|{_ESCAPE}))?)? )
    | (?P<tag> @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<number> \d+(?:\.\d+)?(?:[eE][+-]?\d+)? )
    | (?P<word> [^\W\d]\w* )
    | (?P<open> [(\[{{] )
    | (?P<close> [)\]}}] )
    | (?P<other> \S )
    """,
    re.VERBOSE | re.DOTALL,
)
_LONG: Final = 4_000


class Token(NamedTuple):
    """One token.

    Attributes:
        kind: ``iri``, ``string``, ``comment``, ``variable``, ``name`` (prefixed), ``tag``, ``number``, ``word``,
            ``open``, ``close`` or ``other``.
        text: The token as it is written.
        start: Where it starts, in characters of the query.
    """

    kind: str
    text: str
    start: int


def tokens(query: str) -> tuple[Token, ...]:
    """Cut a query; white space is left out, comments are not."""
    return _known(query) if len(query) < _LONG else _cut(query)


def _cut(query: str) -> tuple[Token, ...]:
    return tuple(Token(match.lastgroup or "other", match.group(), match.start()) for match in _LEXER.finditer(query))


_known: Final = lru_cache(200)(_cut)
"""Guard, key, usage and help cut the same query one after the other; at most some MB are kept."""
