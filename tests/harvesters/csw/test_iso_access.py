"""The pitfalls counted in real ISO records (corpus, section 2.4): extents, constraints, online resources, services."""

from collections.abc import Callable
from typing import Any

import pytest

BASE = "https://catalogue.example/"
XSD = "http://www.w3.org/2001/XMLSchema#"
WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
LICENCE = "http://publications.europa.eu/resource/authority/licence/"

Read = Callable[..., Any]


def text(name: str, content: str) -> str:
    return f"<gmd:{name}><gco:CharacterString>{content}</gco:CharacterString></gmd:{name}>"


def extent(content: str) -> str:
    return f"<gmd:extent><gmd:EX_Extent>{content}</gmd:EX_Extent></gmd:extent>"


def box(west: str, east: str, south: str, north: str) -> str:
    names = ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude")
    bounds = "".join(
        f"<gmd:{name}><gco:Decimal>{value}</gco:Decimal></gmd:{name}>"
        for name, value in zip(names, (west, east, south, north), strict=True)
    )
    return extent(
        "<gmd:geographicElement><gmd:EX_GeographicBoundingBox>"
        f"{bounds}</gmd:EX_GeographicBoundingBox></gmd:geographicElement>"
    )


def period(begin: str, end: str) -> str:
    return extent(
        "<gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent><gml:TimePeriod>"
        f"{begin}{end}</gml:TimePeriod></gmd:extent></gmd:EX_TemporalExtent></gmd:temporalElement>"
    )


def online(url: str, protocol: str = "", function: str = "", name: str = "") -> str:
    parts = f"<gmd:linkage><gmd:URL>{url}</gmd:URL></gmd:linkage>"
    parts += text("protocol", protocol) if protocol else ""
    parts += text("name", name) if name else ""
    if function:
        parts += f'<gmd:function><gmd:CI_OnLineFunctionCode codeListValue="{function}"/></gmd:function>'
    return parts


def constraints(content: str, use: bool = True, access: bool = False, code: str = "otherRestrictions") -> str:
    codes = "".join(
        f'<gmd:{name}><gmd:MD_RestrictionCode codeListValue="{code}"/></gmd:{name}>'
        for name, wanted in (("accessConstraints", access), ("useConstraints", use))
        if wanted
    )
    return (
        f"<gmd:resourceConstraints><gmd:MD_LegalConstraints>{codes}{content}</gmd:MD_LegalConstraints>"
        "</gmd:resourceConstraints>"
    )


def other(content: str) -> str:
    return text("otherConstraints", content)


# Extents


@pytest.mark.parametrize("end", ["now", "unknown"])
def test_an_indeterminate_position_is_an_open_end(harvested: Read, iso: Any, end: str) -> None:
    found = harvested(
        iso(
            identification=period(
                "<gml:beginPosition>2001-01</gml:beginPosition>", f'<gml:endPosition indeterminatePosition="{end}"/>'
            )
        )
    )
    assert found.values("dcat:startDate") == [f'"2001-01"^^<{XSD}gYearMonth>']
    assert found.values("dcat:endDate") == []


def test_a_period_with_empty_positions_is_dropped(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=period("<gml:beginPosition/>", "<gml:endPosition> </gml:endPosition>")))
    assert found.values("dct:temporal") == []


def test_a_position_that_is_no_iso_date_stays_a_text(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=period("<gml:beginPosition>Jurassique</gml:beginPosition>", "")))
    assert found.values("dcat:startDate") == ['"Jurassique"']


def test_a_box_without_extension_is_a_point(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=box("4.35", "4.35", "50.85", "50.85")))
    assert found.values("dcat:centroid") == [f'"POINT(4.35 50.85)"^^<{WKT}>']
    assert found.values("dcat:bbox") == []


def test_mixed_up_west_and_east_are_put_right_and_noted(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=box("3.28", "1.31", "48.0", "49.0")))
    corners = "1.31 49.0,3.28 49.0,3.28 48.0,1.31 48.0,1.31 49.0"
    assert f'"POLYGON(({corners}))"^^<{WKT}>' in found.values("dcat:bbox")
    assert found.records[0].note == "west and east were mixed up"


