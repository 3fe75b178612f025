"""What portals send in JSON (corpus README, 2.2, 2.3, 2.5 and 2.6), from its octets to the ledger, by its name."""

from collections.abc import Callable
from typing import Any

import pytest

EU = "http://publications.europa.eu/resource/authority"
DATASET = "?s a dcat:Dataset . ?s"
Harvested = Callable[..., Any]


@pytest.fixture
def package(harvested: Harvested) -> Harvested:
    """Harvest one CKAN package with these fields."""

    def harvest(keys: dict[str, Any] | None = None, **fields: Any) -> Any:
        return harvested(
            "ckan",
            {"id": "a", "name": "a", "title": "Arbres", "state": "active", **fields},
            **{"language": "fr", **(keys or {})},
        )

    return harvest


@pytest.fixture
def hub(harvested: Harvested) -> Harvested:
    """Harvest a data.json with one dataset that has these fields."""

    def harvest(**fields: Any) -> Any:
        return harvested("datajson", {"dataset": [{"identifier": "a", "title": "Arbres", **fields}]}, language="en")

    return harvest


@pytest.fixture
def entry(harvested: Harvested) -> Harvested:
    """Harvest a catalogue of Opendatasoft with one entry that has these metadata."""

    def harvest(**fields: Any) -> Any:
        metas = {"default": {"title": "Arbres", **fields}}
        return harvested(
            "opendatasoft", {"total_count": 1, "results": [{"dataset_id": "a", "metas": metas}]}, language="fr"
        )

    return harvest


@pytest.fixture
def udata(harvested: Harvested) -> Harvested:
    """Harvest one dataset of udata with these fields."""

    def harvest(**fields: Any) -> Any:
        return harvested("udata", {"id": "a", "slug": "a", "title": "Arbres", "resources": [], **fields}, language="fr")

    return harvest


# CKAN


def test_a_private_package_is_dropped_before_anything_of_it_is_stored(package: Harvested) -> None:
    out = package(private=True, title="Secret")
    assert (out.report.found, out.report.published, out.report.rejected) == (1, 0, {"private": 1})
    assert not out.holds("?s ?p ?o FILTER(CONTAINS(STR(?o), 'Secret'))")


def test_the_publisher_of_a_package_without_organisation_is_that_of_the_source(package: Harvested) -> None:
    out = package({"publisher": "Ville exemple"}, organization=None)
    assert out.values("dct:publisher/foaf:name", DATASET) == ["Ville exemple@fr"]


def test_a_package_without_mail_address_has_no_contact_made_up(package: Harvested) -> None:
    out = package(author="", maintainer="3f2a-77", author_email=None)
    assert (out.report.published, out.values("dcat:contactPoint/vcard:hasEmail")) == (1, [])


def test_times_of_ckan_without_zone_are_utc(package: Harvested) -> None:
    out = package(metadata_modified="2020-07-02T10:00:00.123456")
    assert out.values("dct:modified", DATASET)[0].startswith("2020-07-02T10:00:00")


def test_dates_of_dkan_in_french_are_read(package: Harvested) -> None:
    out = package(metadata_modified="Date changed  jeu, 19/12/2019 - 11:00", metadata_created="mar, 10/12/2019 - 09:23")
    assert out.values("dct:issued", DATASET)[0].startswith("2019-12-10")
    assert out.values("dct:modified", DATASET)[0].startswith("2019-12-19")


def test_dates_in_extras_are_read_from_known_keys_only(package: Harvested) -> None:
    out = package(extras=[{"key": "issued", "value": "2019-01-02"}, {"key": "couleur", "value": "2018-01-01"}])
    assert out.values("dct:issued", DATASET) == ["2019-01-02"]
    assert not out.holds("?s ?p ?o FILTER(CONTAINS(STR(?o), '2018-01-01'))")


