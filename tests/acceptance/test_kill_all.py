"""Twenty rounds of kill -9 during ``maillon harvest --all``: of everything, or of one child; no double, no loss."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from maillon.ledger import Ledger
from maillon.settings import Settings

ROUNDS, SOURCES, DATASETS = 20, 4, 40
COMMAND = """
import sys
from pathlib import Path
from maillon import paths
paths.SOURCES = Path(sys.argv.pop(1))
from maillon.cli import main
sys.exit(main())
"""


def start(folder: Path, data: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", COMMAND, str(folder), "harvest", "--all", "--json", "--data", str(data)]
    return subprocess.Popen(
        [*command, "--jobs", str(SOURCES), "--accept-mass-change"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip


def write(folder: Path, revision: int) -> None:
    """Write sources in which datasets change, vanish and return from one revision to the next."""
    for number in range(SOURCES):
        name, chance = f"town-{number}", random.Random(f"{revision} {number}")
        rows = [
            {
                "id": f"d{row}",
                "title": f"Jeu {row} état {chance.randrange(3)}",
                "notes": "Un jeu de données.",
                "resources": [{"id": f"r{row}", "url": f"https://data.example/{name}/{row}.csv", "format": "CSV"}],
            }
            for row in range(DATASETS)
            if chance.random() < 0.8
        ]
        (folder / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
        definition = f'kind = "ckan"\nurl = "{name}.json"\ngrace_days = 0\ngrace_runs = 1\n'
        (folder / f"{name}.toml").write_text(definition, encoding="utf-8")


def children(process: int) -> list[int]:
    """Return the processes that harvest below a command: those without children of their own, and not its workers."""
    found = [process]
    for one in found:
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text(encoding="ascii").split())
    return [one for one in found if b"maillon.harvest.child" in _command_line(one)]


def _command_line(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def harvested(folder: Path, data: Path) -> dict[str, Any]:
    """Harvest everything without a kill; return the reports by source."""
    output, _ = start(folder, data).communicate(timeout=120)
    return {report["source"]: report for report in map(json.loads, output.splitlines())}


def wait_for_children(process: subprocess.Popen[str]) -> list[int]:
    while process.poll() is None:
        if found := children(process.pid):
            return found
        time.sleep(0.02)
    return []


def kill(folder: Path, data: Path, chance: random.Random, seconds: float, one: bool) -> bool:
    """Kill a harvest, or one child of it, at a random moment after its children began; tell whether it was at work."""
    process = start(folder, data)
    wait_for_children(process)
    time.sleep(seconds * chance.random())
    targets = children(process.pid)
    with contextlib.suppress(ProcessLookupError):
        if one:
            os.kill(chance.choice(targets), signal.SIGKILL) if targets else None
        else:
            os.killpg(process.pid, signal.SIGKILL)
    output, _ = process.communicate(timeout=120)
    if not one:
        return process.returncode == -signal.SIGKILL and bool(targets)
    reports = list(map(json.loads, output.splitlines()))
    assert len(reports) == SOURCES, "the others carry on"
    assert sum(report["status"] == "failed" for report in reports) <= 1
    return any(report["status"] == "failed" for report in reports)


def state(data: Path) -> dict[str, tuple[Any, ...]]:
    with Ledger(Settings(data=data).ledger) as ledger:
        found = {item.iri: (item.kind, item.key, item.source, item.hash, item.state) for item in ledger.current()}
        last = {change.iri: (change.hash, change.operation) for change in ledger.changes()}
    assert {iri: row[3] for iri, row in found.items()} == {iri: row[0] for iri, row in last.items()}
    assert all((operation == "delete") == (found[iri][4] == "gone") for iri, (_, operation) in last.items())
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_twenty_kills_during_harvest_all_leave_no_double_and_no_loss(tmp_path: Path) -> None:
    chance = random.Random()
    folder, data, whole = tmp_path / "sources", tmp_path / "killed", tmp_path / "whole"
    folder.mkdir()
    write(folder, 0)
    began = time.monotonic()
    assert all(report["status"] == "done" for report in harvested(folder, whole).values())
    seconds = (time.monotonic() - began) * 0.6  # the rest is the start of the command
    at_work = 0
    for number in range(ROUNDS):
        at_work += kill(folder, data, chance, seconds, one=number % 4 == 3)
        state(data)
    reports = harvested(folder, data)
    assert {report["status"] for report in reports.values()} == {"done"}, reports
    assert len(reports) == SOURCES
    assert at_work > ROUNDS // 3
    assert state(data) == state(whole)
    with Ledger(Settings(data=data).ledger) as ledger:
        keys = [(item.kind, item.key) for item in ledger.current()]
        assert len(keys) == len(set(keys))
        assert not [run for run in ledger.runs(limit=1000) if run.status == "running"]
