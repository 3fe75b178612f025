"""Finds the columns of a table: turns header texts, letters and numbers of a source's TOML into columns of a sheet.

A header is compared without case and with single blanks. Where there are several header rows, the text of each, and
all of them joined by `` / ``, name the column; of a header in two languages (``Titre / Titel``) each part does too.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harvesters._sheet_file import Sheet
from harvesters._sheet_plan import Place, Plan, Reference
from harvesters._sheet_scan import column_letter, column_number

DEEPEST: Final = 40
"""Rows among which a header is looked for."""

_LETTERS = re.compile(r"[A-Za-z]{1,3}")


class ColumnMissing(Exception):
    """A column that the TOML names is not in the header, or more than one is called so."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a sheet.

    Attributes:
        first: Row in which it begins, from 0.
        end: Row of the first record, from 0.
        names: Columns (from 0) by compared name.
        shown: What stands in it, by column, for messages.
    """

    first: int
    end: int
    names: Mapping[str, tuple[int, ...]]
    shown: tuple[str, ...]

    def column(self, reference: Reference) -> int:
        """Return the column that a reference of the TOML means, from 0.

        Raises:
            ColumnMissing: There is none, or more than one.
        """
        if isinstance(reference, Place):
            reference = reference.label
        if isinstance(reference, int):
            return reference - 1
        found = self.names.get(spelling(reference), ())
        if len(found) == 1:
            return found[0]
        if found:
            letters = ", ".join(map(column_letter, found))
            raise ColumnMissing(f"the columns {letters} are all called {reference!r}: say which by its letter")
        if _LETTERS.fullmatch(reference) and (number := column_number(reference)) < len(self.shown):
            return number
        raise ColumnMissing(f"there is no column {reference!r}")

    def listing(self) -> str:
        """Return the headers with their letters, as a person reads them."""
        named = [f"{column_letter(number)} {name!r}" for number, name in enumerate(self.shown) if name]
        return ", ".join(named[:80]) or "none"


def spelling(name: str) -> str:
    """Return what of a header is compared: no case, single blanks, no sign that marks it as required."""
    return " ".join(name.split()).strip(" *:").casefold()


def header(sheet: Sheet, first: int, depth: int) -> Header:
    """Return the header that begins in a row (from 0) of a sheet and has so many rows."""
    rows = [list(row) for row in sheet.rows[first : first + depth]]
    width = max(map(len, rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    for (top, left), (_, right) in sheet.merges:  # a merged header counts for all columns below it
        if first <= top < first + len(rows) and left < width:
            rows[top - first][left : right + 1] = [rows[top - first][left]] * (min(right, width - 1) - left + 1)
    names: dict[str, list[int]] = {}
    shown = []
    for number in range(width):
        texts = list(dict.fromkeys(row[number] for row in rows if row[number]))
        shown.append(" / ".join(texts))
        for name in _names(texts):
            names.setdefault(name, []).append(number)
    return Header(first, first + depth, {name: tuple(found) for name, found in names.items() if name}, tuple(shown))


def _names(texts: Sequence[str]) -> set[str]:
    several = [part for text in texts for part in re.split(r"\s+/\s+|\n", text)]
    return {spelling(name) for name in (*texts, " / ".join(texts), *several)}


def find(sheets: Iterable[Sheet], plan: Plan) -> tuple[Sheet, Header]:
    """Return the first sheet that has all columns of a plan, with its header.

    Raises:
        ColumnMissing: No sheet has them; says what is missing in the header that comes closest, and what is there.
    """
    best: tuple[int, str] = (-1, "there is no table")
    for sheet in sheets:
        depth = min(len(sheet.rows), DEEPEST)
        for first in [plan.header_row - 1] if plan.header_row else range(depth):
            found = header(sheet, first, plan.header_rows)
            fits, reason = _fit(found, plan)
            if not reason:
                return sheet, found
            if fits > best[0]:
                best = fits, f"{reason} in sheet {sheet.name!r}; its headers are: {found.listing()}"
    raise ColumnMissing(best[1])


def _fit(found: Header, plan: Plan) -> tuple[int, str]:
    """Return how many references a header knows, and why not all; a row without any header text is none."""
    references = [item for items in plan.columns.values() for item in items]
    references += [*plan.group_by, *plan.fill_down, *plan.skip]
    fits, reason = 0, "" if any(found.shown) else "there is no header"
    named = False
    for reference in references:
        try:
            column = found.column(reference)
        except ColumnMissing as error:
            reason = reason or str(error)
        else:
            named = named or (isinstance(reference, str) and spelling(reference) in found.names)
            fits += 2 if isinstance(reference, str) and spelling(reference) in found.names else 0
            reason = reason if column < len(found.shown) else reason or f"there is no column {reference}"
    return fits, reason
