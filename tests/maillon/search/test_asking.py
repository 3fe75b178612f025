"""What a search finds where the words are too many, misspelt, or those of another language."""

from collections.abc import Iterable

import pytest

from maillon import search
from maillon.search import Query, Results, SearchIndex, Summary
from maillon.search.synonyms import table

CSV, PDF = "CSV", "PDF"


def _summaries() -> Iterable[Summary]:
    titles: tuple[tuple[str, dict[str, str], dict[str, str], str], ...] = (
        ("grants", {"fr": "Subventions octroyées"}, {}, CSV),
        ("subsidy", {"nl": "Verleende subsidies"}, {}, PDF),
        ("own", {"fr": "Subsides octroyés aux associations"}, {}, CSV),
        ("schools", {"fr": "Écoles communales"}, {"fr": "Dans toute la ville."}, CSV),
        ("place", {"fr": "Bancs publics d'Ixelles"}, {}, CSV),
        ("carparks", {"fr": "Parkings publics"}, {}, CSV),
        ("carpark", {"fr": "Parking de la gare", "nl": "Parking aan het station"}, {}, CSV),
        ("money", {"fr": "Budget communal"}, {}, CSV),
        ("money-2023", {"fr": "Budget 2023"}, {}, CSV),
        ("year", {"fr": "Compteurs de gaz 2024"}, {"fr": "Un budget est réservé."}, CSV),
        ("tender", {"nl": "Overheidsopdrachten"}, {}, CSV),
        ("public", {"fr": "Toilettes du public et marché de Noël"}, {}, CSV),
        ("sub", {"en": "Sub unit"}, {}, CSV),
        ("bike", {"nl": "Fietsenstallingen", "de": "Abstellplätze"}, {"nl": "Waar staat de fiets?"}, CSV),
    )
    for name, title, description, format_ in titles:
        yield Summary(iri=f"x:{name}", key=name, title=title, description=description, formats=(format_,))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    path = tmp_path_factory.mktemp("asking") / "search"
    search.build(path, lambda: [summary.as_json() for summary in _summaries()])
    return SearchIndex(path)


def ask(index: SearchIndex, text: str, **more: object) -> Results:
    return index.search(Query(text=text, wide=True, **more))  # type: ignore[arg-type]


def names(results: Results) -> list[str]:
    return [hit.summary.key for hit in results.hits]


@pytest.mark.parametrize("text", ["les écoles de la ville", "où trouver des écoles", "waar zijn de scholen", "écoles"])
def test_articles_and_question_words_are_not_searched_for(index: SearchIndex, text: str) -> None:
    results = ask(index, text)
    assert names(results) == ["schools"]
    assert not results.approximate


def test_stop_words_count_in_quotes_and_where_there_is_nothing_else(index: SearchIndex) -> None:
    assert names(ask(index, '"de la gare"')) == ["carpark"]
    assert names(ask(index, '"la de gare"')) == []
    assert names(ask(index, "dans la"))[0] == "schools"


def test_stop_words_are_dropped_from_words_taken_as_typed_too(index: SearchIndex) -> None:
    assert names(index.search(Query(text="où sont les bancs"))) == ["place"]


def test_where_no_dataset_has_all_words_most_are_enough_and_the_page_can_say_so(index: SearchIndex) -> None:
    results = ask(index, "les ecoles a ixelles")
    assert set(names(results)) == {"schools", "place"}
    assert results.partial
    assert results.approximate
    assert results.missing == ()
    results = ask(index, "écoles communales qqqqq wwwww")
    assert (names(results), results.partial, results.missing) == (["schools"], True, ("qqqqq", "wwwww"))


def test_datasets_with_more_of_the_words_stand_first(index: SearchIndex) -> None:
    results = ask(index, "toilettes parkings publics budget")
    assert names(results) == ["carparks", "public"], "two of four words each, which is the least"
    results = ask(index, "compteurs budget communal")
    assert set(names(results)) == {"year", "money"}
    assert results.partial


def test_a_year_need_not_be_found_and_a_title_with_all_words_is_enough(index: SearchIndex) -> None:
    results = ask(index, "budget 2024")
    assert set(names(results)) == {"year", "money", "money-2023"}, "2024 and budget meet in a description only"
    assert results.partial
    assert names(ask(index, "budget 2023")) == ["money-2023"]


