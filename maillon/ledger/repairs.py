"""Keeps what rules repaired of each entity: functions of an open transaction.

A row is added when the repairs of an entity differ from those of the run before, so the history stays; the row with
the highest run is what counts now. What was applied is packed by ``maillon.repair`` and opaque here.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, and_, func, insert, select

from maillon.ledger.reading import BATCH, batches
from maillon.ledger.rows import unpack_findings
from maillon.ledger.schema import entities, repairs
from maillon.records import Finding


@dataclass(frozen=True, slots=True)
class Repaired:
    """What is repaired of one entity now.

    Attributes:
        iri: The entity.
        run: The run since which it is so.
        applied: Applications as ``maillon.repair.pack`` packed them; None where nothing is repaired any more.
        before: Findings of the version that the source sent, packed; None where there are none.
    """

    iri: str
    run: int
    applied: bytes | None
    before: bytes | None

    def findings_before(self) -> list[Finding]:
        """Return the findings of what the source sent, before repair."""
        return unpack_findings(self.before)


def current(connection: Connection, iris: Collection[str]) -> dict[str, Repaired]:
    """Return what is repaired of these entities, by IRI; those never repaired are left out."""
    found = {}
    for part in batches(iris):
        last = select(repairs.c.iri, func.max(repairs.c.run).label("run")).where(repairs.c.iri.in_(part))
        latest = last.group_by(repairs.c.iri).subquery()
        query = select(repairs).join(latest, and_(repairs.c.iri == latest.c.iri, repairs.c.run == latest.c.run))
        for row in connection.execute(query):
            found[row.iri] = Repaired(row.iri, row.run, row.applied, row.before)
    return found


def of_source(connection: Connection, source: str) -> Iterator[tuple[Repaired, str]]:
    """Yield what is repaired of the published entities of a source, with the hash of each, by IRI."""
    published = entities.c.state.in_(("live", "missing"))
    query = select(entities.c.iri, entities.c.hash).where(entities.c.source == source, published)
    rows = iter(connection.execute(query.order_by(entities.c.iri)).all())
    while part := {row.iri: row.hash for row in islice(rows, BATCH)}:
        known = current(connection, part)
        yield from ((known[iri], part[iri]) for iri in part if iri in known and known[iri].applied is not None)


def put(connection: Connection, run_id: int, at: str, rows: Sequence[Repaired]) -> None:
    """Add what is repaired from now on; the runs in ``rows`` do not count."""
    values = [{"iri": row.iri, "run": run_id, "at": at, "applied": row.applied, "before": row.before} for row in rows]
    if values:
        connection.execute(insert(repairs), values)
