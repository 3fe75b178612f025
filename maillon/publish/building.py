"""Turns the ledger into the files of a snapshot, anew or from the last snapshot plus the changes since.

Both ways give the same documents, the same quality, the same store and the same search index; a test compares them over
random sequences of changes.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from pyoxigraph import RdfFormat, parse

from maillon import authority, paths, search
from maillon.ledger import Ledger, Stored, repairs
from maillon.publish import derived, quality
from maillon.publish.frame import Frame
from maillon.publish.quality import Change, Circumstances
from maillon.publish.summaries import summarise
from maillon.store import graph, statistics
from maillon.store.document_writing import DocumentsWriter
from maillon.store.documents import Document
from maillon.store.snapshots import Snapshot

Progress = Callable[[str, int, int | None], None]
"""Called with (what is done, how many are done, of how many: None where unknown)."""

_BATCH = 1000
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What building tells the manifest: counts and datasets by source, hash of the content, entities changed."""

    counts: dict[str, int]
    sources: dict[str, int]
    content: str
    changed: int


@dataclass(frozen=True, slots=True)
class Workplace:
    """The folder of a snapshot in the making, and the names in it.

    Attributes:
        path: The folder.
        keeps_store: Whether the snapshot has a store of its own; else a remote server is loaded with its documents.
    """

    path: Path
    keeps_store: bool = True

    @property
    def documents(self) -> Path:
        """File of the documents."""
        return self.path / "documents.sqlite"

    @property
    def store(self) -> Path:
        """Folder of the finished store."""
        return self.path / "store"

    @property
    def work(self) -> Path:
        """Folder in which the store is written."""
        return self.path / ".store"

    @property
    def search(self) -> Path:
        """Folder of the search index."""
        return self.path / "search"


