"""Whether what a fix promises is what it brings, over many datasets; and what is worth doing first."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from maillon.quality import gains, lists, measuring, mqa
from maillon.quality.gains import FIXES
from maillon.quality.values import Closure, Facts, Part
from maillon.vocabulary import AUTHORITY

from .scored import CASES, DEAD, FILE, IANA, NEW, PAGE, SET, STATUSES, finding, states

_VALUES = {
    "dcat:keyword": [Literal("air", language="fr")],
    "dcat:theme": [NamedNode(AUTHORITY + "data-theme/ENVI")],
    "dct:spatial": [NamedNode("http://data.europa.eu/nuts/code/BE1")],
    "dct:temporal": [NamedNode("https://data.example.org/period")],
    "dct:accessRights": [NamedNode(AUTHORITY + "access-right/PUBLIC"), Literal("open")],
    "dcat:contactPoint": [NamedNode("https://data.example.org/contact")],
    "dct:publisher": [NamedNode("https://org.example.org/1")],
    "dct:issued": [Literal("2020-01-01")],
    "dct:modified": [Literal("")],
}
_OF_PART = {
    "dcat:accessURL": [NamedNode(PAGE), NamedNode(DEAD), NamedNode(NEW), Literal(DEAD)],
    "dcat:downloadURL": [NamedNode(FILE), NamedNode(DEAD), NamedNode(NEW)],
    "dct:format": [
        *(NamedNode(AUTHORITY + f"file-type/{code}") for code in ("CSV", "PDF", "XLSX", "PNG")),
        Literal("csv"), Literal("tableau"), NamedNode(f"{IANA}text/csv"),
    ],
    "dcat:mediaType": [
        NamedNode(f"{IANA}text/csv"), NamedNode(f"{IANA}text/x-table"), Literal("application/json"),
        NamedNode(AUTHORITY + "file-type/CSV"),
    ],
    "dct:license": [NamedNode(AUTHORITY + "licence/CC0"), NamedNode("https://licence.example.org/1"), Literal("CC0")],
    "dct:rights": [Literal("Droits réservés", language="fr")],
    "dcat:byteSize": [Literal("12")],
    "dct:issued": [Literal("2020-01-01")],
    "dct:modified": [Literal("2026-01-01")],
}  # fmt: skip


def _facts(values: dict[str, list[Literal | NamedNode]] | dict[str, list[NamedNode]]) -> st.SearchStrategy[Facts]:
    some = {name: st.lists(st.sampled_from(items), min_size=1, max_size=2).map(tuple) for name, items in values.items()}
    return st.fixed_dictionaries({}, optional=some)


@st.composite
def closures(draw: st.DrawFn) -> Closure:
    parts = draw(st.lists(_facts(_OF_PART), max_size=4))  # type: ignore[arg-type]
    severities = draw(st.lists(st.sampled_from(["Violation", "Warning", "hvd"]), max_size=3))
    return Closure(
        iri=SET,
        facts=draw(_facts(_VALUES)),  # type: ignore[arg-type]
        parts=tuple(Part(iri=f"{SET}#{number}", facts=facts) for number, facts in enumerate(parts)),
        findings=tuple(
            finding("Violation", "urn:maillon:shape:hvd-1") if item == "hvd" else finding(item) for item in severities
        ),
        links=states(STATUSES) if draw(st.booleans()) else {},
    )


_MANY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_MANY
@given(closures())
def test_a_gain_is_the_difference_of_the_points_before_and_after_the_fix_which_is_then_done(closure: Closure) -> None:
    score = mqa.score(closure)
    promised = {gain.fix: gain.points for gain in score.gains}
    for fix in FIXES:
        after = measuring.measure(gains.fixed(closure, fix))  # measured anew, nothing taken over
        won = measuring.points(after) - score.points
        assert promised.get(fix, 0) == max(won, 0)
        assert gains.applied(after, fix).closure is after.closure, "nothing is left to do"


@_MANY
@given(closures())
def test_gains_name_what_they_change_and_come_by_points_for_each_value(closure: Closure) -> None:
    known = {SET, *(part.iri for part in closure.parts)}
    found = mqa.score(closure).gains
    worth = [gain.points / gain.values for gain in found]
    assert worth == sorted(worth, reverse=True)
    for gain in found:
        assert gain.where
        assert set(gain.where) <= known
        assert gain.values >= 1
        assert 0 < gain.points <= 405
        after = gains.fixed(closure, gain.fix)
        changed = {old.iri for old, new in zip(closure.parts, after.parts, strict=False) if old is not new}
        assert changed == set() or changed == set(gain.where)


@settings(_MANY, max_examples=30)
@given(closures())
def test_doing_everything_ends_at_full_marks_for_all_that_can_be_known(closure: Closure) -> None:
    for _ in range(3):  # a format that is written may still have to be made an open one
        for fix in FIXES:
            closure = gains.fixed(closure, fix)
    score = mqa.score(closure)
    assert score.gains == ()
    left = {name for name, met in score.metrics.items() if not met}
    assert {name for name in left if score.metrics[name] is not None} <= {"rightsAvailability", "byteSizeAvailability"}


@pytest.mark.parametrize("fix", FIXES)
def test_every_fix_wins_points_in_a_dataset_worked_out_by_hand(fix: str) -> None:
    assert any(fix in (case.gains or {}) for case in CASES)


def test_a_fix_counts_a_value_for_each_distribution_that_lacks_it() -> None:
    case = next(case for case in CASES if case.name.startswith("a rich one"))
    found = {gain.fix: gain for gain in mqa.score(case.closure()).gains}
    assert found["add-issued"].values == 2
    assert found["add-issued"].where == (f"{SET}#1", f"{SET}#2")
    assert found["mend-access-url"].where == (f"{SET}#1",)


def test_violations_count_one_by_one_and_dates_without_a_distribution_go_on_the_dataset() -> None:
    closure = Closure(iri=SET, findings=(finding("Violation"),) * 3)
    found = {gain.fix: gain for gain in mqa.score(closure).gains}
    assert (found["mend-violations"].values, found["mend-violations"].where) == (3, (SET,))
    assert (found["add-issued"].values, found["add-issued"].where) == (1, (SET,))
    assert found["add-distribution"].values == 7


def test_the_closure_itself_stays_as_it_was() -> None:
    closure = CASES[1].closure()
    before = repr(closure)
    for fix in FIXES:
        gains.fixed(closure, fix)
    assert repr(closure) == before


def test_a_format_that_is_missing_is_guessed_from_the_media_type() -> None:
    part = Part(iri=f"{SET}#1", facts={"dcat:mediaType": (NamedNode(f"{IANA}application/geo+json"),)})
    after = gains.fixed(Closure(iri=SET, parts=(part,)), "add-format")
    assert after.parts[0].facts["dct:format"] == (NamedNode(AUTHORITY + "file-type/GEOJSON"),)


def test_an_unknown_fix_is_an_error() -> None:
    with pytest.raises(KeyError):
        gains.fixed(Closure(iri=SET), "add-everything")


def test_measuring_again_what_did_not_change_gives_the_same() -> None:
    closure = CASES[0].closure()
    first = measuring.measure(closure)
    other = replace(closure, parts=(*closure.parts, Part(iri=f"{SET}#9", facts={})))
    assert measuring.measure(other, first) == measuring.measure(other)


def test_every_fix_has_a_title_and_a_sentence_in_four_languages() -> None:
    names = {metric.name for metric in lists.metrics()}
    assert len(FIXES) == 24
    for fix in FIXES.values():
        assert fix.unmet in names
        for text in (fix.title, fix.how):
            assert set(text) == {"fr", "nl", "de", "en"}
        assert all(value.endswith(".") for value in fix.how.values())
        assert all(len(value) < 60 for value in fix.title.values())
