"""The Opendatasoft harvester over the API: every address, all pages, and no harvest of half a listing."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from harvesters import opendatasoft
from maillon.errors import PagesShifted, SourceUnavailable
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Answer, Source

BASE = "https://data.example.org/"
PORTAL = "https://data.ville.example.org"
FIRST_PAGE = PORTAL + "/api/explore/v2.1/catalog/datasets?limit=100&offset=0&order_by=dataset_id"


def _source(url: str, **values: Any) -> Source:
    return Source(name="ville", kind="opendatasoft", url=url, **values)


def _entry(identifier: object = "a", **metas: object) -> dict[str, Any]:
    return {"dataset_id": identifier, "has_records": True, "metas": {"default": {"title": "A", **metas}}}


def _one(records: list[Record]) -> Dataset:
    (record,) = records
    assert isinstance(record, Dataset)
    return record


class Portal:
    """A portal of version 2 or 1 that pages over entries; ``pages`` may replace what it answers."""

    base_iri, bookmark = BASE, ""

    def __init__(self, folder: Path, entries: list[Any], pages: list[Any] | None = None) -> None:
        self.folder, self.entries, self.pages, self.asked = folder, entries, pages, list[str]()

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        self.asked.append(url)
        query = {key: int(values[0]) for key, values in parse_qs(urlsplit(url).query).items() if values[0].isdigit()}
        start, size = query.get("offset", query.get("start", 0)), query.get("limit", query.get("rows", 0))
        found = {"total_count": len(self.entries), "results": self.entries[start : start + size]}
        path = self.folder / f"{len(self.asked)}.json"
        path.write_text(json.dumps(found if self.pages is None else self.pages[len(self.asked) - 1]))
        return Answer(url, "application/json", path)

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        yield self(url)


def _page(count: object, *identifiers: str) -> Mapping[str, object]:
    return {"total_count": count, "results": [_entry(name) for name in identifiers]}


@pytest.mark.parametrize(
    ("path", "asked"),
    [("", "/api/explore/v2.1/catalog/datasets?limit=100&offset=0&order_by=dataset_id"),
     ("/", "/api/explore/v2.1/catalog/datasets?limit=100&offset=0&order_by=dataset_id"),
     ("/explore/?q=x", "/api/explore/v2.1/catalog/datasets?q=x&limit=100&offset=0&order_by=dataset_id"),
     ("/pages/home/", "/api/explore/v2.1/catalog/datasets?limit=100&offset=0&order_by=dataset_id"),
     ("/api/explore/v2.1/", "/api/explore/v2.1/catalog/datasets?limit=100&offset=0&order_by=dataset_id"),
     ("/api/explore/v2.0/catalog/datasets",
      "/api/explore/v2.0/catalog/datasets?limit=100&offset=0&order_by=dataset_id"),
     ("/api/v2/catalog/datasets?limit=7&order_by=title&refine=theme%3AA&refine=theme%3AB",
      "/api/v2/catalog/datasets?refine=theme%3AA&refine=theme%3AB&limit=100&offset=0&order_by=dataset_id"),
     ("/api/datasets/1.0/search/?rows=5&start=10", "/api/datasets/1.0/search/?rows=100&start=0")],
)  # fmt: skip
def test_the_api_is_found_from_any_of_its_addresses(path: str, asked: str, tmp_path: Path) -> None:
    fetch = Portal(tmp_path, [_entry()])
    record = _one(list(opendatasoft.records(_source(PORTAL + path), fetch)))
    assert fetch.asked == [PORTAL + asked]
    assert record.landing_page == PORTAL + "/explore/dataset/a/"


@pytest.mark.parametrize("path", ["/api/explore/v2.1/catalog/exports/json", "/catalogue.json"])
def test_an_export_on_the_web_is_read_as_a_whole(path: str, tmp_path: Path) -> None:
    fetch = Portal(tmp_path, [], [[_entry()]])
    assert _one(list(opendatasoft.records(_source(PORTAL + path), fetch))).identifier == "a"
    assert fetch.asked == [PORTAL + path]


@pytest.mark.parametrize(("version", "size", "requests"), [("", 10, 3), ("", 1000, 3), ("/api/datasets/1.0", 1000, 1)])
def test_all_pages_are_read(version: str, size: int, requests: int, tmp_path: Path) -> None:
    number = 25 if size == 10 else 250
    fetch = Portal(tmp_path, [_entry(f"{item:03}") for item in range(number)])
    found = list(opendatasoft.records(_source(PORTAL + version, page_size=size), fetch))
    assert [item.identifier for item in found if isinstance(item, Dataset)] == [f"{item:03}" for item in range(number)]
    assert len(fetch.asked) == requests


@pytest.mark.parametrize(
    ("pages", "message"),
    [([_page(3, "a"), _page(3)], "counts 3 records but gave 1"),
     ([_page(3, "a"), _page(2, "c")], "counts 3 records but gave 2"),  # one went while it was read
     ([_page(4, "a", "b"), _page(4, "b", "d")], "b stood on an earlier page"),  # the order is not stable
     ([_page(2, "a"), _page(2, "a")], "does not page"), ([_page(10_001, "a")], "catalogue export"),
     ([_page(None, "a")], "how many"), ([[_entry()]], "how many"),
     ([{"error": "no", "errorcode": 1}], "answers with an error")],
)  # fmt: skip
def test_a_listing_that_is_not_whole_is_no_harvest(pages: list[Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=message):
        list(opendatasoft.records(_source(PORTAL), Portal(tmp_path, [], pages)))


@pytest.mark.parametrize(
    "pages",
    [[_page(3, "b", "c"), _page(4, "c", "d")],  # one was published before them, and moved c to the next page
     [_page(3, "a", "b"), _page(2)],  # one was taken away, so that c moved to the page already read
     [_page(3, "a"), _page(3)], [_page(2, "a"), _page(2, "a")]],
)  # fmt: skip
def test_pages_that_shift_while_they_are_read_ask_for_another_reading(pages: list[Any], tmp_path: Path) -> None:
    with pytest.raises(PagesShifted):
        list(opendatasoft.records(_source(PORTAL), Portal(tmp_path, [], pages)))


def test_an_identifier_twice_on_one_page_is_rejected_and_the_others_carry_on(tmp_path: Path) -> None:
    pages = [_page(4, "a", "b", "b"), _page(4, "c")]
    found = list(opendatasoft.records(_source(PORTAL), Portal(tmp_path, [], pages)))
    assert [item.identifier for item in found if isinstance(item, Dataset)] == ["a", "b", "c"]
    assert found[2] == Rejected("b", "identifier stands twice in the source", "dataset 3")
