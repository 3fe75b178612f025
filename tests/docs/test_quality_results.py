"""``docs/quality-results.md`` is what the numbers of the last run make, and what counts them counts right."""

import copy
import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from maillon import publish
from maillon.harvest import Options, run, silent
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.sources import parse as source_of
from maillon.web import quality_rules

DOCS = Path(__file__).resolve().parents[2] / "docs"
HERE = "http://data.gov.be/dataset/brussels/1"
FILE = "http://data.gov.be/dist/brussels/1/a"
TURTLE = f"""
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
<{HERE}> a dcat:Dataset ; dct:title "Arbres"@fr ; dct:publisher <https://example.org/service> ;
    dcat:keyword "arbre"@fr ; dcat:distribution <{FILE}> .
<{FILE}> a dcat:Distribution ; dcat:accessURL <https://example.org/arbres.csv> .
<http://data.gov.be/dataset/autre/2> a dcat:Dataset ; dct:title "Banken"@nl ; dct:description "Alle banken."@nl .
<https://example.org/service> a foaf:Organization .
<https://example.org/autre> a foaf:Organization .
"""


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    """Return the script that makes the page."""
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("quality_results")
    sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def found(script: ModuleType) -> dict[str, Any]:
    """Return the numbers of the last run."""
    numbers: dict[str, Any] = json.loads(script.NUMBERS.read_text(encoding="utf-8"))
    return numbers


