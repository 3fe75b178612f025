"""Turns the closure of a dataset into which metrics of data.europa.eu it meets, and into its points.

As the scoring of piveau metrics does it (https://gitlab.com/piveau/metrics): every distribution is scored in full, the
one with the most points wins (the earlier of equals), and its metrics stand for all; those of the dataset are added.
Dates count once: that of the dataset only where the winning distribution has no measurement of it, which is where
nothing is known of the distribution at all - one without the date has the measurement "no", and the dataset's date is
not looked at.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from maillon.links.states import LinkState
from maillon.quality import lists
from maillon.quality.lists import Listing, Metric
from maillon.quality.values import Closure, Facts
from maillon.records import Finding

Links = Mapping[str, LinkState]
Met = bool | None
"""Whether a metric is met; None where it could not be measured."""

_Test = Callable[[Facts, Links], Met]

REACHED: Final = range(200, 300)
"""HTTP status codes under which data.europa.eu counts an address as good."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on a closure.

    Attributes:
        closure: It.
        dataset: Whether each metric of ``tests().dataset`` is met.
        parts: Whether each metric of ``tests().part`` is met, for each distribution.
    """

    closure: Closure
    dataset: tuple[Met, ...]
    parts: tuple[tuple[Met, ...], ...]


@dataclass(frozen=True, slots=True)
class Tests:
    """The metrics with their tests, those of the dataset and those of a distribution; dates are among both."""

    dataset: tuple[tuple[Metric, _Test], ...]
    part: tuple[tuple[Metric, _Test], ...]


def _present(names: tuple[str, ...]) -> _Test:
    if len(names) == 1:  # nearly all; no generator, since a dataset is measured some twenty times for its gains
        name = names[0]
        return lambda facts, _: bool(facts.get(name))
    return lambda facts, _: any(facts.get(name) for name in names)


def _reachable(names: tuple[str, ...]) -> _Test:
    """Return the test whether the best of the addresses is good; None where none is but some were never checked."""

    def test(facts: Facts, links: Links) -> Met:
        addresses = [value.value for name in names for value in facts.get(name, ())]
        states = [links.get(url) for url in addresses]
        if any(state is not None and state.status in REACHED for state in states):
            return True
        return None if None in states else False

    return test


def _some(names: tuple[str, ...], listing: Listing) -> _Test:
    return lambda facts, _: any(listing.holds(value) for name in names for value in facts.get(name, ()))


def _each(names: tuple[str, ...], listings: tuple[Listing, ...]) -> _Test:
    pairs = tuple(zip(names, listings, strict=True))
    return lambda facts, _: all(any(map(listing.holds, facts.get(name, ()))) for name, listing in pairs)


def _test(metric: Metric) -> _Test:
    """Return the test of a metric. Raises ValueError for a test that the file should not name."""
    listings = tuple(map(lists.listing, metric.lists))
    match metric.test:
        case "present":
            return _present(metric.properties)
        case "reachable":
            return _reachable(metric.properties)
        case "some":
            return _some(metric.properties, listings[0])
        case "each":
            return _each(metric.properties, listings)
        case "compliant":
            return lambda _facts, _links: None  # of the findings, not of the facts: see measure
    raise ValueError(f"ontology/mqa.toml names the test {metric.test} of {metric.name}, which there is not.")


@cache
def tests() -> Tests:
    """Return the metrics with their tests."""
    chosen = [(metric, _test(metric)) for metric in lists.metrics()]
    return Tests(
        tuple(pair for pair in chosen if pair[0].on in ("dataset", "either")),
        tuple(pair for pair in chosen if pair[0].on in ("distribution", "either")),
    )


def violates(finding: Finding) -> bool:
    """Tell whether a finding costs the points for conformance; those of other profiles (HVD, GeoDCAT-AP) do not."""
    return finding.severity == "Violation" and not finding.shape.startswith(lists.other_profiles())


def is_compliant(closure: Closure) -> bool:
    """Tell whether nothing in a closure violates DCAT-AP."""
    return not any(map(violates, closure.findings))


def _of_dataset(closure: Closure) -> tuple[Met, ...]:
    return tuple(
        is_compliant(closure) if metric.test == "compliant" else test(closure.facts, closure.links)
        for metric, test in tests().dataset
    )


def measure(closure: Closure, before: Measured | None = None) -> Measured:
    """Measure a closure.

    Args:
        closure: The dataset.
        before: What was measured on a closure that differs little, so that what is the same object in both is not
            measured again; the addresses in it must be as good as before.
    """
    if before and closure.facts is before.closure.facts and closure.findings is before.closure.findings:
        dataset = before.dataset
    else:
        dataset = _of_dataset(closure)
    known = {id(part): met for part, met in zip(before.closure.parts, before.parts, strict=True)} if before else {}
    part_tests = [test for _, test in tests().part]
    parts = tuple(
        known.get(id(part)) or tuple(test(part.facts, closure.links) for test in part_tests) for part in closure.parts
    )
    return Measured(closure, dataset, parts)


@cache
def _weights() -> tuple[int, ...]:
    return tuple(metric.points for metric, _ in tests().part)


def best(measured: Measured) -> int | None:
    """Return the place of the best distribution, the earlier of equals; None where there is none."""
    weights = _weights()
    totals = [sum(weight for weight, met in zip(weights, part, strict=True) if met) for part in measured.parts]
    return totals.index(max(totals)) if totals else None


def metrics(measured: Measured) -> dict[str, Met]:
    """Return whether each metric is met, by name; those of distributions are those of the best one."""
    place = best(measured)
    found = {metric.name: met for (metric, _), met in zip(tests().dataset, measured.dataset, strict=True)}
    if place is None:
        return found | {metric.name: False for metric, _ in tests().part if metric.on == "distribution"}
    is_measured = bool(measured.closure.parts[place].facts)
    for (metric, _), met in zip(tests().part, measured.parts[place], strict=True):
        if metric.on == "distribution" or is_measured:
            found[metric.name] = met
    return found


def points(measured: Measured) -> int:
    """Return the points of a dataset, 0 to 405."""
    met = metrics(measured)
    return sum(metric.points for metric in lists.metrics() if met[metric.name])
