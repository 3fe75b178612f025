"""A server that fails, refuses or lies while it is loaded or read: the snapshot before stays, and no answer is torn."""

import json
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request, urlopen

import pytest

from maillon import publish
from maillon.errors import SettingsError
from maillon.ledger import Ledger
from maillon.publish import remote, remote_side
from maillon.settings import Settings
from maillon.sources import Source
from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.remote import marker as remote_marker
from maillon.sparql.remote.engine import RemoteEngine
from maillon.sparql.remote.http import Server
from maillon.store import snapshots

BASE = "http://localhost:8000/"
TITLES = "SELECT ?d ?t { ?d a dcat:Dataset ; dct:title ?t }"
EVERYTHING = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
SOURCE = Source(name="neuf", kind="dcat", url="neuf.ttl", publisher="Service exemple")


@dataclass
class Middle:
    """A server between us and a side: passes everything on, or answers by itself.

    Attributes:
        target: Beginning of the addresses of the real server.
        base: Beginning of its own addresses.
        failing: Status to answer loads with, from the ``after``-th on; 0 for passing them on.
        torn: Whether answers of more than 100 octets break off in their middle.
        asked: Method and path of every request.
    """

    target: str
    base: str = ""
    failing: int = 0
    after: int = 0
    torn: bool = False
    asked: list[str] = field(default_factory=list)
    loads: int = 0

    def fails(self, path: str) -> bool:
        """Tell whether this request is to be refused."""
        is_load = not path.startswith("/query")
        self.loads += is_load
        return bool(self.failing) and is_load and self.loads > self.after


