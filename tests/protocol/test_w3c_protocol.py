"""The W3C SPARQL 1.1 Protocol tests, read from their manifest, against the application.

All 34 entries are run. The 20 query tests and the 7 of wrong updates must pass as they are. The endpoint implements the
query operation only (Protocol section 2: a service implements query or update), so the first request of each of the 7
update tests must be refused with a client error instead.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Quad, RdfFormat
from rdflib.collection import Collection

from maillon.settings import Settings
from maillon.web import create_app
from maillon.web.engine import engine

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
FOLDER = SHARED / "standards" / "w3c-rdf-tests" / "sparql" / "sparql11" / "protocol"
HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
DATA = "http://kasei.us/2009/09/sparql/data/"
FORMATS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    },
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples"},
}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent: corpus tests need it"),
]


@dataclass(frozen=True)
class Sent:
    """One request of a test with what is expected of its answer."""

    method: str
    query_string: str
    content_type: str | None
    body: bytes
    statuses: frozenset[str]
    boolean: bool | None
    format: str | None


def requests() -> dict[str, list[Sent]]:
    """Return the requests of every test of the manifest by its name."""
    if not FOLDER.is_dir():
        return {}
    graph = rdflib.Graph().parse(FOLDER / "manifest.ttl", format="turtle")
    (entries,) = graph.objects(None, MF.entries)
    found = {}
    for entry in Collection(graph, entries):
        listed = graph.value(graph.value(entry, MF.action), HT.requests)
        assert listed is not None
        assert listed is not None
        found[str(entry).rpartition("#")[2]] = [_sent(graph, node) for node in Collection(graph, listed)]
    return found


def _sent(graph: rdflib.Graph, node: rdflib.term.Node) -> Sent:
    headers = graph.value(node, HT.headers)
    named = {
        str(graph.value(item, HT.fieldName)).lower(): str(graph.value(item, HT.fieldValue))
        for item in (Collection(graph, headers) if headers else ())
    }
    body, response = graph.value(node, HT.body), graph.value(node, HT.resp)
    encoding = str(graph.value(body, CNT.characterEncoding) or "utf-8")
    boolean, format_ = graph.value(response, MF.expectedBoolean), graph.value(response, MF.expectedFormat)
    return Sent(
        method=str(graph.value(node, HT.methodName)),
        query_string=str(graph.value(node, HT.absolutePath)).partition("?")[2],
        content_type=named.get("content-type"),
        body=str(graph.value(body, CNT.chars) or "").encode(encoding),
        statuses=frozenset(str(item)[-3] for item in graph.objects(response, MF.expectedStatus)),
        boolean=None if boolean is None else bool(boolean.toPython()),  # type: ignore[attr-defined]
        format=None if format_ is None else str(format_),
    )


TESTS = requests()


@pytest.fixture(scope="module")
def w3c(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Give the application over a snapshot whose store holds the test suite's named graphs."""
    data = tmp_path_factory.mktemp("w3c")
    shutil.copytree(sample_data / "snapshots", data / "snapshots", symlinks=True)
    path = data / "snapshots" / "current" / "store"
    shutil.rmtree(path)
    store = pyoxigraph.Store(str(path))
    for number in (1, 2, 3):
        graph = NamedNode(f"{DATA}data{number}.rdf")
        for quad in pyoxigraph.parse(path=FOLDER / f"data{number}.nt", format=RdfFormat.N_TRIPLES):
            store.add(Quad(quad.subject, quad.predicate, quad.object, graph))
    store.flush()
    del store
    app = create_app(Settings(data=data))
    yield app.test_client()
    with app.app_context():
        engine().close()


def test_the_manifest_holds_the_tests_we_claim() -> None:
    assert len(TESTS) == 34
    assert sum("update" not in name for name in TESTS) == 20


@pytest.mark.parametrize("name", TESTS)
def test_the_endpoint_passes(w3c: FlaskClient, name: str) -> None:
    is_update = name.startswith("update_")
    for sent in TESTS[name][:1] if is_update else TESTS[name]:
        reply = w3c.open(
            "/sparql/",
            query_string=sent.query_string,
            method=sent.method,
            data=sent.body,
            content_type=sent.content_type,
        )
        status = str(reply.status_code)[0]
        assert status == "4" if is_update else status in sent.statuses, reply.text
        if status != "2":
            continue
        if sent.format:
            assert reply.mimetype in FORMATS[sent.format]
        if sent.boolean is not None:
            assert json.loads(reply.data)["boolean"] is sent.boolean
