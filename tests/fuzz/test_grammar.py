"""The queries of the fuzzer: the same for a seed, of every kind, and as sloppy as people's."""

import sys
from collections import Counter
from pathlib import Path

import pyoxigraph

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench._sparql_grammar import Grammar
from bench._sparql_hostile import corpus, hostile

PLACE = "http://127.0.0.1:9/"
QUERIES = [Grammar(1, PLACE).query(number) for number in range(2000)]


def is_valid(query: str) -> bool:
    try:
        pyoxigraph.Store().query(query)
    except SyntaxError:
        return False
    except (RuntimeError, OSError):  # of what it asks, not of how it is written
        return True
    return True


def test_a_seed_gives_the_same_queries_in_any_order() -> None:
    grammar = Grammar(1, PLACE)
    assert [grammar.query(number) for number in (1500, 3, 77)] == [QUERIES[number] for number in (1500, 3, 77)]
    assert Grammar(2, PLACE).query(3) != QUERIES[3]


def test_every_kind_comes_and_no_kind_is_all() -> None:
    kinds = Counter(kind for kind, _ in QUERIES)
    assert len(kinds) == 12
    assert 10 < kinds["heavy"] < 100
    assert kinds.most_common(1)[0][1] < 1200


def test_the_queries_are_sloppy_and_yet_not_all_wrong() -> None:
    sloppy = [query for kind, query in QUERIES if kind == "sloppy"]
    valid = sum(is_valid(query) for query in sloppy if "SERVICE" not in query)
    assert len(sloppy) * 0.25 < valid < len(sloppy) * 0.9
    assert len(sloppy) * 0.1 < sum("SERVICE" in query for query in sloppy) < len(sloppy) * 0.3
    assert sum("bif:" in query for query in sloppy) > 5


def test_queries_in_markdown_and_in_sql_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Text\n```bash\ncurl SELECT\n```\n```sparql\nASK {}\n```\n", encoding="utf-8")
    (tmp_path / "b.sql").write_text("log_sparql 'true', sparql 'SELECT (''x'' AS ?x) {}' );", encoding="utf-8")
    assert [query for _, query in corpus(tmp_path)] == ["ASK {}\n", "SELECT ('x' AS ?x) {}"]


def test_the_hostile_set_names_the_listener_in_all_ways() -> None:
    found = list(hostile(PLACE))
    assert {kind for kind, _ in found} == {"ladder", "outgoing", "endless"}
    assert all(PLACE in query for kind, query in found if kind == "outgoing")
    assert max(len(query) for _, query in found) > 100_000
