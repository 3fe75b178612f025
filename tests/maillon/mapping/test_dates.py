"""ISO 8601 dates become typed literals; all else stays as it was, for the rules (tests/maillon/repair)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, RdfFormat, parse

from maillon.mapping import dates
from maillon.vocabulary import term

XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("text", "lexical", "datatype"),
    [("2019-09-30", "2019-09-30", "date"), ("20190930", "2019-09-30", "date"), ("2019-09-30Z", "2019-09-30Z", "date"),
     ("2019-09", "2019-09", "gYearMonth"), ("2019", "2019", "gYear"), (" 2019-09-30\n", "2019-09-30", "date"),
     ("2019-09-30 22:00:00", "2019-09-30T22:00:00", "dateTime"),
     ("2012-05-10T21:04", "2012-05-10T21:04:00", "dateTime"),
     ("2012-10-17T13:35:38.042539", "2012-10-17T13:35:38.042539", "dateTime"),
     ("2021-11-02T10:00:00+0100", "2021-11-02T10:00:00+01:00", "dateTime"),
     ("2021-11-02t10:00z", "2021-11-02T10:00:00Z", "dateTime"),
     ("0023-01-01", "0023-01-01", "date")],
)  # fmt: skip
def test_a_date_gets_the_type_of_what_it_says(text: str, lexical: str, datatype: str) -> None:
    assert dates.temporal(text) == str(Literal(lexical, datatype=term("xsd:" + datatype)))


@pytest.mark.parametrize(
    "text",
    ["TODO", "mars", "22.09.2004", "12 mars 2021", "mar, 10/12/2019 - 09:23", "2020-02-30", "2019-13", "31/02/2020",
     "12/31/2020", "5 brumaire 2020", "mar 2020", "0000", "2021-1-2", "9999-12-31T24:00:00",
     "2011\u201312 financial year", "[2005 TO 2008]", "5 mars 2021 " * 100],
)  # fmt: skip
def test_what_is_no_date_stays_a_plain_text(text: str) -> None:
    assert dates.temporal(text) == str(Literal(text.strip()))


@given(st.text(max_size=70))
def test_any_text_gives_a_literal_or_nothing(text: str) -> None:
    found = dates.temporal(text)
    assert found is None or found == str(next(iter(parse(f"<urn:s> <urn:p> {found} .", RdfFormat.N_TRIPLES))).object)


@given(st.dates())
def test_every_day_survives(day: object) -> None:
    assert dates.temporal(str(day)) == str(Literal(str(day), datatype=term("xsd:date")))
