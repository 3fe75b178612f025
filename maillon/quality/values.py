"""The values that the modules of quality hand to each other, and that publishing and pages read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode

from maillon.links.states import LinkState
from maillon.records import Finding

Facts = Mapping[str, Sequence[Literal | NamedNode | BlankNode]]
"""Values of one subject by prefixed name of the property (``dct:title``), in the canonical order of its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A distribution as its dataset's score sees it: its IRI and facts, empty where it is not described."""

    iri: str
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """All that the score of a dataset depends on.

    Attributes:
        iri: The dataset.
        key: Its key in our addresses.
        source: Name of the source.
        organisations: IRIs of its publishers, sorted.
        facts: Of the dataset itself.
        parts: Its distributions, in the order of their IRIs.
        findings: Of the dataset, its distributions, publishers and contact points.
        links: What is known of the addresses in it, by address; those never checked are left out.
        repairs: Number of repairs that were applied to the dataset and its distributions.
        twins: Number of other records of the same dataset (copies in other sources).
        modified: When its content last changed, ISO 8601 UTC.
        today: Day on which it is judged, ISO 8601.
    """

    iri: str
    key: str = ""
    source: str = ""
    organisations: tuple[str, ...] = ()
    facts: Facts = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    findings: tuple[Finding, ...] = ()
    links: Mapping[str, LinkState] = field(default_factory=dict)
    repairs: int = 0
    twins: int = 0
    modified: str = ""
    today: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What one fix would add to the points of a dataset.

    Attributes:
        fix: Name of the fix, one of ``maillon.quality.gains.FIXES``.
        points: What the dataset's score rises by when it is done everywhere in it.
        values: How many values have to be written or corrected for it: 1, or one a distribution.
        where: IRIs of the resources concerned, the dataset or its distributions.
    """

    fix: str
    points: int
    values: int
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The points of a dataset as data.europa.eu counts them.

    Attributes:
        points: 0 to 405.
        dimensions: Points by dimension: findability, accessibility, interoperability, reusability, contextuality.
        metrics: Whether each of the 23 metrics is met, by its name in ``pv:``; those of distributions speak of the best
            one; None where it could not be measured (an address that was never checked: no points).
        best: IRI of the best distribution, empty where there is none.
        gains: What would raise it, the most points for the fewest values first.
    """

    points: int
    dimensions: Mapping[str, int]
    metrics: Mapping[str, bool | None]
    best: str = ""
    gains: tuple[Gain, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How good the description of one dataset is.

    Attributes:
        iri: The dataset.
        key: Its key in our addresses.
        source: Name of the source.
        organisations: IRIs of its publishers.
        score: On the European scale.
        indicators: Our own, 0.0 (bad) to 1.0 (good) by name; None where one does not apply or is not known.
        severities: Number of findings by severity.
    """

    iri: str
    key: str
    source: str
    organisations: tuple[str, ...]
    score: Score
    indicators: Mapping[str, float | None]
    severities: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeGain:
    """What one fix would gain in all datasets of a scope.

    Attributes:
        fix: Name of the fix.
        points: Sum over the datasets.
        values: Values to write or correct, in all.
        datasets: Number of datasets concerned.
        examples: IRIs of some of them, those with most to gain first; at most 5.
    """

    fix: str
    points: int
    values: int
    datasets: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The sum over the datasets of the catalogue, of one source or of one organisation.

    Attributes:
        kind: ``catalogue``, ``source`` or ``organisation``.
        key: Name of the source, IRI of the organisation, empty for the catalogue.
        datasets: Their number; a scope without datasets is not kept.
        points: Mean of their points, as data.europa.eu rates a catalogue.
        dimensions: Mean points by dimension.
        metrics: Share of datasets that meet each metric, 0.0 to 1.0.
        indicators: Mean of each indicator over the datasets to which it applies; None where there is none.
        severities: Findings by severity.
        shapes: Triples of shape IRI, severity and number of findings, most first.
        gains: Most points for the fewest values first.
    """

    kind: str
    key: str
    datasets: int
    points: float
    dimensions: Mapping[str, float]
    metrics: Mapping[str, float]
    indicators: Mapping[str, float | None]
    severities: Mapping[str, int]
    shapes: tuple[tuple[str, str, int], ...]
    gains: tuple[ScopeGain, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a scope was like in one snapshot.

    Attributes:
        snapshot: Its number.
        made: When, ISO 8601 UTC.
        datasets: Number of datasets.
        points: Mean of their points.
        severities: Findings by severity.
        indicators: Mean of each indicator.
    """

    snapshot: int
    made: str
    datasets: int
    points: float
    severities: Mapping[str, int]
    indicators: Mapping[str, float | None]
