"""Turns CSV with CSVW metadata into RDF exactly as `csv2rdf <https://www.w3.org/TR/csv2rdf/>`_ says.

Standard mode describes the group, its tables and rows; minimal mode gives the cells alone. ``maillon.tabular.rows``
makes entities of the same annotated rows; this is for those who want the W3C's own output, and for its tests.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.errors import SourceUnavailable
from maillon.sheets import Dialect
from maillon.tabular import metadata
from maillon.tabular.annotated import CSVW, SELF, AnnotatedRow, Column, Layout, Subject, Table, TableGroup, Value
from maillon.tabular.reading import Reading
from maillon.vocabulary import PREFIXES, TYPE, term

_FIRST: Final = term("rdf:first")
_REST: Final = term("rdf:rest")
_NIL: Final = term("rdf:nil")
_COMMENT: Final = term("rdfs:comment")
_INTEGER: Final = NamedNode(PREFIXES["xsd"] + "integer")


def _named(local: str) -> NamedNode:
    return NamedNode(CSVW + local)


def chain(objects: Sequence[Value]) -> tuple[Value, list[Triple]]:
    """Return the head of an RDF list of values and its triples."""
    head: Value = _NIL
    found: list[Triple] = []
    for item in reversed(objects):
        node = BlankNode()
        found += [Triple(node, _REST, head), Triple(node, _FIRST, item)]
        head = node
    return head, found


def statements(row: AnnotatedRow, default: Subject) -> Iterator[Triple]:
    """Yield the triples of a row's cells; ``default`` is the subject of those that name none."""
    for subject, predicate, objects, ordered in row.statements:
        about = default if subject is None else subject
        if ordered and len(objects) > 1:
            head, found = chain(objects)
            yield Triple(about, predicate, head)
            yield from found
        else:
            yield from (Triple(about, predicate, item) for item in objects)


def group(content: bytes | None, url: str, read: metadata.Read) -> TableGroup:
    """Return the tables that an address means.

    As in `locating metadata <https://www.w3.org/TR/tabular-data-model/#locating-metadata>`_.

    Args:
        content: Metadata, or None where ``url`` is the file itself: then ``<url>-metadata.json`` and
            ``csv-metadata.json`` beside it are asked, and its header row alone counts where neither describes it.
        url: Address of the metadata or of the file.
        read: Opens documents by address; raises SourceUnavailable where there is none.
    """
    if content is not None:
        return metadata.read(content, url, read)
    for address in (f"{url}-metadata.json", urljoin(url, "csv-metadata.json")):
        try:
            found = metadata.read(read(address), address, read)
        except SourceUnavailable:
            continue
        if any(table.url == url for table in found.tables):
            return found
    return TableGroup(
        tables=(Table(url=url, inherited=Column(), dialect=Dialect(delimiter=","), layout=Layout(trim="false")),)
    )


def convert(tables: TableGroup, paths: dict[str, Path], minimal: bool = False) -> Iterator[Triple]:
    """Yield the triples of all tables of a group whose output is not suppressed.

    Args:
        tables: The group.
        paths: File of each table by its address.
        minimal: Whether only cells are wanted.

    Raises:
        ParseFailed: A file is no table.
        SourceDefinitionError: A column's datatype or template cannot be used.
    """
    node: Subject = NamedNode(tables.iri) if tables.iri else BlankNode()
    if not minimal:
        yield Triple(node, TYPE, _named("TableGroup"))
        yield from _about(tables.about, node)
    for table in tables.tables:
        if not table.suppress_output:
            yield from _table(table, paths[table.url], None if minimal else node)


def _about(triples: Sequence[Triple], node: Subject) -> Iterator[Triple]:
    for triple in triples:
        yield Triple(node if triple.subject == SELF else triple.subject, triple.predicate, triple.object)


def _table(table: Table, path: Path, group_node: Subject | None) -> Iterator[Triple]:
    node: Subject = NamedNode(table.iri) if table.iri else BlankNode()
    if group_node is not None:
        yield Triple(group_node, _named("table"), node)
        yield Triple(node, TYPE, _named("Table"))
        yield Triple(node, _named("url"), NamedNode(table.url))
        yield from _about(table.about, node)
    reading = Reading(table, path, table.url.rsplit("/", 1)[-1], keep_invalid=True, key=table.row_titles)
    for row in reading.rows():
        default = BlankNode()
        if group_node is not None:
            yield from _row(row, table, node, default)
        yield from statements(row, default)
    if group_node is not None:
        yield from (Triple(node, _COMMENT, Literal(text)) for text in reading.comments)


def _row(row: AnnotatedRow, table: Table, node: Subject, default: BlankNode) -> Iterator[Triple]:
    own = BlankNode()
    yield Triple(node, _named("row"), own)
    yield Triple(own, TYPE, _named("Row"))
    yield Triple(own, _named("rownum"), Literal(str(row.number), datatype=_INTEGER))
    yield Triple(own, _named("url"), NamedNode(f"{table.url}#row={row.source_number}"))
    for name in table.row_titles:
        values = row.values.get(name)
        for text in [values] if isinstance(values, str) else values or ():
            yield Triple(own, _named("title"), Literal(text))
    for subject in dict.fromkeys(statement.subject or default for statement in row.statements):
        yield Triple(own, _named("describes"), subject)
