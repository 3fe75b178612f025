"""Queries that mean the same have one normal text, others have not; a pattern keeps what is asked, not about what."""

import re
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, RdfFormat, Store

from maillon import paths
from maillon.sparql.text import normal
from maillon.sparql.text.tokens import tokens
from maillon.vocabulary import PREFIXES

SHARED = Path(__file__).resolve().parents[4] / "shared"
CORPUS = SHARED / "corpus" / "sparql"
W3C = SHARED / "standards" / "w3c-rdf-tests"
EXAMPLES = sorted((paths.TEMPLATES / "examples").glob("*.rq"))
HANDMADE = [
    "SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o FILTER(?o<1&&?o>-1 || !BOUND(?o)) } GROUP BY ?s ORDER BY DESC(?n) LIMIT 5",
    "ASK { ?s <http://example.org/p>/(<http://example.org/q>|^a)*!<http://example.org/r> 'x'@fr-BE, \"y\"^^xsd:date }",
    "prefix ex: <http://example.org/> construct { _:b ex:p ?o } where { ?s ex:p ?o . } # the end",
    "SELECT * { VALUES (?x ?y) { (1 .5) (-2 UNDEF) } << ?a ?b ?c >> ?x ?y }",
    "describe <http://example.org/a>",
    "SELECT (1AS?x){?s?p'''it's \"fine\"'''}",
    'SELECT * { ?s ?p "\\"}\\u00e9" ; a ex:a\\,b }',
]
PIECES = [
    *"<>=!^&|+-*/.,;?{}()[]'@\\%: \n\t\r\u00a0",
    *(
        "SELECT",
        "select",
        "Ask",
        "?s",
        "$o",
        "a",
        "A",
        "true",
        "TRUE",
        "ex:a.b",
        "_:b",
        "<http://example.org/#x>",
        "coalesce",
    ),
    *(
        "1",
        "2.5",
        ".5",
        "1e5",
        "'x'",
        '"y"',
        "@en",
        "#c\n",
        "lımıt",
        "ſelect",
        "foo",
        "'''",
        "'\\'",
        "CONCAT ",
        "FILTER",
    ),
]


def variant(query: str, blank: str, upper: bool) -> str:
    """Write a query's tokens with other white space and keywords in another case."""
    parts, end = [], 0
    for kind, text, start in tokens(query):
        parts.append(blank if query[end:start] else "")
        end = start + len(text)
        if kind == "word" and text not in ("a", "true", "false"):
            text = text.upper() if upper else text.lower()  # noqa: PLW2901 - the same token, written otherwise
        parts.append(f"{text}\n" if kind == "comment" else text)
    return "".join(parts)


def outcome(store: Store, query: str) -> object:
    """Return the answer to a query, comparable; that of a wrong query is its kind of error."""
    try:
        result = store.query(query, base_iri="http://example.org/", prefixes=PREFIXES)
        if isinstance(result, QueryBoolean):
            return bool(result)
        if isinstance(result, QuerySolutions):
            return sorted(re.sub("_:[0-9a-f]+", "_:b", str(list(row))) for row in result)
        assert isinstance(result, QueryTriples)
        return sorted(re.sub("_:[0-9a-f]+", "_:b", str(triple)) for triple in result)
    except (SyntaxError, RuntimeError, ValueError) as error:
        return type(error)


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    turtle = (
        "\n".join(f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items())
        + """
    <http://example.org/a> a dcat:Dataset ; dct:title "Vélos"@fr , "Fietsen"@nl ; dcat:theme <http://example.org/t> ;
        dcat:distribution <http://example.org/d> ; dct:publisher <http://example.org/o> ;
        <http://example.org/p> 0, -1, 0.5 .
    <http://example.org/t> skos:prefLabel "Transport"@fr , "Transport"@en .
    <http://example.org/o> a foaf:Organization ; foaf:name "Service exemple"@fr .
    <http://example.org/d> a dcat:Distribution ; dct:format <http://example.org/csv> ; dcat:byteSize 12 .
    """
    )
    store.load(turtle.encode(), RdfFormat.TURTLE)
    return store


@pytest.mark.parametrize("query", [*(path.read_text() for path in EXAMPLES), *HANDMADE])
def test_white_space_comments_and_the_case_of_keywords_make_no_difference(query: str, store: Store) -> None:
    expected = normal.text(query)
    assert "#" not in re.sub(r"<[^>]*>|'[^']*'|\"[^\"]*\"", "", expected)
    for blank, upper in ((" ", True), ("\n\t ", False), ("\r\n # said 'thus'\n", True)):
        assert normal.text(variant(query, blank, upper)) == expected
    assert normal.text(expected) == expected
    assert outcome(store, expected) == outcome(store, query)


