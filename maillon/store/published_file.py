"""Reads one SQLite file of a snapshot: it never changes once published, so it is opened read-only and immutable.

Immutable files need neither locks nor a journal (https://www.sqlite.org/uri.html#uriimmutable). Each thread has a
connection of its own, because one connection answers one thread at a time.
"""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def address(path: Path) -> str:
    """Return the URI by which SQLite opens a published file; also for ``ATTACH``."""
    return f"{path.resolve().as_uri()}?mode=ro&immutable=1"


class PublishedFile:
    """Reads a file, for any number of threads; it is opened by the first reading.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections of all threads; nothing may be read afterwards."""
        with self._lock:
            while self._open:
                self._open.pop().close()
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Used by one thread only; check_same_thread is off so that close() can be called from any.
            connection = sqlite3.connect(address(self.path), uri=True, check_same_thread=False)
            self._local.connection = connection
            with self._lock:
                self._open.append(connection)
        return connection

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return all rows of a query. Raises sqlite3.Error where the file is absent, torn or something else."""
        return self._connection().execute(query, values).fetchall()
