"""Texts of a source become terms of the right kind, or stay plain literals."""

import pytest
from pyoxigraph import Literal

from maillon.mapping import literals

INTEGER = "^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [(" https://ville.example.org/a b.csv ", "<https://ville.example.org/a%20b.csv>"),
     ("https://tiles.example.org/{z}/{x}.png", "<https://tiles.example.org/%7Bz%7D/%7Bx%7D.png>"),
     ("https://ville.example.org/é", "<https://ville.example.org/é>"),
     ("https://wms.example.org/?url=https://other.example.org/x", "<https://wms.example.org/?url=https://other.example.org/x>"),
     ("urn:ogc:def:crs:EPSG::31370", "<urn:ogc:def:crs:EPSG::31370>"),
     ("nobody@example.org", '"nobody@example.org"'),
     ("www.example.org/data", '"www.example.org/data"'),
     ("javascript:alert(1)", '"javascript:alert(1)"'),
     ("http://<<MOCK>>/a", '"http://<<MOCK>>/a"'),
     ("https://hub.example.org/{{id}}", '"https://hub.example.org/{{id}}"'),
     ("http://a.example.org http://b.example.org", '"http://a.example.org http://b.example.org"'),
     ("http://[bad", '"http://[bad"'), ("https://", '"https://"'),
     ("https://x.example.org/%zz", '"https://x.example.org/%zz"')],
)  # fmt: skip
def test_an_address_becomes_an_iri_only_if_it_is_one(text: str, expected: str) -> None:
    assert str(literals.reference(text)) == expected


@pytest.mark.parametrize("text", [None, "", "  ", "-", "null", "N/A", "{{description}}", "\x00"])
def test_blanks_and_placeholders_say_nothing(text: str | None) -> None:
    assert literals.reference(text) is None
    assert literals.text(text) is None
    assert literals.byte_size(text) is None


def test_a_text_too_long_for_an_address_stays_a_text() -> None:
    assert str(literals.reference("https://example.org/" + "a" * 20_000)).startswith('"')


@pytest.mark.parametrize(("text", "expected"), [("4681.0", "4681"), ("1839724", "1839724"), (" 0", "0")])
def test_a_number_of_octets_is_a_size(text: str, expected: str) -> None:
    assert str(literals.byte_size(text)) == f'"{expected}"{INTEGER}'


@pytest.mark.parametrize("text", ["huge", "-3", "1e9", "12 parsecs", "42 octets", "12 345"])
def test_a_size_that_is_no_number_is_kept_for_the_rules(text: str) -> None:
    assert literals.byte_size(text) == str(Literal(text))


@pytest.mark.parametrize("text", ["mailto:info@ville.example.org", " info@ville.example.org\n"])
def test_a_mail_address_becomes_mailto(text: str) -> None:
    assert literals.mailbox(text) == "<mailto:info@ville.example.org>"


@pytest.mark.parametrize(
    "text",
    ["info@ville.example.org.", "mailto:%20info@ville.example.org", "info(at)ville.example.org",
     "a@ville.example.org; b@ville.example.org", "https://ville.example.org/contact"],
)  # fmt: skip
def test_what_is_not_one_mail_address_is_kept_for_the_rules(text: str) -> None:
    assert literals.mailbox(text) == str(Literal(text))


def test_texts_are_cleaned_and_tagged() -> None:
    assert literals.text(" a\r\nb\x07 ", "fre") == '"a\\nb"@fr'
    assert literals.text("x", "nl_BE") == '"x"@nl-be'
    assert literals.text("x", "not a tag") == '"x"'
    assert literals.text("broken \ud83d emoji") == '"broken \ufffd emoji"'
    found = list(literals.texts({"nl": "twee", "": "un", "de": "null"}, "fr"))
    assert found == ['"un"@fr', '"twee"@nl']


def test_checksums_carry_their_algorithm() -> None:
    digest = "c3f20a134c4387a04735770ec073c9d2"
    assert literals.checksum(f"md5:{digest.upper()}") == ("md5", digest)
    assert literals.checksum(digest) == ("md5", digest)
    assert literals.checksum("a" * 64) == ("sha256", "a" * 64)
    assert literals.checksum(f"sha1:{digest}") is None
    assert literals.checksum("not a digest") is None
