"""What sources say of places becomes dct:Location or the IRI of a place."""

import json
from collections.abc import Callable

import pytest

from maillon.mapping import places
from maillon.mapping.subject import Subject
from maillon.records import Entity

Ask = Callable[..., list[str]]
GEO = "http://www.opengis.net/ont/geosparql#"
SQUARE = [[[4.25, 50.75], [4.5, 50.75], [4.5, 51], [4.25, 51], [4.25, 50.75]]]
BOX = f'"POLYGON((4.25 50.75, 4.5 50.75, 4.5 51, 4.25 51, 4.25 50.75))"^^<{GEO}wktLiteral>'


def _place(text: str) -> Entity:
    subject = Subject("https://data.example.org/id/dataset/ville/1")
    places.add(subject, text)
    return subject.entity("dataset")


@pytest.mark.parametrize(
    "value",
    [{"type": "Polygon", "coordinates": SQUARE}, {"type": "MultiPolygon", "coordinates": [SQUARE]},
     {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": SQUARE}, "properties": {}}],
)  # fmt: skip
def test_geojson_keeps_its_text_and_gets_an_envelope(value: object, ask: Ask) -> None:
    entity = _place(json.dumps(value))
    assert ask(entity, "dct:spatial", "dcat:bbox") == [BOX]
    assert ask(entity, "dct:spatial", "locn:geometry")[0].endswith(f"^^<{GEO}geoJSONLiteral>")
    assert ask(entity, "dct:spatial", "rdf:type") == ["<http://purl.org/dc/terms/Location>"]


@pytest.mark.parametrize("text", ["4.25,50.75,4.5,51", "[4.25, 50.75, 4.5, 51]", "4.25 50.75 4.5 51"])
def test_four_numbers_are_a_box(text: str, ask: Ask) -> None:
    assert ask(_place(text), "dct:spatial", "dcat:bbox") == [BOX]


def test_wkt_keeps_its_text_and_gets_an_envelope(ask: Ask) -> None:
    entity = _place("POLYGON ((4.25 50.75, 4.5 50.75, 4.5 51, 4.25 51, 4.25 50.75))")
    assert ask(entity, "dct:spatial", "dcat:bbox") == [BOX]
    assert ask(entity, "dct:spatial", "locn:geometry")[0].endswith(f"^^<{GEO}wktLiteral>")


def test_a_point_is_a_centroid(ask: Ask) -> None:
    entity = _place('{"type": "Point", "coordinates": [4.35, 50.85]}')
    assert ask(entity, "dct:spatial", "dcat:centroid") == [f'"POINT(4.35 50.85)"^^<{GEO}wktLiteral>']
    assert ask(entity, "dct:spatial", "dcat:bbox") == []


def test_coordinates_outside_the_globe_get_no_envelope(ask: Ask) -> None:
    entity = _place('{"type": "Polygon", "coordinates": [[[149000, 170000], [150000, 170000], [150000, 171000]]]}')
    assert ask(entity, "dct:spatial", "dcat:bbox") == []
    assert len(ask(entity, "dct:spatial", "locn:geometry")) == 1


def test_names_and_addresses_of_places(ask: Ask) -> None:
    country = "<http://publications.europa.eu/resource/authority/country/BEL>"
    assert ask(_place("België"), "dct:spatial") == [country]
    assert ask(_place("https://sws.geonames.org/2800866/"), "dct:spatial") == ["<https://sws.geonames.org/2800866/>"]
    assert ask(_place("Quartier des Exemples"), "dct:spatial", "rdfs:label") == ['"Quartier des Exemples"']


@pytest.mark.parametrize(
    "text", ["{" * 5000, '{"type": "Polygon"', '{"coordinates": "x"}', "51,4,50,5", "POLYGON", "POLYGON ((x"]
)
def test_a_damaged_geometry_is_kept_as_it_was(text: str, ask: Ask) -> None:
    entity = _place(text)
    kept = ask(entity, "dct:spatial", "rdfs:label") + ask(entity, "dct:spatial", "locn:geometry")
    assert len(kept) == 1
    assert ask(entity, "dct:spatial", "dcat:bbox") == []
