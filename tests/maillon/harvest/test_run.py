"""Runs of one source, one after the other, through every real part: what each says and what the ledger holds then."""

from collections.abc import Callable
from typing import Any

import pytest

from maillon import harvest
from maillon.errors import OperatorError, SourceDefinitionError

Make = Callable[..., dict[str, Any]]
Town = Any


def test_a_first_run_publishes_everything_and_a_second_changes_nothing(town: Town, make: Make) -> None:
    town.lists(*(make(number, publisher="Ville") for number in range(20)))
    first = town.run()
    said = first.as_json()
    findings, before_repair = said.pop("findings"), said.pop("findings_before")
    assert findings["Violation"] == before_repair["Violation"] == 20
    assert before_repair["Warning"] >= findings["Warning"] > 20  # recommended and missing: more than one a dataset
    assert {**said, "repairs": {}} == {  # which rules apply is no matter of this test
        "source": "town", "found": 20, "published": 20, "new": 20, "changed": 0, "unchanged": 0, "missing": 0,
        "gone": 0, "withheld": 0, "rejected": {}, "repairs": {}, "rows": 0,
    }  # fmt: skip
    sequence, before = town.ledger.sequence(), town.state()
    town.sleeps(days=1)
    second = town.run()
    assert (second.found, second.new, second.changed, second.unchanged, second.gone) == (20, 0, 0, 20, 0)
    assert second.published == 20
    assert town.ledger.sequence() == sequence
    assert town.state() == before
    assert {item.kind for item in before.values()} >= {"dataset", "distribution", "organisation"}
    assert [row.status for row in town.ledger.runs()] == ["done", "done"]
    assert town.ledger.runs()[0].report["unchanged"] == 20


def test_a_changed_title_is_an_update_and_keeps_the_day_it_was_first_seen(town: Town, make: Make) -> None:
    town.lists(make(1), make(2))
    town.run()
    town.sleeps(hours=1)
    town.lists(make(1, title="Bancs"), make(2))
    report = town.run()
    assert (report.new, report.changed, report.unchanged) == (0, 1, 1)
    changed = next(item for item in town.state().values() if item.iri.endswith("/d1"))
    assert "Bancs 1" in changed.text
    assert (changed.issued, changed.modified) == ("2026-11-21T19:00:00Z", "2026-11-21T20:00:00Z")
    assert [change.operation for change in town.ledger.changes()][-1] == "update"


def test_a_dataset_counts_as_changed_when_a_distribution_changed_was_added_or_vanished(town: Town, make: Make) -> None:
    town.lists(*(make(number) for number in range(4)))
    town.run()
    town.lists(
        make(0, files={"csv": "elsewhere.csv"}), make(1, files={"csv": "1.csv", "pdf": "1.pdf"}), make(2, files={}),
        make(3),
    )  # fmt: skip
    report = town.run()
    assert (report.new, report.changed, report.unchanged) == (0, 3, 1)
    assert town.run().changed == 0


def test_a_distribution_of_an_rdf_source_counts_for_its_dataset_though_that_is_as_before(town: Town) -> None:
    dcat = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . "
    one = {
        "id": "https://town.example/d",
        "turtle": f'{dcat} <https://town.example/d> a dcat:Dataset ; dct:title "D" ; '
        "dcat:distribution <https://town.example/f> .",
    }

    def file(title: str) -> dict[str, str]:
        text = f'<https://town.example/f> a dcat:Distribution ; dct:title "{title}" .'
        return {"id": "https://town.example/f", "turtle": dcat + text}

    town.lists(one)
    town.run()
    counts = []
    for listed in ([one, file("a")], [one, file("b")], [one, file("b")], [one], [one], [one, file("b")]):
        town.lists(*listed)
        report = town.run()
        counts.append((report.changed, report.unchanged, report.orphans))
    assert counts == [(1, 0, ()), (1, 0, ()), (0, 1, ()), (1, 0, ()), (0, 1, ()), (1, 0, ())]


def test_a_distribution_that_no_dataset_refers_to_is_kept_and_listed(town: Town, make: Make) -> None:
    lost = "https://town.example/lost"
    text = f"<{lost}> a <http://www.w3.org/ns/dcat#Distribution> ; <http://purl.org/dc/terms/title> 'lost' ."
    town.lists(make(1), {"id": lost, "turtle": text})
    report = town.run()
    assert report.orphans == (lost,)
    assert town.state()[lost].state == "live"
    assert town.ledger.runs()[0].report["orphans"] == 1


def test_rejected_records_are_listed_with_their_reason_and_not_stored(town: Town, make: Make) -> None:
    secrets = [{"id": "secret", "private": True}, {"id": "secret 2", "private": True}]
    town.lists(make(1), *secrets, {"id": "page 3", "page": True})
    report = town.run()
    assert (report.found, report.new, report.rejected) == (3, 1, {"private": 2, "cannot be parsed": 1})
    assert town.ledger.rejections(report.run) == list(report.rejections)
    assert [item.identifier for item in report.rejections if item.is_dataset] == ["secret", "secret 2"]
    assert not [iri for iri in town.state() if "secret" in iri]


def test_the_same_identifier_twice_keeps_the_first_description(town: Town, make: Make) -> None:
    town.lists(make(1), make(2), make(1), make(2, title="Autre", files={"pdf": "other.pdf"}))
    report = town.run()
    assert (report.found, report.new, report.rejected) == (3, 2, {"identifier used twice": 1})
    files = [item.text for item in town.state().values() if item.kind == "distribution"]
    assert len(files) == 2
    assert not [text for text in files if "other.pdf" in text]
    assert "Arbres 2" in next(item.text for item in town.state().values() if item.iri.endswith("/d2"))


