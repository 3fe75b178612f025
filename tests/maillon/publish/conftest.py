"""A picture of everything that a snapshot answers, so that two snapshots can be compared; and a changing catalogue."""

import io
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad

from maillon import mapping, publish
from maillon.quality.aggregation import KINDS
from maillon.quality.file import QualityFile
from maillon.records import Entity
from maillon.search import Query, SearchIndex
from maillon.sources import Source
from maillon.store import graph
from maillon.store.documents import Documents
from maillon.store.snapshots import Snapshot

BASE = "http://localhost:8000/"
AUTHORITY = "http://publications.europa.eu/resource/authority/"
SOURCES = tuple(Source(name=name, kind="dcat", url=f"{name}.ttl", publisher=f"Publisher of {name}") for name in "ab")

Make = Callable[[str, str, str], Entity]


def _search(snapshot: Snapshot) -> list[Any]:
    index = SearchIndex(snapshot.search)
    queries = [Query(sort="title", language=language, limit=1000) for language in ("fr", "nl", "de", "en")]
    queries += [Query(sort="modified", limit=1000), Query(text="commune budget")]
    queries += [Query(text="budgte commnue", wide=True)]
    queries += [Query(text="titel"), Query(filters={"format": (AUTHORITY + "file-type/CSV",)})]
    results: list[Any] = [asdict(index.search(query)) for query in queries]
    return [*results, index.suggest("budgte commnue")]


def _documents(snapshot: Snapshot) -> list[Any]:
    documents = Documents(snapshot.documents)
    found: list[Any] = []
    for document in documents.dump():
        values = asdict(document)
        values["related"] = documents.related(document.iri)
        values["repairs"] = documents.repairs_of(document.iri)
        values["referrers"] = documents.referrers(document.iri)
        found.append(values)
    found += [documents.sources(), documents.findings_by_shape(), documents.counts()]
    documents.close()
    return found


def _quads(snapshot: Snapshot) -> list[Quad]:
    """Return what the store holds, without the history: that of a data folder that published more often is longer."""
    history = NamedNode(f"{BASE}graph/quality-history")
    return [quad for quad in graph.open_read_only(snapshot.store) if quad.graph_name != history]


def _quality(snapshot: Snapshot) -> list[Any]:
    quality = QualityFile(snapshot.quality)
    found: list[Any] = []
    for kind in KINDS:
        for scope in quality.scopes(kind):
            worst = [quality.worst(kind, scope.key, fix, 100) for fix in ("", *(gain.fix for gain in scope.gains))]
            found += [scope, worst, list(quality.members(kind, scope.key))]
        found.append(dict(quality.median(kind)))
    quality.close()
    return found


def _picture(snapshot: Snapshot) -> dict[str, Any]:
    out = io.BytesIO()
    publish.dump(snapshot, out)
    manifest = snapshot.manifest
    return {
        "dump": sorted(out.getvalue().decode().splitlines()),
        "store": sorted(map(str, _quads(snapshot))),
        "quality": _quality(snapshot),
        "search": _search(snapshot),
        "documents": _documents(snapshot),
        "counts": manifest.counts,
        "content": manifest.content,
        "sources": manifest.sources,
        "faults": publish.verify(snapshot),
    }


@pytest.fixture(scope="session")
def picture() -> Callable[[Snapshot], dict[str, Any]]:
    """Give the function that takes the picture of a snapshot."""
    return _picture


def _dataset(iri: str, number: int, variant: int) -> str:
    # In its last variant it is published by a body that only the definition of the source names.
    publisher = _publisher() if variant == 3 else f"{BASE}id/organisation/a/o{variant}"
    parts = f"<{BASE}id/distribution/a/p{number % 3}> , <{BASE}id/distribution/b/p{variant % 3}>"
    turtle = f"""
        <{iri}> a dcat:Dataset ; dct:title "Budget de la commune {variant}"@fr , "Titel {number}"@nl-BE ;
        dct:publisher <{publisher}> ; dcat:distribution {parts} ; dct:issued "20{20 + variant}-01-01"^^xsd:date ;
        dcat:spatialResolutionInMeters "1.{variant}0"^^xsd:decimal , "1.{variant}"^^xsd:decimal ;
        dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "20{10 + variant}-01-01"^^xsd:date ] ,
            [ a dct:PeriodOfTime ; dcat:startDate "1999-01-01"^^xsd:date ] .
    """
    # Without a description it has a violation.
    return turtle if variant % 2 else turtle + f'<{iri}> dct:description "Beschreibung {variant}"@de .'


