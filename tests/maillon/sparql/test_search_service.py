"""Text search in queries: what becomes of a block, that errors have their place, and that no other SERVICE passes."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Store

from maillon.search import SearchIndex
from maillon.settings import Settings
from maillon.sparql import search_service
from maillon.sparql.jobs import QueryFailed
from maillon.sparql.search_service import Found, Indexes, expand, outline
from maillon.sparql.text import guard
from maillon.store import snapshots
from maillon.vocabulary import PREFIXES

BASE = "http://localhost:8000/"
BLOCK = 'SERVICE maillon:search { ?d maillon:query "vélos" ; maillon:score ?score }'


class Calls:
    """A search that gives two datasets and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, str]] = []

    def __call__(self, text: str, limit: int, language: str) -> Found:
        self.asked.append((text, limit, language))
        return Found([("http://x/1", 2.5), ("http://x/2", 1e-7)], 7)


def rows(query: str, **more: Any) -> list[list[str]]:
    solutions: Any = Store().query(query, prefixes=PREFIXES, **more)
    return [[term.value for term in solution] for solution in solutions]


@pytest.fixture
def search(settings: Settings) -> search_service.Search:
    with snapshots.open_current(settings.snapshots) as snapshot:
        return Indexes().search(snapshot.search)


@pytest.fixture
def store(settings: Settings) -> Store:
    with snapshots.open_current(settings.snapshots) as snapshot:
        return Store.read_only(str(snapshot.store))


def test_a_search_becomes_a_table_of_datasets_scores_and_the_total() -> None:
    calls = Calls()
    query = (
        "SELECT ?d ?score ?n { SERVICE maillon:search "
        '{ ?d maillon:query "vélo" ; maillon:limit 100 ; maillon:total ?n ; maillon:score ?score ; '
        'maillon:language "nl" . } }'
    )
    assert rows(expand(query, calls, BASE)) == [["http://x/1", "2.5", "7"], ["http://x/2", "0.0000001", "7"]]
    assert calls.asked == [("vélo", 100, "nl")]


@pytest.mark.parametrize(
    ("block", "asked"),
    [
        ('SERVICE maillon:search { ?d maillon:query "score" ; maillon:score ?score }', ("score", 1000, "")),
        ("service SILENT maillon:search{?d maillon:query '''l'air'''@fr-BE.?d maillon:limit 5.}", ("l'air", 5, "fr")),
        ("SERVICE <http://localhost:8000/search> { $d <urn:maillon:term:query> 'a\\u0062'@fr ; }", ("ab", 1000, "fr")),
        ('SERVICE # why\n <urn:maillon:term:search> { ?d maillon:query "\\"a b\\"" }', ('"a b"', 1000, "")),
        ("SERVICE maillon:search { ?d maillon:query 'x'@fr ; maillon:language 'de' }", ("x", 1000, "de")),
    ],
)
def test_a_search_may_be_written_in_all_ways_of_sparql(block: str, asked: tuple[str, int, str]) -> None:
    calls = Calls()
    query = f"SELECT ?d {{ {block} }}"
    guard.check(query, BASE)
    assert rows(expand(query, calls, BASE)) == [["http://x/1"], ["http://x/2"]]
    assert calls.asked == [asked]


def test_a_prefix_of_the_query_may_stand_for_the_search_and_take_the_predeclared_one_away() -> None:
    calls = Calls()
    query = "PREFIX m: <urn:maillon:term:> SELECT * { SERVICE m:search { ?d m:query 'x' } }"
    guard.check(query)
    assert len(rows(expand(query, calls, BASE))) == 2
    other = "PREFIX maillon: <http://x/> SELECT * { SERVICE maillon:search { ?d maillon:query 'x' } }"
    for refuse in (guard.check, lambda text: expand(text, calls, BASE)):
        with pytest.raises(QueryFailed, match="SERVICE is not offered"):
            refuse(other)


