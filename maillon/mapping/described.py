"""Turns a described subject of an RDF source into one entity: all its triples as they were sent, none added.

The kind is decided by the classes of the subject; pages, feeds and search go by it.
"""

from collections.abc import Iterable
from typing import Final

from pyoxigraph import NamedNode

from maillon import identifiers
from maillon.errors import RecordRejected
from maillon.records import Described, Entity
from maillon.vocabulary import (
    AGENT_CLASSES,
    CATALOG,
    CATALOG_RECORD,
    DATA_SERVICE,
    DATASET,
    DATASET_SERIES,
    DISTRIBUTION,
    KIND_CLASSES,
    PREFIXES,
    TYPE,
)

_PERSONS: Final = frozenset(
    {PREFIXES["foaf"] + "Person", PREFIXES["vcard"] + "Individual", PREFIXES["schema"] + "Person"}
)
_ORGANISATIONS: Final = frozenset(
    {
        *(PREFIXES["foaf"] + name for name in ("Organization", "Group")),
        *(PREFIXES["org"] + name for name in ("Organization", "FormalOrganization", "OrganizationalUnit")),
        *(PREFIXES["schema"] + name for name in ("Organization", "GovernmentOrganization")),
        "http://data.europa.eu/m8g/PublicOrganisation",
        "http://www.w3.org/ns/regorg#RegisteredOrganization",
    }
)
_AGENTS: Final = frozenset(item.value for item in AGENT_CLASSES) | _ORGANISATIONS
_CONTACTS: Final = frozenset(item.value for item in KIND_CLASSES) | _PERSONS

# First match wins: a catalogue is also a dataset in DCAT 3, a series is published as both by many.
_PRECEDENCE: Final = (
    (frozenset({CATALOG.value}), "catalog"),
    (frozenset({CATALOG_RECORD.value}), "record"),
    (frozenset({DATASET_SERIES.value}), "series"),
    (frozenset({DATASET.value}), "dataset"),
    (frozenset({DISTRIBUTION.value}), "distribution"),
    (frozenset({DATA_SERVICE.value}), "service"),
    (_ORGANISATIONS, "organisation"),
    (_PERSONS, "contact"),
    (_AGENTS, "organisation"),
    (_CONTACTS, "contact"),
)


def kind_of(types: Iterable[str]) -> str:
    """Return the kind of an entity (one of ``identifiers.KINDS``) by the IRIs of its classes.

    A person is a ``contact``, also where it is typed foaf:Agent as well: people are not listed among organisations.
    """
    known = frozenset(types)
    return next((kind for classes, kind in _PRECEDENCE if classes & known), "resource")


def entity(record: Described) -> Entity:
    """Return the entity of a described subject.

    Raises:
        RecordRejected: The IRI of the subject is not absolute, so it names nothing outside its document.
    """
    iri = record.subject.value
    if not identifiers.is_absolute(iri):
        raise RecordRejected(iri, "subject without an absolute IRI", "Give the source's TOML a 'base'.")
    types = [
        triple.object.value
        for triple in record.triples
        if triple.subject == record.subject and triple.predicate == TYPE and isinstance(triple.object, NamedNode)
    ]
    return Entity(iri, kind_of(types), record.triples)
