"""Labels of IRIs: which of several is best, and what is no label."""

from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, parse

from maillon import paths
from maillon.sparql import labels
from maillon.sparql.labels import Labels
from maillon.vocabulary import PREFIXES

DATA = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix e: <http://x/> .
e:all skos:prefLabel "français"@fr , "nederlands"@nl , "deutsch"@de , "english"@en , "suomi"@fi , "plain" .
e:region dct:title "allgemein"@de , "belge"@fr-BE , "traduit"@fr-t-nl .
e:order dct:title "titre"@fr ; skos:prefLabel "concept"@fr ; foaf:name "nom"@fr .
e:later rdfs:label "Nederlands"@nl ; skos:prefLabel "english"@en .
e:plain vcard:fn "Service exemple" . e:rare dct:title "suomi"@fi . e:same dct:title "b"@fr , "a"@fr .
e:empty dct:title " "@fr , e:plain . e:none e:p "not a label" .
"""


@pytest.fixture
def store() -> Store:
    found = Store()
    found.load(DATA.encode(), RdfFormat.TURTLE)
    return found


@pytest.mark.parametrize(
    ("name", "language", "label"),
    [
        ("all", "nl", "nederlands"), ("all", "NL-BE", "nederlands"), ("all", "", "français"), ("all", "el", "français"),
        ("all", "fi", "suomi"), ("region", "fr", "belge"), ("region", "fr-t-nl", "traduit"), ("order", "fr", "concept"),
        ("later", "nl", "Nederlands"), ("later", "fr", "Nederlands"), ("plain", "fr", "Service exemple"),
        ("rare", "fr", "suomi"), ("same", "fr", "a"), ("empty", "fr", None), ("none", "fr", None),
        ("unknown", "fr", None),
    ],
)  # fmt: skip
def test_the_best_label_is_in_the_language_asked_for_and_of_the_best_predicate(
    store: Store, name: str, language: str, label: str | None
) -> None:
    found = Labels(store, language).of(NamedNode(f"http://x/{name}"))
    assert (found and found.value) == label


@pytest.mark.parametrize("term", [None, Literal("x"), BlankNode()])
def test_what_is_no_node_of_the_graph_has_no_label(store: Store, term: Any) -> None:
    assert Labels(store).of(term) is None


@pytest.mark.parametrize(
    ("call", "label"),
    [
        ("maillon:label(<http://x/all>)", '"français"@fr'),
        ('maillon:label(<http://x/all>, "de")', '"deutsch"@de'),
        ('maillon:label(<http://x/all>, "")', '"français"@fr'),
        ("maillon:label(<http://x/all>, LANG('a'@en))", '"english"@en'),
        ('maillon:label(<http://x/all>, "no language")', "None"),
        ("maillon:label(<http://x/all>, <http://x/all>)", "None"),
        ('maillon:label(<http://x/all>, "fr", "nl")', "None"),
        ("maillon:label()", "None"),
        ('maillon:label("all")', "None"),
        ("maillon:label(<http://x/none>)", "None"),
    ],
)
def test_a_query_may_ask_for_a_label(store: Store, call: str, label: str) -> None:
    query = f"SELECT ?l {{ BIND({call} AS ?l) }}"
    solutions: Any = store.query(query, prefixes=PREFIXES, custom_functions=labels.functions(store))
    assert [str(row["l"]) for row in solutions] == [label]


def test_labels_are_of_the_public_graph_whatever_graph_is_asked(store: Store) -> None:
    query = "SELECT (maillon:label(?s) AS ?l) { VALUES ?s { <http://x/order> } FILTER NOT EXISTS { ?s ?p ?o } }"
    other = NamedNode("http://x/graph")
    solutions: Any = store.query(
        query, prefixes=PREFIXES, default_graph=other, custom_functions=labels.functions(store)
    )
    assert [row["l"].value for row in solutions] == ["concept"]


def test_the_function_is_declared_in_the_ontology() -> None:
    subjects = {quad.subject for quad in parse(path=str(paths.ONTOLOGY / "maillon.ttl"))}
    assert labels.FUNCTION in subjects
    assert NamedNode("urn:maillon:term:search") in subjects
