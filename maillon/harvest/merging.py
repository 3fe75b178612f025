"""Reads what an entity refers to, and unites what several documents of one source say of the same subject."""

import re
from collections.abc import Iterator

from pyoxigraph import NamedNode

from maillon import identifiers
from maillon.rdf import canonical
from maillon.records import Dataset, Described, Entity, Record, Version
from maillon.vocabulary import DATASET, HAS_DISTRIBUTION, SAMPLE, TYPE

_PART = re.compile(rf"<(?:{'|'.join(re.escape(link.value) for link in (HAS_DISTRIBUTION, SAMPLE))})> <([^>]*)> \.\n")


def is_dataset(record: Record) -> bool:
    """Tell whether a record is one of a dataset, before it is mapped."""
    if isinstance(record, Described):
        return any(
            triple.subject == record.subject and triple.predicate == TYPE and triple.object == DATASET
            for triple in record.triples
        )
    return isinstance(record, Dataset)


def links_of(entity: Entity) -> Iterator[tuple[str, str]]:
    """Yield the distributions that a dataset or a series refers to, as pairs of IRIs; nothing for other kinds."""
    if entity.kind in ("dataset", "series"):
        for triple in entity.triples:
            if triple.predicate in (HAS_DISTRIBUTION, SAMPLE) and isinstance(triple.object, NamedNode):
                yield entity.iri, triple.object.value


def parts_of(text: str) -> list[str]:
    """Return the IRIs of the distributions that a canonical text refers to."""
    return _PART.findall(text)


def united(earlier: str, iri: str, kind: str, text: str, base: str) -> Version | None:
    """Return a version with the triples of two texts of the same entity, None where the later one is to stay as it is.

    Feeds with pages repeat their catalogue and publishers on each page, sometimes with other triples. Where one of
    the two has embedded nodes they cannot be told apart by their labels.
    """
    embedded = identifiers.skolem(base, iri, "")
    if embedded in earlier or embedded in text or earlier == text:
        return None
    triples = dict.fromkeys((*canonical.triples(earlier), *canonical.triples(text)))
    return canonical.version(Entity(iri, kind, tuple(triples)), base)
