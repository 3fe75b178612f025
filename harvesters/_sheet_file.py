"""Turns the bytes of a workbook (xlsx, xlsm, xlsb, xls, ods) or of a delimited text into sheets of texts.

Workbooks are read with calamine: https://docs.rs/calamine/. It gives no error values (``#REF!``) and reserves memory
for every cell up to the last one, so xlsx and ods files are looked through beforehand. Delimited text (RFC 4180) is
UTF-8, else the Windows code page; UTF-16 only where a byte order mark says so.
Not a kind of source: what the kind ``spreadsheet`` reads with.
"""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from python_calamine import CalamineError, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

from harvesters import _sheet_scan
from maillon.errors import ParseFailed
from maillon.sources import Answer

MOST_CELLS: Final = 3_000_000
"""Cells, empty ones included, up to the last filled row and column of a sheet."""
DELIMITERS: Final = (";", ",", "\t", "|")

_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|\?xml|meta|style|div)", re.IGNORECASE)
_SAMPLE: Final = 60  # rows from which the delimiter is told
_RETURN = re.compile("_x000[dD]_|\r\n?")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff\ud800-\udfff]")

_DAMAGED: Final = (
    CalamineError, OSError, EOFError, LookupError, RuntimeError, ValueError,
    struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip

Merge = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Attributes:
        name: As the workbook has it; of a delimited text the file's name without its ending.
        rows: Its cells as texts, from A1 on; empty where there is nothing. Dates are ISO 8601, numbers have no ``.0``,
            booleans are ``true`` and ``false``, formulas their last value, a failed one its error (``#REF!``).
        merges: First and last cell of merged ranges, rows and columns from 0.
        is_hidden: Whether people do not see it.
    """

    name: str
    rows: list[list[str]]
    merges: tuple[Merge, ...] = field(default=())
    is_hidden: bool = False


def file_name(answer: Answer) -> str:
    """Return the name of a document as people know it."""
    return unquote(urlsplit(answer.url).path.rpartition("/")[2]) or answer.url


def sheets(answer: Answer, delimiter: str = "", encoding: str = "") -> list[Sheet]:
    """Return the sheets of a document, in its order.

    Args:
        answer: The document; its content tells what it is, never its name.
        delimiter: Of a delimited text, empty to find it.
        encoding: Of a delimited text, empty to find it.

    Raises:
        ParseFailed: It is no table, under a password, damaged, or too large.
    """
    data = answer.read()
    name = file_name(answer)
    if data.startswith((_OLE, _ZIP)):
        return _workbook(data, name)
    if data.startswith((b"%PDF", b"\x1f\x8b")) or _MARKUP.match(data):
        raise ParseFailed(f"{name} is no table but a web page, XML or PDF: save it as xlsx, ods or CSV.")
    return [Sheet(Path(name).stem or name, _delimited(data, name, delimiter, encoding))]


def _workbook(data: bytes, name: str) -> list[Sheet]:
    try:
        if _sheet_scan.is_locked(data):
            raise PasswordError  # noqa: TRY301  as calamine says it, but for all kinds
        found = _sheet_scan.scan(data) if data.startswith(_ZIP) else {}
        for title, (height, width) in ((title, item.size) for title, item in found.items()):
            _check_size(f"{name}, sheet {title}", height, width)
        return _read(data, name, found)
    except PasswordError as error:
        raise ParseFailed(f"{name} is protected by a password: save it without one and send it again.") from error
    except _DAMAGED as error:
        raise ParseFailed(f"{name} cannot be read as a workbook ({error}): open it, save it as xlsx.") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how Rust code says that it met what it did not expect
            raise
        raise ParseFailed(f"{name} is damaged: open it in a spreadsheet program and save it as xlsx.") from None


def _read(data: bytes, name: str, found: dict[str, "_sheet_scan.Scanned"]) -> list[Sheet]:
    result: list[Sheet] = []
    with load_workbook(io.BytesIO(data)) as workbook:
        for item in workbook.sheets_metadata:
            if item.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(item.name)
            _check_size(f"{name}, sheet {item.name}", sheet.total_height, sheet.total_width)
            rows = [[text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
            scanned = found.get(item.name, _sheet_scan.Scanned())
            _add_errors(rows, scanned.errors)
            merges = tuple(scanned.merges or sheet.merged_cell_ranges or ())
            _fill_down(rows, merges)
            result.append(Sheet(item.name, rows, merges, item.visible != SheetVisibleEnum.Visible))
    return result


def _check_size(place: str, height: int, width: int) -> None:
    if height * width > MOST_CELLS:
        raise ParseFailed(
            f"{place} reaches to row {height:,} and column {width:,}, too large to be an inventory: "
            "delete what stands far below or beside the table, or split it."
        )


def _add_errors(rows: list[list[str]], errors: Iterable[tuple[int, int, str]]) -> None:
    for row, column, error in errors:
        rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend("" for _ in range(column + 1 - len(rows[row])))
        rows[row][column] = error


def _fill_down(rows: list[list[str]], merges: Iterable[Merge]) -> None:
    """Give the rows of a merged range its value; not the columns, of which one is meant."""
    for (top, left), (bottom, _) in merges:
        value = rows[top][left] if top < len(rows) and left < len(rows[top]) else ""
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row):
                row[left] = value


def text(value: Any) -> str:
    """Return what a cell shows, as a text without outer blanks."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return _NO_TEXT.sub("", _RETURN.sub("\n", str(value))).strip()


def _delimited(data: bytes, name: str, delimiter: str, encoding: str) -> list[list[str]]:
    content = _RETURN.sub("\n", _decoded(data, name, encoding))
    if stated := re.match(r"sep=(.)\n", content):  # Excel writes and obeys such a first line
        content, delimiter = "\n" + content[stated.end() :], delimiter or stated[1]
    try:
        rows = _parsed(content, delimiter or _delimiter(content))
    except csv.Error as error:
        raise ParseFailed(
            f"{name} is no orderly delimited text ({error}): a quotation mark may be missing. Save it again as CSV."
        ) from error
    _check_size(name, len(rows), max(map(len, rows), default=0))
    return [[text(cell) for cell in row] for row in rows]


def _decoded(data: bytes, name: str, encoding: str) -> str:
    try:
        if encoding:
            return data.decode(encoding)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise ParseFailed(f"{name} is not {error.encoding} (octet {error.start}): correct its encoding.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _parsed(content: str, delimiter: str) -> list[list[str]]:
    """Parse strictly, so that a quotation mark that is never closed does not swallow rows; else as Excel does.

    Raises:
        csv.Error: A quotation mark is not closed, or a cell is larger than 131,072 signs.
    """
    try:
        return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error) or "limit" in str(error):
            raise
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))


def _delimiter(content: str) -> str:
    """Return the sign that parts most of the first rows into equally many cells; of two such, into more cells."""

    def fitness(sign: str) -> tuple[float, int]:
        widths: list[int] = []
        try:
            for row in csv.reader(io.StringIO(content, newline=""), delimiter=sign):
                widths += [len(row)] if any(row) else []
                if len(widths) == _SAMPLE:
                    break
        except csv.Error:
            return 0.0, 0
        several = Counter(width for width in widths if width > 1)
        if not several:
            return 0.0, 0
        width, count = max(several.items(), key=lambda item: (item[1], item[0]))
        return round(count / len(widths), 1), width

    return max((",", *DELIMITERS), key=fitness)
