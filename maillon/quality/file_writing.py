"""Turns assessments into the quality file of the next snapshot: a new file, or a copy of the last one with changes.

What a dataset's assessment was made from, beyond its documents, stands beside it (``upkeep``), so that the next
snapshot can tell which ones have to be made anew. Sums and medians are made again from all assessments in one pass, in
the order of their numbers: both ways of publishing give the same to the last digit.

The file is not synchronised while it is written: it is in a folder that nobody reads yet.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from maillon.quality import aggregation, packing
from maillon.quality.aggregation import Counted, Totals
from maillon.quality.file import LOST
from maillon.quality.values import Assessment, Moment
from maillon.store.documents import number_of, pack, unpack

MOST_POINTS: Final = 405
"""Points of a perfect dataset (https://data.europa.eu/mqa/methodology)."""
_SCHEMA: Final = """
CREATE TABLE assessments (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE upkeep (
    id INTEGER PRIMARY KEY, findings BLOB NOT NULL, addresses BLOB NOT NULL, known TEXT NOT NULL, due TEXT NOT NULL,
    twins INTEGER NOT NULL
);
CREATE TABLE scopes (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, content BLOB NOT NULL, moments BLOB NOT NULL,
    UNIQUE (kind, key)
);
CREATE TABLE members (scope INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (scope, id)) WITHOUT ROWID;
CREATE TABLE gains (
    id INTEGER NOT NULL, fix TEXT NOT NULL, points INTEGER NOT NULL, PRIMARY KEY (id, fix)
) WITHOUT ROWID;
CREATE TABLE medians (kind TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (kind, name));
"""
# Much faster after the load than during it.
_INDEXES: Final = (
    "CREATE INDEX IF NOT EXISTS upkeep_due ON upkeep (due) WHERE due <> ''",
    "CREATE INDEX IF NOT EXISTS gains_order ON gains (fix, points DESC, id)",
)

Past = Callable[[str, str], tuple[Moment, ...]]
"""Gives the earlier moments of a scope by kind and key, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An assessment with what is needed to keep it right.

    Attributes:
        assessment: How good the dataset's description is.
        counted: Its findings in numbers.
        addresses: Its web addresses, sorted.
        known: Hash of what was known of them.
        due: First day on which it would be different though nothing changed, ISO 8601; empty where never.
        twins: Number of copies that were counted.
    """

    assessment: Assessment
    counted: Counted
    addresses: tuple[str, ...]
    known: str
    due: str
    twins: int


def _json(values: Any) -> bytes:
    return pack(json.dumps(values, ensure_ascii=False, separators=(",", ":")))


def _findings(counted: Counted) -> bytes:
    own = [[shape, severity, number] for (shape, severity), number in sorted(counted.own.items())]
    return _json([own, counted.shared]) if own or counted.shared else b""


def _counted(blob: bytes) -> Counted:
    own, shared = json.loads(unpack(blob) or "[[], []]")
    return Counted(
        own={(shape, severity): number for shape, severity, number in own},
        shared=tuple((digest, shape, severity) for digest, shape, severity in shared),
    )


class Upkeep:
    """Tells which assessments have to be made anew.

    Args:
        connection: To a quality file, open for reading at least.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def iris(self, numbers: Iterable[int]) -> Iterator[str]:
        """Yield the IRIs of datasets by their numbers; those without an assessment are left out."""
        for number in sorted(numbers):
            for (content,) in self._connection.execute("SELECT content FROM assessments WHERE id = ?", (number,)):
                yield packing.unpacked(content).iri

    def due(self, day: str) -> set[int]:
        """Return the numbers of datasets whose assessment is another one on a day (ISO 8601)."""
        return {
            row[0] for row in self._connection.execute("SELECT id FROM upkeep WHERE due <> '' AND due <= ?", (day,))
        }

    def twins(self) -> dict[int, int]:
        """Return the number of copies by number of dataset, those without left out."""
        return dict(self._connection.execute("SELECT id, twins FROM upkeep WHERE twins > 0"))

    def addresses(self) -> Iterator[tuple[int, str, list[str]]]:
        """Yield, per dataset that has any, its number, the hash of what was known of its addresses, and these."""
        query = "SELECT id, known, addresses FROM upkeep WHERE addresses <> x'' ORDER BY id"
        for number, known, addresses in self._connection.execute(query):
            yield number, known, unpack(addresses).split("\n")


class QualityWriter:
    """Writes one quality file; used by one thread, closed before it is read through ``QualityFile``.

    Args:
        path: The file: not there yet, or a copy of the one of the last snapshot.

    Attributes:
        upkeep: What a copy tells of what it was made from.
    """

    def __init__(self, path: Path) -> None:
        fresh = not path.exists()
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._run("PRAGMA journal_mode = OFF")
        self._run("PRAGMA synchronous = OFF")
        if fresh:
            self._connection.executescript(_SCHEMA)
        self.upkeep = Upkeep(self._connection)
        self._run("BEGIN")

    def _run(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Commit and close the file."""
        self._run("COMMIT")
        self._connection.close()

    def put(self, entry: Entry) -> None:
        """Put an assessment in the place of the one before, if any."""
        assessment = entry.assessment
        number = number_of(assessment.iri)
        self._take_out(number)
        self._run("INSERT INTO assessments VALUES (?, ?)", (number, packing.packed(assessment)))
        row = (
            number, _findings(entry.counted), pack("\n".join(entry.addresses)), entry.known, entry.due, entry.twins,
        )  # fmt: skip
        self._run("INSERT INTO upkeep VALUES (?, ?, ?, ?, ?, ?)", row)
        scopes = {_scope_number(*place) for place in aggregation.memberships(assessment)}
        self._connection.executemany("INSERT INTO members VALUES (?, ?)", [(item, number) for item in sorted(scopes)])
        score = assessment.score
        gains = {item.fix: item.points for item in score.gains}
        if score.points < MOST_POINTS:
            gains[LOST] = MOST_POINTS - score.points
        rows = [(number, fix, points) for fix, points in gains.items()]
        self._connection.executemany("INSERT INTO gains VALUES (?, ?, ?)", rows)

    def _take_out(self, number: int) -> None:
        for (content,) in self._run("SELECT content FROM assessments WHERE id = ?", (number,)):
            places = aggregation.memberships(packing.unpacked(content))
            rows = [(_scope_number(*place), number) for place in places]
            self._connection.executemany("DELETE FROM members WHERE scope = ? AND id = ?", rows)
            for table in ("assessments", "upkeep", "gains"):
                self._run(f"DELETE FROM {table} WHERE id = ?", (number,))  # noqa: S608 - the names above

    def remove(self, iris: Iterable[str]) -> None:
        """Remove the assessments of datasets that are published no more; one that is not there is no error."""
        for iri in iris:
            self._take_out(number_of(iri))

    def settle(self, past: Past) -> None:
        """Work out scopes and medians from all assessments."""
        for query in ("DELETE FROM scopes", "DELETE FROM medians", *_INDEXES):
            self._run(query)
        totals = Totals()
        query = "SELECT a.content, u.findings FROM assessments a JOIN upkeep u USING (id) ORDER BY a.id"
        for content, findings in self._connection.execute(query):
            totals.add(packing.unpacked(content), _counted(findings))
        scopes = list(totals.scopes())
        self._connection.executemany(
            "INSERT INTO scopes VALUES (?, ?, ?, ?, ?)",
            [
                (
                    _scope_number(scope.kind, scope.key), scope.kind, scope.key, packing.packed_scope(scope),
                    packing.packed_moments(past(scope.kind, scope.key)),
                )
                for scope in scopes
            ],
        )  # fmt: skip
        rows = [(kind, name, value) for (kind, name), value in aggregation.medians(scopes).items()]
        self._connection.executemany("INSERT INTO medians VALUES (?, ?, ?)", rows)


def _scope_number(kind: str, key: str) -> int:
    """Return the number of a scope, the same in every file."""
    return number_of(f"{kind} {key}")
