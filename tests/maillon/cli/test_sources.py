"""``maillon sources``: list, show, enable, disable, add, preview, remove, as a steward types them."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from maillon import paths
from maillon.cli import main

SAMPLE = str(paths.SAMPLES / "brussels-ckan.json")


def _maillon(folder: Path, *arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(main, [*arguments, "--data", str(folder / "data")], input=stdin)


def _lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def _package(number: int) -> dict[str, Any]:
    return {
        "id": f"p{number}",
        "title": f"Jeu {number}",
        "notes": "Un jeu.",
        "organization": {"title": "Service exemple", "name": "exemple", "id": "o"},
        "resources": [{"id": f"r{number}", "url": f"https://data.example.org/{number}.csv", "format": "CSV"}],
        "num_resources": 1,
    }


def test_sources_are_listed_with_what_is_in_force(tmp_path: Path) -> None:
    rows = {row["source"]: row for row in _lines(_maillon(tmp_path, "sources", "--json"))}
    assert rows["brussels-ckan"]["enabled"] is True
    assert rows["brussels-ckan"]["last_harvest"] is None
    assert (rows["metawal"]["enabled"], rows["metawal"]["next_run"]) == (False, None)
    assert rows["metawal"]["schedule"]
    assert _maillon(tmp_path, "sources", "enable", "metawal").exit_code == 0
    assert _maillon(tmp_path, "sources", "disable", "brussels-ckan", "brussels-dcat").exit_code == 0
    assert _maillon(tmp_path, "harvest", "brussels-ckan").exit_code == 0, "by name it is harvested all the same"
    rows = {row["source"]: row for row in _lines(_maillon(tmp_path, "sources", "list", "--json"))}
    assert rows["metawal"]["enabled"] is True
    assert rows["metawal"]["next_run"]
    assert rows["brussels-ckan"]["enabled"] is False
    assert rows["brussels-ckan"]["datasets"] > 5
    assert rows["brussels-ckan"]["last_harvest"]
    assert rows["brussels-ckan"]["defined"] == "shipped"
    table = _maillon(tmp_path, "sources").stdout
    assert "next run" in table
    assert "never" in table


def test_a_source_of_a_kind_that_does_not_exist_is_named_where_sources_are_listed(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "sources"
    folder.mkdir(parents=True)
    (folder / "town.toml").write_text(
        'kind = "dcta"\nurl = "https://data.example.org/"\npublisher = "Ville"\n', "utf-8"
    )
    result = _maillon(tmp_path, "sources")
    assert result.exit_code == 0
    assert "There is no such kind" in result.stderr
    assert "town" in result.stdout


def test_a_schedule_of_the_night_that_cannot_be_read_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILLON_NIGHTLY", "61 * * * *")
    result = _maillon(tmp_path, "schedule", "run")
    assert result.exit_code == 2
    assert "nightly is '61 * * * *'" in result.output


def test_harvest_and_the_schedule_take_the_enabled_ones_only(tmp_path: Path) -> None:
    _maillon(tmp_path, "sources", "disable", "brussels-ckan", "brussels-tables")
    assert [row["source"] for row in _lines(_maillon(tmp_path, "harvest", "--json"))] == ["brussels-dcat"]
    _maillon(tmp_path, "sources", "enable", "statbel")
    rows = {row["source"]: row for row in _lines(_maillon(tmp_path, "schedule", "list", "--json"))}
    assert rows["statbel"]["next_run"]
    assert rows["metawal"]["next_run"] is None
    assert rows["brussels-ckan"]["enabled"] is False


def test_with_the_defaults_only_the_samples_are_harvested(tmp_path: Path) -> None:
    names = [row["source"] for row in _lines(_maillon(tmp_path, "harvest", "--all", "--dry-run", "--json"))]
    assert sorted(names) == ["brussels-ckan", "brussels-dcat", "brussels-tables"]


def test_a_local_file_becomes_a_source_of_ones_own_and_goes_again(tmp_path: Path) -> None:
    added = _maillon(
        tmp_path,
        "sources",
        "add",
        SAMPLE,
        "--name",
        "essai",
        "--language",
        "fr",
        "--in",
        "nl",
        "--limit",
        "40",
        "--yes",
    )
    assert added.exit_code == 0, added.output
    assert "because it is an answer of the Action API of CKAN" in added.stdout
    assert "36 datasets looked at, 2 rejected; that is all of it" in added.stdout
    assert "repaired: " in added.stdout
    assert "maillon harvest essai --dry-run" in added.stdout
    path = tmp_path / "data" / "sources" / "essai.toml"
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    assert (values["kind"], values["url"], values["enabled"], values["language"]) == ("ckan", SAMPLE, False, "fr")
    assert 'kind = "ckan"' in _maillon(tmp_path, "sources", "show", "essai").stdout
    dry, real = (_lines(_maillon(tmp_path, "harvest", "essai", *more, "--json"))[0] for more in (["--dry-run"], []))
    assert {**dry, "run": 0} == {**real, "run": 0}
    assert real["new"] > 5
    removed = _maillon(tmp_path, "sources", "remove", "essai")
    assert f"stay 1 runs and {real['published']} datasets" in removed.stdout
    assert not path.exists()
    rows = {row["source"]: row for row in _lines(_maillon(tmp_path, "sources", "--json"))}
    assert rows["essai"]["defined"] == "ledger only"


def test_a_portal_is_added_by_its_address_and_harvested(tmp_path: Path, portal: Any) -> None:
    address = portal.gives("/", "<!doctype html><title>Portail</title>", "text/html")
    packages = [_package(number) for number in range(12)]
    portal.gives(
        "/api/3/action/package_search",
        json.dumps({"success": True, "result": {"count": 12, "results": packages}}),
    )
    refused = _maillon(tmp_path, "sources", "add", address, "--yes")
    assert refused.exit_code == 1
    assert "--allow-host 127.0.0.1" in refused.stderr
    options = ("--allow-host", "127.0.0.1", "--publisher", 'L"exemple', "--schedule", "15 3 * * 1", "--enable")
    added = _maillon(tmp_path, "sources", "add", address, *options, "--name", "portail", stdin="y\n")
    assert added.exit_code == 0, added.output
    assert "1. Jeu 0\n" in added.stdout
    assert "publisher: Service exemple; distributions: 1" in added.stdout
    rows = {row["source"]: row for row in _lines(_maillon(tmp_path, "sources", "--json"))}
    assert (rows["portail"]["enabled"], rows["portail"]["defined"]) == (True, "own")
    assert rows["portail"]["next_run"]
    assert _lines(_maillon(tmp_path, "harvest", "portail", "--json"))[0]["new"] == 12


def test_a_hostile_title_is_no_command_for_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "dump.json"
    file.write_text(json.dumps([{**_package(1), "title": "Jeu\x1b[2J\nfaux"}]), encoding="utf-8")
    result = _maillon(tmp_path, "sources", "add", str(file), "--title", 'A"\n[options]\x7f', "--yes")
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert tomllib.loads((tmp_path / "data" / "sources" / "dump.toml").read_text("utf-8"))["title"].startswith('A"\n[')


def test_json_shows_and_writes_only_with_yes(tmp_path: Path) -> None:
    shown = _lines(_maillon(tmp_path, "sources", "add", SAMPLE, "--name", "essai", "--limit", "2", "--json"))[0]
    assert shown["written"] is None
    assert shown["ways"][0]["kind"] == "ckan"
    assert len(shown["datasets"]) == 2
    assert not (tmp_path / "data" / "sources").exists()
    row = _lines(_maillon(tmp_path, "sources", "add", SAMPLE, "--name", "essai", "--yes", "--json"))[0]
    assert Path(row["written"]).is_file()


def test_without_consent_nothing_is_written(tmp_path: Path) -> None:
    result = _maillon(tmp_path, "sources", "add", SAMPLE, "--name", "essai", stdin="n\n")
    assert result.exit_code == 1
    assert not (tmp_path / "data" / "sources").exists()


def test_what_gives_no_dataset_is_not_defined(tmp_path: Path) -> None:
    empty = tmp_path / "empty.ttl"
    empty.write_text("@prefix dcat: <http://www.w3.org/ns/dcat#> .\n<https://e.example/c> a dcat:Catalog .\n", "utf-8")
    result = _maillon(tmp_path, "sources", "add", str(empty), "--yes")
    assert result.exit_code == 2
    assert "No dataset could be read" in result.stderr
    wrong = _maillon(tmp_path, "sources", "add", SAMPLE, "--name", "essai", "--kind", "csw", "--yes")
    assert wrong.exit_code == 2
    assert "Reading ended early" in wrong.stderr
    assert not (tmp_path / "data" / "sources").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("enable", "nowhere"), "There is no source 'nowhere'"),
        (("show", "nowhere"), "There is no source 'nowhere'"),
        (("remove", "metawal"), "comes with Maillon"),
        (("add", SAMPLE), "There is a source brussels-ckan already"),
        (("add", SAMPLE, "--name", "A b"), "lower-case"),
        (("add", SAMPLE, "--name", "x", "--kind", "ckann"), "There is no such kind"),
        (("add", SAMPLE, "--name", "x", "--schedule", "daily", "--kind", "ckan"), "schedule"),
        (("add", "data.example.org"), "There is no file or folder"),
        (("add", "http://[::1"), "http or https"),
        (("add", "http://[::1", "--kind", "ckan"), "cannot be harvested"),
        (("preview", "nowhere"), "There is no source 'nowhere'"),
    ],
)
def test_what_is_typed_wrongly_ends_in_one_clear_line(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    result = _maillon(tmp_path, "sources", *arguments)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_data_folder_given_in_the_wrong_place_is_not_ignored(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["sources", "--data", str(tmp_path), "disable", "metawal"])
    assert result.exit_code == 2
    assert "after `disable`" in result.output


def test_a_preview_of_a_source_says_when_it_cannot_be_read(tmp_path: Path) -> None:
    toml = tmp_path / "town.toml"
    toml.write_text('kind = "ckan"\nurl = "absent.json"\n', encoding="utf-8")
    result = _maillon(tmp_path, "sources", "preview", str(toml), "--json")
    assert result.exit_code == 1
    assert "there is no" in json.loads(result.stdout)["failure"]
    options = ("--limit", "30", "--in", "de", "--json")
    shown = _lines(_maillon(tmp_path, "sources", "preview", "brussels-ckan", *options))[0]
    assert len(shown["datasets"]) + len(shown["rejected"]) == 30
    assert any(item["repairs"] for item in shown["datasets"])
    assert any(item["findings"] for item in shown["datasets"])
