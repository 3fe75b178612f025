"""Turns the documents of a snapshot in the making into its quality: each dataset judged, summed up, and said in RDF.

Made anew, every dataset is judged. Made from the last snapshot, those are that a change touches, whose links work
otherwise than they did, that gained or lost a copy, or whose freshness steps down on a day that has come (it falls on
days that are known beforehand: ``maillon.quality.freshness``). Both ways give the same file and the same triples; sums
are made again from all assessments in either way, so nothing drifts.

The triples are in DQV (https://www.w3.org/TR/vocab-dqv/) and stand in ``<base>graph/quality``, those of earlier
snapshots in ``<base>graph/quality-history``. They are made from the quality file whenever they are needed and are part
of no document, so feeds, dumps, the event stream and the search know nothing of them.
"""

import re
import shutil
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from maillon import vocabulary
from maillon.errors import SnapshotError
from maillon.links.states import LinkState
from maillon.links.store import Links, LinksFailed
from maillon.quality import aggregation, assessments, closures, dqv, history, indicators, packing
from maillon.quality.file import NAME, QualityFile
from maillon.quality.file_writing import Entry, QualityWriter, Upkeep
from maillon.quality.values import Closure
from maillon.settings import Settings
from maillon.store import published_file
from maillon.store.documents import PUBLISHED, Document, Documents, number_of
from maillon.store.snapshots import Snapshot

States = Callable[[Iterable[str]], Mapping[str, LinkState]]
"""Gives what is known of some addresses; those never checked are left out."""
Progress = Callable[[str, int, int | None], None]
Lines = list[str]
"""N-Quads, each with its line end."""

MOMENTS: Final = {aggregation.CATALOGUE: 60, aggregation.SOURCE: 60, aggregation.ORGANISATION: 12}
"""Earlier days of a scope that are in the graph, by its kind: there are many organisations."""
_BATCH: Final = 500
_CHANGED_DATASETS: Final = """
SELECT o.content, n.content FROM main.assessments n LEFT JOIN old.assessments o USING (id)
    WHERE o.content IS NOT n.content
UNION ALL SELECT o.content, NULL FROM old.assessments o WHERE o.id NOT IN (SELECT id FROM main.assessments)
"""
_CHANGED_SCOPES: Final = """
SELECT o.content, o.moments, n.content, n.moments FROM main.scopes n LEFT JOIN old.scopes o USING (kind, key)
    WHERE o.content IS NOT n.content OR o.moments IS NOT n.moments
UNION ALL SELECT o.content, o.moments, NULL, NULL FROM old.scopes o
    WHERE NOT EXISTS (SELECT 1 FROM main.scopes n WHERE n.kind = o.kind AND n.key = o.key)
"""
_RELATED: Final = re.compile(
    "> (?:{}) <([^>]*)>".format(
        "|".join(
            re.escape(str(vocabulary.term(name)))
            for name in ("dcat:distribution", "dct:publisher", "dcat:contactPoint")
        )
    )
)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What quality depends on beside the documents.

    Attributes:
        base: The setting ``base_iri``.
        history: File of the scores of earlier snapshots.
        states: Gives what is known of addresses.
        today: Day on which datasets are judged, ISO 8601 UTC.
    """

    base: str
    history: Path
    states: States
    today: str


def circumstances(settings: Settings, progress: Progress) -> Circumstances:
    """Return the circumstances of now."""
    return Circumstances(
        base=settings.base_iri,
        history=settings.quality_history,
        states=_checked(Links(settings.links), progress),
        today=_today(),
    )


def _checked(links: Links, progress: Progress) -> States:
    """Return what gives the states of links; where their file is torn, nothing is known of any, and a line says so."""
    torn: list[str] = []

    def states(urls: Iterable[str]) -> Mapping[str, LinkState]:
        if not torn:
            try:
                return links.states(urls)
            except LinksFailed as error:
                torn.append(str(error))
                progress(f"{error} Until then quality is measured without links", 0, None)
        return {}

    return states


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is different from the last snapshot.

    Attributes:
        previous: Quality file of the last snapshot.
        touched: IRIs of the documents that differ or are gone.
        affected: IRIs of the datasets that are or refer to one of these.
    """

    previous: Path
    touched: set[str]
    affected: set[str]


