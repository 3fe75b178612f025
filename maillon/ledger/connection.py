"""Opens the database behind a ledger and gives its transactions: many readers, one writer at a time.

Change numbers are given in the order in which transactions commit, which is what lets a publisher read ``sequence()``
and later ask for what came after it without missing anything. On SQLite a writing transaction starts with
``BEGIN IMMEDIATE``, so the second writer waits before it gets a number. On PostgreSQL, where a sequence alone promises
no such order, a writing transaction first takes a transaction-level advisory lock, which the server releases only after
the commit is visible.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, func, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError, ProgrammingError
from sqlalchemy.pool import NullPool

from maillon.errors import OperatorError
from maillon.ledger import schema

BUSY_SECONDS: Final[float] = 60
"""How long a writer waits for the one before it; a batch takes well under a second."""

_WRITER_LOCK: Final = 0x4D61696C  # "Mail": one number for all ledgers of a PostgreSQL database


def _configure_sqlite(engine: Engine) -> None:
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, see `begin`
        for pragma in (
            f"busy_timeout = {int(BUSY_SECONDS * 1000)}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "recursive_triggers = ON",  # else INSERT OR REPLACE would slip past the append-only triggers
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("maillon_writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", begin)


def _open(url: str) -> Engine:
    try:
        address: URL = make_url(url)
        if address.get_backend_name() == "sqlite":
            if address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(address, poolclass=NullPool)
            _configure_sqlite(engine)
            return engine
        if address.get_backend_name() != "postgresql":
            raise OperatorError(f"ledger_url names {address.get_backend_name()!r}: use sqlite or postgresql+psycopg.")
        return create_engine(address, pool_pre_ping=True)
    except (NoSuchModuleError, ImportError) as error:
        raise OperatorError(
            f"The driver of the ledger is not installed ({error}): install maillon[postgresql]."
        ) from error
    except ArgumentError as error:
        raise OperatorError(
            "ledger_url cannot be read: write it as sqlite:///path or postgresql+psycopg://..."
        ) from error
    except OSError as error:
        raise OperatorError(f"The folder of the ledger cannot be made: {error}.") from error


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what a database says when the operator must act (disk full, locked, down) into an OperatorError."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise  # a fault in Maillon, not something that an operator can mend
    except DatabaseError as error:
        raise OperatorError(
            f"The ledger cannot be read or written: {error.orig}. Check that it is a ledger, that the disk is not full "
            "and that no other program keeps it locked, then run again: what was committed is kept."
        ) from error


class Database:
    """The database of one ledger, opened and checked.

    Raises:
        OperatorError: It cannot be opened, or its schema is of another Maillon.
    """

    def __init__(self, url: str) -> None:
        self._engine = _open(url)
        self._postgresql = self._engine.dialect.name == "postgresql"
        self._reader = (
            self._engine.execution_options(isolation_level="REPEATABLE READ") if self._postgresql else self._engine
        )
        self._writer = self._engine.execution_options(maillon_writing=True)
        try:
            self._prepare()
        except OperatorError:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a transaction that sees one state of the ledger for as long as it lasts."""
        with _explained(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction that is the only writing one; it commits at the end, or nothing of it stays."""
        with _explained(), self._writer.connect() as connection, connection.begin():
            if self._postgresql:
                connection.execute(select(func.pg_advisory_xact_lock(_WRITER_LOCK)))
            yield connection

    def _prepare(self) -> None:
        """Make the tables where there are none; refuse a schema that is not ours."""
        with _explained(), self._engine.connect() as connection:
            found = _version(connection)
        if found is None or found < schema.VERSION:
            with self.writing() as connection:
                if (_version(connection) or 0) < schema.VERSION:  # another process may have been first
                    schema.metadata.create_all(connection)  # adds the tables that are not there
                    connection.execute(insert(schema.ledger_schema).values(version=schema.VERSION))
                found = _version(connection)
        if found != schema.VERSION:
            raise OperatorError(
                f"The ledger has schema {found} and is newer than this Maillon, which reads schema {schema.VERSION}: "
                "use the Maillon that made it, or give another ledger_url or --data."
            )


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(schema.ledger_schema.name):
        return None
    version: int | None = connection.scalar(select(func.max(schema.ledger_schema.c.version)))
    return version
