"""Dates, sizes, names and links as people read them."""

import pytest

from maillon.web import display


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        ("2024", "fr", "2024"),
        ("2024Z", "fr", "2024"),
        ("2024-03", "fr", "mars 2024"),
        ("2024-03-01", "nl", "1 maart 2024"),
        ("2024-03-01Z", "de", "1. März 2024"),
        ("2024-03-01T23:59:00+01:00", "en", "1 March 2024"),
        ("2024-03-01 12:00:00", "fr", "1 mars 2024"),
        ("2024-02-31", "fr", "2024-02-31"),
        ("2024-13", "fr", "2024-13"),
        ("mars 2024", "fr", "mars 2024"),
        ("", "fr", ""),
    ],
)
def test_moments_are_in_words(value: str, language: str, shown: str) -> None:
    assert display.moment(value, language) == shown


@pytest.mark.parametrize(
    ("octets", "language", "shown"),
    [
        ("0", "fr", "0\u00a0octets"),
        ("999", "en", "999\u00a0bytes"),
        ("1234", "fr", "1,2\u00a0ko"),
        ("48100000", "nl", "48,1\u00a0MB"),
        ("1.5E12", "de", "1,5\u00a0TB"),
        ("2 MB", "fr", "2 MB"),
        ("NaN", "fr", "NaN"),
    ],
)
def test_sizes_have_a_unit(octets: str, language: str, shown: str) -> None:
    assert display.size(octets, language) == shown


@pytest.mark.parametrize(
    ("address", "followed"),
    [
        ("https://example.org/a b", "https://example.org/a b"),
        (" http://example.org ", "http://example.org"),
        ("ftp://example.org/f", "ftp://example.org/f"),
        ("javascript:alert(1)", ""),
        ("JAVASCRIPT:alert(1)", ""),
        ("java\tscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.org", ""),
        ("https:///x", ""),
        ("file:///etc/passwd", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_only_safe_addresses_are_followed(address: str, followed: str) -> None:
    assert display.followed(address) == followed


def test_concepts_have_their_name_in_the_language() -> None:
    iri = "http://publications.europa.eu/resource/authority/data-theme/TRAN"
    assert str(display.concept(iri, "nl")) == "Vervoer"
    assert str(display.concept("https://example.org/themes/V%C3%A9lo", "nl")) == "Vélo"
    assert str(display.concept("texte libre", "nl")) == "texte libre"


def test_concepts_with_the_same_name_are_shown_once() -> None:
    base = "http://publications.europa.eu/resource/authority/data-theme/"
    assert len(display.concepts([f"{base}TRAN", f"{base}TRAN", "https://example.org/Transports"], "fr")) == 1


def test_languages_have_names() -> None:
    assert display.language_name("nl", "fr") == "néerlandais"
    assert display.language_name("ger", "en") == "German"
    assert display.language_name("x-y-z", "fr") == "x-y-z"
