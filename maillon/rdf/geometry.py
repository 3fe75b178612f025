"""Turns texts of places into literals of GeoSPARQL 1.1: GeoJSON, WKT, or four numbers, with the envelope in WKT.

Positions are west-east before south-north (CRS84). A geometry that lies outside the globe gets no envelope.
https://docs.ogc.org/is/22-047r1/22-047r1.html
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

GEO: Final = "http://www.opengis.net/ont/geosparql#"  # OGC GeoSPARQL 1.1
WKT: Final = NamedNode(GEO + "wktLiteral")
GEOJSON: Final = NamedNode(GEO + "geoJSONLiteral")

_NUMBER = r"[+-]?\d{1,4}(?:\.\d{1,20})?"
_BOX = re.compile(rf"\[?\s*({_NUMBER})[\s,;]+({_NUMBER})[\s,;]+({_NUMBER})[\s,;]+({_NUMBER})\s*\]?")
_SHAPE = re.compile(r"(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*Z?\s*\(", re.IGNORECASE)
_PAIR = re.compile(rf"({_NUMBER})\s+({_NUMBER})")


class Box(NamedTuple):
    """An envelope in degrees."""

    west: float
    south: float
    east: float
    north: float


class Geometry(NamedTuple):
    """What a text says of a place.

    Attributes:
        literal: The geometry as it was written; None where only four numbers were.
        box: Its envelope, None where it lies outside the globe.
    """

    literal: Literal | None
    box: Box | None


def is_plausible(box: Box) -> bool:
    """Tell whether a box lies on the globe, west before east and south before north."""
    west, south, east, north = box
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


def wkt(box: Box) -> Literal:
    """Return a box as a WKT polygon, a box without extent as a point."""
    west, south, east, north = (format(number, ".10g") for number in box)
    if west == east and south == north:
        return Literal(f"POINT({west} {south})", datatype=WKT)
    corners = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    return Literal(f"POLYGON(({corners}))", datatype=WKT)


def four_numbers(text: str) -> Box | None:
    """Return the box that four numbers stand for, in their order, whether plausible or not; None for other texts."""
    match = _BOX.fullmatch(text)
    return Box(*(float(number) for number in match.groups())) if match else None


def pairs(text: str) -> list[tuple[float, float]]:
    """Return the positions of a WKT geometry, in the order in which each stands."""
    return [(float(match[1]), float(match[2])) for match in _PAIR.finditer(text)]


def read(text: str) -> Geometry | None:
    """Return the geometry that a text holds, None where it holds none."""
    value = _geojson(text)
    if value is not None:
        return Geometry(Literal(text, datatype=GEOJSON), _envelope(_positions(value["coordinates"])))
    if _SHAPE.match(text):
        return Geometry(Literal(text, datatype=WKT), _envelope(iter(pairs(text))))
    box = four_numbers(text)
    return Geometry(None, box) if box is not None and is_plausible(box) else None


def _positions(value: Any) -> Iterator[tuple[float, float]]:
    """Yield (longitude, latitude) of every position in GeoJSON coordinates, however deeply they are nested."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, list):
            continue
        if len(item) >= 2 and all(type(part) in (int, float) for part in item[:2]):
            yield float(item[0]), float(item[1])
        else:
            waiting.extend(item)


def _envelope(positions: Iterator[tuple[float, float]]) -> Box | None:
    known = [pair for pair in positions if all(map(math.isfinite, pair))]
    if not known:
        return None
    east_west, south_north = [pair[0] for pair in known], [pair[1] for pair in known]
    box = Box(min(east_west), min(south_north), max(east_west), max(south_north))
    return box if is_plausible(box) else None


def _geojson(text: str) -> Any:
    """Return the geometry of GeoJSON (a feature gives its own), None where the text is none."""
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and isinstance(value.get("geometry"), dict):
        value = value["geometry"]
    return value if isinstance(value, dict) and "coordinates" in value else None
