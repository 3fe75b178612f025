"""What a server with the ways of Fuseki does that others do not: its time limit, its sign-on, its literals, its end."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from maillon import publish
from maillon.ledger import Ledger
from maillon.publish import remote
from maillon.settings import Settings
from maillon.sources import Source
from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.remote import marker as remote_marker
from maillon.sparql.remote.engine import RemoteEngine
from maillon.sparql.remote.http import Server
from maillon.store import snapshots

BASE = "http://localhost:8000/"
MANY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
NEVER = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f && ?f != ?i) }"
TITLES = "SELECT ?d ?t { ?d a dcat:Dataset ; dct:title ?t } ORDER BY ?d ?t"
SOURCE = Source(name="neuf", kind="dcat", url="neuf.ttl", publisher="Service exemple")


def first(settings: Settings) -> None:
    with Ledger(settings.ledger) as ledger:
        publish.publish(ledger, settings).close()


def ask(settings: Settings, query: str, **more: Any) -> bytes:
    engine = RemoteEngine(settings)
    try:
        with snapshots.open_current(settings.snapshots) as snapshot:
            return b"".join(engine.query(snapshot.path, Job(query=query, **more)))
    finally:
        engine.close()


def cpu(process: int) -> int:
    """Return the time that a process has worked, in clock ticks (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])


@pytest.mark.parametrize(
    "media_type", ["application/sparql-results+json", "application/sparql-results+xml", "text/csv", "application/json"]
)
def test_an_answer_that_the_server_stops_at_its_own_time_is_never_taken_for_whole(
    jena: Any, jena_catalogue: Settings, media_type: str
) -> None:
    there = jena.settings(jena_catalogue)
    first(there)
    there = jena.settings(there, store_query_url=f"{there.store_query_url}?timeout=2")
    with pytest.raises(QueryFailed, match="time is used up") as failed:
        ask(there, MANY, media_type=media_type)
    assert failed.value.kind == "time"


@pytest.mark.parametrize("query", [NEVER, "CONSTRUCT { ?a ?b ?i } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"])
def test_a_query_that_the_server_stops_before_it_answers_is_told_as_late(
    jena: Any, jena_catalogue: Settings, query: str
) -> None:
    there = jena.settings(jena_catalogue)
    first(there)
    there = jena.settings(there, store_query_url=f"{there.store_query_url}?timeout=2")
    with pytest.raises(QueryFailed) as failed:
        ask(there, query)
    assert failed.value.kind == "time"


def test_the_server_stops_a_query_that_nobody_waits_for_any_more(jena: Any, jena_catalogue: Settings) -> None:
    there = jena.settings(jena_catalogue, query_timeout=1.0)
    first(there)
    with pytest.raises(QueryFailed):
        ask(there, NEVER)
    process, end = jena.processes["12"].pid, time.monotonic() + 20
    while True:
        before = cpu(process)
        time.sleep(0.5)
        if cpu(process) - before < 10:  # of the 50 ticks that one busy thread would have had
            break
        assert time.monotonic() < end, "The server still works for nobody."


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_told_where_basic_is_asked(jena: Any, catalogue: Settings, password: str) -> None:
    there = jena.settings(catalogue, store_password=password)
    with Ledger(there.ledger) as ledger, pytest.raises(remote.RemoteFailed, match=r"401.*store_password"):
        publish.publish(ledger, there)
    assert snapshots.current_number(there.snapshots) is None


def test_a_server_killed_while_it_is_loaded_leaves_the_snapshot_before_and_takes_the_next(
    jena: Any, catalogue: Settings, keep: Any, entity: Any
) -> None:
    there = jena.settings(catalogue)
    first(there)
    before = ask(there, TITLES)

    def kill(stage: str, *_: Any) -> None:
        if stage == "server" and jena.processes["12"].poll() is None:
            jena.kill("12")

    iri = f"{BASE}id/dataset/neuf/d"
    with Ledger(there.ledger) as ledger:
        keep(ledger, SOURCE, [entity(iri, "dataset", f'<{iri}> a dcat:Dataset ; dct:title "Jeu"@fr .')])
        try:
            with pytest.raises(remote.RemoteFailed, match=r"cannot be reached|broke off|cannot be asked"):
                publish.publish(ledger, there, progress=kill)
        finally:
            jena.restart("12")
        assert ask(there, TITLES) == before
        publish.publish(ledger, there).close()
    assert b"Jeu" in ask(there, TITLES)


def test_a_side_that_lost_its_data_is_loaded_again_though_nothing_changed(jena: Any, jena_catalogue: Settings) -> None:
    there = jena.settings(jena_catalogue)
    first(there)
    before = ask(there, TITLES)
    server = Server(there)
    for side in server.sides:
        server.update(side, "CLEAR ALL", 60.0)
    server.close()
    with pytest.raises(QueryFailed, match="does not hold"):
        ask(there, TITLES)
    first(there)
    assert ask(there, TITLES) == before


def test_numbers_and_dates_come_in_the_normal_form_of_tdb2_and_all_else_as_it_was_written(jena: Any) -> None:
    """What docs/how-to/bigger-engine.md says of its literals."""
    xsd = "http://www.w3.org/2001/XMLSchema#"
    written = {
        '"007"^^integer': '"7"^^integer',
        '"1"^^boolean': '"true"^^boolean',
        '"1.50"^^decimal': '"1.50"^^decimal',
        '"1E0"^^double': '"1.0e0"^^double',
        '"2024-01-01T00:00:00.500Z"^^dateTime': '"2024-01-01T00:00:00.5Z"^^dateTime',
        '"abc"^^integer': '"abc"^^integer',
        '"2024-02-30"^^date': '"2024-02-30"^^date',
        '"2024"^^gYear': '"2024"^^gYear',
        '"P1Y"^^duration': '"P1Y"^^duration',
    }
    server = Server(jena.settings(Settings()))
    found = {}
    for text in written:
        literal = text.replace("^^", f"^^<{xsd}") + (">" if "^^" in text else "")
        server.put(server.sides[0], "urn:g", f"<urn:s> <urn:p> {literal} .\n".encode(), 10.0, replace=True)
        rows, _ = remote_marker.rows(server, server.sides[0], "SELECT ?o { GRAPH <urn:g> { ?s ?p ?o } }", 60.0)
        found[text] = str(rows[0]["o"]).replace(f"<{xsd}", "").replace(">", "")
    server.close()
    assert found == written


@pytest.mark.parametrize("graph", ["urn:x-arq:UnionGraph", "urn:x-arq:DefaultGraph", "urn:other"])
def test_graphs_of_others_are_not_seen_through_the_protocol_either(
    jena: Any, jena_catalogue: Settings, graph: str
) -> None:
    there = jena.settings(jena_catalogue)
    server = Server(there)
    for side in server.sides:
        server.put(side, "urn:other", b"<urn:x> <urn:y> <urn:z> .\n", 60.0)
        server.update(side, "INSERT DATA { <urn:x> <urn:y> <urn:default> }", 60.0)
    server.close()
    first(there)
    ours = {"default_graphs": (graph,), "named_graphs": (graph,)}
    for query in ("ASK { <urn:x> ?p ?o }", "ASK { GRAPH ?g { <urn:x> ?p ?o } }"):
        assert json.loads(ask(there, query))["boolean"] is False
        assert json.loads(ask(there, query, **ours))["boolean"] is False
