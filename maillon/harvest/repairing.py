"""Compares what rules repaired in this run with what the ledger knows of it, and counts findings before and after.

What a source sent is validated too wherever rules repaired it, so that a steward sees what the repairs are worth.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from maillon import validation
from maillon.harvest.staging import Staged
from maillon.ledger import repairs
from maillon.ledger.repairs import Repaired
from maillon.ledger.rows import pack_findings
from maillon.records import Finding, Version


@dataclass
class Tally:
    """Findings of one run by severity: as published, and as the source sent them."""

    after: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)

    def count(
        self,
        items: Sequence[Staged],
        findings: Mapping[str, Sequence[Finding]],
        repaired: Mapping[str, Repaired],
    ) -> None:
        """Count the findings of a batch; ``repaired`` is by IRI, as it is after this run."""
        for item in items:
            found = findings.get(item.hash, ())
            self.after.update(finding.severity for finding in found)
            row = repaired.get(item.iri)
            sent = found if row is None or row.applied is None else row.findings_before()
            self.before.update(finding.severity for finding in sent)


def known(connection: Connection, items: Sequence[Staged]) -> dict[str, Repaired]:
    """Return what the ledger knows of the repairs of a batch, by IRI."""
    return repairs.current(connection, [item.iri for item in items])


def differing(items: Sequence[Staged], stored: Mapping[str, Repaired]) -> list[Repaired]:
    """Return the rows to add: of each entity that is not repaired as the run before had it.

    Args:
        items: A batch.
        stored: What the ledger knows of its repairs, by IRI.
    """
    altered = [item for item in items if item.repairs != _applied(stored.get(item.iri))]
    sent = [item for item in altered if item.sent is not None]
    versions = [Version(item.iri, item.kind, item.iri, item.sent or "") for item in sent]
    found = validation.validate(versions) if versions else {}
    return [Repaired(item.iri, 0, item.repairs, pack_findings(found.get(item.iri, ()))) for item in altered]


def _applied(row: Repaired | None) -> bytes | None:
    return None if row is None else row.applied
