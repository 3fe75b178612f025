"""Short permanent addresses: made once, answered as the query itself, pinned or not, bounded."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from maillon.settings import Settings
from maillon.sparql.saved import short
from maillon.web import create_app, short_queries
from maillon.web.engine import engine

QUERY = "SELECT ?t WHERE { ?d a dcat:Dataset ; dct:title ?t } ORDER BY ?t LIMIT 3"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
BASE = "http://localhost:8000/"


def _tree(text: str) -> Any:
    return html.document_fromstring(text)


@pytest.fixture(scope="module")
def own(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give a data folder of our own with the snapshots of the sample catalogue, the first one twice."""
    data = tmp_path_factory.mktemp("short")
    shutil.copytree(settings.snapshots, data / "snapshots", symlinks=True)
    return Settings(data=data, base_iri=BASE, query_queue=30.0, queries_per_client=1000, query_rate="")


@pytest.fixture(scope="module")
def client(own: Settings) -> Iterator[FlaskClient]:
    app = create_app(own)
    yield app.test_client()
    with app.app_context():
        engine().close()


def _keep(client: FlaskClient, query: str = QUERY, **values: str) -> dict[str, str]:
    reply = client.post("/q", data={"query": query, **values})
    assert reply.status_code == 201, reply.text
    assert reply.headers["Location"] == reply.json["address"]  # type: ignore[index]
    found: dict[str, str] = reply.json  # type: ignore[assignment]
    return found


def test_a_kept_query_answers_as_the_query_itself(client: FlaskClient) -> None:
    kept = _keep(client)
    assert kept["address"] == f"http://localhost/q/{kept['name']}"
    assert _keep(client) == kept
    for form in ("json", "xml", "csv", "tsv", "records"):
        there = client.get("/sparql", query_string={"query": QUERY, "format": form})
        for address in (f"/q/{kept['name']}?format={form}", f"/q/{kept['name']}.{form}"):
            here = client.get(address)
            assert (here.status_code, here.mimetype, here.data) == (200, there.mimetype, there.data)
            assert here.headers["ETag"] == there.headers["ETag"]
    asked = client.get(f"/q/{kept['name']}", headers={"Accept": "text/csv"})
    assert (asked.mimetype, asked.headers["X-Maillon-Snapshot"]) == ("text/csv", "1")
    again = client.get(f"/q/{kept['name']}.csv", headers={"If-None-Match": asked.headers["ETag"]})
    assert again.status_code == 304


def test_a_query_can_be_the_body_itself(client: FlaskClient) -> None:
    reply = client.post("/q", data=QUERY, content_type="application/sparql-query")
    assert reply.json == _keep(client)


def test_graphs_are_kept_with_the_query(client: FlaskClient) -> None:
    kept = _keep(client, "ASK { ?s ?p ?o }", **{"default-graph-uri": f"{BASE}graph/none"})
    assert client.get(f"/q/{kept['name']}.json").json["boolean"] is False  # type: ignore[index]
    plain = _keep(client, "ASK { ?s ?p ?o }")
    assert plain["name"] != kept["name"]
    assert client.get(f"/q/{plain['name']}.json").json["boolean"] is True  # type: ignore[index]
    other = client.get(f"/q/{plain['name']}.json", query_string={"default-graph-uri": f"{BASE}graph/none"})
    assert other.json["boolean"] is True  # type: ignore[index]  # the name says which graphs, the address cannot


def test_people_get_the_page_in_their_language(client: FlaskClient) -> None:
    posted = client.post(
        "/q", data={"query": QUERY.replace(" WHERE", "\r\nWHERE"), "lang": "nl"}, headers={"Accept": BROWSER}
    )
    assert posted.status_code == 303
    assert posted.headers["Location"].startswith("/q/")
    assert posted.headers["Location"].endswith("?lang=nl")
    page = client.get(posted.headers["Location"], headers={"Accept": BROWSER})
    assert (page.status_code, page.mimetype) == (200, "text/html")
    tree = _tree(page.text)
    assert tree.get("lang") == "nl"
    assert len(tree.xpath("//tbody/tr")) == 3
    graph = _keep(client, "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 2")
    assert client.get(f"/q/{graph['name']}").mimetype == "text/turtle"
    assert client.get(f"/q/{graph['name']}.csv").status_code == 406


