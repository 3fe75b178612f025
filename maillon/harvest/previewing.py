"""Shows what a run would make of the first datasets of a source: its definition in, datasets as they would be kept out.

Fetcher, harvester, mapping, repair, canonical form, staging and validation are those of a run (``running``); it only
stops early, and what is found is not compared with the ledger, which it neither reads nor writes.
"""

import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from maillon import repair, validation
from maillon.errors import OperatorError, SourceUnavailable
from maillon.fetch import Fetcher
from maillon.fetch.workspace import workspace
from maillon.harvest import loading, spreading
from maillon.harvest.options import Progress
from maillon.harvest.reading import Reading
from maillon.harvest.report import legible
from maillon.harvest.staging import BATCH, Staged, Staging
from maillon.harvest.taking import Taker
from maillon.rdf import canonical
from maillon.records import Finding, Rejected, Texts, Version
from maillon.settings import Settings
from maillon.sources import Source
from maillon.vocabulary import HAS_DISTRIBUTION, TITLE, term

LIMIT: Final = 10
"""Datasets that a preview shows."""

_PATIENCE: Final = 2_000  # records that may pass until what the datasets refer to is there
_PUBLISHER: Final = term("dct:publisher")
_NAME: Final = term("foaf:name")
_WANTED: Final = (HAS_DISTRIBUTION, _PUBLISHER)


class _Enough(Exception):
    """Ends the reading: what is to be shown is there."""


