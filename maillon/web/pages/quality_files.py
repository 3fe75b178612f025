"""All findings of the catalogue, a source or an organisation: a list in pages, tables to download, a feed of new ones.

Tables are CSV (RFC 4180) and Office Open XML (ECMA-376); feeds are Atom (RFC 4287).
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import dropwhile, islice
from typing import Final

from flask import Response, abort, current_app, g, render_template, request, send_file, stream_with_context

from maillon.store import findings_by_record
from maillon.store.findings_by_record import Found
from maillon.web import (
    display,
    quality_feed,
    quality_findings,
    quality_places,
    quality_rules,
    quality_tables,
)
from maillon.web.current import Published, snapshot
from maillon.web.pages.blueprint import blueprint
from maillon.web.quality_findings import FindingRow
from maillon.web.quality_places import Place
from maillon.web.texts import Text
from maillon.web.wording import _

RECORDS: Final = 25
"""Records on one page."""

MOST_OF_ONE: Final = 20
"""Findings shown of one record; the tables have all of them."""

ATOM: Final = "application/atom+xml"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

WAIT: Final = 20.0
"""Seconds for which a request waits for its turn to make a workbook."""

_workbooks = threading.Semaphore(1)
"""One workbook at a time: a large one keeps a processor busy for some seconds, and pages go first."""


@dataclass(frozen=True, slots=True)
class RecordWithFindings:
    """A record in the list.

    Attributes:
        name: Title of its dataset, or its own name.
        kind: Its kind in the visitor's language.
        href: Its page.
        findings: What was found in it.
        more: Number of findings left out.
    """

    name: Text
    kind: str
    href: str
    findings: list[FindingRow]
    more: int


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """What ``templates/pages/report_findings.html`` shows.

    Attributes:
        title: Of what: name of the catalogue, the source or the organisation.
        href: Address of its report.
        rule: What the one rule says whose findings are shown, empty for all rules.
        all_rules: Address of the findings of all rules, empty where they are shown.
        records: Records with findings.
        more: Address of the next ones, empty where there are none.
        downloads: Pairs of extension and address of the same as tables.
    """

    title: Text
    href: str
    rule: str
    all_rules: str
    records: list[RecordWithFindings]
    more: str
    downloads: list[tuple[str, str]]


def _found(place: Place, published: Published, rule: str, after: str) -> list[Found]:
    """Return one record more than a page holds."""
    if place.kind != quality_places.ORGANISATION:
        return findings_by_record.page(published.documents, place.key, rule, after, RECORDS + 1)
    records = quality_findings.of_scope(published, place.kind, place.key, rule)
    if after:
        records = islice(dropwhile(lambda item: item.iri != after, records), 1, None)
    return list(islice(records, RECORDS + 1))


def _record(record: Found, rows: Sequence[FindingRow]) -> RecordWithFindings:
    first = rows[0]
    return RecordWithFindings(
        first.dataset,
        display.kind_name(record.kind),
        first.page,
        list(rows[:MOST_OF_ONE]),
        max(0, len(rows) - MOST_OF_ONE),
    )


def findings_page(place: Place, published: Published, rule: str, after: str, language: str) -> FindingsPage:
    """Make what the list shows.

    Args:
        place: Whose findings.
        published: The snapshot.
        rule: IRI of the only rule; empty for all.
        after: The last record of the page before; empty for the first page.
        language: Of the texts.
    """
    records = _found(place, published, rule, after)
    shown = records[:RECORDS]
    rows: dict[str, list[FindingRow]] = {}
    for row in quality_findings.rows(shown, published.documents, language, rule):
        rows.setdefault(row.iri, []).append(row)
    more = place.address("findings", rule=rule, after=shown[-1].iri) if len(records) > RECORDS else ""
    return FindingsPage(
        title=place.title,
        href=place.href if place.kind == quality_places.CATALOGUE else place.address("report"),
        rule=" ".join(filter(None, quality_rules.wrong_and_to_do(rule, language))) if rule else "",
        all_rules=place.address("findings") if rule else "",
        records=[_record(record, rows[record.iri]) for record in shown if rows.get(record.iri)],
        more=more,
        downloads=[(name, place.address("table", extension=name, rule=rule)) for name in ("xlsx", "csv")],
    )


def _page(place: Place) -> str:
    rule, after = request.args.get("rule", ""), request.args.get("after", "")
    page = findings_page(place, snapshot(), rule, after, g.language)
    return render_template("pages/report_findings.html", page=page)


def _rows(place: Place, published: Published, rule: str, language: str) -> Iterator[FindingRow]:
    records = quality_findings.of_scope(published, place.kind, place.key, rule)
    return quality_findings.rows(records, published.documents, language, rule)


def table(place: Place, extension: str) -> Response:
    """Return all findings as a file."""
    published, rule = snapshot(), request.args.get("rule", "")
    rows, headings = _rows(place, published, rule, g.language), quality_tables.columns()
    name = f"{place.segment.replace('/', '-') or place.kind}-findings.{extension}"
    if extension == "csv":
        lines = stream_with_context(quality_tables.csv_lines(headings, rows))
        response = Response(lines, content_type="text/csv; charset=utf-8")
        response.headers.set("Content-Disposition", "attachment", filename=name)
        return response
    made = datetime.fromisoformat(published.snapshot.manifest.made).replace(tzinfo=None)
    title = _("Findings: %(name)s", name=place.title.value)
    if not _workbooks.acquire(timeout=WAIT):
        abort(503, _("Another workbook is being made: try again in a minute, or take the CSV."))
    try:
        stream = quality_tables.workbook(headings, rows, title, made)
    finally:
        _workbooks.release()
    response = send_file(stream, XLSX, as_attachment=True, download_name=name)
    response.call_on_close(stream.close)
    return response


def feed(place: Place) -> Response:
    """Return the feed of new findings."""
    published, settings = snapshot(), current_app.config["MAILLON"]
    head = quality_feed.Head(
        title=_("New findings: %(name)s", name=place.title.value),
        own=quality_findings.absolute(place.address("feed")),
        page=quality_findings.absolute(place.address("report")),
        author=settings.publisher,
        updated=published.snapshot.manifest.made,
        language=g.language,
        base=settings.base_iri,
    )
    news = quality_feed.news(settings.snapshots, published, place.kind, place.key)
    return Response(quality_feed.write(head, news, published.documents), content_type=f"{ATOM}; charset=utf-8")


@blueprint.get("/quality/findings")
def catalogue_findings() -> str:
    """List the findings of the catalogue."""
    return _page(quality_places.catalogue())


@blueprint.get("/source/<name>/findings")
def source_findings(name: str) -> str:
    """List the findings of a source."""
    return _page(quality_places.source(name, snapshot(), g.language))


@blueprint.get("/organisation/<path:key>/findings")
def organisation_findings(key: str) -> str:
    """List the findings of an organisation."""
    return _page(quality_places.organisation(key, snapshot(), g.language))


@blueprint.get("/quality/findings.<any(csv, xlsx):extension>")
def catalogue_table(extension: str) -> Response:
    """Give the findings of the catalogue as a table."""
    return table(quality_places.catalogue(), extension)


@blueprint.get("/source/<name>/findings.<any(csv, xlsx):extension>")
def source_table(name: str, extension: str) -> Response:
    """Give the findings of a source as a table."""
    return table(quality_places.source(name, snapshot(), g.language), extension)


@blueprint.get("/organisation/<path:key>/findings.<any(csv, xlsx):extension>")
def organisation_table(key: str, extension: str) -> Response:
    """Give the findings of an organisation as a table."""
    return table(quality_places.organisation(key, snapshot(), g.language), extension)


@blueprint.get("/source/<name>/findings.atom")
def source_feed(name: str) -> Response:
    """Give the new findings of a source as a feed."""
    return feed(quality_places.source(name, snapshot(), g.language))


@blueprint.get("/organisation/<path:key>/findings.atom")
def organisation_feed(key: str) -> Response:
    """Give the new findings of an organisation as a feed."""
    return feed(quality_places.organisation(key, snapshot(), g.language))
