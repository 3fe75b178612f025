"""The feed gives every published dataset once, in pages that stand on their own, as European portals read them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import rdflib
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SKOS

from maillon.settings import Settings
from maillon.store import snapshots
from maillon.store.document_writing import DocumentsWriter
from maillon.store.documents import Document, Documents
from maillon.web import surroundings

HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
BASE = "http://localhost:8000/"
FORMS = [("rdf", "xml"), ("ttl", "turtle"), ("jsonld", "json-ld"), ("nt", "nt")]


def graph(client: FlaskClient, address: str, format_: str = "nt") -> rdflib.Graph:
    reply = client.get(address.removeprefix("http://localhost"))
    assert reply.status_code == 200
    return rdflib.Graph().parse(data=reply.data, format=format_)


def pages(client: FlaskClient, address: str, format_: str = "nt") -> list[rdflib.Graph]:
    """Follow hydra:next to the end, as piveau's importer does."""
    found = []
    while address:
        found.append(graph(client, address, format_))
        (page,) = found[-1].subjects(RDF.type, HYDRA.PagedCollection)
        address = str(found[-1].value(page, HYDRA.nextPage) or "")
    return found


def datasets(found: rdflib.Graph) -> set[str]:
    return {str(subject) for subject in found.subjects(RDF.type, DCAT.Dataset)}


@pytest.fixture(scope="module")
def published(settings: Settings) -> set[str]:
    with snapshots.open_current(settings.snapshots) as snapshot:
        documents = Documents(snapshot.documents)
        found = {item.iri for item in documents.page("dataset", limit=1000)}
        documents.close()
    return found


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib 7.6's own JSON-LD parser
@pytest.mark.parametrize(("extension", "format_"), FORMS)
@pytest.mark.parametrize("limit", [1, 5, 12, 100])
def test_the_pages_hold_every_dataset_once(
    client: FlaskClient, published: set[str], extension: str, format_: str, limit: int
) -> None:
    found = [datasets(page) for page in pages(client, f"/catalog.{extension}?limit={limit}", format_)]
    assert sum(map(len, found)) == len(published)
    assert set().union(*found) == published
    assert all(len(page) == limit for page in found[:-1])


def test_each_page_counts_all_and_speaks_both_vocabularies(client: FlaskClient, published: set[str]) -> None:
    for number, page in enumerate(pages(client, "/catalog.ttl?limit=5", "turtle")):
        (node,) = page.subjects(RDF.type, HYDRA.PagedCollection)
        assert (node, RDF.type, HYDRA.PartialCollectionView) in page
        assert page.value(node, HYDRA.totalItems) == rdflib.Literal(len(published))
        assert page.value(node, HYDRA.next) == page.value(node, HYDRA.nextPage)
        assert isinstance(page.value(node, HYDRA.first), rdflib.URIRef)
        (collection,) = page.subjects(RDF.type, HYDRA.Collection)
        assert page.value(collection, HYDRA.totalItems) == rdflib.Literal(len(published))
        assert page.value(collection, HYDRA.view) == node
        assert (page.value(node, HYDRA.next) is None) == (number == 2)


def test_a_page_stands_on_its_own(client: FlaskClient) -> None:
    page = graph(client, "/catalog.nt?limit=3")
    catalogue = rdflib.URIRef(f"{BASE}id/catalog/all")
    assert (catalogue, RDF.type, DCAT.Catalog) in page
    assert page.value(catalogue, DCTERMS.title) and page.value(catalogue, DCTERMS.description)
    assert page.value(page.value(catalogue, DCTERMS.publisher), FOAF.name)
    assert set(map(str, page.objects(catalogue, DCAT.dataset))) == datasets(page)
    for dataset in map(rdflib.URIRef, datasets(page)):
        (record,) = page.subjects(FOAF.primaryTopic, dataset)
        assert (catalogue, DCAT.record, record) in page
        assert page.value(record, DCTERMS.modified)
        for property_, class_ in (
            (DCAT.distribution, DCAT.Distribution),
            (DCTERMS.publisher, FOAF.Agent),
            (DCTERMS.temporal, DCTERMS.PeriodOfTime),
        ):
            for value in page.objects(dataset, property_):
                assert (value, RDF.type, class_) in page
        for theme in page.objects(dataset, DCAT.theme):
            assert page.value(theme, SKOS.inScheme)
            assert len(list(page.objects(theme, SKOS.prefLabel))) >= 4


