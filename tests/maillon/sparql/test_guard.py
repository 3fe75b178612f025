"""The guard finds keywords only where SPARQL has them, and bounds what a query may cost to plan."""

import time

import pytest

from maillon.sparql.jobs import QueryFailed
from maillon.sparql.text import guard


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE<http://x>{} }",
        "SELECT * { sErViCe SILENT ?x {} }",
        "SELECT * { <http://x/SERVICE> ?p 1 SERVICE ?x {} }",
        "SELECT * { FILTER(?a<?b) SERVICE ?x {} FILTER(?c>?d) }",
        "SELECT * { ?s ?p 'it\\'s' SERVICE ?x {} }",
        "SELECT * { ?s ?p 'a'@en SERVICE ?x {} }",
        "SELECT * { ?s ?p <http://x/\\u0041#> SERVICE ?x {} }",
        "PREFIX ex: <http://x/> SELECT * { ?s ?p ex:.SERVICE ?x {} }",
        "SELECT * { ?s ?p 1.SERVICE ?x {} }",
        "SELECT * { ?s ?p _:b #\nSERVICE ?x {} }",
        'SELECT * { ?s ?p """a "quoted\\"""" SERVICE ?x {} }',
    ],
)
def test_service_is_found_and_refused(query: str) -> None:
    assert "SERVICE" in guard.inspect(query).words
    with pytest.raises(QueryFailed, match="SERVICE is not offered") as caught:
        guard.check(query)
    assert caught.value.kind == "refused"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o } # SERVICE <http://x> {}",
        "SELECT ?service { ?service ?p ?o }",
        "SELECT * { ?s ?p 'SERVICE <a>' }",
        "SELECT * { ?s ?p '''it's ''SERVICE'' <a>''' }",
        "SELECT * { ?s ?p ex:SERVICE }",
        "SELECT * { ?s ?p service:x }",
        "SELECT * { ?s ?p :SERVICE }",
        "SELECT * { <http://x/SERVICE> ?p ?o }",
        "SELECT * { ?s ?p 'a'@service }",
    ],
)
def test_what_only_looks_like_service_is_let_through(query: str) -> None:
    assert "SERVICE" not in guard.inspect(query).words
    guard.check(query)


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("PREFIX select: <http://x/> # ASK\nconstruct { ?s ?p ?o } WHERE { { SELECT * { ?s ?p ?o } } }", "CONSTRUCT"),
        ("BASE <http://x/ASK> DESCRIBE <a>", "DESCRIBE"),
        ("ask{}", "ASK"),
        ("nonsense", ""),
    ],
)
def test_the_form_is_the_first_keyword_of_a_form(query: str, form: str) -> None:
    assert guard.inspect(query).form == form


@pytest.mark.parametrize("query", ["DELETE WHERE { ?s ?p ?o }", "CLEAR ALL", "LOAD <http://127.0.0.1/>"])
def test_updates_are_refused_as_such(query: str) -> None:
    with pytest.raises(QueryFailed, match="read-only"):
        guard.check(query)


def test_brackets_may_nest_200_deep() -> None:
    guard.check("SELECT * " + "{" * 200 + "}" * 200)
    with pytest.raises(QueryFailed, match="201 deep"):
        guard.check("SELECT * " + "{" * 201 + "}" * 201)


@pytest.mark.parametrize(
    ("body", "patterns"),
    [
        ("?s ?p ?o", 1),
        ("?s ?p 1 . ?s ?q 1.5 .", 3),
        ("?s a ?t ; ?p ?o , ?u", 3),
        ("?s <a>/<b>/<c> ?o", 3),
        ("?s ?p ?o FILTER(?o IN (1, 2, 3, 4, 5))", 1),
        ("?s ?p ?o OPTIONAL { ?s ?q ?r . ?s ?t ?u . ?v ?w ?x }", 3),
        ("{ ?s ?p ?o } UNION { ?s ?p ?o } UNION { ?s ?p ?o }", 2),
        ("?s ?p [ ?q ?r ; ?t ?u ]", 2),
    ],
)
def test_triple_patterns_are_counted_by_group(body: str, patterns: int) -> None:
    assert guard.inspect(f"SELECT * {{ {body} }}").patterns == patterns


def test_a_group_may_hold_60_patterns_and_a_template_any_number() -> None:
    many = "".join(f"?s ?p{number} ?o{number} ." for number in range(70))
    with pytest.raises(QueryFailed, match="71 triple patterns"):
        guard.check(f"SELECT * {{ {many} }}")
    guard.check(f"CONSTRUCT {{ {many} }} WHERE {{ ?s ?p0 ?o0 }}")


def test_a_query_may_have_32_768_characters() -> None:
    guard.check("ASK {}".ljust(32_768))
    with pytest.raises(QueryFailed, match="32769 characters"):
        guard.check("ASK {}".ljust(32_769))


@pytest.mark.parametrize(
    "piece", ["a.", "'''", '"', "<", "'\\", "a:", "a.a:.", "{", "}", "%41", "ex:a..", "@a-", "1.", "_"]
)
def test_no_text_takes_the_lexer_long(piece: str) -> None:
    start = time.process_time()
    guard.inspect((piece * 32_768)[:32_768])
    guard.inspect(("x" + piece * 32_768)[:32_768])
    assert time.process_time() - start < 1.0
