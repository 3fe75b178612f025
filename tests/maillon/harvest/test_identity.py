"""Datasets that got another identifier, that their source deleted, or that a partial run does not mention."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maillon import harvest
from maillon.harvest.identity import Features, folded, matches
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.sources import Source

from .conftest import Town

Make = Callable[..., dict[str, Any]]
HUB = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "arcgis-hub" / "btaa"


def renumbered(line: dict[str, Any], identifier: str) -> dict[str, Any]:
    return {**line, "id": identifier}


def test_a_dataset_with_another_identifier_keeps_its_iri_and_its_distributions_theirs(town: Town, make: Make) -> None:
    lines = [make(number, publisher="Ville") for number in range(20)]
    town.lists(*lines)
    town.run()
    before = set(town.state())
    town.lists(*(renumbered(line, f"new-{number}") for number, line in enumerate(lines)))
    report = town.run()
    assert (report.status, report.new, report.changed, report.missing, report.published) == ("done", 0, 20, 0, 20)
    assert set(town.state()) == before
    assert "20 datasets and distributions" in " ".join(report.notes) or "40 datasets" in " ".join(report.notes)
    text = town.state()[next(iri for iri in before if iri.endswith("/d3"))].text
    assert '"new-3"' in text, "the identifier that the source gives now is kept beside the IRI"
    again = town.run()
    assert (again.new, again.changed, again.unchanged, again.missing) == (0, 0, 20, 0)


def test_identifiers_may_change_a_second_time_and_back(town: Town, make: Make) -> None:
    lines = [make(number, publisher="Ville") for number in range(8)]
    town.lists(*lines)
    town.run()
    iris = set(town.state())
    for prefix in ("a", "b", ""):
        town.lists(*(renumbered(line, f"{prefix}{line['id']}") for line in lines))
        report = town.run()
        assert (report.new, report.missing, report.changed) == (0, 0, 8), prefix
    assert set(town.state()) == iris


def test_when_both_identifiers_come_they_are_two_datasets_after_all(town: Town, make: Make) -> None:
    lines = [make(number, publisher="Ville") for number in range(3)]
    town.lists(*lines)
    town.run()
    town.lists(renumbered(lines[0], "new"), *lines[1:])
    assert town.run().new == 0
    town.lists(renumbered(lines[0], "new"), *lines)
    report = town.run()
    assert report.rejections == ()
    assert report.published == 4
    assert set(town.states()) == {"d0", "d1", "d2", "new"}


def test_a_title_alone_is_not_enough(town: Town, make: Make) -> None:
    town.lists(*(make(number) for number in range(9)))
    town.run()
    town.lists(*(make(number) for number in range(8)), {"id": "other", "title": "Arbres 8", "files": {"csv": "z.csv"}})
    report = town.run()
    assert (report.new, report.missing) == (1, 1)


def test_twins_that_cannot_be_told_apart_are_left_alone() -> None:
    def feature(iri: str) -> Features:
        empty: frozenset[str] = frozenset()
        return Features(iri, frozenset({"arbres"}), frozenset({"https://a.example/x"}), empty, "", empty, {})

    assert matches([feature("urn:a"), feature("urn:b")], [feature("urn:c")]) == []
    assert [item.kept for item in matches([feature("urn:a")], [feature("urn:c")])] == ["urn:a"]


def test_folding_leaves_no_case_accent_or_sign() -> None:
    assert folded("  L’École, à  BRUXELLES (2024) ") == "l ecole a bruxelles 2024"


def test_what_the_source_deleted_is_gone_at_once_with_its_files(town: Town, make: Make) -> None:
    town.lists(*(make(number) for number in range(4)))
    town.run()
    town.lists(*(make(number) for number in range(3)), {"deleted": "d3"})
    report = town.run()
    assert (report.gone, report.missing, report.published) == (1, 0, 3)
    assert town.states()["d3"] == "gone"
    assert [state for key, state in town.states("distribution").items() if state == "gone"] == ["gone"]
    town.lists(*(make(number) for number in range(4)))
    assert town.run().new == 1


def test_a_partial_run_leaves_alone_what_it_does_not_mention(town: Town, make: Make) -> None:
    town.lists(*(make(number) for number in range(5)), {"bookmark": "monday", "partial": False})
    town.run()
    changed = {**make(1), "title": "Other", "since": "monday"}
    everything = [{**make(number), "since": ""} for number in range(5)]
    town.lists(*everything, changed, {"deleted": "d4", "since": "monday"}, {"bookmark": "tuesday", "partial": True})
    report = town.run()
    assert report.partial
    assert (report.found, report.changed, report.gone, report.missing, report.published) == (1, 1, 1, 0, 4)
    full = town.run(full=True)
    assert (full.found, full.published) == (5, 5)


def test_a_bookmark_is_void_when_the_source_is_defined_otherwise_or_the_run_fails(town: Town, make: Make) -> None:
    town.lists(make(0), {"bookmark": "monday", "partial": False})
    town.run()
    town.lists({**make(0), "since": "monday"}, {"raise": "SourceUnavailable", "since": "monday"})
    assert town.run().status == "failed"
    town.lists({**make(0), "since": "monday"}, {"bookmark": "tuesday", "partial": True, "since": "monday"})
    assert town.run().partial
    town.policy(language="nl")
    town.lists({**make(0), "since": ""}, {"bookmark": "x", "partial": False, "since": ""})
    report = town.run()
    assert (report.found, report.partial) == (1, False)


@pytest.mark.corpus
@pytest.mark.skipif(not HUB.is_dir(), reason="the corpus is not at ../shared")
def test_two_snapshots_of_a_hub_portal_with_no_identifier_in_common_give_updates(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    before, after = HUB / "03a-04_20211231.json", HUB / "03a-04_20220327.json"
    identifiers = [{item["identifier"] for item in _hub(path)} for path in (before, after)]
    assert not identifiers[0] & identifiers[1]
    with Ledger(settings.ledger) as ledger:
        first, second = (
            harvest.run(Source(name="iowa", kind="datajson", url=str(path), language="en"), settings, ledger)
            for path in (before, after)
        )
    assert (first.new, second.status) == (222, "done")
    assert second.changed >= 200
    assert second.missing == 222 - second.changed
    assert second.new + second.changed + sum(second.rejected.values()) == len(_hub(after))


def _hub(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    found: list[dict[str, Any]] = json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)["dataset"]
    return found
