"""Snapshots that are read are kept, a bad one is undone by switching back, a torn file is noticed."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from maillon import publish
from maillon.errors import SnapshotError
from maillon.ledger import Ledger
from maillon.records import Entity
from maillon.settings import Settings
from maillon.sources import Source
from maillon.store import snapshots
from maillon.store.documents import Documents

READER = """
import sys
from pathlib import Path
from maillon.store import snapshots
with snapshots.open_number(Path(sys.argv[1]), int(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def root(
    new_settings: Settings, world: Callable[[int, int], Entity], owners: Sequence[Source], keep: Any
) -> Iterator[Path]:
    """Give a folder with four snapshots, of 1 to 4 datasets."""
    with Ledger(new_settings.ledger) as ledger:
        for number in range(4):
            keep(ledger, owners[0], [world(number, 1)])
            publish.publish(ledger, new_settings).close()
    yield new_settings.snapshots


def test_prune_keeps_the_newest_and_the_current(root: Path) -> None:
    snapshots.switch(root, 1)
    assert publish.prune(root, 2) == ([2], [])
    assert snapshots.numbers(root) == [1, 3, 4]
    assert snapshots.current_number(root) == 1


def test_prune_keeps_what_another_process_reads(root: Path) -> None:
    program = [sys.executable, "-c", READER, str(root), "2"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"held\n"
        assert publish.prune(root, 1) == ([1, 3], [2])
        reader.kill()  # the kernel frees the lock of a killed reader
        reader.wait()
    assert publish.prune(root, 1) == ([2], [])


def test_rollback_goes_to_the_one_before_or_to_any(root: Path) -> None:
    assert publish.rollback(root) == 3
    assert publish.rollback(root) == 2
    assert publish.rollback(root, 4) == 4
    with snapshots.open_current(root) as snapshot:
        assert Documents(snapshot.documents).count("dataset") == 4
    with pytest.raises(SnapshotError, match=r"no snapshot 9 .* Choose one of: 1, 2, 3, 4"):
        publish.rollback(root, 9)
    publish.rollback(root, 1)
    with pytest.raises(SnapshotError, match="no earlier snapshot"):
        publish.rollback(root)
    assert snapshots.current_number(root) == 1


def test_a_reader_keeps_its_snapshot_while_others_are_published(root: Path) -> None:
    with snapshots.open_number(root, 1) as held:
        assert publish.prune(root, 1) == ([2, 3], [1])
        assert publish.verify(held) == []


@pytest.mark.parametrize("name", ["documents.sqlite", "store", "search"])
def test_a_torn_file_is_noticed(root: Path, name: str) -> None:
    path = root / "current" / name
    if path.is_dir():
        path = max((item for item in path.iterdir() if item.is_file()), key=lambda item: item.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()  # a hard link of the snapshot before must stay whole
    path.write_bytes(content)
    with snapshots.open_current(root) as snapshot:
        faults = publish.verify(snapshot)
        assert len(faults) == 1
        assert "is torn" in faults[0]
        assert path.name in faults[0]
    with snapshots.open_number(root, 3) as before:
        assert publish.verify(before) == []


def test_a_missing_file_is_noticed(root: Path) -> None:
    (root / "current" / "documents.sqlite").unlink()
    with snapshots.open_current(root) as snapshot:
        assert publish.verify(snapshot) == ["documents.sqlite is missing"]


def test_a_torn_manifest_is_a_clear_error(root: Path) -> None:
    (root / "00000004" / "manifest.json").write_text('{"number": 4', encoding="utf-8")
    with pytest.raises(SnapshotError, match="maillon publish --rebuild"):
        snapshots.open_current(root)
    with pytest.raises(SnapshotError):
        snapshots.switch(root, 4)


def test_after_a_torn_snapshot_publishing_starts_anew(root: Path, new_settings: Settings) -> None:
    (root / "00000004" / "manifest.json").write_text("", encoding="utf-8")
    with Ledger(new_settings.ledger) as ledger, publish.publish(ledger, new_settings) as snapshot:
        assert (snapshot.number, snapshot.manifest.mode) == (5, "rebuild")
        assert publish.verify(snapshot) == []


def test_a_changed_manifest_is_noticed(root: Path) -> None:
    path = root / "00000004" / "manifest.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"datasets": 4', '"datasets": 5'), encoding="utf-8")
    with snapshots.open_current(root) as snapshot:
        faults = publish.verify(snapshot)
    assert len(faults) >= 3, "documents, store and search each contradict it"
