"""Turns the findings in a documents file into the records that have some, by IRI, a page or a stream at a time.

Findings are ``sh:ValidationResult`` values (https://www.w3.org/TR/shacl/#results-validation-result). Tombstones have
none; copies, in whose place another source's record is shown, have theirs, as in ``Documents.findings_by_shape``. The
tables are read from the findings to the documents, because documents are long: going through 113,000 of them for 1,267
findings took 3 s. Where a page of a rule that half of all records break is wanted it is the other way round: the first
50 of 75,920 are found by going through the first documents.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from maillon.records import Finding
from maillon.store.documents import Documents, number_of, unpack

_PAGE = 500
_CHOSEN = (
    " FROM (SELECT DISTINCT document FROM findings WHERE ? = '' OR shape = ?) f JOIN documents d ON d.id = f.document"
    " WHERE (? = '' OR d.source = ?)"
)
_RARE = 5_000
"""Findings up to which a page of them is looked for among the findings, not by going through the documents."""
# The index of findings by document would have SQLite jump about in the table: 0.5 s instead of 0.05 s.
_BY_FINDINGS = (
    "SELECT d.id FROM (SELECT DISTINCT document FROM findings NOT INDEXED WHERE shape = ?) f"
    " CROSS JOIN documents d ON d.id = f.document WHERE (? = '' OR d.source = ?) AND d.iri > ? ORDER BY d.iri LIMIT ?"
)
_BY_DOCUMENTS = (
    "SELECT d.id FROM documents d INDEXED BY {} WHERE d.source {} ? AND d.iri > ? AND EXISTS"
    " (SELECT 1 FROM findings f WHERE f.document = d.id AND (? = '' OR f.shape = ?)) ORDER BY d.iri LIMIT ?"
)
_AMONG = "json_each(?) m CROSS JOIN findings f ON f.document = m.value"
_OF_SOURCE = "(SELECT id FROM documents WHERE source = ?) d CROSS JOIN findings f ON f.document = d.id"


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of one record.

    Attributes:
        iri: The entity.
        kind: One of ``identifiers.KINDS``.
        key: Its key in our addresses.
        findings: What validation found in it.
    """

    iri: str
    kind: str
    key: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule is broken.

    Attributes:
        shape: IRI of the rule.
        severity: ``Violation``, ``Warning`` or ``Info``.
        findings: Number of findings.
        records: Number of records that have some.
    """

    shape: str
    severity: str
    findings: int
    records: int


def page(documents: Documents, source: str, shape: str, after: str, limit: int) -> list[Found]:
    """Return records with findings, by IRI.

    Args:
        documents: The documents file.
        source: Only those of this source; empty for all.
        shape: Only those with a finding of this shape; empty for all.
        after: Only those whose IRI comes after this one, the last of the page before.
        limit: At most so many.
    """
    number = sum(times for name, _, times in documents.findings_by_shape(source) if name == shape)
    if shape and number <= _RARE:
        rows = documents.rows(_BY_FINDINGS, (shape, source, source, after, limit))
    else:
        index, compared = ("documents_source", "=") if source else ("documents_iri", ">=")
        rows = documents.rows(_BY_DOCUMENTS.format(index, compared), (source, after, shape, shape, limit))
    return list(_read(documents, [row[0] for row in rows]))


def page_among(documents: Documents, numbers: Sequence[int], shape: str, after: str, limit: int) -> list[Found]:
    """Return those of some documents, given by their numbers, that have a finding of a shape, as ``page`` does."""
    query = (
        f"SELECT DISTINCT d.iri, d.id FROM {_AMONG} AND f.shape = ? CROSS JOIN documents d ON d.id = m.value"  # noqa: S608
        " WHERE d.iri > ? ORDER BY d.iri LIMIT ?"
    )
    rows = documents.rows(query, (json.dumps(list(numbers)), shape, after, limit))
    return list(_read(documents, [row[1] for row in rows]))


def _chosen(source: str, numbers: Sequence[int] | None) -> tuple[str, tuple[str, ...]]:
    """Return the tables in which the findings of a source, or of the documents of some numbers, are, and the values."""
    if numbers is not None:
        return _AMONG, (json.dumps(list(numbers)),)
    return (_OF_SOURCE, (source,)) if source else ("findings f", ())


def by_rule(documents: Documents, source: str = "", numbers: Sequence[int] | None = None) -> list[RuleCount]:
    """Count findings and the records that have them by rule, the rule with most records first.

    Args:
        documents: The documents file.
        source: Only those of this source; empty for all.
        numbers: Only those in documents of these numbers; None for all.
    """
    tables, values = _chosen(source, numbers)
    rows = documents.rows(
        f"SELECT f.shape, f.severity, COUNT(*), COUNT(DISTINCT f.document) FROM {tables}"  # noqa: S608
        " GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2",
        values,
    )
    return [RuleCount(*row) for row in rows]


def examples(
    documents: Documents, most: int, source: str = "", numbers: Sequence[int] | None = None
) -> dict[str, list[int]]:
    """Return the numbers of the first documents that break each rule, by its IRI, all in one reading.

    Args:
        documents: The documents file.
        most: Of each rule at most so many.
        source: Only those of this source; empty for all.
        numbers: Only these documents; None for all.
    """
    tables, values = _chosen(source, numbers)
    rows = documents.rows(
        "SELECT DISTINCT shape, document FROM (SELECT f.shape AS shape, f.document AS document, DENSE_RANK() OVER"  # noqa: S608
        f" (PARTITION BY f.shape ORDER BY f.document) AS place FROM {tables}) WHERE place <= ?",
        (*values, most),
    )
    found: dict[str, list[int]] = {}
    for shape, document in rows:
        found.setdefault(shape, []).append(document)
    return found


def of_numbers(documents: Documents, numbers: Iterable[int]) -> list[Found]:
    """Return the records with findings among the documents of some numbers, by IRI."""
    found = [item for ids in _chunks(list(numbers)) for item in _read(documents, ids)]
    return sorted(found, key=lambda item: item.iri)


def _pages(documents: Documents, source: str, shape: str) -> Iterator[Sequence[int]]:
    # Only the numbers are held: 300,000 of them take 12 MB.
    ids = [row[0] for row in documents.rows(f"SELECT d.id{_CHOSEN} ORDER BY d.iri", (shape, shape, source, source))]
    yield from _chunks(ids)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _PAGE):
        yield ids[start : start + _PAGE]


def of_iris(documents: Documents, iris: Iterable[str]) -> dict[str, tuple[Finding, ...]]:
    """Return the findings of several records by IRI; those without any are left out."""
    wanted = {number_of(iri): iri for iri in iris}
    return {wanted[number]: tuple(items) for number, items in documents.findings_by_number(list(wanted)).items()}


def texts(documents: Documents, iris: Iterable[str]) -> dict[str, str]:
    """Return the canonical N-Triples of several documents by IRI and nothing else of them; absent ones are left out."""
    read: dict[str, str] = {}
    for ids in _chunks([number_of(iri) for iri in iris]):
        query = f"SELECT iri, text FROM documents WHERE id IN ({','.join('?' * len(ids))})"  # noqa: S608
        read.update((iri, unpack(text)) for iri, text in documents.rows(query, ids))
    return read


def texts_of_numbers(documents: Documents, numbers: Sequence[int]) -> Iterator[str]:
    """Yield the canonical N-Triples of the documents of some numbers; absent ones are left out."""
    for ids in _chunks(numbers):
        query = f"SELECT text FROM documents WHERE id IN ({','.join('?' * len(ids))})"  # noqa: S608
        yield from (unpack(text) for (text,) in documents.rows(query, ids))


def datasets_of(documents: Documents, iris: Iterable[str]) -> dict[str, str]:
    """Return the dataset of each distribution, both as IRIs: the first one where several have it."""
    wanted = {number_of(iri): iri for iri in iris}
    found: dict[str, str] = {}
    for ids in _chunks(list(wanted)):
        rows = documents.rows(
            "SELECT l.object, MIN(d.iri) FROM links l JOIN documents d ON d.id = l.subject"  # noqa: S608
            f" WHERE l.object IN ({','.join('?' * len(ids))}) AND d.kind = 'dataset' GROUP BY l.object",
            ids,
        )
        found.update((wanted[number], iri) for number, iri in rows)
    return found


def findings(documents: Documents, source: str = "", shape: str = "") -> Iterator[Found]:
    """Yield the findings of all records with some, by IRI; their texts are not read, so that it is quick."""
    for ids in _pages(documents, source, shape):
        yield from _read(documents, ids)


def _read(documents: Documents, ids: Sequence[int]) -> Iterator[Found]:
    rows = documents.rows(
        "SELECT d.iri, d.kind, d.key, f.focus, f.path, f.value, f.severity, f.component, f.shape"  # noqa: S608
        f" FROM documents d JOIN findings f ON f.document = d.id WHERE d.id IN ({','.join('?' * len(ids))})"
        " ORDER BY d.iri, f.position",
        ids,
    )
    for (iri, kind, key), members in groupby(rows, itemgetter(0, 1, 2)):
        yield Found(iri, kind, key, tuple(Finding(*row[3:]) for row in members))
