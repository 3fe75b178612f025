"""What the graph of quality says, as a store reads it."""

from dataclasses import dataclass

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from maillon.quality import dqv, lists, mqa
from maillon.quality.values import Assessment, Closure, Scope, Score

from .scored import CASES, SET, Case

BASE = "https://data.example.org/"
GRAPH = f"{BASE}graph/quality"
DQV, PV = "http://www.w3.org/ns/dqv#", "https://piveau.eu/ns/voc#"
TEXTS = {"fr": "Fraîcheur", "nl": "Versheid", "de": "Frische", "en": "Freshness"}


@dataclass(frozen=True)
class Definition:
    title: dict[str, str]
    what: dict[str, str]


def _assessment(score: Score, iri: str = SET, **indicators: float | None) -> Assessment:
    return Assessment(
        iri=iri, key="x-1", source="ville", organisations=(), score=score, indicators=indicators, severities={}
    )


def _scope(kind: str = "catalogue", key: str = "") -> Scope:
    return Scope(
        kind=kind,
        key=key,
        datasets=3,
        points=233.3333333,
        dimensions={"findability": 50.0, "contextuality": 2.5},
        metrics={"keywordAvailability": 2 / 3},
        indicators={"freshness": 0.25, "links": None},
        severities={"Violation": 4},
        shapes=(),
        gains=(),
    )


def _quads(lines: list[str]) -> list[Quad]:
    assert all(line.endswith(" .\n") and line.count("\n") == 1 for line in lines)
    return list(parse("".join(lines).encode(), RdfFormat.N_QUADS))


def _values(quads: list[Quad], on: str = SET) -> dict[str, Literal]:
    """Return the value of each metric on a resource, by IRI of the metric."""
    by_node: dict[str, dict[str, object]] = {}
    for quad in quads:
        by_node.setdefault(str(quad.subject), {})[quad.predicate.value] = quad.object
    found = {}
    for said in by_node.values():
        if said.get(f"{DQV}computedOn") == NamedNode(on):
            metric, value = said[f"{DQV}isMeasurementOf"], said[f"{DQV}value"]
            assert isinstance(metric, NamedNode)
            assert isinstance(value, Literal)
            assert metric.value not in found
            found[metric.value] = value
    return found


def _number(value: int) -> Literal:
    return Literal(str(value), datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))


