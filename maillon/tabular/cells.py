"""Turns the texts of a row into an annotated row: values, statements and faults.

Follows `parsing cells <https://www.w3.org/TR/tabular-data-model/#parsing-cells>`_ of CSVW. Everything that is the same
for all rows (datatypes, templates, predicates) is compiled once, because a table has up to millions of them.
"""

from collections.abc import Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from maillon import sheets
from maillon.errors import SourceDefinitionError
from maillon.tabular import datatypes
from maillon.tabular.annotated import AnnotatedRow, CellFault, Column, Statement, Table
from maillon.tabular.templates import IriTemplate, Template, resolver

_OF_COLUMN: Final = frozenset({"_name", "_column", "_sourceColumn"})
_SHOWN: Final = 60


def shortened(text: str) -> str:
    """Return a text as a message shows it: its beginning."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"


class _Cell:
    """What one column does with the text of its cell."""

    def __init__(self, column: Column, keep_invalid: bool, typed: bool) -> None:
        self.name, self.index = column.name, column.source_number - 1
        self._header = column.title.partition("\n")[0] or column.name
        self._column, self._keep_invalid = column, keep_invalid
        self._parse = datatypes.parser(column.datatype, column.lang, typed)
        base = datatypes.canonical_name(column.datatype.base)
        self._keeps = base in datatypes.KEEPS_WHITE_SPACE
        self._collapses = not self._keeps and base != "normalizedString"
        # The standard's default, which a declared null replaces; nobody means an empty text by an empty cell.
        self._null = frozenset(("", *column.null))

    def read(self, cells: Sequence[str], faults: list[CellFault]) -> tuple[Literal | NamedNode, ...]:
        """Return the values of the column in a row, none where it has no value or a wrong one."""
        text = cells[self.index] if self.index < len(cells) else ""
        if not self._keeps:
            text = self._normalised(text)
        text = text or self._column.default
        column = self._column
        if column.separator is None:
            found = () if text in self._null else self._values((text,), faults)
        else:
            found = self._values(self._split(text, column.separator), faults)
        if column.required and not found and (not faults or faults[-1].column != self._header):
            faults.append(CellFault(self._header, "", "is required and missing"))
        return found

    def _normalised(self, text: str) -> str:
        if self._collapses:
            return " ".join(text.split())
        return text.replace("\n", " ").replace("\t", " ")

    def _split(self, text: str, separator: str) -> Sequence[str]:
        if not text or text in self._null:
            return ()
        parts = text.split(separator) if separator else [text]
        return [part for part in (item.strip() for item in parts) if part not in self._null]

    def _values(self, texts: Sequence[str], faults: list[CellFault]) -> tuple[Literal | NamedNode, ...]:
        found: list[Literal | NamedNode] = []
        for text in texts:
            try:
                found.append(self._value(text))
            except ValueError as error:
                faults.append(CellFault(self._header, shortened(text), str(error)))
                if self._keep_invalid:
                    found.append(Literal(text))
        return tuple(found)

    def _value(self, text: str) -> Literal | NamedNode:
        if text.startswith(("=", "#")):
            text = _checked(text)
        if self._column.codes is not None:
            code = self._column.codes(text)
            if code is None:
                raise ValueError("is not in the code list")
            return NamedNode(code)
        if "\x00" in text:
            raise ValueError("holds a NUL character")
        return self._parse(text)


def _checked(text: str) -> str:
    if sheets.is_formula(text):
        raise ValueError("is a formula and no value: save the file with values")
    if sheets.is_broken(text):
        raise ValueError("is an error of the spreadsheet: correct its formula")
    return sheets.plain(text)


class _Output:
    """What one column says of a row: subject, predicate, objects."""

    def __init__(self, column: Column, table: Table, place: int | None) -> None:
        self.name, self.place, self.ordered = column.name, place, column.ordered
        self.has_separator, self.is_virtual = column.separator is not None, column.virtual
        self.own = {"_name": column.name, "_column": str(column.number), "_sourceColumn": str(column.source_number)}
        self.about = _compiled(column.about_url, table)
        self.value = _compiled(column.value_url, table)
        self._property = _compiled(column.property_url, table)
        default = resolver(table.url)("#" + column.name)
        self._static: NamedNode | None = None
        if self._property is None:
            self._static = NamedNode(default)
        elif self._property.variables <= _OF_COLUMN:
            self._static = self._property.iri(self.own)

    def predicate(self, values: dict[str, str | list[str] | None]) -> NamedNode:
        """Return the predicate for a row; raises ValueError where it is no IRI."""
        if self._static is not None:
            return self._static
        return made(self._property, self, values)


def _compiled(text: str | None, table: Table) -> IriTemplate | None:
    return None if text is None else IriTemplate(text, table.url, table.mints)


def made(template: IriTemplate | None, output: _Output, values: dict[str, str | list[str] | None]) -> NamedNode:
    """Return the IRI that a template of a column makes for a row; raises ValueError where it makes none."""
    if template is None:
        raise ValueError("no template")
    return template.iri({**values, **output.own} if template.variables & _OF_COLUMN else values)


class RowReader:
    """Reads the rows of one table. Raises SourceDefinitionError where its columns cannot be compiled."""

    def __init__(
        self,
        table: Table,
        columns: Sequence[Column],
        keep_invalid: bool = False,
        typed: bool = False,
        key: Sequence[str] = (),
    ) -> None:
        """Compile the columns.

        Args:
            table: The table; its address is the base of templates.
            columns: Its columns with their places in the file, virtual ones last.
            keep_invalid: Whether a wrong value becomes a plain text, as CSVW says, or nothing.
            typed: See ``datatypes.parser``.
            key: Names of variables whose values are wanted though no template asks for them.
        """
        self._keep_invalid = keep_invalid
        real = [column for column in columns if not column.virtual]
        try:
            wanted = [Template(text).variables for column in columns for text in _templates(column)]
            self._variables = frozenset(key).union(*wanted)
            read = [column for column in real if self._is_read(column)]
            self._cells = [_Cell(column, keep_invalid, typed) for column in read]
            place = {column.source_number: index for index, column in enumerate(read)}
            self._outputs = [
                _Output(column, table, place.get(column.source_number))
                for column in columns
                if not column.suppress_output
            ]
        except ValueError as error:
            raise SourceDefinitionError(f"Table {table.url}: {error}.") from error

    def _is_read(self, column: Column) -> bool:
        return not column.suppress_output or column.required or column.name in self._variables

    def read(self, number: int, source_number: int, cells: Sequence[str]) -> AnnotatedRow:
        """Return one row annotated.

        Args:
            number: Its place among the data rows, from 1.
            source_number: Its place in the file, from 1.
            cells: Its texts.
        """
        faults: list[CellFault] = []
        found = [cell.read(cells, faults) for cell in self._cells]
        values: dict[str, str | list[str] | None] = {"_row": str(number), "_sourceRow": str(source_number)}
        for cell, objects in zip(self._cells, found, strict=True):
            if cell.name in self._variables:
                texts = [item.value for item in objects]
                values[cell.name] = texts[0] if len(texts) == 1 else texts or None
        row = AnnotatedRow(number, source_number, values, [], faults)
        subjects: dict[str, NamedNode] = {}
        for output in self._outputs:
            try:
                self._state(output, found, row, subjects)
            except ValueError as error:
                faults.append(CellFault(output.name, "", f"gives no IRI: {error}"))
        return row

    def _state(
        self,
        output: _Output,
        found: Sequence[tuple[Literal | NamedNode, ...]],
        row: AnnotatedRow,
        subjects: dict[str, NamedNode],
    ) -> None:
        objects = () if output.place is None else found[output.place]
        if not objects and not output.is_virtual:
            return
        if output.value is not None:
            if output.is_virtual and any(row.values.get(name) is None for name in output.value.variables - _OF_COLUMN):
                return  # a link to nothing: the cell that the template names is empty
            objects = (made(output.value, output, row.values),)
        if objects:
            subject = self._subject(output, row.values, subjects)
            row.statements.append(Statement(subject, output.predicate(row.values), objects, output.ordered))

    def _subject(
        self, output: _Output, values: dict[str, str | list[str] | None], known: dict[str, NamedNode]
    ) -> NamedNode | None:
        about = output.about
        if about is None:
            return None
        if about.variables & _OF_COLUMN:
            return made(about, output, values)
        if about.text not in known:
            if not self._keep_invalid and (empty := sorted(key for key in about.variables if values.get(key) is None)):
                raise ValueError(f"{', '.join(empty)} is empty")
            known[about.text] = about.iri(values)
        return known[about.text]


def _templates(column: Column) -> list[str]:
    return [text for text in (column.about_url, column.property_url, column.value_url) if text]
