"""Leases: one run of a source at a time, taken over when its holder is dead or silent, and never written past."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from maillon.errors import SourceUnavailable
from maillon.harvest import leases
from maillon.harvest.leases import Fenced, Held, LeaseLost, is_dead, new_holder
from maillon.ledger import Ledger, schema, writing
from maillon.ledger import leases as kept

Make = Callable[..., dict[str, Any]]
Town = Any

SILENT = "2020-01-01T00:00:00Z"


def put(ledger: Ledger, holder: str, heartbeat: str = "") -> None:
    """Put a lease as another process would leave it."""
    with ledger.writing() as connection:
        kept.take(connection, "town", holder, lambda _lease: True)
        if heartbeat:
            connection.execute(update(schema.leases).values(heartbeat=heartbeat))


def holders(ledger: Ledger) -> dict[str, str]:
    with ledger.reading() as connection:
        return {name: lease.holder for name, lease in kept.standing(connection).items()}


def test_a_lease_is_held_for_the_time_of_a_run_and_given_back(town: Town) -> None:
    with Held(town.ledger, "town", 60):
        assert holders(town.ledger)["town"].split()[2] == str(os.getpid())
        with pytest.raises(SourceUnavailable, match=f"by process {os.getpid()} on"), Held(town.ledger, "town", 60):
            pass
        with Held(town.ledger, "village", 60):
            assert set(holders(town.ledger)) == {"town", "village"}
    assert holders(town.ledger) == {}


def test_its_heartbeat_is_renewed_while_it_is_held(town: Town) -> None:
    with Held(town.ledger, "town", 2.0):
        with town.ledger.writing() as connection:
            connection.execute(update(schema.leases).values(heartbeat=SILENT))
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with town.ledger.reading() as connection:
                if kept.standing(connection)["town"].age < 60:
                    return
            time.sleep(0.05)
    pytest.fail("no heartbeat in ten seconds")


def test_the_lease_of_a_silent_holder_is_taken_over(town: Town, make: Make) -> None:
    town.lists(make(1))
    put(town.ledger, "token other-machine 17 1234 elsewhere", SILENT)
    assert town.run().status == "done"


def test_the_lease_of_a_holder_elsewhere_is_respected_while_it_beats(town: Town, make: Make) -> None:
    town.lists(make(1))
    put(town.ledger, "token other-machine 17 1234 elsewhere")
    report = town.run()
    assert (report.status, report.run) == ("failed", 0)
    assert "by process 17 on elsewhere since 20" in report.notes[0]
    assert "lease is free 120 seconds later" in report.notes[0]


def test_the_lease_of_a_process_known_dead_is_taken_over_at_once(town: Town, make: Make) -> None:
    code = "from maillon.harvest.leases import new_holder; print(new_holder())"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert is_dead(dead)
    assert not is_dead(new_holder())
    town.lists(make(1))
    put(town.ledger, dead)
    with town.ledger.writing() as connection:
        writing.put_source(connection, town.source, SILENT)
        left = writing.start_run(connection, "town", SILENT, None)
    assert town.run().status == "done"
    assert town.ledger.run(left).status == "died"


@pytest.mark.parametrize("changed", [1, 2, 3])
def test_another_process_with_the_same_number_is_not_taken_for_the_holder(changed: int) -> None:
    parts = new_holder().split()
    parts[changed] = "1" if changed == 3 else parts[changed] + "9"
    assert is_dead(" ".join(parts)) == (changed in {2, 3}), "of another machine nothing is known"


@pytest.mark.parametrize("holder", ["", "x", "a b c d e f", "t - 1 - h"])
def test_a_holder_of_another_shape_is_never_known_to_be_dead(holder: str) -> None:
    assert not is_dead(holder)


def test_a_run_that_lost_its_lease_writes_nothing_more(
    town: Town, make: Make, monkeypatch: pytest.MonkeyPatch, check_ledger: Callable[[Ledger], None]
) -> None:
    """The process was paused between two batches for so long that another machine took over."""
    monkeypatch.setattr("maillon.harvest.staging.BATCH", 20)
    town.lists(*(make(number) for number in range(100)))

    def progress(stage: str, done: int, _total: int | None) -> None:
        if stage == "applying" and done == 40:
            put(town.ledger, "token other-machine 17 1234 elsewhere")

    report = leases_run(town, progress)
    assert report.status == "failed"
    assert "another one took over" in report.notes[0]
    assert len(town.state()) == 40, "the batches before are committed, none after"
    assert town.ledger.runs()[0].status == "died"
    assert list(holders(town.ledger).values()) == ["token other-machine 17 1234 elsewhere"], "it is not ours to remove"
    check_ledger(town.ledger)
    put(town.ledger, "token other-machine 17 1234 elsewhere", SILENT)
    assert town.run().status == "done"
    assert town.states().keys() == {f"d{number}" for number in range(100)}


def leases_run(town: Town, progress: Any) -> Any:
    from maillon import harvest  # noqa: PLC0415 - beside `harvest.leases`

    return harvest.run(town.source, town.settings, town.ledger, harvest.Options(), progress)


def test_a_reading_stops_soon_after_the_lease_is_lost(town: Town, make: Make) -> None:
    town.lists(*(make(number) for number in range(5)))
    held = Held(town.ledger, "town", 60)
    with held:
        held.check()
        put(town.ledger, "token other-machine 17 1234 elsewhere")
        with pytest.raises(LeaseLost, match="lease_seconds"), Fenced(town.ledger, held).writing():
            pytest.fail("the transaction must not begin")
        with pytest.raises(LeaseLost):
            held.check()


def test_a_holder_names_process_and_machine_without_blanks() -> None:
    parts = new_holder("token").split(" ")
    assert len(parts) == 5
    assert parts[0] == "token"
    assert parts[2] == str(os.getpid())
    assert Path("/proc/self").exists() == (parts[1] != "-")
    assert leases.BEATS >= 3
