"""What pages about quality are made of: gauges, bars, fixes with examples, comparisons, charts of a scope.

Turns scopes and assessments (``maillon.quality.values``) into values for templates in the visitor's language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from babel.numbers import format_percent
from flask import url_for

from maillon.quality import indicators as own
from maillon.quality import lists
from maillon.quality.gains import FIXES
from maillon.quality.values import Gain, Moment, Scope, ScopeGain
from maillon.store.documents import Document, Documents
from maillon.vocabulary import AUTHORITY, term
from maillon.web import display, links, quality_charts, quality_words
from maillon.web.described import read
from maillon.web.findings import severity_label
from maillon.web.quality_charts import Chart, Series
from maillon.web.quality_data import Comparison
from maillon.web.texts import Text
from maillon.web.wording import _, ngettext

LONGEST: Final = 120
"""Characters shown of a value."""

MOST_GOOD: Final = 8
"""Metrics named as good."""

SEVERITIES: Final = ("Violation", "Warning", "Info")


@dataclass(frozen=True, slots=True)
class Gauge:
    """Points on the European scale.

    Attributes:
        points: In the digits of the language, halves rounded up.
        most: Points of a perfect description.
        rating: Rating in words.
        css: Rating for the style sheet: excellent, good, sufficient or bad.
        share: Length of its bar, 0 to 100.
    """

    points: str
    most: str
    rating: str
    css: str
    share: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One measure with a bar.

    Attributes:
        name: What is measured.
        href: Address of the page that defines it.
        value: What was found, in words or digits of the language.
        share: Length of the bar, 0 to 100; empty where nothing is known.
    """

    name: str
    href: str
    value: str
    share: str


@dataclass(frozen=True, slots=True)
class Example:
    """A dataset in which something is to be fixed.

    Attributes:
        title: Title of the dataset.
        href: Address of its page.
        field: Property concerned, as a prefixed name; empty where there is none in particular.
        value: What stands there now, empty where nothing does.
    """

    title: Text
    href: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class FixCard:
    """One thing to do.

    Attributes:
        title: What is to be done.
        how: How, in a sentence.
        gain: What it adds in all, with sign: ``+240``.
        effort: How many values have to be written in how many datasets, in words.
        mean: What it adds to the mean of the scope, with sign; empty for one dataset.
        href: Address of the page that defines the metric it is about.
        examples: Datasets in which it gains most.
    """

    title: str
    how: str
    gain: str
    effort: str
    mean: str
    href: str
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class Compared:
    """A number that the score is compared with.

    Attributes:
        label: Which it is.
        points: The number in the digits of the language.
        difference: How much better or worse the scope is, with sign and in words; empty for itself.
    """

    label: str
    points: str
    difference: str


def gauge(points: float, language: str) -> Gauge:
    """Return points as a gauge."""
    rating = quality_words.rating(points)
    return Gauge(
        points=display.number(quality_words.whole(points), language),
        most=display.number(quality_words.most(), language),
        rating=quality_words.rating_name(rating, language),
        css=rating.name.lower(),
        share=quality_charts.share(points, quality_words.most()),
    )


def percent(share: float, language: str) -> str:
    """Return a share as a whole percentage; only all is 100 % and only none is 0 %."""
    number = round(100 * share)
    if number == 100 and share < 1:
        number = 99
    if number == 0 and share > 0:
        number = 1
    return str(format_percent(number / 100, locale=language))


def signed(value: float, language: str) -> str:
    """Return a number with its sign, to one decimal where it is small."""
    shown = round(value, 1) if abs(value) < 10 else round(value)
    sign = "+" if shown > 0 else "−" if shown < 0 else "±"
    return f"{sign}{display.number(abs(shown), language)}"


def definition(measure: str) -> str:
    """Return the address of the page that defines a measure."""
    return url_for("pages.quality_measure", name=measure)


def unchecked_points(found: Mapping[str, float | None]) -> int:
    """Return the points that nobody can have yet because no address was checked; 0 where some were."""
    if found.get("links") is not None:
        return 0
    return sum(item.points for item in lists.metrics() if item.test == "reachable")


def first(gains: Sequence[ScopeGain], number: int) -> list[ScopeGain]:
    """Return the gains with most points, those that take the least effort for each point first."""
    chosen = sorted(gains, key=lambda item: -item.points)[:number]
    return [item for item in gains if item in chosen]


def dimensions(found: Mapping[str, float], language: str) -> list[Bar]:
    """Return the points by dimension, in the order of the methodology."""
    bars = []
    for item in lists.dimensions():
        points = found.get(item.name, 0)
        shown = [display.number(number, language) for number in (quality_words.whole(points), item.maximum)]
        value = _("%(points)s of %(most)s", points=shown[0], most=shown[1])
        share = quality_charts.share(points, item.maximum)
        bars.append(Bar(quality_words.said(item.label, language), definition(item.name), value, share))
    return bars


def indicators(found: Mapping[str, float | None], language: str) -> list[Bar]:
    """Return our own indicators, in the order of their definitions."""
    bars = []
    for name in own.definitions():
        value = found.get(name)
        shown = percent(value, language) if value is not None else _("not known")
        share = quality_charts.share(value, 1) if value is not None else ""
        bars.append(Bar(quality_words.name(name, language), definition(name), shown, share))
    return bars


