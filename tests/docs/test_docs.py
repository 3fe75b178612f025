"""The documentation against the code: reference pages are current, links lead somewhere, examples run."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from maillon import sources

DOCS = Path(__file__).resolve().parents[2] / "docs"
MARKDOWN = sorted([*DOCS.rglob("*.md"), DOCS.parent / "README.md"])


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of the reference pages as the code makes them now.

    A process of its own, because click keeps the help option of a command as the first context that asked wanted it.
    """
    folder = tmp_path_factory.mktemp("reference")
    subprocess.run([sys.executable, DOCS / "generate.py", folder], check=True, timeout=300)
    return folder


def test_reference_pages_say_what_the_code_says(generated: Path) -> None:
    made = {path.name: path.read_text(encoding="utf-8") for path in generated.iterdir()}
    for name, text in made.items():
        written = (DOCS / "reference" / name).read_text(encoding="utf-8")
        assert written == text, f"{name}: run .venv/bin/python docs/generate.py"
    assert made


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
