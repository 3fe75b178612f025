"""Turns the result of a query into JSON: the first rows for a page, or all rows as flat objects for spreadsheets.

Both are forms of our own beside the standard ones (SPARQL 1.1 Query Results JSON, CSV and TSV Formats). A record is
what Power Query, Google Sheets, pandas and a chart library read without any step in between: one object a row with the
same keys in every row, numbers as numbers, no type beside the value.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples

from maillon.sparql.labels import Labels
from maillon.vocabulary import PREFIXES

Result = QuerySolutions | QueryBoolean | QueryTriples
Value = str | int | float | bool | None

_TRIPLE: Final = ["subject", "predicate", "object"]
_LABEL: Final = "_label"
_AHEAD: Final = 1000
"""Rows that are looked at before the columns are decided; memory holds them and no more."""
_PART: Final = 32_768
_XSD: Final = PREFIXES["xsd"]
_INTEGERS: Final = frozenset(
    _XSD + name
    for name in (
        "integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger",
        "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
    )
)  # fmt: skip
_DOUBLES: Final = frozenset([_XSD + "double", _XSD + "float"])
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_DIGITS: Final = 15
"""Digits that survive the way through a double, which is what readers of JSON hold numbers in (RFC 8259, section 6)."""
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})")
_DOUBLE: Final = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,5})?")


def _rows(result: Result) -> tuple[list[str], Iterable[Any]]:
    if isinstance(result, QuerySolutions):
        return [variable.value for variable in result.variables], result
    if isinstance(result, QueryTriples):
        return _TRIPLE, result
    return [], [[Literal(bool(result))]]


def _cell(term: Any, labels: Labels | None) -> dict[str, str] | None:
    match term:
        case None:
            return None
        case NamedNode():
            cell = {"type": "iri", "text": term.value}
        case BlankNode():
            cell = {"type": "blank", "text": str(term)}
        case Literal():
            return {"type": "literal", "text": term.value, "lang": term.language or "", "datatype": term.datatype.value}
        case _:
            return {"type": "triple", "text": str(term)}
    label = labels.of(term) if labels is not None else None
    return cell if label is None else cell | {"label": label.value, "label_lang": label.language or ""}


def table(result: Result, limit: int, labels: Labels | None = None) -> bytes:
    """Return the first rows of a result as JSON.

    Args:
        result: What ``Store.query`` gave; triples become three columns, an ASK one row with neither name nor type.
        limit: Rows wanted.
        labels: Gives the labels of IRIs; None for none.

    Returns:
        ``{"columns": [name], "rows": [[cell or null]], "truncated": whether there are more}``; a cell has ``type``
        (iri, blank, literal, triple) and ``text``; a literal also ``lang`` and ``datatype``; an IRI that has a label
        also ``label`` and ``label_lang``.
    """
    columns, found = _rows(result)
    rows = [[_cell(term, labels) for term in row] for row in islice(found, limit + 1)]
    if isinstance(result, QueryBoolean) and rows[0][0] is not None:
        rows[0][0]["datatype"] = ""
    return json.dumps({"columns": columns, "rows": rows[:limit], "truncated": len(rows) > limit}).encode()


def _integer(text: str) -> Value:
    return int(text) if _NUMBER.fullmatch(text) and len(text.lstrip("+-0")) <= _DIGITS else text


def _decimal(text: str) -> Value:
    if not _NUMBER.fullmatch(text):
        return text
    digits = text.lstrip("+-").replace(".", "").lstrip("0") if "." in text else text.lstrip("+-0")
    if len(digits) > _DIGITS:
        return text
    return float(text) if text.partition(".")[2].strip("0") else int(float(text))


def _double(text: str) -> Value:
    number = float(text) if _DOUBLE.fullmatch(text) else math.nan
    return number if math.isfinite(number) else text


def value(term: Any) -> Value:
    """Return what a spreadsheet holds for a term.

    A number where JSON holds it exactly (up to 15 digits, finite), a truth value, else text: the literal's own, without
    its language or datatype (dates are ISO 8601), an IRI, ``_:b`` and a name for a blank node; None for no term.
    """
    if not isinstance(term, Literal):
        return None if term is None else term.value if isinstance(term, NamedNode) else str(term)
    text, datatype = term.value, term.datatype.value
    if datatype in _INTEGERS:
        return _integer(text)
    if datatype == _XSD + "decimal":
        return _decimal(text)
    if datatype in _DOUBLES:
        return _double(text)
    return _BOOLEANS.get(text, text) if datatype == _XSD + "boolean" else text


def _labelled(columns: list[str], first: list[Any]) -> list[bool]:
    """Tell which columns get one with labels after them: those with an IRI in a row looked at, and the name free."""
    taken = set(columns)
    return [
        name + _LABEL not in taken and any(isinstance(row[place], NamedNode | BlankNode) for row in first)
        for place, name in enumerate(columns)
    ]


def _record(row: Iterable[Any], columns: list[str], labelled: list[bool], labels: Labels | None) -> dict[str, Value]:
    record: dict[str, Value] = {}
    for name, has_label, term in zip(columns, labelled, row, strict=True):
        record[name] = value(term)
        if has_label and labels is not None:
            label = labels.of(term)
            record[name + _LABEL] = None if label is None else label.value
    return record


def _records(result: Result, labels: Labels | None) -> Iterator[dict[str, Value]]:
    if isinstance(result, QueryBoolean):
        yield {"answer": bool(result)}
        return
    columns, found = _rows(result)
    rows = iter(found)
    first = list(islice(rows, _AHEAD)) if labels is not None else []
    labelled = _labelled(columns, first) if labels is not None else [False] * len(columns)
    for row in chain(first, rows):
        yield _record(row, columns, labelled, labels)


def records(result: Result, labels: Labels | None, write: Callable[[bytes], object]) -> None:
    """Write a result as a JSON list of flat objects, one a line, a part at a time.

    Every object has every column, in the order of the query, null where a variable is unbound; triples have subject,
    predicate and object; an ASK is one object with ``answer``. Where the list breaks off it is left unclosed.

    Args:
        result: What ``Store.query`` gave.
        labels: Where given, a column ``<name>_label`` follows each column that has an IRI in its first 1,000 rows,
            unless the query itself has a variable of that name.
        write: Takes UTF-8 octets; what it raises ends the work.
    """
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
    before, part, size = "[\n", [], 0
    for record in _records(result, labels):
        text = before + encode(record)
        before = ",\n"
        part.append(text)
        size += len(text)
        if size >= _PART:
            write("".join(part).encode())
            part, size = [], 0
    part.append("[]\n" if before == "[\n" else "\n]\n")
    write("".join(part).encode())
