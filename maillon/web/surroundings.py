"""Documents together with what a reader needs to understand them without asking again.

Turns canonical N-Triples (``store.documents``) into triples that stand on their own: a dataset with its catalogue
record, distributions, publisher, contact points, services and licences, and the labels of the concepts that it uses.
European portals read a page as one graph and take every subject typed ``dcat:Dataset`` for one of its datasets
(piveau, importing RDF), so no other dataset is carried along and no other subject keeps that class.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Triple, parse

from maillon import authority
from maillon.store.documents import PUBLISHED, READABLE, Document, Documents
from maillon.vocabulary import AUTHORITY, DATASET, TITLE, TYPE, term

_NOT_CARRIED: Final = ("dataset", "catalog", "record")
# Classes, and the links of a service to hundreds of datasets, none of which would be carried.
_NOT_FOLLOWED: Final = (TYPE.value, term("dcat:servesDataset").value)
_MEMBERS: Final = tuple(
    map(term, ("dcat:servesDataset", "dcat:seriesMember", "dcat:first", "dcat:last", "dct:hasPart"))
)
_LINK: Final = re.compile(r"^\S+ <([^>]*)> <([^>]*)> \.$", re.MULTILINE)
_LABEL: Final = term("skos:prefLabel")
_SCHEME: Final = term("skos:inScheme")
_CLASSES: Final = {
    "access-right": term("dct:RightsStatement"),
    "file-type": term("dct:MediaTypeOrExtent"),
    "frequency": term("dct:Frequency"),
    "language": term("dct:LinguisticSystem"),
    "licence": term("dct:LicenseDocument"),
}
"""Classes that DCAT-AP 3.0.1 gives to the concepts of an authority table, besides skos:Concept."""


def triples(document: Document) -> list[Triple]:
    """Return what a document says."""
    return [quad.triple for quad in parse(document.text.encode(), RdfFormat.N_TRIPLES)]


def added(document: Document) -> list[Triple]:
    """Return what publishing adds to a document in the default graph: its place in the catalogues."""
    quads = parse(document.derived.encode(), RdfFormat.N_QUADS)
    return [quad.triple for quad in quads if isinstance(quad.graph_name, DefaultGraph)]


def gather(documents: Documents, start: Iterable[Document], base: str, depth: int) -> dict[str, Document]:
    """Return documents with those that they refer to, and the catalogue records of datasets, by IRI.

    Args:
        documents: The snapshot's documents.
        start: Documents to begin from.
        base: The setting ``base_iri``.
        depth: How many references to follow.
    """
    start = list(start)
    states = READABLE if any(document.state == "copy" for document in start) else PUBLISHED
    found = {document.iri: document for document in start}
    records = [f"{base}id/record/{document.key}" for document in found.values() if document.kind == "dataset"]
    for dataset in [document.iri for document in found.values() if document.kind == "dataset"]:
        found.update(documents.many(documents.referrers(dataset, kind="service")))  # they point in, not out
    level = list(found.values())
    for _ in range(depth):
        wanted = {iri for document in level for iri in _links(document)}
        level = [
            document
            for document in documents.many(sorted(wanted - found.keys())).values()
            if document.state in states and document.kind not in _NOT_CARRIED
        ]
        found.update((document.iri, document) for document in level)
    found.update(documents.many(records))
    return found


def _links(document: Document) -> set[str]:
    """Return the IRIs that a document refers to; parsing it for that would take four times longer."""
    return {target for predicate, target in _LINK.findall(document.text) if predicate not in _NOT_FOLLOWED}


def listing(documents: Documents, gathered: Iterable[Document]) -> frozenset[str]:
    """Return the IRIs of carried documents that datasets refer to and that refer to datasets in turn.

    Those are series, and services that a distribution names. What an importer reaches from one dataset must not hold
    another one, so the feed leaves their links to datasets out: all of them, whatever else the page holds, because
    what is said of a dataset must not change with the page that it stands on.
    """
    services = [item.iri for item in gathered if item.kind == "service"]
    reached = [iri for iri in services if documents.referrers(iri, kind="distribution", limit=1)]
    return frozenset([*reached, *(item.iri for item in gathered if item.kind == "series")])


def merged(
    documents: Iterable[Document], datasets: set[str], without_members: frozenset[str] = frozenset()
) -> dict[Triple, None]:
    """Return the triples of documents, each once and in their order.

    Args:
        documents: What to merge.
        datasets: IRIs of the subjects that may be typed ``dcat:Dataset``.
        without_members: IRIs of documents whose links to datasets are left out.
    """
    found: dict[Triple, None] = {}
    for document in documents:
        hidden = _MEMBERS if document.iri in without_members else ()
        found.update(dict.fromkeys(item for item in triples(document) if item.predicate not in hidden))
    return {item: None for item in found if not _foreign(item, datasets)}


def _foreign(item: Triple, datasets: set[str]) -> bool:
    is_typed = item.predicate == TYPE and item.object == DATASET
    return is_typed and isinstance(item.subject, NamedNode) and item.subject.value not in datasets


def concepts(used: Iterable[Triple]) -> Iterator[Triple]:
    """Yield class, scheme and labels of the concepts that triples use, as far as our vocabularies know them."""
    for concept in sorted({item.object.value for item in used if isinstance(item.object, NamedNode)}):
        labels = authority.labels(concept)
        if not labels:
            continue
        subject = NamedNode(concept)
        yield from _classes(subject)
        for language, label in sorted(labels.items()):
            yield Triple(subject, _LABEL, Literal(label, language=language) if language else Literal(label))


def _classes(concept: NamedNode) -> Iterator[Triple]:
    table, _, code = concept.value.removeprefix(AUTHORITY).partition("/")
    is_listed = concept.value.startswith(AUTHORITY)
    if is_listed and not code:
        yield Triple(concept, TYPE, term("skos:ConceptScheme"))
        for language, label in sorted(authority.labels(concept.value).items()):
            yield Triple(concept, TITLE, Literal(label, language=language) if language else Literal(label))
        return
    yield Triple(concept, TYPE, term("skos:Concept"))
    if is_listed:
        yield Triple(concept, _SCHEME, NamedNode(AUTHORITY + table))
    if is_listed and table in _CLASSES:
        yield Triple(concept, TYPE, _CLASSES[table])
