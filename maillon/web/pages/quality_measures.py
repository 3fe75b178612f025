"""What one measure of quality means: what it asks, why, how it is worked out, its value now, and the query behind it.

Measures are the metrics and dimensions of data.europa.eu (https://data.europa.eu/mqa/methodology) and our own
indicators; their measurements stand in the graph of quality (DQV, https://www.w3.org/TR/vocab-dqv/).
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import abort, current_app, g, render_template, url_for

from maillon.quality import dqv, indicators, lists
from maillon.quality.indicators import Definition
from maillon.quality.lists import Dimension, Metric
from maillon.quality.values import Scope
from maillon.sparql.saved.queries import saved
from maillon.web import display, quality_charts, quality_data, quality_parts, quality_words
from maillon.web.current import Published, snapshot
from maillon.web.pages.blueprint import blueprint
from maillon.web.quality_parts import Bar
from maillon.web.wording import _

_QUERY: Final = """# {title}
SELECT ?dataset ?title ?value WHERE {{
  GRAPH <{graph}> {{
    ?measurement dqv:isMeasurementOf <{metric}> ; dqv:computedOn ?dataset ; dqv:value ?value .{filter}
  }}
  ?dataset a dcat:Dataset .
  OPTIONAL {{ ?dataset dct:title ?title }}
}}
ORDER BY ?value ?dataset
LIMIT 100
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePage:
    """What ``templates/pages/quality_measure.html`` shows.

    Attributes:
        name: What it is called.
        scale: Which scale it belongs to, in words.
        what: What it says.
        why: Why it matters; empty where the definition does not say.
        how: How it is measured; empty where the formula says it.
        formula: How its value is worked out.
        value: Its value in the catalogue, in words; empty where it is not known.
        share: Length of the bar, 0 to 100; empty where it is not known.
        day: When it was measured, in words.
        parts: Metrics of a dimension, each with its share or points; empty for other measures.
        whole: The dimension of a metric: pair of name and address; None for other measures.
        sources: Its value in each source, by name.
        query: SPARQL query for the datasets concerned.
        editor: Address of the SPARQL page with this query.
        saved: Address of the saved query for the same, empty where there is none.
        specification: Address of the methodology, empty for our own.
    """

    name: str
    scale: str
    what: str
    why: str
    how: str = ""
    formula: str
    value: str
    share: str
    day: str
    parts: list[Bar]
    whole: tuple[str, str] | None
    sources: list[tuple[str, str, str]]
    query: str
    editor: str
    saved: str
    specification: str


def value_of(scope: Scope | None, measure: str) -> float | None:
    """Return the value of a measure in a scope: a share, or points of a dimension; None where it is not known."""
    if scope is None:
        return None
    metric = quality_words.metric(measure)
    if metric and metric.test == "reachable" and quality_parts.unchecked_points(scope.indicators):
        return None  # not even one address was asked: nobody failed
    known = {**scope.indicators, **scope.metrics, **scope.dimensions}
    return known.get(measure)


def shown(value: float | None, measure: str, language: str) -> tuple[str, str]:
    """Return a value in words and the length of its bar; both empty where it is not known."""
    if value is None:
        return "", ""
    dimension = quality_words.dimension(measure)
    if dimension is None:
        return quality_parts.percent(value, language), quality_charts.share(value, 1)
    numbers = [display.number(item, language) for item in (quality_words.whole(value), dimension.maximum)]
    words = _("%(points)s of %(most)s", points=numbers[0], most=numbers[1])
    return words, quality_charts.share(value, dimension.maximum)


def query(title: str, metric: str, only: str = "") -> str:
    """Return the query for the datasets with a measurement of a metric, the worst first."""
    graph = f"{current_app.config['MAILLON'].base_iri}graph/quality"
    return _QUERY.format(title=" ".join(title.split()), graph=graph, metric=metric, filter=only)


def _sources(published: Published, measure: str, language: str) -> list[tuple[str, str, str]]:
    found = []
    for scope in quality_data.of(published).scopes("source"):
        words, _share = shown(value_of(scope, measure), measure, language)
        title = next((info.title for info in published.sources if info.name == scope.key), {})
        name = title.get(language) or next(iter(title.values()), scope.key)
        found.append((name, url_for("pages.source_report", name=scope.key), words or _("not known")))
    return sorted(found, key=lambda item: item[0].casefold())


