"""Turns ``records.Dataset`` into a dcat:Dataset with its distributions and organisations (DCAT-AP 3.0.1)."""

from collections.abc import Iterator

from maillon import identifiers
from maillon.errors import RecordRejected
from maillon.mapping import agent, codes, contact, dates, distribution, literals, places, rights
from maillon.mapping.subject import Subject
from maillon.rdf import ntriples
from maillon.records import Agent, Dataset, Entity
from maillon.sources import Source


def iri(identifier: str, own: str | None, source: Source, base: str) -> str:
    """Return the IRI of a dataset: its own where it is absolute, else minted from its identifier.

    Raises:
        RecordRejected: It has neither.
    """
    named = literals.address(own)
    if named is not None:
        return named[1:-1]
    identifier = literals.clean(identifier)
    if not identifier:
        raise RecordRejected("(a dataset)", "no identifier")
    return identifiers.mint(base, "dataset", source.name, identifier)


def entities(record: Dataset, source: Source, base: str) -> list[Entity]:
    """Return the dataset, then its distributions, then its organisations, each once.

    Raises:
        RecordRejected: The dataset has neither identifier nor IRI.
    """
    subject = Subject(iri(record.identifier, record.iri, source, base), "dcat:Dataset")
    _add_identity(subject, record)
    _add_texts(subject, record, source.language)
    _add_codes(subject, record)
    _add_references(subject, record)
    for name in record.contact:
        contact.add(subject, name)
    publisher = _agent(subject, "dct:publisher", record.publisher, source, base) or agent.publisher(source, base)
    if publisher is not None:
        subject.add("dct:publisher", ntriples.iri(publisher.iri))
    creator = _agent(subject, "dct:creator", record.creator, source, base)
    parts = list(_distributions(subject, record, source, base))
    organisations = [item for item in (publisher, creator) if item is not None]
    found: dict[str, Entity] = {}
    for item in (subject.entity("dataset"), *parts, *organisations):
        found.setdefault(item.iri, item)  # a record that gives one IRI to two things keeps the first
    return list(found.values())


def _agent(subject: Subject, predicate: str, record: Agent | None, source: Source, base: str) -> Entity | None:
    found = agent.entity(record, source, base) if record is not None else None
    if found is not None:
        subject.add(predicate, ntriples.iri(found.iri))
    return found


def _distributions(subject: Subject, record: Dataset, source: Source, base: str) -> Iterator[Entity]:
    """Yield the distributions; a dataset without any keeps its own licence."""
    if not record.distributions:
        rights.add(subject, record.license, {})
    for item in record.distributions:
        part = distribution.entity(item, record, source, base)
        subject.add("dcat:distribution", ntriples.iri(part.iri))
        yield part


def _add_identity(subject: Subject, record: Dataset) -> None:
    """Add the one dct:identifier, which is the IRI (European portals match on it), and the source's own beside it."""
    own = ntriples.literal(subject.iri)
    subject.add("dct:identifier", own)
    notation = literals.text(record.identifier)
    if notation is not None and notation != own:
        subject.add("skos:notation", notation, of=subject.embed("adms:identifier", "adms:Identifier"))


def _add_texts(subject: Subject, record: Dataset, default: str) -> None:
    subject.add("dct:title", *literals.texts(record.title, default))
    subject.add("dct:description", *literals.texts(record.description, default))
    subject.add("dcat:keyword", *(literals.text(word, language or default) for language, word in record.keyword))
    subject.add("dcat:version", literals.text(record.version))
    subject.add("dct:issued", dates.temporal(record.issued))
    subject.add("dct:modified", dates.temporal(record.modified))
    for start, end in record.temporal:
        first, last = dates.temporal(start), dates.temporal(end)
        if first or last:
            node = subject.embed("dct:temporal", "dct:PeriodOfTime")
            subject.add("dcat:startDate", first, of=node)
            subject.add("dcat:endDate", last, of=node)


def _add_codes(subject: Subject, record: Dataset) -> None:
    for theme in record.theme:
        codes.add(subject, "dcat:theme", "data-theme", "skos:Concept", theme)
    for language in record.language:
        codes.add(subject, "dct:language", "language", "dct:LinguisticSystem", language)
    for category in record.hvd_category:
        codes.add(subject, "dcatap:hvdCategory", "hvd-category", "skos:Concept", category)
    codes.add(subject, "dct:accrualPeriodicity", "frequency", "dct:Frequency", record.frequency)
    codes.add(subject, "dct:accessRights", "access-right", "dct:RightsStatement", record.access_rights)


def _add_references(subject: Subject, record: Dataset) -> None:
    subject.add("dcat:landingPage", literals.reference(record.landing_page))
    for page in record.documentation:
        subject.add("foaf:page", literals.reference(page))
    for law in record.legislation:
        subject.add("dcatap:applicableLegislation", literals.reference(law))
    for standard in record.conforms_to:
        codes.reference(subject, "dct:conformsTo", "dct:Standard", standard)
    for place in record.spatial:
        places.add(subject, place)
