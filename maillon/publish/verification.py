"""Turns a snapshot into a list of faults, by reading it back: empty means that all its parts agree.

Before the pointer is switched, store, documents, quality, search index and manifest are compared with each other; on
demand also every file with its SHA-256.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from maillon.errors import SnapshotError
from maillon.quality.aggregation import CATALOGUE, SOURCE
from maillon.quality.file import NAME as QUALITY
from maillon.quality.file import QualityFile
from maillon.search import Query, SearchIndex
from maillon.sparql.remote.marker import FILE
from maillon.store import graph
from maillon.store.documents import Documents
from maillon.store.snapshots import FileSum, Manifest, Snapshot

_SAMPLE = 200
_UNLISTED = ("manifest.json", "lease")


def sums(folder: Path) -> dict[str, FileSum]:
    """Return size and SHA-256 of every file of a snapshot, by path inside it."""
    found = {}
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in _UNLISTED:
            with path.open("rb") as file:
                found[name] = FileSum(
                    octets=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest()
                )
    return found


def _file_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    found = sums(folder)
    for name, wanted in manifest.files.items():
        if name not in found:
            yield f"{name} is missing"
        elif found[name] != wanted:
            yield f"{name} is torn: {found[name].octets} octets, {wanted.octets} expected, or its content differs"


def _document_faults(documents: Documents, manifest: Manifest) -> Iterator[str]:
    counts = documents.counts()
    for name, number in sorted(manifest.counts.items()):
        if name != "triples" and counts.get(name) != number:
            yield f"documents count {counts.get(name)} {name}, the manifest {number}"
    summed = hashlib.sha256()
    for document in documents.dump():
        if hashlib.sha256(document.text.encode()).hexdigest() != document.hash:
            yield f"the text of {document.iri} does not have the hash {document.hash}"
        summed.update(f"{document.iri} {document.hash} {document.state}\n".encode())
    if summed.hexdigest() != manifest.content:
        yield "the content of the documents is not the one of the manifest"


def _store_faults(folder: Path, documents: Documents, manifest: Manifest) -> Iterator[str]:
    store = graph.open_read_only(folder / "store")
    triples = graph.triples(store)
    if triples != manifest.counts["triples"]:
        yield f"the store has {triples} triples, the manifest {manifest.counts['triples']}"
    region = f"<{manifest.base_iri}id/catalog/all>"
    for name, predicate in (("datasets", "dataset"), ("services", "service"), ("datasets", "record")):
        number = graph.count(store, f"{region} <http://www.w3.org/ns/dcat#{predicate}> ?member")
        if number != manifest.counts[name]:
            wanted = manifest.counts[name]
            yield f"the store has {number} dcat:{predicate} in the catalogue, the manifest {wanted} {name}"
    for document in documents.sample(_SAMPLE):
        for quad in graph.lacking(store, [document.quads]):
            yield f"the store lacks {quad} of {document.iri}"


def _search_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    results = SearchIndex(folder / "search").search(Query(limit=1))
    if results.total != manifest.counts["datasets"]:
        yield f"the search index has {results.total} datasets, the manifest {manifest.counts['datasets']}"
    found = dict(results.facets["source"])
    if found != {name: number for name, number in manifest.sources.items() if name in found or number}:
        yield f"the search index has datasets by source {found}, the manifest {dict(manifest.sources)}"


def _quality_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    quality = QualityFile(folder / QUALITY)
    try:
        whole = quality.scope(CATALOGUE)
        found = whole.datasets if whole else 0
        if found != manifest.counts["datasets"]:
            yield f"the quality file has {found} datasets, the manifest {manifest.counts['datasets']}"
        by_source = {scope.key: scope.datasets for scope in quality.scopes(SOURCE)}
        if by_source != {name: number for name, number in manifest.sources.items() if number}:
            yield f"the quality file has datasets by source {by_source}, the manifest {dict(manifest.sources)}"
    finally:
        quality.close()


def faults(folder: Path, manifest: Manifest) -> list[str]:
    """Compare documents, quality, store, search index and manifest with each other."""
    try:
        documents = Documents(folder / "documents.sqlite")
        try:
            return [
                *_document_faults(documents, manifest),
                # Without a store of its own, a remote server was loaded and counted (maillon.publish.remote).
                *(() if FILE in manifest.files else _store_faults(folder, documents, manifest)),
                *_search_faults(folder, manifest),
                *(_quality_faults(folder, manifest) if QUALITY in manifest.files else ()),
            ]
        finally:
            documents.close()
    except (SnapshotError, OSError) as error:
        return [str(error)]


def verify(snapshot: Snapshot) -> list[str]:
    """Check a published snapshot; return its faults, none where it is sound.

    Its parts are only opened when every file has the content that was written, because a store with a torn file may
    make RocksDB read for ever.
    """
    return list(_file_faults(snapshot.path, snapshot.manifest)) or faults(snapshot.path, snapshot.manifest)
