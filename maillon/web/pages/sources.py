"""Sources: where the catalogue comes from, when each was harvested, and what was wrong with what it sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import g, render_template, url_for

from maillon import validation
from maillon.search import Query
from maillon.store.documents import RunInfo, SourceInfo
from maillon.web import display, facets, links, repairs, texts
from maillon.web.current import Published, snapshot
from maillon.web.display import Link
from maillon.web.findings import severity_label
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.cards import DatasetCard, cards
from maillon.web.pages.repairs import findings_of_last_run, info_of
from maillon.web.pages.runs import hour, next_run, reason_text
from maillon.web.repairs import RuleCount
from maillon.web.texts import Text

DATASETS_SHOWN: Final = 5
RUNS_SHOWN: Final = 10
REPAIRS_SHOWN: Final = 8
ORPHANS_SHOWN: Final = 200
TREND_FROM: Final = 3
COUNTS: Final = ("found", "new", "changed", "unchanged", "missing", "gone", "withheld")


@dataclass(frozen=True, slots=True)
class Run:
    """One harvest run.

    Attributes:
        number: Its number.
        href: Address of its page.
        day: Day and hour at which it began, in words and UTC.
        good: Whether it ended well.
        counts: Number of datasets in the digits of the language, by name of COUNTS.
        rejected: Pairs of reason, in the visitor's language where we know it, and number of rejected records.
        rejected_total: Number of rejected records.
        findings: Findings in what it read, as published, with what became of their number since the run before; empty
            where that is not known.
        orphans: Number of distributions that no dataset refers to, empty where there is none.
        orphan_links: The first of them: pairs of IRI and address of the document about it.
        notes: What a person should know of it.
    """

    number: int
    href: str
    day: str
    good: bool
    counts: Mapping[str, str]
    rejected: list[tuple[Text, str]]
    rejected_total: str
    findings: str
    orphans: str
    orphan_links: list[tuple[str, str]]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in the list of sources.

    Attributes:
        title: Its title, or its name where it has none.
        href: Address of its page.
        publisher: Name of the body that publishes it.
        datasets: Number of its datasets, in the digits of the language.
        conformant: Number of those without a violation.
        last: Its last run, None where there was none.
    """

    title: Text
    href: str
    publisher: str
    datasets: str
    conformant: str
    last: Run | None


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """What ``templates/pages/sources.html`` shows.

    Attributes:
        rows: The sources, by title.
    """

    rows: list[SourceRow]


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of finding in the records of a source.

    Attributes:
        severity: ``violation``, ``warning`` or ``info``.
        severity_label: The same in the visitor's language.
        message: What is wrong, in the visitor's language.
        count: How often, in the digits of the language.
    """

    severity: str
    severity_label: str
    message: str
    count: str


@dataclass(frozen=True, slots=True)
class Trend:
    """How the number of findings went over the last harvests.

    Attributes:
        points: The line, as an SVG polyline has it, in a box of 240 by 48.
        end: Its last point, as a pair of numbers.
        runs: Number of harvests.
        first: Number of findings at the first of them, in the digits of the language.
        last: Number of findings at the last of them.
    """

    points: str
    end: tuple[str, str]
    runs: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class SourcePage:
    """What ``templates/pages/source.html`` shows.

    Attributes:
        row: The source as in the list.
        name: Its name, part of the IRIs minted for it.
        description: What it says of itself, None where nothing.
        kind: Its harvester.
        url: Where it is harvested from, empty where that is a file or may not be followed.
        homepage: Its page for people, empty where it has none that may be followed.
        licence: Licence of its metadata, None where none is stated.
        problems: What is wrong with its records, the most frequent first.
        repairs: What was repaired in its records, the most frequent first, each with the address of these records.
        more_repairs: Number of rules left out of them.
        trend: How the number of findings went, None where there are fewer than three harvests.
        all_repairs: Address of the page with every repair.
        findings_before: Number of findings in what it sent at its last harvest, empty where unknown.
        findings_after: The same after repair.
        next_run: When it is harvested next by itself, empty where it is not.
        runs: Its last runs, the newest first.
        datasets: Its datasets that changed last.
        all_datasets: Address of the list of all of them.
        catalog: Address of the page about its dcat:Catalog, empty where it has none.
    """

    row: SourceRow
    name: str
    description: Text | None
    kind: str
    url: str
    homepage: str
    licence: Link | None
    problems: list[Problem]
    repairs: list[tuple[RuleCount, str]]
    more_repairs: int
    trend: Trend | None
    all_repairs: str
    findings_before: str
    findings_after: str
    next_run: str
    runs: list[Run]
    datasets: list[DatasetCard]
    all_datasets: str
    catalog: str


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _trend(info: RunInfo, earlier: RunInfo | None, language: str) -> str:
    """Return the number of findings, with how much it rose or fell since an earlier run."""
    if info.status != "done" or "findings" not in info.report:
        return ""
    total = sum(info.report["findings"].values())
    shown = display.number(total, language)
    if earlier is None or "findings" not in earlier.report or earlier.report.get("partial"):
        return shown
    difference = total - sum(earlier.report["findings"].values())
    return f"{shown} ({difference:+d})" if difference and not info.report.get("partial") else shown


def trend(runs: Sequence[RunInfo], language: str) -> Trend | None:
    """Draw the findings of the harvests that read a source as a whole; ``runs`` come newest first."""
    whole = [run.report for run in runs if run.status == "done" and not run.report.get("partial")]
    totals = [sum(report["findings"].values()) for report in reversed(whole) if "findings" in report]
    if len(totals) < TREND_FROM:
        return None
    top = max(*totals, 1)
    points = [
        (f"{4 + 232 * place / (len(totals) - 1):.1f}", f"{44 - 40 * total / top:.1f}")
        for place, total in enumerate(totals)
    ]
    first, last, number = (display.number(item, language) for item in (totals[0], totals[-1], len(totals)))
    return Trend(" ".join(f"{x},{y}" for x, y in points), points[-1], number, first, last)


def _runs(runs: Sequence[RunInfo], language: str) -> list[Run]:
    """Return runs, the newest first, each compared with the one before that ended well."""
    made = []
    for place, info in enumerate(runs):
        earlier = next((run for run in runs[place + 1 :] if run.status == "done"), None)
        made.append(_run(info, _trend(info, earlier, language), language))
    return made


def _run(info: RunInfo, findings: str, language: str) -> Run:
    report = info.report
    rejected = report.get("rejected") or {}
    orphans = _whole(report.get("orphans"))
    return Run(
        number=info.id,
        href=url_for("pages.source_run", name=info.source, number=info.id),
        day=hour(info.started, language),
        good=info.status == "done",
        counts={name: display.number(_whole(report.get(name)), language) for name in COUNTS},
        rejected=[(reason_text(reason), display.number(count, language)) for reason, count in rejected.items()],
        rejected_total=display.number(sum(rejected.values()), language),
        findings=findings,
        orphans=display.number(orphans, language) if orphans else "",
        orphan_links=[(iri, links.by_iri(iri)) for iri in (report.get("orphan_iris") or ())[:ORPHANS_SHOWN]],
        notes=list(dict.fromkeys(str(note) for note in (info.message, *(report.get("notes") or ())) if note)),
    )


def _row(info: SourceInfo, language: str) -> SourceRow:
    return SourceRow(
        title=texts.choose(list(info.title.items()), language) or Text(info.name),
        href=url_for("pages.source", name=info.name),
        publisher=info.publisher,
        datasets=display.number(info.datasets, language),
        conformant=display.number(info.conformant, language),
        last=next(iter(_runs(info.runs[:1], language)), None),
    )


def _problems(name: str, published: Published, language: str) -> list[Problem]:
    return [
        Problem(
            severity.lower(),
            severity_label(severity),
            validation.message(shape, language),
            display.number(count, language),
        )
        for shape, severity, count in published.documents.findings_by_shape(name)
    ]


def _repairs(rules: Sequence[RuleCount], name: str) -> list[tuple[RuleCount, str]]:
    return [(item, url_for("pages.source_repairs", name=name, rule=item.id, _anchor="records")) for item in rules]


def source_page(info: SourceInfo, published: Published, language: str) -> SourcePage:
    """Make what the page of one source shows."""
    filters = {"source": (info.name,)}
    before, after = findings_of_last_run(info, language)
    applied = repairs.by_rule(published.documents, info.name, language)
    query = Query(language=language, filters=filters, sort="modified", limit=DATASETS_SHOWN, facet_limit=1)
    catalog = published.documents.get(info.catalog) if info.catalog else None
    return SourcePage(
        row=_row(info, language),
        name=info.name,
        description=texts.choose(list(info.description.items()), language),
        kind=info.kind,
        url=display.followed(info.url),
        homepage=display.followed(info.homepage),
        licence=links.to_iri(info.license, language) if info.license else None,
        problems=_problems(info.name, published, language),
        repairs=_repairs(applied[:REPAIRS_SHOWN], info.name),
        more_repairs=max(0, len(applied) - REPAIRS_SHOWN),
        trend=trend(info.runs, language),
        all_repairs=url_for("pages.source_repairs", name=info.name),
        findings_before=before,
        findings_after=after,
        next_run=next_run(info, language),
        runs=_runs(info.runs, language)[:RUNS_SHOWN],
        datasets=cards(published.search.search(query).hits, language),
        all_datasets=facets.Wanted(filters=filters).address(),
        catalog=url_for("pages.entity", kind=catalog.kind, key=catalog.key) if catalog else "",
    )


@blueprint.get("/sources")
def sources() -> str:
    """Show where the catalogue comes from."""
    rows = sorted((_row(info, g.language) for info in snapshot().sources), key=lambda row: row.title.value.casefold())
    return render_template("pages/sources.html", page=SourcesPage(rows))


@blueprint.get("/source/<name>")
def source(name: str) -> str:
    """Show one source."""
    published = snapshot()
    return render_template("pages/source.html", page=source_page(info_of(name, published), published, g.language))
