"""All findings of the catalogue, a source or an organisation: by rule, tables to download, a feed of new ones.

Tables are CSV (RFC 4180) and Office Open XML (ECMA-376); feeds are Atom (RFC 4287).
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Response, abort, current_app, g, render_template, request, send_file, stream_with_context

from maillon.store import findings_by_record
from maillon.store.documents import number_of
from maillon.web import (
    quality_feed,
    quality_findings,
    quality_lists,
    quality_overview,
    quality_places,
    quality_rules,
    quality_tables,
)
from maillon.web.current import Published, snapshot
from maillon.web.pages.blueprint import blueprint
from maillon.web.quality_findings import FindingRow
from maillon.web.quality_lists import RecordTable
from maillon.web.quality_overview import RuleCard, Severity
from maillon.web.quality_places import Place
from maillon.web.texts import Text
from maillon.web.wording import _

RECORDS: Final = 50
"""Records on one page of a rule."""

ATOM: Final = "application/atom+xml"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

WAIT: Final = 20.0
"""Seconds for which a request waits for its turn to make a workbook."""

_workbooks = threading.Semaphore(1)
"""One workbook at a time: a large one keeps a processor busy for some seconds, and pages go first."""


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """What ``templates/pages/report_findings.html`` shows.

    Attributes:
        title: Of what: name of the catalogue, the source or the organisation.
        href: Address of its report.
        severities: The rules that are broken, by severity, the gravest first.
        tables: Some of the records that break each rule, by its IRI.
        downloads: Pairs of extension and address of all findings as tables.
    """

    title: Text
    href: str
    severities: list[Severity]
    tables: dict[str, RecordTable]
    downloads: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RulePage:
    """What ``templates/pages/report_rule.html`` shows.

    Attributes:
        title: Of what: name of the catalogue, the source or the organisation.
        href: Address of its report.
        card: The rule; None where nothing breaks it.
        rule: What the rule says.
        all_rules: Address of the findings of all rules.
        table: The records of this page.
        first: Address of the first page of them, empty on that page.
        more: Address of the next page, empty where there is none.
        downloads: Pairs of extension and address of all of them as tables.
    """

    title: Text
    href: str
    card: RuleCard | None
    rule: str
    all_rules: str
    table: RecordTable
    first: str
    more: str
    downloads: list[tuple[str, str]]


def _report(place: Place) -> str:
    return place.href if place.kind == quality_places.CATALOGUE else place.address("report")


def _downloads(place: Place, rule: str = "") -> list[tuple[str, str]]:
    return [(name, place.address("table", extension=name, rule=rule)) for name in ("xlsx", "csv")]


def findings_page(place: Place, published: Published, language: str) -> FindingsPage:
    """Make what the list of all rules shows."""
    chosen = quality_overview.examples(place, published)
    numbers = {number for found in chosen.values() for number in found}
    known = {number_of(item.iri): item for item in findings_by_record.of_numbers(published.documents, sorted(numbers))}
    wanted = {rule: [known[number] for number in found if number in known] for rule, found in chosen.items()}
    return FindingsPage(
        title=place.title,
        href=_report(place),
        severities=quality_overview.severities(place, published, language),
        tables=quality_lists.tables(wanted, published.documents, language),
        downloads=_downloads(place),
    )


def rule_page(place: Place, published: Published, rule: str, after: str, language: str) -> RulePage:
    """Make what the list of the records that break one rule shows.

    Args:
        place: Whose findings.
        published: The snapshot.
        rule: IRI of the rule.
        after: The last record of the page before; empty for the first page.
        language: Of the texts.
    """
    records = quality_overview.page(place, published, rule, after, RECORDS + 1)
    shown = records[:RECORDS]
    return RulePage(
        title=place.title,
        href=_report(place),
        card=quality_overview.card_of(rule, place, published, language),
        rule=quality_rules.name(rule, language) or rule,
        all_rules=place.address("findings"),
        table=quality_lists.tables({rule: shown}, published.documents, language)[rule],
        first=place.address("findings", rule=rule) if after else "",
        more=place.address("findings", rule=rule, after=shown[-1].iri) if len(records) > RECORDS else "",
        downloads=_downloads(place, rule),
    )


def _page(place: Place) -> str:
    rule, after, published = request.args.get("rule", ""), request.args.get("after", ""), snapshot()
    if not rule:
        return render_template("pages/report_findings.html", page=findings_page(place, published, g.language))
    page = rule_page(place, published, rule, after, g.language)
    return render_template("pages/report_rule.html", page=page)


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
