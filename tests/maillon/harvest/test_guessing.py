"""Guessing how an address can be harvested: by what stands there, by where portals answer; and what cannot be."""

import json
from pathlib import Path
from typing import Any

import pytest

from maillon import harvest
from maillon.errors import SourceDefinitionError, SourceUnavailable
from maillon.fetch.files import media_type
from maillon.harvest.guessing import guess
from maillon.harvest.sniffing import WHOLE, alternates, sniff
from maillon.settings import Settings

HERE = ("127.0.0.1",)
HARVESTERS = Path(__file__).resolve().parents[2] / "harvesters"
FRONT = "<!DOCTYPE html><html><head><title>Données ouvertes</title></head><body>Bienvenue</body></html>"
CSW = '<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" version="2.0.2"/>'
OAI = '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><Identify/></OAI-PMH>'
TURTLE = "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n<https://example.org/d> a dcat:Dataset .\n"
ODS = {"total_count": 1, "results": [{"dataset_id": "arbres", "metas": {}}]}
UDATA = {"data": [{"id": "1", "organization": None, "resources": []}], "page_size": 1, "total": 1}
FEED = {"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": [{"title": "Arbres"}]}
HUB = {"@context": {"dcat": "http://www.w3.org/ns/dcat#"}, "@type": "dcat:Catalog"}
STAC = {"stac_version": "1.0.0", "id": "x", "links": []}
PACKAGE = {"name": "x", "resources": [{"path": "x.csv"}]}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("kind", harvest.kinds())
def test_the_recordings_of_every_kind_are_recognised(kind: str) -> None:
    files = [path for path in (HARVESTERS / kind / "suite").rglob("*") if path.is_file() and path.suffix != ".toml"]
    told = {path.name: sniff(path.read_bytes(), media_type(path.name), path.name) for path in files}
    assert kind in {found[0].kind for found in told.values() if found}, told


