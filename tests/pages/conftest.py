"""The application over the sample catalogue, over a catalogue of hostile and difficult records, and without any."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import html5rdf  # type: ignore[import-untyped]  # it ships no types
import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.serving import WSGIRequestHandler, make_server

from maillon import publish, repair
from maillon.ledger import Ledger, repairs, writing
from maillon.ledger.repairs import Repaired
from maillon.records import Entity, Rejected
from maillon.settings import Settings
from maillon.sources import Source
from maillon.web import create_app
from maillon.web.engine import engine

BASE = "http://localhost:8000/"
AUTHORITY = "http://publications.europa.eu/resource/authority/"
DIFFICULT = Source(
    name="difficile", kind="dcat", url="https://difficile.example.org/catalog.ttl", title={"fr": "Cas <b>"}
)
SCRIPT = "<script>alert(1)</script>"
LONG = "REPORT_SCRA_CRRD_" * 12
"""A word without a place to break, as file names in real feeds are."""

PAGES = (
    "", "datasets", "datasets?q=v%C3%A9lo", "datasets?q=zzzzzz", "datasets?theme=TRAN&theme=ENVI&format=CSV&sort=title",
    "dataset/ville/jeu-1", "dataset/ville/sans-description", "dataset/ville/manquant", "organisations",
    "organisation/region/nature", "sources", "source/ville", "sparql", "sparql?example=10-findings", "about",
    "source/ville/repairs", "source/ville/repairs?rule=outer-blanks", "source/region/repairs", "source/ville/run/9",
    "dataset/region/copie-1", "doc/distribution/region/copie-1-1", "doc/data/ville/stations/1",
    "doc/contact/region/nature", "doc/distribution/ville/jeu-1-1", "doc/service/region/wfs", "doc/catalog/ville",
    "queries", "queries/datasets-of-an-organisation", "queries/organisations-as-graph", "api",
    "quality", "quality?sort=-points", "quality/findability", "quality/freshness", "quality/findings",
    "source/ville/report", "organisation/region/nature/report", "source/ville/findings",
)  # fmt: skip
"""Addresses of every kind of page in the sample catalogue, without the language."""


@dataclass(frozen=True)
class Read:
    """A page as a browser reads it.

    Attributes:
        text: The HTML.
        tree: The same, parsed.
        faults: Parse errors of the HTML standard.
    """

    text: str
    tree: Any
    faults: list[Any] = field(default_factory=list)

    def find(self, path: str) -> list[Any]:
        """Return what an XPath selects."""
        found: list[Any] = self.tree.xpath(path)
        return found

    def words(self, path: str = "//main") -> str:
        """Return the text of the elements that an XPath selects, on one line."""
        return " ".join(" ".join(item.text_content() for item in self.find(path)).split())


@pytest.fixture(scope="session")
def read() -> Callable[[str], Read]:
    """Give a function that parses a page by the rules of the HTML standard."""

    def parse(text: str) -> Read:
        parser = html5rdf.HTMLParser()
        parser.parse(text)
        return Read(text, html.document_fromstring(text), parser.errors)

    return parse


@pytest.fixture(scope="session")
def pages() -> tuple[str, ...]:
    """Give the addresses of every kind of page, without the language."""
    return PAGES


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """Give the application over the sample catalogue."""
    made = create_app(replace(settings, queries_per_client=1000, query_rate=""))
    yield made
    with made.app_context():
        engine().close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of it."""
    return app.test_client()