def test_text_and_limit_may_be_parameters() -> None:
    calls = Calls()
    query = "SELECT ?d { SERVICE maillon:search { ?d maillon:query ?text ; maillon:limit ?n } }"
    number = '"3"^^<http://www.w3.org/2001/XMLSchema#integer>'
    rows(expand(query, calls, BASE, (("text", '"eau \\"x\\""@fr'), ("n", number))))
    assert calls.asked == [('eau "x"', 3, "fr")]
    with pytest.raises(QueryFailed, match="needs a constant"):
        expand(query, calls, BASE, (("text", "<http://x/>"),))


@pytest.mark.parametrize(
    "service",
    [
        "<http://x/search>", "?x", "<http://localhost:8000/search/>", "<search>", "maillon:query", "unknown:search",
        "SILENT <http://127.0.0.1/>", "<urn:maillon:term:search#>", "SILENT SILENT maillon:search",
    ],
)  # fmt: skip
def test_no_other_service_passes_the_guard_nor_the_rewriting(service: str) -> None:
    for hidden in ("", f"{BLOCK} "):
        query = f"SELECT * {{ {hidden} SERVICE {service} {{ ?s ?p ?o }} }}"
        with pytest.raises(QueryFailed, match="SERVICE is not offered"):
            guard.check(query, BASE)
        with pytest.raises(QueryFailed, match="SERVICE is not offered"):
            expand(query, Calls(), BASE)


def test_the_name_under_the_base_is_refused_where_no_base_is_given() -> None:
    with pytest.raises(QueryFailed, match="SERVICE is not offered"):
        guard.check("SELECT * { SERVICE <search> { ?d maillon:query 'x' } }")


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("{ ?d maillon:score ?score }", "column 50: maillon:query is missing"),
        ("{ <http://x/> maillon:query 'x' }", "column 26: one variable for the dataset"),
        ("{ ?d maillon:query 'x' . ?e maillon:score ?s }", "column 49: one variable for the dataset"),
        ("{ ?d maillon:query ?text }", "column 43: maillon:query needs a constant"),
        ("{ ?d maillon:query 'x }", "needs a constant"),
        ("{ ?d maillon:query '--' }", "needs a word"),
        ("{ ?d maillon:query 'x' ; maillon:limit 10001 }", "a whole number from 1 to 10000"),
        ("{ ?d maillon:query 'x' ; maillon:limit 0 }", "a whole number from 1 to 10000"),
        ("{ ?d maillon:query 'x' ; maillon:limit 99999999999 }", "a whole number from 1 to 10000"),
        ("{ ?d maillon:query 'x' ; maillon:language 'es' }", "one of fr, nl, de, en"),
        ("{ ?d maillon:query 'x' ; maillon:score ?d }", "a variable of its own"),
        ("{ ?d maillon:query 'x' ; maillon:score 1 }", "a variable of its own"),
        ("{ ?d maillon:query 'x' ; maillon:query 'y' }", "each once"),
        ("{ ?d maillon:query 'x' ; dct:title ?t }", "each once"),
        ("{ ?d maillon:query 'x', 'y' }", "is expected"),
        ("{ ?d maillon:query 'x' FILTER(true) }", "is expected"),
        ("?d maillon:query 'x'", "is expected after maillon:search"),
        ("{ ?d maillon:query 'x'", "is expected"),
        ("", "the end|is expected"),
    ],
)
def test_a_search_written_wrongly_is_an_error_with_its_place_and_an_example(block: str, message: str) -> None:
    with pytest.raises(QueryFailed, match=message) as caught:
        expand(f"SELECT * {{\nSERVICE maillon:search {block}", Calls(), BASE)
    assert caught.value.kind == "syntax"
    assert search_service.EXAMPLE in str(caught.value)
    assert str(caught.value).startswith("Line 2, column ")


