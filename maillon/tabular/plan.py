"""Turns a declaration into a table in the terms of CSVW whose properties, codes and rows have IRIs of ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from maillon import identifiers
from maillon.tabular.annotated import Column, Table
from maillon.tabular.declaration import Declaration, Field
from maillon.tabular.templates import IriTemplate

OBSERVATION: Final = "obs/"
PROPERTY: Final = "property/"
CODE: Final = "code/"
STRUCTURE: Final = "structure"


@dataclass(frozen=True, slots=True)
class Names:
    """The IRIs of one table.

    Attributes:
        root: Under it stand its rows, properties and codes: ``<base>id/data/<source>/<table>/``.
        graph: The table itself, and the named graph of its rows: ``<base>graph/data/<source>/<table>``.
    """

    root: str
    graph: str

    @classmethod
    def of(cls, declaration: Declaration, source: str, base: str) -> "Names":
        """Return the IRIs of a declared table of a source, under the setting ``base_iri``."""
        path = f"data/{identifiers.segment(source)}/{declaration.name}"
        return cls(f"{base}id/{path}/", f"{base}graph/{path}")

    def property(self, item: Field) -> str:
        """Return the IRI of a component property of a cube."""
        return f"{self.root}{PROPERTY}{identifiers.segment(item.column.name)}"

    def scheme(self, item: Field) -> str:
        """Return the IRI of the code list of a column, whose concepts are minted."""
        return f"{self.root}{CODE}{identifiers.segment(item.column.name)}"

    def code(self, item: Field, text: str) -> str:
        """Return the IRI of a minted concept."""
        return f"{self.scheme(item)}/{identifiers.segment(text)}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What converts a table.

    Attributes:
        table: In the terms of CSVW.
        key: Template of a row's IRI; None where columns say what they are about.
        wanted: Names of the columns whose values are needed though no template of a column asks for them.
        geometry: Names (not headers) of the columns of longitude, latitude and WKT; empty where not.
    """

    table: Table
    key: IriTemplate | None
    wanted: tuple[str, ...]
    geometry: tuple[str, str, str]


def _column(item: Field, names: Names) -> Column:
    column = item.column
    if item.codes is not None or item.labels:
        known = {**(item.codes or {}), **{text: names.code(item, text) for text in item.labels}}
        column = replace(column, codes=_look_up(known))
    if item.role:
        column = replace(column, property_url=names.property(item), suppress_output=False)
    return column


def _look_up(known: Mapping[str, str]) -> Callable[[str], str | None]:
    return known.get


def of_columns(declaration: Declaration, names: Names) -> Plan:
    """Return the plan of a table whose columns its TOML declares."""
    columns = tuple(_column(item, names) for item in declaration.fields)
    by_title = {column.title: column.name for column in columns}
    if declaration.is_cube:
        parts = [f"{{{item.column.name}}}" for item in declaration.of_role("dimension")]
        key = IriTemplate(OBSERVATION + "/".join(parts), names.root, mints=True)
    else:
        key = IriTemplate(declaration.iri, names.root, mints=True)
    place = declaration.geometry
    titles = (place.longitude, place.latitude, place.wkt) if place else ("", "", "")
    east, north, wkt = (by_title.get(title, title) for title in titles)
    table = Table(
        url=names.root,
        columns=columns,
        dialect=declaration.dialect,
        layout=declaration.layout,
        by_title=True,
        mints=True,
    )
    return Plan(table, key, (*sorted(key.variables), *filter(None, (east, north, wkt))), (east, north, wkt))


def of_metadata(declaration: Declaration, table: Table, names: Names) -> Plan | None:
    """Return the plan of a table with CSVW metadata; None where nothing says what its rows are about."""
    text = declaration.iri or "/".join(f"{{{name}}}" for name in table.primary_key)
    abouts = [column.about_url for column in (*table.columns, table.inherited)]
    key = IriTemplate(text, names.root, mints=True) if text else None
    if key is None and not any(abouts):
        return None
    referring = [name for foreign in table.foreign_keys for name in foreign.columns]
    wanted = {*(key.variables if key else ()), *table.primary_key, *referring}
    return Plan(table, key, tuple(sorted(wanted)), ("", "", ""))
