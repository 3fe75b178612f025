"""What the ledger hands out: frozen values, one per row, without SQLAlchemy in sight."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import PurePath
from typing import Any

from maillon.records import Finding
from maillon.sources import Source


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity as the ledger knows it now, without its text.

    Attributes:
        iri: The subject.
        kind: One of ``identifiers.KINDS``.
        key: Its key in our addresses, unique among its kind.
        source: Name of the source that owns it.
        hash: Hash of its latest version.
        state: ``live``, ``missing``, ``gone`` or ``withheld``.
        issued: When it was first seen.
        modified: When its content last changed.
        missing_since: When a complete run first did not see it; None while it is seen.
        missing_runs: How many complete runs in a row have not seen it.
    """

    iri: str
    kind: str
    key: str
    source: str
    hash: str
    state: str
    issued: str
    modified: str
    missing_since: str | None
    missing_runs: int


@dataclass(frozen=True, slots=True)
class Stored:
    """An entity with its text, for publishing.

    ``missing`` entities are still served, ``withheld`` ones are not, ``gone`` ones are tombstones. ``issued`` is when
    it was first seen, ``modified`` when its content last changed; ``text`` is ``Version.text``.
    """

    iri: str
    kind: str
    key: str
    source: str
    hash: str
    text: str
    state: str
    issued: str
    modified: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as it was last harvested; ``source.url`` of a file is only its name, never a path of this machine."""

    name: str
    source: Source
    first_seen: str
    last_done: str | None
    """When its last complete run ended, None where there was none."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. ``status`` is running, done, failed or died; ``report`` is empty until it has ended."""

    id: int
    source: str
    status: str
    started: str
    finished: str | None
    replay_of: int | None
    message: str
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change log; ``operation`` is one of ``schema.OPERATIONS``."""

    seq: int
    at: str
    run: int
    iri: str
    operation: str
    hash: str


@dataclass(frozen=True, slots=True)
class Validation:
    """The findings of one version under one build of the shapes; ``passes`` tells whether the gate lets it through."""

    hash: str
    passes: bool
    findings: tuple[Finding, ...]


def pack(text: str) -> bytes:
    """Compress a text as it is kept in the ledger."""
    return zlib.compress(text.encode(), 6)


def unpack(packed: bytes) -> str:
    """Return the text that ``pack`` compressed."""
    return zlib.decompress(packed).decode()


_FINDING = [item.name for item in fields(Finding)]


def pack_findings(findings: Iterable[Finding]) -> bytes | None:
    """Compress findings in a stable order; None where there are none."""
    rows = sorted([getattr(finding, name) for name in _FINDING] for finding in findings)
    return pack(json.dumps(rows, ensure_ascii=False, separators=(",", ":"))) if rows else None


def unpack_findings(packed: bytes | None) -> list[Finding]:
    """Return the findings that ``pack_findings`` compressed."""
    return [] if packed is None else [Finding(*row) for row in json.loads(unpack(packed))]


def definition(source: Source) -> str:
    """Return the JSON of a source for the ledger; of a path only the last part, which says nothing of the machine."""
    values = asdict(source)
    if not source.is_http:
        values["url"] = PurePath(source.url).name
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def source_of(text: str) -> Source:
    """Return the source that ``definition`` wrote; a key that this Maillon no longer knows is left out."""
    known = {item.name for item in fields(Source)}
    values = {name: value for name, value in json.loads(text).items() if name in known}
    for name in ("allow_hosts", "repairs_off", "tables"):
        values[name] = tuple(values.get(name, ()))
    return Source(**values)
