"""The operator's private working graph over HTTP: SPARQL query and update, and the Graph Store Protocol with writes.

SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/) at ``/working/sparql``, Graph Store Protocol
(https://www.w3.org/TR/sparql11-http-rdf-update/) at ``/working/graphs``; only with the setting ``operator_token`` as
bearer token (RFC 6750), and absent where that is empty. The store is that of ``maillon.sparql.working.graph``: what is
published is neither read nor written here. Scripts of other sites may not read the answers.
"""

import os
import uuid
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, request
from pyoxigraph import BlankNode, NamedNode, Triple

from maillon.settings import Settings
from maillon.sparql.jobs import Answer, Job, QueryFailed
from maillon.sparql.text import guard
from maillon.sparql.working.graph import Update, Upload, WorkingGraph
from maillon.vocabulary import TYPE
from maillon.web import negotiation, operator, working_requests
from maillon.web.negotiation import CSV, JSON, RDF_FORMS, TSV, XML, Form
from maillon.web.working_requests import Operation

_RESULT_FORMS: Final = (JSON, XML, CSV, TSV)
_RETRY: Final = 5
_STATUS: Final = {"refused": 400, "syntax": 400, "failed": 500}
_METHODS: Final = ["GET", "PUT", "POST", "DELETE"]
_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_DESCRIBED: Final = {
    "supportedLanguage": (f"{_SD}SPARQL11Query", f"{_SD}SPARQL11Update"),
    "resultFormat": tuple(
        _FORMATS + name
        for name in ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
    ),
    "inputFormat": tuple(_FORMATS + name for name in ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")),
}

blueprint = Blueprint("working", __name__)


def working_graph() -> WorkingGraph:
    """Return the working graph of this process, made at the first use so that a fork never carries it over."""
    settings: Settings = current_app.config["MAILLON"]
    name = f"maillon.working.{os.getpid()}"
    found: WorkingGraph = current_app.extensions.setdefault(name, WorkingGraph(settings))
    return found


@blueprint.before_request
def _only_the_operator() -> Response | None:
    """Let only those pass who have the operator's token."""
    if not current_app.config["MAILLON"].operator_token:
        abort(404)
    if operator.is_operator("bearer"):
        return None
    problem = ', error="invalid_token"' if request.headers.get("Authorization") else ""
    response = negotiation.message(401, "Send the header Authorization: Bearer with the setting operator_token.")
    response.headers["WWW-Authenticate"] = f'Bearer realm="working graph"{problem}'
    return response


@blueprint.after_request
def _keep_private(response: Response) -> Response:
    for name in [item for item in response.headers.keys() if item.startswith("Access-Control-")]:  # noqa: SIM118
        del response.headers[name]
    response.headers["Cache-Control"] = "no-store"
    if response.status_code in (201, 204):
        del response.headers["Content-Type"]  # there is no content
    response.vary.add("Authorization")
    return response


@blueprint.errorhandler(QueryFailed)
def _failed(failed: QueryFailed) -> Response:
    response = negotiation.message(_STATUS.get(failed.kind, 503), str(failed))
    if response.status_code == 503:
        response.headers["Retry-After"] = str(_RETRY)
    elif response.status_code == 500:
        current_app.logger.error("The working graph failed: %s", failed)
    return response


def _root() -> str:
    return f"{negotiation.root(current_app.config['MAILLON'])}working/"


@blueprint.route("/working/sparql", methods=["GET", "POST"], strict_slashes=False)
def sparql() -> Response:
    """Answer a query, run an update, or describe the endpoint where nothing is asked."""
    asked = working_requests.operation()
    if asked.kind == "update":
        update = Update(
            text=asked.text.encode(),
            base_iri=f"{_root()}sparql",
            using=asked.graphs,
            using_named=asked.named_graphs,
        )
        working_graph().update(update)
        return Response(status=204)
    return _answer(asked) if asked.kind else _description(asked.format)


def _answer(asked: Operation) -> Response:
    facts = guard.check(asked.text)
    is_rdf = facts.form in ("CONSTRUCT", "DESCRIBE")
    form = negotiation.negotiate(RDF_FORMS if is_rdf else _RESULT_FORMS, asked.format)
    job = Job(
        query=asked.text,
        media_type=JSON.media_type if is_rdf else form.media_type,
        rdf_media_type=form.media_type if is_rdf else RDF_FORMS[0].media_type,
        base_iri=f"{_root()}sparql",
        default_graphs=asked.graphs,
        named_graphs=asked.named_graphs,
    )
    return _response(working_graph().query(job), form)


def _response(answer: Answer, form: Form) -> Response:
    response = Response(answer, content_type=form.content_type)
    response.call_on_close(answer.close)
    response.vary.add("Accept")
    return response


def _description(format_: str) -> Response:
    """Describe the endpoint (https://www.w3.org/TR/sparql11-service-description/)."""
    service, dataset, default = NamedNode(f"{_root()}sparql"), BlankNode("dataset"), BlankNode("default")
    triples = [
        Triple(service, TYPE, _sd("Service")),
        Triple(service, _sd("endpoint"), service),
        Triple(service, _sd("defaultDataset"), dataset),
        Triple(dataset, TYPE, _sd("Dataset")),
        Triple(dataset, _sd("defaultGraph"), default),
        Triple(default, TYPE, _sd("Graph")),
    ]
    triples += [Triple(service, _sd(name), NamedNode(iri)) for name, iris in _DESCRIBED.items() for iri in iris]
    return negotiation.graph(triples, negotiation.negotiate(RDF_FORMS, format_))


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)


@blueprint.route("/working/graphs", methods=_METHODS, strict_slashes=False)
def graphs() -> Response:
    """Read or write the graph that ``?graph=`` or ``?default`` names; make one by POST where neither does."""
    name = working_requests.graph()
    if name is not None:
        return _graph(name)
    if request.method != "POST":
        negotiation.refuse(400, "Name a graph: ?graph= with its absolute IRI, or ?default.")
    return _graph(f"{_root()}graphs/{uuid.uuid4().hex}")


@blueprint.route("/working/graphs/<path:name>", methods=_METHODS)
def direct(name: str) -> Response:
    """Read or write the graph whose IRI is the address of the request."""
    if request.query_string:
        negotiation.refuse(400, "The address names the graph: leave the parameters out.")
    return _graph(f"{_root()}graphs/{quote(name, safe='/~!$&()*+,;=:@')}")


def _graph(name: str) -> Response:
    """Do what the method says with a graph, empty for the default graph."""
    if request.method in ("PUT", "POST"):
        return _write(name)
    if request.method == "DELETE":
        if not working_graph().remove(name):
            negotiation.refuse(404, f"There is no graph <{name}>.")
        return Response(status=204)
    form = negotiation.negotiate(RDF_FORMS)
    answer = working_graph().read(name, form.media_type)
    if answer is None:
        negotiation.refuse(404, f"There is no graph <{name}>.")
    return _response(answer, form)


def _write(name: str) -> Response:
    upload = Upload(
        graph=name,
        documents=working_requests.documents(),
        base_iri=name or f"{_root()}graphs",
        replaces=request.method == "PUT",
    )
    response = Response(status=204)
    if working_graph().write(upload):
        response.status_code = 201
        response.headers["Location"] = name if name.startswith(_root()) else _address(name)
    return response


def _address(name: str) -> str:
    return f"{_root()}graphs?graph={quote(name, safe='')}"
