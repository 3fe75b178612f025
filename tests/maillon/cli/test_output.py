"""Standard output holds the answer only, and a place that cannot take it is told in one line."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from maillon import cli

FULL = Path("/dev/full")

_TTL = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://e.example/d> a dcat:Dataset ; dct:title "A"@en ; dct:description "B"@en .
"""
_MAIN = (
    "from maillon.fetch import http; http.FIRST_WAIT = 0.01; from maillon.cli import main; main(prog_name='maillon')"
)


def _run(folder: Path, *arguments: str, out: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "MAILLON_DATA": str(folder / "data"), "LANG": "C"}
    command = [sys.executable, "-c", _MAIN, *arguments]
    if out is None:
        return subprocess.run(command, capture_output=True, env=environment, cwd=folder, timeout=60, check=False)
    with out.open("wb") as stream:
        return subprocess.run(
            command, stdout=stream, stderr=subprocess.PIPE, env=environment, cwd=folder, timeout=60, check=False
        )


def test_a_refused_connection_leaves_standard_output_to_the_report(tmp_path: Path) -> None:
    done = _run(tmp_path, "check", "http://127.0.0.1:1/x.ttl", "--allow-host", "127.0.0.1", "--format", "json")
    assert done.returncode == 2
    assert "Connection refused" in json.loads(done.stdout)["failure"]
    assert b"retry_scheduled" not in done.stderr


def test_a_refused_connection_leaves_standard_output_to_the_lines_of_a_harvest(tmp_path: Path) -> None:
    (tmp_path / "gone.toml").write_text(
        'kind = "dcat"\nurl = "http://127.0.0.1:1/x.ttl"\nallow_hosts = ["127.0.0.1"]\n', encoding="utf-8"
    )
    done = _run(tmp_path, "harvest", "--json", "gone.toml")
    assert done.returncode == 1
    assert [json.loads(line)["source"] for line in done.stdout.splitlines()] == ["gone"]


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("arguments", [("check", "a.ttl"), ("--help",)])
def test_output_for_which_there_is_no_room_is_one_line_and_status_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(_TTL, encoding="utf-8")
    done = _run(tmp_path, *arguments, out=FULL)
    said = done.stderr.decode()
    assert done.returncode == 2
    assert said.count("\n") == 1
    assert "could not be written (No space left on device): make room" in said


def _tiny(out: int | None) -> subprocess.CompletedProcess[bytes]:
    """Run a command that leaves its output in the buffer, as ``dump`` leaves its last octets."""
    code = (
        "import sys, click; from maillon.cli import main\n"
        "tiny = click.command('tiny')(lambda: sys.stdout.write('x') and None)\n"
        "main.get_command = lambda *_: tiny\n"
        "main(['tiny'], prog_name='maillon')"
    )
    return subprocess.run([sys.executable, "-c", code], stdout=out, stderr=subprocess.PIPE, timeout=60, check=False)


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_what_is_still_buffered_at_the_end_is_written_while_its_loss_can_be_told() -> None:
    with FULL.open("wb") as stream:
        done = _tiny(stream.fileno())
    assert (done.returncode, done.stderr.decode().count("\n")) == (2, 1)
    assert b"could not be written" in done.stderr


def test_a_reader_that_went_away_is_met_with_silence() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = _tiny(writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_disk_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = click.Command("tiny", callback=_fail)
    monkeypatch.setattr(cli.main, "get_command", lambda *_: broken)
    result = CliRunner().invoke(cli.main, ["tiny"])
    assert result.exit_code == 2
    assert result.stderr == "maillon: ledger.sqlite failed (Input/output error): check it, then run this again.\n"


def _fail() -> None:
    raise OSError(errno.EIO, "Input/output error", "ledger.sqlite")
