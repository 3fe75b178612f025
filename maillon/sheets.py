"""Turns a table file (CSV by any delimiter, xlsx, xls, xlsb, ods) into numbered rows of text.

CSV after `RFC 4180 <https://www.rfc-editor.org/rfc/rfc4180>`_ and the dialects of `CSVW
<https://www.w3.org/TR/tabular-metadata/#dialect-descriptions>`_; workbooks are read by calamine. Text is decoded as
public files were seen to be written: byte order mark, strict UTF-8, else Windows-1252; line ends CR, LF or CRLF.
A CSV is read as it streams: memory does not grow with its length. A workbook is read whole, within ``MOST_UNPACKED``.

A row that cannot be read is a row with a ``fault``; what makes the whole file unreadable is ``ParseFailed``.
"""

import codecs
import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

import python_calamine

from maillon.errors import ParseFailed

_END = "\x1eend of file\x1e"
"""Follows the last line: where a cell holds it, its quotes were never closed."""

LONGEST_CELL: Final = 131_072
"""Characters of the longest cell, the limit of Python's csv module and four times that of a spreadsheet."""
LONGEST_LINE: Final = 4_000_000
"""Characters of the longest line that is held in memory; the rest of a longer one is passed over."""
MOST_COLUMNS: Final = 4_000
"""Columns of the widest table; wider ones were always files with a wrong delimiter or a transposed table."""
MOST_UNPACKED: Final = 300_000_000
"""Octets of all parts of a workbook once unpacked; calamine holds them in memory."""

_CHUNK: Final = 1 << 20
_DELIMITERS: Final = ",;\t|"
_SAMPLE_LINES: Final = 20
_QUOTED = re.compile(r'"(?:[^"]|"")*"?')
_PAGE = re.compile(rb"\s*<(?:!doctype html|html)\b", re.IGNORECASE)
_ZIPPED: Final = b"PK\x03\x04"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0"
_BROKEN: Final = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"})
_FORMULA = re.compile(r"=(?:[A-Z][A-Z0-9.]*\(|\$?[A-Z]{1,3}\$?[0-9]+\b|[+\-(])")
_GUARDED = re.compile(r'="(.*)"', re.DOTALL)


class Row(NamedTuple):
    r"""One row of a table.

    Attributes:
        number: Its place in the file from 1, header rows and blank rows counted: the row of RFC 7111.
        cells: Its texts. ``\r`` never occurs.
        fault: Why it cannot be read; empty where it can.
    """

    number: int
    cells: list[str]
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a table file is written; what is empty is told from the file.

    Attributes:
        delimiter: Between cells of a CSV.
        quote: Around cells of a CSV that hold the delimiter; None where there is none.
        double_quote: Whether a quote inside is doubled; otherwise a backslash stands before it.
        skip_initial_space: Whether blanks after a delimiter are dropped.
        encoding: Name of the character encoding of a CSV.
        sheet: Name of the sheet of a workbook; default the first.
    """

    delimiter: str = ""
    quote: str | None = '"'
    double_quote: bool = True
    skip_initial_space: bool = False
    encoding: str = ""
    sheet: str = ""


def is_workbook(path: Path) -> bool:
    """Tell by its first octets whether a file is a workbook (xlsx, xlsb, ods, xls), whatever its name."""
    with path.open("rb") as file:
        return file.read(4) in (_ZIPPED, _COMPOUND)


def read(path: Path, dialect: Dialect, name: str) -> Iterator[Row]:
    """Yield the rows of a table, header rows too, blank rows as rows without cells.

    Args:
        path: The file.
        dialect: How it is written.
        name: What messages call it.

    Raises:
        ParseFailed: It is no table, it is encrypted, has no such sheet, or is wider or larger than the limits.
    """
    rows = _workbook(path, dialect, name) if is_workbook(path) else _delimited(path, dialect, name)
    for row in rows:
        if len(row.cells) > MOST_COLUMNS:
            raise ParseFailed(
                f"{name} row {row.number} has {len(row.cells):,} columns, more than the {MOST_COLUMNS:,} that are "
                "read: check the delimiter, or whether rows and columns are exchanged."
            )
        yield row


def is_formula(text: str) -> bool:
    """Tell whether a cell holds the text of a formula, as exports without values have it, instead of its value."""
    return text.startswith("=") and _FORMULA.match(text) is not None


def is_broken(text: str) -> bool:
    """Tell whether a cell holds what spreadsheets show where a formula failed, such as ``#REF!``."""
    return text in _BROKEN


def encoding_of(path: Path) -> str:
    """Return the Python name of a text file's encoding: by byte order mark, strict UTF-8, else Windows-1252."""
    with path.open("rb") as file:
        head = file.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _check_text(path: Path, name: str) -> None:
    with path.open("rb") as file:
        head = file.read(4096)
    if _PAGE.match(head):
        raise ParseFailed(f"{name} is a web page and no table: give the address of the file itself.")
    if b"\x00" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ParseFailed(f"{name} is binary and no table: give a CSV, xlsx, ods or GeoJSON file.")


