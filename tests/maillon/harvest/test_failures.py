"""Runs that cannot end well: each keeps the last good state, says why, and leaves the others alone."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maillon.errors import OperatorError
from maillon.harvest import leases
from maillon.ledger import writing

Make = Callable[..., dict[str, Any]]
Town = Any


@pytest.fixture
def settled(town: Town, make: Make) -> Town:
    """A town with ten datasets in the ledger."""
    town.lists(*(make(number) for number in range(10)))
    town.run()
    return town


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("SourceUnavailable", "Half of the answer is missing."),
        ("KeyError", "A fault in the harvester towns.listing"),
        ("Panic", "BaseException: panicked"),
        ("RecordRejected", "ended at record lost: no title"),
    ],
)
def test_a_harvester_that_fails_midway_keeps_the_last_good_state(
    settled: Town, make: Make, fault: str, message: str
) -> None:
    before, sequence = settled.state(), settled.ledger.sequence()
    settled.lists(make(1, title="Bancs"), {"id": "s", "private": True}, {"raise": fault}, make(2))
    report = settled.run()
    assert report.status == "failed"
    assert message in report.notes[0]
    assert (report.published, report.new, report.changed, report.missing, report.gone) == (10, 0, 0, 0, 0)
    assert report.rejected["private"] == 1
    assert (settled.state(), settled.ledger.sequence()) == (before, sequence)
    row = settled.ledger.runs()[0]
    assert (row.status, row.message) == ("failed", report.notes[0])
    assert settled.run(dry_run=True).status == "failed"


def test_the_traceback_of_a_fault_is_kept_beside_the_raw_answers(settled: Town) -> None:
    settled.lists({"raise": "KeyError"})
    report = settled.run()
    path = settled.settings.data / "raw" / str(report.run) / "town.error.txt"
    assert str(path.relative_to(settled.settings.data)) in report.notes[0]
    assert "KeyError: 'result'" in path.read_text()
    assert str(settled.folder) not in settled.ledger.runs()[0].message


def test_a_source_that_is_not_there_fails_and_the_next_still_works(settled: Town, make: Make) -> None:
    Path(settled.source.url).unlink()
    assert settled.run().status == "failed"
    village = settled.neighbour("village")
    village.lists(make(1))
    assert village.run().new == 1


def test_a_harvester_that_cannot_be_imported_fails_its_source_only(settled: Town) -> None:
    settled.policy(kind="towns.broken")
    report = settled.run()
    assert (report.status, report.published) == ("failed", 10)
    assert "no licence key" in report.notes[0]


def test_an_interrupt_ends_the_run_and_comes_through(settled: Town) -> None:
    settled.lists({"raise": "Interrupt"})
    with pytest.raises(KeyboardInterrupt):
        settled.run()
    row = settled.ledger.runs()[0]
    assert (row.status, row.message) == ("failed", "Interrupted by the operator.")


def test_a_run_over_its_time_limit_changes_nothing(settled: Town, make: Make) -> None:
    settled.policy(time_limit=0.0)
    settled.lists(make(1, title="Bancs"))
    report = settled.run()
    assert report.status == "failed"
    assert "time_limit of 0 seconds" in report.notes[0]
    assert report.published == 10


def test_a_second_run_of_the_same_source_says_who_holds_it(settled: Town) -> None:
    with leases.Held(settled.ledger, "town", 60):
        report = settled.run()
    assert (report.status, report.run, report.published) == ("failed", 0, 10)
    assert f"being harvested by process {os.getpid()} on" in report.notes[0]
    assert re.search(r"since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", report.notes[0])
    assert len(settled.ledger.runs()) == 1
    assert settled.run().status == "done"


def test_what_a_run_that_died_left_behind_is_cleared(settled: Town) -> None:
    with settled.ledger.writing() as connection:
        dead = writing.start_run(connection, "town", "2026-11-21T19:00:00Z", None)
    stale = settled.settings.data / "staging" / "town.sqlite"
    stale.write_bytes(b"half of something")
    assert settled.run().unchanged == 10
    assert settled.ledger.run(dead).status == "died"


def test_hostile_texts_end_in_the_report_and_not_in_a_crash(settled: Town, make: Make) -> None:
    hostile = ["\ud800 half a character", "nul \x00 character", "<script>alert(1)</script>", "é" * 5000]
    settled.lists(*(make(number) for number in range(10)), *({"id": text, "private": True} for text in hostile))
    report = settled.run()
    assert (report.status, report.unchanged, report.rejected) == ("done", 10, {"private": 4})
    stored = settled.ledger.rejections(report.run)
    assert [item.identifier[:6] for item in stored] == ["? half", "nul \ufffd ", "<scrip", "éééééé"]
    assert max(len(item.identifier) for item in stored) < 1010


@pytest.mark.parametrize("title", ["half \ud800", "nul \x00", "<script>", "\u202eback"], ids=ascii)
def test_a_hostile_title_is_rejected_or_stored_but_stops_nothing(settled: Town, make: Make, title: str) -> None:
    settled.lists(*(make(number) for number in range(10)), make(10, title=title), make(11))
    report = settled.run()
    assert (report.status, report.unchanged) == ("done", 10)
    assert report.new + sum(report.rejected.values()) == 2


def test_a_full_disk_under_the_staging_file_is_for_the_operator(settled: Town) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("maillon.harvest.staging._TABLES", "PRAGMA max_page_count = 1; CREATE TABLE full (a)")
        with pytest.raises(OperatorError, match=r"staging file cannot be written: .*full"):
            settled.run()
    assert settled.ledger.runs()[0].status == "failed"
    assert settled.run().status == "done"
