"""Compares what two engines find in the same versions, and says what to show where they differ: the stricter result.

Compared is what W3C SHACL's own test suite compares (https://www.w3.org/TR/shacl/#validation-report), value aside:
focus node, path, severity, constraint component and source shape. pySHACL rewrites the lexical form of values.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from maillon import validation
from maillon.records import Finding, Version
from maillon.validation.engine import Engine, Result

Row = tuple[str, str, str, str, str]
"""Focus, path, severity, component and shape; focus as an IRI, ``_:`` for a blank node."""


def row(item: Finding | Result) -> Row:
    """Return what is compared of a finding or a result."""
    focus = "_:" if item.focus.startswith("_:") else item.focus.strip("<>")
    return focus, item.path, item.severity, item.component, item.shape


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One row that two engines do not find equally often in a version.

    Attributes:
        iri: The entity.
        row: What they differ about.
        first: How often the first engine finds it.
        second: How often the second does.
    """

    iri: str
    row: Row
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """What comparing two engines gave.

    Attributes:
        engines: Names of the first and the second.
        versions: How many versions were compared.
        findings: How many findings the first has in them.
        disagreements: By entity and row, in order; empty where they agree.
        stricter: What to show, by hash, of the versions they differ about.
    """

    engines: tuple[str, str]
    versions: int
    findings: int
    disagreements: tuple[Disagreement, ...]
    stricter: Mapping[str, list[Finding]]


def stricter(first: Iterable[Finding], second: Iterable[Finding]) -> list[Finding]:
    """Return all that at least one engine finds; what both find is taken from the first, for its values are exact."""
    found, missing = list(first), Counter(row(item) for item in second)
    missing -= Counter(row(item) for item in found)
    for item in second:
        if missing[row(item)] > 0:
            missing[row(item)] -= 1
            found.append(item)
    return sorted(found, key=lambda item: (row(item), item.value))


def differing(first: Iterable[Finding | Result], second: Iterable[Finding | Result]) -> dict[Row, tuple[int, int]]:
    """Return how often each finds the rows that they do not find equally often."""
    one, other = Counter(row(item) for item in first), Counter(row(item) for item in second)
    return {key: (one[key], other[key]) for key in sorted(one.keys() | other.keys()) if one[key] != other[key]}


def compare(versions: Sequence[Version], first: Engine, second: Engine) -> Agreement:
    """Validate versions with two engines.

    Args:
        versions: In any number; the slower engine decides how long it takes (pySHACL: about 10 ms a version).
        first: The engine in use.
        second: Its reference.
    """
    one, other = (validation.validate(versions, with_engine) for with_engine in (first, second))
    unique = {version.hash: version for version in versions}
    disagreements, shown = [], {}
    for key, version in sorted(unique.items(), key=lambda item: item[1].iri):
        differences = differing(one[key], other[key])
        disagreements += [Disagreement(version.iri, what, *counts) for what, counts in differences.items()]
        if differences:
            shown[key] = stricter(one[key], other[key])
    total = sum(len(found) for found in one.values())
    return Agreement((first.name, second.name), len(unique), total, tuple(disagreements), shown)


def sample(iris: Iterable[str], size: int, seed: int) -> list[str]:
    """Return IRIs drawn at random, in order, without keeping all of them; the same for the same seed and input."""
    chance = random.Random(seed)  # noqa: S311 (a sample, not a secret)
    drawn: list[str] = []
    for number, iri in enumerate(iris):
        if number < size:
            drawn.append(iri)
        elif (place := chance.randrange(number + 1)) < size:
            drawn[place] = iri
    return sorted(drawn)
