"""Turns the ledger as it is now into the next published snapshot: built, verified, made durable, switched to.

A snapshot is made in a folder with a dot in front of its name, which nobody reads. Killing the process at any moment
leaves at most such a folder, which the next publish removes, and the current snapshot as it was.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from maillon import __version__, authority, paths, validation
from maillon.errors import SnapshotError
from maillon.ledger import Ledger
from maillon.publish import building, frame, quality, remote, retention, verification
from maillon.publish.building import Built, Progress, Workplace
from maillon.publish.frame import Frame
from maillon.publish.quality import Circumstances
from maillon.settings import Settings
from maillon.store import snapshots
from maillon.store.snapshots import FileSum, Manifest, Snapshot

Mode = Literal["auto", "rebuild", "incremental"]

INCREMENTAL_BELOW: Final = 0.2
"""Share of entities changed since the last rebuild below which a snapshot is made from the last one. Above it a bulk
load is cheaper; and old terms, which a store never gives up, cannot pile up for ever."""

FORMAT: Final = "3"
"""Version of the files of a snapshot; another one forces a rebuild."""


def _quiet(stage: str, done: int, total: int | None) -> None:
    """Report no progress."""


def versions() -> dict[str, str]:
    """Return the versions of what a snapshot's files depend on."""
    return {"maillon": __version__, "format": FORMAT} | {name: version(name) for name in ("pyoxigraph", "tantivy")}


def build_id(settings: Settings) -> str:
    """Return the hash of all that shapes a snapshot besides the ledger.

    Versions, base IRI, shapes, vocabularies, and what quality is measured by.
    """
    kind = "" if settings.store_kind == "oxigraph" else f" {settings.store_kind}"
    parts = f"{sorted(versions().items())} {settings.base_iri} {validation.build_id()}{kind}"
    summed = hashlib.sha256(parts.encode())
    for path in sorted([*authority.graph_files(), *paths.ONTOLOGY.glob("*.toml")]):
        summed.update(path.read_bytes())
    return summed.hexdigest()


@contextmanager
def _previous(root: Path) -> Iterator[Snapshot | None]:
    """Give the current snapshot under a lease; None where there is none or it is torn."""
    try:
        snapshot = snapshots.open_current(root)
    except SnapshotError:
        yield None
        return
    with snapshot:
        yield snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the next snapshot is to be.

    Attributes:
        number: Its number.
        sequence: Last change of the ledger in it.
        build: Hash of all that shapes it besides the ledger.
        frame: What publishing adds.
        now: What its quality depends on beside the documents.
        previous: The snapshot it is made from, None to make it anew.
    """

    number: int
    sequence: int
    build: str
    frame: Frame
    now: Circumstances
    previous: Snapshot | None


def _way(ledger: Ledger, previous: Snapshot | None, plan: Plan, mode: Mode) -> Mode | None:
    """Decide how to make the next snapshot; None where nothing changed since the last one."""
    if mode == "rebuild" or previous is None or previous.manifest.build != plan.build:
        return "rebuild"
    manifest = previous.manifest
    if ledger.sequence() == manifest.sequence and plan.frame.hash == manifest.frame:
        return "incremental" if quality.is_stale(previous, plan.now) else None
    changed = manifest.changed + len(ledger.changed_since(manifest.sequence))
    if mode == "incremental" or changed < INCREMENTAL_BELOW * max(manifest.counts["entities"], 1):
        return "incremental"
    return "rebuild"


def _plan(ledger: Ledger, settings: Settings, previous: Snapshot | None, mode: Mode, now: Circumstances) -> Plan | None:
    plan = Plan(
        number=max(snapshots.numbers(settings.snapshots), default=0) + 1,
        sequence=ledger.sequence(),  # before the entities: what changes meanwhile is looked at again next time
        build=build_id(settings),
        frame=frame.build(ledger, settings),
        now=now,
        previous=None,
    )
    way = _way(ledger, previous, plan, mode)
    if way is None:
        return None
    return replace(plan, previous=previous) if way == "incremental" else plan


def _manifest(plan: Plan, built: Built, files: dict[str, FileSum]) -> Manifest:
    return Manifest(
        number=plan.number,
        made=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        mode="incremental" if plan.previous else "rebuild",
        previous=plan.previous.number if plan.previous else None,
        sequence=plan.sequence,
        build=plan.build,
        frame=plan.frame.hash,
        base_iri=plan.frame.base,
        versions=versions(),
        counts=built.counts,
        sources=built.sources,
        changed=built.changed,
        content=built.content,
        files=files,
    )


@contextmanager
def _workplace(root: Path, number: int, keeps_store: bool) -> Iterator[Workplace]:
    """Give the folder of a snapshot in the making; what is left of it at the end is removed."""
    path = root / f".{number:08d}-{os.getpid()}"
    path.mkdir()
    try:
        yield Workplace(path, keeps_store)
    except (OSError, sqlite3.Error) as error:
        raise SnapshotError(
            f"Snapshot {number} cannot be written: {error}. Check the free space and the rights of {root}, then run "
            "again; the last one is still served."
        ) from error
    finally:
        shutil.rmtree(path, ignore_errors=True)  # it has its final name by now, or publishing failed


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)


def _sync(folder: Path) -> None:
    """Make all files and names of a snapshot durable."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            snapshots.sync_folder(path)
            continue
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _complete(place: Workplace, root: Path, manifest: Manifest, progress: Progress) -> None:
    """Verify a finished snapshot, make it durable, give it its name and switch to it."""
    progress("verify", 0, None)
    faults = verification.faults(place.path, manifest)
    if faults:
        raise SnapshotError(
            f"The new snapshot is wrong and was not published ({len(faults)} faults, the first: {faults[0]}). "
            "The last one is still served. Run `maillon publish --rebuild`; if that fails too, report it."
        )
    (place.path / "lease").touch()
    _write(place.path / "manifest.json", manifest.as_json())
    _sync(place.path)
    place.path.rename(snapshots.folder(root, manifest.number))
    snapshots.sync_folder(root)
    progress("switch", 0, None)
    snapshots.switch(root, manifest.number)


