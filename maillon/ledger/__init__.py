"""The ledger: every version of every entity that a source has ever sent, and every change, in one SQL database.

Turns canonical versions into rows and gives them back to whoever publishes. Everything served is derived from here and
can be made again. The parts: ``schema`` (tables and guards), ``connection`` (database and transactions), ``reading``
and ``writing`` (SQL), ``rows`` (values handed out).
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from maillon.ledger import reading
from maillon.ledger.connection import Database
from maillon.ledger.rows import Change, EntityRow, RunRow, SourceRow, Stored, Validation
from maillon.ledger.writing import NewState, NewVersion
from maillon.records import Finding, Rejected

__all__ = [
    "Change",
    "EntityRow",
    "Ledger",
    "NewState",
    "NewVersion",
    "RunRow",
    "SourceRow",
    "Stored",
    "Validation",
]


class Ledger:
    """One ledger, opened by its SQLAlchemy URL; made with its tables where there is none.

    A publisher reads ``sequence()`` first and the entities after; the next time it asks ``changed_since()`` for what
    came later. Change numbers are in the order of commits (see ``connection``), so it never misses one; an entity that
    changes while it reads is only read again.

    Raises:
        OperatorError: It cannot be opened, or it belongs to another version of Maillon. Every method may raise it
            where the database fails.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url)

    def close(self) -> None:
        """Close every connection to the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reading(self) -> AbstractContextManager[Connection]:
        """Give a transaction for the functions of ``ledger.reading``; it sees one state throughout."""
        return self._database.reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """Give the one writing transaction for the functions of ``ledger.writing``; it commits as a whole or not."""
        return self._database.writing()

    def sequence(self) -> int:
        """Return the highest change number, 0 where there is none."""
        with self.reading() as connection:
            return reading.sequence(connection)

    def current(self, iris: Sequence[str] | None = None, kinds: Sequence[str] | None = None) -> Iterator[Stored]:
        """Yield entities in the order of their IRIs (code points), read in batches from one state of the ledger.

        Args:
            iris: Only these; an IRI that the ledger does not know is left out. None for all.
            kinds: Only these kinds. None for all.
        """
        with self.reading() as connection:
            yield from reading.stored(connection, iris, kinds)

    def changed_since(self, sequence: int) -> set[str]:
        """Return the IRIs of the entities with a change after this number."""
        with self.reading() as connection:
            return reading.changed_since(connection, sequence)

    def changes(self, since: int = 0) -> Iterator[Change]:
        """Yield the changes after this number, oldest first, read in batches from one state of the ledger."""
        with self.reading() as connection:
            yield from reading.changes_since(connection, since)

    def known(self, iris: Collection[str]) -> dict[str, EntityRow]:
        """Return the entities with these IRIs, without their texts, by IRI."""
        with self.reading() as connection:
            return reading.known(connection, iris)

    def sources(self) -> list[SourceRow]:
        """Return every source ever harvested, by name."""
        with self.reading() as connection:
            return reading.all_sources(connection)

    def runs(self, source: str | None = None, limit: int = 100) -> list[RunRow]:
        """Return runs, the latest first."""
        with self.reading() as connection:
            return reading.latest_runs(connection, source, limit)

    def run(self, run_id: int) -> RunRow | None:
        """Return one run, None where there is none with this id."""
        with self.reading() as connection:
            return reading.run(connection, run_id)

    def rejections(self, run_id: int) -> list[Rejected]:
        """Return what a run rejected, in the order in which it was read."""
        with self.reading() as connection:
            return reading.rejected(connection, run_id)

    def findings(self, hashes: Collection[str]) -> dict[str, list[Finding]]:
        """Return findings by hash of version, as of the last validation; a hash never validated is left out."""
        with self.reading() as connection:
            return reading.findings(connection, hashes)

    def count(self, source: str, kind: str, states: Sequence[str]) -> int:
        """Count the entities of a kind that a source owns in some states."""
        with self.reading() as connection:
            return reading.count(connection, source, kind, states)
