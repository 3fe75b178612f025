"""Quality of the whole catalogue: its score and what the score means, its trend, every source and organisation.

The score is that of the Metadata Quality Assessment (https://data.europa.eu/mqa/methodology).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import g, render_template, request, url_for

from maillon.quality import lists
from maillon.quality.values import Scope
from maillon.web import display, facets, quality_data, quality_parts, quality_places, quality_words, texts
from maillon.web.current import Published, snapshot
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.cards import sort_key
from maillon.web.quality_charts import Chart
from maillon.web.quality_parts import Bar, Compared, FixCard, Gauge
from maillon.web.texts import Text
from maillon.web.wording import _

ROWS: Final = 50
"""Organisations on one page."""

FIXES_SHOWN: Final = 5
EXAMPLES_SHOWN: Final = 3
SORTS: Final = ("name", "datasets", "points", "violations")


@dataclass(frozen=True, slots=True)
class Level:
    """One rating of the scale.

    Attributes:
        name: What it is called.
        css: Its name for the style sheet.
        span: From how many points to how many, in words.
    """

    name: str
    css: str
    span: str


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """A source or an organisation in a table.

    Attributes:
        name: What it is called.
        href: Address of its report; empty where it has no page of its own.
        datasets: Number of its datasets, in the digits of the language.
        gauge: Its mean points.
        violations: Number of findings that must be corrected.
    """

    name: Text
    href: str
    datasets: str
    gauge: Gauge
    violations: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column by which a table can be sorted.

    Attributes:
        label: What the column shows.
        href: Address of the page sorted by it; the other way round where it is already.
        sorted: ``ascending``, ``descending``, or empty.
        is_number: Whether it holds numbers.
    """

    label: str
    href: str
    sorted: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class QualityPage:
    """What ``templates/pages/quality.html`` shows.

    Attributes:
        day: When it was measured, in words.
        count: Number of datasets measured, in words; empty where nothing was measured.
        gauge: Score of the catalogue, None where nothing was measured.
        dimensions: Its points by dimension.
        indicators: Our own indicators.
        unchecked: Points that nobody can have because no address was checked, in digits; empty where some were.
        compared: The score beside that of a month ago.
        charts: How it went.
        fixes: What would raise it most for the least effort.
        levels: What the scale means, the best first.
        headings: Columns of the tables.
        sources: All sources.
        organisations: Organisations of this page.
        organisations_total: Number of all, in the digits of the language.
        before: Address of the page of organisations before, empty where there is none.
        after: Address of the page after, empty where there is none.
        downloads: Pairs of name and address of all findings.
    """

    day: str
    count: str
    gauge: Gauge | None
    dimensions: list[Bar]
    indicators: list[Bar]
    unchecked: str
    compared: list[Compared]
    charts: list[Chart]
    fixes: list[FixCard]
    levels: list[Level]
    headings: list[Heading]
    sources: list[ScopeRow]
    organisations: list[ScopeRow]
    organisations_total: str
    before: str
    after: str
    downloads: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sorting:
    """In which order tables are.

    Attributes:
        column: One of SORTS.
        descending: Whether the largest comes first.
        page: Page of the organisations, from 1.
    """

    column: str = "name"
    descending: bool = False
    page: int = 1

    def address(self, column: str, descending: bool, page: int = 1) -> str:
        """Return the address of the page in another order."""
        sort = f"-{column}" if descending else column
        given: dict[str, Any] = {"sort": sort if sort != "name" else None, "page": page if page > 1 else None}
        return url_for("pages.quality", **given, _anchor="organisations" if page > 1 else None)


def sorting(arguments: Mapping[str, str]) -> Sorting:
    """Read the order from the parameters of an address; what makes no sense is left out."""
    sort, page = arguments.get("sort", ""), arguments.get("page", "1")
    column = sort.removeprefix("-")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    return Sorting(column, sort.startswith("-"), max(1, number)) if column in SORTS else Sorting(page=max(1, number))


def levels(language: str) -> list[Level]:
    """Return the ratings with the points that earn them, the best first."""
    top, found = quality_words.most(), []
    for item in lists.ratings():
        span = [display.number(value, language) for value in (item.least, top)]
        found.append(
            Level(
                quality_words.rating_name(item, language),
                item.name.lower(),
                _("%(least)s to %(most)s points", least=span[0], most=span[1]),
            )
        )
        top = item.least - 1
    return found


def headings(order: Sorting) -> list[Heading]:
    """Return the headings of the tables; a number is sorted with the largest first."""
    labels = {
        "name": _("Name"), "datasets": _("Datasets"), "points": _("Points"), "violations": _("Must be corrected"),
    }  # fmt: skip
    found = []
    for column, label in labels.items():
        is_number, is_current = column != "name", column == order.column
        descending = not order.descending if is_current else is_number
        now = ("descending" if order.descending else "ascending") if is_current else ""
        found.append(Heading(label, order.address(column, descending), now, is_number))
    return found


