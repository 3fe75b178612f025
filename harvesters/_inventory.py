"""The inventory workbook of ``maillon template``: turns what people send back into ``records.Dataset``.

The workbook is known by markers in a hidden row of its sheets, ``maillon:<language>:<dataset or file>:<field>`` with a
``*`` where the cell must be filled (``maillon/inventory/columns.py``), whatever became of the rest: rows above, moved
or deleted columns, another format. Every cell that cannot be used is rejected in the workbook's language.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harvesters import _sheet_fields, _sheet_records
from harvesters._inventory_messages import EXAMPLES, message
from harvesters._sheet_file import Sheet
from harvesters._sheet_records import PLACE, Found
from harvesters._sheet_rows import PREFIX
from harvesters._sheet_scan import column_letter, is_error
from maillon.records import Record, Rejected

DEEPEST: Final = 10_000
"""Rows among which the markers are looked for."""

_MARKER = re.compile(r"maillon:(fr|nl|de|en):(dataset|file):([a-z_]+(?:\.[a-z]+)?)(\*?)")


@dataclass(frozen=True, slots=True)
class Part:
    """One sheet of the workbook: of datasets, or of files.

    Attributes:
        sheet: The sheet.
        language: Of the workbook.
        role: ``dataset`` or ``file``.
        header: Row that people read, from 0; below it come the records.
        markers: Row of the markers; below the header, or among the records where somebody has sorted them.
        columns: Columns by field.
        required: Fields that must be filled.
        labels: What people read above each column.
    """

    sheet: Sheet
    language: str
    role: str
    header: int
    markers: int
    columns: dict[str, list[int]]
    required: frozenset[str]
    labels: dict[int, str]

    def rows(self) -> Iterator[int]:
        """Yield the rows that hold anything in a column of the workbook."""
        places = [place for found in self.columns.values() for place in found]
        return (number for number in self.below() if any(self.cell(number, place) for place in places))

    def below(self) -> Iterator[int]:
        """Yield the rows below the header, without the markers."""
        return (number for number in range(self.header + 1, len(self.sheet.rows)) if number != self.markers)

    def cell(self, row: int, column: int) -> str:
        """Return a cell, empty where the row is shorter."""
        cells = self.sheet.rows[row]
        return cells[column] if column < len(cells) else ""

    def first(self, row: int, name: str) -> str:
        """Return the first filled cell of a field in a row."""
        return next((value for place in self.columns.get(name, ()) if (value := self.cell(row, place))), "")


@dataclass(slots=True)
class _Reading:
    """What was read of one workbook: datasets by compared identifier, and where each begins."""

    book: str
    found: dict[str, Found] = field(default_factory=dict)
    identifiers: dict[str, str] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)

    def place(self, part: Part, row: int, name: str) -> str:
        column = next(iter(part.columns.get(name, ())), 0)
        return self.address(part, row, column)

    def address(self, part: Part, row: int, column: int) -> str:
        return f"{self.book}{part.sheet.name}!{column_letter(column)}{row + 1}"

    def fault(self, part: Part, row: int, name: str, fault: str, detail: str = "") -> Rejected:
        """Return the rejection of a cell, in the language of the workbook."""
        column = next(iter(part.columns.get(name, ())), 0)
        text = message(part.language, fault, part.labels.get(column, name))
        return Rejected(self.address(part, row, column), text, detail[:200], is_dataset=False)


def template(sheets: Sequence[Sheet]) -> list[Part]:
    """Return the sheets that bear the markers of the workbook; empty where it is another one."""
    return [part for sheet in sheets if (part := _part(sheet)) is not None]


def _part(sheet: Sheet) -> Part | None:
    for number, row in enumerate(sheet.rows[:DEEPEST]):
        marked = [(place, match) for place, cell in enumerate(row) if (match := _MARKER.fullmatch(cell))]
        if marked:
            columns: dict[str, list[int]] = {}
            for place, match in marked:
                columns.setdefault(match[3], []).append(place)
            header = _header(sheet, number)
            labels = {place: _label(sheet, header, place) or match[3] for place, match in marked}
            required = frozenset(match[3] for _, match in marked if match[4])
            language, role = marked[0][1][1], marked[0][1][2]
            return Part(sheet, language, role, header, number, columns, required, labels)
    return None


def _header(sheet: Sheet, markers: int) -> int:
    """Return the row that people read: the first with stars above the markers, else the one right above them."""
    starred = (number for number in range(markers) if sum(cell.endswith("*") for cell in sheet.rows[number]) > 1)
    return next(starred, markers - 1)


def _label(sheet: Sheet, header: int, column: int) -> str:
    """Return the header of a column, without the sign of a required one."""
    cells = sheet.rows[header] if header >= 0 else []
    return cells[column].rstrip(" *") if column < len(cells) else ""


def records(parts: Sequence[Part], book: str) -> Iterator[Record]:
    """Yield the datasets of the workbook with their files, and every cell and row that cannot be used.

    Args:
        parts: Its sheets, as ``template`` gave them.
        book: What to put before the name of a sheet in addresses of cells, empty for nothing.
    """
    reading = _Reading(book)
    for part in parts:
        if part.role == "dataset":
            _read_datasets(part, reading)
    for part in parts:
        if part.role == "file":
            _read_files(part, reading)
        yield from _added_columns(part, reading)
    language = parts[0].language
    for key, found in reading.found.items():
        dataset, twice = _sheet_records.dataset(reading.identifiers[key], found, language)
        yield dataset
        yield from (replace(item, reason=message(language, "same file")) for item in twice)
        yield from found.wrong
    yield from reading.rejected


def _added_columns(part: Part, reading: _Reading) -> Iterator[Rejected]:
    """Yield the columns without marker that hold anything."""
    width = max((len(row) for row in part.sheet.rows), default=0)
    for column in range(width):
        if column not in part.labels and any(part.cell(row, column) for row in part.below()):
            header = _label(part.sheet, part.header, column)
            place = reading.address(part, max(part.header, 0), column)
            yield Rejected(place, message(part.language, "unknown"), header, is_dataset=False)


def _read_datasets(part: Part, reading: _Reading) -> None:
    if "identifier" not in part.columns:
        reading.rejected.append(
            Rejected(f"{reading.book}{part.sheet.name}", message(part.language, "no column"), is_dataset=False)
        )
    for row in part.rows():
        found = Found(reading.place(part, row, "identifier"))
        identifier = part.first(row, "identifier") if "identifier" in part.columns else _title(part, row)
        key = identifier.casefold()
        if identifier.startswith(EXAMPLES):
            reading.rejected.append(_example(part, row, reading, identifier))
        elif not identifier or is_error(identifier):
            fault = reading.fault(part, row, "identifier", "formula" if identifier else "missing", identifier)
            reading.rejected.append(Rejected(fault.identifier, fault.reason, identifier or _title(part, row)))
        elif key in reading.found:
            fault = reading.fault(part, row, "identifier", "twice", f"{identifier}: {reading.found[key].place}")
            reading.rejected.append(Rejected(fault.identifier, fault.reason, fault.detail))
        else:
            found.values, found.wrong = _values(part, row, reading)
            found.values["identifier"] = [identifier]
            reading.found[key], reading.identifiers[key] = found, identifier


def _title(part: Part, row: int) -> str:
    names = (name for name in part.columns if name.startswith("title."))
    return next((title for name in names if (title := part.first(row, name)) and not is_error(title)), "")


def _example(part: Part, row: int, reading: _Reading, identifier: str) -> Rejected:
    name = "identifier" if part.role == "dataset" else "dataset"
    place = reading.place(part, row, name)
    return Rejected(place, message(part.language, "example"), identifier, is_dataset=False)


def _values(part: Part, row: int, reading: _Reading) -> tuple[dict[str, list[str]], list[Rejected]]:
    """Return the usable values of a row by field, and its cells that cannot be used or are lacking."""
    values: dict[str, list[str]] = {}
    wrong: list[Rejected] = []
    prefix = PREFIX if part.role == "file" else ""
    for name in part.columns:
        if name == "dataset" or _sheet_fields.kind_of(prefix + name) is None:
            continue
        cell = part.first(row, name)
        items = [cell] if is_error(cell) else _sheet_fields.parts(prefix + name, cell)
        faults = [(item, _sheet_fields.strict_fault(prefix + name, item)) for item in items]
        values[name] = [item for item, fault in faults if not fault]
        wrong += [reading.fault(part, row, name, fault, item) for item, fault in faults if fault]
        if not items and name in part.required:
            wrong.append(reading.fault(part, row, name, "missing", part.first(row, "identifier")))
    return values, wrong


def _read_files(part: Part, reading: _Reading) -> None:
    for row in part.rows():
        reference = part.first(row, "dataset")
        if reference.startswith(EXAMPLES):
            reading.rejected.append(_example(part, row, reading, reference))
            continue
        values, wrong = _values(part, row, reading)
        reading.rejected += wrong
        owner = reading.found.get(reference.casefold())
        if owner is None:
            fault = "formula" if is_error(reference) else "no dataset" if reference else "missing"
            address = next(iter(values.get("access_url", ())), "")
            reading.rejected.append(reading.fault(part, row, "dataset", fault, reference or address))
        elif values.get("access_url"):
            owner.files.append({**values, PLACE: [reading.place(part, row, "access_url")]})
