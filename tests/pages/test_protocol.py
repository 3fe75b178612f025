"""What answers say besides their content: languages, validators, security, errors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from maillon import publish
from maillon.ledger import Ledger
from maillon.records import Entity
from maillon.settings import Settings
from maillon.sources import Source
from maillon.web import create_app
from maillon.web.headers import POLICY

Parse = Callable[[str], Any]


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("nl-BE,nl;q=0.9", "nl"), ("de", "de"), ("es,en;q=0.5", "en"), ("es", "fr"), ("", "fr"), ("*", "fr")],
)
def test_the_root_leads_to_the_visitors_language(client: FlaskClient, wanted: str, language: str) -> None:
    answer = client.get("/", headers={"Accept-Language": wanted})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/{language}/"
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_language_menu_keeps_the_page(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/datasets?q=air&theme=ENVI&theme=TRAN&page=1").text)
    assert page.find("//a[@hreflang='nl']/@href") == ["/nl/datasets?q=air&theme=ENVI&theme=TRAN&page=1"]
    assert page.find("//link[@hreflang='de']/@href") == ["/de/datasets?q=air&theme=ENVI&theme=TRAN&page=1"]


def test_the_language_menu_survives_odd_parameters(client: FlaskClient) -> None:
    for query in ("_external=1", "language=xx", "_anchor=a", "key=b", "endpoint=c", "values=d", "self=e"):
        assert client.get(f"/fr/dataset/ville/jeu-1?{query}").status_code == 200, query
        assert client.get(f"/fr/datasets?{query}").status_code == 200, query


@pytest.mark.parametrize(
    "address", ["/fr/", "/fr/rien", "/static/favicon.svg", "/doc/dataset/ville/jeu-1.ttl", "/sparql"]
)
def test_every_answer_is_secured(client: FlaskClient, address: str) -> None:
    with client.get(address) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


def test_an_unchanged_page_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/fr/datasets", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in first.headers["Vary"]
    assert "max-age=60" in first.headers["Cache-Control"]
    again = client.get("/fr/datasets", headers={"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get("/fr/datasets", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_new_snapshot_is_followed_and_changes_the_validator(
    new_settings: Settings, keep: Callable[..., None], entity: Callable[[str, str, str], Entity]
) -> None:
    def dataset(number: int) -> Entity:
        iri = f"http://localhost:8000/id/dataset/s/{number}"
        return entity(iri, "dataset", f"<{iri}> a dcat:Dataset ; dct:title 'Titre {number}'@fr .")

    source = Source(name="s", kind="dcat", url="s.ttl")
    client = create_app(new_settings).test_client()
    assert client.get("/fr/").status_code == 503
    with Ledger(new_settings.ledger) as ledger:
        keep(ledger, source, [dataset(1)])
        publish.publish(ledger, new_settings).close()
        first = client.get("/fr/datasets")
        keep(ledger, source, [dataset(2)])
        publish.publish(ledger, new_settings).close()
    second = client.get("/fr/datasets", headers={"If-None-Match": first.headers["ETag"]})
    assert "Titre 2" not in first.text
    assert "Titre 2" in second.text
    assert first.headers["ETag"] != second.headers["ETag"]


def test_nothing_published_tells_what_to_run(empty_client: FlaskClient, read: Parse) -> None:
    for address in ("/fr/", "/fr/datasets", "/fr/about", "/nl/dataset/x"):
        answer = empty_client.get(address, headers={"Accept": "text/html"})
        assert answer.status_code == 503
        assert "maillon harvest" in answer.text
        assert "maillon publish" in answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Cache-Control"] == "no-store"
        assert read(answer.text).faults == []


def test_errors_speak_the_visitors_language(client: FlaskClient, read: Parse) -> None:
    assert read(client.get("/nl/niets").text).words("//h1") == "Deze pagina bestaat niet"
    other = client.get("/nothing", headers={"Accept-Language": "de", "Accept": "text/html"})
    assert read(other.text).words("//h1") == "Diese Seite gibt es nicht"
    assert other.status_code == 404


def test_programs_get_errors_as_text(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert "404" in answer.text


def test_people_get_a_page_where_machines_get_a_line(client: FlaskClient, read: Parse) -> None:
    answer = client.get("/id/dataset/nothing", headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    page = read(answer.text)
    assert page.words("//h1") == "Cette page n'existe pas"
    assert "/id/dataset/nothing" in page.words("//pre")


@pytest.mark.parametrize(("method", "address", "status"), [("post", "/fr/datasets", 405), ("delete", "/fr/", 405)])
def test_other_methods_are_refused_politely(client: FlaskClient, method: str, address: str, status: int) -> None:
    answer = client.open(address, method=method.upper(), headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert "GET" in answer.headers["Allow"]


def test_an_unforeseen_error_shows_nothing_of_the_inside(settings: Settings, tmp_path: Path) -> None:
    app = create_app(settings)

    def broken() -> str:
        raise RuntimeError(f"secret {tmp_path}")

    app.add_url_rule("/fr/broken", "broken", broken)
    app.logger.disabled = True
    answer = app.test_client().get("/fr/broken", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "notre côté" in answer.text


def test_head_is_answered(client: FlaskClient) -> None:
    answer = client.head("/fr/datasets")
    assert (answer.status_code, answer.data) == (200, b"")


def test_static_files_are_kept_long_under_a_versioned_address(client: FlaskClient, read: Parse) -> None:
    address = read(client.get("/fr/").text).find("//link[@rel='stylesheet']/@href")[0]
    assert "v=" in address
    with client.get(address) as answer:
        assert answer.status_code == 200, "Run `python hatch_build.py`: it builds the style sheet."
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_queries_of_the_form_reach_the_endpoint(client: FlaskClient, read: Parse) -> None:
    form = read(client.get("/nl/sparql?example=01-newest-datasets").text)
    query = form.find("//textarea")[0].text_content()
    assert query.startswith("PREFIX dcat:")
    assert form.find("//form[.//textarea]/@action") == ["/sparql"]
    names = set(form.find("//form[.//textarea]//@name"))
    answer = client.get("/sparql", query_string={"query": query, "format": "html", "lang": "nl"})
    assert names == {"query", "format", "lang", "labels", "timeout"}
    assert answer.status_code == 200
    page = read(answer.text)
    assert page.faults == []
    assert page.find("/html/@lang") == ["nl"]
    assert [item.text_content() for item in page.find("//thead//th")] == ["dataset", "title", "modified", "language"]
    assert len(page.find("//tbody/tr")) == 10, "one row a dataset, whatever the languages of its title"


def test_crawlers_are_kept_out_of_queries_only(client: FlaskClient) -> None:
    rules = client.get("/robots.txt").text.splitlines()
    closed = ["/sparql", "/graphs", "/q", "/api/", "/*/queries/", "/*?", "/*/source/*/repairs.", "/*/findings."]
    assert rules == ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    assert "Access-Control-Allow-Origin" not in client.get("/fr/").headers
