"""What answers of the endpoint say beside their rows: tags, time to live, reasons, limits; literals as users expect."""

import json
import subprocess
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

BASE = "http://localhost:8000/"
COUNT = "SELECT (COUNT(DISTINCT ?dataset) AS ?n) WHERE { ?dataset a dcat:Dataset }"
TITLES = (
    "SELECT ?dataset ?title WHERE { ?dataset a dcat:Dataset ; dct:title ?title "
    'FILTER(LANG(?title) = "fr") } ORDER BY ?title'
)
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
FLOOD = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def test_the_same_question_answers_304_until_the_snapshot_changes(client: FlaskClient) -> None:
    first = client.get("/sparql", query_string={"query": COUNT})
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/sparql", query_string={"query": COUNT}, headers=tag).status_code == 304
    assert client.get("/sparql", query_string={"query": TITLES}, headers=tag).status_code == 200
    assert client.get("/sparql", query_string={"query": COUNT, "format": "xml"}, headers=tag).status_code == 200
    assert 'rel="describedby"' in first.headers["Link"]
    assert "ETag" not in client.get("/sparql", query_string={"query": "SELECT (RAND() AS ?x) {}"}).headers


def test_spelling_does_not_change_the_tag_but_labels_and_graphs_do(client: FlaskClient) -> None:
    def tag(query: str = COUNT, **values: str) -> str | None:
        return client.head("/sparql", query_string={"query": query, **values}).headers.get("ETag")

    assert tag() == tag(f"# how many\n{COUNT.replace(' WHERE ', ' where  ')}") == tag(timeout="5")
    others = {
        tag(format="records"),
        tag(format="records", labels="fr"),
        tag(**{"default-graph-uri": f"{BASE}graph/findings"}),
        tag(**{"named-graph-uri": f"{BASE}graph/findings"}),
        tag(format="html", lang="fr"),
        tag(format="html", lang="nl"),
    }
    assert len({*others, tag()}) == 7


