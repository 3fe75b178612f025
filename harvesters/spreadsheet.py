"""Spreadsheets: turns the rows of an inventory in Excel, OpenDocument or CSV into ``records.Dataset``.

A workbook that ``maillon template`` made needs no options. For any other, ``[options]`` of the source's TOML says what
stands where. A column is named by its header, by its letter ("D") or by its number from 1.

- ``columns``: a table from fields (``harvesters/_sheet_fields.py``: title, title.fr, distribution.access_url ...) to
  one column or a list. Of several columns the first filled one counts; descriptions are joined; fields with many values
  take all; each column of a distribution field is a distribution of its own. Default: the headers are field names,
  or usual words (``harvesters/_sheet_guesses.py``: Titre, beschrijving, Lizenz, URL); the report says what was guessed.
- ``sheet``: name of the sheet, a list of names, or "*" for all; default the first that has the columns.
- ``header_row``: number of the first header row; default the first row that has the columns. ``header_rows``: how many
  there are (1).
- ``group_by``: column(s) whose value tells the dataset, where each row is a resource. ``fill_down``: columns whose
  empty cells mean the value above (merged cells are filled without).
- ``skip_rows``: numbers of rows that say nothing; ``skip``: a table from column to values whose rows are left out.
- ``constants``, ``separators``, ``values``: tables from field to the value of all rows that state none, to what parts
  several values in one cell (empty: nothing does), and from value to what it means.
- ``terms``: a table from field to values that may hold the separator themselves.
- ``melt``: ``columns`` (pattern of headers), ``name``, ``value``: each filled cell of such columns is a distribution,
  whose field ``name`` is the header and whose field ``value`` is the cell.
- ``layout = "form"``: a sheet is one dataset; ``columns`` goes from fields to labels, or to {label, column}.
  ``label_columns`` (A and B), ``value_column`` (default the first filled one right of the labels).
- ``delimiter``, ``encoding``: of CSV; default found.

A cell that cannot be used is rejected under its address (``Feuille 1!D14``), and its row is harvested without it.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from harvesters import _inventory, _sheet_columns, _sheet_file, _sheet_guesses, _sheet_plan, _sheet_records, _sheet_rows
from harvesters._once import once
from harvesters._sheet_columns import ColumnMissing
from harvesters._sheet_fields import kind_of
from harvesters._sheet_file import Sheet
from harvesters._sheet_plan import Plan
from harvesters._sheet_records import Found
from maillon.errors import ParseFailed, SourceDefinitionError
from maillon.records import Record, Rejected
from maillon.sources import Answer, Fetch, Source


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield a dataset for every row, group of rows or form, and every cell and row that cannot be used.

    Raises:
        SourceDefinitionError: ``[options]`` are wrong, or name a column or sheet that is not there.
        ParseFailed: The only document is no table, or damaged.
    """
    plan = _sheet_plan.plan(source.name, source.options)
    seen: set[str] = set()
    for record in _documents(source, fetch, plan):
        yield once(record, seen)


def _documents(source: Source, fetch: Fetch, plan: Plan) -> Iterator[Record]:
    """Yield the records of each file; one among several that cannot be used is rejected, and the others carry on."""
    answers = fetch.documents(source.url)
    first = list(islice(answers, 2))
    for answer in chain(first, answers):
        name = _sheet_file.file_name(answer)
        try:
            yield from _records(answer, source, plan, f"[{name}]" if len(first) > 1 else "")
        except ParseFailed as error:
            if len(first) == 1:
                raise
            yield Rejected(name, "file is not a usable table", str(error), is_dataset=False)
        except ColumnMissing as error:
            if len(first) == 1:
                raise SourceDefinitionError(f"Source {source.name}, [options]: {error}.") from error
            yield Rejected(name, "file without the columns that the source's options name", str(error), False)


