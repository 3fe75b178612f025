"""The operator's working graph over HTTP: who gets in, SPARQL Update, Graph Store Protocol; what is published stays."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from maillon.settings import Settings
from maillon.web import create_app, working
from maillon.web.engine import engine

TOKEN = "une-clé-de-test"
EX = "http://example.org/"
GRAPH = f"/working/graphs?graph={EX}g"
UPDATE = "application/sparql-update"
Ask = Callable[..., TestResponse]


@pytest.fixture(scope="module")
def data(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder with a copy of the published sample."""
    folder = tmp_path_factory.mktemp("working")
    shutil.copytree(sample_data / "snapshots", folder / "snapshots", symlinks=True)
    return folder


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[FlaskClient]:
    """Give a client of an application with an operator's token."""
    app = create_app(Settings(data=data, operator_token=TOKEN))
    yield app.test_client()
    with app.app_context():
        engine().close()
        working.working_graph().close()


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """Give a function that asks as the operator; the working graph is empty to begin with."""

    def send(method: str, path: str, body: str | bytes = b"", kind: str = "", **headers: str) -> TestResponse:
        named: dict[str, Any] = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Authorization", f"Bearer {TOKEN}".encode().decode("latin-1"))
        return client.open(path, method=method, data=body, content_type=kind or None, headers=named, buffered=True)

    assert send("POST", "/working/sparql", "DROP ALL", UPDATE).status_code == 204
    return send


