"""Findings by rule: each rule once, with how many records break it, some of them, and what correcting them gains.

Turns the findings of a snapshot (``sh:ValidationResult``, https://www.w3.org/TR/shacl/#results-validation-result) of a
catalogue, a source or an organisation into what pages show. A snapshot never changes, so what was counted once is
kept: counting 175,000 findings takes half a second.
"""

import re
import threading
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

from maillon.quality.values import Scope
from maillon.store import findings_by_record
from maillon.store.documents import number_of
from maillon.store.findings_by_record import Found, RuleCount
from maillon.web import display, findings, quality_data, quality_parts, quality_places, quality_rules
from maillon.web.current import Published
from maillon.web.quality_findings import PARTS
from maillon.web.quality_places import Place
from maillon.web.wording import ngettext

T = TypeVar("T")

EXAMPLES: Final = 10
"""Records shown under each rule; the page of the rule has all."""

KEPT: Final = 64
"""Things kept of one snapshot; the largest, the numbers of 25,000 documents, takes 200 kB."""

_SHAPE: Final = "urn:maillon:shape:"
FIXES: Final[Mapping[str, str]] = {
    f"{_SHAPE}{rule}": fix
    for rule, fix in {
        "dataset-keyword": "add-keywords",
        "dataset-theme": "add-theme",
        "dataset-spatial": "add-spatial",
        "dataset-temporal": "add-temporal",
        "dataset-contact-point": "add-contact-point",
        "dataset-publisher": "add-publisher",
        "dataset-distribution": "add-distribution",
        "dataset-access-rights-code": "use-listed-access-rights",
        "distribution-format": "add-format",
        "distribution-format-code": "use-listed-types",
        "distribution-media-type-code": "use-listed-types",
        "distribution-license": "add-licence",
        "distribution-license-code": "use-known-licence",
    }.items()
}
"""Rules that ask for the same as a metric of the European scale: the fix (``quality.gains.FIXES``) that mends both."""
_VIOLATIONS: Final = "mend-violations"
_PART: Final = re.compile(rf"^\S+ (?:{'|'.join(map(re.escape, sorted(PARTS)))}) <([^<>]*)> \.$", re.MULTILINE)
"""A line that leads from a dataset to what its score depends on beside itself: ``maillon.quality.closures``."""
_LEAST: Final = 0.05
"""Points of the mean below which a gain would be shown as none."""

_kept: "WeakKeyDictionary[Published, OrderedDict[tuple[str, str, str], Any]]" = WeakKeyDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class RuleCard:
    """One rule that records break.

    Attributes:
        severity: ``violation``, ``warning`` or ``info``.
        severity_label: The same in the visitor's language.
        field: What the field is called that it is about; empty where the shapes do not name it.
        wrong: What is wrong.
        to_do: Why it matters and what to do; empty where the rule says it all in one sentence.
        count: How many records break it and how often, in words.
        records: How many records break it.
        gain: Points that the datasets gain together when all are corrected, with sign; empty where it is not known.
        mean: What their mean score gains by it, with sign; empty where it is next to nothing or not known.
        href: Address of the page with all these records.
        specification: Address of the passage that the rule comes from, empty where none is named.
        rule: IRI of the rule.
    """

    severity: str
    severity_label: str
    field: str
    wrong: str
    to_do: str
    count: str
    records: int
    gain: str
    mean: str
    href: str
    specification: str
    rule: str


@dataclass(frozen=True, slots=True)
class Severity:
    """The rules of one severity.

    Attributes:
        severity: ``violation``, ``warning`` or ``info``.
        label: The same in the visitor's language.
        count: Number of findings, in the digits of the language.
        gain: What the score gains when all of them are corrected, with sign; empty where that is told by rule only.
        rules: The rules, the one with most records first.
    """

    severity: str
    label: str
    count: str
    gain: str
    rules: list[RuleCard]


