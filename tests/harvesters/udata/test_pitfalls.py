"""The pitfalls counted in udata portals (corpus README, 2.6), each under the name of its case."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvesters import udata
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Source


@pytest.fixture
def read(tmp_path: Path, fetch_folder: Callable[..., Any]) -> Callable[..., Record]:
    """Harvest one dataset with these fields."""

    def harvest(**fields: Any) -> Record:
        path = tmp_path / "dump.json"
        path.write_text(json.dumps([{"id": "a", "title": "A", **fields}]))
        source = Source(name="portail", kind="udata", url=str(path), language="fr")
        (record,) = udata.records(source, fetch_folder(tmp_path))
        return record

    return harvest


@pytest.fixture
def one(read: Callable[..., Record]) -> Callable[..., Dataset]:
    """Harvest one dataset that can be used."""

    def harvest(**fields: Any) -> Dataset:
        record = read(**fields)
        assert isinstance(record, Dataset)
        return record

    return harvest


def test_documentation_among_the_resources_is_a_page_and_no_distribution(one: Callable[..., Dataset]) -> None:
    kinds = ("main", "documentation", "other", None)
    resources = [{"id": str(kind), "type": kind, "url": f"https://ville.example.org/{kind}"} for kind in kinds]
    record = one(resources=resources)
    assert record.documentation == ("https://ville.example.org/documentation",)
    assert [part.identifier for part in record.distributions] == ["main", "other", "None"]


def test_the_harvest_block_of_a_copy_keeps_the_iri_of_its_owner(one: Callable[..., Dataset]) -> None:
    block = {"uri": "https://autre.example.org/id/a", "remote_url": "https://autre.example.org/a", "created_at": "2019"}
    copy = one(harvest=block, page="https://portail.example.org/a")
    assert (copy.iri, copy.landing_page, copy.issued) == (block["uri"], block["remote_url"], "2019")
    assert one(harvest=None, page="https://portail.example.org/a").iri is None


def test_a_licence_of_null_is_none(one: Callable[..., Dataset]) -> None:
    assert one(license=None).license is None


def test_a_media_type_of_null_is_that_of_the_format(one: Callable[..., Dataset]) -> None:
    (part,) = one(
        resources=[{"id": "r", "url": "https://ville.example.org/a", "mime": None, "format": "csv"}]
    ).distributions
    assert part.media_type is not None
    assert part.media_type.endswith("text/csv")


@pytest.mark.parametrize("stated", ["www", "page web", "gtfs", "shapefile"])
def test_a_format_in_any_words_stays_for_the_table(stated: str, one: Callable[..., Dataset]) -> None:
    (part,) = one(resources=[{"id": "r", "url": "https://ville.example.org/a", "format": stated}]).distributions
    assert (part.format, part.download_url) == (stated, None)  # an address that may be a page is no download


@pytest.mark.parametrize(
    ("stated", "code"), [("punctual", "AS_NEEDED"), ("semiannual", "ANNUAL_2"), ("unknown", "unknown")]
)
def test_a_frequency_of_udatas_own_list(stated: str, code: str, one: Callable[..., Dataset]) -> None:
    assert one(frequency=stated).frequency == code


def test_markdown_in_the_description_stays_as_it_was_written(one: Callable[..., Dataset]) -> None:
    assert one(description="# Arbres\n* un").description == {"fr": "# Arbres\n* un"}


def test_dates_in_fields_named_internal(one: Callable[..., Dataset]) -> None:
    dates = {"created_at_internal": "2020-01-02", "last_modified_internal": "2021-03-04"}
    for record in (one(**dates), one(internal=dates)):
        assert (record.issued, record.modified) == ("2020-01-02", "2021-03-04")


@pytest.mark.parametrize(
    ("flags", "rejected"),
    [({"archived": "2020-01-01"}, Rejected("a", "archived", "2020-01-01")),
     ({"deleted": "2020-01-01"}, Rejected("a", "deleted", "2020-01-01")),
     ({"private": True}, Rejected("a", "private", is_private=True))],
)  # fmt: skip
def test_what_is_archived_deleted_or_private_is_left_out(
    flags: dict[str, object], rejected: Rejected, read: Callable[..., Record]
) -> None:
    assert read(**flags) == rejected


def test_a_personal_owner_is_no_publisher(one: Callable[..., Dataset]) -> None:
    assert one(owner={"first_name": "Prénom", "last_name": "Nom"}, organization=None).publisher is None