def test_literals_are_as_their_source_wrote_them(client: FlaskClient) -> None:
    data = client.get("/catalog.nt").text
    assert '"121"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>' in data


def test_rdf_xml_is_what_a_client_without_wishes_gets(client: FlaskClient) -> None:
    assert client.get("/catalog").mimetype == "application/rdf+xml"
    assert client.get("/catalog", headers={"Accept": "text/turtle"}).mimetype == "text/turtle"
    assert client.get("/catalog", headers={"Accept": "image/png"}).status_code == 406
    page = client.get("/catalog", headers={"Accept": "text/html", "Accept-Language": "de"})
    assert (page.status_code, page.headers["Location"]) == (302, "/de/datasets")


def test_an_accepted_form_is_kept_from_page_to_page(client: FlaskClient) -> None:
    reply = client.get("/catalog?limit=2&grade=conformant", headers={"Accept": "application/n-triples"})
    following = re.findall(r'<([^>]*)>; rel="next"', reply.headers["Link"])
    assert following == ["http://localhost/catalog.nt?grade=conformant&limit=2&after=region%2Fjeu-6"]


def test_the_conformant_grade_leaves_out_datasets_with_violations(client: FlaskClient, published: set[str]) -> None:
    found: set[str] = set().union(*(datasets(page) for page in pages(client, "/catalog.nt?grade=conformant&limit=3")))
    assert published - found == {f"{BASE}id/dataset/ville/sans-description"}


def test_one_source_alone_can_be_fetched(client: FlaskClient, published: set[str]) -> None:
    found = pages(client, "/catalog.nt?source=region&limit=2")
    assert set().union(*(datasets(page) for page in found)) == {iri for iri in published if "/region/" in iri}
    assert client.get("/catalog?source=absent").status_code == 404


def test_a_key_that_is_no_longer_there_is_a_right_place_to_go_on(client: FlaskClient, published: set[str]) -> None:
    after = datasets(graph(client, "/catalog.nt?after=region/jeu-6a"))
    assert f"{BASE}id/dataset/region/jeu-6" not in after
    assert f"{BASE}id/dataset/region/jeu-7" in after
    last = graph(client, "/catalog.nt?after=zzz")
    assert datasets(last) == set()
    (node,) = last.subjects(RDF.type, HYDRA.PagedCollection)
    assert last.value(node, HYDRA.totalItems) == rdflib.Literal(len(published))


@pytest.mark.parametrize(
    "parameters",
    [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=x",
        "limit=",
        "limit=1e3",
        "limit=²",
        "limit=0000000010",
        "grade=good",
    ],
)
def test_wrong_parameters_are_never_answered_with_an_empty_page(client: FlaskClient, parameters: str) -> None:
    assert client.get(f"/catalog?{parameters}").status_code == 400


def test_a_page_is_the_same_octets_until_the_snapshot_changes(client: FlaskClient) -> None:
    for extension, _ in FORMS:
        first, second = client.get(f"/catalog.{extension}?limit=5"), client.get(f"/catalog.{extension}?limit=5")
        assert first.data == second.data
        tag = {"If-None-Match": first.headers["ETag"]}
        assert client.get(f"/catalog.{extension}?limit=5", headers=tag).status_code == 304
        assert client.get(f"/catalog.{extension}?limit=4", headers=tag).status_code == 200


def test_what_is_gone_is_not_in_the_feed_and_what_is_missing_is(client: FlaskClient) -> None:
    found = datasets(graph(client, "/catalog.nt"))
    assert f"{BASE}id/dataset/ville/disparu" not in found
    assert f"{BASE}id/dataset/ville/manquant" in found


