"""The page that shows people the first rows of an answer, or why there is none.

Turns a table (``maillon.sparql.jobs.TABLE``) into ``templates/pages/sparql_results.html``. IRIs of this catalogue lead
to their documents; what a query returns is never mark-up.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import current_app, g, render_template, request

from maillon.settings import Settings
from maillon.sparql.jobs import QueryFailed
from maillon.vocabulary import term
from maillon.web import described, display, memento, query_words
from maillon.web.current import snapshot
from maillon.web.memento import Chosen
from maillon.web.negotiation import Form
from maillon.web.sparql_request import Asked
from maillon.web.texts import Text
from maillon.web.wording import _

MAX_ROWS: Final = 1000
"""Rows that the page shows."""
_NUMBERS: Final = ("rows", "total", "count")
"""Values of hints that are numbers."""
_MOMENTS: Final = frozenset(term(f"xsd:{name}").value for name in ("date", "dateTime", "dateTimeStamp", "gYearMonth"))
EMPTY: Final[dict[str, Any]] = {"columns": [], "rows": [], "truncated": False}
"""The table of a query without an answer."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One term of a row.

    Attributes:
        text: The literal's text, or the IRI, shortened where a prefix is known.
        href: Address to follow, empty for what has none.
        lang: Language of the text, empty where it has none.
        label: Label of an IRI, None where none was asked for or it has none.
        exact: A date's own text where ``text`` says it in words, else empty.
    """

    text: str
    href: str = ""
    lang: str = ""
    label: Text | None = None
    exact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsPage:
    """What ``templates/pages/sparql_results.html`` shows.

    Attributes:
        query: The query asked.
        columns: Names of the variables, empty for ASK; subject, predicate, object for RDF.
        rows: Cells of each row, one a column; at most MAX_ROWS.
        truncated: Whether there are more rows.
        elapsed: Seconds that the answer took.
        downloads: Pairs of name and address of the whole answer in other forms.
        error: Why there is no answer, in the visitor's language where that is known; None where there is one.
        said: The same as programs get it, in English; empty where there is an answer and where error says the same.
        detail: Which parts of the query are likely to blame, and what to try.
        snapshot: Number of the snapshot asked.
        made: When it was made, a date in words.
        current: Whether it is the one of today.
        pinned: Address of this answer from this snapshot for ever; empty for a POST.
        labels: Language of the labels asked for, empty for none.
        kept: Parameters that the form sends again beside query and labels, as pairs of name and value.
    """

    query: str
    columns: list[str]
    rows: list[list[Cell]]
    truncated: bool
    elapsed: float
    downloads: list[tuple[str, str]]
    error: Text | None
    said: str
    detail: list[str]
    snapshot: int
    made: str
    current: bool
    pinned: str
    labels: str
    kept: list[tuple[str, str]]


def cell(found: dict[str, str] | None) -> Cell:
    """Return what a page shows of one term of a TABLE, None for an unbound variable."""
    if found is None:
        return Cell("")
    text = found["text"]
    if found.get("datatype", "") in _MOMENTS:
        words = display.moment(text, g.language)
        return Cell(words, exact=text if words != text else "")
    if found["type"] != "iri":
        return Cell(text, lang=found.get("lang", ""))
    own = text.removeprefix(current_app.config["MAILLON"].base_iri)
    is_own = own != text and own.startswith(("id/", ".well-known/genid/"))
    href = f"{request.script_root}/{own}" if is_own else display.followed(text)
    label = Text(found["label"], found.get("label_lang", "")) if found.get("label") else None
    return Cell(described.compact(text), href, label=label)


def _parameters(asked: Asked, chosen: Chosen) -> list[tuple[str, str]]:
    """Return the parameters that ask the same elsewhere, query and labels left out."""
    found = [("default-graph-uri", iri) for iri in asked.default_graphs]
    found += [("named-graph-uri", iri) for iri in asked.named_graphs]
    if 0 < asked.seconds < current_app.config["MAILLON"].query_timeout:
        found.append(("timeout", f"{asked.seconds:g}"))
    return [*found, ("snapshot", str(chosen.snapshot.number))] if chosen.pinned else found


def _downloads(asked: Asked, chosen: Chosen, forms: Sequence[Form]) -> Iterator[tuple[str, str]]:
    parameters = [("query", asked.query), *_parameters(asked, chosen)]
    for form in forms:
        own = [("labels", asked.labels)] if asked.labels and form.name == "records" else []
        yield form.name, f"{request.script_root}/sparql?{urlencode([*parameters, *own, ('format', form.name)])}"


def _detail(failed: QueryFailed) -> list[str]:
    """Return in the visitor's language which parts of the query are to blame, and what to try."""
    return [" ".join(_(text, **_localised(values)) for text, values in hint.texts()) for hint in failed.hints]


def _localised(values: Mapping[str, str | int]) -> dict[str, str | int]:
    """Return the values of a hint with its numbers written as the visitor's language does."""
    return {
        name: display.number(int(str(value).replace(",", "")), g.language) if name in _NUMBERS else value
        for name, value in values.items()
    }


def render(
    asked: Asked,
    chosen: Chosen,
    forms: Sequence[Form],
    table: dict[str, Any],
    elapsed: float,
    failed: QueryFailed | None = None,
) -> str:
    """Return the page.

    Args:
        asked: What was asked.
        chosen: The snapshot that was asked.
        forms: Forms in which the answer can be downloaded.
        table: The first rows; EMPTY where there are none.
        elapsed: Seconds that the answer took.
        failed: Why there is no answer, None where there is one.
    """
    settings: Settings = current_app.config["MAILLON"]
    seconds = min(asked.seconds or settings.query_timeout, settings.query_timeout)
    error = query_words.explained(failed, seconds) if failed else None
    page = ResultsPage(
        query=asked.query,
        columns=table["columns"],
        rows=[[cell(item) for item in row] for row in table["rows"]],
        truncated=table["truncated"],
        elapsed=elapsed,
        downloads=[] if failed else list(_downloads(asked, chosen, forms)),
        error=error,
        said=str(failed) if failed and error and g.language != "en" and not error.lang else "",
        detail=_detail(failed) if failed else [],
        snapshot=chosen.snapshot.number,
        made=display.moment(chosen.snapshot.manifest.made, asked.language),
        current=chosen.snapshot.number == snapshot().snapshot.number,
        pinned="" if request.method == "POST" else memento.pinned(chosen.snapshot.number),
        labels=asked.labels,
        kept=_parameters(asked, chosen),
    )
    return render_template("pages/sparql_results.html", page=page, language=asked.language)