@pytest.fixture(scope="module")
def small(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """Return the numbers of a small file that goes the whole way, and the folder of its data."""
    folder = tmp_path_factory.mktemp("quality")
    (folder / "small.ttl").write_text(TURTLE, encoding="utf-8")
    settings = Settings(data=folder / "data")
    source = source_of('kind = "dcat"\nurl = "small.ttl"\ntitle = "Petit"\nlanguage = "fr"', script.SOURCE, folder)
    with Ledger(settings.ledger) as ledger:
        report = run(source, settings, ledger, Options(), silent)
        publish.publish(ledger, settings).close()
    versions = {"versions": 5, "findings": sum(report.findings.values()), "differ": 0, "validating": 0.1}
    counts = {"datasets": 2, "triples": 99}
    said = {"harvest": report.as_json(), "validate": versions, "publish": counts}
    steps = [script.Step(name, 1.0, 1.0, 1, values) for name, values in said.items()]
    lines = "".join(f"{quad.triple} .\n" for quad in script.parse(TURTLE.encode(), script.RdfFormat.TURTLE))
    (folder / "small.nt").write_text(lines, encoding="utf-8")
    return script.numbers(folder, steps, folder / "small.nt"), folder / "data"


def rules(part: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    return {row["rule"]: (row["sent"], row["left"], row["records"]) for row in part["rules"]}


def test_the_page_is_what_the_numbers_of_the_last_run_make(script: ModuleType, found: dict[str, Any]) -> None:
    written = script.PAGE.read_text(encoding="utf-8")
    assert written == script.page(found), "run .venv/bin/python docs/quality_results.py --page"
    assert not re.search(r"/(?:home|root|tmp|work|Users)/|localhost|WHY|None", written)


def test_all_of_data_gov_be_is_validated_scored_and_explained(script: ModuleType, found: dict[str, Any]) -> None:
    assert list(script.faults(found)) == []
    for name, datasets in (("whole", 17_828), ("brussels", 604)):
        part = found[name]
        assert (part["datasets"], part["entities"]["dataset"], sum(part["ratings"].values())) == (datasets,) * 3
        assert part["points"] == pytest.approx(sum(part["dimensions"].values()))
        assert part["worst"] <= part["points"] <= part["best"] <= 405
        assert all(row["name"] and row["wrong"] for row in part["rules"])
        assert part["valid"] >= part["clean"]
    assert [step["name"] for step in found["steps"]] == ["harvest", "validate", "publish"]
    page = script.page(found)
    assert page.count("### The 20 rules with most findings") == 2


def test_the_brussels_part_is_a_part_of_the_whole(found: dict[str, Any]) -> None:
    whole, part = rules(found["whole"]), rules(found["brussels"])
    assert {name for name in part if name not in whole} == set()
    assert [name for name in part if any(a > b for a, b in zip(part[name], whole[name], strict=True))] == []


def test_the_federal_report_has_27_violations_in_5_shapes_and_4997_warnings_in_17(script: ModuleType) -> None:
    counts = {"Violation": [0, 0], "Warning": [0, 0]}
    for row in script.federal():
        counts[row["severity"]][0] += row["found"]
        counts[row["severity"]][1] += 1
        assert all(quality_rules.is_known(f"urn:maillon:shape:{name}") for name in row["rules"]), row["what"]
    assert counts == {"Violation": [27, 5], "Warning": [4_997, 17]}


def test_findings_are_counted_in_the_whole_and_in_the_part(
    script: ModuleType, small: tuple[dict[str, Any], Path]
) -> None:
    numbers, _ = small
    whole, part = rules(numbers["whole"]), rules(numbers["brussels"])
    assert numbers["whole"]["entities"] == {"dataset": 2, "distribution": 1, "organisation": 2}
    assert numbers["brussels"]["entities"] == {"dataset": 1, "distribution": 1, "organisation": 1}
    assert (whole["dataset-description"], part["dataset-description"]) == ((1, 1, 1), (1, 1, 1))
    assert (whole["dataset-keyword"], "dataset-keyword" in part) == ((1, 1, 1), False)
    assert (whole["agent-name"], part["agent-name"]) == ((2, 2, 2), (1, 1, 1))
    assert numbers["whole"]["spread"] == [["https://example.org/service", "agent-name", 1]]  # the other serves nothing
    assert whole["distribution-format"] == (1, 0, 0)  # the address tells it, so a repair adds it
    assert (numbers["whole"]["valid"], numbers["brussels"]["valid"]) == (1, 0)
    assert (numbers["whole"]["datasets"], numbers["brussels"]["datasets"]) == (2, 1)
    text = script.page(numbers)
    assert "| Warning: no format | 190 (3%) |" in text
    assert "| `distribution-format` | 1 (100%) | 0 (0%) |" in text


def test_validating_once_more_finds_the_same(
    script: ModuleType, small: tuple[dict[str, Any], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    numbers, data = small
    script.validate(data)
    said = json.loads(capsys.readouterr().out)
    assert (said["versions"], said["differ"]) == (5, 0)
    assert said["findings"] == sum(row["left"] for row in numbers["whole"]["rules"])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda found: found["whole"].update(datasets=3), "2 datasets are published and 3 scored"),
        (lambda found: found["steps"][1]["said"].update(differ=1), "1 versions have other findings"),
        (lambda found: found["steps"][0]["said"].update(findings={"Info": 1}), "harvest counted 1 findings left"),
        (lambda found: found["steps"][0]["said"].update(findings_before={}), "harvest counted 0 findings sent"),
        (lambda found: found["whole"]["rules"][0].update(rule="nobody-knows"), "nobody-knows says nothing in de, en"),
        (
            lambda found: found.update(official={"Warning MinCountConstraintComponent dcat:keyword": 7}),
            "no keyword: the official shapes find it 7 times, ours 0 times",
        ),
    ],
)
def test_what_must_not_be_is_a_fault(
    script: ModuleType, small: tuple[dict[str, Any], Path], spoil: Any, says: str
) -> None:
    numbers = copy.deepcopy(small[0])
    numbers["official"] = {}
    assert list(script.faults(numbers)) == []
    spoil(numbers)
    assert any(fault.startswith(says) for fault in script.faults(numbers))


@pytest.mark.corpus
def test_the_official_shapes_find_what_ours_find(script: ModuleType, small: tuple[dict[str, Any], Path]) -> None:
    if not script.OFFICIAL.is_dir():
        pytest.skip("../shared is absent: the official shapes are there")
    official = small[0]["official"]
    assert official["Warning MinCountConstraintComponent dcat:keyword"] == 1  # of all: this file is not cut
    assert official["Violation MinCountConstraintComponent dct:description"] == 1
    assert official["Warning NodeConstraintComponent dct:publisher"] == 1
