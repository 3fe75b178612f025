"""What is said of queries that used up a budget: hostile and sloppy ones get the right blame, good ones none."""

import time

import pytest
from pyoxigraph import Store

from maillon.sparql import search_service
from maillon.sparql.text import guard, hints
from maillon.sparql.text.hint_texts import TEXTS, UNKNOWN
from maillon.vocabulary import PREFIXES, TYPE

COUNTS = {
    TYPE.value: 173_856,
    PREFIXES["dct"] + "title": 145_113,
    PREFIXES["dct"] + "description": 128_080,
    PREFIXES["dct"] + "modified": 45_264,
    PREFIXES["dct"] + "publisher": 17_828,
    PREFIXES["dct"] + "license": 58_541,
    PREFIXES["dct"] + "relation": 40,
    PREFIXES["foaf"] + "name": 900,
    PREFIXES["dcat"] + "keyword": 160_840,
}
"""As on data.gov.be."""
DATASETS = "?d a dcat:Dataset ; dct:title ?t"


@pytest.mark.parametrize(
    ("query", "kind", "blamed"),
    [
        ("SELECT * { ?a ?b ?c . ?d ?e ?f }", "time", ["product", "everything"]),
        ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }", "time", ["product", "everything"]),
        ("SELECT * { ?a a dcat:Dataset . ?b a dcat:Dataset }", "memory", ["product", "unselective"]),
        ("SELECT * { ?a dct:title ?x . ?b dct:title ?y . ?c dct:title ?z }", "memory", ["product", "unselective"]),
        ("SELECT DISTINCT * { ?a dct:title ?x . ?b dct:title ?y }", "memory", ["product", "distinct", "unselective"]),
        ("SELECT * { ?s ?p ?o } ORDER BY ?o", "memory", ["sort", "everything"]),
        ("SELECT * { ?s ?p ?o } ORDER BY ?o LIMIT 10", "time", ["everything", "sort"]),
        ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s", "memory", ["group", "everything"]),
        ("SELECT DISTINCT ?s ?p ?o { ?s ?p ?o }", "memory", ["distinct", "everything"]),
        ("SELECT * { ?s (!<x:x>)* ?o }", "memory", ["path"]),
        ("SELECT (COUNT(*) AS ?n) { ?s (dct:relation|^dct:relation)+ ?o }", "time", ["path"]),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "size", ["export"]),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "memory", ["export"]),
        ("SELECT * WHERE { $s ?p ?o }", "size", ["export"]),
        (
            "SELECT * { ?a dct:title ?x . ?b dct:title ?y FILTER(LCASE(?x) = LCASE(?y)) }",
            "time",
            ["filtered-product", "unselective"],
        ),
        (f"SELECT ?d {{ {DATASETS} FILTER REGEX(?t, 'vélo.*', 'i') }}", "time", ["text", "unselective"]),
        ("SELECT ?d { ?d ?p ?t FILTER(CONTAINS(LCASE(STR(?t)), 'eau')) }", "time", ["text", "everything"]),
        (
            "SELECT * { ?d a dcat:Dataset OPTIONAL { ?d dct:license ?l } ?d dct:title ?t }",
            "time",
            ["optional", "unselective"],
        ),
        (
            f"SELECT * {{ {DATASETS} ; dct:modified ?m }} ORDER BY DESC(?m) LIMIT 20",
            "time",
            ["sort", "unselective"],
        ),
        ("SELECT * { { SELECT * { ?a dct:title ?x . ?b dct:title ?y } } }", "time", ["product", "unselective"]),
        ("SELECT * { ?a dct:title ?x OPTIONAL { ?b dct:license ?l } }", "time", ["product", "unselective"]),
        ("SELECT * { ?d dct:publisher [ foaf:name ?n ] . ?x dct:title ?y }", "time", ["product", "unselective"]),
    ],
)
def test_the_likely_culprit_comes_first(query: str, kind: str, blamed: list[str]) -> None:
    assert [hint.id for hint in hints.explain(query, COUNTS, kind)] == blamed


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?d dct:publisher <http://x/> ; dct:title ?t } ORDER BY ?t",
        "SELECT * { <http://x/> ?p ?o }",
        "SELECT * { <http://x/> dct:relation+ ?o . ?o dct:title ?t }",
        "SELECT * { ?a dct:relation ?b . ?a dct:title ?t }",
        'SELECT * { SERVICE maillon:search { ?d maillon:query "eau" } ?d ?p ?o FILTER(CONTAINS(?o, "x")) }',
        "SELECT * { VALUES ?d { <http://x/> } ?d dct:title ?t OPTIONAL { ?d dct:license ?l } }",
        "SELECT * { { SELECT (COUNT(*) AS ?n) { ?d dct:relation ?x } } ?y dct:relation ?z }",
        "ASK {}",
        "",
    ],
)
def test_what_is_selective_is_not_blamed(query: str) -> None:
    assert hints.explain(query, COUNTS) == []


