"""The files of a dataset: a card for each of a few, pages of a list where they are many; the page of one file."""

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from maillon import publish
from maillon.ledger import Ledger
from maillon.records import Entity
from maillon.settings import LANGUAGES, Settings
from maillon.sources import Source
from maillon.web import create_app
from maillon.web.engine import engine
from maillon.web.pages import files

Parse = Callable[[str], Any]
Make = Callable[[str, str, str], Entity]

BASE = "http://localhost:8000/"
LICENCE = "http://publications.europa.eu/resource/authority/licence/"
SOURCE = Source(name="cors", kind="dcat", url="https://cors.example.org/catalog.ttl", title={"fr": "Cors"})
MANY = 420
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _dataset(
    entity: Make, name: str, parts: list[str], said: str = "", link: str = "dcat:distribution"
) -> list[Entity]:
    """Make a dataset and its files; each of ``parts`` is what the record of one file says."""
    iri = f"{BASE}id/dataset/cors/{name}"
    iris = [f"{BASE}id/distribution/cors/{name}-{number}" for number in range(1, len(parts) + 1)]
    links = f"; {link} {', '.join(f'<{part}>' for part in iris)}" if parts else ""
    made = [entity(iri, "dataset", f'<{iri}> a dcat:Dataset ; dct:title "{name.title()}"@fr {said} {links} .')]
    made += [
        entity(
            part,
            "distribution",
            f"<{part}> a dcat:Distribution ; dcat:accessURL <https://example.org/{part[-9:]}> {text} .",
        )
        for part, text in zip(iris, parts, strict=True)
    ]
    return made


def _part(number: int, licence: str = "CC_BY_4_0") -> str:
    long = "harmonique-pavillon-" * 6 if number % 40 == 0 else ""
    return (
        f'; dct:title "Enregistrement {number} {long}.wav"@fr ; dcat:byteSize {number * 1000} '
        f"; dcat:downloadURL <https://example.org/f/{number}.wav> "
        + (f"; dct:license <{LICENCE}{licence}>" if licence else "")
    )


def _datasets(entity: Make) -> list[Entity]:
    mixed = [_part(number, "CC0" if number == 7 else "CC_BY_4_0") for number in range(1, 13)]
    bare = ["; dct:format 'CSV'"] * 12
    return [
        *_dataset(entity, "beaucoup", [_part(number) for number in range(1, MANY + 1)]),
        *_dataset(entity, "peu", [_part(number) for number in range(1, 11)], '; dct:issued "2020-03-01"'),
        *_dataset(entity, "moyen", [_part(number) for number in range(1, 61)]),
        *_dataset(entity, "divers", mixed),
        *_dataset(entity, "nu", bare, '; dct:issued "2020-03-01" ; dct:modified "2021-04-02"'),
        *_dataset(entity, "licence", bare, f"; dct:license <{LICENCE}CC0>"),
        *_dataset(
            entity, "extraits", [_part(number) for number in range(1, 16)], link="<http://www.w3.org/ns/adms#sample>"
        ),
    ]


@pytest.fixture(scope="module")
def cors(tmp_path_factory: pytest.TempPathFactory, keep: Callable[..., None], entity: Make) -> Iterator[Flask]:
    """Give the application over a catalogue of datasets with many files."""
    settings = Settings(data=tmp_path_factory.mktemp("cors"), base_iri=BASE)
    with Ledger(settings.ledger) as ledger:
        keep(ledger, SOURCE, _datasets(entity))
        publish.publish(ledger, settings).close()
    made = create_app(settings)
    yield made
    with made.app_context():
        engine().close()


@pytest.fixture
def show(cors: Flask, read: Parse) -> Callable[[str], Any]:
    """Give a function that reads a page of it."""

    def page(address: str) -> Any:
        answer = cors.test_client().get(address)
        assert answer.status_code == 200, address
        return read(answer.text)

    return page