def test_a_page_of_results_is_not_made_again_for_who_has_it(client: FlaskClient) -> None:
    asked = {"query": COUNT, "format": "html", "lang": "fr"}
    first = client.get("/sparql", query_string=asked)
    assert "Accept-Language" in first.headers["Vary"]
    again = client.get("/sparql", query_string=asked, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_answer_says_how_long_it_stays_right(client: FlaskClient) -> None:
    def cached(query: str, **values: str) -> str:
        return client.get("/sparql", query_string={"query": query, **values}).headers["Cache-Control"]

    assert cached(COUNT) == "public, max-age=60"
    assert cached(COUNT, snapshot=client.get("/sparql").headers["X-Maillon-Snapshot"]).endswith("immutable")
    assert cached("SELECT (NOW() AS ?t) {}") == cached("ASK {") == "no-store"
    assert client.post("/sparql", data={"query": COUNT}).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/sparql", "/sparql.csv", "/graphs", "/graph/findings"])
def test_scripts_of_other_sites_are_told_what_they_may_do(client: FlaskClient, path: str) -> None:
    reply = client.options(path, headers={"Origin": "https://x.example", "Access-Control-Request-Method": "POST"})
    assert reply.status_code == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert {"Content-Type", "Accept-Datetime"} <= set(reply.headers["Access-Control-Allow-Headers"].split(", "))
    assert "GET" in reply.headers["Access-Control-Allow-Methods"]
    assert ("POST" in reply.headers["Access-Control-Allow-Methods"]) == path.startswith("/sparql")
    exposed = client.get("/sparql", query_string={"query": "ASK {"}).headers["Access-Control-Expose-Headers"]
    assert {"X-Maillon-Reason", "X-Maillon-Snapshot", "Memento-Datetime", "Retry-After"} <= set(exposed.split(", "))


@pytest.mark.parametrize(("query", "reason"), [("ASK {", "syntax"), ("ASK { SERVICE <http://x/> {} }", "refused")])
def test_a_failure_names_its_kind_for_programs(client: FlaskClient, query: str, reason: str) -> None:
    for form in ("json", "html"):
        reply = client.get("/sparql", query_string={"query": query, "format": form})
        assert (reply.status_code, reply.headers["X-Maillon-Reason"]) == (400, reason)


def test_head_runs_no_longer_than_get(server: str, ask: Callable[..., tuple[int, Message, bytes]]) -> None:
    for path in (f"sparql?query={quote(CROSS)}", f"sparql.html?query={quote(CROSS)}", "graphs?default&format=json"):
        status, headers, body = ask(f"{server}{path}", "HEAD")
        assert (status, body) == (200, b"")
        assert headers["ETag"].startswith("W/")
        assert headers["Content-Length"] is None, "nobody knows it yet"
    described = [ask(f"{server}sparql", method)[1]["Content-Length"] for method in ("HEAD", "GET")]
    assert described[0] == described[1] != "0"


def test_a_long_answer_streams_whole(server: str, ask: Callable[..., tuple[int, Message, bytes]]) -> None:
    query = "SELECT * { ?a ?b ?c . ?d a dcat:Catalog }"
    status, headers, body = ask(f"{server}sparql?query={quote(query)}", Accept="application/sparql-results+xml")
    assert status == 200
    assert headers["Transfer-Encoding"] == "chunked"
    results = ElementTree.fromstring(body).findall(".//{http://www.w3.org/2005/sparql-results#}result")
    total = json.loads(ask(f"{server}sparql?query={quote('SELECT (COUNT(*) AS ?n) { ?s ?p ?o }')}")[2])
    assert len(results) == 3 * int(total["results"]["bindings"][0]["n"]["value"])


@pytest.mark.parametrize(("method", "path", "status"), [("DELETE", "/sparql", 405), ("GET", "/id/nokind/x", 404)])
def test_scripts_of_other_sites_may_read_errors_too(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


BYTES = "SELECT ?part WHERE {{ ?part dcat:byteSize {} }}"


@pytest.mark.parametrize(
    "size",
    [
        "123",
        '"123"^^xsd:nonNegativeInteger',
        '"0123"^^xsd:long',
        "?size FILTER(?size = 123)",
        "?size FILTER(?size > 122 && ?size < 123.5)",
        '?size FILTER(?size IN ("123"^^xsd:nonNegativeInteger))',
        '?size FILTER(sameTerm(?size, "123"^^xsd:nonNegativeInteger))',
        '?size VALUES ?size { "123"^^xsd:nonNegativeInteger }',
        '?size FILTER(STR(?size) = "123")',
    ],
)
def test_a_size_is_found_whichever_way_a_query_writes_it(client: FlaskClient, size: str) -> None:
    found = client.get("/sparql", query_string={"query": BYTES.format(size), "format": "csv"}).text.split()
    assert found == ["part", f"{BASE}id/distribution/ville/jeu-3-1"]


@pytest.mark.parametrize(("timeout", "seconds"), [("1", "1"), ("1500", "1.5")])
def test_a_client_may_give_a_query_less_time(
    server: str, ask: Callable[..., tuple[int, Message, bytes]], timeout: str, seconds: str
) -> None:
    query = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    status, headers, body = ask(f"{server}sparql?timeout={timeout}&query={query}")
    assert (status, headers["X-Maillon-Reason"], headers["Retry-After"]) == (504, "time", None)
    assert f"{seconds} seconds" in body.decode()
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.skipif(not Path("/usr/bin/curl").exists(), reason="curl is not installed")
@pytest.mark.parametrize("name", ["json", "csv"])
def test_curl_fails_where_an_answer_breaks_off(serve: Callable[..., str], tmp_path: Path, name: str) -> None:
    address = f"{serve(query_max_bytes='300000')}sparql?format={name}&query={quote(FLOOD)}"
    target = tmp_path / "answer"
    command = ["/usr/bin/curl", "--silent", "--show-error", "--fail", "--noproxy", "*", "-o", str(target), address]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 18, done.stderr  # CURLE_PARTIAL_FILE
    data = target.read_bytes()
    assert data
    if name == "json":
        with pytest.raises(json.JSONDecodeError):
            json.loads(data)


@pytest.mark.parametrize(("name", "media_type"), [("json", "text/plain"), ("html", "text/html"), ("csv", "text/plain")])
def test_a_used_up_budget_has_its_status_reason_and_no_second_try(
    serve: Callable[..., str], ask: Callable[..., tuple[int, Message, bytes]], name: str, media_type: str
) -> None:
    address = f"{serve(query_timeout='1')}sparql?format={name}&query={quote(CROSS)}"
    status, headers, body = ask(address)
    assert (status, headers["X-Maillon-Reason"]) == (504, "time")
    assert (headers.get_content_type(), headers["Retry-After"], headers["Cache-Control"]) == (
        media_type,
        None,
        "no-store",
    )
    assert headers["X-Maillon-Snapshot"]
    assert b"1" in body
