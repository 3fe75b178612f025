"""A catalogue with faults in several serialisations, and the command that checks it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from maillon import cli
from maillon.check import Input, Report, check, choosing
from maillon.settings import Settings
from maillon.validation import profiles

TTL = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ex: <https://data.example.org/> .

ex:trees a dcat:Dataset ;
  dct:title "Arbres des parcs"@fr , "Bomen in de parken"@nl ;
  dct:description "Les arbres des parcs communaux."@fr ;
  dct:issued "un jour" ;
  dct:accessRights "oui" ;
  dcat:distribution ex:csv , ex:map .

ex:csv a dcat:Distribution ;
  dct:format [ rdfs:label "CSV" ] ;
  dcat:accessURL "pas une adresse" .

ex:map a dcat:Distribution ;
  dct:format [ rdfs:label "CSV" ] .

[] a dcat:Dataset ;
  dct:title "Bancs publics"@fr ;
  dct:issued "jadis" .
"""
"""Lines count: tests name them."""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """Write the catalogue in Turtle; return its path."""
    path = tmp_path / "catalogue.ttl"
    path.write_text(TTL, encoding="utf-8")
    return path


def checked(target: str | Path, profile: str = profiles.DEFAULT, folder: Path | None = None, **how: Any) -> Report:
    """Check a document without the command line."""
    given = Input(target=str(target), **how)
    return check(given, Settings(), choosing.profile(profile, folder), lambda *_: None)


def shapes_of(report: Report) -> dict[str, list[int]]:
    """Return the lines of the findings by rule, without ``urn:maillon:shape:``."""
    found: dict[str, list[int]] = {}
    for record in report.records:
        for note in record.notes:
            found.setdefault(note.finding.shape.removeprefix("urn:maillon:shape:"), []).append(note.place.line)
    return found


Maillon = Callable[..., Result]


@pytest.fixture
def maillon(monkeypatch: pytest.MonkeyPatch) -> Maillon:
    """Return the command line, in English where a test says nothing else."""
    monkeypatch.setattr(cli, "COMMANDS", {**cli.COMMANDS, "check": ("checking", "Check.")})
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(cli.main, [str(item) for item in arguments], input=stdin)

    return run
