"""How to reach who publishes the catalogue (Directive (EU) 2016/2102, article 7): shown where set, else asked for."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from maillon.cli import serving
from maillon.settings import Settings
from maillon.web import create_app

Parse = Callable[[str], Any]
EMAIL, FORM = "data@example.org", "https://example.org/contact?a=1&b=2"


def _client(settings: Settings, email: str = "", url: str = "") -> FlaskClient:
    return create_app(replace(settings, contact_email=email, contact_url=url)).test_client()


@pytest.mark.parametrize("address", ["/fr/", "/nl/about", "/de/dataset/ville/jeu-1", "/en/nothing"])
def test_every_page_names_the_contact_in_its_foot(settings: Settings, read: Parse, address: str) -> None:
    page = read(_client(settings, EMAIL, FORM).get(address, headers={"Accept": "text/html"}).text)
    assert page.faults == []
    links = page.find("//footer//p//a/@href")
    assert links == [f"mailto:{EMAIL}", FORM]
    assert page.find("//footer//p//a")[0].text == EMAIL


@pytest.mark.parametrize(("email", "url"), [(EMAIL, ""), ("", FORM), ("open%data@example.org", "")])
def test_one_of_them_is_enough(settings: Settings, read: Parse, email: str, url: str) -> None:
    page = read(_client(settings, email, url).get("/fr/about").text)
    wanted = [url or f"mailto:{email.replace('%', '%25')}"]
    for place in (
        "//footer//p",
        "//section[@aria-labelledby='accessibility']",
        "//section[@aria-labelledby='contact']",
    ):
        assert page.find(f"{place}//a/@href") == wanted, place


def test_without_a_contact_nothing_is_promised(settings: Settings, read: Parse) -> None:
    page = read(_client(settings).get("/fr/about").text)
    assert page.find("//a[starts-with(@href, 'mailto:')]") == page.find("//*[@id='contact']") == []
    assert page.find("//footer//p//a") == []


@pytest.mark.parametrize(("email", "url", "lines"), [("", "", 1), (EMAIL, "", 0), ("", FORM, 0)])
def test_serve_says_when_nobody_can_report_a_barrier(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    email: str,
    url: str,
    lines: int,
) -> None:
    class Ready:
        def __init__(self, *_given: object) -> None:
            pass

        def run(self) -> None:
            pass

    @contextlib.contextmanager
    def nothing(_settings: Settings) -> Iterator[None]:
        yield

    monkeypatch.setattr(serving, "_Server", Ready)
    monkeypatch.setattr(serving, "_query_server", nothing)
    monkeypatch.setattr(serving, "_check_free", lambda *_given: None)
    monkeypatch.setattr(serving, "_log_queries", lambda: None)
    serving.serve(replace(settings, contact_email=email, contact_url=url), "127.0.0.1", 8000)
    said = capsys.readouterr()
    assert said.err.count("Nobody can report a barrier: set contact_email or contact_url.") == lines
    assert "Maillon serves http://127.0.0.1:8000/" in said.out
