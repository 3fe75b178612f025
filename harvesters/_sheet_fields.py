"""The fields that a column of a table may be mapped to: their kinds, how a cell of each is parted and checked.

They are the fields of ``records.Dataset`` and, after ``distribution.``, of ``records.Distribution``. A field of texts
may end with a language tag: ``title.fr``.
"""

import re
from collections.abc import Iterable
from typing import Final

from harvesters._sheet_scan import is_error
from maillon import authority

KINDS: Final = {
    "identifier": "one", "iri": "one", "title": "texts", "description": "texts", "keyword": "words", "theme": "many",
    "publisher": "texts", "publisher.iri": "one", "publisher.identifier": "one", "publisher.email": "mail",
    "publisher.homepage": "url", "creator": "texts", "creator.iri": "one", "creator.identifier": "one",
    "creator.email": "mail", "creator.homepage": "url", "contact.name": "one", "contact.email": "mail",
    "contact.url": "url", "contact.telephone": "one", "landing_page": "url", "issued": "date", "modified": "date",
    "frequency": "one", "license": "one", "access_rights": "one", "language": "many", "spatial": "many",
    "temporal.start": "date", "temporal.end": "date", "version": "one", "conforms_to": "many",
    "documentation": "urls", "legislation": "many", "hvd_category": "many", "distribution.identifier": "one",
    "distribution.access_url": "urls", "distribution.download_url": "urls", "distribution.title": "texts",
    "distribution.description": "texts", "distribution.format": "one", "distribution.media_type": "one",
    "distribution.license": "one", "distribution.rights": "texts", "distribution.byte_size": "one",
    "distribution.issued": "date", "distribution.modified": "date", "distribution.language": "many",
    "distribution.checksum": "one",
}  # fmt: skip
"""Kind by field: one value, many values, texts by language, words by language, date, url, urls, mail."""

TABLES: Final = {
    "theme": "data-theme", "frequency": "frequency", "license": "licence", "access_rights": "access-right",
    "language": "language", "hvd_category": "hvd-category", "distribution.format": "file-type",
    "distribution.license": "licence", "distribution.language": "language",
}  # fmt: skip
"""Authority table by field, of fields that hold codes."""

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NOTHING: Final = frozenset({"", "-", "--", "n/a", "na", "null", "none", "nvt", "n.v.t.", "/", "?", "."})
_SEPARATORS: Final = {"words": r"[;,\n|]", "many": r"[;\n|]", "urls": r"[\s;](?=\w{1,10}://|www\.)|\n"}
_ADDRESS = re.compile(r"(?:https?|ftps?|sftp)://[^\s/?#]+\S*|www\.\S+\.\S+", re.IGNORECASE)
_MAILBOX = re.compile(r"[^@]*[^@\s<:]@[^@\s]+\.[^@\s]+[^@]*", re.DOTALL)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_LONGEST: Final = 2_000  # characters of an address, a mailbox or a date; what is longer is text in the wrong column
_DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ]\d{1,2}:\d{2}.*)?|(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?: .*)?"
)
_LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def kind_of(name: str) -> str | None:
    """Return the kind of a field, None where there is no such field; ``title.fr`` is of the kind of ``title``."""
    if name in KINDS:
        return KINDS[name]
    stem, _, tag = name.rpartition(".")
    return KINDS[stem] if KINDS.get(stem) in ("texts", "words") and _TAG.fullmatch(tag) else None


def parts(name: str, value: str, separator: str | None = None, terms: Iterable[str] = ()) -> list[str]:
    """Return the values that a cell holds; none where it holds a sign for nothing ("-", "n/a").

    Args:
        name: The field.
        value: The cell.
        separator: What parts the values; empty for nothing, None for what is usual for the field.
        terms: Values that may hold the separator themselves, such as the theme "Transports, Déplacements".
    """
    pattern = _SEPARATORS.get(kind_of(name) or "") if separator is None else re.escape(separator)
    whole = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    pattern = f"({whole})|{pattern}" if pattern and whole else pattern
    items = re.split(pattern, value) if pattern else [value]
    stray = " ;\n\t" if kind_of(name) == "urls" else None
    return [item for part in items if part and (item := part.strip(stray)).casefold() not in _NOTHING]


def fault(name: str, value: str) -> str:
    """Return what is wrong with a value, empty where it can be used: formula, date, url or mail.

    Dates in words are left to the mapping, which knows four languages.
    """
    if is_error(value):
        return "formula"
    kind = kind_of(name)
    if len(value) > _LONGEST and kind in ("date", "url", "urls", "mail"):
        return kind.rstrip("s")
    if kind == "date" and (not re.search(r"\d", value) or _SERIAL.fullmatch(value)):
        return "date"
    if kind in ("url", "urls") and not _ADDRESS.fullmatch(value):
        return "url"
    return "mail" if kind == "mail" and not _MAILBOX.fullmatch(value) else ""


def strict_fault(name: str, value: str) -> str:
    """Return what is wrong with a value of the template, where also dates and codes can be held to: see ``fault``."""
    wrong = fault(name, value)
    if not wrong and kind_of(name) == "date" and not _is_day(value):
        return "date"
    table = TABLES.get(name)
    return "code" if not wrong and table and not authority.lookup(table, value) else wrong


def _is_day(value: str) -> bool:
    found = _DAY.fullmatch(value)
    if not found:
        return False
    year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    if not 1 <= int(month or 1) <= 12 or not 1000 <= int(year) <= 2200:
        return False
    leap = int(year) % 4 == 0 and (int(year) % 100 != 0 or int(year) % 400 == 0)
    last = 28 if int(month or 1) == 2 and not leap else _LENGTHS[int(month or 1) - 1]
    return 1 <= int(day or 1) <= last
