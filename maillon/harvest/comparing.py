"""Has a sample of what is published validated a second time, by the reference engine, and keeps the stricter findings.

The engine in use is young (`docs/decisions/0022-engines-and-official-shapes.md`), so every night some of its verdicts
are looked at again. The sample is of datasets; what they name (distributions, publishers, contact points, series) is
looked at with them, as far as the ledger holds it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, parse

from maillon import validation
from maillon.ledger import Ledger, Validation, writing
from maillon.ledger.rows import Stored
from maillon.records import Version
from maillon.validation import agreement, engine
from maillon.validation.agreement import Agreement

PUBLISHED: Final = ("live", "missing")
NIGHTLY: Final = 200
"""Datasets in the sample of a night."""


def _version(item: Stored) -> Version:
    return Version(item.iri, item.kind, item.hash, item.text)


def _published(items: Iterable[Stored]) -> Iterator[Stored]:
    return (item for item in items if item.state in PUBLISHED)


def _named(text: str) -> set[str]:
    """Return the IRIs that an entity names; a text that no parser reads names none."""
    try:
        quads = list(parse(text, RdfFormat.N_TRIPLES))
    except SyntaxError:
        return set()
    return {quad.object.value for quad in quads if isinstance(quad.object, NamedNode)}


def drawn(ledger: Ledger, size: int, seed: int) -> list[Version]:
    """Return published datasets drawn at random, and the published entities that they name.

    Args:
        ledger: Where they are.
        size: How many datasets at most.
        seed: The same seed draws the same from the same ledger.
    """
    iris = agreement.sample((item.iri for item in _published(ledger.current(kinds=["dataset"]))), size, seed)
    datasets = list(_published(ledger.current(iris)))
    named = set().union(*(_named(item.text) for item in datasets)) - set(iris)
    return [_version(item) for item in [*datasets, *_published(ledger.current(sorted(named)))]]


def compare(ledger: Ledger, size: int, seed: int) -> Agreement:
    """Compare the engine in use with the reference on a sample.

    Args:
        ledger: What is published.
        size: How many datasets at most.
        seed: Which ones.

    Raises:
        OperatorError: pySHACL is not installed.
    """
    return agreement.compare(drawn(ledger, size, seed), engine.default(), engine.reference())


def keep(ledger: Ledger, outcome: Agreement) -> None:
    """Put the stricter findings in the place of those they differ from, until the shapes or the engine change."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    results = [Validation(key, validation.passes_gate(found), tuple(found)) for key, found in outcome.stricter.items()]
    with ledger.writing() as connection:
        writing.put_validations(connection, validation.build_id(), at, results)


def nightly(ledger: Ledger, day: date) -> str:
    """Compare a sample of 200 datasets, others every day, keep the stricter findings; return a line on what came of it.

    Raises:
        OperatorError: pySHACL is not installed.
    """
    seed = int(day.strftime("%Y%m%d"))
    outcome = compare(ledger, NIGHTLY, seed)
    first, second = outcome.engines
    if not outcome.stricter:
        return f"{first} and {second} agree on {outcome.versions:,} records."
    keep(ledger, outcome)
    return (
        f"{first} and {second} differ about {len(outcome.stricter):,} of {outcome.versions:,} records; the stricter "
        f"findings are kept. `maillon validation compare --seed {seed}` shows them: report it to Maillon's maintainers."
    )
