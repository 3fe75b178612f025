"""Turns the closure of a dataset into its European score, and points into a rating.

The Metadata Quality Assessment of data.europa.eu: 23 metrics, 405 points, four ratings
(https://data.europa.eu/mqa/methodology). What it counts is data (``lists``), how it counts is in ``measuring``.

Where ours can differ from theirs:

- ``dcatApCompliance`` is met where no finding is a violation, by our shapes and of what we publish, repairs done. They
  validate what they harvested and ask for ``sh:conforms``, which a warning of their shapes spoils too.
- An address is as good as when our link checker last asked; one never checked gives no points and counts as not
  measured.
- A format is compared as it stands in what we publish; they bring some spellings into the lists beforehand.
"""

from math import floor

from maillon.quality import lists, measuring
from maillon.quality.gains import gains
from maillon.quality.values import Closure, Score


def score(closure: Closure) -> Score:
    """Score a dataset, and tell what would raise its points."""
    measured = measuring.measure(closure)
    met = measuring.metrics(measured)
    dimensions = dict.fromkeys((item.name for item in lists.dimensions()), 0)
    for metric in lists.metrics():
        dimensions[metric.dimension] += metric.points if met[metric.name] else 0
    place = measuring.best(measured)
    return Score(
        points=sum(dimensions.values()),
        dimensions=dimensions,
        metrics={metric.name: met[metric.name] for metric in lists.metrics()},
        best="" if place is None else closure.parts[place].iri,
        gains=gains(measured),
    )


def rating(points: float) -> str:
    """Return the rating of points: Excellent, Good, Sufficient or Bad.

    Args:
        points: Of a dataset, or the mean of a catalogue's datasets, by which data.europa.eu rates it; a mean is rounded
            half up to whole points, since the borders are whole.
    """
    whole = floor(points + 0.5)
    return next((item.name for item in lists.ratings() if whole >= item.least), lists.ratings()[-1].name)
