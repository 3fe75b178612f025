"""What the inventory workbook says and offers, and what it is made of."""

import io
import zipfile
from pathlib import Path

import pytest

from harvesters import _inventory_messages, _sheet_fields
from maillon import authority, inventory
from maillon.errors import OperatorError
from maillon.inventory import columns
from maillon.inventory.workbook import _WORDINGS

LANGUAGES = inventory.LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_offered_choice_is_understood(language: str) -> None:
    for table in columns.CODES:
        offered = columns.choices(table, language)
        assert len(offered) == len(columns.CODES[table])
        assert all(authority.lookup(table, label) for label in offered)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_is_a_field_that_the_harvester_knows(language: str) -> None:
    assert all(_sheet_fields.kind_of(column.field) for column in columns.datasets(language))
    assert all(_sheet_fields.kind_of(f"distribution.{item.field}") for item in columns.files(language)[1:])
    listed = {column.field: column.table for column in columns.datasets(language) if column.table}
    assert all(_sheet_fields.TABLES[name] == table for name, table in listed.items())
    assert _WORDINGS[language].example_prefix in _inventory_messages.EXAMPLES


def test_all_languages_have_the_same_texts() -> None:
    first, *others = _WORDINGS.values()
    for words in others:
        assert set(words.columns) == set(first.columns)
        assert len(words.guide) == len(first.guide)
    assert len({words.datasets + words.files + words.help for words in _WORDINGS.values()}) == 4
    keys = {frozenset(texts) for texts in _inventory_messages._ALL.values()}
    assert len(keys) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_hides_its_markers_and_offers_lists_and_help(language: str, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    inventory.write(path, language)
    with zipfile.ZipFile(path) as archive:
        sheet, book = archive.read("xl/worksheets/sheet1.xml").decode(), archive.read("xl/workbook.xml").decode()
        comments = archive.read("xl/comments1.xml").decode()
    assert '<row r="2"' in sheet
    assert 'hidden="1"' in sheet.split('<row r="2"')[1].split(">")[0]
    assert sheet.count('type="list"') == 5
    assert sheet.count('type="date"') == 4
    assert 'state="frozen"' in sheet
    assert book.count('state="hidden"') == 1
    assert comments.count("<comment ") == len(columns.datasets(language))


def test_the_same_workbook_is_written_twice_alike(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        inventory.write(tmp_path / name, "de")
    parts = []
    for name in ("a.xlsx", "b.xlsx"):
        with zipfile.ZipFile(io.BytesIO((tmp_path / name).read_bytes())) as archive:
            parts.append({item: archive.read(item) for item in archive.namelist()})
    assert parts[0] == parts[1]


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="fr, nl, de, en"):
        inventory.write(tmp_path / "x.xlsx", "it")
