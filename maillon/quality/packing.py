"""Turns assessments, scopes and moments into compressed JSON for the columns of a file, and back.

JSON (RFC 8259) writes every finite double so that it is read back the same, so nothing is rounded here.
"""

import json
from collections.abc import Mapping
from typing import Any

from maillon.quality.values import Assessment, Gain, Moment, Scope, ScopeGain, Score
from maillon.store.documents import pack, unpack


def _packed(values: Any) -> bytes:
    return pack(json.dumps(values, ensure_ascii=False, separators=(",", ":")))


def packed(assessment: Assessment) -> bytes:
    """Compress an assessment: some 0.5 kB."""
    score = assessment.score
    gains = [[item.fix, item.points, item.values, item.where] for item in score.gains]
    return _packed(
        [
            [assessment.iri, assessment.key, assessment.source, assessment.organisations],
            [score.points, dict(score.dimensions), dict(score.metrics), score.best, gains],
            dict(assessment.indicators),
            dict(assessment.severities),
        ]
    )


def unpacked(blob: bytes) -> Assessment:
    """Return the assessment that ``packed`` compressed. Raises ValueError where the octets are something else."""
    (iri, key, source, organisations), (points, dimensions, metrics, best, gains), indicators, severities = json.loads(
        unpack(blob)
    )
    return Assessment(
        iri=iri,
        key=key,
        source=source,
        organisations=tuple(organisations),
        score=Score(
            points=points,
            dimensions=dimensions,
            metrics=metrics,
            best=best,
            gains=tuple(Gain(fix=fix, points=p, values=v, where=tuple(where)) for fix, p, v, where in gains),
        ),
        indicators=indicators,
        severities=severities,
    )


def packed_scope(scope: Scope) -> bytes:
    """Compress a scope."""
    gains = [[item.fix, item.points, item.values, item.datasets, item.examples] for item in scope.gains]
    means = [scope.points, dict(scope.dimensions), dict(scope.metrics), dict(scope.indicators)]
    return _packed([scope.kind, scope.key, scope.datasets, means, dict(scope.severities), scope.shapes, gains])


def unpacked_scope(blob: bytes) -> Scope:
    """Return the scope that ``packed_scope`` compressed. Raises ValueError where the octets are something else."""
    kind, key, datasets, (points, dimensions, metrics, indicators), severities, shapes, gains = json.loads(unpack(blob))
    return Scope(
        kind=kind,
        key=key,
        datasets=datasets,
        points=points,
        dimensions=dimensions,
        metrics=metrics,
        indicators=indicators,
        severities=severities,
        shapes=tuple((shape, severity, number) for shape, severity, number in shapes),
        gains=tuple(
            ScopeGain(fix=fix, points=p, values=v, datasets=d, examples=tuple(examples))
            for fix, p, v, d, examples in gains
        ),
    )


def packed_moments(moments: tuple[Moment, ...]) -> bytes:
    """Compress the moments of one scope."""
    return _packed([moment_values(item) for item in moments])


def unpacked_moments(blob: bytes) -> tuple[Moment, ...]:
    """Return the moments that ``packed_moments`` compressed. Raises ValueError where the octets are something else."""
    return tuple(moment(*values) for values in json.loads(unpack(blob)))


def moment_values(item: Moment) -> list[Any]:
    """Return the values of a moment in the order in which ``moment`` takes them."""
    return [item.snapshot, item.made, item.datasets, item.points, dict(item.severities), dict(item.indicators)]


def moment(
    snapshot: int,
    made: str,
    datasets: int,
    points: float,
    severities: Mapping[str, int],
    indicators: Mapping[str, float | None],
) -> Moment:
    """Make a moment of its values."""
    return Moment(
        snapshot=snapshot, made=made, datasets=datasets, points=points, severities=severities, indicators=indicators
    )
