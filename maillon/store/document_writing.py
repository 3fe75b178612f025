"""Turns entities into the documents file of the next snapshot: a new file, or a copy of the last one with changes.

The file is not synchronised while it is written: it is in a folder that nobody reads yet, and publishing makes the
whole folder durable before it gets its name.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from maillon.store.documents import Document, RunInfo, SourceInfo, number_of, pack, quads, unpack

_SCHEMA = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, id INTEGER NOT NULL, iri TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    source TEXT NOT NULL, hash TEXT NOT NULL, state TEXT NOT NULL, issued TEXT NOT NULL, modified TEXT NOT NULL,
    violations INTEGER NOT NULL, conformant INTEGER NOT NULL, text BLOB NOT NULL, derived BLOB NOT NULL,
    graph TEXT NOT NULL
);
CREATE TABLE repairs (
    document INTEGER NOT NULL, position INTEGER NOT NULL, rule TEXT NOT NULL, removed TEXT NOT NULL,
    added TEXT NOT NULL, path TEXT NOT NULL, location TEXT NOT NULL, run INTEGER NOT NULL
);
CREATE TABLE repaired (
    source TEXT NOT NULL, rule TEXT NOT NULL, iri TEXT NOT NULL, document INTEGER NOT NULL, times INTEGER NOT NULL,
    PRIMARY KEY (source, rule, iri)
) WITHOUT ROWID;
CREATE TABLE findings (
    document INTEGER NOT NULL, position INTEGER NOT NULL, focus TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL,
    severity TEXT NOT NULL, component TEXT NOT NULL, shape TEXT NOT NULL
);
CREATE TABLE links (subject INTEGER NOT NULL, object INTEGER NOT NULL, PRIMARY KEY (subject, object)) WITHOUT ROWID;
CREATE TABLE summaries (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE sources (name TEXT PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE runs (position INTEGER PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE repair_counts (source TEXT, rule TEXT, times INTEGER, documents INTEGER);
CREATE TABLE finding_counts (source TEXT, shape TEXT, severity TEXT, number INTEGER);
CREATE TABLE counts (name TEXT PRIMARY KEY, number INTEGER NOT NULL);
"""
_INDEXES = """
CREATE UNIQUE INDEX IF NOT EXISTS documents_id ON documents (id);
CREATE UNIQUE INDEX IF NOT EXISTS documents_iri ON documents (iri);
CREATE UNIQUE INDEX IF NOT EXISTS documents_key ON documents (kind, key);
CREATE INDEX IF NOT EXISTS documents_grade ON documents (kind, state, conformant, source);
CREATE INDEX IF NOT EXISTS findings_document ON findings (document);
CREATE INDEX IF NOT EXISTS repairs_document ON repairs (document);
CREATE INDEX IF NOT EXISTS documents_source ON documents (source, iri);
CREATE INDEX IF NOT EXISTS links_object ON links (object);
"""
# Grouped once, because the page of a source asks for them at every visit: 150 ms for 100,000 of them, then 1 ms.
_GROUPED = """
DELETE FROM repair_counts;
INSERT INTO repair_counts SELECT source, rule, SUM(times), COUNT(*) FROM repaired WHERE rule <> '' GROUP BY 1, 2;
DELETE FROM finding_counts;
INSERT INTO finding_counts SELECT d.source, f.shape, f.severity, COUNT(*) FROM findings f
    JOIN documents d ON d.id = f.document GROUP BY 1, 2, 3;
"""
# A dataset counts as conformant with what its feed entry carries: distributions, publishers and contact points.
_CONFORMANT = """
    violations = 0 AND state <> 'gone' AND NOT (kind = 'dataset' AND EXISTS (
        SELECT 1 FROM links JOIN documents other ON other.id = links.object WHERE links.subject = documents.id
        AND other.kind IN ('distribution', 'organisation', 'contact') AND other.violations > 0 AND other.state <> 'gone'
    ))
"""