def test_five_searches_are_accepted_and_not_six() -> None:
    calls = Calls()
    expand(f"SELECT * {{ {BLOCK * 5} }}", calls, BASE)
    assert len(calls.asked) == 5
    with pytest.raises(QueryFailed, match="searches 6 times"):
        expand(f"SELECT * {{ {BLOCK * 6} }}", calls, BASE)


def test_a_query_without_a_search_comes_back_as_it_is() -> None:
    query = "SELECT * { ?s rdfs:comment 'SERVICE maillon:search {' } # SERVICE <http://x> {}"
    assert expand(query, Calls(), BASE) == query


@pytest.mark.parametrize("end", [" ", "\n", "\n   \n  "])
def test_errors_after_a_search_keep_their_place_in_the_outline(end: str) -> None:
    query = f"SELECT * {{\n  SERVICE maillon:search {{{end}?d maillon:query 'x'{end}}} ?d dct:title \n }} WRONG"
    shape = outline(query, BASE)
    assert [len(line) for line in shape.split("\n")][-2:] == [len(line) for line in query.split("\n")][-2:]
    assert shape.count("\n") == query.count("\n")
    with pytest.raises(SyntaxError) as caught:
        Store().query(shape, prefixes=PREFIXES)
    lines = query.split("\n")
    assert f"{len(lines)}:" in str(caught.value)
    long = expand(query, Calls(), BASE)
    assert long.count("\n") == query.count("\n")


def test_what_the_search_page_finds_joins_with_the_graph(search: search_service.Search, store: Store) -> None:
    query = f"""SELECT ?title ?score {{ ?d dct:title ?title FILTER(LANG(?title) = "fr")
        {BLOCK} }} ORDER BY DESC(?score)"""
    found: Any = store.query(expand(query, search, BASE), prefixes=PREFIXES)
    assert [row["title"].value for row in found] == ["Stations de vélos"]


@pytest.mark.parametrize("text", ["disparu", "copie", "vélozzz"])
def test_what_is_gone_a_copy_or_a_guess_is_not_found(search: search_service.Search, text: str) -> None:
    assert search(text, 10, "fr") == Found([], 0)


def test_the_total_counts_what_the_limit_cuts(search: search_service.Search) -> None:
    everything = search("-rien", 1000, "fr")
    some = search("-rien", 3, "fr")
    assert len(everything.hits) == everything.total > 3
    assert (some.hits, some.total) == (everything.hits[:3], everything.total)


def test_an_index_is_opened_once_for_a_snapshot_and_few_stay_open(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[Path] = []

    class Counted(SearchIndex):
        def __init__(self, path: Path) -> None:
            opened.append(path)
            super().__init__(path.resolve())

    monkeypatch.setattr(search_service, "SearchIndex", Counted)
    with snapshots.open_current(settings.snapshots) as snapshot:
        indexes = Indexes()
        paths = [tmp_path / str(number) for number in range(5)]
        for path in paths:
            path.symlink_to(snapshot.search.resolve())
            assert indexes.search(path)("-rien", 1, "").total == indexes.search(path)("-rien", 1, "").total
        assert opened == paths
        indexes.search(paths[0])
    assert opened == [*paths, paths[0]]


@pytest.mark.parametrize("piece", ["SERVICE ", BLOCK, "SERVICE maillon:search { ?d ", "PREFIX a: <b>", "{", "'"])
def test_no_text_takes_the_rewriting_long(piece: str) -> None:
    start = time.process_time()
    for query in ((piece * 32_768)[:32_768], f"SERVICE maillon:search {{ ?d maillon:query {piece * 3000}"[:32_768]):
        with pytest.raises(QueryFailed):
            expand(query + " SERVICE", Calls(), BASE)
    assert time.process_time() - start < 1.0


def test_the_example_is_right() -> None:
    calls = Calls()
    expand(f"SELECT * {{ {search_service.EXAMPLE} }}", calls, BASE)
    assert calls.asked == [("vélo", 100, "fr")]
    assert re.search(r"maillon:search", search_service.REFUSED)
