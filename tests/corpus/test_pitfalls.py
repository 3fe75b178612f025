"""Every pitfall that the README of the corpus counts has a test of its name: ``pitfalls.toml`` says which."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parents[1]
README = TESTS.parents[1] / "shared" / "corpus" / "README.md"
SECTIONS: list[dict[str, Any]] = tomllib.loads((TESTS / "corpus/pitfalls.toml").read_text(encoding="utf-8"))["section"]
CASES = [(section["number"], case) for section in SECTIONS for case in section["cases"]]


@cache
def names(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("number", "case"), CASES, ids=lambda item: item["id"] if isinstance(item, dict) else item)
def test_a_pitfall_has_a_test_that_exists(number: str, case: dict[str, Any]) -> None:
    assert case["test"], number
    for test in case["test"]:
        path, _, name = test.partition("::")
        assert name in names(path), test
    assert case.get("open", "said") != ""


def test_no_row_of_a_section_is_left_out_or_named_twice() -> None:
    for section in SECTIONS:
        ids = [case["id"] for case in section["cases"]]
        assert len(ids) == len(set(ids)) == section["rows"], section["number"]


@pytest.mark.corpus
@pytest.mark.skipif(not README.is_file(), reason="../shared is absent: corpus tests need it")
def test_the_sections_have_as_many_rows_as_the_readme_of_the_corpus() -> None:
    parts = re.split(r"^### (2\.\d+) ", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    counted = {}
    for number, text in zip(parts[1::2], parts[2::2], strict=True):
        table = [line for line in text.splitlines() if line.startswith("|")]
        counted[number] = len(table) - 2  # its header and the line under it
    stated = {section["number"]: section["rows"] for section in SECTIONS}
    assert stated == {number: counted[number] for number in stated}
    assert sorted(stated) == [f"2.{number}" for number in range(10)]
