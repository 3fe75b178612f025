"""Short permanent addresses of queries: ``POST /q`` gives one, ``/q/<name>`` answers as ``/sparql`` would.

``/q/<name>/<snapshot>`` answers for ever from one snapshot, for as long as it is kept. The answer is negotiated
(SPARQL 1.1 Protocol): people get the page of results, programs the form that they ask for, by ``Accept``, ``format``
or extension. Names and file are those of ``maillon.sparql.saved.short``.
"""

import sqlite3
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, request

from maillon.settings import LANGUAGES, Settings
from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.saved.short import Kept, Queries, QueryNotKept
from maillon.sparql.text import guard
from maillon.web import memento, negotiation, sparql, sparql_request
from maillon.web.current import snapshot
from maillon.web.engine import engine
from maillon.web.negotiation import GRAPH_FORMS, HTML, RESULT_FORMS, Form
from maillon.web.sparql_request import Values

_EXTENSIONS: Final = "any({})".format(", ".join(form.name for form in (*GRAPH_FORMS, *RESULT_FORMS, HTML)))
_STATUS: Final = {"large": 413, "full": 507, "closed": 503}
_NAMED: Final = Form("json", "application/json")
_AGAIN: Final = 60
_CURRENT: Final = "current"
"""What ``snapshot`` may be instead of a number: that of today."""

blueprint = Blueprint("short_queries", __name__)
blueprint.after_request(negotiation.open_to_all)


def _queries() -> Queries:
    settings: Settings = current_app.config["MAILLON"]
    return Queries(settings.data, settings.base_iri)


def _pinned(values: Values) -> int | None:
    """Return the snapshot that a new address names, None for none; ends the request with 404 where it is not kept."""
    wanted = sparql_request.first(values, "snapshot")
    if wanted == _CURRENT:
        return snapshot().snapshot.number
    number = sparql_request.snapshot_number(wanted)
    with memento.chosen(number):
        return number


def _keep(values: Values) -> str:
    queries = values.get("query", [])
    if len(queries) != 1:
        negotiation.refuse(400, f"Send exactly one query parameter; there are {len(queries)}.")
    graphs = (sparql_request.graphs(values, f"{kind}-graph-uri") for kind in ("default", "named"))
    try:
        _check(queries[0])
        return _queries().put(queries[0], *graphs)
    except QueryFailed as refused:
        negotiation.refuse(400, str(refused))
    except QueryNotKept as error:
        response = negotiation.message(_STATUS[error.reason], str(error))
        if error.reason == "closed":
            current_app.logger.warning("Permanent links cannot be written: %s", error.__cause__)
            response.headers["Retry-After"] = str(_AGAIN)
        abort(negotiation.open_to_all(response))


def _check(query: str) -> None:
    """Refuse a query that could never be answered: its address would be good for nothing. Raises QueryFailed."""
    base_iri = current_app.config["MAILLON"].base_iri
    guard.check(query, base_iri)
    engine().check(snapshot().snapshot, Job(query=query, base_iri=f"{base_iri}sparql"))


@blueprint.post("/q")
def keep() -> Response:
    """Keep a query: 303 to its address for a browser, 201 with the address for a program."""
    values = sparql_request.received({sparql_request.QUERY: "query"})
    number = _pinned(values)
    name = _keep(values)
    place = f"q/{name}" + (f"/{number}" if number is not None else "")
    address = f"{negotiation.root(current_app.config['MAILLON'])}{place}"
    form = negotiation.choose((_NAMED, HTML), request.headers.get("Accept", ""))
    if form is HTML:
        language = sparql_request.first(values, "lang")
        language = f"?lang={language}" if language in LANGUAGES else ""
        return redirect(f"{request.script_root}/{place}{language}", 303)  # type: ignore[return-value]  # Flask's own
    response = jsonify({"name": name, "address": address, "snapshot": number})
    response.status_code = 201
    response.headers["Location"] = address
    return response


def _found(name: str) -> Kept:
    try:
        kept = _queries().find(name)
    except sqlite3.Error:
        current_app.logger.exception("Permanent links cannot be read")
        return negotiation.refuse(503, "Permanent links cannot be read now. Try again later.")
    if kept is None:
        negotiation.refuse(404, f"No query is kept under the name {name[:60]!r}. Ask whoever gave you the address.")
    return kept


@blueprint.get("/q/<name>")
@blueprint.get(f"/q/<name>.<{_EXTENSIONS}:extension>")
@blueprint.get("/q/<name>/<int:number>")
@blueprint.get(f"/q/<name>/<int:number>.<{_EXTENSIONS}:extension>")
def answer(name: str, extension: str = "", number: int | None = None) -> Response:
    """Answer a kept query, from today's snapshot or from one that the address names."""
    kept = _found(name)
    values = sparql_request.received({})
    asked = sparql_request.asked(values, kept.query, extension)
    if number is not None and asked.snapshot not in (None, number):
        negotiation.refuse(400, f"The address names the snapshots {number} and {asked.snapshot}: leave one out.")
    asked = replace(
        asked,
        default_graphs=kept.default_graphs,
        named_graphs=kept.named_graphs,
        snapshot=number if number is not None else asked.snapshot,
    )
    response = sparql.respond(asked)
    if number is not None:  # the original, of which this is a memento, is the address without the snapshot
        links = [link.replace(f"/q/{name}/{number}", f"/q/{name}") for link in response.headers.getlist("Link")]
        response.headers.setlist("Link", links)
    return response


@blueprint.get("/q/<name>/timemap")
@blueprint.get(f"/q/<name>.<{_EXTENSIONS}:extension>/timemap")
def timemap(name: str, extension: str = "") -> Response:
    """List the snapshots in which a kept query can be asked."""
    _found(name)
    return memento.timemap()