def test_phrases_in_quotes_and_words_left_out_stay_in_force(index: SearchIndex) -> None:
    assert names(ask(index, '"écoles ixelles" budget')) == []
    assert names(ask(index, "écoles ixelles -bancs")) == ["schools"]
    assert names(ask(index, '"bancs publics" écoles budget')) == []
    results = ask(index, '"parkings publics" toilettes carte')
    assert (names(results), results.partial) == ([], False), "neither of the two words beside the phrase"


def test_a_misspelt_word_is_searched_for_as_it_should_be_written(index: SearchIndex) -> None:
    results = ask(index, "parkigns")
    assert results.corrected == ("parkings",)
    right = ask(index, "parkings")
    assert (results.hits, results.facets) == (right.hits, right.facets), "ranked as the word itself is"
    assert results.words == right.words
    assert names(results)[0] == "carparks"


def test_only_the_misspelt_word_of_several_is_replaced_where_it_stands(index: SearchIndex) -> None:
    results = ask(index, 'budget l\'ixelels "bancs publics"')
    assert results.corrected == ('budget l\'ixelles "bancs publics"',)
    assert ask(index, "comunal budgte").corrected == ("communal budget",)


def test_a_short_dutch_stem_does_not_lose_its_s(index: SearchIndex) -> None:
    results = ask(index, "subsdes")
    assert results.corrected == ("subsides",)
    assert names(results)[0] == "own"
    assert "sub" not in names(results)


@pytest.mark.parametrize("text", ["subsides", "subvention", "toelagen", "Zuschüsse", "grants", "Beihilfen"])
def test_words_that_mean_the_same_find_the_same_in_every_language(index: SearchIndex, text: str) -> None:
    results = ask(index, text)
    assert set(names(results)) == {"own", "grants", "subsidy"}
    assert not results.approximate


def test_the_word_itself_weighs_more_than_what_means_the_same(index: SearchIndex) -> None:
    assert names(ask(index, "subventions"))[0] == "grants"
    assert names(ask(index, "subsides"))[0] == "own"
    assert names(ask(index, "subsidies", language="nl"))[0] == "subsidy"


def test_words_that_belong_together_have_synonyms_together(index: SearchIndex) -> None:
    assert set(names(ask(index, "marchés publics"))) == {"tender", "public"}
    assert names(ask(index, "appel d'offres")) == ["tender"]
    assert names(ask(index, '"marchés publics"')) == [], "a phrase in quotes is meant as it stands"
    assert names(ask(index, "vélos")) == ["bike"]


def test_words_taken_as_typed_have_neither_synonyms_nor_guesses(index: SearchIndex) -> None:
    for text in ("toelagen", "parkigns", "écoles ixelles", "vélos"):
        results = index.search(Query(text=text))
        assert (results.total, results.approximate, results.corrected, results.partial) == (0, False, (), False)


@pytest.mark.parametrize("text", ["subsides", "parkigns", "budget 2024", "les ecoles a ixelles"])
def test_counts_facets_filters_and_pages_are_of_one_query(index: SearchIndex, text: str) -> None:
    whole = ask(index, text)
    assert whole.total == len(whole.hits) == sum(count for _, count in whole.facets["format"])
    pages = [name for offset in range(whole.total) for name in names(ask(index, text, offset=offset, limit=1))]
    assert pages == names(whole)
    for value, count in whole.facets["format"]:
        filtered = ask(index, text, filters={"format": (value,)})
        assert filtered.total == count
        assert (filtered.partial, filtered.corrected) == (whole.partial, whole.corrected)


def test_a_filter_that_leaves_nothing_does_not_make_words_wrong(index: SearchIndex) -> None:
    results = ask(index, "parkings", filters={"format": (PDF,)})
    assert (results.total, results.approximate) == (0, False)


def test_the_table_of_synonyms_has_no_word_twice_and_all_languages() -> None:
    groups = table().groups
    assert len(groups) >= 30
    written = [(entry.language, entry.text.casefold()) for group in groups for entry in group]
    assert len(written) == len(set(written))
    assert all({entry.language for entry in group} == {"fr", "nl", "de", "en"} for group in groups)
    assert all(entry.stems for group in groups for entry in group)
