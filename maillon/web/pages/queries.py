"""The saved queries for people: a list, a page with a form and the first rows for each, and a page about the API.

Turns the declarations of ``maillon.sparql.saved.queries`` into labelled fields. A value that does not fit is told
beside its field; nothing is asked then. The page of a query works without JavaScript and has an address that can be
passed on.
"""

import json
import time
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from flask import current_app, g, make_response, render_template, url_for
from flask.wrappers import Response

from maillon.settings import LANGUAGES, Settings
from maillon.sparql.jobs import TABLE, Job, QueryFailed
from maillon.sparql.saved.parameters import Parameter, ValueRefused
from maillon.sparql.saved.queries import Saved, saved
from maillon.web import display, openapi, query_words, saved_queries, sparql, sparql_request
from maillon.web.current import snapshot
from maillon.web.engine import ask
from maillon.web.negotiation import CSV, GRAPH_FORMS, JSON, RECORDS, TSV, TURTLE, XML
from maillon.web.pages.blueprint import blueprint
from maillon.web.sparql_page import Cell, cell
from maillon.web.texts import Text
from maillon.web.wording import _

ROWS: Final = 100
"""Rows that the page of a query shows."""
_PAGE_BYTES: Final = 4_000_000
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """One saved query in the list.

    Attributes:
        title: What it answers.
        href: Address of its page.
    """

    title: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One parameter in the form.

    Attributes:
        name: Of the parameter and of the field.
        label: What it is called.
        kind: Type of the input: text, number, date, url; ``select`` for a list.
        value: What stands in it.
        hint: What may stand in it.
        error: What is wrong with its value, empty for nothing.
        options: Pairs of value and name of a list.
        least: Smallest value, empty for none.
        most: Largest value, empty for none.
    """

    name: str
    label: str
    kind: str
    value: str
    hint: str
    error: str
    options: list[tuple[str, str]]
    least: str
    most: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPage:
    """What ``templates/pages/query.html`` shows.

    Attributes:
        name: Name of the query.
        title: What it answers.
        fields: The form.
        wrong: Whether a value of the form does not fit, so that nothing was asked.
        columns: Headings of the columns, in words where they are known.
        rows: Cells of each row; at most ROWS.
        truncated: Whether there are more rows.
        elapsed: Seconds that the answer took.
        error: Why there is no answer, None where there is one.
        downloads: Pairs of name and address of the whole answer.
        api: Address of the answer for programs.
        editor: Address of the SPARQL page with this query.
        query: The query as it runs anywhere.
        snapshot: Number of the snapshot asked.
    """

    name: str
    title: str
    fields: list[Field]
    wrong: bool
    columns: list[str]
    rows: list[list[Cell]]
    truncated: bool
    elapsed: float
    error: Text | None
    downloads: list[tuple[str, str]]
    api: str
    editor: str
    query: str
    snapshot: int


@dataclass(frozen=True, slots=True)
class ApiPage:
    """What ``templates/pages/api.html`` shows.

    Attributes:
        root: What absolute addresses start with, ending with a slash.
        example: The query of the examples, with one parameter and a value.
        queries: All queries.
        seconds: Time that a query may take.
        rate: Queries that one client may send, in words; empty for any.
    """

    root: str
    example: tuple[str, str, str]
    queries: list[Entry]
    seconds: int
    rate: str


def _entries() -> list[Entry]:
    return [Entry(item.titles[g.language], url_for("pages.saved_query", name=item.name)) for item in saved().values()]


@blueprint.get("/queries")
def queries() -> str:
    """List the saved queries."""
    return render_template("pages/queries.html", entries=_entries())


@blueprint.get("/api")
def api() -> str:
    """Explain the API."""
    settings: Settings = current_app.config["MAILLON"]
    item = next(item for item in saved().values() if item.parameters)
    first = item.parameters[0]
    page = ApiPage(
        root=saved_queries.root(),
        example=(item.name, first.name, saved_queries.example(first)),
        queries=_entries(),
        seconds=int(settings.query_timeout),
        rate=query_words.rate(settings.query_rate),
    )
    return render_template("pages/api.html", page=page)


def _hint(item: Parameter) -> str:
    """Return what may stand in a field, in the visitor's language; empty for a list, which says it itself."""
    if item.values:
        return ""
    shown = saved_queries.example(item)
    if item.type == "integer" and item.least and item.most:
        return _("A whole number from %(least)s to %(most)s", least=item.least, most=item.most)
    hints = {
        "iri": _("An absolute IRI, such as %(example)s", example=shown),
        "integer": _("A whole number, such as %(example)s", example=shown),
        "date": _("A date, such as %(example)s", example=shown),
        "language": _("The code of a language, such as %(example)s", example=shown),
        "text": _("A text, such as %(example)s", example=shown),
    }
    return hints[item.type]


def _option(item: Parameter, value: str) -> str:
    if item.type == "iri":
        return display.concept(value, g.language).value
    return display.language_name(value, g.language) if item.type == "language" else value


