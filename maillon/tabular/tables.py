"""Turns a declared table and its file into the entities that are published: the table itself, then its rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from maillon.errors import ParseFailed, SourceDefinitionError
from maillon.records import Entity, Rejected
from maillon.sources import Answer, Source
from maillon.tabular import declaration, description, geojson, metadata, plan
from maillon.tabular.annotated import AnnotatedRow, CellFault, Column, Table, TableGroup
from maillon.tabular.cells import RowReader
from maillon.tabular.converting import Converter, Faults, Placed
from maillon.tabular.declaration import Declaration
from maillon.tabular.keys import Keys
from maillon.tabular.plan import Names, Plan
from maillon.tabular.reading import Reading
from maillon.tabular.resources import Resource

OpenDocument = Callable[[str], Answer]
"""Opens an address or path; raises SourceUnavailable. ``maillon.sources.Fetch`` is one."""

_JSON_TYPES: Final = frozenset({"application/geo+json", "application/json", "application/vnd.geo+json"})


def declared(source: Source) -> list[Declaration]:
    """Return the tables that a source declares.

    Raises:
        SourceDefinitionError: One of them cannot be used, or two have the same name.
    """
    found = [declaration.read(values, source.name) for values in source.tables]
    names = [item.name for item in found]
    for item in found:
        if names.count(item.name) > 1:
            raise SourceDefinitionError(
                f"Source {source.name}: two tables are named {item.name!r}: give each a name of its own."
            )
    return found


def graph(table: Declaration, source: Source, base: str) -> str:
    """Return the IRI of the named graph of a table's rows, which is also that of the table itself."""
    return Names.of(table, source.name, base).graph


def rows(
    table: Declaration, resource: Resource, source: Source, base: str, open_document: OpenDocument
) -> Iterator[Entity | Rejected]:
    """Yield the entities of a table: those that describe it, then those of its rows, in their order.

    Memory does not grow with the number of rows, except of workbooks. Entities are of the kind ``data``, and each IRI
    comes once.

    Args:
        table: Its declaration.
        resource: Its dataset and distribution, from ``Finder.find``.
        source: Its source.
        base: The setting ``base_iri``.
        open_document: Opens the file, its CSVW metadata and what that names.

    Raises:
        SourceUnavailable: The file or its metadata cannot be opened or read: what was known of the table stays.
        SourceDefinitionError: The declaration does not fit the metadata.
    """
    names = Names.of(table, source.name, base)
    answer = open_document(resource.url)
    file = _file_name(resource.url)
    is_geojson = _is_geojson(table, answer, resource.url)
    with ExitStack() as stack:
        prepare = _by_metadata if table.csvw else _by_columns
        made, references, described = prepare(table, names, resource, (answer.url, open_document, stack))
        yield from described
        table = replace(table, format="geojson") if is_geojson else table
        converter = Converter(table, made, names, resource.distribution, stack.enter_context(Keys()))
        faults = Faults(file, "feature" if is_geojson else "row")
        for item in _features(made, answer, file) if is_geojson else _placed(made, answer, file):
            if isinstance(item, Rejected):
                yield item
                continue
            if references is not None:
                references.check(item[0])
            yield from converter.entities(item, faults)
        yield from faults.rest()


_Opened = tuple[str, OpenDocument, ExitStack]
"""Address that the file really has, what opens others, and what closes all in the end."""
_Prepared = tuple[Plan, "_References | None", list[Entity | Rejected]]


def _by_columns(table: Declaration, names: Names, resource: Resource, opened: _Opened) -> _Prepared:
    """Return what converts a table whose columns are declared, and what describes it."""
    described = [
        description.table(table, names, resource, ()),
        *description.structure(table, names),
        *description.code_lists(table, names),
    ]
    return plan.of_columns(table, names), None, list(described)


def _by_metadata(table: Declaration, names: Names, resource: Resource, opened: _Opened) -> _Prepared:
    """Return what converts a table with CSVW metadata, and what describes it."""
    actual, open_document, stack = opened
    try:
        group, index = _described(table, actual, resource.url, open_document)
        made = plan.of_metadata(table, group.tables[index], names)
    except ValueError as error:  # an address, IRI or template that is none
        raise ParseFailed(f"{table.csvw} cannot be used: {error}.") from error
    if made is None:
        file = _file_name(resource.url)
        raise ParseFailed(
            f"{table.csvw} says of no column of {file} what it is about: give aboutUrl or primaryKey, or iri here."
        )
    about = made.table.about
    described: list[Entity | Rejected] = [
        *(Rejected(table.csvw, "CSVW metadata passed over", text, is_dataset=False) for text in group.warnings),
        description.table(table, names, resource, about),
        *description.others(about),
    ]
    return made, _References(group, index, open_document, stack), described


