"""Turns what the suites gave into ``docs/conformance.md``: numbers, and why a test is not passed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"

INTRODUCTION: Final = f"""# Conformance with the W3C's test suites

Written by `tests/w3c/test_conformance.py`, which plays the suites of the W3C's RDF Test Curation group
(`w3c/rdf-tests`) against a running server over HTTP: data go in by Graph Store Protocol, updates and queries by SPARQL
Protocol, at the operator's working graph, which is the one place that takes writes. Protocol and Service Description
are played against the public endpoint too, as far as they need no data of their own. The same evaluation and syntax
tests are run by pyoxigraph {pyoxigraph.__version__}, the engine, inside the test process: *engine* says how many it
passes there (it is not asked where LOAD stands in an update, because it would go to the network). The test fails where
one that the engine passes is not passed over HTTP, or where this page is not what came out.

Solutions and graphs are compared up to the names of blank nodes, literals in the normal form that the engine gives
them.
"""

GRAPH_SCOPE: Final = "oxigraph/oxigraph#1450: the variable of GRAPH is in scope inside its group"
PATHS: Final = (
    "oxigraph/oxigraph#1815 (merged, not yet in this version): zero-length paths from a term not in the graph"
)
LITERALS: Final = (
    "oxigraph/oxigraph#526, #1413: literals are kept in normal form, so `01` and `1` are one term (by design there)"
)
CONCAT: Final = "oxigraph/oxigraph#1717 (merged, not yet in this version): GROUP_CONCAT keeps a language tag"
NO_LOAD: Final = "by design: LOAD is refused, SILENT or not, because the server never fetches what a request names"

REASONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("graph/graph-optional", "graph/graph-variable-scope", "bindings/graph"), GRAPH_SCOPE),
    "aggregates/agg-empty-group-count-graph": GRAPH_SCOPE,
    "negation/graph-minus": f"{GRAPH_SCOPE}; for MINUS #1804",
    **{
        f"property-path/zero_or_{many}_set_{side}": PATHS
        for many in ("more", "one")
        for side in ("start", "end")
    },
    **dict.fromkeys(("aggregates/agg-groupconcat-04", "aggregates/agg-groupconcat-06"), CONCAT),
    **dict.fromkeys(
        (
            "csv-tsv-res/csv03", "distinct/distinct-1", "distinct/distinct-9",
            "expr-builtin/dawg-str-1", "expr-builtin/dawg-str-2",
            "expr-builtin/sameTerm-eq", "expr-builtin/sameTerm-not-eq", "expr-builtin/sameTerm-simple",
            "expr-equals/eq-graph-1", "expr-equals/eq-graph-2", "open-world/open-eq-01",
        ),
        LITERALS,
    ),
    "functions/bnode01": "engine: BNODE('x') is one blank node in all rows, not one a row; no issue found upstream",
    "expr-builtin/case-insensitive-booleans": "oxigraph/oxigraph#1720, #1721 (merged, not yet in this version): `TRUE`",
    "syntax-sparql3/syn-bad-26": "engine: reads `?x<?a&&?b>?y` as two comparisons; no issue found upstream",
    "open-world/date-2": "engine: dates without a time zone are equal or not as in XML Schema 1.1 (on purpose there)",
    **dict.fromkeys(("update-silent/load-silent", "update-silent/load-into-silent"), NO_LOAD),
}  # fmt: skip
"""Why a test is not passed; the numbers are of issues and pull requests upstream."""


@dataclass(frozen=True, slots=True)
class Suite:
    """What one suite gave.

    Attributes:
        name: Its name.
        address: Where it was played.
        faults: The fault of each test by its name over HTTP, empty for one that passes.
        engine: The same inside this process; None where the engine has no say (HTTP).
        unasked: Tests that the engine was not asked, because it would have gone to the network.
    """

    name: str
    address: str
    faults: Mapping[str, str]
    engine: Mapping[str, str] | None = None
    unasked: frozenset[str] = frozenset()

    @property
    def failed(self) -> list[str]:
        """The tests that are not passed over HTTP."""
        return sorted(name for name, fault in self.faults.items() if fault)

    @property
    def worse(self) -> list[str]:
        """The tests that are not passed over HTTP though the engine passes them, with their fault."""
        engine = self.engine or {}
        allowed = {name for name, fault in engine.items() if fault} | self.unasked
        return [f"{name}: {self.faults[name]}" for name in self.failed if name not in allowed]


NOT_PLAYED: Final = """
Not played: the 70 tests of entailment regimes (the endpoint answers by simple entailment, as every engine of its kind),
the 10 of federated query (`SERVICE` is refused), the 18 old ones of the Graph Store Protocol (`http-rdf-update`, which
the suite itself replaces by the 13 above), SPARQL 1.2 (not a Recommendation yet).
"""


def page(suites: Sequence[Suite]) -> str:
    """Return the page."""
    return "\n".join(_lines(suites)) + "\n"


def _lines(suites: Sequence[Suite]) -> Iterator[str]:
    yield INTRODUCTION
    yield "| suite | played at | tests | engine | passed |"
    yield "|---|---|--:|--:|--:|"
    for suite in suites:
        passed = len(suite.faults) - len(suite.failed)
        engine = "-" if suite.engine is None else str(sum(not fault for fault in suite.engine.values()))
        yield f"| {suite.name} | `{suite.address}` | {len(suite.faults)} | {engine} | {passed} |"
    yield NOT_PLAYED
    yield "## Not passed\n"
    yield "| suite | test | why |"
    yield "|---|---|---|"
    for suite in suites:
        for name in suite.failed:
            why = REASONS.get(name, suite.faults[name]).replace("|", "\\|")
            yield f"| {suite.name} | {name} | {why} |"
