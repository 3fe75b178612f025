"""Raw answers: those of the last complete runs stay, and of the failed ones between."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]
Town = Any


def kept(town: Town) -> list[int]:
    return sorted(int(path.name) for path in (town.settings.data / "raw").iterdir())


def test_the_last_complete_runs_and_the_failed_ones_between_stay(town: Town, make: Make) -> None:
    town.settings = replace(town.settings, keep_raw_runs=2)
    for outcome in ("done", "failed", "done", "failed", "done", "failed"):
        town.lists(make(1), *([{"raise": "SourceUnavailable"}] if outcome == "failed" else []))
        assert town.run().status == outcome
    assert kept(town) == [3, 4, 5, 6]


def test_other_sources_keep_theirs(town: Town, make: Make) -> None:
    town.settings = replace(town.settings, keep_raw_runs=1)
    village = town.neighbour("village")
    for each in (town, village, town, town):
        each.lists(make(1, iri=f"https://data.example.org/{each.source.name}"))
        each.run()
    assert kept(town) == [2, 4]


def test_a_replayed_run_keeps_its_answers_when_the_one_it_read_is_removed(town: Town, make: Make) -> None:
    town.settings = replace(town.settings, keep_raw_runs=1)
    town.lists(make(1))
    first = town.run()
    again = town.run(replay_run=first.run)
    assert kept(town) == [again.run]
    town.lists()
    assert town.run(replay_run=again.run).unchanged == 1


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_dry_run_removes_nothing(town: Town, make: Make, dry_run: bool) -> None:
    town.settings = replace(town.settings, keep_raw_runs=1)
    town.lists(make(1))
    town.run()
    town.run(dry_run=dry_run)
    assert kept(town) == ([1] if dry_run else [2])
