"""Turns the quality file of a snapshot (SQLite) into assessments and scopes: how good each dataset is, and their sums.

The file is ``<snapshot>/quality.sqlite``. A snapshot made before there was such a file has none: everything is then
unknown, which is no error.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from maillon.errors import SnapshotError
from maillon.quality import packing
from maillon.quality.values import Assessment, Moment, Scope
from maillon.store.documents import number_of
from maillon.store.published_file import PublishedFile

NAME: Final = "quality.sqlite"
"""Name of the file in the folder of a snapshot."""
LOST: Final = ""
"""Name of the fix that stands for all points that a dataset lacks."""
_PAGE: Final = 500


class QualityFile(PublishedFile):
    """Reads the quality of one snapshot, for any number of threads.

    Args:
        path: The file ``quality.sqlite`` in the folder of a snapshot; it need not be there.

    Raises:
        SnapshotError: The file is there but torn or something else; reading it later may raise it too.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.is_there = path.exists()
        """Whether the snapshot has such a file; else everything is unknown."""
        self.rows("SELECT 1 FROM scopes LIMIT 1")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return all rows of a query, none where there is no file. Raises SnapshotError where it cannot be read."""
        if not self.is_there:
            return []
        try:
            return super().rows(query, values)
        except sqlite3.Error as error:
            raise self._torn(error) from error

    def _torn(self, error: Exception) -> SnapshotError:
        return SnapshotError(
            f"The quality file {self.path} cannot be read: {error}. Run `maillon publish --rebuild`; nothing is lost."
        )

    def _assessments(self, rows: Sequence[Sequence[Any]]) -> list[Assessment]:
        try:
            return [packing.unpacked(row[0]) for row in rows]
        except (ValueError, zlib.error) as error:
            raise self._torn(error) from error

    def _scopes(self, rows: Sequence[Sequence[Any]]) -> list[Scope]:
        try:
            return [packing.unpacked_scope(row[0]) for row in rows]
        except (ValueError, zlib.error) as error:
            raise self._torn(error) from error

    def dataset(self, iri: str) -> Assessment | None:
        """Return the assessment of a dataset; None where there is none."""
        rows = self.rows("SELECT content FROM assessments WHERE id = ?", (number_of(iri),))
        found = self._assessments(rows)
        return found[0] if found and found[0].iri == iri else None

    def scope(self, kind: str, key: str = "") -> Scope | None:
        """Return the catalogue, a source by name, or an organisation by IRI; None where it has no datasets."""
        found = self._scopes(self.rows("SELECT content FROM scopes WHERE kind = ? AND key = ?", (kind, key)))
        return found[0] if found else None

    def scopes(self, kind: str) -> list[Scope]:
        """Return all scopes of a kind, by key."""
        return self._scopes(self.rows("SELECT content FROM scopes WHERE kind = ? ORDER BY key", (kind,)))

    def worst(self, kind: str, key: str, fix: str, limit: int) -> list[Assessment]:
        """Return the datasets of a scope in which a fix would gain most, the most points first, then by IRI's number.

        Args:
            kind: Kind of the scope.
            key: Its key.
            fix: Name of the fix; empty for those that lack most points in all.
            limit: At most so many.
        """
        if kind == "catalogue":  # all datasets: the order of the index is the order of the answer
            query = "SELECT id FROM gains WHERE fix = ? ORDER BY points DESC, id LIMIT ?"
            rows = self.rows(query, (fix, limit))
        else:
            query = (
                "SELECT g.id FROM scopes s JOIN members m ON m.scope = s.number JOIN gains g ON g.id = m.id"
                " WHERE s.kind = ? AND s.key = ? AND g.fix = ? ORDER BY g.points DESC, g.id LIMIT ?"
            )
            rows = self.rows(query, (kind, key, fix, limit))
        return [item for (number,) in rows for item in self._by_number(number)]

    def _by_number(self, number: int) -> list[Assessment]:
        return self._assessments(self.rows("SELECT content FROM assessments WHERE id = ?", (number,)))

    def members(self, kind: str, key: str = "") -> Iterator[Assessment]:
        """Yield the assessments of all datasets of a scope, in the order of their numbers, in bounded memory."""
        query = (
            "SELECT a.content, a.id FROM scopes s JOIN members m ON m.scope = s.number"
            " JOIN assessments a ON a.id = m.id WHERE s.kind = ? AND s.key = ? AND m.id > ? ORDER BY m.id LIMIT ?"
        )
        after = -(2**63)
        while rows := self.rows(query, (kind, key, after, _PAGE)):
            yield from self._assessments(rows)
            after = rows[-1][1]

    def member_numbers(self, kind: str, key: str = "") -> list[int]:
        """Return the numbers of all datasets of a scope (``documents.number_of``), in their order."""
        query = (
            "SELECT m.id FROM scopes s JOIN members m ON m.scope = s.number WHERE s.kind = ? AND s.key = ? ORDER BY 1"
        )
        return [row[0] for row in self.rows(query, (kind, key))]

    def median(self, kind: str) -> Mapping[str, float]:
        """Return the median over the scopes of a kind, each counted once whatever its size.

        Names: ``points``, those of the dimensions and those of the indicators; one that no scope has is left out.
        """
        return dict(self.rows("SELECT name, value FROM medians WHERE kind = ? ORDER BY name", (kind,)))

    def moments(self, kind: str, key: str = "") -> tuple[Moment, ...]:
        """Return the moments that were known of a scope when the snapshot was made, its own the last."""
        rows = self.rows("SELECT moments FROM scopes WHERE kind = ? AND key = ?", (kind, key))
        try:
            return packing.unpacked_moments(rows[0][0]) if rows else ()
        except (ValueError, zlib.error) as error:
            raise self._torn(error) from error