class _Judge:
    """Judges datasets some hundreds at a time, so that documents and links are asked for together."""

    def __init__(self, documents: Documents, now: Circumstances, twins: Mapping[str, int]) -> None:
        self._documents = documents
        self._now = now
        self._twins = twins

    def entries(self, datasets: Sequence[Document]) -> Iterator[Entry]:
        """Yield what is to be kept of some datasets."""
        wanted = {iri for item in datasets for iri in _RELATED.findall(item.text)}
        found = self._documents.many(sorted(wanted))

        def lookup(iris: Iterable[str]) -> dict[str, Document]:
            return {iri: found[iri] for iri in iris if iri in found}

        made = [closures.closure(item, lookup, {}, self._now.today, self._twins.get(item.iri, 0)) for item in datasets]
        urls = [closures.addresses(item) for item in made]
        states = self._now.states(sorted(set().union(*urls))) if made else {}
        for item, own in zip(made, urls, strict=True):
            yield assessments.entry(_linked(item, own, states))


def _linked(closure: Closure, urls: set[str], states: Mapping[str, LinkState]) -> Closure:
    known = {url: assessments.bare(states[url]) for url in sorted(urls) if url in states}
    return replace(closure, links=known) if known else closure


def make(folder: Path, change: Change | None, twins: Mapping[str, int], now: Circumstances, progress: Progress) -> None:
    """Write the quality file of a snapshot in the making, whose documents are complete.

    Args:
        folder: Folder of the snapshot.
        change: What is different from the last one; None to judge every dataset.
        twins: Number of copies by IRI of dataset; those without may be left out.
        now: The circumstances.
        progress: Told what is being done.

    Raises:
        SnapshotError: The quality file of the last snapshot is torn.
    """
    if change is not None:
        shutil.copyfile(change.previous, folder / NAME)
    try:
        _make(folder, change, twins, now, progress)
    except (sqlite3.DatabaseError, ValueError, zlib.error) as error:
        if change is None:
            raise
        raise SnapshotError(
            f"The quality file of the last snapshot is torn ({error}). Run `maillon publish --rebuild`, which makes "
            "the next one from the ledger alone; nothing is lost."
        ) from error


def _make(
    folder: Path, change: Change | None, twins: Mapping[str, int], now: Circumstances, progress: Progress
) -> None:
    documents = Documents(folder / "documents.sqlite")
    with closing(QualityWriter(folder / NAME)) as writer:
        judge = _Judge(documents, now, twins)
        batches = _all(documents) if change is None else _some(documents, writer, change, twins, now)
        done = 0
        for batch in batches:
            for entry in judge.entries(batch):
                writer.put(entry)
            done += len(batch)
            progress("quality", done, None)
        with history.latest(now.history, MOMENTS.__getitem__) as past:
            writer.settle(past)
    documents.close()


def _all(documents: Documents) -> Iterator[Sequence[Document]]:
    after = ""
    while batch := documents.page("dataset", after, _BATCH):
        yield batch
        after = batch[-1].key


def _some(
    documents: Documents, writer: QualityWriter, change: Change, twins: Mapping[str, int], now: Circumstances
) -> Iterator[Sequence[Document]]:
    """Yield the datasets that have to be judged again."""
    upkeep = writer.upkeep
    again = upkeep.due(now.today) | _twinned(upkeep, twins) | set(_relinked(upkeep, now.states))
    chosen = change.affected | set(upkeep.iris(again))
    writer.remove(change.touched)
    for batch in _batches(sorted(chosen)):
        found = documents.many(batch).values()
        yield [item for item in found if item.kind == "dataset" and item.state in PUBLISHED]


