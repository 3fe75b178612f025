"""The annotated table model of `CSVW <https://www.w3.org/TR/tabular-data-model/#annotated-tables>`_, as values.

``metadata`` makes these of CSVW metadata, ``declaration`` of a mapping in a source's TOML. Names are those of the
standard. What a source's TOML can say beyond CSVW (``codes``) stands on ``Column`` too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.sheets import Dialect

CSVW: Final = "http://www.w3.org/ns/csvw#"

Subject = NamedNode | BlankNode
Value = NamedNode | BlankNode | Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Datatype:
    """What the texts of a column are.

    Attributes:
        base: Name of a built-in datatype, such as ``date``, ``number`` or ``integer``.
        format: Pattern of dates and numbers, ``yes|no`` of booleans, a regular expression for others; empty for none.
        decimal_char: Sign before the fraction of a number.
        group_char: Sign between groups of digits; empty for none.
        constraints: ``length``, ``minimum`` and so on, by their names in CSVW.
        iri: The datatype of literals where it is a derived one, empty for that of ``base``.
    """

    base: str = "string"
    format: str = ""
    decimal_char: str = "."
    group_char: str = ""
    constraints: Mapping[str, Any] = field(default_factory=dict)
    iri: str = ""


STRING: Final = Datatype()

VIRTUAL: Final = -1
"""``Column.number`` of a declared virtual column before the file is opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column and what its cells become.

    Attributes:
        number: Its place among the columns of the table from 1, virtual ones last; 0 before the file is opened.
        source_number: Its place in the file from 1; 0 for a virtual column.
        name: As URI templates call it.
        title: As its header calls it; empty where it has none.
        lang: BCP 47 tag of its texts, empty for none.
        null: Texts that stand for no value.
        default: Text of empty cells.
        separator: Between the values of one cell; None where a cell holds one.
        ordered: Whether several values are a list.
        required: Whether a cell must have a value.
        suppress_output: Whether it only feeds templates.
        about_url, property_url, value_url: URI templates of subject, predicate and object; None where not given.
        codes: What turns a text into the IRI of a code, None for an unknown one; None for columns without code list.
    """

    number: int = 0
    source_number: int = 0
    name: str = ""
    title: str = ""
    datatype: Datatype = STRING
    lang: str = ""
    null: tuple[str, ...] = ("",)
    default: str = ""
    separator: str | None = None
    ordered: bool = False
    required: bool = False
    suppress_output: bool = False
    about_url: str | None = None
    property_url: str | None = None
    value_url: str | None = None
    codes: Callable[[str], str | None] | None = None

    @property
    def virtual(self) -> bool:
        """Whether no column of the file holds its values."""
        return not self.source_number


class ForeignKey(NamedTuple):
    """Columns whose values must stand in columns of another table of the group (index of it, names of its columns)."""

    columns: tuple[str, ...]
    table: int
    referenced: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What of a file's rows is header, comment and data (the parts of a CSVW dialect that are not about characters).

    Attributes:
        comment_prefix: What a row of comment begins with; empty where there are none.
        melt: Headers of columns that become rows (beyond CSVW), empty for none.
        melt_into: Titles of the two columns that they become: of the header and of the cell.
        trim: Where blanks around cells are dropped: ``true``, ``false``, ``start`` or ``end``.
    """

    header_row_count: int = 1
    skip_rows: int = 0
    skip_columns: int = 0
    comment_prefix: str = ""
    melt: tuple[str, ...] = ()
    melt_into: tuple[str, str] = ("", "")
    trim: str = "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: where it is, how it is written, what its columns mean, and what is said of it.

    Attributes:
        url: Its address, base of relative IRIs in templates.
        iri: What it is called in RDF; empty where it has no name.
        columns: As declared; empty where the header row alone names them.
        inherited: What columns without description have.
        by_title: Whether columns are found by their titles, as in a source's TOML, or by place, as in CSVW.
        mints: Whether relative templates make IRIs of ours, whose parts need no escaping, and not addresses.
        about: What common properties and notes say, with ``SELF`` as the table.
    """

    url: str
    iri: str = ""
    columns: tuple[Column, ...] = ()
    inherited: Column = Column()
    dialect: Dialect = field(default_factory=Dialect)
    layout: Layout = field(default_factory=Layout)
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    row_titles: tuple[str, ...] = ()
    by_title: bool = False
    suppress_output: bool = False
    mints: bool = False
    about: tuple[Triple, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGroup:
    """Tables that are described together.

    Attributes:
        warnings: What of the metadata had to be passed over, in words.
    """

    tables: tuple[Table, ...]
    iri: str = ""
    about: tuple[Triple, ...] = ()
    warnings: tuple[str, ...] = ()


SELF: Final = BlankNode("self")
"""Stands for the table or group in ``about``."""


class CellFault(NamedTuple):
    """A wrong cell: header of its column, its text, and what is wrong, such as ``is no integer``."""

    column: str
    text: str
    reason: str


class Statement(NamedTuple):
    """What one cell says: a subject (None for that of a row without one), a predicate, and one or more objects."""

    subject: NamedNode | None
    predicate: NamedNode
    objects: tuple[Value, ...]
    ordered: bool


@dataclass(slots=True)
class AnnotatedRow:
    """A row with the values of its cells.

    Attributes:
        number: Place among the data rows from 1.
        source_number: Place in the file from 1.
        values: Lexical value of each column by name; a list where the column has a separator, None for no value.
        statements: What its cells say.
        faults: Its wrong cells, which say nothing.
        fault: Why the row as a whole cannot be read; empty where it can.
    """

    number: int
    source_number: int
    values: dict[str, str | list[str] | None]
    statements: list[Statement]
    faults: list[CellFault]
    fault: str = ""
