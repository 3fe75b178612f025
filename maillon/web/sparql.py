"""The SPARQL endpoint: SPARQL 1.1 Protocol, query operation.

Turns a request into one job for the query engine (``maillon.sparql``) and its answer into a response. No query is ever
evaluated in this process; updates are refused. What was asked stands in ``sparql_request``, the page for people in
``sparql_page``, the description of the endpoint in ``service_description``, the choice of a snapshot in ``memento``.

The status line waits for the first octets of the answer, so a failure has its right code, and its kind stands in the
header ``X-Maillon-Reason``: see STATUS. An answer that breaks off later has no final chunk (RFC 9112, section 8), and
its JSON or XML is left unclosed, so that nobody takes it for whole. A trailer field could say why, but gunicorn cannot
send one; the log has the reason.

HEAD, a conditional request whose tag is still right, and what the guard refuses never start a worker. HEAD answers from
what is known without evaluation: a query that turns out to be wrong at GET may be 200 at HEAD.
"""

import json
import time
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Blueprint, Response, current_app, g, request
from flask_babel import force_locale

from maillon.settings import Settings
from maillon.sparql.jobs import RECORDS as RECORDS_JOB
from maillon.sparql.jobs import TABLE, Job, QueryFailed
from maillon.sparql.text import guard, normal
from maillon.sparql.text.guard import Facts
from maillon.web import limits, memento, negotiation, repeated, service_description, sparql_page, sparql_request
from maillon.web.engine import ask, engine
from maillon.web.memento import Chosen
from maillon.web.negotiation import GRAPH_FORMS, HTML, RECORDS, RESULT_FORMS, Form
from maillon.web.sparql_request import Asked

STATUS: Final = {
    "refused": 400, "syntax": 400, "share": 429, "failed": 500, "busy": 503, "died": 503, "memory": 503, "size": 503,
    "time": 504,
}  # fmt: skip
"""Status of each kind of failure. 400: the query must change. 429: the client has its share. 503: no place now, or a
budget of the worker used up. 504: the time used up, by the worker behind this process."""
AGAIN: Final = {"busy": 5, "died": 5, "share": 5}
"""Seconds after which the same query may succeed (``Retry-After``); the other kinds would fail again."""
_PAGE_BYTES: Final = 8_000_000
_GRAPHS: Final = ("CONSTRUCT", "DESCRIBE")
_EXTENSIONS: Final = "any({})".format(", ".join(form.name for form in (*GRAPH_FORMS, *RESULT_FORMS, HTML)))

blueprint = Blueprint("sparql", __name__)
blueprint.after_request(negotiation.open_to_all)
blueprint.app_context_processor(lambda: {"sparql_service": service_description.service})


@dataclass(frozen=True, slots=True)
class _Question:
    """What was asked, with what the guard says of it and what answers it."""

    asked: Asked
    facts: Facts
    refused: QueryFailed | None
    form: Form
    chosen: Chosen

    @property
    def is_lasting(self) -> bool:
        """Whether the answer stays right for as long as the snapshot is served, and has an address."""
        return self.refused is None and normal.is_lasting(self.asked.query) and request.method != "POST"


@blueprint.route("/sparql", defaults={"extension": ""}, methods=["GET", "POST"], strict_slashes=False)
@blueprint.route(f"/sparql.<{_EXTENSIONS}:extension>", methods=["GET", "POST"])
def sparql(extension: str) -> Response:
    """Answer a query, or describe the endpoint where none is asked."""
    asked = sparql_request.parse(extension)
    return service_description.respond(extension) if asked is None else respond(asked)


@blueprint.get("/sparql/timemap")
@blueprint.get(f"/sparql.<{_EXTENSIONS}:extension>/timemap")
def timemap(extension: str = "") -> Response:
    """List the snapshots in which a query, or the description, can be asked."""
    return memento.timemap()


def respond(asked: Asked) -> Response:
    """Answer a query as if it had been sent to ``/sparql`` by this request.

    The caller's blueprint has ``negotiation.open_to_all`` among its ``after_request`` functions.
    """
    facts, refused = Facts(), None
    try:
        facts = guard.check(asked.query, current_app.config["MAILLON"].base_iri)
    except QueryFailed as failed:
        refused = failed
    form = _form(facts, asked.format)
    with memento.chosen(asked.snapshot) as chosen:
        question = _Question(asked, facts, refused, form, chosen)
        response = _response(question)
        response.headers.add("Link", f'<{_root()}.well-known/void>; rel="describedby"')
        memento.mark(response, chosen)
    if form is HTML or asked.labels:
        response.vary.add("Accept-Language")
    return response


def _root() -> str:
    return negotiation.root(current_app.config["MAILLON"])


