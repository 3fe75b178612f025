"""Turns a folder of published snapshots into leased, immutable ``Snapshot`` values, and moves the ``current`` pointer.

Layout: ``<root>/<8 digits>/{store/, search/, documents.sqlite, quality.sqlite, manifest.json, lease}`` and the
symbolic link ``<root>/current``. A snapshot is complete before it gets its final name and never changes afterwards. A
reader holds a shared lock (flock) on ``lease``; the kernel frees the lock of a killed reader.
"""

import dataclasses
import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from maillon.errors import SnapshotError

CURRENT = "current"
_TRIES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSum:
    """Size in octets and SHA-256 (hexadecimal) of one file of a snapshot."""

    octets: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a snapshot says of itself; written last, as ``manifest.json``.

    Attributes:
        number: Number of the snapshot, growing by one.
        made: When it was made, ISO 8601 UTC.
        mode: ``rebuild`` or ``incremental``.
        previous: The snapshot it was made from, None for a rebuild.
        sequence: Number of the last change of the ledger that it holds.
        build: Hash of all that shapes a snapshot besides the ledger; another one forces a rebuild.
        frame: Hash of catalogues and settings that are published beside the ledger's entities.
        base_iri: The setting, under which all own IRIs stand.
        versions: Version by name of maillon and of the engines whose files it holds.
        counts: Number by name: datasets, distributions, services, series, organisations, entities, gone, conformant,
            findings, triples (of the default graph).
        sources: Number of datasets by source.
        changed: Entities changed since the last rebuild, this one included; bounds what old files pile up.
        content: SHA-256 over the sorted lines "IRI hash state" of all documents.
        files: Size and SHA-256 by path inside the snapshot.
    """

    number: int
    made: str
    mode: str
    previous: int | None
    sequence: int
    build: str
    frame: str
    base_iri: str
    versions: Mapping[str, str]
    counts: Mapping[str, int]
    sources: Mapping[str, int]
    changed: int
    content: str
    files: Mapping[str, FileSum]

    def as_json(self) -> str:
        """Return the manifest as JSON text."""
        return json.dumps(dataclasses.asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_manifest(path: Path) -> Manifest:
    """Read the manifest of a snapshot's folder.

    Raises:
        SnapshotError: It is absent, torn or of another version of Maillon.
        FileNotFoundError: The folder is not there (any more).
    """
    text = (path / "manifest.json").read_text(encoding="utf-8")
    try:
        values = json.loads(text)
        values["files"] = {name: FileSum(**item) for name, item in values["files"].items()}
        return Manifest(**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SnapshotError(
            f"The manifest of snapshot {path.name} cannot be read ({error}): run `maillon publish --rebuild`."
        ) from error


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot, held by a lease until ``close``.

    Attributes:
        path: Its folder.
        number: Its number.
        manifest: What it says of itself.
        fresh: Whether the call of ``publish`` that returned it also made it.
    """

    path: Path
    number: int
    manifest: Manifest
    fresh: bool = False
    _lease: list[int] = field(default_factory=list, repr=False, compare=False)

    @property
    def store(self) -> Path:
        """Folder of the Oxigraph store."""
        return self.path / "store"

    @property
    def search(self) -> Path:
        """Folder of the search index."""
        return self.path / "search"

    @property
    def documents(self) -> Path:
        """File of the documents."""
        return self.path / "documents.sqlite"

    @property
    def quality(self) -> Path:
        """File of assessments and scopes; not there in snapshots made before there was one."""
        return self.path / "quality.sqlite"

    def close(self) -> None:
        """Give the lease back; the snapshot may be pruned from now on."""
        while self._lease:
            os.close(self._lease.pop())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def current_number(root: Path) -> int | None:
    """Return the number that ``current`` points to, None where nothing is published; one readlink."""
    try:
        return int((root / CURRENT).readlink().name)
    except (OSError, ValueError):
        return None


def numbers(root: Path) -> list[int]:
    """Return the numbers of all complete snapshots, ascending."""
    if not root.is_dir():
        return []
    return sorted(int(item.name) for item in root.iterdir() if len(item.name) == 8 and item.name.isdigit())


def folder(root: Path, number: int) -> Path:
    """Return the folder of a snapshot."""
    return root / f"{number:08d}"


def _lease(path: Path) -> int | None:
    """Take a shared lock on a snapshot; None where it vanished before the lock was held."""
    try:
        lease = os.open(path / "lease", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    fcntl.flock(lease, fcntl.LOCK_SH)
    try:
        held = (path / "lease").stat().st_ino == os.fstat(lease).st_ino
    except FileNotFoundError:
        held = False
    if held:
        return lease
    os.close(lease)
    return None


def open_number(root: Path, number: int, fresh: bool = False) -> Snapshot:
    """Open a snapshot by its number, under a lease.

    Raises:
        SnapshotError: There is no such snapshot, or it is torn.
    """
    path = folder(root, number)
    lease = _lease(path)
    if lease is None:
        known = ", ".join(map(str, numbers(root))) or "none"
        raise SnapshotError(f"There is no snapshot {number} in {root}. Choose one of: {known}.")
    try:
        return Snapshot(path, number, read_manifest(path), fresh, [lease])
    except (SnapshotError, OSError) as error:
        os.close(lease)
        raise SnapshotError(f"Snapshot {number} cannot be opened: {error}") from error


def open_current(root: Path) -> Snapshot:
    """Open the snapshot that is being served, under a lease.

    Raises:
        SnapshotError: Nothing was published yet, or the current snapshot is torn.
    """
    for _ in range(_TRIES):
        number = current_number(root)
        if number is None:
            raise SnapshotError(f"No snapshot is published in {root}: run `maillon publish`.")
        if (folder(root, number) / "lease").exists() or number == current_number(root):
            try:
                return open_number(root, number)
            except SnapshotError:
                if number == current_number(root):
                    raise
    raise SnapshotError(f"The current snapshot in {root} changes faster than it can be opened: try again.")


def listing(root: Path) -> list[tuple[Manifest, bool]]:
    """Return the manifest of every readable snapshot, ascending, each with whether it is the current one."""
    current = current_number(root)
    found = []
    for number in numbers(root):
        try:
            found.append((read_manifest(folder(root, number)), number == current))
        except (FileNotFoundError, SnapshotError):  # pruned meanwhile, or torn: one must not hide the others
            continue
    return found


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def switch(root: Path, number: int) -> None:
    """Point ``current`` to a snapshot, atomically and durably.

    Raises:
        SnapshotError: There is no such snapshot, or its manifest is torn.
    """
    open_number(root, number).close()
    link = root / f".{CURRENT}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(f"{number:08d}")
    link.replace(root / CURRENT)
    sync_folder(root)
