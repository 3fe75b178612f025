"""Turns a stream of assessments into the scopes they add up to: the catalogue, each source, each organisation.

Running sums only, so memory grows with the number of organisations and not with that of datasets. A catalogue is rated
by the mean of its datasets, as data.europa.eu does (https://data.europa.eu/mqa/methodology).
"""

import statistics
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from maillon.quality.values import Assessment, Scope, ScopeGain

CATALOGUE: Final = "catalogue"
SOURCE: Final = "source"
ORGANISATION: Final = "organisation"
KINDS: Final = (CATALOGUE, SOURCE, ORGANISATION)
EXAMPLES: Final = 5
"""Datasets that a gain of a scope names."""
_EMBEDDED: Final = "/.well-known/genid/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The findings of a dataset in numbers.

    Attributes:
        own: Number of those in the dataset and its distributions, by shape IRI and severity.
        shared: Those in what other datasets may have too, such as their publisher: (hash, shape IRI, severity). A scope
            counts each once, however many of its datasets share it.
    """

    own: Mapping[tuple[str, str], int] = field(default_factory=dict)
    shared: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class _Gain:
    """What one fix would gain in a scope; ``best`` holds (-points, IRI) of those with most to gain."""

    points: int = 0
    values: int = 0
    datasets: int = 0
    best: list[tuple[int, str]] = field(default_factory=list)

    def merge(self, other: "_Gain") -> None:
        self.points += other.points
        self.values += other.values
        self.datasets += other.datasets
        self.best = sorted(self.best + other.best)[:EXAMPLES]


@dataclass(slots=True)
class _Mean:
    """A running sum and of how many."""

    total: float = 0.0
    number: int = 0


class _Sums:
    """The sums over the datasets of one scope."""

    def __init__(self) -> None:
        self._datasets = 0
        self._points = 0
        # Filled by hand: Counter.update is written in Python and twice as slow, and this runs 300,000 times.
        self._dimensions: defaultdict[str, int] = defaultdict(int)
        self._metrics: defaultdict[str, int] = defaultdict(int)
        self._indicators: dict[str, _Mean] = {}
        self._shapes: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._shared: dict[str, tuple[str, str]] = {}
        self._gains: dict[str, _Gain] = {}

    def add(self, assessment: Assessment, counted: Counted) -> None:
        score = assessment.score
        self._datasets += 1
        self._points += score.points
        for name, points in score.dimensions.items():
            self._dimensions[name] += points
        for name, met in score.metrics.items():
            self._metrics[name] += met is True
        for name, value in assessment.indicators.items():
            mean = self._indicators.get(name)
            if mean is None:
                mean = self._indicators[name] = _Mean()
            if value is not None:
                mean.total += value
                mean.number += 1
        self._count(counted)
        self._gain(assessment)

    def _count(self, counted: Counted) -> None:
        for place, number in counted.own.items():
            self._shapes[place] += number
        for digest, shape, severity in counted.shared:
            self._shared[digest] = shape, severity

    def _gain(self, assessment: Assessment) -> None:
        for item in assessment.score.gains:
            gain = self._gains.get(item.fix)
            if gain is None:
                gain = self._gains[item.fix] = _Gain()
            gain.points += item.points
            gain.values += item.values
            gain.datasets += 1
            example = (-item.points, assessment.iri)
            if len(gain.best) < EXAMPLES or example < gain.best[-1]:
                insort(gain.best, example)
                del gain.best[EXAMPLES:]

    def merge(self, other: "_Sums") -> None:
        """Add what was added to another one."""
        self._datasets += other._datasets
        self._points += other._points
        for mine, theirs in (
            (self._dimensions, other._dimensions),
            (self._metrics, other._metrics),
        ):
            for name, number in theirs.items():
                mine[name] += number
        for name, mean in other._indicators.items():
            known = self._indicators.setdefault(name, _Mean())
            known.total += mean.total
            known.number += mean.number
        for place, number in other._shapes.items():
            self._shapes[place] += number
        self._shared.update(other._shared)
        for fix, gain in other._gains.items():
            self._gains.setdefault(fix, _Gain()).merge(gain)

    def scope(self, kind: str, key: str) -> Scope:
        severities: Counter[str] = Counter()
        found = Counter(self._shared.values())
        found.update(self._shapes)
        for (_, severity), number in found.items():
            severities[severity] += number
        shapes = sorted(
            ((shape, severity, number) for (shape, severity), number in found.items()),
            key=lambda item: (-item[2], item[0], item[1]),
        )
        return Scope(
            kind=kind,
            key=key,
            datasets=self._datasets,
            points=self._points / self._datasets,
            dimensions={name: total / self._datasets for name, total in sorted(self._dimensions.items())},
            metrics={name: total / self._datasets for name, total in sorted(self._metrics.items())},
            indicators={
                name: mean.total / mean.number if mean.number else None
                for name, mean in sorted(self._indicators.items())
            },
            severities=dict(sorted(severities.items())),
            shapes=tuple(shapes),
            gains=tuple(self._sorted_gains()),
        )

    def _sorted_gains(self) -> Iterator[ScopeGain]:
        def worth(item: tuple[str, _Gain]) -> tuple[float, int, str]:
            return -item[1].points / max(item[1].values, 1), -item[1].points, item[0]

        for fix, gain in sorted(self._gains.items(), key=worth):
            examples = tuple(iri for _, iri in gain.best)
            yield ScopeGain(fix=fix, points=gain.points, values=gain.values, datasets=gain.datasets, examples=examples)


def memberships(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """Yield kind and key of every scope that a dataset belongs to.

    A publisher without an IRI of its own is another node in each dataset, so it makes no scope.
    """
    yield CATALOGUE, ""
    if assessment.source:
        yield SOURCE, assessment.source
    for organisation in assessment.organisations:
        if _EMBEDDED not in organisation:
            yield ORGANISATION, organisation


class Totals:
    """Adds up assessments; the same ones in the same order give the same scopes to the last digit."""

    def __init__(self) -> None:
        # By the scopes that a dataset belongs to, so that it is added once and not to each of them.
        self._sums: dict[tuple[tuple[str, str], ...], _Sums] = {}

    def add(self, assessment: Assessment, counted: Counted) -> None:
        """Add one dataset to all its scopes."""
        places = tuple(memberships(assessment))
        sums = self._sums.get(places)
        if sums is None:
            sums = self._sums[places] = _Sums()
        sums.add(assessment, counted)

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes by kind and key."""
        merged: dict[tuple[str, str], _Sums] = {}
        for places, sums in sorted(self._sums.items()):
            for place in dict.fromkeys(places):
                merged.setdefault(place, _Sums()).merge(sums)
        for (kind, key), sums in sorted(merged.items()):
            yield sums.scope(kind, key)


def measures(scope: Scope) -> dict[str, float]:
    """Return the numbers of a scope that others are compared with, by name: ``points``, dimensions, indicators."""
    known = {name: value for name, value in scope.indicators.items() if value is not None}
    return {"points": scope.points, **scope.dimensions, **known}


def medians(scopes: Iterable[Scope]) -> dict[tuple[str, str], float]:
    """Return the median over the scopes of a kind, each counted once whatever its size, by kind and name of measure."""
    found: dict[tuple[str, str], list[float]] = {}
    for scope in scopes:
        for name, value in measures(scope).items():
            found.setdefault((scope.kind, name), []).append(value)
    return {place: statistics.median(values) for place, values in sorted(found.items())}
