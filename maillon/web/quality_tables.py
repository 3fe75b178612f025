"""The findings as tables that spreadsheet programs open: CSV (RFC 4180) and Office Open XML (ECMA-376).

Turns rows of findings into octets in bounded memory. What a source wrote is never taken for a formula: the CSV puts an
apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection), the workbook holds text cells only.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any, Final

import xlsxwriter

from maillon.web.quality_findings import FindingRow
from maillon.web.quality_rules import printable
from maillon.web.wording import _

BOM: Final = "\ufeff"
"""Byte order mark, without which Excel takes UTF-8 for the code page of the machine."""

MOST_ROWS: Final = 1_048_000
"""Rows of a workbook; a sheet ends at 1,048,576."""

MOST_LINKS: Final = 20_000
"""Cells that can be clicked: a sheet holds 65,530, and each stays in memory until the end."""

IN_MEMORY: Final = 1_000_000
"""Octets up to which a workbook stays in memory; larger ones are a file."""

_LONGEST_LINK: Final = 2_000

LONGEST: Final = 32_000
"""Characters of a cell; a workbook takes 32,767."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WIDTHS: Final = (18, 42, 14, 40, 40, 26, 30, 60, 60, 30, 34)
_PAGE: Final = 3
"""Number of the column with the address of the record's page."""


def columns() -> tuple[str, ...]:
    """Return the headings, in the order of ``cells``."""
    return (
        _("Severity"), _("Dataset"), _("Kind of record"), _("Page"), _("Identifier"), _("Field"), _("Value"),
        _("What is wrong"), _("What to do"), _("Specification"), _("Rule"),
    )  # fmt: skip


def cells(row: FindingRow) -> tuple[str, ...]:
    """Return one row of the table."""
    return (
        row.severity_label, row.dataset.value, row.kind, row.page, row.iri, row.field, row.value,
        row.wrong, row.to_do, row.specification, row.rule,
    )  # fmt: skip


def harmless(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula, without control characters."""
    clean = printable(text)
    return f"'{clean}" if clean.lstrip(" ").startswith(_FORMULA) else clean


def csv_lines(headings: Sequence[str], rows: Iterable[FindingRow]) -> Iterator[str]:
    """Yield the table as CSV, a line at a time."""
    yield BOM + _line(headings)
    for row in rows:
        yield _line(cells(row))


def _line(values: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(map(harmless, values))
    return buffer.getvalue()


def workbook(headings: Sequence[str], rows: Iterable[FindingRow], title: str, made: datetime) -> IO[bytes]:
    """Return the table as a workbook, a large one in a temporary file; the same input gives the same octets.

    Args:
        headings: Of the columns.
        rows: The findings; those after the first MOST_ROWS are left out, and the last row says so.
        title: Name of the workbook in its properties.
        made: When the findings were made, without a time zone.
    """
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        _fill(stream, headings, rows, {"title": title, "created": made})
    except BaseException:
        stream.close()
        raise
    is_small = stream.tell() <= IN_MEMORY
    stream.seek(0)
    if not is_small:
        return stream
    with stream:
        return io.BytesIO(stream.read())


def _fill(stream: IO[bytes], headings: Sequence[str], rows: Iterable[FindingRow], properties: dict[str, Any]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, options)
    try:
        book.set_properties(properties)
        _fill_sheet(book, headings, rows)
    finally:
        book.close()  # it removes the temporary file that the rows went to


def _fill_sheet(book: Any, headings: Sequence[str], rows: Iterable[FindingRow]) -> None:
    sheet = book.add_worksheet("Maillon")
    for number, width in enumerate(_WIDTHS):
        sheet.set_column(number, number, width)
    sheet.freeze_panes(1, 2)
    bold, link = book.add_format({"bold": True, "text_wrap": True}), book.get_default_url_format()
    for number, heading in enumerate(headings):
        sheet.write_string(0, number, heading, bold)
    last = 0
    for last, row in enumerate(rows, 1):
        if last > MOST_ROWS:
            sheet.write_string(last, 0, _("There are more; the CSV has all of them."))
            break
        for number, value in enumerate(cells(row)):
            text = _cell(value)
            if number == _PAGE and last <= MOST_LINKS and len(text) < _LONGEST_LINK:
                sheet.write_url(last, number, text, link, text)
            else:
                sheet.write_string(last, number, text)
    sheet.autofilter(0, 0, max(last, 1), len(headings) - 1)


def _cell(value: str) -> str:
    clean = printable(value)
    return clean if len(clean) <= LONGEST else f"{clean[:LONGEST]}…"