def test_a_licence_not_specified_is_none_and_an_id_is_looked_up(package: Harvested) -> None:
    files = [{"id": "r", "url": "https://ville.example.org/a.csv", "format": "CSV"}]
    assert package(license_id="notspecified", resources=files).values("dct:license") == []
    assert package(license_id="cc-by", license_title="x", resources=files).values("dct:license") != []


def test_markdown_and_html_in_notes_are_rendered_safely(package: Harvested) -> None:
    (text,) = package(notes="# Arbres\r\n\r\n<p>Tous <script>alert(1)</script>les arbres</p>").values("dct:description")
    assert "script" not in text
    assert "\r" not in text
    assert "les arbres" in text


def test_json_inside_texts_is_decoded_for_known_keys_and_mojibake_in_it_restored(package: Harvested) -> None:
    extras = [{"key": "theme", "value": '["http://publications.europa.eu/resource/authority/data-theme/TRAN"]'}]
    out = package(title="Donn\u00c3\u00a9es \u00c2\u00a9 ville", extras=extras)
    assert out.values("dct:title", DATASET) == ["Données © ville@fr"]
    assert out.values("dcat:theme") == [f"{EU}/data-theme/TRAN"]
    assert "mojibake" in out.rules


def test_resources_with_odd_sizes_formats_and_addresses(package: Harvested) -> None:
    files = [
        {
            "id": "a",
            "url": " https://ville.example.org/a b.csv ",
            "size": "42 octets",
            "format": "csv",
            "mimetype": None,
            "name": None,
        },
        {"id": "b", "url": "https://ville.example.org/b", "size": "4681 bytes", "format": "", "mimetype": "xlsx"},
        {"id": "c", "url": "http://<<MOCK>>/c", "format": "CSV"},
    ]
    out = package(resources=files)
    assert out.values("dcat:byteSize") == ["42", "4681"]
    assert {f"{EU}/file-type/CSV", f"{EU}/file-type/XLSX"} <= set(out.values("dct:format"))
    assert "https://ville.example.org/a%20b.csv" in out.values("dcat:accessURL")
    assert not out.holds("?s dcat:accessURL ?o FILTER(ISIRI(?o) && CONTAINS(STR(?o), 'MOCK'))")


def test_one_title_or_name_twice_is_two_datasets_and_one_id_twice_is_one(harvested: Harvested) -> None:
    one = {"id": "a", "name": "arbres", "title": "Arbres", "state": "active"}
    out = harvested("ckan", [one, {**one, "id": "b"}, one], language="fr")
    assert (out.report.found, out.report.published) == (3, 2)
    assert out.report.rejected == {"identifier stands twice in the source": 1}


# data.json and ArcGIS Hub


def test_a_template_left_in_a_description_is_a_missing_description(hub: Harvested) -> None:
    out = hub(description="{{description}}")
    assert out.values("dct:description") == []
    assert out.found("dct:description")


def test_html_in_a_description_of_a_hub_is_sanitised(hub: Harvested) -> None:
    (text,) = hub(description='<div style="x"><p onclick="y()">All the trees</p><script>z()</script></div>').values(
        "dct:description"
    )
    assert text == "<p>All the trees</p>@en"


def test_free_text_as_licence_of_a_hub_is_a_rights_statement(hub: Harvested) -> None:
    out = hub(license="<p>This data is given as it is.</p>", distribution=[{"accessURL": "https://hub.example.org/a"}])
    assert out.values("dct:license") == []
    assert out.holds("?s dct:rights ?r . ?r ?p ?o FILTER(CONTAINS(STR(?o), 'as it is'))")


@pytest.mark.parametrize(
    ("mail", "mailboxes", "pages"),
    [("info@ville.example.org", ["mailto:info@ville.example.org"], []),
     ("mailto: info@ville.example.org", ["mailto:info@ville.example.org"], []),
     ("https://ville.example.org/c", [], ["https://ville.example.org/c"]), (None, [], [])],
)  # fmt: skip
def test_a_contact_of_a_hub_without_mailto_or_with_a_page(
    mail: str | None, mailboxes: list[str], pages: list[str], hub: Harvested
) -> None:
    out = hub(contactPoint={"fn": "Guichet", "hasEmail": mail})
    assert out.values("dcat:contactPoint/vcard:hasEmail") == mailboxes
    assert out.values("dcat:contactPoint/vcard:hasURL") == pages


