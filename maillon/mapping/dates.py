"""Turns the dates that sources write into typed literals (xsd:date, dateTime, gYearMonth, gYear), never padded.

ISO 8601 is tried first, then day-month-year in figures, then dates in French, Dutch, German and English words, such
as DKAN's "Date changed  jeu, 19/12/2019 - 03:00". Anything else stays a plain literal, which validation reports.
"""

import re
import unicodedata
from datetime import datetime
from typing import Final

from pyoxigraph import Literal

from maillon.mapping.literals import stated
from maillon.vocabulary import term

LONGEST: Final = 60
"""Characters of the longest text taken for a date."""

# Without accents; longest first where one begins another, because only whole words are compared.
_MONTHS: Final = {
    word: number
    for number, words in enumerate(
        (
            "janvier janv january jan januari januar janner",
            "fevrier fevr fev february feb februari februar",
            "mars march mar maart mrt marz maerz",
            "avril avr april apr",
            "mai may mei",
            "juin june jun juni",
            "juillet juil july jul juli",
            "aout aou august aug augustus",
            "septembre sept september sep",
            "octobre oct october oktober okt",
            "novembre nov november",
            "decembre dec december dezember dez",
        ),
        start=1,
    )
    for word in words.split()
}

_ZONE = r"(?:Z|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(
    rf"(\d{{4}}-\d{{2}}-\d{{2}})[T ](\d{{2}}:\d{{2}})(:\d{{2}})?(\.\d{{1,9}})?\s?({_ZONE})", re.IGNORECASE
)
_ISO_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_ISO_DATE_IN_ZONE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})")
_ISO_MONTH = re.compile(r"\d{4}-\d{2}")
_YEAR = re.compile(r"\d{4}")
_CLOCK = r"(?:[\s,-]+(?:a |om |um |at )?\s*(\d{1,2})[:h](\d{2})(?::(\d{2}))?(?: uhr| uur)?)?"
_FIGURES = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})" + _CLOCK)
_WORDS = re.compile(r"(?:(\d{1,2})(?:er|e|st|nd|rd|th)?\.?\s+)?([a-z]{3,9})\.?,?\s+(\d{4})" + _CLOCK)
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,\s*(\d{4})" + _CLOCK)
_INTRODUCTION = re.compile(
    r"(?:date changed|modifie|mis a jour|bijgewerkt|geandert|updated|le|op|am|on|"
    r"(?:lun|mar|mer|jeu|ven|sam|dim)(?:di|credi|edi|anche|dredi)?|(?:maan|dins|woens|donder|vrij|zater|zon)dag|"
    r"(?:ma|di|wo|do|vr|za|zo)|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|(?:mo|mi|fr|sa|so)|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun))[.,]?\s+"
)


def _plain(text: str) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))
    return re.sub(r"\s+", " ", bare)


def _typed(lexical: str, datatype: str) -> Literal | None:
    """Return the literal if the calendar knows the day and the clock the time."""
    try:
        padded = lexical + "-01-01"[len(lexical) - 4 :] if len(lexical) < 10 else lexical
        datetime.fromisoformat(padded)
    except ValueError:
        return None
    return Literal(lexical, datatype=term(datatype))


def _iso(text: str) -> Literal | None:
    if match := _ISO.fullmatch(text):
        day, clock, seconds, fraction, zone = match.groups(default="")
        zone = zone.upper() if ":" in zone or len(zone) < 5 else f"{zone[:3]}:{zone[3:]}"
        lexical = f"{day}T{clock}{seconds or ':00'}{fraction}{zone}"
        # Python 3.11 reads only 3 or 6 digits of a fraction; the literal keeps what was sent.
        known = _typed(f"{day}T{clock}{seconds or ':00'}{zone}", "xsd:dateTime")
        return Literal(lexical, datatype=term("xsd:dateTime")) if known else None
    if match := _ISO_DATE.fullmatch(text):
        return _typed("-".join(match.groups()), "xsd:date")
    if match := _ISO_DATE_IN_ZONE.fullmatch(text):
        return Literal(text, datatype=term("xsd:date")) if _typed(match[1], "xsd:date") else None
    if _ISO_MONTH.fullmatch(text):
        return _typed(text, "xsd:gYearMonth")
    return _typed(text, "xsd:gYear") if _YEAR.fullmatch(text) else None


def _day(parts: tuple[str, int, str], clock: tuple[str, str, str]) -> Literal | None:
    """Return the literal of (day, month, year) with a time of day, empty texts where there is none."""
    day, month, year = parts
    if not day:
        return None if clock[0] else _typed(f"{year}-{month:02}", "xsd:gYearMonth")
    date = f"{year}-{month:02}-{int(day):02}"
    if not clock[0]:
        return _typed(date, "xsd:date")
    return _typed(f"{date}T{int(clock[0]):02}:{clock[1]}:{clock[2] or '00'}", "xsd:dateTime")


def _in_words(text: str) -> Literal | None:
    plain = _plain(text)
    while introduction := _INTRODUCTION.match(plain):
        plain = plain[introduction.end() :]
    if match := _FIGURES.fullmatch(plain):
        day, month, year, *clock = match.groups(default="")
        return _day((day, int(month), year), (clock[0], clock[1], clock[2]))
    if match := _WORDS.fullmatch(plain):
        day, word, year, *clock = match.groups(default="")
    elif match := _MONTH_FIRST.fullmatch(plain):
        word, day, year, *clock = match.groups(default="")
    else:
        return None
    known = _MONTHS.get(word)
    return None if known is None else _day((day, known, year), (clock[0], clock[1], clock[2]))


def temporal(value: str | None) -> Literal | None:
    """Return the typed literal of a date, the text itself where it is none, None where nothing is stated."""
    text = stated(value)
    if not text:
        return None
    if len(text) > LONGEST:
        return Literal(text)
    return _iso(text) or _in_words(text) or Literal(text)
