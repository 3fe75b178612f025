"""Turns a CSVW table and its file into annotated rows: comments, header rows, columns, data rows.

Follows `parsing tabular data <https://www.w3.org/TR/tabular-data-model/#parsing>`_ of CSVW.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from maillon import sheets
from maillon.errors import ParseFailed
from maillon.sheets import Row
from maillon.tabular import melting
from maillon.tabular.annotated import VIRTUAL, AnnotatedRow, Column, Table
from maillon.tabular.cells import RowReader

_TRIMS: Final[dict[str, Callable[[str], str]]] = {
    "true": str.strip,
    "start": str.lstrip,
    "end": str.rstrip,
    "false": str,
}


def name_of(title: str, number: int) -> str:
    """Return the name of a column that has a title only: percent-encoded as templates need it, or ``_col.N``."""
    return quote(title.strip(), safe="") or f"_col.{number}"


class Reading:
    """One table while it is read.

    Attributes:
        columns: Known once the first row was asked for.
        comments: Texts of the rows that are comments; complete once all rows were read.
        warnings: What of header and metadata does not agree, in words.
        header: Cells of the first header row.
    """

    def __init__(
        self, table: Table, path: Path, name: str, keep_invalid: bool = False, key: Sequence[str] = ()
    ) -> None:
        """Prepare to read ``path``; ``name`` is what messages call it, ``keep_invalid`` and ``key`` as of RowReader."""
        self.table, self.path, self.name = table, path, name
        self.columns: tuple[Column, ...] = ()
        self.comments: list[str] = []
        self.warnings: list[str] = []
        self.header: list[str] = []
        self._keep_invalid, self._key = keep_invalid, key
        self._trim = _TRIMS[table.layout.trim]

    def rows(self) -> Iterator[AnnotatedRow]:
        """Yield the data rows, those that cannot be read with their fault.

        Raises:
            ParseFailed: The file is no table, or its header does not fit the declared columns.
            SourceDefinitionError: A column's datatype or template cannot be used.
        """
        layout = self.table.layout
        found = sheets.read(self.path, self.table.dialect, self.name)
        if layout.melt:
            found = melting.melted(found, layout, self.name)
        headers, row = self._headers(found)
        self.columns = self._matched(headers, row)
        typed = sheets.is_workbook(self.path)
        reader = RowReader(self.table, self.columns, self._keep_invalid, typed, self._key)
        skip, width = self.table.layout.skip_columns, sum(not column.virtual for column in self.columns)
        number = 0
        while row is not None:
            if not self._is_passed_over(row):
                number += 1
                yield self._annotated(reader, number, row, (skip, width))
            row = next(found, None)

    def _annotated(self, reader: RowReader, number: int, row: Row, size: tuple[int, int]) -> AnnotatedRow:
        skip, width = size
        cells = [self._trim(cell) for cell in row.cells[skip:]]
        fault = row.fault
        if len(cells) > width and any(cells[width:]):
            # A cell too many shifts the ones behind it: nothing in the row can be trusted.
            fault = f"has {len(cells)} cells, the table {width} columns"
        if fault:
            return AnnotatedRow(number, row.number, {}, [], [], fault)
        return reader.read(number, row.number, cells)

    def _is_passed_over(self, row: Row) -> bool:
        if self._is_comment(row):
            self._comment(row)
            return True
        return not row.fault and not any(row.cells)

    def _is_comment(self, row: Row) -> bool:
        prefix = self.table.layout.comment_prefix
        return bool(prefix and row.cells and row.cells[0].startswith(prefix))

    def _comment(self, row: Row) -> None:
        text = (self.table.dialect.delimiter or ",").join(row.cells)
        prefix = self.table.layout.comment_prefix
        text = text.removeprefix(prefix) if prefix else text
        if text and len(self.comments) < 1000:
            self.comments.append(text)

    def _headers(self, found: Iterator[Row]) -> tuple[list[Row], Row | None]:
        """Return the header rows and the first row behind them."""
        layout, headers = self.table.layout, list[Row]()
        for row in found:
            if row.number <= layout.skip_rows:
                self._comment(row)
            elif len(headers) == layout.header_row_count and not self._is_comment(row):
                return headers, row
            elif self._is_comment(row):
                self._comment(row)
            elif row.fault:
                raise ParseFailed(f"{self.name} row {row.number}: {row.fault}: the header cannot be read.")
            else:
                headers.append(row)
        return headers, None

    def _titles(self, headers: Sequence[Row]) -> list[str]:
        skip = self.table.layout.skip_columns
        rows = [[self._trim(cell) for cell in header.cells[skip:]] for header in headers]
        width = max(map(len, rows), default=0)
        # Several header rows: the first that says something names the column.
        return [next((row[index] for row in rows if index < len(row) and row[index]), "") for index in range(width)]

    def _matched(self, headers: Sequence[Row], first: Row | None) -> tuple[Column, ...]:
        skip = self.table.layout.skip_columns
        self.header = self._titles(headers)
        declared = [column for column in self.table.columns if column.number != VIRTUAL]
        width = len(self.header) or (len(first.cells) - skip if first else 0)
        if not headers and declared:
            width = max(width, len(declared))
        virtual = [column for column in self.table.columns if column.number == VIRTUAL]
        if not declared:
            real = [self._unnamed(index, width) for index in range(width)]
        elif self.table.by_title:
            real = self._by_title(declared, width)
        else:
            real = self._by_place(declared, width)
        placed = [
            replace(column, number=index, source_number=index + skip) for index, column in enumerate(real, start=1)
        ]
        last = [replace(column, number=len(placed) + index) for index, column in enumerate(virtual, start=1)]
        return (*placed, *last)

    def _unnamed(self, index: int, width: int) -> Column:
        title = self.header[index] if index < min(len(self.header), width) else ""
        return replace(self.table.inherited, name=name_of(title, index + 1), title=title)

    def _by_title(self, declared: Sequence[Column], width: int) -> list[Column]:
        """Return the columns of the file, each as it is declared under its title, or without output."""
        real = [replace(self._unnamed(index, width), suppress_output=True) for index in range(width)]
        for column in declared:
            places = [index for index, title in enumerate(self.header) if _fits(column, title)]
            if len(places) > 1:
                numbers = " and ".join(str(place + 1) for place in places)
                raise ParseFailed(
                    f"{self.name}: columns {numbers} are both headed {column.title!r}: rename one in the file, or "
                    "declare csvw metadata, which goes by place."
                )
            if places:
                real[places[0]] = column
            elif column.required or column.name in self._key:
                known = ", ".join(map(repr, self.header[:30])) or "none"
                raise ParseFailed(f"{self.name} has no column {column.title!r}. Its columns: {known}.")
            else:
                self.warnings.append(f"column {column.title!r} is declared, the file has none such")
        return real

    def _by_place(self, declared: Sequence[Column], width: int) -> list[Column]:
        """Return the declared columns, in the file's order, and columns that the file has beside them."""
        real = list(declared)
        for index, title in enumerate(self.header):
            if index >= len(real):
                self.warnings.append(f"column {index + 1} ({title!r}) is not described")
            elif title and not _fits(real[index], title):
                self.warnings.append(f"column {index + 1} is headed {title!r} and described as {real[index].title!r}")
        if self.header and width < len(real):
            missing = ", ".join(repr(column.title or column.name) for column in real[width:])
            self.warnings.append(f"columns are described that the file has not: {missing}")
        beside = [replace(self._unnamed(index, width), suppress_output=True) for index in range(len(real), width)]
        return real + beside


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _fits(column: Column, title: str) -> bool:
    known = {_plain(part) for part in (column.title.split("\n") if column.title else [unquote(column.name)])}
    return _plain(title) in known