def test_keywords_in_one_text_of_a_hub_are_split_and_empty_ones_dropped(hub: Harvested) -> None:
    assert hub(keyword=["tree; park; bench", ""]).values("dcat:keyword") == ["bench@en", "park@en", "tree@en"]


def test_a_media_type_that_says_nothing_gives_way_to_the_format(hub: Harvested) -> None:
    out = hub(
        distribution=[
            {"downloadURL": "https://hub.example.org/a.csv", "mediaType": "application/octet-stream", "format": "CSV"}
        ]
    )
    assert out.values("dct:format") == [f"{EU}/file-type/CSV"]
    assert "https://www.iana.org/assignments/media-types/application/octet-stream" not in out.values("dcat:mediaType")


def test_an_interval_in_the_place_of_a_date_of_change_is_the_frequency(hub: Harvested) -> None:
    out = hub(modified="R/P1W")
    assert (out.values("dct:modified", DATASET), out.values("dct:accrualPeriodicity")) == (
        [],
        [f"{EU}/frequency/WEEKLY"],
    )


@pytest.mark.parametrize(
    ("spatial", "box"),
    [("4.2,50.7,4.5,50.9", True), ("4.5,50.9,4.2,50.7", True), ("4.5,50.9,4.5,50.9", False), ("{{extent}}", False)],
)
def test_a_box_reversed_a_point_and_a_template_in_the_place_of_a_box(spatial: str, box: bool, hub: Harvested) -> None:
    out = hub(spatial=spatial)
    assert bool(out.values("dct:spatial/dcat:bbox")) is box
    assert bool(out.values("dct:spatial/dcat:centroid")) is spatial.startswith("4.5,50.9,4.5")


# Opendatasoft


def test_html_in_a_description_of_opendatasoft_is_sanitised(entry: Harvested) -> None:
    (text,) = entry(description="<p>Les arbres<script>x()</script> de la <b>ville</b></p>").values("dct:description")
    assert "script" not in text
    assert "arbres" in text


@pytest.mark.parametrize(
    ("words", "code"), [("ODbL Paris", "ODC_BL"), ("ODBl Paris", "ODC_BL"), ("Licence Ouverte data.gouv.fr", "")]
)
def test_a_licence_in_a_portals_own_words_is_looked_up_and_no_other_is_invented(
    words: str, code: str, entry: Harvested
) -> None:
    found = entry(license=words).values("dct:license|dcat:distribution/dct:license", DATASET)
    assert all(item.startswith(("http://publications.europa.eu/", "https://www.etalab")) for item in found)
    assert found == ([f"{EU}/licence/{code}"] if code else found[:1])


@pytest.mark.parametrize("words", ["Annuelle", "annuelle", "Annuel", "Yearly"])
def test_a_frequency_in_any_case_and_language_is_that_of_the_eu_list(words: str, harvested: Harvested) -> None:
    metas = {"default": {"title": "Arbres"}, "dcat": {"accrualperiodicity": words}}
    out = harvested("opendatasoft", [{"dataset_id": "a", "metas": metas}], language="fr")
    assert out.values("dct:accrualPeriodicity") == [f"{EU}/frequency/ANNUAL"]


@pytest.mark.parametrize(
    ("words", "start"),
    [("2009-2012", "2009"), ("01/01/2012 / 31/12/2013", "2012-01-01"), ("01-01-12 / 31-12-13", "2012-01-01")],
)
def test_a_period_in_free_text_is_read(words: str, start: str, harvested: Harvested) -> None:
    metas = {"default": {"title": "Arbres"}, "dcat": {"temporal": words}}
    out = harvested("opendatasoft", [{"dataset_id": "a", "metas": metas}], language="fr")
    assert out.values("dct:temporal/dcat:startDate") == [start]


