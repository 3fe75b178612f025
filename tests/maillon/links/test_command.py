"""The command checks what is published and shows, to people and to programs, what does not work."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from maillon.cli import main
from maillon.links import running
from maillon.links.judging import Declared
from tests.maillon.links.conftest import Site, reply

CSV = Declared(is_file=True, media_type="text/csv")


def run(data: Path, *arguments: str) -> str:
    done = CliRunner().invoke(main, ["links", *arguments, "--data", str(data)])
    assert done.exit_code == 0, done.output
    return done.output


def test_what_does_not_work_is_shown_with_the_reason(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = site.add("/a.csv", reply(200, b"a", Content_Type="text/csv"))
    gone = f"{site.base}/gone.csv"
    monkeypatch.setattr(running, "addresses", lambda _settings, _source="": {good: CSV, gone: CSV})
    assert "No address was checked yet" in run(tmp_path, "show")
    assert "2 addresses checked, 1 work" in run(tmp_path, "check", "--allow-host", "127.0.0.1")
    shown = run(tmp_path, "show")
    assert gone in shown
    assert "the server answers 404" in shown
    assert good not in shown
    assert good in run(tmp_path, "show", "--all")
    assert "missing" in run(tmp_path, "history", gone)
    assert f"<{gone}>" in run(tmp_path, "show", "--earl")
    assert json.loads(run(tmp_path, "show", "--json"))["verdict"] == "missing"
    again = json.loads(run(tmp_path, "check", "--allow-host", "127.0.0.1", "--json"))
    assert again == {"verdicts": {}, "left": 0, "hosts_left_alone": []}
    once = run(tmp_path, "check", "--allow-host", "127.0.0.1", "--everything", "--limit", "1")
    assert "1 addresses checked" in once


def test_without_a_publication_it_says_what_to_run(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["links", "check", "--data", str(tmp_path)])
    assert done.exit_code
    assert "maillon publish" in done.output