@pytest.mark.parametrize(
    ("kind", "path", "body", "harvested"),
    [
        ("ckan", "/api/3/action/package_search", {"success": True, "result": {"count": 0, "results": []}}, "/"),
        ("opendatasoft", "/api/explore/v2.1/catalog/datasets", ODS, "/"),
        ("opendatasoft", "/api/explore/v2.1/catalog/datasets", {"total_count": 0, "results": []}, "/"),
        ("udata", "/api/1/datasets/", UDATA, "/"),
        ("datajson", "/data.json", FEED, "/data.json"),
        ("dcat", "/api/feed/dcat-ap/2.0.1.json", HUB, "/api/feed/dcat-ap/2.0.1.json"),
        ("csw", "/geonetwork/srv/eng/csw", CSW, "/geonetwork/srv/eng/csw"),
        ("oaipmh", "/oai?verb=Identify", OAI, "/oai"),
        ("sparql", "/sparql?query=ASK%20%7B%7D", {"head": {}, "boolean": True}, "/sparql"),
        ("stac", "/stac", STAC, "/stac"),
        ("dcat", "/catalog.ttl", TURTLE, "/catalog.ttl"),
        ("datapackage", "/datapackage.json", PACKAGE, "/datapackage.json"),
        ("schemaorg", "/sitemap.xml", '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "/sitemap.xml"),
    ],
)
def test_a_portal_is_found_behind_its_front_page(
    kind: str, path: str, body: Any, harvested: str, portal: Any, new_settings: Settings
) -> None:
    address = portal.gives("/", FRONT, "text/html")
    portal.gives(path, _text(body), "text/turtle" if body == TURTLE else "application/octet-stream")
    found = guess(address, new_settings, HERE)
    assert (found.best.kind, found.best.url) == (kind, portal.base + harvested)
    assert "answers" in found.best.why or "sitemap" in found.best.why
    assert found.others == ()


def test_a_page_deep_in_a_portal_leads_to_it_and_other_ways_are_told(portal: Any, new_settings: Settings) -> None:
    address = portal.gives("/catalogue/fr/dataset/arbres.html", FRONT, "text/html")
    portal.gives("/catalogue/api/3/action/package_search", '{"success": true, "result": {}}')
    portal.gives("/catalogue/catalog.ttl", TURTLE, "text/turtle")
    portal.gives("/data.json", _text(FEED))
    found = guess(address, new_settings, HERE)
    assert (found.best.kind, found.best.url) == ("datajson", f"{portal.base}/data.json"), "three places are enough"
    found = guess(f"{portal.base}/catalogue/fr", new_settings, HERE)
    assert (found.best.kind, found.best.url) == ("ckan", f"{portal.base}/catalogue/")
    assert [other.kind for other in found.others] == ["dcat"]


def test_what_stands_at_the_address_itself_is_enough(portal: Any, new_settings: Settings) -> None:
    address = portal.gives("/exports/catalogue?v=2", TURTLE, "text/plain")
    found = guess(address, new_settings, HERE)
    assert (found.best.kind, found.best.url, found.asked) == ("dcat", address, 1)
    assert portal.asked == ["/exports/catalogue?v=2"]


def test_an_interface_that_says_nothing_unasked_is_asked_properly(portal: Any, new_settings: Settings) -> None:
    refusal = '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows"/>'
    address = portal.gives("/services/catalogue", refusal, "application/xml")
    portal.gives("/services/catalogue?service=CSW&request=GetCapabilities", CSW, "application/xml")
    found = guess(f"{address}?lang=fr", new_settings, HERE)
    assert (found.best.kind, found.best.url) == ("csw", address)


def test_the_rdf_that_a_page_says_it_also_comes_as_is_found(portal: Any, new_settings: Settings) -> None:
    link = '<link type="text/turtle" rel="alternate" href="/x.ttl?a=1&amp;b=2">'
    address = portal.gives("/liste", FRONT.replace("<title>", f"{link}<title>"), "text/html")
    portal.gives("/x.ttl?a=1&b=2", TURTLE, "text/turtle")
    assert guess(address, new_settings, HERE).best.url == f"{portal.base}/x.ttl?a=1&b=2"
    assert alternates(b'<link rel=alternate><link rel="alternate" type="text/html" href="/nl">') == []


def test_a_page_that_describes_datasets_is_only_the_second_choice(portal: Any, new_settings: Settings) -> None:
    script = '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "Dataset"}</script>'
    address = portal.gives("/", FRONT.replace("</body>", f"{script}</body>"), "text/html")
    assert guess(address, new_settings, HERE).best.kind == "schemaorg"
    portal.gives("/api/1/datasets/", _text(UDATA))
    found = guess(address, new_settings, HERE)
    assert [found.best.kind, *(other.kind for other in found.others)] == ["udata", "schemaorg"]


def test_where_nothing_is_recognised_the_message_says_what_to_do(portal: Any, new_settings: Settings) -> None:
    address = portal.gives("/", FRONT, "text/html")
    with pytest.raises(SourceDefinitionError, match=r"text/html.*nor at the \d+ addresses.*give --kind"):
        guess(address, new_settings, HERE)
    with pytest.raises(SourceDefinitionError, match="it answers 404"):
        guess(f"{portal.base}/absent", new_settings, HERE)


def test_private_addresses_are_refused_and_said_how_to_allow(portal: Any, new_settings: Settings) -> None:
    with pytest.raises(SourceUnavailable, match=r"not a public address.*--allow-host 127\.0\.0\.1"):
        guess(portal.base, new_settings)
    assert portal.asked == []


def test_a_portal_that_cannot_be_reached_is_not_asked_forty_times(
    new_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maillon.fetch.http.FIRST_WAIT", 0.02)
    with pytest.raises(SourceUnavailable, match="cannot be fetched"):
        guess("http://127.0.0.1:9/", new_settings, HERE)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://example.org/x", "http or https"),
        ("https://", "http or https"),
        ("http://[::1", "http or https"),
        ("https://example.org/\x1b[2J", "http or https"),
        ("x" * 5000, "There is no file or folder"),
        ("data.example.org", "There is no file or folder"),
        ("", "There is no file or folder"),
    ],
)
def test_what_is_neither_an_address_nor_a_path_is_refused(address: str, said: str, new_settings: Settings) -> None:
    with pytest.raises(SourceDefinitionError, match=said):
        guess(address, new_settings)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\x01\x02" * 1000,
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'<!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>',
        b"<html" + b"<" * 100_000,
        b"<!-- " * 50_000,
        b"PK\x03\x04 no workbook",
        b'{"results": {"dataset_id": 5}, "data": 7, "resources": "x", "dataset": [null], "@graph": [1], "head": []}',
        b'[null, 5, {"dataset": null}]',
    ],
)
def test_hostile_documents_are_nothing_and_no_crash(body: bytes) -> None:
    assert sniff(body, "", "x") == []


def test_json_too_large_to_be_read_is_told_by_its_first_record() -> None:
    package = {"id": "x", "resources": [], "num_resources": 0}
    text = json.dumps({"help": "", "success": True, "result": {"results": [package]}})[:-2] + " " * (WHOLE + 1)
    assert [item.kind for item in sniff(text.encode())] == ["ckan"]
    lines = json.dumps(package) + "\n" + json.dumps(package) + "\n"
    assert [item.kind for item in sniff(lines.encode())] == ["ckan"]


def test_files_and_folders_are_told_by_their_content(tmp_path: Path, new_settings: Settings) -> None:
    folder = tmp_path / "envoi"
    folder.mkdir()
    (folder / "1.txt").write_text(TURTLE, encoding="utf-8")
    (folder / "2.txt").write_text(TURTLE, encoding="utf-8")
    (folder / "3.csv").write_text("titre;format\nArbres;CSV\n", encoding="utf-8")
    found = guess(str(folder), new_settings)
    assert (found.best.kind, found.best.url) == ("dcat", str(folder))
    assert "2 of the 3 files" in found.best.why
    assert [other.kind for other in found.others] == ["spreadsheet"]
    assert guess(str(folder / "3.csv"), new_settings).best.kind == "spreadsheet"
    (folder / "4.bin").write_bytes(b"\x00")
    with pytest.raises(SourceDefinitionError, match="a file"):
        guess(str(folder / "4.bin"), new_settings)
