"""Turns the extents of ISO 19115 (boxes, place identifiers, periods) and spatial resolution into GeoDCAT-AP 3.

Boxes are written in WGS 84 longitude-latitude order (OGC CRS84) as WKT, GML and GeoJSON of GeoSPARQL 1.1, with the
figures as the source wrote them. Where west lies a little east of east, as in the French records that write
3.28 to 1.31, the two were mixed up and are put right; a box over the date line is kept. An open end of a period
(``indeterminatePosition``) is no date.
"""

import re
from decimal import Decimal
from typing import Final

from lxml import etree
from pyoxigraph import Literal

from harvesters import _iso_element as iso
from harvesters import _iso_graph as rdf

SWAPPED: Final = "west and east were mixed up"
_CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_NUMBER = re.compile(r"([+-]?)0*(\d{1,3}(?:\.\d{1,20})?|\.\d{1,20})")
_BOUNDS: Final = ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude")
_METRES: Final = {"m": "1", "metre": "1", "meter": "1", "metres": "1", "meters": "1", "km": "1000", "cm": "0.01",
                  "ft": "0.3048", "9001": "1", "9002": "0.3048", "[ft_i]": "0.3048"}  # fmt: skip


def add(node: rdf.Node, identification: etree._Element, reader: iso.Reader) -> str:
    """Add the extents and the resolution of a resource; return what had to be done, empty where nothing."""
    notes = set()
    for extent in identification.findall("extent/EX_Extent"):
        places = extent.findall("geographicElement/EX_GeographicBoundingBox")
        for box in places:
            notes.add(_box(node, box))
        named = extent.findall("geographicElement/EX_GeographicDescription/geographicIdentifier/*")
        for place in named:
            _place(node, place, reader)
        description = reader.texts(extent, "description")
        if description and not places and not named:
            node.embed("dct:spatial", "dct:Location").add("skos:prefLabel", *description)
        for period in extent.findall("temporalElement/*/extent/*"):
            _period(node, period)
    for resolution in identification.findall("spatialResolution/MD_Resolution"):
        _resolution(node, resolution)
    return "; ".join(sorted(notes - {""}))


def _number(text: str) -> str | None:
    """Return a decimal without leading zeros or plus sign, all its digits kept."""
    match = _NUMBER.fullmatch(text.strip().replace(",", "."))
    if match is None:
        return None
    figures = "0" + match[2] if match[2].startswith(".") else match[2]
    return ("-" if match[1] == "-" else "") + figures


def _longitude(text: str) -> str:
    return str(Decimal(text) - 360) if Decimal(text) > 180 else text


def _box(node: rdf.Node, box: etree._Element) -> str:
    written = [iso.value(box, name) for name in _BOUNDS]
    numbers = [found for text in written if (found := _number(text)) is not None]
    if not any(written):
        return ""
    location = node.embed("dct:spatial", "dct:Location")
    if len(numbers) < 4 or not _plausible(numbers):
        # What is no box on this globe stays readable, and is not drawn.
        location.add("rdfs:label", rdf.literal(" ".join(written)))
        return ""
    west, east, south, north = _longitude(numbers[0]), _longitude(numbers[1]), *numbers[2:]
    note = ""
    if Decimal(0) < Decimal(west) - Decimal(east) < 180 and Decimal(numbers[0]) <= 180:
        west, east, note = east, west, SWAPPED
    if Decimal(west) == Decimal(east) and Decimal(south) == Decimal(north):
        location.add("dcat:centroid", rdf.typed(f"POINT({west} {south})", "geo:wktLiteral"))
        return note
    location.add("dcat:bbox", *_shapes(west, east, south, north))
    return note


def _plausible(numbers: list[str]) -> bool:
    west, east, south, north = map(Decimal, numbers)
    return -180 <= west <= 360 and -180 <= east <= 360 and -90 <= south <= north <= 90


def _shapes(west: str, east: str, south: str, north: str) -> list[Literal]:
    corners = [(west, north), (east, north), (east, south), (west, south), (west, north)]
    wkt = ",".join(f"{x} {y}" for x, y in corners)
    json = ",".join(f"[{x},{y}]" for x, y in corners)
    lower, upper = f"<gml:lowerCorner>{west} {south}</gml:lowerCorner>", f"{east} {north}</gml:upperCorner>"
    gml = f'<gml:Envelope srsName="{_CRS84}">{lower}<gml:upperCorner>{upper}</gml:Envelope>'
    return [
        rdf.typed(f"POLYGON(({wkt}))", "geo:wktLiteral"),
        rdf.typed(gml, "geo:gmlLiteral"),
        rdf.typed(f'{{"type":"Polygon","coordinates":[[{json}]]}}', "geo:geoJSONLiteral"),
    ]


def _place(node: rdf.Node, place: etree._Element, reader: iso.Reader) -> None:
    known = reader.reference(place, "code")
    if known is not None:
        node.add("dct:spatial", known)
    elif texts := reader.texts(place, "code"):
        node.embed("dct:spatial", "dct:Location").add("skos:prefLabel", *texts)


def _period(node: rdf.Node, period: etree._Element) -> None:
    instant = _position(period, "timePosition")
    start = instant or _position(period, "beginPosition") or _position(period, "begin/TimeInstant/timePosition")
    end = instant or _position(period, "endPosition") or _position(period, "end/TimeInstant/timePosition")
    if start or end:
        child = node.embed("dct:temporal", "dct:PeriodOfTime")
        child.add("dcat:startDate", rdf.date(start))
        child.add("dcat:endDate", rdf.date(end))


def _position(period: etree._Element, path: str) -> str:
    return iso.content(period.find(path))


def _resolution(node: rdf.Node, resolution: etree._Element) -> None:
    denominator = iso.value(resolution, "equivalentScale/MD_RepresentativeFraction/denominator")
    if denominator.isascii() and denominator.isdigit() and 0 < int(denominator) < 10**12:
        scale = format((1 / Decimal(denominator)).quantize(Decimal("1e-24")).normalize(), "f")
        measured = node.embed("dqv:hasQualityMeasurement", "dqv:QualityMeasurement")
        measured.add("dqv:isMeasurementOf", rdf.term("geodcatap:spatialResolutionAsScale"))
        measured.add("dqv:value", rdf.typed(scale, "xsd:decimal"))
    for element in resolution.findall("distance/*"):
        unit = re.split(r"[#:]", (element.get("uom") or "").strip())[-1].lower()
        figure = iso.content(element)
        if unit in _METRES and re.fullmatch(r"\d{1,9}(?:\.\d{1,12})?", figure):
            metres = format((Decimal(figure) * Decimal(_METRES[unit])).normalize(), "f")
            node.add("dcat:spatialResolutionInMeters", rdf.typed(metres, "xsd:decimal"))
        elif figure:
            node.add("rdfs:comment", rdf.literal(f"Spatial resolution: {figure} {element.get('uom') or ''}", "en"))
