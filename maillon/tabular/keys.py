"""Remembers keys of rows, to find those that stand twice or refer to nothing, in memory that does not grow.

Keys are kept as 63-bit hashes in a temporary SQLite file, which SQLite itself deletes. Two of a million different keys
are taken for the same with a probability of 1 in 18 million.
"""

import hashlib
import sqlite3
from typing import Self

_CACHE_KIB = 4096


def digest(key: str) -> int:
    """Return the 63-bit hash of a key."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1


class Keys:
    """Keys, each with a number that belongs to it. A context manager; outside it, nothing is left on the disk."""

    def __init__(self) -> None:
        """Open an empty memory of keys."""
        self._database = sqlite3.connect("", isolation_level=None)  # an empty name: a temporary file
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}", "temp_store=FILE"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE keys (hash INTEGER PRIMARY KEY, number INTEGER NOT NULL)")
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, key: str, number: int) -> int | None:
        """Remember a key; return the number that it was remembered with before, None for a new one."""
        value = digest(key)
        if self._database.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (value, number)).rowcount:
            return None
        return self._number(value)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._number(digest(key)) is not None

    def _number(self, value: int) -> int | None:
        found = self._database.execute("SELECT number FROM keys WHERE hash = ?", (value,)).fetchone()
        return None if found is None else int(found[0])
