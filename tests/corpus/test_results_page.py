"""``docs/corpus-results.md`` names every file of the corpus, and says of each without datasets why (not made anew)."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
PAGE = ROOT / "docs" / "corpus-results.md"
ROW = re.compile(r"\| `(.+?)` \| ([\d,]+) \| ([\d,]+) \| [\d,]+ \| .+? \| (.*) \|")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script that makes the page."""
    spec = importlib.util.spec_from_file_location("corpus_results", ROOT / "docs" / "corpus_results.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "corpus_results", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is absent: corpus tests need it")
def test_the_page_names_every_file_of_the_corpus_of_a_kind_that_is_harvested(script: ModuleType) -> None:
    named = {match[1] for match in ROW.finditer(PAGE.read_text(encoding="utf-8"))}
    files = {task.name for task in script.tasks()}
    assert len(files) > 500
    assert named == files


def test_a_file_without_datasets_has_a_reason_and_no_path_of_a_machine_is_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = list(ROW.finditer(text))
    assert len(rows) > 500
    assert [match[1] for match in rows if match[2] == "0" and not match[4].strip()] == []
    assert [match[1] for match in rows if match[2] != match[3] and not match[4].strip()] == []
    assert not re.search(r"/(?:home|root|tmp|work|Users)/|localhost", text)


def test_what_vanishes_crashes_or_says_nothing_is_a_fault(script: ModuleType) -> None:
    lost = script.Result("ckan", "a.json", {"status": "done", "found": 3, "published": 1, "rejected": {"private": 1}})
    mute = script.Result("ckan", "b.json", {"status": "done", "found": 0})
    crashed = script.Result("ckan", "c.json", crash="KeyError()", notes=["broken"])
    good = script.Result("ckan", "d.json", {"status": "done", "found": 3, "published": 2, "rejected": {"private": 1}})
    assert [len(list(script.faults(item))) for item in (lost, mute, crashed, good)] == [1, 1, 1, 0]
