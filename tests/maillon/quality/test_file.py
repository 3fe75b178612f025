"""What the quality file answers: by dataset, by scope, by gain; in any number of threads; and when it is torn."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from maillon.errors import SnapshotError
from maillon.quality.aggregation import Counted
from maillon.quality.file import LOST, NAME, QualityFile
from maillon.quality.file_writing import MOST_POINTS, Entry, QualityWriter
from maillon.quality.values import Assessment, Gain, Moment, Score

ORGANISATIONS = tuple(f"https://org.example.org/{letter}" for letter in "abc")
RULE = "https://shapes.example.org/title"


def assessment(number: int, chance: random.Random) -> Assessment:
    """Make an assessment of a dataset, one of two sources, of one to two organisations."""
    iri = f"https://data.example.org/{number}"
    gains = tuple(
        Gain(fix=fix, points=chance.choice((5, 10, 20, 30)), values=chance.randint(1, 4), where=(iri,))
        for fix in chance.sample(("keyword", "theme", "licence", "format"), chance.randint(0, 4))
    )
    points = MOST_POINTS - sum(item.points for item in gains)
    return Assessment(
        iri=iri,
        key=f"x-{number}",
        source="ab"[number % 2],
        organisations=tuple(sorted(chance.sample(ORGANISATIONS, chance.randint(1, 2)))),
        score=Score(
            points=points,
            dimensions={"findability": chance.randint(0, 100), "contextuality": 20},
            metrics={"keywordAvailability": chance.choice((True, False)), "accessUrlStatusCode": None},
            best=f"{iri}#1",
            gains=gains,
        ),
        indicators={"freshness": chance.choice((None, 0.0, 0.5, 1.0)), "links": None, "repaired": chance.random()},
        severities={"Violation": number % 3},
    )


def entry(number: int, chance: random.Random) -> Entry:
    own = {(RULE, "Violation"): number % 3} if number % 3 else {}
    return Entry(
        assessment=assessment(number, chance),
        counted=Counted(own=own, shared=(("same", "https://shapes.example.org/name", "Warning"),)),
        addresses=(f"https://files.example.org/{number}",) if number % 4 else (),
        known="h" if number % 4 else "",
        due="2026-12-01" if number % 5 == 0 else "",
        twins=int(number == 7),
    )


def nothing_past(_kind: str, _key: str) -> tuple[Moment, ...]:
    return ()


def written(path: Path, entries: list[Entry]) -> QualityFile:
    writer = QualityWriter(path)
    for item in entries:
        writer.put(item)
    writer.settle(nothing_past)
    writer.close()
    return QualityFile(path)


@pytest.fixture
def entries() -> list[Entry]:
    chance = random.Random(5)
    return [entry(number, chance) for number in range(200)]


@pytest.fixture
def opened(tmp_path: Path, entries: list[Entry]) -> Iterator[QualityFile]:
    quality = written(tmp_path / NAME, entries)
    yield quality
    quality.close()


def test_every_assessment_comes_back_as_it_was(opened: QualityFile, entries: list[Entry]) -> None:
    for item in entries:
        assert opened.dataset(item.assessment.iri) == item.assessment
    assert opened.dataset("https://data.example.org/nowhere") is None


def test_scopes_are_those_of_the_catalogue_the_sources_and_the_organisations(opened: QualityFile) -> None:
    assert [scope.key for scope in opened.scopes("catalogue")] == [""]
    assert [scope.key for scope in opened.scopes("source")] == ["a", "b"]
    assert [scope.key for scope in opened.scopes("organisation")] == sorted(ORGANISATIONS)
    assert opened.scope("source", "nowhere") is None
    whole = opened.scope("catalogue")
    assert whole is not None
    assert whole.datasets == 200
    assert opened.scope("source", "b") == opened.scopes("source")[1]


def test_the_worst_of_a_scope_have_most_to_gain(opened: QualityFile, entries: list[Entry]) -> None:
    def lost(item: Assessment, fix: str) -> int:
        return MOST_POINTS - item.score.points if not fix else sum(g.points for g in item.score.gains if g.fix == fix)

    everything = [item.assessment for item in entries]
    tests: list[tuple[str, str, Callable[[Assessment], bool]]] = [
        ("catalogue", "", lambda _: True),
        ("source", "a", lambda item: item.source == "a"),
        ("organisation", ORGANISATIONS[1], lambda item: ORGANISATIONS[1] in item.organisations),
    ]
    for kind, key, belongs in tests:
        for fix in (LOST, "licence", "format"):
            wanted = sorted((lost(item, fix) for item in everything if belongs(item) and lost(item, fix)), reverse=True)
            found = opened.worst(kind, key, fix, 1000)
            assert [lost(item, fix) for item in found] == wanted
            assert all(belongs(item) for item in found)
            assert opened.worst(kind, key, fix, 3) == found[:3]
    assert opened.worst("source", "nowhere", LOST, 3) == []
    assert opened.worst("catalogue", "", "no-such-fix", 3) == []


def test_members_are_all_datasets_of_a_scope_once(opened: QualityFile, entries: list[Entry]) -> None:
    wanted = {item.assessment.iri for item in entries if item.assessment.source == "b"}
    found = [item.iri for item in opened.members("source", "b")]
    assert len(found) == len(wanted)
    assert set(found) == wanted
    assert len(list(opened.members("catalogue"))) == 200


def test_the_median_counts_each_organisation_once(opened: QualityFile) -> None:
    points = sorted(scope.points for scope in opened.scopes("organisation"))
    median = opened.median("organisation")
    assert median["points"] == points[1]
    assert {"points", "findability", "contextuality", "freshness", "repaired"} == set(median)
    assert opened.median("nowhere") == {}


def test_any_number_of_threads_reads_the_same(opened: QualityFile, entries: list[Entry]) -> None:
    iris = [item.assessment.iri for item in entries]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(opened.dataset, iris * 5))
    assert found == [item.assessment for item in entries] * 5


def test_a_snapshot_without_the_file_knows_nothing_and_says_no_error(tmp_path: Path) -> None:
    quality = QualityFile(tmp_path / NAME)
    assert not quality.is_there
    assert quality.dataset("https://data.example.org/1") is None
    assert quality.scope("catalogue") is None
    assert quality.scopes("source") == []
    assert quality.worst("catalogue", "", LOST, 5) == []
    assert list(quality.members("catalogue")) == []
    assert quality.median("organisation") == {}
    assert quality.moments("catalogue") == ()
    quality.close()


def test_a_torn_file_is_a_clear_error(tmp_path: Path, entries: list[Entry]) -> None:
    written(tmp_path / NAME, entries).close()
    octets = (tmp_path / NAME).read_bytes()
    for torn in (b"", b"no database", octets[:3000], octets[:100] + bytes(len(octets) - 100)):
        (tmp_path / "torn.sqlite").write_bytes(torn)
        with pytest.raises(SnapshotError, match="maillon publish --rebuild"):
            QualityFile(tmp_path / "torn.sqlite").scopes("organisation")


def test_an_assessment_that_is_torn_inside_is_a_clear_error(tmp_path: Path, entries: list[Entry]) -> None:
    writer = QualityWriter(tmp_path / NAME)
    writer.put(entries[0])
    writer._connection.execute("UPDATE assessments SET content = x'00'")
    writer.close()
    with pytest.raises(SnapshotError, match="maillon publish --rebuild"):
        QualityFile(tmp_path / NAME).dataset(entries[0].assessment.iri)


def test_a_copy_with_changes_is_as_a_new_file(tmp_path: Path, entries: list[Entry]) -> None:
    written(tmp_path / "old", entries).close()
    (tmp_path / "changed").write_bytes((tmp_path / "old").read_bytes())
    changed = [
        replace(item, assessment=replace(item.assessment, source="c", organisations=()), twins=0)
        for item in entries[10:20]
    ]
    wanted = [*entries[:10], *changed, *entries[20:150]]
    writer = QualityWriter(tmp_path / "changed")
    for item in changed:
        writer.put(item)
    writer.remove(item.assessment.iri for item in entries[150:])
    writer.remove(["https://data.example.org/nowhere"])
    writer.settle(nothing_past)
    writer.close()
    one, other = QualityFile(tmp_path / "changed"), written(tmp_path / "new", wanted[::-1])
    for kind in ("catalogue", "source", "organisation"):
        assert one.scopes(kind) == other.scopes(kind)
        assert one.median(kind) == other.median(kind)
        for scope in one.scopes(kind):
            for fix in (LOST, "theme"):
                assert one.worst(kind, scope.key, fix, 500) == other.worst(kind, scope.key, fix, 500)
    assert one.dataset(entries[160].assessment.iri) is None


def test_the_writer_tells_what_has_to_be_judged_again(tmp_path: Path, entries: list[Entry]) -> None:
    written(tmp_path / NAME, entries).close()
    writer = QualityWriter(tmp_path / NAME)
    assert len(writer.upkeep.due("2026-12-01")) == 40
    assert sorted(writer.upkeep.iris(writer.upkeep.due("2026-12-01"))) == sorted(
        item.assessment.iri for item in entries if item.due
    )
    assert writer.upkeep.due("2026-11-30") == set()
    assert list(writer.upkeep.twins().values()) == [1]
    addresses = list(writer.upkeep.addresses())
    assert len(addresses) == 150
    assert {known for _, known, _ in addresses} == {"h"}
    assert sorted(url for _, _, urls in addresses for url in urls) == sorted(
        url for item in entries for url in item.addresses
    )
    writer.close()
