"""A table that nobody described is read by the usual words of its headers, and the report says so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harvesters import _sheet_guesses
from harvesters._sheet_fields import kind_of
from maillon.errors import SourceDefinitionError
from maillon.records import Dataset, Record, Rejected

Harvest = Callable[..., list[Record]]


def _csv(folder: Path, header: str, *rows: str) -> Path:
    path = folder / "inventory.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def _read(found: list[Record]) -> tuple[list[Dataset], list[Rejected]]:
    return [item for item in found if isinstance(item, Dataset)], [item for item in found if isinstance(item, Rejected)]


@pytest.mark.parametrize(
    "header",
    [
        "titre;Description;url;format;Éditeur;Licence;Mots-clés",
        "Titel;Beschrijving;Webadres;Formaat;Uitgever;Licentie;Trefwoorden",
        "Titel;Beschreibung;Link;Dateiformat;Herausgeber;Lizenz;Schlagwörter",
        "title;description;url;format;publisher;licence;keywords",
        "INTITULÉ *;Résumé;Lien;Format de fichier;editeur;licence;mots_cles",
    ],
)
def test_an_ordinary_inventory_needs_no_columns(header: str, harvest: Harvest, tmp_path: Path) -> None:
    path = _csv(tmp_path, header, "Arbres;Tous les arbres;https://example.org/a.csv;CSV;Commune exemple;CC0;arbre;")
    (found,), (note,) = _read(harvest(path))
    assert list(found.title.values()) == ["Arbres"]
    assert list(found.description.values()) == ["Tous les arbres"]
    (file,) = found.distributions
    assert (file.access_url, file.format) == ("https://example.org/a.csv", "CSV")
    assert found.publisher is not None
    assert [word for _, word in found.keyword] == ["arbre"]
    assert (note.reason, note.is_dataset, note.is_private) == (_sheet_guesses.REASON, False, False)


def test_the_report_says_what_was_taken_for_what_and_what_is_not_read(harvest: Harvest, tmp_path: Path) -> None:
    path = _csv(tmp_path, "Titre (fr);Titel NL;Lien;Lien;Chef", "Arbres;Bomen;https://example.org/a;;x")
    (found,), (note,) = _read(harvest(path))
    assert found.title == {"fr": "Arbres", "nl": "Bomen"}
    assert len(found.distributions) == 1
    assert note.detail.startswith(
        "A 'Titre (fr)' is title.fr, B 'Titel NL' is title.nl, C 'Lien' is distribution.access_url; "
        "not read: D 'Lien', E 'Chef'."
    )


def test_headers_that_are_field_names_say_nothing_and_win(harvest: Harvest, tmp_path: Path) -> None:
    path = _csv(tmp_path, "Titre;Lien", "identifier;title", "a;Arbres")
    found, notes = _read(harvest(path))
    assert [(item.identifier, list(item.title.values())) for item in found] == [("a", ["Arbres"])]
    assert notes == []


@pytest.mark.parametrize("header", ["naam;adres", "titre;chef", "description;url", "nom;code;contact;date"])
def test_what_is_no_inventory_is_not_taken_for_one(header: str, harvest: Harvest, tmp_path: Path) -> None:
    with pytest.raises(SourceDefinitionError, match="say under columns which column is what"):
        harvest(_csv(tmp_path, header, "a;b;c;d"))


def test_columns_of_the_toml_are_not_added_to(harvest: Harvest, tmp_path: Path) -> None:
    path = _csv(tmp_path, "Titre;Description;url", "Arbres;Tous;https://example.org/a")
    (found,), notes = _read(harvest(path, columns={"title": "Titre"}))
    assert (list(found.description), found.distributions, notes) == ([], (), [])


def test_every_word_means_a_field_that_there_is() -> None:
    assert {field for field in _sheet_guesses._FIELDS.values() if kind_of(field) is None} == set()
    assert {word for word in _sheet_guesses._FIELDS if word != _sheet_guesses._plain(word)} == set()
