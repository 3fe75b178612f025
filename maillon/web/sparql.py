"""The SPARQL endpoint: SPARQL 1.1 Protocol, query operation, and SPARQL 1.1 Service Description.

Turns a request into one job for the query engine (``maillon.sparql``) and its answer into a response. No query is ever
evaluated in this process; updates are refused. The status line waits for the first octets of the answer, so an
error has its right code: 400 the query must change, 503 a budget was used up. An answer that breaks off later breaks
the chunked body, so that nobody takes it for whole.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, current_app, g, render_template, request
from flask_babel import force_locale
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon import identifiers
from maillon.settings import LANGUAGES, Settings
from maillon.sparql import guard
from maillon.sparql.guard import Facts
from maillon.sparql.jobs import TABLE, Job, QueryFailed
from maillon.vocabulary import TYPE, term
from maillon.web import described, display, languages, negotiation
from maillon.web.current import snapshot
from maillon.web.engine import engine
from maillon.web.negotiation import HTML, RDF_FORMS, RESULT_FORMS, Form
from maillon.web.texts import Text
from maillon.web.wording import _

MAX_ROWS: Final = 1000
"""Rows that the page of results shows."""
_PAGE_BYTES: Final = 8_000_000
MAX_BODY: Final = 1_000_000
"""Octets of a request."""
_RETRY: Final = 10
_STATUS: Final = {"refused": 400, "syntax": 400, "failed": 500}
_CHANGING: Final = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}
_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_FORMAT_NAMES: Final = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "N-Triples",
    "RDF_XML", "JSON-LD",
)  # fmt: skip
_COMMENT: Final = (
    "Read-only. The public graph is the default graph; findings and provenance are in named graphs. Literals come in "
    "the normal form of their datatype (1.50 as 1.5): documents and feed have them as their source wrote them. SERVICE "
    "is not offered. Prefixes of the vocabularies used are predeclared. One query may take {seconds:g} seconds and "
    "{octets} octets."
)

blueprint = Blueprint("sparql", __name__)
blueprint.after_request(negotiation.open_to_all)


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a query operation, whichever way they came."""

    query: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str
    language: str


