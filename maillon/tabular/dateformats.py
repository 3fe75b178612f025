"""Reads dates and times by the patterns of CSVW, such as ``d/M/yyyy`` and ``yyyy-MM-ddTHH:mm``.

https://www.w3.org/TR/tabular-data-model/#formats-for-dates-and-times; those without pattern as XML Schema writes them.

A date that does not exist (30 February) is refused, never moved.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Final

Parse = Callable[[str], str]

_ZONE: Final = r"(?P<zone>Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9]|[+-](?:0[0-9]|1[0-4]))"
_YEAR: Final = r"(?P<y>-?(?:[1-9][0-9]{3,5}|0[0-9]{3}))"
_MONTH: Final = r"(?P<M>0[1-9]|1[0-2])"
_DAY: Final = r"(?P<d>0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"(?P<H>[01][0-9]|2[0-4]):(?P<m>[0-5][0-9]):(?P<s>[0-5][0-9])(?P<S>\.[0-9]+)?"

_STANDARD: Final = {
    "date": f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}?",
    "dateTime": f"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_ZONE}?",
    "dateTimeStamp": f"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_ZONE}",
    "time": f"{_CLOCK}{_ZONE}?",
    "gYear": f"{_YEAR}{_ZONE}?",
    "gYearMonth": f"{_YEAR}-{_MONTH}{_ZONE}?",
    "gMonth": f"--{_MONTH}{_ZONE}?",
    "gDay": f"---{_DAY}{_ZONE}?",
    "gMonthDay": f"--{_MONTH}-{_DAY}{_ZONE}?",
}
WORDS: Final = {
    "date": "is no date",
    "dateTime": "is no date with time",
    "dateTimeStamp": "is no date with time and zone",
    "time": "is no time",
    "gYear": "is no year",
    "gYearMonth": "is no month of a year",
    "gMonth": "is no month such as --05",
    "gDay": "is no day such as ---31",
    "gMonthDay": "is no day of the year such as --05-31",
}
"""What is said of a text that is not of the datatype."""

_TOKEN = re.compile(r"yyyy|MM|M|dd|d|HH|H|mm|m|ss|s|S+|X{1,3}|x{1,3}|'[^']*'|[A-Za-z]|[^A-Za-z]")
_PARTS: Final = {
    "yyyy": r"(?P<y>[0-9]{4})",
    "MM": _MONTH,
    "M": r"(?P<M>0?[1-9]|1[0-2])",
    "dd": _DAY,
    "d": r"(?P<d>0?[1-9]|[12][0-9]|3[01])",
    "HH": r"(?P<H>[01][0-9]|2[0-4])",
    "H": r"(?P<H>[01]?[0-9]|2[0-4])",
    "mm": r"(?P<m>[0-5][0-9])",
    "m": r"(?P<m>[0-5]?[0-9])",
    "ss": r"(?P<s>[0-5][0-9])",
    "s": r"(?P<s>[0-5]?[0-9])",
    "T": "T",
    "Z": _ZONE,
}


def parser(base: str, pattern: str) -> Parse:
    """Return what turns a date or time into the lexical form of XML Schema.

    Args:
        base: Name of the datatype, one of WORDS.
        pattern: Of CSVW; empty for that of XML Schema.

    Raises:
        ValueError: The pattern holds something that is no part of a date, or names a part twice.
    """
    if not pattern:
        return partial(_checked, re.compile(_STANDARD[base]), base)
    return partial(_formatted, _expression(pattern), base, pattern)


def _part(token: str) -> str:
    if token in _PARTS:
        return _PARTS[token]
    if token.startswith("S"):
        return rf"(?P<S>[0-9]{{1,{len(token)}}})"
    if token[0] in "Xx":
        return _ZONE if token[0] == "X" else _ZONE.replace("Z|", "", 1)
    if token.isalpha():
        raise ValueError(f"{token!r} is no part of a date (yyyy, MM, M, dd, d, HH, mm, ss, S, X)")
    return re.escape(token.strip("'") or token)


def _expression(pattern: str) -> re.Pattern[str]:
    text = "".join(map(_part, _TOKEN.findall(pattern)))
    # A fraction of seconds may be left out with its point.
    text = re.sub(r"\\\.(\(\?P<S>[^)]*\))", r"(?:\\.\1)?", text)
    try:
        return re.compile(text)
    except re.error:
        raise ValueError(f"format {pattern!r} names a part of the date twice") from None


def _check_day(parts: dict[str, str | None], fault: str) -> None:
    year, month, day = parts.get("y"), parts.get("M"), parts.get("d")
    if not month or not day:
        return
    # Leap years repeat: a year that Python cannot hold is checked by one that it can. 2000 stands for "any year".
    number = abs(int(year)) % 400 + 2000 if year else 2000
    try:
        date(number, int(month), int(day))
    except ValueError:
        raise ValueError(f"{fault}: there is no such day") from None


def _checked(expression: re.Pattern[str], base: str, text: str) -> str:
    match = expression.fullmatch(text)
    if match is None:
        raise ValueError(WORDS[base])
    _check_day(match.groupdict(), WORDS[base])
    return text


def _formatted(expression: re.Pattern[str], base: str, pattern: str, text: str) -> str:
    match = expression.fullmatch(text)
    if match is None:
        raise ValueError(f"{WORDS[base]} as {pattern}")
    parts = match.groupdict()
    _check_day(parts, WORDS[base])
    year, month, day = parts.get("y") or "0000", *((parts.get(key) or "1").zfill(2) for key in "Md")
    clock = ":".join((parts.get(key) or "0").zfill(2) for key in "Hms")
    fraction = (parts.get("S") or "").rstrip("0")
    clock += f".{fraction}" if fraction else ""
    zone = _zone(parts.get("zone") or "")
    written = {
        "date": f"{year}-{month}-{day}",
        "time": clock,
        "gYear": year,
        "gYearMonth": f"{year}-{month}",
        "gMonth": f"--{month}",
        "gDay": f"---{day}",
        "gMonthDay": f"--{month}-{day}",
    }
    return written.get(base, f"{year}-{month}-{day}T{clock}") + zone


def _zone(text: str) -> str:
    if len(text) <= 1:
        return text
    digits = text[1:].replace(":", "").ljust(4, "0")
    return f"{text[0]}{digits[:2]}:{digits[2:]}"
