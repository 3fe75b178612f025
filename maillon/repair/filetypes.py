"""What a text or an address names among the EU file types and the IANA media types, by tables read once.

https://op.europa.eu/en/web/eu-vocabularies/dataset/-/resource?uri=http://publications.europa.eu/resource/dataset/file-type
https://www.iana.org/assignments/media-types/
"""

import re
from functools import cache, lru_cache
from typing import Final
from urllib.parse import unquote

from maillon import authority
from maillon.rdf.lexical import stated
from maillon.repair import values
from maillon.vocabulary import AUTHORITY

EU: Final = AUTHORITY + "file-type/"
IANA: Final = "https://www.iana.org/assignments/media-types/"

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_IANA_ADDRESS = re.compile(r"https?://(?:www\.)?iana\.org/assignments/media-types/([\w.+-]+/[\w.+-]+)$", re.IGNORECASE)
_SEGMENT = re.compile(r"\.?[A-Za-z][A-Za-z0-9 _-]{1,14}")


def _spelling(text: str) -> str:
    return re.sub(r"[^\w+]+", " ", text.casefold()).strip()


@cache
def _spellings() -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    table = values.table("formats")
    packed = {_spelling(text): (code, packing) for text, (code, packing) in table["packed"].items()}
    return {_spelling(text): code for text, code in table["spellings"].items()}, packed


@lru_cache(maxsize=10_000)
def file_type(text: str) -> str | None:
    """Return the concept of the EU list of file types that a text or an IRI names, None where it names none."""
    if text.startswith(EU):
        return authority.lookup("file-type", text)
    text = stated(text)
    if match := _IANA_ADDRESS.match(text):
        return authority.lookup("file-type", match[1])
    if _ADDRESS.match(text):  # data.gov.be/.well-known/genid/fmt/csv; a relative "CSV" made absolute
        text = unquote(text.rstrip("/").rsplit("/", 1)[-1])
        text = text if _SEGMENT.fullmatch(text) else ""
    code = _spellings()[0].get(_spelling(text))
    return EU + code if code else (authority.lookup("file-type", text) if text else None)


@lru_cache(maxsize=10_000)
def media_type(text: str) -> str | None:
    """Return the IRI at IANA that a text or an IRI names, None where it names none."""
    if text.startswith(EU):
        return None
    text = stated(text)
    if match := _IANA_ADDRESS.match(text):
        text = match[1]
    elif _ADDRESS.match(text):
        return None
    found = authority.lookup("media-type", text) if text else None
    return found if found and found.startswith(IANA) else None


@lru_cache(maxsize=1_000)
def media_type_of(concept: str) -> str | None:
    """Return the media type of files of a type, None where they have none of their own."""
    return authority.lookup("media-type", concept.removeprefix(EU))


def packed(text: str) -> tuple[str, str] | None:
    """Return (code of the EU list, media type of the packing) of ``CSV (zip)``, None for any other text."""
    return _spellings()[1].get(_spelling(text))


@cache
def uninformative() -> frozenset[str]:
    """Return the IRIs of file types and media types that say only that there is something to download."""
    table = values.table("formats")["uninformative"]
    return frozenset({IANA + name for name in table["types"]} | {EU + code for code in table["files"]})


def says_nothing(text: str) -> bool:
    """Tell whether a text or an IRI names a format without telling which."""
    known = media_type(text) or file_type(text) or text
    return known in uninformative() or text.lower() in values.table("formats")["uninformative"]["types"]
