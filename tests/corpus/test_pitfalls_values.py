"""Dates, codes, licences, files and terms of DCAT graphs (corpus README, 2.1), through the whole process."""

from collections.abc import Callable
from typing import Any

import pytest

HEAD = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix schema: <http://schema.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
IRI = "<https://ville.example.org/arbres>"
EU = "http://publications.europa.eu/resource/authority"
CC0 = f"{EU}/licence/CC0"
CSV = f"{EU}/file-type/CSV"
Harvested = Callable[..., Any]


@pytest.fixture
def dataset(harvested: Harvested) -> Harvested:
    """Harvest one dataset with these further properties in Turtle."""

    def harvest(more: str, after: str = "", **keys: Any) -> Any:
        more = f"; {more}" if more else ""
        return harvested("dcat", f'{HEAD}{IRI} a dcat:Dataset ; dct:title "Arbres"@fr {more} . {after}', **keys)

    return harvest


@pytest.fixture
def file(dataset: Harvested) -> Harvested:
    """Harvest one dataset with one distribution that has these properties."""

    def harvest(more: str, url: str = "<https://ville.example.org/a>", on_dataset: str = "", **keys: Any) -> Any:
        about = f"<https://ville.example.org/d> a dcat:Distribution {f'; dcat:accessURL {url}' if url else ''}"
        return dataset(f"{on_dataset} dcat:distribution <https://ville.example.org/d>", f"{about} ; {more} .", **keys)

    return harvest


def test_a_missing_date_stays_missing_and_is_never_that_of_the_harvest(dataset: Harvested) -> None:
    assert dataset("").values("dct:issued|dct:modified", IRI) == []


def test_of_several_dates_the_earliest_is_issued_and_the_latest_modified(dataset: Harvested) -> None:
    dates = '"2020-01-02"^^xsd:date, "2021-03-04"^^xsd:date'
    out = dataset(f"dct:issued {dates} ; dct:modified {dates}")
    assert (out.values("dct:issued", IRI), out.values("dct:modified", IRI)) == (["2020-01-02"], ["2021-03-04"])
    assert {"one-issued", "one-modified"} <= out.rules


@pytest.mark.parametrize(
    ("literal", "typed"),
    [('"2020-01-02"', '"2020-01-02"^^xsd:date'), ('"2 janvier 2020"', '"2020-01-02"^^xsd:date'),
     ('"2020-01-02T10:00:00"^^xsd:date', '"2020-01-02T10:00:00"^^xsd:dateTime'),
     ('"2012"^^xsd:date', '"2012"^^xsd:gYear'),
     ('" 2020-01-02 "^^xsd:date', '"2020-01-02"^^xsd:date'),
     ('"2012-05-10T21:04"^^xsd:dateTime', '"2012-05-10T21:04:00"^^xsd:dateTime')],
)  # fmt: skip
def test_a_plain_or_ill_typed_date_is_typed_by_what_it_says(literal: str, typed: str, dataset: Harvested) -> None:
    out = dataset(f"dct:issued {literal}", language="fr")
    assert out.holds(f"{IRI} dct:issued {typed}"), out.values("dct:issued", IRI)
    assert out.rules & {"date-type", "date-in-words"}


def test_a_time_without_zone_gets_that_of_the_source_and_otherwise_none(dataset: Harvested) -> None:
    text = 'dct:issued "2020-07-02T10:00:00"^^xsd:dateTime'
    assert dataset(text).values("dct:issued", IRI) == ["2020-07-02T10:00:00"]
    assert dataset(text, timezone="Europe/Brussels").values("dct:issued", IRI) == ["2020-07-02T10:00:00+02:00"]


@pytest.mark.parametrize(
    ("year", "severities"),
    [("0023", ["Info"]), ("1571", ["Info"]), ("1893", ["Info"]), ("1900", []), ("2999", ["Info"])],
)
def test_an_implausible_year_is_kept_and_named(year: str, severities: list[str], dataset: Harvested) -> None:
    out = dataset(f'dct:issued "{year}-01-01"^^xsd:date')
    assert out.values("dct:issued", IRI) == [f"{year}-01-01"]
    assert out.severities("dataset-issued-year") == severities


@pytest.mark.parametrize(
    "value",
    ["<http://purl.org/cld/freq/annual>", '"Annuelle"', '"yearly"', '[ rdfs:label "annual" ]',
     "<http://inspire.ec.europa.eu/metadata-codelist/MaintenanceFrequency/annually>"],
)  # fmt: skip
def test_a_frequency_of_another_list_becomes_that_of_the_eu(value: str, dataset: Harvested) -> None:
    assert dataset(f"dct:accrualPeriodicity {value}").values("dct:accrualPeriodicity") == [f"{EU}/frequency/ANNUAL"]


