"""The ledger on SQLite, and on PostgreSQL where POSTGRESQL_TEST_URL gives one: what goes in comes out, in order."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Table, delete, text, update
from sqlalchemy.exc import DatabaseError

from maillon.errors import OperatorError
from maillon.ledger import Ledger, Validation, bookmarks, reading, repairs, schema, writing
from maillon.ledger.connection import Database
from maillon.records import Finding, Rejected
from maillon.sources import Source

AT = "2026-11-21T19:00:00Z"

Write = Callable[..., int]


def finding(focus: str, severity: str = "Warning") -> Finding:
    return Finding(focus, "<http://purl.org/dc/terms/title>", '"é"@fr', severity, "urn:component", "urn:shape")


def test_an_empty_ledger_has_sequence_zero_and_nothing_in_it(ledger: Ledger) -> None:
    assert ledger.sequence() == 0
    assert list(ledger.current()) == []
    assert ledger.changed_since(0) == set()
    assert ledger.sources() == []
    assert ledger.runs() == []


def test_entities_come_back_in_code_point_order_with_their_texts(ledger: Ledger, write: Write) -> None:
    texts = {f"urn:{name}": f'<urn:{name}> <urn:p> "é{name}" .\n' for name in ("b", "A", "é", "a", "Z", "~")}
    write(ledger, texts)
    found = list(ledger.current())
    assert [item.iri for item in found] == sorted(texts)
    assert {item.iri: item.text for item in found} == texts
    assert {item.state for item in found} == {"live"}


def test_current_can_be_limited_to_iris_and_kinds(ledger: Ledger, write: Write) -> None:
    write(ledger, {"urn:a": "a", "urn:b": "b"})
    assert [item.iri for item in ledger.current(["urn:b", "urn:unknown", "urn:b"])] == ["urn:b"]
    assert list(ledger.current([])) == []
    assert [item.iri for item in ledger.current(kinds=["dataset"])] == ["urn:a", "urn:b"]
    assert list(ledger.current(kinds=["distribution"])) == []


def test_more_entities_than_a_batch_are_all_read(ledger: Ledger, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH", 3)
    texts = {f"urn:{letter}": letter for letter in "abcdefghij"}
    write(ledger, texts)
    assert [item.iri for item in ledger.current()] == sorted(texts)
    assert [item.iri for item in ledger.current(list(texts))] == sorted(texts)
    assert len(list(ledger.changes())) == 10


def test_changes_are_numbered_in_order_and_asked_for_by_number(ledger: Ledger, write: Write) -> None:
    write(ledger, {"urn:a": "1", "urn:b": "1"})
    before = ledger.sequence()
    write(ledger, {"urn:b": "2"}, operation="update")
    assert ledger.changed_since(before) == {"urn:b"}
    assert ledger.changed_since(0) == {"urn:a", "urn:b"}
    changes = list(ledger.changes())
    assert [change.seq for change in changes] == sorted(change.seq for change in changes)
    assert [change.operation for change in changes] == ["create", "create", "update"]
    assert changes[-1].seq == ledger.sequence()


def test_content_that_comes_back_uses_the_version_that_is_there(ledger: Ledger, write: Write) -> None:
    for body in ("1", "2", "1"):
        write(ledger, {"urn:a": body}, operation="update")
    assert [item.text for item in ledger.current()] == ["1"]
    with ledger.reading() as connection:
        assert len(connection.execute(schema.versions.select()).all()) == 2


def test_a_transaction_that_fails_leaves_nothing(ledger: Ledger, source: Source) -> None:
    with pytest.raises(KeyError), ledger.writing() as connection:
        writing.put_source(connection, source, AT)
        raise KeyError("stop")
    assert ledger.sources() == []


@pytest.mark.parametrize("table", [schema.versions, schema.changes], ids=["versions", "changes"])
def test_versions_and_changes_cannot_be_changed_or_deleted(ledger: Ledger, write: Write, table: Table) -> None:
    write(ledger, {"urn:a": "1"})
    statements = (update(table).values(at="2000-01-01T00:00:00Z"), delete(table))
    for statement in statements:
        with pytest.raises((DatabaseError, OperatorError), match="append-only"), ledger.writing() as connection:
            connection.execute(statement)
    assert len(list(ledger.changes())) == 1
    assert [item.text for item in ledger.current()] == ["1"]


def test_replacing_a_row_does_not_slip_past_the_triggers(sqlite_url: str, write: Write) -> None:
    with Ledger(sqlite_url) as ledger:
        write(ledger, {"urn:a": "1"})
        replacing = text("INSERT OR REPLACE INTO changes SELECT seq, 'never', run, iri, operation, hash FROM changes")
        with pytest.raises(DatabaseError, match="append-only"), ledger.writing() as connection:
            connection.execute(replacing)
        assert [change.at for change in ledger.changes()] == [AT]


def test_an_entity_needs_its_version(ledger: Ledger, write: Write) -> None:
    run = write(ledger, {"urn:a": "1"})
    with pytest.raises(DatabaseError), ledger.writing() as connection:
        connection.execute(
            schema.changes.insert().values(at=AT, run=run, iri="urn:a", operation="update", hash="no such version")
        )


def test_sources_keep_their_definition_but_no_path_of_this_machine(ledger: Ledger, source: Source) -> None:
    local = replace(source, name="file", url="/srv/somebody/secret/catalogue.ttl", allow_hosts=("10.0.0.1",))
    with ledger.writing() as connection:
        for each in (source, local, replace(source, title={"fr": "La ville"})):
            writing.put_source(connection, each, AT)
    city, file = ledger.sources()
    assert (city.name, city.source.title, city.source.url) == ("city", {"fr": "La ville"}, source.url)
    assert file.source == replace(local, url="catalogue.ttl")
    assert city.last_done is None


def test_runs_are_listed_latest_first_and_a_run_that_never_ended_has_died(ledger: Ledger, write: Write) -> None:
    first = write(ledger, {"urn:a": "1"}, end=False)
    assert [run.status for run in ledger.runs()] == ["running"]
    second = write(ledger, {"urn:a": "2"}, operation="update")
    assert [(run.id, run.status) for run in ledger.runs("city")] == [(second, "done"), (first, "died")]
    assert ledger.runs("elsewhere") == []
    assert ledger.runs(limit=1)[0].report == {"new": 1}
    assert ledger.run(first) == ledger.runs()[1]
    assert ledger.run(999) is None
    assert ledger.sources()[0].last_done == AT


def test_rejections_come_back_in_their_order(ledger: Ledger, write: Write) -> None:
    run = write(ledger, {"urn:a": "1"})
    rejected = [Rejected(f"record {number}", "private", "é") for number in (3, 1, 2)]
    with ledger.writing() as connection:
        writing.put_rejections(connection, run, rejected)
    assert ledger.rejections(run) == rejected


def test_findings_of_a_later_build_take_the_place_of_earlier_ones(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        none = Validation("b", True, ())
        writing.put_validations(connection, "build 1", AT, [Validation("a", False, (finding("urn:a"),)), none])
    assert ledger.findings(["a", "b", "never"]) == {"a": [finding("urn:a")], "b": []}
    with ledger.writing() as connection:
        assert reading.validated(connection, ["a", "b", "never"], "build 1") == {"a": False, "b": True}
        writing.put_validations(connection, "build 2", AT, [Validation("a", True, (finding("urn:a", "Info"),))])
        assert reading.validated(connection, ["a", "b"], "build 2") == {"a": True}
    assert ledger.findings(["a"]) == {"a": [finding("urn:a", "Info")]}


def test_change_numbers_are_in_the_order_of_commits(url: str, write: Write) -> None:
    """A reader that saw a number never finds a smaller one later, however many write at once."""
    with Ledger(url) as ledger:
        write(ledger, {"urn:a": "0"})
        seen: set[int] = set()
        late: list[int] = []
        stop = threading.Event()

        def watch() -> None:
            highest = 0
            while not stop.is_set():
                numbers = {change.seq for change in ledger.changes()}
                late.extend(number for number in numbers - seen if number < highest)
                seen.update(numbers)
                highest = max(seen)

        def add(name: str) -> None:
            for number in range(15):
                with ledger.writing() as connection:
                    run = ledger.runs()[0].id
                    entity = ledger.known(["urn:a"])["urn:a"]
                    row = {"at": AT, "run": run, "iri": "urn:a", "operation": "validate", "hash": entity.hash}
                    connection.execute(schema.changes.insert(), [row] * (1 + number % 3))

        watcher = threading.Thread(target=watch)
        writers = [threading.Thread(target=add, args=(str(number),)) for number in range(3)]
        for thread in (watcher, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        stop.set()
        watcher.join()
        assert late == []
        assert len(list(ledger.changes())) == 1 + 3 * 30


def test_a_reader_sees_one_state_however_long_it_reads(
    ledger: Ledger, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 1)
    write(ledger, {"urn:a": "1", "urn:b": "1"})
    stream = ledger.current()
    assert next(stream).text == "1"
    write(ledger, {"urn:b": "2", "urn:c": "2"}, operation="update")
    assert [(item.iri, item.text) for item in stream] == [("urn:b", "1")]


def test_a_ledger_of_a_newer_maillon_is_refused(url: str) -> None:
    with Ledger(url) as ledger, ledger.writing() as connection:
        connection.execute(update(schema.ledger_schema).values(version=schema.VERSION + 1))
    with pytest.raises(OperatorError, match=f"schema {schema.VERSION + 1} and is newer"):
        Ledger(url)


def test_a_ledger_of_the_first_version_is_brought_up_and_loses_nothing(url: str, write: Write) -> None:
    with Ledger(url) as ledger:
        write(ledger, {"urn:a": "1"})
        with ledger.writing() as connection:
            for table in (schema.repairs, schema.aliases, schema.twins, schema.bookmarks, schema.leases):
                table.drop(connection)
            connection.execute(update(schema.ledger_schema).values(version=1))
    with Ledger(url) as ledger:
        assert [(item.iri, item.text) for item in ledger.current()] == [("urn:a", "1")]
        with ledger.reading() as connection:
            assert repairs.current(connection, ["urn:a"]) == {}
            assert bookmarks.bookmark(connection, "town", "") == ""


def test_two_processes_may_make_the_ledger_at_once(url: str) -> None:
    failures: list[BaseException] = []

    def make() -> None:
        try:
            Ledger(url).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_file_that_is_no_ledger_gives_a_clear_message(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("This is not a database, it only lies in its place. " * 100)
    with pytest.raises(OperatorError, match="cannot be read or written"):
        Ledger(f"sqlite:///{path}")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("no url", "cannot be read: write it as"),
        ("mysql://localhost/x", "use sqlite or postgresql"),
        ("postgresql+nodriver://localhost/x", "driver of the ledger is not installed"),
        ("sqlite:////proc/nowhere/ledger.sqlite", "folder of the ledger"),
        ("postgresql+psycopg://127.0.0.1:1/x", "cannot be read or written"),
    ],
)
def test_an_address_that_cannot_be_used_gives_a_clear_message(url: str, message: str) -> None:
    with pytest.raises(OperatorError, match=message):
        Ledger(url)


def test_sqlite_is_set_to_survive_a_crash_and_to_wait_for_others(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.reading() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000}


def test_a_ledger_locked_by_another_program_gives_a_clear_message(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maillon.ledger.connection.BUSY_SECONDS", 0.05)
    Ledger(sqlite_url).close()
    other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with Ledger(sqlite_url) as ledger, pytest.raises(OperatorError, match="locked"), ledger.writing():
        pass
    other.close()
