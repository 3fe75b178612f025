"""Sources: where the catalogue comes from, when each was harvested, and what was wrong with what it sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import abort, g, render_template, url_for

from maillon import validation
from maillon.search import Query
from maillon.store.documents import RunInfo, SourceInfo
from maillon.web import display, facets, links, texts
from maillon.web.current import Published, snapshot
from maillon.web.display import Link
from maillon.web.findings import severity_label
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.cards import DatasetCard, cards
from maillon.web.texts import Text
from maillon.web.wording import _

DATASETS_SHOWN: Final = 5
RUNS_SHOWN: Final = 10
ORPHANS_SHOWN: Final = 200
COUNTS: Final = ("found", "new", "changed", "unchanged", "missing", "gone", "withheld")


@dataclass(frozen=True, slots=True)
class Run:
    """One harvest run.

    Attributes:
        day: When it began, in words.
        good: Whether it ended well.
        counts: Number of datasets in the digits of the language, by name of COUNTS.
        rejected: Pairs of reason, in the visitor's language where we know it, and number of rejected records.
        rejected_total: Number of rejected records.
        orphans: Number of distributions that no dataset refers to, empty where there is none.
        orphan_links: The first of them: pairs of IRI and address of the document about it.
        notes: What a person should know of it.
    """

    day: str
    good: bool
    counts: Mapping[str, str]
    rejected: list[tuple[Text, str]]
    rejected_total: str
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
    runs: list[Run]
    datasets: list[DatasetCard]
    all_datasets: str
    catalog: str


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _reason(reason: str) -> Text:
    """Return why records were rejected, in the visitor's language for the reasons met most."""
    known = {
        "private": _("marked private by the source"),
        "identifier stands twice in the source": _("its identifier stands twice in the source"),
        "identifier used twice": _("its identifier stands twice in the source"),
        "no identifier": _("no identifier"),
        "no identity": _("no identifier"),
    }
    return Text(known[reason]) if reason in known else Text(reason, "en")


def _run(info: RunInfo, language: str) -> Run:
    report = info.report
    rejected = report.get("rejected") or {}
    orphans = _whole(report.get("orphans"))
    return Run(
        day=display.moment(info.started, language),
        good=info.status == "done",
        counts={name: display.number(_whole(report.get(name)), language) for name in COUNTS},
        rejected=[(_reason(reason), display.number(count, language)) for reason, count in rejected.items()],
        rejected_total=display.number(sum(rejected.values()), language),
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
        last=_run(info.runs[0], language) if info.runs else None,
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


def source_page(info: SourceInfo, published: Published, language: str) -> SourcePage:
    """Make what the page of one source shows."""
    filters = {"source": (info.name,)}
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
        runs=[_run(run, language) for run in info.runs[:RUNS_SHOWN]],
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
    info = next((item for item in published.sources if item.name == name), None)
    if info is None:
        abort(404)
    return render_template("pages/source.html", page=source_page(info, published, g.language))