def _make(ledger: Ledger, settings: Settings, mode: Mode, progress: Progress, now: Circumstances) -> Snapshot:
    """Make the next snapshot and switch to it, or return the current one where nothing changed."""
    root = settings.snapshots
    with _previous(root) as previous:
        plan = _plan(ledger, settings, previous, mode, now)
        if plan is None:
            if settings.store_kind == "sparql" and (number := snapshots.current_number(root)):
                remote.ensure(settings, number, building.labels, progress)  # the server may have lost it
            progress("unchanged", 0, 0)
            return _kept(snapshots.open_current(root), settings, progress)
        with _workplace(root, plan.number, settings.store_kind == "oxigraph") as place:
            if plan.previous is None:
                built = building.rebuild(place, ledger, plan.frame, plan.now, progress)
            else:
                built = building.incremental(place, plan.previous, ledger, plan.frame, plan.now, progress)
            if not place.keeps_store:
                loader = remote.Loader(settings, building.labels, progress)
                triples = loader.load(place.path, plan.build, anew=plan.previous is None)
                built = replace(built, counts={**built.counts, "triples": triples})
            _complete(place, root, _manifest(plan, built, verification.sums(place.path)), progress)
    return _kept(snapshots.open_number(root, plan.number, fresh=True), settings, progress)


def _kept(snapshot: Snapshot, settings: Settings, progress: Progress) -> Snapshot:
    """Add the snapshot that is served to the history of quality, where it is not there yet; return it."""
    if fault := quality.keep(settings, snapshot):
        progress(fault, 0, None)
    return snapshot


def preparation(settings: Settings) -> Callable[[int], None] | None:
    """Return what ``rollback`` does before the pointer moves: have the server hold the snapshot; None without one."""
    if settings.store_kind != "sparql":
        return None
    return lambda number: remote.ensure(settings, number, building.labels, _quiet)


def publish(
    ledger: Ledger,
    settings: Settings,
    mode: Mode = "auto",
    progress: Progress = _quiet,
    now: Circumstances | None = None,
) -> Snapshot:
    """Publish the ledger as it is now.

    Args:
        ledger: What to publish.
        settings: Where to, under which base IRI and title.
        mode: ``rebuild`` reads all of the ledger; ``incremental`` applies the changes since the current snapshot (a
            rebuild all the same where there is none or it was made under other shapes, versions or base IRI);
            ``auto`` chooses by the share of changes, and rebuilds where the current snapshot is torn.
        progress: Told what is being done.
        now: Day on which quality is judged and what is known of links; today's where left out.

    Returns:
        The current snapshot, under a lease that the caller closes; ``fresh`` is false where nothing had changed and so
        none was made. On a later day than the last one's, links that work otherwise and data that went stale count as
        a change too.

    Raises:
        SnapshotError: Another process publishes, or the new snapshot failed its verification and was not published.
    """
    now = now or quality.circumstances(settings, progress)
    with retention.publisher_lock(settings.snapshots):
        retention.clean(settings.snapshots)
        try:
            return _make(ledger, settings, mode, progress, now)
        except SnapshotError as error:
            if mode != "auto" or isinstance(error, remote.RemoteFailed):
                raise
        # Not in the handler: its error keeps the half-made store open, and so locked.
        progress("the last snapshot cannot be built upon: rebuilding", 0, None)
        return _make(ledger, settings, "rebuild", progress, now)
