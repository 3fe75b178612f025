"""Turns a snapshot and a job into the key of the answer, for ``maillon.sparql.kept.results`` and for ETags."""

from hashlib import sha256
from typing import Final

from maillon.sparql.jobs import Job
from maillon.sparql.text import normal
from maillon.store.snapshots import Manifest

_BUDGETS: Final = ("max_bytes", "seconds")
"""What decides whether there is an answer, and not what it is."""
_ASKED: Final = tuple(name for name in Job.__slots__ if name not in ("query", *_BUDGETS))
_KNOWN: Final = 16
_identities: dict[int, tuple[Manifest, str]] = {}


def identity(manifest: Manifest) -> str:
    """Return what tells a snapshot from all others: 40 hexadecimal digits.

    The hash of the whole manifest, which holds those of all files: ``content`` alone says nothing of the findings, the
    provenance and the labels that queries see too.
    """
    known = _identities.get(id(manifest))
    if known is not None and known[0] is manifest:
        return known[1]
    found = sha256(manifest.as_json().encode()).hexdigest()[:40]
    if len(_identities) >= _KNOWN:
        _identities.clear()
    _identities[id(manifest)] = manifest, found  # kept, so that no other gets its id
    return found


def key(snapshot: str, job: Job) -> str | None:
    """Return the key of a job's answer, None where the answer is another each time (``normal.is_lasting``).

    Args:
        snapshot: Its identity.
        job: The query.
    """
    if not normal.is_lasting(job.query):
        return None
    return f"{snapshot}/{[getattr(job, name) for name in _ASKED]!r} {normal.text(job.query)}"


def budget(job: Job) -> str:
    """Return what the work on a job may use up."""
    return repr([getattr(job, name) for name in _BUDGETS])
