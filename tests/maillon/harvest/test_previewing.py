"""A preview, and a dry run, show what the real run that follows then does."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from maillon import definitions, harvest
from maillon.errors import SourceDefinitionError
from maillon.harvest import Options
from maillon.harvest.previewing import preview
from maillon.ledger import Ledger
from maillon.settings import Settings

SAMPLES = ("brussels-ckan", "brussels-dcat", "brussels-tables")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_preview_of_everything_shows_what_the_run_then_keeps(name: str, new_settings: Settings) -> None:
    source = definitions.load(name)
    found = preview(source, new_settings, 10_000)
    assert found.is_whole
    assert found.failure == ""
    assert not (new_settings.data / "ledger.sqlite").exists(), "the ledger is not even opened"
    with Ledger(new_settings.ledger) as ledger:
        report = harvest.run(source, new_settings, ledger)
        kept = {item.iri: item for item in ledger.current(kinds=["dataset"])}
        entities = {item.iri: item.hash for item in ledger.current()}
        findings = ledger.findings(list(entities.values()))
    assert {item.iri for item in found.datasets} == set(kept)
    assert {item.iri for item in found.datasets if item.is_withheld} == {
        iri for iri, item in kept.items() if item.state == "withheld"
    }
    assert [(item.identifier, item.reason) for item in found.rejected] == [
        (item.identifier, item.reason) for item in report.rejections
    ]
    assert found.repairs == report.repairs
    for item in found.datasets:
        parts = [iri for iri in item.distributions if iri in entities]
        expected = [each for iri in (item.iri, *parts) for each in findings[entities[iri]]]
        assert sorted(map(repr, item.findings)) == sorted(map(repr, expected)), item.iri


@pytest.mark.parametrize("name", SAMPLES)
def test_a_dry_run_reports_what_the_real_run_that_follows_reports(name: str, new_settings: Settings) -> None:
    source = definitions.load(name)
    with Ledger(new_settings.ledger) as ledger:
        for _ in ("at first", "again"):
            dry = harvest.run(source, new_settings, ledger, Options(dry_run=True))
            real = harvest.run(source, new_settings, ledger)
            assert dry.run == 0
            assert replace(dry, run=real.run, seconds=real.seconds) == real
            assert dry.as_json() == real.as_json()


def test_a_dry_run_of_a_changed_source_reports_the_changes_and_makes_none(
    town: Any, make: Callable[..., dict[str, Any]]
) -> None:
    town.lists(*[make(number, files={"csv": "x"}) for number in range(10)])
    town.run()
    before = town.state()
    town.lists(make(1, title="Bancs"), *[make(number) for number in range(2, 9)], make(20), {"id": "x", "title": ""})
    dry = town.run(dry_run=True)
    assert town.state() == before
    real = town.run()
    assert replace(dry, run=real.run, seconds=real.seconds) == real
    assert (real.new, real.missing) == (2, 2)
    assert real.changed > 0


def test_a_preview_ends_after_ten_datasets_whatever_follows(town: Any, make: Callable[..., dict[str, Any]]) -> None:
    lines = [make(number, publisher="Service exemple", files={"csv": "x"}) for number in range(10)]
    town.lists(*lines, {"raise": "KeyError"})
    found = preview(town.source, town.settings)
    assert len(found.datasets) == 10
    assert found.failure == ""
    assert not found.is_whole
    assert found.datasets[0].title == {"fr": "Arbres 0"}
    assert found.datasets[0].publisher == {"fr": "Service exemple"}
    assert len(found.datasets[0].distributions) == 1
    town.lists(*lines, {"id": "more", "title": "Bancs"})
    assert not preview(town.source, town.settings).is_whole
    town.lists(*lines)
    assert preview(town.source, town.settings, 11).is_whole


def test_what_cannot_be_used_counts_among_the_ten_but_pages_do_not(
    town: Any, make: Callable[..., dict[str, Any]]
) -> None:
    pages = [{"id": f"p{number}", "page": True} for number in range(30)]
    private = [{"id": f"secret {number}", "private": True} for number in range(9)]
    town.lists(*pages, *private, make(1), make(2))
    found = preview(town.source, town.settings)
    assert [item.title for item in found.datasets] == [{"fr": "Arbres 1"}]
    assert len(found.rejected) == 39


@pytest.mark.parametrize("fault", ["KeyError", "SourceUnavailable", "Panic"])
def test_a_source_that_breaks_off_shows_what_came_before(
    fault: str, town: Any, make: Callable[..., dict[str, Any]]
) -> None:
    town.lists(make(1), {"raise": fault})
    found = preview(town.source, town.settings)
    assert [item.title for item in found.datasets] == [{"fr": "Arbres 1"}]
    assert {"KeyError": "A fault in the harvester", "SourceUnavailable": "Half of", "Panic": "panicked"}[
        fault
    ] in found.failure
    assert list((town.settings.data / "tmp").iterdir()) == [], "nothing is left behind"


def test_distributions_and_publisher_of_rdf_are_waited_for(tmp_path: Path, new_settings: Settings) -> None:
    head = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n"
    head += "@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix : <https://example.org/> .\n"
    rows = [
        f':a{number:03} a dcat:Dataset ; dct:title "Jeu {number}"@fr ; dcat:distribution :b{number:03} .\n'
        f":b{number:03} a dcat:Distribution .\n"
        for number in range(100)
    ]
    agent = ':a000 dct:publisher :z . :z a foaf:Organization ; foaf:name "Service exemple"@fr .'
    (tmp_path / "feed.ttl").write_text(head + "".join(rows) + agent, encoding="utf-8")
    (tmp_path / "feed.toml").write_text('kind = "dcat"\nurl = "feed.ttl"\n', encoding="utf-8")
    found = preview(definitions.load(str(tmp_path / "feed.toml")), new_settings, 3)
    assert [item.distributions for item in found.datasets] == [(f"https://example.org/b00{n}",) for n in range(3)]
    assert found.datasets[0].publisher == {"fr": "Service exemple"}
    assert "https://example.org/b000" in {finding.focus for finding in found.datasets[0].findings}


def test_a_kind_that_does_not_exist_is_refused_before_anything_is_asked(town: Any) -> None:
    town.policy(kind="nothing-such")
    with pytest.raises(SourceDefinitionError, match="There is no such kind"):
        preview(town.source, town.settings)