def _records(answer: Answer, source: Source, plan: Plan, book: str) -> Iterator[Record]:
    sheets = _sheet_file.sheets(answer, plan.delimiter, plan.encoding)
    if not plan.columns and (template := _inventory.template(sheets)):
        yield from _inventory.records(template, book)
        return
    if plan.layout == "form":
        yield from _forms(_chosen(sheets, plan), plan, book, source.language)
        return
    for sheet, header, filled in _tables(_chosen(sheets, plan), plan):
        if not plan.columns:
            yield from _sheet_guesses.told(sheet, header, filled.columns, book)
        for found in _sheet_rows.table(sheet, header, filled, book):
            yield from [found] if isinstance(found, Rejected) else dataset(found, source.language)


def _chosen(sheets: list[Sheet], plan: Plan) -> list[list[Sheet]]:
    """Return the sheets to read; a list of several inside means the first of them that fits."""
    visible = [sheet for sheet in sheets if not sheet.is_hidden] or sheets
    if not plan.sheet:
        return [visible]
    if plan.sheet == ("*",):
        return [[sheet] for sheet in visible]
    named = {_sheet_columns.spelling(sheet.name): sheet for sheet in sheets}
    if absent := [name for name in plan.sheet if _sheet_columns.spelling(name) not in named]:
        there = ", ".join(repr(sheet.name) for sheet in sheets)
        raise ColumnMissing(f"there is no sheet {absent[0]!r}; its sheets are: {there}")
    return [[named[_sheet_columns.spelling(name)]] for name in plan.sheet]


def _tables(chosen: list[list[Sheet]], plan: Plan) -> Iterator[tuple[Sheet, _sheet_columns.Header, Plan]]:
    for candidates in chosen:
        if plan.columns:
            yield (*_sheet_columns.find(candidates, plan), plan)
            continue
        yield _self_named(candidates, plan)


def _self_named(candidates: list[Sheet], plan: Plan) -> tuple[Sheet, _sheet_columns.Header, Plan]:
    """Return the first sheet whose headers are names of fields, title or identifier among them; else usual words."""
    headers = [(sheet, header) for sheet in candidates for header in _headers(sheet, plan)]
    for sheet, header in headers:
        named = {name.lower(): (number + 1,) for number, name in enumerate(header.shown) if kind_of(name.lower())}
        if any(name.partition(".")[0] in ("title", "identifier") for name in named):
            return sheet, header, replace(plan, columns={**named, **_sheet_guesses.fields(header, named)})
    for sheet, header in headers:
        if guessed := _sheet_guesses.inventory(header):
            return sheet, header, replace(plan, columns=guessed)
    listing = next((header.listing() for _, header in headers), "none")
    raise ColumnMissing(f"say under columns which column is what; the headers are: {listing}")


def _headers(sheet: Sheet, plan: Plan) -> Iterator[_sheet_columns.Header]:
    """Yield what may be the header of a sheet, from the top."""
    for first in range(min(len(sheet.rows), _sheet_columns.DEEPEST)):
        yield _sheet_columns.header(sheet, first, plan.header_rows)


def _forms(chosen: list[list[Sheet]], plan: Plan, book: str, language: str) -> Iterator[Record]:
    for candidates in chosen:
        forms = [(*_sheet_rows.form(sheet, plan, book), sheet) for sheet in candidates]
        found, missing, sheet = min(forms, key=lambda item: len(item[1]))
        if not any(found.values.get(name) for name in plan.columns) and not found.files and missing:
            raise ColumnMissing(f"sheet {sheet.name!r} has nothing beside its labels and none named {missing[0]!r}")
        if missing:
            detail = ", ".join(missing)
            yield Rejected(found.place, "form without a label that the source's options name", detail, False)
        yield from dataset(found, language)


def dataset(found: Found, language: str) -> Iterator[Record]:
    """Yield the dataset, or why it has no identity; then its cells that cannot be used."""
    titles = [values[0] for name, values in found.values.items() if name.partition(".")[0] == "title" and values]
    stated = next((found.values[name][0] for name in ("identifier", "iri") if found.values.get(name)), "")
    identifier = stated or ("" if "identifier" in found.values else next(iter(titles), ""))
    if not identifier:
        lacking = "identifier" if "identifier" in found.values else "title"
        yield Rejected(found.place, f"row without {lacking}", next(iter(titles), ""))
    else:
        record, wrong = _sheet_records.dataset(identifier, found, language)
        yield record
        yield from wrong
    yield from found.wrong
