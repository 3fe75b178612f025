"""What we repaired for a source: per rule how often and where, and patches with which the source can do the same.

The patches are CSV (RFC 4180), RDF Patch and SPARQL 1.1 Update, streamed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response, abort, g, render_template, request, stream_with_context, url_for

from maillon.repair import patches
from maillon.store.documents import SourceInfo
from maillon.web import display, repairs, texts
from maillon.web.current import Published, snapshot
from maillon.web.pages.blueprint import blueprint
from maillon.web.repairs import RepairedRecord, RuleCount
from maillon.web.texts import Text

RECORDS: Final = 25
"""Records on one page."""

_Write = Callable[[patches.Repairs, str], Iterator[str]]
FORMS: Final[Mapping[str, tuple[str, _Write]]] = {
    "csv": ("text/csv; charset=utf-8", patches.csv_rows),
    "ru": ("application/sparql-update; charset=utf-8", lambda done, _: patches.sparql_update(done)),
    "rdfp": ("application/rdf-patch; charset=utf-8", lambda done, _: patches.rdf_patch(done)),
}
"""Media type and writer of a patch by extension."""


@dataclass(frozen=True, slots=True)
class RepairsPage:
    """What ``templates/pages/repairs.html`` shows.

    Attributes:
        title: Title of the source.
        href: Address of its page.
        rules: What was repaired, the most frequent first.
        rule: The rule whose records are shown, None for those of all rules.
        all_rules: Address of this page for all rules, empty where they are shown.
        records: Records in which something was repaired.
        more: Address of the next ones, empty where there are none.
        before: Findings of what the source sent at its last harvest, by severity in words; empty where not known.
        after: The same after repair.
        downloads: Pairs of extension and address of the patches.
    """

    title: Text
    href: str
    rules: list[tuple[RuleCount, str]]
    rule: RuleCount | None
    all_rules: str
    records: list[RepairedRecord]
    more: str
    before: str
    after: str
    downloads: list[tuple[str, str]]


def info_of(name: str, published: Published) -> SourceInfo:
    """Return a source of the snapshot; aborts with 404 where there is none of this name."""
    info = next((item for item in published.sources if item.name == name), None)
    if info is None:
        abort(404)
    return info


def findings_of_last_run(info: SourceInfo, language: str) -> tuple[str, str]:
    """Return the number of findings before and after repair at the last complete, whole harvest; empty if unknown."""
    whole = (run.report for run in info.runs if run.status == "done" and not run.report.get("partial"))
    report = next((item for item in whole if "findings_before" in item), None)
    if report is None:
        return "", ""
    before, after = (sum(report[name].values()) for name in ("findings_before", "findings"))
    return display.number(before, language), display.number(after, language)


def _more(name: str, rule: str, found: Sequence[RepairedRecord]) -> str:
    if len(found) <= RECORDS:
        return ""
    return url_for(
        "pages.source_repairs", name=name, rule=rule or None, after=found[RECORDS - 1].iri, _anchor="records"
    )


def repairs_page(info: SourceInfo, published: Published, rule: str, after: str, language: str) -> RepairsPage:
    """Make what the page shows."""
    documents, name = published.documents, info.name
    rules = repairs.by_rule(documents, name, language)
    shown = next((item for item in rules if item.id == rule), None)
    found = repairs.records(documents, name, rule, after, RECORDS + 1, language)
    before, afterwards = findings_of_last_run(info, language)
    return RepairsPage(
        title=texts.choose(list(info.title.items()), language) or Text(name),
        href=url_for("pages.source", name=name),
        rules=[(item, url_for("pages.source_repairs", name=name, rule=item.id, _anchor="records")) for item in rules],
        rule=shown,
        all_rules=url_for("pages.source_repairs", name=name, _anchor="records") if rule else "",
        records=found[:RECORDS],
        more=_more(name, rule, found),
        before=before,
        after=afterwards,
        downloads=[
            (extension, url_for("pages.source_patch", name=name, extension=extension, rule=rule or None))
            for extension in FORMS
        ],
    )


@blueprint.get("/source/<name>/repairs")
def source_repairs(name: str) -> str:
    """Show what was repaired for a source."""
    published = snapshot()
    info = info_of(name, published)
    rule, after = request.args.get("rule", ""), request.args.get("after", "")
    return render_template("pages/repairs.html", page=repairs_page(info, published, rule, after, g.language))


@blueprint.get("/source/<name>/repairs.<any(csv, ru, rdfp):extension>")
def source_patch(name: str, extension: str) -> Response:
    """Give what was repaired for a source as a patch."""
    published = snapshot()
    info_of(name, published)
    media_type, write = FORMS[extension]
    done = repairs.applications(published.documents, name, request.args.get("rule", ""))
    response = Response(stream_with_context(write(done, g.language)), content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-repairs.{extension}"'
    return response
