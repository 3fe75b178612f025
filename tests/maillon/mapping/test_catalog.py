"""Catalogues of sources and of the site, and catalogue records."""

from collections.abc import Callable

import pytest

from maillon import mapping
from maillon.errors import SourceDefinitionError
from maillon.settings import Settings
from maillon.sources import Source

Ask = Callable[..., list[str]]
EU = "http://publications.europa.eu/resource/authority/"


def test_the_catalogue_of_a_source_says_what_its_toml_says(source: Source, base: str, ask: Ask) -> None:
    entity = mapping.catalog(source, base)
    publisher = mapping.publisher(source, base)
    assert publisher is not None
    assert (entity.iri, entity.kind) == (base + "id/catalog/ville", "catalog")
    assert ask(entity, "dct:title") == ['"ville"@fr']
    assert len(ask(entity, "dct:description")) == 4
    assert ask(entity, "dct:publisher") == [f"<{publisher.iri}>"]
    assert ask(entity, "dct:language") == [f"<{EU}language/FRA>"]
    assert ask(entity, "dcat:dataset") == []


def test_all_keys_of_the_toml_are_used(base: str, ask: Ask) -> None:
    source = Source(
        name="region", kind="dcat", url="/nowhere", title={"fr": "Région", "nl": "Gewest"}, description={"fr": "Tout"},
        publisher_iri="https://org.example.org/region", homepage="https://region.example.org", license="cc-zero",
    )  # fmt: skip
    entity = mapping.catalog(source, base)
    assert ask(entity, "dct:title") == ['"Gewest"@nl', '"Région"@fr']
    assert ask(entity, "dct:description") == ['"Tout"@fr']
    assert ask(entity, "dct:publisher") == ["<https://org.example.org/region>"]
    assert ask(entity, "foaf:homepage") == ["<https://region.example.org>"]
    assert ask(entity, "dct:license") == [f"<{EU}licence/CC0>"]


def test_a_source_without_a_publisher_has_none(base: str) -> None:
    assert mapping.publisher(Source(name="x", kind="dcat", url="/nowhere"), base) is None


def test_no_source_may_be_called_as_the_whole_catalogue(base: str) -> None:
    with pytest.raises(SourceDefinitionError, match="choose another"):
        mapping.catalog(Source(name="all", kind="dcat", url="/nowhere"), base)


def test_the_catalogue_of_the_site_is_complete(ask: Ask) -> None:
    catalogue, publisher = mapping.region_catalog(Settings(base_iri="https://data.example.org/", publisher="Région"))
    assert catalogue.iri == "https://data.example.org/id/catalog/all"
    assert ask(catalogue, "dct:publisher") == [f"<{publisher.iri}>"]
    assert ask(publisher, "foaf:name") == ['"Région"']
    assert len(ask(catalogue, "dct:language")) == len(ask(catalogue, "dct:description")) == 4


def test_who_can_be_written_to_stands_in_the_catalogue_of_the_site(ask: Ask) -> None:
    catalogue, _ = mapping.region_catalog(
        Settings(contact_email="data@example.org", contact_url="https://example.org/f")
    )
    (node,) = ask(catalogue, "dcat:contactPoint")
    said = [f"{item.predicate} {item.object}" for item in catalogue.triples if str(item.subject) == node]
    assert "<http://www.w3.org/2006/vcard/ns#hasEmail> <mailto:data@example.org>" in said
    assert "<http://www.w3.org/2006/vcard/ns#hasURL> <https://example.org/f>" in said
    silent, _ = mapping.region_catalog(Settings())
    assert ask(silent, "dcat:contactPoint") == []


def test_a_catalogue_record_tells_when(base: str, ask: Ask) -> None:
    iri = base + "id/dataset/ville/1"
    entity = mapping.catalog_record(iri, "ville/1", base, "2026-11-20T08:00:00Z", "2026-11-21T08:00:00Z")
    assert (entity.iri, entity.kind) == (base + "id/record/ville/1", "record")
    assert ask(entity, "foaf:primaryTopic") == [f"<{iri}>"]
    assert ask(entity, "dct:modified") == ['"2026-11-21T08:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>']
    assert len(ask(entity, "dct:conformsTo")) == 1
