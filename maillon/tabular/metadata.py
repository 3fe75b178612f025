"""Turns `CSVW metadata <https://www.w3.org/TR/tabular-metadata/>`_ into a group of tables.

What a processor must pass over with a warning (a property of the wrong type, an unknown dialect) is passed over and
listed; what makes the metadata unusable (no table, no address) is ``ParseFailed``. Schemas named by address are opened
through the caller's ``open_document``; contexts are never fetched.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urljoin

from maillon.errors import ParseFailed
from maillon.sheets import Dialect
from maillon.tabular import annotations
from maillon.tabular.annotated import VIRTUAL, Column, Datatype, ForeignKey, Layout, Table, TableGroup
from maillon.tabular.datatypes import BUILT_IN
from maillon.tabular.reading import name_of

Read = Callable[[str], bytes]
"""Address to content."""

CONTEXT: Final = "http://www.w3.org/ns/csvw"
MOST_TABLES: Final = 500
_SCHEMA_BASE: Final = " base"
"""Under this key, which no JSON-LD term can be, a schema read from an address of its own remembers it."""

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*|[xi]-[A-Za-z0-9-]+")
_TEMPLATES: Final = {"aboutUrl": "about_url", "propertyUrl": "property_url", "valueUrl": "value_url"}
_FLAGS: Final = {"ordered": "ordered", "required": "required"}
_BASES: Final = {"gYear", "gMonth", "gDay", "gYearMonth", "gMonthDay"}


class _Reading:
    """One document of metadata while it is read."""

    def __init__(self, document: Any, url: str, read: Read) -> None:
        self.url, self._read = url, read
        self.warnings: list[str] = []
        self.base, self.language = url, ""
        context = document.get("@context")
        for part in context if isinstance(context, list) else [context]:
            if isinstance(part, dict):
                self.base = urljoin(self.base, str(part.get("@base", "")))
                self.language = self._tag(part.get("@language", ""), "")

    def warn(self, text: str) -> None:
        """Note something that was passed over."""
        if len(self.warnings) < 100:
            self.warnings.append(text)

    def _tag(self, value: Any, otherwise: str) -> str:
        if value == "" or (isinstance(value, str) and _TAG.fullmatch(value)):
            return "" if value == "und" else value
        self.warn(f"{value!r} is no language tag")
        return otherwise

    def inherited(self, description: Mapping[str, Any], above: Column) -> Column:
        """Return the inherited properties of a description on top of those above it."""
        changes: dict[str, Any] = {}
        for key in description.keys() & (_TEMPLATES.keys() | _FLAGS.keys() | _SETTERS.keys()):
            value = description[key]
            if key in _TEMPLATES:
                changes[_TEMPLATES[key]] = self._template(key, value)
            elif key in _FLAGS:
                self._flag(key, value, changes)
            else:
                _SETTERS[key](self, value, changes)
        return replace(above, **changes)

    def _template(self, key: str, value: Any) -> str:
        if not isinstance(value, str):
            self.warn(f"{key} {value!r} is no URI template: taken as empty")
            return ""
        return value

    def _flag(self, key: str, value: Any, changes: dict[str, Any]) -> None:
        if isinstance(value, bool):
            changes[key] = value
        else:
            self.warn(f"{key} {value!r} is neither true nor false")

    def _set_null(self, value: Any, changes: dict[str, Any]) -> None:
        values = value if isinstance(value, list) else [value]
        if all(isinstance(item, str) for item in values):
            changes["null"] = tuple(values)
        else:
            self.warn(f"null {value!r} is no text")

    def _set_lang(self, value: Any, changes: dict[str, Any]) -> None:
        tag = self._tag(value, "?")
        if tag != "?":
            changes["lang"] = tag

    def _set_default(self, value: Any, changes: dict[str, Any]) -> None:
        if isinstance(value, str):
            changes["default"] = value
        else:
            self.warn(f"default {value!r} is no text")

    def _set_separator(self, value: Any, changes: dict[str, Any]) -> None:
        if value is None or isinstance(value, str):
            changes["separator"] = value or None
        else:
            self.warn(f"separator {value!r} is no text")

    def _set_datatype(self, value: Any, changes: dict[str, Any]) -> None:
        changes["datatype"] = self.datatype(value)

    def datatype(self, value: Any) -> Datatype:
        """Return the datatype that a name or a description means; text where it means none."""
        description = {"base": value} if isinstance(value, str) else value
        base = description.get("base", "string") if isinstance(description, dict) else None
        if not isinstance(base, str) or base not in BUILT_IN:
            self.warn(f"datatype {value!r} is unknown: taken as string")
            return Datatype()
        pattern = description.get("format", "")
        decimal, group = ".", ""
        if isinstance(pattern, dict):
            decimal, group = str(pattern.get("decimalChar", ".")), str(pattern.get("groupChar", ""))
            pattern = pattern.get("pattern", "")
        limits = {key: limit for key, limit in description.items() if key.startswith(("min", "max")) or key == "length"}
        iri = description.get("@id", "")
        return Datatype(
            base=base, format=str(pattern), decimal_char=decimal, group_char=group, constraints=limits,
            iri=iri if isinstance(iri, str) else "",
        )  # fmt: skip

    def schema(self, value: Any) -> dict[str, Any]:
        """Return a schema, opened where it is named by address."""
        if isinstance(value, str):
            address = urljoin(self.base, value)
            found = document(self._read(address), address)
            return {**found, "@id": urljoin(address, str(found.get("@id", ""))), _SCHEMA_BASE: address}
        if value is not None and not isinstance(value, dict):
            self.warn(f"tableSchema {value!r} is no description")
        return value if isinstance(value, dict) else {}

    def columns(self, schema: Mapping[str, Any], above: Column) -> tuple[Column, ...]:
        """Return the columns of a schema; all virtual ones stand last, as the standard asks."""
        found = schema.get("columns", [])
        if not isinstance(found, list):
            self.warn(f"columns {found!r} is no list")
            return ()
        described = [item for item in found if isinstance(item, dict)]
        return tuple(self._column(item, index, above) for index, item in enumerate(described, start=1))

    def _column(self, description: Mapping[str, Any], number: int, above: Column) -> Column:
        titles = annotations.texts(description.get("titles"))
        title = "\n".join(titles)
        name = description.get("name")
        if not isinstance(name, str) or not name or name.startswith("_"):
            if name is not None:
                self.warn(f"{name!r} is no name for a column")
            name = name_of(titles[0] if titles else "", number)
        return replace(
            self.inherited(description, above),
            number=VIRTUAL if description.get("virtual") is True else 0,
            name=name,
            title=title,
            suppress_output=description.get("suppressOutput") is True,
        )

    def table(self, description: Mapping[str, Any], above: Column, dialect: Mapping[str, Any] | None) -> Table:
        """Return one table without its foreign keys, which need all tables."""
        url = description.get("url")
        if not isinstance(url, str):
            raise ParseFailed(f"{self.url}: a table has no url: CSVW metadata must say which file it describes.")
        schema = self.schema(description.get("tableSchema"))
        inherited = self.inherited(schema, self.inherited(description, above))
        own = description.get("dialect", dialect)
        if isinstance(own, str):
            own = document(self._read(urljoin(self.base, own)), own)
        layout = self._layout(own) if isinstance(own, dict) else Layout(trim="false")
        iri = description.get("@id")
        return Table(
            url=urljoin(self.base, url),
            iri=urljoin(self.base, iri) if isinstance(iri, str) else "",
            columns=self.columns(schema, inherited),
            inherited=inherited,
            dialect=_dialect(own) if isinstance(own, dict) else Dialect(delimiter=","),
            layout=layout,
            primary_key=_names(schema.get("primaryKey")),
            row_titles=_names(schema.get("rowTitles")),
            suppress_output=description.get("suppressOutput") is True,
            about=tuple(annotations.triples(description, self.base, self.language)),
        )

    def _layout(self, dialect: Mapping[str, Any]) -> Layout:
        trim = dialect.get("trim", "start" if dialect.get("skipInitialSpace") is True else "false")
        trim = str(trim).lower()
        count = dialect.get("headerRowCount", 0 if dialect.get("header") is False else 1)
        prefix = dialect.get("commentPrefix", "#")
        return Layout(
            header_row_count=_whole(count, 1),
            skip_rows=_whole(dialect.get("skipRows"), 0),
            skip_columns=_whole(dialect.get("skipColumns"), 0),
            comment_prefix=prefix if isinstance(prefix, str) else "",
            trim=trim if trim in ("true", "false", "start", "end") else "false",
        )


_SETTERS: Final[Mapping[str, Callable[[_Reading, Any, dict[str, Any]], None]]] = {
    "null": _Reading._set_null,
    "lang": _Reading._set_lang,
    "default": _Reading._set_default,
    "separator": _Reading._set_separator,
    "datatype": _Reading._set_datatype,
}


def _whole(value: Any, otherwise: int) -> int:
    return value if type(value) is int and 0 <= value < 1_000_000 else otherwise


def _dialect(description: Mapping[str, Any]) -> Dialect:
    delimiter, quote = description.get("delimiter", ","), description.get("quoteChar", '"')
    encoding = description.get("encoding", "")
    return Dialect(
        delimiter=delimiter if isinstance(delimiter, str) and len(delimiter) == 1 else ",",
        quote=quote if isinstance(quote, str) and len(quote) == 1 else None,
        double_quote=description.get("doubleQuote") is not False,
        skip_initial_space=description.get("skipInitialSpace") is True,
        # utf-8 is the default of the standard, written by many who did not look: the file is asked.
        encoding=encoding if isinstance(encoding, str) and encoding.lower() != "utf-8" else "",
    )


def _names(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(item for item in values if isinstance(item, str))


def document(content: bytes, url: str) -> dict[str, Any]:
    """Return a JSON document. Raises ParseFailed where it is none, or no object."""
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ParseFailed(f"{url} is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise ParseFailed(f"{url} is no CSVW metadata: it holds no JSON object.")
    return found


def read(content: bytes, url: str, open_document: Read) -> TableGroup:
    """Return the tables that a document of CSVW metadata describes.

    Args:
        content: The document.
        url: Its address, base of its relative addresses.
        open_document: Opens a schema or dialect that it names by address.

    Raises:
        ParseFailed: It describes no table.
    """
    found = document(content, url)
    reading = _Reading(found, url, open_document)
    described = found.get("tables", [found] if "url" in found else [])
    if not isinstance(described, list) or not described:
        raise ParseFailed(f"{url} is no CSVW metadata: it has neither url nor tables.")
    if len(described) > MOST_TABLES:
        raise ParseFailed(f"{url} describes {len(described):,} tables, more than {MOST_TABLES}: split it.")
    is_group = "tables" in found
    above = reading.inherited(found, Column(lang="")) if is_group else Column()
    descriptions = [item for item in described if isinstance(item, dict)]
    tables = [reading.table(item, above, found.get("dialect")) for item in descriptions]
    schemas = [reading.schema(item.get("tableSchema")) for item in descriptions]
    iri = found.get("@id") if is_group else None
    return TableGroup(
        tables=tuple(
            replace(table, foreign_keys=_foreign_keys(schema, tables, schemas, reading))
            for table, schema in zip(tables, schemas, strict=True)
        ),
        iri=urljoin(reading.base, iri) if isinstance(iri, str) else "",
        about=tuple(annotations.triples(found, reading.base, reading.language)) if is_group else (),
        warnings=tuple(dict.fromkeys(reading.warnings)),
    )


def _foreign_keys(
    schema: Mapping[str, Any], tables: Sequence[Table], schemas: Sequence[Mapping[str, Any]], reading: _Reading
) -> tuple[ForeignKey, ...]:
    found = []
    keys = schema.get("foreignKeys")
    for key in keys if isinstance(keys, list) else ():
        reference = key.get("reference") if isinstance(key, dict) else None
        if not isinstance(reference, dict):
            reading.warn(f"foreign key {key!r} has no reference")
            continue
        target = _target(reference, tables, schemas, str(schema.get(_SCHEMA_BASE, reading.base)))
        if target is None:
            reading.warn(f"foreign key refers to {reference.get('resource') or reference.get('schemaReference')!r}")
            continue
        found.append(ForeignKey(_names(key.get("columnReference")), target, _names(reference.get("columnReference"))))
    return tuple(found)


def _target(
    reference: Mapping[str, Any], tables: Sequence[Table], schemas: Sequence[Mapping[str, Any]], base: str
) -> int | None:
    for index, (table, schema) in enumerate(zip(tables, schemas, strict=True)):
        if isinstance(resource := reference.get("resource"), str) and urljoin(base, resource) == table.url:
            return index
        named = reference.get("schemaReference")
        if isinstance(named, str) and urljoin(base, named) == schema.get("@id"):
            return index
    return None
