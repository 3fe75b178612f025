"""Query workers answer, keep their budgets, and are replaced when they do not."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from maillon.settings import Settings
from maillon.sparql.jobs import TABLE, Job, QueryFailed
from maillon.sparql.pool import QueryPool

EX = "http://example.org/"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def quads(count: int) -> Iterator[Quad]:
    for number in range(count):
        text = Literal(f"Jeu de données {number}", language="fr")
        yield Quad(NamedNode(f"{EX}{number}"), NamedNode(f"{EX}title"), text)
    yield Quad(NamedNode(f"{EX}a"), NamedNode(f"{EX}p"), Literal("named"), NamedNode(f"{EX}graph"))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("snapshot")
    store = pyoxigraph.Store(str(path / "store"))
    store.bulk_extend(quads(5000))
    store.flush()
    (path / "lease").touch()
    return path


@pytest.fixture
def make_pool() -> Iterator[Callable[..., QueryPool]]:
    made: list[QueryPool] = []

    def make(**values: Any) -> QueryPool:
        made.append(QueryPool(Settings(**{"query_workers": 1, "query_timeout": 20.0, **values})))
        return made[-1]

    yield make
    for item in made:
        item.close()


def rows(pool: QueryPool, snapshot: Path, query: str, **values: Any) -> Any:
    return json.loads(read(pool, snapshot, query, **values))


def read(pool: QueryPool, snapshot: Path, query: str, **values: Any) -> bytes:
    answer = pool.query(snapshot, Job(query=query, **values))
    try:
        return b"".join(answer)
    finally:
        answer.close()


def failure(pool: QueryPool, snapshot: Path, query: str, **values: Any) -> QueryFailed:
    with pytest.raises(QueryFailed) as caught:
        read(pool, snapshot, query, **values)
    return caught.value


def test_a_select_streams_json(make_pool: Callable[..., QueryPool], snapshot: Path) -> None:
    pool = make_pool()
    answer = pool.query(snapshot, Job(query="SELECT * { ?s ?p ?o }"))
    frames = list(answer)
    answer.close()
    assert answer.media_type == "application/sparql-results+json"
    assert len(frames) > 5
    assert max(map(len, frames)) <= 65_536
    assert len(json.loads(b"".join(frames))["results"]["bindings"]) == 5000


def test_a_construct_comes_in_the_rdf_form_with_our_prefixes(
    make_pool: Callable[..., QueryPool], snapshot: Path
) -> None:
    text = read(make_pool(), snapshot, "CONSTRUCT { <s> dct:title 1 } WHERE {}", base_iri=EX).decode()
    assert f"<{EX}s> dct:title 1" in text


def test_the_protocols_dataset_wins_over_the_querys(make_pool: Callable[..., QueryPool], snapshot: Path) -> None:
    pool, graph = make_pool(), f"{EX}graph"
    assert rows(pool, snapshot, "ASK { ?s ?p 'named' }", default_graphs=(graph,))["boolean"]
    assert not rows(pool, snapshot, f"ASK FROM <{graph}> {{ ?s ?p ?o }}", named_graphs=(graph,))["boolean"]
    assert rows(pool, snapshot, "ASK { GRAPH ?g { ?s ?p 'named' } }", named_graphs=(graph,))["boolean"]
    assert not rows(pool, snapshot, "ASK { GRAPH ?g { ?s ?p 'named' } }", default_graphs=(graph,))["boolean"]


def test_a_table_holds_the_first_rows_and_says_so(make_pool: Callable[..., QueryPool], snapshot: Path) -> None:
    pool = make_pool()
    table = rows(pool, snapshot, "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s", media_type=TABLE, max_rows=3)
    assert table["columns"] == ["s", "o"]
    assert len(table["rows"]) == 3
    assert table["truncated"] is True
    assert table["rows"][0][0] == {"type": "iri", "text": f"{EX}0"}
    assert table["rows"][0][1]["lang"] == "fr"
    assert rows(pool, snapshot, "ASK {}", media_type=TABLE)["rows"][0][0]["text"] == "true"
    assert rows(pool, snapshot, "SELECT ?none { } LIMIT 1", media_type=TABLE)["rows"] == [[None]]
    assert len(rows(pool, snapshot, "CONSTRUCT WHERE { ?s ?p ?o }", media_type=TABLE)["rows"]) == 1000


@pytest.mark.parametrize(
    ("query", "kind", "message"),
    [
        ("SELECT * {", "syntax", "Line 1, column 11: something else is expected after “SELECT * {”."),
        ("SELECT *\n{ ?s ?p nope", "syntax", "Line 2, column "),
        (" \n", "syntax", "The query is empty."),
        ("SELECT (<http://x/f>(1) AS ?x) {}", "refused", "not supported"),
        ("SELECT * { ?s nope:x ?o }", "syntax", "Prefix not found"),
    ],
)
def test_a_wrong_query_is_told_so_and_the_worker_stays(
    make_pool: Callable[..., QueryPool], snapshot: Path, query: str, kind: str, message: str
) -> None:
    pool = make_pool()
    first = failure(pool, snapshot, query)
    assert (first.kind, message in str(first)) == (kind, True)
    assert len(str(first)) <= 500
    assert rows(pool, snapshot, "ASK {}")["boolean"]


def test_a_query_over_its_time_is_killed_and_the_next_one_works(
    make_pool: Callable[..., QueryPool], snapshot: Path
) -> None:
    pool = make_pool(query_timeout=1.0)
    start = time.monotonic()
    failed = failure(pool, snapshot, CROSS)
    assert failed.kind == "time"
    assert "1 seconds" in str(failed)
    assert time.monotonic() - start < 4
    assert rows(pool, snapshot, "ASK {}")["boolean"]


def test_an_answer_over_its_octets_breaks_off(make_pool: Callable[..., QueryPool], snapshot: Path) -> None:
    pool = make_pool(query_max_bytes=200_000)
    answer = pool.query(snapshot, Job(query="SELECT * { ?s ?p ?o }"))
    with pytest.raises(QueryFailed, match="more than 200000 octets") as caught:
        list(answer)
    answer.close()
    assert caught.value.kind == "size"
    assert rows(pool, snapshot, "ASK {}")["boolean"]


def test_a_query_over_its_memory_ends_its_worker_only(make_pool: Callable[..., QueryPool], snapshot: Path) -> None:
    pool = make_pool(query_memory=1_200_000_000)
    doubling = "".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1}) " for n in range(40))
    failed = failure(pool, snapshot, f'SELECT (STRLEN(?x40) AS ?n) {{ BIND("abcdefgh" AS ?x0) {doubling} }}')
    assert failed.kind in ("memory", "died")
    assert rows(pool, snapshot, "ASK {}")["boolean"]


@pytest.mark.parametrize("depth", [200, 3000])
def test_deep_nesting_does_not_crash(make_pool: Callable[..., QueryPool], snapshot: Path, depth: int) -> None:
    pool = make_pool(query_timeout=2.0)
    try:
        read(pool, snapshot, "SELECT * " + "{" * depth + "}" * depth)
    except QueryFailed as failed:
        assert failed.kind in ("time", "memory")
    assert rows(pool, snapshot, "ASK {}")["boolean"]


def test_service_makes_no_connection(make_pool: Callable[..., QueryPool], snapshot: Path) -> None:
    pool = make_pool()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        failed = failure(pool, snapshot, f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
        read(pool, snapshot, f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert failed.kind == "refused"


def test_a_worker_killed_in_the_middle_breaks_the_answer_and_is_replaced(
    make_pool: Callable[..., QueryPool], snapshot: Path
) -> None:
    pool = make_pool()
    query = "SELECT * { ?s ?p ?o . ?t ?q ?u }"
    answer = pool.query(snapshot, Job(query=query))
    next(answer)
    os.kill(answer._worker.process.pid, signal.SIGKILL)
    with pytest.raises(QueryFailed) as caught:
        list(answer)
    answer.close()
    assert caught.value.kind == "died"
    assert rows(pool, snapshot, "ASK {}")["boolean"]


def test_an_answer_given_up_frees_its_worker(make_pool: Callable[..., QueryPool], snapshot: Path) -> None:
    pool = make_pool()
    for _ in range(3):
        answer = pool.query(snapshot, Job(query="SELECT * { ?s ?p ?o . ?t ?q ?u }"))
        next(answer)
        answer.close()
        answer.close()
    assert rows(pool, snapshot, "ASK {}")["boolean"]


def test_a_reader_that_stops_reading_loses_its_worker_at_the_deadline(
    make_pool: Callable[..., QueryPool], snapshot: Path
) -> None:
    pool = make_pool(query_timeout=1.0)
    stalled = pool.query(snapshot, Job(query="SELECT * { ?s ?p ?o . ?t ?q ?u }"))
    next(stalled)
    time.sleep(1.2)
    assert rows(pool, snapshot, "ASK {}")["boolean"]
    with pytest.raises(QueryFailed) as caught:
        list(stalled)
    stalled.close()
    assert caught.value.kind == "time"
    assert rows(pool, snapshot, "ASK {}")["boolean"]


def test_twenty_queries_at_once_are_answered_or_told_to_wait(
    make_pool: Callable[..., QueryPool], snapshot: Path
) -> None:
    pool = make_pool(query_workers=2)
    outcomes: list[str] = []

    def ask() -> None:
        try:
            outcomes.append(str(rows(pool, snapshot, "ASK { ?s ?p ?o }")["boolean"]))
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
    assert len(pool._places) <= 2


def test_busy_workers_are_reported_within_seconds(make_pool: Callable[..., QueryPool], snapshot: Path) -> None:
    pool = make_pool()
    answer = pool.query(snapshot, Job(query="SELECT * { ?s ?p ?o . ?t ?q ?u }"))
    start = time.monotonic()
    assert failure(pool, snapshot, "ASK {}").kind == "busy"
    assert time.monotonic() - start < 4
    answer.close()


def test_a_new_snapshot_gets_new_workers_and_the_old_lease_is_freed(
    make_pool: Callable[..., QueryPool], snapshot: Path, tmp_path: Path
) -> None:
    pool = make_pool()
    store = pyoxigraph.Store(str(tmp_path / "store"))
    store.add(Quad(NamedNode(EX), NamedNode(EX), Literal("new")))
    store.flush()
    del store
    (tmp_path / "lease").touch()
    assert rows(pool, snapshot, "ASK { ?s ?p 'new' }")["boolean"] is False
    assert locked(snapshot / "lease")
    assert rows(pool, tmp_path, "ASK { ?s ?p 'new' }")["boolean"] is True
    assert not locked(snapshot / "lease")
    assert locked(tmp_path / "lease")


def locked(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_a_snapshot_that_is_not_there_is_a_clear_failure(
    make_pool: Callable[..., QueryPool], snapshot: Path, tmp_path: Path
) -> None:
    pool = make_pool()
    failed = failure(pool, tmp_path / "absent", "ASK {}")
    assert failed.kind == "failed"
    assert "cannot be opened" in str(failed)
    assert rows(pool, snapshot, "ASK {}")["boolean"]


def test_a_closed_pool_ends_its_workers(make_pool: Callable[..., QueryPool], snapshot: Path) -> None:
    pool = make_pool()
    answer = pool.query(snapshot, Job(query="ASK {}"))
    process = answer._worker.process
    pool.close()
    assert b"true" in b"".join(answer)
    answer.close()
    assert process.poll() is not None
    assert failure(pool, snapshot, "ASK {}").kind == "busy"


def test_workers_see_no_secrets_of_the_environment(
    make_pool: Callable[..., QueryPool], snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILLON_LEDGER_URL", "postgresql://user:secret@localhost/x")
    answer = make_pool().query(snapshot, Job(query="ASK {}"))
    environment = Path(f"/proc/{answer._worker.process.pid}/environ").read_bytes()
    list(answer)
    answer.close()
    assert b"secret" not in environment


ORPHAN = """
import sys
from pathlib import Path
from maillon.settings import Settings
from maillon.sparql.jobs import Job
from maillon.sparql.pool import QueryPool
pool = QueryPool(Settings(query_timeout=1.0))
answer = pool.query(Path(sys.argv[1]), Job(query="SELECT * { ?s ?p ?o }"))
print(answer._worker.process.pid, flush=True)
list(answer)
pool.query(Path(sys.argv[1]), Job(query=sys.argv[2]))
"""


def test_a_worker_does_not_outlive_a_killed_web_process_for_long(snapshot: Path) -> None:
    command = [sys.executable, "-c", ORPHAN, str(snapshot), CROSS]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        worker = Path("/proc") / process.stdout.readline().decode().strip()
        time.sleep(0.5)
        process.kill()
    assert runs(worker)
    deadline = time.monotonic() + 10
    while runs(worker):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def runs(process: Path) -> bool:
    try:
        return (process / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
