"""What the history keeps: once a snapshot, for ever; and that a lost or torn file costs nothing else."""

import sqlite3
import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from maillon.quality import history
from maillon.quality.values import Scope

BASE = "http://localhost:8000/"


def scope(kind: str = "catalogue", key: str = "", points: float = 200.0) -> Scope:
    return Scope(
        kind=kind,
        key=key,
        datasets=3,
        points=points,
        dimensions={},
        metrics={},
        indicators={"links": 0.5, "freshness": None},
        severities={"Violation": 4, "Warning": 1},
        shapes=(),
        gains=(),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "quality.sqlite"


def test_moments_come_oldest_first_each_once(path: Path) -> None:
    for number in (2, 1, 3, 2):
        made = f"2026-11-2{number}T10:00:00Z"
        assert history.append(path, number, made, [scope(points=number), scope("source", "a", 9)]) == ""
    found = history.moments(path, "catalogue")
    assert [(item.snapshot, item.made[:10], item.points) for item in found] == [
        (1, "2026-11-21", 1.0), (2, "2026-11-22", 2.0), (3, "2026-11-23", 3.0),
    ]  # fmt: skip
    assert (found[0].datasets, found[0].severities) == (3, {"Violation": 4, "Warning": 1})
    assert found[0].indicators == {"links": 0.5, "freshness": None}
    assert len(history.moments(path, "source", "a")) == 3
    assert history.moments(path, "source", "b") == []


def test_what_a_scope_was_like_on_a_day_is_its_last_snapshot_until_then(path: Path) -> None:
    for number, made in enumerate(("2026-10-01T08:00:00Z", "2026-10-01T23:59:59Z", "2026-11-01T00:00:00Z"), 1):
        history.append(path, number, made, [scope()])
    wanted = {"2026-09-30": None, "2026-10-01": 2, "2026-10-15": 2, "2026-11-01": 3, "2027-01-01": 3}
    for day, snapshot in wanted.items():
        found = history.at(path, "catalogue", "", day)
        assert (found.snapshot if found else None) == snapshot


def test_numbers_that_begin_anew_do_not_overwrite_what_was(path: Path) -> None:
    history.append(path, 1, "2026-10-01T08:00:00Z", [scope(points=1)])
    history.append(path, 1, "2026-11-01T08:00:00Z", [scope(points=2)])
    assert [item.points for item in history.moments(path, "catalogue")] == [1, 2]


def test_old_days_keep_their_last_snapshot(path: Path) -> None:
    for number, made in enumerate(("2026-01-01T08:00:00Z", "2026-01-01T09:00:00Z", "2026-01-02T08:00:00Z"), 1):
        history.append(path, number, made, [scope()])
    assert len(history.moments(path, "catalogue")) == 3
    recent = date(2026, 1, 3) + timedelta(days=history.THINNED)
    for number, hour in ((4, "08"), (5, "09")):
        history.append(path, number, f"{recent}T{hour}:00:00Z", [scope()])
    assert [item.snapshot for item in history.moments(path, "catalogue")] == [2, 3, 4, 5]


def test_a_file_that_is_not_there_is_no_history(path: Path) -> None:
    assert history.moments(path, "catalogue") == []
    assert history.at(path, "catalogue", "", "2026-11-22") is None
    with history.latest(path, lambda _: 5) as find:
        assert find("catalogue", "") == ()
    assert not path.exists()


@pytest.mark.parametrize("octets", [b"this is no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_torn_file_is_put_aside_with_a_line_and_the_history_begins_anew(path: Path, octets: bytes) -> None:
    path.write_bytes(octets)
    assert history.moments(path, "catalogue") == []
    assert history.at(path, "catalogue", "", "2026-11-22") is None
    with history.latest(path, lambda _: 5) as find:
        assert find("catalogue", "") == ()
    line = history.append(path, 7, "2026-11-22T10:00:00Z", [scope()])
    assert "begins anew" in line
    assert "Restore" in line or "restore" in line
    assert [item.snapshot for item in history.moments(path, "catalogue")] == [7]
    (aside,) = path.parent.glob("quality.sqlite.broken-*")
    assert aside.read_bytes() == octets
    assert history.append(path, 8, "2026-11-23T10:00:00Z", [scope()]) == ""


def test_a_place_that_cannot_be_written_is_a_line_and_no_error(tmp_path: Path) -> None:
    line = history.append(tmp_path / "nowhere" / "quality.sqlite", 1, "2026-11-22T10:00:00Z", [scope()])
    assert "look at the rights and the free space" in line


def test_a_file_with_other_tables_is_no_history(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE moments (other TEXT)")
    connection.close()
    assert history.moments(path, "catalogue") == []
    assert history.append(path, 1, "2026-11-22T10:00:00Z", [scope()]) != ""


def test_several_writers_and_readers_lose_nothing(path: Path) -> None:
    history.append(path, 0, "2026-11-22T00:00:00Z", [scope()])
    lines: list[str] = []
    seen: list[int] = []

    def write(first: int) -> None:
        for number in range(first, first + 10):
            lines.append(history.append(path, number, f"2026-11-22T10:00:{number:02d}Z", [scope()]))
            seen.append(len(history.moments(path, "catalogue")))

    threads = [threading.Thread(target=write, args=(first,)) for first in (1, 11, 21, 31)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(lines) == {""}
    assert min(seen) > 1
    assert [item.snapshot for item in history.moments(path, "catalogue")] == list(range(41))


def test_the_latest_are_the_last_of_each_day_and_bounded(path: Path) -> None:
    for number, made in enumerate(("19T08", "20T08", "20T09", "21T08", "22T08"), 1):
        history.append(path, number, f"2026-11-{made}:00:00Z", [scope(), scope("source", "a")])
    with history.latest(path, {"catalogue": 3, "source": 1}.__getitem__) as find:
        assert [item.snapshot for item in find("catalogue", "")] == [3, 4, 5]
        assert [item.snapshot for item in find("source", "a")] == [5]
        assert find("source", "nowhere") == ()


def test_a_moment_is_said_in_dqv_with_its_date(path: Path) -> None:
    history.append(path, 3, "2026-11-22T10:00:00Z", [scope()])
    (moment,) = history.moments(path, "catalogue")
    lines = history.quads(scope(), moment, BASE)
    quads = list(parse("".join(lines).encode(), RdfFormat.N_QUADS))
    assert len(quads) == len(set(quads)) == len(lines) == 4 * 4  # points, violations, datasets, one indicator
    assert {quad.graph_name.value for quad in quads} == {f"{BASE}graph/quality-history"}
    said = {str(quad.predicate).rpartition("#")[2].rpartition("/")[2].rstrip(">") for quad in quads}
    assert said == {"computedOn", "isMeasurementOf", "value", "date"}
    assert f"<{BASE}id/catalog/all>" in {str(quad.object) for quad in quads}
    later = history.quads(scope(), replace(moment, made="2026-11-23T10:00:00Z"), BASE)
    assert not set(lines) & set(later)
    assert len(history.quads(scope("organisation", "https://org.example.org/a"), moment, BASE)) == 2 * 4