def _decoded(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        negotiation.refuse(400, f"The {what} is not UTF-8.")


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        negotiation.refuse(400, "The parameters are not URL-encoded UTF-8.")


def _parameters() -> list[tuple[str, str]]:
    """Return all parameters of the request, the query among them."""
    found = _pairs(_decoded(request.query_string, "address"))
    if request.method != "POST":
        return found
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        negotiation.refuse(400, f"The body is declared as {charset}: send UTF-8.")
    if (request.content_length or 0) > MAX_BODY:
        negotiation.refuse(413, f"The request has more than {MAX_BODY} octets.")
    body = _decoded(request.stream.read(MAX_BODY), "body")
    if request.mimetype == "application/x-www-form-urlencoded":
        return found + _pairs(body)
    if request.mimetype == "application/sparql-query":
        return [*found, ("query", body)]
    if request.mimetype == "application/sparql-update":
        negotiation.refuse(400, "Updates are refused: this endpoint is read-only.")
    return negotiation.refuse(415, "Send application/x-www-form-urlencoded with query=, or application/sparql-query.")


def _asked(parameters: list[tuple[str, str]]) -> Asked | None:
    """Return the query operation of the parameters, None where they ask nothing."""
    values = {name: tuple(value for key, value in parameters if key == name) for name, _ in parameters}
    if "update" in values:
        negotiation.refuse(400, "Updates are refused: this endpoint is read-only.")
    queries = values.get("query", ())
    if not queries and request.method != "POST":
        return None
    if len(queries) != 1:
        negotiation.refuse(400, f"Send exactly one query parameter; there are {len(queries)}.")
    graphs = values.get("default-graph-uri", ()), values.get("named-graph-uri", ())
    for iri in (*graphs[0], *graphs[1]):
        if not identifiers.is_absolute(iri):
            negotiation.refuse(400, f"The graph {iri!r} is not an absolute IRI.")
    language = next(iter(values.get("lang", ())), "")
    return Asked(
        queries[0],
        *graphs,
        next(iter(values.get("format", ())), ""),
        language if language in LANGUAGES else languages.preferred(),
    )


@blueprint.route("/sparql", methods=["GET", "POST"], strict_slashes=False)
def sparql() -> Response:
    """Answer a query, or describe the endpoint where none is asked."""
    asked = _asked(_parameters())
    if asked is None:
        return _description()
    facts = Facts()
    refused: QueryFailed | None = None
    try:
        facts = guard.check(asked.query)
    except QueryFailed as failed:
        refused = failed
    form = _form(facts, asked.format)
    if form is HTML:
        return _page(asked, facts, refused)
    return _failed(refused) if refused is not None else _answer(asked, facts, form)


def _form(facts: Facts, name: str) -> Form:
    """Return the form of the answer; for what has no form of query an error comes anyway."""
    if facts.form in ("CONSTRUCT", "DESCRIBE"):
        return negotiation.negotiate((*RDF_FORMS, HTML), name)
    if facts.form:
        return negotiation.negotiate((*RESULT_FORMS, HTML), name)
    everything = (*RESULT_FORMS, *RDF_FORMS, HTML)
    header = request.headers.get("Accept", "")
    return (negotiation.named(everything, name) or negotiation.choose(everything, header)) or RESULT_FORMS[0]


def _job(asked: Asked, form: Form) -> Job:
    job = Job(
        query=asked.query,
        base_iri=f"{current_app.config['MAILLON'].base_iri}sparql",
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        max_rows=MAX_ROWS,
    )
    if form is HTML:
        return replace(job, media_type=TABLE, max_bytes=_PAGE_BYTES)
    if form in RDF_FORMS:
        return replace(job, rdf_media_type=form.media_type)
    return replace(job, media_type=form.media_type)


def _answer(asked: Asked, facts: Facts, form: Form) -> Response:
    published = snapshot()
    job = _job(asked, form)
    entity_tag = negotiation.tag(published.snapshot.number, published.snapshot.manifest.content, job)
    lasting = not facts.words & _CHANGING and request.method != "POST"
    if lasting and (unchanged := negotiation.unchanged(entity_tag)):
        return unchanged
    try:
        answer = engine().ask(published.snapshot, job)
    except QueryFailed as failed:
        return _failed(failed)
    response = Response(answer, content_type=form.content_type)
    if lasting:
        response.set_etag(entity_tag, weak=True)
    response.headers["Link"] = f'<{negotiation.root(current_app.config["MAILLON"])}.well-known/void>; rel="describedby"'
    return response


def _failed(failed: QueryFailed) -> Response:
    status, text = _STATUS.get(failed.kind, 503), str(failed)
    if status == 500:
        current_app.logger.error("A query failed: %s", text)
        text = "The query could not be answered; the administrators find the reason in the log."
    response = negotiation.message(status, text)
    if response.status_code == 503:
        response.headers["Retry-After"] = str(_RETRY)
    return response


@dataclass(frozen=True, slots=True)
class Cell:
    """One term of a row.

    Attributes:
        text: The literal's text, or the IRI, shortened where a prefix is known.
        href: Address to follow, empty for what has none.
        lang: Language of the text, empty where it has none.
    """

    text: str
    href: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """What ``templates/pages/sparql_results.html`` shows.

    Attributes:
        query: The query asked.
        columns: Names of the variables, empty for ASK; subject, predicate, object for RDF.
        rows: Cells of each row, one a column; at most MAX_ROWS.
        truncated: Whether there are more rows.
        elapsed: Seconds that the answer took.
        downloads: Pairs of name and address of the whole answer in other forms.
        error: Why there is no answer, in the visitor's language where a budget was used up; None where there is one.
    """

    query: str
    columns: list[str]
    rows: list[list[Cell]]
    truncated: bool
    elapsed: float
    downloads: list[tuple[str, str]]
    error: Text | None


def _cell(term_: dict[str, str] | None) -> Cell:
    if term_ is None:
        return Cell("")
    text = term_["text"]
    if term_["type"] != "iri":
        return Cell(text, lang=term_.get("lang", ""))
    own = text.removeprefix(current_app.config["MAILLON"].base_iri)
    is_own = own != text and own.startswith(("id/", ".well-known/genid/"))
    href = f"{request.script_root}/{own}" if is_own else display.followed(text)
    return Cell(described.compact(text), href)


def _table(asked: Asked) -> dict[str, Any]:
    """Return the first rows of an answer. Raises QueryFailed."""
    answer = engine().ask(snapshot().snapshot, _job(asked, HTML))
    try:
        table: dict[str, Any] = json.loads(b"".join(answer))
    finally:
        answer.close()
    return table


def _downloads(asked: Asked, facts: Facts) -> Iterator[tuple[str, str]]:
    parameters = [("query", asked.query)]
    parameters += [("default-graph-uri", iri) for iri in asked.default_graphs]
    parameters += [("named-graph-uri", iri) for iri in asked.named_graphs]
    for form in RDF_FORMS if facts.form in ("CONSTRUCT", "DESCRIBE") else RESULT_FORMS:
        yield form.name, f"{request.script_root}/sparql?{urlencode([*parameters, ('format', form.name)])}"


def _explained(failed: QueryFailed, response: Response) -> Text:
    """Return in the visitor's language which budget was used up; what is wrong with a query stays in English."""
    seconds = f"{current_app.config['MAILLON'].query_timeout:g}"
    known = {
        "time": _("The query was stopped after %(seconds)s seconds. Ask for less, or add a LIMIT.", seconds=seconds),
        "memory": _("The query used up its memory. Ask for less, or for smaller parts."),
        "size": _("The answer is too large for a page. Ask for less, or add a LIMIT."),
        "busy": _("Too many queries are running now. Try again in some seconds."),
    }
    english = response.get_data(as_text=True).strip()
    return Text(known[failed.kind]) if failed.kind in known else Text(english, "en")


def _page(asked: Asked, facts: Facts, failed: QueryFailed | None) -> Response:
    """Return the first rows, or why there are none, as a page for people in the language asked for."""
    start = time.monotonic()
    table: dict[str, Any] = {"columns": [], "rows": [], "truncated": False}
    try:
        table = _table(asked) if failed is None else table
    except QueryFailed as error:
        failed = error
    response = Response() if failed is None else _failed(failed)
    g.language = asked.language
    page = ResultsPage(
        query=asked.query,
        columns=table["columns"],
        rows=[[_cell(item) for item in row] for row in table["rows"]],
        truncated=table["truncated"],
        elapsed=time.monotonic() - start,
        downloads=list(_downloads(asked, facts)) if failed is None else [],
        error=None,
    )
    with force_locale(asked.language):
        if failed is not None:
            page = replace(page, error=_explained(failed, response))
        response.set_data(render_template("pages/sparql_results.html", page=page, language=asked.language))
    response.content_type = HTML.content_type
    response.vary.add("Accept-Language")
    return response


def _description() -> Response:
    """Describe the endpoint (SPARQL 1.1 Service Description); people get the form."""
    form = negotiation.negotiate((*RDF_FORMS, HTML), request.args.get("format", ""))
    if form is HTML:
        return negotiation.see_page("/sparql")
    settings: Settings = current_app.config["MAILLON"]
    manifest = snapshot().snapshot.manifest
    endpoint = NamedNode(f"{negotiation.root(settings)}sparql")
    dataset, graph = BlankNode("dataset"), BlankNode("default")
    comment = _COMMENT.format(seconds=settings.query_timeout, octets=settings.query_max_bytes)
    triples = [
        Triple(endpoint, TYPE, _sd("Service")),
        Triple(endpoint, _sd("endpoint"), endpoint),
        Triple(endpoint, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        Triple(endpoint, _sd("defaultDataset"), dataset),
        Triple(endpoint, term("rdfs:comment"), Literal(comment, language="en")),
        Triple(dataset, TYPE, _sd("Dataset")),
        Triple(dataset, _sd("defaultGraph"), graph),
        Triple(graph, TYPE, _sd("Graph")),
        Triple(graph, term("void:triples"), Literal(str(manifest.counts["triples"]), datatype=term("xsd:integer"))),
    ]
    triples += [Triple(endpoint, _sd("resultFormat"), NamedNode(_FORMATS + name)) for name in _FORMAT_NAMES]
    for name in ("findings", "provenance"):
        named = BlankNode(name)
        triples += [Triple(dataset, _sd("namedGraph"), named), Triple(named, TYPE, _sd("NamedGraph"))]
        triples += [Triple(named, _sd("name"), NamedNode(f"{settings.base_iri}graph/{name}"))]
    return negotiation.graph(triples, form)


def _sd(name: str) -> NamedNode:
    return NamedNode(_SD + name)
