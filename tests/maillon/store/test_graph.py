"""A store loaded anew and one changed step by step hold the same, and neither drops what both sides share."""

from pathlib import Path

import pytest

from maillon.store import graph

INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
SHARED = '<x:t> <x:label> "label" .\n'


def _line(subject: str, value: str, name: str = "") -> str:
    return f"<x:{subject}> <x:p> {value} {f'<x:{name}>' if name else ''} .\n"


def test_bulk_build_streams_texts_of_any_size(tmp_path: Path) -> None:
    texts = ("".join(_line(f"s{n}-{m}", f'"{m}"') for m in range(300)) for n in range(50))
    graph.bulk_build(tmp_path / "store", texts, tmp_path / "work")
    assert graph.triples(graph.open_read_only(tmp_path / "store")) == 15_000
    assert not (tmp_path / "work").exists()
    logs = [path.stat().st_size for path in (tmp_path / "store").glob("*.log")]
    assert sum(logs) == 0, "nothing is left in a write-ahead log"


def test_an_empty_store_can_be_built(tmp_path: Path) -> None:
    graph.bulk_build(tmp_path / "store", [], tmp_path / "work")
    assert graph.triples(graph.open_read_only(tmp_path / "store")) == 0


def test_a_syntax_error_is_not_swallowed(tmp_path: Path) -> None:
    with pytest.raises(SyntaxError):
        graph.bulk_build(tmp_path / "store", ["<x:s> <x:p> .\n"], tmp_path / "work")


def test_changes_compare_what_a_store_makes_of_literals(tmp_path: Path) -> None:
    old = [_line("a", f'"007"^^{INTEGER}') + _line("a", '"gone"') + SHARED, _line("b", '"b"', "g")]
    new = [_line("a", f'"7"^^{INTEGER}') + _line("a", '"new"'), _line("b", '"b"')]
    graph.bulk_build(tmp_path / "old", [SHARED, *old], tmp_path / "work")
    changes = graph.Changes(tmp_path / "old", tmp_path / "work", [SHARED])
    changes.replace(old, new)
    changes.finish(tmp_path / "changed")
    graph.bulk_build(tmp_path / "new", [SHARED, *new], tmp_path / "work")
    changed, anew = graph.open_read_only(tmp_path / "changed"), graph.open_read_only(tmp_path / "new")
    assert set(changed) == set(anew)
    assert len(set(changed)) == 4
    assert set(graph.open_read_only(tmp_path / "old")) == graph.normalised([SHARED, *old]), "the last one is untouched"
    assert list(graph.lacking(changed, new)) == []
    assert len(list(graph.lacking(changed, old))) == 2
    with pytest.raises(ValueError, match="applied already"):
        changes.replace([], [])
