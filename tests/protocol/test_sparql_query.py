"""The endpoint speaks SPARQL 1.1 Protocol: every way to ask, every form of answer, the right status for each fault."""

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyoxigraph
import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.namespace import DCAT, RDF
from SPARQLWrapper import JSON, POSTDIRECTLY, RDFXML, XML, SPARQLWrapper

from maillon import paths
from maillon.vocabulary import PREFIXES

BASE = "http://localhost:8000/"
COUNT = "SELECT (COUNT(DISTINCT ?dataset) AS ?n) WHERE { ?dataset a dcat:Dataset }"
TITLES = (
    "SELECT ?dataset ?title WHERE { ?dataset a dcat:Dataset ; dct:title ?title "
    'FILTER(LANG(?title) = "fr") } ORDER BY ?title'
)
GRAPH = "CONSTRUCT { ?s a dcat:Dataset } WHERE { ?s a dcat:Dataset }"
FORM = "application/x-www-form-urlencoded"
SELECT_FORMS = [
    ("application/sparql-results+json", "json"),
    ("application/sparql-results+xml", "xml"),
    ("text/csv", "csv"),
    ("text/tab-separated-values", "tsv"),
]
OWN = ("application/vnd.maillon.records+json", "records")
RDF_FORMS = [
    ("text/turtle", "ttl", "turtle"),
    ("application/n-triples", "nt", "nt"),
    ("application/rdf+xml", "rdf", "xml"),
    ("application/ld+json", "jsonld", "json-ld"),
    ("application/n-quads", "nq", "nt"),  # of the default graph, so without names of graphs
]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # SPARQLWrapper 2.0's own
def test_sparqlwrapper_gets_json_xml_and_a_graph(server: str) -> None:
    wrapper = SPARQLWrapper(f"{server}sparql")

    def convert(query: str, form: str) -> Any:
        wrapper.setQuery(f"PREFIX dcat: <{DCAT}> {query}")
        wrapper.setReturnFormat(form)
        return wrapper.queryAndConvert()

    for method in ("GET", "POST"):
        wrapper.setMethod(method)
        assert convert(COUNT, JSON)["results"]["bindings"][0]["n"]["value"] == "12"
        assert "<literal" in convert(COUNT, XML).toxml()
        assert len(list(convert(GRAPH, RDFXML).subjects(RDF.type, DCAT.Dataset))) == 12
    wrapper.setRequestMethod(POSTDIRECTLY)
    assert convert("ASK {}", JSON)["boolean"] is True


def test_rdflib_asks_as_a_remote_store(server: str) -> None:
    graph = rdflib.Graph("SPARQLStore")
    graph.open(f"{server}sparql")
    rows = list(graph.query(TITLES, initNs={"dcat": DCAT, "dct": rdflib.DCTERMS}))
    assert len(rows) == 12
    assert isinstance(rows[0], rdflib.query.ResultRow)
    assert rows[0].title == rdflib.Literal("Arbres remarquables", lang="fr")


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-8"])
def test_a_query_comes_by_get_by_form_or_as_the_body(client: FlaskClient, charset: str) -> None:
    replies = [
        client.get("/sparql", query_string={"query": TITLES}),
        client.post("/sparql", data=urlencode({"query": TITLES}), content_type=FORM + charset),
        client.post("/sparql", data=TITLES, content_type="application/sparql-query" + charset),
    ]
    assert [reply.status_code for reply in replies] == [200, 200, 200]
    assert replies[0].json == replies[1].json == replies[2].json


def test_a_query_is_decoded_exactly_once(client: FlaskClient) -> None:
    query = 'SELECT ("100%25 é+" AS ?x) (<http://example.org/a%20b> AS ?y) {}'
    for reply in (client.get("/sparql", query_string={"query": query}), client.post("/sparql", data={"query": query})):
        assert reply.json is not None
        (row,) = reply.json["results"]["bindings"]
        assert (row["x"]["value"], row["y"]["value"]) == ("100%25 é+", "http://example.org/a%20b")


@pytest.mark.parametrize(("media_type", "name"), SELECT_FORMS)
@pytest.mark.parametrize("query", [COUNT, "ASK {}"])
def test_rows_and_truths_come_in_the_four_forms_of_the_standard(
    client: FlaskClient, media_type: str, name: str, query: str
) -> None:
    by_accept = client.get("/sparql", query_string={"query": query}, headers={"Accept": media_type})
    by_name = client.get("/sparql", query_string={"query": query, "format": name}, headers={"Accept": "image/png"})
    by_extension = client.get(f"/sparql.{name}", query_string={"query": query, "format": "html"})
    assert by_accept.mimetype == by_name.mimetype == by_extension.mimetype == media_type
    assert by_accept.data == by_name.data == by_extension.data
    assert by_accept.data


