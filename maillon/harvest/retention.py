"""Removes raw answers that nobody will replay or resume from any more."""

import shutil
from pathlib import Path

from sqlalchemy import select

from maillon.ledger import Ledger
from maillon.ledger.schema import runs


def prune(ledger: Ledger, raw: Path, source: str, keep: int) -> list[int]:
    """Remove the raw answers of old runs of a source; return their numbers.

    The last complete runs stay, and what failed or died after the oldest of them. A folder whose answers a later run
    took over can go, because that run has links to the bodies of its own.

    Args:
        ledger: Which runs there were.
        raw: Folder of all raw answers; the caller holds the source.
        source: Name of the source.
        keep: Number of complete runs whose answers stay.
    """
    with ledger.reading() as connection:
        query = select(runs.c.id, runs.c.status).where(runs.c.source == source).order_by(runs.c.id.desc())
        rows = connection.execute(query).all()
    complete, removed = 0, []
    for row in rows:
        if complete >= keep and (raw / str(row.id)).is_dir():
            shutil.rmtree(raw / str(row.id), ignore_errors=True)
            removed.append(row.id)
        complete += row.status == "done"
    return removed
