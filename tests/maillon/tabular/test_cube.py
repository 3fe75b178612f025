"""Statistical tables as RDF Data Cube: the integrity constraints of the standard, as ASK queries that must say no.

https://www.w3.org/TR/vocab-data-cube/#wf, after the normalisation of section 10. Constraints about slices, about
measure dimensions and about hierarchies have nothing to check in the cubes that are made here; most are asked too.
"""

import pytest
from pyoxigraph import Store

from .conftest import BASE, ROOT, Convert

PREFIXES = """
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
"""
NORMALISATION = [
    "INSERT { ?o rdf:type qb:Observation } WHERE { [] qb:observation ?o }",
    "INSERT { ?o rdf:type qb:Observation . ?ds rdf:type qb:DataSet } WHERE { ?o qb:dataSet ?ds }",
    "INSERT { ?s rdf:type qb:Slice } WHERE { [] qb:slice ?s }",
    "INSERT { ?cs qb:componentProperty ?p . ?p rdf:type qb:DimensionProperty } WHERE { ?cs qb:dimension ?p }",
    "INSERT { ?cs qb:componentProperty ?p . ?p rdf:type qb:MeasureProperty } WHERE { ?cs qb:measure ?p }",
    "INSERT { ?cs qb:componentProperty ?p . ?p rdf:type qb:AttributeProperty } WHERE { ?cs qb:attribute ?p }",
]
CONSTRAINTS = {
    "IC-1 one data set": """{ ?obs a qb:Observation . FILTER NOT EXISTS { ?obs qb:dataSet ?d1 } }
        UNION { ?obs a qb:Observation ; qb:dataSet ?d1, ?d2 . FILTER (?d1 != ?d2) }""",
    "IC-2 one structure": """{ ?ds a qb:DataSet . FILTER NOT EXISTS { ?ds qb:structure ?s } }
        UNION { ?ds a qb:DataSet ; qb:structure ?s1, ?s2 . FILTER (?s1 != ?s2) }""",
    "IC-3 a measure": """?s a qb:DataStructureDefinition .
        FILTER NOT EXISTS { ?s qb:component/qb:componentProperty/a qb:MeasureProperty }""",
    "IC-4 range of dimensions": "?d a qb:DimensionProperty . FILTER NOT EXISTS { ?d rdfs:range [] }",
    "IC-5 code lists": """?d a qb:DimensionProperty ; rdfs:range skos:Concept .
        FILTER NOT EXISTS { ?d qb:codeList [] }""",
    "IC-6 only attributes optional": """?s qb:component ?c . ?c qb:componentRequired false ; qb:componentProperty ?p .
        FILTER NOT EXISTS { ?p a qb:AttributeProperty }""",
    "IC-7 slice keys declared": """?k a qb:SliceKey .
        FILTER NOT EXISTS { ?d a qb:DataStructureDefinition ; qb:sliceKey ?k }""",
    "IC-8 slice keys consistent": """?k a qb:SliceKey ; qb:componentProperty ?p . ?s qb:sliceKey ?k .
        FILTER NOT EXISTS { ?s qb:component/qb:componentProperty ?p }""",
    "IC-9 one structure of a slice": """{ ?s a qb:Slice . FILTER NOT EXISTS { ?s qb:sliceStructure ?k } }
        UNION { ?s a qb:Slice ; qb:sliceStructure ?k1, ?k2 . FILTER (?k1 != ?k2) }""",
    "IC-10 slice dimensions complete": """?s qb:sliceStructure/qb:componentProperty ?d .
        FILTER NOT EXISTS { ?s ?d [] }""",
    "IC-11 all dimensions": """?obs qb:dataSet/qb:structure/qb:component/qb:componentProperty ?d .
        ?d a qb:DimensionProperty . FILTER NOT EXISTS { ?obs ?d [] }""",
    "IC-12 no observation twice": """FILTER (?all) {
        SELECT (MIN(?equal) AS ?all) WHERE {
          ?o1 qb:dataSet ?ds . ?o2 qb:dataSet ?ds . FILTER (?o1 != ?o2)
          ?ds qb:structure/qb:component/qb:componentProperty ?d . ?d a qb:DimensionProperty .
          ?o1 ?d ?v1 . ?o2 ?d ?v2 . BIND (?v1 = ?v2 AS ?equal)
        } GROUP BY ?o1 ?o2 }""",
    "IC-13 required attributes": """?obs qb:dataSet/qb:structure/qb:component ?c .
        ?c qb:componentRequired true ; qb:componentProperty ?a . FILTER NOT EXISTS { ?obs ?a [] }""",
    "IC-14 all measures": """?obs qb:dataSet/qb:structure ?s .
        FILTER NOT EXISTS { ?s qb:component/qb:componentProperty qb:measureType }
        ?s qb:component/qb:componentProperty ?m . ?m a qb:MeasureProperty . FILTER NOT EXISTS { ?obs ?m [] }""",
    "IC-15 measure dimension consistent": """?obs qb:dataSet/qb:structure ?s ; qb:measureType ?m .
        ?s qb:component/qb:componentProperty qb:measureType . FILTER NOT EXISTS { ?obs ?m [] }""",
    "IC-16 one measure of a measure dimension": """?obs qb:dataSet/qb:structure ?s ; qb:measureType ?m ; ?o [] .
        ?s qb:component/qb:componentProperty qb:measureType, ?o . ?o a qb:MeasureProperty . FILTER (?o != ?m)""",
    "IC-18 observations of slices": """?ds qb:slice ?s . ?s qb:observation ?o .
        FILTER NOT EXISTS { ?o qb:dataSet ?ds }""",
    "IC-19 codes of the list": """?obs qb:dataSet/qb:structure/qb:component/qb:componentProperty ?d .
        ?d a qb:DimensionProperty ; qb:codeList ?l . ?l a skos:ConceptScheme . ?obs ?d ?v .
        FILTER NOT EXISTS { ?v a skos:Concept ; skos:inScheme ?l }""",
}
"""IC-17 is about cubes with a measure dimension, IC-20 and IC-21 about qb:HierarchicalCodeList: none is ever made."""

