"""Linked data of copies, which no list shows, and of the rows of open datasets."""

import pyoxigraph
import pytest
from flask.testing import FlaskClient

BASE = "http://localhost:8000/"
COPY, SHOWN = f"{BASE}id/dataset/region/copie-1", f"{BASE}id/dataset/ville/jeu-1"
RECORD = f"{BASE}id/record/region/copie-1"
DCT = "http://purl.org/dc/terms/"
SELF = "http://xmlns.com/foaf/0.1/primaryTopic"


def _triples(client: FlaskClient, address: str) -> set[tuple[str, str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    quads = pyoxigraph.parse(answer.data, pyoxigraph.RdfFormat.N_TRIPLES)
    return {(quad.subject.value, quad.predicate.value, quad.object.value) for quad in quads}


def test_the_document_of_a_copy_answers_and_names_itself_as_the_source(client: FlaskClient) -> None:
    said = _triples(client, "/doc/dataset/region/copie-1.nt")
    assert (COPY, f"{DCT}title", "Stations de vélos (repris de la Ville)") in said
    assert (RECORD, f"{DCT}source", COPY) in said
    assert (RECORD, SELF, SHOWN) in said
    part = f"{BASE}id/distribution/region/copie-1-1"
    assert (part, "http://www.w3.org/ns/dcat#accessURL", "https://data.example.org/1") in said, "with its files"


def test_the_document_of_what_is_shown_tells_of_its_copies(client: FlaskClient) -> None:
    said = _triples(client, "/doc/dataset/ville/jeu-1.nt")
    assert (SHOWN, f"{DCT}isReferencedBy", RECORD) in said
    assert (RECORD, f"{DCT}source", COPY) in said
    assert (f"{BASE}id/record/ville/jeu-1", SELF, SHOWN) in said
    assert not {item for item in said if item[0] == COPY}, "what the copy says is in its own document"


@pytest.mark.parametrize("extension", ["ttl", "rdf", "jsonld", "nt"])
def test_copies_have_every_form_and_are_found_by_their_iri(client: FlaskClient, extension: str) -> None:
    assert client.get(f"/doc/dataset/region/copie-1.{extension}").status_code == 200
    answer = client.get("/id/dataset/region/copie-1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/doc/dataset/region/copie-1")
    assert client.get("/doc", query_string={"iri": COPY}).status_code == 303


def test_the_feed_has_no_copies(client: FlaskClient) -> None:
    for address in ("/catalog.nt?limit=1000", "/catalog.nt?limit=1000&source=region"):
        said = _triples(client, address)
        assert not {item for item in said if COPY in item or RECORD in item}, address
        assert not {item for item in said if f"{BASE}id/distribution/region/copie-1-1" in item}, address


def test_a_query_of_the_default_graph_meets_no_copies(client: FlaskClient) -> None:
    for query, answer in (
        (f"ASK {{ <{COPY}> ?p ?o }}", False),
        (f"ASK {{ GRAPH <{BASE}graph/copies> {{ <{COPY}> a dcat:Dataset }} }}", True),
    ):
        assert client.get("/sparql", query_string={"query": query}).json == {"head": {}, "boolean": answer}


@pytest.mark.parametrize("extension", ["ttl", "rdf", "jsonld", "nt"])
def test_a_row_has_a_document_in_every_form(client: FlaskClient, extension: str) -> None:
    assert client.get(f"/doc/data/ville/stations/1.{extension}").status_code == 200
    answer = client.get("/id/data/ville/stations/1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/doc/data/ville/stations/1")


def test_the_document_of_a_row_leads_to_its_table_file_and_dataset(client: FlaskClient) -> None:
    row, table = f"{BASE}id/data/ville/stations/1", f"{BASE}graph/data/ville/stations"
    said = _triples(client, "/doc/data/ville/stations/1.nt")
    derived = "http://www.w3.org/ns/prov#wasDerivedFrom"
    assert (row, "http://rdfs.org/ns/void#inDataset", table) in said
    assert (row, derived, f"{BASE}id/distribution/ville/jeu-1-1#row=2") in said
    assert (table, f"{DCT}source", SHOWN) in said
    answer = client.get("/graph/data/ville/stations")
    assert answer.status_code == 303
    assert (table, derived, f"{BASE}id/distribution/ville/jeu-1-1") in _triples(
        client, answer.headers["Location"] + ".nt"
    )


@pytest.mark.parametrize("name", ["data/ville/nothing", "a b", "%3E"])
def test_a_graph_without_a_document_says_how_to_ask_for_it(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/graph/{name}")
    assert answer.status_code == 404
    assert "/sparql" in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
