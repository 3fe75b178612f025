"""Comparing two engines: what counts as a difference, what is shown then, what is drawn; and the command."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner

from maillon.cli import validating
from maillon.harvest import comparing
from maillon.ledger import Ledger
from maillon.records import Entity, Finding, Version
from maillon.settings import Settings
from maillon.sources import Source
from maillon.validation import agreement, engine
from maillon.validation.engine import Result

FINDING = Finding("https://e.example/d", "<urn:p>", '"1.0E3"', "Violation", "urn:component", "urn:shape")
BAD = ':bad a dcat:Dataset ; dct:title "Arbres"@fr .'


class Altered:
    """The engine in use, with its results altered: what a wrong engine does."""

    name = "altered 1"

    def __init__(self, alter: Callable[[list[Result]], list[Result]]) -> None:
        self._alter = alter

    def validate(self, text: str) -> list[Result]:
        return self._alter(engine.default().validate(text))


def test_values_do_not_count_and_everything_else_does() -> None:
    same = [replace(FINDING, value='"1000.0"')]
    assert agreement.differing([FINDING], same) == {}
    for field in ("focus", "path", "severity", "component", "shape"):
        other = replace(FINDING, **{field: "urn:other"})
        assert len(agreement.differing([FINDING], [other])) == 2
    assert agreement.differing([FINDING, FINDING], [FINDING]) == {agreement.row(FINDING): (2, 1)}


def test_a_result_and_its_finding_are_the_same_row() -> None:
    result = Result("<https://e.example/d>", "<urn:p>", "", "Violation", "urn:component", "urn:shape")
    assert agreement.row(result) == agreement.row(FINDING)
    assert agreement.row(replace(result, focus="_:x")) == agreement.row(replace(result, focus="_:y"))


def test_the_stricter_result_is_all_that_either_finds_with_the_values_of_the_first() -> None:
    other = replace(FINDING, shape="urn:other")
    rewritten = replace(FINDING, value='"1000.0"')
    assert agreement.stricter([FINDING], [rewritten, other]) == [other, FINDING]
    assert agreement.stricter([], [FINDING, FINDING]) == [FINDING, FINDING]
    assert agreement.stricter([FINDING], []) == [FINDING]


def test_engines_that_agree_and_engines_that_do_not(version: Callable[[str], Version]) -> None:
    versions = [version(BAD), version(BAD.replace(":bad", ":other")), version(BAD)]
    agreed = agreement.compare(versions, engine.default(), engine.reference())
    assert (agreed.versions, agreed.disagreements, agreed.stricter) == (2, (), {})
    assert agreed.findings > 2
    blind = Altered(lambda results: [result for result in results if not result.shape.endswith("dataset-description")])
    outcome = agreement.compare(versions, blind, engine.default())
    assert [(item.iri, item.row[4], item.first, item.second) for item in outcome.disagreements] == [
        ("https://data.example/bad", "urn:maillon:shape:dataset-description", 0, 1),
        ("https://data.example/other", "urn:maillon:shape:dataset-description", 0, 1),
    ]
    assert outcome.engines == ("altered 1", engine.default().name)
    shown = outcome.stricter[versions[0].hash]
    assert "urn:maillon:shape:dataset-description" in {finding.shape for finding in shown}


def test_a_sample_is_the_same_for_a_seed_and_never_larger_than_what_there_is() -> None:
    iris = [f"urn:{number}" for number in range(1000)]
    first = agreement.sample(iris, 50, 1)
    assert first == agreement.sample(iter(iris), 50, 1) == sorted(set(first))
    assert first != agreement.sample(iris, 50, 2)
    assert len(first) == 50
    assert any(int(iri[4:]) > 900 for iri in first)
    assert any(int(iri[4:]) < 100 for iri in first)
    assert agreement.sample(iris[:3], 50, 1) == iris[:3]
    assert agreement.sample([], 50, 1) == []


def test_a_draw_holds_published_datasets_and_what_they_name(ledger: Ledger) -> None:
    drawn = comparing.drawn(ledger, 1000, 1)
    kinds = {version.kind for version in drawn}
    assert {"dataset", "distribution", "organisation", "contact"} <= kinds
    iris = [version.iri for version in drawn]
    assert len(iris) == len(set(iris))
    assert not any(iri.endswith(("/disparu", "/orpheline")) for iri in iris), "gone, or named by no dataset"
    few = comparing.drawn(ledger, 2, 1)
    assert sum(version.kind == "dataset" for version in few) == 2
    assert few == comparing.drawn(ledger, 2, 1)


def test_the_command_says_that_the_engines_agree(settings: Settings) -> None:
    answer = CliRunner().invoke(
        validating.validation_group, ["compare", "--data", str(settings.data), "--sample", "20", "--seed", "3"]
    )
    assert answer.exit_code == 0, answer.output
    assert "They agree." in answer.output
    assert "(seed 3)" in answer.output
    assert "pyshacl" in answer.output


def test_the_line_of_the_night_says_whether_the_engines_agree(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert comparing.nightly(ledger, date(2026, 11, 22)).startswith(f"{engine.default().name} and pyshacl ")
    kept: list[agreement.Agreement] = []
    monkeypatch.setattr(comparing, "keep", lambda _ledger, outcome: kept.append(outcome))
    monkeypatch.setattr(engine, "reference", lambda: Altered(lambda results: results[1:]))
    line = comparing.nightly(ledger, date(2026, 11, 22))
    assert "differ about" in line
    assert "`maillon validation compare --seed 20261122`" in line
    assert len(kept) == 1


def test_the_command_prints_what_differs_and_keeps_the_stricter_findings(
    keep: Callable[..., None],
    entity: Callable[[str, str, str], Entity],
    new_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    iri = "https://e.example/d"
    source = Source(name="ville", kind="dcat", url="x.ttl")
    with Ledger(new_settings.ledger) as ledger:
        keep(ledger, source, [entity(iri, "dataset", f'<{iri}> a dcat:Dataset ; dct:title "Arbres"@fr .')])
        (digest,) = [item.hash for item in ledger.current()]
        before = ledger.findings([digest])[digest]
    extra = Result(f"<{iri}>", "", "", "Violation", "urn:component", "urn:only-one-of-them")
    monkeypatch.setattr(engine, "reference", lambda: Altered(lambda results: [*results, extra]))
    command = ["compare", "--data", str(new_settings.data), "--sample", "20"]
    for options, kept in (([], "can be kept"), (["--keep"], "are kept")):
        answer = CliRunner().invoke(validating.validation_group, command + options)
        assert answer.exit_code == 1
        assert iri in answer.output
        assert "only-one-of-them" in answer.output
        assert kept in answer.output
    with Ledger(new_settings.ledger) as ledger:
        after = ledger.findings([digest])[digest]
    assert {finding.shape for finding in after} == {finding.shape for finding in before} | {"urn:only-one-of-them"}
