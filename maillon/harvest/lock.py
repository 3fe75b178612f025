"""Holds a source for one run: a lock file in the data folder that the system frees when the process ends, however."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maillon.errors import OperatorError, SourceUnavailable


@contextmanager
def held(data: Path, source: str, since: str) -> Iterator[None]:
    """Hold a source while the context lasts.

    Args:
        data: The data folder; the file is ``locks/<source>.lock`` in it and stays there.
        source: Name of the source.
        since: Time now, told to whoever finds the lock taken.

    Raises:
        SourceUnavailable: Another process holds it; the message says which and since when.
        OperatorError: The file cannot be made.
    """
    path = data / "locks" / f"{source}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise OperatorError(f"The data folder cannot be written: {error}. Make it writable or give another.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
            raise SourceUnavailable(
                f"Source {source} is being harvested by {holder}: wait until that run has ended."
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} since {since}\n".encode())
        yield
    finally:
        os.close(descriptor)  # frees the lock, but only where this process held it
