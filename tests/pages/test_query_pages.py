"""Saved queries, the SPARQL form and its failures as people see them: one row a dataset, their words, their numbers."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from maillon.settings import LANGUAGES
from maillon.sparql.jobs import QueryFailed
from maillon.sparql.saved.queries import saved
from maillon.sparql.text import guard
from maillon.web import query_words
from maillon.web.display import moment

Parse = Callable[[str], Any]
TITLED = {
    "newest-datasets": ("dataset",), "datasets-by-publisher": ("publisher",),
    "datasets-of-an-organisation": ("organisation", "dataset"), "high-value-datasets": ("dataset", "category", "law"),
    "files-of-a-format": ("dataset", "file", "licence"), "datasets-without-licence": ("dataset",),
    "copies": ("shown", "copy"), "rows": ("row", "dataset", "licence"),
}  # fmt: skip
"""Queries that show a title or a name, with what a row of theirs is about."""
WRONG = (
    "", "SELECT * {", "SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }", "SELECT ?x { ?x a <http://[> }",
    "SELECT * { ?s nowhere:x ?o }", "SELECT * { SERVICE maillon:search { ?x } }",
    "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }", "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
    "SELECT * { BIND(<urn:none>(1) AS ?x) }", f"SELECT * {'{' * (guard.MAX_DEPTH + 9)}{'}' * (guard.MAX_DEPTH + 9)}",
    "SELECT * {" + "?s ?p ?o . " * (guard.MAX_PATTERNS + 1) + "}",
)  # fmt: skip


def _records(client: FlaskClient, name: str, language: str) -> list[dict[str, Any]]:
    found = client.get(f"/api/queries/{name}.records?language={language}").json
    assert isinstance(found, list)
    assert found
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TITLED)
def test_a_thing_has_one_row_whatever_the_languages_of_its_title(client: FlaskClient, name: str, language: str) -> None:
    rows = _records(client, name, language)
    about = [tuple(row[key] for key in TITLED[name]) for row in rows]
    assert len(set(about)) == len(about)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_is_in_the_language_asked_for_where_there_is_one(client: FlaskClient, language: str) -> None:
    text = client.get(
        "/sparql", query_string={"format": "records", "query": "SELECT ?d ?t (LANG(?t) AS ?l) { ?d dct:title ?t }"}
    )
    titles: dict[str, dict[str, set[str]]] = {}
    for row in text.json or []:
        titles.setdefault(row["d"], {}).setdefault(row["l"], set()).add(row["t"])
    for name in ("newest-datasets", "datasets-without-licence", "files-of-a-format"):
        for row in _records(client, name, language):
            known = titles[row["dataset"]]
            assert row["title"] in known.get(language, set().union(*known.values())), (name, row)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_newest_datasets_speaks_the_visitors_language(
    client: FlaskClient, read: Parse, language: str
) -> None:
    page = read(client.get(f"/{language}/queries/newest-datasets").text)
    assert page.faults == []
    assert page.find("//select[@name='language']/option[@selected]/@value") == [language]
    rows = page.find("//tbody/tr")
    assert len(rows) == len(page.find("//tbody//td[1]")) == len({row.xpath("string(td[1])") for row in rows})
    assert len(page.find("//thead//th")) == 3, "the language is in the form, not in a column"
    for day in page.find("//tbody//td[3]/span"):
        assert day.text == moment(day.get("title"), language) != day.get("title")
    seconds = page.words("//section[@aria-labelledby='result']/p")
    assert ("." not in seconds) if language != "en" else ("," not in re.sub(r"rows?,", "", seconds))


def test_headings_are_words_and_programs_still_get_variables_and_iso_dates(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/en/queries/newest-datasets").text)
    assert [cell.text_content() for cell in page.find("//thead//th")] == ["Dataset", "Title", "Changed on"]
    columns, *rows = csv.reader(io.StringIO(client.get("/api/queries/newest-datasets.csv").text))
    assert columns == ["dataset", "title", "modified", "language"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", row[2]) for row in rows)


def test_every_column_of_the_saved_queries_has_a_heading(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context("/en/queries"):
        for name, item in saved().items():
            columns = list((client.get(f"/api/queries/{name}.records").json or [{}])[0])
            shown = [column for column in columns if column not in {known.name for known in item.parameters}]
            bare = [column for column in shown if query_words.heading(column) == column]
            assert not bare or item.form == "CONSTRUCT", (name, bare)


def test_the_form_comes_before_its_examples_which_lead_to_it(client: FlaskClient, read: Parse) -> None:
    for address in ("/fr/sparql", "/fr/sparql?example=10-findings", "/fr/sparql?snapshot=1"):
        page = read(client.get(address).text)
        assert page.faults == []
        links = page.find("//details[@id='examples']//li/a/@href")
        assert len(links) == len(saved())
        assert all(link.endswith("#query") and "example=" in link for link in links)
        assert page.find("//textarea[@id='query']/following::details[@id='examples'][not(@open)]")
        assert page.find("//textarea[@id='query']/following::details[@id='prefixes'][not(@open)]")
        inside = page.find("//p[@id='query-hint']/a/@href")
        assert all(page.find(f"//*[@id='{link[1:]}']") for link in inside)
        assert len(inside) == 2


@pytest.mark.parametrize("query", WRONG)
def test_what_is_wrong_with_a_query_is_told_in_the_visitors_language(
    client: FlaskClient, read: Parse, query: str
) -> None:
    told = client.get("/sparql", query_string={"query": query, "format": "csv"})
    assert (told.status_code, told.mimetype) == (400, "text/plain")
    reply = client.get("/sparql", query_string={"query": query, "format": "html", "lang": "fr"})
    assert (reply.status_code, reply.mimetype) == (400, "text/html")
    page = read(reply.text)
    assert page.faults == []
    said, exact = page.find("//header//pre")
    assert said.get("lang") is None, said.text
    assert (exact.get("lang"), exact.text_content().strip()) == ("en", told.text.strip())
    english = read(client.get("/sparql", query_string={"query": query, "format": "html", "lang": "en"}).text)
    assert len(english.find("//header//pre")) == 1


def test_places_and_values_stay_in_the_sentence(client: FlaskClient, read: Parse) -> None:
    def said(query: str) -> str:
        answer = client.get("/sparql", query_string={"query": query, "format": "html", "lang": "en"})
        return str(read(answer.text).words("//header//pre"))

    where = r"Line 2, column \d+: something else is expected here, after “{}.*”\."
    assert re.fullmatch(where, said("SELECT *\n{} LIMIT x"))
    assert said("SELECT * { ?s nowhere:x <b> }").startswith("Line 1, column 15: the prefix nowhere: is not declared.")
    assert "function urn:<b> " not in said("SELECT * { BIND(<urn:none>(1) AS ?x) }")
    assert "function urn:none here" in said("SELECT * { BIND(<urn:none>(1) AS ?x) }")


def test_a_sentence_that_is_not_known_is_shown_and_marked_as_english(app: Flask) -> None:
    with app.test_request_context("/fr/sparql"):
        g.language = "fr"
        unknown = query_words.explained(QueryFailed("refused", "Nobody foresaw <this>."), 60)
        assert (unknown.value, unknown.lang) == ("Nobody foresaw <this>.", "en")
        for kind in ("time", "memory", "size", "busy", "died", "failed"):
            assert query_words.explained(QueryFailed(kind, f"/secret/{kind}"), 1.5).lang == ""
            assert "secret" not in query_words.explained(QueryFailed(kind, f"/secret/{kind}"), 1.5).value


def test_the_rate_is_told_in_words(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context("/en/api"):
        g.language = "en"
        assert query_words.rate("600 per minute") == "600 queries in 1 minute"
        assert query_words.rate("1/second; 12000 per 2 hours") == "1 query in 1 second, 12,000 queries in 2 hours"
        assert query_words.rate("") == ""
    assert client.get("/en/api").status_code == 200
