"""What a run says of itself: one frozen value, for the table, for ``--json`` and for the ledger."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from maillon.records import Rejected

MOST_ORPHANS = 10_000
"""So many orphan distributions are kept by name with a run; their number is kept whatever it is."""

DONE = "done"
FAILED = "failed"

LONGEST = 1000
"""Characters of one text in a report."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The result of one run of one source. All counts are of datasets.

    A dataset counts as changed when its own entity or one of its distributions (dcat:distribution, adms:sample) that
    this source describes changed, was added, or is no longer described. One that returns after it was gone counts as
    new. ``found`` is the sum of new, changed, unchanged, withheld and those rejections that are of a dataset, not of a
    file or a page. Of a failed run, which changes nothing, ``found`` is what was read until then, and new, changed,
    unchanged and gone are 0.

    Attributes:
        source: Name of the source.
        run: Number of the run; 0 for a dry run and for one that could not begin.
        status: ``done`` or ``failed``.
        found: Datasets that the source lists, rejected ones included.
        published: Datasets of this source that are published now: live or missing.
        new: Published for the first time, or again after they were gone.
        changed: Published with other content than before.
        unchanged: Published as before.
        missing: No longer listed, still published.
        gone: No longer published since this run, because they were missing for too long.
        withheld: Stored but not published, because the gate shapes speak against them.
        rejections: Records, files and pages that could not be used, each with its reason.
        withheld_because: Withheld datasets by IRI, each with the reason.
        orphans: IRIs of distributions of this source that none of its datasets refers to.
        repairs: Number of entities that a rule repaired, by rule, the most frequent first.
        findings: Findings of what this run read, by severity, as it is published.
        findings_before: The same of what the source sent, before repair.
        rows: Rows of open datasets that were turned into RDF.
        partial: Whether only what changed since the last run was read; the rest stays as it is.
        notes: What a person should know: first of all why a run failed.
        seconds: How long it took.
    """

    source: str
    run: int
    status: str
    found: int = 0
    published: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    gone: int = 0
    withheld: int = 0
    rejections: tuple[Rejected, ...] = field(default=(), repr=False)
    withheld_because: tuple[Rejected, ...] = field(default=(), repr=False)
    orphans: tuple[str, ...] = field(default=(), repr=False)
    repairs: Mapping[str, int] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)
    findings_before: Mapping[str, int] = field(default_factory=dict)
    rows: int = 0
    partial: bool = False
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def rejected(self) -> dict[str, int]:
        """Number of rejected records by reason, the most frequent first."""
        return dict(Counter(item.reason for item in self.rejections).most_common())

    def as_json(self) -> dict[str, Any]:
        """Return what ``maillon harvest --json`` prints for this source."""
        names = ("source", "found", "published", "new", "changed", "unchanged", "missing", "gone", "withheld")
        return {
            **{name: getattr(self, name) for name in names},
            "rejected": self.rejected,
            "repairs": dict(self.repairs),
            "findings": dict(self.findings),
            "findings_before": dict(self.findings_before),
            "rows": self.rows,
        }

    def for_ledger(self) -> Mapping[str, Any]:
        """Return what the ledger keeps beside the rejections, which have a table of their own."""
        return {
            **self.as_json(),
            "orphans": len(self.orphans),
            "orphan_iris": self.orphans[:MOST_ORPHANS],
            "notes": self.notes,
            "partial": self.partial,
            "seconds": round(self.seconds, 1),
        }


def legible(text: str) -> str:
    """Make a text of a source fit for a report: bounded, on one line, in characters that every database takes."""
    text = " ".join(text.split())
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return short.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def listing(items: Iterable[tuple[str, int]]) -> str:
    """Write counts as words: ``a: 3, b: 1``."""
    return ", ".join(f"{name}: {number:,}" for name, number in items)
