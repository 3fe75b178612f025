"""What the list of datasets says where it took other words than those typed, and where nothing is found."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

Parse = Callable[[str], Any]


def _titles(page: Any) -> list[str]:
    return [item.text_content().strip() for item in page.find("//ul[@class='results']//h3")]


def test_a_misspelt_word_is_named_with_a_link_to_what_was_searched_for(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/en/datasets?q=stattions&theme=TRAN").text)
    (link,) = page.find("//p[@class='note']/a")
    assert link.text == "stations"
    assert link.get("href") == "/en/datasets?theme=TRAN&q=stations", "the filters stay in force"
    assert _titles(page) == _titles(read(client.get(link.get("href")).text)) != []
    assert "Results for:" in page.words("//p[@class='note']")
    assert not read(client.get(link.get("href")).text).find("//p[@class='note']")


def test_words_found_are_marked_as_searched_for_and_not_as_typed(client: FlaskClient, read: Parse) -> None:
    marks = read(client.get("/fr/datasets?q=les v%C3%A9lso").text).find("//mark")
    assert {item.text.casefold() for item in marks} <= {"vélo", "vélos"}
    assert marks, "the misspelt word is marked where it is written well, and the article nowhere"


def test_a_page_says_that_not_all_words_were_found_and_which_are_nowhere(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/en/datasets?q=budget+qqqqq%3Cb%3E").text)
    assert "Budget communal" in _titles(page)
    assert "Not all words:" in page.words("//p[@class='note']")
    assert "No dataset has: qqqqq" in page.words("//p[@class='note']")
    assert not page.find("//p[@class='note']/b")


def test_words_of_another_language_find_without_a_note(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/nl/datasets?q=fietsen").text)
    assert any("vélos" in title or "fiets" in title.casefold() for title in _titles(page))
    assert not page.find("//p[@class='note']")


def test_an_empty_list_offers_words_that_are_found_and_the_themes(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/datasets?q=statiomwxyz").text)
    (word,) = page.find("//div[contains(@class, 'note')]//a[contains(@href, 'q=')]")
    assert word.text == "stations"
    assert _titles(read(client.get(word.get("href")).text))
    themes = page.find("//section[@aria-labelledby='themes']//a")
    assert themes
    assert all(_titles(read(client.get(theme.get("href")).text)) for theme in themes)


def test_a_list_that_is_not_empty_offers_neither(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/datasets?q=budget").text)
    assert not page.find("//section[@aria-labelledby='themes']")
    assert not page.find("//div[contains(@class, 'note')]")


def test_words_known_elsewhere_are_offered_without_the_filter_that_hides_them(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/en/datasets?q=budget+gemeentelijk&theme=TRAN").text)
    offered = page.find("//div[contains(@class, 'note')]//a[contains(@href, 'q=')]/@href")
    assert not _titles(page)
    assert "/en/datasets?q=budget" in offered
    assert not page.find("//p[@class='note']"), "no word about datasets that are not there"
    page = read(client.get("/en/datasets?q=Budget&theme=TRAN").text)
    assert "/en/datasets?q=budget" in page.find("//div[contains(@class, 'note')]//a/@href")


@pytest.mark.parametrize("address", ["/fr/datasets", "/fr/datasets?q=zzzzzz", "/de/datasets?q=budget"])
def test_the_first_link_of_the_content_leads_to_the_results(client: FlaskClient, read: Parse, address: str) -> None:
    page = read(client.get(address).text)
    first = page.find("//main//a")[0]
    assert first.get("class") == "skip"
    assert first.get("href") == "#results"
    (target,) = page.find("//*[@id='results']")
    assert target.get("tabindex") == "-1"


@pytest.mark.parametrize("words", ["(((", '"', "-", "-budget", "'", "l'", "é" * 400, "\x1f", "🚲 🚲", "qqqqq " * 100])
def test_any_words_can_be_asked_for_with_filters_that_leave_nothing(client: FlaskClient, words: str) -> None:
    answer = client.get("/fr/datasets", query_string={"q": words, "theme": "NOWHERE"})
    assert answer.status_code == 200
