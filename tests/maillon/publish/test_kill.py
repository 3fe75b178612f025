"""Killed at any moment, publishing leaves the last snapshot serving, and the next publish completes."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from maillon import publish
from maillon.ledger import Ledger
from maillon.records import Entity
from maillon.settings import Settings
from maillon.sources import Source
from maillon.store import snapshots

ROUNDS = 20
PROGRAM = """
import sys
from pathlib import Path
from maillon import publish
from maillon.ledger import Ledger
from maillon.settings import Settings
settings = Settings(data=Path(sys.argv[1]), base_iri=sys.argv[2])
with Ledger(settings.ledger) as ledger:
    print("begun", flush=True)
    while True:
        publish.publish(ledger, settings, sys.argv[3]).close()
        print("done", flush=True)
        if sys.argv[3] != "rebuild":
            break
"""


def _kill_after(settings: Settings, mode: str, seconds: float) -> bool:
    """Publish in another process and kill it so many seconds after it has begun; tell whether it was still at it."""
    program = [sys.executable, "-c", PROGRAM, str(settings.data), settings.base_iri, mode]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(seconds)
        process.kill()
        return process.wait() != 0


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["rebuild", "incremental"])
def test_kill_at_any_moment(
    mode: publish.Mode,
    new_settings: Settings,
    world: Callable[[int, int], Entity],
    owners: Sequence[Source],
    keep: Any,
) -> None:
    root, generator = new_settings.snapshots, random.Random(mode)
    killed = 0
    with Ledger(new_settings.ledger) as ledger:
        keep(ledger, owners[0], [world(number, 1) for number in range(12)])
        publish.publish(ledger, new_settings).close()
        start = time.monotonic()
        publish.publish(ledger, new_settings, "rebuild").close()
        usual = time.monotonic() - start
        for turn in range(ROUNDS):
            before = snapshots.current_number(root)
            keep(ledger, owners[0], [world(turn % 12, turn % 4)], "live", "update", f"2026-11-21T00:00:{turn:02d}Z")
            killed += _kill_after(new_settings, mode, generator.uniform(0, usual))
            with snapshots.open_current(root) as snapshot:
                assert before is not None
                assert snapshot.number >= before
                assert publish.verify(snapshot) == []
            assert len(snapshots.listing(root)) == len(snapshots.numbers(root))
            if turn % 4 == 3:
                with publish.publish(ledger, new_settings, mode) as snapshot:
                    assert snapshot.manifest.sequence == ledger.sequence()
                    assert publish.verify(snapshot) == []
                assert [path.name for path in root.iterdir() if path.name.startswith(".")] == []
                publish.prune(root, 2)
    assert killed >= ROUNDS // 4


@pytest.mark.slow
def test_half_made_folders_are_removed_at_the_next_publish(
    new_settings: Settings, world: Callable[[int, int], Entity], owners: Sequence[Source], keep: Any
) -> None:
    root = new_settings.snapshots
    (root / ".00000007-1" / "store").mkdir(parents=True)
    (root / ".gone-00000003").mkdir()
    (root / ".current-77").symlink_to("00000007")
    with Ledger(new_settings.ledger) as ledger:
        keep(ledger, owners[0], [world(1, 1)])
        publish.publish(ledger, new_settings).close()
    assert sorted(path.name for path in root.iterdir()) == ["00000001", "current", "publisher.lock"]
    assert (root / "current").readlink() == Path("00000001")
