"""Turns the frequency that a dataset promises and the dates it gives into how fresh it is, and until which day.

dct:accrualPeriodicity with the EU frequency table against dct:modified (DCAT-AP 3.0.1, class Dataset). The value falls
in steps, so it changes on days that can be foretold: a snapshot is kept right without judging every dataset every day.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from maillon.quality.values import Closure
from maillon.vocabulary import AUTHORITY

_FREQUENCY: Final = AUTHORITY + "frequency/"
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """How long data may stay as they are.

    Attributes:
        periods: Days between two changes by code of the EU frequency table; codes that promise nothing are left out.
        late: Of so many periods a change may be late before it is missed.
        stale: After so many periods without a change the data count as given up.
    """

    periods: Mapping[str, int]
    late: float
    stale: float

    def limits(self, period: int) -> tuple[int, int]:
        """Return the greatest ages, in days, at which data are fresh, and are late; daily data have a day to spare."""
        return max(math.ceil(period * self.late), period + 1), max(math.ceil(period * self.stale), period + 2)


def day(text: str) -> date | None:
    """Read the day that a date, a month or a year begins with; None where it is none."""
    match = _DATE.match(text.strip())
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1)) if match else None
    except ValueError:
        return None


def _period(closure: Closure, promise: Promise) -> int | None:
    """Return the shortest period promised, in days; None where none is."""
    codes = (value.value.removeprefix(_FREQUENCY) for value in closure.facts.get("dct:accrualPeriodicity", ()))
    return min((promise.periods[code] for code in codes if code in promise.periods), default=None)


def _stated(closure: Closure, name: str) -> Iterator[date]:
    for facts in (closure.facts, *(part.facts for part in closure.parts)):
        for value in facts.get(name, ()):
            if (found := day(value.value)) is not None:
                yield found


def _last(closure: Closure, today: date) -> tuple[date | None, Sequence[date]]:
    """Return the day of the last change, and days that the source says but that are still to come.

    What the source says of a change counts; where it says nothing, the day of issue; where there is none either, the
    day on which we last saw another content.
    """
    ahead: list[date] = []
    for name in ("dct:modified", "dct:issued"):
        days = list(_stated(closure, name))
        ahead += [item for item in days if item > today]
        if past := [item for item in days if item <= today]:
            return max(past), ahead
    seen = day(closure.modified)
    return (seen if seen is not None and seen <= today else None), ahead


def freshness(closure: Closure, promise: Promise) -> tuple[float | None, str]:
    """Return how fresh a dataset is, and the first day on which that may be different though nothing changed.

    Returns:
        1.0 where the last change is no older than promised, 0.5 where it is late, 0.0 where it is stale; None where
        nothing is promised or no day is known. The day is ISO 8601, empty where the value stays for ever.
    """
    period, today = _period(closure, promise), day(closure.today)
    if period is None or today is None:
        return None, ""
    last, ahead = _last(closure, today)
    changes = list(ahead)  # "modified" in the future (seen: 2099-12-31) counts from then on
    if last is None:
        return None, min(changes).isoformat() if changes else ""
    value = 0.0
    for limit, level in zip(promise.limits(period), (1.0, 0.5), strict=True):
        if (today - last).days <= limit:
            value = level
            changes.append(last + timedelta(days=limit + 1))
            break
    return value, min(changes).isoformat() if changes else ""
