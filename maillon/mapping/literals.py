"""Turns the texts of a source into RDF terms: tagged texts, addresses, mailboxes, sizes, checksums.

What cannot be turned is kept as a plain literal, so that validation reports it to the steward; nothing is guessed.
The pitfalls are those counted in real feeds: blanks and placeholders in addresses, ``fre`` as language tag, ``12 kB``.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from maillon import identifiers
from maillon.records import Texts
from maillon.vocabulary import term

LONGEST_ADDRESS: Final = 8_000
"""Characters of the longest text taken for an address; no web server takes longer ones."""

PLACEHOLDERS: Final = frozenset(
    {"-", "--", ".", "null", "none", "n/a", "na", "nan", "nil", "undefined", "{{description}}"}
)

# ISO 639-2 codes met as language tags, with the BCP 47 tag that they stand for.
_THREE_LETTERS: Final = {
    "fre": "fr", "fra": "fr", "dut": "nl", "nld": "nl", "ger": "de", "deu": "de", "eng": "en", "ita": "it", "spa": "es",
    "por": "pt", "ltz": "lb", "cat": "ca",
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_NOT_AN_ADDRESS = re.compile(r"[<>\t\n]|\{\{| (?:https?|ftp)://", re.IGNORECASE)
_ESCAPED: Final = str.maketrans({sign: f"%{ord(sign):02X}" for sign in ' "{}|\\^`'})
_MAILBOX = re.compile(
    r"(?:mailto:)?\s*([^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"]+\.[^\s@<>()\[\]\\,;:\".]+)", re.IGNORECASE
)
_SIZE = re.compile(r"(\d{1,15}(?:[ \u00a0\u202f]\d{3})*(?:[.,]\d{1,6})?)\s*([a-z]*)", re.IGNORECASE)
_OCTETS: Final = {
    "": 1, "b": 1, "o": 1, "byte": 1, "bytes": 1, "octet": 1, "octets": 1,
    "k": 10**3, "kb": 10**3, "ko": 10**3, "m": 10**6, "mb": 10**6, "mo": 10**6, "g": 10**9, "gb": 10**9, "go": 10**9,
    "tb": 10**12, "to": 10**12, "kib": 2**10, "kio": 2**10, "mib": 2**20, "mio": 2**20, "gib": 2**30, "gio": 2**30,
}  # fmt: skip
_DIGEST = re.compile(r"(?:([a-z0-9-]+):)?([0-9a-f]{32,128})", re.IGNORECASE)
_ALGORITHM_BY_LENGTH: Final = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}


def clean(text: str) -> str:
    """Return a text that every RDF syntax can carry: no control signs, Unix line ends, no outer blanks."""
    text = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", text).strip()


def stated(text: str | None) -> str:
    """Return a cleaned text, empty where the source says nothing: None, blanks or a placeholder."""
    cleaned = clean(text or "")
    return "" if cleaned.lower() in PLACEHOLDERS else cleaned


def tag(language: str) -> str:
    """Return a well-formed BCP 47 tag (``fre`` becomes ``fr``, ``fr_BE`` becomes ``fr-BE``), empty where none is."""
    language = language.strip().replace("_", "-")
    primary, hyphen, rest = language.partition("-")
    language = _THREE_LETTERS.get(primary.lower(), primary) + hyphen + rest
    return language if _TAG.fullmatch(language) else ""


def text(value: str | None, language: str = "") -> Literal | None:
    """Return a literal with its language tag, None where nothing is stated."""
    content = stated(value)
    if not content:
        return None
    try:
        return Literal(content, language=tag(language)) if tag(language) else Literal(content)
    except ValueError:  # a tag with well-formed parts in an order that BCP 47 does not allow
        return Literal(content)


def texts(values: Texts, default: str = "") -> Iterator[Literal]:
    """Yield the literals of a text given by language, by language tag; an empty tag counts as the default language."""
    for language in sorted(values):
        literal = text(values[language], language or default)
        if literal is not None:
            yield literal


def named(iri: str) -> NamedNode | None:
    """Return an IRI as a node, None where it is not an absolute one."""
    if not identifiers.is_absolute(iri):
        return None
    try:
        parts = urlsplit(iri)
        if parts.scheme.lower() in ("http", "https", "ftp") and not parts.hostname:
            return None
        return NamedNode(iri)
    except ValueError:  # "http://[bad", "%zz"
        return None


def address(value: str | None) -> NamedNode | None:
    """Return the IRI that a text holds: outer blanks trimmed, inner blanks and brackets percent-encoded, else None."""
    content = stated(value)
    if not content or len(content) > LONGEST_ADDRESS or _NOT_AN_ADDRESS.search(content):
        return None
    return named(content.translate(_ESCAPED))


def reference(value: str | None) -> NamedNode | Literal | None:
    """Return the IRI that a text holds, else the text as a plain literal (which validation then reports)."""
    return address(value) or text(value)


def mailboxes(value: str | None) -> list[NamedNode]:
    """Return the ``mailto:`` IRIs of the addresses in a text, in its order; empty where none is well formed."""
    found = dict.fromkeys(match[1].replace("%20", "") for match in _MAILBOX.finditer(stated(value)[:LONGEST_ADDRESS]))
    nodes = (_mailto(mailbox) for mailbox in found)
    return [node for node in nodes if node is not None]


def _mailto(mailbox: str) -> NamedNode | None:
    try:
        return NamedNode("mailto:" + mailbox.translate(_ESCAPED))
    except ValueError:
        return None


def telephone(value: str | None) -> NamedNode | Literal | None:
    """Return a ``tel:`` IRI (RFC 3966, without visual separators), else the text as a literal."""
    content = stated(value).removeprefix("tel:").strip()
    digits = re.sub(r"\(0\)|[\s().\-/]", "", content)
    return NamedNode("tel:" + digits) if re.fullmatch(r"\+?\d{3,20}", digits) else text(content)


def byte_size(value: str | None) -> Literal | None:
    """Return a size in octets as ``xsd:nonNegativeInteger``; units are decimal (``12 kB``) or binary (``3 KiB``)."""
    content = stated(value)
    match = _SIZE.fullmatch(content)
    factor = _OCTETS.get(match[2].lower()) if match else None
    if match is None or factor is None:
        return text(content)
    number = Decimal(re.sub(r"[ \u00a0\u202f]", "", match[1]).replace(",", "."))
    return Literal(str(int(number * factor)), datatype=term("xsd:nonNegativeInteger"))


def checksum(value: str | None) -> tuple[str, str] | None:
    """Return (algorithm such as ``md5``, digest in lower-case hexadecimal) of ``md5:0123...`` or a bare digest."""
    match = _DIGEST.fullmatch(stated(value))
    if match is None:
        return None
    algorithm = (match[1] or "").lower().replace("-", "") or _ALGORITHM_BY_LENGTH.get(len(match[2]), "")
    return (algorithm, match[2].lower()) if _ALGORITHM_BY_LENGTH.get(len(match[2])) == algorithm else None
