"""Turns organisations into entities of kind ``organisation`` (foaf:Agent, DCAT-AP 3.0.1).

The same organisation stands in many records and must give the same triples in each, else every run would see changes.
So an agent says only what it says of itself: harvesters give an ``Agent`` only facts of the organisation, never those
of the dataset in which it stands.
"""

from collections.abc import Sequence
from typing import Final

from maillon import identifiers
from maillon.mapping import literals
from maillon.mapping.subject import Subject
from maillon.records import Agent, Entity, Texts
from maillon.settings import LANGUAGES, Settings
from maillon.sources import Source

SITE: Final = "all"
"""Takes the place of a source's name in what belongs to the whole site; no source may be called so."""


def _chosen(name: Texts, languages: Sequence[str]) -> str:
    """Return the name that identifies an agent without an identifier: the first by language."""
    for language in (*languages, *sorted(name)):
        if literals.stated(name.get(language)):
            return literals.stated(name[language])
    return ""


def entity(agent: Agent, source: Source, base: str) -> Entity | None:
    """Return the entity of an organisation, None where it has neither IRI, identifier nor name.

    Its IRI is the one it has, else it is minted from its identifier, else from its name: a source that gives no more
    than a name has nothing else that is the same in all its records.
    """
    own = literals.address(agent.iri)
    identifier = literals.stated(agent.identifier) or _chosen(agent.name, (source.language, "", *LANGUAGES))
    if own is None and not identifier:
        return None
    iri = own.value if own else identifiers.mint(base, "organisation", source.name, identifier)
    subject = Subject(iri, "foaf:Agent")
    subject.add("foaf:name", *literals.texts(agent.name, source.language))
    subject.add("dct:identifier", literals.text(agent.identifier))
    subject.add("foaf:homepage", literals.reference(agent.homepage))
    subject.add("foaf:mbox", *literals.mailboxes(agent.email))
    return subject.entity("organisation")


def publisher(source: Source, base: str) -> Entity | None:
    """Return the organisation that publishes a source, None where its TOML names none."""
    if not source.publisher and not source.publisher_iri:
        return None
    name = {source.language: source.publisher} if source.publisher else {}
    return entity(Agent(name=name, iri=source.publisher_iri or None), source, base)


def site_publisher(settings: Settings) -> Entity:
    """Return the organisation that publishes this catalogue."""
    iri = identifiers.mint(settings.base_iri, "organisation", SITE, settings.publisher)
    subject = Subject(iri, "foaf:Agent")
    subject.add("foaf:name", literals.text(settings.publisher))
    return subject.entity("organisation")
