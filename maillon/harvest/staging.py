"""Gathers what one run reads in a SQLite file of its own, so that memory stays bounded and no half of it is applied.

Turns records, already canonical, into one row per IRI; the ledger sees them only when the source has been read to its
end. The file is thrown away after the run; it is never synchronised, because a run that dies starts from nothing.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from maillon.records import Rejected, Version

BATCH: Final = 1000

TWICE: Final = "identifier used twice"
ADDRESS: Final = "its address in this catalogue belongs to another entity"

_TABLES = """
CREATE TABLE entity (
    position INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, key TEXT NOT NULL,
    hash TEXT NOT NULL, text TEXT NOT NULL, outcome TEXT, UNIQUE (kind, key)
);
CREATE TABLE link (
    dataset TEXT NOT NULL, distribution TEXT NOT NULL, PRIMARY KEY (dataset, distribution)
) WITHOUT ROWID;
CREATE INDEX link_back ON link (distribution);
CREATE TABLE unseen (iri TEXT PRIMARY KEY, fresh INTEGER NOT NULL) WITHOUT ROWID;
"""

# A dataset whose own entity is as before, but of whose distributions one is not. Those that were missing together with
# their dataset and return with it are as before.
_CHANGED_BY_DISTRIBUTION = """
SELECT count(*) FROM entity AS dataset
WHERE kind = 'dataset' AND outcome IN ('unchanged', 'returned') AND EXISTS (
    SELECT 1 FROM link
    LEFT JOIN entity AS distribution ON distribution.iri = link.distribution
    LEFT JOIN unseen ON unseen.iri = link.distribution
    WHERE link.dataset = dataset.iri
    AND (
        distribution.outcome IN ('new', 'changed') OR unseen.fresh = 1
        OR (distribution.outcome = 'returned' AND dataset.outcome = 'unchanged')
    )
)
"""

_ORPHANS = """
SELECT iri FROM entity WHERE kind = 'distribution' AND outcome NOT IN ('kept', 'rejected')
AND NOT EXISTS (SELECT 1 FROM link WHERE link.distribution = entity.iri) ORDER BY iri
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """One entity as this run read it; ``text`` is ``Version.text``."""

    iri: str
    kind: str
    key: str
    hash: str
    text: str


class Staging:
    """The staging file of one run; a stale one of a run that died is replaced, and it is deleted at the end.

    Attributes:
        differing: How many entities other than datasets were described in more than one way; the fullest description
            was kept, whatever the order, so that a source that reorders its pages shows no change.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.differing = 0

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._remove()
        self._database = sqlite3.connect(self._path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF").close()
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._remove()

    def _remove(self) -> None:
        for path in (self._path, self._path.with_name(self._path.name + "-journal")):
            path.unlink(missing_ok=True)

    def add(self, record: Sequence[tuple[Version, str]], links: Iterable[tuple[str, str]]) -> list[Rejected]:
        """Take the entities of one record.

        Args:
            record: Versions with their keys, the dataset first where there is one.
            links: Pairs of dataset and distribution IRI.

        Returns:
            What cannot be used. Where that is the record's dataset, nothing else of the record was taken.
        """
        rejected = []
        for number, (version, key) in enumerate(record):
            refused = self._put(version, key)
            if refused is not None:
                rejected.append(refused)
                if number == 0 and version.kind == "dataset":
                    return rejected
        self._database.executemany("INSERT OR IGNORE INTO link VALUES (?, ?)", links)
        return rejected

    def _put(self, version: Version, key: str) -> Rejected | None:
        added = self._database.execute(
            "INSERT OR IGNORE INTO entity (iri, kind, key, hash, text) VALUES (?, ?, ?, ?, ?)",
            (version.iri, version.kind, key, version.hash, version.text),
        )
        if added.rowcount:
            return None
        rows = self._database.execute(
            "SELECT iri, kind, hash, length(text) FROM entity WHERE iri = ? OR (kind = ? AND key = ?)",
            (version.iri, version.kind, key),
        ).fetchall()
        if len(rows) > 1 or rows[0][0] != version.iri:
            return Rejected(version.iri, ADDRESS, f"{version.kind} {key}", is_dataset=version.kind == "dataset")
        _, kind, present, size = rows[0]
        if present == version.hash and kind == version.kind:
            return None
        if "dataset" in {kind, version.kind}:
            return Rejected(version.iri, TWICE, "the first description was kept", is_dataset=version.kind == "dataset")
        self.differing += 1
        if (len(version.text), version.hash) > (size, present):
            self._database.execute(
                "UPDATE entity SET kind = ?, key = ?, hash = ?, text = ? WHERE iri = ?",
                (version.kind, key, version.hash, version.text, version.iri),
            )
        return None

    def text(self, iri: str, kind: str) -> str | None:
        """Return the text taken for an entity of this kind, None where there is none yet."""
        row = self._database.execute("SELECT text FROM entity WHERE iri = ? AND kind = ?", (iri, kind)).fetchone()
        return None if row is None else row[0]

    def count(self, kind: str | None = None) -> int:
        """Count the entities taken, of all kinds or of one."""
        query = "SELECT count(*) FROM entity WHERE ? IS NULL OR kind = ?"
        return int(self._database.execute(query, (kind, kind)).fetchone()[0])

    def batches(self) -> Iterator[list[Staged]]:
        """Yield what was taken, in the order in which it was read."""
        after = 0
        query = "SELECT position, iri, kind, key, hash, text FROM entity WHERE position > ? ORDER BY position LIMIT ?"
        while rows := self._database.execute(query, (after, BATCH)).fetchall():
            yield [Staged(*row[1:]) for row in rows]
            after = rows[-1][0]

    def lacking(self, iris: Sequence[str]) -> set[str]:
        """Return those of at most BATCH IRIs that this run has not read."""
        marks = ", ".join("?" * len(iris))
        found = self._database.execute(f"SELECT iri FROM entity WHERE iri IN ({marks})", iris)  # noqa: S608 - only marks
        return set(iris).difference(row[0] for row in found)

    def note_unseen(self, rows: Iterable[tuple[str, bool]]) -> None:
        """Note entities of the ledger that this run has not read, and whether the run before still had."""
        self._database.executemany("INSERT INTO unseen VALUES (?, ?)", rows)

    def unseen(self) -> Iterator[list[str]]:
        """Yield the IRIs that ``note_unseen`` was told, in batches, in order."""
        rows = iter(self._database.execute("SELECT iri FROM unseen ORDER BY iri").fetchall())
        while part := [row[0] for row in islice(rows, BATCH)]:
            yield part

    def note_outcomes(self, outcomes: Iterable[tuple[str, str]]) -> None:
        """Note what became of entities: pairs of IRI and outcome (see ``decisions``)."""
        self._database.executemany(
            "UPDATE entity SET outcome = ? WHERE iri = ?", ((outcome, iri) for iri, outcome in outcomes)
        )

    def outcomes(self) -> Counter[tuple[str, str]]:
        """Count entities by kind and outcome."""
        rows = self._database.execute("SELECT kind, outcome, count(*) FROM entity GROUP BY kind, outcome")
        return Counter({(kind, outcome): number for kind, outcome, number in rows})

    def changed_by_distribution(self) -> int:
        """Count the datasets that are as before but for one of their distributions."""
        return int(self._database.execute(_CHANGED_BY_DISTRIBUTION).fetchone()[0])

    def orphans(self) -> list[str]:
        """Return the distributions that no dataset of this run refers to, by IRI."""
        return [row[0] for row in self._database.execute(_ORPHANS)]
