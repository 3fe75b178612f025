"""Reads what an entity refers to, and unites what several documents of one source say of the same subject."""

from collections.abc import Iterator

from pyoxigraph import NamedNode

from maillon import identifiers
from maillon.rdf import canonical
from maillon.records import Dataset, Described, Entity, Record, Version
from maillon.vocabulary import DATASET, HAS_DISTRIBUTION, SAMPLE, TYPE


def is_dataset(record: Record) -> bool:
    """Tell whether a record is one of a dataset, before it is mapped."""
    if isinstance(record, Described):
        return any(
            triple.subject == record.subject and triple.predicate == TYPE and triple.object == DATASET
            for triple in record.triples
        )
    return isinstance(record, Dataset)


def links_of(entity: Entity) -> Iterator[tuple[str, str]]:
    """Yield the distributions that a dataset refers to, as pairs of IRIs; nothing for other kinds."""
    if entity.kind == "dataset":
        for triple in entity.triples:
            if triple.predicate in (HAS_DISTRIBUTION, SAMPLE) and isinstance(triple.object, NamedNode):
                yield entity.iri, triple.object.value


def united(earlier: str, version: Version, base: str) -> Version:
    """Return a version with the triples of an earlier text of the same entity and its own.

    Feeds with pages repeat their catalogue and publishers on each page, sometimes with other triples. Where one of
    the two has embedded nodes they cannot be told apart by their labels, so the version comes back as it is.
    """
    embedded = identifiers.skolem(base, version.iri, "")
    if embedded in earlier or embedded in version.text or earlier == version.text:
        return version
    triples = dict.fromkeys((*canonical.triples(earlier), *canonical.triples(version.text)))
    return canonical.version(Entity(version.iri, version.kind, tuple(triples)), base)
