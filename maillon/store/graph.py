"""Turns N-Quads into the Oxigraph store of a snapshot: bulk-loaded anew, or a copy of the last one with changes.

The public graph is the default graph. A store is written in a working folder and reaches its final place by
``backup()``, a RocksDB checkpoint that leaves no write-ahead log behind, so that it can be opened read-only by any
number of processes and copied elsewhere. A store rewrites literals (``"007"^^xsd:integer`` becomes ``7``), so changes
are compared after both sides went through one.
"""

import io
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from pyoxigraph import Literal, Quad, QuerySolutions, RdfFormat, Store, parse

from maillon.errors import SnapshotError

OPTIMIZE_FROM = 4_000_000
"""Quads from which ``optimize()`` pays: queries were 2.5 to 5.5 times faster after it at 7.6 million, equal at 0.8."""


class _Stream(io.RawIOBase):
    """A file over an iterator of texts, so that a bulk load needs neither a temporary file nor all in memory."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._rest = b""
        self.lines = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next octets; the size is a hint, as Oxigraph takes what it gets up to it."""
        if not self._rest:
            parts: list[bytes] = []
            while sum(map(len, parts)) < 65_536 and (text := next(self._texts, None)) is not None:
                parts.append(text.encode())
            self._rest = b"".join(parts)
            self.lines += self._rest.count(b"\n")
        if size < 0:
            size = len(self._rest)
        chunk, self._rest = self._rest[:size], self._rest[size:]
        return chunk


def bulk_build(path: Path, texts: Iterable[str], work: Path) -> None:
    """Make a store from N-Quads.

    Args:
        path: Folder of the store, not there yet.
        texts: N-Quads, in pieces that end with a line end.
        work: Folder to write in, not there yet, on the same file system; removed at the end.
    """
    store = Store(str(work))
    stream = _Stream(iter(texts))
    store.bulk_load(cast(IO[bytes], stream), format=RdfFormat.N_QUADS)
    if stream.lines >= OPTIMIZE_FROM:
        store.optimize()
    store.backup(str(path))
    del store  # there is no close(): the last reference closes it
    shutil.rmtree(work)


def open_read_only(path: Path) -> Store:
    """Open the store of a published snapshot. Raises OSError where it is absent or torn."""
    return Store.read_only(str(path))


def normalised(texts: Iterable[str]) -> set[Quad]:
    """Return the quads of N-Quads texts as a store gives them back."""
    store = Store()
    for text in texts:
        store.extend(parse(text.encode(), RdfFormat.N_QUADS))
    return set(store)


class Changes:
    """A copy of a published store to which changes are applied; nobody else has it open.

    Args:
        previous: Folder of the published store.
        work: Folder to write in, not there yet, on the same file system.
        shared: N-Quads that stay whatever documents say (the labels of controlled vocabularies).

    Raises:
        SnapshotError: The published store is torn.
    """

    def __init__(self, previous: Path, work: Path, shared: Iterable[str]) -> None:
        try:
            Store.read_only(str(previous)).backup(str(work))
        except RuntimeError as error:  # what RocksDB calls corruption
            raise SnapshotError(
                f"The store of the last snapshot is torn ({error}). Run `maillon publish --rebuild`, which makes the "
                "next one from the ledger alone; nothing is lost."
            ) from error
        self._work = work
        self._store: Store | None = Store(str(work))
        self._shared = normalised(shared)

    def replace(self, old: Iterable[str], new: Iterable[str]) -> None:
        """Replace the N-Quads of some documents, all of them at once."""
        if self._store is None:
            raise ValueError("These changes were applied already.")
        before, after = normalised(old), normalised(new)
        for quad in before - after - self._shared:
            self._store.remove(quad)
        self._store.extend(after - before)

    def finish(self, path: Path) -> None:
        """Write the store to its final folder, not there yet, and remove the working folder."""
        if self._store is not None:
            self._store.flush()
            self._store.backup(str(path))
            self._store = None
        shutil.rmtree(self._work)


def count(store: Store, pattern: str) -> int:
    """Return the number of solutions of a SPARQL group graph pattern, written by us, over the default graph."""
    result = cast(QuerySolutions, store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}"))
    return int(cast(Literal, next(result)["n"]).value)


def triples(store: Store) -> int:
    """Return the number of triples in the default graph."""
    return count(store, "?s ?p ?o")


def lacking(store: Store, texts: Iterable[str]) -> Iterator[Quad]:
    """Yield the quads of N-Quads texts that a store does not hold, as the store would write them."""
    for quad in normalised(texts):
        if quad not in store:
            yield quad
