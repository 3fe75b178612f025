"""Turns an entity of the ledger into what is published of it: its document and, for a dataset, its catalogue record.

What publishing adds to an entity stands in ``Document.derived`` as N-Quads: membership in the catalogues (DCAT-AP
3.0.1, dcat:dataset, dcat:service, dcat:record) in the default graph, each finding as a ``sh:ValidationResult``
(SHACL 1.0, section 3.6.2) in the named graph ``<base>graph/findings``, and each repair as a ``maillon:Repair``, a
``prov:Activity`` (PROV-O), in ``<base>graph/provenance``.

A dataset of which another source's record is shown stands with its distributions in ``<base>graph/copies``; its
catalogue record stays in the default graph, about what is shown, with the copy as its ``dct:source``. The rows of open
datasets stand in the graph of their table.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pyoxigraph import Literal, NamedNode

from maillon import identifiers, mapping, repair, vocabulary
from maillon.ledger import Stored
from maillon.ledger.repairs import Repaired
from maillon.publish.frame import Frame, document_of, line
from maillon.records import Finding
from maillon.store.documents import READABLE, Document, Repair

_LINK = re.compile(r"> <([^>]*)> <([^>]*)> \.\n")
_IRI = re.compile(r"<([^<>\s]+)>")
_OF_TABLE = r"http://rdfs\.org/ns/void#inDataset|http://purl\.org/linked-data/cube#dataSet"
_TABLE = re.compile(rf"^\S+ <(?:{_OF_TABLE})> <([^>]*)> \.$", re.MULTILINE)
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
    if document.state not in READABLE:
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
    path = _IRI.fullmatch(finding.path.removeprefix("(").removesuffix(")?"))
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


def _repair(iri: str, number: int, done: Repair, frame: Frame, source: str) -> Iterator[str]:
    """Yield what the provenance graph says of one repair: which rule, on what, in which run, what it changed."""
    activity = identifiers.skolem(frame.base, iri, f"r{number}-{identifiers.digest(done.rule + done.removed, 12)}")
    graph = f"{frame.base}graph/provenance"
    yield line(activity, vocabulary.TYPE, vocabulary.term("maillon:Repair"), graph)
    yield line(activity, vocabulary.term("prov:used"), NamedNode(iri), graph)
    yield line(activity, vocabulary.term("maillon:rule"), NamedNode(vocabulary.RULE + done.rule), graph)
    if source in frame.catalogs:
        run = NamedNode(f"{frame.catalogs[source]}#run-{done.run}")
        yield line(activity, vocabulary.term("prov:wasInformedBy"), run, graph)
    for name, text in (("maillon:removed", done.removed), ("maillon:added", done.added)):
        if text:
            yield line(activity, vocabulary.term(name), Literal(text), graph)


def _repairs(row: Repaired | None) -> list[Repair]:
    if row is None or row.applied is None:
        return []
    return [
        Repair(item.rule, item.removed, item.added, item.path, item.where, row.run)
        for item in repair.unpack(row.applied)
    ]


def _record(stored: Stored, frame: Frame) -> Document:
    """Return the catalogue record of a dataset; that of a copy is about what is shown in its place."""
    shown = frame.copies.get(stored.iri, stored.iri)
    entity = mapping.catalog_record(shown, stored.key, frame.base, stored.issued, stored.modified)
    lines = []
    if shown != stored.iri:
        lines = [
            line(entity.iri, vocabulary.term("dct:source"), NamedNode(stored.iri)),
            line(shown, vocabulary.term("dct:isReferencedBy"), NamedNode(entity.iri)),
        ]
        if stored.source in frame.catalogs:
            lines.append(line(frame.catalogs[stored.source], vocabulary.HAS_RECORD, NamedNode(entity.iri)))
    return document_of(entity, frame.base, lines, issued=stored.issued, modified=stored.modified)


def _graph(stored: Stored, base: str) -> str:
    """Return the named graph that a row of an open dataset stands in: that of its table."""
    if stored.kind != "data":
        return ""
    if stored.iri.startswith(f"{base}graph/data/"):  # the table itself
        return stored.iri
    if stored.iri.startswith(f"{base}id/data/"):
        source, table, *_ = f"{stored.iri.removeprefix(f'{base}id/data/')}//".split("/")
        return f"{base}graph/data/{source}/{table}"
    found = _TABLE.search(stored.text)
    return found[1] if found else f"{base}graph/data"


def documents(stored: Stored, findings: Sequence[Finding], repaired: Repaired | None, frame: Frame) -> list[Document]:
    """Return what is published of an entity: nothing where it is withheld, a tombstone where it is gone.

    Args:
        stored: The entity.
        findings: What validation found in it.
        repaired: What was repaired in it, None where nothing was.
        frame: The catalogues it becomes a member of.
    """
    if stored.state == "withheld" or reserved(stored.iri, frame):
        return []
    if stored.state == "gone":
        return [_document(stored, stored.state)]
    is_copy = stored.iri in frame.copies or stored.iri in frame.copied_parts
    record = _record(stored, frame) if stored.kind == "dataset" else None
    lines = set() if is_copy else set(_membership(stored, record.iri if record else "", frame))
    for finding in findings:
        lines.update(_result(stored.iri, finding, frame.base))
    if stored.iri.startswith(f"{frame.base}graph/data/"):
        lines.update(stored.text.splitlines(keepends=True))  # in the public graph it tells which table is where
    repairs = _repairs(repaired)
    for number, done in enumerate(repairs):
        lines.update(_repair(stored.iri, number, done, frame, stored.source))
    graph = f"{frame.base}graph/copies" if is_copy else _graph(stored, frame.base)
    document = replace(
        _document(stored, "copy" if is_copy else stored.state),
        derived="".join(sorted(lines)),
        findings=list(findings),
        repairs=repairs,
        graph=graph,
    )
    return [document, record] if record else [document]


def _document(stored: Stored, state: str) -> Document:
    return Document(
        stored.iri, stored.kind, stored.key, stored.source, stored.hash, stored.text, "",
        state, stored.issued, stored.modified,
    )  # fmt: skip


def record_iri(document: Document, base: str) -> str:
    """Return the IRI of the catalogue record that goes with a document, empty where it has none."""
    if document.kind != "dataset":
        return ""
    return mapping.catalog_record(document.iri, document.key, base, document.issued, document.modified).iri


def lines(documents: Iterable[Document]) -> list[str]:
    """Return the N-Quads that documents contribute to the store; tombstones contribute none."""
    return [document.quads for document in documents]