def _error(item: Parameter, value: str) -> str:
    """Return what is wrong with a value, in the visitor's language; empty for nothing."""
    try:
        item.term(value)
    except ValueRefused:
        shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
        return _("“%(value)s” does not fit here.", value=shown)
    return ""


def _field(item: Parameter, values: dict[str, str]) -> Field:
    """Return the field of a parameter."""
    value = values.get(item.name, "")
    options = [(known, _option(item, known)) for known in item.values]
    if options and item.default is None:
        options = [("", _("All")), *options]
    kinds = {"iri": "url", "integer": "number", "date": "date"}
    return Field(
        name=item.name,
        label=(item.labels or openapi.PAGING[item.name])[g.language],
        kind="select" if options else kinds.get(item.type, "text"),
        value=value,
        hint=_hint(item),
        error=_error(item, value) if value else "",
        options=options,
        least=item.least,
        most=item.most,
    )


def _spoken(item: Saved) -> dict[str, str]:
    """Return the page's language for each parameter that chooses among those of the interface, as for titles."""
    return {
        known.name: g.language
        for known in item.parameters
        if known.type == "language" and set(known.values) == set(LANGUAGES)
    }


def _given(item: Saved) -> list[tuple[str, str]]:
    """Return the values of the form; names of other things and repeated ones are left aside on a page for people."""
    values, spoken = sparql_request.received({}), _spoken(item)
    known = [parameter.name for parameter in (*item.parameters, *item.paging)]
    found = [(name, sparql_request.first(values, name) or spoken.get(name, "")) for name in known]
    return [(name, value) for name, value in found if value]


def _table(item: Saved, given: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the first rows of an answer, without the parameters given: the form says them. Raises QueryFailed."""
    settings: Settings = current_app.config["MAILLON"]
    question = item.question(given)
    job = Job(
        query=question.text, media_type=TABLE, base_iri=f"{settings.base_iri}sparql", bindings=question.bindings,
        labels=g.language, max_rows=ROWS, max_bytes=_PAGE_BYTES,
    )  # fmt: skip
    answer = ask(snapshot().snapshot, job)
    try:
        table: dict[str, Any] = json.loads(b"".join(answer))
    finally:
        answer.close()
    bound = {name for name, _term in question.bindings}
    kept = [place for place, name in enumerate(table["columns"]) if name not in bound]
    return table | {
        "columns": [query_words.heading(table["columns"][place]) for place in kept],
        "rows": [[row[place] for place in kept] for row in table["rows"]],
    }


def _empty(item: Saved, given: list[tuple[str, str]]) -> QueryPage:
    """Return the page before anything is asked."""
    fields = [_field(known, item.values(given)) for known in (*item.parameters, *item.paging)]
    wrong = any(field.error for field in fields)
    text = item.standalone([] if wrong else given)
    address, query = f"{saved_queries.root()}api/queries/{item.name}", urlencode(given)
    forms = (*GRAPH_FORMS, RECORDS) if item.form in ("CONSTRUCT", "DESCRIBE") else (CSV, RECORDS, TSV, JSON, XML)
    names = {RECORDS: "JSON", JSON: "SPARQL JSON", XML: "SPARQL XML", TURTLE: "Turtle"}
    return QueryPage(
        name=item.name,
        title=item.titles[g.language],
        fields=fields,
        wrong=wrong,
        columns=[],
        rows=[],
        truncated=False,
        elapsed=0.0,
        error=None,
        downloads=[
            (names.get(form, form.name.upper()), f"{address}.{form.name}" + (f"?{query}" if query else ""))
            for form in forms
        ],
        api=address + (f"?{query}" if query else ""),
        editor=f"{url_for('pages.sparql')}?{urlencode({'query': text})}",
        query=text,
        snapshot=snapshot().snapshot.number,
    )


def _answered(page: QueryPage, item: Saved, given: list[tuple[str, str]]) -> tuple[QueryPage, int]:
    """Return the page with the first rows of the answer, or with why there are none, and its status."""
    start = time.monotonic()
    try:
        table = _table(item, given)
    except QueryFailed as failed:
        error = query_words.explained(failed, current_app.config["MAILLON"].query_timeout)
        return replace(page, error=error, downloads=[]), sparql.failure(failed).status_code
    rows = [[cell(term) for term in row] for row in table["rows"]]
    elapsed = time.monotonic() - start
    return replace(page, columns=table["columns"], rows=rows, truncated=table["truncated"], elapsed=elapsed), 200


@blueprint.get("/queries/<name>")
def saved_query(name: str) -> Response:
    """Show the form of a saved query, and the first rows of its answer."""
    item = saved_queries.find(name)
    given = _given(item)
    page = _empty(item, given)
    status = 400
    if not page.wrong:
        page, status = _answered(page, item, given)
    response = make_response(render_template("pages/query.html", page=page), status)
    if status in (429, 503):
        response.headers["Retry-After"] = "5"
    return response
