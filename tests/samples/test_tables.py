"""The sample tables: rows as entities through the catalogue they belong to, joined to it and to each other by IRIs."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, Store

from harvesters import dcat
from maillon import definitions, paths, settings, tabular
from maillon.fetch import Fetcher
from maillon.mapping import entities
from maillon.rdf import canonical
from maillon.records import Entity, Rejected

BASE = "http://localhost:8000/"
ROWS = BASE + "id/data/brussels-tables/"
PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX schema: <http://schema.org/>
PREFIX qb: <http://purl.org/linked-data/cube#> PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX refArea: <http://purl.org/linked-data/sdmx/2009/dimension#refArea>
"""


def converted(folder: Path) -> Iterator[tuple[str, Entity | Rejected]]:
    """Yield (graph, entity) of the catalogue (graph "") and of each table."""
    source = definitions.load("brussels-tables")
    tables = tabular.declared(source)
    finder = tabular.Finder(tables)
    with Fetcher(source, settings.load({}, data=folder), folder / "raw") as fetch:
        for record in dcat.records(source, fetch):
            assert not isinstance(record, Rejected)
            for entity in entities(record, source, BASE):  # type: ignore[arg-type]
                finder.see(entity)
                yield "", entity
        for table in tables:
            resource = finder.find(table)
            assert isinstance(resource, tabular.Resource), resource
            for item in tabular.rows(table, resource, source, BASE, tabular.beside(source, fetch)):
                yield tabular.graph(table, source, BASE), item


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store()
    for graph, item in converted(tmp_path_factory.mktemp("tables")):
        assert isinstance(item, Entity), item
        for triple in canonical.triples(canonical.version(item, BASE).text):
            place = [NamedNode(graph)] if graph else []
            made.add(Quad(triple.subject, triple.predicate, triple.object, *place))
    return made


def count(store: Store, pattern: str) -> int:
    query = f"{PREFIXES}SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
    (row,) = list(store.query(query, use_default_graph_as_union=True))  # type: ignore[arg-type]
    return int(row[0].value)


def test_every_row_of_the_three_files_is_an_entity(store: Store) -> None:
    derived = f"?s prov:wasDerivedFrom ?row . FILTER (STRSTARTS(STR(?s), '{ROWS}%s/'))"
    assert count(store, derived % "municipalities") == 19
    assert count(store, derived % "population") == 19 * 3
    assert count(store, derived % "stations") == 23


def test_each_row_leads_to_a_distribution_of_the_catalogue(store: Store) -> None:
    joined = """?dataset dcat:distribution ?d . ?s prov:wasDerivedFrom ?row .
        FILTER (STRSTARTS(STR(?row), CONCAT(STR(?d), "#")))"""
    assert count(store, joined) == 19 + 57 + 23
    assert count(store, "?graph prov:wasDerivedFrom ?d ; dct:source ?dataset . ?dataset dcat:distribution ?d") == 3


def test_stations_and_observations_lead_to_municipalities_that_are_described(store: Store) -> None:
    named = 'rdfs:label ?name . FILTER (LANG(?name) = "nl")'
    town = f"?town a schema:AdministrativeArea ; geo:hasGeometry/geo:asWKT ?wkt ; {named}"
    assert count(store, f"?station a schema:TrainStation ; schema:containedInPlace ?town . {town}") == 23
    assert count(store, f"?observation a qb:Observation ; refArea: ?town . {town}") == 57


def test_rows_stand_in_the_graph_of_their_table(store: Store) -> None:
    graph = NamedNode(f"{BASE}graph/data/brussels-tables/municipalities")
    subject = NamedNode(ROWS + "municipalities/21004")
    found = list(store.quads_for_pattern(subject, None, None, None))
    assert found
    assert {quad.graph_name for quad in found} == {graph}


def lines(name: str) -> list[str]:
    return (paths.SAMPLES / name).read_text(encoding="utf-8").splitlines()


def test_codes_are_the_nineteen_and_every_reference_is_one_of_them() -> None:
    features = json.loads((paths.SAMPLES / "brussels-municipalities.geojson").read_text(encoding="utf-8"))["features"]
    codes = [item["properties"]["nis"] for item in features]
    assert codes == [str(number) for number in range(21001, 21020)]
    stations = list(csv.DictReader(lines("brussels-stations.csv")))
    population = list(csv.DictReader(lines("brussels-population.csv"), delimiter=";"))
    assert {row["commune"] for row in stations} <= set(codes)
    assert [row["nis"] for row in population] == codes
    for row in stations:
        assert 4.24 < float(row["longitude"]) < 4.49
        assert 50.76 < float(row["latitude"]) < 50.92


def test_the_readme_names_what_is_invented() -> None:
    text = (paths.SAMPLES / "README.md").read_text(encoding="utf-8")
    for path in paths.SAMPLES.iterdir():
        assert path.name == "README.md" or f"`{path.name}`" in text, path.name
    assert text.count("**invented**") + text.count("**Shapes are invented**") == 2
