"""A repository that answers OAI-PMH requests as the protocol says, and recorded answers written to a folder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from harvesters import oaipmh
from maillon.errors import SourceUnavailable
from maillon.records import Bookmark, Record
from maillon.sources import Answer, Source

URL = "https://oai.example.org/oai"
NAMESPACES = {
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "oai_datacite": "http://datacite.org/schema/kernel-4",
    "iso19139": "http://www.isotc211.org/2005/gmd",
    "dcat_ap": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "marcxml": "http://www.loc.gov/MARC21/slim",
}


def envelope(content: str, date: str = "2026-02-01T10:00:00Z") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{date}</responseDate><request>{URL}</request>{content}</OAI-PMH>"
    )


def dc(content: str) -> str:
    return (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dct="http://purl.org/dc/terms/" '
        f'xmlns:ows="http://www.opengis.net/ows">{content}</oai_dc:dc>'
    )


def record(identifier: str, payload: str | None = "", status: str = "") -> str:
    """A record: with a title where no payload is given, without metadata where it is None."""
    header = f"<identifier>{identifier}</identifier><datestamp>2026-01-01</datestamp>"
    body = "" if payload is None else payload or dc(f"<dc:title>{identifier}</dc:title>")
    metadata = f"<metadata>{body}</metadata>" if body else ""
    return f'<record><header status="{status}">{header}</header>{metadata}</record>'


@dataclass
class Repository:
    """``maillon.sources.Fetch`` that answers as a repository with ``pages`` of records."""

    folder: Path
    pages: list[str] = field(default_factory=list)
    formats: tuple[str, ...] = ("oai_dc",)
    deleted: str = "persistent"
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    size: int | None = None
    date: str = "2026-02-01T10:00:00Z"
    errors: dict[int, str] = field(default_factory=dict)
    base_iri: str = "https://catalogue.example/"
    bookmark: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.asked.append(query)
        path = self.folder / f"answer-{len(self.asked)}.xml"
        path.write_text(envelope(self._answer(query), self.date), encoding="utf-8")
        return Answer(url, "text/xml", path)

    def _answer(self, query: dict[str, str]) -> str:
        if query["verb"] == "Identify":
            return (
                f"<Identify><deletedRecord>{self.deleted}</deletedRecord>"
                f"<granularity>{self.granularity}</granularity></Identify>"
            )
        if query["verb"] == "ListMetadataFormats":
            items = (
                f"<metadataFormat><metadataPrefix>{name}</metadataPrefix><metadataNamespace>{NAMESPACES[name]}"
                "</metadataNamespace></metadataFormat>"
                for name in self.formats
            )
            return f"<ListMetadataFormats>{''.join(items)}</ListMetadataFormats>"
        return self._page(int(query.get("resumptionToken", "page 0").removeprefix("page ")))

    def _page(self, number: int) -> str:
        if number in self.errors:
            return f'<error code="{self.errors[number]}">Told by a test</error>'
        if not self.pages:
            return '<error code="noRecordsMatch"/>'
        size = "" if self.size is None else f' completeListSize="{self.size}"'
        more = f"page {number + 1}" if number + 1 < len(self.pages) else ""
        token = f"<resumptionToken{size}>{more}</resumptionToken>" if more or self.size is not None else ""
        return f"<ListRecords>{self.pages[number]}{token}</ListRecords>"

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        raise SourceUnavailable("a repository is asked page by page")

    def listed(self) -> list[dict[str, str]]:
        return [query for query in self.asked if query["verb"] == "ListRecords"]

    def harvest(self, **keys: object) -> list[Record]:
        self.asked.clear()
        values: dict[str, object] = {"name": "test", "kind": "oaipmh", "url": URL, "language": "fr", **keys}
        found = list(oaipmh.records(Source(**values), self))  # type: ignore[arg-type]
        last = found[-1]
        assert isinstance(last, Bookmark)
        self.bookmark = last.value
        return found


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.fixture
def read(tmp_path: Path, fetch_folder: Callable[..., object]) -> Callable[..., list[Record]]:
    """Return what harvests recorded answers: ``read({name: text}, option=...)``."""

    def harvest(files: dict[str, str], **options: object) -> list[Record]:
        folder = tmp_path / "recorded"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        url = folder if len(files) > 1 else folder / next(iter(files))
        source = Source(name="test", kind="oaipmh", url=str(url), language="fr", options=options)
        return list(oaipmh.records(source, fetch_folder(folder)))  # type: ignore[arg-type]

    return harvest
