"""What the SPARQL endpoint offers, for programs (SPARQL 1.1 Service Description, with counts in VoID) and for people.

Turns the settings, the manifest and the counts of a snapshot into RDF, and into what the page with the form shows under
it. Only what is true is declared: no federation, no union of graphs, no graph fetched from elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Response, current_app, request
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.settings import Settings
from maillon.sparql import search_service
from maillon.sparql.labels import FUNCTION as LABEL
from maillon.sparql.text import guard
from maillon.store import statistics
from maillon.store.snapshots import Manifest, Snapshot
from maillon.store.statistics import Statistics
from maillon.vocabulary import QUERY_PREFIXES, TYPE, term
from maillon.web import display, memento, negotiation, sparql_request
from maillon.web.negotiation import GRAPH_FORMS, HTML, RESULT_FORMS

FORMATS: Final = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "N-Triples",
    "N-Quads", "RDF_XML", "JSON-LD",
)  # fmt: skip
"""Names of the forms of an answer under http://www.w3.org/ns/formats/."""
GEOMETRY: Final = (
    "area", "asGeoJSON", "centroid", "convexHull", "coordinateDimension", "difference", "dimension", "distance",
    "ehContains", "ehCoveredBy", "ehCovers", "ehDisjoint", "ehEquals", "ehInside", "ehMeet", "ehOverlap", "envelope",
    "getSRID", "intersection", "isEmpty", "isSimple", "length", "perimeter", "rcc8dc", "rcc8ec", "rcc8eq", "rcc8ntpp",
    "rcc8ntppi", "rcc8po", "rcc8tpp", "rcc8tppi", "relate", "sfContains", "sfCrosses", "sfDisjoint", "sfEquals",
    "sfIntersects", "sfOverlaps", "sfTouches", "sfWithin", "spatialDimension", "symDifference", "union",
)  # fmt: skip
"""Functions of GeoSPARQL 1.1 that Oxigraph 0.5.13 has, under GEOF."""
GEOF: Final = "http://www.opengis.net/def/function/geosparql/"
NORMALISED: Final = (
    ('"120"^^xsd:nonNegativeInteger', '"120"^^xsd:integer'),
    ('"007"^^xsd:integer', '"7"^^xsd:integer'),
    ('"1.50"^^xsd:decimal', '"1.5"^^xsd:decimal'),
    ('"1"^^xsd:boolean', '"true"^^xsd:boolean'),
    ('"P12M"^^xsd:duration', '"P1Y"^^xsd:duration'),
    ('"2026-01-31T00:00:00.000+00:00"^^xsd:dateTime', '"2026-01-31T00:00:00Z"^^xsd:dateTime'),
    ('"2026-01-31T24:00:00"^^xsd:dateTime', '"2026-02-01T00:00:00"^^xsd:dateTime'),
    ('"eau"@fr-BE', '"eau"@fr-be'),
)
"""Pairs of a literal as sources write it and as the engine gives it back (Oxigraph issues 526 and 1413)."""
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_SIMPLE: Final = NamedNode("http://www.w3.org/ns/entailment/Simple")
_LEAST: Final = 20
"""Classes that the page for people names."""
_COMMENT: Final = (
    "Read-only. The public graph is the default graph, all other graphs are asked for by name; there is no union of "
    "them. SERVICE asks no other server; text is searched with {search}. Prefixes of {prefixes} vocabularies are "
    "predeclared. One query may take {seconds:g} seconds, {memory} octets of memory, {octets} octets of answer and "
    "{length} characters. Used up: 504 for time, 503 for memory, size and no free place (with Retry-After); the header "
    "X-Maillon-Reason names which. Literals come in the normal form of their datatype, and match whichever way a query "
    "writes them: {literals}. DATATYPE(), LANG() and STR() see the normal form; documents and feed have literals as "
    "their source wrote them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What ``templates/pages/service_description.html`` shows.

    Attributes:
        endpoint: Address of the endpoint, as programs call it.
        seconds: Seconds that a query may take.
        memory: Memory of a query, with its unit.
        octets: Size of an answer, with its unit.
        length: Characters of a query.
        depth: Nested brackets of a query.
        patterns: Triple patterns of one group.
        triples: Triples of the default graph.
        graphs: Named graphs, as pairs of IRI and number of triples, None where they were not counted.
        classes: The largest classes, as pairs of IRI and number of entities.
        forms: Pairs of name in ``format=`` and media type, of rows and of graphs.
        functions: IRIs of the functions beside those of SPARQL.
        search: How text is searched in a query.
        normalised: Pairs of a literal as it is written and as the engine gives it back.
        prefixes: Prefixes that need no declaration, with their namespaces.
        snapshot: Number of the snapshot that answers.
        pinned: Whether the address of the page names that snapshot.
        snapshots: Number, date in words and date (ISO 8601) of the snapshots that can be asked, the newest first.
    """

    endpoint: str
    seconds: float
    memory: str
    octets: str
    length: int
    depth: int
    patterns: int
    triples: int
    graphs: list[tuple[str, int | None]]
    classes: list[tuple[str, int]]
    forms: list[tuple[str, str]]
    functions: list[str]
    search: str
    normalised: tuple[tuple[str, str], ...]
    prefixes: Mapping[str, str]
    snapshot: int
    pinned: bool
    snapshots: list[tuple[int, str, str]]


def _settings() -> Settings:
    settings: Settings = current_app.config["MAILLON"]
    return settings


def functions() -> list[str]:
    """Return the IRIs of the functions that the endpoint has beside those of SPARQL 1.1."""
    return [LABEL.value, *(GEOF + name for name in GEOMETRY)]


def _graphs(snapshot: Snapshot, counted: Statistics | None) -> list[tuple[str, int | None]]:
    """Return the named graphs that a snapshot has, with their triples where they were counted."""
    if counted is not None:
        return sorted(counted.graphs.items())
    return sorted((iri, None) for iri in memento.graphs(snapshot))


def service(language: str) -> Service:
    """Return what people are told of the endpoint, about the snapshot that the page's address means."""
    settings = _settings()
    number = sparql_request.snapshot_number(request.args.get("snapshot", ""))
    with memento.chosen(number) as chosen:
        snapshot = chosen.snapshot
        counted = statistics.read(snapshot.path)
        graphs = _graphs(snapshot, counted)
    return Service(
        endpoint=f"{negotiation.root(settings)}sparql",
        seconds=settings.query_timeout,
        memory=display.size(str(settings.query_memory), language),
        octets=display.size(str(settings.query_max_bytes), language),
        length=guard.MAX_LENGTH,
        depth=guard.MAX_DEPTH,
        patterns=guard.MAX_PATTERNS,
        triples=snapshot.manifest.counts["triples"],
        graphs=graphs,
        classes=list(counted.classes.items())[:_LEAST] if counted else [],
        forms=[(form.name, form.media_type) for form in (*RESULT_FORMS, *GRAPH_FORMS)],
        functions=functions(),
        search=search_service.EXAMPLE,
        normalised=NORMALISED,
        prefixes=QUERY_PREFIXES,
        snapshot=snapshot.number,
        pinned=number is not None,
        snapshots=[
            (manifest.number, display.moment(manifest.made, language), manifest.made)
            for manifest in reversed(memento.manifests())
        ],
    )


def respond(extension: str) -> Response:
    """Describe the endpoint as RDF; people are led to the page with the form, which says the same in words.

    Args:
        extension: Extension of the address, empty for none; it wins over ``format`` and ``Accept``.
    """
    values = sparql_request.received({})
    form = negotiation.negotiate((*GRAPH_FORMS, HTML), extension or sparql_request.first(values, "format"))
    number = sparql_request.snapshot_number(sparql_request.first(values, "snapshot"))
    if form is HTML:
        return negotiation.see_page("/sparql" + (f"?snapshot={number}" if number is not None else ""))
    with memento.chosen(number) as chosen:
        manifest, root = chosen.snapshot.manifest, negotiation.root(_settings())
        entity_tag = negotiation.tag(
            manifest.number, manifest.content, manifest.build, root, form.name, current_app.config["MAILLON_BUILD"],
            _comment(),
        )  # fmt: skip
        response = negotiation.unchanged(entity_tag)
        if response is None:
            response = negotiation.graph(_triples(chosen.snapshot, root), form)
            response.set_etag(entity_tag, weak=True)
        memento.mark(response, chosen)
    return response


def _sd(name: str) -> NamedNode:
    return term(f"sd:{name}")


def _number(value: int) -> Literal:
    return Literal(str(value), datatype=term("xsd:integer"))


def _comment() -> str:
    settings = _settings()
    return _COMMENT.format(
        search=search_service.EXAMPLE,
        prefixes=len(QUERY_PREFIXES),
        seconds=settings.query_timeout,
        memory=settings.query_memory,
        octets=settings.query_max_bytes,
        length=guard.MAX_LENGTH,
        literals="; ".join(f"{before} as {after}" for before, after in NORMALISED),
    )


def _triples(snapshot: Snapshot, root: str) -> list[Triple]:
    service_ = NamedNode(f"{root}sparql")
    dataset = BlankNode("dataset")
    counted, manifest = statistics.read(snapshot.path), snapshot.manifest
    found = [
        Triple(service_, TYPE, _sd("Service")),
        Triple(service_, _sd("endpoint"), service_),
        Triple(service_, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        Triple(service_, _sd("defaultEntailmentRegime"), _SIMPLE),
        Triple(service_, term("rdfs:comment"), Literal(_comment(), language="en")),
        Triple(service_, term("rdfs:seeAlso"), NamedNode(f"{root}.well-known/void")),
    ]
    found += [Triple(service_, _sd("resultFormat"), NamedNode(_FORMATS + name)) for name in FORMATS]
    for iri in functions():
        found.append(Triple(service_, _sd("extensionFunction"), NamedNode(iri)))
        found.append(Triple(NamedNode(iri), TYPE, _sd("Function")))
    search = NamedNode(search_service.SERVICE)
    found += [Triple(service_, _sd("feature"), search), Triple(search, TYPE, _sd("Feature"))]
    found += [
        Triple(service_, _sd("defaultDataset"), dataset),
        Triple(service_, _sd("availableGraphs"), dataset),
        Triple(dataset, TYPE, _sd("Dataset")),
        Triple(dataset, TYPE, _sd("GraphCollection")),
        Triple(dataset, term("dct:identifier"), Literal(str(manifest.number))),
        Triple(dataset, term("dct:modified"), Literal(manifest.made, datatype=term("xsd:dateTime"))),
    ]
    found += _default_graph(dataset, manifest, counted)
    for place, (iri, triples) in enumerate(_graphs(snapshot, counted), 1):
        found += _named_graph(dataset, place, iri, triples)
    return found


def _default_graph(dataset: BlankNode, manifest: Manifest, counted: Statistics | None) -> Iterator[Triple]:
    """Yield what the public graph holds: VoID counts, with a partition for each class and property."""
    graph = BlankNode("default")
    yield Triple(dataset, _sd("defaultGraph"), graph)
    yield Triple(graph, TYPE, _sd("Graph"))
    yield Triple(graph, TYPE, term("void:Dataset"))
    yield Triple(graph, term("void:triples"), _number(manifest.counts["triples"]))
    yield Triple(graph, term("void:entities"), _number(manifest.counts.get("entities", 0)))
    if counted is None:
        return
    yield Triple(graph, term("void:classes"), _number(len(counted.classes)))
    yield Triple(graph, term("void:properties"), _number(len(counted.properties)))
    kinds = (("class", "void:entities", counted.classes), ("property", "void:triples", counted.properties))
    for kind, counting, numbers in kinds:
        for place, (iri, number) in enumerate(numbers.items(), 1):
            part = BlankNode(f"{kind}{place}")
            yield Triple(graph, term(f"void:{kind}Partition"), part)
            yield Triple(part, term(f"void:{kind}"), NamedNode(iri))
            yield Triple(part, term(counting), _number(number))


def _named_graph(dataset: BlankNode, place: int, iri: str, triples: int | None) -> Iterator[Triple]:
    named, graph = BlankNode(f"named{place}"), BlankNode(f"graph{place}")
    yield Triple(dataset, _sd("namedGraph"), named)
    yield Triple(named, TYPE, _sd("NamedGraph"))
    yield Triple(named, _sd("name"), NamedNode(iri))
    yield Triple(named, _sd("graph"), graph)
    yield Triple(graph, TYPE, _sd("Graph"))
    if triples is not None:
        yield Triple(graph, TYPE, term("void:Dataset"))
        yield Triple(graph, term("void:triples"), _number(triples))
