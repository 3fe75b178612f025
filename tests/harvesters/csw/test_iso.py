"""The pitfalls counted in real ISO records (corpus, section 2.4), one test for each case: identity, texts, codes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maillon import identifiers

HERE = Path(__file__).parent
BASE = "https://catalogue.example/"
ID = f"{BASE}id/dataset/test/"
CODELIST = "http://inspire.ec.europa.eu/metadata-codelist/"
XSD = "http://www.w3.org/2001/XMLSchema#"

Read = Callable[..., Any]


def text(name: str, content: str) -> str:
    return f"<gmd:{name}><gco:CharacterString>{content}</gco:CharacterString></gmd:{name}>"


def anchor(name: str, href: str, content: str) -> str:
    return f'<gmd:{name}><gmx:Anchor xlink:href="{href}">{content}</gmx:Anchor></gmd:{name}>'


def free(name: str, default: str, *localised: tuple[str, str]) -> str:
    groups = "".join(
        f'<gmd:textGroup><gmd:LocalisedCharacterString locale="{locale}">{content}</gmd:LocalisedCharacterString>'
        "</gmd:textGroup>"
        for locale, content in localised
    )
    return (
        f"<gmd:{name}><gco:CharacterString>{default}</gco:CharacterString>"
        f"<gmd:PT_FreeText>{groups}</gmd:PT_FreeText></gmd:{name}>"
    )


def date(value: str, kind: str = "publication") -> str:
    return (
        f"<gmd:date><gmd:CI_Date><gmd:date><gco:Date>{value}</gco:Date></gmd:date><gmd:dateType>"
        f'<gmd:CI_DateTypeCode codeList="l" codeListValue="{kind}"/></gmd:dateType></gmd:CI_Date></gmd:date>'
    )


def resource_id(code: str, space: str = "") -> str:
    name_space = text("codeSpace", space) if space else ""
    return f"<gmd:identifier><gmd:RS_Identifier>{text('code', code)}{name_space}</gmd:RS_Identifier></gmd:identifier>"


def party(role: str, *parts: str) -> str:
    return (
        f"<gmd:pointOfContact><gmd:CI_ResponsibleParty>{''.join(parts)}<gmd:role>"
        f'<gmd:CI_RoleCode codeList="l" codeListValue="{role}"/></gmd:role></gmd:CI_ResponsibleParty>'
        "</gmd:pointOfContact>"
    )


def mail(*addresses: str) -> str:
    mails = "".join(text("electronicMailAddress", item) for item in addresses)
    return (
        f"<gmd:contactInfo><gmd:CI_Contact><gmd:address><gmd:CI_Address>{mails}</gmd:CI_Address></gmd:address>"
        "</gmd:CI_Contact></gmd:contactInfo>"
    )


def keywords(*items: str, thesaurus: str = "") -> str:
    name = (
        f"<gmd:thesaurusName><gmd:CI_Citation>{text('title', thesaurus)}</gmd:CI_Citation></gmd:thesaurusName>"
        if thesaurus
        else ""
    )
    return (
        f"<gmd:descriptiveKeywords><gmd:MD_Keywords>{''.join(items)}{name}</gmd:MD_Keywords></gmd:descriptiveKeywords>"
    )


# Roots and identifiers


@pytest.mark.parametrize("root", ["gmd:MD_Metadata", "gmi:MI_Metadata"])
def test_gmd_and_gmi_roots_are_read_alike(harvested: Read, iso: Any, root: str) -> None:
    assert harvested(iso(root=root)).subjects("dcat:Dataset") == [ID + "r1"]


@pytest.mark.parametrize("gml", ["http://www.opengis.net/gml", "http://www.opengis.net/gml/3.2"])
def test_both_namespaces_of_gml_are_read(harvested: Read, iso: Any, gml: str) -> None:
    period = (
        "<gmd:extent><gmd:EX_Extent><gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent>"
        f'<x:TimePeriod xmlns:x="{gml}"><x:beginPosition>2001</x:beginPosition><x:endPosition/></x:TimePeriod>'
        "</gmd:extent></gmd:EX_TemporalExtent></gmd:temporalElement></gmd:EX_Extent></gmd:extent>"
    )
    found = harvested(iso(identification=period))
    assert found.values("dcat:startDate") == [f'"2001"^^<{XSD}gYear>']


def test_iso_19115_3_is_read_as_iso_19139_is(harvested: Read) -> None:
    found = harvested((HERE / "record-19115-3.xml").read_bytes())
    dataset = "https://geo.example.org/id/cours-eau"
    assert found.subjects("dcat:Dataset") == [dataset]
    assert found.values("dct:title") == ['"Cours d\'eau"@fr']
    assert found.on(dataset, "dct:publisher") == [
        f"<{BASE}id/organisation/test/{identifiers.segment('Service exemple')}>"
    ]
    assert found.values("dct:modified")[-1] == f'"2024-02-01T10:00:00"^^<{XSD}dateTime>'
    assert found.values("dcat:startDate") == [f'"2001"^^<{XSD}gYear>']
    assert found.values("dcat:endDate") == []
    assert found.values("dct:format") == ["<http://publications.europa.eu/resource/authority/file-type/SHP>"]
    assert found.values("dcat:downloadURL") == ["<https://data.example.org/eau.zip>"]
    assert '"Levé de terrain."@fr' in found.values("dct:description")


def test_a_swiss_record_is_read_with_its_names_and_languages(harvested: Read) -> None:
    found = harvested((HERE / "record-che.xml").read_bytes())
    assert found.values("dct:title") == ['"Bruit"@fr', '"Lärm"@de']
    assert found.values("vcard:fn") == ['"Erika Muster"@de']


def test_a_missing_file_identifier_is_replaced_by_that_of_the_resource(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identifier="", citation=resource_id("bk-77")))
    assert found.subjects("dcat:Dataset") == [ID + "bk-77"]


def test_a_record_without_any_identifier_is_rejected(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identifier=""), iso())
    assert [(item.identifier, item.reason) for item in found.rejected] == [("0.xml", "no identifier")]


@pytest.mark.parametrize("identifier", ["a b", "urn:x:1", "../../x", "C:\\data", "https://x.example.org/?a=b", "/a/b"])
def test_an_identifier_unsafe_in_an_iri_gives_a_safe_one_of_the_source(
    harvested: Read, iso: Any, identifier: str
) -> None:
    found = harvested(iso(identifier=identifier))
    (subject,) = found.subjects("dcat:Dataset")
    assert subject.startswith(ID)
    assert subject.removeprefix(ID).isalnum()


def test_one_identifier_in_several_files_is_taken_once(harvested: Read, iso: Any) -> None:
    found = harvested(iso(), iso(title=text("title", "Autre")))
    assert found.values("dct:title") == ['"Arbres"@fr']
    assert [(item.identifier, item.reason) for item in found.rejected] == [
        ("r1", "identifier stands twice in the source")
    ]


def test_an_iri_of_the_resource_is_kept_and_one_that_two_records_claim_belongs_to_neither(
    harvested: Read, iso: Any
) -> None:
    own = harvested(iso(citation=resource_id("arbres", "https://geo.example.org/id/")))
    assert own.subjects("dcat:Dataset") == ["https://geo.example.org/id/arbres"]
    both = resource_id("https://geo.example.org/id/arbres")
    shared = harvested(iso(citation=both), iso(identifier="r2", citation=both))
    assert shared.subjects("dcat:Dataset") == [ID + "r1", ID + "r2"]


# Languages


def test_a_record_without_language_takes_that_of_the_source(harvested: Read, iso: Any) -> None:
    assert harvested(iso(language=""), language="nl").values("dct:title") == ['"Arbres"@nl']
    assert harvested(iso(language="")).values("dct:title") == ['"Arbres"']


@pytest.mark.parametrize(("code", "tag"), [("fre", "fr"), ("fra", "fr"), ("ger", "de"), ("cze", "cs"), ("dut", "nl")])
def test_three_letter_codes_of_both_kinds_become_tags(harvested: Read, iso: Any, code: str, tag: str) -> None:
    found = harvested(iso(language=f"<gmd:language><gco:CharacterString>{code}</gco:CharacterString></gmd:language>"))
    assert found.values("dct:title") == [f'"Arbres"@{tag}']


def test_a_locale_that_is_used_without_being_declared_says_its_language_by_its_name(harvested: Read, iso: Any) -> None:
    found = harvested(iso(title=free("title", "Arbres", ("#nl", "Bomen"), ("#locale-en", "Trees"))))
    assert found.values("dct:title") == ['"Arbres"@fr', '"Bomen"@nl', '"Trees"@en']


def test_a_declared_locale_counts_by_its_language_and_not_by_its_name(harvested: Read, iso: Any) -> None:
    locale = (
        '<gmd:locale><gmd:PT_Locale id="EN"><gmd:languageCode><gmd:LanguageCode codeList="l" codeListValue="ger"/>'
        "</gmd:languageCode></gmd:PT_Locale></gmd:locale>"
    )
    found = harvested(iso(head=locale, title=free("title", "Arbres", ("#EN", "Bäume"))))
    assert found.values("dct:title") == ['"Arbres"@fr', '"Bäume"@de']


def test_an_empty_localised_text_is_dropped(harvested: Read, iso: Any) -> None:
    assert harvested(iso(title=free("title", "Arbres", ("#NL", "")))).values("dct:title") == ['"Arbres"@fr']


def test_a_nil_reason_is_no_text(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification='<gmd:abstract gco:nilReason="missing"><gco:CharacterString/></gmd:abstract>'))
    assert found.values("dct:description") == []
    assert not {"missing", ""}.intersection(found.texts)


# Dates


@pytest.mark.parametrize(
    ("written", "literal"),
    [
        ("2011", f'"2011"^^<{XSD}gYear>'),
        ("2011-05", f'"2011-05"^^<{XSD}gYearMonth>'),
        ("2011-05-03", f'"2011-05-03"^^<{XSD}date>'),
        ("2011-05-03Z", f'"2011-05-03Z"^^<{XSD}date>'),
        ("2011-05-03T10:00:00", f'"2011-05-03T10:00:00"^^<{XSD}dateTime>'),
        ("1899-12-31", f'"1899-12-31"^^<{XSD}date>'),
        ("2011-02-31", '"2011-02-31"'),
        ("vers 1950", '"vers 1950"'),
    ],
)
def test_a_date_keeps_its_precision_and_is_never_padded(harvested: Read, iso: Any, written: str, literal: str) -> None:
    assert harvested(iso(citation=date(written))).values("dct:issued") == [literal]


def test_dates_go_by_their_type_and_an_unknown_type_is_left_out(harvested: Read, iso: Any) -> None:
    dates = date("2001", "creation") + date("2002", "publication") + date("2003", "revision") + date("2004", "_none_")
    found = harvested(iso(citation=dates + date("2005", "revision")))
    assert [found.values(f"dct:{name}") for name in ("created", "issued", "modified")] == [
        [f'"2001"^^<{XSD}gYear>'],
        [f'"2002"^^<{XSD}gYear>'],
        [f'"2005"^^<{XSD}gYear>'],
    ]


def test_a_record_without_citation_date_has_none(harvested: Read, iso: Any) -> None:
    found = harvested(iso())
    assert found.values("dct:issued") == found.values("dct:created") == []


# Bodies


def test_an_empty_organisation_gives_no_agent(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=party("publisher", text("organisationName", " "))))
    assert found.values("dct:publisher") == found.values("prov:agent") == []


def test_several_names_in_one_organisation_are_kept_as_they_are(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=party("publisher", text("organisationName", "Service / Dienst"))))
    assert found.values("foaf:name") == ['"Service / Dienst"@fr']


def test_an_organisation_is_one_entity_in_all_records(harvested: Read, iso: Any) -> None:
    name = text("organisationName", "Service exemple")
    found = harvested(
        iso(identification=party("publisher", name, mail("a@example.org"))),
        iso(identifier="r2", identification=party("owner", name, mail("b@example.org"))),
    )
    (body,) = found.subjects("foaf:Organization")
    assert found.on(body, "foaf:mbox") == ["<mailto:a@example.org>", "<mailto:b@example.org>"]
    assert found.values("dct:publisher") == found.values("dct:rightsHolder") == [f"<{body}>"]


def test_mail_placeholders_are_dropped_and_lists_are_split(harvested: Read, iso: Any) -> None:
    name = text("organisationName", "Service exemple")
    found = harvested(
        iso(identification=party("pointOfContact", name, mail("EMAIL", "niet beschikbaar", "a@b.example; c@d.example")))
    )
    assert found.values("vcard:hasEmail") == ["<mailto:a@b.example>", "<mailto:c@d.example>"]


@pytest.mark.parametrize("written", ["custodian", "http://x.example.org/gmxCodelists.xml#CI_RoleCode/custodian"])
def test_a_role_written_as_an_address_counts_by_its_last_part(harvested: Read, iso: Any, written: str) -> None:
    found = harvested(iso(identification=party(written, text("organisationName", "Service exemple"))))
    assert found.values("dcat:hadRole") == [f"<{CODELIST}ResponsiblePartyRole/custodian>"]
    assert len(found.values("geodcatap:custodian")) == 1


def test_a_role_from_no_known_list_is_kept_as_a_label_only(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=party("http://x.example.org/funder", text("organisationName", "Fonds"))))
    assert found.values("rdfs:label") == ['"funder"']
    assert not [value for value in found.values("dcat:hadRole") if value.startswith("<")]


# Keywords


def test_an_anchor_is_a_concept_and_its_text_no_second_keyword(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=keywords(anchor("keyword", "https://t.example.org/c/1", "Eau"))))
    assert found.values("dcat:theme") == ["<https://t.example.org/c/1>"]
    assert found.values("dcat:keyword") == []


def test_a_record_without_keywords_is_taken(harvested: Read, iso: Any) -> None:
    assert harvested(iso()).values("dcat:keyword") == []


def test_a_comma_list_in_one_keyword_is_split_but_a_label_of_a_thesaurus_is_not(harvested: Read, iso: Any) -> None:
    found = harvested(
        iso(
            identification=keywords(text("keyword", "eau, air;sol"))
            + keywords(text("keyword", "noms, lieux"), thesaurus="GEMET")
        )
    )
    assert found.values("dcat:keyword") == ['"air"@fr', '"eau"@fr', '"noms, lieux"@fr', '"sol"@fr']
    assert found.values("skos:prefLabel") == ['"noms, lieux"@fr']


def test_an_inspire_theme_given_as_text_becomes_its_iri(harvested: Read, iso: Any) -> None:
    found = harvested(
        iso(identification=keywords(text("keyword", "Sites protégés"), thesaurus="GEMET - INSPIRE themes, version 1.0"))
    )
    assert found.values("dcat:theme") == ["<http://inspire.ec.europa.eu/theme/ps>"]


def test_high_value_categories_and_topics_have_their_own_properties(harvested: Read, iso: Any) -> None:
    topic = "<gmd:topicCategory><gmd:MD_TopicCategoryCode>oceans</gmd:MD_TopicCategoryCode></gmd:topicCategory>"
    words = keywords(
        anchor("keyword", "http://data.europa.eu/bna/c_dd313021", "Observation"),
        anchor("keyword", "http://data.europa.eu/eli/reg_impl/2023/138/oj", "HVD"),
    )
    found = harvested(iso(identification=words + topic))
    assert found.values("dcatap:hvdCategory") == ["<http://data.europa.eu/bna/c_dd313021>"]
    assert found.values("dcatap:applicableLegislation") == ["<http://data.europa.eu/eli/reg_impl/2023/138/oj>"]
    assert found.values("geodcatap:topicCategory") == [f"<{CODELIST}TopicCategory/oceans>"]


# Scopes


@pytest.mark.parametrize(
    ("scope", "kind", "class_name"),
    [
        ("dataset", "gmd:MD_DataIdentification", "dcat:Dataset"),
        ("series", "gmd:MD_DataIdentification", "dcat:DatasetSeries"),
        ("service", "srv:SV_ServiceIdentification", "dcat:DataService"),
        ("", "gmd:MD_DataIdentification", "dcat:Dataset"),
        ("", "srv:SV_ServiceIdentification", "dcat:DataService"),
    ],
)
def test_the_scope_decides_the_class(harvested: Read, iso: Any, scope: str, kind: str, class_name: str) -> None:
    found = harvested(iso(scope=scope, kind=kind))
    assert len(found.subjects(class_name)) == 1


def test_an_application_is_no_dataset(harvested: Read, iso: Any) -> None:
    found = harvested(iso(scope="application"), iso(identifier="r2"))
    assert [(item.reason, item.is_dataset) for item in found.rejected] == [("scope application, not a dataset", False)]


def test_a_parent_outside_the_source_is_reported(harvested: Read, iso: Any) -> None:
    found = harvested(iso(head=text("parentIdentifier", "ailleurs")))
    assert [(item.reason, item.detail) for item in found.rejected] == [("its parent is not in the source", "ailleurs")]
