"""Runs killed with SIGKILL at random moments: the ledger stays consistent, and the next run completes the work."""

import contextlib
import importlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from maillon.ledger import Ledger

Make = Callable[..., dict[str, Any]]
Town = Any

ROUNDS = 15
KILLS = 5
"""At most so many of one listing before a run may complete."""
DATASETS = 250

RUNNER = """
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, sys.argv[1])
import towns.listing
from maillon import harvest, validation
from maillon.harvest import staging
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.sources import Source

staging.BATCH = 20  # many commits, so that kills fall between and inside them


def run(data, listing):
    settings = Settings(data=Path(data), base_iri="https://catalogue.example.org/")
    source = Source(name="town", kind="towns.listing", url=listing, language="fr", grace_days=0, grace_runs=1)
    options = harvest.Options(now=lambda: datetime(2026, 11, 21, tzinfo=UTC), accept_mass_change=True)
    with Ledger(settings.ledger) as ledger:
        return harvest.run(source, settings, ledger, options).status != "done"


for line in sys.stdin:
    process = os.fork()
    if not process:
        os._exit(run(*json.loads(line)))
    print(process, flush=True)
    print(os.waitpid(process, 0)[1], flush=True)
"""


class Runner:
    """Starts runs in processes of their own: forks of one that has imported everything, which saves most of the time.

    ``run`` returns the status in which the process ended; with ``after`` it is killed so many seconds after its start.
    """

    def __init__(self, town: Town) -> None:
        third_party = str(Path(sys.modules["towns"].__file__ or "").parents[1])
        self._listing = town.source.url
        self._process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, third_party], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, data: Path, after: float | None = None) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(data), self._listing]) + "\n")
        self._process.stdin.flush()
        process = int(self._process.stdout.readline())
        if after is not None:
            time.sleep(after)
            with contextlib.suppress(ProcessLookupError):  # it had ended before
                os.kill(process, signal.SIGKILL)
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


def listing(make: Make, number: int) -> list[dict[str, Any]]:
    """Datasets of which from one listing to the next a part changes, a part vanishes, a part is new or comes back."""
    chosen = random.Random(number)
    return [
        make(dataset, title=f"Arbres {chosen.choice(['un', 'deux', 'trois'])}")
        for dataset in range(DATASETS)
        if chosen.random() < 0.8
    ]


def state(ledger: Ledger) -> dict[str, tuple[Any, ...]]:
    iris = [item.iri for item in ledger.current()]
    return {iri: (row.kind, row.key, row.hash, row.state, row.missing_runs) for iri, row in ledger.known(iris).items()}


@pytest.fixture
def runner(town: Town, harvester: str) -> Iterator[Runner]:
    importlib.import_module(harvester)
    opened = Runner(town)
    yield opened
    opened.close()


@pytest.mark.slow
def test_a_ledger_survives_kills_at_random_moments(
    town: Town, make: Make, runner: Runner, check_ledger: Callable[[Ledger], None]
) -> None:
    chance = random.Random(2026)
    rounds = inside = number = 0
    whole_url = f"sqlite:///{town.folder}/unkilled/ledger.sqlite"
    while rounds < ROUNDS:
        number += 1
        town.lists(*listing(make, number))
        begin = time.monotonic()
        assert runner.run(town.folder / "unkilled") == 0
        seconds = time.monotonic() - begin
        changes: list[Any] = []
        completed = False
        while rounds < ROUNDS and not completed and rounds < number * KILLS:
            runner.run(town.settings.data, after=seconds * chance.random())
            rounds += 1
            with Ledger(town.settings.ledger) as ledger:
                check_ledger(ledger)
                after = list(ledger.changes())
                done = sum(row.status == "done" for row in ledger.runs())
            completed = done == number  # one complete run of each listing, as the other ledger has
            assert after[: len(changes)] == changes
            inside += len(after) > len(changes) and not completed
            changes = after
        assert completed or runner.run(town.settings.data) == 0
        with Ledger(town.settings.ledger) as killed, Ledger(whole_url) as whole:
            check_ledger(killed)
            assert state(killed) == state(whole)
            assert {row.status for row in killed.runs()} <= {"died", "done"}
    assert inside, "no kill fell into the applying of a run: the moments are badly chosen"
