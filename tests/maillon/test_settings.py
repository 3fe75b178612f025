"""Settings: order of precedence, refusal of what cannot be used."""

from dataclasses import fields
from pathlib import Path

import pytest

from maillon.errors import SettingsError
from maillon.settings import Settings, load


def test_defaults_serve_a_local_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load({})
    assert settings.base_iri == "http://localhost:8000/"
    assert settings.ledger.startswith("sqlite:///")
    assert settings.ledger.endswith("data/run/ledger.sqlite")


def test_environment_wins_over_file_and_argument_over_both(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text('title = "File"\nweb_threads = 3\ndata = "elsewhere"\n', encoding="utf-8")
    settings = load({"MAILLON_SETTINGS": str(file), "MAILLON_TITLE": "Environment"}, data=tmp_path)
    assert settings.title == "Environment"
    assert settings.web_threads == 3
    assert settings.data == tmp_path


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"MAILLON_TITEL": "x"}, "no setting 'titel'"),
        ({"MAILLON_WEB_THREADS": "many"}, "web_threads is 'many'"),
        ({"MAILLON_WEB_THREADS": "0"}, "above 0"),
        ({"MAILLON_DATA": ""}, "data is ''"),
        ({"MAILLON_BASE_IRI": "ftp://x/"}, "base_iri"),
        ({"MAILLON_BASE_IRI": "https://x.example/data"}, "end with a slash"),
        ({"MAILLON_DEFAULT_LANGUAGE": "es"}, "default_language"),
        ({"MAILLON_QUERY_RATE": "2 per fortnight"}, "query_rate is '2 per fortnight': write"),
        ({"MAILLON_CONTACT_EMAIL": "Service exemple <data@example.org>"}, "write one address, such as"),
        ({"MAILLON_CONTACT_EMAIL": "data@example.org?bcc=x@example.org"}, "contact_email"),
        ({"MAILLON_CONTACT_EMAIL": "data@localhost"}, "contact_email"),
        ({"MAILLON_CONTACT_URL": "javascript:alert(1)"}, "contact_url"),
        ({"MAILLON_CONTACT_URL": "https://"}, "starts with http"),
        ({"MAILLON_CONTACT_URL": 'https://example.org/"><script>'}, "contact_url"),
        ({"MAILLON_SETTINGS": "/nowhere/maillon.toml"}, "does not exist"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(environment)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_bytes(b"title = \xff")
    with pytest.raises(SettingsError, match="cannot be read"):
        load({"MAILLON_SETTINGS": str(file)})


def test_every_setting_says_what_it_is() -> None:
    assert all(item.metadata["help"].endswith((".", "en.")) for item in fields(Settings))


def test_a_contact_is_an_address_a_form_both_or_none() -> None:
    assert (load({}).contact_email, load({}).contact_url) == ("", "")
    settings = load(
        {
            "MAILLON_CONTACT_EMAIL": "open-data+site@data.example.org",
            "MAILLON_CONTACT_URL": "https://example.org:8443/fr/contact?topic=data#form",
        }
    )
    assert settings.contact_email == "open-data+site@data.example.org"
    assert settings.contact_url.endswith("#form")
