"""Writes the inventory workbook in one of four languages (Office Open XML, ECMA-376) with XlsxWriter.

Sheets: the datasets, the files, a help in plain words, and, hidden, the lists that the cells offer. Row 1 of the first
two is what people read, row 2 (hidden) what the harvester reads (``columns``), then come the records.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from maillon.errors import OperatorError
from maillon.inventory.columns import CODES, LANGUAGES, Column, choice, choices, datasets, files
from maillon.inventory.wording import Row, Wording
from maillon.inventory.wording_de import GERMAN
from maillon.inventory.wording_en import ENGLISH
from maillon.inventory.wording_fr import FRENCH
from maillon.inventory.wording_nl import DUTCH

LAST_ROW: Final = 5_001
"""Last row (from 0) whose cells offer lists."""

_WORDINGS: Final = {"fr": FRENCH, "nl": DUTCH, "de": GERMAN, "en": ENGLISH}
_FORMATS: Final = {
    "required": {"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"},
    "optional": {"bold": True, "bg_color": "#DDE6EF", "font_color": "#1B1B1B", "text_wrap": True, "valign": "top"},
    "text": {"text_wrap": True, "valign": "top", "num_format": "@"},
    "date": {"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"},
    "example": {"text_wrap": True, "valign": "top", "italic": True, "font_color": "#595959"},
    "example date": {
        "num_format": "yyyy-mm-dd", "valign": "top", "align": "left", "italic": True, "font_color": "#595959",
    },
    "heading": {"bold": True, "font_size": 12, "valign": "top", "text_wrap": True},
    "paragraph": {"text_wrap": True, "valign": "top"},
}  # fmt: skip


def examples(language: str) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Return the example rows of the datasets and of the files, with the labels of their codes."""
    words = _WORDINGS[language]
    return (
        tuple(_labelled(row, datasets(language), language) for row in words.example_datasets),
        tuple(_labelled(row, files(language), language) for row in words.example_files),
    )


def _labelled(row: Row, columns: Iterable[Column], language: str) -> Row:
    tables = {column.field: column.table for column in columns}
    return {
        name: choice(tables[name], value.removeprefix("code:"), language) if value.startswith("code:") else value
        for name, value in row.items()
    }


