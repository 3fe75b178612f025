"""Turns the texts of a source into RDF terms: tagged texts, addresses, mailboxes, sizes, checksums.

A term is written as it stands in canonical N-Triples (``maillon.rdf.ntriples``).

What cannot be turned is kept as a plain literal: the rules of ``maillon.repair`` read it where they can (``12 kB``),
else validation reports it to the steward; nothing is guessed.
"""

import re
from functools import lru_cache
from typing import Final

from pyoxigraph import NamedNode

from maillon.rdf import lexical
from maillon.rdf.lexical import ESCAPED, LONGEST_ADDRESS, clean, stated
from maillon.rdf.ntriples import literal, tagged, typed
from maillon.records import Texts

__all__ = [
    "address", "byte_size", "checksum", "clean", "mailbox", "reference", "stated", "tag", "text", "texts",
]  # fmt: skip

# ISO 639-2 codes met as language tags, with the BCP 47 tag that they stand for.
_THREE_LETTERS: Final = {
    "fre": "fr", "fra": "fr", "dut": "nl", "nld": "nl", "ger": "de", "deu": "de", "eng": "en", "ita": "it", "spa": "es",
    "por": "pt", "ltz": "lb", "cat": "ca",
}  # fmt: skip
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_MAILBOX = re.compile(
    r"(?:mailto:)?([^\s@<>()\[\]\\,;:\"%]+@[^\s@<>()\[\]\\,;:\"%]+\.[^\s@<>()\[\]\\,;:\".%]+)", re.IGNORECASE
)
_OCTETS = re.compile(r"(\d{1,18})(?:\.0+)?")
_DIGEST = re.compile(r"(?:([a-z0-9-]+):)?([0-9a-f]{32,128})", re.IGNORECASE)
_ALGORITHM_BY_LENGTH: Final = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_SIZE: Final = "xsd:nonNegativeInteger"
_NO_PLACEHOLDER: Final = max(map(len, lexical.PLACEHOLDERS))
_is_plain_address: Final = lexical.is_plain_address


def tag(language: str) -> str:
    """Return a well-formed BCP 47 tag (``fre`` becomes ``fr``, ``fr_BE`` becomes ``fr-BE``), empty where none is."""
    language = language.strip().replace("_", "-")
    primary, hyphen, rest = language.partition("-")
    language = _THREE_LETTERS.get(primary.lower(), primary) + hyphen + rest
    return language if _TAG.fullmatch(language) else ""


@lru_cache(maxsize=1_000)
def _suffix(language: str) -> str:
    return tagged(tag(language))


def text(value: str | None, language: str = "") -> str | None:
    """Return a literal with its language tag, None where nothing is stated."""
    if not value:
        return None
    # What `stated` and `literal` would do, in one go, for a text that is neither a placeholder nor has anything to
    # clean or to escape
    if len(value) > _NO_PLACEHOLDER and value.isprintable() and '"' not in value and "\\" not in value:
        content = value.strip()
        if len(content) > _NO_PLACEHOLDER:
            return f'"{content}"{_suffix(language) if language else ""}'
    content = stated(value)
    return literal(content, _suffix(language)) if content else None


def texts(values: Texts, default: str = "") -> list[str]:
    """Return the literals of a text given by language, by language tag; an empty tag counts as the default language."""
    if not values:
        return []
    if len(values) == 1:
        [(language, value)] = values.items()
        written = text(value, language or default)
        return [] if written is None else [written]
    found = [text(values[language], language or default) for language in sorted(values)]
    return [written for written in found if written is not None]


def address(value: str | None) -> str | None:
    """Return the IRI that a text holds, after ``lexical.address``; None where it holds none."""
    if not value:
        return None
    if _is_plain_address(value):
        return f"<{value}>"
    found = lexical.address(value)
    return None if found is None else str(found)


def reference(value: str | None) -> str | None:
    """Return the IRI that a text holds, else the text as a plain literal (which validation then reports)."""
    if not value:
        return None
    return f"<{value}>" if _is_plain_address(value) else address(value) or text(value)


def mailbox(value: str | None) -> str | None:
    """Return the ``mailto:`` IRI of one well-formed address, else the text as a literal, which rules may read."""
    if value is None:
        return None
    match = _MAILBOX.fullmatch(stated(value)[:LONGEST_ADDRESS])
    try:
        return str(NamedNode("mailto:" + match[1].translate(ESCAPED))) if match else text(value)
    except ValueError:
        return text(value)


def byte_size(value: str | None) -> str | None:
    """Return a number of octets as ``xsd:nonNegativeInteger``, any other text as it is (``12 kB``), for the rules."""
    if value is None:
        return None
    if value.isdecimal() and value.isascii() and len(value) <= 18:
        return f'"{int(value)}"{typed(_SIZE)}'
    content = stated(value)
    match = _OCTETS.fullmatch(content)
    return literal(str(int(match[1])), typed(_SIZE)) if match else text(content)


def checksum(value: str | None) -> tuple[str, str] | None:
    """Return (algorithm such as ``md5``, digest in lower-case hexadecimal) of ``md5:0123...`` or a bare digest."""
    if not value:
        return None
    match = _DIGEST.fullmatch(stated(value))
    if match is None:
        return None
    algorithm = (match[1] or "").lower().replace("-", "") or _ALGORITHM_BY_LENGTH.get(len(match[2]), "")
    return (algorithm, match[2].lower()) if _ALGORITHM_BY_LENGTH.get(len(match[2])) == algorithm else None