def _page(measure: str, published: Published, language: str, text: str, **said: str) -> MeasurePage:
    scope = quality_data.of(published).scope("catalogue")
    value, share = shown(value_of(scope, measure), measure, language)
    metric = quality_words.metric(measure)
    whole = quality_words.dimension(metric.dimension) if metric else None
    return MeasurePage(
        name=quality_words.name(measure, language),
        what=said["what"],
        why=said["why"],
        how=said.get("how", ""),
        formula=said["formula"],
        scale=said["scale"],
        value=value,
        share=share,
        day=display.moment(published.snapshot.manifest.made, language),
        parts=_parts(measure, scope, language),
        whole=(quality_words.said(whole.label, language), quality_parts.definition(whole.name)) if whole else None,
        sources=_sources(published, measure, language),
        query=text,
        editor=f"{url_for('pages.sparql')}?{urlencode({'query': text})}",
        saved=_saved(measure),
        specification=said.get("specification", ""),
    )


def _saved(measure: str) -> str:
    """Return the address of the saved query about an indicator; empty for what it does not know."""
    iri, query_name = f"{dqv.INDICATOR}{measure}", "quality-indicator"
    known = saved().get(query_name)
    if known is None or not any(iri in parameter.values for parameter in known.parameters):
        return ""
    return f"{url_for('pages.saved_query', name=query_name)}?{urlencode({'indicator': iri})}"


def _parts(measure: str, scope: Scope | None, language: str) -> list[Bar]:
    found = []
    for item in lists.metrics():
        if item.dimension == measure:
            words, share = shown(value_of(scope, item.name), item.name, language)
            label = quality_words.said(item.label, language)
            points = _("%(points)s points", points=display.number(item.points, language))
            found.append(
                Bar(f"{label} ({points})", quality_parts.definition(item.name), words or _("not known"), share)
            )
    return found


def _metric(item: Metric, published: Published, language: str) -> MeasurePage:
    text = query(quality_words.name(item.name, language), f"{lists.PV}{item.name}", "\n    FILTER(?value = false)")
    return _page(
        item.name, published, language, text,
        what=quality_words.said(item.definition, language), why=quality_words.reason(item.dimension),
        formula=quality_words.formula(item, language), scale=_("Metric of the European scale"),
        specification=quality_words.MQA,
    )  # fmt: skip


def _dimension(item: Dimension, published: Published, language: str) -> MeasurePage:
    text = query(quality_words.name(item.name, language), f"{lists.PV}{item.name}Scoring")
    most = display.number(item.maximum, language)
    return _page(
        item.name, published, language, text,
        what=quality_words.said(item.definition, language), why=quality_words.reason(item.name),
        formula=_("The sum of the points of its metrics, at most %(most)s.", most=most),
        scale=_("Dimension of the European scale"), specification=quality_words.MQA,
    )  # fmt: skip


def _indicator(item: Definition, published: Published, language: str) -> MeasurePage:
    said = {name: quality_words.said(getattr(item, name), language) for name in ("what", "why", "how", "formula")}
    text = query(quality_words.name(item.name, language), f"{dqv.INDICATOR}{item.name}", "\n    FILTER(?value < 1)")
    return _page(item.name, published, language, text, scale=_("Indicator of this catalogue"), **said)


def measure_page(measure: str, published: Published, language: str) -> MeasurePage | None:
    """Make what the page of a measure shows; None where there is no such measure."""
    if metric := quality_words.metric(measure):
        return _metric(metric, published, language)
    if dimension := quality_words.dimension(measure):
        return _dimension(dimension, published, language)
    own = indicators.definitions().get(measure)
    return _indicator(own, published, language) if own else None


@blueprint.get("/quality/<name>")
def quality_measure(name: str) -> str:
    """Show what a measure of quality means."""
    page = measure_page(name, snapshot(), g.language)
    if page is None:
        abort(404)
    return render_template("pages/quality_measure.html", page=page)
