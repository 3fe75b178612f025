"""Looks through a workbook (ECMA-376 xlsx, OASIS OpenDocument ods) for what calamine does not tell.

That is: how far each sheet reaches, which cells hold an error value, and (ods) which are merged.
https://ecma-international.org/publications-and-standards/standards/ecma-376/ part 1, section 18.3.1.4 (cells) and
https://docs.oasis-open.org/office/OpenDocument/v1.3/ part 3, section 9.1 (tables).
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final

from lxml import etree

from maillon.errors import ParseFailed

MOST_OCTETS: Final = 400_000_000
"""Octets of all parts of a workbook once unpacked."""

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_FILE_PASS = re.compile(rb"\x09\x08\x10\x00\x00\x06\x05\x00.{12}\x2f\x00", re.DOTALL)  # after the first BOF record
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ERROR = re.compile(r"#(?:[A-ZÀ-Ü/0-9_]{2,24}[!?]|N/[ABD]|NV)|Err:\d{3}")


@dataclass(slots=True)
class Scanned:
    """What one sheet has: rows and columns up to the last value, (row, column, error) from 0, merged ranges."""

    size: tuple[int, int] = (0, 0)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    merges: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)

    def reach(self, row: int, column: int) -> None:
        """Note that there is a value at a row and column, from 0."""
        self.size = (max(self.size[0], row + 1), max(self.size[1], column + 1))


def is_error(text: str) -> bool:
    """Tell whether a cell shows an error value of a formula, in the words of any language (``#N/A``, ``#NOM?``)."""
    return text.startswith(("#", "Err:")) and bool(_ERROR.fullmatch(text))


def column_letter(column: int) -> str:
    """Return the letters of a column counted from 0: A, Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the column of its letters, from 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def is_locked(data: bytes) -> bool:
    """Tell whether a workbook is under a password: xlsx in an OLE container, xls (FilePass record), or ods."""
    if not data.startswith(b"PK"):
        return _PACKAGE in data or bool(_FILE_PASS.search(data))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = "META-INF/manifest.xml"
        is_flagged = any(item.flag_bits & 1 for item in archive.infolist())
        return is_flagged or (manifest in archive.namelist() and b"encryption-data" in archive.read(manifest)[:100_000])


def scan(data: bytes) -> dict[str, Scanned]:
    """Return what each sheet of an xlsx or ods has, by name; nothing of a workbook of another kind.

    Raises:
        ParseFailed: It is too large once unpacked.
        OSError, ValueError, zipfile.BadZipFile: It is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        octets = sum(item.file_size for item in archive.infolist())
        if octets > MOST_OCTETS:
            raise ParseFailed(f"The workbook has {octets:,} octets once unpacked, too many for an inventory: split it.")
        names = set(archive.namelist())
        try:
            if "xl/workbook.xml" in names:
                return {name: _xlsx(archive, part) for name, part in _parts(archive) if part in names}
            if "content.xml" in names:
                with archive.open("content.xml") as stream:
                    return _ods(stream)
        except etree.XMLSyntaxError as error:
            raise ValueError(str(error)) from error
    return {}


def _elements(stream: IO[bytes], events: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the elements of XML without fetching, expanding or keeping anything."""
    context = etree.iterparse(stream, events=events, resolve_entities=False, no_network=True, load_dtd=False)
    yield from context


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet of an xlsx and the part that holds it."""
    targets = {}
    with archive.open("xl/_rels/workbook.xml.rels") as stream:
        for _, element in _elements(stream, ("end",)):
            targets[element.get("Id")] = element.get("Target", "")
    with archive.open("xl/workbook.xml") as stream:
        for _, element in _elements(stream, ("end",)):
            target = targets.get(element.get(_RELATION) or element.get(_STRICT_RELATION))
            if _name(element) == "sheet" and target:
                yield element.get("name", ""), posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _xlsx(archive: zipfile.ZipFile, part: str) -> Scanned:
    found, row, column = Scanned(), -1, -1
    with archive.open(part) as stream:
        for event, element in _elements(stream, ("start", "end")):
            name = _name(element)
            if event == "start" and name == "row":
                row, column = int(element.get("r") or row + 2) - 1, -1
            elif event == "end" and name == "c":
                place = _PLACE.fullmatch(element.get("r") or "")
                column = column_number(place[1]) if place else column + 1
                row = int(place[2]) - 1 if place else row
                value = "".join(element.itertext())
                if value:
                    found.reach(row, column)
                if element.get("t") == "e":
                    found.errors.append((row, column, _shown(element)))
            elif event == "end" and name == "row":
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    return found


def _shown(element: Any) -> str:
    return next((part.text for part in element if _name(part) == "v" and part.text), "#ERROR!")


def _ods(stream: IO[bytes]) -> dict[str, Scanned]:
    sheets: dict[str, Scanned] = {}
    found, row, column, times = Scanned(), 0, 0, 1
    for event, element in _elements(stream, ("start", "end")):
        tag = str(element.tag).removeprefix(_TABLE)
        if event == "start" and tag == "table":
            found, row = sheets.setdefault(element.get(f"{_TABLE}name", ""), Scanned()), 0
        elif event == "start" and tag == "table-row":
            column, times = 0, _count(element, "number-rows-repeated")
        elif event == "end" and tag in ("table-cell", "covered-table-cell"):
            column = _ods_cell(found, element, row, column, times)
        elif event == "end" and tag == "table-row":
            row += times
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return sheets


def _count(element: Any, name: str) -> int:
    stated = element.get(_TABLE + name) or "1"
    return int(stated) if stated.isdecimal() and len(stated) < 9 else 1


def _ods_cell(found: Scanned, element: Any, row: int, column: int, times: int) -> int:
    """Note what an ods cell holds; return the column of the next one."""
    last = column + _count(element, "number-columns-repeated") - 1
    down, right = _count(element, "number-rows-spanned"), _count(element, "number-columns-spanned")
    if (down, right) != (1, 1):
        found.merges.append(((row, column), (row + down - 1, column + right - 1)))
    if element.get(f"{_OFFICE}value-type"):
        found.reach(row + times - 1, last)
    if element.get(f"{_CALC}value-type") == "error":
        shown = "".join("".join(part.itertext()) for part in element if _name(part) == "p")  # not of a comment
        found.errors.append((row, column, shown.strip() or "#ERROR!"))
    return last + 1