@pytest.mark.parametrize(("name", "text"), [("csv", "true"), ("tsv", "true"), ("records", '"answer"')])
def test_the_truth_of_an_ask_is_one_word_in_a_spreadsheet(client: FlaskClient, name: str, text: str) -> None:
    assert text in client.get(f"/sparql.{name}", query_string={"query": "ASK {}"}).text


@pytest.mark.parametrize("query", [TITLES, GRAPH])
def test_records_are_a_list_of_flat_objects(client: FlaskClient, query: str) -> None:
    by_name = client.get("/sparql", query_string={"query": query, "format": "records", "labels": "nl"})
    by_accept = client.get("/sparql", query_string={"query": query, "labels": "nl"}, headers={"Accept": OWN[0]})
    assert by_name.mimetype == by_accept.mimetype == "application/json"
    assert sorted(map(str, by_name.json or [])) == sorted(map(str, by_accept.json or []))
    assert by_name.json is not None
    assert len(by_name.json) == 12
    assert {type(value) for row in by_name.json for value in row.values()} <= {str, type(None)}
    if query == TITLES:
        assert by_name.json[0]["title"] == "Arbres remarquables"
        assert by_name.json[0]["dataset_label"] == "Opmerkelijke bomen"


@pytest.mark.parametrize(("media_type", "name", "parser"), RDF_FORMS)
@pytest.mark.parametrize("query", [GRAPH, f"DESCRIBE <{BASE}id/dataset/ville/jeu-1>"])
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib 7.6's own JSON-LD parser
def test_graphs_come_in_five_forms(client: FlaskClient, media_type: str, name: str, parser: str, query: str) -> None:
    by_accept = client.get("/sparql", query_string={"query": query}, headers={"Accept": media_type})
    by_name = client.get("/sparql", query_string={"query": query, "format": name})
    assert by_accept.mimetype == by_name.mimetype == media_type
    graph = rdflib.Graph().parse(data=by_accept.data, format=parser)
    assert (None, RDF.type, DCAT.Dataset) in graph
    assert len(graph) == len(rdflib.Graph().parse(data=by_name.data, format=parser))


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (COUNT, "*/*", "application/sparql-results+json"),
        (COUNT, "application/json", "application/sparql-results+json"),
        (COUNT, "application/xml;q=0.9, text/csv;q=0.8", "application/sparql-results+xml"),
        (COUNT, "text/csv;q=0.1, text/tab-separated-values;q=0.2", "text/tab-separated-values"),
        (COUNT, "text/turtle, application/sparql-results+xml;q=0.5", "application/sparql-results+xml"),
        (GRAPH, "*/*", "text/turtle"),
        (GRAPH, "application/sparql-results+json, application/rdf+xml;q=0.5", "application/rdf+xml"),
        (GRAPH, "application/json", "application/ld+json"),
    ],
)
def test_weights_decide(client: FlaskClient, query: str, accept: str, media_type: str) -> None:
    assert client.get("/sparql", query_string={"query": query}, headers={"Accept": accept}).mimetype == media_type


@pytest.mark.parametrize(
    ("query", "accept"), [(COUNT, "image/png"), (COUNT, "text/turtle"), (GRAPH, "text/csv"), (COUNT, "text/csv;q=0")]
)
def test_a_form_that_is_not_offered_answers_406(client: FlaskClient, query: str, accept: str) -> None:
    reply = client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
    assert reply.status_code == 406
    assert "Offered are" in reply.text


def test_a_name_that_nobody_knows_is_left_aside_and_one_that_does_not_fit_is_refused(client: FlaskClient) -> None:
    asked = {"query": GRAPH, "format": "n3"}
    assert client.get("/sparql", query_string=asked, headers={"Accept": "application/rdf+xml"}).mimetype == (
        "application/rdf+xml"
    )
    assert client.get("/sparql", query_string={"query": GRAPH, "format": "csv"}).status_code == 406


