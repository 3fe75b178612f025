"""What harvesters are tested with: a fetcher that reads a folder, and pretends that its files stand on the web."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from maillon.errors import SourceUnavailable
from maillon.sources import Answer

_MEDIA_TYPES = {
    ".xml": "application/xml",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".ttl": "text/turtle",
}


@dataclass
class FolderFetch:
    """``maillon.sources.Fetch`` over a folder.

    Attributes:
        folder: Where the files are.
        addresses: File name by http address.
        asked: Addresses that were fetched, in order.
    """

    folder: Path
    addresses: Mapping[str, str] = field(default_factory=dict)
    base_iri: str = "https://catalogue.example/"
    bookmark: str = ""
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        self.asked.append(url)
        if url not in self.addresses:
            raise SourceUnavailable(f"{url} answers 404: correct the address.")
        path = self.folder / self.addresses[url]
        return Answer(url, _MEDIA_TYPES.get(path.suffix, ""), path)

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        if url in self.addresses:
            yield self(url, accept)
            return
        root = Path(url)
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file():
                name = path.relative_to(root if root.is_dir() else root.parent).as_posix()
                address = f"{self.base_iri}source/test/{quote(name)}"
                yield Answer(address, _MEDIA_TYPES.get(path.suffix, ""), path)


@pytest.fixture
def fetch_folder() -> Callable[..., FolderFetch]:
    """Return a maker of fetchers: ``fetch_folder(folder, {address: file name})``."""
    return FolderFetch
