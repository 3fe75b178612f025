"""Turns the open datasets that a source declares as tables into staged rows, once its catalogue has been read.

A table that cannot be read keeps the rows it had: the catalogue must not lose them because a file server is down. The
rows of a dataset that the source now marks private are withdrawn with it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice

from maillon import tabular
from maillon.errors import RecordRejected, SourceUnavailable
from maillon.harvest.reading import Reading
from maillon.harvest.staging import BATCH, Staging
from maillon.harvest.taking import Taker
from maillon.ledger import Ledger
from maillon.records import Entity, Rejected
from maillon.sources import Fetch


@dataclass
class Tables:
    """The tables of one run.

    Attributes:
        rows: Entities staged of tables.
        rejected: Tables, rows and cells that could not be used.
        kept: Names of tables whose rows stay as they are, because they could not be read.
        withdrawn: Names of tables of private datasets.
    """

    rows: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)

    def read(self, taker: Taker, staging: Staging, fetch: Fetch, reading: Reading, ledger: Ledger) -> None:
        """Stage the rows of every table that the source declares.

        Args:
            taker: Saw the entities of the run; makes rows canonical.
            staging: Where to.
            fetch: With which files are read.
            reading: What the source marks private or deleted, and whether it read only what changed, so that a dataset
                may be there though it was not read.
            ledger: What datasets were called before this run.
        """
        source = taker.context.source
        private = {item.identifier for item in reading.rejected if item.is_private}
        for table in tabular.declared(source):
            resource = taker.finder.find(table)
            if table.dataset in private or _named(ledger, reading.private(), table.dataset):
                self.withdrawn.append(table.name)
            elif isinstance(resource, Rejected) and reading.is_partial:
                if not _named(ledger, reading.deleted(), table.dataset):
                    self.kept.append(table.name)
            elif isinstance(resource, Rejected):
                self.rejected.append(resource)
            else:
                rows = tabular.rows(table, resource, source, taker.context.base, tabular.beside(source, fetch))
                self._read(table, rows, taker, staging)

    def _read(
        self, table: tabular.Declaration, rows: Iterable[Entity | Rejected], taker: Taker, staging: Staging
    ) -> None:
        before, refused = staging.last(), len(self.rejected)
        try:
            unread = iter(rows)
            while batch := list(islice(unread, BATCH)):
                self._stage(batch, taker, staging)
        except SourceUnavailable as error:
            staging.undo(before)
            del self.rejected[refused:]
            self.kept.append(table.name)
            why = f"{error} The rows that were known stay."
            self.rejected.append(Rejected(f"table {table.name}", "table that cannot be read", why, is_dataset=False))
        self.rows = staging.count("data")

    def _stage(self, batch: Iterable[Entity | Rejected], taker: Taker, staging: Staging) -> None:
        for item in batch:
            if isinstance(item, Rejected):
                self.rejected.append(item)
                continue
            try:
                self.rejected += staging.add([taker.row(item)], ())
            except RecordRejected as error:
                self.rejected.append(Rejected(error.identifier, error.reason, error.detail, is_dataset=False))


def _named(ledger: Ledger, iris: Collection[str], name: str) -> bool:
    """Tell whether one of some datasets of the ledger has this IRI, identifier, title or page."""
    signs = (f'"{name}"', f"<{name}>")
    return any(sign in item.text for item in ledger.current(sorted(iris)) for sign in signs)


def rows_of(ledger: Ledger, source: str, base: str, names: Collection[str]) -> frozenset[str]:
    """Return the IRIs of all that the ledger has of some tables of a source: their rows, and the tables themselves."""
    if not names:
        return frozenset()
    tables = [f"{base}graph/data/{source}/{name}" for name in names]
    keys = tuple(f"{source}/{name}/" for name in names)
    return frozenset(
        item.iri
        for item in ledger.current(kinds=["data"])
        if item.source == source
        and (
            item.key.startswith(keys) or any(f"<{table}>" in item.text or f"<{table}#" in item.text for table in tables)
        )
    )