@pytest.mark.parametrize(
    ("address", "status", "text"),
    [
        ("?query=ASK%20%7B%7D&query=ASK%20%7B%7D", 400, "exactly one"),
        ("?query=ASK%20%7B", 400, "expected"),
        ("?query=", 400, "The query is empty"),
        ("?query=%FF", 400, "UTF-8"),
        ("?update=CLEAR%20ALL", 400, "read-only"),
        ("?query=CLEAR%20ALL", 400, "read-only"),
        ("?query=ASK%20%7B%7D&default-graph-uri=no-iri", 400, "absolute IRI"),
        ("?query=ASK%20%7BSERVICE%20%3Chttp%3A//x%3E%7B%7D%7D", 400, "SERVICE is not offered"),
        ("?query=SELECT%20(%3Curn:f%3E(1)%20AS%20%3Fx)%7B%7D", 400, "not supported"),
        ("?query=ASK%20%7B%7D&timeout=soon", 400, "timeout=10"),
        ("?query=ASK%20%7B%7D&timeout=-1", 400, "timeout=10"),
        ("?query=ASK%20%7B%7D&timeout=1e9", 400, "timeout=10"),
        ("?query=ASK%20%7B%7D&labels=xx", 400, "fr, nl, de, en"),
        ("?query=ASK%20%7B%7D&snapshot=last", 400, "snapshot=12"),
    ],
)
def test_a_wrong_address_is_told_why(client: FlaskClient, address: str, status: int, text: str) -> None:
    reply = client.get(f"/sparql{address}")
    assert reply.status_code == status
    assert reply.mimetype == "text/plain"
    assert text in reply.text


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"ASK {}", "text/plain", 415),
        (b"ASK {}", "", 415),
        (b"query=ASK%20%7B%7D", "", 415),
        (b"query=ASK%20%7B%7D", "multipart/form-data; boundary=x", 415),
        (b"CLEAR ALL", "application/sparql-update", 400),
        (b"update=CLEAR%20ALL", FORM, 400),
        (b"query=ASK%20%7B%7D&query=ASK%20%7B%7D", FORM, 400),
        (b"", FORM, 400),
        ("ASK {}".encode("utf-16"), "application/sparql-query; charset=UTF-16", 400),
        ("ASK {}".encode("utf-16"), "application/sparql-query", 400),
        (b"ASK { ?s ?p '\xff' }", "application/sparql-query", 400),
        (b"query=%FF", FORM, 400),
        (b"x" * 1_000_001, "application/sparql-query", 413),
        (b"query=" + b"x" * 40_000, FORM, 400),
    ],
)
def test_a_wrong_body_is_refused(client: FlaskClient, body: bytes, content_type: str, status: int) -> None:
    assert client.post("/sparql", data=body, content_type=content_type or None).status_code == status


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_too_long_is_read_to_its_end_and_refused_not_cut(server: str, is_chunked: bool) -> None:
    """Chunked, it has no length to tell before; cut, it would be another query."""
    body = [b"ASK {} # ", *(b"x" * 100_000 for _ in range(15))]
    sent = iter(body) if is_chunked else b"".join(body)
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server).port or 80, timeout=60)
    for _ in range(2):  # the connection stays good
        connection.request("POST", "/sparql", sent, {"Content-Type": "application/sparql-query"})
        reply = connection.getresponse()
        assert (reply.status, b"1000000 octets" in reply.read()) == (413, True)
        sent = iter(body) if is_chunked else sent
    connection.close()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(client: FlaskClient, method: str) -> None:
    assert client.open("/sparql?query=ASK%20%7B%7D", method=method).status_code == 405


def test_graphs_of_the_protocol_win_over_those_of_the_query(client: FlaskClient) -> None:
    findings, query = f"{BASE}graph/findings", "ASK { ?f a sh:ValidationResult }"
    reply = client.get("/sparql", query_string={"query": query, "default-graph-uri": findings})
    assert reply.json == {"head": {}, "boolean": True}
    other = client.get(
        "/sparql",
        query_string={
            "query": f"ASK FROM <{findings}> {{ ?f a sh:ValidationResult }}",
            "default-graph-uri": f"{BASE}graph/provenance",
        },
    )
    assert other.json == {"head": {}, "boolean": False}


def test_relative_iris_are_relative_to_the_base_iri(client: FlaskClient) -> None:
    reply = client.get("/sparql", query_string={"query": "ASK { <id/dataset/ville/jeu-1> a dcat:Dataset }"})
    assert reply.json == {"head": {}, "boolean": True}


@pytest.mark.parametrize("media_type", [item[0] for item in RDF_FORMS])
def test_without_a_query_the_endpoint_describes_itself(client: FlaskClient, media_type: str) -> None:
    reply = client.get("/sparql", headers={"Accept": media_type})
    assert reply.status_code == 200
    format_ = pyoxigraph.RdfFormat.from_media_type(media_type)
    assert format_ is not None
    said = {(str(quad.predicate), str(quad.object)) for quad in pyoxigraph.parse(reply.data, format_)}
    sd = "http://www.w3.org/ns/sparql-service-description#"
    assert (f"<{sd}endpoint>", "<http://localhost/sparql>") in said
    assert (f"<{sd}supportedLanguage>", f"<{sd}SPARQL11Query>") in said
    assert (f"<{sd}name>", f"<{BASE}graph/findings>") in said


