"""Short names of queries: the same for the same query, never another's, bounded, safe between processes."""

import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from maillon import identifiers
from maillon.sparql.jobs import QueryFailed
from maillon.sparql.saved import short
from maillon.sparql.saved.short import LARGEST, NAME, Queries, QueryNotKept

QUERY = "SELECT * WHERE { ?s ?p ?o } LIMIT 1"
GRAPHS = ("http://example.org/a", "http://example.org/b")


def test_a_query_comes_back_as_it_was_sent(tmp_path: Path) -> None:
    queries = Queries(tmp_path)
    text = '# été\nSELECT * { ?s ?p "\'\u202e😀" }'
    kept = queries.find(queries.put(text, GRAPHS[:1], GRAPHS[1:]))
    assert kept is not None
    assert (kept.query, kept.default_graphs, kept.named_graphs) == (text, GRAPHS[:1], GRAPHS[1:])
    assert len(kept.name) == short.SHORTEST
    assert len(kept.created) == len("2026-11-22")


def test_the_same_query_gets_the_same_name_in_every_catalogue(tmp_path: Path) -> None:
    here, there = Queries(tmp_path / "a"), Queries(tmp_path / "b")
    name = here.put(QUERY, GRAPHS)
    assert [here.put(QUERY, tuple(reversed(GRAPHS))), here.put(QUERY, GRAPHS * 2), there.put(QUERY, GRAPHS)] == [
        name
    ] * 3
    names = {name, here.put(QUERY), here.put(QUERY + " "), here.put(QUERY, (), GRAPHS), here.put(QUERY, GRAPHS[:1])}
    assert len(names) == 5
    assert all(NAME.fullmatch(item) for item in names)


def test_line_ends_of_a_browser_change_nothing_but_those_inside_a_text_stay(tmp_path: Path) -> None:
    queries = Queries(tmp_path)
    assert queries.put("ASK {\r\n?s ?p ?o }") == queries.put("ASK {\n?s ?p ?o }")
    inside = 'ASK {\r\n?s ?p """a\r\nb""" }'
    kept = queries.find(queries.put(inside))
    assert kept is not None
    assert kept.query == inside


def test_two_queries_with_one_beginning_of_their_hash_get_different_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = identifiers.digest
    monkeypatch.setattr(identifiers, "digest", lambda text, length: "a" * 10 + real(text, length - 10)[: length - 10])
    queries = Queries(tmp_path)
    names = [queries.put(f"ASK {{ ?s ?p {number} }}") for number in range(40)]
    assert len(set(names)) == 40
    assert [len(name) for name in names[:2]] == [10, 11]
    for number, name in enumerate(names):
        kept = queries.find(name)
        assert kept is not None
        assert kept.query == f"ASK {{ ?s ?p {number} }}"
        assert queries.put(kept.query) == name


def test_what_the_guard_refuses_or_is_too_large_is_not_kept(tmp_path: Path) -> None:
    queries = Queries(tmp_path)
    for text in ("ASK { SERVICE <http://x.example/> {} }", "DROP ALL", "{" * 300, " " * 40_000):
        with pytest.raises(QueryFailed):
            queries.put(text)
    with pytest.raises(QueryNotKept, match=str(LARGEST)) as caught:
        queries.put("ASK { ?s ?p '" + "é" * 20_000 + "' }")
    assert caught.value.reason == "large"
    with pytest.raises(QueryNotKept):
        queries.put(QUERY, tuple(f"http://example.org/{number}" for number in range(2_000)))
    assert not (tmp_path / short.FILE).exists()


def test_a_full_file_takes_no_more_but_gives_what_it_has(tmp_path: Path) -> None:
    queries = Queries(tmp_path, most=2)
    names = [queries.put(f"ASK {{ ?s ?p {number} }}") for number in range(2)]
    with pytest.raises(QueryNotKept, match="tell the administrators") as caught:
        queries.put(QUERY)
    assert caught.value.reason == "full"
    assert queries.put("ASK { ?s ?p 1 }") == names[1]
    assert queries.find(names[0]) is not None


def test_the_file_cannot_outgrow_its_octets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short, "_PAGES", 40)
    queries = Queries(tmp_path)
    with pytest.raises(QueryNotKept) as caught:
        for number in range(100):
            queries.put(f"ASK {{ ?s ?p '{'x' * 10_000}{number}' }}")
    assert caught.value.reason == "full"
    assert (tmp_path / short.FILE).stat().st_size <= 40 * 4096


def test_names_that_are_none_find_nothing_and_make_no_file(tmp_path: Path) -> None:
    queries = Queries(tmp_path)
    for name in ("", "abc", "../../etc", "a" * 60, "aaaaaaaaaa", "AAAAAAAAAA", "' OR 1=1 --", "\x00" * 12):
        assert queries.find(name) is None
    assert list(tmp_path.iterdir()) == []


def test_a_broken_file_is_told_and_not_written_over(tmp_path: Path) -> None:
    (tmp_path / short.FILE).write_bytes(b"no database" * 100)
    with pytest.raises(QueryNotKept) as caught:
        Queries(tmp_path).put(QUERY)
    assert caught.value.reason == "closed"
    with pytest.raises(sqlite3.Error):
        Queries(tmp_path).find("a" * 10)
    assert (tmp_path / short.FILE).read_bytes().startswith(b"no database")


def _store(folder: Path, first: int) -> None:
    queries = Queries(folder)
    for number in range(first, first + 30):
        queries.put(f"ASK {{ ?s ?p {number} }}")


def test_many_processes_write_at_once_from_the_first_query_on(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    started = [context.Process(target=_store, args=(tmp_path, 10 * number)) for number in range(4)]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0] * 4
    with sqlite3.connect(tmp_path / short.FILE) as connection:
        assert connection.execute("SELECT COUNT(*), COUNT(DISTINCT text) FROM query").fetchone() == (60, 60)
    connection.close()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".queries-")] == []


def test_nothing_is_kept_about_who_asked(tmp_path: Path) -> None:
    Queries(tmp_path).put(QUERY)
    connection = sqlite3.connect(tmp_path / short.FILE)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(query)")]
    connection.close()
    assert columns == ["name", "text", "graphs", "created"]
