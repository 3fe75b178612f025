"""Hostile queries cost their sender an error and nobody else anything."""

import contextlib
import http.client
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

Ask = Callable[..., tuple[int, Message, bytes]]
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def flood(name: str) -> str:
    """Return a query without an end; another one for each test, because what failed a moment ago is refused at once."""
    return f"SELECT * {{ ?{name} ?b ?c . ?d ?e ?f . ?g ?h ?i }}"


@pytest.fixture(scope="module")
def strict(serve: Callable[..., str]) -> str:
    """Give the address of an endpoint with small budgets."""
    return serve(query_timeout="1.5", query_max_bytes="2000000", query_memory="2000000000") + "sparql"


def is_well(address: str, ask: Ask) -> bool:
    status, _, body = ask(f"{address}?query={quote('ASK { ?d a dcat:Dataset }')}")
    return status == 200 and bool(json.loads(body)["boolean"])


def test_a_query_over_its_time_says_so_and_the_next_one_works(strict: str, ask: Ask) -> None:
    start = time.monotonic()
    status, _, body = ask(f"{strict}?query={quote(CROSS)}")
    assert status == 504
    assert b"1.5 seconds" in body
    assert time.monotonic() - start < 20
    assert is_well(strict, ask)


def test_a_person_reads_in_their_language_that_the_time_is_used_up(strict: str, ask: Ask) -> None:
    status, headers, body = ask(f"{strict}?format=html&lang=nl&query={quote(CROSS)}")
    assert (status, headers.get_content_type()) == (504, "text/html")
    assert "De vraag is na 1,5 seconden gestopt." in body.decode()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * " + "{" * 3000 + "}" * 3000,
        "SELECT (" + "(" * 10_000 + "1" + ")" * 10_000 + " AS ?x) {}",
        "SELECT * { " + "?s ?p ?o . " * 1000 + "}",
        "SELECT * { ?s " + "/".join(["<urn:p>"] * 1000) + " ?o }",
        "SELECT * { " + "OPTIONAL { ?s ?p ?o } " * 1000 + "}",
        "ASK { FILTER(" + " || ".join(["?a"] * 8000) + ") }",
        "ASK {}" + " " * 33_000,
    ],
    ids=["braces", "parentheses", "star", "path", "optionals", "or", "length"],
)
def test_a_query_made_to_exhaust_the_planner_is_refused(strict: str, ask: Ask, query: str) -> None:
    status, _, body = ask(strict, "POST", query.encode(), Content_Type="application/sparql-query")
    assert status == 400
    assert b"at most" in body
    assert is_well(strict, ask)


@pytest.mark.parametrize(
    "query",
    [
        "ASK { FILTER(" + " || ".join(["?a"] * 5000) + ") }",
        "SELECT * { " + "BIND(1 AS ?b) " * 50 + "".join(f"BIND({n} AS ?v{n}) " for n in range(1000)) + "}",
        "SELECT (COUNT(*) AS ?n) { ?s (!<urn:x>)* ?o }",
        "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        "CONSTRUCT { ?a ?e ?i } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        'SELECT ?x { BIND("a" AS ?x0) '
        + "".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1}) " for n in range(50))
        + "BIND(?x50 AS ?x) }",
    ],
    ids=["or", "binds", "closure", "distinct", "construct", "doubling"],
)
def test_a_query_that_passes_the_guard_still_ends(strict: str, ask: Ask, query: str) -> None:
    start = time.monotonic()
    with contextlib.suppress(http.client.IncompleteRead):
        status, _, _ = ask(strict, "POST", query.encode(), Content_Type="application/sparql-query")
        assert status in (200, 400, 503, 504)
    assert time.monotonic() - start < 6
    assert is_well(strict, ask)


def test_service_makes_no_connection(strict: str, ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        place = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        for query in (
            f"SELECT * {{ SERVICE <{place}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ SERVICE SILENT <{place}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ BIND(<{place}> AS ?x) SERVICE ?x {{ ?s ?p ?o }} }}",
            f"SELECT * FROM <{place}> {{ ?s ?p ?o }}",
        ):
            assert ask(f"{strict}?query={quote(query)}")[0] in (200, 400)
        ask(f"{strict}?query={quote('ASK {}')}&default-graph-uri={quote(place)}")
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_an_answer_over_its_octets_breaks_off_visibly(strict: str, ask: Ask) -> None:
    with pytest.raises(http.client.IncompleteRead):
        ask(f"{strict}?query={quote(flood('plain'))}")
    assert is_well(strict, ask)


def test_a_compressed_answer_over_its_octets_breaks_off_visibly_too(strict: str, ask: Ask) -> None:
    with pytest.raises(http.client.IncompleteRead):
        ask(f"{strict}?query={quote(flood('packed'))}", Accept_Encoding="gzip")
    assert is_well(strict, ask)


def test_clients_that_stop_reading_do_not_hold_the_workers(strict: str, ask: Ask) -> None:
    parts = urlsplit(strict)
    stalled = []
    for _ in range(4):
        connection = socket.create_connection((str(parts.hostname), int(parts.port or 0)))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(
            f"GET {parts.path}?query={quote(flood('stalled'))} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        )
        stalled.append(connection)
    time.sleep(2.5)
    assert is_well(strict, ask)
    for connection in stalled:
        connection.close()


def test_twenty_queries_at_once_are_answered_or_told_to_come_back(strict: str, ask: Ask) -> None:
    outcomes: list[int] = []
    query = "SELECT (COUNT(*) AS ?n) { ?d a dcat:Dataset . ?s ?p ?o }"

    def send() -> None:
        status, headers, _ = ask(f"{strict}?query={quote(query)}")
        assert status == 200 or headers["Retry-After"]
        outcomes.append(status)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 20
    assert set(outcomes) <= {200, 429, 503}  # 429: one client's share
    assert outcomes.count(200) >= 2


def test_a_worker_killed_in_the_middle_breaks_the_answer_and_is_replaced(server: str, ask: Ask) -> None:
    parts = urlsplit(server)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    connection.request("GET", f"/sparql?query={quote(flood('left'))}")
    reply = connection.getresponse()
    assert reply.status == 200
    assert reply.read(1000)
    for worker in workers_of(server):
        subprocess.run(["kill", "-9", str(worker)], check=True)
    with pytest.raises(http.client.IncompleteRead):
        reply.read()
    connection.close()
    assert is_well(f"{server}sparql", ask)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def workers_of(address: str) -> list[int]:
    """Return the query workers of the server that listens at an address."""
    port = f":{urlsplit(address).port:04X} "
    inodes = {
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()
        if port in line and line.split()[3] == "0A"
    }
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() != "maillon-query":
                continue
            nursery = parent_of(int(process.name))
            parent = parent_of(parent_of(nursery))
            targets = {str(item.readlink()) for item in Path(f"/proc/{parent}/fd").iterdir()}
        except (OSError, ValueError):
            continue
        if targets & {f"socket:[{inode}]" for inode in inodes}:
            found.append(int(process.name))
    assert found
    return found
