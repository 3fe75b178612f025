"""Mail addresses and telephone numbers as they were met; what cannot be read stays as it was."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillon.records import Entity
from maillon.repair import Context, repair
from maillon.repair.contacts import RULES, mailboxes, region, telephone
from maillon.sources import Source


@pytest.mark.parametrize(
    ("text", "expected"),
    [("info@ville.test", ["info@ville.test"]), ("mailto: info@ville.test", ["info@ville.test"]),
     ("info@ville.test.", ["info@ville.test"]), ("poststelle(at)ville.test", ["poststelle@ville.test"]),
     ("info [at] ville [dot] test", ["info@ville.test"]), ("Service exemple <info@ville.test>", ["info@ville.test"]),
     ("a@ville.test; b@ville.test", ["a@ville.test", "b@ville.test"]), ("a@ville.test, a@ville.test", ["a@ville.test"]),
     ("voir le site", []), ("a@b", []), ("@ville.test", []), ("info@ville.test " + "long texte " * 20, [])],
)  # fmt: skip
def test_mail_addresses_are_found_in_what_stands_there(text: str, expected: list[str]) -> None:
    assert list(mailboxes(text)) == ["mailto:" + mailbox for mailbox in expected]


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [("+32 (0)2 555 12 34", "", "tel:+3225551234"), ("0032 2 555 12 34", "", "tel:+3225551234"),
     ("02/555.12.34", "BE", "tel:+3225551234"), ("tel:+32 2 555 12 34", "", "tel:+3225551234"),
     ("02/555.12.34", "", None), ("1765", "BE", None), ("ask at the desk", "BE", None), ("+32 2", "", None)],
)  # fmt: skip
def test_telephone_numbers_are_read_where_they_are_valid(text: str, country: str, expected: str | None) -> None:
    assert telephone(text, country) == expected


def test_the_country_of_a_source_is_known_or_empty() -> None:
    assert region(Source(name="s", kind="ckan", url="https://x.test/", language="fr-LU")) == "LU"
    assert region(Source(name="s", kind="ckan", url="https://opendata.brussels/")) == "BE"
    assert region(Source(name="s", kind="ckan", url="/a/file", timezone="Europe/Brussels")) == "BE"
    assert region(Source(name="s", kind="ckan", url="https://data.example.org/", language="fr")) == ""


@given(st.text(max_size=80))
def test_any_text_is_survived(text: str) -> None:
    mailboxes(text)
    telephone(text, "BE")


@pytest.mark.parametrize("sign", ["a", "a.", "@", "a@", "(at)", " at "])
def test_a_long_hostile_text_takes_no_time(sign: str) -> None:
    mailboxes((sign * 1_000)[:1_000])
    telephone((sign * 1_000)[:1_000], "BE")


@pytest.mark.parametrize("value", ["<mailto:info@ville.test>", '"voir le site"', "<https://x.test/a?b=c@d.test>"])
def test_good_and_unreadable_addresses_are_left(
    value: str, entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    turtle = f"<urn:example> dcat:contactPoint [ vcard:hasEmail {value} ] ; foaf:mbox {value} ."
    assert repair(entity_of(turtle), context_of(), RULES).applications == ()
