"""Turns annotated rows into entities: one for each thing that a row is about, linked to its table and its row.

A wrong cell is named and its row kept without that value; a row without key, or with one that stood before, is rejected
and named. After ``MOST_NAMED`` of one fault in one column the rest are counted in one line.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.records import Entity, Rejected
from maillon.tabular import datatypes, geojson
from maillon.tabular.annotated import AnnotatedRow, CellFault, Statement
from maillon.tabular.csv2rdf import chain
from maillon.tabular.declaration import Declaration
from maillon.tabular.description import KIND, qb
from maillon.tabular.keys import Keys
from maillon.tabular.plan import Names, Plan
from maillon.tabular.templates import PREFIXED
from maillon.vocabulary import TYPE, term

MOST_NAMED: Final = 200
"""Wrong cells or rows of one kind that are listed one by one."""

_GEO: Final = PREFIXED["geo"]
_DERIVED: Final = term("prov:wasDerivedFrom")
_WKT: Final = NamedNode(_GEO + "wktLiteral")
_GEOMETRY: Final = (NamedNode(_GEO + "hasGeometry"), NamedNode(_GEO + "Geometry"), NamedNode(_GEO + "asWKT"))

Placed = tuple[AnnotatedRow, Any]
"""A row, and its GeoJSON geometry where it has one."""


class Faults:
    """Names what is wrong with a table's rows and cells, and counts what it no longer names."""

    def __init__(self, file: str, unit: str) -> None:
        """Begin a table: name of its file, and what its rows are called (``row`` or ``feature``)."""
        self._file, self._unit = file, unit
        self._counts: Counter[tuple[str, str]] = Counter()

    def cell(self, row: int, fault: CellFault) -> Iterator[Rejected]:
        """Yield a wrong cell as rejected."""
        about = f'"{fault.text}" {fault.reason}' if fault.text else fault.reason
        place = f'{self._file} {self._unit} {row}, column "{fault.column}"'
        yield from self._named(("wrong cell", fault.column), Rejected(place, "wrong cell", about, is_dataset=False))

    def row(self, row: int, reason: str, detail: str = "") -> Iterator[Rejected]:
        """Yield a row as rejected."""
        made = Rejected(f"{self._file} {self._unit} {row}", reason, detail, is_dataset=False)
        yield from self._named((reason, ""), made)

    def _named(self, what: tuple[str, str], made: Rejected) -> Iterator[Rejected]:
        self._counts[what] += 1
        if self._counts[what] <= MOST_NAMED:
            yield made

    def rest(self) -> Iterator[Rejected]:
        """Yield one line for each kind of fault that was not named to the end."""
        for (reason, column), count in self._counts.items():
            if count > MOST_NAMED:
                place = f'{self._file}, column "{column}"' if column else self._file
                detail = f"{count - MOST_NAMED:,} more like the {MOST_NAMED} that are named"
                yield Rejected(place, reason, detail, is_dataset=False)


