"""The build of the style sheet and the translations (``hatch_build.py``)."""

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def build(tmp_path: Path) -> ModuleType:
    """Give the build over a copy of its sources."""
    specification = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    shutil.copytree(ROOT / "frontend", tmp_path / "frontend", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(
        ROOT / "templates" / "translations", tmp_path / "translations", ignore=shutil.ignore_patterns("*.mo")
    )
    places = {"FRONTEND": "frontend", "DIST": "dist", "STAMP": "dist/sources.sha256", "TRANSLATIONS": "translations"}
    for name, place in places.items():
        setattr(module, name, tmp_path / place)
    return module


def test_the_lock_pins_by_hash_and_names_no_registry() -> None:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in entry for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())
    wanted = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert lock["packages"][""]["devDependencies"] == wanted
    assert all(version[0].isdigit() for version in wanted.values())


def test_nothing_is_built_twice(build: ModuleType) -> None:
    assert not build.is_built()
    build.DIST.mkdir()
    (build.DIST / "maillon.css").write_text("a{}", encoding="utf-8")
    build.STAMP.write_text(build.fingerprint(), encoding="utf-8")
    assert build.is_built()
    assert build.build_styles() is False


def test_a_changed_source_is_built_again(build: ModuleType) -> None:
    build.DIST.mkdir()
    (build.DIST / "maillon.css").write_text("a{}", encoding="utf-8")
    build.STAMP.write_text(build.fingerprint(), encoding="utf-8")
    (build.FRONTEND / "region.css").write_text("b{}", encoding="utf-8")
    assert not build.is_built()


def test_translations_are_compiled_once(build: ModuleType) -> None:
    made = build.compile_translations()
    assert sorted(path.parts[-3] for path in made) == ["de", "en", "fr", "nl"]
    assert all(path.stat().st_size > 1000 for path in made)
    assert build.compile_translations() == []


def test_the_styles_in_use_are_those_of_the_sources() -> None:
    stamp = ROOT / "static" / "dist" / "sources.sha256"
    assert stamp.is_file(), "Run `python hatch_build.py`: it builds the style sheet."
