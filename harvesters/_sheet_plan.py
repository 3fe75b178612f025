"""Turns the table ``[options]`` of a spreadsheet source into a checked plan; says which key is wrong and why.

The keys are documented in ``harvesters/spreadsheet.py``.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from harvesters._sheet_fields import KINDS, kind_of
from maillon.errors import SourceDefinitionError

MOST_HEADER_ROWS: Final = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value of a form stands: in the rows with a label, in a column of its own if one is named."""

    label: str
    column: str | int | None = None


Reference = str | int | Place
"""A column by header text, letter or number from 1; in a form a label."""


@dataclass(frozen=True, slots=True)
class Melt:
    """Columns whose headers are values: their pattern, where the header goes to, and where the cells."""

    columns: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a source's TOML says of its table; the keys of ``[options]`` under the same names."""

    layout: str = ""
    sheet: tuple[str, ...] = ()
    header_row: int = 0
    header_rows: int = 1
    columns: Mapping[str, tuple[Reference, ...]] = field(default_factory=dict)
    constants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    separators: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    group_by: tuple[Reference, ...] = ()
    fill_down: tuple[Reference, ...] = ()
    skip_rows: tuple[int, ...] = ()
    skip: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    melt: Melt | None = None
    label_columns: tuple[str | int, ...] = ("A", "B")
    value_column: str | int | None = None
    delimiter: str = ""
    encoding: str = ""


def plan(name: str, options: Mapping[str, Any]) -> Plan:
    """Return the plan of a source.

    Args:
        name: Of the source, for messages.
        options: As the TOML gives them.

    Raises:
        SourceDefinitionError: A key or a field is unknown, or a value is of the wrong type.
    """
    known = {item.name for item in fields(Plan)}
    if unknown := sorted(set(options) - known):
        raise _fault(name, f"unknown key {', '.join(unknown)}. Known keys: {', '.join(sorted(known))}")
    readers: Mapping[str, Callable[[Any], Any]] = {
        "columns": _columns, "constants": _constants, "terms": _terms,
        "separators": _separators, "values": _values, "melt": _melt,
        "group_by": _references, "fill_down": _references, "label_columns": _references, "sheet": _sheet_names,
        "skip_rows": _numbers, "skip": _constants_of_any, "header_row": _number, "header_rows": _number,
        "value_column": _reference,
    }  # fmt: skip
    found: dict[str, Any] = {}
    try:
        for key, value in options.items():
            read: Callable[[Any], Any] = readers.get(key, _text)
            found[key] = read(value)
    except ValueError as error:
        raise _fault(name, str(error)) from error
    result = Plan(**found)
    if fault := next(_faults(result), ""):
        raise _fault(name, fault)
    return result


def _fault(name: str, text: str) -> SourceDefinitionError:
    return SourceDefinitionError(f"Source {name}, [options]: {text}.")


def _faults(plan: Plan) -> Iterator[str]:
    if plan.layout not in ("", "table", "form"):
        yield f'layout = {plan.layout!r}: give "table" or "form"'
    if not 1 <= plan.header_rows <= MOST_HEADER_ROWS:
        yield f"header_rows = {plan.header_rows}: give a number from 1 to {MOST_HEADER_ROWS}"
    if plan.header_row < 0:
        yield "header_row: give the number of the first header row, from 1"
    if plan.layout != "form" and any(isinstance(item, Place) for items in plan.columns.values() for item in items):
        yield 'columns: {label, column} is for layout = "form" only'
    if plan.melt and not all(name.startswith("distribution.") for name in (plan.melt.name, plan.melt.value)):
        yield "melt: name and value have to be fields of distributions, such as distribution.title"
    if len(plan.delimiter) > 1:
        yield f"delimiter = {plan.delimiter!r}: give one sign"
    if plan.encoding and not _is_encoding(plan.encoding):
        yield f"encoding = {plan.encoding!r} is none that Python knows"


def _is_encoding(name: str) -> bool:
    try:
        "a".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield what a table holds with its path: ``title.fr = "B"`` is a table in a table to TOML."""
    if isinstance(value, dict) and "label" not in value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


def _field(path: tuple[str, ...], table: str) -> str:
    name = ".".join(path)
    if kind_of(name) is None:
        close = difflib.get_close_matches(name, KINDS, 3, 0.4)
        hint = f": do you mean {', '.join(close)}?" if close else f". Known fields: {', '.join(KINDS)}"
        raise ValueError(f"{table}: there is no field {name!r}{hint}")
    return name


def _table(value: Any, key: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{key} = {value!r}: give a table")  # noqa: TRY004  one error for all wrong values
    return value


def _columns(value: Any) -> dict[str, tuple[Reference, ...]]:
    return {_field(path, "columns"): _references(item) for path, item in _leaves(_table(value, "columns"))}


def _constants(value: Any) -> dict[str, tuple[str, ...]]:
    return {_field(path, "constants"): _texts(item) for path, item in _leaves(_table(value, "constants"))}


def _terms(value: Any) -> dict[str, tuple[str, ...]]:
    return {_field(path, "terms"): _texts(item) for path, item in _leaves(_table(value, "terms"))}


def _constants_of_any(value: Any) -> dict[str, tuple[str, ...]]:
    return {name: _texts(item) for name, item in _table(value, "skip").items()}


def _separators(value: Any) -> dict[str, str]:
    return {_field(path, "separators"): _text(item) for path, item in _leaves(_table(value, "separators"))}


def _values(value: Any) -> dict[str, dict[str, str]]:
    """Return the translations of a field's values; the last step of each path is the value, which may have dots."""
    found: dict[str, dict[str, str]] = {}
    for path, item in _leaves(_table(value, "values")):
        cut = next((cut for cut in range(len(path) - 1, 0, -1) if kind_of(".".join(path[:cut])) is not None), 1)
        found.setdefault(_field(path[:cut], "values"), {})[".".join(path[cut:]).casefold()] = _text(item)
    return found


def _references(value: Any) -> tuple[Any, ...]:
    return tuple(map(_reference, value)) if isinstance(value, list) and value else (_reference(value),)


def _reference(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) - {"label", "column"} or not isinstance(value.get("label"), str):
            raise ValueError(f"{value!r}: give {{label = ..., column = ...}}")
        return Place(value["label"], None if "column" not in value else _reference(value["column"]))
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise ValueError(f"{value!r}: give a column by its header, its letter or its number from 1")


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, value if isinstance(value, list) else [value]))


_sheet_names = _texts


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r}: give a text")  # noqa: TRY004  one error for all wrong values
    return str(value)


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r}: give a whole number")  # noqa: TRY004  one error for all wrong values
    return value


def _numbers(value: Any) -> tuple[int, ...]:
    return tuple(map(_number, value if isinstance(value, list) else [value]))


def _melt(value: Any) -> Melt:
    table = _table(value, "melt")
    if set(table) != {"columns", "name", "value"}:
        raise ValueError("melt: give columns (a pattern of headers), name and value (fields)")
    try:
        re.compile(_text(table["columns"]))
    except re.error as error:
        raise ValueError(f"melt.columns = {table['columns']!r} is no regular expression: {error}") from error
    return Melt(_text(table["columns"]), _field((_text(table["name"]),), "melt"), _field((table["value"],), "melt"))
