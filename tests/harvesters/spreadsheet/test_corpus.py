"""Real inventories (corpus, section 2.9): each harvested with the TOML in ``sources/``, counts as they are known."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from harvesters import _sheet_file, spreadsheet
from maillon import mapping, sources
from maillon.errors import ParseFailed
from maillon.rdf import canonical
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Answer

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
BASE = "https://catalogue.example/"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not beside the checkout"),
]


def harvest(name: str, fetch_folder: Callable[..., Any]) -> tuple[sources.Source, list[Record]]:
    text = (Path(__file__).parent / "sources" / f"{name}.toml").read_text(encoding="utf-8")
    source = sources.parse(text, name, CORPUS)
    return source, list(spreadsheet.records(source, fetch_folder(CORPUS)))


COUNTS = [
    # source, datasets, datasets rejected, distributions, cells and forms that are named
    ("be-psi-2016", 271, 0, {"description.fr": 1, "description.nl": 1, "distribution.access_url": 1}),
    ("be-psi-2015", 225, 0, {"description.fr": 1, "description.nl": 1, "distribution.access_url": 1}),
    ("hdruk", 605, 0, {"contact.email": 1}),
    ("us-pod", 1554, 0, {}),
    ("valencia", 2116, 0, {}),
    ("zurich", 19, 1, {"modified": 4}),
    ("paris", 186, 0, {"documentation": 1}),
]


@pytest.mark.parametrize(("name", "found", "lost", "cells"), COUNTS, ids=[item[0] for item in COUNTS])
def test_every_row_of_a_real_inventory_is_harvested_or_named(
    name: str, found: int, lost: int, cells: dict[str, int], fetch_folder: Callable[..., Any]
) -> None:
    source, records = harvest(name, fetch_folder)
    datasets = [item for item in records if isinstance(item, Dataset)]
    rejected = [item for item in records if isinstance(item, Rejected)]
    assert len(datasets) == found
    assert sum(item.is_dataset for item in rejected) == lost
    named = Counter(item.reason.split(": ")[1].split(" is ")[0] for item in rejected if item.reason.startswith("cell"))
    assert named == cells
    for record in datasets[:40]:
        for entity in mapping.entities(record, source, BASE):
            assert canonical.version(entity, BASE).hash


def test_the_belgian_records_have_both_languages_and_their_addresses(fetch_folder: Callable[..., Any]) -> None:
    _, records = harvest("be-psi-2016", fetch_folder)
    datasets = [item for item in records if isinstance(item, Dataset)]
    assert all(set(item.title) == {"fr", "nl"} for item in datasets)
    first = datasets[0]
    assert (first.identifier, first.issued, first.frequency) == ("95540", "2010-12-01", "CONT")
    assert [item.language for item in first.distributions] == [("fr",), ("nl",)]


def test_versions_in_columns_become_distributions(fetch_folder: Callable[..., Any]) -> None:
    _, records = harvest("hdruk", fetch_folder)
    datasets = [item for item in records if isinstance(item, Dataset)]
    assert [part.title["en"] for part in datasets[0].distributions] == ["0.0.1", "1.0.0", "2.0.0"]
    assert sum(len(item.distributions) for item in datasets) == 1900


def test_of_the_twenty_forms_only_the_empty_one_is_rejected(fetch_folder: Callable[..., Any]) -> None:
    _, records = harvest("zurich", fetch_folder)
    lost = [item for item in records if isinstance(item, Rejected) and item.is_dataset]
    assert [(item.identifier, item.reason) for item in lost] == [
        ("[OGD-Metadaten_Template.xlsx]metadata", "row without title")
    ]


def test_themes_joined_by_commas_are_parted_though_their_names_hold_commas(fetch_folder: Callable[..., Any]) -> None:
    _, records = harvest("paris", fetch_folder)
    themes = [item.theme for item in records if isinstance(item, Dataset)]
    assert ("Culture, Patrimoine", "Sport, Loisirs") in themes
    assert ("Transports, Déplacements", "Environnement") in themes
    assert Counter(theme for item in themes for theme in item)["Transports, Déplacements"] == 21


@pytest.mark.parametrize("ending", ["xls", "ods", "xlsx"])
def test_every_workbook_of_the_corpus_is_read_or_refused_with_a_reason(ending: str) -> None:
    read = 0
    for path in sorted(CORPUS.rglob(f"*.{ending}")):
        try:
            sheets = _sheet_file.sheets(Answer(f"{BASE}{quote(path.name)}", "", path))
        except ParseFailed as error:
            assert "too large" in str(error), path
            continue
        read += 1
        assert any(any(row) for sheet in sheets for row in sheet.rows), path
    assert read > 0
