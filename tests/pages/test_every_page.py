"""Every page in every language: valid HTML, complete, without anything from elsewhere."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from maillon.settings import LANGUAGES

Parse = Callable[[str], Any]


def _check(page: Any, language: str) -> None:
    assert page.faults == []
    assert page.find("/html/@lang") == [language]
    assert len(page.find("//h1")) == 1
    assert page.words("//h1")
    assert page.words("//title")
    repeated = [value for value, times in Counter(page.find("//@id")).items() if times > 1]
    assert repeated == []
    assert not page.find("//script | //iframe | //object | //@style | //style")
    assert not [name for name in page.find("//@*") if name.attrname.startswith("on")]
    loaded = [*page.find("//link[@rel='stylesheet' or @rel='icon']/@href"), *page.find("//img/@src")]
    assert all(address.startswith("/static/") for address in loaded)
    levels = [int(item.tag[1]) for item in page.find("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False)), levels
    for control in page.find("//input[not(@type='hidden')] | //select | //textarea"):
        label = (
            page.find(f"//label[@for='{control.get('id')}']") if control.get("id") else control.xpath("ancestor::label")
        )
        assert label, control.attrib


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_valid(client: FlaskClient, read: Parse, pages: tuple[str, ...], language: str) -> None:
    for address in pages:
        answer = client.get(f"/{language}/{address}")
        assert answer.status_code == 200, address
        _check(read(answer.text), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("address", "status"), [("rien", 404), ("dataset/ville/disparu", 410), ("doc/dataset/x", 404)])
def test_every_error_page_is_valid(client: FlaskClient, read: Parse, language: str, address: str, status: int) -> None:
    answer = client.get(f"/{language}/{address}")
    assert answer.status_code == status
    _check(read(answer.text), language)


def test_pages_of_difficult_records_are_valid(difficult_client: FlaskClient, read: Parse) -> None:
    for key in ("hostile", "traduit", "allemand", "nu", "long"):
        _check(read(difficult_client.get(f"/fr/dataset/difficile/{key}").text), "fr")
    for address in ("", "datasets", "datasets?page=3", "organisations", "sources", "source/difficile"):
        _check(read(difficult_client.get(f"/nl/{address}").text), "nl")


def test_all_links_of_our_own_lead_somewhere(client: FlaskClient, read: Parse) -> None:
    seen: set[str] = set()
    waiting = ["/fr/", "/nl/datasets"]
    while waiting and len(seen) < 250:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code in (200, 302, 303), address
        if answer.mimetype == "text/html" and answer.status_code == 200:
            found = read(answer.text).find("//a/@href")
            waiting += [item.partition("#")[0] for item in found if re.match(r"/[^/]", item)]
    assert len(seen) == 250


def test_links_within_a_page_have_their_target(client: FlaskClient, read: Parse, pages: tuple[str, ...]) -> None:
    for address in pages:
        page = read(client.get(f"/fr/{address}").text)
        targets = set(page.find("//@id"))
        assert {item[1:] for item in page.find("//a/@href") if item.startswith("#")} <= targets, address


def test_the_interface_is_translated(client: FlaskClient, read: Parse) -> None:
    titles = {language: read(client.get(f"/{language}/organisations").text).words("//h1") for language in LANGUAGES}
    assert titles == {"fr": "Organismes", "nl": "Organisaties", "de": "Organisationen", "en": "Organisations"}, (
        "Run `python hatch_build.py`: it compiles the translations."
    )