def _form(facts: Facts, name: str) -> Form:
    """Return the form of the answer; for what has no form of query an error comes anyway."""
    if facts.form in _GRAPHS:
        return negotiation.negotiate((*GRAPH_FORMS, RECORDS, HTML), name)
    if facts.form:
        return negotiation.negotiate((*RESULT_FORMS, HTML), name)
    everything = (*RESULT_FORMS, *GRAPH_FORMS, HTML)
    header = request.headers.get("Accept", "")
    return (negotiation.named(everything, name) or negotiation.choose(everything, header)) or RESULT_FORMS[0]


def _job(asked: Asked, form: Form) -> Job:
    settings: Settings = current_app.config["MAILLON"]
    job = Job(
        query=asked.query,
        base_iri=f"{settings.base_iri}sparql",
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        bindings=asked.bindings,
        seconds=min(asked.seconds, settings.query_timeout),
    )
    if form is HTML:
        return replace(job, media_type=TABLE, labels=asked.labels, max_rows=sparql_page.MAX_ROWS, max_bytes=_PAGE_BYTES)
    if form is RECORDS:
        return replace(job, media_type=RECORDS_JOB, labels=asked.labels)
    if form in GRAPH_FORMS:
        return replace(job, rdf_media_type=form.media_type)
    return replace(job, media_type=form.media_type)


def _tag(question: _Question, job: Job) -> str:
    """Return the entity tag: the snapshot, the normal text of the query, and all else that shapes the octets."""
    manifest = question.chosen.snapshot.manifest
    parts: list[object] = [manifest.number, manifest.content, manifest.build, question.form.name]
    if question.form is HTML:
        parts += [question.asked.language, question.chosen.pinned, current_app.config["MAILLON_BUILD"]]
    return negotiation.tag(*parts, replace(job, query=normal.text(job.query), seconds=0.0))


def _response(question: _Question) -> Response:
    if question.refused is not None:
        return _failed(question, question.refused)
    job = _job(question.asked, question.form)
    entity_tag = _tag(question, job)
    if question.is_lasting and (unchanged := negotiation.unchanged(entity_tag)):
        return unchanged
    try:
        response = _answer(question, job)
    except QueryFailed as failed:
        return _failed(question, failed)
    if question.is_lasting:
        # Weak: workers write prefixes in an order of their own, and solutions without ORDER BY have none.
        response.set_etag(entity_tag, weak=True)
    return response


def _answer(question: _Question, job: Job) -> Response:
    """Return the answer, or for HEAD what is known of it without a worker. Raises QueryFailed."""
    content_type = question.form.content_type
    if request.method == "HEAD":
        return Response(iter(()), content_type=content_type)  # an iterator: its length is not known
    start = time.monotonic()
    answer = ask(question.chosen.snapshot, job)
    if question.form is not HTML:
        response = Response(answer, content_type=content_type)
        if answer.length is not None:  # it is there; what is being made is sent in chunks
            response.content_length = answer.length
            _offer(question, job, answer.length)
        return response
    try:
        table: dict[str, Any] = json.loads(b"".join(answer))
    finally:
        answer.close()
    return Response(_page(question, table, time.monotonic() - start), content_type=content_type)


def _offer(question: _Question, job: Job, octets: int) -> None:
    """Let an answer be sent again to whoever asks the same, while its snapshot is the current one."""
    settings: Settings = current_app.config["MAILLON"]
    chosen = question.chosen
    is_todays = question.is_lasting and not (chosen.pinned or chosen.dated)
    if settings.query_cache and is_todays and octets <= repeated.LONGEST:
        count = engine().again(chosen.snapshot, job, octets)
        repeated.offer(repeated.Mark(chosen.snapshot.number, limits.charge(), count))


def _page(question: _Question, table: dict[str, Any], elapsed: float, error: QueryFailed | None = None) -> str:
    """Return the page of an answer, or of why there is none, in the language asked for."""
    asked = question.asked
    forms = (*GRAPH_FORMS, RECORDS) if question.facts.form in _GRAPHS else RESULT_FORMS
    g.language = asked.language
    with force_locale(asked.language):
        return sparql_page.render(asked, question.chosen, forms, table, elapsed, error)


def failure(failed: QueryFailed) -> Response:
    """Return why there is no answer, as a plain text, with its status and reason."""
    text = str(failed)
    if STATUS[failed.kind] == 500:
        current_app.logger.error("A query failed: %s", text)
        text = "The query could not be answered; the administrators find the reason in the log."
    response = negotiation.message(STATUS[failed.kind], text)
    response.headers["X-Maillon-Reason"] = failed.kind
    if failed.kind in AGAIN:
        response.headers["Retry-After"] = str(AGAIN[failed.kind])
    return response


def _failed(question: _Question, failed: QueryFailed) -> Response:
    """Return why there is no answer, as a page where one is wanted."""
    response = failure(failed)
    if question.form is HTML:
        shown = QueryFailed(failed.kind, response.get_data(as_text=True).rstrip(), failed.hints)
        response.set_data(_page(question, sparql_page.EMPTY, 0.0, shown))
        response.content_type = HTML.content_type
    return response