@dataclass(frozen=True, kw_only=True)
class Previewed:
    """One dataset as a run would keep it.

    Attributes:
        iri: Its IRI in the catalogue.
        title: By language.
        publisher: Name by language; the IRI under the empty tag where the source says no more of it.
        distributions: IRIs of its distributions.
        findings: Of the dataset and those of its distributions that were read, after repair.
        repairs: How often each rule was applied to them, by its id.
        is_withheld: Whether it would be kept but not shown, because the gate speaks against it.
    """

    iri: str
    title: Texts
    publisher: Texts
    distributions: tuple[str, ...]
    findings: tuple[Finding, ...]
    repairs: Mapping[str, int]
    is_withheld: bool


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The beginning of a run that nothing came of.

    Attributes:
        datasets: The first ones.
        rejected: What could not be used until then.
        repairs: Number of entities of any kind that a rule repaired until then, by its id.
        is_whole: Whether the source has no more than what is shown.
        failure: Why reading ended before; empty where it did not.
        seconds: How long it took.
    """

    datasets: tuple[Previewed, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    repairs: Mapping[str, int] = field(default_factory=dict)
    is_whole: bool = False
    failure: str = ""
    seconds: float = field(default=0.0, compare=False)


def _silent(stage: str, done: int, total: int | None) -> None:
    """Show no progress."""


def preview(source: Source, settings: Settings, limit: int = LIMIT, progress: Progress = _silent) -> Preview:
    """Read the first datasets of a source as a run would; nothing is kept.

    Args:
        source: What to look at; its ``time_limit`` counts.
        settings: The settings in force; the data folder is used for a time, and for the HTTP cache.
        limit: So many datasets, at least 1.
        progress: Told how far it is.

    Raises:
        OperatorError: The operator must act: there is no such kind, or the data folder fails.
    """
    loading.check(source)
    began = time.monotonic()
    with (
        workspace(settings.data / "tmp") as folder,
        Staging(folder / "staging.sqlite") as staging,
        Fetcher(source, settings, folder / "raw") as fetch,
    ):
        sniff = fetch.sniff if source.sniff else None
        taker = Taker(repair.Context(source=source, base=settings.base_iri, sniff=sniff))
        one = _Previewing(source, taker, staging, limit)
        reading = Reading(source, taker, staging, progress, one.check)
        one.reading = reading
        failure, is_ended = _read(source, reading, fetch)
        is_whole = is_ended and staging.count("dataset") <= limit
        spreading.spread(taker, staging)
        staging.drop(reading.private())  # as in a run: private on one page is private
        return Preview(
            datasets=tuple(one.shown()),
            rejected=tuple(reading.rejected),
            repairs=dict(one.repaired().most_common()),
            is_whole=is_whole,
            failure=legible(failure) if failure else "",
            seconds=time.monotonic() - began,
        )


def _read(source: Source, reading: Reading, fetch: Fetcher) -> tuple[str, bool]:
    """Read until there is enough; return why it failed, if it did, and whether the source has come to its end."""
    try:
        reading.read(fetch)
    except _Enough:
        return "", False
    except SourceUnavailable as error:
        return str(error), False
    except (OperatorError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # as in a run: harvesters may be third parties', engines in Rust panic
        return _fault(source, error), False
    return "", True


def _fault(source: Source, error: BaseException) -> str:
    what = traceback.format_exception_only(error)[-1].strip()
    return (
        f"A fault in the harvester {source.kind} or in Maillon, not in the source: {what}. Report it with what "
        "`maillon harvest` keeps of it."
    )


class _Previewing:
    """Watches the reading and shows what came of it."""

    def __init__(self, source: Source, taker: Taker, staging: Staging, limit: int) -> None:
        self.reading: Reading | None = None
        self._source = source
        self._taker = taker
        self._staging = staging
        self._limit = limit
        self._records = 0
        self._awaited: set[str] | None = None  # what the datasets to show refer to, once those are known

    def check(self) -> None:
        """End the reading when there is enough to show; called before each record."""
        self._records += 1
        if self._awaited is None and self._found() >= self._limit:
            self._awaited = {iri for item in self._datasets() for iri in _objects(item, *_WANTED)}
        if self._awaited is None:
            return
        # RDF describes datasets and what they refer to apart, in the order of their IRIs.
        self._awaited &= self._staging.lacking(sorted(self._awaited)[:BATCH])
        if not self._awaited or self._records > _PATIENCE:
            raise _Enough

    def _found(self) -> int:
        rejected = () if self.reading is None else self.reading.rejected
        return self._staging.count("dataset") + sum(item.is_dataset for item in rejected)

    def _datasets(self) -> list[Staged]:
        found = (item for batch in self._staging.batches() for item in batch if item.kind == "dataset")
        return [item for _, item in zip(range(self._limit), found, strict=False)]

    def repaired(self) -> Counter[str]:
        """Count the entities that each rule repaired."""
        return Counter(
            rule
            for batch in self._staging.batches()
            for item in batch
            if item.repairs
            for rule in {application.rule for application in repair.unpack(item.repairs)}
        )

    def shown(self) -> Iterator[Previewed]:
        """Yield the datasets with what validation says of them and of their distributions."""
        everything = {item.iri: item for batch in self._staging.batches() for item in batch}
        for item in self._datasets():
            parts = [everything[iri] for iri in self._staging.parts_of(item.iri) if iri in everything]
            together = [item, *parts]
            found = validation.validate([Version(each.iri, each.kind, each.hash, each.text) for each in together])
            triples = canonical.triples(item.text)
            applied = (one.rule for each in together if each.repairs for one in repair.unpack(each.repairs))
            yield Previewed(
                iri=item.iri,
                title=_texts(triples, NamedNode(item.iri), TITLE),
                publisher=_publisher(triples, item.iri, everything),
                distributions=tuple(_objects(item, HAS_DISTRIBUTION)),
                findings=tuple(finding for each in together for finding in found[each.hash]),
                repairs=dict(Counter(applied).most_common()),
                is_withheld=not validation.passes_gate(found[item.hash]),
            )


def _objects(item: Staged, *predicates: NamedNode) -> list[str]:
    """Return the IRIs that a dataset names under some predicates."""
    return sorted(
        triple.object.value
        for triple in canonical.triples(item.text)
        if triple.predicate in predicates and isinstance(triple.object, NamedNode)
    )


def _texts(triples: list[Triple], subject: NamedNode, predicate: NamedNode) -> dict[str, str]:
    return {
        triple.object.language or "": triple.object.value
        for triple in triples
        if triple.subject == subject and triple.predicate == predicate and isinstance(triple.object, Literal)
    }


def _publisher(triples: list[Triple], iri: str, everything: Mapping[str, Staged]) -> dict[str, str]:
    """Return the name of a publisher, from the dataset's own triples or from the entity that it refers to."""
    for triple in triples:
        if triple.predicate == _PUBLISHER and triple.subject == NamedNode(iri) and isinstance(triple.object, NamedNode):
            agent = triple.object
            about = canonical.triples(everything[agent.value].text) if agent.value in everything else triples
            return _texts(about, agent, _NAME) or {"": agent.value}
    return {}