def test_a_publisher_described_in_two_ways_is_the_same_whatever_the_order(town: Town, make: Make) -> None:
    town.lists(make(1, publisher="Service"), make(2, publisher="Service communal d'essai"))
    report = town.run()
    assert any("described in two ways" in note for note in report.notes)
    town.lists(make(2, publisher="Service communal d'essai"), make(1, publisher="Service"))
    sequence = town.ledger.sequence()
    assert town.run().changed == 0
    assert town.ledger.sequence() == sequence


def test_what_several_documents_of_an_rdf_source_say_of_one_subject_is_united(town: Town) -> None:
    body = "https://town.example/ville"
    town.lists(
        {"id": body, "turtle": f"<{body}> a <http://xmlns.com/foaf/0.1/Agent> ; <urn:p> 'a' ."},
        {"id": body, "turtle": f"<{body}> a <http://xmlns.com/foaf/0.1/Agent> ; <urn:p> 'b' .", "note": "lenient"},
    )
    report = town.run()
    lines = town.state()[body].text.splitlines()
    assert [line.split(" ", 1)[1] for line in lines if "<urn:p>" in line] == ['<urn:p> "a" .', '<urn:p> "b" .']
    assert any("1 subjects stand in documents with mistakes" in note and "(lenient)" in note for note in report.notes)


def test_a_dataset_without_any_name_is_withheld_until_it_has_one(town: Town, make: Make) -> None:
    nameless = {"id": "urn:uuid:1", "turtle": "<urn:uuid:1> a <http://www.w3.org/ns/dcat#Dataset> ."}
    town.lists(make(1), nameless)
    report = town.run()
    assert (report.found, report.new, report.withheld, report.published) == (2, 1, 1, 1)
    assert town.state()["urn:uuid:1"].state == "withheld"
    [because] = report.withheld_because
    assert because.identifier == "urn:uuid:1"
    assert "withheld" in because.reason
    assert town.run().withheld_because == (because,)
    nameless["turtle"] = "<urn:uuid:1> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> 'x' ."
    town.lists(make(1), nameless)
    report = town.run()
    assert (report.changed, report.withheld, report.published) == (1, 0, 2)
    nameless["turtle"] = "<urn:uuid:1> a <http://www.w3.org/ns/dcat#Dataset> ."
    town.lists(make(1), nameless)
    report = town.run()
    assert (report.changed, report.withheld, report.published) == (0, 1, 1)
    operations = [change.operation for change in town.ledger.changes() if change.iri == "urn:uuid:1"]
    assert operations == ["withhold", "restore", "withhold"]


def test_a_dry_run_says_the_same_and_writes_nothing(town: Town, make: Make) -> None:
    town.lists(make(1), make(2), make(3), {"id": "secret", "private": True})
    dry = town.run(dry_run=True)
    assert (town.ledger.sequence(), town.ledger.runs(), town.ledger.sources(), town.state()) == (0, [], [], {})
    assert not (town.settings.data / "raw").exists()
    real = town.run()
    assert dry.as_json() == real.as_json()
    town.lists(make(1), make(2, title="Bancs"), make(4))
    dry = town.run(dry_run=True)
    real = town.run()
    assert dry.as_json() == real.as_json()
    assert (real.new, real.changed, real.unchanged, real.missing) == (1, 1, 1, 1)


def test_an_earlier_run_can_be_replayed_without_its_source(town: Town, make: Make) -> None:
    town.lists(make(1), make(2))
    first = town.run()
    town.lists(make(1), make(2, title="Bancs"))
    town.run()
    town.lists()
    report = town.run(replay_run=first.run)
    assert (report.changed, report.unchanged) == (1, 1)
    assert town.ledger.runs()[0].replay_of == first.run
    with pytest.raises(OperatorError, match="no run 99"):
        town.run(replay_run=99)
    with pytest.raises(OperatorError, match="is of source town, not village"):
        town.neighbour("village").run(replay_run=first.run)


def test_progress_is_told_from_the_first_record_to_the_last_entity(town: Town, make: Make) -> None:
    town.lists(*(make(number, files={}) for number in range(250)))
    town.run()
    assert town.stages == [
        ("reading", 0, None), ("reading", 100, None), ("reading", 200, None), ("reading", 250, 250),
        ("applying", 0, 250), ("applying", 250, 250),
    ]  # fmt: skip


def test_raw_answers_of_an_earlier_ledger_are_moved_aside_and_kept(town: Town, make: Make) -> None:
    left = town.settings.data / "raw" / "1"
    left.mkdir(parents=True)
    (left / "index.jsonl").write_text("kept\n")
    town.lists(make(1))
    assert town.run().run == 1
    [aside] = (town.settings.data / "raw").glob("1.before-*")
    assert (aside / "index.jsonl").read_text() == "kept\n"


def test_kinds_are_the_modules_of_harvesters() -> None:
    kinds = harvest.kinds()
    assert kinds == sorted(kinds)
    assert not [kind for kind in kinds if kind.startswith("_")]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("teapot", "no such kind.*Kinds that come with Maillon"),
        ("towns.teapot", "no such module"),
        ("nowhere.teapot", "No module named 'nowhere'"),
        ("towns.nothing", "no function records"),
    ],
)
def test_a_kind_without_harvester_is_named_with_the_kinds_there_are(town: Town, kind: str, message: str) -> None:
    town.policy(kind=kind)
    with pytest.raises(SourceDefinitionError, match=message):
        town.run()
