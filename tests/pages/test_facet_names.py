"""Names of licences and formats in the filters: nothing like "v1.0", "447" or "OGC:WMS" stands alone."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from maillon import publish
from maillon.ledger import Ledger
from maillon.records import Entity
from maillon.settings import Settings
from maillon.sources import Source
from maillon.web import create_app, display
from maillon.web.engine import engine

Parse = Callable[[str], Any]
Make = Callable[[str, str, str], Entity]

BASE = "http://localhost:8000/"
AUTHORITY = "http://publications.europa.eu/resource/authority/"
FLEMISH = "http://data.vlaanderen.be/id/licentie/modellicentie-gratis-hergebruik/v1.0"
STATBEL = "https://statbel.fgov.be/sites/default/files/files/opendata/Licence%20open%20data_"
SOURCE = Source(name="noms", kind="dcat", url="https://noms.example.org/catalog.ttl", title={"fr": "Noms"})
OWN = f"{BASE}id/other/noms/licence"
PARTS = (
    (FLEMISH, f"{AUTHORITY}file-type/WMS_SRVC"),
    (f"{STATBEL}NL.pdf", f"{AUTHORITY}file-type/OGC:WMS"),
    (f"{STATBEL}FR.pdf", f"{AUTHORITY}file-type/OGC:WMS-1.3.0-HTTP-GET-MAP"),
    ("http://data.example.org/license/cbe/full", "http://data.example.org/en/taxonomy/term/447"),
    (f"{AUTHORITY}licence/CC0", f"{AUTHORITY}file-type/ATOM"),
    (OWN, f"{AUTHORITY}file-type/TXT"),
)  # fmt: skip


def _datasets(entity: Make) -> list[Entity]:
    made = [entity(OWN, "other", f'<{OWN}> a dct:LicenseDocument ; dct:title "Licence exemple"@fr .')]
    for number, (licence, form) in enumerate(PARTS):
        iri, part = f"{BASE}id/dataset/noms/{number}", f"{BASE}id/distribution/noms/{number}"
        said = f'<{iri}> a dcat:Dataset ; dct:title "Jeu {number}"@fr ; dcat:distribution <{part}> .'
        file = f"<{part}> a dcat:Distribution ; dct:license <{licence}> ; dct:format <{form}> ."
        made += [entity(iri, "dataset", said), entity(part, "distribution", file)]
    return made


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory, keep: Callable[..., None], entity: Make) -> Iterator[Flask]:
    """Give the application over a catalogue of licences and formats as Belgian portals write them."""
    settings = Settings(data=tmp_path_factory.mktemp("names"), base_iri=BASE)
    with Ledger(settings.ledger) as ledger:
        keep(ledger, SOURCE, _datasets(entity))
        publish.publish(ledger, settings).close()
    made = create_app(settings)
    yield made
    with made.app_context():
        engine().close()


def _options(page: Any, facet: str) -> set[str]:
    found = page.find(f"//label[input[@name='{facet}']]/span[not(@class='count')]")
    return {" ".join(item.text_content().split()) for item in found}


def test_every_licence_has_a_name_or_its_site(names: Flask, read: Parse) -> None:
    page = read(names.test_client().get("/en/datasets").text)
    assert {re.sub("_(NL|FR)", "_xx", name) for name in _options(page, "licence")} == {
        "Flemish model licence for free reuse 1.0", "Licence exemple", "Creative Commons CC0 1.0 Universal",
        "Statbel open data licence", "Statbel open data licence (statbel.fgov.be – Licence open data_xx.pdf)",
        "data.example.org – cbe/full",
    }  # fmt: skip


def test_names_of_protocols_are_shown_as_services(names: Flask, read: Parse) -> None:
    options = _options(read(names.test_client().get("/en/datasets").text), "format")
    assert all(name.startswith("WMS") for name in options if "OGC" in name)
    assert {"WMS", "Atom feed", "Plain text", "data.example.org – term/447"} <= options
    assert len([name for name in options if name.startswith("WMS")]) == 3


def test_a_filter_by_any_of_them_finds_its_dataset(names: Flask, read: Parse) -> None:
    client = names.test_client()
    page = read(client.get("/en/datasets").text)
    for facet in ("licence", "format"):
        values = page.find(f"//input[@name='{facet}']/@value")
        assert len(values) == len(PARTS)
        for value in values:
            found = read(client.get("/en/datasets", query_string={facet: value}).text)
            assert len(found.find("//ul[@class='results']/li")) == 1, value


@pytest.mark.parametrize(
    ("iri", "shown"),
    [
        ("https://infocenter.example.org/nl/copyright#license", "infocenter.example.org – copyright#license"),
        ("http://www.example.org/v1.0", "example.org – v1.0"),
        ("http://example.org/a%20b%2Fc.pdf", "example.org – a b/c.pdf"),
        ("http://[bad/x", "[bad – x"),
        ("http://", "http://"),
        ("urn:x", "urn:x"),
        ("CSV", "CSV"),
    ],
)
def test_an_address_is_named_by_its_site_and_its_end(iri: str, shown: str) -> None:
    assert display.site_and_tail(iri) == shown


def test_common_types_of_files_are_named_in_the_language_of_the_visitor(app: Flask) -> None:
    with app.test_request_context("/en/"), force_locale("en"):
        assert display.concept(f"{AUTHORITY}file-type/BIN", "en").value == "Binary data"
        assert display.concept(f"{AUTHORITY}file-type/CSV", "en").value == "CSV"
        assert display.concept("OGC:WFS-1.0.0-HTTP-GET-CAPABILITIES", "en").value == "WFS"
        assert display.concept("OGC-WFS", "en").value == "OGC-WFS"
