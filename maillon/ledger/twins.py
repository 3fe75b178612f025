"""Keeps which datasets are copies of another source's: functions of an open transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from maillon.ledger import reading, writing
from maillon.ledger.schema import runs, twins
from maillon.ledger.writing import NewState


@dataclass(frozen=True, slots=True)
class Twin:
    """A dataset in whose place another one is shown; ``score`` from 0 to 100, ``why`` in words."""

    iri: str
    shown: str
    score: int
    why: str


_COLUMNS = [twins.c[name] for name in Twin.__slots__]


def all_twins(connection: Connection) -> dict[str, Twin]:
    """Return every copy, by IRI."""
    return {row.iri: Twin(**row._mapping) for row in connection.execute(select(*_COLUMNS).order_by(twins.c.iri))}


def replace(connection: Connection, iris: Collection[str], new: Sequence[Twin], at: str) -> None:
    """Put rows in the place of those of some datasets."""
    for part in reading.batches(iris):
        connection.execute(delete(twins).where(twins.c.iri.in_(part)))
    rows = [{"iri": item.iri, "shown": item.shown, "score": item.score, "why": item.why, "at": at} for item in new]
    if rows:
        connection.execute(insert(twins), rows)


def note_changes(connection: Connection, iris: Collection[str], at: str) -> None:
    """Note in the change log, under the latest run, that published entities are shown otherwise from now on."""
    run = connection.scalar(select(func.max(runs.c.id)))
    rows = [row for row in reading.known(connection, iris).values() if row.state in {"live", "missing"}]
    if run is not None:
        writing.put_changes(connection, run, at, [NewState.of(row, "validate") for row in rows])
