"""What an assessment holds, that it survives packing, and that scopes are the sums they say they are."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from pyoxigraph import Literal, NamedNode

from maillon import identifiers
from maillon.links.states import LinkState
from maillon.quality import aggregation, assessments, indicators, mqa, packing
from maillon.quality.aggregation import EXAMPLES, Counted, Totals
from maillon.quality.values import Assessment, Closure, Gain, Moment, Part, Scope, Score
from maillon.records import Finding

IRI = "https://data.example.org/1"
PART = f"{IRI}/file"
BODY = "https://org.example.org/a"
SHAPE = "https://shapes.example.org/"


def finding(focus: str, shape: str = "title", severity: str = "Violation", value: str = "") -> Finding:
    return Finding(focus, "<http://purl.org/dc/terms/title>", value, severity, "urn:component", SHAPE + shape)


def closure(*findings: Finding, **changes: object) -> Closure:
    made = Closure(
        iri=IRI,
        key="x-1",
        source="a",
        organisations=(BODY,),
        facts={"dct:title": (Literal("Un", language="fr"),), "dcat:distribution": (NamedNode(PART),)},
        parts=(Part(iri=PART, facts={"dcat:accessURL": (NamedNode("https://files.example.org/1"),)}),),
        findings=findings,
        modified="2026-11-01T10:00:00Z",
        today="2026-11-22",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_an_assessment_holds_score_indicators_and_findings_by_severity() -> None:
    found = closure(finding(IRI), finding(PART, severity="Warning"), finding(BODY, severity="Warning"))
    made = assessments.assess(found)
    assert made.score == mqa.score(found)
    assert made.indicators == indicators.measure(found)
    assert made.severities == {"Violation": 1, "Warning": 2}
    assert (made.iri, made.key, made.source, made.organisations) == (IRI, "x-1", "a", (BODY,))


def test_an_assessment_survives_packing() -> None:
    for found in (closure(), closure(finding(IRI), repairs=1, twins=2), Closure(iri="urn:é\u2028")):
        made = assessments.assess(found)
        assert packing.unpacked(packing.packed(made)) == made
        assert len(packing.packed(made)) < 2_000


def test_what_is_shared_is_told_from_what_is_of_the_dataset() -> None:
    inside = f"http://localhost:8000/.well-known/genid/{identifiers.digest(IRI)}-c14n0"
    elsewhere = f"http://localhost:8000/.well-known/genid/{identifiers.digest(BODY)}-c14n0"
    made = assessments.entry(closure(finding(IRI), finding(PART), finding(inside), finding(BODY), finding(elsewhere)))
    assert made.counted.own == {(SHAPE + "title", "Violation"): 3}
    assert len({digest for digest, _, _ in made.counted.shared}) == 2
    assert made.addresses == ("https://files.example.org/1",)


def test_only_what_an_assessment_uses_of_a_link_counts_as_known() -> None:
    state = LinkState(url="u", verdict="ok", status=200, checked="2026-11-22T10:00:00Z", checks=4, good_since="2026")
    later = replace(state, checked="2026-11-23T10:00:00Z", checks=5, detail="again")
    assert assessments.bare(state) == assessments.bare(later)
    assert assessments.known({"u": state}) == assessments.known({"u": later}) != ""
    for other in (replace(state, verdict="page"), replace(state, status=301), replace(state, octets=3)):
        assert assessments.known({"u": other}) != assessments.known({"u": state})
    assert assessments.known({}) == ""


def assessed(number: int, chance: random.Random) -> Assessment:
    iri = f"https://data.example.org/{number:03d}"
    gains = tuple(
        Gain(fix=fix, points=chance.randint(1, 30), values=chance.randint(1, 5), where=(iri,))
        for fix in chance.sample(("keyword", "theme", "licence"), chance.randint(0, 3))
    )
    return Assessment(
        iri=iri,
        key=str(number),
        source=chance.choice("ab"),
        organisations=tuple(chance.sample((BODY, "https://org.example.org/b"), chance.randint(0, 2))),
        score=Score(
            points=chance.randint(0, 405),
            dimensions={"findability": chance.randint(0, 100)},
            metrics={"keywordAvailability": chance.choice((True, False, None))},
            gains=gains,
        ),
        indicators={"freshness": chance.choice((None, 0.0, 1.0)), "links": None},
        severities={},
    )


@pytest.fixture
def everything() -> list[Assessment]:
    chance = random.Random(11)
    return [assessed(number, chance) for number in range(300)]


@pytest.fixture
def scopes(everything: list[Assessment]) -> dict[tuple[str, str], Scope]:
    totals = Totals()
    for number, item in enumerate(everything):
        shared = (("1", SHAPE + "name", "Warning"), (f"{number // 10}", SHAPE + "name", "Info"))
        totals.add(item, Counted(own={(SHAPE + "title", "Violation"): 2}, shared=shared))
    return {(scope.kind, scope.key): scope for scope in totals.scopes()}


def test_scopes_are_the_sums_over_their_datasets(
    everything: list[Assessment], scopes: dict[tuple[str, str], Scope]
) -> None:
    belongs = {
        ("catalogue", ""): everything,
        ("source", "b"): [item for item in everything if item.source == "b"],
        ("organisation", BODY): [item for item in everything if BODY in item.organisations],
    }
    assert len(scopes) == 1 + 2 + 2
    for place, items in belongs.items():
        scope = scopes[place]
        assert scope.datasets == len(items)
        assert scope.points == pytest.approx(sum(item.score.points for item in items) / len(items))
        met = sum(item.score.metrics["keywordAvailability"] is True for item in items)
        assert scope.metrics == {"keywordAvailability": pytest.approx(met / len(items))}
        known = [item.indicators["freshness"] for item in items if item.indicators["freshness"] is not None]
        assert scope.indicators == {"freshness": pytest.approx(sum(known) / len(known)), "links": None}


def test_a_finding_of_a_shared_publisher_counts_once_a_scope(scopes: dict[tuple[str, str], Scope]) -> None:
    whole = scopes["catalogue", ""]
    assert whole.severities == {"Info": 29, "Violation": 600, "Warning": 1}
    assert whole.shapes == (
        (f"{SHAPE}title", "Violation", 600), (f"{SHAPE}name", "Info", 29), (f"{SHAPE}name", "Warning", 1),
    )  # fmt: skip


def test_gains_add_up_and_name_the_datasets_with_most_to_gain(
    everything: list[Assessment], scopes: dict[tuple[str, str], Scope]
) -> None:
    whole = scopes["catalogue", ""]
    points: Counter[str] = Counter()
    for item in everything:
        for gain in item.score.gains:
            points[gain.fix] += gain.points
    assert {gain.fix: gain.points for gain in whole.gains} == points
    worth = [gain.points / gain.values for gain in whole.gains]
    assert worth == sorted(worth, reverse=True)
    for total in whole.gains:
        wanted = sorted(
            (-found.points, item.iri) for item in everything for found in item.score.gains if found.fix == total.fix
        )
        assert total.datasets == len(wanted)
        assert total.examples == tuple(iri for _, iri in wanted[:EXAMPLES])


def test_a_publisher_without_an_iri_makes_no_scope() -> None:
    embedded = replace(
        assessed(1, random.Random(1)), source="", organisations=("http://localhost:8000/.well-known/genid/x-b0", BODY)
    )
    assert list(aggregation.memberships(embedded)) == [("catalogue", ""), ("organisation", BODY)]


def test_scopes_and_moments_survive_packing(scopes: dict[tuple[str, str], Scope]) -> None:
    for scope in scopes.values():
        assert packing.unpacked_scope(packing.packed_scope(scope)) == scope
    moments = (
        Moment(
            snapshot=1, made="2026-11-22T10:00:00Z", datasets=2, points=1 / 3, severities={}, indicators={"links": None}
        ),
    )
    assert packing.unpacked_moments(packing.packed_moments(moments)) == moments


def test_the_median_is_that_of_the_scopes_whatever_their_size(scopes: dict[tuple[str, str], Scope]) -> None:
    found = aggregation.medians(scopes.values())
    two = sorted(scope.points for scope in scopes.values() if scope.kind == "source")
    assert found["source", "points"] == pytest.approx(sum(two) / 2)
    assert ("source", "links") not in found
