"""Turns what the SHACL suite gave into ``docs/conformance-shacl.md``: numbers, and why a test is not passed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "conformance-shacl.md"

INTRODUCTION: Final = """# Conformance with the W3C's SHACL test suite

Written by `tests/w3c_shacl/test_conformance.py`, which plays the W3C's data-shapes-test-suite through the two engines
of `maillon/validation/`: the one in use (`engine.py`) and the reference, which stands in where the first cannot be
installed (`pyshacl_engine.py`). Data and shapes are written anew as N-Triples, without loss, because that is what an
engine of ours reads. A test is passed where the results are the same multiset of focus node, path, value, severity,
constraint component and source shape (blank nodes up to their names), or where the engine refuses what must be refused.
The test fails where this page is not what came out.

| engine | SHACL Core | SHACL-SPARQL |
|---|--:|--:|"""

AFTER: Final = """
The suite lists 98 tests of SHACL Core and 22 of SHACL-SPARQL, all approved; 7 of them demand that validation be
refused. Our own shapes are SHACL Core only.

## Not passed

| engine | test | why |
|---|---|---|"""

REASONS: Final[Mapping[tuple[str, str], str]] = {
    ("shacl", "sparql/pre-binding/unsupported-sparql-004"): (
        "a sub-SELECT that does not return `$this` must be refused and is accepted; Apache Jena, too, keeps this test "
        "as withdrawn since July 2026 (apache/jena GH-4108)"
    ),
    ("pyshacl", "core/property/uniqueLang-002"): (
        '`sh:uniqueLang "1"^^xsd:boolean` must be ignored, because SHACL names the literal `true` only '
        "(w3c/data-shapes#98); pySHACL takes it as true"
    ),
    ("pyshacl", "sparql/node/prefixes-001"): (
        "`owl:imports` from `sh:prefixes` is not followed; it passes where the shapes are a Turtle file, whose own "
        "prefixes pySHACL then uses"
    ),
    ("pyshacl", "sparql/pre-binding/shapesGraph-001"): "`$shapesGraph` is not supported, it says so",
}
"""Why an engine does not pass a test."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the suite gave under one engine.

    Attributes:
        engine: Its name and version.
        faults: The fault of each test by its name, empty for one that passes.
    """

    engine: str
    faults: Mapping[str, str]

    @property
    def failed(self) -> list[tuple[str, str]]:
        """The tests not passed, as keys of REASONS."""
        return [(self.engine.split(" ")[0], name) for name, fault in sorted(self.faults.items()) if fault]

    def passed(self, part: str) -> int:
        """Return how many tests of a part (``core`` or ``sparql``) are passed."""
        return sum(name.startswith(part + "/") and not fault for name, fault in self.faults.items())

    def number(self, part: str) -> int:
        """Return how many tests a part has."""
        return sum(name.startswith(part + "/") for name in self.faults)


def page(outcomes: list[Outcome]) -> str:
    """Return the page."""
    return "\n".join(_lines(outcomes)) + "\n"


def _lines(outcomes: list[Outcome]) -> Iterator[str]:
    yield INTRODUCTION
    for outcome in outcomes:
        cells = [f"{outcome.passed(part)} of {outcome.number(part)}" for part in ("core", "sparql")]
        yield f"| {outcome.engine} | {' | '.join(cells)} |"
    yield AFTER
    for outcome in outcomes:
        for key in outcome.failed:
            yield f"| {outcome.engine} | {key[1]} | {REASONS.get(key, outcome.faults[key[1]])} |"
