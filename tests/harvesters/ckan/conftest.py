"""Fixtures of the CKAN tests: documents on disk, and a portal that pages as CKAN does."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from harvesters import ckan
from maillon.records import Record
from maillon.sources import Answer, Source


class Documents:
    """Answers of a file or folder, by name."""

    base_iri, bookmark = "https://catalogue.example/", ""

    def __init__(self, *paths: Path) -> None:
        self._paths = paths

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        raise AssertionError(f"a dump was asked for over HTTP: {url}")

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        for path in self._paths:
            yield Answer(url=f"https://data.example.org/file/{path.name}", media_type="", path=path)


class Portal:
    """The Action API's package_search over a list of packages; ``most`` is its own limit of rows."""

    base_iri, bookmark = "https://catalogue.example/", ""

    def __init__(self, folder: Path, packages: list[Mapping[str, Any]], most: int = 1000) -> None:
        self.packages, self.most, self.asked = packages, most, list[str]()
        self._folder = folder

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        self.asked.append(url)
        query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        start, rows = int(query["start"]), min(int(query["rows"]), self.most)
        ordered = sorted(self.packages, key=lambda package: str(package["id"]))
        return self.answer(
            {"success": True, "result": {"count": len(ordered), "results": ordered[start : start + rows]}}
        )

    def answer(self, value: object) -> Answer:
        path = self._folder / f"answer-{len(self.asked)}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        return Answer(url="https://ckan.example.org/api", media_type="application/json", path=path)

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        raise AssertionError(f"the API was read as a dump: {url}")


@pytest.fixture
def source() -> Source:
    return Source(name="ville", kind="ckan", url="/dump.json", language="fr", publisher="Ville de Test")


@pytest.fixture
def read(source: Source, tmp_path: Path) -> Callable[[object], list[Record]]:
    """Harvest one document: bytes or a text as they are, anything else as JSON."""

    def harvest(value: object) -> list[Record]:
        path = tmp_path / "dump.json"
        data = value if isinstance(value, bytes | str) else json.dumps(value)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return list(ckan.records(source, Documents(path)))

    return harvest


@pytest.fixture
def harvest_files(source: Source) -> Callable[..., list[Record]]:
    return lambda *paths: list(ckan.records(source, Documents(*paths)))


@pytest.fixture
def portal(tmp_path: Path) -> Callable[..., Portal]:
    return lambda packages, most=1000: Portal(tmp_path, packages, most)
