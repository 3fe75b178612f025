"""pySHACL, the reference, on the published feed of the samples: it finds what Maillon says it found."""

from pathlib import Path

import pyshacl
import pytest
from click.testing import CliRunner
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, RDF, SH

from maillon import paths
from maillon.cli import main
from maillon.settings import Settings
from maillon.store import snapshots
from maillon.store.documents import Documents
from maillon.validation import marks
from maillon.web import create_app

SERVED = "urn:maillon:shape:data-service-serves-dataset"
"""A page of the feed leaves out which datasets a service serves, for it carries only some of them."""
HYDRA_NEXT = URIRef("http://www.w3.org/ns/hydra/core#next")


def feed(settings: Settings) -> Graph:
    """Read all pages of the feed as a portal does."""
    client, graph, address = create_app(settings).test_client(), Graph(), "/catalog.ttl?limit=25"
    while address:
        page = Graph().parse(data=client.get(address).data, format="turtle")
        following = next(page.objects(None, HYDRA_NEXT), None)
        address = "/" + str(following).split("/", 3)[3] if following else ""
        graph += page
    return graph


def reference(graph: Graph) -> set[tuple[str, str, str, str]]:
    """Return focus node, severity, component and shape of every result of pySHACL."""
    shapes = Graph()
    for path in paths.SHAPES.glob("*.ttl"):
        shapes.parse(path)
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none", advanced=False)
    assert isinstance(report, Graph)
    return {
        (
            str(report.value(result, SH.focusNode)),
            str(report.value(result, SH.resultSeverity)).removeprefix(str(SH)),
            str(report.value(result, SH.sourceConstraintComponent)),
            str(report.value(result, SH.sourceShape)),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own, inside pySHACL
def test_pyshacl_on_the_published_sample_feed_finds_what_we_found(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    for command in ("harvest", "publish"):
        assert CliRunner().invoke(main, [command, "--data", str(tmp_path)]).exit_code == 0
    with snapshots.open_current(settings.snapshots) as snapshot:
        documents = Documents(snapshot.documents)
        ours = {
            (found.focus, found.severity, found.component, found.shape)
            for document in documents.dump()
            for found in document.findings
        }
        added = {document.iri for document in documents.dump() if not document.source}
        documents.close()
    graph = feed(settings)
    graph.parse(data=marks.marked(graph.serialize(format="nt")), format="nt")
    catalogs = {str(node) for node in graph.subjects(RDF.type, DCAT.Catalog)} | added
    carried = {str(node) for node in graph.subjects()} - catalogs
    found = reference(graph)
    assert {item for item in ours if item[0] in carried} == {
        item for item in found if item[0] in carried and item[3] != SERVED
    }
    assert len([item for item in ours if item[0] in carried]) > 0.9 * len(ours)
    # What publishing itself adds may lack something recommended, but breaks no rule.
    assert "Violation" not in {item[1] for item in found if item[0] in catalogs}