def test_a_box_over_the_date_line_is_not_turned_round(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=box("170", "-170", "-10", "10")))
    assert any("POLYGON((170 10,-170 10" in value for value in found.values("dcat:bbox"))
    assert found.records[0].note == ""


def test_longitudes_from_0_to_360_become_west_and_east_of_greenwich(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=box("350", "355.5", "-10", "10")))
    assert any("POLYGON((-10 10,-4.5 10" in value for value in found.values("dcat:bbox"))


@pytest.mark.parametrize("bounds", [("4", "5", "51", "50"), ("4", "5", "50", "95"), ("x", "5", "50", "51")])
def test_a_box_that_is_none_on_this_globe_stays_readable(harvested: Read, iso: Any, bounds: tuple[str, ...]) -> None:
    found = harvested(iso(identification=box(*bounds)))
    assert found.values("dcat:bbox") == []
    assert found.values("rdfs:label") == [f'"{" ".join(bounds)}"']


def test_resolution_is_a_scale_or_a_distance_in_metres(harvested: Read, iso: Any) -> None:
    scale = (
        "<gmd:spatialResolution><gmd:MD_Resolution><gmd:equivalentScale><gmd:MD_RepresentativeFraction>"
        "<gmd:denominator><gco:Integer>10000</gco:Integer></gmd:denominator></gmd:MD_RepresentativeFraction>"
        "</gmd:equivalentScale></gmd:MD_Resolution></gmd:spatialResolution>"
    )
    distance = (
        "<gmd:spatialResolution><gmd:MD_Resolution><gmd:distance>"
        '<gco:Distance uom="km">0.5</gco:Distance></gmd:distance></gmd:MD_Resolution></gmd:spatialResolution>'
    )
    found = harvested(iso(identification=scale + distance))
    assert found.values("dqv:value") == [f'"0.0001"^^<{XSD}decimal>']
    assert found.values("dcat:spatialResolutionInMeters") == [f'"500"^^<{XSD}decimal>']


@pytest.mark.parametrize("code", ["EPSG:31370", "urn:ogc:def:crs:EPSG::31370", "urn:ogc:def:crs:EPSG:6.9:31370"])
def test_spellings_of_a_reference_system_become_one_iri(harvested: Read, iso: Any, code: str) -> None:
    system = (
        "<gmd:referenceSystemInfo><gmd:MD_ReferenceSystem><gmd:referenceSystemIdentifier><gmd:RS_Identifier>"
        f"{text('code', code)}</gmd:RS_Identifier></gmd:referenceSystemIdentifier></gmd:MD_ReferenceSystem>"
        "</gmd:referenceSystemInfo>"
    )
    found = harvested(iso(rest=system))
    assert found.values("geodcatap:referenceSystem") == ["<http://www.opengis.net/def/crs/EPSG/0/31370>"]


# Constraints


def test_a_licence_address_inside_free_text_is_found_and_the_text_kept(harvested: Read, iso: Any) -> None:
    words = "Réutilisation libre, voir https://creativecommons.org/licenses/by/4.0/."
    found = harvested(iso(identification=constraints(other(words))))
    assert found.values("dct:license") == [f"<{LICENCE}CC_BY_4_0>"]
    assert found.values("rdfs:label") == [f'"{words}"@fr']


@pytest.mark.parametrize(
    ("words", "concept"),
    [("Licence : CC BY 4.0.", "CC_BY_4_0"), ("Diffusé sous Licence Ouverte version 2.0", "ETALAB_2_0")],
)
def test_a_licence_name_inside_free_text_is_found(harvested: Read, iso: Any, words: str, concept: str) -> None:
    found = harvested(iso(identification=constraints(text("useLimitation", words), use=False)))
    assert found.values("dct:license") == [f"<{LICENCE}{concept}>"]


def test_words_that_name_no_licence_stay_a_rights_statement(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=constraints(other("Voir le service. https://x.example.org/info"))))
    assert found.values("dct:license") == []
    assert found.values("rdfs:label") == ['"Voir le service. https://x.example.org/info"@fr']


def test_a_text_that_is_an_address_alone_is_the_licence_document(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=constraints(other("https://x.example.org/licence.pdf"))))
    assert found.values("dct:license") == ["<https://x.example.org/licence.pdf>"]