def _hostile(entity: Callable[[str, str, str], Entity]) -> list[Entity]:
    iri, part = f"{BASE}id/dataset/difficile/hostile", f"{BASE}id/distribution/difficile/hostile-1"
    return [
        entity(
            iri,
            "dataset",
            f"""<{iri}> a dcat:Dataset ; dct:title "{SCRIPT} Titre"@fr ; dcat:keyword "{SCRIPT}"@fr ;
            dct:description "<h2>Bon</h2><p>texte {SCRIPT}<img src=x onerror=alert(1)>
              <a href='javascript:alert(1)'>piège</a> <a href='https://example.org/bon'>lien</a></p><li>seul</li>"@fr ;
            dcat:landingPage <https://example.org/page> ; dcat:distribution <{part}> ; dct:spatial "Bruxelles" .
            """.replace("\n", " "),
        ),
        entity(
            part,
            "distribution",
            f"""<{part}> a dcat:Distribution ; dct:title "{SCRIPT}"@fr ; dct:format "{SCRIPT}" ;
            dct:description "{LONG}"@fr ; dct:rights "{LONG}" ;
            dcat:accessURL <javascript:alert(1)> , <ftp://files.example.org/d.csv> ; dcat:byteSize "beaucoup" .""",
        ),
    ]


def _translated(entity: Callable[[str, str, str], Entity]) -> list[Entity]:
    iri, only = f"{BASE}id/dataset/difficile/traduit", f"{BASE}id/dataset/difficile/allemand"
    bare, long = f"{BASE}id/dataset/difficile/nu", f"{BASE}id/dataset/difficile/long"
    part = f"{BASE}id/distribution/difficile/long-1"
    return [
        entity(
            iri,
            "dataset",
            f"""<{iri}> a dcat:Dataset ; dct:title "Fietspaden"@nl , "Pistes cyclables"@fr-t-nl , "Bike paths"@en-t-nl ;
            dct:description "Alle paden."@nl , "Tous les chemins."@fr-t-nl .""",
        ),
        entity(
            only,
            "dataset",
            f"""<{only}> a dcat:Dataset ; dct:title "Nur deutsch"@de ;
            dct:description "Erster Teil"@de , "zweiter, viel längerer Teil"@de .""",
        ),
        entity(bare, "dataset", f"<{bare}> a dcat:Dataset ; dct:description 'Sans titre.'@fr ."),
        entity(
            long,
            "dataset",
            f"""<{long}> a dcat:Dataset ; dct:title "{LONG}"@fr ; dct:description "{LONG}"@fr ;
            dcat:keyword "{LONG}"@fr ; dct:identifier "{LONG}" ;
            dcat:landingPage <https://{LONG.lower().replace("_", "-")}.example.org/> ;
            dct:language <{AUTHORITY}language/FRA> , <{AUTHORITY}language/NLD> ; dcat:distribution <{part}> .""",
        ),
        entity(
            part,
            "distribution",
            f"""<{part}> a dcat:Distribution ; dct:title "{LONG}"@fr ; dct:format "{LONG}" ;
            dcat:downloadURL <https://{LONG.lower().replace("_", "-")}.example.org/{LONG}> .""",
        ),
    ]


AT = "2026-11-21T10:00:00Z"
HOSTILE = (
    f"{SCRIPT}</textarea>", "\u202egnorw\u202c si siht", "nul \\u0000 bell \\u0007", "\u2028line\u0085line\x0bline",
    "  edges\t",
    "x" * 10_000_000,
)  # fmt: skip
"""Texts that a rule took out, as N-Triples writes them."""


def _applications() -> list[repair.Application]:
    iri, title = f"{BASE}id/dataset/difficile/hostile", "http://purl.org/dc/terms/title"
    words = "".join(f'<{iri}> <http://www.w3.org/ns/dcat#keyword> "mot {number}"@fr .\n' for number in range(300))
    part, sub = "http://www.w3.org/ns/dcat#contactPoint", "http://www.w3.org/2006/vcard/ns#hasAddress"
    texts = [repair.Application("outer-blanks", f'<{iri}> <{title}> "{text}" .\n', "", "") for text in HOSTILE]
    return [
        repair.Application("address-malformed", f"<{iri}> <{title}> <http://a b/x> .\n", words, ""),
        repair.Application("rule-of-another-time", "", f"<{iri}> <{part}> _:n0 .\n_:n0 <{sub}> <tel:1> .\n", ""),
        repair.Application("empty-node", f'_:b1 <{sub}> "x" .\n', "", f"<{part}>\n<{part}>/<{sub}>"),
        *texts,
        *[repair.Application("escaped-twice", "", f'<{iri}> <{title}> "{number}" .\n', "") for number in range(30)],
    ]