def good(scope: Scope, language: str) -> list[Bar]:
    """Return the metrics that nearly every dataset meets, those worth most first."""
    met = [(name, share) for name, share in scope.metrics.items() if share >= 0.9 and quality_words.metric(name)]

    def worth(item: tuple[str, float]) -> tuple[float, str]:
        metric = quality_words.metric(item[0])
        return -item[1] * metric.points if metric else 0, item[0]

    return [
        Bar(quality_words.name(name, language), definition(name), percent(share, language), "")
        for name, share in sorted(met, key=worth)[:MOST_GOOD]
    ]


def _effort(values: int, datasets: int, language: str) -> str:
    shown = display.number(values, language)
    written = ngettext("%(count)s value to write", "%(count)s values to write", values, count=shown)
    return f"{written} · {display.datasets(datasets, language)}"


def _metric_of(fix: str) -> str:
    return FIXES[fix].unmet if fix in FIXES else ""


def _card(gain: ScopeGain | Gain, effort: str, mean: str, examples: list[Example], language: str) -> FixCard:
    fix = FIXES.get(gain.fix)
    return FixCard(
        title=quality_words.said(fix.title, language) if fix else gain.fix,
        how=quality_words.said(fix.how, language) if fix else "",
        gain=f"+{display.number(gain.points, language)}",
        effort=effort,
        mean=mean,
        href=definition(_metric_of(gain.fix)) if fix else "",
        examples=examples,
    )


def fixes(
    scope: Scope,
    shown: Sequence[ScopeGain],
    places: Mapping[str, Mapping[str, str]],
    documents: Documents,
    language: str,
) -> list[FixCard]:
    """Return things to do in a scope.

    Args:
        scope: The scope.
        shown: Its gains that are to be shown.
        places: Where each fix is due: by fix, IRI of the resource concerned by IRI of the dataset.
        documents: The documents file.
        language: Of the texts.
    """
    return [
        _card(
            gain,
            _effort(gain.values, gain.datasets, language),
            signed(gain.points / scope.datasets, language),
            examples(gain.fix, places.get(gain.fix, {}), documents, language),
            language,
        )
        for gain in shown
    ]


def own_fixes(gains: Sequence[Gain], language: str) -> list[FixCard]:
    """Return the first things to do in one dataset."""
    cards = []
    for gain in gains:
        shown = display.number(gain.values, language)
        effort = ngettext("%(count)s value to write", "%(count)s values to write", gain.values, count=shown)
        cards.append(_card(gain, effort, "", [], language))
    return cards


def examples(fix: str, places: Mapping[str, str], documents: Documents, language: str) -> list[Example]:
    """Return the datasets in which a fix is due, each with the field and what stands there now."""
    known = documents.many(dict.fromkeys((*places, *places.values())))
    metric = quality_words.metric(_metric_of(fix))
    properties = metric.properties if metric else ()
    return [
        Example(
            title=links.name(known[iri], language),
            href=links.page("dataset", known[iri].key),
            field=", ".join(properties),
            value=_value(known.get(place), properties),
        )
        for iri, place in places.items()
        if iri in known
    ]


def _value(document: Document | None, properties: Sequence[str]) -> str:
    if document is None:
        return ""
    values = read(document.iri, document.text).strings(*(term(name) for name in properties))
    text = ", ".join(value.replace(AUTHORITY, "…/") for value in values)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def compared(found: Comparison, kind: str, language: str) -> list[Compared]:
    """Return the score beside what it was and what others have."""

    def line(label: str, points: float) -> Compared:
        difference = signed(found.points - points, language)
        return Compared(label, display.number(quality_words.whole(points), language), difference)

    lines = [Compared(_("Now"), display.number(quality_words.whole(found.points), language), "")]
    if found.before is not None:
        lines.append(line(display.moment(found.before.made, language), found.before.points))
    if found.median is not None:
        label = _("Median of all sources") if kind == "source" else _("Median of all organisations")
        lines.append(line(label, found.median))
    return lines


def charts(moments: Sequence[Moment], language: str) -> list[Chart]:
    """Return how points and findings of a scope went, where there are at least two moments."""
    days = [display.moment(item.made, language) for item in moments]
    numbers = [[display.number(quality_words.whole(item.points), language)] for item in moments]
    totals = [sum(item.severities.values()) for item in moments]
    counts = [[display.number(item.severities.get(name, 0), language) for name in SEVERITIES] for item in moments]
    if len(moments) < 2:
        return []
    first, last = (display.number(totals[place], language) for place in (0, -1))
    said = (
        _("Points of the European scale: from %(first)s to %(last)s.", first=numbers[0][0], last=numbers[-1][0]),
        _("Findings of all kinds: from %(first)s to %(last)s.", first=first, last=last),
    )
    drawn = (
        Series(
            "points", _("Points"), said[0], days, [item.points for item in moments], [_("Points")], numbers
        ),
        Series("findings", _("Findings"), said[1], days, totals, [severity_label(name) for name in SEVERITIES], counts),
    )  # fmt: skip
    return [chart for chart in (quality_charts.draw(series, language) for series in drawn) if chart]
