"""docs/findings_sample.py picks the same findings for the same seed, each of another rule, in four languages."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parents[2]
TTL = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://data.example.org/> .

ex:trees a dcat:Dataset ; dct:title "Arbres"@fr ; dct:issued "jadis" , "2020-01-01" ; dct:language "fr" .
ex:banks a dcat:Dataset ; dct:title "Bancs"@fr ; dct:issued "hier" .
"""


def load() -> ModuleType:
    """Return docs/findings_sample.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("findings_sample", ROOT / "docs" / "findings_sample.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def document(tmp_path: Path) -> str:
    """Write a catalogue with faults; return its path."""
    path = tmp_path / "catalogue.ttl"
    path.write_text(TTL, encoding="utf-8")
    return str(path)


def printed(*arguments: str) -> str:
    """Return what the script prints."""
    result = CliRunner().invoke(load().main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_same_seed_picks_the_same_findings_of_as_many_rules_as_are_asked_for(document: str) -> None:
    first = printed("--seed", "7", "--rules", "4", document)
    assert first == printed("--seed", "7", "--rules", "4", document)
    heads = [line for line in first.splitlines() if line[:1].isdigit() and "[catalogue.ttl, dataset]" in line]
    assert len({head.split()[1] for head in heads}) == 4
    assert any(first != printed("--seed", str(seed), "--rules", "4", document) for seed in range(3))


def test_each_finding_is_told_in_four_languages_with_its_field_and_what_to_do(document: str) -> None:
    lines = printed("--seed", "1", "--rules", "100", document).splitlines()
    found = [line for line in lines if line[:1].isdigit() and "[catalogue.ttl" in line]
    assert [sum(line.startswith(f"{tag} - ") for line in lines) for tag in ("fr", "nl", "de", "en")] == [len(found)] * 4
    rows = [line.split(" | ") for line in lines if line.startswith("   web: ")]
    assert len(rows) == 4 * len(found)
    assert all(len(row) == 4 and "(" in row[0] and row[3] != "-" for row in rows)


def test_a_folder_without_a_snapshot_is_refused_in_words(tmp_path: Path) -> None:
    result = CliRunner().invoke(load().main, [str(tmp_path)])
    assert "has no published snapshot" in str(result.exception)
