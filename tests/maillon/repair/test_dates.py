"""Dates and periods in the forms met in catalogues; all that may be read in two ways stays as it was."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal

from maillon.records import Entity
from maillon.repair import Context, repair
from maillon.repair.calendar import in_words, in_zone
from maillon.repair.dates import RULES
from maillon.repair.periods import period
from maillon.vocabulary import term


@pytest.mark.parametrize(
    ("text", "lexical", "datatype"),
    [("mar, 10/12/2019 - 09:23", "2019-12-10T09:23:00", "dateTime"),
     ("Date changed  jeu, 19/12/2019", "2019-12-19", "date"), ("22.09.2004", "2004-09-22", "date"),
     ("Date changed  jeu, 19/12/2019 - 03:00", "2019-12-19T03:00:00", "dateTime"),
     ("12 mars 2021", "2021-03-12", "date"),
     ("1er mars 2015", "2015-03-01", "date"), ("août 2020", "2020-08", "gYearMonth"),
     ("maart 2016", "2016-03", "gYearMonth"),
     ("lundi 22 novembre 2021 à 14h30", "2021-11-22T14:30:00", "dateTime"),
     ("zaterdag 3 juli 2021", "2021-07-03", "date"),
     ("3. März 2021", "2021-03-03", "date"), ("12. August 2020 10:05 Uhr", "2020-08-12T10:05:00", "dateTime"),
     ("March 3, 2021", "2021-03-03", "date"), ("3rd September 2021", "2021-09-03", "date"),
     ("02/2019", "2019-02", "gYearMonth")],
)  # fmt: skip
def test_a_date_in_figures_or_words_is_read(text: str, lexical: str, datatype: str) -> None:
    assert in_words(text) == Literal(lexical, datatype=term("xsd:" + datatype))


@pytest.mark.parametrize(
    "text",
    ["été 2014", "TODO", "mars", "31/02/2020", "12/31/2020", "5 brumaire 2020", "mar 2020", "5 mars 2021 " * 100, ""],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert in_words(text) is None


def test_figures_of_an_english_source_are_read_only_where_they_have_one_reading() -> None:
    assert in_words("03/04/2020", is_english=True) is None
    assert in_words("12/31/2020", is_english=True) == Literal("2020-12-31", datatype=term("xsd:date"))
    assert in_words("31/12/2020", is_english=True) == Literal("2020-12-31", datatype=term("xsd:date"))
    assert in_words("03/04/2020") == Literal("2020-04-03", datatype=term("xsd:date"))


@given(st.text(max_size=70))
def test_any_text_is_survived(text: str) -> None:
    in_words(text)
    period(text)


def test_the_hour_that_comes_twice_and_broken_times_get_no_zone() -> None:
    assert in_zone("2021-07-01T10:00:00", "Europe/Brussels") == "2021-07-01T10:00:00+02:00"
    assert in_zone("2021-01-01T10:00:00.5", "Europe/Brussels") == "2021-01-01T10:00:00.5+01:00"
    assert in_zone("2021-01-01T10:00:00", "UTC") == "2021-01-01T10:00:00Z"
    assert in_zone("2021-10-31T02:30:00", "Europe/Brussels") is None
    assert in_zone("2021-99-31T02:30:00", "Europe/Brussels") is None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [("2009-2012", "2009", "2012"), ("01-01-12 / 31-12-13", "2012-01-01", "2013-12-31"),
     ("jusqu'en février 2015", "", "2015-02"), ("[2005 TO 2008]", "2005", "2008"), ("[2005 TO *]", "2005", ""),
     ("2012-01-01/2012-12-31", "2012-01-01", "2012-12-31"), ("2012-01-01/..", "2012-01-01", ""),
     ("2014", "2014", "2014"),
     ("du 1er janvier 2012 au 31 décembre 2013", "2012-01-01", "2013-12-31"), ("depuis 2010", "2010", "")],
)  # fmt: skip
def test_a_period_in_words_is_read(text: str, start: str, end: str) -> None:
    found = period(text)
    assert found is not None
    assert tuple(bound.value if bound else "" for bound in found) == (start, end)


@pytest.mark.parametrize("text", ["été 2014", "annuelle", "2009-2012-2013", "", "[* TO *]"])
def test_what_is_no_period_is_none(text: str) -> None:
    assert period(text) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [('" 2012-05-10T21:04 "^^xsd:dateTime', "2012-05-10T21:04:00"), ('"2012"^^xsd:date', "2012"),
     ('"2012-05-10 21:04:00"^^xsd:date', "2012-05-10T21:04:00"), ('"2012-05-10"', "2012-05-10")],
)  # fmt: skip
def test_an_ill_typed_date_gets_the_type_of_its_form(
    before: str, after: str, entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    (triple,) = repair(entity_of(f"<urn:example> dct:issued {before} ."), context_of(), RULES).entity.triples
    assert isinstance(triple.object, Literal)
    assert triple.object.value == after


@pytest.mark.parametrize(
    "value", ['"0023-01-01"^^xsd:date', '"2012-02-30"^^xsd:date', '"bientôt"', '"2012"^^xsd:gYear']
)
def test_good_and_hopeless_dates_are_left(
    value: str, entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    assert repair(entity_of(f"<urn:example> dct:issued {value} ."), context_of(), RULES).applications == ()
