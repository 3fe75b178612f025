"""Turns the documents file of a snapshot (SQLite) into ``Document`` values: what every published entity says.

A document is rendered from the ledger's canonical N-Triples, never from an Oxigraph store, because a store rewrites
literals. Texts are zlib-compressed. Pages go by key (keyset paging), so that page 10,000 costs what page 1 costs.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maillon.errors import SnapshotError
from maillon.records import Finding
from maillon.store.published_file import PublishedFile

PUBLISHED = ("live", "missing")
"""States in which an entity is shown; ``gone`` ones are kept as tombstones."""

READABLE = (*PUBLISHED, "copy")
"""States in which the document about an entity can be read."""

COLUMNS = (
    "d.iri, d.kind, d.key, d.source, d.hash, d.state, d.issued, d.modified, d.conformant, d.text, d.derived, d.graph,"
    " d.id"
)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Repair:
    """What one rule changed in what the source sent of an entity: ``maillon.repair.Application``, and since which run.

    Attributes:
        rule: Id of the rule.
        removed: N-Triples lines that the source sent.
        added: N-Triples lines in their place.
        path: Property path from the entity to the embedded nodes in them.
        where: Lines by which these nodes are told from others.
        run: Number of the harvest run.
    """

    rule: str
    removed: str
    added: str
    path: str
    where: str
    run: int


@dataclass(frozen=True, slots=True)
class Document:
    """What is published of one entity.

    Attributes:
        iri: The entity.
        kind: One of ``identifiers.KINDS``.
        key: Its key in our addresses.
        source: Name of the source that owns it; empty for what publishing itself adds (catalogues, records).
        hash: SHA-256 of ``text``.
        text: Canonical N-Triples.
        derived: Sorted N-Quads that publishing adds: catalogue membership in the default graph; findings and
            provenance in their named graphs. Empty for a tombstone.
        state: ``live``, ``missing`` (shown, but its source no longer lists it), ``copy`` (another source's record of
            the same dataset is shown in its place) or ``gone`` (a tombstone).
        issued: When it was first seen, ISO 8601 UTC.
        modified: When its content last changed, ISO 8601 UTC.
        conformant: No violation in it; for a dataset also none in its distributions, publishers and contact points.
        findings: What validation found in it.
        graph: IRI of the named graph that holds ``text``; empty for the default graph.
        repairs: What was repaired in it; left out where documents are read in numbers.
    """

    iri: str
    kind: str
    key: str
    source: str
    hash: str
    text: str
    derived: str = ""
    state: str = "live"
    issued: str = ""
    modified: str = ""
    conformant: bool = True
    findings: list[Finding] = field(default_factory=list)
    graph: str = ""
    repairs: list[Repair] = field(default_factory=list)

    @property
    def quads(self) -> str:
        """All that is published of the entity, as N-Quads; nothing of a tombstone."""
        return quads(self.text, self.graph) + self.derived if self.state in READABLE else ""


def quads(text: str, graph: str) -> str:
    """Return canonical N-Triples as N-Quads of a graph, empty for the default graph."""
    return text.replace(" .\n", f" <{graph}> .\n") if graph else text


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """One harvest run of a source.

    Attributes:
        id: Its number.
        source: Name of the source.
        started: When it began, ISO 8601 UTC.
        finished: When it ended, None while it runs or where it died.
        status: running, done, failed or died.
        message: Why it failed; empty where it did not.
        report: Its counts, with the keys of ``maillon harvest --json``.
        rejections: What could not be used, as identifier, reason and detail; the first ones of the last runs only.
    """

    id: int
    source: str
    started: str
    finished: str | None
    status: str
    message: str
    report: Mapping[str, Any]
    rejections: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """A source as its page shows it.

    Attributes:
        name: Name of the source.
        kind: Its harvester.
        url: Where it is harvested from, empty where that is a path of the machine.
        title: Title by BCP 47 tag.
        description: Description by BCP 47 tag.
        publisher: Name of the body that publishes the source.
        homepage: Its page for people.
        license: Licence of its metadata.
        catalog: IRI of its dcat:Catalog.
        datasets: Number of its published datasets.
        conformant: Number of those without a violation.
        harvested: When its last complete run ended, ISO 8601 UTC; empty where there was none.
        schedule: When it is harvested by itself, as five fields of cron; empty where it is not.
        runs: Its last runs, newest first.
    """

    name: str
    kind: str = ""
    url: str = ""
    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    publisher: str = ""
    homepage: str = ""
    license: str = ""
    catalog: str = ""
    datasets: int = 0
    conformant: int = 0
    harvested: str = ""
    schedule: str = ""
    runs: Sequence[RunInfo] = ()


def number_of(iri: str) -> int:
    """Return the 64-bit number under which an IRI stands in the file (SHA-256, so that links stay small)."""
    return int.from_bytes(hashlib.sha256(iri.encode()).digest()[:8], "big", signed=True)


def pack(text: str) -> bytes:
    """Compress a text for its column; level 3 is as small as 6 within 4 % and a third faster on catalogue data."""
    return zlib.compress(text.encode(), 3) if text else b""


def unpack(blob: bytes) -> str:
    """Return the text that ``pack`` compressed."""
    return zlib.decompress(blob).decode() if blob else ""


def _document(row: Sequence[Any], findings: list[Finding]) -> Document:
    iri, kind, key, source, digest, state, issued, modified, conformant, text, derived, graph, _ = row
    return Document(
        iri, kind, key, source, digest, unpack(text), unpack(derived),
        state, issued, modified, bool(conformant), findings, graph,
    )  # fmt: skip


class Documents(PublishedFile):
    """Reads the documents of one snapshot, for any number of threads.

    Raises SnapshotError where the file is absent or not a documents file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            self.rows("SELECT 1 FROM documents LIMIT 1")
        except sqlite3.Error as error:
            raise SnapshotError(f"The documents {path} cannot be opened: {error}. Run `maillon publish`.") from error

    def _documents(self, rows: Sequence[Sequence[Any]]) -> list[Document]:
        findings = self.findings_by_number([row[-1] for row in rows])
        return [_document(row, findings.get(row[-1], [])) for row in rows]

    def findings_by_number(self, ids: Sequence[int]) -> dict[int, list[Finding]]:
        """Return what validation found in documents, by their numbers; those without any are left out."""
        found: dict[int, list[Finding]] = {}
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            marks = ",".join("?" * len(part))
            for document, *values in self.rows(
                "SELECT document, focus, path, value, severity, component, shape FROM findings"  # noqa: S608
                f" WHERE document IN ({marks}) ORDER BY document, position",
                part,
            ):
                found.setdefault(document, []).append(Finding(*values))
        return found

    def get(self, iri: str) -> Document | None:
        """Return the document about an IRI, tombstones included; None where there is none."""
        return self.many([iri]).get(iri)

    def find(self, kind: str, key: str) -> Document | None:
        """Return the document of an address, tombstones included; None where there is none."""
        rows = self.rows(f"SELECT {COLUMNS} FROM documents d WHERE kind = ? AND key = ?", (kind, key))  # noqa: S608
        return self._documents(rows)[0] if rows else None

    def many(self, iris: Iterable[str]) -> dict[str, Document]:
        """Return the documents about several IRIs, by IRI, in the order given; absent ones are left out."""
        wanted = {number_of(iri): iri for iri in iris}
        ids = list(wanted)
        found: dict[str, Document] = {}
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            marks = ",".join("?" * len(part))
            rows = self.rows(f"SELECT {COLUMNS} FROM documents d WHERE id IN ({marks})", part)  # noqa: S608
            found.update((item.iri, item) for item in self._documents(rows))
        return {iri: found[iri] for iri in wanted.values() if iri in found}

    @staticmethod
    def _where(kind: str, conformant_only: bool, source: str) -> tuple[str, list[Any]]:
        where = "kind = ? AND state IN ('live', 'missing')"
        values: list[Any] = [kind]
        if conformant_only:
            where += " AND conformant = 1"
        if source:
            where += " AND source = ?"
            values.append(source)
        return where, values

    def page(
        self, kind: str, after: str = "", limit: int = 100, conformant_only: bool = False, source: str = ""
    ) -> list[Document]:
        """Return the published documents of a kind whose key comes after ``after``, by key, at most ``limit``."""
        where, values = self._where(kind, conformant_only, source)
        # Told which index to use: another one would have the page sorted from all documents of the kind.
        chosen = f"SELECT {COLUMNS} FROM documents d INDEXED BY documents_key"  # noqa: S608
        query = f"{chosen} WHERE {where} AND key > ? ORDER BY key LIMIT ?"
        return self._documents(self.rows(query, [*values, after, limit]))

    def count(self, kind: str, conformant_only: bool = False, source: str = "") -> int:
        """Return the number of published documents of a kind."""
        where, values = self._where(kind, conformant_only, source)
        return int(self.rows(f"SELECT COUNT(*) FROM documents WHERE {where}", values)[0][0])  # noqa: S608

    def related(self, iri: str) -> list[str]:
        """Return the IRIs of published documents that the document about an IRI refers to, sorted."""
        query = (
            "SELECT d.iri FROM links l JOIN documents d ON d.id = l.object"
            " WHERE l.subject = ? AND d.state IN ('live', 'missing') ORDER BY d.iri"
        )
        return [row[0] for row in self.rows(query, (number_of(iri),))]

    def referrers(self, iri: str, kind: str = "", limit: int = 100, after: str = "", copies: bool = False) -> list[str]:
        """Return the IRIs of published documents that refer to an IRI.

        Args:
            iri: What is referred to; it need not be a document.
            kind: Only documents of this kind; empty for all.
            limit: At most so many.
            after: Only IRIs after this one; the last of the page before.
            copies: Copies too.
        """
        query = (
            "SELECT d.iri FROM links l JOIN documents d ON d.id = l.subject"
            " WHERE l.object = ? AND d.state IN ('live', 'missing', ?) AND d.iri > ? AND (? = '' OR d.kind = ?)"
            " ORDER BY d.iri LIMIT ?"
        )
        return [
            row[0] for row in self.rows(query, (number_of(iri), "copy" if copies else "live", after, kind, kind, limit))
        ]

    def times_referred(self, iri: str) -> int:
        """Return the number of documents that refer to an IRI, copies too; costs little with many thousands."""
        return int(self.rows("SELECT COUNT(*) FROM links WHERE object = ?", (number_of(iri),))[0][0])

    def sources(self) -> list[SourceInfo]:
        """Return all sources, by name."""
        runs: dict[str, list[RunInfo]] = {}
        for (text,) in self.rows("SELECT content FROM runs ORDER BY position"):
            run = RunInfo(**json.loads(text))
            runs.setdefault(run.source, []).append(run)
        found = []
        for (text,) in self.rows("SELECT content FROM sources ORDER BY name"):
            values = json.loads(text)
            found.append(SourceInfo(**{**values, "runs": tuple(runs.get(values["name"], ()))}))
        return found

    def repairs_of(self, iri: str) -> list[Repair]:
        """Return what was repaired in a document, in the order in which it was."""
        query = "SELECT rule, removed, added, path, location, run FROM repairs WHERE document = ? ORDER BY position"
        return [Repair(*row) for row in self.rows(query, (number_of(iri),))]

    def repairs_by_rule(self, source: str = "") -> list[tuple[str, int, int]]:
        """Return (rule, applications, documents), most frequent first; of one source or of all."""
        query = (
            "SELECT rule, SUM(times), SUM(documents) FROM repair_counts WHERE ? = '' OR source = ?"
            " GROUP BY rule ORDER BY 2 DESC, 1"
        )
        return [(rule, number, documents) for rule, number, documents in self.rows(query, (source, source))]

    def repaired(
        self, source: str, rule: str = "", after: str = "", limit: int = 100
    ) -> list[tuple[str, str, str, list[Repair]]]:
        """Return (IRI, kind, key, repairs) of documents of a source in which something was repaired, by IRI.

        Args:
            source: The source.
            rule: Only what this rule repaired; empty for all.
            after: Only IRIs after this one; the last of the page before.
            limit: At most so many documents.
        """
        chosen = (
            "SELECT d.iri, d.kind, d.key FROM repaired r CROSS JOIN documents d ON d.id = r.document"
            " WHERE r.source = ? AND r.rule = ? AND r.iri > ? ORDER BY r.iri LIMIT ?"
        )
        found = []
        for iri, kind, key in self.rows(chosen, (source, rule, after, limit)):
            repairs = [item for item in self.repairs_of(iri) if rule in ("", item.rule)]
            found.append((iri, kind, key, repairs))
        return found

    def findings_by_shape(self, source: str = "") -> list[tuple[str, str, int]]:
        """Return (shape IRI, severity, number of findings), most frequent first; of one source or of all."""
        query = (
            "SELECT shape, severity, SUM(number) FROM finding_counts WHERE ? = '' OR source = ?"
            " GROUP BY shape, severity ORDER BY 3 DESC, 1, 2"
        )
        return [(shape, severity, number) for shape, severity, number in self.rows(query, (source, source))]

    def counts(self) -> dict[str, int]:
        """Return the numbers that the manifest carries too, counted when the file was made."""
        return dict(self.rows("SELECT name, number FROM counts ORDER BY name"))

    def sample(self, size: int) -> list[Document]:
        """Return some published documents, chosen at random."""
        chosen = "SELECT number FROM documents WHERE state <> 'gone' ORDER BY random() LIMIT ?"
        query = f"SELECT {COLUMNS} FROM documents d WHERE number IN ({chosen})"  # noqa: S608
        return self._documents(self.rows(query, (size,)))

    def dump(self) -> Iterator[Document]:
        """Yield every document, tombstones included, by IRI, in bounded memory."""
        after = ""
        while True:
            query = f"SELECT {COLUMNS} FROM documents d WHERE iri > ? ORDER BY iri LIMIT 1000"  # noqa: S608
            page = self._documents(self.rows(query, (after,)))
            if not page:
                return
            yield from page
            after = page[-1].iri