def test_an_independent_client_counts_the_same_in_feed_and_endpoint(server: str, published: set[str]) -> None:
    address, found = f"{server}catalog?limit=5", rdflib.Graph()
    while address:
        page = rdflib.Graph().parse(address)
        (node,) = page.subjects(RDF.type, HYDRA.PartialCollectionView)
        address = str(page.value(node, HYDRA.next) or "")
        assert not address or address.startswith(server)
        found += page
    assert datasets(found) == published


LINKED = {
    "dataset/s/a": "a dcat:Dataset ; dcat:distribution <distribution/s/a> ; dcat:inSeries <series/s/c> .",
    "dataset/s/b": "a dcat:Dataset ; dcat:inSeries <series/s/c> .",
    "distribution/s/a": "a dcat:Distribution ; dcat:accessService <service/s/d> .",
    "series/s/c": "a dcat:DatasetSeries, dcat:Dataset ; dcat:seriesMember <dataset/s/a>, <dataset/s/b> .",
    "service/s/d": "a dcat:DataService ; dcat:servesDataset <dataset/s/a>, <dataset/s/b> ; dcat:endpointURL <urn:d> .",
    "service/s/e": "a dcat:DataService ; dcat:servesDataset <dataset/s/b> ; dcat:endpointURL <urn:e> .",
}


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Documents]:
    """Give documents that refer to each other in every way that importers stumble over."""
    writer = DocumentsWriter(tmp_path / "documents.sqlite")
    for name, turtle in LINKED.items():
        text = f"@base <{BASE}id/> . @prefix dcat: <{DCAT}> . <{name}> {turtle}"
        triples = [quad.triple for quad in parse(text.encode(), RdfFormat.TURTLE)]
        kind, _, key = name.partition("/")
        targets = [item.object.value for item in triples if isinstance(item.object, NamedNode)]
        text = "".join(f"{item} .\n" for item in triples)
        writer.add(Document(f"{BASE}id/{name}", kind, key, "s", "0", text), targets)
    writer.settle([], [])
    writer.close()
    documents = Documents(tmp_path / "documents.sqlite")
    yield documents
    documents.close()


def reached(triples: Iterable[Triple], start: str) -> set[str]:
    """Return what piveau's importer takes for the description of a dataset: everything reached outward."""
    found, wanted = set[str](), {start}
    triples = list(triples)
    while wanted:
        found |= wanted
        wanted = {
            item.object.value
            for item in triples
            if isinstance(item.subject, NamedNode) and item.subject.value in wanted
            if isinstance(item.object, NamedNode) and item.predicate.value != str(FOAF.primaryTopic)
        } - found
    return found


def test_what_an_importer_reaches_from_a_dataset_holds_no_other(linked: Documents) -> None:
    a, b = linked.page("dataset")
    gathered = surroundings.gather(linked, [a, b], BASE, 2)
    assert len(gathered) == 6
    triples = surroundings.merged(gathered.values(), {a.iri, b.iri}, surroundings.listing(linked, gathered.values()))
    assert f"{BASE}id/service/s/d" in reached(triples, a.iri)
    assert f"{BASE}id/series/s/c" in reached(triples, a.iri)
    assert b.iri not in reached(triples, a.iri)
    assert a.iri not in reached(triples, b.iri)
    serving = [str(item.subject) for item in triples if item.predicate.value == str(DCAT.servesDataset)]
    assert serving == [f"<{BASE}id/service/s/e>"]


def test_only_the_datasets_of_the_page_are_typed_so(linked: Documents) -> None:
    gathered = surroundings.gather(linked, linked.page("dataset", limit=1), BASE, 2)
    typed = {
        str(item.subject)
        for item in surroundings.merged(gathered.values(), {f"{BASE}id/dataset/s/a"})
        if str(item.object) == f"<{DCAT.Dataset}>"
    }
    assert typed == {f"<{BASE}id/dataset/s/a>"}
    assert f"{BASE}id/dataset/s/b" not in gathered
    assert f"{BASE}id/series/s/c" in gathered