def _keep(published: Published, what: str, place: Place, make: Callable[[], T]) -> T:
    """Return what was made before of a place in a snapshot; else make it, beside which other requests go on."""
    key = (what, place.kind, place.key)
    with _lock:
        kept = _kept.setdefault(published, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            return cast("T", kept[key])
    made = make()
    with _lock:
        kept[key] = made
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return made


def _numbers(place: Place, published: Published) -> Sequence[int] | None:
    """Return the numbers of an organisation's datasets, their files, publishers and contact points; None for others."""
    if place.kind != quality_places.ORGANISATION:
        return None

    def make() -> Sequence[int]:
        own = quality_data.of(published).member_numbers(place.kind, place.key)
        parts: set[str] = set()
        for text in findings_by_record.texts_of_numbers(published.documents, own):
            parts.update(_PART.findall(text))
        return array("q", sorted({*own, *map(number_of, parts)}))

    return _keep(published, "numbers", place, make)


def _source(place: Place) -> str:
    return place.key if place.kind == quality_places.SOURCE else ""


def counts(place: Place, published: Published) -> list[RuleCount]:
    """Return how often each rule is broken, the gravest first, then the one with most records.

    Those of a source are in all its records, services and catalogues too; those of an organisation in its datasets,
    their files, publishers and contact points, each record once.
    """
    return _keep(published, "counts", place, lambda: _counts(place, published))


def _counts(place: Place, published: Published) -> list[RuleCount]:
    found = findings_by_record.by_rule(published.documents, _source(place), _numbers(place, published))
    return sorted(found, key=lambda item: findings.ORDER.index(item.severity))


def examples(place: Place, published: Published) -> Mapping[str, Sequence[int]]:
    """Return the numbers of some records that break each rule, by its IRI."""

    def make() -> Mapping[str, Sequence[int]]:
        numbers = _numbers(place, published)
        return findings_by_record.examples(published.documents, EXAMPLES, _source(place), numbers)

    return _keep(published, "examples", place, make)


def page(place: Place, published: Published, rule: str, after: str, limit: int) -> list[Found]:
    """Return records that break a rule, by IRI, those after the last one of the page before."""
    numbers = _numbers(place, published)
    if numbers is None:
        return findings_by_record.page(published.documents, _source(place), rule, after, limit)
    return findings_by_record.page_among(published.documents, numbers, rule, after, limit)


def _gain(fix: str, scope: Scope | None, language: str) -> tuple[str, str]:
    """Return the points that a fix gains in all and on the mean, in words; empty texts where it gains none."""
    points = next((item.points for item in scope.gains if item.fix == fix), 0) if scope and fix else 0
    if scope is None or not points:
        return "", ""
    mean = points / scope.datasets
    return f"+{display.number(points, language)}", quality_parts.signed(mean, language) if mean >= _LEAST else ""


def _count(item: RuleCount, language: str) -> str:
    records, times = (display.number(number, language) for number in (item.records, item.findings))
    if item.findings == item.records:
        return ngettext("%(count)s record", "%(count)s records", item.records, count=records)
    return ngettext(
        "%(times)s times in %(count)s record", "%(times)s times in %(count)s records", item.records,
        times=times, count=records,
    )  # fmt: skip


def card(item: RuleCount, place: Place, scope: Scope | None, language: str) -> RuleCard:
    """Return a rule as pages show it.

    Args:
        item: How often it is broken.
        place: Where.
        scope: What was measured there; None where nothing was.
        language: Of the texts.
    """
    wrong, to_do = quality_rules.wrong_and_to_do(item.shape, language)
    gain, mean = _gain(FIXES.get(item.shape, ""), scope, language)
    return RuleCard(
        severity=item.severity.lower(),
        severity_label=findings.severity_label(item.severity),
        field=quality_rules.name(item.shape, language),
        wrong=wrong,
        to_do=to_do,
        count=_count(item, language),
        records=item.records,
        gain=gain,
        mean=mean,
        href=place.address("findings", rule=item.shape),
        specification=quality_rules.specification(item.shape),
        rule=item.shape,
    )


def card_of(rule: str, place: Place, published: Published, language: str) -> RuleCard | None:
    """Return one rule; None where nothing breaks it."""
    item = next((item for item in counts(place, published) if item.shape == rule), None)
    return card(item, place, quality_places.scope(place, published), language) if item else None


def severities(place: Place, published: Published, language: str) -> list[Severity]:
    """Return all rules that are broken, by severity, the gravest first; a severity without findings too."""
    found, scope = counts(place, published), quality_places.scope(place, published)
    times: Counter[str] = Counter()
    for item in found:
        times[item.severity] += item.findings
    return [
        Severity(
            severity.lower(),
            findings.severity_label(severity),
            display.number(times[severity], language),
            _gain(_VIOLATIONS, scope, language)[0] if severity == "Violation" else "",
            [card(item, place, scope, language) for item in found if item.severity == severity],
        )
        for severity in quality_parts.SEVERITIES
    ]
