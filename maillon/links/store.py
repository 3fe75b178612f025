"""Keeps what is known of each web address, and every check of it, in one SQLite file beside the ledger.

An address is checked again the later, the longer it has been good: after a week, then two, up to four (as
data.europa.eu does); one that fails is checked again after a day, then two, up to a week, because most failures pass.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from maillon.errors import MaillonError
from maillon.links.states import LinkState

KEPT: Final = 50
"""Checks of one address that are kept."""
_GOOD: Final = (7, 14, 21, 28)
_BAD: Final = (1, 2, 4, 7)
"""Days until the next check after so many good, or bad, ones in a row."""
_CHUNK: Final = 500
_COLUMNS: Final = tuple(item.name for item in fields(LinkState))
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS links (
    url TEXT PRIMARY KEY, verdict TEXT NOT NULL, status INTEGER NOT NULL, final TEXT NOT NULL,
    media_type TEXT NOT NULL, octets INTEGER, detail TEXT NOT NULL, checked TEXT NOT NULL, good_since TEXT NOT NULL,
    bad_since TEXT NOT NULL, checks INTEGER NOT NULL, failures INTEGER NOT NULL, in_a_row INTEGER NOT NULL,
    next TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checks (
    url TEXT NOT NULL, at TEXT NOT NULL, verdict TEXT NOT NULL, status INTEGER NOT NULL, PRIMARY KEY (url, at)
) WITHOUT ROWID;
"""
_PUT: Final = f"INSERT OR REPLACE INTO links VALUES ({', '.join('?' * (len(_COLUMNS) + 2))})"  # noqa: S608 - marks only
_PRUNE: Final = """
DELETE FROM checks WHERE url = ? AND at <= (SELECT at FROM checks WHERE url = ? ORDER BY at DESC LIMIT 1 OFFSET ?)
"""


class LinksFailed(MaillonError):
    """The file of links cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of an address: when (ISO 8601 UTC), its verdict and HTTP status.

    Attributes:
        at: When.
        verdict: One of ``states.VERDICTS``.
        status: HTTP status, 0 without answer.
    """

    at: str
    verdict: str
    status: int


def stamp(moment: datetime) -> str:
    """Return a moment in ISO 8601, UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Links:
    """The file, for any number of threads and processes; where it is not there, nothing is known.

    Args:
        path: The file; made with the first check.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=20)) as connection, connection:
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise LinksFailed(
                f"What is known of web addresses cannot be read or written: {error}. Check the rights and the free "
                f"space of {self._path.parent}; where the file is damaged, delete {self._path.name}: checks begin anew."
            ) from error

    def states(self, urls: Iterable[str]) -> dict[str, LinkState]:
        """Return what is known of addresses; those never checked are left out."""
        found: dict[str, LinkState] = {}
        wanted = sorted(set(urls))
        if not self._path.is_file() or not wanted:
            return found
        with self._open() as connection:
            for part in _parts(wanted):
                marks = ", ".join("?" * len(part))
                query = f"SELECT {', '.join(_COLUMNS)} FROM links WHERE url IN ({marks})"  # noqa: S608 - marks only
                for row in connection.execute(query, part):
                    found[row[0]] = LinkState(**dict(zip(_COLUMNS, row, strict=True)))
        return found

    def due(self, urls: Iterable[str], now: datetime) -> list[str]:
        """Return the addresses to be checked now: those never checked first, then those that wait longest."""
        wanted = sorted(set(urls))
        if not self._path.is_file():
            return wanted
        times: dict[str, str] = {}
        with self._open() as connection:
            for part in _parts(wanted):
                marks = ", ".join("?" * len(part))
                times.update(connection.execute(f"SELECT url, next FROM links WHERE url IN ({marks})", part))  # noqa: S608
        limit = stamp(now)
        return sorted((url for url in wanted if times.get(url, "") <= limit), key=lambda url: (times.get(url, ""), url))

    def put(self, found: LinkState, now: datetime) -> LinkState:
        """Keep a check of an address; return its state with the history in it.

        Args:
            found: What the check gave; its ``good_since``, ``bad_since``, ``checks`` and ``failures`` are worked out.
            now: When it was checked.
        """
        at = stamp(now)
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_SCHEMA)
                connection.execute("BEGIN IMMEDIATE")
                query = f"SELECT {', '.join(_COLUMNS)}, in_a_row FROM links WHERE url = ?"  # noqa: S608
                row = connection.execute(query, (found.url,)).fetchone()
                state, in_a_row = _continued(found, row, at)
                days = (_GOOD if state.is_good else _BAD)[min(in_a_row, len(_GOOD)) - 1]
                connection.execute(_PUT, (*astuple(state), in_a_row, stamp(now + timedelta(days=days))))
                values = (found.url, at, found.verdict, found.status)
                connection.execute("INSERT OR REPLACE INTO checks VALUES (?, ?, ?, ?)", values)
                connection.execute(_PRUNE, (found.url, found.url, KEPT))
        return state

    def history(self, url: str) -> list[Check]:
        """Return the checks of an address, the latest first."""
        if not self._path.is_file():
            return []
        with self._open() as connection:
            rows = connection.execute("SELECT at, verdict, status FROM checks WHERE url = ? ORDER BY at DESC", (url,))
            return [Check(*row) for row in rows]


def _parts(wanted: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]


def _continued(found: LinkState, row: Sequence[object] | None, at: str) -> tuple[LinkState, int]:
    """Return a state that goes on from the one before, and how many checks in a row ended as this one."""
    good = found.is_good
    if row is None:
        new = replace(found, checked=at, checks=1, failures=int(not good))
        return replace(new, good_since=at if good else "", bad_since="" if good else at), 1
    before = LinkState(**dict(zip(_COLUMNS, row, strict=False)))  # type: ignore[arg-type]
    same = before.is_good == good
    state = replace(
        found,
        checked=at,
        good_since=(before.good_since if same else at) if good else "",
        bad_since="" if good else (before.bad_since if same else at),
        checks=before.checks + 1,
        failures=before.failures + int(not good),
    )
    return state, int(str(row[-1])) + 1 if same else 1
