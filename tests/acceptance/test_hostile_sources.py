"""Hostile and broken sources through the command line: a clear message each, the others carry on."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from maillon import definitions
from maillon.cli import main
from maillon.ledger import Ledger
from maillon.settings import Settings

GOOD = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://good.example/d/1> a dcat:Dataset ; dct:title "<script>alert(1)</script> Arbres"@fr ; dct:description "Oui"@fr .
"""
# Nine levels of ten: 10^9 times "lol", in little more than a kilobyte.
BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [<!ENTITY a0 "lol">'
    + "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
    + ']>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/">'
    '<rdf:Description rdf:about="https://bomb.example/d"><dct:title>&a9;</dct:title></rdf:Description></rdf:RDF>'
)


class _Hostile(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/turtle")
        self.end_headers()
        try:
            for _ in range(60):
                self.wfile.write(b"#")
                self.wfile.flush()
                time.sleep(1)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hostile) as http:
        http.daemon_threads = True
        http.block_on_close = False
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def toml(folder: Path, name: str, kind: str, url: str, more: str = "") -> str:
    path = folder / f"{name}.toml"
    path.write_text(f'kind = "{kind}"\nurl = "{url}"\n{more}', encoding="utf-8")
    return str(path)


@pytest.fixture
def sources(tmp_path: Path, server: str) -> list[str]:
    (tmp_path / "good.ttl").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bomb.rdf").write_text(BOMB, encoding="utf-8")
    assert len(BOMB) < 1300
    with gzip.open(tmp_path / "big.ttl.gz", "wb") as file:
        for _ in range(200):
            file.write(b"#" * 1_000_000)
    whole = json.dumps([{"id": str(n), "title": "Jeu", "notes": "Un jeu de données."} for n in range(9)])
    (tmp_path / "half.json").write_text(whole[: len(whole) // 2], encoding="utf-8")
    allow = 'allow_hosts = ["127.0.0.1"]\n'
    return [
        toml(tmp_path, "bomb", "dcat", "bomb.rdf"),
        toml(tmp_path, "gzip", "dcat", "big.ttl.gz"),
        toml(tmp_path, "drip", "dcat", f"{server}/drip", allow),
        toml(tmp_path, "redirect", "dcat", f"{server}/redirect", allow),
        toml(tmp_path, "half", "ckan", "half.json"),
        toml(tmp_path, "private", "dcat", f"{server}/drip"),
        toml(tmp_path, "good", "dcat", "good.ttl"),
    ]


def harvest(data: Path, names: list[str]) -> Result:
    variables = {"MAILLON_FETCH_TIMEOUT": "2", "MAILLON_FETCH_MAX_BYTES": "20000000"}
    return CliRunner(env=variables).invoke(main, ["harvest", "--json", "--data", str(data), *names])


def test_each_gives_a_clear_message_and_the_good_source_is_harvested(tmp_path: Path, sources: list[str]) -> None:
    started = time.monotonic()
    result = harvest(tmp_path / "data", sources)
    assert time.monotonic() - started < 60
    assert result.exit_code == 1
    reports = {line["source"]: line for line in map(json.loads, result.stdout.splitlines())}
    assert reports["good"]["published"] == 1
    bad = {name: report for name, report in reports.items() if name != "good"}
    assert all(report["published"] == report["new"] == 0 for report in bad.values())
    said = {name: [line for line in result.stderr.splitlines() if line.startswith(f"{name}: ")] for name in bad}
    for name, words in (
        ("bomb", "entit"),
        ("gzip", "octets"),
        ("drip", "2 s"),
        ("redirect", "169.254.169.254"),
        ("half", "line 1"),
        ("private", "allow_hosts"),
    ):
        assert any(words in line for line in said[name]), (name, said[name])
    with Ledger(Settings(data=tmp_path / "data").ledger) as ledger:
        assert {stored.iri for stored in ledger.current(kinds=["dataset"])} == {"https://good.example/d/1"}
        assert {row.status for row in ledger.runs() if row.source != "good"} == {"failed"}


def test_a_title_with_a_script_loses_it_and_a_steward_sees_what_was_sent(tmp_path: Path, sources: list[str]) -> None:
    from maillon.web import create_app  # noqa: PLC0415 - needed by this test only

    data = tmp_path / "data"
    assert harvest(data, sources[-1:]).exit_code == 0
    assert CliRunner().invoke(main, ["publish", "--data", str(data)]).exit_code == 0
    client = create_app(Settings(data=data)).test_client()
    page = client.get("/fr/datasets").text
    assert "Arbres" in page
    assert "<script" not in page
    feed = client.get("/catalog.ttl").text
    assert "<script" not in feed
    assert '"Arbres"@fr' in feed
    name = definitions.read(Path(sources[-1])).name
    repaired = client.get(f"/fr/source/{name}/repairs")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Arbres" in repaired.text
    assert "<script" not in repaired.text
