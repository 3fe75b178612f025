"""What could be lost, shown though it must not be, or left behind: cases found by reading the code as an adversary."""

from collections.abc import Callable
from typing import Any

import pytest

from maillon import repair
from maillon.ledger import bookmarks, repairs, schema

from .conftest import Town

Make = Callable[..., dict[str, Any]]


def dump(town: Town) -> dict[str, list[Any]]:
    """Every row of every table but the leases."""
    with town.ledger.reading() as connection:
        tables = [table for table in schema.metadata.sorted_tables if table.name != "leases"]
        return {table.name: sorted(map(repr, connection.execute(table.select()))) for table in tables}


def files_of(town: Town, dataset: str) -> set[str]:
    """Addresses of the live distributions that a dataset refers to."""
    state = town.state()
    text = next(item.text for iri, item in state.items() if iri.endswith(f"/dataset/town/{dataset}"))
    own = [item for iri, item in state.items() if f"<{iri}> .\n" in text and item.kind == "distribution"]
    addresses = {word for item in own if item.state == "live" for word in item.text.split() if ".csv>" in word}
    return {address.rsplit("/", 1)[-1].rstrip(">") for address in addresses}


def files(town: Town) -> dict[str, str]:
    """State of distributions by the end of their address."""
    own = [item for item in town.state().values() if item.kind == "distribution"]
    return {next(word for word in item.text.split() if ".csv>" in word).rsplit("/", 1)[-1][:-5]: item.state
            for item in own}  # fmt: skip


def test_two_datasets_taken_for_one_keep_the_files_of_both(town: Town, make: Make) -> None:
    lines = [make(number, publisher="Ville") for number in range(3)]
    town.lists(*lines)
    town.run()
    renamed = {**lines[0], "id": "new"}
    town.lists(renamed, *lines[1:])
    assert town.run().new == 0
    moved = {**lines[0], "files": {"csv": "elsewhere.csv"}}
    town.lists(renamed, moved, *lines[1:])
    town.run()
    assert files_of(town, "new") == {"0.csv"}
    assert files_of(town, "d0") == {"elsewhere.csv"}


def test_a_distribution_that_moved_to_another_dataset_is_not_given_away(town: Town) -> None:
    def line(identifier: str, title: str, *files: tuple[str, str]) -> dict[str, Any]:
        turtle = f"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
            <urn:{identifier}> a dcat:Dataset ; dct:title "{title}"@fr ; dct:description "Tous les arbres"@fr ;
            dcat:distribution {", ".join(f"<urn:{name}>" for name, _ in files)} .
            {
            "".join(
                f"<urn:{name}> a dcat:Distribution ; dcat:accessURL <https://x.example/{url}> . " for name, url in files
            )
        }"""
        return {"id": f"urn:{identifier}", "turtle": turtle}

    def part(name: str, url: str) -> dict[str, Any]:
        turtle = f"""@prefix dcat: <http://www.w3.org/ns/dcat#> .
            <urn:{name}> a dcat:Distribution ; dcat:accessURL <https://x.example/{url}> ."""
        return {"id": f"urn:{name}", "turtle": turtle}

    other = [line("b", "Budget", ("f9", "9")), part("f9", "9")]
    town.lists(line("a", "Arbres remarquables", ("f1", "1")), part("f1", "1"), *other)
    town.run()
    # The dataset has another identifier, and so has its file; its old file now hangs on the other dataset.
    other = [line("b", "Budget", ("f9", "9"), ("f1", "1")), part("f9", "9"), part("f1", "1")]
    town.lists(line("c", "Arbres remarquables", ("f2", "1")), part("f2", "1"), *other)
    report = town.run()
    assert (report.new, report.missing, report.rejections) == (0, 0, ())
    assert "<urn:f2>" in town.state()["urn:a"].text
    assert town.state()["urn:f2"].state == "live"
    sequence = town.ledger.sequence()
    assert town.run().unchanged == 2
    assert town.ledger.sequence() == sequence


def test_a_dataset_marked_private_in_a_partial_run_goes_with_its_files(town: Town, make: Make) -> None:
    town.lists(make(0), make(1), {"bookmark": "monday", "partial": False})
    town.run()
    town.lists({"id": "d0", "private": True}, {"bookmark": "tuesday", "partial": True})
    town.run()
    assert town.states() == {"d0": "withheld", "d1": "live"}
    assert files(town) == {"0": "withheld", "1": "live"}


def test_files_that_a_private_dataset_once_had_are_withdrawn_too(town: Town, make: Make) -> None:
    town.lists(make(0, files={"csv": "a.csv", "old": "old.csv"}), make(1))
    town.run()
    town.lists(make(0, files={"csv": "a.csv"}), make(1))
    town.run()
    assert files(town)["old"] == "missing"
    town.lists({"id": "d0", "private": True}, make(1))
    town.run()
    assert files(town) == {"a": "withheld", "old": "withheld", "1": "live"}


