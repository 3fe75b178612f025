"""Keep queries under short permanent names, so that an answer can be cited by an address that fits on a line.

A name is the beginning of the SHA-256 of the query and its graphs in base 32 (RFC 4648), so the same query gets the
same name, on every machine. ``<data>/queries.sqlite`` holds them: SQLite in WAL mode, one connection a call, so that
several processes and threads may write. Nothing is ever changed or removed, and nothing is kept about who asked.
"""

import json
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from maillon import identifiers
from maillon.errors import MaillonError
from maillon.sparql.text import guard
from maillon.sparql.text.tokens import tokens

FILE: Final = "queries.sqlite"
SHORTEST: Final = 10
"""Characters of a name: 50 bits. Two of 100,000 queries share one with a chance of 1 in 200,000; then one is longer."""
_LONGEST: Final = 52
NAME: Final = re.compile(f"[a-z2-7]{{{SHORTEST},{_LONGEST}}}")
MOST: Final = 100_000
"""Queries that are kept."""
LARGEST: Final = 32_768
"""Octets of one query with its graphs."""
_PAGES: Final = 125_000  # of 4,096 octets: what the file may grow to
_WAIT: Final = 5.0
_SCHEMA: Final = """
CREATE TABLE query (
    name TEXT NOT NULL UNIQUE, text TEXT NOT NULL, graphs TEXT NOT NULL, created TEXT NOT NULL
) STRICT
"""


class QueryNotKept(MaillonError):
    """A query was not stored.

    Attributes:
        reason: ``large`` (the query must be shortened), ``full`` (the operator must make room) or ``closed`` (the file
            cannot be written now).
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Kept:
    """One query.

    Attributes:
        name: Its short name.
        query: Its text.
        default_graphs: IRIs of the protocol's default-graph-uri, sorted.
        named_graphs: IRIs of the protocol's named-graph-uri, sorted.
        created: Day on which it was first stored, ISO 8601, UTC.
    """

    name: str
    query: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    created: str


def lines(query: str) -> str:
    r"""Return a query with the line ends of a file: browsers send a form's text with ``\r\n``.

    A text in quotes that holds one keeps it, and then the whole query does.
    """
    if "\r" not in query or any(item.kind == "string" and "\r" in item.text for item in tokens(query)):
        return query
    return query.replace("\r\n", "\n")


class Queries:
    """The kept queries of one data folder.

    Args:
        data: The folder.
        base_iri: The catalogue's base IRI, under which queries may name the text search.
        most: How many are kept.
    """

    def __init__(self, data: Path, base_iri: str = "", most: int = MOST) -> None:
        self._path = data / FILE
        self._base = base_iri
        self._most = most

    def put(self, query: str, default_graphs: tuple[str, ...] = (), named_graphs: tuple[str, ...] = ()) -> str:
        """Keep a query and return its name; the same as before where it is kept already.

        Raises:
            QueryFailed: The guard refuses it.
            QueryNotKept: It is too large, there is no more room, or the file cannot be written.
        """
        text = lines(query)
        guard.check(text, self._base)
        graphs = json.dumps([sorted({*default_graphs}), sorted({*named_graphs})])
        if len(text.encode()) + len(graphs.encode()) > LARGEST:
            raise QueryNotKept("large", f"The query has more than {LARGEST} octets: it cannot get a permanent link.")
        try:
            if not self._path.is_file():
                self._make()
            return self._known(text, graphs) or self._insert(text, graphs)
        except (sqlite3.Error, OSError) as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
                raise self._full() from error
            raise QueryNotKept("closed", "Permanent links cannot be made now. Try again later.") from error

    def find(self, name: str) -> Kept | None:
        """Return the query of a name, None where there is none."""
        if not NAME.fullmatch(name) or not self._path.is_file():
            return None
        with self._open() as connection:
            row = connection.execute("SELECT text, graphs, created FROM query WHERE name = ?", [name]).fetchone()
        if row is None:
            return None
        default_graphs, named_graphs = json.loads(row[1])
        return Kept(name, row[0], tuple(default_graphs), tuple(named_graphs), row[2])

    def _known(self, text: str, graphs: str) -> str | None:
        """Return the name of a query that is kept; no lock is taken."""
        with self._open() as connection:
            for name in _names(text, graphs):
                row = connection.execute("SELECT text, graphs FROM query WHERE name = ?", [name]).fetchone()
                if row is None:
                    return None
                if row == (text, graphs):
                    return name
        return None

    def _insert(self, text: str, graphs: str) -> str:
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            (count,) = connection.execute("SELECT COUNT(*) FROM query").fetchone()
            if count >= self._most:
                raise self._full()
            today = datetime.now(UTC).date().isoformat()
            for name in _names(text, graphs):
                row = connection.execute("SELECT text, graphs FROM query WHERE name = ?", [name]).fetchone()
                if row is None:
                    connection.execute("INSERT INTO query VALUES (?, ?, ?, ?)", [name, text, graphs, today])
                    connection.execute("COMMIT")
                    return name
                if row == (text, graphs):  # another process was quicker
                    return name
        raise AssertionError("two queries have the same SHA-256")

    def _full(self) -> QueryNotKept:
        return QueryNotKept("full", "No more permanent links can be made here: tell the administrators of this site.")

    def _make(self) -> None:
        """Make the file, whole or not at all: two processes may come here at once."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._path.parent, prefix=".queries-") as folder:
            new = Path(folder) / FILE
            with closing(sqlite3.connect(new)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(_SCHEMA)
            with suppress(FileExistsError):
                self._path.hardlink_to(new)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, timeout=_WAIT, uri=True, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA max_page_count = {_PAGES}")
            yield connection


def _names(text: str, graphs: str) -> Iterator[str]:
    """Yield the names that a query may get, shortest first; all but the first only where another query has it."""
    for length in range(SHORTEST, _LONGEST + 1):
        yield identifiers.digest(f"{text}\0{graphs}", length)
