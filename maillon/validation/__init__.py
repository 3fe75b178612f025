"""Turns versions of entities into SHACL findings under the shapes of ``shapes/``, and findings into the grades.

The shapes are the gate, what DCAT-AP 3.0.1 makes mandatory, the number and kind of values that it allows, and (as
warnings) codes outside its controlled vocabularies. Every constraint is local to one entity with its embedded nodes,
so validating entities apart gives what validating the whole published graph gives.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache

from maillon.records import Finding, Version
from maillon.validation import attribution, engine, marks, shapes
from maillon.validation.engine import Engine, Result, ShaclEngine, TextRefused
from maillon.validation.shapes import message

__all__ = [
    "Engine",
    "Result",
    "ShaclEngine",
    "TextRefused",
    "build_id",
    "is_conformant",
    "message",
    "passes_gate",
    "validate",
]

CHUNK = 1000
"""Versions in one call of the engine, at most."""

CHUNK_CHARACTERS = 20_000_000
"""Length of the text of one call, at most, unless a single version is longer."""


def _order(finding: Finding) -> tuple[str, ...]:
    return (finding.focus, finding.shape, finding.path, finding.component, finding.value)


def validate(versions: Sequence[Version], with_engine: Engine | None = None) -> dict[str, list[Finding]]:
    """Validate versions of entities.

    Args:
        versions: In any number and order; a hash given twice is validated once.
        with_engine: Another engine than the one in use, for tests and comparisons.

    Returns:
        Findings by ``Version.hash``; every hash given is a key. Findings are in a fixed order. A version that the
        engine cannot read has one finding that says so.

    Raises:
        OperatorError: The shapes are missing or wrong.
    """
    chosen = with_engine or engine.default()
    unique = {version.hash: version for version in versions}
    found: dict[str, list[Finding]] = {}
    for chunk in attribution.chunks(unique.values(), CHUNK, CHUNK_CHARACTERS):
        found.update(attribution.findings(chosen, chunk))
    return {key: sorted(items, key=_order) for key, items in found.items()}


@cache
def build_id() -> str:
    """Return what findings depend on besides the version: SHA-256 over shapes, marks and engine, in hexadecimal.

    Findings made under another identifier have to be made again.
    """
    return hashlib.sha256(f"{shapes.digest()} {marks.digest()} {engine.default().name}".encode()).hexdigest()


def passes_gate(findings: Iterable[Finding]) -> bool:
    """Tell whether a version may be published: no gate shape speaks against it."""
    return not any(finding.shape.startswith(shapes.GATE) for finding in findings)


def is_conformant(findings: Iterable[Finding]) -> bool:
    """Tell whether a version meets DCAT-AP's constraints (warnings aside): no finding is a Violation."""
    return not any(finding.severity == "Violation" for finding in findings)
