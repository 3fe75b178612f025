"""What an operator types wrongly, or from another folder, ends in one clear line and changes nothing by half."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from maillon.cli import COMMANDS, main

_TOWN = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
<https://town.example/benches> a dcat:Dataset ; dct:title "Bancs"@fr ; dct:description "Bancs publics."@fr .
"""


def _source(folder: Path, name: str, kind: str = "dcat") -> str:
    (folder / "town.ttl").write_text(_TOWN, encoding="utf-8")
    path = folder / f"{name}.toml"
    path.write_text(f'kind = "{kind}"\nurl = "town.ttl"\n', encoding="utf-8")
    return str(path)


def _maillon(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--data", str(folder / "data")])


def test_every_command_that_help_names_can_be_loaded(tmp_path: Path) -> None:
    for name in COMMANDS:
        result = CliRunner().invoke(main, [name, "--help"])
        assert (result.exit_code, f" {name} " in f"{result.output} ") == (0, True), name
    assert CliRunner().invoke(main, ["harvset"]).exit_code == 2


def test_a_wrong_definition_is_named_and_the_other_sources_are_harvested(tmp_path: Path) -> None:
    good, bad = _source(tmp_path, "good"), _source(tmp_path, "bad", "dcatt")
    result = _maillon(tmp_path, "harvest", "--json", bad, str(tmp_path / "absent.toml"), good, good)
    assert result.exit_code == 1
    assert "There is no such kind" in result.stderr
    assert "absent.toml" in result.stderr
    assert "Two sources are called good" in result.stderr
    assert [json.loads(line)["source"] for line in result.stdout.splitlines()] == ["good"]
    alone = _maillon(tmp_path, "harvest", bad)
    assert alone.exit_code == 2
    assert [json.loads(line)["source"] for line in _maillon(tmp_path, "runs", "--json").stdout.splitlines()] == ["good"]


def test_an_unknown_source_has_no_runs(tmp_path: Path) -> None:
    result = _maillon(tmp_path, "runs", "nowhere")
    assert result.exit_code == 2
    assert "No run of 'nowhere'" in result.output


def test_a_run_is_replayed_by_its_number_alone_though_its_source_was_given_by_path(tmp_path: Path) -> None:
    assert _maillon(tmp_path, "harvest", _source(tmp_path, "town")).exit_code == 0
    result = _maillon(tmp_path, "harvest", "--replay", "1", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["unchanged"] == 1


def test_a_dump_that_cannot_be_written_and_a_describe_without_braces(tmp_path: Path) -> None:
    _maillon(tmp_path, "harvest", _source(tmp_path, "town"))
    assert _maillon(tmp_path, "publish").exit_code == 0
    result = _maillon(tmp_path, "dump", "--output", str(tmp_path / "absent" / "all.nq"))
    assert result.exit_code == 2
    assert "cannot be written" in result.output
    result = _maillon(tmp_path, "query", "DESCRIBE <https://town.example/benches>")
    assert result.exit_code == 0
    assert "Bancs" in result.output


def test_nothing_is_published_from_a_folder_into_which_nothing_was_harvested(tmp_path: Path) -> None:
    result = _maillon(tmp_path, "publish")
    assert result.exit_code == 2
    assert f"Nothing was harvested into {tmp_path / 'data'} yet" in result.output
    assert not (tmp_path / "data" / "snapshots" / "current").exists()


@pytest.mark.parametrize("port", ["0", "99999"])
def test_a_port_that_does_not_exist_is_refused(tmp_path: Path, port: str) -> None:
    result = _maillon(tmp_path, "serve", "--port", port)
    assert result.exit_code == 2
    assert "--port" in result.output


def test_a_torn_snapshot_hides_no_other_and_publishing_names_the_way_out(tmp_path: Path) -> None:
    source = _source(tmp_path, "town")
    _maillon(tmp_path, "harvest", source)
    _maillon(tmp_path, "publish")
    _maillon(tmp_path, "publish", "--rebuild")
    snapshots = tmp_path / "data" / "snapshots"
    (snapshots / "00000001" / "manifest.json").write_text("{", encoding="utf-8")
    listed = _maillon(tmp_path, "snapshots", "list")
    assert listed.exit_code == 0, listed.output
    assert "Snapshot 1 cannot be read" in listed.stderr
    for path in (snapshots / "00000002" / "store").glob("*.sst"):
        path.write_bytes(path.read_bytes()[:50] + b"XXXXXXXX" + path.read_bytes()[58:])
    (tmp_path / "town.ttl").write_text(_TOWN.replace("publics", "rouges"), encoding="utf-8")
    _maillon(tmp_path, "harvest", source)
    refused = _maillon(tmp_path, "publish", "--incremental")
    assert refused.exit_code == 2, refused.output
    assert "publish --rebuild" in refused.output
    assert _maillon(tmp_path, "publish").exit_code == 0


@pytest.mark.parametrize("command", [["snapshots", "prune"], ["snapshots", "rollback"], ["publish"]])
def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    result = _maillon(tmp_path / "data", *command)
    assert result.exit_code == 2, result.output
    assert len(result.output.splitlines()) == 1
