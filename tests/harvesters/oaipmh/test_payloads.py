"""What the metadata of records become: Dublin Core, DataCite, ISO, RDF; recorded answers; pitfalls of the corpus."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from harvesters import _datacite, _dublin_core, oaipmh
from maillon import mapping
from maillon.errors import MaillonError, ParseFailed, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Bookmark, DataService, Dataset, Deleted, Described, Record, Rejected
from maillon.sources import Source

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "oai-pmh"
BASE = "https://catalogue.example/"
Read = Callable[..., list[Record]]


def dc(content: str) -> str:
    return (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dct="http://purl.org/dc/terms/" '
        f'xmlns:ows="http://www.opengis.net/ows">{content}</oai_dc:dc>'
    )


def answer(payload: str, identifier: str = "oai:x") -> str:
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header><identifier>'
        f"{identifier}</identifier></header><metadata>{payload}</metadata></record></ListRecords></OAI-PMH>"
    )


def dublin(content: str) -> Dataset:
    return _dublin_core.dataset("x", etree.fromstring(dc(content)), "fr")


def test_dublin_core_becomes_a_dataset_with_canonical_triples(read: Read) -> None:
    payload = dc(
        "<dc:title>Arbres remarquables</dc:title><dc:title xml:lang='nl'>Bomen</dc:title>"
        "<dc:description>Une ligne\n\net une autre</dc:description><dc:subject>arbre</dc:subject>"
        "<dc:publisher>Service exemple</dc:publisher><dc:creator>Équipe exemple</dc:creator>"
        "<dc:date>2024-05-01</dc:date>"
        "<dc:language>fr</dc:language><dc:identifier>https://data.example.org/arbres</dc:identifier>"
        "<dc:identifier>https://data.example.org/arbres.csv</dc:identifier><dc:format>text/csv</dc:format>"
        "<dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights><dc:coverage>Namur</dc:coverage>"
    )
    [record] = read({"a.xml": answer(payload)})
    assert isinstance(record, Dataset)
    assert record.title == {"fr": "Arbres remarquables", "nl": "Bomen"}
    assert record.description == {"fr": "Une ligne\n\net une autre"}
    assert (record.identifier, record.issued, record.language) == ("oai:x", "2024-05-01", ("fr",))
    assert record.landing_page == "https://data.example.org/arbres"
    assert record.license == "https://creativecommons.org/licenses/by/4.0/"
    assert record.spatial == ("Namur",)
    [distribution] = record.distributions
    assert (distribution.download_url, distribution.format) == ("https://data.example.org/arbres.csv", "text/csv")
    source = Source(name="test", kind="oaipmh", url="x", language="fr")
    entities = mapping.entities(record, source, BASE)
    assert {entity.kind for entity in entities} >= {"dataset", "distribution", "organisation"}
    assert all(canonical.version(entity, BASE).text for entity in entities)


def test_a_language_that_is_no_tag_is_none() -> None:
    record = dublin("".join(f"<dc:language>{code}</dc:language>" for code in ("en", "other", "en_US", "eng", "Dutch")))
    assert record.language == ("en", "en-US", "eng")


def test_an_identifier_that_is_no_address_is_no_link() -> None:
    assert dublin("<dc:identifier>ISBN 90-0000-000-0</dc:identifier>").landing_page is None
    assert dublin("<dc:identifier>http://x y</dc:identifier>").landing_page is None


@pytest.mark.parametrize("text", ["10.5281/zenodo.1", "doi:10.5281/zenodo.1", "https://dx.doi.org/10.5281/zenodo.1"])
def test_a_doi_is_a_link_however_it_is_written(text: str) -> None:
    assert dublin(f"<dc:identifier>{text}</dc:identifier>").landing_page == "https://doi.org/10.5281/zenodo.1"


def test_of_several_dates_the_earliest_counts_and_a_date_in_words_is_kept() -> None:
    several = "".join(f"<dc:date>{date}</dc:date>" for date in ("2012-03-01T10:00:00Z", "printemps", "2010"))
    assert dublin(several).issued == "2010"
    assert dublin("<dc:date>printemps 2010</dc:date>").issued == "printemps 2010"
    assert dublin("<dct:modified>2011</dct:modified><dct:issued>2009</dct:issued>").modified == "2011"


def test_words_of_openaire_are_access_rights_and_no_licence() -> None:
    record = dublin("<dc:rights>info:eu-repo/semantics/openAccess</dc:rights><dc:rights>CC BY</dc:rights>")
    assert record.license == "CC BY"
    assert record.access_rights == "http://publications.europa.eu/resource/authority/access-right/PUBLIC"


def test_periods_boxes_and_places_are_told_apart() -> None:
    record = dublin(
        "<dc:coverage>Liège</dc:coverage><dc:coverage>1990-2000</dc:coverage>"
        "<dct:temporal>start=2001-01-01; end=2002-01-01</dct:temporal><dct:temporal>2003/2004</dct:temporal>"
        '<ows:BoundingBox crs="urn:x-ogc:def:crs:EPSG:6.11:4326"><ows:LowerCorner>50.1 4.2</ows:LowerCorner>'
        "<ows:UpperCorner>50.9 4.9</ows:UpperCorner></ows:BoundingBox><ows:BoundingBox><ows:LowerCorner>1"
        "</ows:LowerCorner></ows:BoundingBox>"
    )
    assert record.spatial == ("Liège", "4.2,50.1,4.9,50.9")
    assert set(record.temporal) == {("1990", "2000"), ("2001-01-01", "2002-01-01"), ("2003", "2004")}


def test_types_can_be_chosen_and_a_service_needs_an_address(read: Read) -> None:
    article = answer(dc("<dc:title>T</dc:title><dc:type>info:eu-repo/semantics/article</dc:type>"))
    [left_out] = read({"a.xml": article}, types=["Dataset"])
    assert isinstance(left_out, Rejected)
    assert (left_out.reason, left_out.detail, left_out.is_dataset) == ("type not wanted", "article", False)
    service = dc("<dc:type>http://purl.org/dc/dcmitype/Service</dc:type><dc:title>WMS</dc:title>{}")
    [refused] = read({"b.xml": answer(service.replace("{}", ""))})
    assert isinstance(refused, Rejected)
    assert refused.reason == "service without an address"
    link = "<dc:identifier>https://geo.example.org/wms</dc:identifier>"
    [found] = read({"c.xml": answer(service.replace("{}", link))})
    assert isinstance(found, DataService)
    assert found.endpoint_url == "https://geo.example.org/wms"


KERNEL_4 = """<resource xmlns="http://datacite.org/schema/kernel-4">
<identifier identifierType="DOI">10.5281/x.1</identifier>
<creators><creator><creatorName>Équipe exemple</creatorName></creator></creators>
<titles><title titleType="Subtitle">Sous-titre</title><title>Titre</title><title xml:lang="en">Title</title></titles>
<publisher>Service exemple</publisher><publicationYear>2020</publicationYear>
<contributors><contributor contributorType="ContactPerson"><contributorName>Guichet</contributorName></contributor>
</contributors><dates><date dateType="Updated">2021-02-03</date><date dateType="Collected">2018/2019</date></dates>
<language>fr</language><resourceType resourceTypeGeneral="Dataset">Données</resourceType>
<relatedIdentifiers><relatedIdentifier relationType="IsDocumentedBy">https://doc.example.org</relatedIdentifier>
</relatedIdentifiers><version>1.2</version><rightsList><rights rightsURI="https://creativecommons.org/licenses/by/4.0/"/>
<rights>info:eu-repo/semantics/openAccess</rights></rightsList>
<descriptions><description descriptionType="Methods">M</description>
<description descriptionType="Abstract">A</description>
</descriptions><geoLocations><geoLocation><geoLocationPlace>Namur</geoLocationPlace><geoLocationBox>
<westBoundLongitude>4</westBoundLongitude><eastBoundLongitude>5</eastBoundLongitude><southBoundLatitude>50
</southBoundLatitude><northBoundLatitude>51</northBoundLatitude></geoLocationBox></geoLocation></geoLocations></resource>"""


def test_datacite_becomes_a_dataset(read: Read) -> None:
    wrapped = (
        '<oai_datacite xmlns="http://schema.datacite.org/oai/oai-1.1/"><payload>'
        + KERNEL_4
        + "</payload></oai_datacite>"
    )
    [record] = read({"a.xml": answer(wrapped)})
    assert isinstance(record, Dataset)
    assert record.title == {"fr": "Titre", "en": "Title"}
    assert record.description == {"fr": "A"}
    assert record.landing_page == "https://doi.org/10.5281/x.1"
    assert (record.issued, record.modified, record.version) == ("2020", "2021-02-03", "1.2")
    assert record.temporal == (("2018", "2019"),)
    assert record.spatial == ("Namur", "4,50,5,51")
    assert record.license == "https://creativecommons.org/licenses/by/4.0/"
    assert record.documentation == ("https://doc.example.org",)
    assert [item.name for item in record.contact] == ["Guichet"]


def test_a_box_of_kernel_3_is_turned_round() -> None:
    box = "<geoLocation><geoLocationBox>50 4 51 5</geoLocationBox></geoLocation>"
    text = f"<resource><geoLocations>{box}</geoLocations></resource>"
    assert _datacite.dataset("x", etree.fromstring(text), "").spatial == ("4,50,5,51",)


def test_iso_payloads_are_read_as_csw_reads_them(read: Read) -> None:
    iso = (
        '<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco">'
        "<gmd:fileIdentifier><gco:CharacterString>iso-1</gco:CharacterString></gmd:fileIdentifier>"
        "<gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation><gmd:title>"
        "<gco:CharacterString>Réseau</gco:CharacterString></gmd:title></gmd:CI_Citation></gmd:citation>"
        "</gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>"
    )
    records = read({"a.xml": answer(iso)})
    described = [item for item in records if isinstance(item, Described)]
    assert described[0].subject.value == BASE + "id/dataset/test/iso-1"
    assert any(getattr(triple.object, "value", "") == "Réseau" for triple in described[0].triples)


def test_a_format_that_is_not_known_is_rejected(read: Read) -> None:
    [marc] = read({"a.xml": answer('<record xmlns="http://www.loc.gov/MARC21/slim"><leader>1</leader></record>')})
    assert isinstance(marc, Rejected)
    assert (marc.reason, marc.detail) == ("unknown metadata format", "http://www.loc.gov/MARC21/slim record")
    [empty] = read({"b.xml": answer(dc("<dc:title> </dc:title>"))})
    assert isinstance(empty, Rejected)
    assert empty.reason == "no metadata"


def test_rdf_that_cannot_be_read_is_one_rejected_record(read: Read) -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><a rdf:nodeID="1 2" rdf:about="x"/></rdf:RDF>'
    )
    assert [item.reason for item in read({"a.xml": answer(rdf)}) if isinstance(item, Rejected)] == ["cannot be parsed"]


def test_a_folder_of_answers_is_read_and_what_holds_no_records_is_listed(read: Read) -> None:
    oai = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{}</OAI-PMH>'
    records = read(
        {
            "1.xml": answer(dc("<dc:title>T</dc:title>")),
            "2.xml": oai.format('<error code="badArgument">No</error>'),
            "3.xml": oai.format("<ListIdentifiers><header/><header/></ListIdentifiers>"),
            "4.xml": "broken xml",
            "5.xml": dc("<dc:title>Bare</dc:title>"),
            "6.xml": oai.format('<GetRecord><record><header status="deleted"><identifier>oai:d</identifier></header>'
                                "</record></GetRecord>"),
        }
    )  # fmt: skip
    assert [item.identifier for item in records if isinstance(item, Dataset)] == ["oai:x", "5.xml"]
    assert len([item for item in records if isinstance(item, Deleted)]) == 1
    assert [(item.identifier, item.reason, item.detail[:17]) for item in records if isinstance(item, Rejected)] == [
        ("2.xml", "answer without records", "error badArgument"),
        ("3.xml", "answer without records", "2 headers only"),
        ("4.xml", "cannot be parsed", "https://catalogue"),
    ]


def test_a_single_answer_that_is_an_error_or_broken_stops_the_source(read: Read) -> None:
    oai = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="{}"/></OAI-PMH>'
    assert read({"a.xml": oai.format("noRecordsMatch")}) == []
    with pytest.raises(SourceUnavailable, match="badVerb"):
        read({"b.xml": oai.format("badVerb")})
    with pytest.raises(ParseFailed, match="not well-formed"):
        read({"c.xml": "<OAI-PMH><a></OAI-PMH>"})


def test_an_entity_bomb_is_refused(read: Read) -> None:
    declared = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 100}">' for n in range(9))
    with pytest.raises(ParseFailed):
        read({"a.xml": f"<!DOCTYPE x [{declared}]>" + answer(dc("<dc:title>&e8;</dc:title>"))})


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is absent: corpus tests need it")
def test_every_recorded_answer_of_the_corpus_is_read_or_refused_with_a_reason(fetch_folder: Callable[..., Any]) -> None:
    found: Counter[str] = Counter()
    for path in sorted(CORPUS.rglob("*.xml")):
        source = Source(name="test", kind="oaipmh", url=str(path))
        try:
            records = list(oaipmh.records(source, fetch_folder(path.parent)))
        except MaillonError as error:
            found[type(error).__name__] += 1
            continue
        for record in records:
            found[type(record).__name__] += 1
            if not isinstance(record, Rejected | Deleted | Bookmark):
                for entity in mapping.entities(record, source, BASE):
                    assert canonical.version(entity, BASE).text
    assert (found["Dataset"], found["Deleted"], found["ParseFailed"]) == (131, 6, 2)
    assert (found["SourceUnavailable"], found["PagesShifted"]) == (13, 1)
    assert found["Described"] >= 11


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is absent: corpus tests need it")
@pytest.mark.parametrize(("folder", "datasets", "broken"), [("pycsw", 8, 0), ("sickle", 2, 1), ("pyoai", 96, 1)])
def test_the_folders_of_the_corpus_give_each_record_once(
    fetch_folder: Callable[..., Any], folder: str, datasets: int, broken: int
) -> None:
    source = Source(name="test", kind="oaipmh", url=str(CORPUS / folder))
    records = list(oaipmh.records(source, fetch_folder(CORPUS / folder)))
    found = [item.identifier for item in records if isinstance(item, Dataset)]
    assert len(found) == len(set(found)) == datasets
    reasons = Counter(item.reason for item in records if isinstance(item, Rejected))
    assert reasons["cannot be parsed"] == broken
    assert reasons["identifier stands twice in the source"] > 0  # the folders hold the same records in several formats