def test_a_browser_without_a_query_gets_the_form(client: FlaskClient) -> None:
    reply = client.get("/sparql", headers={"Accept": "text/html,*/*;q=0.8", "Accept-Language": "nl"})
    assert (reply.status_code, reply.headers["Location"]) == (302, "/nl/sparql")


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_gets_a_table_in_the_language_of_the_form(client: FlaskClient) -> None:
    asked = {"query": TITLES, "lang": "nl", "format": "html"}
    reply = client.get("/sparql", query_string=asked, headers={"Accept": BROWSER, "Accept-Language": "fr"})
    assert (reply.status_code, reply.mimetype) == (200, "text/html")
    assert '<html lang="nl"' in reply.text
    assert 'lang="fr">Arbres remarquables' in reply.text
    assert 'href="/id/dataset/region/jeu-7"' in reply.text
    assert "format=csv" in reply.text


def test_what_a_query_returns_is_never_mark_up(client: FlaskClient) -> None:
    query = 'SELECT ("<script>x</script>" AS ?a) (<javascript:alert(1)> AS ?b) {}'
    reply = client.get("/sparql", query_string={"query": query}, headers={"Accept": BROWSER})
    assert reply.status_code == 200
    assert "<script>x" not in reply.text
    assert 'href="javascript' not in reply.text


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [("ASK {", 400, "expected"), ("ASK { SERVICE <http://x/> {} }", 400, "SERVICE is not offered"), ("", 400, "")],
)
def test_a_browser_is_told_what_is_wrong_on_a_page(client: FlaskClient, query: str, status: int, text: str) -> None:
    reply = client.get("/sparql", query_string={"query": query}, headers={"Accept": BROWSER})
    assert (reply.status_code, reply.mimetype) == (status, "text/html")
    assert text in reply.text


@pytest.mark.parametrize("service", ["maillon:search", "<{base}search>"])
def test_the_text_search_has_a_short_and_a_full_name(client: FlaskClient, service: str) -> None:
    named = service.format(base=BASE)
    query = f'SELECT ?d {{ SERVICE {named} {{ ?d maillon:query "velo" }} }}'
    reply = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    assert reply.status_code == 200
    assert len(reply.text.splitlines()) > 1


@pytest.mark.parametrize("query", ["ASK {}", GRAPH, "SELECT * { ?s ?p ?o }", "SELECT ?x { OPTIONAL { ?x a <urn:x> } }"])
def test_every_form_of_query_has_a_page(client: FlaskClient, query: str) -> None:
    reply = client.post("/sparql", data={"query": query}, headers={"Accept": BROWSER})
    assert (reply.status_code, reply.mimetype) == (200, "text/html")
    assert reply.text.count("<tr>") <= 1001


@pytest.mark.parametrize("path", sorted((paths.TEMPLATES / "examples").glob("*.rq")), ids=lambda path: path.stem)
def test_every_example_has_four_titles_and_an_answer(client: FlaskClient, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    titles = [line for line in text.splitlines() if line.startswith("#")]
    assert len(titles[0]) > 10
    assert [line[:6] for line in titles[1:4]] == ["# fr: ", "# nl: ", "# de: "]
    reply = client.get("/sparql", query_string={"query": text})
    assert reply.status_code == 200
    rows = reply.json["results"]["bindings"] if reply.json else reply.text.count("dcat:Dataset")
    assert rows
    declared = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    assert client.get("/sparql", query_string={"query": declared + text}).status_code == 200


def test_queries_of_many_kinds_agree_with_pyoxigraph(client: FlaskClient, sample_data: Path) -> None:
    store = pyoxigraph.Store.read_only(str(sample_data / "snapshots" / "current" / "store"))
    for query in (COUNT, TITLES, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"):
        expected = store.query(query, prefixes=PREFIXES)
        assert isinstance(expected, pyoxigraph.QuerySolutions)
        data = expected.serialize(format=pyoxigraph.QueryResultsFormat.JSON)
        assert data is not None
        assert client.get("/sparql", query_string={"query": query}).json == json.loads(data)


def test_rdflib_reads_an_iri_with_a_no_break_space(client: FlaskClient) -> None:
    query = (
        "CONSTRUCT { <https://x.example/a> dct:relation ?b } WHERE { BIND(IRI('https://x.example/b\u00a0c') AS ?b) }"
    )
    answer = client.get("/sparql", query_string={"query": query, "format": "nt"})
    assert answer.status_code == 200, answer.text
    assert b"\\u00A0" in answer.data
    assert len(rdflib.Graph().parse(data=answer.data, format="nt")) == 1
