"""The form of an answer follows RFC 9110: the most specific range counts, weights order, zero refuses."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from maillon.settings import Settings
from maillon.web import negotiation
from maillon.web.negotiation import HTML, JSON_LD, N_TRIPLES, RDF_FORMS, RDF_XML, TURTLE

OFFERED = (TURTLE, RDF_XML, JSON_LD, N_TRIPLES, HTML)
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("", "ttl"),
        ("*/*", "ttl"),
        ("text/turtle", "ttl"),
        ("TEXT/Turtle", "ttl"),
        ("text/turtle; charset=utf-8", "ttl"),
        ("application/x-turtle", "ttl"),
        ("application/rdf+xml", "rdf"),
        ("application/xml", "rdf"),
        ("application/ld+json", "jsonld"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"),
        ("application/json", "jsonld"),
        ("application/n-triples", "nt"),
        ("text/plain", "nt"),
        ("text/html", "html"),
        (CHROME, "html"),
        ("application/*", "rdf"),
        ("text/*", "ttl"),
        ("text/turtle;q=0.5, application/rdf+xml;q=0.9", "rdf"),
        ("text/turtle;q=0.5, application/rdf+xml;q=0.5", "ttl"),
        ("text/turtle;q=0, */*", "rdf"),
        ("text/*;q=0.9, text/turtle;q=0.1, application/n-triples;q=0.5", "html"),
        ("*/*;q=0.1, application/ld+json;q=0.1", "jsonld"),
        ("image/png, application/n-triples;q=0.2", "nt"),
        ("image/gif, *; q=.2, */*; q=.2", "ttl"),
        ("image/png", None),
        ("text/turtle;q=0", None),
        ("*/*;q=0", None),
        (";;;,,,=", None),
    ],
)
def test_accept_chooses_the_form(header: str, name: str | None) -> None:
    form = negotiation.choose(OFFERED, header)
    assert (form.name if form else None) == name


@pytest.mark.parametrize(
    ("name", "found"),
    [("ttl", "ttl"), ("text/turtle", "ttl"), ("xml", "rdf"), ("json", "jsonld"), ("html", "html"), ("csv", None)],
)
def test_a_name_overrides_accept(name: str, found: str | None) -> None:
    form = negotiation.named(OFFERED, name)
    assert (form.name if form else None) == found


def test_what_is_not_offered_is_refused_with_what_is() -> None:
    app = Flask(__name__)
    with app.test_request_context(headers={"Accept": "image/png"}), pytest.raises(HTTPException) as caught:
        negotiation.negotiate(RDF_FORMS)
    assert caught.value.response is not None
    assert caught.value.response.status_code == 406


@pytest.mark.parametrize(
    ("host", "root"),
    [
        ("127.0.0.1:5000", "http://127.0.0.1:5000/"),
        ("localhost:8000", "http://localhost:8000/"),
        ("[::1]:8000", "http://[::1]:8000/"),
        ("data.example.org", "https://data.example.org/"),
        ("evil.example.com", "https://data.example.org/"),
    ],
)
def test_addresses_never_start_with_a_foreign_host(host: str, root: str) -> None:
    settings = Settings(base_iri="https://data.example.org/")
    with Flask(__name__).test_request_context(headers={"Host": host}):
        assert negotiation.root(settings) == root


@pytest.mark.parametrize("path", ["/sparql", "/catalog", "/.well-known/void", "/doc/dataset/ville/jeu-1"])
def test_every_origin_may_read(client: FlaskClient, path: str) -> None:
    reply = client.get(path, headers={"Origin": "https://elsewhere.example.org"})
    assert reply.status_code == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    preflight = client.options(path, headers={"Access-Control-Request-Method": "GET"})
    assert preflight.status_code == 200
    assert "GET" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Accept" in preflight.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", ["/sparql", "/catalog", "/.well-known/void", "/doc/dataset/ville/jeu-1"])
def test_head_answers_as_get_does_but_for_the_body(client: FlaskClient, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert head.status_code == get.status_code == 200
    assert head.data == b""
    assert {k: v for k, v in head.headers if k != "Content-Length"} == {
        k: v for k, v in get.headers if k != "Content-Length"
    }


@pytest.mark.parametrize("path", ["/catalog", "/.well-known/void", "/doc/dataset/ville/jeu-1"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_documents_are_read_only(client: FlaskClient, path: str, method: str) -> None:
    assert client.open(path, method=method).status_code == 405
