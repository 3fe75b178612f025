"""Turns a wide table, with one column for each year or kind, into a long one with one row for each.

``nis;2019;2020`` with ``melt = ["2019", "2020"]`` and ``melt_into = ["year", "population"]`` becomes
``nis;year;population``.
A row that it makes keeps the number of the row that it was made of.
"""

from collections.abc import Iterator

from maillon.errors import ParseFailed
from maillon.sheets import Row
from maillon.tabular.annotated import Layout


def melted(rows: Iterator[Row], layout: Layout, name: str) -> Iterator[Row]:
    """Yield the long table's rows; everything above the last header row stays as it is.

    Args:
        rows: Of the wide table.
        layout: With the headers of the columns that are melted, at least one.
        name: What messages call the table.

    Raises:
        ParseFailed: The table has no such column, or no header row.
    """
    headers = 0
    for row in rows:
        is_comment = bool(layout.comment_prefix and row.cells and row.cells[0].startswith(layout.comment_prefix))
        if row.number > layout.skip_rows and not is_comment:
            headers += 1
        if headers < layout.header_row_count or row.number <= layout.skip_rows or is_comment:
            yield row
            continue
        yield from _long(row, rows, layout, name)
        return
    raise ParseFailed(f"{name} has no header row, which melt needs.")


def _long(header: Row, rows: Iterator[Row], layout: Layout, name: str) -> Iterator[Row]:
    titles = [cell.strip() for cell in header.cells]
    places = [titles.index(title) for title in layout.melt if title in titles]
    if len(places) < len(layout.melt):
        missing = ", ".join(repr(title) for title in layout.melt if title not in titles)
        known = ", ".join(map(repr, titles[:30]))
        raise ParseFailed(f"{name} has no column {missing}, which melt names. Its columns: {known}.")
    kept = [index for index in range(len(titles)) if index not in places]
    yield Row(header.number, [titles[index] for index in kept] + list(layout.melt_into))
    width = len(titles)
    for row in rows:
        if row.fault or not any(row.cells):
            yield row
        elif any(row.cells[width:]):
            yield Row(row.number, [], f"has {len(row.cells)} cells, the table {width} columns")
        else:
            cells = row.cells + [""] * (width - len(row.cells))
            stable = [cells[index] for index in kept]
            yield from (Row(row.number, [*stable, titles[place], cells[place]]) for place in places)