def _runs(ledger: Ledger) -> None:
    """Add runs that ended in every way, and what rules repaired in them."""
    applied = repair.pack(_applications())
    reports: list[tuple[str, dict[str, Any]]] = [
        ("done", {"found": 3, "findings": {"Violation": number}, "rejected": {}}) for number in (900, 40)
    ]
    reports.append(("done", {"found": 3, "findings": {}, "partial": True, "rows": 12}))
    reports.append(("failed", {}))
    reports.append(("died", {"found": 1, "rejected": {f"no title {SCRIPT}": 3}}))
    reports.append(("done", {"found": 3, "findings": {"Warning": 7}, "rejected": {"private": 2, "no identifier": 1}}))
    refused = [
        Rejected(f"{LONG}{SCRIPT}", f"no title {SCRIPT}", SCRIPT * 50), Rejected("", "no identifier"),
        Rejected("secret", "private", is_private=True),
    ]  # fmt: skip
    with ledger.writing() as connection:
        for status, report in reports:
            run = writing.start_run(connection, DIFFICULT.name, AT, None)
            writing.put_rejections(connection, run, refused)
            message = f"It ended {SCRIPT}" if status != "done" else ""
            writing.finish_run(connection, run, {"status": status, "finished": AT, "message": message}, report)
        repairs.put(connection, run, AT, [Repaired(f"{BASE}id/dataset/difficile/hostile", 0, applied, None)])


@pytest.fixture(scope="session")
def difficult(
    tmp_path_factory: pytest.TempPathFactory, keep: Callable[..., None], entity: Callable[[str, str, str], Entity]
) -> Settings:
    """Give settings of a catalogue of hostile, translated, incomplete and many datasets."""
    settings = Settings(data=tmp_path_factory.mktemp("difficult"), base_iri=BASE)
    many = [
        entity(
            f"{BASE}id/dataset/difficile/n{number}",
            "dataset",
            f"""<{BASE}id/dataset/difficile/n{number}> a dcat:Dataset ; dct:title "Numéro {number}"@fr ;
            dct:publisher <{BASE}id/organisation/difficile/o{number % 70}> ;
            dct:description "Le numéro {number}."@fr .""",
        )
        for number in range(95)
    ]
    many += [
        entity(
            f"{BASE}id/organisation/difficile/o{number}",
            "organisation",
            f"""<{BASE}id/organisation/difficile/o{number}> a foaf:Agent ;
            foaf:name "{chr(65 + number % 26)} {number}" .""",
        )
        for number in range(70)
    ]
    with Ledger(settings.ledger) as ledger:
        keep(ledger, DIFFICULT, [*_hostile(entity), *_translated(entity), *many])
        _runs(ledger)
        publish.publish(ledger, settings).close()
    return settings


@pytest.fixture
def difficult_client(difficult: Settings) -> FlaskClient:
    """Give a client of the difficult catalogue."""
    return create_app(difficult).test_client()


@pytest.fixture
def empty_client(tmp_path: Path) -> FlaskClient:
    """Give a client of an application for which nothing was published."""
    return create_app(Settings(data=tmp_path / "nothing", base_iri=BASE)).test_client()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's signature
        """Say nothing of requests."""


def _running(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def site(app: Flask) -> Iterator[str]:
    """Give the address of a running server of the sample catalogue."""
    yield from _running(app)


@pytest.fixture(scope="session")
def difficult_site(difficult: Settings) -> Iterator[str]:
    """Give the address of a running server of the difficult catalogue."""
    yield from _running(create_app(difficult))
