"""What is used is counted by day, over processes, without growing for ever and without anything a person typed."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maillon.sparql import usage
from maillon.sparql.usage import PATTERN, QUERY, REST, VIEW, Usage, Used

BASE = "https://data.example.org/"
TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usage.sqlite"


def test_queries_count_under_their_pattern_without_what_was_typed(path: Path) -> None:
    counts = Usage(path, BASE)
    for name in ("Dupont", "Peeters"):
        counts.count(*counts.of_query(f'SELECT ?s {{ ?s foaf:name "{name}" }} # {name}'))
    counts.flush()
    (used,) = usage.read(path)
    assert (used.kind, used.count, used.day) == (PATTERN, 2, "")
    assert "Dupont" not in used.what
    assert b"Dupont" not in path.read_bytes()


def test_entities_named_in_queries_and_looked_at_are_counted(path: Path) -> None:
    counts = Usage(path, BASE)
    query = f"DESCRIBE <{BASE}id/dataset/velos> <{BASE}id/dataset/velos> <http://elsewhere.example/x>"
    counts.count(*counts.of_query(query))
    counts.viewed(f"{BASE}id/dataset/velos")
    counts.viewed(f"{BASE}id/dataset/velos")
    counts.flush()
    assert list(usage.read(path, VIEW)) == [Used("", VIEW, f"{BASE}id/dataset/velos", 2)]
    assert list(usage.read(path, QUERY)) == [Used("", QUERY, f"{BASE}id/dataset/velos", 1)]
    assert next(usage.read(path, VIEW, by_day=True)).day == TODAY
    assert list(usage.read(path, since="9999-01-01")) == []


def test_nothing_used_is_no_error(path: Path) -> None:
    assert list(usage.read(path)) == []


def test_a_flood_of_different_names_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST", 10)
    counts = Usage(path, BASE)
    for part in range(4):
        for number in range(8):
            counts.viewed(f"{BASE}id/dataset/{part}-{number}")
        counts.flush()
    found = {item.what: item.count for item in usage.read(path, VIEW)}
    assert found[REST] == 32 - 10
    assert sum(found.values()) == 32
    assert len(found) == 11


def test_counts_wait_for_a_file_that_is_locked(path: Path) -> None:
    counts = Usage(path, BASE)
    counts.viewed("a")
    counts.flush()
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        counts.viewed("a")
        counts.flush()
        other.execute("ROLLBACK")
    counts.flush()
    assert [item.count for item in usage.read(path)] == [2]


def test_several_processes_count_into_one_file(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from maillon.sparql.usage import Usage\n"
        "counts = Usage(Path(sys.argv[1]), 'https://data.example.org/')\n"
        "for _ in range(20):\n"
        "    counts.viewed('x'); counts.flush()\n"
        "counts.flush()  # what the file was locked for\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(path)]) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert [item.count for item in usage.read(path)] == [60]