def _publisher() -> str:
    agent = mapping.publisher(SOURCES[0], BASE)
    assert agent is not None
    return agent.iri


def _entity(make: Make, number: int, variant: int) -> Entity:
    """Return entity ``number`` of a small world in one of its variants."""
    if number < 5:
        iri = f"{BASE}id/dataset/a/d{number}" if number % 2 else f"https://data.example.org/d{number}"
        kind = "series" if number == 4 and variant == 3 else "dataset"
        return make(iri, kind, _dataset(iri, number, variant))
    if number < 8:
        iri = f"{BASE}id/organisation/a/o{number - 5}"
        return make(iri, "organisation", f'<{iri}> a foaf:Agent ; foaf:name "Commune {variant}"@fr .')
    if number < 11:
        iri = f"{BASE}id/distribution/{'ab'[number % 2]}/p{number - 8}"
        access = f"dcat:accessURL <https://data.example.org/{number}>" if variant else 'dct:title "Sans adresse"'
        file_type = f"dct:format <{AUTHORITY}file-type/{('CSV', 'JSON', 'PDF', 'XML')[variant]}>"
        size = f'dcat:byteSize "00{variant}"^^xsd:nonNegativeInteger'
        return make(iri, "distribution", f"<{iri}> a dcat:Distribution ; {size} ; {access} ; {file_type} .")
    if number == 11:
        iri = f"{BASE}id/service/a/s"
        turtle = f"<{iri}> a dcat:DataService ; dcat:endpointURL <https://x.example.org/{variant}> ."
        return make(iri, "service", turtle + f"<{iri}> dcat:servesDataset <{BASE}id/dataset/a/d1> .")
    return _odd(make, number, variant)


def _odd(make: Make, number: int, variant: int) -> Entity:
    if number == 12:  # a source describes a term whose label every store holds anyway
        iri = f"{AUTHORITY}data-theme/TRAN"
        label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
        texts = ('"Transport"@fr', '"Vervoer"@nl', '"Transport"@en', '"Transports"@fr')
        return make(iri, "resource", f"<{iri}> {label} {texts[variant]} .")
    if number == 13:  # a source describes the body that publishing would describe itself
        iri = _publisher()
        return make(iri, "organisation", f'<{iri}> a foaf:Agent ; foaf:name "Own words {variant}"@en .')
    if number == 15:  # a row of an open dataset, in the graph of its table
        iri, table = f"{BASE}id/data/a/places/21004", f"{BASE}graph/data/a/places"
        label = f'<http://www.w3.org/2000/01/rdf-schema#label> "Bruxelles {variant}. <x> .\\n"@fr'
        return make(iri, "data", f"<{iri}> {label} ; <http://rdfs.org/ns/void#inDataset> <{table}> .")
    # a source claims the catalogue of the whole site
    iri = f"{BASE}id/catalog/all"
    return make(iri, "catalog", f'<{iri}> a dcat:Catalog ; dct:title "Mine {variant}"@en .')


WORLD = 16
VARIANTS = 4


@pytest.fixture(scope="session")
def world(entity: Make) -> Callable[[int, int], Entity]:
    """Give a function that makes entity 0 to 14 of a small world in variant 0 to 3."""
    return lambda number, variant: _entity(entity, number, variant)


@pytest.fixture(scope="session")
def owners() -> tuple[Source, ...]:
    """Give the two sources of the small world; entity ``n`` belongs to the one at ``n % 2``."""
    return SOURCES
