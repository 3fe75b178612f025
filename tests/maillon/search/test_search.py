"""What a visitor finds: in four languages, with facets, sorted, paged; and nothing they type is an error."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from maillon import search
from maillon.errors import SnapshotError
from maillon.search import FACETS, Query, SearchIndex, Summary

TRANSPORT, ENVIRONMENT = "x:theme/TRAN", "x:theme/ENVI"
SUMMARIES = (
    Summary(
        iri="x:1", key="1", source="a", publisher_iri="x:mobility", modified="2024-03-01", themes=(TRANSPORT,),
        title={"fr": "Stations de vélos en libre-service", "nl": "Stations voor deelfietsen"},
        description={"fr": "Emplacement des stations, budget annuel compris."},
        publisher_name={"fr": "Bruxelles Mobilité", "nl": "Brussel Mobiliteit"}, formats=("CSV", "JSON"), hvd=True,
    ),
    Summary(
        iri="x:2", key="2", source="a", publisher_iri="x:nature", modified="2023-01-01", themes=(ENVIRONMENT,),
        title={"fr": "Qualité de l'air", "nl": "Luchtkwaliteit", "en": "Air quality"}, formats=("CSV",),
        keywords={"fr": ("pollution", "particules fines"), "de": ("Luftverschmutzung",)},
    ),
    Summary(
        iri="x:3", key="3", source="b", publisher_iri="x:nature", modified="2024-01-01",
        themes=(ENVIRONMENT, TRANSPORT), title={"fr": "Écoles et arbres remarquables"}, formats=("PDF",),
    ),
    Summary(iri="x:4", key="4", source="b", title={"": "Budget 2024"}, modified="", formats=("JSON",)),
    Summary(iri="x:5", key="5", source="b", title={"nl-BE": "Ecologische zones <script>"}, modified="2025"),
)  # fmt: skip

HOSTILE = [
    "(((", '"', '"a', "a AND OR NOT", "title_fr:x", "[a TO b]", "*", "?", "~5", "^^^", "\\", "\x00", "a\x00b", "-",
    "--a", '-"', "+a", "{", "]", ":", "a:b:c", "💣", "'; DROP TABLE documents", "<script>", "é" * 3000, "x " * 3000,
    '"' * 999, "\ud800", "a" * 100_000, "\n\t", "/.*/", "\x1f", "iri:x", "NOT *", "a^9999999999", "a~99",
]  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    path = tmp_path_factory.mktemp("index") / "search"
    search.build(path, lambda: [summary.as_json() for summary in SUMMARIES])
    return SearchIndex(path)


def found(index: SearchIndex, text: str, language: str = "fr") -> set[str]:
    return {hit.summary.iri for hit in index.search(Query(text=text, language=language)).hits}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vélo", {"x:1"}),  # stemmed and folded
        ("VELOS", {"x:1"}),
        ("deelfiets", {"x:1"}),
        ("station", {"x:1"}),
        ("luchtkwaliteit", {"x:2"}),
        ("air quality", {"x:2"}),
        ("pollutions", {"x:2"}),
        ("budget", {"x:1", "x:4"}),  # in a description, and in a title without a language
        ("budget stations", {"x:1"}),  # all words
        ("budget -stations", {"x:4"}),
        ("-budget", {"x:2", "x:3", "x:5"}),
        ('"qualité de l\'air"', {"x:2"}),
        ('"air qualité"', set()),
        ("ecologisch", {"x:5"}),
        ("l'air", {"x:2"}),
        ("d'air", {"x:2"}),  # with another article than the record has
        ("qu’arbres", {"x:3"}),
        ("deelfietsen", {"x:1"}),
        ("zone ecologische", {"x:5"}),
        ("pdf", {"x:3"}),  # a format
        ("csv station", {"x:1"}),
        ("mobilité", {"x:1"}),  # the publisher's name
        ("", {"x:1", "x:2", "x:3", "x:4", "x:5"}),
        ("... !", {"x:1", "x:2", "x:3", "x:4", "x:5"}),
    ],
)
def test_what_a_text_finds(index: SearchIndex, text: str, expected: set[str]) -> None:
    results = index.search(Query(text=text))
    assert ({hit.summary.iri for hit in results.hits} if not results.approximate else set()) == expected


@pytest.mark.parametrize("text", ["luchtkwalitet", "statoins", "remarqables", "luchtkwa"])
def test_a_misspelt_or_unfinished_word_finds_similar_ones(index: SearchIndex, text: str) -> None:
    results = index.search(Query(text=text, wide=True))
    assert results.approximate
    assert results.total == len(results.hits) == 1
    assert not index.search(Query(text=text)).total, "as typed"


def test_the_title_in_the_visitor_s_language_weighs_most(index: SearchIndex) -> None:
    hits = index.search(Query(text="budget")).hits
    assert [hit.summary.iri for hit in hits] == ["x:4", "x:1"]
    assert hits[0].score > hits[1].score > 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), ["x:5", "x:1", "x:3", "x:2", "x:4"]),  # newest first, without a date last
        (Query(sort="modified"), ["x:5", "x:1", "x:3", "x:2", "x:4"]),
        (Query(sort="title"), ["x:4", "x:3", "x:5", "x:2", "x:1"]),  # É as E
        (Query(sort="title", language="nl"), ["x:4", "x:3", "x:5", "x:2", "x:1"]),
        (Query(sort="title", language="xx", offset=1, limit=2), ["x:3", "x:5"]),
        (Query(sort="nonsense"), ["x:5", "x:1", "x:3", "x:2", "x:4"]),
    ],
)
def test_orders(index: SearchIndex, query: Query, expected: list[str]) -> None:
    assert [hit.summary.iri for hit in index.search(query).hits] == expected


@pytest.mark.parametrize(("offset", "limit"), [(0, 0), (5, 20), (10**12, 20), (-1, 20), (0, -3), (4, 10**9)])
def test_any_page_can_be_asked_for(index: SearchIndex, offset: int, limit: int) -> None:
    results = index.search(Query(offset=offset, limit=limit))
    assert results.total == 5
    assert len(results.hits) == (1 if offset == 4 else 0)


def test_facets_count_all_that_is_found(index: SearchIndex) -> None:
    facets = index.search(Query(limit=1)).facets
    assert tuple(facets) == FACETS
    assert facets["theme"] == [(ENVIRONMENT, 2), (TRANSPORT, 2)]
    assert facets["source"] == [("b", 3), ("a", 2)]
    assert facets["hvd"] == [("true", 1)]
    assert facets["frequency"] == []
    assert index.search(Query(facet_limit=1)).facets["format"] == [("CSV", 2)]


def test_a_facet_ignores_its_own_filter(index: SearchIndex) -> None:
    results = index.search(Query(filters={"theme": (TRANSPORT,), "source": ("b",)}))
    assert [hit.summary.iri for hit in results.hits] == ["x:3"]
    assert results.facets["theme"] == [(ENVIRONMENT, 1), (TRANSPORT, 1)], "within source b"
    assert results.facets["source"] == [("a", 1), ("b", 1)], "within the theme"
    assert results.facets["format"] == [("PDF", 1)], "within both"


def test_several_values_of_a_facet_widen_several_facets_narrow(index: SearchIndex) -> None:
    assert index.search(Query(filters={"theme": (TRANSPORT, ENVIRONMENT)})).total == 3
    assert index.search(Query(filters={"theme": (TRANSPORT,), "format": ("JSON",)})).total == 1
    assert index.search(Query(text="budget", filters={"format": ("JSON",), "hvd": ("true",)})).total == 1
    assert index.search(Query(filters={"theme": ()})).total == 5
    assert index.search(Query(filters={"nonsense": ("x",)})).total == 5
    assert index.search(Query(filters={"theme": ("nowhere",)})).total == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_raise_nothing(index: SearchIndex, text: str) -> None:
    index.search(Query(text=text))
    index.search(Query(text=f'vélo {text} "air'))
    index.search(Query(text=text, wide=True))
    index.search(Query(text=f'vélo {text} "air', wide=True))
    index.search(Query(text="vélo", filters={"theme": (text,)}, language=text, wide=True))
    index.suggest(text)


@hypothesis_settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=60) | st.text(alphabet='ab"-()*:~^ \\[]{}', max_size=40), wide=st.booleans())
def test_no_text_raises_anything(index: SearchIndex, text: str, wide: bool) -> None:
    results = index.search(Query(text=text, wide=wide, filters={"source": (text,)}))
    assert results.total >= len(results.hits)
    index.suggest(text)


def test_suggestions_are_words_that_are_found(index: SearchIndex) -> None:
    assert index.suggest("luchtkwalitet") == ["luchtkwaliteit"]
    assert index.suggest("budget zzz l'airr") == ["budget", "air"]
    assert index.suggest("ecologxyzw") == ["ecologische"], "as much of the word as any begins with"
    assert index.suggest("budget statoins", 1) == ["budget"]
    assert index.suggest("") == index.suggest("-budget") == index.suggest("zzz") == index.suggest("budget", 0) == []


def test_similar_datasets_do_not_hold_the_one_itself(index: SearchIndex) -> None:
    summary = Summary(iri="x:9", key="9", title={"fr": "Qualité des écoles"})
    assert {item.iri for item in index.similar(summary)} == {"x:2", "x:3"}
    assert "x:2" not in {item.iri for item in index.similar(SUMMARIES[1])}
    assert index.similar(Summary(iri="x:9", key="9")) == []
    assert index.similar(summary, 0) == []


def test_a_summary_comes_back_as_it_was(index: SearchIndex) -> None:
    hits = {hit.summary.iri: hit.summary for hit in index.search(Query()).hits}
    assert hits == {summary.iri: summary for summary in SUMMARIES}
    assert len(index) == len(SUMMARIES)


def test_the_same_input_gives_the_same_order_among_equal_scores(tmp_path: Path) -> None:
    texts = [Summary(iri=f"x:{n:03}", key=str(n), title={"fr": "Jumeaux"}).as_json() for n in range(300)]
    orders = []
    for name in ("one", "other"):
        search.build(tmp_path / name, lambda: texts)
        results = SearchIndex(tmp_path / name).search(Query(text="jumeaux", limit=300))
        orders.append([hit.summary.iri for hit in results.hits])
    assert orders[0] == orders[1]
    assert len(orders[0]) == 300


def test_an_index_that_is_none_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="cannot be opened"):
        SearchIndex(tmp_path)


def test_pages_of_relevance_are_disjoint(index: SearchIndex) -> None:
    page: Callable[[int], list[str]] = lambda offset: [  # noqa: E731 - read as one line below
        hit.summary.iri for hit in index.search(Query(text="budget", offset=offset, limit=1)).hits
    ]
    assert page(0) + page(1) + page(2) == ["x:4", "x:1"]
