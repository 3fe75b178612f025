"""Turns ``records.DataService`` into a dcat:DataService (DCAT-AP 3.0.1)."""

from maillon import identifiers
from maillon.errors import RecordRejected
from maillon.mapping import agent, contact, dataset, literals, rights
from maillon.mapping.subject import Subject
from maillon.rdf import ntriples
from maillon.records import DataService, Entity
from maillon.sources import Source


def entities(record: DataService, source: Source, base: str) -> list[Entity]:
    """Return the service, then the organisation that publishes it.

    Raises:
        RecordRejected: The service has neither identifier nor IRI.
    """
    own, identifier = literals.address(record.iri), literals.clean(record.identifier)
    if own is None and not identifier:
        raise RecordRejected("(a data service)", "no identifier")
    iri = own[1:-1] if own else identifiers.mint(base, "service", source.name, identifier)
    subject = Subject(iri, "dcat:DataService")
    subject.add("dct:title", *literals.texts(record.title, source.language))
    subject.add("dct:description", *literals.texts(record.description, source.language))
    subject.add("dcat:endpointURL", literals.reference(record.endpoint_url))
    subject.add("dcat:endpointDescription", literals.reference(record.endpoint_description))
    for name in record.contact:
        contact.add(subject, name)
    rights.add(subject, record.license, {})
    for served in record.serves:
        subject.add("dcat:servesDataset", ntriples.iri(dataset.iri(served, served, source, base)))
    publisher = agent.entity(record.publisher, source, base) if record.publisher else None
    publisher = publisher or agent.publisher(source, base)
    if publisher is not None:
        subject.add("dct:publisher", ntriples.iri(publisher.iri))
    return [subject.entity("service"), *([publisher] if publisher else [])]
