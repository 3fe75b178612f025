"""Query workers answer, keep their budgets, and are replaced when they do not."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maillon.sparql.jobs import RECORDS, TABLE, Job, QueryFailed
from maillon.sparql.workers.pool import QueryPool

EX = "http://example.org/"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FLOOD = "SELECT * { ?s ?p ?o . ?t ?q ?u }"

Make = Callable[..., QueryPool]
Read = Callable[..., bytes]
Rows = Callable[..., Any]
Failure = Callable[..., QueryFailed]
Until = Callable[..., float]


def test_a_select_streams_json(make_pool: Make, titles: Path) -> None:
    pool = make_pool()
    answer = pool.query(titles, Job(query="SELECT * { ?s ?p ?o }"))
    frames = list(answer)
    answer.close()
    assert answer.media_type == "application/sparql-results+json"
    assert len(frames) > 5
    assert max(map(len, frames)) <= 65_536
    assert len(json.loads(b"".join(frames))["results"]["bindings"]) == 5000


def test_a_construct_comes_in_the_rdf_form_with_our_prefixes(make_pool: Make, titles: Path, read: Read) -> None:
    text = read(make_pool(), titles, "CONSTRUCT { <s> dct:title 1 } WHERE {}", base_iri=EX).decode()
    assert f"<{EX}s> dct:title 1" in text


def test_the_protocols_dataset_wins_over_the_querys(make_pool: Make, titles: Path, rows: Rows) -> None:
    pool, graph = make_pool(), f"{EX}graph"
    assert rows(pool, titles, "ASK { ?s ?p 'named' }", default_graphs=(graph,))["boolean"]
    assert not rows(pool, titles, f"ASK FROM <{graph}> {{ ?s ?p ?o }}", named_graphs=(graph,))["boolean"]
    assert rows(pool, titles, "ASK { GRAPH ?g { ?s ?p 'named' } }", named_graphs=(graph,))["boolean"]
    assert not rows(pool, titles, "ASK { GRAPH ?g { ?s ?p 'named' } }", default_graphs=(graph,))["boolean"]


def test_a_table_holds_the_first_rows_and_says_so(make_pool: Make, titles: Path, rows: Rows) -> None:
    pool = make_pool()
    table = rows(pool, titles, "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s", media_type=TABLE, max_rows=3)
    assert table["columns"] == ["s", "o"]
    assert len(table["rows"]) == 3
    assert table["truncated"] is True
    assert table["rows"][0][0] == {"type": "iri", "text": f"{EX}0"}
    assert table["rows"][0][1]["lang"] == "fr"
    assert rows(pool, titles, "ASK {}", media_type=TABLE)["rows"][0][0]["text"] == "true"
    assert rows(pool, titles, "SELECT ?none { } LIMIT 1", media_type=TABLE)["rows"] == [[None]]
    assert len(rows(pool, titles, "CONSTRUCT WHERE { ?s ?p ?o }", media_type=TABLE)["rows"]) == 1000


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * {", ("syntax", "Line 1, column 11: something else is expected after “SELECT * {”.")),
        ("SELECT *\n{ ?s ?p nope", ("syntax", "Line 2, column ")),
        (" \n", ("syntax", "The query is empty.")),
        ("SELECT (<http://x/f>(1) AS ?x) {}", ("refused", "not supported")),
        ("SELECT * { ?s nope:x ?o }", ("syntax", "Line 1, column 15: the prefix nope: is not declared.")),
    ],
)
def test_a_wrong_query_is_told_so_and_the_worker_stays(
    make_pool: Make, titles: Path, query: str, told: tuple[str, str], rows: Rows, failure: Failure
) -> None:
    pool = make_pool()
    first = failure(pool, titles, query)
    assert (first.kind, told[1] in str(first)) == (told[0], True)
    assert len(str(first)) <= 500
    assert rows(pool, titles, "ASK {}")["boolean"]


def test_a_query_over_its_time_is_killed_and_the_next_one_works(
    make_pool: Make, titles: Path, rows: Rows, failure: Failure
) -> None:
    pool = make_pool(query_timeout=1.0)
    start = time.monotonic()
    failed = failure(pool, titles, CROSS)
    assert failed.kind == "time"
    assert "1 seconds" in str(failed)
    assert time.monotonic() - start < 4
    assert rows(pool, titles, "ASK {}")["boolean"]


def test_an_answer_over_its_octets_breaks_off(make_pool: Make, titles: Path, rows: Rows) -> None:
    pool = make_pool(query_max_bytes=200_000)
    answer = pool.query(titles, Job(query="SELECT * { ?s ?p ?o }"))
    with pytest.raises(QueryFailed, match="more than 200000 octets") as caught:
        list(answer)
    answer.close()
    assert caught.value.kind == "size"
    assert rows(pool, titles, "ASK {}")["boolean"]


def test_a_query_over_its_memory_ends_its_worker_only(
    make_pool: Make, titles: Path, rows: Rows, failure: Failure
) -> None:
    pool = make_pool(query_memory=1_200_000_000)
    doubling = "".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1}) " for n in range(40))
    failed = failure(pool, titles, f'SELECT (STRLEN(?x40) AS ?n) {{ BIND("abcdefgh" AS ?x0) {doubling} }}')
    assert failed.kind in ("memory", "died")
    assert rows(pool, titles, "ASK {}")["boolean"]


@pytest.mark.parametrize("depth", [200, 3000])
def test_deep_nesting_does_not_crash(make_pool: Make, titles: Path, depth: int, read: Read, rows: Rows) -> None:
    pool = make_pool(query_timeout=2.0)
    try:
        read(pool, titles, "SELECT * " + "{" * depth + "}" * depth)
    except QueryFailed as failed:
        assert failed.kind in ("time", "memory")
    assert rows(pool, titles, "ASK {}")["boolean"]


def test_service_makes_no_connection(make_pool: Make, titles: Path, read: Read, failure: Failure) -> None:
    pool = make_pool()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        failed = failure(pool, titles, f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
        read(pool, titles, f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert failed.kind == "refused"


def test_a_worker_killed_in_the_middle_breaks_the_answer_and_is_replaced(
    make_pool: Make, titles: Path, rows: Rows
) -> None:
    pool = make_pool()
    query = "SELECT * { ?s ?p ?o . ?t ?q ?u }"
    answer = pool.query(titles, Job(query=query))
    next(answer)
    os.kill(answer.pid, signal.SIGKILL)
    with pytest.raises(QueryFailed) as caught:
        list(answer)
    answer.close()
    assert caught.value.kind == "died"
    assert rows(pool, titles, "ASK {}")["boolean"]


def test_an_answer_given_up_frees_its_worker(make_pool: Make, titles: Path, rows: Rows) -> None:
    pool = make_pool()
    for _ in range(3):
        answer = pool.query(titles, Job(query="SELECT * { ?s ?p ?o . ?t ?q ?u }"))
        next(answer)
        answer.close()
        answer.close()
    assert rows(pool, titles, "ASK {}")["boolean"]


def test_a_reader_that_stops_reading_loses_its_worker_at_the_deadline(
    make_pool: Make, titles: Path, rows: Rows
) -> None:
    pool = make_pool(query_timeout=1.0)
    stalled = pool.query(titles, Job(query="SELECT * { ?s ?p ?o . ?t ?q ?u }"))
    next(stalled)
    time.sleep(1.2)
    assert rows(pool, titles, "ASK {}")["boolean"]
    with pytest.raises(QueryFailed) as caught:
        list(stalled)
    stalled.close()
    assert caught.value.kind == "time"
    assert rows(pool, titles, "ASK {}")["boolean"]


def test_twenty_queries_at_once_are_answered_or_told_to_wait(make_pool: Make, titles: Path, rows: Rows) -> None:
    pool = make_pool(query_workers=2)
    outcomes: list[str] = []

    def ask() -> None:
        try:
            outcomes.append(str(rows(pool, titles, "ASK { ?s ?p ?o }")["boolean"]))
        except QueryFailed as failed:
            outcomes.append(failed.kind)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 20
    assert set(outcomes) <= {"True", "busy"}
    assert outcomes.count("True") >= 2


def test_busy_workers_are_reported_within_seconds(make_pool: Make, titles: Path, failure: Failure) -> None:
    pool = make_pool(query_quick=15.0, query_queue=2.0)
    answers = [pool.query(titles, Job(query=FLOOD)) for _ in range(2)]  # the second gets a surplus worker
    start = time.monotonic()
    assert failure(pool, titles, "ASK {}").kind == "busy"
    assert time.monotonic() - start < 4
    for answer in answers:
        answer.close()


def test_an_undeclared_prefix_is_named_with_its_place(make_pool: Make, titles: Path, failure: Failure) -> None:
    pool = make_pool()
    failed = failure(pool, titles, "# nope:\nSELECT * {\n ?s a nope:x , b:c }")
    assert failed.kind == "syntax"
    assert str(failed).startswith("Line 3, column 7: the prefix nope: is not declared.")
    assert ", dcat, " in str(failed)
    assert "column 20: the prefix : is" in str(failure(pool, titles, "SELECT * { FILTER( :f(1)) }"))
    assert "prefix" not in str(failure(pool, titles, "SELECT * { ?s ?p . ?s nope:x ?o }"))
    assert "prefix" not in str(failure(pool, titles, "PREFIX nope: <urn:x:> SELECT * { ?s nope:x }"))


def test_common_prefixes_need_no_declaration(make_pool: Make, titles: Path, rows: Rows) -> None:
    query = "SELECT ?x { VALUES ?x { dcterms:title dc:title gsp:asWKT eli:LegalResource <urn:x> } }"
    found = [row["x"]["value"] for row in rows(make_pool(), titles, query)["results"]["bindings"]]
    assert found[0] == "http://purl.org/dc/terms/title"
    assert len(found) == 5


def test_bindings_stand_for_variables(make_pool: Make, titles: Path, rows: Rows, failure: Failure) -> None:
    pool = make_pool()
    bindings = (("o", '"Jeu de données 7"@fr'),)
    found = rows(pool, titles, "SELECT ?s ?o { ?s ?p ?o }", bindings=bindings)["results"]["bindings"]
    assert [row["s"]["value"] for row in found] == [f"{EX}7"]
    assert not rows(pool, titles, "ASK { ?s ?p ?o }", bindings=(("o", "<urn:none>"),))["boolean"]
    wrong = failure(pool, titles, "SELECT ?o { ?s ?p ?o }", bindings=(("o", "<urn:a> .\n<urn:b> <urn:c> <urn:d>"),))
    assert (wrong.kind, "not one term" in str(wrong)) == ("refused", True)
    assert "no term" in str(failure(pool, titles, "SELECT ?o { ?s ?p ?o }", bindings=(("o", "x"),)))


def test_records_and_labels_come_from_the_worker(make_pool: Make, titles: Path, rows: Rows) -> None:
    query = "SELECT (1 AS ?n) (maillon:label(<urn:x>) AS ?l) {}"
    assert rows(make_pool(), titles, query, media_type=RECORDS) == [{"n": 1, "l": None}]


def test_a_construct_comes_as_n_quads_too(make_pool: Make, titles: Path, read: Read) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3"
    lines = read(make_pool(), titles, query, rdf_media_type="application/n-quads").decode().splitlines()
    assert len(lines) == 3
    assert all(line.endswith(" .") for line in lines)


def test_the_time_of_a_job_counts_where_it_is_less(make_pool: Make, titles: Path, failure: Failure) -> None:
    start = time.monotonic()
    failed = failure(make_pool(), titles, CROSS, seconds=0.5)
    assert (failed.kind, "0.5 seconds" in str(failed)) == ("time", True)
    assert time.monotonic() - start < 4


def test_all_queries_together_keep_to_their_memory(make_pool: Make, titles: Path, failure: Failure, rows: Rows) -> None:
    pool = make_pool(query_memory_all=150_000_000)
    distinct = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } }"
    failed = failure(pool, titles, distinct)
    assert (failed.kind, "All queries together" in str(failed)) == ("memory", True)
    assert rows(pool, titles, "ASK {}")["boolean"]


def test_a_snapshot_that_is_not_there_is_a_clear_failure(
    make_pool: Make, titles: Path, tmp_path: Path, rows: Rows, failure: Failure
) -> None:
    pool = make_pool()
    failed = failure(pool, tmp_path / "absent", "ASK {}")
    assert failed.kind == "failed"
    assert "cannot be opened" in str(failed)
    assert rows(pool, titles, "ASK {}")["boolean"]


def test_workers_see_no_secrets_of_the_environment(
    make_pool: Make, titles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILLON_LEDGER_URL", "postgresql://user:secret@localhost/x")
    answer = make_pool().query(titles, Job(query=FLOOD))
    environment = Path(f"/proc/{answer.pid}/environ").read_bytes()
    answer.close()
    assert b"secret" not in environment