def write(
    path: Path, language: str, records: Sequence[Row] | None = None, distributions: Sequence[Row] | None = None
) -> None:
    """Write the workbook; the same input gives the same octets.

    Args:
        path: Where to; replaced.
        language: One of ``columns.LANGUAGES``.
        records: Rows of the sheet of datasets, by field; None for the examples.
        distributions: Rows of the sheet of files, by field; None for the examples.

    Raises:
        OperatorError: The language is another, or the path cannot be written.
    """
    if language not in _WORDINGS:
        raise OperatorError(f"There is no workbook in {language!r}: choose one of {', '.join(LANGUAGES)}.")
    words, (example_datasets, example_files) = _WORDINGS[language], examples(language)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": words.datasets, "created": datetime(2020, 1, 1)})  # noqa: DTZ001  Excel has no zone
    writer = _Writer(book, words, language)
    rows = example_datasets if records is None else records
    writer.table(words.datasets, "dataset", datasets(language), rows)
    writer.table(words.files, "file", files(language), example_files if distributions is None else distributions)
    writer.guide()
    writer.lists()
    try:
        book.close()
    except (xlsxwriter.exceptions.FileCreateError, OSError) as error:
        raise OperatorError(
            f"{path} cannot be written ({error}): close it in Excel, or choose another place."
        ) from error


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, words: Wording, language: str) -> None:
        self._book = book
        self._words = words
        self._language = language
        self._formats = {name: book.add_format(values) for name, values in _FORMATS.items()}

    def table(self, name: str, role: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Write the sheet of the datasets or of the files: header, hidden markers, lists to choose from, records."""
        sheet = self._book.add_worksheet(name)
        for number, column in enumerate(columns):
            self._column(sheet, number, column, role)
        sheet.set_row(0, 36)
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.freeze_panes(2, 2)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        for line, row in enumerate(rows, start=2):
            for number, column in enumerate(columns):
                self._cell(sheet, (line, number), column, row)

    def _column(self, sheet: Any, number: int, column: Column, role: str) -> None:
        label, explanation = self._said(column, role)
        sheet.write_string(0, number, label, self._formats["required" if column.is_required else "optional"])
        mark = "*" if column.is_required else ""
        lines = [explanation, self._words.required if column.is_required else ""]
        size = {"x_scale": 2.2, "y_scale": 1.6, "author": "Maillon"}
        sheet.write_comment(0, number, "\n".join(filter(None, lines)), size)
        sheet.write_string(1, number, f"maillon:{self._language}:{role}:{column.field}{mark}")
        sheet.set_column(number, number, column.width, self._formats["date" if column.kind == "date" else "text"])
        if validation := self._validation(column):
            sheet.data_validation(2, number, LAST_ROW, number, validation)

    def _said(self, column: Column, role: str) -> tuple[str, str]:
        """Return the header of a column and its help."""
        name, _, tag = column.field.rpartition(".")
        stem, tag = (name, tag) if tag in LANGUAGES else (column.field, "")
        label, explanation = self._words.columns[f"file.{stem}" if role == "file" else stem]
        if tag and tag != self._language:
            return f"{label} {self._words.languages[tag]}", self._words.other_language
        return label + (" *" if column.is_required else ""), explanation

    def _validation(self, column: Column) -> dict[str, Any] | None:
        """Return what Excel is to offer and to warn of; it warns only, because other codes may be right."""
        if column.kind == "date":
            title, message = self._words.wrong_date
            limits = {"validate": "date", "criteria": "between", "minimum": date(1900, 1, 1),
                      "maximum": date(2200, 12, 31)}  # fmt: skip
            return {**limits, "error_type": "information", "error_title": title, "error_message": message}
        if column.kind == "reference":
            source = f"='{self._words.datasets}'!$A$3:$A${LAST_ROW + 1}"
            return {"validate": "list", "source": source, "show_error": False, "input_message": self._words.choose}
        if not column.table:
            return None
        title, message = self._words.wrong_choice
        letter = xl_col_to_name(list(CODES).index(column.table))
        last = len(choices(column.table, self._language)) + 1
        return {
            "validate": "list", "source": f"='{self._words.lists}'!${letter}$2:${letter}${last}",
            "input_message": self._words.choose, "error_type": "information", "error_title": title,
            "error_message": message,
        }  # fmt: skip

    def _cell(self, sheet: Any, place: tuple[int, int], column: Column, row: Row) -> None:
        value = row.get(column.field, "")
        if not value:
            return
        is_example = next(iter(row.values())).startswith(self._words.example_prefix)
        day = _day(value) if column.kind == "date" else None
        if day is not None:
            sheet.write_datetime(*place, day, self._formats["example date" if is_example else "date"])
        else:
            sheet.write_string(*place, value, self._formats["example" if is_example else "text"])

    def guide(self) -> None:
        """Write the help sheet."""
        sheet = self._book.add_worksheet(self._words.help)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 90)
        sheet.hide_gridlines(2)
        for line, (heading, paragraph) in enumerate(self._words.guide):
            sheet.write_string(line, 0, heading, self._formats["heading"])
            sheet.write_string(line, 1, paragraph, self._formats["paragraph"])
            sheet.set_row(line, 16 * (len(paragraph) // 95 + 1) + 8)

    def lists(self) -> None:
        """Write the hidden sheet of the codes that the lists offer, one table a column."""
        sheet = self._book.add_worksheet(self._words.lists)
        sheet.hide()
        for number, table in enumerate(CODES):
            sheet.write_column(0, number, [table, *choices(table, self._language)])


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
