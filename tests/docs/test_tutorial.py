"""The tutorial as its reader follows it: its files are written, its commands run, and what it promises comes true."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from maillon.cli import main

TUTORIAL = (Path(__file__).resolve().parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
_STEP = re.compile(
    r"(?:(?P<verb>Write|add this to) `(?P<file>[^`]+)`[^`]*)?```(?P<language>\w+)\n(?P<body>.*?)```", re.DOTALL
)
_NUMBER = re.compile(r"(new|changed|rejected): (\d+)")


def steps() -> Iterator[tuple[str, str, str]]:
    """Yield what the reader does, in order: a verb (write, add this to, run), the file, and the text or command."""
    for step in _STEP.finditer(TUTORIAL):
        if step["verb"]:
            yield step["verb"], step["file"], step["body"]
        elif step["language"] == "sh":
            yield from (("run", "", line) for line in step["body"].splitlines())


def run(command: str) -> str:
    """Run a command of the tutorial and check the number that its comment promises."""
    words, promise = shlex.split(command, comments=True)[1:], _NUMBER.search(command)
    if ">" in words:
        words = words[: words.index(">")]
    if promise:
        words.append("--json")
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, f"{command}: {result.output}"
    if promise:
        (line,) = [found for found in map(json.loads, result.stdout.splitlines()) if "status" in found]
        count = line[promise[1]]
        assert (sum(count.values()) if isinstance(count, dict) else count) == int(promise[2]), line
    return result.stdout


@pytest.mark.slow
def test_the_tutorial_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("maillon harvest brussels-tables")  # what bootstrap.py serve begins with, as far as the tutorial needs it
    run("maillon publish")
    said = {}
    for verb, file, text in steps():
        if verb == "run":
            if text.startswith("maillon harvest town                  # changed"):
                town = Path("town.ttl")  # "Correct a title in town.ttl"
                town.write_text(town.read_text("utf-8").replace("Bancs publics", "Bancs"), encoding="utf-8")
            if text.startswith("maillon "):
                said[text] = run(text.replace("brussels-ckan", "brussels-tables"))
            continue
        with Path(file).open("a" if verb == "add this to" else "w", encoding="utf-8") as target:
            target.write(text)
    assert len(said) >= 15

    (repairs,) = [output for command, output in said.items() if command.startswith("maillon repairs town    ")]
    for rule in ("description-joined", "date-in-words", "licence-eu", "format-eu", "size-in-octets"):
        assert rule in repairs
    (patch,) = [output for command, output in said.items() if "sparql-update" in command]
    assert '"3 mai 2024"' in patch
    (benches,) = [output for command, output in said.items() if "?bench" in command]
    assert "Banc du parc" in benches
    assert "Banc de l'école" not in benches, "it has no date"
    (rejected,) = [output for command, output in said.items() if command == "maillon runs --rejected town"]
    assert 'benches.csv row 4, column "pose"' in rejected
