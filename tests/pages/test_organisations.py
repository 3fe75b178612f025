"""The list of organisations: letters, a search without a script, hashes last; the numbers of the home page."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from maillon import publish
from maillon.ledger import Ledger
from maillon.records import Entity
from maillon.settings import Settings
from maillon.sources import Source
from maillon.web import create_app
from maillon.web.engine import engine

Parse = Callable[[str], Any]

BASE = "http://localhost:8000/"
HASH = "fa1eb6c18e5dff43f85513dfc5e7fc00c813dbec"
SOURCE = Source(name="corps", kind="dcat", url="https://corps.example.org/catalog.ttl", title={"fr": "Corps"})
NAMES = [f"{chr(65 + number % 22)} service {number}" for number in range(66)] + ["Élan", "4 saisons", "“Guillemets”"]


@pytest.fixture(scope="module")
def bodies(
    tmp_path_factory: pytest.TempPathFactory,
    keep: Callable[..., None],
    entity: Callable[[str, str, str], Entity],
) -> Iterator[Flask]:
    """Give the application over a catalogue of 69 organisations with a name and one without."""
    settings = Settings(data=tmp_path_factory.mktemp("bodies"), base_iri=BASE)
    made = []
    for number, name in enumerate([*NAMES, ""]):
        body = f"{BASE}id/organisation/corps/{number if name else HASH}"
        dataset = f"{BASE}id/dataset/corps/{number}"
        made.append(entity(body, "organisation", f"<{body}> a foaf:Agent {f'; foaf:name {name!r}' if name else ''} ."))
        made.append(
            entity(
                dataset,
                "dataset",
                f'<{dataset}> a dcat:Dataset ; dct:title "Jeu {number}"@fr ; dct:publisher <{body}> .',
            )
        )
    with Ledger(settings.ledger) as ledger:
        keep(ledger, SOURCE, made)
        publish.publish(ledger, settings).close()
    app = create_app(settings)
    yield app
    with app.app_context():
        engine().close()


def _tiles(page: Any) -> list[str]:
    return [item.text_content() for item in page.find("//ul[@class='tiles']//span[@class='label']")]


def test_organisations_stand_under_their_letter_and_hashes_last(bodies: Flask, read: Parse) -> None:
    page = read(bodies.test_client().get("/en/organisations").text)
    letters = [item.text_content() for item in page.find("//main//h2")]
    assert len(letters) == len(set(letters))
    assert letters[-1] == "Without a name"
    assert "0–9" in letters
    assert _tiles(page)[-1] == HASH
    assert len(_tiles(page)) == len(NAMES) + 1
    assert "Élan" in page.words("//section[h2='E']")
    targets = [address[1:] for address in page.find("//nav[@class='pages']//a/@href")]
    assert targets == page.find("//main//h2/@id")


def test_an_organisation_is_found_by_part_of_its_name(bodies: Flask, read: Parse) -> None:
    client = bodies.test_client()
    page = read(client.get("/fr/organisations?q=ELAN").text)
    assert _tiles(page) == ["Élan"]
    assert page.find("//input[@name='q']/@value") == ["ELAN"]
    assert page.find("//main//form/@action") == ["/fr/organisations"]
    assert page.find("//main//a[@href='/fr/organisations']")


@pytest.mark.parametrize("words", ["zzzz", "<script>alert(1)</script>", "x" * 5000, '"', "%"])
def test_what_no_organisation_is_called_is_said(bodies: Flask, read: Parse, words: str) -> None:
    answer = bodies.test_client().get("/en/organisations", query_string={"q": words})
    assert answer.status_code == 200
    assert "<script" not in answer.text
    page = read(answer.text)
    assert page.faults == []
    assert "No organisation has" in page.words()
    assert not _tiles(page)


def test_a_search_for_blanks_shows_all(bodies: Flask, read: Parse) -> None:
    assert len(_tiles(read(bodies.test_client().get("/en/organisations?q=++").text))) == len(NAMES) + 1


def test_the_home_page_counts_one_thing_in_the_singular(
    bodies: Flask, difficult_client: FlaskClient, read: Parse
) -> None:
    def numbers(client: FlaskClient) -> list[tuple[str, str]]:
        lines = read(client.get("/en/").text).find("//dl[@class='numbers']/div")
        return [(item.xpath("string(dd)"), item.xpath("string(dt)")) for item in lines]

    assert numbers(bodies.test_client()) == [
        ("70", "datasets"), ("0", "files and services"), ("70", "organisations"), ("1", "source"),
    ]  # fmt: skip
    assert numbers(difficult_client)[-1] == ("1", "source")
