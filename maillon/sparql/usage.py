"""Counts how often what is used, day by day: patterns of queries, and datasets looked at or named in queries.

Kept in ``<data>/usage.sqlite`` as evidence of what the catalogue is good for. A pattern is a query without its
literals (``maillon.sparql.text.normal``), so nothing that somebody typed stays, and nothing says who asked. Several
processes may count into one file; each keeps its counts for up to a minute.
"""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from maillon.sparql.text import normal
from maillon.sparql.text.tokens import tokens

PATTERN: Final = "pattern"
VIEW: Final = "view"
QUERY: Final = "query"
REST: Final = "(others)"
"""Under which name what comes after MOST different ones of a day is counted."""
MOST: Final = 10_000
"""Different patterns, and different entities, that are told apart on one day."""
_LONGEST: Final = 2_000
_FLUSH: Final = 30.0
_ENTITIES: Final = 20
"""Entities of one query that are counted."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS used (
    day TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (day, kind, what)
) WITHOUT ROWID
"""
_ADD: Final = """
INSERT INTO used VALUES (?, ?, ?, ?) ON CONFLICT (day, kind, what) DO UPDATE SET count = count + excluded.count
"""
_NAMES: Final = "SELECT what FROM used WHERE day = ? AND kind = ?"


@dataclass(frozen=True, slots=True)
class Used:
    """How often something was used.

    Attributes:
        day: ISO 8601 date, UTC; empty for a sum over days.
        kind: ``pattern`` of queries, ``view`` of an entity's page or document, or ``query`` that names an entity.
        what: The pattern, or the entity's IRI.
        count: How often.
    """

    day: str
    kind: str
    what: str
    count: int


class Usage:
    """The counts of one process, added to the file from time to time."""

    def __init__(self, path: Path, base_iri: str) -> None:
        self._path = path
        self._own = f"<{base_iri}id/"
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._flushed = time.monotonic()

    def of_query(self, query: str) -> list[tuple[str, str]]:
        """Return kind and name of what a query uses: its pattern, and the entities that it names."""
        named = {item.text[1:-1] for item in tokens(query) if item.kind == "iri" and item.text.startswith(self._own)}
        return [(PATTERN, normal.pattern(query)[:_LONGEST]), *((QUERY, iri) for iri in sorted(named)[:_ENTITIES])]

    def viewed(self, iri: str) -> None:
        """Count a page or document of an entity that somebody looked at."""
        self.count((VIEW, iri))

    def count(self, *used: tuple[str, str]) -> None:
        """Count what was used, by kind and name."""
        day = datetime.now(UTC).date().isoformat()
        with self._lock:
            for kind, what in used:
                key = (day, kind, what)
                full = len(self._counts) >= MOST and key not in self._counts
                self._counts[(day, kind, REST) if full else key] += 1
            if time.monotonic() - self._flushed < _FLUSH:
                return
            counts, self._counts, self._flushed = self._counts, Counter(), time.monotonic()
        self._add(counts)

    def flush(self) -> None:
        """Add what was counted to the file."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if counts:
            self._add(counts)

    def _add(self, counts: Counter[tuple[str, str, str]]) -> None:
        try:
            with closing(sqlite3.connect(self._path, timeout=2)) as connection, connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute(_SCHEMA)
                for key, count in self._told_apart(connection, counts):
                    connection.execute(_ADD, (*key, count))
        except sqlite3.Error:  # locked for long, or no room: taken along to the next time
            with self._lock:
                self._counts.update(dict(counts.most_common(MOST)))

    @staticmethod
    def _told_apart(
        connection: sqlite3.Connection, counts: Counter[tuple[str, str, str]]
    ) -> Iterator[tuple[tuple[str, str, str], int]]:
        """Yield counts with their names, those beyond MOST of a day and kind under REST."""
        known = {
            (day, kind): {what for (what,) in connection.execute(_NAMES, (day, kind))}
            for day, kind in {(day, kind) for day, kind, _ in counts}
        }
        for (day, kind, what), count in counts.items():
            names = known[day, kind]
            if what not in names and len(names) >= MOST:
                yield (day, kind, REST), count
                continue
            names.add(what)
            yield (day, kind, what), count


def read(path: Path, kind: str = "", since: str = "", by_day: bool = False) -> Iterator[Used]:
    """Yield what was used, the most used first (of each day, the latest first, where asked for).

    Args:
        path: The file; where it is not there, nothing was used.
        kind: Only this kind; all where empty.
        since: Only from this day (ISO 8601) on.
        by_day: Whether each day is told apart.
    """
    if not path.is_file():
        return
    day = "day" if by_day else "''"
    order = "day DESC, " if by_day else ""
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        rows = connection.execute(
            f"SELECT {day} AS day, kind, what, sum(count) AS total FROM used "  # noqa: S608 - fixed words
            "WHERE (? = '' OR kind = ?) AND used.day >= ? GROUP BY 1, kind, what "
            f"ORDER BY {order}total DESC, what",
            (kind, kind, since),
        )
        for row in rows:
            yield Used(*row)
