"""Turns the octets of a text document into UTF-8 without a byte order mark.

Order, after what public sources were seen to send: byte order mark; the encoding that an XML declaration names; strict
UTF-8; Windows-1252. Detectors are not asked: on Western text they named central European encodings.
"""

import codecs
import re
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED: Final = re.compile(rb"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_LATIN: Final = frozenset({"iso8859-1", "ascii"})


def _declared(data: bytes) -> str:
    match = _DECLARED.match(data[:400])
    if match is None:
        return ""
    try:
        name = codecs.lookup(match.group(1).decode("ascii")).name
    except LookupError:
        return ""
    # As browsers do: who says Latin-1 means Windows-1252. UTF-16 would have had a byte order mark.
    return "cp1252" if name in _LATIN else "" if name.startswith(("utf", "ucs")) else name


def encoding(data: bytes) -> tuple[str, bool]:
    """Return in which encoding a document is, as Python calls it, and whether it says so itself.

    A byte order mark and an XML declaration say so; UTF-8 and Windows-1252 are found by trying.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, True
    name = _declared(data)
    if name:
        return name, True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252", False
    return "utf-8", False


def to_utf8(data: bytes) -> tuple[bytes, str]:
    """Return the document as UTF-8, with a note of what had to be done, empty where nothing.

    An encoding that an XML declaration names is taken out of it, because it no longer holds.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    name, _ = encoding(data)
    if name == "utf-8":
        return data, ""
    return _undeclared(_encode(data, name)), f"transcoded from {name}"


def _encode(data: bytes, name: str) -> bytes:
    # A lone surrogate decodes from UTF-16 nowhere in Python, so what comes out can always be encoded.
    return data.decode(name, errors="replace").encode("utf-8", errors="replace")


def _undeclared(data: bytes) -> bytes:
    match = _DECLARED.match(data[:400])
    if match is None:
        return data
    return data[: match.start(1)] + b"UTF-8" + data[match.end(1) :]
