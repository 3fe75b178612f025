"""Turns the documents of distributions into the addresses to check, with what is declared of each.

``dcat:accessURL`` and ``dcat:downloadURL`` (DCAT-AP 3.0.1), read from canonical N-Triples without a parser: 50,000
distributions are read at each run.
"""

import re
from collections.abc import Iterable
from typing import Final

from maillon.links.judging import Declared
from maillon.vocabulary import term

_ADDRESS: Final = re.compile(
    rf"^<([^>]*)> (?:({re.escape(str(term('dcat:accessURL')))})|({re.escape(str(term('dcat:downloadURL')))})) "
    r"<([^>]*)> \.$",
    re.MULTILINE,
)
_VALUE: Final = re.compile(
    rf"^<([^>]*)> (?:{re.escape(str(term('dcat:mediaType')))} <[^>]*/media-types/([^>]*)>"
    rf"|{re.escape(str(term('dcat:byteSize')))} \"([0-9]{{1,18}})(?:\.0*)?\".*) \.$",
    re.MULTILINE,
)
_ESCAPED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_SCHEMES: Final = ("http://", "https://")


def declared(texts: Iterable[str]) -> dict[str, Declared]:
    """Return what is declared of each http(s) address in the texts of distributions.

    An address that is a download anywhere is a file; where several distributions share it, the first that declares a
    media type and a size counts.
    """
    found: dict[str, Declared] = {}
    for text in texts:
        media_type, octets = _values(text)
        for match in _ADDRESS.finditer(text):
            url, is_file = _ESCAPED.sub(_character, match[4]), match[3] is not None
            if not url.lower().startswith(_SCHEMES):
                continue
            known = found.get(url, Declared())
            # Of an address where one only gets access, the media type speaks of what is behind it.
            found[url] = Declared(
                is_file=is_file or known.is_file,
                media_type=known.media_type or (media_type if is_file else ""),
                octets=known.octets or (octets if is_file else None),
            )
    return found


def _values(text: str) -> tuple[str, int | None]:
    media_type, octets = "", None
    for match in _VALUE.finditer(text):
        media_type = media_type or (match[2] or "").lower()
        octets = int(match[3]) if match[3] and octets is None else octets
    return media_type, octets


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16))
