"""Rules that turn places as sources write them into IRIs of the EU lists, or into geometries of GeoSPARQL 1.1.

Countries get their IRI of the EU list, Belgian regions and provinces that of NUTS, municipalities keep that of
GeoNames, as DCAT-AP asks. ``ontology/mappings/places.ttl`` says which IRIs mean the same place. Coordinates in a wrong
order are put right only where one order alone can be meant.
https://semiceu.github.io/DCAT-AP/releases/3.0.1/#controlled-vocabularies-to-be-used
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from maillon import authority, paths
from maillon.rdf import geometry
from maillon.rdf.geometry import Box
from maillon.rdf.lexical import address, stated
from maillon.repair import values
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.repair.values import Value
from maillon.vocabulary import AUTHORITY, PREFIXES, TYPE, term

_SPATIAL: Final = term("dct:spatial")
_LOCATION: Final = term("dct:Location")
_LABEL: Final = term("rdfs:label")
_GEOMETRY: Final = term("locn:geometry")
_BBOX: Final = term("dcat:bbox")
_CENTROID: Final = term("dcat:centroid")
_SHAPES: Final = (_GEOMETRY, _BBOX, _CENTROID)
_SKOS: Final = PREFIXES["skos"]
_SAYS: Final = frozenset(_SKOS + name for name in ("prefLabel", "hiddenLabel", "notation"))
_BELGIUM: Final = Box(2.5, 49.4, 6.5, 51.6)
_BELGIAN: Final = (AUTHORITY + "country/BEL", "http://data.europa.eu/nuts/code/BE")

_GEONAMES = re.compile(r"https?://(?:www\.|sws\.)?geonames\.org/(\d+)(?:/[\w.-]*)?$", re.IGNORECASE)
_SIMPLE = re.compile(r"\s*(POINT|POLYGON)\s*\(+([-+\d.,\s]+)\)+\s*", re.IGNORECASE)
_GEOJSON_TYPES: Final = frozenset(
    {
        "https://www.iana.org/assignments/media-types/application/vnd.geo+json",
        "http://www.iana.org/assignments/media-types/application/vnd.geo+json",
        "https://www.iana.org/assignments/media-types/application/geo+json",
        "http://www.iana.org/assignments/media-types/application/geo+json",
    }
)


def _spelling(text: str) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", " ", bare.casefold()).strip()


@cache
def _places() -> tuple[dict[str, str], dict[str, str]]:
    """Return the IRIs of places by other IRIs and by spelling."""
    iris: dict[str, str] = {}
    names: dict[str, str] = {}
    for quad in parse(path=paths.ONTOLOGY / "mappings" / "places.ttl", format=RdfFormat.TURTLE):
        if not isinstance(quad.subject, NamedNode):
            continue
        if isinstance(quad.object, NamedNode) and quad.predicate.value == _SKOS + "exactMatch":
            iris[quad.object.value] = quad.subject.value
        elif isinstance(quad.object, Literal) and quad.predicate.value in _SAYS:
            names[_spelling(quad.object.value)] = quad.subject.value
    return iris, names


@lru_cache(maxsize=10_000)
def place(text: str) -> str | None:
    """Return the IRI of the place that a name or another IRI means, None where that is not certain."""
    text = stated(text)
    if not text or len(text) > 200:
        return None
    iris, names = _places()
    if match := _GEONAMES.match(text):
        canonical = f"https://sws.geonames.org/{match[1]}/"
        return iris.get(canonical, canonical)
    known = iris.get(text) or iris.get(text.replace("https://", "http://", 1)) or names.get(_spelling(text))
    return known or authority.lookup("country", text) or authority.lookup("continent", text)


def _codes(triples: Triples, context: Context) -> Iterator[Change]:
    yield from values.recode(triples, _SPATIAL, place)


def _located(value: Value, text: str, found: geometry.Geometry) -> Change:
    """Return the change that puts a Location with a geometry in the place of a text."""
    node = BlankNode()
    added = [Triple(value.triple.subject, _SPATIAL, node), Triple(node, TYPE, _LOCATION)]
    if found.literal is not None:
        added.append(Triple(node, _GEOMETRY, found.literal))
    if found.box is not None:
        envelope = geometry.wkt(found.box)
        added.append(Triple(node, _CENTROID if envelope.value.startswith("POINT") else _BBOX, envelope))
    return values.swap(value, *added)


def _plain_texts(triples: Triples) -> Iterator[tuple[Value, str]]:
    """Yield the places that are no more than one text."""
    for triple in triples.having(_SPATIAL):
        if isinstance(triple.object, NamedNode):
            continue
        value = values.read(triples, triple)
        if len(value.texts) == 1:
            yield value, stated(value.texts[0])


def _geometries(triples: Triples, context: Context) -> Iterator[Change]:
    for value, text in _plain_texts(triples):
        found = geometry.read(text)
        if found is not None:
            yield _located(value, text, found)


def _is_belgian(triples: Triples, context: Context) -> bool:
    if context.source.timezone == "Europe/Brussels":
        return True
    iris = (t.object.value for t in triples.having(_SPATIAL) if isinstance(t.object, NamedNode))
    return any(iri.startswith(_BELGIAN) for iri in iris)


def _inside(box: Box, outer: Box) -> bool:
    return outer.west <= box.west and outer.south <= box.south and box.east <= outer.east and box.north <= outer.north


def ordered(box: Box, is_belgian: bool) -> Box | None:
    """Return a box in the order west, south, east, north; None where it is so already, or more than one can be meant.

    Args:
        box: Four numbers as the source ordered them.
        is_belgian: Whether the place is known to lie in Belgium.
    """
    west, south, east, north = box
    reading = Box(min(west, east), min(south, north), max(west, east), max(south, north))
    if geometry.is_plausible(reading) and not (is_belgian and _inside(_turned(reading), _BELGIUM)):
        # West of its own east it may cross the date line; that would be the wider way round here.
        return reading if reading != box and abs(west - east) < 180 else None
    turned = _turned(reading)
    certain = geometry.is_plausible(turned) and (is_belgian or not geometry.is_plausible(reading))
    return turned if certain else None


def _turned(box: Box) -> Box:
    return Box(box.south, box.west, box.north, box.east)


def _orders(triples: Triples, context: Context) -> Iterator[Change]:
    for value, text in _plain_texts(triples):
        box = geometry.four_numbers(text)
        better = ordered(box, _is_belgian(triples, context)) if box else None
        if better:
            yield _located(value, text, geometry.Geometry(None, better))


def _swapped(triples: Triples, context: Context) -> Iterator[Change]:
    """Put longitude before latitude in simple WKT where the other order cannot be meant."""
    for triple in triples.having(*_SHAPES):
        shape = triple.object
        match = _SIMPLE.fullmatch(shape.value) if isinstance(shape, Literal) else None
        if match is None or not isinstance(shape, Literal):
            continue
        points = geometry.pairs(match[2])
        if points and _is_turned(points, _is_belgian(triples, context)):
            turned = ", ".join(f"{second:.10g} {first:.10g}" for first, second in points)
            kind = match[1].upper()
            text = f"POINT({turned})" if kind == "POINT" else f"POLYGON(({turned}))"
            new = Literal(text, datatype=shape.datatype)
            yield Change((triple,), (Triple(triple.subject, triple.predicate, new),))


def _is_turned(points: list[tuple[float, float]], is_belgian: bool) -> bool:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    box = Box(min(xs), min(ys), max(xs), max(ys))
    turned = _turned(box)
    if not geometry.is_plausible(turned):
        return False
    return not geometry.is_plausible(box) or (is_belgian and _inside(turned, _BELGIUM))


def _datatypes(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.having(*_SHAPES):
        shape = triple.object
        if not isinstance(shape, Literal) or shape.datatype in (geometry.WKT, geometry.GEOJSON):
            continue
        if shape.datatype.value not in _GEOJSON_TYPES and shape.datatype != term("xsd:string"):
            continue
        found = geometry.read(shape.value.strip())
        envelope = geometry.wkt(found.box) if found is not None and found.box is not None else None
        new = (found.literal if found is not None else None) or envelope
        if new is not None:
            yield Change((triple,), (Triple(triple.subject, triple.predicate, new),))


def _literals(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.having(_SPATIAL):
        text = triple.object
        if not isinstance(text, Literal) or not stated(text.value):
            continue
        iri, node = address(text.value), BlankNode()
        if iri is not None:
            yield Change((triple,), (Triple(triple.subject, _SPATIAL, iri),))
        else:
            located = Triple(triple.subject, _SPATIAL, node), Triple(node, TYPE, _LOCATION)
            yield Change((triple,), (*located, Triple(node, _LABEL, text)))


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="place-eu",
        title={
            "fr": "Remplace un lieu par son code dans les listes européennes (pays, NUTS).",
            "nl": "Vervangt een plaats door haar code in de Europese lijsten (landen, NUTS).",
            "de": "Ersetzt einen Ort durch seinen Code in den EU-Listen (Länder, NUTS).",
            "en": "Replaces a place by its code in the EU lists (countries, NUTS).",
        },
        matches="dct:spatial of GeoNames (17,300 at data.gov.be) or REFNIS for Belgium, its regions and provinces, or "
        "their names in four languages. `Bruxelles` alone, the city or the region, is left.",
        changes="The IRI of the EU list or NUTS; municipalities get their GeoNames IRI as GeoNames writes it. That "
        "both mean the same stands in ontology/mappings/places.ttl (skos:exactMatch).",
        predicates=frozenset({_SPATIAL}),
        example=Example(
            before="<urn:example> a dcat:Dataset ; dct:spatial <https://sws.geonames.org/2800867/> .",
            after="<urn:example> a dcat:Dataset ; dct:spatial <http://data.europa.eu/nuts/code/BE1> .",
        ),
        repair=_codes,
    ),
    Rule(
        id="place-geometry",
        title={
            "fr": "Fait d'un lieu donné comme coordonnées une géométrie.",
            "nl": "Maakt van een plaats die als coördinaten is opgegeven een geometrie.",
            "de": "Macht aus einem Ort, der als Koordinaten angegeben ist, eine Geometrie.",
            "en": "Makes a place given as coordinates a geometry.",
        },
        matches="dct:spatial with a text in WKT, GeoJSON or `west,south,east,north` (DCAT-US, 309 of 313 texts).",
        changes="A dct:Location with locn:geometry and its envelope as dcat:bbox, or dcat:centroid for a point.",
        predicates=frozenset({_SPATIAL}),
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:spatial "4.2,50.7,4.5,50.9" .',
            after="<urn:example> a dcat:Dataset ; dct:spatial [ a dct:Location ; "
            'dcat:bbox "POLYGON((4.2 50.7, 4.5 50.7, 4.5 50.9, 4.2 50.9, 4.2 50.7))"'
            "^^<http://www.opengis.net/ont/geosparql#wktLiteral> ] .",
        ),
        repair=_geometries,
    ),
    Rule(
        id="box-order",
        title={
            "fr": "Remet dans l'ordre les bornes d'un rectangle.",
            "nl": "Zet de grenzen van een rechthoek in de juiste volgorde.",
            "de": "Bringt die Grenzen eines Rechtecks in die richtige Reihenfolge.",
            "en": "Puts the bounds of a box in order.",
        },
        matches="Four numbers with west after east or south after north (3 at ArcGIS Hub, 7 in ISO records), or with "
        "latitude first where no other reading is possible.",
        changes="A dct:Location with the box as dcat:bbox. A box that may cross the date line is left.",
        predicates=frozenset({_SPATIAL}),
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:spatial "3.28,49,1.31,50" .',
            after="<urn:example> a dcat:Dataset ; dct:spatial [ a dct:Location ; "
            'dcat:bbox "POLYGON((1.31 49, 3.28 49, 3.28 50, 1.31 50, 1.31 49))"'
            "^^<http://www.opengis.net/ont/geosparql#wktLiteral> ] .",
        ),
        repair=_orders,
    ),
    Rule(
        id="geometry-datatype",
        title={
            "fr": "Donne à une géométrie son type de donnée.",
            "nl": "Geeft een geometrie haar gegevenstype.",
            "de": "Gibt einer Geometrie ihren Datentyp.",
            "en": "Gives a geometry its datatype.",
        },
        matches="locn:geometry, dcat:bbox or dcat:centroid in WKT or GeoJSON as a plain text or typed with the address "
        "of the media type (ckanext-dcat).",
        changes="geo:wktLiteral or geo:geoJSONLiteral; the text stays. What is no geometry is left.",
        predicates=frozenset(_SHAPES),
        example=Example(
            before="<urn:example> a dcat:Dataset ; "
            'dct:spatial [ a dct:Location ; dcat:centroid "POINT(4.35 50.85)" ] .',
            after="<urn:example> a dcat:Dataset ; dct:spatial [ a dct:Location ; "
            'dcat:centroid "POINT(4.35 50.85)"^^<http://www.opengis.net/ont/geosparql#wktLiteral> ] .',
        ),
        repair=_datatypes,
    ),
    Rule(
        id="latitude-first",
        title={
            "fr": "Met la longitude avant la latitude.",
            "nl": "Zet de lengtegraad voor de breedtegraad.",
            "de": "Stellt die geografische Länge vor die Breite.",
            "en": "Puts longitude before latitude.",
        },
        matches="A point or polygon in WKT whose second numbers are no latitudes, or that lies in Belgium only when "
        "its numbers are read the other way and is said to (place or time zone).",
        changes="The same geometry with each pair of numbers exchanged.",
        predicates=frozenset(_SHAPES),
        example=Example(
            before="<urn:example> a dcat:Dataset ; dct:spatial "
            "<http://publications.europa.eu/resource/authority/country/BEL> , [ a dct:Location ; "
            'dcat:centroid "POINT(50.85 4.35)"^^<http://www.opengis.net/ont/geosparql#wktLiteral> ] .',
            after="<urn:example> a dcat:Dataset ; dct:spatial "
            "<http://publications.europa.eu/resource/authority/country/BEL> , [ a dct:Location ; "
            'dcat:centroid "POINT(4.35 50.85)"^^<http://www.opengis.net/ont/geosparql#wktLiteral> ] .',
        ),
        repair=_swapped,
    ),
    Rule(
        id="place-text",
        title={
            "fr": "Fait d'un lieu donné comme simple texte un lieu de ce nom.",
            "nl": "Maakt van een plaats die als gewone tekst is opgegeven een plaats met die naam.",
            "de": "Macht aus einem Ort, der als bloßer Text angegeben ist, einen Ort dieses Namens.",
            "en": "Makes a place given as plain text a place of that name.",
        },
        matches="dct:spatial with a text that no table knows (10 in DCAT feeds).",
        changes="A dct:Location with the text as rdfs:label; a text that is an address becomes that address.",
        predicates=frozenset({_SPATIAL}),
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:spatial "Quartier exemple" .',
            after='<urn:example> a dcat:Dataset ; dct:spatial [ a dct:Location ; rdfs:label "Quartier exemple" ] .',
        ),
        repair=_literals,
    ),
)
"""In the order in which they are tried."""