def test_a_dataset_given_once_openly_and_once_as_private_is_private(town: Town, make: Make) -> None:
    private = {"id": "d0", "private": True}
    town.lists(make(0), make(1))
    town.run()
    for lines in ([make(0), private, make(1)], [private, make(0), make(1)]):
        town.lists(*lines)
        report = town.run()
        assert (report.found, report.published) == (2, 1)
        assert town.states() == {"d0": "withheld", "d1": "live"}
        assert files(town) == {"0": "withheld", "1": "live"}


def test_a_file_that_a_partial_run_no_longer_lists_goes_unless_another_dataset_has_it(town: Town, make: Make) -> None:
    town.lists(make(0, files={"csv": "a.csv", "old": "b.csv"}), make(1), {"bookmark": "monday", "partial": False})
    town.run()
    town.lists(make(0, files={"csv": "a.csv"}), {"bookmark": "tuesday", "partial": True})
    town.run()
    assert files(town) == {"a": "live", "b": "gone", "1": "live"}


def test_a_replayed_partial_run_is_partial_again(town: Town, make: Make) -> None:
    town.lists(*({**make(number), "since": ""} for number in range(9)), {"bookmark": "monday", "partial": False})
    town.run()
    town.lists(
        *({**make(number), "since": ""} for number in range(2)),
        {"bookmark": "new start", "partial": False, "since": ""},
        {**make(1, title="Other"), "since": "monday"},
        {"bookmark": "tuesday", "partial": True, "since": "monday"},
    )
    part = town.run()
    assert (part.partial, part.published) == (True, 9)
    report = town.run(replay_run=part.run)
    assert (report.status, report.partial, report.missing, report.published) == ("done", True, 0, 9)
    again = town.run(replay_run=report.run)
    assert (again.status, again.partial, again.published) == ("done", True, 9)


def test_a_dry_run_writes_no_row_at_all(town: Town, make: Make) -> None:
    lines = [make(number, publisher="Ville") for number in range(4)]
    town.lists(*lines, {"bookmark": "monday", "partial": False})
    town.run()
    before = dump(town)
    town.lists(*({**line, "id": f"x{line['id']}", "title": f" {line['title']}  "} for line in lines),
               {"deleted": "d3"}, {"id": "d2", "private": True}, {"bookmark": "tuesday", "partial": False})  # fmt: skip
    report = town.run(dry_run=True)
    assert report.status == "done"
    assert report.changed + report.new >= 2
    assert dump(town) == before


AGENT = """@prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    <urn:ville> a foaf:Organization ; foaf:name {} ."""


def test_what_two_documents_say_of_a_subject_keeps_the_repairs_of_both(town: Town, make: Make) -> None:
    texts = ['"Ã‰cole"@fr', '"VÃ©lo"@nl']
    town.lists(make(0), *({"id": "urn:ville", "turtle": AGENT.format(text)} for text in texts))
    town.run()
    with town.ledger.reading() as connection:
        row = repairs.current(connection, ["urn:ville"])["urn:ville"]
    removed = "".join(item.removed for item in repair.unpack(row.applied))
    assert "Ã‰cole" in removed
    assert "VÃ©lo" in removed
    sequence = town.ledger.sequence()
    town.lists(make(0), *({"id": "urn:ville", "turtle": AGENT.format(text)} for text in reversed(texts)))
    report = town.run()
    assert town.ledger.sequence() == sequence, "the order of pages changes nothing"
    assert report.repairs["mojibake"] == 1 if "mojibake" in report.repairs else True


def test_a_service_that_its_source_deleted_is_gone(town: Town, make: Make) -> None:
    town.lists(make(0), make(1), {"service": "s1", "title": "WMS"})
    town.run()
    assert town.states("service") == {"s1": "live"}
    town.lists(make(0), make(1), {"deleted": "s1"})
    town.run()
    assert town.states("service") == {"s1": "gone"}


def test_a_bookmark_that_a_database_cannot_keep_only_means_to_read_all_again(town: Town, make: Make) -> None:
    for value in ("mon\x00day", "mon\ud800day"):
        town.lists(make(0), {"bookmark": value, "partial": False})
        assert town.run().status == "done"
        town.lists({**make(0), "since": ""}, {"bookmark": "tuesday", "partial": False})
        assert town.run().found == 1


def test_a_run_cut_off_before_its_last_transaction_is_made_good_by_the_next(
    town: Town, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [make(number, "Ã‰cole", publisher="Ville") for number in range(4)]
    town.lists(*lines)
    town.run()
    iris = set(town.state())
    town.lists(*({**line, "id": f"new-{line['id']}"} for line in lines))

    def cut(*_: object) -> None:
        raise RuntimeError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr(bookmarks, "put_aliases", cut)
        assert town.run().status == "failed"
    report = town.run()
    assert (report.status, report.new, report.missing, report.published) == ("done", 0, 0, 4)
    assert set(town.state()) == iris
    sequence = town.ledger.sequence()
    assert town.run().unchanged == 4
    assert town.ledger.sequence() == sequence
