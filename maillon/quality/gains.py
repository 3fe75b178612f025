"""Turns the closure of a dataset into what each thing a steward can do would add to its points.

A gain is no estimate: the fix is applied to the closure (``fixed``), which is then scored anew, so that the gain is
the difference to the point. A fix is done everywhere in the dataset, since nobody knows beforehand which distribution
will be the best one. It adds or replaces only what it names: that a publisher also ends a violation is not foreseen,
so a gain is the least that is won. What would win nothing is not listed.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from maillon import authority, paths
from maillon.links.states import LinkState
from maillon.quality import lists, measuring
from maillon.quality.lists import Texts
from maillon.quality.measuring import Measured, Met
from maillon.quality.values import Closure, Facts, Gain, Part
from maillon.vocabulary import AUTHORITY, term

_Values = tuple[Literal | NamedNode | BlankNode, ...]
_Write = Callable[[Facts], Mapping[str, _Values]]
"""Gives the properties that a fix writes, with their new values, for what a resource says now."""

_MENDED: Final = "urn:maillon:mended"
"""Stands for an address that answers."""

_IANA: Final = "https://www.iana.org/assignments/media-types/"
_GOOD: Final = LinkState(url=_MENDED, verdict="ok", status=200)
_ADDRESS: Final = (NamedNode(_MENDED),)
_CSV: Final = (NamedNode(f"{AUTHORITY}file-type/CSV"),)
_CSV_TYPE: Final = (NamedNode(f"{_IANA}text/csv"),)
_ANY_FORMAT: Final = (NamedNode(f"{AUTHORITY}file-type/PDF"),)
"""A listed file type that wins no other points, where nothing tells which one the file is."""
_ANY_TYPE: Final = (NamedNode(f"{_IANA}application/octet-stream"),)
_LICENCE: Final = (NamedNode(f"{AUTHORITY}licence/CC_BY_4_0"),)
_PUBLIC: Final = (NamedNode(f"{AUTHORITY}access-right/PUBLIC"),)
_TEXT: Final = (Literal("example", language="en"),)
_NODE: Final = (NamedNode("urn:maillon:described"),)
_SIZE: Final = (Literal("1", datatype=term("xsd:nonNegativeInteger")),)
_DAY: Final = (Literal("2026-01-01", datatype=term("xsd:date")),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A kind of thing a steward can do.

    Attributes:
        name: Its name in ``ontology/fixes.toml``.
        unmet: The metric of ``pv:`` for whose sake it is done.
        title: What it is called.
        how: How it is done, in a sentence.
    """

    name: str
    unmet: str
    title: Texts
    how: Texts


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a fix changes: where ``unmet`` is not met and all of ``met`` are, it writes ``write``."""

    name: str
    unmet: str
    write: _Write
    met: tuple[str, ...] = ()


def _sets(**values: _Values) -> _Write:
    """Return what writes fixed values; the prefix and the name of a property are parted by an underscore."""
    named = {name.replace("_", ":", 1): value for name, value in values.items()}
    return lambda _: named


def _guess(facts: Facts) -> _Values:
    """Return the listed file type that format or media type mean, else one that wins no other points."""
    for value in (*facts.get("dct:format", ()), *facts.get("dcat:mediaType", ())):
        text = value.value.removeprefix(_IANA).removeprefix(_IANA.replace("https", "http"))
        found = authority.lookup("file-type", text) or authority.lookup("file-type", text.rpartition("/")[2])
        if found:
            return (NamedNode(found),)
    return _ANY_FORMAT


def _listed(facts: Facts) -> Mapping[str, _Values]:
    """Replace what is in no list; what is in one stays."""
    kept = {name: any(map(lists.listing(table).holds, facts.get(name, ()))) for name, table in _TYPES.items()}
    written = {"dct:format": _guess(facts), "dcat:mediaType": _ANY_TYPE}
    return {name: values for name, values in written.items() if not kept[name]}


def _as_csv(facts: Facts) -> Mapping[str, _Values]:
    """Publish as CSV, which is open and machine-readable; a media type is changed only where there is one."""
    return {"dct:format": _CSV} | ({"dcat:mediaType": _CSV_TYPE} if facts.get("dcat:mediaType") else {})


_TYPES: Final = {"dct:format": "file-type", "dcat:mediaType": "media-type"}
_HAS_FORMAT: Final = "formatAvailability"
_READABLE: Final = "formatMediaTypeMachineInterpretable"

_PLANS: Final = (
    _Plan("add-keywords", "keywordAvailability", _sets(dcat_keyword=_TEXT)),
    _Plan("add-theme", "categoryAvailability", _sets(dcat_theme=_NODE)),
    _Plan("add-spatial", "spatialAvailability", _sets(dct_spatial=_NODE)),
    _Plan("add-temporal", "temporalAvailability", _sets(dct_temporal=_NODE)),
    _Plan("mend-access-url", "accessUrlStatusCode", _sets(dcat_accessURL=_ADDRESS)),
    _Plan("add-download-url", "downloadUrlAvailability", _sets(dcat_downloadURL=_ADDRESS)),
    _Plan(
        "mend-download-url", "downloadUrlStatusCode", _sets(dcat_downloadURL=_ADDRESS), ("downloadUrlAvailability",)
    ),
    _Plan("add-format", _HAS_FORMAT, lambda facts: {"dct:format": _guess(facts)}),
    _Plan("add-media-type", "mediaTypeAvailability", _sets(dcat_mediaType=_ANY_TYPE)),
    _Plan(
        "use-listed-types", "formatMediaTypeVocabularyAlignment", _listed, (_HAS_FORMAT, "mediaTypeAvailability")
    ),
    _Plan("use-open-format", "formatMediaTypeNonProprietary", _as_csv, (_HAS_FORMAT, _READABLE)),
    _Plan("use-machine-readable-format", _READABLE, _as_csv, (_HAS_FORMAT,)),
    _Plan("add-licence", "licenceAvailability", _sets(dct_license=_LICENCE)),
    _Plan("use-known-licence", "knownLicence", _sets(dct_license=_LICENCE), ("licenceAvailability",)),
    _Plan("add-access-rights", "accessRightsAvailability", _sets(dct_accessRights=_PUBLIC)),
    _Plan(
        "use-listed-access-rights", "accessRightsVocabularyAlignment", _sets(dct_accessRights=_PUBLIC),
        ("accessRightsAvailability",),
    ),
    _Plan("add-contact-point", "contactPointAvailability", _sets(dcat_contactPoint=_NODE)),
    _Plan("add-publisher", "publisherAvailability", _sets(dct_publisher=_NODE)),
    _Plan("add-rights", "rightsAvailability", _sets(dct_rights=_NODE)),
    _Plan("add-byte-size", "byteSizeAvailability", _sets(dcat_byteSize=_SIZE)),
    _Plan("add-issued", "dateIssuedAvailability", _sets(dct_issued=_DAY)),
    _Plan("add-modified", "dateModifiedAvailability", _sets(dct_modified=_DAY)),
)  # fmt: skip

_NEW_PART: Final[Facts] = {
    "dcat:accessURL": _ADDRESS,
    "dcat:downloadURL": _ADDRESS,
    "dct:format": _CSV,
    "dcat:mediaType": _CSV_TYPE,
    "dct:license": _LICENCE,
    "dct:issued": _DAY,
    "dct:modified": _DAY,
}
"""What a steward writes of a distribution that is added: the seven values that its how-to names."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was applied.

    Attributes:
        closure: The dataset after it; the same object as before where there was nothing to do.
        where: IRIs of the resources that were changed.
        values: How many values were written or corrected.
    """

    closure: Closure
    where: tuple[str, ...] = ()
    values: int = 0


@cache
def _places() -> tuple[dict[str, int], dict[str, int]]:
    """Return the place of each metric among those of the dataset and among those of a distribution."""
    of_dataset, of_part = measuring.tests().dataset, measuring.tests().part
    return (
        {metric.name: place for place, (metric, _) in enumerate(of_dataset)},
        {metric.name: place for place, (metric, _) in enumerate(of_part)},
    )


def _is_due(plan: _Plan, found: tuple[Met, ...], places: Mapping[str, int]) -> bool:
    """Tell whether there is something to do; not where an address was never checked."""
    return found[places[plan.unmet]] is False and all(found[places[name]] for name in plan.met)


def _apply(plan: _Plan, measured: Measured) -> Applied:
    """Write what a plan writes: on each distribution where it is due, or on the dataset; dates there without any."""
    closure, (of_dataset, of_part) = measured.closure, _places()
    if plan.unmet not in of_part or (plan.unmet in of_dataset and not closure.parts):
        if not _is_due(plan, measured.dataset, of_dataset):
            return Applied(closure)
        facts = {**closure.facts, **plan.write(closure.facts)}
        return Applied(replace(closure, facts=facts), (closure.iri,), 1)
    parts, where = list(closure.parts), []
    for place, (part, found) in enumerate(zip(closure.parts, measured.parts, strict=True)):
        if _is_due(plan, found, of_part):
            parts[place] = Part(iri=part.iri, facts={**part.facts, **plan.write(part.facts)})
            where.append(part.iri)
    if not where:
        return Applied(closure)
    links = {**closure.links, _MENDED: _GOOD}
    return Applied(replace(closure, parts=tuple(parts), links=links), tuple(where), len(where))


def _without_violations(measured: Measured) -> Applied:
    closure = measured.closure
    if measuring.is_compliant(closure):
        return Applied(closure)
    found = [item for item in closure.findings if measuring.violates(item)]
    kept = tuple(item for item in closure.findings if not measuring.violates(item))
    where = tuple(dict.fromkeys(item.focus for item in found))
    return Applied(replace(closure, findings=kept), where, len(found))


def _with_distribution(measured: Measured) -> Applied:
    closure = measured.closure
    if closure.parts:
        return Applied(closure)
    part = Part(iri=f"{closure.iri}#distribution", facts=_NEW_PART)
    links = {**closure.links, _MENDED: _GOOD}
    return Applied(replace(closure, parts=(part,), links=links), (closure.iri,), len(_NEW_PART))


_OTHERS: Final[Mapping[str, tuple[str, Callable[[Measured], Applied]]]] = {
    "mend-violations": ("dcatApCompliance", _without_violations),
    "add-distribution": ("accessUrlStatusCode", _with_distribution),
}
_BY_NAME: Final = {plan.name: plan for plan in _PLANS}


def _read() -> dict[str, Fix]:
    """Read the titles and how-tos. Raises KeyError where the file lacks one."""
    texts = tomllib.loads((paths.ONTOLOGY / "fixes.toml").read_text(encoding="utf-8"))
    unmet = {plan.name: plan.unmet for plan in _PLANS} | {name: metric for name, (metric, _) in _OTHERS.items()}
    return {name: Fix(name=name, unmet=metric, **texts[name]) for name, metric in unmet.items()}


FIXES: Final[Mapping[str, Fix]] = _read()
"""Everything a steward can do, by name."""


def applied(measured: Measured, fix: str) -> Applied:
    """Apply a fix everywhere in a measured closure. Raises KeyError for a name that is not in FIXES."""
    return _apply(_BY_NAME[fix], measured) if fix in _BY_NAME else _OTHERS[fix][1](measured)


def fixed(closure: Closure, fix: str) -> Closure:
    """Return a closure as it is after a fix, itself where there is nothing to do. Raises KeyError for no such fix."""
    return applied(measuring.measure(closure), fix).closure


def _worth(measured: Measured) -> Iterator[Gain]:
    now = measuring.points(measured)
    for name in FIXES:
        done = applied(measured, name)
        if done.closure is measured.closure:
            continue
        won = measuring.points(measuring.measure(done.closure, measured)) - now
        if won > 0:
            yield Gain(fix=name, points=won, values=done.values, where=done.where)


def gains(measured: Measured) -> tuple[Gain, ...]:
    """Return what would raise the points of a measured closure, the most points for each value to write first."""
    return tuple(sorted(_worth(measured), key=lambda gain: (-gain.points / gain.values, -gain.points, gain.fix)))
