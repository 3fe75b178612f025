"""The page of one harvest run: what it found, what it could not use and why, what was repaired, how long it took."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flask import abort, g, render_template, url_for

from maillon import cron
from maillon.store.documents import RunInfo, SourceInfo
from maillon.web import display, repairs, texts
from maillon.web.current import snapshot
from maillon.web.findings import severity_label
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.repairs import info_of
from maillon.web.texts import Text
from maillon.web.wording import _

COUNTS: Final = ("found", "published", "new", "changed", "unchanged", "missing", "gone", "withheld")
SEVERITIES: Final = ("Violation", "Warning", "Info")


@dataclass(frozen=True, slots=True)
class RejectedGroup:
    """Records that could not be used for one reason.

    Attributes:
        reason: Why, in the visitor's language where we know it.
        count: How many, in the digits of the language.
        records: Those of them that are named: pairs of identifier and what is particular.
    """

    reason: Text
    count: str
    records: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RunPage:
    """What ``templates/pages/run.html`` shows.

    Attributes:
        number: Number of the run.
        title: Title of the source.
        href: Address of its page.
        day: Day and hour at which it began, in words and UTC.
        started: When it began, ISO 8601 UTC.
        duration: How long it took, in words; empty where unknown.
        status: How it ended: ``done``, ``failed``, ``died`` or ``running``.
        counts: Numbers of datasets in the digits of the language, by name of COUNTS; none where it counted nothing.
        partial: Whether only what the source changed since the harvest before was read.
        findings: Severity in words with findings before and after repair, for the severities found.
        repairs: Rules with the number of records that each repaired, and the address of these records.
        rejected: What could not be used, the most frequent reason first.
        rejected_total: Number of rejected records, in the digits of the language.
        rows: Rows of open datasets turned into RDF, empty where there are none.
        notes: What a person should know of it.
        next_run: When the source is harvested next by itself, in words; empty where it is not.
    """

    number: int
    title: Text
    href: str
    day: str
    started: str
    duration: str
    status: str
    counts: Mapping[str, str]
    partial: bool
    findings: list[tuple[str, str, str]]
    repairs: list[tuple[str, str, str]]
    rejected: list[RejectedGroup]
    rejected_total: str
    rows: str
    notes: list[str]
    next_run: str


def reason_text(reason: str) -> Text:
    """Return why records were rejected, in the visitor's language for the reasons met most."""
    known = {
        "private": _("marked private by the source"),
        "identifier stands twice in the source": _("its identifier stands twice in the source"),
        "identifier used twice": _("its identifier stands twice in the source"),
        "no identifier": _("no identifier"),
        "no identity": _("no identifier"),
    }
    return Text(known[reason]) if reason in known else Text(reason, "en")


def next_run(info: SourceInfo, language: str) -> str:
    """Return when a source is harvested next by itself, in words and UTC; empty where it is not."""
    if not info.schedule or cron.fault(info.schedule):
        return ""
    due = cron.next_after(info.schedule, datetime.now(UTC))
    return hour(due.isoformat(), language)


def hour(moment: str, language: str) -> str:
    """Return a time stamp (ISO 8601, UTC) as day and hour in words: several runs may be of one day."""
    return (
        f"{display.moment(moment, language)}, {moment[11:16]} UTC" if len(moment) > len("2026-01-01T08:0") else moment
    )


def _duration(seconds: Any, language: str) -> str:
    if not isinstance(seconds, int | float):
        return ""
    minutes, rest = divmod(round(seconds), 60)
    if minutes:
        return _("%(minutes)s min %(seconds)s s", minutes=display.number(minutes, language), seconds=rest)
    return f"{display.number(round(seconds, 1), language)} s"


def _rejected(info: RunInfo, language: str) -> list[RejectedGroup]:
    counts: Mapping[str, int] = info.report.get("rejected") or {}
    named: dict[str, list[tuple[str, str]]] = {}
    for identifier, reason, detail in info.rejections:
        named.setdefault(reason, []).append((identifier, detail))
    return [
        RejectedGroup(reason_text(reason), display.number(count, language), named.get(reason, []))
        for reason, count in counts.items()
    ]


def _findings(report: Mapping[str, Any], language: str) -> list[tuple[str, str, str]]:
    before, after = report.get("findings_before") or {}, report.get("findings") or {}
    return [
        (
            severity_label(severity),
            display.number(before.get(severity, 0), language),
            display.number(after.get(severity, 0), language),
        )
        for severity in SEVERITIES
        if severity in before or severity in after
    ]


def run_page(source: SourceInfo, info: RunInfo, language: str) -> RunPage:
    """Make what the page shows."""
    report = info.report
    rules: Mapping[str, int] = report.get("repairs") or {}
    rejected: Mapping[str, int] = report.get("rejected") or {}
    rows = report.get("rows") or 0
    return RunPage(
        number=info.id,
        title=texts.choose(list(source.title.items()), language) or Text(source.name),
        href=url_for("pages.source", name=source.name),
        day=hour(info.started, language),
        started=info.started,
        duration=_duration(report.get("seconds"), language),
        status=info.status,
        counts={name: display.number(report.get(name) or 0, language) for name in COUNTS} if "found" in report else {},
        partial=bool(report.get("partial")),
        findings=_findings(report, language),
        repairs=[
            (
                repairs.title(rule, language),
                display.number(count, language),
                url_for("pages.source_repairs", name=source.name, rule=rule),
            )
            for rule, count in rules.items()
        ],
        rejected=_rejected(info, language),
        rejected_total=display.number(sum(rejected.values()), language),
        rows=display.number(rows, language) if rows else "",
        notes=list(dict.fromkeys(str(note) for note in (info.message, *(report.get("notes") or ())) if note)),
        next_run=next_run(source, language),
    )


@blueprint.get("/source/<name>/run/<int:number>")
def source_run(name: str, number: int) -> str:
    """Show one harvest run of a source."""
    source = info_of(name, snapshot())
    info = next((run for run in source.runs if run.id == number), None)
    if info is None:
        abort(404)
    return render_template("pages/run.html", page=run_page(source, info, g.language))
