"""Writes the ledger: functions of an open writing transaction, a batch of rows at a time."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from maillon.ledger.reading import batches
from maillon.ledger.rows import EntityRow, Validation, definition, pack, pack_findings
from maillon.ledger.schema import changes, entities, rejections, runs, sources, validations, versions
from maillon.records import Rejected
from maillon.sources import Source


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to keep; ``text`` is ``Version.text``."""

    iri: str
    hash: str
    text: str


@dataclass(frozen=True, slots=True)
class NewState:
    """What an entity's row is to hold from now on; ``operation`` is None where nothing is published differently."""

    iri: str
    kind: str
    key: str
    hash: str
    state: str
    issued: str
    modified: str
    missing_since: str | None
    missing_runs: int
    operation: str | None

    @classmethod
    def of(cls, row: EntityRow, operation: str) -> Self:
        """Return the state of an entity as it is, with what the change log is to say of it."""
        values = {name: getattr(row, name) for name in cls.__slots__ if name != "operation"}
        return cls(**values, operation=operation)


def put_source(connection: Connection, source: Source, at: str) -> None:
    """Keep the definition of a source as it is now."""
    values = {"definition": definition(source)}
    if not connection.execute(update(sources).where(sources.c.name == source.name).values(values)).rowcount:
        connection.execute(insert(sources).values(name=source.name, first_seen=at, **values))


def start_run(connection: Connection, source: str, at: str, replay_of: int | None) -> int:
    """Note that a run has begun, and that earlier ones of this source that never ended have died; return its number.

    The caller holds the lock of the source, so no other run of it can be alive.
    """
    earlier = update(runs).where(runs.c.source == source, runs.c.status == "running")
    connection.execute(earlier.values(status="died", finished=at, message="The process ended before the run did."))
    row = {"source": source, "status": "running", "started": at, "replay_of": replay_of, "message": ""}
    number: int = connection.execute(insert(runs).values(row).returning(runs.c.id)).scalar_one()
    return number


def finish_run(connection: Connection, run_id: int, values: Mapping[str, str], report: Mapping[str, Any]) -> None:
    """Note how a run ended: ``values`` gives status, finished and message."""
    body = json.dumps(report, ensure_ascii=False)
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values, report=body))


def put_rejections(connection: Connection, run_id: int, rejected: Sequence[Rejected]) -> None:
    """Keep what a run rejected, in its order."""
    if rejected:
        rows = [{"run": run_id, "number": number, **asdict(item)} for number, item in enumerate(rejected, 1)]
        connection.execute(insert(rejections), rows)


def put_versions(connection: Connection, run_id: int, at: str, new: Sequence[NewVersion]) -> None:
    """Add versions; one that is there already (content that came back) stays as it was."""
    present: set[tuple[str, str]] = set()
    for part in batches([item.iri for item in new]):
        query = select(versions.c.iri, versions.c.hash).where(versions.c.iri.in_(part))
        present.update((row.iri, row.hash) for row in connection.execute(query))
    rows = [
        {"iri": item.iri, "hash": item.hash, "text": pack(item.text), "run": run_id, "at": at}
        for item in new
        if (item.iri, item.hash) not in present
    ]
    if rows:
        connection.execute(insert(versions), rows)


def put_validations(connection: Connection, build: str, at: str, results: Collection[Validation]) -> None:
    """Keep what validation found, in the place of what an earlier build of the shapes found."""
    for part in batches([item.hash for item in results]):
        connection.execute(delete(validations).where(validations.c.hash.in_(part)))
    rows = [
        {
            "hash": item.hash,
            "build": build,
            "at": at,
            "passes": int(item.passes),
            "findings": pack_findings(item.findings),
        }
        for item in results
    ]
    if rows:
        connection.execute(insert(validations), rows)


def put_entities(connection: Connection, run_id: int, source: str, states: Sequence[NewState], new: set[str]) -> None:
    """Write the rows of entities of a source seen in this run; ``new`` holds the IRIs that have no row yet."""
    rows = [_row(state, run_id, source) for state in states]
    added = [row for row in rows if row["iri"] in new]
    if added:
        connection.execute(insert(entities), added)
    _update([row for row in rows if row["iri"] not in new], connection)


def put_unseen(connection: Connection, states: Sequence[NewState]) -> None:
    """Write the rows of entities that a complete run has not seen; who owns them and saw them last stays."""
    _update([_row(state) for state in states], connection)


def _row(state: NewState, run_id: int = 0, source: str = "") -> dict[str, Any]:
    row = asdict(state)
    del row["operation"]
    return {**row, "source": source, "last_seen_run": run_id} if run_id else row


def _update(rows: Sequence[dict[str, Any]], connection: Connection) -> None:
    if rows:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "iri"}
        statement = update(entities).where(entities.c.iri == bindparam("of_iri")).values(values)
        connection.execute(statement, [_bound(row) for row in rows])


def _bound(row: Mapping[str, Any]) -> dict[str, Any]:
    return {("of_iri" if name == "iri" else f"new_{name}"): value for name, value in row.items()}


def touch(connection: Connection, run_id: int, iris: Collection[str]) -> None:
    """Note that a run saw these entities and that nothing about them is new."""
    for part in batches(iris):
        connection.execute(update(entities).where(entities.c.iri.in_(part)).values(last_seen_run=run_id))


def put_changes(connection: Connection, run_id: int, at: str, states: Sequence[NewState]) -> None:
    """Append to the change log what is published differently from now on, in the order given."""
    rows = [
        {"at": at, "run": run_id, "iri": state.iri, "operation": state.operation, "hash": state.hash}
        for state in states
        if state.operation is not None
    ]
    if rows:
        connection.execute(insert(changes), rows)
