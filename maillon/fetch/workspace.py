"""A folder for unpacked documents that lives as long as one fetcher, also where its process is killed.

Each folder is locked by its owner (flock on the folder itself); who makes a new one removes those whose lock is free.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "fetch-"


@contextlib.contextmanager
def workspace(parent: Path) -> Iterator[Path]:
    """Yield a new folder in ``parent``; it is removed at the end, those of killed processes at the start."""
    parent.mkdir(parents=True, exist_ok=True)
    for left in sorted(parent.glob(f"{_PREFIX}*")):
        _remove_if_left(left)
    folder, lock = _make(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _make(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = _lock(folder)
        if lock is not None and folder.is_dir():
            return folder, lock
        if lock is not None:  # another process took it for a left one before it was locked
            os.close(lock)


def _lock(folder: Path) -> int | None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _remove_if_left(folder: Path) -> None:
    lock = _lock(folder)
    if lock is not None:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)
