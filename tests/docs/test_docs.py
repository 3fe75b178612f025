"""The documentation against the code: reference pages are current, links lead somewhere, examples run."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from maillon import sources

DOCS = Path(__file__).resolve().parents[2] / "docs"
MARKDOWN = sorted([*DOCS.rglob("*.md"), DOCS.parent / "README.md"])


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(generator().PAGES))
def test_reference_pages_say_what_the_code_says(name: str) -> None:
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert written == generator().PAGES[name](), "Run .venv/bin/python docs/generate.py"


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_toml_in_the_documentation_is_a_source(tmp_path: Path) -> None:
    blocks = [
        block for page in MARKDOWN for block in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    ]
    assert blocks
    for block in blocks:
        if "kind" in tomllib.loads(block):
            assert sources.parse(block, "example", tmp_path).kind


def test_every_route_is_documented() -> None:
    from maillon.web import create_app  # noqa: PLC0415 - the application is needed here only

    text = (DOCS / "reference" / "addresses.md").read_text(encoding="utf-8")
    rules = {
        re.sub(r"<[^>]*>", "", rule.rule).strip("/").split("/")[0].split(".")[0]
        for rule in create_app().url_map.iter_rules()
    }
    assert [first for first in sorted(rules) if first and f"/{first}" not in text and first != "static"] == []


def test_every_decision_has_context_choice_cost_and_number() -> None:
    pages = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert pages
    for position, page in enumerate(pages, start=1):
        text = page.read_text(encoding="utf-8")
        assert page.name.startswith(f"{position:04d}-")
        for heading in ("## Context", "## Choice", "## What we gave up"):
            assert heading in text, f"{page.name} lacks {heading}"
