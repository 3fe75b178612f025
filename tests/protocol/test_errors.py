"""What an error says: a text to programs, a page to browsers, and in each whose fault it is and what to do."""

import pytest
from flask.testing import FlaskClient

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
DATA = ["/doc/dataset/nosuch.ttl", "/catalog?source=nosuch", "/catalog.xyz", "/sparql.foo?query=ASK{}", "/graph/nosuch"]


@pytest.mark.parametrize("address", DATA)
def test_a_program_that_names_no_format_gets_a_text_where_data_is(client: FlaskClient, address: str) -> None:
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "text/turtle"}):
        reply = client.get(address, headers=headers)
        assert (reply.status_code, reply.mimetype) == (404, "text/plain"), reply.text
    assert client.get(address, headers={"Accept": BROWSER}).mimetype == "text/html"


def test_a_page_is_a_page_whoever_asks(client: FlaskClient) -> None:
    assert client.get("/fr/rien", headers={"Accept": "*/*"}).mimetype == "text/html"
    assert client.get("/fr/rien", headers={"Accept": "application/json"}).mimetype == "text/plain"


@pytest.mark.parametrize(("language", "words"), [("fr", "Trop à la fois"), ("en", "Too much at once")])
def test_what_is_too_large_is_not_called_a_fault_of_ours(client: FlaskClient, language: str, words: str) -> None:
    reply = client.post(
        "/sparql", data=b"x" * 2_500_000, content_type="application/sparql-query", headers={"Accept-Language": language}
    )
    assert (reply.status_code, reply.mimetype) == (413, "text/plain")
    assert words in reply.text
    assert "32" in reply.text


def test_a_graph_parameter_without_a_value_is_none(client: FlaskClient) -> None:
    """Virtuoso's form writes it into every address."""
    plain = client.get("/sparql.csv", query_string={"query": "ASK { ?d a dcat:Dataset }"})
    address = "/sparql.csv?default-graph-uri=&named-graph-uri=&query=ASK%20%7B%20%3Fd%20a%20dcat%3ADataset%20%7D"
    assert client.get(address).data == plain.data == b"true"
