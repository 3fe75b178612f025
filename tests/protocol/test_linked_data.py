"""An IRI leads to a document, the document comes in the form asked for, and what is gone says so."""

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from maillon.settings import Settings
from maillon.store import snapshots
from maillon.store.documents import Documents
from maillon.vocabulary import DATASET, TYPE, term

BASE = "http://localhost:8000/"
DATASET_IRI = f"{BASE}id/dataset/ville/jeu-1"
PATH = "/doc/dataset/ville/jeu-1"
FORMS = [
    ("ttl", "text/turtle"),
    ("rdf", "application/rdf+xml"),
    ("jsonld", "application/ld+json"),
    ("nt", "application/n-triples"),
]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def triples(data: bytes, media_type: str) -> set[Triple]:
    format_ = RdfFormat.from_media_type(media_type)
    assert format_ is not None
    return {quad.triple for quad in parse(data, format_)}


def test_a_thing_leads_to_its_document(client: FlaskClient) -> None:
    reply = client.get("/id/dataset/ville/jeu-1", headers={"Accept": "text/turtle"})
    assert reply.status_code == 303
    assert reply.headers["Location"] == PATH


@pytest.mark.parametrize("path", ["/id/dataset/ville/absent", "/doc/dataset/ville/absent", "/id/nonsense/x"])
def test_what_is_unknown_answers_404(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Accept": "text/turtle"}).status_code == 404
    assert client.get(f"{path}.ttl").status_code == 404


@pytest.mark.parametrize(("extension", "media_type"), FORMS)
def test_a_document_comes_in_every_form_by_accept_and_by_extension(
    client: FlaskClient, extension: str, media_type: str
) -> None:
    by_accept = client.get(PATH, headers={"Accept": media_type})
    by_extension = client.get(f"{PATH}.{extension}", headers={"Accept": "image/png"})
    assert by_accept.status_code == by_extension.status_code == 200
    assert by_accept.mimetype == by_extension.mimetype == media_type
    assert by_accept.data == by_extension.data
    assert by_accept.headers["Content-Location"] == f"http://localhost{PATH}.{extension}"
    assert "Accept" in by_accept.vary
    assert f'<http://localhost{PATH}>; rel="canonical"' in by_accept.headers["Link"]
    assert by_accept.headers["Link"].count('rel="alternate"') == 3


def test_all_forms_say_the_same(client: FlaskClient) -> None:
    found = [triples(client.get(f"{PATH}.{name}").data, media_type) for name, media_type in FORMS]
    assert found[0] == found[1] == found[2] == found[3]


def test_a_dataset_comes_with_what_it_refers_to_in_its_own_literals(client: FlaskClient) -> None:
    found = triples(client.get(f"{PATH}.nt").data, "application/n-triples")
    types = {(item.subject, item.object) for item in found if item.predicate == TYPE}
    assert [subject for subject, class_ in types if class_ == DATASET] == [NamedNode(DATASET_IRI)]
    for class_ in ("dcat:Distribution", "foaf:Agent", "dcat:CatalogRecord", "dct:PeriodOfTime", "skos:Concept"):
        assert term(class_) in {value for _, value in types}, class_
    sizes = [item.object for item in found if item.predicate == term("dcat:byteSize")]
    assert sizes == [Literal("121", datatype=term("xsd:nonNegativeInteger"))]


def test_a_document_holds_all_that_the_ledger_says_of_the_entity(client: FlaskClient, settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        documents = Documents(snapshot.documents)
        document = documents.get(DATASET_IRI)
        documents.close()
    assert document is not None
    told = {quad.triple for quad in parse(document.text.encode(), RdfFormat.N_TRIPLES)}
    assert told <= triples(client.get(f"{PATH}.ttl").data, "text/turtle")


def test_a_service_that_serves_a_dataset_is_told(client: FlaskClient) -> None:
    data = client.get("/doc/dataset/region/jeu-6.nt").data
    assert f"<{BASE}id/service/region/wfs> <{term('dcat:endpointURL').value}>".encode() in data


@pytest.mark.parametrize("kind", ["distribution/ville/jeu-1-1", "organisation/region/mobilite", "service/region/wfs"])
def test_documents_of_other_kinds_answer_too(client: FlaskClient, kind: str) -> None:
    assert client.get(f"/doc/{kind}.ttl").status_code == 200


@pytest.mark.parametrize(
    ("path", "page"),
    [
        (PATH, "/nl/dataset/ville/jeu-1"),
        ("/doc/organisation/region/mobilite", "/nl/organisation/region/mobilite"),
        ("/doc/distribution/ville/jeu-1-1", "/nl/doc/distribution/ville/jeu-1-1"),
        ("/doc/dataset/ville/disparu", "/nl/dataset/ville/disparu"),
    ],
)
def test_a_browser_is_led_to_the_page_in_its_language(client: FlaskClient, path: str, page: str) -> None:
    reply = client.get(path, headers={"Accept": BROWSER, "Accept-Language": "nl, fr;q=0.5"})
    assert reply.status_code == 302
    assert reply.headers["Location"] == page
    assert {"accept", "accept-language"} <= {item.lower() for item in reply.vary}


def test_a_form_that_is_not_offered_answers_406(client: FlaskClient) -> None:
    reply = client.get(PATH, headers={"Accept": "image/png"})
    assert reply.status_code == 406
    assert "text/turtle" in reply.text


def test_an_unchanged_document_answers_304_by_form(client: FlaskClient) -> None:
    tag = client.get(f"{PATH}.ttl").headers["ETag"]
    assert client.get(f"{PATH}.ttl", headers={"If-None-Match": tag}).status_code == 304
    assert client.get(f"{PATH}.nt", headers={"If-None-Match": tag}).status_code == 200


def test_a_compressed_document_answers_304_too(client: FlaskClient) -> None:
    packed = client.get(f"{PATH}.ttl", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    again = client.get(f"{PATH}.ttl", headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304


def test_what_is_gone_answers_410_with_what_was_known(client: FlaskClient) -> None:
    assert client.get("/id/dataset/ville/disparu").status_code == 303
    reply = client.get("/doc/dataset/ville/disparu", headers={"Accept": "text/turtle"})
    assert reply.status_code == 410
    assert "Il était là." in reply.text
    assert client.get("/doc/dataset/ville/disparu.jsonld").status_code == 410


def test_any_iri_is_looked_up(client: FlaskClient) -> None:
    reply = client.get("/doc", query_string={"iri": DATASET_IRI})
    assert (reply.status_code, reply.headers["Location"]) == (303, PATH)
    named = client.get("/doc", query_string={"iri": DATASET_IRI, "format": "ttl"})
    assert named.headers["Location"] == f"{PATH}.ttl"
    assert client.get("/doc", query_string={"iri": "https://example.org/absent"}).status_code == 404
    assert client.get("/doc", query_string={"iri": "<not an iri>"}).status_code == 400
    assert client.get("/doc").status_code == 400


def test_an_embedded_node_leads_to_its_entity(client: FlaskClient) -> None:
    found = triples(client.get(f"{PATH}.nt").data, "application/n-triples")
    node = next(item.object for item in found if item.predicate == term("dct:temporal"))
    assert isinstance(node, NamedNode)
    reply = client.get("/" + node.value.removeprefix(BASE))
    assert (reply.status_code, reply.headers["Location"]) == (303, PATH)
    query = "SELECT ?f { GRAPH ?g { ?f sh:resultPath dct:description ; sh:resultSeverity sh:Violation } }"
    data = client.get("/sparql", query_string={"query": query, "format": "csv"}).text
    finding = data.split()[1]
    about = client.get("/" + finding.removeprefix(BASE))
    assert (about.status_code, about.headers["Location"]) == (303, "/doc/dataset/ville/sans-description")
    assert client.get("/.well-known/genid/absent-0").status_code == 404
    assert client.get("/.well-known/genid/a%20%3Eb").status_code == 404


def test_the_data_set_as_a_whole_is_described(client: FlaskClient) -> None:
    reply = client.get("/.well-known/void", headers={"Accept": "application/ld+json"})
    found = triples(reply.data, "application/ld+json")
    endpoints = {item.object for item in found if item.predicate == term("void:sparqlEndpoint")}
    assert endpoints == {NamedNode("http://localhost/sparql")}
    assert any(item.predicate == term("void:triples") for item in found)
