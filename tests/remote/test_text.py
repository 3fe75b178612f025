"""What is sent to a server for a query, and how many triples are expected there."""

import pytest
from pyoxigraph import RdfFormat, parse

from maillon.publish.remote_content import Shared, by_graph, content, split
from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.remote.text import prepared

BASE = "http://localhost:8000/"
PUBLIC = f"{BASE}graph/public"
NAMED = (f"{BASE}graph/findings", f"{BASE}graph/copies")
NOTHING = ("urn:x-maillon:nothing",)
T = (("t", "<http://example.org/T>"),)
VALUES = "VALUES (?t) { (<http://example.org/T>) }"


def sent(query: str, **more: object) -> str:
    text = prepared(Job(query=query, base_iri=f"{BASE}sparql", **more), PUBLIC, NAMED).text  # type: ignore[arg-type]
    return " ".join(text.split())


def test_only_prefixes_that_are_used_and_not_declared_are_written_before_the_first_line() -> None:
    query = "PREFIX foaf: <http://example.org/>\nSELECT * { ?s dct:title 'skos:x' ; foaf:name ?n } # dcat:x"
    text = prepared(Job(query=query), PUBLIC, NAMED).text
    assert text == f"PREFIX dct: <http://purl.org/dc/terms/> {query}"


def test_a_base_is_written_where_an_iri_is_relative() -> None:
    assert sent("DESCRIBE <x>") == f"BASE <{BASE}sparql> DESCRIBE <x>"
    assert sent("DESCRIBE <urn:x>") == "DESCRIBE <urn:x>"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ASK { ?s a ?t }", f"ASK {{ {VALUES} ?s a ?t }}"),
        ("CONSTRUCT { ?d a ?t } WHERE { ?d a ?t }", f"CONSTRUCT {{ ?d a ?t }} WHERE {{ {VALUES} ?d a ?t }}"),
        ("CONSTRUCT WHERE { ?d a ?t . }", f"CONSTRUCT {{ ?d a ?t . }} WHERE {{ {VALUES} ?d a ?t . }}"),
        (
            "SELECT (EXISTS { ?a ?b ?c } AS ?x) ?t { { SELECT ?d { ?d a ?t } } }",
            f"SELECT (EXISTS {{ ?a ?b ?c }} AS ?x) ?t {{ {VALUES} {{ SELECT ?d {{ {VALUES} ?d a ?t }} }} }}",
        ),
    ],
)
def test_bindings_become_values_in_the_group_of_every_select(query: str, expected: str) -> None:
    assert sent(query, bindings=T) == expected


def test_the_dataset_leaves_the_text_and_unpublished_graphs_are_nothing() -> None:
    query = f"PREFIX g: <{BASE}graph/> SELECT * FROM g:findings FROM NAMED <graph/copies> FROM <urn:x> {{ ?s ?p ?o }}"
    found = prepared(Job(query=query, base_iri=f"{BASE}sparql"), PUBLIC, NAMED)
    assert "FROM" not in found.text
    assert found.default_graphs == (NAMED[0],)
    assert found.named_graphs == (NAMED[1],)
    found = prepared(Job(query="ASK FROM NAMED <urn:x> {}"), PUBLIC, NAMED)
    assert (found.default_graphs, found.named_graphs) == (NOTHING, NOTHING)
    found = prepared(Job(query="ASK {}"), PUBLIC, NAMED)
    assert (found.default_graphs, found.named_graphs) == ((PUBLIC,), tuple(sorted(NAMED)))


@pytest.mark.parametrize(
    "query", ["", "PREFIX", "BASE", "SELECT * FROM {}", "#", "<", "ASK FROM NAMED", "PREFIX a: a:"]
)
def test_a_query_cut_anywhere_is_refused_or_sent_and_never_crashes(query: str) -> None:
    try:
        prepared(Job(query=query, bindings=T), PUBLIC, NAMED)
    except QueryFailed as failed:
        assert failed.kind == "syntax"


@pytest.mark.parametrize(
    "query",
    [
        "ASK { \\u0053ERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT ('\\u0027 AS ?x) { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } } #')",
        "ASK { <urn:x\\U0000003E ?p ?o . SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "ASK { ?s <\\u0062if:x> ?o }",
        "ASK { ?s ?p ?o FILTER <\\U0000006aava:x.y>(?o) }",
    ],
)
def test_escapes_hide_nothing_from_us_that_a_server_would_see(query: str) -> None:
    with pytest.raises(QueryFailed) as failed:
        sent(query)
    assert failed.value.kind in ("refused", "syntax")


def test_escapes_of_letters_stay_where_they_belong() -> None:
    query = "SELECT ('\\u00e9t\\u00E9 \\n' AS ?x) FROM <graph/f\\u0069ndings> { ?s <urn:\\u00e9> dct:a\\-b }"
    found = prepared(Job(query=query, base_iri=f"{BASE}sparql"), PUBLIC, NAMED)
    assert found.default_graphs == (NAMED[0],)
    assert found.text.endswith("SELECT ('\\u00e9t\\u00E9 \\n' AS ?x)   { ?s <urn:\\u00e9> dct:a\\-b }")


def test_lines_are_split_into_triple_and_graph_whatever_the_literal_holds() -> None:
    quads = (
        '<urn:s> <urn:p> "a <urn:g> .\\n \u2028 \\" x" <urn:g> .\n'
        '<urn:s> <urn:p> "x <urn:no>"@fr-be .\n'
        "<urn:s> <urn:p> <urn:o> .\n<urn:s> <urn:p> <urn:o> <urn:g> .\n"
        '<urn:s> <urn:p> "7"^^<urn:type> .\n<urn:s> <urn:p> "7"^^<urn:type> <urn:g> .\n'
    )
    for line, quad in zip(Shared(()).own(quads), parse(quads.encode(), RdfFormat.N_QUADS), strict=True):
        triple, graph = split(line)
        (alone,) = parse(f"{triple} .".encode(), RdfFormat.N_TRIPLES)
        assert alone.triple == quad.triple
        assert graph == getattr(quad.graph_name, "value", "")


def test_the_numbers_to_expect_allow_literals_to_become_one_and_links_not_to() -> None:
    xsd = "http://www.w3.org/2001/XMLSchema#"
    lines = [f'<urn:s> <urn:p> "{text}"^^<{xsd}integer> .' for text in ("7", "007", "8")]
    lines += ['<urn:s> <urn:p> "a"@fr-BE .', '<urn:s> <urn:p> "a"@fr-be .', '<urn:s> <urn:p> "b" .']
    lines += ["<urn:s> <urn:p> <urn:o> .", "<urn:s> <urn:p> <urn:o> .", "<urn:s> <urn:p> <urn:O> ."]
    numbers = content(by_graph(lines, "public")).graphs["public"]
    assert (numbers.most, numbers.least, numbers.links) == (8, 5, 2)