def _lines(file: TextIO) -> Iterator[str]:
    """Yield the lines; of one longer than LONGEST_LINE only the beginning, which the cell limit then refuses."""
    while line := file.readline(LONGEST_LINE):
        yield line
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass


def delimiter_of(lines: Sequence[str]) -> str:
    """Return the delimiter that stands on the most of the first lines equally often; a comma where none does."""
    bare = [_QUOTED.sub("", line[:LONGEST_CELL]) for line in lines if line.strip()]

    def score(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in bare]
        usual = max(set(counts), key=lambda count: (count > 0, counts.count(count)), default=0)
        return (counts.count(usual) if usual else 0), usual

    return max(_DELIMITERS, key=score) if bare else ","


def _options(dialect: Dialect, sample: Sequence[str]) -> dict[str, Any]:
    return {
        "delimiter": dialect.delimiter or delimiter_of(sample),
        "quotechar": dialect.quote,
        "quoting": csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        "doublequote": dialect.double_quote,
        "escapechar": None if dialect.double_quote else "\\",
        "skipinitialspace": dialect.skip_initial_space,
    }


def _delimited(path: Path, dialect: Dialect, name: str) -> Iterator[Row]:
    _check_text(path, name)
    encoding = dialect.encoding or encoding_of(path)
    encoding = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        # newline=None: a CR alone ends a line too, which the csv module refuses by itself.
        with path.open(encoding=encoding, errors="replace", newline=None) as file:
            sample = [line for line, _ in zip(_lines(file), range(_SAMPLE_LINES), strict=False)]
            file.seek(0)
            lines = chain(_lines(file), [_END])
            yield from _numbered(csv.reader(lines, strict=False, **_options(dialect, sample)), name)
    except (LookupError, TypeError, ValueError) as error:
        raise ParseFailed(f"{name} cannot be read as its dialect says: {error}.") from error


def _numbered(reader: Any, name: str) -> Iterator[Row]:
    """Yield rows with their numbers. Raises ParseFailed where the file ends inside a quoted cell: it was cut off."""
    number = 0
    while True:
        number += 1
        line = reader.line_num + 1
        try:
            cells = next(reader)
            if cells and cells[-1].endswith(_END):
                if cells == [_END]:
                    return
                raise ParseFailed(f"{name} ends inside a quoted cell, so it was cut off. Send all of it.", line)
            yield Row(number, cells)
        except StopIteration:
            return
        except csv.Error:
            fault = f"a cell from line {line} on has more than {LONGEST_CELL:,} characters, or its quote never ends"
            yield Row(number, [], fault)


def _check_size(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ParseFailed(f"{name} is a damaged workbook: {error}.") from error
    if size > MOST_UNPACKED:
        raise ParseFailed(f"{name} unpacks to {size:,} octets, more than {MOST_UNPACKED:,}: save it as CSV.")


def _sheet(path: Path, wanted: str, name: str) -> Any:
    with path.open("rb") as file:
        zipped = file.read(4) == _ZIPPED
    if zipped:
        _check_size(path, name)
    try:
        workbook = python_calamine.load_workbook(str(path))
        names = workbook.sheet_names
        if wanted and wanted not in names:
            raise ParseFailed(f"{name} has no sheet {wanted!r}: it has {', '.join(map(repr, names[:20])) or 'none'}.")
        return workbook.get_sheet_by_name(wanted) if wanted else workbook.get_sheet_by_index(0)
    except python_calamine.PasswordError as error:
        raise ParseFailed(f"{name} is encrypted: ask its publisher for a file without password.") from error
    except (python_calamine.CalamineError, ValueError, IndexError, OSError) as error:
        raise ParseFailed(f"{name} is no workbook that can be read: {error}.") from error


def text_of(value: object) -> str:
    """Return a workbook's value as text: numbers plain, dates in ISO 8601, truth as ``true`` or ``false``."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Spreadsheets have no whole numbers: 21001 is stored as 21001.0.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():.10g}S"
    return str(value)


def _workbook(path: Path, dialect: Dialect, name: str) -> Iterator[Row]:
    sheet = _sheet(path, dialect.sheet, name)
    left = (sheet.start or (0, 0))[1]
    merged = sorted(tuple(map(tuple, area)) for area in sheet.merged_cell_ranges or ())
    active: list[tuple[int, int, int, str]] = []
    for index, values in enumerate(sheet.iter_rows()):
        cells = [""] * left + [text_of(value) for value in values]
        while merged and merged[0][0][0] <= index:
            (_, west), (south, east) = merged.pop(0)
            active.append((south, west, east, cells[west] if west < len(cells) else ""))
        active = [area for area in active if area[0] >= index]
        for _, west, east, text in active:
            for column in range(west, min(east, len(cells) - 1) + 1):
                cells[column] = text
        yield Row(index + 1, cells if any(cells) else [])


def plain(text: str) -> str:
    """Return a cell without the guard ``="..."`` that spreadsheets' exports put around codes with leading zeros."""
    guarded = _GUARDED.fullmatch(text) if text.startswith('="') else None
    return guarded[1].replace('""', '"') if guarded else text
