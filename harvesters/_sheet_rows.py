"""Reads the rows of a table, or the labels of a form, into what they say of each dataset: ``_sheet_records.Found``."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harvesters import _sheet_fields
from harvesters._sheet_columns import ColumnMissing, Header, spelling
from harvesters._sheet_file import Sheet
from harvesters._sheet_plan import Place, Plan, Reference
from harvesters._sheet_records import PLACE, Found
from harvesters._sheet_scan import column_letter, column_number, is_error
from maillon.records import Rejected

PREFIX = "distribution."

_WRONG: Mapping[str, str] = {
    "formula": "a formula that fails",
    "date": "not a date",
    "url": "not a web address",
    "mail": "not an e-mail address",
}

Slots = dict[str, list[list[str]]]
"""Values of each distribution field, in each of its columns."""


class _Reader:
    """Reads cells of one sheet by a plan; remembers those that cannot be used."""

    def __init__(self, sheet: Sheet, plan: Plan, book: str) -> None:
        self.sheet = sheet
        self.plan = plan
        self.book = book

    def place(self, row: int, column: int = 0) -> str:
        """Return the address of a cell as spreadsheet programs write it; of a row that of its first cell."""
        return f"{self.book}{self.sheet.name}!{column_letter(column)}{row + 1}"

    def values(self, name: str, row: int, column: int, found: Found) -> list[str]:
        """Return the values of a cell for a field; what cannot be used is noted in ``found.wrong``."""
        cells = self.sheet.rows[row]
        cell = cells[column] if column < len(cells) else ""
        if is_error(cell):
            self._note(found, self.place(row, column), name, "formula", cell)
            return []
        translations = self.plan.values.get(name, {})
        usable = []
        separator, terms = self.plan.separators.get(name), self.plan.terms.get(name, ())
        for item in _sheet_fields.parts(name, cell, separator, terms):
            value = translations.get(item.casefold(), item)
            fault = _sheet_fields.fault(name, value) if value else ""
            if fault:
                self._note(found, self.place(row, column), name, fault, value)
            elif value:
                usable.append(value)
        return usable

    def _note(self, found: Found, place: str, name: str, fault: str, value: str) -> None:
        reason = f"cell cannot be used: {name} is {_WRONG[fault]}"
        found.wrong.append(Rejected(place, reason, value[:200], is_dataset=False))


def table(sheet: Sheet, header: Header, plan: Plan, book: str) -> Iterator[Found | Rejected]:
    """Yield what each row says, of several rows of one group what all say together; and the rows left out.

    Args:
        sheet: The sheet.
        header: Its header, which has all columns of the plan.
        plan: What the source's TOML says.
        book: What to put before the name of the sheet in addresses of cells, empty for nothing.
    """
    reader = _Reader(sheet, plan, book)
    _fill(sheet.rows[header.end :], [header.column(item) for item in plan.fill_down])
    columns = {name: [header.column(item) for item in items] for name, items in plan.columns.items()}
    keys = [header.column(item) for item in plan.group_by]
    skipped = {header.column(name): {value.casefold() for value in values} for name, values in plan.skip.items()}
    groups: dict[str, Found] = {}
    for number in range(header.end, len(sheet.rows)):
        row = sheet.rows[number]
        if number + 1 in plan.skip_rows or not any(row):
            continue
        if left_out := _skipped(row, skipped):
            yield Rejected(reader.place(number), "row left out, as the source's skip says", left_out, is_dataset=False)
            continue
        found = _row(reader, number, columns, header)
        key = " / ".join(row[column] for column in keys if column < len(row) and row[column])
        if not key:
            found.values |= {"identifier": found.values.get("identifier", [])} if keys else {}
            yield found
        elif key in groups:
            groups[key].join(found)
        else:
            groups[key] = found
            if "identifier" not in plan.columns:
                found.values["identifier"] = [key]
    yield from groups.values()


def _fill(rows: Iterable[list[str]], columns: Sequence[int]) -> None:
    """Give an empty cell of these columns the value of the cell above it, in rows that hold anything."""
    last = dict.fromkeys(columns, "")
    for row in rows:
        for column in columns if any(row) else ():
            if column < len(row):
                row[column] = last[column] = row[column] or last[column]


def _skipped(row: Sequence[str], skipped: Mapping[int, set[str]]) -> str:
    return next((row[column] or "(empty)" for column, values in skipped.items()
                 if column < len(row) and row[column].casefold() in values), "")  # fmt: skip


def _row(reader: _Reader, number: int, columns: Mapping[str, Sequence[int]], header: Header) -> Found:
    found, slots = Found(reader.place(number)), Slots()
    for name, places in columns.items():
        cells = [reader.values(name, number, column, found) for column in places]
        if name.startswith(PREFIX):
            slots[name.removeprefix(PREFIX)] = cells
        else:
            found.values[name] = list(dict.fromkeys(value for values in cells for value in values))
    files = (*_files(slots, reader.plan), *_melted(reader, number, header, found))
    found.files = [{**values, PLACE: [found.place]} for values in files]
    _add_constants(found, reader.plan)
    return found


def _add_constants(found: Found, plan: Plan) -> None:
    for name, values in plan.constants.items():
        if not name.startswith(PREFIX) and not found.values.get(name):
            found.values[name] = list(values)


def _files(slots: Slots, plan: Plan) -> Iterator[dict[str, list[str]]]:
    """Yield the distributions of a row: one for each of the columns of the field that has most of them.

    A field with one column counts for all of them, as does a constant with one value.
    """
    several = max((len(cells) for cells in slots.values()), default=0)
    for slot in range(several):
        own = {name: cells[slot] for name, cells in slots.items() if len(cells) > 1 and slot < len(cells)}
        shared = {name: cells[0] for name, cells in slots.items() if len(cells) == 1}
        if any((own if several > 1 else shared).values()):
            yield from _split(_with_constants({**shared, **own}, slot, plan))


def _with_constants(values: dict[str, list[str]], slot: int, plan: Plan) -> dict[str, list[str]]:
    for name, constants in plan.constants.items():
        field = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and not values.get(field):
            values[field] = [constants[slot] if slot < len(constants) else constants[0]]
    return values


def _split(values: dict[str, list[str]]) -> Iterator[dict[str, list[str]]]:
    """Yield one distribution for each address, where a cell holds several."""
    access, download = values.get("access_url", []), values.get("download_url", [])
    for number in range(max(len(access), len(download), 1)):
        yield {
            **values,
            "access_url": access[number : number + 1],
            "download_url": download[number : number + 1],
        }


def _melted(reader: _Reader, number: int, header: Header, found: Found) -> Iterator[dict[str, list[str]]]:
    """Yield a distribution for each filled cell of the columns whose headers are values."""
    melt = reader.plan.melt
    if melt is None:
        return
    for column, title in enumerate(header.shown):
        if re.fullmatch(melt.columns, title):
            values = reader.values(melt.value, number, column, found)
            if values:
                named = {melt.name.removeprefix(PREFIX): [title], melt.value.removeprefix(PREFIX): values}
                yield _with_constants(named, 0, reader.plan)


def form(sheet: Sheet, plan: Plan, book: str) -> tuple[Found, list[str]]:
    """Return what a form says of one dataset, and the labels of the plan that it does not have.

    Args:
        sheet: The sheet: labels in ``plan.label_columns``, values to their right.
        plan: What the source's TOML says.
        book: What to put before the name of the sheet in addresses of cells, empty for nothing.
    """
    reader, found, missing = _Reader(sheet, plan, book), Found(f"{book}{sheet.name}"), []
    rows = _labels(sheet, plan)
    occurrences: list[dict[str, list[str]]] = []
    for name, references in plan.columns.items():
        for reference in references:
            label = spelling(reference.label if isinstance(reference, Place) else str(reference))
            if label not in rows and label not in missing:
                missing.append(label)
            for count, number in enumerate(rows.get(label, ())):
                values = reader.values(name, number, _value_column(sheet.rows[number], reference, plan), found)
                if name.startswith(PREFIX):
                    occurrences.extend({} for _ in range(count + 1 - len(occurrences)))
                    occurrences[count].setdefault(name.removeprefix(PREFIX), []).extend(values)
                else:
                    found.values.setdefault(name, []).extend(values)
    found.files = [
        file for values in occurrences if any(values.values()) for file in _split(_with_constants(values, 0, plan))
    ]
    _add_constants(found, plan)
    return found, missing


def _labels(sheet: Sheet, plan: Plan) -> dict[str, list[int]]:
    """Return the rows of each label."""
    rows: dict[str, list[int]] = {}
    for number, row in enumerate(sheet.rows):
        labels = {spelling(row[column]) for item in plan.label_columns if (column := _column(item)) < len(row)}
        for label in labels:
            rows.setdefault(label, []).append(number)
    return rows


def _value_column(row: Sequence[str], reference: Reference, plan: Plan) -> int:
    """Return the column of a value: the reference's own, the plan's, else the first filled one beside the labels."""
    named = reference.column if isinstance(reference, Place) and reference.column is not None else plan.value_column
    if named is not None:
        return _column(named)
    first = max(map(_column, plan.label_columns)) + 1
    return next((column for column in range(first, len(row)) if row[column]), first)


def _column(reference: str | int) -> int:
    if isinstance(reference, int):
        return reference - 1
    if not re.fullmatch("[A-Za-z]{1,3}", reference):
        raise ColumnMissing(f"{reference!r} is no column of a form: give its letter or number")
    return column_number(reference)
