"""The pitfalls counted in Opendatasoft catalogues (corpus README, 2.5), each under the name of its case."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvesters import opendatasoft
from maillon.records import Dataset
from maillon.sources import Source


@pytest.fixture
def one(tmp_path: Path, fetch_folder: Callable[..., Any]) -> Callable[..., Dataset]:
    """Harvest one dataset with this metadata; ``version`` 1 has it plain."""

    def harvest(version: int = 2, **metas: Any) -> Dataset:
        entry = {"dataset_id": "a", "metas": {"default": metas}} if version == 2 else {"datasetid": "a", "metas": metas}
        path = tmp_path / "dump.json"
        path.write_text(json.dumps([entry]))
        source = Source(
            name="ville", kind="opendatasoft", url=str(path), homepage="https://ods.example.org", language="fr"
        )
        (record,) = opendatasoft.records(source, fetch_folder(tmp_path))
        assert isinstance(record, Dataset)
        return record

    return harvest


def test_a_theme_whose_name_holds_a_comma_is_one_theme(one: Callable[..., Dataset]) -> None:
    themes = ["Transports, Déplacements", "Environnement"]
    assert one(theme=themes).theme == tuple(themes)
    assert one(1, theme="Transports, Déplacements").theme == ("Transports, Déplacements",)  # never cut at commas


def test_keywords_in_one_text_with_commas_are_split_and_those_of_a_list_are_not(one: Callable[..., Dataset]) -> None:
    assert one(keyword="arbre, parc;rue").keyword == (("fr", "arbre"), ("fr", "parc"), ("fr", "rue"))
    assert one(keyword=["parc, jardin"]).keyword == (("fr", "parc, jardin"),)
    assert one(keyword=None).keyword == ()


def test_html_in_the_description_stays_for_the_rules(one: Callable[..., Dataset]) -> None:
    assert one(description="<p>Les <b>arbres</b></p>").description == {"fr": "<p>Les <b>arbres</b></p>"}


@pytest.mark.parametrize("licence", ["ODbL Paris", "ODBl Paris", "Insee"])
def test_a_licence_in_the_portals_own_words_stays_for_the_rules(licence: str, one: Callable[..., Dataset]) -> None:
    assert one(license=licence).license == licence


@pytest.mark.parametrize("name", ["license", "publisher", "theme", "description"])
def test_null_and_empty_fields_say_nothing(name: str, one: Callable[..., Dataset]) -> None:
    empty: tuple[Any, ...] = (None, "", [])
    for value in empty:
        record = one(title="A", **{name: value})
        assert (record.license, record.publisher, record.theme, record.description) == (None, None, (), {})


@pytest.mark.parametrize("stated", ["Annuelle", "annuelle", "Annuel", "Yearly"])
def test_a_frequency_in_any_words_stays_for_the_table(stated: str, one: Callable[..., Dataset]) -> None:
    assert one(accrualperiodicity=stated).frequency == stated


@pytest.mark.parametrize(
    ("stated", "period"),
    [("01-01-12 / 31-12-13", ("01-01-12 / 31-12-13", None)), ("2009-2012", ("2009", "2012")),
     ("jusqu'en février 2015", ("jusqu'en février 2015", None))],
)  # fmt: skip
def test_a_period_in_free_text(stated: str, period: tuple[str, str | None], one: Callable[..., Dataset]) -> None:
    assert one(temporal=stated).temporal == (period,)


def test_a_place_that_is_none_stays_a_text(one: Callable[..., Dataset]) -> None:
    assert one(spatial="annuelle").spatial == ("annuelle",)


def test_a_reference_without_scheme_stays_as_it_was_written(one: Callable[..., Dataset]) -> None:
    assert one(references="www.ville.example.org/arbres").documentation == ("www.ville.example.org/arbres",)


def test_a_date_that_follows_the_metadata_gives_way_to_that_of_the_data(one: Callable[..., Dataset]) -> None:
    switches = {"modified_updates_on_metadata_change": True, "modified_updates_on_data_change": False}
    dates = {"modified": "2024-03-02", "data_processed": "2020-01-01"}
    assert one(**dates, **switches).modified == "2020-01-01"
    assert one(**dates).modified == "2024-03-02"


def test_a_federated_copy_is_marked_by_the_page_of_its_original(one: Callable[..., Dataset]) -> None:
    copy = one(federated=True, source_domain_address="autre.example.org", source_dataset="arbres")
    assert copy.landing_page == "https://autre.example.org/explore/dataset/arbres/"
    assert one().landing_page == "https://ods.example.org/explore/dataset/a/"
