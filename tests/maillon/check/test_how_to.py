"""The commands of the how-to, those of its CI files included, do what it says."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from maillon import paths
from tests.maillon.check.conftest import TTL, Maillon

PAGE = paths.ROOT / "docs" / "how-to" / "check-before-publishing.md"
STANDARDS = Path(__file__).resolve().parents[4] / "shared" / "standards"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
COMMANDS = [
    (kind, line)
    for kind, block in BLOCKS
    for line in re.findall(r"^[ -]*(?:run: )?maillon (check .*)$", block, re.MULTILINE)
]


def test_the_page_has_commands_for_people_and_for_two_ci_servers() -> None:
    assert [kind for kind, _ in COMMANDS].count("sh") >= 8
    assert [kind for kind, _ in COMMANDS].count("yaml") == 3


@pytest.mark.parametrize(("kind", "line"), COMMANDS, ids=[line for _, line in COMMANDS])
def test_each_command_runs(
    kind: str, line: str, tmp_path: Path, maillon: Maillon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "catalogue.ttl").write_text(TTL, encoding="utf-8")
    shutil.copy(paths.SAMPLES / "brussels-ckan.json", tmp_path / "packages.json")
    (tmp_path / "inventaire.csv").write_text("Titre;Lien\nArbres;https://e.example/a.csv\n", encoding="utf-8")
    if "--shapes semic" in line:
        if not STANDARDS.is_dir():
            pytest.skip("the European shapes (../shared/standards) are absent")
        (tmp_path / "semic").symlink_to(STANDARDS)
    arguments = shlex.split(line)
    result = maillon(*arguments)
    assert result.exit_code == (0 if "never" in arguments else 1), result.output
    if "--output" in arguments:
        written = tmp_path / arguments[arguments.index("--output") + 1]
        assert written.stat().st_size > 500
        assert re.search(rf"(?:path|file|junit|paths): \[?{written.name}", PAGE.read_text("utf-8")) or kind == "sh"


def test_a_corrected_catalogue_lets_the_step_of_the_ci_pass(
    tmp_path: Path, maillon: Maillon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = TTL.replace('"un jour"', '"2024-05-03"^^<http://www.w3.org/2001/XMLSchema#date>').replace(
        '"pas une adresse"', "<https://data.example.org/trees.csv>"
    )
    text = text.replace('  dct:accessRights "oui" ;\n', "").partition("ex:map a")[0].replace(" , ex:map", "")
    (tmp_path / "catalogue.ttl").write_text(text, encoding="utf-8")
    for kind, line in COMMANDS:
        if kind == "yaml":
            result = maillon(*shlex.split(line))
            assert result.exit_code == 0, result.output