def test_an_unknown_frequency_stays_as_it_is_and_is_reported(dataset: Harvested) -> None:
    out = dataset("dct:accrualPeriodicity <https://ville.example.org/frequences/quand-on-peut>")
    assert out.values("dct:accrualPeriodicity") == ["https://ville.example.org/frequences/quand-on-peut"]
    assert out.found("dct:accrualPeriodicity")


@pytest.mark.parametrize(("end", "kept"), [("1900-01-01", []), ("2001-01-01", ["2001-01-01"])])
def test_an_end_before_its_start_is_open_if_it_is_a_sentinel_and_otherwise_kept(
    end: str, kept: list[str], dataset: Harvested
) -> None:
    period = f'[ a dct:PeriodOfTime ; dcat:startDate "2010-01-01"^^xsd:date ; dcat:endDate "{end}"^^xsd:date ]'
    out = dataset(f"dct:temporal {period}")
    assert out.values("dct:temporal/dcat:startDate") == ["2010-01-01"]
    assert out.values("dct:temporal/dcat:endDate") == kept


def test_periods_in_terms_of_schema_org_or_in_words_are_read_and_empty_ones_dropped(dataset: Harvested) -> None:
    form = '[ schema:startDate "2010-01-01"^^xsd:date ; schema:endDate "2011-01-01"^^xsd:date ]'
    out = dataset(f'dct:temporal {form}, "2015-2016", [ a dct:PeriodOfTime ]')
    assert [value[:4] for value in out.values("dct:temporal/dcat:startDate")] == ["2010", "2015"]
    assert not out.holds("?s dct:temporal ?t FILTER NOT EXISTS { ?t dcat:startDate ?d }")


def test_a_place_in_words_is_looked_up_or_a_place_of_that_name(dataset: Harvested) -> None:
    assert dataset('dct:spatial "Belgique"@fr').values("dct:spatial") == [f"{EU}/country/BEL"]
    assert dataset('dct:spatial "Quartier exemple"@fr').values("dct:spatial/(skos:prefLabel|rdfs:label)") == [
        "Quartier exemple@fr"
    ]


def test_an_empty_place_is_dropped(dataset: Harvested) -> None:
    assert dataset("dct:spatial [ a dct:Location ]").values("dct:spatial") == []


def test_an_iri_of_geonames_becomes_that_of_the_eu_list(dataset: Harvested) -> None:
    out = dataset("dct:spatial <https://sws.geonames.org/2802361/>")
    assert f"{EU}/country/BEL" in out.values("dct:spatial")


@pytest.mark.parametrize(("text", "code"), [("es", "SPA"), ("ca", "CAT"), ("eng", "ENG"), ("en-US", "ENG")])
def test_a_language_written_as_text_becomes_that_of_the_eu_list(text: str, code: str, dataset: Harvested) -> None:
    assert dataset(f'dct:language "{text}"').values("dct:language") == [f"{EU}/language/{code}"]


def test_a_missing_licence_is_a_warning_and_never_invented(file: Harvested) -> None:
    out = file('dct:title "a"@fr')
    assert out.values("dct:license") == []
    assert out.severities("distribution-license") == ["Warning"]


def test_a_licence_on_the_dataset_only_counts_for_its_files_by_a_named_rule(file: Harvested) -> None:
    out = file('dct:title "a"@fr', on_dataset="dct:license <https://creativecommons.org/publicdomain/zero/1.0/> ;")
    assert out.values("dct:license", "<https://ville.example.org/d>") == [CC0]
    assert "licence-from-dataset" in out.rules


@pytest.mark.parametrize("value", ['"CC0"', '[ a dct:LicenseDocument ; rdfs:label "CC0 1.0" ]'])
def test_a_licence_as_text_or_blank_node_is_looked_up(value: str, file: Harvested) -> None:
    assert file(f"dct:license {value}").values("dct:license") == [CC0]


def test_free_text_as_licence_is_a_rights_statement_and_an_empty_one_nothing(file: Harvested) -> None:
    out = file('dct:license "Demander à l\'accueil avant tout usage."@fr')
    assert out.values("dct:license") == []
    assert out.holds("?s dct:rights/(rdfs:label|dct:description)? ?o FILTER(CONTAINS(STR(?o), 'accueil'))")
    assert file('dct:license ""').values("dct:license|dct:rights") == []


