"""``maillon harvest`` with several sources: side by side, tried without keeping, told one line of JSON each."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from maillon import paths
from maillon.cli import main
from maillon.ledger import Ledger
from maillon.settings import Settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ready sources: two that work, one of them with a schedule; one without its file; one that is switched off."""
    made = tmp_path / "sources"
    made.mkdir()
    for name, more in (("good", 'schedule = "30 2 * * *"'), ("fine", ""), ("lost", ""), ("off", "enabled = false")):
        (made / f"{name}.toml").write_text(f'kind = "ckan"\nurl = "{name}.json"\n{more}\n', encoding="utf-8")
        rows = [{"id": f"{name}-{number}", "title": "Jeu", "notes": "Oui"} for number in range(3)]
        if name != "lost":
            (made / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    monkeypatch.setattr(paths, "SOURCES", made)
    return made


def harvest(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["harvest", "--data", str(tmp_path / "data"), *arguments])


def reports(result: Result) -> dict[str, dict[str, Any]]:
    return {report["source"]: report for report in map(json.loads, result.stdout.splitlines())}


def test_all_enabled_sources_are_harvested_and_those_named_beside_them(folder: Path, tmp_path: Path) -> None:
    result = harvest(tmp_path, "--all", "--json", "off", "good")
    assert result.exit_code == 1, "one of them is not there"
    found = reports(result)
    assert {name: (report["status"], report["new"]) for name, report in found.items()} == {
        "good": ("done", 3), "fine": ("done", 3), "off": ("done", 3), "lost": ("failed", 0),
    }  # fmt: skip
    assert found["good"]["next_run"].endswith("T02:30Z")
    assert found["fine"]["next_run"] is None
    assert "lost: Source lost: there is no" in result.stderr
    assert "Two sources" not in result.stderr


def test_a_dry_run_of_several_keeps_nothing_and_tells_the_same(folder: Path, tmp_path: Path) -> None:
    result = harvest(tmp_path, "--dry-run", "good", "fine")
    assert result.exit_code == 0
    assert "Dry run: nothing was kept." in result.stdout
    assert [line.split()[:4] for line in result.stdout.splitlines()[2:4]] == [
        ["good", "done", "3", "3"], ["fine", "done", "3", "3"],
    ]  # fmt: skip
    assert "good: next run 20" in result.stdout
    with Ledger(Settings(data=tmp_path / "data").ledger) as ledger:
        assert (ledger.runs(), list(ledger.current())) == ([], [])


def test_findings_are_shown_as_sent_and_as_repaired(folder: Path, tmp_path: Path) -> None:
    rows = [{"id": "a", "title": "Jeu", "notes": "Oui", "resources": [{"id": "r", "url": "no address"}]}]
    (folder / "good.json").write_text(json.dumps(rows), encoding="utf-8")
    result = harvest(tmp_path, "good", "--full", "--no-resume")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["source", "severity", "sent", "repaired"] in lines
    [line] = [line for line in lines if line[:2] == ["good", "violation"]]
    assert all(number.isdecimal() for number in line[2:])


def test_a_wrong_executor_is_for_the_operator(folder: Path, tmp_path: Path) -> None:
    result = CliRunner(env={"MAILLON_HARVEST_EXECUTOR": "nowhere:make"}).invoke(
        main, ["harvest", "--all", "--data", str(tmp_path / "data")]
    )
    assert result.exit_code == 2
    assert "harvest_executor is 'nowhere:make'" in result.stderr
