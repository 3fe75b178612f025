"""Turns the records of a check into the European score of all together and what would raise it most.

The score is that of ``quality.mqa`` (https://data.europa.eu/mqa/methodology). Addresses are not tried, so points for
reachable files are not there, and no fix for them is named.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from maillon.check.values import Fix, Rating
from maillon.quality import closures, mqa
from maillon.quality.values import Score
from maillon.records import Finding, Version
from maillon.store.documents import Document

FIXES: Final = 3
"""Fixes that a report names."""


def _document(version: Version, findings: Sequence[Finding] = ()) -> Document:
    return Document(
        iri=version.iri, kind=version.kind, key="", source="", hash=version.hash, text=version.text,
        findings=list(findings),
    )  # fmt: skip


class Scoring:
    """Scores datasets as they are checked; keeps sums only.

    Args:
        is_wanted: Whether anything is scored at all.
    """

    def __init__(self, is_wanted: bool) -> None:
        self._is_wanted = is_wanted
        self._today = datetime.now(UTC).date().isoformat()
        self._datasets = 0
        self._dimensions: Counter[str] = Counter()
        self._points: Counter[str] = Counter()
        self._values: Counter[str] = Counter()
        self._concerned: Counter[str] = Counter()

    def add(self, members: Sequence[Version], found: Mapping[str, Sequence[Finding]]) -> None:
        """Take a record: a dataset with its distributions, and their findings by hash; others are passed over."""
        if not self._is_wanted or members[0].kind != "dataset":
            return
        parts = {item.iri: _document(item, found[item.hash]) for item in members[1:]}

        def lookup(iris: Iterable[str]) -> dict[str, Document]:
            return {iri: parts[iri] for iri in iris if iri in parts}

        head = _document(members[0], found[members[0].hash])
        self._take(mqa.score(closures.closure(head, lookup, {}, self._today)))

    def _take(self, score: Score) -> None:
        self._datasets += 1
        self._dimensions.update(score.dimensions)
        for gain in score.gains:
            self._points[gain.fix] += gain.points
            self._values[gain.fix] += gain.values
            self._concerned[gain.fix] += 1

    def rating(self) -> Rating | None:
        """Return the score of all datasets, None where there is none."""
        if not self._datasets:
            return None
        fixes = [
            Fix(name=name, points=points, values=self._values[name], datasets=self._concerned[name])
            for name, points in self._points.items()
        ]
        # The points first: a steward looks for what is worth beginning, and one fix is one kind of work.
        fixes.sort(key=lambda fix: (-fix.points, fix.values, fix.name))
        return Rating(
            points=self._dimensions.total() / self._datasets,
            datasets=self._datasets,
            dimensions={name: points / self._datasets for name, points in self._dimensions.items()},
            fixes=tuple(fixes[:FIXES]),
        )
