"""GeoJSON files: properties as columns, geometries as WKT of bounded precision, one feature at a time."""

import json
from pathlib import Path
from typing import Any

import pytest

from maillon.errors import ParseFailed
from maillon.tabular import geojson

from .conftest import DISTRIBUTION, Convert

DECLARED = """
iri = "{nis}"
[tables.columns.nis]
[tables.columns.noms]
property = "rdfs:label"
separator = "|"
"""


def collection(*features: Any, **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **more, "features": features})


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


POINT = {"type": "Point", "coordinates": [4.35000000001, 50.8466666666666, 12]}


def test_a_feature_becomes_an_entity_with_its_geometry_as_wkt(convert: Convert) -> None:
    found = convert("m.geojson", collection(feature(POINT, nis=21004, noms=["a", "b"])), DECLARED)
    assert not found.rejected
    said = found.said("21004")
    assert said["label"] == ["a", "b"]
    assert said["wasDerivedFrom"] == [f"{DISTRIBUTION}#/features/0"]
    wkt = [triple.object for triple in found.triples() if triple.predicate.value.endswith("asWKT")]
    assert list(map(str, wkt)) == ['"POINT(4.35 50.846667)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>']


def test_the_identifier_of_a_feature_counts_as_a_property(convert: Convert) -> None:
    item = {**feature(POINT), "id": "21004"}
    found = convert("m.geojson", collection(item), 'iri = "{id}"\n[tables.columns.id]\nproperty = "dct:identifier"')
    assert found.said("21004")["identifier"] == ["21004"]


def test_a_wrong_geometry_is_named_and_the_feature_kept(convert: Convert) -> None:
    lambert = {"type": "Point", "coordinates": [149000, 170000]}
    found = convert("m.geojson", collection(feature(lambert, nis="1", noms=["x"]), feature(None, nis="2")), DECLARED)
    assert found.messages == [
        'm.geojson feature 1, column "geometry": wrong cell: '
        "has the position 149000 170000, which is not on the globe (other system?)"
    ]
    assert len(found.rows()) == 2


def test_a_file_in_belgian_lambert_is_refused_with_what_to_do(convert: Convert) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31370"}}
    with pytest.raises(ParseFailed, match="reference system urn:ogc:def:crs:EPSG::31370: ask for WGS 84"):
        convert("m.geojson", collection(feature(POINT, nis="1"), crs=crs), DECLARED)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"type": "Feature"}', "is no GeoJSON with a list of features"),
        (collection(feature(POINT, nis="1"))[:-30], "breaks off or is no JSON"),
        ('{"features": [' + "[" * 100_000, "breaks off or is no JSON"),
    ],
)
def test_what_is_no_geojson_is_refused(convert: Convert, content: str, message: str) -> None:
    with pytest.raises(ParseFailed, match=message):
        convert("m.geojson", content, DECLARED)


def test_features_larger_than_the_window_are_read(tmp_path: Path) -> None:
    ring = [[4 + index / 100_000, 50.0] for index in range(30_000)]
    items = [feature({"type": "LineString", "coordinates": ring}, n=number) for number in range(3)]
    path = tmp_path / "x.geojson"
    path.write_text(collection(*items), encoding="utf-8-sig")
    read = list(geojson.features(path, "x"))
    assert [(number, properties["n"]) for number, properties, _ in read] == [(1, 0), (2, 1), (3, 2)]
    assert read[2][2]["coordinates"] == ring


SQUARE = [[0, 0], [0, 1], [1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("kind", "coordinates", "text"),
    [
        ("Point", [-0.0000001, 1], "POINT(0 1)"),
        ("LineString", [[0, 0], [0.0000001, 0], [1, 1]], "LINESTRING(0 0, 1 1)"),
        ("Polygon", [SQUARE], "POLYGON((0 0, 0 1, 1 1, 0 0))"),
        ("MultiPoint", [[0, 0], [1, 1]], "MULTIPOINT((0 0), (1 1))"),
        ("MultiLineString", [[[0, 0], [1, 1]]], "MULTILINESTRING((0 0, 1 1))"),
        ("MultiPolygon", [[SQUARE]], "MULTIPOLYGON(((0 0, 0 1, 1 1, 0 0)))"),
    ],
)
def test_each_geometry_of_rfc_7946_is_written(kind: str, coordinates: Any, text: str) -> None:
    assert geojson.wkt({"type": kind, "coordinates": coordinates}, 6) == text
    both = {"type": "GeometryCollection", "geometries": [{"type": kind, "coordinates": coordinates}]}
    assert geojson.wkt(both, 6) == f"GEOMETRYCOLLECTION({text})"


@pytest.mark.parametrize(
    "geometry",
    [
        "x",
        {"type": "Circle", "coordinates": []},
        {"type": "Point", "coordinates": ["4", "50"]},
        {"type": "Point", "coordinates": [True, 1]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [1, 0]]]},
        {"type": "LineString", "coordinates": [[0, 0]]},
        {"type": "LineString", "coordinates": {}},
        {"type": "MultiPoint", "coordinates": [[0, 0]] * (geojson.MOST_POSITIONS + 1)},
        {"type": "GeometryCollection", "geometries": []},
    ],
)
def test_a_geometry_that_is_none_is_refused(geometry: Any) -> None:
    with pytest.raises(ValueError, match=r"^(has|is) "):
        geojson.wkt(geometry, 6)


def test_a_point_from_two_columns_of_a_table(convert: Convert) -> None:
    declared = 'iri = "{id}"\ngeometry = { longitude = "x", latitude = "y", precision = 2 }\n[tables.columns.id]'
    found = convert("p.csv", "id;x;y\n1;4,3567;50,8\n2;;\n3;a;b\n4;50.8;143\n", declared)
    assert [str(triple.object)[:18] for triple in found.triples() if triple.predicate.value.endswith("asWKT")] == [
        '"POINT(4.36 50.8)"'
    ]
    assert [message.partition("wrong cell: ")[2] for message in found.messages] == [
        "has the position a b, which are no two numbers",
        "has the position 50.8 143, which is not on the globe (other system?)",
    ]
