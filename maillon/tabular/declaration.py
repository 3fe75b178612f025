"""Turns a ``[[tables]]`` of a source's TOML into what converts the table: columns in the terms of CSVW, and the rest.

Every key is checked when the source is read, because a mapping that silently does nothing is worse than none. The keys
and what they mean stand in ``docs/how-to/turn-a-table-into-rdf.md``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from maillon import authority, identifiers
from maillon.errors import SourceDefinitionError
from maillon.sheets import Dialect
from maillon.tabular import datatypes
from maillon.tabular.annotated import VIRTUAL, Column, Datatype, Layout
from maillon.tabular.templates import Template, expanded_name

FORMATS: Final = ("csv", "xlsx", "xls", "ods", "geojson")

TABLE_KEYS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "name": str, "dataset": str, "distribution": str, "file": str, "format": str, "csvw": str, "class": (str, list),
    "iri": str, "title": (str, dict), "columns": dict, "null": (str, list), "cube": bool, "dimensions": list,
    "measures": list, "attributes": list, "melt": list, "melt_into": list, "geometry": (dict, bool), "sheet": str,
    "delimiter": str, "encoding": str, "header_rows": int, "skip_rows": int, "comment": str,
}  # fmt: skip
Codes = Callable[[str], str | None] | dict[str, str] | None
"""A look-up in an authority table, or an IRI by text."""

COLUMN_KEYS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "name": str, "property": str, "datatype": str, "language": str, "codes": (str, dict), "iri": str, "separator": str,
    "required": bool, "null": (str, list), "unit": str, "format": str, "decimal": str, "group": str, "default": str,
    "minimum": (int, float, str), "maximum": (int, float, str), "label": (str, dict), "range": str, "virtual": bool,
    "ordered": bool,
}  # fmt: skip
GEOMETRY_KEYS: Final = {"longitude": str, "latitude": str, "wkt": str, "precision": int}
_CUBE_KEYS: Final = ("dimensions", "measures", "attributes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What a column's declaration says beyond CSVW.

    Attributes:
        column: Its column in the terms of CSVW, templates as they were written.
        role: ``dimension``, ``measure`` or ``attribute`` of a cube, else empty.
        property: IRI of the declared property; of a cube's component, the one that it specialises.
        codes: Concept or IRI by text, None where the column has none of its own.
        labels: Label of each concept that has to be minted, by text.
        label: Name of the column by language tag.
        range: IRI of the class of its values; empty for what follows from the datatype.
        unit: IRI of the unit of its values; empty for none.
    """

    column: Column
    role: str = ""
    property: str = ""
    codes: Mapping[str, str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    label: Mapping[str, str] = field(default_factory=dict)
    range: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Where a row's geometry stands: headers of columns, all empty for a feature's own; and how exactly it is kept."""

    longitude: str = ""
    latitude: str = ""
    wkt: str = ""
    precision: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One table of a source, as its TOML declares it.

    Attributes:
        name: Part of minted IRIs and of the graph's.
        dataset: Identifier or IRI of the dataset in the catalogue.
        distribution: Identifier, IRI, address or file name of the distribution of it; empty where it has but one.
        file: Address or path of the file where it is not the distribution's own.
        format: One of FORMATS; empty where the file tells.
        csvw: Address or path of CSVW metadata; empty where ``fields`` say what columns mean.
        iri: Template of a row's IRI; empty in cubes and where CSVW metadata has a primary key or ``aboutUrl``.
    """

    name: str
    dataset: str
    distribution: str = ""
    file: str = ""
    format: str = ""
    csvw: str = ""
    classes: tuple[str, ...] = ()
    iri: str = ""
    title: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()
    is_cube: bool = False
    geometry: Geometry | None = None
    dialect: Dialect = field(default_factory=Dialect)
    layout: Layout = field(default_factory=Layout)

    def of_role(self, role: str) -> list[Field]:
        """Return the fields of a cube that play a role, in the order of the declaration."""
        return [item for item in self.fields if item.role == role]


class _Checker:
    """Reads one table's declaration; every fault names the source, the table and the key."""

    def __init__(self, source: str, table: str) -> None:
        self._where = f"Source {source}: table {table}"

    def fault(self, text: str) -> SourceDefinitionError:
        return SourceDefinitionError(f"{self._where}: {text}.")

    def check(self, values: Mapping[str, Any], known: Mapping[str, Any], what: str = "") -> None:
        """Refuse unknown keys and values of the wrong type."""
        for key, value in values.items():
            if key not in known:
                raise self.fault(f"unknown key {what}{key}. Known keys: {', '.join(sorted(known))}")
            if not isinstance(value, known[key]) or (
                isinstance(value, bool) and known[key] in (int, (int, float, str))
            ):
                raise self.fault(f"{what}{key} = {value!r} is not of the right type")

    def iri(self, text: str, key: str) -> str:
        """Return the IRI that a prefixed name or an IRI means."""
        found = expanded_name(text)
        if not identifiers.is_absolute(found):
            raise self.fault(f"{key} = {text!r} is neither an IRI nor a name with a known prefix such as schema:name")
        return found

    def template(self, text: str, key: str) -> str:
        """Return a template that can be expanded."""
        try:
            Template(text)
        except ValueError as error:
            raise self.fault(f"{key}: {error}") from error
        return text

    def texts(self, value: Any, key: str) -> tuple[str, ...]:
        """Return a text or a list of texts as texts."""
        values = [value] if isinstance(value, str) else value
        if not all(isinstance(item, str) for item in values):
            raise self.fault(f"{key}: give a list of texts")
        return tuple(values)

    def by_language(self, value: Any, key: str) -> dict[str, str]:
        """Return a text by language tag; a plain one has none."""
        values = {"": value} if isinstance(value, str) else value
        if not all(isinstance(item, str) for item in values.values()):
            raise self.fault(f"{key}: give a text for each language tag")
        return dict(values)

    def column(self, title: str, values: Any, null: tuple[str, ...]) -> Field:
        """Return one declared column."""
        what = f"columns.{title}."
        if not isinstance(values, dict):
            raise self.fault(f"{what[:-1]}: begin it with [tables.columns.{title}]")
        self.check(values, COLUMN_KEYS, what)
        codes, labels = self._codes(values.get("codes"), title)
        if sum(key in values for key in ("codes", "iri", "datatype", "language")) > 1:
            raise self.fault(f"{what[:-1]}: give one of codes, iri, datatype and language")
        declared = values.get("property", "")
        column = Column(
            number=VIRTUAL if values.get("virtual") else 0,
            name=values.get("name") or _name(title),
            title=title,
            datatype=self._datatype(values, what),
            lang=values.get("language", ""),
            null=self.texts(values["null"], what + "null") if "null" in values else null,
            default=values.get("default", ""),
            separator=values.get("separator") or None,
            ordered=values.get("ordered", False),
            required=values.get("required", False),
            suppress_output=not declared,
            property_url=self.iri(declared, what + "property") if declared else None,
            value_url=self.template(values["iri"], what + "iri") if "iri" in values else None,
            codes=codes if callable(codes) else None,
        )
        return Field(
            column=column,
            property=column.property_url or "",
            codes=None if callable(codes) else codes,
            labels=labels,
            label=self.by_language(values.get("label", {}), what + "label"),
            range=self.iri(values["range"], what + "range") if "range" in values else "",
            unit=self.iri(values["unit"], what + "unit") if "unit" in values else "",
        )

    def _datatype(self, values: Mapping[str, Any], what: str) -> Datatype:
        limits = {key: values[key] for key in ("minimum", "maximum") if key in values}
        made = Datatype(
            base=values.get("datatype", "string"),
            format=values.get("format", ""),
            decimal_char=values.get("decimal", "."),
            group_char=values.get("group", ""),
            constraints=limits,
        )
        try:
            datatypes.parser(made)
        except ValueError as error:
            raise self.fault(f"{what[:-1]}: {error}") from error
        return made

    def _codes(self, value: Any, title: str) -> tuple[Codes, dict[str, str]]:
        """Return a look-up in an authority table, or an IRI by text and the labels of those to be minted."""
        if value is None:
            return None, {}
        if isinstance(value, str):
            known = sorted(path.stem for path in authority.graph_files())
            if value not in known:
                raise self.fault(f"columns.{title}.codes = {value!r} is no authority table. Known: {', '.join(known)}")
            return partial(authority.lookup, value), {}
        if not all(isinstance(item, str) for item in value.values()):
            raise self.fault(f"columns.{title}.codes: give an IRI or a label for each text")
        iris = {text: expanded_name(item) for text, item in value.items()}
        minted = {text: value[text] for text, iri in iris.items() if not identifiers.is_absolute(iri)}
        return {text: iri for text, iri in iris.items() if text not in minted}, minted

    def geometry(self, value: Any, file_format: str) -> Geometry | None:
        """Return where geometries stand; the features of a GeoJSON file bring their own."""
        if value is False:
            return None
        if value is None or value is True:
            return Geometry()
        self.check(value, GEOMETRY_KEYS, "geometry.")
        found = Geometry(**value)
        if not 0 <= found.precision <= 9:
            raise self.fault("geometry.precision: give a number of decimals from 0 to 9")
        if file_format not in ("", "geojson") and not found.wkt and not (found.longitude and found.latitude):
            raise self.fault("geometry: give longitude and latitude, or wkt, as headers of columns")
        return found


def _name(title: str) -> str:
    """Return the name by which templates call a column: letters, digits and underscores of its header."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in title) or "_"


def _roles(checker: _Checker, values: Mapping[str, Any], fields: Sequence[Field]) -> tuple[Field, ...]:
    """Give the fields of a cube their roles, in the order of dimensions, measures, attributes."""
    by_title = {item.column.title: item for item in fields}
    roles: dict[str, Field] = {}
    for key in _CUBE_KEYS:
        for title in checker.texts(values.get(key, []), key):
            found = by_title.get(title)
            if found is None or title in roles:
                fault = "stands twice" if title in roles else "has no [tables.columns]"
                raise checker.fault(f"{key}: {title!r} {fault}")
            roles[title] = replace(found, role=key.removesuffix("s"))
    for key in ("dimensions", "measures"):
        if not values.get(key):
            raise checker.fault(f"a cube needs {key}: the headers of those columns")
    if idle := [title for title, item in by_title.items() if title not in roles and item.property]:
        raise checker.fault(f"columns {', '.join(idle)} are neither dimensions, measures nor attributes")
    return tuple(roles.values()) + tuple(item for title, item in by_title.items() if title not in roles)


def read(values: Mapping[str, Any], source: str) -> Declaration:
    """Return a table's declaration.

    Args:
        values: The table as TOML gave it.
        source: Name of its source, for messages.

    Raises:
        SourceDefinitionError: A key is unknown, missing, of the wrong type, or contradicts another.
    """
    checker = _Checker(source, str(values.get("name") or values.get("dataset") or "?"))
    checker.check(values, TABLE_KEYS)
    if not values.get("dataset"):
        raise checker.fault("give dataset, the identifier of the dataset in the catalogue")
    file_format = values.get("format", "")
    if file_format and file_format not in FORMATS:
        raise checker.fault(f"format = {file_format!r}: use one of {', '.join(FORMATS)}")
    null = ("", *checker.texts(values.get("null", []), "null"))
    fields = [checker.column(title, item, null) for title, item in values.get("columns", {}).items()]
    is_cube = values.get("cube", False)
    _check_whole(checker, values, is_cube)
    return Declaration(
        name=identifiers.segment(values.get("name") or values["dataset"]),
        **{key: values.get(key, "") for key in ("dataset", "distribution", "file", "csvw")},
        format=file_format,
        classes=tuple(checker.iri(item, "class") for item in checker.texts(values.get("class", []), "class")),
        iri=checker.template(values.get("iri", ""), "iri"),
        title=checker.by_language(values.get("title", {}), "title"),
        fields=_roles(checker, values, fields) if is_cube else tuple(fields),
        is_cube=is_cube,
        geometry=checker.geometry(values.get("geometry"), file_format),
        dialect=_dialect(checker, values),
        layout=_layout(checker, values),
    )


def _layout(checker: _Checker, values: Mapping[str, Any]) -> Layout:
    into = checker.texts(values.get("melt_into", ["variable", "value"]), "melt_into")
    if len(into) != 2:
        raise checker.fault("melt_into: give two names, of the column of headers and of the column of values")
    return Layout(
        header_row_count=max(values.get("header_rows", 1), 0),
        skip_rows=max(values.get("skip_rows", 0), 0),
        comment_prefix=values.get("comment", ""),
        melt=checker.texts(values.get("melt", []), "melt"),
        melt_into=(into[0], into[1]),
    )


def _dialect(checker: _Checker, values: Mapping[str, Any]) -> Dialect:
    delimiter = values.get("delimiter", "")
    if len(delimiter) > 1:
        raise checker.fault(f"delimiter = {delimiter!r}: give one sign")
    return Dialect(delimiter=delimiter, encoding=values.get("encoding", ""), sheet=values.get("sheet", ""))


def _check_whole(checker: _Checker, values: Mapping[str, Any], is_cube: bool) -> None:
    has_columns = bool(values.get("columns"))
    if has_columns == bool(values.get("csvw")):
        raise checker.fault("give either csvw or columns, which say what the columns mean")
    if has_columns and is_cube == bool(values.get("iri")):
        fault = (
            "leave out iri: observations are named by their dimensions" if is_cube else "give iri, such as place/{id}"
        )
        raise checker.fault(fault)
    if values.get("csvw") and (is_cube or values.get("melt") or values.get("geometry")):
        raise checker.fault("cube, melt and geometry go with columns, not with csvw")
    if not is_cube and any(values.get(key) for key in _CUBE_KEYS):
        raise checker.fault("dimensions, measures and attributes are of a cube: give cube = true")
