"""Turns codes of a source into concepts of the controlled vocabularies that DCAT-AP 3.0.1 names.

A code that a table knows becomes its IRI. An IRI that no table knows is kept as it is. Any other text is kept as the
label of an embedded node of the right class: readable on pages, and reported by validation.
"""

from functools import lru_cache

from maillon import authority
from maillon.mapping import literals
from maillon.mapping.subject import Subject
from maillon.rdf.ntriples import iri


def known(table: str, value: str | None) -> str | None:
    """Return the IRI of the concept that a text names, None where nothing is stated or no concept fits."""
    return _known(table, value) if value and len(value) <= authority.LONGEST else None


@lru_cache(maxsize=10_000)  # a source has few codes and writes them often: 0.1 µs for 1.2
def _known(table: str, value: str) -> str | None:
    stated = literals.stated(value)
    return authority.lookup(table, stated) if stated else None


def add(subject: Subject, predicate: str, table: str, class_name: str, value: str | None) -> None:
    """Add one code.

    Args:
        subject: The entity that has it.
        predicate: Prefixed name of the property.
        table: Name of the authority table.
        class_name: Prefixed name of the class of an embedded node; a ``skos:Concept`` gets a ``skos:prefLabel``.
        value: The code as the source wrote it; nothing is added where it states nothing.
    """
    if not value:
        return
    concept = known(table, value)
    named = iri(concept) if concept else literals.address(value)
    if named is not None:
        subject.add(predicate, named)
    else:
        label(subject, predicate, class_name, value)


def label(subject: Subject, predicate: str, class_name: str, value: str | None, of: str = "") -> None:
    """Add an embedded node that has only a label, where there is one."""
    text = literals.text(value)
    if text is not None:
        node = subject.embed(predicate, class_name, of=of)
        subject.add("skos:prefLabel" if class_name == "skos:Concept" else "rdfs:label", text, of=node)


def reference(subject: Subject, predicate: str, class_name: str, value: str | None) -> None:
    """Add the IRI that a text holds, else an embedded node with the text as its label."""
    address = literals.address(value)
    if address is not None:
        subject.add(predicate, address)
    else:
        label(subject, predicate, class_name, value)
