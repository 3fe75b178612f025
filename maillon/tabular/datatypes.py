"""Turns the text of a cell into a literal of one of the datatypes of CSVW.

https://www.w3.org/TR/tabular-data-model/#datatypes

``parser`` compiles a datatype once; what it returns raises ValueError whose message says what the text is not. What is
valid already keeps its lexical form; formatted numbers, dates and booleans become that of XML Schema.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from maillon.tabular import dateformats, numberformats
from maillon.tabular.annotated import CSVW, Datatype
from maillon.vocabulary import PREFIXES

Parse = Callable[[str], str]
"""Text of a cell to lexical form; raises ValueError."""

XSD: Final = PREFIXES["xsd"]
_RDF: Final = PREFIXES["rdf"]

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?|-?INF|NaN")
_DURATION = re.compile(
    r"-?P(?=.)(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?=.)(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
)
_RANGES: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
}
_PATTERNS: Final = {
    "decimal": (_DECIMAL, "is no decimal number"),
    "double": (_DOUBLE, "is no number"),
    "float": (_DOUBLE, "is no number"),
    "duration": (_DURATION, "is no duration such as P1Y2M"),
    "dayTimeDuration": (_DURATION, "is no duration such as P3DT4H"),
    "yearMonthDuration": (_DURATION, "is no duration such as P1Y2M"),
    "hexBinary": (re.compile(r"(?:[0-9A-Fa-f]{2})*"), "is not hexadecimal"),
    "anyURI": (re.compile(r"[^\s<>\"{}|\\^`]*"), "is no web address"),
    "language": (re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*"), "is no language tag"),
    "Name": (re.compile(r"[^\W\d][\w.:-]*"), "is no XML name"),
    "NMTOKEN": (re.compile(r"[\w.:-]+"), "is no XML name token"),
    "QName": (re.compile(r"(?:[^\W\d][\w.-]*:)?[^\W\d][\w.-]*"), "is no prefixed XML name"),
}
DATES: Final = frozenset(dateformats.WORDS)
NUMBERS: Final = frozenset({*_RANGES, "decimal", "double", "float"})
_TEXTS: Final = frozenset({"string", "normalizedString", "token", "anyAtomicType", "xml", "html", "json"})
_OTHER_NAMES: Final = {"number": "double", "binary": "base64Binary", "datetime": "dateTime", "any": "anyAtomicType"}
_NAMES: Final = {"xml": _RDF + "XMLLiteral", "html": _RDF + "HTML", "json": CSVW + "JSON"}
BUILT_IN: Final = frozenset({*_PATTERNS, *_RANGES, *DATES, *_TEXTS, *_OTHER_NAMES, "boolean", "base64Binary"})
"""Names of all datatypes of CSVW that are read."""

KEEPS_WHITE_SPACE: Final = frozenset({"string", "json", "xml", "html", "anyAtomicType", "any"})
"""Datatypes whose texts keep line breaks and blanks (Tabular data model, section 6.4.2, steps 1 and 2)."""

_LONGEST_MATCHED: Final = 2_000
_NESTED = re.compile(r"\([^)]*[+*}][^)]*\)\s*[+*{]")


def canonical_name(base: str) -> str:
    """Return the name of a datatype in XML Schema: ``double`` for ``number``."""
    return _OTHER_NAMES.get(base, base)


def iri_of(datatype: Datatype) -> str:
    """Return the IRI of the datatype of literals."""
    base = canonical_name(datatype.base)
    return datatype.iri or _NAMES.get(base, XSD + base)


def _integer(name: str) -> Parse:
    least, most = _RANGES[name]

    def parse(text: str) -> str:
        if not _INTEGER.fullmatch(text):
            raise ValueError("is no integer")
        if (least is not None or most is not None) and not _within(int(text[:400]), least, most):
            raise ValueError(f"is out of the range of {name}")
        return text

    return parse


def _within(number: int, least: int | None, most: int | None) -> bool:
    return (least is None or number >= least) and (most is None or number <= most)


def _matching(pattern: re.Pattern[str], fault: str) -> Parse:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(fault)
        return text

    return parse


def _boolean(pattern: str) -> Parse:
    yes, bar, no = pattern.partition("|")
    known = {yes: "true", no: "false"} if bar else {"true": "true", "1": "true", "false": "false", "0": "false"}
    words = " or ".join(repr(word) for word in known)

    def parse(text: str) -> str:
        if text not in known:
            raise ValueError(f"is not {words}")
        return known[text]

    return parse


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not base64") from None
    return text


def _json(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("is no JSON") from None
    return text


def _expression(pattern: str) -> re.Pattern[str]:
    """Compile the regular expression of a string datatype; one that could take for ever is refused."""
    if len(pattern) > 300 or _NESTED.search(pattern):
        raise ValueError(f"format {pattern[:80]!r} repeats inside a repetition: such patterns are not applied")
    try:
        return re.compile(pattern)
    except (re.error, OverflowError) as error:
        raise ValueError(f"format {pattern[:80]!r} is no regular expression: {error}") from error


def _lexical(datatype: Datatype, base: str) -> Parse:
    if base in DATES:
        return dateformats.parser(base, datatype.format)
    if base == "boolean":
        return _boolean(datatype.format)
    parse = _plain(base)
    if base in NUMBERS:
        return numberformats.parser(parse, datatype)
    if not datatype.format:
        return parse
    expression = _expression(datatype.format)

    def matching(text: str) -> str:
        if len(text) > _LONGEST_MATCHED or not expression.fullmatch(text):
            raise ValueError(f"does not match {expression.pattern}")
        return parse(text)

    return matching


def _plain(base: str) -> Parse:
    if base in _RANGES:
        return _integer(base)
    if base in _PATTERNS:
        return _matching(*_PATTERNS[base])
    return {"base64Binary": _base64, "json": _json}.get(base, str)


_LIMITS: Final = {
    "minimum": lambda value, limit: value >= limit,
    "minInclusive": lambda value, limit: value >= limit,
    "maximum": lambda value, limit: value <= limit,
    "maxInclusive": lambda value, limit: value <= limit,
    "minExclusive": lambda value, limit: value > limit,
    "maxExclusive": lambda value, limit: value < limit,
    "length": lambda value, limit: value == limit,
    "minLength": lambda value, limit: value >= limit,
    "maxLength": lambda value, limit: value <= limit,
}
_WORDS: Final = {
    "minimum": "is less than {}",
    "minInclusive": "is less than {}",
    "maximum": "is more than {}",
    "maxInclusive": "is more than {}",
    "minExclusive": "is not more than {}",
    "maxExclusive": "is not less than {}",
    "length": "has not {} characters",
    "minLength": "has fewer than {} characters",
    "maxLength": "has more than {} characters",
}


def _key(base: str) -> Callable[[str], Any]:
    """Return what makes lexical forms of a datatype comparable."""
    if base in NUMBERS:
        return _number
    if base in ("date", "dateTime", "dateTimeStamp"):
        return lambda text: _moment(text).timestamp()
    return str


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("is no number") from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.combine(date.fromisoformat(text[:10]), datetime.min.time())


def _constrained(parse: Parse, datatype: Datatype, base: str) -> Parse:
    limits: list[tuple[str, Any, Callable[[str], Any]]] = []
    for name, limit in datatype.constraints.items():
        key: Callable[[str], Any] = len if name.lower().endswith("length") else _key(base)
        limits.append((name, int(limit) if key is len else key(str(limit)), key))

    def checked(text: str) -> str:
        lexical = parse(text)
        for name, limit, key in limits:
            if not _LIMITS[name](key(lexical), limit):
                raise ValueError(_WORDS[name].format(datatype.constraints[name]))
        return lexical

    return checked


def parser(datatype: Datatype, lang: str = "", typed: bool = False) -> Callable[[str], Literal]:
    """Return what makes a literal of a text.

    Args:
        datatype: Of the column.
        lang: BCP 47 tag that literals of the datatype ``string`` get.
        typed: Whether texts come from a workbook or JSON, whose numbers and dates are written in the standard way
            whatever the column's format says; that way is then tried first.

    Raises:
        ValueError: The datatype itself cannot be used: an unknown name, or a format that cannot be read.
    """
    base = canonical_name(datatype.base)
    if base not in BUILT_IN:
        raise ValueError(f"datatype {datatype.base!r} is unknown: use one of {', '.join(sorted(BUILT_IN))}")
    parse = _lexical(datatype, base)
    if typed and (base in DATES or base in NUMBERS) and (datatype.format or datatype.decimal_char != "."):
        parse = _first(_lexical(Datatype(base=base), base), parse)
    if datatype.constraints:
        parse = _constrained(parse, datatype, base)
    if base == "string" and not datatype.iri:
        if lang:
            return lambda text: Literal(parse(text), language=lang)
        return lambda text: Literal(parse(text))
    node = NamedNode(iri_of(datatype))
    return lambda text: Literal(parse(text), datatype=node)


def _first(standard: Parse, declared: Parse) -> Parse:
    def parse(text: str) -> str:
        try:
            return standard(text)
        except ValueError:
            return declared(text)

    return parse


def is_finite(text: str) -> bool:
    """Tell whether a text is a number that is neither infinite nor undefined."""
    return _DOUBLE.fullmatch(text) is not None and math.isfinite(float(text))
