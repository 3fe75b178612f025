"""Formats, media types and sizes: declared, mixed up, guessed by address, sniffed."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillon.records import Entity
from maillon.repair import Context, repair
from maillon.repair.filetypes import EU, IANA, file_type, media_type
from maillon.repair.formats import RULES
from maillon.repair.guesses import by_address
from maillon.repair.sizes import octets


@pytest.mark.parametrize(
    ("text", "code"),
    [("ESRI Shapefile", "SHP"), ("shp", "SHP"), (".csv", "CSV"), ("text/csv; charset=utf-8", "CSV"), ("gtfs", "GTFS"),
     ("GeoJSON", "GEOJSON"), ("XSLX", "XLSX"), ("http://data.gov.be/.well-known/genid/fmt/csv", "CSV"),
     ("https://example.org/feeds/CSV", "CSV"), ("https://www.iana.org/assignments/media-types/text/csv", "CSV"),
     ("https://publications.europa.eu/resource/authority/file-type/CSV", "CSV"), ("page web", "HTML")],
)  # fmt: skip
def test_a_format_is_recognised_however_it_is_written(text: str, code: str) -> None:
    assert file_type(text) == EU + code


@pytest.mark.parametrize(
    "text",
    ["CSV JSON XML", "API", "link", EU + "NO_SUCH_TYPE", "http://data.gov.be/.well-known/genid/8d4ad469-6eff05", ""],
)
def test_a_format_that_no_list_knows_is_none(text: str) -> None:
    assert file_type(text) is None


def test_media_types_are_those_of_iana_with_https() -> None:
    assert media_type("http://www.iana.org/assignments/media-types/text/csv") == IANA + "text/csv"
    assert media_type("text/csv; charset=utf-8") == IANA + "text/csv"
    assert media_type("notareal/type") is None


@pytest.mark.parametrize(
    ("address", "guess"),
    [("https://x.test/a.shp.zip", ("SHP", "application/zip")), ("https://x.test/a.csv?v=1", ("CSV", "")),
     ("https://x.test/export?format=csv", ("CSV", "")), ("https://x.test/exports/geojson", ("GEOJSON", "")),
     ("https://x.test/ows?service=WMS&request=GetCapabilities", ("WMS_SRVC", "")),
     ("https://x.test/ows?service=WFS&request=GetFeature&outputFormat=shape-zip", ("SHP", "")),
     ("https://x.test/rest/services/R/MapServer", ("MAP_SRVC", "")), ("https://x.test/a.tar.gz", ("TAR_GZ", "")),
     ("https://x.test/page.html", None), ("https://x.test/v1.0", None), ("https://x.test/", None),
     ("http://[bad", None)],
)  # fmt: skip
def test_an_address_tells_a_format_or_nothing(address: str, guess: tuple[str, str] | None) -> None:
    assert by_address(address) == guess


@given(st.text(max_size=80))
def test_any_address_is_survived(text: str) -> None:
    by_address("https://example.org/" + text)
    file_type(text)
    octets(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("42 octets", 42), ("4681 bytes", 4681), ("12,5 Mo", 12_500_000), ("12 kB", 12_000), ("3 KiB", 3072),
     ("12 345", 12_345), ("27256.0", 27_256), ("huge", None), ("-3", None), ("1e9", None), ("12 parsecs", None)],
)  # fmt: skip
def test_sizes_are_read_with_their_units(text: str, number: int | None) -> None:
    assert octets(text) == number


def test_a_guess_never_replaces_what_is_declared(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    turtle = f"<urn:example> dcat:downloadURL <https://x.test/a.csv> ; dct:format <{EU}XLSX> ."
    assert repair(entity_of(turtle, "distribution"), context_of(), RULES).applications == ()


def test_nothing_is_sniffed_where_the_address_tells_or_the_source_forbids(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    asked: list[str] = []

    def sniff(address: str) -> str | None:
        asked.append(address)
        return "text/csv"

    telling = entity_of("<urn:example> dcat:downloadURL <https://x.test/a.csv> .", "distribution")
    silent = entity_of("<urn:example> dcat:downloadURL <https://x.test/a> .", "distribution")
    repair(telling, replace(context_of(), sniff=sniff), RULES)
    assert asked == []
    assert repair(silent, context_of(), RULES).applications == ()
    found = repair(silent, replace(context_of(), sniff=sniff), RULES).applications
    assert [item.rule for item in found] == ["format-by-sniffing"]
    assert asked == ["https://x.test/a"]
