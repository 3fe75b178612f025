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

from maillon.records import Rejected

BATCH: Final = 1000
_STAGED: Final = "iri, kind, key, hash, text, repairs, sent"

TWICE: Final = "identifier used twice"
ADDRESS: Final = "its address in this catalogue belongs to another entity"

_TABLES = """
CREATE TABLE entity (
    position INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, key TEXT NOT NULL,
    hash TEXT NOT NULL, text TEXT NOT NULL, repairs BLOB, sent TEXT, outcome TEXT, UNIQUE (kind, key)
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
    """One entity as this run read it.

    Attributes:
        iri: The subject.
        kind: One of ``identifiers.KINDS``.
        key: Its key in our addresses.
        hash: Hash of its text.
        text: ``Version.text``, repaired.
        repairs: What was repaired, as ``maillon.repair.pack`` packed it; None where nothing was.
        sent: ``Version.text`` without repairs; None where nothing was repaired.
    """

    iri: str
    kind: str
    key: str
    hash: str
    text: str
    repairs: bytes | None = None
    sent: str | None = None


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

    def clear(self) -> None:
        """Forget everything that was taken."""
        for table in ("entity", "link", "unseen"):
            self._database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        self.differing = 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._remove()

    def _remove(self) -> None:
        for path in (self._path, self._path.with_name(self._path.name + "-journal")):
            path.unlink(missing_ok=True)

    def add(self, record: Sequence[Staged], links: Iterable[tuple[str, str]]) -> list[Rejected]:
        """Take the entities of one record.

        Args:
            record: The entities, the dataset first where there is one.
            links: Pairs of dataset and distribution IRI.

        Returns:
            What cannot be used. Where that is the record's dataset, nothing else of the record was taken.
        """
        rejected = []
        for number, item in enumerate(record):
            refused = self._put(item)
            if refused is not None:
                rejected.append(refused)
                if number == 0 and item.kind == "dataset":
                    return rejected
        self._database.executemany("INSERT OR IGNORE INTO link VALUES (?, ?)", links)
        return rejected

    def _put(self, item: Staged) -> Rejected | None:
        added = self._database.execute(
            "INSERT OR IGNORE INTO entity (iri, kind, key, hash, text, repairs, sent) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (item.iri, item.kind, item.key, item.hash, item.text, item.repairs, item.sent),
        )
        if added.rowcount:
            return None
        rows = self._database.execute(
            "SELECT iri, kind, hash, length(text) FROM entity WHERE iri = ? OR (kind = ? AND key = ?)",
            (item.iri, item.kind, item.key),
        ).fetchall()
        if len(rows) > 1 or rows[0][0] != item.iri:
            return Rejected(item.iri, ADDRESS, f"{item.kind} {item.key}", is_dataset=item.kind == "dataset")
        _, kind, present, size = rows[0]
        if present == item.hash and kind == item.kind:
            return None
        if "dataset" in {kind, item.kind}:
            return Rejected(item.iri, TWICE, "the first description was kept", is_dataset=item.kind == "dataset")
        self.differing += 1
        if (len(item.text), item.hash) > (size, present):
            self._replace(item.iri, item)
        return None

    def _replace(self, iri: str, item: Staged) -> None:
        self._database.execute(
            "UPDATE entity SET iri = ?, kind = ?, key = ?, hash = ?, text = ?, repairs = ?, sent = ? WHERE iri = ?",
            (item.iri, item.kind, item.key, item.hash, item.text, item.repairs, item.sent, iri),
        )

    def get(self, iri: str, kind: str) -> Staged | None:
        """Return what was taken for an entity of this kind, None where there is nothing yet."""
        query = "SELECT iri, kind, key, hash, text, repairs, sent FROM entity WHERE iri = ? AND kind = ?"
        row = self._database.execute(query, (iri, kind)).fetchone()
        return None if row is None else Staged(*row)

    def drop(self, datasets: Iterable[str]) -> None:
        """Forget datasets, and the distributions that no other one has."""
        for iri in datasets:
            own = "SELECT distribution FROM link WHERE dataset = ?1"
            others = "SELECT distribution FROM link WHERE dataset <> ?1"
            self._database.execute(
                f"DELETE FROM entity WHERE kind = 'dataset' AND iri = ?1 OR kind = 'distribution' AND iri IN ({own})"  # noqa: S608 - only marks
                f" AND iri NOT IN ({others} AND distribution IN ({own}))",
                (iri,),
            )
            self._database.execute("DELETE FROM link WHERE dataset = ?", (iri,))

    def parts_of(self, dataset: str) -> dict[str, str]:
        """Return the texts of the distributions that a dataset refers to, by IRI."""
        query = "SELECT iri, text FROM entity JOIN link ON link.distribution = iri WHERE link.dataset = ?"
        return dict(self._database.execute(query, (dataset,)).fetchall())

    def rename(self, item: Staged, given: str) -> Rejected | None:
        """Put an entity in the place of the one that was taken under the IRI given; refused where its IRI is taken."""
        taken = self._database.execute(
            "SELECT 1 FROM entity WHERE iri <> ? AND (iri = ? OR (kind = ? AND key = ?))",
            (given, item.iri, item.kind, item.key),
        ).fetchone()
        if taken is not None:
            return Rejected(item.iri, TWICE, f"also given as {given}", is_dataset=item.kind == "dataset")
        self._replace(given, item)
        for end in ("dataset", "distribution"):
            self._database.execute(f"UPDATE OR REPLACE link SET {end} = ? WHERE {end} = ?", (item.iri, given))  # noqa: S608 - names of ours
        return None

    def mentioning(self, kind: str, text: str) -> Iterator[Staged]:
        """Yield the entities of a kind in whose text something stands, by IRI."""
        query = f"SELECT {_STAGED} FROM entity WHERE kind = ? AND instr(text, ?) > 0 AND iri > ? ORDER BY iri LIMIT ?"  # noqa: S608
        after = ""
        while rows := self._database.execute(query, (kind, text, after, BATCH)).fetchall():
            yield from (Staged(*row) for row in rows)
            after = rows[-1][0]

    def put(self, item: Staged) -> None:
        """Put an entity in the place of what was taken of it."""
        self._replace(item.iri, item)

    def last(self) -> int:
        """Return the place of the last entity taken, for ``undo``."""
        return int(self._database.execute("SELECT coalesce(max(position), 0) FROM entity").fetchone()[0])

    def undo(self, last: int) -> None:
        """Forget the entities taken after a place; of links they must have had none."""
        self._database.execute("DELETE FROM entity WHERE position > ?", (last,))

    def count(self, kind: str | None = None) -> int:
        """Count the entities taken, of all kinds or of one."""
        query = "SELECT count(*) FROM entity WHERE ? IS NULL OR kind = ?"
        return int(self._database.execute(query, (kind, kind)).fetchone()[0])

    def batches(self) -> Iterator[list[Staged]]:
        """Yield what was taken, in the order in which it was read."""
        after = 0
        query = (
            "SELECT position, iri, kind, key, hash, text, repairs, sent FROM entity WHERE position > ? "
            "ORDER BY position LIMIT ?"
        )
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
