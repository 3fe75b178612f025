"""Whole graphs by HTTP: the reading half of the SPARQL 1.1 Graph Store HTTP Protocol.

Turns ``/graphs?default``, ``/graphs?graph=<IRI>`` and, for our own graphs beside the catalogue, the graph's IRI itself
(section 4.1: direct identification) into all triples of one graph of a snapshot. A query worker streams them. The named
graph of a table keeps leading to the document about the table; its rows come by ``/graphs?graph=``.

Writing answers 405: what is published comes from harvesting only.
"""

from typing import Final

from flask import Blueprint, Response, current_app, request

from maillon.settings import Settings
from maillon.sparql import whole_graph
from maillon.sparql.jobs import Job, QueryFailed
from maillon.store.snapshots import Snapshot
from maillon.web import memento, negotiation, sparql, sparql_request
from maillon.web.engine import ask
from maillon.web.negotiation import GRAPH_FORMS, Form

DIRECT: Final = ("findings", "provenance", "copies", "quality", "quality-history")
"""Names under ``/graph/`` of the graphs that have no document of their own."""
_METHODS: Final = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH")
_READING: Final = "GET, HEAD, OPTIONS"

blueprint = Blueprint("graph_store", __name__)
blueprint.after_request(negotiation.open_to_all)


def _unless_reading() -> Response | None:
    """Return what is allowed, with 405 for a request that writes; None for one that reads."""
    if request.method in ("GET", "HEAD"):
        return None
    response = Response(status=200)
    if request.method != "OPTIONS":
        response = negotiation.message(405, "The published graphs are read-only: they come from harvesting alone.")
    response.headers["Allow"] = _READING
    return response


@blueprint.route("/graphs", methods=_METHODS, strict_slashes=False)
def graphs() -> Response:
    """Answer the graph that ``?default`` or ``?graph=`` names."""
    if answer := _unless_reading():
        return answer
    values = sparql_request.received({})
    names, is_default = sparql_request.graphs(values, "graph"), "default" in values
    if len(names) + is_default != 1:
        negotiation.refuse(400, "Name one graph: /graphs?default, or /graphs?graph= with the IRI of a named graph.")
    return _respond(next(iter(names), ""), values)


@blueprint.route("/graph/<any({}):name>".format(", ".join(f'"{name}"' for name in DIRECT)), methods=_METHODS)
def direct(name: str) -> Response:
    """Answer a graph at its own IRI."""
    if answer := _unless_reading():
        return answer
    settings: Settings = current_app.config["MAILLON"]
    return _respond(f"{settings.base_iri}graph/{name}", sparql_request.received({}))


@blueprint.get("/graphs/timemap")
def timemap() -> Response:
    """List the snapshots in which a graph can be read."""
    return memento.timemap()


def _respond(iri: str, values: sparql_request.Values) -> Response:
    number = sparql_request.snapshot_number(sparql_request.first(values, "snapshot"))
    form = negotiation.negotiate(GRAPH_FORMS, sparql_request.first(values, "format"))
    with memento.chosen(number) as chosen:
        if iri and not memento.has_graph(chosen.snapshot, iri):
            text = f"Snapshot {chosen.snapshot.number} has no graph <{iri}>. GET /sparql lists those that it has."
            negotiation.refuse(404, text)
        response = _graph(chosen.snapshot, iri, form)
        memento.mark(response, chosen)
    return response


def _graph(snapshot: Snapshot, iri: str, form: Form) -> Response:
    """Return a graph, without a worker where the client has it already or wants to know of it only."""
    settings: Settings = current_app.config["MAILLON"]
    manifest = snapshot.manifest
    entity_tag = negotiation.tag(manifest.number, manifest.content, manifest.build, "graph", iri, form.name)
    if unchanged := negotiation.unchanged(entity_tag):
        return unchanged
    job = Job(
        query=whole_graph.QUERY,
        rdf_media_type=form.media_type,
        base_iri=f"{settings.base_iri}sparql",
        default_graphs=(iri,) if iri else (),
    )
    try:
        octets = ask(snapshot, job) if request.method == "GET" else iter(())
    except QueryFailed as failed:
        return sparql.failure(failed)
    response = Response(octets, content_type=form.content_type)
    response.set_etag(entity_tag, weak=True)
    return response
