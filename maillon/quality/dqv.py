"""Turns assessments and scopes into N-Quads lines of the graph of quality, after W3C DQV (``dqv:``).

The metrics of data.europa.eu have the IRIs of its own vocabulary, ``pv:`` (https://piveau.eu/ns/voc#): total
``pv:scoring``, points of a dimension ``pv:findabilityScoring``. Ours are ``urn:maillon:indicator:<name>``. The IRI of a
measurement is a skolem IRI made of what it is computed on. Of a dataset only what tells something is said, in three
triples a measurement: the points, the metrics that are *not* met, the indicators that apply; what has no measurement
is met, or could not be measured. Scopes are spelled out.
https://www.w3.org/TR/vocab-dqv/
"""

from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from pyoxigraph import Literal

from maillon import identifiers
from maillon.quality import lists
from maillon.quality.lists import PV, Texts
from maillon.quality.values import Assessment, Scope
from maillon.vocabulary import PREFIXES, TYPE, term

DQV: Final = "http://www.w3.org/ns/dqv#"
"""Namespace of the Data Quality Vocabulary."""

INDICATOR: Final = "urn:maillon:indicator:"
"""Before the name of an indicator of ours it makes its IRI."""

QUALITY: Final = "urn:maillon:quality:"
"""Before a name of ``lists.terms`` it makes the IRI of that category, dimension or count."""

_GRAPH: Final = "graph/quality"
_MEASURE: Final = f"<{DQV}isMeasurementOf>"
_ON: Final = f"<{DQV}computedOn>"
_VALUE: Final = f"<{DQV}value>"
_XSD: Final = PREFIXES["xsd"]
_COUNTS: Final = ("datasets", "Violation", "Warning", "Info")


class Described(Protocol):
    """What is said of an indicator, each text by language: ``maillon.quality.indicators.Definition``."""

    @property
    def title(self) -> Texts:
        """A few words."""

    @property
    def what(self) -> Texts:
        """What it says."""


def _base(graph: str) -> str:
    """Return the base IRI of a graph. Raises ValueError for a graph that is not that of quality."""
    if not graph.endswith(_GRAPH):
        raise ValueError(f"{graph} is not the graph of quality, which is called <base>{_GRAPH}.")
    return graph.removesuffix(_GRAPH)


def whole(value: int) -> str:
    """Return a whole number as it stands in a line."""
    return f'"{value}"^^<{_XSD}integer>'


