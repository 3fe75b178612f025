"""Turns a query that counts entities by the value of a code into one that says the numbers, which are known already.

``SELECT ?x (COUNT(*) AS ?n) { ?d a dcat:Dataset ; dcat:theme ?x } GROUP BY ?x`` is what portals draw their charts and
filters from: how many datasets each theme, publisher or licence has. The numbers were counted when the snapshot was
made (``maillon.store.statistics``), so they are exact. The pattern is one property of CODES, of a class or of all
entities; ORDER BY, LIMIT and OFFSET over the two columns stay. Any other query comes back as it is (SPARQL 1.1 Query).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from maillon.sparql.text import names
from maillon.sparql.text.tokens import Token, tokens
from maillon.store.statistics import Statistics, code_key
from maillon.vocabulary import TYPE

_LONGEST: Final = 90
"""Tokens of the longest query that is looked at: ten prefixes, the pattern and the order."""
_ORDER: Final = frozenset(["ORDER", "BY", "ASC", "DESC", "STR", "LIMIT", "OFFSET"])

Tokens = Sequence[Token]


@dataclass(frozen=True, slots=True)
class _Query:
    """The parts of a query that has the form.

    Attributes:
        group: The variable that it groups by, as it is written first.
        counts: What is counted.
        number: The variable of the numbers.
        inside: The tokens between the braces.
        rest: The tokens after ``GROUP BY ?x``.
    """

    group: Token
    counts: list[str]
    number: Token
    inside: Tokens
    rest: Tokens


def rewritten(query: str, counted: Statistics) -> str:
    """Return a query with the same answer over the default graph.

    Args:
        query: Its text, which need not be valid.
        counted: Of the snapshot that is asked.
    """
    if not counted.codes or "group" not in query.lower():
        return query
    found = [token for token in tokens(query) if token.kind != "comment"]
    parts = _parts(names.body(found)) if len(found) <= _LONGEST else None
    if parts is None or not _is_order(parts):
        return query
    numbers = _numbers(parts, names.declared(found), counted.codes)
    if numbers is None:
        return query
    head = f"{parts.group.text} {parts.number.text}"
    values = " ".join(f"(<{iri}> {number})" for iri, number in numbers.items())
    rest = query[parts.rest[0].start :] if parts.rest else ""
    return f"SELECT {head} {{ VALUES ({head}) {{ {values} }} }} {rest}"


def _parts(body: Tokens) -> _Query | None:
    """Cut a query of the form; None where it has another."""
    texts = [token.text.upper() for token in body]
    if texts[:1] + texts[2:5] != ["SELECT", "(", "COUNT", "("] or ")" not in texts or "}" not in texts:
        return None
    counted, end = texts.index(")"), texts.index("}")
    start = counted + 4 + (texts[counted + 4 : counted + 5] == ["WHERE"])
    is_named = texts[counted + 1 : counted + 2] + texts[counted + 3 : counted + 4] == ["AS", ")"]
    if not is_named or texts[start : start + 1] != ["{"] or texts[end + 1 : end + 3] != ["GROUP", "BY"]:
        return None
    group, number, again = body[1], body[counted + 2], body[end + 3 : end + 4]
    if [token.kind for token in (group, number, *again)] != ["variable"] * 3 or _name(group) != _name(again[0]):
        return None
    counts = [text if text == "DISTINCT" else body[5 + place].text for place, text in enumerate(texts[5:counted])]
    return _Query(group, counts, number, body[start + 1 : end], body[end + 4 :])


def _is_order(parts: _Query) -> bool:
    """Tell whether what follows only orders and cuts the rows, by their two columns."""
    columns = {_name(parts.group), _name(parts.number)}
    return all(
        token.text.upper() in _ORDER
        if token.kind == "word"
        else (token.kind == "variable" and _name(token) in columns)
        or token.text in "()"
        or (token.kind == "number" and token.text.isdecimal())
        for token in parts.rest
    )


def _numbers(
    parts: _Query, prefixes: Mapping[str, str], codes: Mapping[str, Mapping[str, int]]
) -> Mapping[str, int] | None:
    """Return the number of each value; None where the pattern is another, or its numbers are not known."""
    pairs = _pairs(parts.inside)
    if pairs is None:
        return None
    subject, group = _name(parts.inside[0]), _name(parts.group)
    if len({subject, group, _name(parts.number)}) < 3 or not _is_by_entity(parts.counts, subject, group):
        return None
    kinds, relations = [], []
    for predicate, value in pairs:
        relation, kind = names.absolute(predicate, prefixes), names.absolute(value, prefixes)
        if relation == TYPE.value and kind and value.kind != "word":
            kinds.append(kind)
        elif value.kind == "variable" and _name(value) == group:
            relations.append(relation)
        else:
            return None
    if len(relations) != 1 or len(kinds) > 1:
        return None
    return codes.get(code_key("".join(kinds), relations[0]))


def _is_by_entity(counts: list[str], subject: str, group: str) -> bool:
    """Tell whether rows or entities are counted: an entity has each value once, so that they are as many."""
    named = [text if text in ("*", "DISTINCT") else text[1:] for text in counts]
    return named in (["*"], [subject], [group], ["DISTINCT", subject])


def _pairs(inside: Tokens) -> list[tuple[Token, Token]] | None:
    """Return predicates and objects of triple patterns that all have the same variable as subject; None otherwise."""
    if not inside or inside[0].kind != "variable":
        return None
    found, rest = [], list(inside)
    while rest:
        if len(rest) < 3 or rest[0].kind != "variable" or _name(rest[0]) != _name(inside[0]):
            return None
        found.append((rest[1], rest[2]))
        end = rest[3:4]
        if end and end[0].text == ";" and len(rest) > 4:
            rest = [inside[0], *rest[4:]]
        elif not end or end[0].text in (".", ";"):
            rest = rest[4:]
        else:
            return None
    return found


def _name(token: Token) -> str:
    """Return the name of a variable, which may be written with ``?`` or ``$``."""
    return token.text[1:]