def test_a_pinned_address_names_its_snapshot_and_tells_what_it_is_a_memento_of(client: FlaskClient) -> None:
    kept = _keep(client, snapshot="current")
    assert kept["address"].endswith(f"/q/{kept['name']}/1")
    reply = client.get(f"/q/{kept['name']}/1.csv")
    assert reply.data == client.get(f"/q/{kept['name']}.csv").data
    assert "immutable" in reply.headers["Cache-Control"]
    assert "Memento-Datetime" in reply.headers
    links = " ".join(client.get(f"/q/{kept['name']}/1").headers.getlist("Link"))
    assert f'<http://localhost/q/{kept["name"]}>; rel="original timegate"' in links
    assert f"<http://localhost/q/{kept['name']}?snapshot=1>" in links
    assert client.get(f"/q/{kept['name']}?snapshot=1").status_code == 200
    assert client.get(f"/q/{kept['name']}/timemap").mimetype == "application/link-format"
    assert client.get(f"/q/{kept['name']}/1?snapshot=2").status_code == 400


def test_a_snapshot_that_is_not_kept_is_404_with_those_that_are(client: FlaskClient) -> None:
    kept = _keep(client)
    for reply in (client.get(f"/q/{kept['name']}/7"), client.post("/q", data={"query": QUERY, "snapshot": "7"})):
        assert reply.status_code == 404
        assert "Kept are: 1" in reply.text
    for wrong in ("x", "-1", "1.0", "9" * 12):
        assert client.post("/q", data={"query": QUERY, "snapshot": wrong}).status_code == 400


def test_names_that_are_none_are_404(client: FlaskClient) -> None:
    for name in ("abc", "a" * 10, "A" * 10, "%00" * 10, "..%2f..%2fetc", "' OR 1=1 --", "é" * 10, "a" * 500):
        reply = client.get(f"/q/{name}")
        assert reply.status_code == 404, name
    assert client.get("/q").status_code == 405


def test_what_cannot_be_kept_is_told(client: FlaskClient) -> None:
    for values, status in (
        ({"q": "x"}, 400), ({"query": "DROP ALL"}, 400), ({"query": "{" * 300}, 400), ({"query": "x" * 33_000}, 400),
        ({"query": "ASK { SERVICE <http://127.0.0.1/> {} }"}, 400), ({"query": QUERY, "default-graph-uri": "x"}, 400),
        ({"query": "ASK { ?s ?p '" + "é" * 30_000 + "' }"}, 413),
    ):  # fmt: skip
        reply = client.post("/q", data=values)
        assert reply.status_code == status, values
        assert reply.text.strip()
    assert client.post("/q", data="<x/>", content_type="text/xml").status_code == 415
    assert client.post("/q", data=b"query=%FF", content_type="application/x-www-form-urlencoded").status_code == 400
    assert client.post("/q?query=ASK%20%7B%7D", data={"query": QUERY}).status_code == 400


@pytest.mark.parametrize("query", ["SELECT ?x WHERE { ?x nonsense }", "SELECT * { ?s ?p ?o", "LOAD <urn:x>", ""])
def test_a_query_that_can_never_be_answered_gets_no_address(client: FlaskClient, query: str) -> None:
    reply = client.post("/q", data={"query": query})
    assert (reply.status_code, reply.mimetype) == (400, "text/plain")
    assert "/q/" not in reply.text


def test_a_full_list_answers_507_and_a_broken_one_503(
    client: FlaskClient, own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = _keep(client)
    monkeypatch.setattr(short_queries, "Queries", lambda data, base: short.Queries(data, base, most=0))
    reply = client.post("/q", data={"query": "ASK { ?new ?in ?here }"})
    assert (reply.status_code, "administrators" in reply.text) == (507, True)
    assert client.get(f"/q/{kept['name']}.csv").status_code == 200
    monkeypatch.undo()
    broken = own.data / "broken"
    broken.mkdir()
    (broken / short.FILE).write_bytes(b"broken" * 100)
    monkeypatch.setattr(short_queries, "Queries", lambda _data, _base: short.Queries(broken))
    reply = client.post("/q", data={"query": QUERY})
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "60")
    assert client.get(f"/q/{kept['name']}").status_code == 503


def test_scripts_of_other_sites_may_keep_and_read(client: FlaskClient) -> None:
    reply = client.post("/q", data={"query": QUERY}, headers={"Origin": "https://elsewhere.example"})
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "Location" in reply.headers["Access-Control-Expose-Headers"]


def test_the_file_is_where_it_belongs_and_knows_nobody(client: FlaskClient, own: Settings) -> None:
    _keep(client)
    path: Path = own.data / short.FILE
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT * FROM query").fetchall()
    connection.close()
    assert rows
    assert all("127.0.0.1" not in "".join(row) or "SERVICE" in row[1] for row in rows)
