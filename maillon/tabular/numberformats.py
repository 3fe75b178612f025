"""Reads numbers as people write them: decimal commas, groups of digits, percent, per mille, patterns (``#,##0.00``).

https://www.w3.org/TR/tabular-data-model/#formats-for-numeric-types

``1.234`` with a decimal comma declared and no groups is refused, not guessed: it could be 1,234 or 1.234.
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final

from maillon.tabular.annotated import Datatype

Parse = Callable[[str], str]

_PATTERN = re.compile(
    r"(?P<before>[+\-%‰]?)(?P<whole>[#0,]+)(?:\.(?P<fraction>[#0,]+))?(?:E(?P<exponent>[+-]?[#0]+))?(?P<after>[%‰]?)"
)
_SHARES: Final = {"%": 2, "‰": 3}
# French tables group by a no-break or narrow no-break space where they declare a space.
_SPACES: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-"})


def parser(plain: Parse, datatype: Datatype) -> Parse:
    """Return what turns a formatted number into the lexical form of XML Schema.

    Args:
        plain: Reads a number that is written the standard way.
        datatype: With its format, decimal and group sign.

    Raises:
        ValueError: The format is no number pattern.
    """
    if not datatype.format and not datatype.group_char and datatype.decimal_char == ".":
        return _shared(plain)
    expression = _expression(datatype.format) if datatype.format else None
    group, decimal = datatype.group_char, datatype.decimal_char

    def parse(text: str) -> str:
        text = text.translate(_SPACES)
        if expression and not expression.fullmatch(_standard(text, group or ",", decimal, keep=True)):
            raise ValueError(f"does not match {datatype.format}")
        if group and group * 2 in text:
            raise ValueError("has two signs between groups of digits")
        if decimal != "." and "." in text and group != ".":
            raise ValueError(f"has a point though the sign before fractions is {decimal!r}")
        return _share(plain, _standard(text, group or ("," if datatype.format else ""), decimal, keep=False))

    return parse


def _shared(plain: Parse) -> Parse:
    def parse(text: str) -> str:
        return _share(plain, text) if text[-1:] in _SHARES else plain(text)

    return parse


def _share(plain: Parse, text: str) -> str:
    places = _SHARES.get(text[-1:])
    if places is None:
        return plain(text)
    try:
        return plain(format(Decimal(text[:-1].strip()).scaleb(-places), "f"))
    except InvalidOperation:
        raise ValueError("is no number") from None


def _standard(text: str, group: str, decimal: str, keep: bool) -> str:
    """Write groups with a comma (or without) and the fraction behind a point."""
    whole, sign, fraction = text.partition(decimal)
    if group:
        whole, fraction = (part.replace(group, "," if keep else "") for part in (whole, fraction))
    return whole + ("." if sign else "") + fraction


def _expression(pattern: str) -> re.Pattern[str]:
    match = _PATTERN.fullmatch(pattern)
    if match is None:
        raise ValueError(f"format {pattern!r} is no number pattern such as #,##0.00")
    parts = ["[+-]?" if match["before"] in ("", "+", "-") else re.escape(match["before"]), _whole(match["whole"])]
    if match["fraction"]:
        parts.append(_fraction(match["fraction"]))
    if match["exponent"]:
        least = match["exponent"].count("0")
        parts.append(f"E[+-]?[0-9]{{{max(least, 1)},}}")
    parts.append(re.escape(match["after"]))
    return re.compile("".join(parts))


def _whole(pattern: str) -> str:
    least = pattern.count("0")
    _, *others = pattern.rsplit(",", 2)
    if not others:
        return f"[0-9]{{{least},}}"
    primary = len(others[-1])
    secondary = len(others[0]) if len(others) == 2 and others[0] else primary
    lookahead = f"(?=(?:,?[0-9]){{{least},}})" if least else ""
    grouped = rf"[0-9]{{1,{secondary}}}(?:,[0-9]{{{secondary}}})*,[0-9]{{{primary}}}|[0-9]{{1,{primary}}}"
    return f"{lookahead}(?:{grouped}{'' if least else '|'})"


def _fraction(pattern: str) -> str:
    digits = pattern.replace(",", "")
    least, most = digits.count("0"), len(digits)
    if not least:
        return rf"(?:\.[0-9,]{{1,{most}}})?"
    return rf"\.[0-9,]{{{least},{most + pattern.count(',')}}}"