def batches(items: Iterable[_Item], size: int = _BATCH) -> Iterator[list[_Item]]:
    """Cut into lists of at most ``size``."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def labels() -> Iterator[str]:
    """Yield the controlled vocabularies that every store holds, as N-Triples, a file at a time."""
    for path in [*authority.graph_files(), paths.ONTOLOGY / "maillon.ttl"]:
        quads = parse(path=str(path), format=RdfFormat.TURTLE)
        yield "".join(f"{quad.triple} .\n" for quad in quads)


def _published(stored: Sequence[Stored], ledger: Ledger, frame: Frame) -> Iterator[Document]:
    findings = ledger.findings([item.hash for item in stored])
    with ledger.reading() as connection:
        repaired = repairs.current(connection, [item.iri for item in stored])
    for item in stored:
        yield from derived.documents(item, findings.get(item.hash, []), repaired.get(item.iri), frame)


def _stream(writer: DocumentsWriter) -> Iterator[str]:
    yield from labels()
    yield from writer.lines()


def rebuild(place: Workplace, ledger: Ledger, frame: Frame, now: Circumstances, progress: Progress) -> Built:
    """Make all files of a snapshot from the ledger alone, judged under the circumstances of ``now``."""
    writer = DocumentsWriter(place.documents)
    done = 0
    for batch in batches(ledger.current()):
        for document in _published(batch, ledger, frame):
            writer.add(document, derived.links(document, frame.base))
        done += len(batch)
        progress("documents", done, None)
    for document in frame.documents.values():
        writer.add(document, derived.links(document, frame.base))
    writer.settle(frame.sources, frame.runs)
    _summarise(writer, None, progress)
    writer = _judged(place, writer, frame, None, now, progress)
    if place.keeps_store:
        progress("store", 0, None)
        measured = ("".join(lines) for lines in quality.everything(place.path, frame.base))
        graph.bulk_build(place.store, chain(_stream(writer), measured), place.work)
    return _finish(place, writer, 0, progress)


def incremental(
    place: Workplace, previous: Snapshot, ledger: Ledger, frame: Frame, now: Circumstances, progress: Progress
) -> Built:
    """Make all files of a snapshot from the last one and what changed since: the ledger, links, the day."""
    shutil.copyfile(previous.documents, place.documents)
    writer = DocumentsWriter(place.documents)
    changes = graph.Changes(previous.store, place.work, labels()) if place.keeps_store else None
    changed = changed_iris(ledger, previous, frame.missing, writer.missing())
    # Where what is shown in the place of a copy goes, nothing is said of the copy itself.
    changed |= (frame.copies.keys() | frame.copied_parts) ^ set(writer.copies())
    touched: set[str] = set()
    for batch in batches(sorted(changed)):
        new = list(_published(list(ledger.current(batch)), ledger, frame))
        old = list(writer.many(batch).values())
        records = [iri for document in old if (iri := derived.record_iri(document, frame.base))]
        old += writer.many(records).values()
        touched |= _replace(writer, changes, old, new, frame.base)
        progress("changes", len(touched), len(changed))
    # After the entities: an agent that the ledger no longer has comes back as one of the frame.
    own = list(writer.many({*writer.own(), *frame.documents}).values())
    touched |= _replace(writer, changes, own, list(frame.documents.values()), frame.base)
    writer.settle(frame.sources, frame.runs)
    affected = _summarise(writer, touched, progress)
    change = Change(previous=previous.quality, touched=touched, affected=affected)
    writer = _judged(place, writer, frame, change, now, progress)
    if changes is not None:
        progress("store", 0, None)
        for gone, new_lines in quality.differences(previous.path, place.path, frame.base):
            changes.replace(gone, new_lines)
        changes.finish(place.store)
    return _finish(place, writer, previous.manifest.changed + len(changed), progress)


def changed_iris(ledger: Ledger, previous: Snapshot, missing: Iterable[str], before: Iterable[str]) -> set[str]:
    """Return the IRIs of entities that may be published differently from the last snapshot."""
    return ledger.changed_since(previous.manifest.sequence) | (set(missing) ^ set(before))


def _replace(
    writer: DocumentsWriter, changes: graph.Changes | None, old: list[Document], new: list[Document], base: str
) -> set[str]:
    """Replace documents in file and store; return the IRIs of those that differ."""
    before = {document.iri: document for document in old}
    after = {document.iri: document for document in new}
    same = {iri for iri, document in after.items() if iri in before and _equal(before[iri], document)}
    touched = (before.keys() | after.keys()) - same
    if changes is not None:
        changes.replace(
            derived.lines(before[iri] for iri in before if iri in touched),
            derived.lines(after[iri] for iri in after if iri in touched),
        )
    for iri in sorted(touched):
        writer.remove(iri)
        if iri in after:
            writer.add(after[iri], derived.links(after[iri], base))
    return touched


def _equal(one: Document, other: Document) -> bool:
    """Compare all but findings, which ``derived`` spells out, and conformance, which is worked out later."""
    names = ("kind", "key", "source", "hash", "text", "derived", "graph", "state", "issued", "modified")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _summarise(writer: DocumentsWriter, touched: set[str] | None, progress: Progress) -> set[str]:
    """Summarise all datasets, or those that are or refer to something touched; return their IRIs."""
    found = set()
    for done, dataset in enumerate(writer.datasets(touched), 1):
        found.add(dataset.iri)
        writer.put_summary(dataset.iri, summarise(dataset, writer.many).as_json())
        if done % _BATCH == 0:
            progress("summaries", done, None)
    return found


def _judged(
    place: Workplace,
    writer: DocumentsWriter,
    frame: Frame,
    change: Change | None,
    now: Circumstances,
    progress: Progress,
) -> DocumentsWriter:
    """Write the quality file from the documents, which are complete by now; return a writer to go on with."""
    twins = quality.twins_of(writer.copies(), frame.copies)
    writer.close()
    quality.make(place.path, change, twins, now, progress)
    return DocumentsWriter(place.documents)


def _finish(place: Workplace, writer: DocumentsWriter, changed: int, progress: Progress) -> Built:
    progress("search", 0, None)
    search.build(place.search, writer.summaries)
    triples = 0  # counted by the server
    if place.keeps_store:
        counted = statistics.count(graph.open_read_only(place.store))
        statistics.write(place.path, counted)
        triples = sum(counted.properties.values())
    counts = writer.counts() | {"triples": triples}
    built = Built(counts=counts, sources=writer.by_source(), content=writer.content(), changed=changed)
    writer.close()
    return built
