"""Turns the ISO 8601 dates of records into typed literals (xsd:date, dateTime, gYearMonth, gYear), never padded.

Any other text stays a plain literal: the rules of ``maillon.repair.dates`` read it where they can, and report that
they did; what they cannot read is reported by validation.
"""

from typing import Final

from maillon.rdf import lexical
from maillon.rdf.ntriples import literal, typed

LONGEST: Final = 60
"""Characters of the longest text taken for a date."""

_DATE_TIME: Final = typed("xsd:dateTime")


def temporal(value: str | None) -> str | None:
    """Return the typed literal of an ISO 8601 date, any other text as it is, None where nothing is stated."""
    if not value:
        return None
    if lexical.is_plain_moment(value):  # as CKAN writes it
        return f'"{value}"{_DATE_TIME}'
    text = lexical.stated(value)
    if not text:
        return None
    date, datatype = lexical.dated(text) if len(text) <= LONGEST else ("", "")
    return literal(date, typed(datatype)) if date else literal(text)