def _lines(page: Any) -> list[str]:
    return [" ".join(item.text_content().split()) for item in page.find("//ol[contains(@class, 'files')]/li")]


def test_every_one_of_many_files_is_reached_by_links(show: Parse) -> None:
    address, downloads, details = "/fr/dataset/cors/beaucoup", [], []
    while address:
        page = show(address)
        assert len(_lines(page)) <= files.PAGE_SIZE
        downloads += page.find("//ol[contains(@class, 'files')]//a/@href[starts-with(., 'https://example.org/f/')]")
        details += page.find("//ol[contains(@class, 'files')]//a/@href[starts-with(., '/fr/doc/distribution/')]")
        following = page.find("//nav//a[@rel='next']/@href")
        assert page.find("//link[@rel='next']/@href") == following
        address = following[0].partition("#")[0] if following else ""
    assert downloads == [f"https://example.org/f/{number}.wav" for number in range(1, MANY + 1)]
    assert len(set(details)) == MANY


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_of_the_list_is_valid_and_names_itself(show: Parse, language: str) -> None:
    page = show(f"/{language}/dataset/cors/beaucoup?files=2")
    assert page.faults == []
    assert page.find("//link[@rel='canonical']/@href") == [f"/{language}/dataset/cors/beaucoup?files=2"]
    assert page.find("//ol/@start") == ["51"]
    assert "2" in page.words("//title").split(" – ")[1]
    assert page.find("//nav//a[@rel='prev']/@href") == [f"/{language}/dataset/cors/beaucoup#files"]
    assert page.words("//nav//a[@aria-current='page'][contains(@href, 'files')]").endswith("2")


@pytest.mark.parametrize("given", ["0", "-1", "x", "", "99999", "9" * 400, "²", "1&files=3"])
def test_nonsense_in_the_number_of_a_page_is_harmless(show: Parse, given: str) -> None:
    page = show(f"/fr/dataset/cors/beaucoup?files={given}")
    canonical = page.find("//link[@rel='canonical']/@href")[0]
    assert canonical == "/fr/dataset/cors/beaucoup" + ("?files=9" if given == "99999" else "")


def test_a_few_files_are_cards_without_pages(show: Parse) -> None:
    page = show("/fr/dataset/cors/peu")
    assert len(page.find("//ul[@class='cards']/li")) == 10
    assert not page.find("//ol[contains(@class, 'files')]")
    assert page.find("//link[@rel='canonical']/@href") == ["/fr/dataset/cors/peu"]
    assert not page.find("//link[@rel='next']")


def test_a_licence_that_all_files_share_is_said_once(show: Parse) -> None:
    page = show("/en/dataset/cors/beaucoup")
    assert page.text.count("Creative Commons Attribution 4.0 International") == 1
    mixed = _lines(show("/en/dataset/cors/divers"))
    assert sum("Attribution 4.0" in line for line in mixed) == 11
    assert sum("CC0" in line for line in mixed) == 1


def test_files_without_a_licence_say_so_once(show: Parse) -> None:
    assert show("/en/dataset/cors/nu").text.count("not stated; ask the organisation") == 1
    assert "not stated" not in show("/en/dataset/cors/licence").text


def test_files_without_a_title_are_told_apart_by_their_place(show: Parse) -> None:
    assert [line.split(" Open")[0] for line in _lines(show("/en/dataset/cors/nu"))] == [
        f"CSV File {number} (CSV)" for number in range(1, 13)
    ]


def test_all_of_many_samples_are_shown(show: Parse) -> None:
    assert len(_lines(show("/fr/dataset/cors/extraits"))) == 15


def test_numbers_in_titles_count_by_their_value() -> None:
    assert sorted(["Carte 10", "carte 9", "Carte 1b", "10", "²"], key=files.natural) == [
        "10", "Carte 1b", "carte 9", "Carte 10", "²",
    ]  # fmt: skip


