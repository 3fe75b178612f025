"""``maillon check`` as a publisher types it: languages, exit status, output, standard input, wrong usage."""

import json
from pathlib import Path
from typing import Any

import pytest

from maillon.cli.checking import language_of
from maillon.errors import SourceUnavailable
from tests.maillon.check.conftest import Maillon

WARNED = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://e.example/d> a dcat:Dataset ; dct:title "A"@en ; dct:description "B"@en .
"""


def test_the_exit_status_goes_by_severity(tmp_path: Path, catalogue: Path, maillon: Maillon) -> None:
    path = tmp_path / "warned.ttl"
    path.write_text(WARNED, encoding="utf-8")
    assert maillon("check", path).exit_code == 0
    assert maillon("check", path, "--fail-on", "warning").exit_code == 1
    assert maillon("check", path, "--fail-on", "info").exit_code == 1
    assert maillon("check", catalogue).exit_code == 1
    assert maillon("check", catalogue, "--fail-on", "never").exit_code == 0
    assert maillon("check", tmp_path / "absent.ttl").exit_code == 2
    assert maillon("check", catalogue, "--fail-on", "sometimes").exit_code == 2


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "fr_BE.UTF-8"}, "fr"),
        ({"LANG": "de"}, "de"),
        ({"LANG": "fr_BE.UTF-8", "LC_ALL": "nl_BE"}, "nl"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "es_ES.UTF-8"}, "en"),
        ({"LANG": "french"}, "en"),
    ],
)
def test_the_language_is_that_of_the_terminal(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


def test_the_language_can_be_chosen(catalogue: Path, maillon: Maillon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "nl_BE.UTF-8")
    assert maillon("check", catalogue).stdout.startswith("Controle van ")
    assert maillon("check", catalogue, "--in", "de").stdout.startswith("Prüfung von ")


def test_standard_input_is_checked_and_so_called(catalogue: Path, maillon: Maillon) -> None:
    result = maillon("check", "-", stdin=catalogue.read_bytes())
    assert result.exit_code == 1
    assert result.stdout.startswith("Check of standard input\n")
    assert "value: un jour, line 9" in result.stdout
    found = json.loads(maillon("check", "-", "--format", "sarif", stdin=catalogue.read_bytes()).stdout)
    uris = json.dumps(found["runs"][0]["results"])
    assert '"uri": "standard-input"' in uris


def test_a_report_goes_to_a_file_and_its_outcome_to_the_terminal(catalogue: Path, maillon: Maillon) -> None:
    output = catalogue.with_name("report.html")
    result = maillon("check", catalogue, "--format", "html", "--output", output, "--in", "fr")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "À corriger : " in result.stderr
    assert output.read_text(encoding="utf-8").startswith("<!doctype html>")
    lost = maillon("check", catalogue, "--output", catalogue.parent / "nowhere" / "x")
    assert lost.exit_code == 2
    assert "cannot be written" in lost.stderr


def test_colours_are_for_terminals_only(catalogue: Path, maillon: Maillon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" not in maillon("check", catalogue).stdout
    monkeypatch.setattr("maillon.cli.checking.is_terminal", lambda: True)
    assert "\x1b[31merror\x1b[0m" in maillon("check", catalogue).stdout
    output = catalogue.with_name("report.txt")
    maillon("check", catalogue, "--output", output)
    assert "\x1b" not in output.read_text(encoding="utf-8")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in maillon("check", catalogue).stdout


def test_a_summary_has_totals_only(catalogue: Path, maillon: Maillon) -> None:
    said = maillon("check", catalogue, "--summary").stdout
    assert "In all: 2 datasets, 2 distributions" in said
    assert "European score: " in said
    assert "un jour" not in said


def test_nothing_is_left_behind(catalogue: Path, maillon: Maillon, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = catalogue.parent / "tmp"
    temporary.mkdir()
    work = catalogue.parent / "work"
    work.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.chdir(work)
    assert maillon("check", catalogue).exit_code == 1
    assert list(work.iterdir()) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--profile", "mine"), "mine"),
        (("--profile", "official-3.0.1"), "--shapes"),
        (("--kind", "ckann"), "There is no such kind"),
        (("--format", "pdf"), "pdf"),
        (("--max-megabytes", "0"), "0"),
        (("--base", "foo"), "as --base https://data.example.org/"),
        (("--base", "http://"), "is no web address"),
        (("--base", "http://[x"), "is no web address"),
        (("--base", "ftp://e.example/"), "is no web address"),
        (("--base", "https://e.example/a b/"), "is no web address"),
    ],
)
def test_what_is_typed_wrongly_ends_in_one_clear_line(
    arguments: tuple[str, ...], said: str, catalogue: Path, maillon: Maillon
) -> None:
    result = maillon("check", catalogue, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_what_passes_says_so_with_what_remains(tmp_path: Path, maillon: Maillon) -> None:
    path = tmp_path / "warned.ttl"
    path.write_text(WARNED, encoding="utf-8")
    last = maillon("check", path).stdout.rstrip().splitlines()[-1]
    assert last.startswith("Passes. ")
    assert "warning" in last
    assert "error" not in last


def test_a_harvester_that_fails_halfway_is_reported(
    catalogue: Path, maillon: Maillon, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harvesters import dcat  # noqa: PLC0415 - only to break it

    def broken(source: Any, fetch: Any) -> Any:
        yield from list(original(source, fetch))[:2]
        raise SourceUnavailable("The portal went away.")

    original = dcat.records
    monkeypatch.setattr(dcat, "records", broken)
    result = maillon("check", catalogue)
    assert result.exit_code == 1
    assert "Reading ended early: The portal went away." in result.stdout

    def faulty(source: Any, fetch: Any) -> Any:
        yield from original(source, fetch)
        raise ZeroDivisionError

    monkeypatch.setattr(dcat, "records", faulty)
    assert "A fault in the harvester dcat or in Maillon" in maillon("check", catalogue).stdout