class _Handler(BaseHTTPRequestHandler):
    middle: Middle
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.middle.asked.append(f"{self.command} {self.path}")
        if self.middle.fails(self.path):
            self._send(self.middle.failing, "text/plain", b"No space left on device at /srv/data")
            return
        headers = {name: self.headers.get(name, "*/*") for name in ("Content-Type", "Accept")}
        request = Request(self.middle.target + self.path, body, headers, method=self.command)
        with urlopen(request) as answer:
            self._send(answer.status, answer.headers.get("Content-Type", ""), answer.read())

    def do_PUT(self) -> None:
        self.do_POST()

    def _send(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        if status == 204:  # which never has a body
            self.end_headers()
            return
        self.send_header("Content-Type", media_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        torn = self.middle.torn and len(body) > 1000
        for start in range(0, len(body) // 2 if torn else len(body), 500):
            part = body[start : start + 500]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        if torn:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _two_ports() -> tuple[str, list[ThreadingHTTPServer]]:
    """Return the beginning that two free ports share, and a server on each."""
    while True:
        stem, servers = str(random.randint(3300, 4900)), []
        try:
            for side in "12":
                address = "127.0.0.1", int(stem + side)
                servers += [ThreadingHTTPServer(address, BaseHTTPRequestHandler)]
        except OSError:
            for server in servers:
                server.server_close()
            continue
        return stem, servers


@pytest.fixture
def middle(oxigraph: Any) -> Iterator[Any]:
    """Give two servers in between, one a side, and the settings that lead to them."""
    running: list[tuple[Middle, ThreadingHTTPServer]] = []
    stem, servers = _two_ports()
    for side, server in zip("12", servers, strict=True):
        between = Middle(f"http://127.0.0.1:{oxigraph.ports[side]}", f"http://127.0.0.1:{stem}{side}")
        server.RequestHandlerClass = type("Handler", (_Handler,), {"middle": between})
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append((between, server))
    addresses = {
        f"store_{name}_url": f"http://127.0.0.1:{stem}{{side}}/{path}"
        for name, path in (("query", "query"), ("update", "update"), ("graph", "store"))
    }
    yield [item for item, _ in running], addresses
    for _, server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(remote_side, "_WAITS", (0.01, 0.01))


def ask(settings: Settings, query: str, **more: Any) -> bytes:
    engine = RemoteEngine(settings)
    try:
        with snapshots.open_current(settings.snapshots) as snapshot:
            return b"".join(engine.query(snapshot.path, Job(query=query, **more)))
    finally:
        engine.close()


def publish_change(settings: Settings, keep: Any, entity: Any, number: int) -> None:
    iri = f"{BASE}id/dataset/neuf/d{number}"
    with Ledger(settings.ledger) as ledger:
        keep(ledger, SOURCE, [entity(iri, "dataset", f'<{iri}> a dcat:Dataset ; dct:title "Jeu {number}"@fr .')])
        publish.publish(ledger, settings).close()


def first(settings: Settings) -> bytes:
    with Ledger(settings.ledger) as ledger:
        publish.publish(ledger, settings).close()
    return ask(settings, TITLES + " ORDER BY ?d ?t")


@pytest.mark.parametrize("after", [0, 1, 2, 4])
def test_a_full_disk_at_any_step_leaves_the_snapshot_before_in_force(
    middle: Any, oxigraph: Any, catalogue: Settings, keep: Any, entity: Any, after: int
) -> None:
    between, addresses = middle
    there = oxigraph.settings(catalogue, **addresses)
    before = first(there)
    for item in between:
        item.failing, item.after, item.loads = 507 if after == 2 else 500, after, 0
    with pytest.raises(remote.RemoteFailed, match=r"No space left .* still served"):
        publish_change(there, keep, entity, after)
    assert snapshots.current_number(there.snapshots) == 1
    for item in between:
        item.failing = 0
    assert ask(there, TITLES + " ORDER BY ?d ?t") == before
    publish_change(there, keep, entity, after + 10)  # and the next one goes through
    assert b"Jeu" in ask(there, TITLES)


def test_an_answer_that_breaks_off_is_never_taken_for_whole(middle: Any, oxigraph: Any, catalogue: Settings) -> None:
    between, addresses = middle
    there = oxigraph.settings(catalogue, **addresses)
    first(there)
    for item in between:
        item.torn = True
    forms = ["application/sparql-results+json", "application/sparql-results+xml", "text/csv", "application/json"]
    for media_type in forms:
        with pytest.raises(QueryFailed) as failed:
            ask(there, "SELECT * { ?s ?p ?o }", media_type=media_type)
        # "busy" where so long has passed that it asks again which side holds the snapshot, and that breaks off too.
        assert failed.value.kind in ("died", "busy")
    with pytest.raises(QueryFailed):
        ask(there, "CONSTRUCT WHERE { ?s ?p ?o }", rdf_media_type="application/n-triples")


def test_only_queries_go_to_the_query_address(middle: Any, oxigraph: Any, catalogue: Settings) -> None:
    between, addresses = middle
    there = oxigraph.settings(catalogue, **addresses)
    first(there)
    for item in between:
        item.asked.clear()
    ask(there, TITLES)
    asked = [line for item in between for line in item.asked]
    assert asked
    assert set(asked) == {"POST /query"}


def test_a_server_killed_while_it_is_loaded_leaves_the_snapshot_before_in_force(
    oxigraph: Any, catalogue: Settings, keep: Any, entity: Any
) -> None:
    there = oxigraph.settings(catalogue)
    before = first(there)
    names = remote_marker.Names(BASE)
    server = Server(there)
    with snapshots.open_current(there.snapshots) as snapshot:
        mark = remote_marker.mark(snapshot.manifest)
    idle = next(side for side in server.sides if remote_marker.held(server, side, names).mark != mark)
    server.close()

    def kill(stage: str, *_: Any) -> None:
        if stage == "server":
            oxigraph.kill(idle.name)

    iri = f"{BASE}id/dataset/neuf/d"
    try:
        with Ledger(there.ledger) as ledger:
            keep(ledger, SOURCE, [entity(iri, "dataset", f'<{iri}> a dcat:Dataset ; dct:title "Jeu"@fr .')])
            with pytest.raises(remote.RemoteFailed, match=r"cannot be reached|broke off|cannot be asked"):
                publish.publish(ledger, there, progress=kill)
        assert ask(there, TITLES + " ORDER BY ?d ?t") == before
    finally:
        oxigraph.restart(idle.name)
    with Ledger(there.ledger) as ledger, publish.publish(ledger, there) as snapshot:
        assert snapshot.number == 2
    assert b"Jeu" in ask(there, TITLES)


def test_a_server_killed_while_it_answers_ends_the_answer_with_an_error(oxigraph: Any, catalogue: Settings) -> None:
    there = oxigraph.settings(catalogue)
    first(there)
    engine = RemoteEngine(there)
    with snapshots.open_current(there.snapshots) as snapshot:
        answer = engine.query(snapshot.path, Job(query=EVERYTHING))
        assert next(answer)
        assert len(engine.running()) == 1
        for side in "12":
            oxigraph.kill(side)
        try:
            with pytest.raises(QueryFailed) as failed:
                for _ in answer:
                    pass
            assert failed.value.kind == "died"
            answer.close()
            assert engine.running() == []
            with pytest.raises(QueryFailed) as failed:
                engine.query(snapshot.path, Job(query=TITLES))
            assert "127.0.0.1" not in str(failed.value)
        finally:
            for side in "12":
                oxigraph.restart(side)
        assert b"".join(engine.query(snapshot.path, Job(query=TITLES)))
    engine.close()


def test_an_answer_that_the_operator_stops_ends_with_an_error(oxigraph: Any, catalogue: Settings) -> None:
    there = oxigraph.settings(catalogue)
    first(there)
    engine = RemoteEngine(there)
    with snapshots.open_current(there.snapshots) as snapshot:
        answer = engine.query(snapshot.path, Job(query=EVERYTHING))
        (running,) = engine.running()
        assert running.query == EVERYTHING
        assert engine.stop(running.pid)
        with pytest.raises(QueryFailed):
            for _ in answer:
                pass
        answer.close()
        assert not engine.stop(running.pid)
    engine.close()


def test_a_side_that_is_loaded_anew_while_it_is_read_breaks_the_answer_off(oxigraph: Any, catalogue: Settings) -> None:
    there = oxigraph.settings(catalogue)
    first(there)
    engine = RemoteEngine(there)
    names = remote_marker.Names(BASE)
    with snapshots.open_current(there.snapshots) as snapshot:
        answer = engine.query(snapshot.path, Job(query="SELECT * { ?s ?p ?o }"))
        server = Server(there)
        for side in server.sides:
            server.put(side, names.mark, remote_marker.triples(names, "", [names.public]), 10.0, replace=True)
        server.close()
        with pytest.raises(QueryFailed, match="published anew"):
            b"".join(answer)
        answer.close()
    engine.close()


def test_a_server_that_lost_its_data_is_loaded_again_though_nothing_changed(oxigraph: Any, catalogue: Settings) -> None:
    there = oxigraph.settings(catalogue)
    before = first(there)
    server = Server(there)
    for side in server.sides:
        server.update(side, "CLEAR ALL", 60.0)
    server.close()
    with pytest.raises(QueryFailed, match="does not hold"):
        ask(there, TITLES)
    assert first(there) == before


def test_triples_that_somebody_else_wrote_are_found_before_the_switch(
    oxigraph: Any, catalogue: Settings, keep: Any, entity: Any
) -> None:
    there = oxigraph.settings(catalogue)
    first(there)
    publish_change(there, keep, entity, 1)
    server = Server(there)
    for side in server.sides:
        server.put(side, remote_marker.Names(BASE).public, b"<urn:x> <urn:y> <urn:z> .\n", 60.0)
    server.close()
    steps: list[str] = []
    iri = f"{BASE}id/dataset/neuf/d9"
    with Ledger(there.ledger) as ledger:
        keep(ledger, SOURCE, [entity(iri, "dataset", f'<{iri}> a dcat:Dataset ; dct:title "Jeu 9"@fr .')])
        publish.publish(ledger, there, "incremental", lambda stage, *_: steps.append(stage)).close()
    assert any("loading everything" in step for step in steps)
    assert json.loads(ask(there, "ASK { <urn:x> ?p ?o }"))["boolean"] is False


def test_an_old_snapshot_whose_side_was_loaded_anew_is_refused_and_not_answered_with_another(
    oxigraph: Any, catalogue: Settings, keep: Any, entity: Any
) -> None:
    there = oxigraph.settings(catalogue)
    first(there)
    for number in (1, 2):
        publish_change(there, keep, entity, number)
    engine = RemoteEngine(there)
    with snapshots.open_number(there.snapshots, 1) as old, pytest.raises(QueryFailed) as failed:
        engine.query(old.path, Job(query=TITLES))
    assert failed.value.kind == "busy"
    with snapshots.open_number(there.snapshots, 2) as last:
        assert b"Jeu 1" in b"".join(engine.query(last.path, Job(query=TITLES)))
    engine.close()


@pytest.mark.parametrize(("password", "said"), [("wrong", "401"), ("dba", "")])
def test_a_wrong_password_is_told_and_a_right_one_is_sent(
    virtuoso: Any, catalogue: Settings, password: str, said: str
) -> None:
    there = virtuoso.settings(catalogue, store_password=password)
    if not said:
        assert first(there)
        return
    with Ledger(there.ledger) as ledger, pytest.raises(remote.RemoteFailed, match=r"401.*store_password"):
        publish.publish(ledger, there)
    assert snapshots.current_number(there.snapshots) is None


def test_a_server_that_is_not_there_is_named_with_its_address(catalogue: Settings, oxigraph: Any) -> None:
    there = oxigraph.settings(catalogue, store_query_url="http://127.0.0.1:9/{side}")
    with Ledger(there.ledger) as ledger, pytest.raises(remote.RemoteFailed, match=r"http://127\.0\.0\.1:9/1 cannot be"):
        publish.publish(ledger, there)


def test_two_sides_that_are_one_dataset_are_noticed_and_nothing_is_lost(
    catalogue: Settings, oxigraph: Any, keep: Any, entity: Any
) -> None:
    base = f"http://127.0.0.1:{oxigraph.ports['1']}"
    paths = (("query", "query"), ("update", "update"), ("graph", "store"))
    one = oxigraph.settings(catalogue, **{f"store_{name}_url": f"{base}/{path}?s={{side}}" for name, path in paths})
    server = Server(one)
    server.update(server.sides[0], "CLEAR ALL", 60.0)
    server.close()
    before = first(one)
    with pytest.raises(remote.RemoteFailed, match="are the same dataset"):
        publish_change(one, keep, entity, 1)
    assert ask(one, TITLES + " ORDER BY ?d ?t") == before


def test_addresses_that_do_not_tell_two_sides_apart_are_refused(catalogue: Settings, oxigraph: Any) -> None:
    with pytest.raises(SettingsError, match=r"store_query_url .*\{side\}"):
        RemoteEngine(oxigraph.settings(catalogue, store_query_url="http://127.0.0.1:9/sparql"))