def test_a_place_that_is_a_frequency_stays_a_label_and_becomes_no_place_of_a_list(harvested: Harvested) -> None:
    metas = {"default": {"title": "Arbres"}, "dcat": {"spatial": "annuelle"}}
    out = harvested("opendatasoft", [{"dataset_id": "a", "metas": metas}], language="fr")
    assert not [item for item in out.values("dct:spatial") if item.startswith(EU)]


def test_a_reference_without_scheme_becomes_an_address_only_where_it_surely_is_one(entry: Harvested) -> None:
    assert (
        entry(references="www.ville.example.org/a")
        .values("foaf:page|dcat:landingPage", DATASET)[-1]
        .endswith("ville.example.org/a")
    )


# udata


def test_a_frequency_of_udata_becomes_that_of_the_eu_list(udata: Harvested) -> None:
    assert udata(frequency="semiannual").values("dct:accrualPeriodicity") == [f"{EU}/frequency/ANNUAL_2"]


def test_a_licence_of_null_in_udata_is_none_and_a_media_type_of_null_comes_of_the_format(udata: Harvested) -> None:
    out = udata(
        license=None,
        resources=[{"id": "r", "type": "main", "url": "https://x.example.org/a", "format": "csv", "mime": None}],
    )
    assert out.values("dct:license") == []
    assert out.values("dct:format") == [f"{EU}/file-type/CSV"]


@pytest.mark.parametrize(
    ("words", "code"), [("www", "HTML"), ("page web", "HTML"), ("shapefile", "SHP"), ("gtfs", "GTFS")]
)
def test_a_format_in_words_of_udata_is_looked_up(words: str, code: str, udata: Harvested) -> None:
    out = udata(resources=[{"id": "r", "type": "main", "url": "https://x.example.org/a", "format": words}])
    assert out.values("dct:format") == [f"{EU}/file-type/{code}"]


def test_markdown_with_html_in_udata_is_safe(udata: Harvested) -> None:
    (text,) = udata(description="**Arbres** <img src=x onerror=alert(1)> et [lien](https://ville.example.org)").values(
        "dct:description"
    )
    assert "onerror" not in text
    assert "Arbres" in text


def test_a_period_in_brackets_is_read_with_open_ends(package: Harvested) -> None:
    out = package(extras=[{"key": "temporal", "value": "[2012-01-01 TO 2013-12-31]"}])
    assert out.values("dct:temporal/dcat:startDate") == ["2012-01-01"]
    assert out.values("dct:temporal/dcat:endDate") == ["2013-12-31"]


def test_the_rdf_export_of_opendatasoft_is_read_with_its_faults_mended(harvested: Harvested) -> None:
    head = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n"
    listing = "dcat:dataset <https://ville.example.org/a>"
    catalogue = f'<https://ville.example.org/> a dcat:Catalog ; dct:title "Ville"@fr ; {listing} .'
    dataset = (
        '<https://ville.example.org/a> a dcat:Dataset ; dct:title "Arbres"@fr ; dct:modified "2020-01-02" ; '
        'dcat:keyword "arbre; parc; banc"@fr ; dcat:theme <https://ville.example.org/thèmes/Été> ; '
        "dcat:distribution <https://ville.example.org/d> . <https://ville.example.org/d> a dcat:Distribution ; "
        'dcat:accessURL <https://ville.example.org/a.csv> ; dct:mediaType "text/csv" .'
    )
    out = harvested("dcat", {"1.ttl": head + catalogue + dataset, "2.ttl": head + catalogue}, language="fr")
    assert (out.report.found, out.report.published) == (1, 1)
    assert out.values("dcat:keyword") == ["arbre@fr", "banc@fr", "parc@fr"]
    assert out.values("dcat:mediaType") == ["https://www.iana.org/assignments/media-types/text/csv"]
    assert out.values("dcat:theme") == []
    assert {"wrong-term", "keyword-list", "theme-to-subject", "date-type"} <= out.rules
