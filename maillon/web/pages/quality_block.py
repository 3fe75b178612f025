"""The quality of one dataset, small, for its page: points, rating in words, and what would raise them most."""

from dataclasses import dataclass
from typing import Final

from maillon.quality import lists
from maillon.web import display, quality_data, quality_parts
from maillon.web.current import Published
from maillon.web.quality_parts import Bar, FixCard, Gauge

FIXES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class QualityBlock:
    """What ``templates/partials/quality.html`` shows.

    Attributes:
        gauge: Points of the dataset.
        fixes: What would raise them most for the least effort.
        dimensions: Its points by dimension.
        unchecked: Points that it may have and that could not be measured yet, in digits; empty where all could.
    """

    gauge: Gauge
    fixes: list[FixCard]
    dimensions: list[Bar]
    unchecked: str


def quality_block(iri: str, published: Published, language: str) -> QualityBlock | None:
    """Return the quality of a dataset; None where it was not measured, as in snapshots made before there was any."""
    assessment = quality_data.of(published).dataset(iri)
    if assessment is None:
        return None
    unknown = [item.points for item in lists.metrics() if assessment.score.metrics.get(item.name, False) is None]
    return QualityBlock(
        gauge=quality_parts.gauge(assessment.score.points, language),
        fixes=quality_parts.own_fixes(assessment.score.gains[:FIXES_SHOWN], language),
        dimensions=quality_parts.dimensions(assessment.score.dimensions, language),
        unchecked=display.number(sum(unknown), language) if unknown else "",
    )
