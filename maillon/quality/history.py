"""Turns snapshots into a history of quality that outlives them: ``<data>/quality.sqlite``, a row a snapshot and scope.

It is said in RDF too: measurements in DQV (https://www.w3.org/TR/vocab-dqv/) with the moment as dct:date.

Rows are added when a snapshot is switched to. Adding the same one twice changes nothing, and neither pruning nor going
back to an older snapshot takes anything away. Days older than THINNED keep their last snapshot only. A file that is
lost costs the history and nothing else; one that cannot be read is put aside, and a line says so.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from maillon import identifiers
from maillon.quality import aggregation, dqv, packing
from maillon.quality.lists import PV
from maillon.quality.values import Moment, Scope
from maillon.vocabulary import term

THINNED: Final = 90
"""Days for which every snapshot is kept; of older days only the last one."""
GRAPH: Final = "graph/quality-history"
"""Under the base IRI, the graph of the measurements of earlier snapshots."""
_WAIT: Final = 30.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS moments (
    kind TEXT NOT NULL, key TEXT NOT NULL, made TEXT NOT NULL, snapshot INTEGER NOT NULL, datasets INTEGER NOT NULL,
    points REAL NOT NULL, measures TEXT NOT NULL, PRIMARY KEY (kind, key, made, snapshot)
) WITHOUT ROWID
"""
_COLUMNS: Final = "snapshot, made, datasets, points, measures"
_THIN: Final = """
DELETE FROM moments WHERE made < ?1 AND EXISTS (
    SELECT 1 FROM moments later WHERE later.kind = moments.kind AND later.key = moments.key
    AND substr(later.made, 1, 10) = substr(moments.made, 1, 10)
    AND (later.made > moments.made OR (later.made = moments.made AND later.snapshot > moments.snapshot))
)
"""


def _row(scope: Scope, snapshot: int, made: str) -> tuple[Any, ...]:
    measures = {"severities": dict(scope.severities), "indicators": dict(scope.indicators)}
    text = json.dumps(measures, ensure_ascii=False, sort_keys=True)
    return scope.kind, scope.key, made, snapshot, scope.datasets, scope.points, text


