"""Templates and the values they show: documented, used, and without anything that needs a script."""

import ast
import re
from pathlib import Path

import pytest

from maillon import paths

WEB = Path(paths.__file__).parent / "web"
OURS = [WEB / name for name in ("display.py", "errors.py", "facets.py", "findings.py", "properties.py", "texts.py")]
MODULES = sorted([*(WEB / "pages").glob("*.py"), *WEB.glob("quality_*.py"), *OURS])
REPORT = paths.TEMPLATES / "check" / "report.html"
"""A page in one file, made by ``maillon check``: it carries its style, and no web page uses it."""
TEMPLATES = sorted(path for path in paths.TEMPLATES.rglob("*.html") if path != REPORT)


def _dataclasses() -> list[tuple[str, ast.ClassDef]]:
    return [
        (path.stem, node)
        for path in MODULES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(item) for item in node.decorator_list)
    ]


@pytest.mark.parametrize(
    ("module", "node"), _dataclasses(), ids=lambda item: item if isinstance(item, str) else item.name
)
def test_every_field_of_a_page_is_documented(module: str, node: ast.ClassDef) -> None:
    text = ast.get_docstring(node) or ""
    documented = set(re.findall(r"^\s+(\w+): ", text.partition("Attributes:")[2], re.MULTILINE))
    fields = {
        item.target.id for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }
    assert fields
    assert documented == fields
    assert any("frozen=True" in ast.unparse(item) for item in node.decorator_list)


def _views() -> list[ast.FunctionDef]:
    return [
        node
        for path in sorted((WEB / "pages").glob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and any("blueprint.get" in ast.unparse(item) for item in node.decorator_list)
    ]


@pytest.mark.parametrize("view", _views(), ids=lambda view: str(view.name))
def test_a_view_has_at_most_15_lines(view: ast.FunctionDef) -> None:
    assert view.end_lineno is not None
    assert view.end_lineno - view.lineno + 1 <= 15


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_needs_no_script_and_nothing_from_elsewhere(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:|\|\s*safe\b|autoescape", text)
    assert not re.search(r"(?:src|href|action)=\"https?:", text)


def test_the_report_in_one_file_needs_no_script_and_nothing_from_elsewhere() -> None:
    text = REPORT.read_text(encoding="utf-8")
    assert not re.search(r"<script|\son\w+=|javascript:|\|\s*safe\b|url\(|@import", text)
    assert not re.search(r"(?:src|action)=\"https?:", text)


def test_every_template_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in [*WEB.rglob("*.py"), *TEMPLATES])
    for template in TEMPLATES:
        assert f'"{template.relative_to(paths.TEMPLATES)}"' in code


def test_the_style_sheet_loads_nothing_from_elsewhere() -> None:
    style = paths.STATIC / "dist" / "maillon.css"
    assert style.is_file(), "Run `python hatch_build.py`: it builds the style sheet."
    loaded = re.findall(r"url\(\s*[\"']?([^\"')]{1,20})", style.read_text(encoding="utf-8"))
    assert loaded
    assert all(address.startswith("data:") for address in loaded)
