"""The pitfalls counted in data.json feeds (corpus README, 2.3), each under the name of its case."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvesters import datajson
from maillon.records import Agent, Contact, Dataset, Record, Rejected
from maillon.sources import Source


@pytest.fixture
def read(tmp_path: Path, fetch_folder: Callable[..., Any]) -> Callable[..., list[Record]]:
    """Harvest a catalogue with these datasets."""

    def harvest(*datasets: dict[str, Any]) -> list[Record]:
        path = tmp_path / "data.json"
        path.write_text(json.dumps({"dataset": datasets}))
        return list(
            datajson.records(Source(name="x", kind="datajson", url=str(path), language="fr"), fetch_folder(tmp_path))
        )

    return harvest


@pytest.fixture
def one(read: Callable[..., list[Record]]) -> Callable[..., Dataset]:
    """Harvest one dataset with these fields."""

    def harvest(**fields: Any) -> Dataset:
        (record,) = read({"identifier": "a", "title": "A", **fields})
        assert isinstance(record, Dataset)
        return record

    return harvest


def test_a_description_left_as_template_is_missing(one: Callable[..., Dataset]) -> None:
    assert one(description="{{description}}").description == {}
    assert one(description="De {{nom}} à la mer").description == {"fr": "De {{nom}} à la mer"}


def test_a_publisher_with_only_a_source_is_named_by_it(one: Callable[..., Dataset]) -> None:
    assert one(publisher={"source": "Commune"}).publisher == Agent(name={"fr": "Commune"})
    assert one(publisher="Commune").publisher == Agent(name={"fr": "Commune"})


def test_an_interval_r_p1w_as_date_is_a_frequency_and_no_date(one: Callable[..., Dataset]) -> None:
    record = one(modified="R/P1W")
    assert (record.modified, record.frequency) == (None, "R/P1W")


def test_a_reversed_bounding_box_stays_as_it_was_written(one: Callable[..., Dataset]) -> None:
    assert one(spatial="4.5,50.9,4.2,50.7").spatial == ("4.5,50.9,4.2,50.7",)


def test_a_point_as_bounding_box_stays_as_it_was_written(one: Callable[..., Dataset]) -> None:
    assert one(spatial="4.5,50.9,4.5,50.9").spatial == ("4.5,50.9,4.5,50.9",)


def test_pairs_of_latitude_and_longitude_stay_as_they_were_written(one: Callable[..., Dataset]) -> None:
    assert one(spatial=[[50.7, 4.2], [50.9, 4.5]]).spatial == ("[[50.7, 4.2], [50.9, 4.5]]",)


def test_310_kilobytes_of_geojson_as_place_are_read(one: Callable[..., Dataset]) -> None:
    ring = [[4 + number / 100_000, 50.5] for number in range(15_000)]
    (place,) = one(spatial=json.dumps({"type": "Polygon", "coordinates": [ring]})).spatial
    assert len(place) > 250_000


@pytest.mark.parametrize(
    ("mail", "contact"),
    [("guichet@ville.example.org", Contact(name="Guichet", email="guichet@ville.example.org")),  # 1,296 without mailto:
     ("mailto: guichet@ville.example.org", Contact(name="Guichet", email="guichet@ville.example.org")),
     ("https://ville.example.org/contact", Contact(name="Guichet", url="https://ville.example.org/contact")),
     ("mailto:https://ville.example.org/c", Contact(name="Guichet", url="https://ville.example.org/c")),
     (None, Contact(name="Guichet"))],
)  # fmt: skip
def test_a_mailbox_without_mailto_and_a_page_in_its_place(
    mail: str | None, contact: Contact, one: Callable[..., Dataset]
) -> None:
    assert one(contactPoint={"fn": "Guichet", "hasEmail": mail}).contact == (contact,)


@pytest.mark.parametrize("licence", ["", None, "{{license}}"])
def test_an_empty_licence_is_none(licence: object, one: Callable[..., Dataset]) -> None:
    assert one(license=licence).license is None


def test_free_text_as_licence_stays_for_the_rules_to_read(one: Callable[..., Dataset]) -> None:
    assert one(license="<p>Fourni en l'état.</p>").license == "<p>Fourni en l'état.</p>"


def test_keywords_in_one_text_of_a_list_stay_for_the_rules_and_empty_ones_go(one: Callable[..., Dataset]) -> None:
    assert one(keyword=["arbre, parc", "", None]).keyword == (("fr", "arbre, parc"),)
    assert one(keyword="arbre, parc,").keyword == (("fr", "arbre"), ("fr", "parc"))


def test_a_distribution_without_address_is_none_and_a_blank_before_it_goes(one: Callable[..., Dataset]) -> None:
    record = one(
        distribution=[{"title": "Rien"}, {"accessURL": " https://hub.example.org/a"}, {"downloadURL": "hhttps:x"}]
    )
    assert [part.identifier for part in record.distributions] == ["https://hub.example.org/a", "hhttps:x"]


def test_a_media_type_that_says_nothing_stays_for_the_rules(one: Callable[..., Dataset]) -> None:
    (part,) = one(
        distribution=[{"downloadURL": "https://hub.example.org/a.csv", "mediaType": "application/http"}]
    ).distributions
    assert part.media_type == "application/http"


def test_an_identifier_twice_keeps_the_first_and_one_that_is_no_url_is_kept(read: Callable[..., list[Record]]) -> None:
    first, second = read({"identifier": "EPA-1", "title": "A"}, {"identifier": "EPA-1", "title": "B"})
    assert isinstance(first, Dataset)
    assert (first.identifier, first.iri, first.title) == ("EPA-1", None, {"fr": "A"})
    assert second == Rejected("EPA-1", "identifier stands twice in the source", "data.json, item 2")


def test_a_missing_identifier_or_title(read: Callable[..., list[Record]]) -> None:
    nameless, untitled = read({"title": "A"}, {"identifier": "b"})
    assert nameless == Rejected("data.json, item 1", "no identifier")
    assert isinstance(untitled, Dataset)
    assert untitled.title == {}
