"""Wrong, huge and hostile input ends in a clear message, in bounded time and memory, and never in a crash."""

import json
import random
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from maillon.check import checking
from maillon.check.wordings import WORDINGS
from maillon.cli.checking import FORMATS
from tests.maillon.check.conftest import TTL, Maillon, checked
from tests.maillon.check.test_recovery import XML

ENTITIES = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
BOMB = f"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY e0 "{"a" * 40}">{ENTITIES}]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/">
<rdf:Description rdf:about="https://e.example/1"><dct:title>&e9;</dct:title></rdf:Description></rdf:RDF>
"""


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.ttl", b"", "is empty"),
        ("blank.ttl", b"\n  \n# nothing\n", "Nothing could be read"),
        ("page.ttl", b"<!doctype html>\n<html><head><title>Not found</title></head></html>", "is a web page"),
        ("page.rdf", b"<HTML><body>Log in</body></HTML>", "is a web page"),
        ("binary.rdf", bytes(range(256)) * 40, "no text"),
        ("text.ttl", b"Dear colleague,\nplease find the data below.\n", "cannot be read"),
        ("packages.json", b'{"success": true, "result": {"results": []}}', "--kind"),
        ("bomb.rdf", BOMB.encode(), "amplification"),
        ("deep.jsonld", b'{"@id":' * 5000 + b"1" + b"}" * 5000, "nested"),
        ("context.jsonld", b'{"@context": "https://evil.example/c.jsonld", "@id": "urn:x"}', "never fetched"),
        ("cut.zip", b"PK\x03\x04 not an archive", "cut short or damaged"),
    ],
)
def test_what_is_no_catalogue_ends_in_a_clear_message(
    name: str, content: bytes, said: str, tmp_path: Path, maillon: Maillon
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    result = maillon("check", path)
    assert result.exit_code == 2, result.output
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_file_that_is_too_large_is_refused_with_its_limit(tmp_path: Path, maillon: Maillon) -> None:
    path = tmp_path / "large.nt"
    path.write_bytes(b'<https://e.example/1> <http://purl.org/dc/terms/title> "x" .\n' * 20_000)
    for target, stdin in ((path, b""), ("-", path.read_bytes())):
        result = maillon("check", target, "--max-megabytes", "1", stdin=stdin)
        assert result.exit_code == 2
        assert "1,000,000 octets" in result.output
        assert "give --max-megabytes more" in result.output
        assert "TOML" not in result.output


def test_a_source_that_takes_too_long_says_which_option_to_give(
    catalogue: Path, maillon: Maillon, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = count(0, 400)
    monkeypatch.setattr("maillon.harvest.reading.time.monotonic", lambda: float(next(times)))
    result = maillon("check", catalogue)
    assert result.exit_code == 2
    assert "Reading took longer than 300 seconds. If it is only large, give --timeout more." in result.output


def test_findings_beyond_those_that_are_kept_are_counted_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "KEPT", 50)
    path = tmp_path / "many.nt"
    typed = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n"
    path.write_text("".join(f"<https://e.example/{n}> {typed}" for n in range(200)), encoding="utf-8")
    report = checked(path)
    assert sum(len(record.notes) for record in report.records) == 50
    assert report.dropped == sum(report.counts.values()) - 50
    assert report.counts["Violation"] >= 400, "title and description are missing in each"
    assert sum(number for _, _, number in report.rules) == sum(report.counts.values())
    for form, write in FORMATS.items():
        number = str(report.dropped) if form == "json" else f"{report.dropped:,} further findings"
        assert number in write(report, WORDINGS["en"], "violation", None), form


def test_an_address_that_leads_inside_is_refused(portal: Any, maillon: Maillon) -> None:
    address = portal.gives("/c.ttl", "<https://e.example/1> a <http://www.w3.org/ns/dcat#Dataset> .", "text/turtle")
    refused = maillon("check", address)
    assert refused.exit_code == 2
    assert "not a public address" in refused.output
    assert "--allow-host 127.0.0.1" in refused.output
    assert "TOML" not in refused.output
    assert portal.asked == []
    allowed = maillon("check", address, "--allow-host", "127.0.0.1", "--format", "json")
    assert json.loads(allowed.stdout)["kinds"] == {"dataset": 1}
    assert json.loads(allowed.stdout)["records"][0]["line"] == 1


def test_a_redirection_inside_is_refused(portal: Any, maillon: Maillon) -> None:
    inside = portal.gives("/secret.ttl", "<urn:x> a <urn:y> .", "text/turtle").replace("127.0.0.1", "localhost")
    address = portal.gives("/moved.ttl", "", inside, status=302)
    result = maillon("check", address, "--allow-host", "127.0.0.1")
    assert result.exit_code == 2
    assert "not a public address" in result.output
    assert portal.asked == ["/moved.ttl"]


def test_an_address_that_answers_with_an_error_says_so(portal: Any, maillon: Maillon) -> None:
    result = maillon("check", f"{portal.base}/absent.ttl", "--allow-host", "127.0.0.1", "--in", "de")
    assert result.exit_code == 2
    assert "404" in result.output
    assert "Es konnte nichts gelesen werden." in result.output


PIECES = (b'"""', b'"', b"<", b">", b" .\n", b"[", b"]", b"_:b ", b"&x;", b"\x00", b"\xff", b"@fr", b"^^", b"}", b"")


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_document_is_checked_or_refused_but_never_a_crash(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    name, content = chance.choice([("x.ttl", TTL.encode()), ("x.rdf", f"{XML}</rdf:RDF>".encode())])
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(content))
        content = content[:at] + chance.choice(PIECES) + content[at + chance.choice((0, 1, 20)) :]
    path = tmp_path / name
    path.write_bytes(content)
    report = checked(path)
    assert report.is_read or report.failure
    for write in FORMATS.values():
        assert write(report, WORDINGS["nl"], "warning", None)


def test_names_of_files_are_no_commands_either(tmp_path: Path, maillon: Maillon) -> None:
    path = tmp_path / "a\x1b[2J\x9b\n<b>.ttl"
    path.write_text("broken .\n<https://e.example/1> a <http://www.w3.org/ns/dcat#Dataset> .\n", encoding="utf-8")
    for form in ("text", "json", "junit", "sarif", "html", "ttl"):
        result = maillon("check", path, "--format", form)
        assert result.exit_code == 1, result.output
        assert "\x1b" not in result.output
        assert "\x9b" not in result.output