def test_the_examples_are_understood_whole() -> None:
    assert len(EXAMPLES) > 10
    for path in EXAMPLES:
        assert normal.text(path.read_text()).startswith(("SELECT", "CONSTRUCT", "PREFIX", "ASK", "DESCRIBE"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT * { ?s ?p -1 }", "SELECT * { ?s ?p - 1 }"),
        ("SELECT * { ?s ?p .5 }", "SELECT * { ?s ?p . 5 }"),
        ("SELECT * { ?s ?p +.5 }", "SELECT * { ?s ?p + .5 }"),
        ("ASK { ?s ?p ?o FILTER(?o != 1) }", "ASK { ?s ?p ?o FILTER(?o ! = 1) }"),
        ("ASK { ?s ?p ?o FILTER(?o >= 1) }", "ASK { ?s ?p ?o FILTER(?o > = 1) }"),
        ("ASK { << ?s ?p ?o >> ?a ?b }", "ASK { < < ?s ?p ?o >> ?a ?b }"),
        ("ASK { ?s ?p ?o {| ?a ?b |} }", "ASK { ?s ?p ?o { | ?a ?b | } }"),
        ("ASK { ?s ?p 'a b' }", "ASK { ?s ?p 'a  b' }"),
        ("ASK { ?s ?p 'select' }", "ASK { ?s ?p 'SELECT' }"),
        ("ASK { ?s ?p '#' }", "ASK { ?s ?p '' }"),
        ("ASK { FILTER(COALESCE(?a, ?b)) }", "ASK { FILTER(COALESCE (?a, ?b)) }"),
        ("ASK { ?s a ?o }", "ASK { ?s A ?o }"),
        ("ASK { ?s ?p true }", "ASK { ?s ?p TRUE }"),
        ("ASK { ?s ?p ex:select }", "ASK { ?s ?p ex:SELECT }"),
        ("ASK { ?s a :b }", "ASK { ?s a:b }"),
        ("SELECT * { ?s ?p ?o }", "SELECT\u00a0* { ?s ?p ?o }"),
        ("SELECT * { ?s ?p ?o } LIMIT 1", "SELECT * { ?s ?p ?o } lımıt 1"),
        ("SELECT * { ?s ?p ?s }", "SELECT * { ?s ?p ?S }"),
    ],
)
def test_queries_that_mean_something_else_have_another_text(one: str, other: str) -> None:
    assert normal.text(one) != normal.text(other)


def test_a_prefix_too_long_for_the_lexer_keeps_its_case() -> None:
    lower, upper = ("ASK { ?s " + letter * 110 + ":p ?o }" for letter in "aA")
    assert normal.text(lower) != normal.text(upper)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(max_examples=400, deadline=None)
def test_the_text_of_anything_is_its_own_text(query: str) -> None:
    once = normal.text(query)
    assert normal.text(once) == once


@given(st.lists(st.sampled_from(PIECES), max_size=7).map(lambda parts: "ASK { ?s ?p " + "".join(parts) + " }"))
@settings(max_examples=500, deadline=None)
def test_the_text_of_anything_has_the_same_answer(query: str) -> None:
    store = Store()
    store.update("INSERT DATA { <http://example.org/#x> <http://example.org/p> 1 , 0.5 , -1 , 'x' , 'y'@en , true }")
    assert outcome(store, normal.text(query)) == outcome(store, query)


def assert_same(queries: list[str], store: Store) -> int:
    """Return how many queries have another text than their own, and an answer."""
    changed = 0
    for query in queries:
        once = normal.text(query)
        assert normal.text(once) == once
        expected = outcome(store, query)
        if normal.is_lasting(query):
            assert outcome(store, once) == expected, query
        changed += once != query and expected is not SyntaxError
    return changed


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus/sparql is absent")
def test_real_queries_have_the_same_answer_in_their_normal_text(store: Store) -> None:
    texts = [path.read_text("utf-8") for path in sorted(CORPUS.rglob("*.md"))]
    queries = [item for text in texts for item in re.findall(r"(?s)```sparql\n(.*?)```", text)]
    assert assert_same(queries, store) >= 10


@pytest.mark.corpus
@pytest.mark.skipif(not W3C.is_dir(), reason="../shared/standards/w3c-rdf-tests is absent")
def test_the_queries_of_the_w3c_have_the_same_answer_in_their_normal_text(store: Store) -> None:
    texts = [path.read_text("utf-8", errors="replace") for path in sorted(W3C.rglob("*.rq"))]
    queries = [text for text in texts if "service" not in text.lower()]
    assert assert_same(queries, store) >= 500


@pytest.mark.parametrize("word", ["NOW", "now", "Rand", "UUID", "struuid", "BNODE"])
def test_an_answer_with_a_changing_function_does_not_last(word: str) -> None:
    assert not normal.is_lasting(f"SELECT ({word}() AS ?x) {{ }}")


@pytest.mark.parametrize(
    "query", ["SELECT ?now { ?now ex:rand 'UUID()' } # bnode()", "SELECT * { ?s <http://example.org/NOW> ?unknown }"]
)
def test_an_answer_lasts_where_such_words_are_no_functions(query: str) -> None:
    assert normal.is_lasting(query)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "select * { ?d a <http://www.w3.org/ns/dcat#Dataset> ; dct:title 'Jean'@fr ; ex:n -5.5 } limit 10 offset 2",
            'SELECT * { ?d a dcat:Dataset ; dct:title "…" @fr ; ex:n 0 } LIMIT 0 OFFSET 0',
        ),
        (
            "PREFIX dcat: <http://www.w3.org/ns/dcat#>\nPREFIX ex: <http://example.org/>\n# who\n"
            "ASK { ex:a ?p <http://example.org/x> }",
            "PREFIX ex: <…> ASK { ex:a ?p <…> }",
        ),
        ("PREFIX dcat: <http://example.org/> ASK {}", "PREFIX dcat: <…> ASK { }"),
        ("prefix", "PREFIX"),
        ('ASK { ?s ?p """a\nb""", "unclosed }', 'ASK { ?s ?p "…" , "…"'),
    ],
)
def test_a_pattern_keeps_vocabularies_and_drops_values(query: str, expected: str) -> None:
    assert normal.pattern(query) == expected


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
@settings(max_examples=200, deadline=None)
def test_nothing_that_somebody_typed_into_a_string_is_in_the_pattern(value: str) -> None:
    literal = str(pyoxigraph.Literal(value))
    assert normal.pattern(f"ASK {{ ?s ?p {literal} }} LIMIT 3") == 'ASK { ?s ?p "…" } LIMIT 0'
