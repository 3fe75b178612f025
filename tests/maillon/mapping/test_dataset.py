"""Datasets, their distributions, organisations, contact points and services become DCAT-AP entities."""

from collections.abc import Callable

import pytest

from maillon import mapping
from maillon.errors import RecordRejected
from maillon.records import Agent, Contact, DataService, Dataset, Distribution, Entity
from maillon.sources import Source

Ask = Callable[..., list[str]]
EU = "http://publications.europa.eu/resource/authority/"


def _dataset(source: Source, **values: object) -> Entity:
    return mapping.entities(Dataset(identifier="d 1", **values), source, "https://data.example.org/")[0]  # type: ignore[arg-type]


def _distribution(source: Source, licence: str | None = None, **values: object) -> Entity:
    part = Distribution(identifier="r1", **values)  # type: ignore[arg-type]
    return mapping.entities(
        Dataset(identifier="d1", license=licence, distributions=(part,)), source, "https://data.example.org/"
    )[1]


def test_a_dataset_has_exactly_one_identifier_equal_to_its_iri(source: Source, ask: Ask) -> None:
    entity = _dataset(source)
    assert entity.iri.startswith("https://data.example.org/id/dataset/ville/")
    assert ask(entity, "dct:identifier") == [f'"{entity.iri}"']
    assert ask(entity, "adms:identifier", "skos:notation") == ['"d 1"']


def test_an_iri_of_the_source_is_kept(source: Source, ask: Ask) -> None:
    entity = _dataset(source, iri="https://ville.example.org/dataset/1")
    assert entity.iri == "https://ville.example.org/dataset/1"
    assert _dataset(source, iri="not an iri").iri == _dataset(source).iri


def test_a_dataset_without_identity_is_rejected(source: Source, base: str) -> None:
    with pytest.raises(RecordRejected, match="no identifier"):
        mapping.entities(Dataset(identifier=" "), source, base)
    with pytest.raises(RecordRejected, match="no identifier"):
        mapping.entities(DataService(identifier="", endpoint_url="https://wms.example.org"), source, base)


def test_texts_keep_their_languages(source: Source, ask: Ask) -> None:
    entity = _dataset(
        source,
        title={"fr": "Arbres", "nl": "Bomen"},
        description={"": "<p>Texte</p>"},
        keyword=(("", "arbre"), ("nl", "boom")),
    )
    assert ask(entity, "dct:title") == ['"Arbres"@fr', '"Bomen"@nl']
    assert ask(entity, "dct:description") == ['"<p>Texte</p>"@fr']
    assert ask(entity, "dcat:keyword") == ['"arbre"@fr', '"boom"@nl']


def test_without_a_language_of_the_source_texts_stay_untagged(base: str, ask: Ask) -> None:
    quiet = Source(name="quiet", kind="ckan", url="/nowhere")
    entity = mapping.entities(Dataset(identifier="1", title={"": "Trees"}), quiet, base)[0]
    assert ask(entity, "dct:title") == ['"Trees"']
    assert ask(entity, "dct:publisher") == []


def test_codes_are_looked_up(source: Source, ask: Ask) -> None:
    entity = _dataset(source, theme=("Umwelt", "https://themes.example.org/x", "Urbanités"), frequency="jaarlijks",
                      language=("fr", "klingon"), access_rights="openbaar", hvd_category=("Mobility",))  # fmt: skip
    assert f"<{EU}data-theme/ENVI>" in ask(entity, "dcat:theme")
    assert "<https://themes.example.org/x>" in ask(entity, "dcat:theme")
    assert ask(entity, "dcat:theme", "skos:prefLabel") == ['"Urbanités"']
    assert ask(entity, "dct:accrualPeriodicity") == [f"<{EU}frequency/ANNUAL>"]
    assert f"<{EU}language/FRA>" in ask(entity, "dct:language")
    assert ask(entity, "dct:language", "rdfs:label") == ['"klingon"']
    assert ask(entity, "dct:accessRights") == [f"<{EU}access-right/PUBLIC>"]
    assert ask(entity, "dcatap:hvdCategory") == ["<http://data.europa.eu/bna/c_b79e35eb>"]


