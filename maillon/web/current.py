"""The published snapshot that a request reads: opened once, followed when the ``current`` pointer moves.

Every request looks at the pointer (one readlink). A request keeps the snapshot that it began with until it has ended,
so no page mixes two harvests; a snapshot that no request reads any more is closed and its lease given back.
"""

import threading
from functools import cached_property
from pathlib import Path

import pyoxigraph
from flask import Flask, current_app, g

from maillon.search import SearchIndex
from maillon.settings import Settings
from maillon.sparql.remote.lookups import RemoteLookups
from maillon.store import graph, snapshots
from maillon.store.documents import Documents, SourceInfo
from maillon.store.snapshots import Snapshot


class Published:
    """One snapshot with its readers, shared by the threads of a web process.

    Attributes:
        snapshot: Its folder, number and manifest, under a lease.
        documents: What every entity says.
        search: The search index.
    """

    def __init__(self, snapshot: Snapshot, settings: Settings | None = None) -> None:
        self.snapshot = snapshot
        self._settings = settings
        self.documents = Documents(snapshot.documents)
        self.search = SearchIndex(snapshot.search)
        self.readers = 0

    @cached_property
    def store(self) -> pyoxigraph.Store | RemoteLookups:
        """The Oxigraph store, read-only, or what stands for it; opened at first use: most pages never need it."""
        if self._settings is not None and self._settings.store_kind == "sparql":
            return RemoteLookups(self._settings, self.snapshot.path)
        return graph.open_read_only(self.snapshot.store)

    @cached_property
    def sources(self) -> list[SourceInfo]:
        """The sources, by name; read once because they are few and every list names them."""
        return self.documents.sources()

    def close(self) -> None:
        """Give everything back; no request may use it any more."""
        if isinstance(found := self.__dict__.get("store"), RemoteLookups):
            found.close()
        self.documents.close()
        self.snapshot.close()


class Follower:
    """Hands out the current snapshot of a folder and closes those that are no longer read."""

    def __init__(self, root: Path, settings: Settings | None = None) -> None:
        self._root = root
        self._settings = settings
        self._lock = threading.Lock()
        self._newest: Published | None = None

    def acquire(self) -> Published:
        """Return the current snapshot; ``release`` it afterwards. Raises SnapshotError where nothing is published."""
        with self._lock:
            newest = self._newest
            if newest is None or snapshots.current_number(self._root) != newest.snapshot.number:
                self._newest = Published(snapshots.open_current(self._root), self._settings)
                if newest is not None and not newest.readers:
                    newest.close()
                newest = self._newest
            newest.readers += 1
            return newest

    def release(self, published: Published) -> None:
        """Say that a request has ended."""
        with self._lock:
            published.readers -= 1
            if not published.readers and published is not self._newest:
                published.close()


def snapshot() -> Published:
    """Return the snapshot of this request.

    Raises:
        SnapshotError: Nothing is published; the visitor gets the page 503 that says what to run.
    """
    if "published" not in g:
        g.published = current_app.extensions["maillon.follower"].acquire()
    published: Published = g.published
    return published


def _release(_error: BaseException | None) -> None:
    published = g.pop("published", None)
    if published is not None:
        current_app.extensions["maillon.follower"].release(published)


def install(app: Flask) -> None:
    """Let an application follow the snapshots of its data folder."""
    settings: Settings = app.config["MAILLON"]
    app.extensions["maillon.follower"] = Follower(settings.snapshots, settings)
    app.teardown_appcontext(_release)