def sums(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("path", ["/working/sparql", "/working/graphs?default", "/working/graphs/a"])
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic dW5l", f"Bearer {TOKEN}x"])
def test_nobody_else_gets_in(client: FlaskClient, path: str, given: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        reply = client.open(path, method=method, headers={"Authorization": given.encode().decode("latin-1")})
        if reply.status_code != 405:
            assert reply.status_code == 401
            assert reply.headers["WWW-Authenticate"].startswith("Bearer realm=")
            assert TOKEN not in reply.text


def test_without_the_setting_there_is_nothing(data: Path) -> None:
    app = create_app(Settings(data=data))
    for given in ("", "Bearer ", "Bearer x"):
        for path in ("/working/sparql", "/working/graphs?default"):
            assert app.test_client().get(path, headers={"Authorization": given}).status_code == 404


def test_scripts_of_other_sites_may_not_read_it(ask: Ask) -> None:
    for reply in (
        ask("GET", "/working/sparql?query=ASK{}", Origin="https://example.org"),
        ask("GET", "/working/sparql?query=nonsense", Origin="https://example.org"),
        ask("OPTIONS", GRAPH, Origin="https://example.org"),
    ):
        assert not [name for name in reply.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118
        assert reply.headers["Cache-Control"] == "no-store"


def test_what_is_published_is_neither_read_nor_written(client: FlaskClient, ask: Ask, data: Path) -> None:
    before = sums(data / "snapshots")
    count = "/sparql?format=csv&query=SELECT (COUNT(*) AS ?n) {?s ?p ?o}"
    published = client.get(count).text
    assert ask("GET", f"/working{count}").text.split() == ["n", "0"]
    ask("POST", "/working/sparql", f"INSERT DATA {{ <a> <b> 1 }}; DROP SILENT GRAPH <{EX}g>", UPDATE)
    ask("PUT", "/working/graphs?graph=http://localhost:8000/graph/findings", "<a> <b> 2 .", "text/turtle")
    ask("POST", "/working/sparql", "DROP ALL", UPDATE)
    assert client.get(count).text == published
    assert int(published.split()[1]) > 100
    assert sums(data / "snapshots") == before


def test_an_update_is_sent_as_a_form_or_as_it_is(ask: Ask) -> None:
    form = "update=INSERT+DATA+%7B+%3Ca%3E+%3Cb%3E+%22%C3%A9%22+%7D"
    assert ask("POST", "/working/sparql", form, "application/x-www-form-urlencoded").status_code == 204
    assert ask("POST", "/working/sparql", "INSERT DATA { <c> <b> dcat:Dataset }", UPDATE).status_code == 204
    rows = ask("GET", "/working/sparql?query=SELECT ?o {?s ?p ?o} ORDER BY ?o", Accept="text/csv").text.split()
    assert rows == ["o", "http://www.w3.org/ns/dcat#Dataset", "é"]


@pytest.mark.parametrize(
    ("method", "query_string", "kind", "body", "status"),
    [
        ("GET", "update=CLEAR ALL", "", "", 400),
        ("POST", "", UPDATE, "CLEAR XYZ", 400),
        ("POST", "", UPDATE, b"\xff\xfe", 400),
        ("POST", "", f"{UPDATE}; charset=UTF-16", "CLEAR ALL".encode("utf-16"), 415),
        ("POST", "", "text/plain", "CLEAR ALL", 415),
        ("POST", "", "", "update=CLEAR ALL", 415),
        ("POST", "query=ASK{}", UPDATE, "CLEAR ALL", 400),
        ("POST", "default-graph-uri=http://a/", UPDATE, "CLEAR ALL", 400),
        ("POST", "using-graph-uri=relative", UPDATE, "CLEAR ALL", 400),
        ("POST", "using-graph-uri=http://a/", UPDATE, "WITH <http://a/> DELETE {?s ?p ?o} WHERE {?s ?p ?o}", 400),
        ("GET", "query=ASK{}&using-graph-uri=http://a/", "", "", 400),
        ("GET", "query=ASK{SERVICE <http://127.0.0.1:9/> {}}", "", "", 400),
        ("PUT", "query=ASK{}", "", "", 405),
        ("POST", "", UPDATE, "LOAD <http://127.0.0.1:9/>", 400),
    ],
)
def test_a_wrong_request_is_refused(
    ask: Ask, method: str, query_string: str, kind: str, body: str | bytes, status: int
) -> None:
    reply = ask(method, f"/working/sparql?{query_string}", body, kind, Accept="text/csv")
    assert reply.status_code == status
    assert len(reply.text) > 20


def test_graphs_are_written_read_and_removed(ask: Ask) -> None:
    created = ask("PUT", GRAPH, '<a> <b> "é" .', "text/turtle; charset=utf-8")
    assert (created.status_code, "Content-Type" in created.headers) == (201, False)
    assert ask("GET", created.headers["Location"].removeprefix("http://localhost")).status_code == 200
    assert ask("PUT", GRAPH, "<a> <b> 2 .", "text/turtle").status_code == 204
    assert ask("POST", GRAPH, "<a> <b> 3 .", "text/turtle").status_code == 204
    read = ask("GET", GRAPH, Accept="application/n-triples")
    assert (read.mimetype, len(read.text.splitlines())) == ("application/n-triples", 2)
    head = ask("HEAD", GRAPH, Accept="application/n-triples")
    assert (head.status_code, head.mimetype, head.data) == (200, "application/n-triples", b"")
    assert [ask("DELETE", GRAPH).status_code for _ in range(2)] == [204, 404]
    assert ask("GET", GRAPH).status_code == 404
    assert ask("GET", "/working/graphs?default").status_code == 200


def test_a_graph_without_a_name_gets_one(ask: Ask) -> None:
    reply = ask("POST", "/working/graphs", "<> <b> 1 .", "text/turtle")
    location = reply.headers["Location"]
    assert reply.status_code == 201
    for address in (location.removeprefix("http://localhost"), f"/working/graphs?graph={location}"):
        assert f"<{location}>" in ask("GET", address, Accept="application/n-triples").text


def test_the_parts_of_a_form_are_merged(ask: Ask) -> None:
    parts = [("text/turtle", "_:x <b> 1 ."), ("application/n-triples", f"_:x <{EX}b> <{EX}c> .")]
    lines = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{n}"\r\nContent-Type: {kind}\r\n\r\n{text}\r\n'
        for n, (kind, text) in enumerate(parts)
    )
    assert ask("POST", GRAPH, lines + "--cut--\r\n", "multipart/form-data; boundary=cut").status_code == 201
    assert len(ask("GET", GRAPH, Accept="application/n-triples").text.splitlines()) == 2
    assert ask("POST", GRAPH, lines, "multipart/form-data; boundary=other").status_code == 400
    assert ask("POST", GRAPH, lines, "multipart/form-data").status_code == 400
    wrong = lines.replace("application/n-triples", "image/png")
    assert ask("POST", GRAPH, wrong + "--cut--\r\n", "multipart/form-data; boundary=cut").status_code == 415


@pytest.mark.parametrize(
    ("path", "body", "kind", "status"),
    [
        (GRAPH, "<a> <b>", "text/turtle", 400),
        (GRAPH, "<a> <b> 1 .", "text/plain", 415),
        (GRAPH, "<a> <b> 1 .", "", 415),
        (GRAPH, b"\xff\xfe<a>", "text/turtle", 400),
        (GRAPH, "<a> <b> 1 .", "text/turtle; charset=iso-8859-1", 415),
        ("/working/graphs?graph=relative", "", "text/turtle", 400),
        ("/working/graphs?default=1", "", "text/turtle", 400),
        ("/working/graphs?default&graph=http://a/", "", "text/turtle", 400),
        ("/working/graphs", "", "text/turtle", 400),
        ("/working/graphs/a?default", "", "text/turtle", 400),
    ],
)
def test_a_wrong_document_or_graph_is_refused(ask: Ask, path: str, body: str | bytes, kind: str, status: int) -> None:
    reply = ask("PUT", path, body, kind, Accept="text/turtle")
    assert reply.status_code == status
    assert ask("GET", GRAPH, Accept="text/turtle").status_code == 404


def test_a_body_beyond_the_limit_or_compressed_is_refused(ask: Ask) -> None:
    assert ask("PUT", GRAPH, b"#" * 50_000_001, "text/turtle").status_code == 413
    assert ask("PUT", GRAPH, b"\x1f\x8b", "text/turtle", Content_Encoding="gzip").status_code == 415
    assert ask("PUT", GRAPH, b"#" * 5_000_000, "text/turtle").status_code == 201


def test_a_form_that_is_not_offered_is_not_acceptable(ask: Ask) -> None:
    assert ask("GET", "/working/graphs?default", Accept="image/png").status_code == 406
    assert ask("GET", "/working/sparql?query=ASK{}", Accept="image/png").status_code == 406