CUBE = """
cube = true
dimensions = ["nis", "sexe", "year"]
measures = ["population", "menages"]
attributes = ["statut"]
melt = []
[tables.columns.nis]
property = "sdmx-dimension:refArea"
iri = "../towns/{nis}"
label = { fr = "commune", nl = "gemeente" }
[tables.columns.sexe]
codes = { F = "femmes", M = "hommes" }
[tables.columns.year]
datatype = "gYear"
[tables.columns.population]
datatype = "integer"
unit = "https://unit.example/person"
[tables.columns.menages]
datatype = "integer"
[tables.columns.statut]
property = "sdmx-attribute:obsStatus"
"""
TABLE = """nis;sexe;year;population;menages;statut
21004;F;2023;10;4;
21004;M;2023;11;5;provisoire
21004;F;2024;12;6;
21005;F;2023;13;7;
"""


def broken(store: Store) -> list[str]:
    for update in NORMALISATION:
        store.update(PREFIXES + update)
    return [name for name, pattern in CONSTRAINTS.items() if store.query(f"{PREFIXES}ASK {{ {pattern} }}")]


def test_a_cube_keeps_the_integrity_constraints(convert: Convert) -> None:
    found = convert("c.csv", TABLE, CUBE)
    assert not found.rejected
    store = found.store()
    assert store.query(PREFIXES + "ASK { ?o a qb:Observation ; qb:dataSet/qb:structure/qb:component/qb:measure [] }")
    assert broken(store) == []


SPOILT = {
    "IC-1 one data set": "DELETE { ?o qb:dataSet ?d } WHERE { ?o qb:dataSet ?d ; ?p 13 }",
    "IC-2 one structure": "DELETE { ?d qb:structure ?s } WHERE { ?d qb:structure ?s }",
    "IC-4 range of dimensions": "DELETE { ?p rdfs:range ?r } WHERE { ?p a qb:DimensionProperty ; rdfs:range ?r }",
    "IC-5 code lists": "DELETE { ?p qb:codeList ?l } WHERE { ?p qb:codeList ?l }",
    "IC-11 all dimensions": "DELETE { ?o ?p ?v } WHERE { ?p a qb:DimensionProperty . ?o ?p ?v }",
    "IC-12 no observation twice": "INSERT { <urn:x> ?p ?v } WHERE { ?o a qb:Observation ; ?q 13 ; ?p ?v }",
    "IC-14 all measures": "DELETE { ?o ?p ?v } WHERE { ?p a qb:MeasureProperty . ?o ?p ?v . FILTER (?v = 13) }",
    "IC-19 codes of the list": "DELETE { ?c skos:inScheme ?s } WHERE { ?c skos:inScheme ?s }",
}


@pytest.mark.parametrize("name", SPOILT)
def test_the_queries_do_find_a_cube_that_was_spoilt(convert: Convert, name: str) -> None:
    store = convert("c.csv", TABLE, CUBE).store()
    store.update(PREFIXES + SPOILT[name])
    assert name in broken(store)


def test_an_observation_has_its_dimensions_and_the_declared_property_too(convert: Convert) -> None:
    found = convert("c.csv", TABLE, CUBE)
    said = found.said("obs/21004/" + next(iter({item.iri.split("/")[-2] for item in found.rows()})) + "/2023")
    assert said["nis"] == said["refArea"] == [f"{BASE}id/data/test/towns/21004"]
    assert said["dataSet"] == [f"{BASE}graph/data/test/t"]
    assert found.said("property/population")["unitMeasure"] == ["https://unit.example/person"]
    assert set(found.said("property/nis")["label"]) == {"commune", "gemeente"}
    assert found.said("property/sexe")["codeList"] == [f"{ROOT}code/sexe"]


def test_observations_that_would_break_the_cube_are_rejected_and_named(convert: Convert) -> None:
    found = convert("c.csv", TABLE + "21005;F;;1;1;\n21005;M;2023;n/a;1;\n21005;F;2023;1;1;\n", CUBE)
    assert found.messages[0] == "c.csv row 6: row without key: no usable value of year, of which its IRI is made"
    assert found.messages[1:3] == [
        'c.csv row 7, column "population": wrong cell: "n/a" is no integer',
        "c.csv row 7: observation without measure: no value of population",
    ]
    assert found.messages[3].startswith("c.csv row 8: key that stood before: ")
    assert broken(found.store()) == []