def _sorted(scopes: Sequence[Scope], names: Mapping[str, Text], order: Sorting) -> list[Scope]:
    keys: dict[str, Callable[[Scope], Any]] = {
        "name": lambda scope: sort_key(names[scope.key]),
        "datasets": lambda scope: scope.datasets,
        "points": lambda scope: scope.points,
        "violations": lambda scope: scope.severities.get("Violation", 0),
    }
    by_name = sorted(scopes, key=keys["name"])
    return sorted(by_name, key=keys[order.column], reverse=order.descending)


def _row(scope: Scope, name: Text, href: str, language: str) -> ScopeRow:
    return ScopeRow(
        name=name,
        href=href,
        datasets=display.number(scope.datasets, language),
        gauge=quality_parts.gauge(scope.points, language),
        violations=display.number(scope.severities.get("Violation", 0), language),
    )


def _sources(published: Published, order: Sorting, language: str) -> list[ScopeRow]:
    names = {
        info.name: texts.choose(list(info.title.items()), language) or Text(info.name) for info in published.sources
    }
    scopes = [scope for scope in quality_data.of(published).scopes("source") if scope.key in names]
    return [
        _row(scope, names[scope.key], url_for("pages.source_report", name=scope.key), language)
        for scope in _sorted(scopes, names, order)
    ]


def _organisations(scopes: Sequence[Scope], published: Published, order: Sorting, language: str) -> list[ScopeRow]:
    names = facets.organisation_names([scope.key for scope in scopes], published, language)
    chosen = _sorted(scopes, names, order)[(order.page - 1) * ROWS : order.page * ROWS]
    known = published.documents.many(scope.key for scope in chosen)
    return [
        _row(
            scope,
            names[scope.key],
            url_for("pages.organisation_report", key=known[scope.key].key) if scope.key in known else "",
            language,
        )
        for scope in chosen
    ]


def unchecked(scope: Scope | None, language: str) -> str:
    """Return the points that are missing because no address was checked, in digits; empty where some were."""
    points = quality_parts.unchecked_points(scope.indicators) if scope else 0
    return display.number(points, language) if points else ""


def first_fixes(scope: Scope, published: Published, language: str) -> list[FixCard]:
    """Return the first things to do in a scope, each with datasets in which it gains most."""
    shown = quality_parts.first(scope.gains, FIXES_SHOWN)
    file = quality_data.of(published)
    places: dict[str, dict[str, str]] = {}
    for gain in shown:
        for iri in gain.examples[:EXAMPLES_SHOWN]:
            assessment = file.dataset(iri)
            own = next((item for item in assessment.score.gains if item.fix == gain.fix), None) if assessment else None
            places.setdefault(gain.fix, {})[iri] = own.where[0] if own and own.where else iri
    return quality_parts.fixes(scope, shown, places, published.documents, language)


def quality_page(published: Published, order: Sorting, language: str) -> QualityPage:
    """Make what the page shows."""
    file, place = quality_data.of(published), quality_places.catalogue()
    scope = file.scope("catalogue")
    organisations = file.scopes("organisation")
    last = max(1, -(-len(organisations) // ROWS))
    return QualityPage(
        day=display.moment(published.snapshot.manifest.made, language),
        count=display.datasets(scope.datasets, language) if scope else "",
        gauge=quality_parts.gauge(scope.points, language) if scope else None,
        dimensions=quality_parts.dimensions(scope.dimensions, language) if scope else [],
        indicators=quality_parts.indicators(scope.indicators, language) if scope else [],
        unchecked=unchecked(scope, language),
        compared=quality_parts.compared(quality_data.compared(scope, file), "catalogue", language) if scope else [],
        charts=quality_parts.charts(file.moments("catalogue"), language),
        fixes=first_fixes(scope, published, language) if scope else [],
        levels=levels(language),
        headings=headings(order),
        sources=_sources(published, order, language),
        organisations=_organisations(organisations, published, order, language),
        organisations_total=display.number(len(organisations), language),
        before=order.address(order.column, order.descending, order.page - 1) if order.page > 1 else "",
        after=order.address(order.column, order.descending, order.page + 1) if order.page < last else "",
        downloads=[(name, place.address("table", extension=name)) for name in ("xlsx", "csv")],
    )


@blueprint.get("/quality")
def quality() -> str:
    """Show the quality of the catalogue."""
    return render_template("pages/quality.html", page=quality_page(snapshot(), sorting(request.args), g.language))
