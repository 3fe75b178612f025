"""The W3C's SHACL suite through both engines: as many tests pass as are promised, docs/conformance-shacl.md tells."""

import pytest

from maillon.validation import engine
from maillon.validation.engine import ShaclEngine

from .page import PAGE, REASONS, Outcome, page
from .suite import SUITE, Case, cases, play

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not SUITE.is_dir(), reason="../shared is absent: the W3C's SHACL suite is there"),
]
ENGINES = (("shacl", ShaclEngine), ("pyshacl", engine.reference))


@pytest.fixture(scope="module", name="suite")
def _suite() -> list[Case]:
    return cases()


def test_the_suite_passes_and_the_page_says_what_came_out(suite: list[Case]) -> None:
    shape = "<urn:s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/shacl#NodeShape> .\n"
    outcomes = [Outcome(make(shape).name, {case.name: play(case, make) for case in suite}) for _, make in ENGINES]
    ours = outcomes[0]
    assert (ours.number("core"), ours.number("sparql")) == (98, 22)
    assert ours.passed("core") == 98
    assert ours.passed("sparql") >= 21
    failed = {key for outcome in outcomes for key in outcome.failed}
    assert failed == set(REASONS), "give each test that is not passed its reason in page.py, and no other"
    text = page(outcomes)
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        PAGE.write_text(text, encoding="utf-8")
        pytest.fail("docs/conformance-shacl.md was not what came out; it has been written anew: read and commit it")


def test_an_engine_with_messages_gives_the_same_results(suite: list[Case]) -> None:
    faults = {case.name: play(case, lambda text: ShaclEngine(text, with_messages=True)) for case in suite}
    assert [name for name, fault in faults.items() if fault] == ["sparql/pre-binding/unsupported-sparql-004"]


def test_what_is_wrong_with_an_outcome_is_said(suite: list[Case]) -> None:
    case = next(case for case in suite if case.name == "core/property/minCount-001")
    assert case.expected is not None
    less = Case(case.name, case.data, case.shapes, case.expected - case.expected)
    refusing = Case(case.name, case.data, case.shapes, None)
    assert play(case, ShaclEngine) == ""
    assert "too much [('<" in play(less, ShaclEngine)
    assert play(refusing, ShaclEngine) == "accepted what must be refused"
    assert play(Case(case.name, "nonsense", case.shapes, case.expected), ShaclEngine).startswith("refused: ")