def test_periods_pages_and_standards(source: Source, ask: Ask) -> None:
    entity = _dataset(source, temporal=(("2019", None),
     (None, None)),
                      documentation=("https://docs.example.org", "voir annexe"),
                      conforms_to=("https://std.example.org/1", "CityGML"),
                      legislation=("http://data.europa.eu/eli/reg_impl/2023/138/oj",),
                      landing_page="https://ville.example.org/page", version="2")  # fmt: skip
    assert ask(entity, "dct:temporal", "dcat:startDate") == ['"2019"^^<http://www.w3.org/2001/XMLSchema#gYear>']
    assert len(ask(entity, "dct:temporal")) == 1
    assert ask(entity, "foaf:page") == ['"voir annexe"', "<https://docs.example.org>"]
    assert ask(entity, "dct:conformsTo", "rdfs:label") == ['"CityGML"']
    assert ask(entity, "dcatap:applicableLegislation") == ["<http://data.europa.eu/eli/reg_impl/2023/138/oj>"]
    assert ask(entity, "dcat:landingPage") == ["<https://ville.example.org/page>"]


def test_contact_points_keep_what_rules_are_to_read(source: Source, ask: Ask) -> None:
    contacts = (Contact(name="Guichet", email="info@ville.example.org"), Contact(email="https://ville.example.org/contact"),
                Contact(name="Bureau", email="bureau(at)ville.example.org"), Contact())  # fmt: skip
    entity = _dataset(source, contact=contacts)
    assert len(ask(entity, "dcat:contactPoint")) == 3
    assert ask(entity, "dcat:contactPoint", "vcard:fn") == ['"Bureau"', '"Guichet"']
    assert ask(entity, "dcat:contactPoint", "vcard:hasEmail") == [
        '"bureau(at)ville.example.org"',
        '"https://ville.example.org/contact"',
        "<mailto:info@ville.example.org>",
    ]


def test_a_publisher_is_the_same_entity_in_every_record(source: Source, base: str) -> None:
    agent = Agent(name={"fr": "Service des arbres"}, identifier="arbres")
    one, two = (mapping.entities(Dataset(identifier=name, publisher=agent), source, base)[-1] for name in ("1", "2"))
    assert one == two
    assert (one.kind, one.iri) == ("organisation", "https://data.example.org/id/organisation/ville/arbres")


@pytest.mark.parametrize(
    "agent",
    [Agent(name={"fr": "VILLE DE BRUXELLES"}), Agent(name={"": "Service exemple"}, identifier="BE 0207.373.429"),
     Agent(name={"": "Ville de Bruxelles - Stad Brussel"}, identifier="77", email="info@ville.example.org")],
)  # fmt: skip
def test_a_public_body_is_the_same_entity_in_every_source(agent: Agent, source: Source, base: str) -> None:
    other = Source(name="region", kind="ckan", url="/nowhere", language="nl")
    ours = mapping.entities(Dataset(identifier="1", publisher=agent), source, base)[-1]
    theirs = mapping.entities(Dataset(identifier="1", publisher=Agent(name={"nl": "Stad Brussel"})), other, base)[-1]
    assert ours == theirs
    assert ours.iri == "https://org.belgif.be/id/CbeRegisteredEntity/0207373429"


def test_a_body_with_an_iri_of_its_source_keeps_it(source: Source, base: str) -> None:
    agent = Agent(name={"fr": "Ville de Bruxelles"}, iri="https://ville.example.org/id/ville")
    ours = mapping.entities(Dataset(identifier="1", publisher=agent), source, base)[-1]
    assert ours.iri == "https://ville.example.org/id/ville"


def test_without_a_publisher_that_of_the_source_counts(source: Source, base: str, ask: Ask) -> None:
    dataset, agent = mapping.entities(Dataset(identifier="1"), source, base)
    assert agent == mapping.publisher(source, base)
    assert ask(dataset, "dct:publisher") == [f"<{agent.iri}>"]
    assert ask(agent, "foaf:name") == ['"Ville de Test"@fr']


def test_the_licence_of_a_dataset_counts_for_its_distributions(source: Source, base: str, ask: Ask) -> None:
    assert ask(_distribution(source, licence="cc-by"), "dct:license") == [f"<{EU}licence/CC_BY_4_0>"]
    assert ask(_distribution(source, licence="cc-by", license="odbl"), "dct:license") == [f"<{EU}licence/ODC_BL>"]
    alone = mapping.entities(Dataset(identifier="1", license="cc-zero"), source, base)[0]
    assert ask(alone, "dct:license") == [f"<{EU}licence/CC0>"]


@pytest.mark.parametrize("text", ["notspecified", "", None, "License Not Specified"])
def test_no_licence_is_invented(text: str | None, source: Source, ask: Ask) -> None:
    entity = _distribution(source, license=text)
    assert ask(entity, "dct:license") == ask(entity, "dct:rights") == []


