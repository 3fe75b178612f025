"""Turns a growing row of snapshots into the few that are kept, and moves the pointer back where one was bad.

A snapshot that any process reads is leased (a shared flock) and is never removed; only the publisher's lock holder
writes here.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from maillon.errors import SnapshotError
from maillon.store import snapshots


@contextmanager
def publisher_lock(root: Path) -> Iterator[None]:
    """Be the only one who writes in the folder of snapshots.

    Raises:
        SnapshotError: Another process is, or the folder cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle = os.open(root / "publisher.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise SnapshotError(f"{root} cannot be written: {error}. Make it writable or give another --data.") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SnapshotError(
                f"Another process publishes in {root}: wait until it has ended, then run again."
            ) from error
        yield
    finally:
        os.close(handle)


def clean(root: Path) -> None:
    """Remove what killed processes left half made or half removed; the publisher's lock must be held."""
    for path in root.iterdir():
        if path.name.startswith(".") and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name.startswith(".") and path.is_symlink():
            path.unlink()


def _remove(root: Path, number: int) -> bool:
    """Remove a snapshot unless someone reads it."""
    path = snapshots.folder(root, number)
    try:
        lease = os.open(path / "lease", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:  # incomplete: nobody can have it open
        shutil.rmtree(path)
        return True
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        gone = root / f".gone-{number:08d}"
        path.rename(gone)
    except BlockingIOError:
        return False
    finally:
        os.close(lease)
    shutil.rmtree(gone)
    return True


def prune(root: Path, keep: int) -> tuple[list[int], list[int]]:
    """Remove all snapshots but the newest ``keep``, the current one and those that are being read.

    Returns:
        Numbers removed, and numbers kept only because they are being read.

    Raises:
        SnapshotError: Another process publishes.
    """
    with publisher_lock(root):
        clean(root)
        found = snapshots.numbers(root)
        kept = {*found[len(found) - max(keep, 1) :], snapshots.current_number(root)}
        old = [number for number in found if number not in kept]
        removed = [number for number in old if _remove(root, number)]
        return removed, [number for number in old if number not in removed]


def rollback(root: Path, number: int | None = None, prepare: Callable[[int], None] | None = None) -> int:
    """Serve an earlier snapshot again; return its number.

    Args:
        root: Folder of the snapshots.
        number: Which one; None for the one before the current.
        prepare: Called with its number before the pointer moves; what it raises leaves the current one in force.

    Raises:
        SnapshotError: There is no such snapshot, or another process publishes.
    """
    with publisher_lock(root):
        if number is None:
            current = snapshots.current_number(root)
            earlier = [item for item in snapshots.numbers(root) if current is not None and item < current]
            if not earlier:
                raise SnapshotError(f"There is no earlier snapshot in {root} to go back to.")
            number = earlier[-1]
        if prepare is not None:
            prepare(number)
        snapshots.switch(root, number)
        return number
