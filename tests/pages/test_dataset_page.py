"""The page of a dataset: what people need from it, and what it must never do."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

Parse = Callable[[str], Any]


def test_a_dataset_shows_what_people_ask_for(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/dataset/ville/jeu-1").text)
    words = page.words()
    assert page.words("//h1") == "Stations de vélos"
    for expected in (
        "Mobilité", "11 février 2024", "Creative Commons", "CSV", "121 octets", "mobilite@example.org", "Transports",
        "Bruxelles", "quotidien", "français", "Données de la Ville", "Titre en néerlandais", "Fietsstations",
        "début : 1 janvier 2020", "http://localhost:8000/id/dataset/ville/jeu-1",
    ):  # fmt: skip
        assert expected in words
    download = page.find("//a[@href='https://data.example.org/1.zip']")[0]
    assert "nofollow" in download.get("rel")
    assert page.find("//a[@href='/doc/dataset/ville/jeu-1.ttl']")
    assert page.find("//link[@rel='alternate'][@type='application/ld+json']/@href") == [
        "/doc/dataset/ville/jeu-1.jsonld"
    ]


def test_titles_follow_the_visitor(client: FlaskClient, read: Parse) -> None:
    assert read(client.get("/nl/dataset/ville/jeu-1").text).words("//h1") == "Fietsstations"
    german = read(client.get("/de/dataset/ville/jeu-1").text)
    assert german.words("//h1") == "Stations de vélos"
    assert german.find("//h1/@lang") == ["fr"]


def test_findings_are_in_words(client: FlaskClient, read: Parse) -> None:
    french = read(client.get("/fr/dataset/ville/sans-description").text)
    assert "À corriger" in french.words("//ul[@class='findings']")
    assert "description" in french.words("//ul[@class='findings']")
    dutch = read(client.get("/nl/dataset/ville/sans-description").text)
    assert "beschrijving" in dutch.words("//ul[@class='findings']")


def test_nothing_that_the_source_said_is_hidden(client: FlaskClient, read: Parse) -> None:
    words = read(client.get("/en/dataset/ville/jeu-1").text).words("//details")
    for expected in ("dct:accrualPeriodicity", "dcat:startDate", "Fietsstations", "nl", "xsd:date", "rdf:type"):
        assert expected in words


def test_a_missing_dataset_says_so(client: FlaskClient, read: Parse) -> None:
    assert "ne mentionne plus" in read(client.get("/fr/dataset/ville/manquant").text).words()


def test_a_gone_dataset_says_what_was_known(client: FlaskClient, read: Parse) -> None:
    answer = client.get("/fr/dataset/ville/disparu")
    assert answer.status_code == 410
    page = read(answer.text)
    assert page.words("//h1") == "Jeu disparu"
    assert "Il était là." in page.words()
    assert "retiré" in page.words()


def test_hostile_texts_stay_texts(difficult_client: FlaskClient, read: Parse) -> None:
    answer = difficult_client.get("/fr/dataset/difficile/hostile")
    assert "<script" not in answer.text
    page = read(answer.text)
    assert page.words("//h1") == "<script>alert(1)</script> Titre"
    assert not page.find("//@onerror")
    described = page.find("//div[@class='description']")[0]
    assert "Bon" in described.text_content()
    assert "alert" not in described.text_content()
    assert described.xpath(".//a/@href") == ["https://example.org/bon"]
    assert not described.xpath(".//h2 | .//li")


def test_addresses_that_a_browser_must_not_follow_are_no_links(difficult_client: FlaskClient, read: Parse) -> None:
    for language in ("fr", "nl"):
        page = read(difficult_client.get(f"/{language}/dataset/difficile/hostile").text)
        assert not [address for address in page.find("//@href") if address.lower().startswith(("javascript", "data"))]
        assert page.find("//a[@href='ftp://files.example.org/d.csv']")
        assert "javascript:alert(1)" in page.words()
    answer = difficult_client.get("/fr/doc/distribution/difficile/hostile-1")
    assert not [item for item in read(answer.text).find("//@href") if item.lower().startswith("javascript")]


def test_hostile_texts_stay_texts_in_lists(difficult_client: FlaskClient) -> None:
    for address in (
        "/fr/",
        "/fr/datasets",
        "/fr/datasets?q=<script>alert(2)</script>",
        "/fr/sources",
        "/fr/source/difficile",
    ):
        assert "<script" not in difficult_client.get(address).text


def test_machine_translations_are_marked_and_show_their_original(difficult_client: FlaskClient, read: Parse) -> None:
    french = read(difficult_client.get("/fr/dataset/difficile/traduit").text)
    assert french.words("//h1") == "Pistes cyclables"
    assert "Traduction automatique (original : néerlandais)" in french.words("//header")
    assert "Fietspaden" in french.words("//header")
    assert french.find("//header//span[@lang='nl'][text()='Fietspaden']")
    assert "Tous les chemins." in french.words("//div[@class='description']")


def test_what_a_person_wrote_comes_before_a_machine(difficult_client: FlaskClient, read: Parse) -> None:
    dutch = read(difficult_client.get("/nl/dataset/difficile/traduit").text)
    assert dutch.words("//h1") == "Fietspaden"
    assert "Machinevertaling" not in dutch.words()
    german = read(difficult_client.get("/de/dataset/difficile/traduit").text)
    assert german.words("//h1") == "Fietspaden"


def test_a_foreign_description_says_its_language(difficult_client: FlaskClient, read: Parse) -> None:
    page = read(difficult_client.get("/fr/dataset/difficile/allemand").text)
    assert page.find("//div[@class='description']/@lang") == ["de", "de"]
    assert "plusieurs morceaux" in page.words()
    assert page.words("(//div[@class='description'])[1]") == "zweiter, viel längerer Teil"


def test_a_dataset_without_title_and_files_has_a_page(difficult_client: FlaskClient, read: Parse) -> None:
    words = read(difficult_client.get("/fr/dataset/difficile/nu").text).words()
    assert "difficile/nu" in words
    assert "ni fichier ni service" in words
