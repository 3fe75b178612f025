"""What people see of quality: the catalogue's page, report cards, definitions, lists of findings, tables, badges.

The pages are those of the sample catalogue, with the quality file that publishing made of it.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html
from python_calamine import CalamineWorkbook

from maillon.quality import gains, indicators, lists
from maillon.quality.file import QualityFile
from maillon.settings import LANGUAGES, Settings
from maillon.store.documents import Documents
from maillon.validation import shapes
from maillon.web import create_app, quality_badge, quality_data
from maillon.web.engine import engine
from maillon.web.pages import quality, quality_block, quality_files, quality_measures, quality_reports

VIEWS = (quality, quality_files, quality_measures, quality_reports)
"""Their views have to be in the blueprint before an application is made."""

BASE = "http://localhost:8000/"
SVG = "{http://www.w3.org/2000/svg}"
PLACES = ("quality", "source/ville/report", "organisation/region/nature/report")
OTHERS = (
    "quality?sort=-points", "quality?sort=violations&page=2", "quality/findability", "quality/keywordAvailability",
    "quality/freshness", "quality/findings", "source/ville/findings", "organisation/region/nature/findings",
    "source/ville/findings?rule=urn:maillon:shape:dataset-description", "source/ville/findings?rule=urn:unknown",
)  # fmt: skip
RULE = "urn:maillon:shape:dataset-description"
Parse = Callable[[str], Any]


def _with_badges(settings: Settings) -> Flask:
    made = create_app(replace(settings, queries_per_client=1000, query_rate=""))
    if quality_badge.blueprint.name not in made.blueprints:
        made.register_blueprint(quality_badge.blueprint)
    return made


@pytest.fixture(scope="module")
def quality_app(settings: Settings) -> Iterator[Flask]:
    """Give the application over the sample catalogue."""
    made = _with_badges(settings)
    yield made
    with made.app_context():
        engine().close()


@pytest.fixture
def visitor(quality_app: Flask) -> FlaskClient:
    """Give a client of it."""
    return quality_app.test_client()


@pytest.fixture(scope="module")
def hostile(difficult: Settings) -> Iterator[Flask]:
    """Give the application over difficult records."""
    made = _with_badges(difficult)
    yield made
    with made.app_context():
        engine().close()


@pytest.fixture(scope="module")
def measured(settings: Settings) -> Iterator[QualityFile]:
    """Give the quality file of the sample catalogue."""
    file = QualityFile(settings.snapshots / "current" / "quality.sqlite")
    yield file
    file.close()


@pytest.fixture(scope="module")
def documents(settings: Settings) -> Iterator[Documents]:
    """Give the documents of the sample catalogue."""
    opened = Documents(settings.snapshots / "current" / "documents.sqlite")
    yield opened
    opened.close()


def _check(page: Any, language: str) -> None:
    assert page.faults == []
    assert page.find("/html/@lang") == [language]
    assert len(page.find("//h1")) == 1
    assert [value for value, times in Counter(page.find("//@id")).items() if times > 1] == []
    assert not page.find("//script | //iframe | //object | //@style | //style")
    levels = [int(item.tag[1]) for item in page.find("//h1|//h2|//h3|//h4")]
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False)), levels
    targets = set(page.find("//@id"))
    assert {item[1:] for item in page.find("//a/@href") if item.startswith("#")} <= targets
    assert not page.find("//table[not(.//th[@scope])]"), "every table has headings"
    assert not page.find("//*[local-name()='svg'][not(@aria-hidden='true') and not(@role='img')]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_valid(visitor: FlaskClient, read: Parse, language: str) -> None:
    for address in (*PLACES, *OTHERS):
        answer = visitor.get(f"/{language}/{address}")
        assert answer.status_code == 200, address
        _check(read(answer.text), language)


def test_every_measure_has_a_page_and_every_page_leads_to_it(visitor: FlaskClient, read: Parse) -> None:
    european = [*(item.name for item in lists.metrics()), *(item.name for item in lists.dimensions())]
    names = [*european, *indicators.definitions()]
    assert len(european) == 23 + 5
    assert len(names) == len(set(names)), "no two have one address"
    for name in names:
        answer = visitor.get(f"/de/quality/{name}")
        assert answer.status_code == 200, name
        _check(read(answer.text), "de")
    linked = read(visitor.get("/de/quality").text).find("//a/@href")
    assert {f"/de/quality/{name}" for name in (*indicators.definitions(), "findability")} <= set(linked)
    assert f"/de/quality/{lists.metrics()[0].name}" in read(visitor.get("/de/quality/findability").text).find(
        "//a/@href"
    )


def test_a_definition_says_what_and_how_and_asks_the_graph(visitor: FlaskClient, read: Parse) -> None:
    page = read(visitor.get("/fr/quality/keywordAvailability").text)
    metric = lists.metrics()[0]
    assert page.words("//h1") == metric.label["fr"]
    assert metric.definition["fr"] in page.words()
    query = page.find("//pre/code/text()")[0]
    answer = visitor.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    assert answer.text.splitlines()[0] == "dataset,title,value"
    assert "sans-description" in answer.text, "it has no keyword"
    assert "jeu-1" not in answer.text, "it has keywords"
    own = read(visitor.get("/nl/quality/freshness").text)
    (saved,) = own.find("//a[contains(@href, '/queries/')]/@href")
    assert visitor.get(saved).status_code == 200
    for part in ("what", "why", "how", "formula"):
        assert getattr(indicators.definitions()["freshness"], part)["nl"] in own.words(), part


@pytest.mark.parametrize(
    "address",
    ["quality/nonsense", "source/rien/report", "organisation/rien/report", "source/rien/findings.csv",
     "organisation/rien/findings.atom", "source/rien/findings", "source/ville/findings.exe"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(visitor: FlaskClient, address: str) -> None:
    assert visitor.get(f"/fr/{address}").status_code == 404


def test_the_catalogue_shows_the_score_that_was_measured(
    visitor: FlaskClient, read: Parse, measured: QualityFile
) -> None:
    page, scope = read(visitor.get("/en/quality").text), measured.scope("catalogue")
    assert scope is not None
    assert f"{int(scope.points + 0.5)} of 405 points" in page.words("//div[contains(@class, 'gauge')]")
    assert f"({scope.datasets} datasets)" in page.words("//header")
    widths = page.find("(//table[contains(@class, 'bars')])[1]//*[local-name()='rect'][@class='fill']/@width")
    shares = [scope.dimensions[item.name] / item.maximum * 100 for item in lists.dimensions()]
    assert [float(width) for width in widths] == [round(share, 1) for share in shares if share]
    assert {"ville", "region"} <= {address.split("/")[3] for address in page.find("//table//th[@scope='row']/a/@href")
                                   if address.startswith("/en/source/")}  # fmt: skip


def test_the_tables_are_sorted_by_what_the_address_says(
    visitor: FlaskClient, read: Parse, measured: QualityFile
) -> None:
    points = sorted(scope.points for scope in measured.scopes("organisation"))
    for sort, expected in (("points", points), ("-points", points[::-1])):
        page = read(visitor.get(f"/en/quality?sort={sort}").text)
        shown = [item.text_content() for item in page.find("(//table[contains(@class, 'scopes')])[2]/tbody/tr/td[2]")]
        assert [int(text.split()[0]) for text in shown] == [int(value + 0.5) for value in expected]
        way = "descending" if sort.startswith("-") else "ascending"
        assert page.find("//th[@aria-sort]/@aria-sort") == [way, way]
    for nonsense in ("sort=%27%3B--", "sort=-", "page=-1", "page=%F0%9F%92%A9", "page=99999999"):
        assert visitor.get(f"/en/quality?{nonsense}").status_code == 200


def test_a_report_card_has_five_things_to_fix_with_examples(
    visitor: FlaskClient, read: Parse, measured: QualityFile
) -> None:
    page, scope = read(visitor.get("/fr/source/ville/report").text), measured.scope("source", "ville")
    assert scope is not None
    titles = [item.text_content() for item in page.find("//ol[@class='fixes']/li//h3")]
    assert len(titles) == 5
    known = {gains.FIXES[gain.fix].title["fr"]: gain for gain in scope.gains}
    most = sorted((gain.points for gain in scope.gains), reverse=True)[:5]
    assert sorted((known[title].points for title in titles), reverse=True) == most
    first = page.find("//ol[@class='fixes']/li")[0]
    words = " ".join(first.text_content().split())
    assert f"+{known[titles[0]].points}" in words
    assert gains.FIXES[known[titles[0]].fix].how["fr"] in words
    links = first.xpath(".//ul[@class='examples']//a/@href")
    assert 0 < len(links) <= 3
    assert all(visitor.get(link).status_code == 200 for link in links)


def test_a_report_card_lists_findings_by_rule_with_links_to_the_cases(
    visitor: FlaskClient, read: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = read(visitor.get("/nl/source/ville/report").text)
    assert shapes.message(RULE, "nl") in page.words("//ul[@class='findings']")
    (address,) = [
        item for item in page.find("//ul[@class='findings']//a/@href") if f"rule={RULE}" in item.replace("%3A", ":")
    ]
    cases = read(visitor.get(address).text)
    assert "/nl/dataset/ville/sans-description" in cases.find("//main//table//th/a/@href")
    assert cases.words("//main").count(shapes.message(RULE, "nl")) == 1, "the rule is told once, not with every record"
    monkeypatch.setattr(quality_reports, "RULES", 2)
    short = read(visitor.get("/nl/source/ville/report").text)
    assert len(short.find("//ul[@class='findings']/li")) == 2
    assert short.find("//section[@aria-labelledby='rules']//p/a[contains(@href, '/source/ville/findings')]")


@pytest.mark.parametrize("place", ["source/ville", "organisation/region/nature", "quality"])
def test_the_tables_have_every_finding(visitor: FlaskClient, place: str, documents: Documents) -> None:
    answer = visitor.get(f"/fr/{place}/findings.csv")
    assert (answer.mimetype, answer.data[:3]) == ("text/csv", b"\xef\xbb\xbf")
    assert "Content-Length" not in answer.headers, "it is not held in memory"
    assert answer.headers["ETag"]
    assert "max-age" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    again = visitor.get(f"/fr/{place}/findings.csv", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    with visitor.get(f"/fr/{place}/findings.xlsx") as book:
        assert book.mimetype == quality_files.XLSX
        cells = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert [[str(cell).removeprefix("'") for cell in row] for row in cells] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    if place == "source/ville":
        assert len(rows) - 1 == sum(count for *_, count in documents.findings_by_shape("ville"))


def test_a_row_says_where_what_and_what_to_do(visitor: FlaskClient) -> None:
    text = visitor.get("/de/source/ville/findings.csv").data.decode("utf-8-sig")
    rule, iri = "urn:maillon:shape:dataset-description", f"{BASE}id/dataset/ville/sans-description"
    (row,) = [item for item in csv.reader(io.StringIO(text, newline="")) if item[4] == iri and item[10] == rule]
    assert row[1] == "Sans description"
    assert row[3] == "http://localhost/de/dataset/ville/sans-description"
    assert row[5].endswith("(dct:description)")
    assert f"{row[7]} {row[8]}" == shapes.message(rule, "de")
    assert row[9].startswith("https://semiceu.github.io/DCAT-AP/releases/3.0.1/")
    only = visitor.get(f"/de/source/ville/findings.csv?rule={rule}").data.decode("utf-8-sig")
    assert {item[10] for item in list(csv.reader(io.StringIO(only, newline="")))[1:]} == {rule}


def test_one_workbook_at_a_time_is_made(visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_files, "WAIT", 0.01)
    assert quality_files._workbooks.acquire(timeout=5)
    try:
        assert visitor.get("/fr/source/ville/findings.xlsx").status_code == 503
    finally:
        quality_files._workbooks.release()
    with visitor.get("/fr/source/ville/findings.xlsx") as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", ["source/ville", "organisation/region/nature"])
def test_a_badge_is_a_picture_for_other_sites(visitor: FlaskClient, address: str, language: str) -> None:
    answer = visitor.get(f"/badge/{address}.svg?lang={language}")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    root = etree.fromstring(answer.data)
    ratings = [item.label[language].capitalize() for item in lists.ratings()]
    assert [name for name in ratings if f": {name} · " in root.findtext(f"{SVG}title", "")]
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert not [value for item in root.iter() for value in item.attrib.values() if "http" in str(value)]
    again = visitor.get(f"/badge/{address}.svg?lang={language}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_badge_in_no_language_of_ours_is_in_the_default_one(visitor: FlaskClient) -> None:
    default = visitor.get("/badge/source/ville.svg").data
    assert default == visitor.get("/badge/source/ville.svg?lang=%22%3E%3Cscript%3E").data
    assert default == visitor.get("/badge/source/ville.svg", headers={"Accept-Language": "de"}).data
    assert visitor.get("/badge/source/rien.svg").status_code == 404
    assert visitor.get("/badge/dataset/ville.svg").status_code == 404


def test_the_snippet_on_the_report_card_is_what_shows_the_badge(visitor: FlaskClient, read: Parse) -> None:
    page = read(visitor.get("/nl/source/ville/report").text)
    link = html.fragment_fromstring(page.find("//textarea/text()")[0])
    image: Any = link.find("img")
    assert link.get("href") == "http://localhost/nl/source/ville/report"
    assert image.get("src") == "http://localhost/badge/source/ville.svg?lang=nl"
    assert visitor.get(image.get("src")).status_code == 200
    assert "405" in image.get("alt")
    assert page.find("//section[@aria-labelledby='badge']//*[local-name()='svg']")


def test_a_dataset_has_a_small_block_with_its_points_and_three_fixes(
    quality_app: Flask, measured: QualityFile, read: Parse
) -> None:
    iri = f"{BASE}id/dataset/ville/sans-description"
    found = measured.dataset(iri)
    assert found is not None
    with quality_app.test_request_context("/en/dataset/ville/sans-description"):
        quality_app.preprocess_request()
        published = quality_app.extensions["maillon.follower"].acquire()
        block = quality_block.quality_block(iri, published, "en")
        assert quality_block.quality_block("urn:nothing", published, "en") is None
        macro = quality_app.jinja_env.get_template("partials/quality.html").make_module({"language": "en"})
        text = str(macro.block(block))  # type: ignore[attr-defined]  # the macros of a template are known at run time
        quality_app.extensions["maillon.follower"].release(published)
    assert block is not None
    assert block.gauge.points == str(found.score.points)
    assert [card.title for card in block.fixes] == [gains.FIXES[item.fix].title["en"] for item in found.score.gains[:3]]
    page = read(f"<!doctype html><html lang=en><title>x</title>{text}</html>")
    assert f"{found.score.points} of 405 points" in page.words("//div[contains(@class, 'gauge')]")
    assert len(page.find("//ul[@class='fixes']/li")) == 3
    assert len(page.find("//ul[@class='gains']/li")) == 3


def test_what_could_not_be_measured_is_not_shown_as_failed(
    quality_app: Flask, measured: QualityFile, visitor: FlaskClient, read: Parse
) -> None:
    found = measured.dataset(f"{BASE}id/dataset/ville/jeu-1")
    assert found is not None
    assert found.score.metrics["accessUrlStatusCode"] is None, "no address of the sample was checked"
    with quality_app.test_request_context("/en/"):
        published = quality_app.extensions["maillon.follower"].acquire()
        block = quality_block.quality_block(found.iri, published, "en")
        quality_app.extensions["maillon.follower"].release(published)
    assert block is not None
    assert block.unchecked == "80"
    page = read(visitor.get("/en/quality/accessUrlStatusCode").text)
    assert "Its value is not known" in page.words("//header[contains(@class, 'stack')]")
    assert "80 points" in read(visitor.get("/en/quality").text).words("//p[@class='note']")


def test_hostile_names_are_shown_harmless(hostile: Flask, read: Parse) -> None:
    visitor = hostile.test_client()
    for address in ("quality", "source/difficile/report", "source/difficile/findings", "quality/findings"):
        answer = visitor.get(f"/fr/{address}")
        assert answer.status_code == 200, address
        page = read(answer.text)
        _check(page, "fr")
        assert len(answer.data) < 300_000
    assert "Cas <b>" in read(visitor.get("/fr/source/difficile/report").text).words("//h1")
    rows = list(
        csv.reader(io.StringIO(visitor.get("/fr/source/difficile/findings.csv").data.decode("utf-8-sig"), newline=""))
    )
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert (
        etree.fromstring(visitor.get("/badge/source/difficile.svg").data)
        .findtext(f"{SVG}title", "")
        .startswith("Cas <b>")
    )


def test_without_measurements_the_pages_say_so(
    visitor: FlaskClient, read: Parse, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    nothing = QualityFile(settings.snapshots / "current" / "no-such.sqlite")
    monkeypatch.setattr(quality_data, "of", lambda _: nothing)
    for address in (*PLACES, *OTHERS):
        answer = visitor.get(f"/en/{address}")
        assert answer.status_code == 200, address
        _check(read(answer.text), "en")
    assert "has not been measured yet" in read(visitor.get("/en/quality").text).words()
    assert "not measured" in visitor.get("/badge/source/ville.svg?lang=en").text
    assert visitor.get("/en/organisation/region/nature/findings.csv").status_code == 200