def test_no_constraints_give_no_rights(harvested: Read, iso: Any) -> None:
    found = harvested(iso())
    assert found.values("dct:license") == found.values("dct:rights") == found.values("dct:accessRights") == []


def test_limitations_on_public_access_are_access_rights_and_no_licence(harvested: Read, iso: Any) -> None:
    limits = "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations"
    content = f'<gmd:otherConstraints><gmx:Anchor xlink:href="{limits}">Aucune</gmx:Anchor></gmd:otherConstraints>'
    found = harvested(iso(identification=constraints(content, use=False, access=True)))
    assert found.values("dct:accessRights") == [f"<{limits}>"]
    assert found.values("dct:license") == []


def test_a_licence_named_in_an_access_constraint_is_no_licence_to_use(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=constraints(other("CC BY 4.0 ne s'applique pas"), use=False, access=True)))
    assert found.values("dct:license") == []


def test_a_restriction_code_without_text_is_kept(harvested: Read, iso: Any) -> None:
    found = harvested(iso(identification=constraints("", code="copyright")))
    assert found.values("rdfs:label") == ['"copyright"']


# Online resources


@pytest.mark.parametrize(
    ("url", "protocol", "function", "predicate"),
    [
        ("https://x.example.org/a", "OGC:WMS-1.3.0-http-get-map", "", "dcat:accessService"),
        ("https://x.example.org/a", "http://www.opengis.net/def/serviceType/ogc/wfs", "", "dcat:accessService"),
        ("https://x.example.org/geo/wms", "", "", "dcat:accessService"),
        ("https://x.example.org/?SERVICE=WMS&amp;x=1", "", "", "dcat:accessService"),
        ("https://x.example.org/rest/services/a/MapServer", "", "", "dcat:accessService"),
        ("https://x.example.org/a.zip", "", "", "dcat:downloadURL"),
        ("https://x.example.org/a?f=1", "WWW:DOWNLOAD-1.0-http--download", "", "dcat:downloadURL"),
        ("https://x.example.org/a", "image/tiff", "", "dcat:downloadURL"),
        ("https://x.example.org/a", "", "download", "dcat:accessURL"),
        ("https://x.example.org/a.pdf", "", "information", "foaf:page"),
        ("https://x.example.org/", "WWW:LINK-1.0-http--link", "", "dcat:landingPage"),
        ("https://x.example.org/swms-info", "", "", "dcat:landingPage"),
    ],
)
def test_protocol_then_address_then_type_decide_what_an_online_resource_is(
    harvested: Read, iso: Any, url: str, protocol: str, function: str, predicate: str
) -> None:
    found = harvested(iso(online=online(url, protocol, function)))
    names = ("dcat:accessService", "dcat:downloadURL", "dcat:accessURL", "foaf:page", "dcat:landingPage")
    present = [name for name in names if found.values(name)]
    assert present[0] == predicate
    assert found.rejected == []


def test_a_service_of_a_dataset_has_its_endpoint_and_protocol(harvested: Read, iso: Any) -> None:
    found = harvested(iso(online=online("https://x.example.org/ows?service=WFS&amp;request=GetCapabilities")))
    (service,) = found.subjects("dcat:DataService")
    assert found.on(service, "dcat:endpointURL") == ["<https://x.example.org/ows>"]
    assert found.on(service, "geodcatap:serviceProtocol") == ["<http://www.opengeospatial.org/standards/wfs>"]


def test_a_service_without_name_or_description_is_titled_as_its_dataset(harvested: Read, iso: Any) -> None:
    found = harvested(iso(online=online("https://x.example.org/wms", "OGC:WMS")))
    (service,) = found.subjects("dcat:DataService")
    assert found.on(service, "dct:title") == ['"Arbres"@fr']