def _write(path: Path, rows: list[tuple[Any, ...]], made: str) -> None:
    since = (datetime.fromisoformat(made) - timedelta(days=THINNED)).date().isoformat()
    with closing(sqlite3.connect(path, timeout=_WAIT)) as connection, connection:
        connection.execute(_SCHEMA)
        connection.execute("BEGIN IMMEDIATE")  # one writer at a time; another one waits
        connection.executemany("INSERT OR REPLACE INTO moments VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute(_THIN, (since,))


def append(path: Path, snapshot: int, made: str, scopes: Iterable[Scope]) -> str:
    """Add what the scopes of a snapshot are like, once.

    Args:
        path: The file; it is made where it is not there.
        snapshot: Number of the snapshot.
        made: When it was made, ISO 8601 UTC.
        scopes: All its scopes.

    Returns:
        A line for the operator where the history could not be kept or was begun anew, else nothing.
    """
    rows = [_row(scope, snapshot, made) for scope in scopes]
    if not rows:
        return ""
    try:
        _write(path, rows, made)
    except sqlite3.OperationalError as error:  # locked for long, no room, no right to write
        return f"The history of quality was not kept ({error}): look at the rights and the free space of {path}."
    except sqlite3.DatabaseError as error:
        return _begun_anew(path, rows, made, error)
    return ""


def _begun_anew(path: Path, rows: list[tuple[Any, ...]], made: str, error: sqlite3.Error) -> str:
    aside = path.with_name(f"{path.name}.broken-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    try:
        path.rename(aside)
        _write(path, rows, made)
    except (OSError, sqlite3.Error) as again:
        return f"The history of quality {path} is torn ({error}) and could not be put aside: {again}."
    return f"The history of quality was torn ({error}) and begins anew: restore a backup of it, or look into {aside}."


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Give a connection that reads; None where there is no history."""
    if not path.is_file():
        yield None
        return
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_WAIT)) as connection:
        yield connection


def _moment(row: tuple[Any, ...]) -> Moment:
    snapshot, made, datasets, points, measures = row
    values = json.loads(measures)
    return packing.moment(snapshot, made, datasets, points, values["severities"], values["indicators"])


def _moments(connection: sqlite3.Connection | None, query: str, values: tuple[Any, ...]) -> list[Moment]:
    """Return the moments that a query finds; none where the file cannot be read: the next publish says so."""
    try:
        return [_moment(row) for row in connection.execute(query, values)] if connection is not None else []
    except (sqlite3.DatabaseError, ValueError, KeyError):
        return []


def moments(path: Path, kind: str, key: str = "") -> list[Moment]:
    """Return what is known of a scope in all snapshots, oldest first; none where the file is absent or torn."""
    query = f"SELECT {_COLUMNS} FROM moments WHERE kind = ? AND key = ? ORDER BY made, snapshot"  # noqa: S608
    with _reading(path) as connection:
        return _moments(connection, query, (kind, key))


def at(path: Path, kind: str, key: str, day: str) -> Moment | None:
    """Return what a scope was like at the end of a day: in the last snapshot made until then.

    Args:
        path: The file.
        kind: Kind of the scope.
        key: Its key.
        day: ISO 8601 date, UTC.

    Returns:
        None where nothing is known of so long ago.
    """
    query = (
        f"SELECT {_COLUMNS} FROM moments WHERE kind = ? AND key = ? AND made < ?"  # noqa: S608 - the names above
        " ORDER BY made DESC, snapshot DESC LIMIT 1"
    )
    with _reading(path) as connection:
        found = _moments(connection, query, (kind, key, f"{day[:10]}U"))  # "U" comes right after "T"
    return found[0] if found else None


@contextmanager
def latest(path: Path, most: Callable[[str], int]) -> Iterator[Callable[[str, str], tuple[Moment, ...]]]:
    """Give a function that returns the last moments of a scope (kind, key), the last of each day, oldest first.

    Args:
        path: The file.
        most: Gives how many of them at most, by kind.
    """
    query = (
        f"SELECT {_COLUMNS}, max(made || printf('%09d', snapshot)) FROM moments"  # noqa: S608 - the names above
        " WHERE kind = ? AND key = ? GROUP BY substr(made, 1, 10) ORDER BY made DESC LIMIT ?"
    )
    with _reading(path) as connection:

        def find(kind: str, key: str) -> tuple[Moment, ...]:
            try:
                rows = connection.execute(query, (kind, key, most(kind))).fetchall() if connection else []
                return tuple(_moment(row[:-1]) for row in reversed(rows))
            except (sqlite3.DatabaseError, ValueError, KeyError):
                return ()

        yield find


def _whole(value: int) -> str:
    return f'"{value}"^^{term("xsd:integer")}'


def _decimal(value: float) -> str:
    """Return a number with at most four decimals in the form in which a store keeps it."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return f'"{text}"^^{term("xsd:decimal")}'


def _measures(kind: str, moment: Moment) -> Iterator[tuple[str, str]]:
    """Yield the IRI of each metric and its value in N-Triples; of organisations, which are many, two only."""
    yield f"{PV}scoring", _decimal(moment.points)
    yield f"{dqv.QUALITY}Violation", _whole(moment.severities.get("Violation", 0))
    if kind != aggregation.ORGANISATION:
        yield f"{dqv.QUALITY}datasets", _whole(moment.datasets)
        for name, value in moment.indicators.items():
            if value is not None:
                yield f"{dqv.INDICATOR}{name}", _decimal(value)


def quads(scope: Scope, moment: Moment, base: str) -> list[str]:
    """Return what the graph of the history says of a scope at one moment, each line with its line feed.

    Args:
        scope: What it is about.
        moment: What it was like.
        base: The setting ``base_iri``.
    """
    about, graph = dqv.target(scope, base), f"<{base}{GRAPH}>"
    stamp = moment.made.replace("-", "").replace(":", "")
    made = f'"{moment.made}"^^{term("xsd:dateTime")}'
    lines = []
    for metric, value in _measures(scope.kind, moment):
        name = re.split("[:#/]", metric)[-1]
        node = f"<{identifiers.skolem(base, about, f'h-{stamp}-{moment.snapshot}-{name}')}>"
        lines += [
            f"{node} <{dqv.DQV}computedOn> <{about}> {graph} .\n",
            f"{node} <{dqv.DQV}isMeasurementOf> <{metric}> {graph} .\n",
            f"{node} <{dqv.DQV}value> {value} {graph} .\n",
            f"{node} {term('dct:date')} {made} {graph} .\n",
        ]
    return lines
