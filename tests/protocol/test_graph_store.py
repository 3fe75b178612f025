"""Whole graphs are read by the SPARQL 1.1 Graph Store HTTP Protocol, and by no way written."""

from collections.abc import Callable
from email.message import Message
from pathlib import Path

import pyoxigraph
import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat

BASE = "http://localhost:8000/"
FINDINGS = f"{BASE}graph/findings"
TABLE = f"{BASE}graph/data/ville/stations"
FORMS = {
    "text/turtle": ("ttl", RdfFormat.TURTLE),
    "application/rdf+xml": ("rdf", RdfFormat.RDF_XML),
    "application/ld+json": ("jsonld", RdfFormat.JSON_LD),
    "application/n-triples": ("nt", RdfFormat.N_TRIPLES),
    "application/n-quads": ("nq", RdfFormat.N_QUADS),
}


@pytest.fixture(scope="module")
def store(sample_data: Path) -> pyoxigraph.Store:
    """Give the store of the sample's snapshot."""
    return pyoxigraph.Store.read_only(str(sample_data / "snapshots" / "current" / "store"))


def _wanted(store: pyoxigraph.Store, iri: str) -> set[pyoxigraph.Triple]:
    name = NamedNode(iri) if iri else DefaultGraph()
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, name)}


@pytest.mark.parametrize("media_type", FORMS)
@pytest.mark.parametrize(
    ("address", "iri"),
    [
        ("/graphs?default", ""),
        ("/graphs?default=", ""),
        (f"/graphs?graph={FINDINGS}", FINDINGS),
        ("/graph/findings", FINDINGS),
        ("/graph/provenance", f"{BASE}graph/provenance"),
        (f"/graphs/?graph={TABLE}", TABLE),
    ],
)
def test_a_graph_comes_whole_in_every_form(
    client: FlaskClient, store: pyoxigraph.Store, media_type: str, address: str, iri: str
) -> None:
    name, format_ = FORMS[media_type]
    by_accept = client.get(address, headers={"Accept": media_type}, buffered=True)
    by_name = client.get(f"{address}{'&' if '?' in address else '?'}format={name}", buffered=True)
    assert (by_accept.status_code, by_accept.mimetype, by_name.mimetype) == (200, media_type, media_type)
    found = {quad.triple for quad in pyoxigraph.parse(by_accept.data, format_)}
    assert found == _wanted(store, iri)
    assert found


def test_without_a_wish_a_graph_comes_as_turtle(client: FlaskClient) -> None:
    assert client.get("/graphs?default", buffered=True).mimetype == "text/turtle"


def test_a_graph_streams_from_a_real_server(
    server: str, ask: Callable[..., tuple[int, Message, bytes]], store: pyoxigraph.Store
) -> None:
    status, headers, body = ask(f"{server}graphs?default", Accept="application/n-triples")
    assert (status, headers["Transfer-Encoding"]) == (200, "chunked")
    assert body.count(b"\n") == len(_wanted(store, ""))


@pytest.mark.parametrize(
    ("address", "status", "text"),
    [
        ("/graphs", 400, "Name one graph"),
        (f"/graphs?default&graph={FINDINGS}", 400, "Name one graph"),
        (f"/graphs?graph={FINDINGS}&graph={TABLE}", 400, "Name one graph"),
        ("/graphs?graph=findings", 400, "absolute IRI"),
        ("/graphs?graph=", 400, "absolute IRI"),
        ("/graphs?graph=http://x/%20y", 400, "absolute IRI"),
        ("/graphs?graph=%FF", 400, "UTF-8"),
        ("/graphs?graph=urn:none", 404, "no graph <urn:none>"),
        ("/graph/quality-history", 404, "no graph"),
        ("/graphs?default&format=csv", 406, "text/turtle"),
        ("/graphs?default&snapshot=x", 400, "snapshot=12"),
    ],
)
def test_a_wrong_address_is_told_why_by_get_and_head(client: FlaskClient, address: str, status: int, text: str) -> None:
    reply = client.get(address)
    assert (reply.status_code, reply.mimetype) == (status, "text/plain")
    assert text in reply.text
    assert client.head(address).status_code == status


def test_a_form_that_is_not_offered_answers_406(client: FlaskClient) -> None:
    assert client.get("/graphs?default", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/graphs?default", f"/graphs?graph={FINDINGS}", "/graphs", "/graph/findings"])
def test_nothing_is_written(client: FlaskClient, method: str, address: str) -> None:
    reply = client.open(address, method=method, data="<urn:a> <urn:b> <urn:c> .", content_type="text/turtle")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_a_graph_has_a_tag_and_is_not_sent_twice(client: FlaskClient) -> None:
    first = client.get("/graphs?default", buffered=True)
    head = client.head("/graphs?default")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    again = client.get("/graphs?default", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/graph/findings", buffered=True).headers["ETag"] != first.headers["ETag"]


def test_the_graph_of_a_table_keeps_its_document(client: FlaskClient) -> None:
    reply = client.get("/graph/data/ville/stations")
    assert reply.status_code == 303
    assert reply.headers["Location"].startswith("/doc/data/")