def test_an_empty_address_is_no_online_resource(harvested: Read, iso: Any) -> None:
    found = harvested(iso(online=online(" ", "OGC:WMS")))
    assert (found.values("dcat:distribution"), found.rejected) == ([], [])


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("s3://bucket/a.tif", "it begins with 's3:'"),
        ("Server=gis; Service=5151; User=x; Password=secret", "it has no scheme"),
        ("../data/a.zip", "it has no scheme"),
        ("www.example.org/a.zip", "it has no scheme"),
        ("http://", "it begins with 'http:'"),
    ],
)
def test_an_address_that_is_none_on_the_web_is_reported_without_showing_it(
    harvested: Read, iso: Any, url: str, detail: str
) -> None:
    found = harvested(iso(online=online(url, function="download")))
    assert [(item.identifier, item.reason, item.detail) for item in found.rejected] == [
        ("r1", "online resource without a web address", detail)
    ]
    assert found.values("dcat:distribution") == []


def test_layers_of_one_service_are_several_distributions_whatever_their_order(harvested: Read, iso: Any) -> None:
    first = online("https://x.example.org/wms", "OGC:WMS", name="routes")
    second = online("https://x.example.org/wms", "OGC:WMS", name="arbres")
    split = "</gmd:CI_OnlineResource></gmd:onLine><gmd:onLine><gmd:CI_OnlineResource>"
    one, two = harvested(iso(online=first + split + second)), harvested(iso(online=second + split + first))
    assert len(one.subjects("dcat:Distribution")) == 2
    assert {str(item) for item in one.triples if "Blank" not in repr(item)} == {
        str(item) for item in two.triples if "Blank" not in repr(item)
    }


def test_transfer_size_in_megabytes_becomes_octets(harvested: Read, iso: Any) -> None:
    record = iso(online=online("https://x.example.org/a.zip")).xml()
    size = "<gmd:transferSize><gco:Real>1.5</gco:Real></gmd:transferSize>"
    found = harvested(record.replace("<gmd:onLine>", size + "<gmd:onLine>", 1))
    assert found.values("dcat:byteSize") == [f'"1500000"^^<{XSD}nonNegativeInteger>']


def test_a_service_record_names_its_endpoint_type_and_datasets(harvested: Read, iso: Any) -> None:
    address = "https://x.example.org/csw?request=GetRecordById&amp;id=r1"
    parts = (
        "<srv:serviceType><gco:LocalName>view</gco:LocalName></srv:serviceType>"
        f'<srv:operatesOn xlink:href="{address}"/><srv:operatesOn xlink:href="https://y.example.org/csw?id=zz"/>'
    )
    service = iso(
        identifier="s1", scope="service", kind="srv:SV_ServiceIdentification", identification=parts,
        online=online("https://x.example.org/wms?service=WMS"),
    )  # fmt: skip
    found = harvested(service, iso())
    assert found.values("dcat:servesDataset") == [f"<{BASE}id/dataset/test/r1>"]
    assert found.values("dct:relation") == ["<https://y.example.org/csw?id=zz>"]
    assert found.values("dcat:endpointURL") == ["<https://x.example.org/wms>"]
    assert found.values("geodcatap:serviceType") == [
        "<http://inspire.ec.europa.eu/metadata-codelist/SpatialDataServiceType/view>"
    ]


def test_a_dataset_of_a_service_that_nothing_is_known_of_is_reported(harvested: Read, iso: Any) -> None:
    parts = '<srv:operatesOn uuidref="ailleurs"/>'
    found = harvested(iso(scope="service", kind="srv:SV_ServiceIdentification", identification=parts))
    assert [(item.reason, item.detail) for item in found.rejected] == [("its dataset is not in the source", "ailleurs")]


def test_a_page_that_many_records_title_differently_has_one_title(harvested: Read, iso: Any) -> None:
    url = "https://portail.example.org/"
    found = harvested(
        iso(online=online(url, name="Portail B")), iso(identifier="r2", online=online(url, name="Portail A"))
    )
    assert found.on(url, "dct:title") == ['"Portail A"@fr']


def test_equal_contacts_are_written_once(harvested: Read, iso: Any) -> None:
    contact = (
        "<gmd:pointOfContact><gmd:CI_ResponsibleParty>"
        + text("organisationName", "Service exemple")
        + '<gmd:role><gmd:CI_RoleCode codeListValue="pointOfContact"/></gmd:role></gmd:CI_ResponsibleParty>'
        "</gmd:pointOfContact>"
    )
    found = harvested(iso(identification=contact * 50))
    assert len(found.values("vcard:fn")) == len(found.values("dcat:contactPoint")) == 1
