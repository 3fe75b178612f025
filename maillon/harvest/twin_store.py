"""Keeps what was compared of each dataset, and which pairs are the same, in a SQLite file beside the ledger.

It only saves work: without the file everything is compared again.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

_VERSION: Final = 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS profile (iri TEXT PRIMARY KEY, source TEXT NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (part TEXT, dataset TEXT, PRIMARY KEY (part, dataset)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS part_back ON part (dataset);
CREATE TABLE IF NOT EXISTS edge (
    one TEXT, other TEXT, score INTEGER NOT NULL, why TEXT NOT NULL, PRIMARY KEY (one, other)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS edge_back ON edge (other);
CREATE TABLE IF NOT EXISTS place (sequence INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What of a dataset is compared with those of other sources; texts are folded.

    Attributes:
        iri: The dataset.
        source: Its source.
        issued: When it was first seen.
        titles: Its titles.
        addresses: Addresses of its files and pages.
        declared: What it calls itself and what it says it is a copy of.
        publishers: IRIs and names of its publishers.
        description: Its longest description.
        parts: Its distributions.
    """

    iri: str
    source: str
    issued: str
    titles: frozenset[str]
    addresses: frozenset[str]
    declared: frozenset[str]
    publishers: frozenset[str]
    description: str
    parts: frozenset[str]

    def names(self) -> frozenset[str]:
        """Return what others may call it: its IRI, and the identifiers that it declares."""
        return self.declared | {self.iri}

    def text(self) -> str:
        """Return its words, for the search of alike ones."""
        return " ".join((*sorted(self.titles), self.description))


@dataclass(frozen=True, slots=True)
class Edge:
    """Two datasets that are the same, in the order of their IRIs, with points from 0 to 100 and why."""

    one: str
    other: str
    score: int
    why: str


def _written(profile: Profile) -> str:
    return json.dumps(asdict(profile), default=sorted, ensure_ascii=False)


def _read(text: str) -> Profile:
    values: dict[str, Any] = {
        name: frozenset(item) if isinstance(item, list) else item for name, item in json.loads(text).items()
    }
    return Profile(**values)


class TwinStore:
    """The file, as a context manager: what was done is kept only when the context ends well."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._database = self._open()
        self._database.execute("BEGIN IMMEDIATE")
        return self

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, isolation_level=None, timeout=60)
        try:
            if database.execute("PRAGMA user_version").fetchone()[0] == _VERSION:
                return database
        except sqlite3.DatabaseError:
            pass
        database.close()
        self._path.unlink()  # of another version, or damaged: it can be made again
        database = sqlite3.connect(self._path, isolation_level=None, timeout=60)
        database.executescript(_TABLES + f"PRAGMA user_version = {_VERSION};")
        return database

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")
        self._database.close()

    def sequence(self) -> int:
        """Return the ledger's change number up to which everything was compared."""
        row = self._database.execute("SELECT max(sequence) FROM place").fetchone()
        return int(row[0] or 0)

    def finish(self, sequence: int) -> None:
        """Note that everything up to a change number was compared."""
        self._database.execute("DELETE FROM place")
        self._database.execute("INSERT INTO place VALUES (?)", (sequence,))

    def having(self, parts: Collection[str]) -> set[str]:
        """Return the datasets that have one of these distributions."""
        query = "SELECT dataset FROM part WHERE part = ?"
        return {row[0] for part in parts for row in self._database.execute(query, (part,))}

    def replace(self, iris: Sequence[str], profiles: Iterable[Profile]) -> None:
        """Put profiles in the place of those of some datasets; the edges of these are forgotten."""
        keys = [(iri,) for iri in iris]
        for statement in (
            "DELETE FROM profile WHERE iri = ?",
            "DELETE FROM part WHERE dataset = ?",
            "DELETE FROM edge WHERE one = ?",
            "DELETE FROM edge WHERE other = ?",
        ):
            self._database.executemany(statement, keys)
        for profile in profiles:
            row = (profile.iri, profile.source, _written(profile))
            self._database.execute("INSERT INTO profile VALUES (?, ?, ?)", row)
            parts = [(part, profile.iri) for part in profile.parts]
            self._database.executemany("INSERT OR IGNORE INTO part VALUES (?, ?)", parts)

    def sources(self) -> list[str]:
        """Return the sources that have datasets."""
        return [row[0] for row in self._database.execute("SELECT DISTINCT source FROM profile")]

    def all(self) -> Iterator[Profile]:
        """Yield every profile, by IRI."""
        for row in self._database.execute("SELECT data FROM profile ORDER BY iri"):
            yield _read(row[0])

    def profiles(self, iris: Iterable[str]) -> dict[str, Profile]:
        """Return the profiles of some datasets, by IRI."""
        query = "SELECT data FROM profile WHERE iri = ?"
        rows = (self._database.execute(query, (iri,)).fetchone() for iri in iris)
        return {profile.iri: profile for profile in (_read(row[0]) for row in rows if row is not None)}

    def put_edges(self, edges: Iterable[Edge]) -> None:
        """Add edges."""
        rows = [(edge.one, edge.other, edge.score, edge.why) for edge in edges]
        self._database.executemany("INSERT OR REPLACE INTO edge VALUES (?, ?, ?, ?)", rows)

    def edges(self) -> list[Edge]:
        """Return all edges, in order."""
        query = "SELECT one, other, score, why FROM edge ORDER BY one, other"
        return [Edge(*row) for row in self._database.execute(query)]

    def linked(self) -> list[str]:
        """Return the datasets that have an edge."""
        query = "SELECT one FROM edge UNION SELECT other FROM edge"
        return [row[0] for row in self._database.execute(query)]