@pytest.mark.parametrize(
    "body", ["BIND(?x AS ?y) ?b dct:description ?y", "?a dct:description ?y", "MINUS { ?c ?d ?e }"]
)
def test_parts_that_are_connected_are_no_product(body: str) -> None:
    found = hints.explain(f"SELECT * {{ ?a dct:title ?x . {body} }}", COUNTS)
    assert "product" not in [hint.id for hint in found]


def test_a_hint_names_the_parts_their_lines_and_the_rows() -> None:
    query = "SELECT * {\n  ?a dct:title ?x .\n  ?b dct:license ?y\n}"
    assert hints.text(hints.explain(query, COUNTS)).startswith(
        "1. Line 2, “?a dct:title ?x”: shares no variable with “?b dct:license ?y” (line 3), so every row of one is "
        "combined with every row of the other: about 8,495,060,133 rows. Connect the two by a variable"
    )


def test_the_search_that_is_proposed_instead_is_right() -> None:
    query = f"SELECT * {{ {DATASETS} FILTER(REGEX(STR(?t), \"qualité.*l'air\", 'i')) }}"
    snippet = hints.explain(query, COUNTS)[0].values["snippet"]
    assert snippet == 'SERVICE maillon:search { ?d maillon:query "qualité l air" }'
    asked = []

    def search(text: str, limit: int, language: str) -> search_service.Found:
        asked.append(text)
        return search_service.Found([], 0)

    better = f"SELECT * {{ {snippet} {DATASETS} }}"
    guard.check(better)
    Store().query(search_service.expand(better, search, ""), prefixes=PREFIXES)
    assert asked == ["qualité l air"]


def test_prefixes_of_the_query_count_and_so_does_none() -> None:
    query = "PREFIX t: <http://purl.org/dc/terms/> SELECT * { ?d t:title ?x }"
    assert [hint.values for hint in hints.explain(query, COUNTS)] == [{"count": "145,113", "predicate": "t:title"}]
    assert hints.explain(query, {}) == []
    assert [hint.id for hint in hints.explain("SELECT * { ?a t:x ?b . ?c t:y ?d }", {})] == ["product"]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("SELECT * { ?t bif:contains 'vélo' . ?t BIF:Contains 'x' }", ["bif:contains"]),
        ("SELECT * { ?t <bif:contains> 'vélo' }", ["bif:contains"]),
        ("SELECT (sql:sample(?x) AS ?y) (bif:left(?x, 3) AS ?z) { ?s ?p ?x }", ["sql:", "bif:"]),
        ("DEFINE input:inference 'x' SELECT * { ?s ?p ?o OPTION(transitive) }", ["DEFINE", "OPTION", "TRANSITIVE"]),
        ("SELECT * { SERVICE wikibase:label { bd:serviceParam wikibase:language 'en' } }", ["wikibase:"]),
        ("SELECT * { ?s rdfs:label 'bif:contains' } # DEFINE", []),
    ],
)
def test_what_belongs_to_other_servers_is_named_with_what_to_write_instead(query: str, keys: list[str]) -> None:
    found = hints.unknown_functions(query)
    assert [hint.id for hint in found] == keys
    assert all("%" not in str(hint) for hint in found)


def test_all_texts_can_be_filled_in() -> None:
    names = ("line", "part", "other", "other_line", "rows", "filter", "total", "function", "snippet", "required",
             "count", "predicate", "name")  # fmt: skip
    for texts in (*TEXTS.values(), *UNKNOWN.values()):
        for sentence in texts:
            assert "%" not in sentence % dict.fromkeys(names, "x")


@pytest.mark.parametrize(
    "piece",
    [
        "a.", "'''", '"', "<", "a:", "{", "}", "%41", "@a-", "[", "]", "(", "?a ?b ?c.", "?a a:b ?c ; ", "FILTER(",
        "{ ?a ?b ?c } ", " OPTIONAL{?s ?p ?o}", "SELECT DISTINCT {", "?s a/b*/c+ [ a ?b ] . ", "BIND(?a as ?b)",
        "VALUES ?x {", "FILTER(EXISTS{", "{?a ?b ?c FILTER(REGEX(?c,'x'))", "PREFIX a: <b>", "\n?a ?b ?c . OPTIONAL {}",
    ],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    for before in ("", "SELECT * { ?s ?p "):
        query = (before + piece * 32_768)[:32_768]
        start = time.process_time()
        hints.text(hints.explain(query, COUNTS))
        hints.unknown_functions(query)
        assert time.process_time() - start < 3  # 0.03 s where nothing else runs; what is quadratic takes minutes