def _batches(iris: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(iris)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _twinned(upkeep: Upkeep, twins: Mapping[str, int]) -> set[int]:
    """Return the numbers of datasets that have more or fewer copies than before."""
    now = {(number_of(iri), count) for iri, count in twins.items() if count}
    return {number for number, _ in now ^ set(upkeep.twins().items())}


def _relinked(upkeep: Upkeep, states: States) -> Iterator[int]:
    """Yield the numbers of datasets of whose addresses something else is known than before."""
    rows = upkeep.addresses()
    while batch := list(islice(rows, _BATCH)):
        found = states(sorted({url for _, _, urls in batch for url in urls}))
        for number, known, urls in batch:
            if assessments.known({url: found[url] for url in urls if url in found}) != known:
                yield number


def is_stale(snapshot: Snapshot, now: Circumstances) -> bool:
    """Tell whether a snapshot would judge otherwise today though no document changed.

    Never on the day on which it was made: links that fail come and go, and one snapshot a day is enough for them.
    """
    if not snapshot.quality.exists() or snapshot.manifest.made[:10] >= now.today:
        return False
    with closing(_open(snapshot.quality)) as connection:
        upkeep = Upkeep(connection)
        return bool(upkeep.due(now.today)) or any(True for _ in _relinked(upkeep, now.states))


def twins_of(copies: Iterable[str], shown: Mapping[str, str]) -> Counter[str]:
    """Return the number of copies by IRI of the dataset that is shown in their place.

    Args:
        copies: IRIs of the copies in the documents, datasets or not.
        shown: What is shown in the place of a dataset.
    """
    return Counter(shown[iri] for iri in copies if iri in shown)


def everything(folder: Path, base: str) -> Iterator[Lines]:
    """Yield all triples about the quality of a snapshot; pieces have no subject of one graph in common."""
    yield dqv.definitions(f"{base}graph/quality", indicators.definitions())
    with closing(_open(folder / NAME)) as connection:
        for (content,) in connection.execute("SELECT content FROM assessments ORDER BY id"):
            yield _of_dataset(content, base)
        for content, moments in connection.execute("SELECT content, moments FROM scopes ORDER BY kind, key"):
            yield _of_scope(content, moments, base)


def _of_dataset(content: bytes | None, base: str) -> Lines:
    return dqv.quads(packing.unpacked(content), f"{base}graph/quality") if content else []


def _of_scope(content: bytes | None, moments: bytes | None, base: str) -> Lines:
    if content is None or moments is None:
        return []
    scope = packing.unpacked_scope(content)
    past = packing.unpacked_moments(moments)
    lines = dqv.scope_quads(scope, f"{base}graph/quality")
    return lines + [line for moment in past for line in history.quads(scope, moment, base)]


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(published_file.address(path), uri=True)


def differences(before: Path, after: Path, base: str) -> Iterator[tuple[Lines, Lines]]:
    """Yield (lines to take away, lines to add) between the quality of two snapshots of the same build, in pieces.

    Args:
        before: Folder of the one.
        after: Folder of the other.
        base: The setting ``base_iri``.
    """
    with closing(_open(after / NAME)) as connection:
        connection.execute("ATTACH ? AS old", (published_file.address(before / NAME),))
        rows = connection.execute(_CHANGED_DATASETS)
        while batch := rows.fetchmany(_BATCH):
            yield (
                [line for old, _ in batch for line in _of_dataset(old, base)],
                [line for _, new in batch for line in _of_dataset(new, base)],
            )
        rows = connection.execute(_CHANGED_SCOPES)
        while batch := rows.fetchmany(_BATCH):
            yield (
                [line for content, moments, _, _ in batch for line in _of_scope(content, moments, base)],
                [line for _, _, content, moments in batch for line in _of_scope(content, moments, base)],
            )


def keep(settings: Settings, snapshot: Snapshot) -> str:
    """Add a snapshot to the history; return a line for the operator where that failed, else nothing."""
    try:
        quality = QualityFile(snapshot.quality)
        try:
            scopes = [scope for kind in aggregation.KINDS for scope in quality.scopes(kind)]
        finally:
            quality.close()
    except SnapshotError as error:
        return f"The history of quality was not kept: {error}"
    return history.append(settings.quality_history, snapshot.number, snapshot.manifest.made, scopes)
