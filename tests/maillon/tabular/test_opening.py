"""What a table names is opened beside the source's file or through its fetch, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from maillon.errors import SourceUnavailable
from maillon.sources import Answer, Source, parse
from maillon.tabular import beside


class Fetched:
    """A fetch that remembers what it was asked."""

    base_iri = "http://localhost:8000/"
    bookmark = ""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        self.asked.append(url)
        return Answer(url, "", Path("x"))

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        yield self(url, accept)


def file_source(folder: Path) -> Source:
    (folder / "a").mkdir()
    (folder / "a" / "catalogue.ttl").write_text("")
    (folder / "a" / "t 1.csv").write_text("x")
    (folder / "secret.csv").write_text("x")
    return parse('kind = "dcat"\nurl = "a/catalogue.ttl"', "s", folder)


def test_a_path_is_opened_beside_the_sources_file_and_by_the_address_it_got(tmp_path: Path) -> None:
    open_document = beside(file_source(tmp_path), Fetched())
    answer = open_document("t 1.csv")
    assert (answer.url, answer.media_type) == ("http://localhost:8000/graph/file/s/t%201.csv", "text/csv")
    assert answer.path.read_text() == "x"
    assert open_document(answer.url).path == answer.path


@pytest.mark.parametrize("address", ["../secret.csv", "/etc/passwd", "none.csv", "é" * 5000, "a\x00b"])
def test_nothing_outside_the_folder_is_opened(tmp_path: Path, address: str) -> None:
    with pytest.raises(SourceUnavailable, match=r"leads out of|there is no file"):
        beside(file_source(tmp_path), Fetched())(address)


def test_addresses_go_through_the_fetch_of_the_source(tmp_path: Path) -> None:
    fetch = Fetched()
    beside(file_source(tmp_path), fetch)("https://x.example/t.csv")
    beside(parse('kind = "ckan"\nurl = "https://p.example/api/list"', "p", tmp_path), fetch)("../t.csv")
    assert fetch.asked == ["https://x.example/t.csv", "https://p.example/t.csv"]
