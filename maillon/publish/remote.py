"""Loads a snapshot into the remote SPARQL server of the settings, into the side that nobody reads.

SPARQL 1.1 Graph Store HTTP Protocol for what is added, SPARQL 1.1 Update for what is taken away. The side is brought up
to the new snapshot from the one it holds where that one is still known, else loaded anew; every graph is counted; only
then it gets the mark by which readers find it (``maillon.sparql.remote.marker``). The pointer ``current`` moves
afterwards, so a load that fails at any step leaves the snapshot before in force.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Final

from maillon.errors import SnapshotError
from maillon.publish.remote_content import Content, Numbers, Shared, by_graph, content, differences, everything
from maillon.publish.remote_side import Filling
from maillon.settings import Settings
from maillon.sparql.remote import marker as remote_marker
from maillon.sparql.remote.http import Server, ServerFailed, Side
from maillon.sparql.remote.marker import DOCUMENTS, FILE, QUALITY, Held, Names
from maillon.store import snapshots

_LONGER: Final = 5.0

Progress = Callable[[str, int, int | None], None]
Labels = Callable[[], Iterable[str]]


class RemoteFailed(SnapshotError):
    """The server could not be loaded; the last snapshot is still served."""


class Loader:
    """Loads snapshots of one folder into the server of the settings; the publisher's lock must be held.

    Args:
        settings: The settings in force.
        labels: Gives the N-Triples that every snapshot holds.
        progress: Told what is being done.
    """

    def __init__(self, settings: Settings, labels: Labels, progress: Progress) -> None:
        self._root = settings.snapshots
        self._wait = settings.query_timeout + _LONGER
        self._names = Names(settings.base_iri)
        self._server = Server(settings)
        self._labels = labels
        self._progress = progress

    def load(self, folder: Path, build: str, anew: bool) -> int:
        """Load the snapshot in a folder, which need not have its final name; write the file that lists its graphs.

        Args:
            folder: Folder with the documents.
            build: The manifest's build.
            anew: Whether nothing that the server holds is to be built upon.

        Returns:
            Number of triples that the server has in the public graph.

        Raises:
            RemoteFailed: The server refused, could not be reached, or holds something else than was sent.
        """
        try:
            return self._load(folder, build, anew)
        except ServerFailed as error:
            raise RemoteFailed(
                f"{error} The SPARQL server was not loaded; the last snapshot is still served."
            ) from error
        finally:
            self._server.close()

    def _load(self, folder: Path, build: str, anew: bool) -> int:
        shared = Shared(self._labels())
        files = [folder / name for name in (DOCUMENTS, QUALITY) if (folder / name).is_file()]
        mark = remote_marker.mark_of(map(_sha256, files), build)
        states = {side: remote_marker.held(self._server, side, self._names) for side in self._server.sides}
        holding = [side for side, held in states.items() if held.mark == mark]
        if holding and (folder / FILE).is_file():  # going back, or trying again
            return self._counted(holding[0], _read(folder))
        side = self._target(states)
        if not any(held.mark == states[side].mark for other, held in states.items() if other != side):
            self._wait_for_readers(states[side])
        filling = Filling(self._server, side, self._names, states[side].graphs, self._progress)
        self._begin(filling, states)
        before = None if anew else self._known(states[side].mark, build)
        done = self._updated(filling, before, folder, shared) if before else None
        expected, triples = done or self._filled(filling, folder, shared)
        _write(folder, expected)
        filling.close(mark, expected.graphs)
        return triples

    def _target(self, states: dict[Side, Held]) -> Side:
        """Return the side that does not hold the current snapshot; the second where both do, as readers try it last."""
        number = snapshots.current_number(self._root)
        live = ""
        if number is not None:
            with contextlib.suppress(SnapshotError, OSError):  # torn: there is nothing to protect
                live = remote_marker.mark(snapshots.read_manifest(snapshots.folder(self._root, number)))
        free = [side for side, held in states.items() if not live or held.mark != live]
        return min(free, key=lambda side: bool(states[side].mark)) if free else list(states)[-1]

    def _begin(self, filling: Filling, states: dict[Side, Held]) -> None:
        """Take the mark off a side, and make sure that the other side kept its own.

        Raises:
            RemoteFailed: Both sides are one and the same dataset; its mark is put back, nothing else has changed.
        """
        filling.open([self._names.public])
        for side, before in states.items():
            if side != filling.side and remote_marker.held(self._server, side, self._names).mark != before.mark:
                filling.close(before.mark, before.graphs)
                raise RemoteFailed(
                    f"{filling.side.graph_url} and {side.graph_url} are the same dataset: store_query_url, "
                    "store_update_url and store_graph_url must lead to two different ones for {side} 1 and 2. The last "
                    "snapshot is still served."
                )

    def _known(self, mark: str, build: str) -> Path | None:
        """Return the folder of the snapshot that a side holds, where it is still there and built in the same way."""
        for number in snapshots.numbers(self._root) if mark else ():
            folder = snapshots.folder(self._root, number)
            try:
                manifest = snapshots.read_manifest(folder)
            except (SnapshotError, OSError):
                continue
            if remote_marker.mark(manifest) == mark and manifest.build == build and (folder / FILE).is_file():
                return folder
        return None

    def _wait_for_readers(self, held: Held) -> None:
        """Wait until nobody reads the snapshot of a side, or all queries that began while it was served are over.

        Whoever asks for it later finds no mark and is told to ask for the newest one; nobody gets a wrong answer.
        """
        folder = self._by_mark(held.mark)
        end = _changed(self._root / snapshots.CURRENT) + self._wait
        while folder is not None and _is_read(folder) and time.time() < end:
            self._progress("waiting for readers", 0, None)
            time.sleep(0.2)

    def _by_mark(self, mark: str) -> Path | None:
        for number in snapshots.numbers(self._root) if mark else ():
            folder = snapshots.folder(self._root, number)
            try:
                if remote_marker.mark(snapshots.read_manifest(folder)) == mark:
                    return folder
            except (SnapshotError, OSError):
                continue
        return None

    def _updated(self, filling: Filling, before: Path, folder: Path, shared: Shared) -> tuple[Content, int] | None:
        """Bring a side up to a snapshot from the one before; None where it did not become what it should."""
        expected = _read(before)
        try:
            filling.open(expected.graphs)
            for gone, _, change in differences(before, folder, shared, self._names):
                filling.remove(gone)
                expected.add(change)
            # After all that goes: what one document says no longer, another may say now.
            for _, new, _ in differences(before, folder, shared, self._names):
                filling.open(new)
                filling.add(new)
            filling.flush()
            return expected, self._counted(filling.side, expected)
        except (RemoteFailed, ServerFailed) as error:
            if isinstance(error, ServerFailed) and not error.status:  # nobody there: filling anew would not help
                raise
            self._progress(f"the changes were not taken ({error}): loading everything", 0, None)
            return None

    def _filled(self, filling: Filling, folder: Path, shared: Shared) -> tuple[Content, int]:
        """Empty a side and load a whole snapshot; return its numbers and the triples of the public graph."""
        filling.open([self._names.public])
        filling.clear()
        expected = Content()
        for lines in everything(folder, shared, self._names):
            graphs = by_graph(lines, self._names.public)
            expected.add(content(graphs))
            filling.open(graphs)
            filling.add(graphs)
        filling.flush()
        return expected, self._counted(filling.side, expected)

    def _counted(self, side: Side, expected: Content) -> int:
        """Compare the number of triples of each graph with what was sent; return that of the public graph."""
        self._progress("counting", 0, None)
        public = 0
        for graph, numbers in expected.graphs.items():
            triples, links = (
                self._count(side, f"GRAPH <{graph}> {{ ?s ?p ?o {test} }}") for test in ("", "FILTER(isIRI(?o))")
            )
            if not numbers.least <= triples <= numbers.most or links != numbers.links:
                raise RemoteFailed(
                    f"{side.query_url} has {triples} triples in <{graph}>, {links} of them links; {numbers.least} to "
                    f"{numbers.most} and {numbers.links} were expected. The side was not switched to. If nothing else "
                    "writes to that server, look into its log and run `maillon publish --rebuild`."
                )
            public = triples if graph == self._names.public else public
        return public

    def faults(self, folder: Path, mark: str) -> list[str]:
        """Return what is wrong with what the server holds of a snapshot; empty where it does not hold it (any more)."""
        try:
            for side in self._server.sides:
                if remote_marker.held(self._server, side, self._names).mark == mark:
                    self._counted(side, _read(folder))
        except (RemoteFailed, ServerFailed) as error:
            return [str(error)]
        finally:
            self._server.close()
        return []

    def _count(self, side: Side, pattern: str) -> int:
        rows, _ = remote_marker.rows(self._server, side, f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}", 600.0)
        return int(rows[0]["n"].value) if rows else 0


def ensure(settings: Settings, number: int, labels: Labels, progress: Progress) -> None:
    """Make sure that the server holds a published snapshot, before the pointer moves (back) to it.

    Raises:
        RemoteFailed: It could not be loaded.
        SnapshotError: There is no such snapshot, or it was made for another kind of store.
    """
    with snapshots.open_number(settings.snapshots, number) as snapshot:
        remote_marker.graphs(snapshot.path)
        Loader(settings, labels, progress).load(snapshot.path, snapshot.manifest.build, anew=False)


def faults(settings: Settings, number: int) -> list[str]:
    """Return what is wrong with a published snapshot on the server; empty where it is right or not there (any more)."""
    with snapshots.open_number(settings.snapshots, number) as snapshot:
        return Loader(settings, tuple, lambda *_: None).faults(snapshot.path, remote_marker.mark(snapshot.manifest))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _changed(path: Path) -> float:
    """Return when a link was made, in seconds since 1970; 0 where it is not there."""
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return 0.0


def _is_read(folder: Path) -> bool:
    """Tell whether any process of this machine holds a lease on a snapshot."""
    try:
        handle = os.open(folder / "lease", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _read(folder: Path) -> Content:
    """Return the numbers of a snapshot's graphs. Raises SnapshotError."""
    return Content({graph: Numbers(**numbers) for graph, numbers in remote_marker.graphs(folder).items()})


def _write(folder: Path, expected: Content) -> None:
    """List the graphs of a snapshot in its folder; one that is published already is left as it is."""
    if not (folder / "manifest.json").exists():
        graphs = {graph: asdict(numbers) for graph, numbers in sorted(expected.graphs.items())}
        (folder / FILE).write_text(json.dumps({"graphs": graphs}, indent=1) + "\n", encoding="utf-8")
