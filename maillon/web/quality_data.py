"""What is known of quality in the snapshot of a request: its quality file, and a scope compared with what was before.

Turns the moments of a scope (``maillon.quality.values``) into the differences that a steward looks for: since last
month, and with the median of all others.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary, finalize

from maillon.quality.file import NAME, QualityFile
from maillon.quality.values import Moment, Scope
from maillon.web.current import Published, snapshot

MONTH: Final = timedelta(days=28)
"""How long before a snapshot the one may have been made that it is compared with."""

# By snapshot, because a request may still read the one before; each file is closed when nobody holds its snapshot.
_opened: "WeakKeyDictionary[Published, QualityFile]" = WeakKeyDictionary()
_lock = threading.Lock()


def of(published: Published) -> QualityFile:
    """Return the quality file of a snapshot; it knows nothing where the snapshot was made before there was one."""
    with _lock:
        file = _opened.get(published)
        if file is None:
            file = _opened[published] = QualityFile(published.snapshot.path / NAME)
            finalize(published, file.close)
        return file


def quality() -> QualityFile:
    """Return the quality file of this request's snapshot."""
    return of(snapshot())


@dataclass(frozen=True, slots=True)
class Comparison:
    """A scope beside what it was and what others are.

    Attributes:
        points: Mean points now.
        before: The moment that it is compared with, None where it was not measured before.
        median: Median of the mean points of all scopes of its kind, None where it is the only one or unknown.
        scopes: Number of scopes of its kind.
    """

    points: float
    before: Moment | None
    median: float | None
    scopes: int


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def before(moments: Sequence[Moment]) -> Moment | None:
    """Return what a scope was a month before its last moment; the first that is known where it is younger."""
    if len(moments) < 2:
        return None
    limit = _time(moments[-1].made) - MONTH
    older = [item for item in moments[:-1] if _time(item.made) <= limit]
    return older[-1] if older else moments[0]


def compared(scope: Scope, file: QualityFile) -> Comparison:
    """Return a scope beside what it was and what the others of its kind are."""
    others = len(file.scopes(scope.kind)) if scope.kind != "catalogue" else 1
    median = file.median(scope.kind).get("points") if others > 1 else None
    return Comparison(scope.points, before(file.moments(scope.kind, scope.key)), median, others)
