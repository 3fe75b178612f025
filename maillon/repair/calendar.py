"""What texts say of the calendar: dates in figures and in French, Dutch, German and English words, and time zones.

Figures stand in the order day, month, year, which all three national languages of Belgium and its neighbours write.
"""

import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from pyoxigraph import Literal

from maillon.rdf import lexical

LONGEST: Final = 60
"""Characters of the longest text taken for a date."""

# Without accents; only whole words are compared.
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
_CLOCK = r"(?:[\s,-]+(?:a |om |um |at )?\s*(\d{1,2})[:h](\d{2})(?::(\d{2}))?(?: uhr| uur)?)?"
_FIGURES = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})" + _CLOCK)
_MONTH_FIGURES = re.compile(r"(\d{1,2})[./-](\d{4})")
_WORDS = re.compile(r"(?:(\d{1,2})(?:er|e|st|nd|rd|th)?\.?\s+)?(?:of |de )?([a-z]{3,9})\.?,?\s+(\d{4})" + _CLOCK)
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,\s*(\d{4})" + _CLOCK)
_INTRODUCTION = re.compile(
    r"(?:date changed|modifie|mis a jour|bijgewerkt|geandert|updated|le|op|am|on|"
    r"(?:lun|mar|mer|jeu|ven|sam|dim)(?:di|credi|edi|anche|dredi)?|(?:maan|dins|woens|donder|vrij|zater|zon)dag|"
    r"(?:ma|di|wo|do|vr|za|zo)|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|(?:mo|mi|fr|sa|so)|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun))[.,]?\s+"
)


def plain(text: str) -> str:
    """Return a text in lower case, without accents, with single blanks."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))
    return re.sub(r"\s+", " ", bare).strip()


def _day(day: str, month: int, year: str, clock: tuple[str | None, str | None, str | None]) -> Literal | None:
    """Return the literal of a day or, without a day, of a month."""
    hour, minute, second = clock
    if not day:
        return None if hour else lexical.typed(f"{year}-{month:02}", "xsd:gYearMonth")
    date = f"{year}-{month:02}-{int(day):02}"
    if not hour:
        return lexical.typed(date, "xsd:date")
    return lexical.typed(f"{date}T{int(hour):02}:{minute}:{second or '00'}", "xsd:dateTime")


def _figures(match: re.Match[str], is_english: bool) -> Literal | None:
    first, sign, second, year, *clock = match.groups()
    day, month = first, int(second)
    if is_english and sign == "/":  # the United States write the month first
        if int(first) <= 12 and month <= 12 and int(first) != month:
            return None
        if int(first) <= 12 < month:
            day, month = second, int(first)
    return _day(day, month, year, (clock[0], clock[1], clock[2])) if month <= 12 else None


@lru_cache(maxsize=10_000)
def in_words(text: str, is_english: bool = False) -> Literal | None:
    """Return the literal of a date in figures or words, None where it is none that can be read in one way only.

    Args:
        text: What the source wrote; longer texts than LONGEST are never dates.
        is_english: Whether the source writes English, so that ``03/04/2020`` may be March or April.
    """
    if len(text) > LONGEST or not any(sign.isdigit() for sign in text):
        return None
    bare = plain(text)
    while introduction := _INTRODUCTION.match(bare):
        bare = bare[introduction.end() :]
    if match := _FIGURES.fullmatch(bare):
        return _figures(match, is_english)
    if match := _MONTH_FIGURES.fullmatch(bare):
        return _day("", int(match[1]), match[2], (None, None, None)) if int(match[1]) <= 12 else None
    if match := _WORDS.fullmatch(bare):
        day, word, year, *clock = match.groups()
    elif match := _MONTH_FIRST.fullmatch(bare):
        word, day, year, *clock = match.groups()
    else:
        return None
    month = _MONTHS.get(word)
    return None if month is None else _day(day or "", month, year, (clock[0], clock[1], clock[2]))


@lru_cache(maxsize=20_000)
def in_zone(text: str, zone: str) -> str | None:
    """Return a date and time without zone with the offset of a time zone; None in the hour that a clock has twice."""
    try:
        moment = datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    known = moment.replace(tzinfo=ZoneInfo(zone))
    before, after = known.utcoffset(), known.replace(fold=1).utcoffset()
    if before is None or before != after:
        return None
    minutes = int(before.total_seconds()) // 60
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return text + ("Z" if minutes == 0 else offset)
