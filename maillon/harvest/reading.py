"""Reads a source to its end through its harvester: records in, a filled staging file and what could not be used out.

Where the source changed while its pages were read, everything is forgotten and read again, a few times.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from inspect import isgenerator

from maillon import identifiers
from maillon.errors import PagesShifted, RecordRejected, SourceUnavailable
from maillon.fetch import Fetcher
from maillon.harvest import loading
from maillon.harvest.options import Progress
from maillon.harvest.report import legible
from maillon.harvest.staging import Staging
from maillon.harvest.taking import Taker
from maillon.records import Bookmark, Deleted, Record, Rejected
from maillon.sources import Source

STEP = 100
"""Records between two signs of progress."""

READINGS = 3
"""How often a source is read in one run at most, where its pages shift."""


class TimeOver(SourceUnavailable):
    """The source took longer than its time limit."""


def _nothing() -> None:
    """Let the reading go on."""


class Reading:
    """The reading of one run.

    Args:
        source: What to read.
        taker: What takes its records.
        staging: Where to.
        progress: Told how far it is.
        check: Called before each record; raises what ends the reading.

    Attributes:
        datasets: Datasets staged.
        rejected: What could not be used.
        bookmark: What the harvester left for the next run; None where it left nothing.
        again: How often the source had to be read again.
    """

    def __init__(
        self,
        source: Source,
        taker: Taker,
        staging: Staging,
        progress: Progress,
        check: Callable[[], None] = _nothing,
    ) -> None:
        self._source = source
        self._check = check
        self._taker = taker
        self._staging = staging
        self._progress = progress
        self._deadline = time.monotonic() + source.time_limit
        self.again = 0
        self._begin()

    def _begin(self) -> None:
        self._staging.clear()
        self._taker.begin()
        self.datasets = 0
        self.rejected: list[Rejected] = []
        self.bookmark: Bookmark | None = None
        self._deleted: list[str] = []

    @property
    def is_partial(self) -> bool:
        """Whether only what changed since the last run was read."""
        return self.bookmark is not None and self.bookmark.is_partial

    def read(self, fetch: Fetcher) -> None:
        """Read the source to its end.

        Raises:
            SourceUnavailable: It cannot be read to its end, or not within its time limit.
        """
        while True:
            try:
                self._read(fetch)
            except PagesShifted:
                self.again += 1
                if fetch.is_replay or self.again >= READINGS:
                    raise
                fetch.forget()
                self._begin()
            else:
                if not self._taker.shed():
                    return
                self._begin()

    def _read(self, fetch: Fetcher) -> None:
        self._progress("reading", 0, None)
        number = 0
        for number, record in enumerate(self._records(fetch), 1):
            self._sort(record)
            if number % STEP == 0:
                self._progress("reading", number, None)
        self._progress("reading", number, number)
        self.datasets = self._staging.count("dataset")

    def _records(self, fetch: Fetcher) -> Iterator[Record]:
        """Yield what the harvester yields; a record that it refuses by an exception becomes a Rejected."""
        records = iter(loading.load(self._source).records(self._source, fetch))
        while True:
            self._check()
            if time.monotonic() > self._deadline:
                raise TimeOver(
                    f"Source {self._source.name} took longer than its time_limit of {self._source.time_limit:g} "
                    "seconds: nothing was changed. Raise time_limit if it is only large."
                )
            try:
                record = next(records)
            except StopIteration:
                return
            except RecordRejected as error:
                yield Rejected(error.identifier, error.reason, error.detail)
                if isgenerator(records):  # it cannot go on, so what follows would silently be missing
                    raise SourceUnavailable(
                        f"The harvester {self._source.kind} ended at record {error.identifier}: {error.reason}. It "
                        "must yield Rejected to go on with the next."
                    ) from error
                continue
            yield record

    def _sort(self, record: Record) -> None:
        if isinstance(record, Rejected):
            self.reject(record)
        elif isinstance(record, Deleted):
            self._deleted.append(record.identifier)
        elif isinstance(record, Bookmark):
            self.bookmark = record
        else:
            for refused in self._taker.take(record, self._staging):
                self.reject(refused)

    def reject(self, record: Rejected) -> None:
        """Note what cannot be used, in a form that every database and terminal takes."""
        identifier, reason, detail = map(legible, (record.identifier, record.reason, record.detail))
        self.rejected.append(Rejected(identifier, reason, detail, record.is_dataset, record.is_private))

    def private(self) -> frozenset[str]:
        """Return the IRIs of the datasets and services that the source marks private."""
        return self._iris(item.identifier for item in self.rejected if item.is_private)

    def deleted(self) -> frozenset[str]:
        """Return the IRIs of what the source says it has deleted."""
        return self._iris(self._deleted)

    def _iris(self, found: Iterable[str]) -> frozenset[str]:
        base, name, kept = self._taker.context.base, self._source.name, self._taker.aliases
        own, iris = identifiers.mint(base, "dataset", name, "x").removesuffix("x"), []
        for item in found:
            iris.append(item if identifiers.is_absolute(item) else identifiers.mint(base, "dataset", name, item))
            if iris[-1].startswith(own):  # nothing says whether it is the identifier of a dataset or of a service
                iris.append(iris[-1].replace("/id/dataset/", "/id/service/", 1))
        return frozenset(kept.get(iri, iri) for iri in iris)