def test_free_text_is_a_rights_statement_and_an_address_a_licence_document(source: Source, ask: Ask) -> None:
    entity = _distribution(source, license="Ask first", rights={"fr": "Citer la source"})
    assert ask(entity, "dct:license") == []
    assert len(ask(entity, "dct:rights")) == 1
    assert ask(entity, "dct:rights", "rdfs:label") == ['"Ask first"', '"Citer la source"@fr']
    document = _distribution(source, license="https://ville.example.org/licence")
    assert ask(document, "dct:license") == ["<https://ville.example.org/licence>"]


def test_a_download_address_alone_is_the_access_address(source: Source, ask: Ask) -> None:
    entity = _distribution(source, download_url="https://ville.example.org/a.csv")
    assert ask(entity, "dcat:accessURL") == ask(entity, "dcat:downloadURL") == ["<https://ville.example.org/a.csv>"]
    assert ask(_distribution(source, access_url="TODO"), "dcat:accessURL") == ['"TODO"']
    assert ask(_distribution(source), "dcat:accessURL") == []


@pytest.mark.parametrize(
    ("kind", "media_type", "expected_format", "expected_type"),
    [("csv", None, "CSV", None), ("", "text/csv", "CSV", "text/csv"), ("text/csv", None, "CSV", "text/csv"),
     ("xlsx", "xlsx", "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
     ("shp", "application/zip", "SHP", "application/zip"), ("", "page web", "HTML", None)],
)  # fmt: skip
def test_format_and_media_type_help_each_other(
    kind: str,
    media_type: str | None,
    expected_format: str,
    expected_type: str | None,
    source: Source,
    ask: Ask,
) -> None:
    entity = _distribution(source, format=kind, media_type=media_type)
    assert ask(entity, "dct:format") == [f"<{EU}file-type/{expected_format}>"]
    expected = [f"<https://www.iana.org/assignments/media-types/{expected_type}>"] if expected_type else []
    assert ask(entity, "dcat:mediaType") == expected


def test_unknown_formats_are_kept_as_labels(source: Source, ask: Ask) -> None:
    entity = _distribution(source, format="Carte murale", media_type="application/x-mural")
    assert ask(entity, "dct:format", "rdfs:label") == ['"Carte murale"']
    assert ask(entity, "dcat:mediaType", "rdfs:label") == ['"application/x-mural"']


def test_checksum_and_size(source: Source, ask: Ask) -> None:
    entity = _distribution(
        source,
        checksum="sha1:" + "0" * 40,
        byte_size="12000",
        issued="2020",
        modified="2021-03-03",
        language=("nl",),
    )
    assert ask(entity, "spdx:checksum", "spdx:algorithm") == ["<http://spdx.org/rdf/terms#checksumAlgorithm_sha1>"]
    assert ask(entity, "dcat:byteSize") == ['"12000"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>']
    assert ask(entity, "dct:modified") == ['"2021-03-03"^^<http://www.w3.org/2001/XMLSchema#date>']


def test_equal_identifiers_of_two_sources_are_two_datasets(source: Source, base: str) -> None:
    other = Source(name="region", kind="ckan", url="/nowhere")
    record = Dataset(identifier="1", distributions=(Distribution(identifier="1"),))
    ours, theirs = mapping.entities(record, source, base), mapping.entities(record, other, base)
    assert not {entity.iri for entity in ours} & {entity.iri for entity in theirs}


def test_a_service_names_the_datasets_it_serves(source: Source, base: str, ask: Ask) -> None:
    record = DataService(identifier="wms", endpoint_url="https://wms.example.org", title={"fr": "WMS"}, license="cc-by",
                         serves=("1", "https://ville.example.org/2"), contact=(Contact(name="Guichet"),))  # fmt: skip
    service, publisher = mapping.entities(record, source, base)
    assert (service.kind, publisher.kind) == ("service", "organisation")
    assert ask(service, "dcat:endpointURL") == ["<https://wms.example.org>"]
    served = mapping.entities(Dataset(identifier="1"), source, base)[0]
    assert ask(service, "dcat:servesDataset") == sorted([f"<{served.iri}>", "<https://ville.example.org/2>"])


def test_an_organisation_without_any_name_is_none(source: Source, base: str, ask: Ask) -> None:
    found = mapping.entities(Dataset(identifier="1", publisher=Agent(name={"fr": "-"})), source, base)
    assert found[-1] == mapping.publisher(source, base)
    named = mapping.entities(
        Dataset(identifier="1", creator=Agent(name={}, iri="https://org.example.org/1")), source, base
    )
    assert [entity.iri for entity in named if entity.kind == "organisation"][-1] == "https://org.example.org/1"
