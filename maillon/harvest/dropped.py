"""Finds the distributions that datasets have no longer, where a run read only what changed since the last one.

A complete run finds them by not seeing them. A partial one sees nothing of most that is there, so what a dataset had
before is compared with what it has now. (A feed that is only ever read from where it stopped would keep them for ever.)
"""

from collections.abc import Collection

from maillon.harvest.merging import parts_of
from maillon.harvest.staging import Staging
from maillon.ledger import Ledger
from maillon.ledger.reading import batches


def parts(ledger: Ledger, staging: Staging, deleted: Collection[str]) -> frozenset[str]:
    """Return the distributions that no dataset has any longer, by IRI.

    Args:
        ledger: As it was before the run.
        staging: What the run read.
        deleted: Datasets that the source has deleted; what they alone had goes with them.
    """
    had = _had(ledger, staging, deleted)
    found = {iri for part in batches(sorted(had)) for iri in staging.lacking(part)}
    if not found:
        return frozenset()
    for batch in staging.batches():
        for item in batch:
            found.difference_update(parts_of(item.text) if item.kind == "dataset" else ())
    # Few partial runs come so far. A distribution of two datasets is rare, but to lose it would be worse.
    for stored in ledger.current(kinds=["dataset"]):
        if found and stored.state != "gone" and stored.iri not in deleted and staging.lacking([stored.iri]):
            found.difference_update(parts_of(stored.text))
    return frozenset(found)


def _had(ledger: Ledger, staging: Staging, deleted: Collection[str]) -> set[str]:
    """Return the distributions of deleted datasets, and those that the datasets of this run had before."""
    had = {part for before in ledger.current(sorted(deleted)) for part in parts_of(before.text)}
    for batch in staging.batches():
        hashes = {item.iri: item.hash for item in batch if item.kind == "dataset"}
        for before in ledger.current(sorted(hashes)):
            if before.hash != hashes[before.iri]:
                had.update(parts_of(before.text))
    return had
