"""The house rules that a machine can check: addresses, paths, lengths, docstrings, and that the checks are alive."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".git", ".venv", "node_modules", "__pycache__", "dist", "run", ".hypothesis"}
# Written in parts, so that this file does not hold what it forbids.
REGISTRIES = [r"py" + r"pi\.org", r"files\.python" + r"hosted", r"registry\.np" + r"mjs", r"deb\." + r"debian\.org"]
MACHINE = [r"/wo" + r"rk/(main|shared|\.library)", r"/ro" + r"ot/", r"/ho" + r"me/[a-z]+/"]


def files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in SKIPPED and not name.endswith(("_cache", ".egg-info"))]
        for name in names:
            yield Path(folder) / name


def python_files() -> list[Path]:
    return [path for path in files() if path.suffix == ".py"]


def test_no_file_names_a_package_registry_or_a_path_of_a_machine() -> None:
    forbidden = re.compile("|".join(REGISTRIES + MACHINE).encode())
    guilty = [str(path.relative_to(ROOT)) for path in files() if forbidden.search(path.read_bytes())]
    assert guilty == []


def test_the_lock_is_pinned_by_hash_and_covers_every_dependency() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    entries = re.split(r"\n(?=[a-z0-9])", lock.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    locked = {entry.split("==")[0] for entry in entries}
    declared = re.findall(r'^    "([a-z0-9-]+)(?:\[|[>=<])', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert set(declared) <= locked


def test_functions_and_files_stay_short() -> None:
    long = []
    for path in python_files():
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        if text.count("\n") > 400:
            long.append(f"{name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 40:
                    long.append(f"{name}:{node.lineno} {node.name}: {length} lines")
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        (
            '"""M."""\n\n\ndef f(x):\n    """D."""\n'
            + "".join(f"    if x == {n}:\n        x += {n}\n" for n in range(9)),
            "C901",
        ),
        ('"""M."""\n\nimport os\n', "F401"),
        ('"""M."""\n\n\ndef f() -> None:\n    print(1)\n', "T201"),
    ],
)
def test_the_lint_configuration_is_alive(code: str, rule: str) -> None:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--stdin-filename",
        "maillon/probe.py",
        "--output-format",
        "concise",
        "-",
    ]
    result = subprocess.run(command, input=code, capture_output=True, text=True, cwd=ROOT, check=False)
    assert rule in result.stdout


def test_the_import_floors_are_kept() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert result.returncode == 0, result.stdout
    assert "3 kept, 0 broken" in result.stdout


def test_bootstrap_needs_the_standard_library_only() -> None:
    tree = ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"))
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= set(sys.stdlib_module_names)
