"""The pointer, the leases and the folder of snapshots, without their content."""

from pathlib import Path

import pytest

from maillon.errors import SnapshotError
from maillon.settings import Settings
from maillon.store import snapshots


def test_nothing_published_is_a_clear_error(tmp_path: Path) -> None:
    assert snapshots.current_number(tmp_path) is None
    assert snapshots.numbers(tmp_path / "absent") == []
    assert snapshots.listing(tmp_path) == []
    with pytest.raises(SnapshotError, match="run `maillon publish`"):
        snapshots.open_current(tmp_path)


def test_a_pointer_to_nowhere_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("00000009")
    assert snapshots.current_number(tmp_path) == 9
    with pytest.raises(SnapshotError, match="no snapshot 9"):
        snapshots.open_current(tmp_path)


def test_a_manifest_reads_as_it_was_written(settings: Settings, tmp_path: Path) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        (tmp_path / "manifest.json").write_text(snapshot.manifest.as_json(), encoding="utf-8")
        assert snapshots.read_manifest(tmp_path) == snapshot.manifest
        assert [(manifest.number, current) for manifest, current in snapshots.listing(settings.snapshots)] == [
            (1, True)
        ]


def test_closing_twice_is_no_error(settings: Settings) -> None:
    snapshot = snapshots.open_current(settings.snapshots)
    snapshot.close()
    snapshot.close()


def test_other_names_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    for name in ("00000001", "notes", ".00000002-1", "123"):
        (tmp_path / name).mkdir()
    assert snapshots.numbers(tmp_path) == [1]
