"""Whether scores equal what was worked out by hand, and the lists what data.europa.eu publishes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from maillon.quality import lists, measuring, mqa
from maillon.quality.values import Closure

from .scored import CASES, DATES, FILE, OF_PARTS, PAGE, SET, Case, states

SHARED = Path(__file__).resolve().parents[4] / "shared" / "standards"
NAMES = {metric.name for metric in lists.metrics()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_points_metrics_and_best_distribution_are_those_worked_out_by_hand(case: Case) -> None:
    score = mqa.score(case.closure())
    assert {name for name, met in score.metrics.items() if met is False} == set(case.unmet.split())
    assert {name for name, met in score.metrics.items() if met is None} == set(case.unknown.split())
    assert score.points == case.points
    assert score.best == (f"{SET}#{case.best}" if case.best else "")


@pytest.mark.parametrize("case", [case for case in CASES if case.gains is not None], ids=lambda case: case.name)
def test_gains_are_those_worked_out_by_hand(case: Case) -> None:
    assert {gain.fix: gain.points for gain in mqa.score(case.closure()).gains} == case.gains


def test_every_metric_is_on_and_off_among_the_cases() -> None:
    assert {name for case in CASES for name in case.unmet.split()} == NAMES
    assert CASES[0].points == 405
    assert len(CASES) >= 25


def test_points_are_the_sum_of_the_dimensions_and_those_of_what_they_hold() -> None:
    for case in CASES:
        score = mqa.score(case.closure())
        assert sum(score.dimensions.values()) == score.points
        for item in lists.dimensions():
            held = [metric.points for metric in lists.metrics() if metric.dimension == item.name]
            assert sum(held) == item.maximum
            assert score.dimensions[item.name] <= item.maximum


def test_dimensions_of_the_bare_minimum_are_those_of_the_methodology() -> None:
    found = next(case for case in CASES if case.name == "no distribution")
    assert dict(mqa.score(found.closure()).dimensions) == {
        "findability": 100, "accessibility": 0, "interoperability": 30, "reusability": 45, "contextuality": 10,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (0, "Bad"), (120, "Bad"), (120.4, "Bad"), (120.5, "Sufficient"), (121, "Sufficient"), (220, "Sufficient"),
        (221, "Good"), (350, "Good"), (350.5, "Excellent"), (351, "Excellent"), (405, "Excellent"),
    ],
)  # fmt: skip
def test_ratings_change_at_the_borders_of_the_methodology(points: float, expected: str) -> None:
    assert mqa.rating(points) == expected


@pytest.mark.parametrize("verdict", ["page", "login"])
def test_an_address_that_answers_with_a_page_counts_as_it_does_on_data_europa_eu(verdict: str) -> None:
    found = replace(CASES[0].closure(), links=states({PAGE: 200, FILE: 200}, verdict))
    assert mqa.score(found).points == 405


def test_a_closure_without_anything_has_the_points_for_having_no_violation() -> None:
    score = mqa.score(Closure(iri=SET))
    assert score.points == 30
    assert {name for name, met in score.metrics.items() if met is False} == NAMES - {"dcatApCompliance"}
    assert set((OF_PARTS + DATES).split()) <= NAMES


def test_a_test_that_the_file_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(lists.metrics()[0], test="guess")
    monkeypatch.setattr(lists, "metrics", lambda: (wrong,))
    measuring.tests.cache_clear()
    with pytest.raises(ValueError, match="names the test guess of keywordAvailability"):
        measuring.tests()
    measuring.tests.cache_clear()


def test_every_text_is_there_in_four_languages() -> None:
    texts = [text for metric in lists.metrics() for text in (metric.label, metric.definition)]
    texts += [text for item in lists.dimensions() for text in (item.label, item.definition)]
    texts += [item.label for item in lists.ratings()] + [text for pair in lists.terms().values() for text in pair]
    for text in texts:
        assert set(text) == {"fr", "nl", "de", "en"}
        assert all(value.strip() == value and value for value in text.values())


@pytest.mark.corpus
@pytest.mark.skipif(not SHARED.exists(), reason="the standards are not beside the checkout")
def test_metrics_points_and_file_types_are_those_of_data_europa_eu() -> None:
    official = json.loads((SHARED / "derived" / "mqa.json").read_text())
    assert [(item["metric"], item["dimension"], item["points"]) for item in official["metrics"]] == [
        (metric.name, metric.dimension, metric.points) for metric in lists.metrics()
    ]
    assert {item["name"]: item["min"] for item in official["ratings"]} == {
        item.name: item.least for item in lists.ratings()
    }
    for name in ("machine_readable", "non_proprietary"):
        codes = {iri.rpartition("/")[2] for iri in lists.listing(name.replace("_", "-")).iris}
        assert codes == set(official[f"{name}_file_types"])


@pytest.mark.corpus
@pytest.mark.skipif(not SHARED.exists(), reason="the standards are not beside the checkout")
def test_names_of_metrics_are_those_of_the_vocabulary_of_data_europa_eu() -> None:
    path = SHARED / "mqa" / "edp-vocabularies" / "edp-dqv-vocabulary.ttl"
    named = {quad.subject.value for quad in parse(path.read_bytes(), RdfFormat.TURTLE)}
    assert {lists.PV + name for name in NAMES | {item.name for item in lists.dimensions()}} <= named
