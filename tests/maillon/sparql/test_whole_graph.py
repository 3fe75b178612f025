"""The query for a whole graph is known in its spellings, and a scan gives what evaluation gives."""

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryTriples, Store

from maillon.sparql import whole_graph


@pytest.mark.parametrize(
    "query",
    [
        whole_graph.QUERY,
        "construct where{?a $b ?c.}",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o . } { ?s ?p ?o } # all of it",
        "# all\nCONSTRUCT {?s ?p ?o}\nWHERE {?s ?p ?o .}\n",
    ],
)
def test_every_spelling_is_known_and_a_scan_gives_the_same(query: str) -> None:
    store = Store()
    graph = NamedNode("urn:g")
    for number in range(20):
        store.add(Quad(NamedNode(f"urn:s{number % 3}"), NamedNode("urn:p"), Literal(number)))
        store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(number), graph))
    assert whole_graph.is_asked(query)
    whole, named = store.query(query), store.query(query, default_graph=[graph])
    assert isinstance(whole, QueryTriples)
    assert isinstance(named, QueryTriples)
    assert set(whole_graph.triples(store)) == set(whole)
    assert set(whole_graph.triples(store, "urn:g")) == set(named)
    assert len(list(whole_graph.triples(store, "urn:g"))) == 20
    assert list(whole_graph.triples(store, "urn:none")) == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "CONSTRUCT",
        "CONSTRUCT WHERE",
        "CONSTRUCT { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } WHERE",
        "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 10",
        "CONSTRUCT WHERE { ?s ?p ?s }",
        "CONSTRUCT WHERE { ?s ?p 1 }",
        "CONSTRUCT WHERE { ?s a ?o }",
        "CONSTRUCT WHERE { ?s ?p ?o . ?o ?q ?r }",
        "CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } FROM <urn:g> WHERE { ?s ?p ?o }",
        "CONSTRUCT FROM <urn:g> WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(?s) }",
        "PREFIX a: <urn:a> CONSTRUCT WHERE { ?s ?p ?o }",
        "SELECT * WHERE { ?s ?p ?o }",
        "CONSTRUCT WHERE { ?s ?p ?o }" + " " * 200,
    ],
)
def test_any_other_query_is_evaluated(query: str) -> None:
    assert not whole_graph.is_asked(query)
