"""What a source no longer lists: missing, then gone, perhaps back; and the guard against much vanishing at once."""

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]
Town = Any


def operations(town: Town, end: str) -> list[str]:
    return [change.operation for change in town.ledger.changes() if change.iri.endswith(end)]


def test_a_dataset_is_missing_for_the_grace_period_and_then_gone(town: Town, make: Make) -> None:
    town.lists(make(1), make(2))
    town.run()
    town.lists(make(1))
    seen = []
    for _ in range(10):
        town.sleeps(days=1)
        report = town.run()
        seen.append((report.missing, report.gone, report.published))
    # 7 days after the first run without it, which was also far more than 3 runs.
    assert seen == [(1, 0, 2)] * 7 + [(0, 1, 1)] + [(0, 0, 1)] * 2
    assert town.states() == {"d1": "live", "d2": "gone"}
    assert operations(town, "/d2") == ["create", "delete"]
    gone = next(item for item in town.state().values() if item.iri.endswith("/d2"))
    assert "Arbres 2" in gone.text


def test_many_runs_in_one_day_do_not_shorten_the_days(town: Town, make: Make) -> None:
    town.lists(make(1), make(2))
    town.run()
    town.lists(make(1))
    for _ in range(6):
        town.sleeps(hours=1)
        assert town.run().gone == 0
    assert town.states()["d2"] == "missing"


def test_few_runs_in_many_days_do_not_shorten_the_runs(town: Town, make: Make) -> None:
    town.lists(make(1), make(2))
    town.run()
    town.lists(make(1))
    gone = []
    for _ in range(4):
        town.sleeps(days=30)
        gone.append(town.run().gone)
    assert gone == [0, 0, 0, 1]


def test_a_missing_dataset_that_comes_back_was_never_away(town: Town, make: Make) -> None:
    town.lists(make(1), make(2))
    town.run()
    town.lists(make(1))
    town.run()
    sequence = town.ledger.sequence()
    town.lists(make(1), make(2))
    report = town.run()
    assert (report.new, report.changed, report.missing, report.published) == (0, 0, 0, 2)
    assert town.ledger.sequence() == sequence
    iri = next(iri for iri in town.state() if iri.endswith("/d2"))
    row = town.ledger.known([iri])[iri]
    assert (row.state, row.missing_since, row.missing_runs) == ("live", None, 0)


def test_a_gone_dataset_that_comes_back_is_restored_and_counts_as_new(town: Town, make: Make) -> None:
    town.policy(grace_days=0, grace_runs=0)
    town.lists(make(1), make(2))
    town.run()
    town.lists(make(1))
    assert town.run().gone == 1
    town.lists(make(1), make(2))
    report = town.run()
    assert (report.new, report.published) == (1, 2)
    assert operations(town, "/d2") == ["create", "delete", "restore"]


def test_the_distributions_of_a_gone_dataset_go_with_it(town: Town, make: Make) -> None:
    town.policy(grace_days=0, grace_runs=0)
    town.lists(make(1), make(2))
    town.run()
    town.lists(make(1))
    town.run()
    assert sorted(town.states("distribution").values()) == ["gone", "live"]


def test_a_withheld_dataset_that_is_no_longer_listed_leaves_no_tombstone(town: Town, make: Make) -> None:
    town.policy(grace_days=0, grace_runs=1)
    nameless = {"id": "urn:uuid:1", "turtle": "<urn:uuid:1> a <http://www.w3.org/ns/dcat#Dataset> ."}
    town.lists(make(1), nameless)
    town.run()
    town.lists(make(1))
    first, second = town.run(), town.run()
    assert (first.missing, first.gone, second.gone, second.published) == (0, 0, 0, 1)
    assert operations(town, "urn:uuid:1") == ["withhold"]


def test_what_turns_private_is_withdrawn_at_once_with_its_distributions(town: Town, make: Make) -> None:
    town.lists(*(make(number) for number in range(20)))
    town.run()
    hidden = [{"id": f"d{number}", "private": True} for number in range(15)]
    town.lists(*hidden, *(make(number) for number in range(15, 20)))
    report = town.run()
    assert (report.status, report.published, report.missing, report.gone) == ("done", 5, 0, 0)
    assert report.rejected == {"private": 15}
    assert sorted(town.states("distribution").values()) == ["live"] * 5 + ["withheld"] * 15
    town.lists(*(make(number) for number in range(20)))
    assert town.run().published == 20


@pytest.mark.parametrize(("vanishing", "stops"), [(20, False), (21, True), (100, True)])
def test_a_run_that_loses_more_than_a_fifth_stops_before_anything_is_applied(
    town: Town, make: Make, vanishing: int, stops: bool
) -> None:
    town.lists(*(make(number, files={}) for number in range(100)))
    town.run()
    sequence = town.ledger.sequence()
    town.lists(*(make(number, title="Bancs", files={}) for number in range(vanishing, 100)))
    report = town.run()
    if not stops:
        assert (report.status, report.missing, report.changed) == ("done", 20, 80)
        return
    assert (report.status, report.published, report.missing, report.changed) == ("failed", 100, 0, 0)
    assert f"{vanishing} of the 100 datasets" in report.notes[0]
    assert "--accept-mass-change" in report.notes[0]
    assert town.ledger.sequence() == sequence
    assert town.ledger.runs()[0].message == report.notes[0]
    dry = town.run(accept_mass_change=True, dry_run=True)
    accepted = town.run(accept_mass_change=True)
    assert (accepted.status, accepted.missing, accepted.changed) == ("done", vanishing, 100 - vanishing)
    assert dry.as_json() == accepted.as_json()


def test_new_identifiers_for_all_are_a_mass_change_too(town: Town, make: Make) -> None:
    town.lists(*(make(number) for number in range(10)))
    town.run()
    town.lists(*(make(number) for number in range(100, 110)))
    assert town.run().status == "failed"


def test_five_datasets_may_always_vanish(town: Town, make: Make) -> None:
    town.lists(*(make(number) for number in range(5)))
    town.run()
    town.lists()
    report = town.run()
    assert (report.status, report.missing) == ("done", 5)


def test_other_kinds_are_not_guarded(town: Town, make: Make) -> None:
    town.lists(make(1, files={f"f{number}": f"{number}.csv" for number in range(50)}))
    town.run()
    town.lists(make(1, files={}))
    assert town.run().status == "done"
    assert set(town.states("distribution").values()) == {"missing"}
