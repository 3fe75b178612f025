"""Turns an entity of the ledger into what is published of it: its document and, for a dataset, its catalogue record.

What publishing adds to an entity stands in ``Document.derived`` as N-Quads: membership in the catalogues (DCAT-AP
3.0.1, dcat:dataset, dcat:service, dcat:record) in the default graph, and each finding as a ``sh:ValidationResult``
(SHACL 1.0, section 3.6.2) in the named graph ``<base>graph/findings``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import NamedNode

from maillon import identifiers, mapping, vocabulary
from maillon.ledger import Stored
from maillon.publish.frame import Frame, document_of, line
from maillon.records import Finding
from maillon.store.documents import PUBLISHED, Document

_LINK = re.compile(r"> <([^>]*)> <([^>]*)> \.\n")
_IRI = re.compile(r"<([^<>\s]+)>")
_MEMBER = {
    "dataset": vocabulary.HAS_DATASET,
    "service": vocabulary.HAS_SERVICE,
    "series": vocabulary.term("dcat:resource"),
}


def reserved(iri: str, frame: Frame) -> bool:
    """Tell whether an IRI of a source is in a place that only we fill: catalogues, records, embedded nodes."""
    own = (f"{frame.base}id/record/", f"{frame.base}.well-known/genid/")
    return iri.startswith(own) or (iri in frame.documents)


def links(document: Document, base: str) -> set[str]:
    """Return the IRIs that a document refers to, types, controlled vocabularies and embedded nodes left out."""
    if document.state not in PUBLISHED:
        return set()
    skip = (vocabulary.AUTHORITY, f"{base}.well-known/genid/")
    kind = vocabulary.TYPE.value
    found = {target for predicate, target in _LINK.findall(document.text) if predicate != kind}
    return {target for target in found if not target.startswith(skip)} - {document.iri}


def _membership(stored: Stored, record: str, frame: Frame) -> Iterator[str]:
    predicate = _MEMBER.get(stored.kind)
    if predicate is None:
        return
    for catalog in {frame.region, frame.catalogs.get(stored.source, frame.region)}:
        yield line(catalog, predicate, NamedNode(stored.iri))
        if record:
            yield line(catalog, vocabulary.HAS_RECORD, NamedNode(record))


def _result(iri: str, finding: Finding, base: str) -> Iterator[str]:
    parts = (finding.focus, finding.path, finding.value, finding.severity, finding.component, finding.shape)
    result = identifiers.skolem(base, iri, "f" + identifiers.digest("\n".join(parts), 16))
    graph = f"{base}graph/findings"
    path = _IRI.fullmatch(finding.path)
    values = {
        "rdf:type": str(vocabulary.term("sh:ValidationResult")),
        "sh:focusNode": f"<{finding.focus}>",
        "sh:resultPath": f"<{path[1]}>" if path else "",
        "sh:value": finding.value,
        "sh:resultSeverity": str(vocabulary.term(f"sh:{finding.severity}")),
        "sh:sourceConstraintComponent": f"<{finding.component}>",
        "sh:sourceShape": f"<{finding.shape}>",
    }
    for name, value in values.items():
        if value and value != "<>":
            yield line(result, vocabulary.term(name), value, graph)


def _record(stored: Stored, base: str) -> Document:
    entity = mapping.catalog_record(stored.iri, stored.key, base, stored.issued, stored.modified)
    return document_of(entity, base, issued=stored.issued, modified=stored.modified)


def documents(stored: Stored, findings: Sequence[Finding], frame: Frame) -> list[Document]:
    """Return what is published of an entity: nothing where it is withheld, a tombstone where it is gone.

    Args:
        stored: The entity.
        findings: What validation found in it.
        frame: The catalogues it becomes a member of.
    """
    if stored.state == "withheld" or reserved(stored.iri, frame):
        return []
    if stored.state == "gone":
        return [_document(stored, "", [])]
    record = _record(stored, frame.base) if stored.kind == "dataset" else None
    lines = set(_membership(stored, record.iri if record else "", frame))
    for finding in findings:
        lines.update(_result(stored.iri, finding, frame.base))
    document = _document(stored, "".join(sorted(lines)), list(findings))
    return [document, record] if record else [document]


def _document(stored: Stored, derived: str, findings: list[Finding]) -> Document:
    return Document(
        stored.iri, stored.kind, stored.key, stored.source, stored.hash, stored.text, derived,
        stored.state, stored.issued, stored.modified, True, findings,
    )  # fmt: skip


def record_iri(document: Document, base: str) -> str:
    """Return the IRI of the catalogue record that goes with a document, empty where it has none."""
    if document.kind != "dataset":
        return ""
    return mapping.catalog_record(document.iri, document.key, base, document.issued, document.modified).iri


def lines(documents: Iterable[Document]) -> list[str]:
    """Return the N-Quads that documents contribute to the store; tombstones contribute none."""
    return [document.text + document.derived for document in documents if document.state in PUBLISHED]
