"""Turns the findings in a documents file into the records that have some, by IRI, a page or a stream at a time.

Findings are ``sh:ValidationResult`` values (https://www.w3.org/TR/shacl/#results-validation-result). Tombstones have
none; copies, in whose place another source's record is shown, have theirs, as in ``Documents.findings_by_shape``. The
tables are read from the findings to the documents, because documents are long: going through 113,000 of them for 1,267
findings took 3 s.
"""

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


def page(documents: Documents, source: str, shape: str, after: str, limit: int) -> list[Found]:
    """Return records with findings, by IRI.

    Args:
        documents: The documents file.
        source: Only those of this source; empty for all.
        shape: Only those with a finding of this shape; empty for all.
        after: Only those whose IRI comes after this one, the last of the page before.
        limit: At most so many.
    """
    values = (shape, shape, source, source, after, limit)
    rows = documents.rows(f"SELECT d.id{_CHOSEN} AND d.iri > ? ORDER BY d.iri LIMIT ?", values)
    return list(_read(documents, [row[0] for row in rows]))


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
