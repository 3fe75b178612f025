"""The list of datasets: searching, filtering, ordering, paging without a script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

Parse = Callable[[str], Any]


def _titles(page: Any) -> list[str]:
    return [item.text_content().strip() for item in page.find("//ul[@class='results']//h3")]


def test_a_word_finds_datasets_and_marks_it(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/datasets?q=vélos").text)
    assert _titles(page)[0] == "Stations de vélos"
    assert page.words("(//mark)[1]").casefold().startswith("vélo")
    assert page.find("//input[@name='q']/@value") == ["vélos"]


def test_facets_are_links_of_a_form_with_counts(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/datasets").text)
    option = page.find("//label[input[@name='theme'][@value='TRAN']]")[0]
    assert re.sub(r"\s+", " ", option.text_content()).strip() == "Transports 3"
    assert page.find("//form[@id='browse']/@action") == ["/fr/datasets"]


def test_values_of_a_facet_add_up(client: FlaskClient, read: Parse) -> None:
    one = read(client.get("/fr/datasets?theme=TRAN").text)
    two = read(client.get("/fr/datasets?theme=TRAN&theme=ENVI").text)
    assert (len(_titles(one)), len(_titles(two))) == (3, 7)
    assert {item.get("value") for item in two.find("//input[@name='theme'][@checked]")} == {"TRAN", "ENVI"}


def test_facets_narrow_each_other(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/datasets?theme=TRAN&format=CSV").text)
    assert _titles(page) == ["Stations de vélos"]


def test_a_filter_in_force_can_be_taken_back(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/datasets?q=vélos&theme=TRAN&format=CSV").text)
    chosen = {" ".join(item.text_content().split()): item.get("href") for item in page.find("//ul[@class='chosen']//a")}
    without = next(address for name, address in chosen.items() if "Transports" in name)
    assert "format=CSV" in without
    assert "theme" not in without
    assert client.get(without).status_code == 200


def test_publishers_stand_by_their_key(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/datasets").text)
    key = page.find("//label[contains(., 'Finances')]/input[@name='publisher']/@value")[0]
    assert key == "region/finances"
    assert len(_titles(read(client.get(f"/fr/datasets?publisher={key}").text))) == 3


def test_an_order_can_be_chosen(client: FlaskClient, read: Parse) -> None:
    titles = _titles(read(client.get("/fr/datasets?sort=title").text))
    assert titles[:2] == ["Arbres remarquables", "Budget communal"]


def test_pages_follow_each_other(difficult_client: FlaskClient, read: Parse) -> None:
    address, seen = "/fr/datasets?sort=title", []
    while address:
        page = read(difficult_client.get(address).text)
        seen += page.find("//ul[@class='results']//h3/a/@href")
        following = page.find("//link[@rel='next']/@href")
        assert page.find("//a[@rel='next']/@href") == following
        address = following[0] if following else ""
    assert len(seen) == len(set(seen)) == 100


@pytest.mark.parametrize("query", ["page=99999", "page=-1", "page=x", "page=", "sort=zzz", "theme=", "page=1&page=2"])
def test_nonsense_in_the_address_is_harmless(difficult_client: FlaskClient, query: str) -> None:
    assert difficult_client.get(f"/fr/datasets?{query}").status_code == 200


def test_a_page_beyond_the_last_is_the_last(difficult_client: FlaskClient, read: Parse) -> None:
    page = read(difficult_client.get("/fr/datasets?page=999").text)
    assert page.words("//nav[@class='pages']//a[@aria-current='page']") == "page 5"


@pytest.mark.parametrize("words", ["(((", '"', "-", "AND OR NOT", "a" * 5000, "%00", "é" * 400, "🚲"])
def test_any_words_can_be_searched(client: FlaskClient, words: str) -> None:
    assert client.get("/fr/datasets", query_string={"q": words}).status_code == 200


def test_nothing_found_helps_on(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/datasets?q=zzzzzz&theme=TRAN").text)
    assert "Rien trouvé" in page.words()
    assert "Retirez un filtre" in page.words()
    assert page.find("//main//a[@href='/fr/datasets']")


def test_a_misspelt_word_finds_similar_ones(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/datasets?q=Luchtkwalitet").text)
    assert _titles(page) == ["Qualité de l'air"]
    assert "mots proches" in page.words()


def test_the_numbers_of_the_home_page_are_those_of_the_list(client: FlaskClient, read: Parse) -> None:
    home = read(client.get("/fr/").text)
    number = home.words("(//dl[@class='numbers']//dd)[1]")
    assert read(client.get("/fr/datasets").text).words("//p/strong").startswith(f"{number} jeux de données")


def test_many_organisations_stand_under_their_letter(difficult_client: FlaskClient, read: Parse) -> None:
    page = read(difficult_client.get("/fr/organisations").text)
    assert len(page.find("//ul[@class='tiles']/li")) == 70
    assert page.words("(//main//h2)[1]") == "A"
