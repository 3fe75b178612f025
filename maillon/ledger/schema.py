"""The tables of the ledger, in SQL that SQLite and PostgreSQL both understand, and the guards on them.

``versions`` and ``changes`` are append-only: triggers refuse every UPDATE and DELETE, whoever asks. All times are texts
in ISO 8601, UTC, to the second (``2026-11-21T19:00:00Z``), so that they sort as they are and read the same everywhere.
Replaying ``changes`` in the order of ``seq`` gives what is published (see ``STATE_AFTER``).
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)

VERSION: Final = 2
"""Number of this schema; a ledger with a higher number is refused, one with a lower number is brought up to it.

Version 2 added the tables after ``rejections``; nothing of version 1 was changed.
"""

OPERATIONS: Final = ("create", "update", "delete", "withhold", "restore", "validate")
"""What a change says: first published; published with new content; gone; stored but not published (any longer);
published again; published content unchanged, but its findings, its repairs or its twin differ."""

STATES: Final = ("live", "missing", "gone", "withheld")

STATE_AFTER: Final = {
    "create": "live",
    "update": "live",
    "restore": "live",
    "validate": "live",
    "withhold": "withheld",
    "delete": "gone",
}
"""State of an entity after a change. ``missing`` entities are still published, so for changes they count as live."""

metadata = MetaData()

# Code-point order on both databases: keyset reading compares with Python's own order of texts.
_Iri = String().with_variant(String(collation="C"), "postgresql")
_Sequence = BigInteger().with_variant(Integer(), "sqlite")

ledger_schema = Table(
    "ledger_schema",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

sources = Table(
    "sources",
    metadata,
    Column("name", String, primary_key=True),
    Column("definition", Text, nullable=False),  # JSON of the TOML; of a path only the file's name
    Column("first_seen", String, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", ForeignKey("sources.name"), nullable=False, index=True),
    Column("status", String, nullable=False),  # running | done | failed | died
    Column("started", String, nullable=False),
    Column("finished", String),
    Column("replay_of", Integer),
    Column("message", Text, nullable=False),
    Column("report", Text),  # JSON of the report, from the end of the run
    sqlite_autoincrement=True,
)

versions = Table(
    "versions",
    metadata,
    Column("iri", _Iri, primary_key=True),
    Column("hash", String, primary_key=True),
    Column("text", LargeBinary, nullable=False),  # canonical N-Triples, zlib
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("at", String, nullable=False),
)

entities = Table(
    "entities",
    metadata,
    Column("iri", _Iri, primary_key=True),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("source", ForeignKey("sources.name"), nullable=False),
    Column("hash", String, nullable=False),
    Column("state", String, nullable=False),
    Column("issued", String, nullable=False),
    Column("modified", String, nullable=False),
    Column("last_seen_run", ForeignKey("runs.id"), nullable=False),
    Column("missing_since", String),
    Column("missing_runs", Integer, nullable=False),
    UniqueConstraint("key", "kind"),  # in this order it also finds a batch of keys
    ForeignKeyConstraint(["iri", "hash"], ["versions.iri", "versions.hash"]),
    Index("entities_by_source", "source", "iri"),
)

changes = Table(
    "changes",
    metadata,
    Column("seq", _Sequence, primary_key=True, autoincrement=True),
    Column("at", String, nullable=False),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("iri", _Iri, nullable=False),
    Column("operation", String, nullable=False),
    Column("hash", String, nullable=False),
    ForeignKeyConstraint(["iri", "hash"], ["versions.iri", "versions.hash"]),
    sqlite_autoincrement=True,  # a number is never given twice, not even after the highest row went
)

# One row per version, its findings packed as JSON (zlib): as rows of their own they would outweigh the versions.
validations = Table(
    "validations",
    metadata,
    Column("hash", String, primary_key=True),
    Column("build", String, nullable=False),
    Column("at", String, nullable=False),
    Column("passes", Integer, nullable=False),  # 1 where the gate lets it through
    Column("findings", LargeBinary),  # NULL where there are none
)

rejections = Table(
    "rejections",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("identifier", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("is_dataset", Boolean, nullable=False),
    Column("is_private", Boolean, nullable=False),
)

# What rules repaired of an entity, whenever that differs from the run before; the row of the latest run counts.
repairs = Table(
    "repairs",
    metadata,
    Column("iri", _Iri, primary_key=True),
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("at", String, nullable=False),
    Column("applied", LargeBinary),  # applications, packed by maillon.repair; NULL where nothing is repaired any more
    Column("before", LargeBinary),  # findings of the version without repairs, as in validations
)

# Another IRI under which a source now gives an entity that it gave before under the one that is kept.
aliases = Table(
    "aliases",
    metadata,
    Column("source", ForeignKey("sources.name"), primary_key=True),
    Column("given", _Iri, primary_key=True),
    Column("kept", _Iri, nullable=False),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("at", String, nullable=False),
    Column("why", Text, nullable=False),
)

# Datasets that another source publishes too, whose record is the one that is shown.
twins = Table(
    "twins",
    metadata,
    Column("iri", _Iri, primary_key=True),
    Column("shown", _Iri, nullable=False, index=True),
    Column("score", Integer, nullable=False),  # 0 to 100
    Column("why", Text, nullable=False),
    Column("at", String, nullable=False),
)

# Where the next run of a source goes on; void when the source's definition or Maillon has changed since.
bookmarks = Table(
    "bookmarks",
    metadata,
    Column("source", ForeignKey("sources.name"), primary_key=True),
    Column("value", Text, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("run", ForeignKey("runs.id"), nullable=False),
)

# Who harvests a source now. A lease whose heartbeat is too old may be taken over.
leases = Table(
    "leases",
    metadata,
    Column("source", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("since", String, nullable=False),
    Column("heartbeat", String, nullable=False),
)

_POSTGRESQL_GUARD = """
CREATE OR REPLACE FUNCTION maillon_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END$$
"""


def _guard(table: Table, connection: Connection, **_: object) -> None:
    """Make the triggers that keep a table append-only, right after the table is made."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_POSTGRESQL_GUARD)
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table.name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION maillon_append_only()"
        )
        return
    for action in ("UPDATE", "DELETE"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table.name}_no_{action.lower()} BEFORE {action} ON {table.name} "
            f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
        )


for _table in (versions, changes):
    event.listen(_table, "after_create", _guard)
