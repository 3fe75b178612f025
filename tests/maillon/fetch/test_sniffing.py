"""The format of a file by its first octets: asked for once, within the guard, never guessed."""

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter

from maillon.fetch import sniffing
from maillon.fetch.sniffing import media_type

from .conftest import Server

IANA_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().write(0, 0, "a")
    return buffer.getvalue()


def packed(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (workbook(), IANA_XLSX),
        (packed("data.csv"), "application/zip"),
        (gzip.compress(b"a,b", mtime=0), "application/gzip"),
        (b'\xef\xbb\xbf {"type": "FeatureCollection", "features": []}', "application/geo+json"),
        (b'[{"a": 1}]', "application/json"),
        (b"<!DOCTYPE html><html>", "text/html"),
        (b'<?xml version="1.0"?><kml xmlns="...">', "application/vnd.google-earth.kml+xml"),
        (b'<?xml version="1.0"?><wfs:FeatureCollection xmlns:wfs="...">', "application/gml+xml"),
        (b"<?xml version='1.0'?><other/>", "application/xml"),
        (b"SQLite format 3\x00".ljust(68, b"\x00") + b"GPKG", "application/geopackage+sqlite3"),
        (b"@prefix dcat: <http://www.w3.org/ns/dcat#> .", "text/turtle"),
        (b"nis;naam\n21004;Brussel\n", None),
        (b"", None),
        (b"\x00\xff" * 100, None),
        (b"SQLite format 3\x00".ljust(100, b"\x00"), None),
    ],
    ids=range(16),  # what workbooks and archives hold depends on the time, and names of tests must not
)
def test_the_first_octets_tell_what_a_file_is_or_nothing(data: bytes, expected: str | None) -> None:
    assert media_type(data[: sniffing.OCTETS]) == expected


@pytest.mark.parametrize("server_knows_ranges", [True, False])
def test_only_the_beginning_is_asked_for_and_only_once(
    server: Server, make: Callable[..., Any], server_knows_ranges: bool
) -> None:
    body = b"%PDF-1.7" + bytes(5_000_000)
    url = server.add("/file", 206 if server_knows_ranges else 200, body[:4096] if server_knows_ranges else body)
    with make(server.base + "/") as fetch:
        assert fetch.sniff(url) == "application/pdf"
        assert fetch.sniff(url) == "application/pdf"
    assert [path for path, _ in server.seen] == ["/file"]
    assert server.seen[0][1]["range"] == "bytes=0-4095"
    with make(server.base + "/", "r2") as fetch:
        assert fetch.sniff(url) == "application/pdf", "a later run knows it"
    assert len(server.seen) == 1


def test_what_cannot_be_had_is_not_told_and_asked_for_again(server: Server, make: Callable[..., Any]) -> None:
    url = server.add("/file", 503)
    with make(server.base + "/") as fetch:
        assert fetch.sniff(url) is None
        assert fetch.sniff("http://169.254.169.254/file") is None, "the guard holds here too"
        assert fetch.sniff("ftp://x.example/file") is None
        server.add("/file", 200, b"%PDF-1.4")
        assert fetch.sniff(url) == "application/pdf"