@pytest.mark.parametrize(
    "iri",
    ["http://www.opendefinition.org/licenses/cc-zero", "https://creativecommons.org/publicdomain/zero/1.0/deed.fr",
     "http://data.vlaanderen.be/id/licentie/creative-commons-zero-verklaring/v1.0"],
)  # fmt: skip
def test_a_well_known_licence_under_a_private_iri_is_that_of_the_eu_list(iri: str, file: Harvested) -> None:
    assert file(f"dct:license <{iri}>").values("dct:license") == [CC0]


def test_an_unknown_licence_stays_unknown(file: Harvested) -> None:
    out = file("dct:license <https://ville.example.org/licence-maison>")
    assert out.values("dct:license") == ["https://ville.example.org/licence-maison"]


def test_a_format_that_is_missing_is_guessed_from_the_address_and_marked_so(file: Harvested) -> None:
    out = file("dcat:downloadURL <https://ville.example.org/arbres.csv>")
    assert out.values("dct:format") == [CSV]
    assert "format-by-extension" in out.rules


@pytest.mark.parametrize(
    "value", ['"csv"', '"CSV "', '[ a dct:MediaTypeOrExtent ; rdf:value "text/csv" ; rdfs:label "CSV" ]', "<CSV>"]
)
def test_a_format_as_text_blank_node_or_relative_iri_is_looked_up(value: str, file: Harvested) -> None:
    assert file(f"dct:format {value}").values("dct:format") == [CSV]


@pytest.mark.parametrize(
    ("value", "expected"),
    [('"text/csv"', ["https://www.iana.org/assignments/media-types/text/csv"]),
     ('"ZIP"', ["https://www.iana.org/assignments/media-types/application/zip"]), (f"<{CSV}>", [])],
)  # fmt: skip
def test_a_media_type_as_text_is_that_of_iana_and_one_that_is_a_format_goes_there(
    value: str, expected: list[str], file: Harvested
) -> None:
    out = file(f"dcat:mediaType {value}")
    if expected:
        assert out.values("dcat:mediaType") == expected
    else:
        assert out.values("dct:format") == [CSV]


def test_an_address_as_text_is_a_link_and_the_download_address_alone_the_access_address_too(file: Harvested) -> None:
    assert file('dct:title "a"@fr', url='"https://ville.example.org/a"').values("dcat:accessURL") == [
        "https://ville.example.org/a"
    ]
    out = file("dcat:downloadURL <https://ville.example.org/b>", url="")
    assert out.values("dcat:accessURL") == ["https://ville.example.org/b"]


def test_a_distribution_without_any_address_is_a_finding(file: Harvested) -> None:
    assert file('dct:title "a"@fr', url="").found("dcat:accessURL")


def test_an_internal_host_is_no_link(file: Harvested) -> None:
    out = file('dct:title "a"@fr', url="<http://localhost:8080/rest/a>, <https://ville.example.org/a>")
    assert out.values("dcat:accessURL") == ["https://ville.example.org/a"]
    assert "address-internal" in out.rules


def test_an_address_inside_another_is_not_repaired(file: Harvested) -> None:
    url = "https://wcs.example.org/?service=CSW&u=http://b.example.org/a"
    assert file('dct:title "a"@fr', url=f"<{url}>").values("dcat:accessURL") == [url]


def test_a_distribution_without_title_is_named_and_has_none_made_up(file: Harvested) -> None:
    out = file(f"dct:format <{CSV}>")
    assert out.values("dct:title", "<https://ville.example.org/d>") == []
    assert out.severities("distribution-title") == ["Info"]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("dct:frequency", "dct:accrualPeriodicity"), ("dcat:accessRights", "dct:accessRights"),
     ("dct:updated", "dct:modified"),
     ("dcat:identifier", "dct:identifier"), ("dcat:title", "dct:alternative|dct:title"), ("foaf:Page", "foaf:page")],
)  # fmt: skip
def test_a_property_that_does_not_exist_is_renamed_by_a_named_rule(wrong: str, right: str, dataset: Harvested) -> None:
    value = {"dct:updated": '"2020-01-01"^^xsd:date', "foaf:Page": "<https://ville.example.org/p>"}.get(wrong, '"x"')
    out = dataset(f"{wrong} {value}")
    assert "wrong-term" in out.rules
    assert out.values(right, IRI)
    assert out.values(wrong, IRI) == []


def test_an_address_with_accents_blanks_or_relative_is_percent_encoded_and_made_absolute(dataset: Harvested) -> None:
    out = dataset("dcat:landingPage <forêt a.html>", base="https://ville.example.org/pages/")
    assert out.values("dcat:landingPage") == ["https://ville.example.org/pages/for%C3%AAt%20a.html"]
