"""Turns a query that the parser refused into the exact place where it stops being SPARQL.

Oxigraph 0.5 names the furthest character that it looked at while it tried keywords: up to 14 behind the mistake, the
length of ``ENCODE_FOR_URI``. So the parser itself is asked which beginnings of the query can still become one.
"""

import re
from collections.abc import Mapping
from typing import Final

from pyoxigraph import Store

from maillon.sparql.text.tokens import Token, tokens

_AHEAD: Final = 16
"""Characters that the parser looks ahead at most, and two more."""
_TAIL: Final = "\n" + " " * _AHEAD + "\x01"
"""What follows a beginning: so much white space that a mistake before it is never named behind it; then an error."""
_PLACE: Final = re.compile(r"error at (\d+):(\d+): ")
_OPERATOR: Final = frozenset("=<>!&|^")


def _units(found: tuple[Token, ...]) -> list[tuple[int, int]]:
    """Return start and end of every token but comments, with operators of many characters as one: half is no SPARQL."""
    units: list[tuple[int, int]] = []
    joins = False
    for kind, text, start in found:
        if kind == "comment":
            joins = False
            continue
        sign = text in _OPERATOR or text == "<>"
        if joins and sign and units[-1][1] == start:
            units[-1] = (units[-1][0], start + len(text))
        else:
            units.append((start, start + len(text)))
        joins = sign
    return units


def _can_go_on(beginning: str, base_iri: str, prefixes: Mapping[str, str]) -> bool:
    """Tell whether a text can be the beginning of a query; nothing is evaluated, as it always ends in an error."""
    try:
        Store().query(beginning + _TAIL, base_iri=base_iri, prefixes=dict(prefixes))
    except SyntaxError as error:
        place = _PLACE.match(str(error))
        return place is not None and (int(place[1]), int(place[2])) >= (beginning.count("\n") + 2, _AHEAD + 1)
    except ValueError:
        return False
    return False


def stop(query: str, named: int, base_iri: str, prefixes: Mapping[str, str]) -> int:
    """Return at which character a query stops being SPARQL: where a token starts, or its length if more is missing.

    Args:
        query: Its text, which the parser refused.
        named: The character that the parser names.
        base_iri: What relative IRIs are relative to.
        prefixes: Predeclared prefixes.
    """
    units = [unit for unit in _units(tokens(query)) if unit[0] <= named and unit[1] > named - _AHEAD]
    after = next((start for start, _ in _units(tokens(query)) if start > named), len(query))
    for start, end in reversed(units):
        if _can_go_on(query[:end], base_iri, prefixes):
            return after
        after = start
    return after
