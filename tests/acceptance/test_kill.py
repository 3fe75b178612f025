"""Thirty rounds of kill -9 on the real commands: no lost change, no torn snapshot, and the next run completes."""

import json
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from maillon import publish
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.store import snapshots
from maillon.store.documents import Documents

ROUNDS = 30
DATASETS = 1500
COMMAND = "import sys; from maillon.cli import main; sys.exit(main())"


def start(command: str, data: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, command, "--json", "--data", str(data), *more],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def finish(command: str, data: Path, *more: str) -> float:
    began = time.monotonic()
    assert start(command, data, *more).wait(120) == 0
    return time.monotonic() - began


def kill(command: str, data: Path, seconds: float, chance: random.Random, *more: str) -> tuple[bool, float]:
    """Kill a command somewhere in the last four fifths of its time.

    Return whether it was still at work, and the time that it takes now, which other work on the machine changes.
    """
    began, process = time.monotonic(), start(command, data, *more)
    with suppress(subprocess.TimeoutExpired):
        process.wait(chance.uniform(0.2, 1.0) * seconds)
        seconds = time.monotonic() - began
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL, seconds


def write(path: Path, revision: int) -> None:
    """Write a dump in which a tenth of the datasets has another title in each revision."""
    rows = [
        {
            "id": f"d{number:04d}",
            "title": f"Jeu {number} état {revision - (revision + number) % 10}",
            "notes": "Un jeu de données.",
            "resources": [{"id": f"r{number}", "url": f"https://data.example/{number}.csv", "format": "CSV"}],
        }
        for number in range(DATASETS)
    ]
    path.write_text(json.dumps(rows), encoding="utf-8")


def check(settings: Settings) -> None:
    """The ledger agrees with itself, and what is published is whole."""
    with Ledger(settings.ledger) as ledger:
        state = {stored.iri: stored.hash for stored in ledger.current()}
        last = {change.iri: change.hash for change in ledger.changes()}
        assert state == last
    if snapshots.current_number(settings.snapshots) is not None:
        with snapshots.open_current(settings.snapshots) as snapshot:
            assert publish.verify(snapshot) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thirty_kills_lose_nothing_and_tear_nothing(tmp_path: Path) -> None:
    settings, chance = Settings(data=tmp_path / "data"), random.Random()
    dump, toml = tmp_path / "dump.json", tmp_path / "town.toml"
    toml.write_text('kind = "ckan"\nurl = "dump.json"\n', encoding="utf-8")
    write(dump, 0)
    harvesting = finish("harvest", settings.data, str(toml))
    publishing = finish("publish", settings.data)
    at_work = 0
    for revision in range(1, ROUNDS // 2 + 1):
        write(dump, revision)
        hit, harvesting = kill("harvest", settings.data, harvesting, chance, str(toml))
        at_work += hit
        check(settings)
        hit, publishing = kill("publish", settings.data, publishing, chance)
        at_work += hit
        check(settings)
    assert at_work > ROUNDS // 3
    finish("harvest", settings.data, str(toml))
    finish("publish", settings.data)
    check(settings)
    with snapshots.open_current(settings.snapshots) as snapshot:
        documents = Documents(snapshot.documents)
        assert documents.count("dataset") == DATASETS
        revision = ROUNDS // 2
        for number in (0, 7, DATASETS - 1):
            document = documents.find("dataset", f"town/d{number:04d}")
            assert document is not None
            assert f'"Jeu {number} état {revision - (revision + number) % 10}"' in document.text
        documents.close()