def test_a_date_of_publication_is_no_update(show: Parse) -> None:
    published = show("/en/dataset/cors/peu").words("//header")
    assert "Published on 1 March 2020" in published
    assert "Updated" not in published
    assert "Updated 2 April 2021" in show("/en/dataset/cors/nu").words("//header")
    listed = show("/en/datasets?q=peu").words("//ul[@class='results']")
    assert "Published on 1 March 2020" in listed


def test_the_page_of_a_file_offers_the_file(show: Parse) -> None:
    page = show("/en/doc/distribution/cors/beaucoup-7")
    button = page.find("//a[contains(@class, 'ds-button')]")[0]
    assert button.get("href") == "https://example.org/f/7.wav"
    assert "nofollow" in button.get("rel")
    first = page.words("(//main//section)[1]")
    for expected in ("7 kB", "Creative Commons Attribution 4.0 International", "example.org"):
        assert expected in first


def test_a_file_without_licence_is_under_that_of_its_dataset(show: Parse) -> None:
    assert "CC0" in show("/en/doc/distribution/cors/licence-3").words("(//main//section)[1]")
    page = show("/en/doc/distribution/cors/nu-3")
    assert "not stated" in page.words("(//main//section)[1]")
    listed = show("/en/dataset/cors/nu").find(
        "//li[.//a[@href='/en/doc/distribution/cors/nu-3']]//span[@class='row'][1]"
    )
    assert page.words("//h1").startswith("File ")
    assert " ".join(listed[0].text_content().split()) == f"CSV {page.words('//h1')}"


def test_many_files_take_less_than_a_third_of_a_second(cors: Flask) -> None:
    client: FlaskClient = cors.test_client()
    client.get("/fr/dataset/cors/beaucoup")
    best = 9.0
    for _attempt in range(5):
        started = time.process_time()
        client.get("/fr/dataset/cors/beaucoup?files=3")
        best = min(best, time.process_time() - started)
    assert best < 0.3


def _driver_starts() -> bool:
    return (
        subprocess.run([compute_driver_executable()[0], "--version"], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture(scope="module")
def cors_site(cors: Flask) -> Iterator[str]:
    """Give the address of a running server of that catalogue."""
    server = make_server("127.0.0.1", 0, cors, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: `apt-get install chromium`")
@pytest.mark.skipif(not _driver_starts(), reason="the driver does not start: `apt-get install libatomic1`")
def test_the_list_is_accessible_and_fits_320_pixels(cors_site: str) -> None:
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for width in (1280, 320):
            page = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True).new_page()
            for address in (
                "dataset/cors/divers",
                "doc/distribution/cors/beaucoup-40",
                "dataset/cors/beaucoup?files=9",
            ):
                page.goto(f"{cors_site}/fr/{address}")
                page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, address
                found: Any = Axe().run(page, options=rules).response["violations"]
                assert [(item["id"], item["nodes"][0]["html"][:200]) for item in found] == [], address
        browser.close()


def test_the_page_of_a_dataset_keeps_findings_for_its_publisher_closed(show: Parse) -> None:
    page = show("/en/dataset/cors/peu")
    box = page.find("//details[.//ul[@class='findings']]")
    assert len(box) == 1
    assert box[0].get("open") is None
    assert re.search(r"For the body that publishes this", box[0].text_content())
    assert not page.find("//ul[@class='findings'][not(ancestor::details)]")


def test_properties_have_a_name_for_people_and_their_own(show: Parse) -> None:
    rows = {
        row.xpath("string(th//code)"): row.xpath("string(th/text())").strip()
        for row in show("/en/doc/distribution/cors/beaucoup-7").find("//table[contains(@class, 'pairs')]//tr[th//code]")
    }
    assert rows == {
        "rdf:type": "Class", "dct:title": "Title", "dct:license": "Licence", "dcat:byteSize": "Size in bytes",
        "dcat:downloadURL": "Address of the file", "dcat:accessURL": "Address that leads to the data",
    }  # fmt: skip
