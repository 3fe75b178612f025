"""Turns organisations into entities of kind ``organisation`` (foaf:Agent, DCAT-AP 3.0.1).

The same organisation stands in many records and must give the same triples in each, else every run would see changes.
So an agent says only what it says of itself: harvesters give an ``Agent`` only facts of the organisation, never those
of the dataset in which it stands.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from maillon import identifiers, organisations
from maillon.mapping import literals
from maillon.mapping.subject import Subject
from maillon.organisations import Body
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


def _body(agent: Agent) -> Body | None:
    """Return the public body that an agent is by its number, else by all of its names; None where that is uncertain."""
    known = organisations.by_number(agent.identifier or "")
    if known is not None:
        return known
    found = {organisations.by_name(name) for name in agent.name.values() if literals.stated(name)}
    return found.pop() if len(found) == 1 else None


def _known(body: Body) -> Entity:
    """Return the entity of a public body, from our table alone: the same in all sources, whatever each calls it."""
    subject = Subject(body.iri, "foaf:Agent")
    subject.add("foaf:name", *literals.texts(dict(body.names)))
    subject.add("dct:identifier", literals.text(body.number))
    subject.add("dct:type", literals.reference(body.kind))
    subject.add("foaf:homepage", literals.reference(body.homepage))
    return subject.entity("organisation")


def entity(agent: Agent, source: Source, base: str) -> Entity | None:
    """Return the entity of an organisation, None where it has neither IRI, identifier nor name.

    Its IRI is the one it has, else that of the public body that its number or name tells, else it is minted from its
    identifier, else from its name: a source that gives no more than a name has nothing else that is the same in all
    its records.
    """
    names = tuple(sorted(agent.name.items()))
    facts = (agent.identifier, agent.iri, agent.homepage, agent.email)
    return _entity(names, facts, source.name, source.language, base)


@lru_cache(maxsize=500)  # one organisation stands in many records of a source: 1.5 µs for 35
def _entity(
    names: tuple[tuple[str, str], ...], facts: tuple[str | None, ...], source: str, language: str, base: str
) -> Entity | None:
    identifier, iri, homepage, email = facts
    agent = Agent(name=dict(names), identifier=identifier, iri=iri, homepage=homepage, email=email)
    own = literals.address(agent.iri)
    body = _body(agent) if own is None else None
    if body is not None:
        return _known(body)
    named_by = literals.stated(identifier) or _chosen(agent.name, (language, "", *LANGUAGES))
    if own is None and not named_by:
        return None
    minted = "" if own else identifiers.mint(base, "organisation", source, named_by)
    subject = Subject(own[1:-1] if own else minted, "foaf:Agent")
    subject.add("foaf:name", *literals.texts(agent.name, language))
    subject.add("dct:identifier", literals.text(agent.identifier))
    subject.add("foaf:homepage", literals.reference(agent.homepage))
    subject.add("foaf:mbox", literals.mailbox(agent.email))
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
