"""The saved queries for programs: ``/api/queries`` lists them, ``/api/queries/<name>`` answers one.

Turns the parameters of an address into terms (``maillon.sparql.saved.queries``) and answers as ``/sparql`` would. A
SELECT comes as flat records (JSON) where the client has no wish of its own or asks for ``application/json``; the
results of the SPARQL 1.1 standards by their media types, ``format`` or extension. A browser is sent to the page of the
query.
"""

from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Response, current_app, jsonify, redirect, request, url_for

from maillon.settings import Settings
from maillon.sparql.saved.parameters import Parameter, ValueRefused
from maillon.sparql.saved.queries import Saved, saved
from maillon.web import headers, languages, memento, negotiation, openapi, sparql, sparql_request
from maillon.web.negotiation import CSV, GRAPH_FORMS, HTML, RECORDS, RESULT_FORMS, TSV, XML, Form
from maillon.web.sparql_request import Values

_EXTENSIONS: Final = "any({})".format(", ".join(form.name for form in (*GRAPH_FORMS, *RESULT_FORMS, HTML)))
_PLAIN_JSON: Final = Form("json", "application/json")
_BY_ACCEPT: Final = (
    Form(RECORDS.name, "application/json"), Form("json", "application/sparql-results+json"), XML, CSV, TSV, HTML,
)  # fmt: skip
"""What a SELECT is offered in: the records first, under the media type that they are sent as."""

blueprint = Blueprint("saved_queries", __name__, url_prefix="/api")
blueprint.after_request(negotiation.open_to_all)


def root() -> str:
    """Return what the absolute addresses of the API start with, ending with a slash."""
    return negotiation.root(current_app.config["MAILLON"])


def example(item: Parameter) -> str:
    """Return a value to try; the IRIs of the files are those of a catalogue that has kept the base IRI as it comes."""
    settings: Settings = current_app.config["MAILLON"]
    own = Settings.base_iri
    return settings.base_iri + item.example.removeprefix(own) if item.example.startswith(own) else item.example


def find(name: str) -> Saved:
    """Return a saved query; ends the request with 404 where there is none of this name."""
    known = saved()
    if name not in known:
        negotiation.refuse(404, f"There is no saved query {name[:60]!r}. There are: {', '.join(known)}.")
    return known[name]


def given(values: Values) -> list[tuple[str, str]]:
    """Return the parameters of a request as pairs."""
    return [(name, value) for name, several in values.items() for value in several]


def _parameter(item: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {"name": item.name, "type": item.type, "label": item.labels or openapi.PAGING[item.name]}
    found |= {"example": example(item)}
    found |= {"default": item.default} if item.default is not None else {}
    found |= {"values": item.values} if item.values else {}
    return found


def _entry(item: Saved) -> dict[str, Any]:
    return {
        "name": item.name,
        "title": item.titles,
        "form": item.form,
        "address": f"{root()}api/queries/{item.name}",
        "pages": {code: f"{root()}{code}/queries/{item.name}" for code in languages.NAMES},
        "parameters": [_parameter(known) for known in (*item.parameters, *item.paging)],
    }


def _lasting(response: Response) -> Response:
    """Give a description its tag: it changes with the program only."""
    response.set_etag(negotiation.tag(current_app.config["MAILLON_BUILD"], request.path), weak=True)
    response.headers["Cache-Control"] = f"public, max-age={headers.PAGE_SECONDS}"
    return response.make_conditional(request)  # type: ignore[return-value]  # Flask's own Response


def _to_page(endpoint: str, name: str = "") -> Response:
    """Send a browser to the page in its language, with the same parameters."""
    place = {"name": name} if name else {}
    address = url_for(endpoint, language=languages.preferred(), **place)  # type: ignore[arg-type]  # _external is not in it
    query = request.query_string.decode("ascii", "ignore")
    response = redirect(address + (f"?{query}" if query else ""), 303)
    response.vary.add("Accept-Language")
    return response  # type: ignore[return-value]  # Flask's own Response


@blueprint.get("")
def start() -> Response:
    """Lead from ``/api`` to the page that explains it."""
    return _to_page("pages.api")


@blueprint.get("/openapi.json")
def description() -> Response:
    """Describe the API (OpenAPI 3.1)."""
    settings: Settings = current_app.config["MAILLON"]
    return _lasting(jsonify(openapi.document(settings, root(), saved().values(), example)))


@blueprint.get("/queries")
def listing() -> Response:
    """List the saved queries with their parameters."""
    if negotiation.negotiate((_PLAIN_JSON, HTML), request.args.get("format", "")) is HTML:
        return _to_page("pages.queries")
    return _lasting(jsonify([_entry(item) for item in saved().values()]))


def _form(item: Saved, name: str) -> str:
    """Return the name of the form of an answer; empty where ``/sparql`` would choose the same or refuse."""
    graph = item.form in ("CONSTRUCT", "DESCRIBE")
    known = (*GRAPH_FORMS, RECORDS, HTML) if graph else (*RESULT_FORMS, HTML)
    if negotiation.named((*GRAPH_FORMS, *RESULT_FORMS, HTML), name) is not None:
        form = negotiation.named(known, name)
        return form.name if form is not None else name
    chosen = negotiation.choose(known if graph else _BY_ACCEPT, request.headers.get("Accept", ""))
    return chosen.name if chosen is not None else ""


@blueprint.get("/queries/<name>")
@blueprint.get(f"/queries/<name>.<{_EXTENSIONS}:extension>")
def answer(name: str, extension: str = "") -> Response:
    """Answer a saved query with the values of the address."""
    item = find(name)
    values = sparql_request.received({})
    form = _form(item, extension or sparql_request.first(values, "format"))
    if form == HTML.name:
        return _to_page("pages.saved_query", name=name)
    try:
        question = item.question(given(values))
    except ValueRefused as error:
        negotiation.refuse(400, str(error))
    asked = sparql_request.asked(values, question.text)
    return sparql.respond(replace(asked, format=form, bindings=question.bindings, default_graphs=(), named_graphs=()))


@blueprint.get("/queries/<name>/timemap")
@blueprint.get(f"/queries/<name>.<{_EXTENSIONS}:extension>/timemap")
def timemap(name: str, extension: str = "") -> Response:
    """List the snapshots in which a saved query can be asked."""
    find(name)
    return memento.timemap()