def decimal(value: float) -> str:
    """Return a number with at most 4 decimals in the canonical form, which a store leaves as it is."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return f'"{"0" if text == "-0" else text}"^^<{_XSD}decimal>'


_FALSE: Final = f'"false"^^<{_XSD}boolean>'


def _of_dataset(assessment: Assessment) -> Iterator[tuple[str, str]]:
    """Yield the IRI of each metric that is said of a dataset, and its value."""
    score = assessment.score
    yield f"{PV}scoring", whole(score.points)
    for name, points in score.dimensions.items():
        yield f"{PV}{name}Scoring", whole(points)
    for name, met in score.metrics.items():
        if met is False:
            yield f"{PV}{name}", _FALSE
    for name, value in assessment.indicators.items():
        if value is not None:
            yield f"{INDICATOR}{name}", decimal(value)


def _label(metric: str) -> str:
    """Return what tells the measurements of one thing apart: the name of the metric, with ``i-`` before one of ours."""
    if metric.startswith(PV):
        return metric.removeprefix(PV)
    return f"i-{metric.removeprefix(INDICATOR)}" if metric.startswith(INDICATOR) else metric.rpartition(":")[2]


def _lines(target: str, found: Iterator[tuple[str, str]], graph: str) -> Iterator[str]:
    stem = identifiers.skolem(_base(graph), target, "q-")
    for metric, value in found:
        measurement = f"<{stem}{_label(metric)}>"
        yield f"{measurement} {_ON} <{target}> <{graph}> .\n"
        yield f"{measurement} {_MEASURE} <{metric}> <{graph}> .\n"
        yield f"{measurement} {_VALUE} {value} <{graph}> .\n"


def quads(assessment: Assessment, graph: str) -> list[str]:
    """Return what the graph says of one dataset, each line with its line feed.

    Args:
        assessment: Of the dataset.
        graph: IRI of the graph, ``<base>graph/quality``.

    Raises:
        ValueError: The graph is another one.
    """
    return list(_lines(assessment.iri, _of_dataset(assessment), graph))


def _of_scope(scope: Scope) -> Iterator[tuple[str, str]]:
    yield f"{PV}scoring", decimal(scope.points)
    for name, points in scope.dimensions.items():
        yield f"{PV}{name}Scoring", decimal(points)
    for name, share in scope.metrics.items():
        yield f"{PV}{name}", decimal(share)
    for name, value in scope.indicators.items():
        if value is not None:
            yield f"{INDICATOR}{name}", decimal(value)
    yield f"{QUALITY}datasets", whole(scope.datasets)
    for severity in _COUNTS[1:]:
        yield f"{QUALITY}{severity}", whole(scope.severities.get(severity, 0))


def target(scope: Scope, base: str) -> str:
    """Return the IRI of what a scope is about: the catalogue of the site or of a source, or the organisation."""
    return scope.key if scope.kind == "organisation" else f"{base}id/catalog/{scope.key or 'all'}"


def scope_quads(scope: Scope, graph: str) -> list[str]:
    """Return what the graph says of a catalogue, a source or an organisation, each line with its line feed.

    Points are means, and the value of a metric is the share of the datasets that meet it.

    Args:
        scope: The sum over its datasets.
        graph: IRI of the graph, ``<base>graph/quality``.

    Raises:
        ValueError: The graph is another one.
    """
    about = target(scope, _base(graph))
    found = list(_lines(about, _of_scope(scope), graph))
    measurements = [line.partition(" ")[0] for line in found[::3]]
    found += [f"{node} {TYPE} <{DQV}QualityMeasurement> <{graph}> .\n" for node in measurements]
    found += [f"<{about}> <{DQV}hasQualityMeasurement> {node} <{graph}> .\n" for node in measurements]
    return found


def _said(iri: str, kind: str, label: Texts, definition: Texts, **more: str) -> Iterator[str]:
    """Yield triples about a metric, dimension or category: type, texts, and properties of DQV with an IRI as value."""
    yield f"<{iri}> {TYPE} <{DQV}{kind}>"
    for predicate, texts in ((term("skos:prefLabel"), label), (term("skos:definition"), definition)):
        for language, text in texts.items():
            yield f"<{iri}> {predicate} {Literal(text, language=language)}"
    for name, value in more.items():
        yield f"<{iri}> <{DQV}{name}> <{value}>"


def _european() -> Iterator[str]:
    terms = lists.terms()
    yield from _said(f"{QUALITY}european", "Category", *terms["european"])
    yield from _said(f"{PV}scoring", "Metric", *terms["scoring"], expectedDataType=f"{_XSD}integer")
    for item in lists.dimensions():
        iri = f"{PV}{item.name}"
        yield from _said(iri, "Dimension", item.label, item.definition, inCategory=f"{QUALITY}european")
        total = {"inDimension": iri, "expectedDataType": f"{_XSD}integer"}
        yield from _said(f"{iri}Scoring", "Metric", item.label, item.definition, **total)
    for metric in lists.metrics():
        more = {"inDimension": f"{PV}{metric.dimension}", "expectedDataType": f"{_XSD}boolean"}
        yield from _said(f"{PV}{metric.name}", "Metric", metric.label, metric.definition, **more)
        yield f"<{PV}{metric.name}> <{PV}trueScore> {whole(metric.points)}"


def _own(indicators: Mapping[str, Described]) -> Iterator[str]:
    terms = lists.terms()
    dimension = f"{QUALITY}indicators"
    yield from _said(f"{QUALITY}own", "Category", *terms["own"])
    yield from _said(dimension, "Dimension", *terms["own"], inCategory=f"{QUALITY}own")
    for name, item in indicators.items():
        more = {"inDimension": dimension, "expectedDataType": f"{_XSD}decimal"}
        yield from _said(f"{INDICATOR}{name}", "Metric", item.title, item.what, **more)
    for name in _COUNTS:
        label, definition = terms[name]
        more = {"inDimension": dimension, "expectedDataType": f"{_XSD}integer"}
        yield from _said(f"{QUALITY}{name}", "Metric", label, definition, **more)


def definitions(graph: str, indicators: Mapping[str, Described]) -> list[str]:
    """Return what the graph says of metrics, dimensions and categories, in four languages, a line each.

    Args:
        graph: IRI of the graph, ``<base>graph/quality``.
        indicators: Our own, by name.

    Raises:
        ValueError: The graph is another one.
    """
    _base(graph)
    return [f"{triple} <{graph}> .\n" for triple in (*_european(), *_own(indicators))]
