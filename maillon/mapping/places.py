"""Turns what sources say of a place into dct:Location: IRI, GeoJSON, WKT, four numbers, or a name.

Geometries are literals of GeoSPARQL 1.1; ``dcat:bbox`` is their envelope in WKT, west-east before south-north (CRS84).
A geometry that cannot be read, or lies outside the globe, keeps its text but gets no envelope.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from maillon.mapping import codes, literals
from maillon.mapping.subject import Subject

GEO: Final = "http://www.opengis.net/ont/geosparql#"  # OGC GeoSPARQL 1.1
WKT: Final = NamedNode(GEO + "wktLiteral")
GEOJSON: Final = NamedNode(GEO + "geoJSONLiteral")

_NUMBER = r"[+-]?\d{1,4}(?:\.\d{1,20})?"
_BOX = re.compile(rf"\[?\s*({_NUMBER})[\s,;]+({_NUMBER})[\s,;]+({_NUMBER})[\s,;]+({_NUMBER})\s*\]?")
_SHAPE = re.compile(r"(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*Z?\s*\(", re.IGNORECASE)
_PAIR = re.compile(rf"({_NUMBER})\s+({_NUMBER})")

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def _plausible(box: Box) -> bool:
    west, south, east, north = box
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


def _wkt(box: Box) -> Literal:
    west, south, east, north = (format(number, ".10g") for number in box)
    corners = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    return Literal(f"POLYGON(({corners}))", datatype=WKT)


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
    return min(east_west), min(south_north), max(east_west), max(south_north)


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


def _box(text: str) -> Box | None:
    match = _BOX.fullmatch(text)
    if match is None:
        return None
    west, south, east, north = (float(number) for number in match.groups())
    return west, south, east, north


def _add_geometry(subject: Subject, geometry: Literal, envelope: Box | None) -> None:
    node = subject.embed("dct:spatial", "dct:Location")
    subject.add("locn:geometry", geometry, of=node)
    if envelope is None or not _plausible(envelope):
        return
    west, south, east, north = envelope
    if west == east and south == north:
        point = Literal(f"POINT({format(west, '.10g')} {format(south, '.10g')})", datatype=WKT)
        subject.add("dcat:centroid", point, of=node)
    else:
        subject.add("dcat:bbox", _wkt(envelope), of=node)


def add(subject: Subject, value: str | None) -> None:
    """Add one place that is stated, as dct:spatial."""
    text = literals.stated(value)
    geometry = _geojson(text)
    box = _box(text)
    if geometry is not None:
        _add_geometry(subject, Literal(text, datatype=GEOJSON), _envelope(_positions(geometry["coordinates"])))
    elif _SHAPE.match(text):
        pairs = ((float(match[1]), float(match[2])) for match in _PAIR.finditer(text))
        _add_geometry(subject, Literal(text, datatype=WKT), _envelope(pairs))
    elif box is not None and _plausible(box):
        subject.add("dcat:bbox", _wkt(box), of=subject.embed("dct:spatial", "dct:Location"))
    else:
        _add_named(subject, text)


def _add_named(subject: Subject, text: str) -> None:
    concept = codes.known("country", text) or codes.known("continent", text)
    if concept is None:
        codes.reference(subject, "dct:spatial", "dct:Location", text)
    else:
        subject.add("dct:spatial", literals.named(concept))
