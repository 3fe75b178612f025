"""Makes the dcat:Catalog of a source and of the whole site, and the dcat:CatalogRecord of a dataset (DCAT-AP 3.0.1)."""

from typing import Final

from maillon.errors import SourceDefinitionError
from maillon.mapping import agent, codes, contact, literals, rights
from maillon.mapping.subject import Subject
from maillon.rdf import ntriples
from maillon.records import Contact, Entity, Texts
from maillon.settings import LANGUAGES, Settings
from maillon.sources import Source
from maillon.vocabulary import AUTHORITY, PREFIXES

PROFILE: Final = ntriples.iri(PREFIXES["dcatap"])
"""The namespace of DCAT-AP, which names the profile in all its versions."""

_OF_A_SOURCE: Final = {
    "fr": "Métadonnées reprises de la source « {} ».",
    "nl": "Metadata overgenomen van de bron ‘{}’.",
    "de": "Metadaten übernommen aus der Quelle „{}“.",
    "en": "Metadata taken over from the source “{}”.",
}
_OF_THE_SITE: Final = {
    "fr": "Catalogue des jeux de données, services et organisations publié par {}.",
    "nl": "Catalogus van datasets, diensten en organisaties, uitgegeven door {}.",
    "de": "Katalog der Datensätze, Dienste und Organisationen, herausgegeben von {}.",
    "en": "Catalogue of datasets, services and organisations, published by {}.",
}


def _catalogue(base: str, name: str) -> Subject:
    subject = Subject(f"{base}id/catalog/{name}", "dcat:Catalog")
    subject.add("dcat:themeTaxonomy", ntriples.iri(AUTHORITY + "data-theme"))
    return subject


def _filled(templates: Texts, name: str) -> Texts:
    return {language: template.format(name) for language, template in templates.items()}


def catalog(source: Source, base: str) -> Entity:
    """Return the catalogue of a source, ``<base>id/catalog/<name>``; its members are added when publishing.

    Raises:
        SourceDefinitionError: The source is called ``all``, which is the catalogue of the whole site.
    """
    if source.name == agent.SITE:
        raise SourceDefinitionError(f"Source {source.name}: this name is that of the whole catalogue; choose another.")
    subject = _catalogue(base, source.name)
    title = source.title or {"": source.name}
    name = literals.stated(title.get(source.language)) or next(iter(title.values()))
    subject.add("dct:title", *literals.texts(title, source.language))
    subject.add("dct:description", *literals.texts(source.description or _filled(_OF_A_SOURCE, name)))
    publisher = agent.publisher(source, base)
    if publisher is not None:
        subject.add("dct:publisher", ntriples.iri(publisher.iri))
    subject.add("foaf:homepage", literals.reference(source.homepage))
    codes.add(subject, "dct:language", "language", "dct:LinguisticSystem", source.language)
    rights.add(subject, source.license, {})
    return subject.entity("catalog")


def region_catalog(settings: Settings) -> list[Entity]:
    """Return the catalogue of the whole site, ``<base>id/catalog/all``, and the organisation that publishes it."""
    subject = _catalogue(settings.base_iri, agent.SITE)
    subject.add("dct:title", literals.text(settings.title))
    subject.add("dct:description", *literals.texts(_filled(_OF_THE_SITE, settings.publisher)))
    publisher = agent.site_publisher(settings)
    subject.add("dct:publisher", ntriples.iri(publisher.iri))
    subject.add("foaf:homepage", ntriples.iri(settings.base_iri))
    if settings.contact_email or settings.contact_url:
        email, url = settings.contact_email or None, settings.contact_url or None
        contact.add(subject, Contact(name=settings.publisher, email=email, url=url))
    for language in LANGUAGES:
        codes.add(subject, "dct:language", "language", "dct:LinguisticSystem", language)
    return [subject.entity("catalog"), publisher]


def catalog_record(dataset_iri: str, key: str, base: str, issued: str, modified: str) -> Entity:
    """Return the catalogue record of a dataset, ``<base>id/record/<key>``.

    Args:
        dataset_iri: The dataset that it is about.
        key: The dataset's key in our addresses.
        base: The setting ``base_iri``.
        issued: When the dataset was first seen, as ``2026-11-21T19:00:00Z``.
        modified: When its content last changed, in the same form.
    """
    subject = Subject(f"{base}id/record/{key}", "dcat:CatalogRecord")
    subject.add("foaf:primaryTopic", ntriples.iri(dataset_iri))
    subject.add("dct:issued", ntriples.literal(issued, ntriples.typed("xsd:dateTime")))
    subject.add("dct:modified", ntriples.literal(modified, ntriples.typed("xsd:dateTime")))
    subject.add("dct:conformsTo", PROFILE)
    return subject.entity("record")