class DocumentsWriter:
    """Writes one documents file; used by one thread, closed before the file is read through ``Documents``."""

    def __init__(self, path: Path) -> None:
        fresh = not path.exists()
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._run("PRAGMA page_size = 16384")  # a document takes 1 to 2 kB: fewer of them straddle a page
        self._run("PRAGMA journal_mode = OFF")
        self._run("PRAGMA synchronous = OFF")
        self._run("PRAGMA cache_size = -65536")
        if fresh:
            self._connection.executescript(_SCHEMA)
        self._indexed = not fresh
        self._run("BEGIN")

    def _run(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(query, values).fetchall()

    def _index(self) -> None:
        if not self._indexed:  # much faster after the load than during it
            self._connection.executescript(_INDEXES)
            self._run("BEGIN")
            self._indexed = True

    def close(self) -> None:
        """Commit and close the file."""
        self._run("COMMIT")
        self._connection.close()

    def add(self, document: Document, links: Iterable[str]) -> None:
        """Add a document that is not in the file yet.

        Args:
            document: What is published; its ``conformant`` is ignored, ``settle`` works it out.
            links: IRIs that it refers to, documents or not.
        """
        number = number_of(document.iri)
        violations = sum(item.severity == "Violation" for item in document.findings)
        row = (
            number, document.iri, document.kind, document.key, document.source, document.hash, document.state,
            document.issued, document.modified, violations, int(violations == 0),
            pack(document.text), pack(document.derived), document.graph,
        )  # fmt: skip
        self._connection.execute(
            "INSERT INTO documents (id, iri, kind, key, source, hash, state, issued, modified, violations, conformant,"
            " text, derived, graph) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        self._add_parts(number, document)
        self._connection.executemany(
            "INSERT INTO links VALUES (?, ?)", [(number, target) for target in sorted(set(map(number_of, links)))]
        )

    def _add_parts(self, number: int, document: Document) -> None:
        """Add the findings and the repairs of a document."""
        self._connection.executemany(
            "INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, position, item.focus, item.path, item.value, item.severity, item.component, item.shape)
                for position, item in enumerate(document.findings)
            ],
        )
        self._connection.executemany(
            "INSERT INTO repairs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, position, item.rule, item.removed, item.added, item.path, item.where, item.run)
                for position, item in enumerate(document.repairs)
            ],
        )
        times = Counter(item.rule for item in document.repairs)
        rows = [*times.items(), *([("", times.total())] if times else [])]  # without a name: any rule
        self._connection.executemany(
            "INSERT INTO repaired VALUES (?, ?, ?, ?, ?)",
            [(document.source, rule, document.iri, number, count) for rule, count in rows],
        )

    def remove(self, iri: str) -> None:
        """Remove a document and all that hangs on it; one that is absent is no error."""
        self._index()
        number = number_of(iri)
        self._run(
            "DELETE FROM repaired WHERE source = (SELECT source FROM documents WHERE id = ?1)"
            " AND rule IN (SELECT rule FROM repairs WHERE document = ?1 UNION SELECT '') AND iri = ?2",
            (number, iri),
        )
        for query in (
            "DELETE FROM documents WHERE id = ?",
            "DELETE FROM findings WHERE document = ?",
            "DELETE FROM repairs WHERE document = ?",
            "DELETE FROM links WHERE subject = ?",
            "DELETE FROM summaries WHERE id = ?",
        ):
            self._run(query, (number,))

    def settle(self, sources: Iterable[SourceInfo], runs: Iterable[RunInfo]) -> None:
        """Work out what depends on several documents, once all are in: conformance, and the tables of sources."""
        self._index()
        self._run(f"UPDATE documents SET conformant = NOT conformant WHERE conformant <> ({_CONFORMANT})")  # noqa: S608
        for table in ("sources", "runs"):
            self._run(f"DELETE FROM {table}")  # noqa: S608 - the two names above
        self._connection.executemany(
            "INSERT INTO sources VALUES (?, ?)",
            [(item.name, json.dumps(self._counted(item), ensure_ascii=False, sort_keys=True)) for item in sources],
        )
        self._connection.executemany(
            "INSERT INTO runs VALUES (?, ?)",
            [(place, json.dumps(asdict(item), ensure_ascii=False, sort_keys=True)) for place, item in enumerate(runs)],
        )
        for query in _GROUPED.split(";"):
            self._run(query)
        self._count()

    def _counted(self, source: SourceInfo) -> dict[str, Any]:
        datasets, conformant = self._run(
            "SELECT COUNT(*), COALESCE(SUM(conformant), 0) FROM documents"
            " WHERE kind = 'dataset' AND state IN ('live', 'missing') AND source = ?",
            (source.name,),
        )[0]
        values = asdict(source) | {"datasets": datasets, "conformant": conformant}
        del values["runs"]
        return values

    def _count(self) -> None:
        self._run("DELETE FROM counts")
        kinds = dict(self._run("SELECT kind, COUNT(*) FROM documents WHERE state IN ('live', 'missing') GROUP BY kind"))
        copies = "SELECT COUNT(*) FROM documents WHERE kind = 'dataset' AND state = 'copy'"
        gone = self._run("SELECT COUNT(*) FROM documents WHERE state = 'gone'")[0][0]
        conforming = "SELECT COUNT(*) FROM documents WHERE kind = 'dataset' AND conformant = 1 AND state <> 'copy'"
        conformant = self._run(conforming)[0][0]
        counts = {
            "datasets": kinds.get("dataset", 0),
            "distributions": kinds.get("distribution", 0),
            "services": kinds.get("service", 0),
            "series": kinds.get("series", 0),
            "organisations": kinds.get("organisation", 0),
            "entities": sum(kinds.values()),
            "rows": kinds.get("data", 0),
            "copies": self._run(copies)[0][0],
            "gone": gone,
            "conformant": conformant,
            "findings": self._run("SELECT COUNT(*) FROM findings")[0][0],
            "repairs": self._run("SELECT COUNT(*) FROM repairs")[0][0],
        }
        self._connection.executemany("INSERT INTO counts VALUES (?, ?)", sorted(counts.items()))

    def counts(self) -> dict[str, int]:
        """Return the numbers that ``settle`` counted."""
        return dict(self._run("SELECT name, number FROM counts"))

    def by_source(self) -> dict[str, int]:
        """Return the number of published datasets by source."""
        query = (
            "SELECT source, COUNT(*) FROM documents WHERE kind = 'dataset' AND state IN ('live', 'missing')"
            " GROUP BY 1 ORDER BY 1"
        )
        return dict(self._run(query))

    def content(self) -> str:
        """Return the SHA-256 over the sorted lines "IRI hash state" of all documents."""
        self._index()
        summed = hashlib.sha256()
        for iri, digest, state in self._connection.execute("SELECT iri, hash, state FROM documents ORDER BY iri"):
            summed.update(f"{iri} {digest} {state}\n".encode())
        return summed.hexdigest()

    def lines(self) -> Iterator[str]:
        """Yield, per published document, its text and what was derived for it: N-Quads of a whole store."""
        query = "SELECT text, derived, graph FROM documents WHERE state <> 'gone' ORDER BY number"
        for text, derived, graph in self._connection.execute(query):
            yield quads(unpack(text), graph) + unpack(derived)

    def missing(self) -> list[str]:
        """Return the IRIs of entities that are shown though their source no longer lists them."""
        return [row[0] for row in self._run("SELECT iri FROM documents WHERE state = 'missing'")]

    def copies(self) -> list[str]:
        """Return the IRIs of entities in whose place another source's record is shown."""
        return [row[0] for row in self._run("SELECT iri FROM documents WHERE state = 'copy'")]

    def own(self) -> list[str]:
        """Return the IRIs of documents that publishing itself added, records left out."""
        return [row[0] for row in self._run("SELECT iri FROM documents WHERE source = '' AND kind <> 'record'")]

    def get(self, iri: str) -> Document | None:
        """Return a document as it stands in the file, its findings left out; None where there is none."""
        return self.many([iri]).get(iri)

    def many(self, iris: Iterable[str]) -> dict[str, Document]:
        """Return documents by IRI, their findings left out; absent ones are left out."""
        self._index()
        found = {}
        for iri in iris:
            for row in self._connection.execute(
                "SELECT iri, kind, key, source, hash, text, derived, state, issued, modified, conformant, graph"
                " FROM documents WHERE id = ?",
                (number_of(iri),),
            ):
                iri_, kind, key, source, digest, text, derived, state, issued, modified, conformant, graph = row
                found[iri] = Document(
                    iri_, kind, key, source, digest, unpack(text), unpack(derived),
                    state, issued, modified, bool(conformant), [], graph,
                )  # fmt: skip
        return found

    def datasets(self, iris: Iterable[str] | None = None) -> Iterator[Document]:
        """Yield the published datasets by IRI: all, or those of the given IRIs and those that refer to one of them."""
        self._index()
        self._run("CREATE TEMP TABLE IF NOT EXISTS wanted (id INTEGER PRIMARY KEY)")
        self._run("DELETE FROM wanted")
        chosen = "SELECT iri FROM documents WHERE kind = 'dataset' AND state IN ('live', 'missing')"
        if iris is not None:
            self._connection.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", [(number_of(iri),) for iri in iris])
            self._run(
                "INSERT OR IGNORE INTO wanted SELECT subject FROM links WHERE object IN (SELECT id FROM wanted)",
            )
            chosen += " AND id IN (SELECT id FROM wanted)"
        for (iri,) in self._run(chosen + " ORDER BY iri"):
            yield from self.many([iri]).values()

    def put_summary(self, iri: str, summary: str) -> None:
        """Keep what the search index holds of a dataset, so that the index is made again without reading any RDF."""
        values = (number_of(iri), pack(summary))
        self._run("INSERT OR REPLACE INTO summaries VALUES (?, ?)", values)

    def summaries(self) -> Iterator[str]:
        """Yield the summary of every published dataset, by IRI."""
        query = (
            "SELECT content FROM documents JOIN summaries USING (id)"
            " WHERE kind = 'dataset' AND state IN ('live', 'missing') ORDER BY iri"
        )
        for (summary,) in self._connection.execute(query):
            yield unpack(summary)