def _file_name(url: str) -> str:
    path = urlsplit(url).path or url
    return unquote(PurePosixPath(path.replace("\\", "/")).name) or url


def _is_geojson(table: Declaration, answer: Answer, url: str) -> bool:
    if table.format:
        return table.format == "geojson"
    return answer.media_type in _JSON_TYPES or _file_name(url).lower().endswith((".geojson", ".json"))


def _described(table: Declaration, actual: str, url: str, open_document: OpenDocument) -> tuple[TableGroup, int]:
    """Return the tables of CSVW metadata, and which of them a file is: by address, by name, or the only one."""
    answer = open_document(table.csvw)
    group = metadata.read(answer.read(), answer.url, lambda address: open_document(address).read())
    addresses = [item.url for item in group.tables]
    for wanted in (actual, url):
        if wanted in addresses:
            return group, addresses.index(wanted)
    file_names = [_file_name(address) for address in addresses]
    if file_names.count(_file_name(url)) == 1:
        return group, file_names.index(_file_name(url))
    if len(addresses) == 1:
        return group, 0
    raise ParseFailed(f"{table.csvw} describes {', '.join(file_names[:10])}, but not {_file_name(url)}.")


def _placed(made: Plan, answer: Answer, file: str) -> Iterator[Placed | Rejected]:
    reading = Reading(made.table, answer.path, file, key=made.wanted)
    for row in reading.rows():
        yield row, None
    for warning in reading.warnings:
        yield Rejected(file, "header other than declared", warning, is_dataset=False)


def _features(made: Plan, answer: Answer, file: str) -> Iterator[Placed | Rejected]:
    """Yield the features as rows whose columns are the declared ones and those that the key asks for."""
    columns = [column for column in made.table.columns if column.number >= 0]
    named = {column.name for column in columns}
    beside = [Column(name=name, title=name, suppress_output=True) for name in made.wanted if name not in named]
    real = [replace(item, number=place, source_number=place) for place, item in enumerate([*columns, *beside], start=1)]
    virtual = [column for column in made.table.columns if column.number < 0]
    reader = RowReader(made.table, [*real, *virtual], typed=True, key=made.wanted)
    met: set[str] = set()
    for number, properties, geometry in geojson.features(answer.path, file):
        if len(met) < len(real):
            met |= properties.keys()
        cells = [geojson.text_of(properties.get(column.title), column.separator) for column in real]
        yield reader.read(number, number, cells), geometry
    for column in real:
        if met and column.title not in met:
            yield Rejected(file, "header other than declared", f"no feature has {column.title!r}", is_dataset=False)


class _References:
    """The foreign keys of one table of a group: which keys the other tables have."""

    def __init__(self, group: TableGroup, index: int, open_document: OpenDocument, stack: ExitStack) -> None:
        self._keys: list[tuple[Sequence[str], Keys, str]] = []
        for foreign in group.tables[index].foreign_keys:
            keys = stack.enter_context(Keys())
            target = group.tables[foreign.table]
            for row in _values(target, foreign.referenced, open_document):
                keys.add(_joined(row.values, foreign.referenced) or "", row.source_number)
            self._keys.append((foreign.columns, keys, _file_name(target.url)))

    def check(self, row: AnnotatedRow) -> None:
        """Add a fault for each reference of a row that leads to no row of its table."""
        for columns, keys, name in self._keys:
            key = _joined(row.values, columns)
            if key is not None and key not in keys:
                row.faults.append(CellFault(", ".join(columns), key.replace("\x1f", ", "), f"is no row of {name}"))


def _values(table: Table, columns: Iterable[str], open_document: OpenDocument) -> Iterator[AnnotatedRow]:
    answer = open_document(table.url)
    yield from Reading(table, answer.path, _file_name(table.url), key=tuple(columns)).rows()


def _joined(values: Mapping[str, Any], columns: Sequence[str]) -> str | None:
    parts = [values.get(name) for name in columns]
    return None if any(part is None for part in parts) else "\x1f".join(map(str, parts))
