"""An ordinary inventory is checked by its headers; where none is known the advice is for who has no source."""

from pathlib import Path

import pytest

from tests.maillon.check.conftest import Maillon, checked

_TABLE = "titre;description;url;format\nArbres;Les arbres;https://e.example/a.csv;CSV\n"


def test_an_inventory_is_checked_by_its_headers_and_that_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "inventory.csv"
    path.write_text(_TABLE, encoding="utf-8")
    report = checked(path, kind="spreadsheet", language="fr")
    assert (report.kinds["dataset"], report.kinds["distribution"]) == (1, 1)
    assert [(item.is_fault, item.detail[:18]) for item in report.refused] == [(False, "A 'titre' is title")]


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "d'après les en-têtes"), ("nl", "aan de hand van"), ("de", "anhand der Spalten")]
)
def test_how_the_columns_were_known_is_told(language: str, said: str, tmp_path: Path, maillon: Maillon) -> None:
    path = tmp_path / "inventory.csv"
    path.write_text(_TABLE, encoding="utf-8")
    assert said in maillon("check", path, "--kind", "spreadsheet", "--language", "fr", "--in", language).stdout


def test_a_table_with_unknown_headers_leads_to_the_names_and_not_to_a_toml(tmp_path: Path, maillon: Maillon) -> None:
    path = tmp_path / "people.csv"
    path.write_text("naam;adres\na;b\n", encoding="utf-8")
    result = maillon("check", path, "--kind", "spreadsheet")
    assert result.exit_code == 2
    assert "A 'naam', B 'adres'" in result.stderr
    assert "--kind" in result.stderr
    assert "docs/how-to/harvest-a-spreadsheet.md" in result.stderr
    assert "TOML" not in result.stderr
    assert "options" not in result.stderr
