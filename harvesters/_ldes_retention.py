"""Turns the retention policies of a view of an event stream into what a client may conclude from what is not there.

The design with single properties and the three older classes, after the chapter on retention policies of
https://w3id.org/ldes/specification.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from maillon.vocabulary import TYPE, term

_POLICY: Final = term("ldes:retentionPolicy")
_FULL_LOG: Final = term("ldes:fullLogDuration")
_AMOUNT: Final = term("ldes:versionAmount")
_DURATION: Final = term("ldes:versionDuration")
_DELETES: Final = term("ldes:versionDeleteDuration")
_STARTING: Final = term("ldes:startingFrom")
_AGO: Final = term("ldes:DurationAgoPolicy")
_LATEST: Final = term("ldes:LatestVersionSubset")
_SINCE: Final = term("ldes:PointInTimePolicy")
_VALUE: Final = term("tree:value")
_PERIOD: Final = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_SECONDS: Final = (365 * 86400, 28 * 86400, 7 * 86400, 86400, 3600, 60, 1)
"""Of a year, a month ...: the shortest each can be, because a client must not count on more."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What a view keeps.

    Attributes:
        keeps_current: Whether the last version of everything that exists is there, so that what is not, is gone.
        deletions: Seconds for which it tells of a deletion; infinity where for good.
    """

    keeps_current: bool = True
    deletions: float = math.inf


def seconds(duration: str) -> float:
    """Return the seconds of an ``xsd:duration``, at least; 0 where it cannot be read."""
    match = _PERIOD.fullmatch(duration.strip())
    if match is None:
        return 0.0
    return sum(float(number or 0) * unit for number, unit in zip(match.groups(), _SECONDS, strict=True))


def retention(quads: Iterable[Quad]) -> Retention | None:
    """Return what the view described in a page keeps, None where it does not say; of several policies the least.

    Args:
        quads: The root page.
    """
    kept = list(quads)
    policies = {quad.object for quad in kept if quad.predicate == _POLICY}
    found = []
    for policy in policies:
        stated: dict[NamedNode, object] = {quad.predicate: quad.object for quad in kept if quad.subject == policy}
        found.append(_policy(stated, {quad.object for quad in kept if quad.subject == policy}))
    if not found:
        return None
    return Retention(all(item.keeps_current for item in found), min(item.deletions for item in found))


def _policy(stated: dict[NamedNode, object], objects: set[object]) -> Retention:
    def length(name: NamedNode) -> float:
        value = stated.get(name)
        return seconds(value.value) if isinstance(value, Literal) else 0.0

    if _LATEST in objects:
        return Retention()
    if _SINCE in objects:
        return Retention(keeps_current=False)
    if _AGO in objects:
        return Retention(False, length(_VALUE))
    versions = _AMOUNT in stated
    keeps_current = versions and _DURATION not in stated and _STARTING not in stated
    if not stated.keys() - {TYPE, _STARTING}:
        return Retention(False, math.inf if _STARTING in stated else 0.0)  # a policy that says nothing keeps nothing
    if _DELETES in stated or not versions:
        return Retention(keeps_current, max(length(_DELETES), length(_FULL_LOG)))
    return Retention(keeps_current, max(length(_DURATION), length(_FULL_LOG)) if _DURATION in stated else math.inf)
