"""What is said of queries that are no SPARQL: the place of the mistake, and what to write instead."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Store

from maillon.sparql.engine import explained
from maillon.sparql.jobs import Hint, QueryFailed
from maillon.sparql.text import mistakes, places
from maillon.sparql.text.mistake_texts import FUNCTIONS, KNOWN, MISTAKES, MODIFIERS, PATTERNS, WORDS
from maillon.sparql.workers import evaluation, stops
from maillon.sparql.workers.frames import Frames
from maillon.sparql.workers.pool import QueryPool
from maillon.vocabulary import QUERY_PREFIXES

SHARED = Path(__file__).resolve().parents[4] / "shared"
BASE = "http://localhost:8000/"
EMPTY = Store()


class _Said(Frames):
    """Keeps what a worker answers, in the place of a socket."""

    def __init__(self) -> None:
        self.failed = ("", "")
        self.octets = b""

    def start(self, media_type: str, max_bytes: int) -> None:
        self.octets = b""

    def write(self, data: bytes) -> int:
        self.octets += data
        return len(data)

    def flush(self) -> None:
        pass

    def finish(self) -> None:
        self.octets += b"."

    def fail(self, kind: str, message: str) -> None:
        self.failed = (kind, message)


def _answered(query: str) -> _Said:
    answered = _Said()
    values: dict[str, Any] = {"query": query, "base_iri": BASE, "labels": "", "max_bytes": 1000, "max_rows": 10}
    values |= {"default_graphs": [], "named_graphs": [], "bindings": []}
    values |= {"media_type": "application/sparql-results+json", "rdf_media_type": "text/turtle"}
    evaluation.answer(EMPTY, values, answered)
    return answered


def _accepted(query: str) -> bool:
    try:
        EMPTY.query(query, base_iri=BASE, prefixes=QUERY_PREFIXES)
    except SyntaxError:
        return False
    except RuntimeError:  # a function that is not there
        return True
    return True


def _said(query: str) -> str:
    """Return what a worker says of a query that it refuses."""
    said = _answered(query)
    assert said.failed[0] == "syntax", query
    return said.failed[1]


def _told(query: str) -> tuple[str, Hint | None]:
    """Return the place that the first sentence names, as line:column, and the hint."""
    sentence, found = mistakes.explained(query, _said(query))
    place = re.match(r"Line (\d+), column (\d+): ", sentence)
    assert place is not None, sentence
    assert len(found) <= 1
    return f"{place[1]}:{place[2]}", next(iter(found), None)


MADE = [
    ("SELECT count(*) as ?n where {?s a dcat:Dataset}", "1:8", "as-brackets", "Write (count(...) AS ?name)."),
    ("SELECT (count(*) ?n) {?s ?p ?o}", "1:18", "as-missing", "Write (count(*) AS ?n)."),
    ("SELECT (count(*)) {?s ?p ?o}", "1:17", "as-missing", "Write (count(*) AS ?name)."),
    ("SELECT ?a as ?b {?s a ?a}", "1:11", "as-brackets", "Write (?a AS ?name)."),
    ("SELECT ?a { ?a ?b ?c BIND(?c) }", "1:29", "as-missing", "Write (?c AS ?name)."),
    ("SELECT DISTINCT(?a) {?a ?p ?b}", "1:17", "alone", "Leave the brackets out."),
    ("SELECT {?a ?p ?b}", "1:8", "nothing", "Write SELECT *"),
    ("# all\n{?a ?p ?b}", "2:1", "form", "Write SELECT *"),
    ("SELECT ?a, ?b {?a ?p ?b}", "1:10", "comma", "a space is enough"),
    ("SELECT * {?a ?p ?b} ORDER BY ?a, ?b", "1:32", "comma", "a space is enough"),
    ("SELECT * {VALUES ?a {1, 2}}", "1:23", "comma", "a space is enough"),
    ('SELECT (GROUP_CONCAT(?k, "|") AS ?n) {?a ?p ?k}', "1:24", "comma-aggregate", 'SEPARATOR="|"'),
    ("SELECT * {?a ?p ?b} LIMIT 10, 20", "1:29", "limit", "Write LIMIT 10 OFFSET 20."),
    ("SELECT * {?a ?p ?b} LIMIT ten", "1:27", "number", "Write LIMIT 10."),
    ("SELCT ?a {?a ?p ?b}", "1:1", "keyword", "Write SELECT instead."),
    ("SELECT ?a\nWHER {?a ?p ?b}", "2:1", "keyword", "Write WHERE instead."),
    ("SELECT ?a {?a ?p ?b .\n  FITLER(?b > 1)}", "2:3", "keyword", "Write FILTER instead."),
    ("SELECT ?a {?a ?p ?b} ORDRE BY ?a", "1:22", "keyword", "Write ORDER instead."),
    ("SELECT ?a {?a ?p ?b FILTER contain(?b, 'x')}", "1:28", "function", "Write CONTAINS instead."),
    ("SELECT ?a {?a ?p ?b FILTER(frobnicate(?b))}", "1:28", "unknown-function", "listed"),
    ('SELECT ?a {?a ?p ?t FILTER (?t == "air")}', "1:32", "operator", "Write = instead."),
    ("SELECT ?a {?a ?p ?t FILTER (?t <> 1)}", "1:32", "operator", "Write != instead."),
    ("SELECT ?a {?a ?p ?t FILTER (?t !== 1)}", "1:32", "operator", "Write != instead."),
    ("SELECT ?a {?a ?p ?t FILTER (?t => 1)}", "1:32", "operator", "Write >= instead."),
    ("SELECT ?a {?a ?p ?t FILTER (?t = 1 and ?a = 2)}", "1:36", "operator-word", "Write && instead."),
    ("SELECT ?a {?a ?p ?t FILTER (?t = 1 or ?a = 2)}", "1:36", "operator-word", "Write || instead."),
    ("SELECT ?a {?a ?p ?t FILTER (?t > 1 & ?a = 2)}", "1:36", "operator", "Write && instead."),
    ("SELECT ?a {?a ?p ?t FILTER (not ?t = 1)}", "1:29", "not", "Write !(...)"),
    ("SELECT ?a {?a ?p ?t FILTER (?t like '%air%')}", "1:32", "like", "CONTAINS"),
    ("SELECT ?a {?a ?p ?t FILTER (?t = null)}", "1:34", "null", "BOUND"),
    ("SELECT ?a {?a ?p ?t FILTER (?t is not null)}", "1:39", "null", "BOUND"),
    ("SELECT ?a {?a ?p ?t FILTER (?t in 'a')}", "1:32", "in", "Write IN ("),
    ("SELECT ?a {?a ?p ?t FILTER ?t = 1}", "1:21", "filter-brackets", "Write FILTER(...)."),
    ("SELECT * {?a ?p ?b} ORDER BY DESC ?a", "1:30", "order", "Write DESC(?a)."),
    ("SELECT * {?a ?p ?b} ORDER BY ?a DESC", "1:33", "order", "Write DESC(?a)."),
    ("SELECT * {?a ?p ?b} ORDER ?a", "1:27", "by", "Write ORDER BY."),
    ("SELECT * {?a ?p ?b} LIMIT 10 ORDER BY ?a", "1:30", "modifiers", "The order is"),
    ("SELECT * {?a ?p ?b} FILTER(?b > 1)", "1:21", "outside", "Move it before"),
    ("SELECT * {?a ?p ?b} WHERE {?b ?q ?c}", "1:21", "second-where", "one pair of braces"),
    ("SELECT * {?a ?p ?b} LIMIT 5;", "1:28", "end", "Leave it out."),
    ("SELECT * {?a ?p “air”}", "1:17", "quotes", "Write the plain"),
    ('SELECT * {?a ?p "air }', "1:17", "open-text", 'Put " where it ends.'),
    ("SELECT * {?a ?p 'l'air'}", "1:20", "quote-within", "other quotation marks"),
    ("SELECT * {?a http://example.org/p ?b}", "1:14", "iri", "Write <http://example.org/p>."),
    ("PREFIX e: http://example.org/ SELECT * {?a e:p ?b}", "1:11", "iri", "Write <http://example.org/>."),
    ("SELECT * {?a <http://example.org/a b> ?b}", "1:14", "iri-characters", "Write %20"),
    ("PREFIX e <http://example.org/> SELECT * {?a e:p ?b}", "1:8", "prefix-colon", "Write e:."),
    ("PREFIX e: <http://example.org/>. SELECT * {?a e:p ?b}", "1:32", "prefix-dot", "Leave it out."),
    ("@prefix e: <http://example.org/> . SELECT * {?a e:p ?b}", "1:1", "prefix-turtle", "Write PREFIX"),
    ("SELECT * {?a ?p ?b", "1:19", "open", "Put } where"),
    ("SELECT * {?a ?p ?b FILTER(?b = 1}", "1:33", "open", "Put ) where"),
    ("SELECT * {?a ?p ?b}}", "1:20", "closed", "Leave it out."),
    ("SELECT * {?a ?p ?b FILTER(?b = 1))}", "1:34", "closed", "Leave it out."),
    ("SELECT * {?a ?p ?b OPTIONAL ?a ?q ?c}", "1:20", "braces", "Write OPTIONAL { ... }."),
    ("SELECT * {GRAPH ?g ?a ?q ?c}", "1:11", "braces", "Write GRAPH ?g { ... }."),
    ("SELECT * {?a ?p ?b UNION ?a ?q ?c}", "1:20", "union", "UNION { ... }"),
    ("SELECT * {?a a dcat:Dataset\n ?a dct:title ?t}", "2:2", "dot", "Put . before it"),
    ("SELECT * {?a a dcat:Dataset ;\n dct:title ?t\n ?a dct:type ?b}", "3:2", "dot", "Put . before it"),
    ("SELECT * {?a a dcat:Dataset\n dct:title ?t}", "2:2", "dot", "or ; for one more"),
    ("SELECT * {?a dct:title }", "1:24", "half", "three parts"),
    ("SELECT * {?a ?p ?b // all\n}", "1:20", "comment", "begin with #"),
    ("SELECT ?da-ta {?a ?p ?b}", "1:11", "hyphen", "digits and _"),
    ("SELECT (COUNT(*) AS n) {?a ?p ?b}", "1:21", "variable", "Write ?n."),
    ("SELECT title FROM datasets WHERE x = 1", "1:8", "sql", "Write patterns in braces"),
    ("SELECT * FROM datasets", "1:15", "sql", "Write patterns in braces"),
    ("SELECT * {?a dct:title title}", "1:24", "bare", "a variable with ?"),
    ("SELECT\u00a0?a {?a ?p ?b}", "1:7", "invisible", "plain space"),
    ("SELECT ?a\u200b {?a ?p ?b}", "1:10", "invisible", "plain space"),
    ("SELECT ?t (COUNT(*) AS ?n) {?a ?p ?t}", "1:8", "ungrouped", "(SAMPLE(?t) AS ?one)"),
    ("SELECT ?a ?t {?a ?p ?t} GROUP BY ?a", "1:11", "ungrouped", "Add it to GROUP BY"),
    ("SELECT * {{SELECT ?a ?t {?a ?p ?t} GROUP BY ?a}}", "1:22", "ungrouped", "Add it to GROUP BY"),
    ("SELECT * {?a ?p ?t} GROUP BY ?a", "1:8", "star", "Name the variables"),
    ("SELECT * {?a ?p ?t BIND(1 AS ?t)}", "1:30", "rebound", "another name"),
]


@pytest.mark.parametrize(("query", "place", "id_", "advice"), MADE)
def test_a_common_mistake_is_named_at_its_place_with_what_to_write(
    query: str, place: str, id_: str, advice: str
) -> None:
    where, hint = _told(query)
    assert hint is not None
    assert (where, hint.id) == (place, id_)
    assert advice in str(hint)
    assert "%(" not in str(hint)


def test_every_text_is_said_of_some_query() -> None:
    assert {id_ for _, _, id_, _ in MADE} == set(MISTAKES)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT * {\n  ?a ?p ?b .\n  ?c ?d ?e } HAVING", "3:20"),
        ("SELECT * { ?s ?p 'é' . ?s % ?o }", "1:27"),
        ("SELECT * { ?s ?p ?o FILTER(?o % 2 = 1) }", "1:31"),
        ("SELECT * { ?s ?p ?o FILTER(?o && ) }", "1:34"),
        ("SELECT * { # ) } '\n ?s ?p ?o , }", "2:13"),
        ("SELECT ?a ?a dct:title ?t", "1:14"),
        ("ASK", "1:4"),
        ("SELECT ?a { ?a ?b ?c } GROUP BY", "1:32"),
    ],
)
def test_the_place_is_where_the_query_stops_being_sparql(query: str, place: str) -> None:
    assert _told(query)[0] == place


def test_half_an_operator_is_not_taken_for_the_mistake() -> None:
    assert _told("SELECT * { ?s ?p ?o FILTER(?s = 1 && ?o != 2 || ?o >= 3 && ) }")[0] == "1:60"


def test_the_first_sentence_keeps_its_form_for_those_who_translate_it() -> None:
    said, _ = mistakes.explained("SELECT ?a, ?b {}", _said("SELECT ?a, ?b {}"))
    assert said == "Line 1, column 10: something else is expected after “SELECT ?a”."
    query = "SELECT ?t (COUNT(*) AS ?n) {?a ?p ?t}"
    said, _ = mistakes.explained(query, _said(query))
    assert said == "Line 1, column 8: The SELECT contains a variable that is unbound after “SELECT”."


def test_a_byte_order_mark_before_a_query_is_left_aside() -> None:
    answered = _answered("\ufeffASK {}")
    assert answered.failed == ("", "")
    assert b'"boolean":true' in answered.octets
    assert _told("\ufeffSELECT ?a, ?b {}")[0] == "1:10"


def test_a_comment_may_hold_any_character() -> None:
    where, hint = _told("SELECT ?a # l\u00a0air\n, ?b {}")
    assert (where, hint and hint.id) == ("2:1", "comma")
    where, hint = _told("SELECT ?a # l\u00a0air\n\u2003, ?b {}")
    assert (where, hint and hint.id) == ("2:1", "invisible")


def test_an_undeclared_prefix_is_told_alone() -> None:
    said, found = mistakes.explained("SELECT * { ?a nope:x }", _said("SELECT * { ?a nope:x }"))
    assert "the prefix nope: is not declared" in said
    assert found == []


@pytest.mark.parametrize("said", ["", "The query is empty.", "SERVICE is not offered.", "Line 99999, column 99999: x."])
@pytest.mark.parametrize("query", ["", "SELECT * {", "\n\n", "ASK {}"])
def test_what_names_no_place_stays_as_it_is(query: str, said: str) -> None:
    sentence, found = mistakes.explained(query, said)
    assert found or sentence == said


def test_the_engine_says_place_and_hint_together_and_other_servers_words_too(tmp_path: Path) -> None:
    query = "SELECT ?a, ?b { ?a bif:contains ?b }"
    failed = explained(QueryFailed("syntax", _said(query)), query, tmp_path)
    assert [hint.id for hint in failed.hints] == ["comma", "bif:contains"]
    first, _, rest = str(failed).partition("\n\n")
    assert first == "Line 1, column 10: something else is expected after “SELECT ?a”."
    assert rest.startswith("1. Line 1, “,”: stands between the items of SELECT. Leave it out: a space is enough.\n2. ")


def test_no_word_of_sparql_is_called_unknown() -> None:
    for word in (*FUNCTIONS, *MODIFIERS, *PATTERNS):
        assert word in KNOWN
    assert not KNOWN & set(WORDS)


def test_a_place_is_found_again_by_its_line_and_column() -> None:
    query = "a\nbc\n\nd"
    assert [places.offset(query, line, column) for line, column in ((1, 1), (2, 2), (4, 1), (9, 9))] == [0, 3, 6, 7]
    assert places.sentence(query, 3) == "Line 2, column 2: something else is expected after “b”."


def _queries() -> Iterator[tuple[str, str]]:
    """Yield queries of others: the W3C tests, and those of a documentation."""
    for path in sorted((SHARED / "standards" / "w3c-rdf-tests" / "sparql").rglob("*.rq")):
        yield path.name, path.read_text(errors="replace")
    for path in sorted((SHARED / "corpus" / "sparql").rglob("*.md")):
        for block in re.findall(r"```sparql\n(.*?)```", path.read_text(errors="replace"), re.DOTALL):
            yield path.name, block


@pytest.mark.corpus
@pytest.mark.skipif(not SHARED.exists(), reason="The collected queries are not beside this checkout.")
def test_nothing_else_is_held_against_a_good_query_whose_last_bracket_is_cut_off() -> None:
    tried = 0
    for name, query in _queries():
        cut = query[: query.rindex("}")] if "}" in query else ""
        if not cut or len(query) > 5000 or not _accepted(query) or _accepted(cut):
            continue
        tried += 1
        _, hint = _told(cut)
        assert hint is None or hint.id == "open", (name, str(hint))
    assert tried > 300


@pytest.mark.corpus
@pytest.mark.skipif(not SHARED.exists(), reason="The W3C tests are not beside this checkout.")
def test_no_negative_test_of_w3c_gets_a_false_hint() -> None:
    """What each id may be said of was read test by test; a change of these numbers has to be read again."""
    counts: dict[str, int] = {}
    for path in sorted((SHARED / "standards" / "w3c-rdf-tests" / "sparql").rglob("*.rq")):
        query = path.read_text(errors="replace")
        if len(query) > 30_000 or _accepted(query):
            continue
        hint = _told(query)[1]
        counts[hint.id if hint else ""] = counts.get(hint.id if hint else "", 0) + 1
    assert sum(counts.values()) > 150
    assert counts == {
        "": 139, "as-brackets": 1, "as-missing": 1, "bare": 1, "braces": 2,
        "comma-aggregate": 1, "dot": 6, "filter-brackets": 1,
        "half": 16, "keyword": 1, "rebound": 1, "star": 1, "ungrouped": 6, "union": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "piece",
    ["a.", "'''", '"', "<", "a:", "{", "(", "?a ?b ?c.", "FILTER(", "SELECT ?a ", "\u00a0", "<http://a ", "SELCT ",
     "BIND(1 AS ?a)", "{?a ?b ?c BIND(1 AS ?x)} ", "SELECT(COUNT(?a) AS ?b){", "\n", "==", "?a ?b ,", "GROUP BY ?a "],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    for before in ("", "SELECT * { ?s ?p "):
        query = (before + piece * 32_768)[:32_768]
        for start in (0, 16_000, 32_767):
            began = time.process_time()
            mistakes.explained(query, places.sentence(query, start))
            assert time.process_time() - began < 2  # 0.03 s where nothing else runs; what is quadratic takes minutes


@pytest.mark.parametrize(
    "piece", ["?a ?b ?c.\n", "{ ?a ?b ?c } ", "FILTER(?a = 1 && ?b = 2) ", "# x\n?a ?b 'c' ; ?d ?e ."]
)
def test_the_place_is_found_soon_in_long_queries(piece: str) -> None:
    query = "SELECT * { " + piece * (32_000 // len(piece)) + " ?a ?b == }"
    began = time.process_time()
    assert stops.stop(query, len(query), BASE, QUERY_PREFIXES) == query.index("==")
    assert time.process_time() - began < 3


def test_a_worker_tells_the_place_from_inside_its_sandbox(
    make_pool: Callable[..., QueryPool], titles: Path, failure: Callable[..., QueryFailed], tmp_path: Path
) -> None:
    failed = explained(failure(make_pool(), titles, "SELCT ?a {?a ?p ?b}"), "SELCT ?a {?a ?p ?b}", tmp_path)
    assert str(failed).startswith("Line 1, column 1: something else is expected.\n\n1. Line 1, “SELCT”: is no keyword")