class Converter:
    """Makes the entities of one table's rows; it remembers which things it met, so it is for one pass."""

    def __init__(self, declaration: Declaration, plan: Plan, names: Names, distribution: str, keys: Keys) -> None:
        """Prepare the conversion.

        Args:
            declaration: Of the table.
            plan: What converts it.
            names: Its IRIs.
            distribution: IRI of the distribution that rows are derived from.
            keys: An empty memory of keys.
        """
        self._plan, self._keys, self._distribution = plan, keys, distribution
        self._precision = declaration.geometry.precision if declaration.geometry else 6
        self._has_geometry = declaration.geometry is not None
        classes = (qb("Observation").value,) if declaration.is_cube else declaration.classes
        self._classes = [NamedNode(iri) for iri in classes]
        self._measures = {names.property(item): item.column.title for item in declaration.of_role("measure")}
        self._supers = {
            names.property(item): item.property for item in declaration.fields if item.role and item.property
        }
        self._member = Triple(
            NamedNode(names.graph),
            qb("dataSet") if declaration.is_cube else term("void:inDataset"),
            NamedNode(names.graph),
        )
        self._is_feature = (declaration.format or "") == "geojson"

    def entities(self, placed: Placed, faults: Faults) -> Iterator[Entity | Rejected]:
        """Yield the entities of a row and what is wrong with it."""
        row, geometry = placed
        number = row.source_number
        if row.fault:
            yield from faults.row(number, "row that cannot be read", row.fault)
            return
        for fault in row.faults:
            yield from faults.cell(number, fault)
        subject = self._subject(row)
        if isinstance(subject, str):
            yield from faults.row(number, "row without key", subject)
            return
        if missing := self._missing(row):
            yield from faults.row(number, "observation without measure", f"no value of {missing}")
            return
        said = self._said(row, subject)
        yield from self._geometry(row, geometry, said, faults)
        for position, (iri, triples) in enumerate(said.items()):
            yield from self._entity(iri, triples, row, position == 0, faults)

    def _subject(self, row: AnnotatedRow) -> NamedNode | str | None:
        """Return what the row is about (None where its columns say it), or what of its key is missing."""
        key = self._plan.key
        if key is None:
            return None if any(item.subject for item in row.statements) else "no column says what it is about"
        if empty := sorted(name for name in key.variables if row.values.get(name) is None):
            return f"no usable value of {', '.join(empty)}, of which its IRI is made"
        try:
            return key.iri(row.values)
        except ValueError as error:
            return f"its key makes no IRI: {error}"

    def _missing(self, row: AnnotatedRow) -> str:
        if not self._measures:
            return ""
        present = {statement.predicate.value for statement in row.statements}
        return ", ".join(title for iri, title in self._measures.items() if iri not in present)

    def _said(self, row: AnnotatedRow, subject: NamedNode | None) -> dict[NamedNode, list[Triple]]:
        said: dict[NamedNode, list[Triple]] = {} if subject is None else {subject: []}
        for statement in row.statements:
            about = statement.subject or subject
            if about is None:
                continue
            triples = said.setdefault(about, [])
            if self._supers or statement.ordered:
                triples.extend(self._stated(about, statement))
            else:
                triples += [Triple(about, statement.predicate, item) for item in statement.objects]
        return said

    def _stated(self, about: NamedNode, statement: Statement) -> Iterator[Triple]:
        _, predicate, objects, ordered = statement
        if ordered and len(objects) > 1:
            head, found = chain(objects)
            yield Triple(about, predicate, head)
            yield from found
            return
        for item in objects:
            yield Triple(about, predicate, item)
            if self._supers and (broader := self._supers.get(predicate.value)):
                yield Triple(about, NamedNode(broader), item)

    def _geometry(
        self, row: AnnotatedRow, geometry: Any, said: Mapping[NamedNode, list[Triple]], faults: Faults
    ) -> Iterator[Rejected]:
        if not self._has_geometry or not said:
            return
        try:
            text = self._wkt(row.values, geometry)
        except ValueError as error:
            yield from faults.cell(row.source_number, CellFault("geometry", "", str(error)))
            return
        if text:
            subject, node = next(iter(said)), BlankNode("geometry")
            has, kind, as_wkt = _GEOMETRY
            said[subject] += [
                Triple(subject, has, node),
                Triple(node, TYPE, kind),
                Triple(node, as_wkt, Literal(text, datatype=_WKT)),
            ]

    def _wkt(self, values: Mapping[str, str | list[str] | None], geometry: Any) -> str:
        east, north, wkt = (values.get(name) if name else None for name in self._plan.geometry)
        if isinstance(wkt, str):
            return wkt
        if isinstance(east, str) and isinstance(north, str):
            pair = [text.replace(",", ".") for text in (east, north)]
            if not all(map(datatypes.is_finite, pair)):
                raise ValueError(f"has the position {east} {north}, which are no two numbers")
            geometry = {"type": "Point", "coordinates": [float(text) for text in pair]}
        return geojson.wkt(geometry, self._precision) if geometry is not None else ""

    def _entity(
        self, iri: NamedNode, triples: Sequence[Triple], row: AnnotatedRow, is_first: bool, faults: Faults
    ) -> Iterator[Entity | Rejected]:
        number = row.source_number
        if is_first:
            before = self._keys.add(iri.value, number)
            if before is not None:
                yield from faults.row(number, "key that stood before", f"{iri.value} is row {before} already")
                return
        else:
            # What many rows share (the street of an address) is one entity; a different saying is not lost silently.
            said = "\n".join(sorted(map(str, triples)))
            if self._keys.add(f"{iri.value}\n{said}", number) is not None:
                return
            before = self._keys.add(iri.value, number)
            if before is not None:
                yield from faults.row(
                    number, "thing described differently", f"{iri.value} as row {before} describes it"
                )
                return
        types = [Triple(iri, TYPE, item) for item in self._classes] if is_first else []
        where = "/features/" + str(number - 1) if self._is_feature else f"row={number}"
        link = self._distribution if "#" in self._distribution else f"{self._distribution}#{where}"
        made = [Triple(iri, self._member.predicate, self._member.object), Triple(iri, _DERIVED, NamedNode(link))]
        yield Entity(iri.value, KIND, (*types, *triples, *made))
