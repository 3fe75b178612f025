"""Reads the ledger: functions of an open transaction, in SQL that SQLite and PostgreSQL both understand."""

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

from sqlalchemy import Connection, Row, Select, func, select

from maillon.ledger.rows import Change, EntityRow, RunRow, SourceRow, Stored, source_of, unpack, unpack_findings
from maillon.ledger.schema import changes, entities, rejections, runs, sources, validations, versions
from maillon.records import Finding, Rejected

BATCH: Final = 1000
"""Rows read or written in one statement."""

_ENTITY = [entities.c[name] for name in EntityRow.__slots__]
_RUN = [runs.c[name] for name in RunRow.__slots__]


def batches(items: Collection[str]) -> Iterator[list[str]]:
    """Cut into lists of at most BATCH."""
    rest = iter(items)
    while part := list(islice(rest, BATCH)):
        yield part


def sequence(connection: Connection) -> int:
    """Return the highest change number, 0 where there is none."""
    return connection.scalar(select(func.max(changes.c.seq))) or 0


def changed_since(connection: Connection, seq: int) -> set[str]:
    """Return the IRIs of the entities that changed after a change number."""
    return set(connection.scalars(select(changes.c.iri).where(changes.c.seq > seq).distinct()))


def changes_since(connection: Connection, seq: int) -> Iterator[Change]:
    """Yield the changes after a change number, oldest first."""
    while True:
        query = select(changes).where(changes.c.seq > seq).order_by(changes.c.seq).limit(BATCH)
        rows = connection.execute(query).all()
        for row in rows:
            yield Change(**row._mapping)
        if len(rows) < BATCH:
            return
        seq = rows[-1].seq


def known(connection: Connection, iris: Collection[str]) -> dict[str, EntityRow]:
    """Return the entities with these IRIs, by IRI; those never seen are left out."""
    found = {}
    for part in batches(iris):
        for row in connection.execute(select(*_ENTITY).where(entities.c.iri.in_(part))):
            found[row.iri] = EntityRow(**row._mapping)
    return found


def taken_keys(connection: Connection, keys: Collection[str]) -> dict[tuple[str, str], str]:
    """Return who holds these keys: IRI by kind and key."""
    query = select(entities.c.kind, entities.c.key, entities.c.iri)
    return {
        (row.kind, row.key): row.iri
        for part in batches(keys)
        for row in connection.execute(query.where(entities.c.key.in_(part)))
    }


def of_source(connection: Connection, source: str) -> Iterator[EntityRow]:
    """Yield the entities that a source owns and that are not gone, by IRI."""
    query = select(*_ENTITY).where(entities.c.source == source, entities.c.state != "gone")
    for row in _by_iri(connection, query):
        yield EntityRow(**row._mapping)


def _by_iri(connection: Connection, query: Select[tuple[object, ...]]) -> Iterator[Row[tuple[object, ...]]]:
    """Run a query over ``entities`` in the order of IRIs, a batch at a time, so that memory stays bounded."""
    after = ""
    while True:
        rows = connection.execute(query.where(entities.c.iri > after).order_by(entities.c.iri).limit(BATCH)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1].iri


def stored(
    connection: Connection, iris: Sequence[str] | None = None, kinds: Sequence[str] | None = None
) -> Iterator[Stored]:
    """Yield entities with their texts in the order of IRIs: all, or those with these IRIs, and of these kinds."""
    columns = [versions.c.text if name == "text" else entities.c[name] for name in Stored.__slots__]
    latest = (versions.c.iri == entities.c.iri) & (versions.c.hash == entities.c.hash)
    query = select(*columns).join_from(entities, versions, latest)
    if kinds is not None:
        query = query.where(entities.c.kind.in_(kinds))
    parts = [None] if iris is None else list(batches(sorted(set(iris))))
    for part in parts:
        for row in _by_iri(connection, query if part is None else query.where(entities.c.iri.in_(part))):
            yield Stored(**{**row._mapping, "text": unpack(row.text)})


def texts(connection: Connection, iris: Collection[str]) -> Iterator[str]:
    """Yield the texts of all versions that the ledger has of some entities."""
    for part in batches(iris):
        for row in connection.execute(select(versions.c.text).where(versions.c.iri.in_(part))):
            yield unpack(row.text)


def count(connection: Connection, source: str, kind: str, states: Sequence[str]) -> int:
    """Count the entities of a kind that a source owns in some states."""
    query = select(func.count()).select_from(entities)
    query = query.where(entities.c.source == source, entities.c.kind == kind, entities.c.state.in_(states))
    return connection.scalar(query) or 0


def all_sources(connection: Connection) -> list[SourceRow]:
    """Return every source ever harvested, by name."""
    ended = select(runs.c.source, func.max(runs.c.finished).label("last_done"))
    done = ended.where(runs.c.status == "done").group_by(runs.c.source).subquery()
    query = select(sources, done.c.last_done).outerjoin(done, done.c.source == sources.c.name)
    return [
        SourceRow(row.name, source_of(row.definition), row.first_seen, row.last_done)
        for row in connection.execute(query.order_by(sources.c.name))
    ]


def _run(row: Row[tuple[object, ...]]) -> RunRow:
    values = dict(row._mapping)
    return RunRow(**{**values, "report": json.loads(values["report"] or "{}")})


def latest_runs(connection: Connection, source: str | None, limit: int) -> list[RunRow]:
    """Return runs, the latest first: of one source or of all."""
    query = select(*_RUN).order_by(runs.c.started.desc(), runs.c.id.desc()).limit(limit)
    return [_run(row) for row in connection.execute(query if source is None else query.where(runs.c.source == source))]


def run(connection: Connection, run_id: int) -> RunRow | None:
    """Return one run, or None where there is none with this id."""
    row = connection.execute(select(*_RUN).where(runs.c.id == run_id)).one_or_none()
    return None if row is None else _run(row)


def rejected(connection: Connection, run_id: int) -> list[Rejected]:
    """Return what a run rejected, in the order in which it was read."""
    query = select(rejections).where(rejections.c.run == run_id).order_by(rejections.c.number)
    return [
        Rejected(row.identifier, row.reason, row.detail, row.is_dataset, row.is_private)
        for row in connection.execute(query)
    ]


def validated(connection: Connection, hashes: Collection[str], build: str) -> dict[str, bool]:
    """Return whether versions pass the gate, by hash; those not validated under this build are left out."""
    query = select(validations.c.hash, validations.c.passes).where(validations.c.build == build)
    return {
        row.hash: bool(row.passes)
        for part in batches(hashes)
        for row in connection.execute(query.where(validations.c.hash.in_(part)))
    }


def findings(connection: Connection, hashes: Collection[str]) -> dict[str, list[Finding]]:
    """Return the findings of versions by hash, as of their last validation; never validated ones are left out."""
    query = select(validations.c.hash, validations.c.findings)
    return {
        row.hash: unpack_findings(row.findings)
        for part in batches(hashes)
        for row in connection.execute(query.where(validations.c.hash.in_(part)))
    }
