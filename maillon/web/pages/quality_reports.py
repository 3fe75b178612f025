"""The report card of a source or an organisation: what is good, what to fix first and how, how it went, all findings.

It is a page like any other and prints on paper as it stands: there is no second form of it to be kept in step.
"""

from dataclasses import dataclass
from typing import Final

from flask import current_app, g, render_template
from markupsafe import Markup

from maillon.quality.values import Scope
from maillon.web import (
    display,
    quality_badge,
    quality_data,
    quality_findings,
    quality_overview,
    quality_parts,
    quality_places,
)
from maillon.web.current import Published, snapshot
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.quality import Level, first_fixes, levels, unchecked
from maillon.web.quality_charts import Chart
from maillon.web.quality_overview import RuleCard, Severity
from maillon.web.quality_parts import Bar, Compared, FixCard, Gauge
from maillon.web.quality_places import Place
from maillon.web.texts import Text

RULES: Final = 12
"""Rules on the card, which is read and printed as a whole; the list of all findings has all of them."""


@dataclass(frozen=True, slots=True)
class Badge:
    """The badge of a source or an organisation.

    Attributes:
        picture: The badge itself, as SVG.
        snippet: HTML to paste into another site.
    """

    picture: Markup
    snippet: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """What ``templates/pages/report.html`` shows.

    Attributes:
        kind: ``source`` or ``organisation``.
        kind_name: The same in the visitor's language.
        title: What it is called.
        href: Address of its page.
        site: Name of the catalogue.
        day: When it was measured, in words.
        count: Number of its datasets, in words; empty where nothing was measured.
        gauge: Its score, None where nothing was measured.
        dimensions: Its points by dimension.
        indicators: Our own indicators.
        unchecked: Points that nobody can have because no address was checked, in digits; empty where some were.
        good: What nearly all of its datasets have.
        fixes: What to do first.
        compared: Its score beside that of a month ago and the median.
        charts: How it went.
        findings: Number of findings by severity, the gravest first, with the rules that are broken.
        rules: The first of these rules.
        levels: What the scale means, the best first.
        downloads: Pairs of extension and address of all findings.
        all_findings: Address of the list of findings.
        feed: Address of the feed of new findings.
        badge: Its badge.
    """

    kind: str
    kind_name: str
    title: Text
    href: str
    site: str
    day: str
    count: str
    gauge: Gauge | None
    dimensions: list[Bar]
    indicators: list[Bar]
    unchecked: str
    good: list[Bar]
    fixes: list[FixCard]
    compared: list[Compared]
    charts: list[Chart]
    findings: list[Severity]
    rules: list[RuleCard]
    levels: list[Level]
    downloads: list[tuple[str, str]]
    all_findings: str
    feed: str
    badge: Badge


def _badge(place: Place, scope: Scope | None, language: str) -> Badge:
    src = quality_findings.absolute(f"{place.badge}?lang={language}")
    page = quality_findings.absolute(place.address("report"))
    made = quality_badge.badge(place.title.value, scope.points if scope else None, language)
    # The template escapes what it is given, so it is markup.
    picture = Markup(render_template("partials/badge.svg", badge=made, language=language))  # noqa: S704
    return Badge(picture, render_template("partials/badge.html", page=page, src=src, alt=made.title).strip())


def report_page(place: Place, published: Published, language: str) -> ReportPage:
    """Make what the report card of a source or an organisation shows."""
    file, scope = quality_data.of(published), quality_places.scope(place, published)
    found = quality_overview.severities(place, published, language)
    return ReportPage(
        kind=place.kind,
        kind_name=quality_places.name_of_kind(place.kind),
        title=place.title,
        href=place.href,
        site=current_app.config["MAILLON"].title,
        day=display.moment(published.snapshot.manifest.made, language),
        count=display.datasets(scope.datasets, language) if scope else "",
        gauge=quality_parts.gauge(scope.points, language) if scope else None,
        dimensions=quality_parts.dimensions(scope.dimensions, language) if scope else [],
        indicators=quality_parts.indicators(scope.indicators, language) if scope else [],
        unchecked=unchecked(scope, language),
        good=quality_parts.good(scope, language) if scope else [],
        fixes=first_fixes(scope, published, language) if scope else [],
        compared=quality_parts.compared(quality_data.compared(scope, file), place.kind, language) if scope else [],
        charts=quality_parts.charts(file.moments(place.kind, place.key), language),
        findings=found,
        rules=[rule for item in found for rule in item.rules][:RULES],
        levels=levels(language),
        downloads=[(name, place.address("table", extension=name)) for name in ("xlsx", "csv")],
        all_findings=place.address("findings"),
        feed=place.address("feed"),
        badge=_badge(place, scope, language),
    )


@blueprint.get("/source/<name>/report")
def source_report(name: str) -> str:
    """Show the report card of a source."""
    published = snapshot()
    place = quality_places.source(name, published, g.language)
    return render_template("pages/report.html", page=report_page(place, published, g.language))


@blueprint.get("/organisation/<path:key>/report")
def organisation_report(key: str) -> str:
    """Show the report card of an organisation."""
    published = snapshot()
    place = quality_places.organisation(key, published, g.language)
    return render_template("pages/report.html", page=report_page(place, published, g.language))
