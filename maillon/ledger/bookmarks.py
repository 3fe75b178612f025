"""Keeps where the next run of a source goes on, and under which other IRIs its entities now arrive."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from maillon.ledger.reading import batches
from maillon.ledger.schema import aliases, bookmarks

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Alias:
    """An IRI that a source gives now for an entity that keeps its earlier one; ``why`` says how it was recognised."""

    given: str
    kept: str
    why: str


def bookmark(connection: Connection, source: str, fingerprint: str) -> str:
    """Return the bookmark of a source, empty where there is none or it was left under another fingerprint."""
    query = select(bookmarks.c.value).where(bookmarks.c.source == source, bookmarks.c.fingerprint == fingerprint)
    return connection.scalar(query) or ""


def put_bookmark(connection: Connection, run_id: int, source: str, value: str, fingerprint: str) -> None:
    """Keep the bookmark of a source; an empty value, or one that not every database takes, removes it."""
    connection.execute(delete(bookmarks).where(bookmarks.c.source == source))
    if value and _UNSTORABLE.search(value) is None:
        row = {"source": source, "value": value, "fingerprint": fingerprint, "run": run_id}
        connection.execute(insert(bookmarks), [row])


def aliases_of(connection: Connection, source: str) -> dict[str, str]:
    """Return the IRI that is kept by the IRI that a source gives now."""
    query = select(aliases.c.given, aliases.c.kept).where(aliases.c.source == source)
    return {row.given: row.kept for row in connection.execute(query)}


def put_aliases(connection: Connection, run_id: int, source: str, at: str, new: Sequence[Alias]) -> None:
    """Add aliases of a source."""
    rows = [
        {"source": source, "given": item.given, "kept": item.kept, "run": run_id, "at": at, "why": item.why}
        for item in new
    ]
    if rows:
        connection.execute(insert(aliases), rows)


def drop_aliases(connection: Connection, source: str, given: Collection[str]) -> None:
    """Take aliases back that turned out wrong."""
    for part in batches(given):
        connection.execute(delete(aliases).where(aliases.c.source == source, aliases.c.given.in_(part)))
