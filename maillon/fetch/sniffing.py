"""Tells the media type of a file by its first octets, where a source declares none and allows to ask (``sniff``).

Turns an address into a media type through a request for its beginning (RFC 9110, section 14). Answers are kept in the
data folder, so that a file is asked for once and a run gives what the run before gave. Signatures are those that the
formats' own specifications name; a text that could be several things is none.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

OCTETS: Final = 4096
"""How much of a file is asked for."""

MOST: Final = 1000
"""Files asked for in one run at most; the next run asks for more."""

_SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"),
)
_ODF = re.compile(rb"mimetype(application/vnd\.oasis\.opendocument\.(?:spreadsheet|text|presentation))")
_OFFICE: Final = (
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_XML: Final = {
    b"rdf": "application/rdf+xml",
    b"kml": "application/vnd.google-earth.kml+xml",
    b"featurecollection": "application/gml+xml",
    b"html": "text/html",
    b"rss": "application/rss+xml",
    b"feed": "application/atom+xml",
    b"svg": "image/svg+xml",
}
_GEOJSON = re.compile(rb'"type"\s*:\s*"(?:FeatureCollection|Feature)"')
_TURTLE = re.compile(rb"(?:^|\n)\s*(?:@prefix|PREFIX)\s+[\w-]*:\s*<")


def media_type(data: bytes) -> str | None:
    """Return the media type that the first octets of a file tell, None where they tell none for certain."""
    found = next((kind for start, kind in _SIGNATURES if data.startswith(start)), None)
    if found is not None:
        return found
    if data.startswith(b"SQLite format 3\x00"):
        return "application/geopackage+sqlite3" if data[68:72] in (b"GPKG", b"GP10", b"GP11") else None
    if data.startswith(b"PK\x03\x04"):
        return _packed(data)
    return _text(data.removeprefix(b"\xef\xbb\xbf").lstrip())


def _packed(data: bytes) -> str:
    if odf := _ODF.search(data[:200]):
        return odf[1].decode()
    return next((kind for folder, kind in _OFFICE if folder in data), "application/zip")


def _text(data: bytes) -> str | None:
    if data.startswith((b"{", b"[")):
        return "application/geo+json" if _GEOJSON.search(data) else "application/json"
    if data[:9].lower() == b"<!doctype":
        return "text/html"
    if data.startswith(b"<"):
        root = _ROOT.search(data)
        return _XML.get(root[1].lower(), "application/xml") if root else None
    return "text/turtle" if _TURTLE.search(data) else None


class Sniffer:
    """Tells media types of addresses, with a memory.

    Args:
        path: File of the memory, made where there is none.
        first: Gives the first octets behind an address, empty where they cannot be had.
    """

    def __init__(self, path: Path, first: Callable[[str, int], bytes]) -> None:
        self._path = path
        self._first = first
        self._asked = 0
        self._known: dict[str, str] = self._read()

    def _read(self) -> dict[str, str]:
        try:
            values = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # none yet, or damaged: then files are asked for again
            return {}
        return {str(url): str(kind) for url, kind in values.items()} if isinstance(values, dict) else {}

    def __call__(self, url: str) -> str | None:
        """Return the media type of the document behind an address, None where it cannot be told."""
        if url not in self._known:
            if self._asked >= MOST or not url.lower().startswith(("http://", "https://")):
                return None
            self._asked += 1
            data = self._first(url, OCTETS)
            if not data:  # not to be had now; the next run asks again
                return None
            self._known[url] = media_type(data) or ""
        return self._known[url] or None

    def close(self) -> None:
        """Keep what was learnt."""
        if self._asked:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(".part")
            part.write_text(json.dumps(self._known, ensure_ascii=False, indent=0, sort_keys=True), encoding="utf-8")
            part.replace(self._path)