def _decimal(value: str) -> Literal:
    return Literal(value, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_dataset_has_its_points_and_the_metrics_it_does_not_meet(case: Case) -> None:
    quads = _quads(dqv.quads(_assessment(mqa.score(case.closure())), GRAPH))
    values = _values(quads)
    assert values[f"{PV}scoring"] == _number(case.points)
    assert sum(int(values[f"{PV}{item.name}Scoring"].value) for item in lists.dimensions()) == case.points
    false = {iri.removeprefix(PV) for iri, value in values.items() if value == Literal(False)}
    assert false == set(case.unmet.split())
    assert len(quads) == 3 * len(values) == 3 * (6 + len(false))
    assert {quad.graph_name for quad in quads} == {NamedNode(GRAPH)}


def test_indicators_that_apply_are_said_with_at_most_four_decimals() -> None:
    assessment = _assessment(
        mqa.score(Closure(iri=SET)), freshness=0.5, links=None, repaired=1.0, languages=0.0, stable=2 / 3, tiny=-0.00001
    )
    values = _values(_quads(dqv.quads(assessment, GRAPH)))
    assert {iri.removeprefix(dqv.INDICATOR): value for iri, value in values.items() if iri.startswith("urn:")} == {
        "freshness": _decimal("0.5"), "repaired": _decimal("1"), "languages": _decimal("0"),
        "stable": _decimal("0.6667"), "tiny": _decimal("0"),
    }  # fmt: skip


def test_measurements_of_two_datasets_never_share_a_node_and_are_the_same_each_time() -> None:
    score = mqa.score(Closure(iri=SET))
    one, other = (dqv.quads(_assessment(score, iri), GRAPH) for iri in (SET, f"{SET}-2"))
    nodes = [{line.partition(" ")[0] for line in lines} for lines in (one, other)]
    assert not nodes[0] & nodes[1]
    assert dqv.quads(_assessment(score), GRAPH) == one
    assert all(node.startswith(f"<{BASE}.well-known/genid/") for node in nodes[0])


def test_a_store_keeps_every_line_as_it_is() -> None:
    lines = dqv.quads(_assessment(mqa.score(Closure(iri=SET)), freshness=0.123456, links=0.1), GRAPH)
    lines += dqv.scope_quads(_scope(), GRAPH) + dqv.definitions(GRAPH, {"freshness": Definition(TEXTS, TEXTS)})
    store = Store()
    store.extend(_quads(lines))
    assert {f"{quad} .\n" for quad in store} == set(lines)
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(
    ("kind", "key", "about"),
    [
        ("catalogue", "", f"{BASE}id/catalog/all"),
        ("source", "ville", f"{BASE}id/catalog/ville"),
        ("organisation", "https://org.example.org/1", "https://org.example.org/1"),
    ],
)
def test_a_scope_is_spelled_out_on_its_catalogue_or_organisation(kind: str, key: str, about: str) -> None:
    quads = _quads(dqv.scope_quads(_scope(kind, key), GRAPH))
    values = {iri.removeprefix(PV): value for iri, value in _values(quads, about).items()}
    assert values == {
        "scoring": _decimal("233.3333"), "findabilityScoring": _decimal("50"), "contextualityScoring": _decimal("2.5"),
        "keywordAvailability": _decimal("0.6667"), f"{dqv.INDICATOR}freshness": _decimal("0.25"),
        f"{dqv.QUALITY}datasets": _number(3), f"{dqv.QUALITY}Violation": _number(4),
        f"{dqv.QUALITY}Warning": _number(0), f"{dqv.QUALITY}Info": _number(0),
    }  # fmt: skip
    measured = [quad.object for quad in quads if quad.predicate.value == f"{DQV}hasQualityMeasurement"]
    assert len(measured) == len(values)
    assert {quad.subject for quad in quads if quad.object == NamedNode(f"{DQV}QualityMeasurement")} == set(measured)


def test_all_that_is_measured_is_defined_in_four_languages() -> None:
    names = ("freshness", "links")
    defined = _quads(dqv.definitions(GRAPH, {name: Definition(TEXTS, TEXTS) for name in names}))
    tags: dict[str, set[str | None]] = {}
    for quad in defined:
        if quad.predicate.value.endswith("#prefLabel") and isinstance(quad.object, Literal):
            tags.setdefault(str(quad.subject), set()).add(quad.object.language)
    score = mqa.score(Closure(iri=SET))
    used = _values(_quads(dqv.quads(_assessment(score, freshness=1.0, links=0.5), GRAPH)))
    used |= _values(_quads(dqv.scope_quads(_scope(), GRAPH)), f"{BASE}id/catalog/all")
    for iri in used:
        assert tags[f"<{iri}>"] == {"fr", "nl", "de", "en"}
    targets = {quad.object for quad in defined if quad.predicate.value in (f"{DQV}inDimension", f"{DQV}inCategory")}
    assert {str(target) for target in targets} <= tags.keys()
    points = [quad for quad in defined if quad.predicate.value == f"{PV}trueScore"]
    assert sum(int(quad.object.value) for quad in points if isinstance(quad.object, Literal)) == 405


def test_another_graph_is_refused() -> None:
    with pytest.raises(ValueError, match="not the graph of quality"):
        dqv.quads(_assessment(mqa.score(Closure(iri=SET))), f"{BASE}graph/findings")
    with pytest.raises(ValueError, match="not the graph of quality"):
        dqv.scope_quads(_scope(), f"{BASE}graph/findings")
    with pytest.raises(ValueError, match="not the graph of quality"):
        dqv.definitions(f"{BASE}graph/findings", {})
