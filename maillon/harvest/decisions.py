"""Decides what becomes of one entity: from what the run read and what the ledger knows to its next row and change.

Nothing here reads or writes; the rules of ``shared/design.md`` on grades, ownership and vanishing stand here alone.
Outcomes: ``new``, ``changed``, ``unchanged``, ``returned`` (was missing, as before), ``withheld``, ``rejected`` (a
dataset that another source owns), ``kept`` (something else that another source owns: its description stays).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from maillon.harvest.options import read, written
from maillon.harvest.staging import ADDRESS, Staged
from maillon.ledger import EntityRow, NewState, Validation
from maillon.records import Rejected
from maillon.sources import Source

PUBLISHED: Final = ("new", "changed", "unchanged", "returned")

_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Verdict:
    """What validation says of a version.

    Attributes:
        passes: Whether the gate lets it through.
        fresh: Its findings, where it had to be validated in this run; else None.
        differs: Whether it had other findings under an earlier build of the shapes.
    """

    passes: bool
    fresh: Validation | None = None
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one entity; ``state`` is None where its row stays as it is."""

    item: Staged
    outcome: str
    state: NewState | None = None
    rejected: Rejected | None = None

    @property
    def changes(self) -> bool:
        """Whether it is published differently from now on."""
        return self.state is not None and self.state.operation is not None


def is_foreign(row: EntityRow | None, source: str, yielding: Collection[str] = ()) -> bool:
    """Tell whether an entity belongs to another source.

    One that is gone there is free to be taken, and so is one of a source that gives way (``yielding``): an aggregator
    repeats what the owner publishes.
    """
    return row is not None and row.source != source and row.state != "gone" and row.source not in yielding


def decide(item: Staged, row: EntityRow | None, verdict: Verdict, at: str) -> Decision:
    """Decide about an entity that this run read and that its source may describe."""
    same = row is not None and (row.hash, row.kind, row.key) == (item.hash, item.kind, item.key)
    was = None if row is None else row.state
    operation = _operation(was, same, verdict)
    outcome = _outcome(was, same, verdict.passes)
    if row is not None and operation is None and row.missing_since is None:
        return Decision(item, outcome)
    state = NewState(
        iri=item.iri,
        kind=item.kind,
        key=item.key,
        hash=item.hash,
        state="live" if verdict.passes else "withheld",
        issued=at if row is None else row.issued,
        modified=row.modified if row is not None and row.hash == item.hash else at,
        missing_since=None,
        missing_runs=0,
        operation=operation,
    )
    return Decision(item, outcome, state)


def _operation(was: str | None, same: bool, verdict: Verdict) -> str | None:
    if not verdict.passes:
        return None if was == "withheld" and same else "withhold"
    if was is None:
        return "create"
    if was in {"gone", "withheld"}:
        return "restore"
    if not same:
        return "update"
    return "validate" if verdict.differs else None


def _outcome(was: str | None, same: bool, passes: bool) -> str:
    if not passes:
        return "withheld"
    if was in {None, "gone"}:
        return "new"
    if was == "withheld" or not same:
        return "changed"
    return "returned" if was == "missing" else "unchanged"


def refuse_foreign(item: Staged, owner: str) -> Decision:
    """Decide about an entity that another source owns: its description stays as that source gives it."""
    if item.kind != "dataset":
        return Decision(item, "kept")
    return Decision(item, "rejected", rejected=Rejected(item.iri, f"described by source {owner}, which owns it"))


def refuse_address(item: Staged, holder: str) -> Decision:
    """Decide about an entity whose key is that of another one in the ledger."""
    return Decision(item, "rejected", rejected=Rejected(item.iri, ADDRESS, holder, item.kind == "dataset"))


def lapse(row: EntityRow, source: Source, now: datetime, deleted: bool = False) -> NewState:
    """Decide about an entity that a complete run of its source has not seen: missing, and in the end gone.

    What the source says it has ``deleted`` is gone at once.
    """
    since = row.missing_since or written(now)
    runs = row.missing_runs + 1
    days = (now - read(since)).total_seconds() / _DAY
    # What was never or is no longer shown leaves no tombstone either: it would tell what it was.
    over = deleted or (days >= source.grace_days and runs > source.grace_runs)
    gone = over and row.state != "withheld"
    still = "withheld" if row.state == "withheld" else "missing"
    return NewState(
        iri=row.iri,
        kind=row.kind,
        key=row.key,
        hash=row.hash,
        state="gone" if gone else still,
        issued=row.issued,
        modified=row.modified,
        missing_since=since,
        missing_runs=runs,
        operation="delete" if gone else None,
    )


def withdraw(row: EntityRow) -> NewState:
    """Decide about an entity that its source has marked private: withheld at once, without grace or tombstone."""
    return NewState(
        iri=row.iri,
        kind=row.kind,
        key=row.key,
        hash=row.hash,
        state="withheld",
        issued=row.issued,
        modified=row.modified,
        missing_since=None,
        missing_runs=0,
        operation=None if row.state == "withheld" else "withhold",
    )
