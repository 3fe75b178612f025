"""What a steward sees of a finding: its field by name, all values where there are too many, no addresses of ours."""

from pathlib import Path

from maillon.check import text
from maillon.check.wordings import WORDINGS
from tests.maillon.check.conftest import checked

TTL = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://data.example.org/> .

ex:trees a dcat:Dataset ;
  dct:title "Arbres"@fr ; dct:description "Arbres des parcs."@fr ;
  dct:issued "2020-01-01"^^<http://www.w3.org/2001/XMLSchema#date> ,
    "2021-01-01"^^<http://www.w3.org/2001/XMLSchema#date> ;
  dcat:distribution [ a dcat:Distribution ;
    dct:title "Le fichier"@fr ; dct:format <CSV> ; dcat:accessURL <https://data.example.org/trees.csv> ] .
"""


def shown(tmp_path: Path, turtle: str) -> str:
    """Return the report in French of a Turtle document."""
    path = tmp_path / "trees.ttl"
    path.write_text(turtle, encoding="utf-8")
    return text.write(checked(path), WORDINGS["fr"], "violation")


def test_where_there_are_too_many_values_all_are_told(tmp_path: Path) -> None:
    assert "valeur : 2020-01-01; 2021-01-01" in shown(tmp_path, TTL)


def test_a_distribution_without_an_address_is_called_by_its_title(tmp_path: Path) -> None:
    assert "dans Le fichier" in shown(tmp_path, TTL)
    untitled = TTL.replace('dct:title "Le fichier"@fr ;', "")
    assert "dans https://data.example.org/trees.csv" in shown(tmp_path, untitled)


def test_a_relative_address_is_told_as_it_is_written(tmp_path: Path) -> None:
    assert "valeur : CSV, dans Le fichier" in shown(tmp_path, TTL)


def test_a_rule_about_no_single_property_is_called_by_its_own_name(tmp_path: Path) -> None:
    place = "; dct:spatial [ a dct:Location ; dct:title 'Quartier'@fr ] ;\n  dcat:distribution"
    said = shown(tmp_path, TTL.replace(";\n  dcat:distribution", place))
    assert "Lieu situable" in said
