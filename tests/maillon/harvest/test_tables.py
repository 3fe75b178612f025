"""Open datasets into RDF: the rows of a source's tables live and go with their files and their dataset."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maillon.errors import SourceDefinitionError

from .conftest import Town

Make = Callable[..., dict[str, Any]]
PLACES = "nis,name\n21001,Anderlecht\n21004,Bruxelles\n21009,Ixelles\n"
TABLE = {
    "name": "places",
    "dataset": "d1",
    "file": "places.csv",
    "iri": "{nis}",
    "columns": {"nis": {"property": "dct:identifier", "required": True}, "name": {"property": "rdfs:label"}},
}


@pytest.fixture
def tabular_town(town: Town, make: Make) -> Town:
    town.policy(tables=(TABLE,))
    write(town, PLACES)
    town.lists(make(1), make(2))
    return town


def write(town: Town, text: str) -> None:
    (Path(town.source.url).parent / "places.csv").write_text(text, encoding="utf-8")


def rows(town: Town) -> dict[str, str]:
    """State of the rows by the end of their IRI; the table itself is left out."""
    return {key: state for key, state in town.states("data").items() if key.isdigit()}


def test_rows_become_entities_that_say_where_they_come_from(tabular_town: Town) -> None:
    report = tabular_town.run()
    assert (report.status, report.rows, report.rejections) == ("done", 4, ()), "three rows and the table"
    assert rows(tabular_town) == {"21001": "live", "21004": "live", "21009": "live"}
    text = next(item.text for iri, item in tabular_town.state().items() if iri.endswith("/places/21004"))
    distribution = next(iri for iri in tabular_town.state() if "/id/distribution/" in iri)
    assert "#row=3>" in text
    assert any(f"<{iri}#row=3>" in text for iri in tabular_town.state() if "/id/distribution/" in iri), distribution
    before = tabular_town.ledger.sequence()
    assert tabular_town.run().rows == 4
    assert tabular_town.ledger.sequence() == before, "nothing changes where nothing changed"


def test_a_row_that_the_file_no_longer_has_is_gone_at_once(tabular_town: Town) -> None:
    tabular_town.run()
    write(tabular_town, PLACES.replace("21004,Bruxelles\n", "").replace("Ixelles", "Elsene"))
    tabular_town.run()
    assert rows(tabular_town) == {"21001": "live", "21004": "gone", "21009": "live"}


@pytest.mark.parametrize("text", [None, "\x00\x01\x02", 'nis,name\n21001,"never closed'])
def test_a_table_that_cannot_be_read_keeps_the_rows_that_were_known(tabular_town: Town, text: str | None) -> None:
    tabular_town.run()
    if text is None:
        (Path(tabular_town.source.url).parent / "places.csv").unlink()
    else:
        write(tabular_town, text)
    report = tabular_town.run()
    assert report.status == "done", "the catalogue itself is harvested all the same"
    assert report.rejections, "the table is named with what is wrong"
    assert not report.rejections[0].is_dataset
    if text is None:
        assert report.rejected == {"table that cannot be read": 1}
        assert set(rows(tabular_town).values()) == {"live"}


def test_the_rows_of_a_dataset_that_turns_private_are_withdrawn_without_a_trace(tabular_town: Town, make: Make) -> None:
    tabular_town.run()
    tabular_town.lists({"id": "d1", "private": True}, make(2))
    tabular_town.run()
    assert set(rows(tabular_town).values()) == {"withheld"}


def test_rows_go_when_their_dataset_or_their_declaration_goes(tabular_town: Town, make: Make) -> None:
    tabular_town.run()
    tabular_town.lists(make(2))
    report = tabular_town.run()
    assert report.rejected == {"table without its distribution": 1}
    assert set(rows(tabular_town).values()) == {"gone"}
    tabular_town.lists(make(1), make(2))
    tabular_town.run()
    assert set(rows(tabular_town).values()) == {"live"}
    tabular_town.policy(tables=())
    tabular_town.run()
    assert set(rows(tabular_town).values()) == {"gone"}


def test_a_partial_run_that_does_not_mention_the_dataset_keeps_its_rows(tabular_town: Town, make: Make) -> None:
    tabular_town.lists(make(1), make(2), {"bookmark": "monday", "partial": False})
    tabular_town.run()
    tabular_town.lists({**make(2, title="Other"), "since": "monday"}, {"bookmark": "tuesday", "partial": True})
    report = tabular_town.run()
    assert report.partial
    assert set(rows(tabular_town).values()) == {"live"}


def test_a_table_that_is_declared_wrongly_stops_nothing_but_its_source(tabular_town: Town) -> None:
    tabular_town.policy(tables=({**TABLE, "colums": {}},))
    with pytest.raises(SourceDefinitionError, match="colums"):
        tabular_town.run()


def test_rows_with_iris_of_their_owner_stay_too_when_their_file_cannot_be_read(tabular_town: Town, make: Make) -> None:
    tabular_town.policy(tables=({**TABLE, "iri": "https://owner.example/place/{nis}"},))
    tabular_town.run()
    assert set(tabular_town.states("data").values()) == {"live"}
    (Path(tabular_town.source.url).parent / "places.csv").unlink()
    tabular_town.run()
    assert set(tabular_town.states("data").values()) == {"live"}
    tabular_town.lists({"id": "d1", "private": True}, make(2))
    tabular_town.run()
    assert set(tabular_town.states("data").values()) == {"withheld"}


def test_the_rows_of_a_dataset_that_is_deleted_in_a_partial_run_go_with_it(tabular_town: Town, make: Make) -> None:
    tabular_town.lists(make(1), make(2), {"bookmark": "monday", "partial": False})
    tabular_town.run()
    tabular_town.lists({"deleted": "d1", "since": "monday"}, {"bookmark": "tuesday", "partial": True})
    assert tabular_town.run().partial
    assert set(tabular_town.states("data").values()) == {"gone"}


def test_the_rows_of_a_dataset_that_is_marked_private_by_its_iri_are_withdrawn(tabular_town: Town, make: Make) -> None:
    tabular_town.lists(make(1, iri="https://owner.example/d1"), make(2), {"bookmark": "monday", "partial": False})
    tabular_town.run()
    private = {"id": "https://owner.example/d1", "private": True, "since": "monday"}
    tabular_town.lists(private, {"bookmark": "tuesday", "partial": True})
    assert tabular_town.run().partial
    assert set(tabular_town.states("data").values()) == {"withheld"}
