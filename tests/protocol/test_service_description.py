"""The endpoint says what it is, truly: SPARQL 1.1 Service Description, and the same in words for people."""

import shutil
import time
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from urllib.parse import quote

import pytest
import rdflib
from flask.testing import FlaskClient
from pyoxigraph import Literal, Store, parse
from pyoxigraph import RdfFormat as Format
from rdflib.namespace import DCAT, RDF, VOID

from maillon.settings import LANGUAGES, Settings
from maillon.sparql import search_service
from maillon.store import statistics
from maillon.vocabulary import QUERY_PREFIXES
from maillon.web import create_app, service_description

BASE = "http://localhost:8000/"
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMAT = rdflib.Namespace("http://www.w3.org/ns/formats/")
Ask = Callable[..., tuple[int, Message, bytes]]
COUNT = "SELECT (COUNT(*) AS ?n) { ?d a dcat:Dataset }"


@pytest.fixture(scope="module")
def counted(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder of its own whose snapshot was counted."""
    data = tmp_path_factory.mktemp("counted")
    shutil.copytree(sample_data / "snapshots", data / "snapshots", symlinks=True)
    folder = data / "snapshots" / "current"
    statistics.write(folder, statistics.count(Store.read_only(str(folder / "store"))))
    return data


@pytest.fixture(scope="module")
def described(counted: Path) -> Iterator[FlaskClient]:
    """Give a client of the application over that folder."""
    yield create_app(Settings(data=counted, query_queue=30.0)).test_client()


@pytest.fixture(scope="module")
def graph(described: FlaskClient) -> rdflib.Graph:
    """Give the description."""
    return rdflib.Graph().parse(data=described.get("/sparql").data, format="turtle")


@pytest.mark.parametrize(
    ("media_type", "name", "parser"),
    [
        ("text/turtle", "ttl", "turtle"),
        ("application/rdf+xml", "rdf", "xml"),
        ("application/ld+json", "jsonld", "json-ld"),
        ("application/n-triples", "nt", "nt"),
        ("application/n-quads", "nq", "nt"),
    ],
)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib 7.6's own JSON-LD parser
def test_it_comes_in_every_form_of_a_graph(described: FlaskClient, media_type: str, name: str, parser: str) -> None:
    replies = [
        described.get("/sparql", headers={"Accept": media_type}),
        described.get("/sparql", query_string={"format": name}),
        described.get(f"/sparql.{name}"),
        described.get("/sparql/", headers={"Accept": media_type}),
    ]
    for reply in replies:
        assert (reply.status_code, reply.mimetype) == (200, media_type)
        found = rdflib.Graph().parse(data=reply.data, format=parser)
        assert list(found.objects(None, SD.endpoint)) == [rdflib.URIRef("http://localhost/sparql")]


def test_the_endpoint_is_the_address_that_was_asked(server: str, ask: Ask) -> None:
    status, headers, body = ask(f"{server}sparql", Accept="text/turtle")
    found = rdflib.Graph().parse(data=body, format="turtle")
    assert status == 200
    (service,) = found.subjects(RDF.type, SD.Service)
    assert list(found.objects(service, SD.endpoint)) == [rdflib.URIRef(f"{server}sparql")]
    assert headers["X-Maillon-Snapshot"]


def test_it_declares_what_is_there_and_nothing_else(graph: rdflib.Graph) -> None:
    (service,) = graph.subjects(RDF.type, SD.Service)
    assert set(graph.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert [str(item) for item in graph.objects(service, SD.feature)] == [search_service.SERVICE], "no federation"
    forms = {str(item).removeprefix(str(FORMAT)) for item in graph.objects(service, SD.resultFormat)}
    assert forms == set(service_description.FORMATS)
    comment = str(graph.value(service, rdflib.RDFS.comment))
    assert "504 for time" in comment
    assert '"120"^^xsd:nonNegativeInteger as "120"^^xsd:integer' in comment
    assert "60 seconds" in comment


def test_every_function_it_declares_can_be_called(client: FlaskClient, graph: rdflib.Graph) -> None:
    declared = sorted(str(iri) for iri in graph.objects(None, SD.extensionFunction))
    assert len(declared) == 1 + len(service_description.GEOMETRY)
    for iri in declared:
        replies = [
            client.get("/sparql", query_string={"query": f"SELECT (<{iri}>({', '.join('1' * n)}) AS ?x) {{}}"})
            for n in (1, 2, 3)
        ]
        assert 200 in [reply.status_code for reply in replies], iri


def test_it_lists_the_graphs_that_are_there_with_their_triples(graph: rdflib.Graph, counted: Path) -> None:
    store = Store.read_only(str(counted / "snapshots" / "current" / "store"))
    (dataset,) = graph.objects(None, SD.defaultDataset)
    found = {}
    for named in graph.objects(dataset, SD.namedGraph):
        (name,), (held,) = graph.objects(named, SD.name), graph.objects(named, SD.graph)
        found[str(name)] = int(str(graph.value(held, VOID.triples)))
    wanted = {
        node.value: sum(1 for _ in store.quads_for_pattern(None, None, None, node)) for node in store.named_graphs()
    }
    assert found == wanted
    assert f"{BASE}graph/data/ville/stations" in found


def test_it_counts_the_public_graph_by_class_and_property(graph: rdflib.Graph, client: FlaskClient) -> None:
    (default,) = graph.objects(None, SD.defaultGraph)
    reply = client.get("/sparql", query_string={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "records"})
    assert reply.json is not None
    total = sum(
        int(str(n))
        for part in graph.objects(default, VOID.propertyPartition)
        for n in graph.objects(part, VOID.triples)
    )
    assert total == int(str(graph.value(default, VOID.triples))) == int(reply.json[0]["n"])
    classes = {
        graph.value(part, VOID["class"]): int(str(graph.value(part, VOID.entities)))
        for part in graph.objects(default, VOID.classPartition)
    }
    assert classes[DCAT.Dataset] == 12
    assert len(classes) == int(str(graph.value(default, VOID.classes)))


def test_a_snapshot_that_was_not_counted_is_described_without_counts(sample_data: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_data / "snapshots", tmp_path / "snapshots", symlinks=True)
    for damage in (None, "{", '{"graphs": []}', '{"graphs": {"a": "x"}, "classes": {}, "properties": {}}'):
        path = tmp_path / "snapshots" / "current" / "statistics.json"
        path.unlink(missing_ok=True)
        if damage is not None:
            path.write_text(damage, encoding="utf-8")
        reply = create_app(Settings(data=tmp_path)).test_client().get("/sparql.nt")
        assert reply.status_code == 200
        assert f"<{BASE}graph/findings>".encode() in reply.data
        assert b"classPartition" not in reply.data


def test_what_it_says_of_literals_is_what_the_engine_does() -> None:
    prefix = f"@prefix xsd: <{QUERY_PREFIXES['xsd']}> . "
    for before, after in service_description.NORMALISED:
        store = Store()
        store.load(f"{prefix} <urn:a> <urn:b> {before} .".encode(), Format.TURTLE)
        (wanted,) = parse(f"{prefix} <urn:a> <urn:b> {after} .".encode(), Format.TURTLE)
        (found,) = store
        assert isinstance(wanted.object, Literal)
        assert str(found.object) == str(wanted.object).replace("fr-BE", "fr-be")


def test_a_snapshot_whose_graphs_a_server_holds_is_described_and_may_have_any_graph(
    sample_data: Path, tmp_path: Path
) -> None:
    shutil.copytree(sample_data / "snapshots", tmp_path / "snapshots", symlinks=True)
    current = tmp_path / "snapshots" / "current"
    shutil.rmtree(current / "store")
    (current / "statistics.json").unlink(missing_ok=True)
    own = create_app(Settings(data=tmp_path)).test_client()
    assert own.get("/sparql.nt").status_code == 200
    assert own.head("/graphs?graph=urn:any").status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_get_the_form_with_all_of_it_in_words(
    described: FlaskClient, graph: rdflib.Graph, language: str
) -> None:
    led = described.get("/sparql", headers={"Accept": "text/html", "Accept-Language": language})
    assert (led.status_code, led.headers["Location"]) == (302, f"/{language}/sparql")
    page = described.get(led.headers["Location"]).text
    for iri in graph.objects(None, SD.name):
        assert str(iri) in page
    for iri in graph.objects(None, SD.extensionFunction):
        assert str(iri) in page
    for name in QUERY_PREFIXES:
        assert f"<code>{name}:</code>" in page
    assert "2\N{NO-BREAK SPACE}G" in page
    for text in ("X-Maillon-Reason", "/sparql.ttl", "format=", "timeout", "nonNegativeInteger", "application/n-quads"):
        assert text in page


def _processes() -> dict[int, tuple[int, bytes, bytes]]:
    """Return parent, command and environment of every process that we may look at."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
            found[int(path.name)] = parent, (path / "cmdline").read_bytes(), (path / "environ").read_bytes()
        except OSError:
            continue
    return found


def _workers(data: Path) -> list[bytes]:
    """Return the commands of all processes under the web server of a data folder that are not the server itself."""
    known = _processes()
    servers = {
        pid for pid, (_, command, environment) in known.items()
        if b"gunicorn" in command and f"MAILLON_DATA={data}\0".encode() in environment
    }  # fmt: skip
    family = set(servers)
    while more := {pid for pid, (parent, _, _) in known.items() if parent in family} - family:
        family |= more
    return [known[pid][1] for pid in family - servers]


def test_head_and_unchanged_and_refused_requests_never_start_a_worker(
    counted: Path, serve: Callable[..., str], ask: Ask
) -> None:
    server = serve(data=counted)
    tag = ask(f"{server}sparql?query={quote(COUNT)}", "HEAD")[1]["ETag"]
    whole = ask(f"{server}graphs?default", "HEAD")[1]["ETag"]
    described = ask(f"{server}sparql", "HEAD")[1]["ETag"]
    assert tag and whole and described
    again = quote("# again\n" + COUNT.replace("SELECT", "select").replace("{ ", "{"))
    asked = [
        (200, f"sparql?query={quote(COUNT)}", "HEAD", {}),
        (200, f"sparql.html?query={quote(COUNT)}", "HEAD", {}),
        (304, f"sparql?query={quote(COUNT)}", "GET", {"If_None_Match": tag}),
        (304, f"sparql?query={again}", "GET", {"If_None_Match": tag}),
        (200, "graphs?default", "HEAD", {}),
        (304, "graphs?default", "GET", {"If_None_Match": whole}),
        (404, "graphs?graph=urn:none", "GET", {}),
        (200, "graph/findings", "HEAD", {}),
        (200, "sparql", "HEAD", {}),
        (200, "sparql", "GET", {}),
        (304, "sparql", "GET", {"If_None_Match": described}),
        (400, f"sparql?query={quote('ASK { SERVICE <http://x/> {} }')}", "GET", {}),
        (406, f"sparql?query={quote(COUNT)}", "GET", {"Accept": "image/png"}),
        (200, "sparql", "OPTIONS", {}),
        (200, "sparql/timemap", "GET", {}),
    ]  # fmt: skip
    for status, path, method, headers in asked:
        assert ask(f"{server}{path}", method, None, **headers)[0] == status, (method, path)
    time.sleep(0.2)
    assert _workers(counted) == []
    assert ask(f"{server}sparql?query={quote(COUNT)}")[0] == 200
    assert _workers(counted), "a query does start one, so the test can see it"
