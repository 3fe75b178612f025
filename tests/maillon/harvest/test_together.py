"""Several harvests at once, and harvests into PostgreSQL (skipped where POSTGRESQL_TEST_URL gives no server)."""

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from maillon.harvest import leases
from maillon.ledger import Ledger

Make = Callable[..., dict[str, Any]]
Town = Any


@pytest.fixture
def on_postgresql(town: Town) -> Iterator[Town]:
    """The town with its ledger in an empty PostgreSQL schema."""
    server = os.environ.get("POSTGRESQL_TEST_URL")
    if not server:
        pytest.skip("POSTGRESQL_TEST_URL gives no URL of a PostgreSQL server (postgresql+psycopg://...)")
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    with Ledger(url.render_as_string(hide_password=False)) as ledger:
        yield replace(town, ledger=ledger)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


def test_on_postgresql_a_harvest_goes_the_same_way(on_postgresql: Town, make: Make) -> None:
    town = on_postgresql
    town.policy(grace_days=0, grace_runs=1)
    town.lists(*(make(number, publisher="Ville") for number in range(5)), {"id": "s \x00", "private": True})
    assert (town.run().new, town.run().unchanged) == (5, 5)
    town.lists(make(0, title="Bancs"), *(make(number) for number in range(1, 4)))
    dry, report = town.run(dry_run=True), town.run()
    assert dry.as_json() == report.as_json()
    assert (report.changed, report.missing, report.gone) == (4, 1, 0)
    assert (town.run().gone, town.run().published) == (1, 4)
    operations = [change.operation for change in town.ledger.changes() if "/dataset/" in change.iri]
    assert operations == ["create"] * 5 + ["update"] * 4 + ["delete"]


def test_on_postgresql_another_machine_cannot_harvest_the_same_source(on_postgresql: Town, make: Make) -> None:
    on_postgresql.lists(make(1))
    with leases.Held(on_postgresql.ledger, "town", 60):
        report = on_postgresql.run()
    assert (report.status, report.run) == ("failed", 0)
    assert "is being harvested by process" in report.notes[0]
    assert on_postgresql.run().status == "done"


def test_two_sources_can_be_harvested_at_once(town: Town, make: Make, check_ledger: Callable[[Ledger], None]) -> None:
    """Both describe some of the same datasets: each ends with one owner, whoever comes first."""
    village = town.neighbour("village")
    for each in (town, village):
        each.lists(*(make(number, iri=f"https://data.example.org/{number}") for number in range(120)))
    reports: list[Any] = []
    threads = [threading.Thread(target=lambda one=each: reports.append(one.run())) for each in (town, village)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.status for report in reports] == ["done", "done"]
    assert sum(report.new for report in reports) == 120
    assert sum(sum(report.rejected.values()) for report in reports) == 120
    check_ledger(town.ledger)
