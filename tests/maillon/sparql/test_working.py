"""The working graph keeps what was answered, changes nothing for what failed, and is open in one process at a time."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from maillon.settings import Settings
from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.working import graph as working
from maillon.sparql.working import updates as working_updates
from maillon.sparql.working.graph import Update, Upload, WorkingGraph

EX = "http://example.org/"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
Make = Callable[..., WorkingGraph]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Give a function that makes the working graph of one more web process over the same folder."""
    made: list[WorkingGraph] = []

    def start(**values: Any) -> WorkingGraph:
        made.append(WorkingGraph(Settings(**{"data": tmp_path, "query_timeout": 20.0, **values})))
        return made[-1]

    yield start
    for item in made:
        item.close()


def update(graph: WorkingGraph, text: str, **values: Any) -> None:
    graph.update(Update(text=text.encode(), base_iri=EX, **values))


def put(graph: WorkingGraph, turtle: str, name: str = f"{EX}g", replaces: bool = True) -> bool:
    documents = ((turtle.encode(), "text/turtle"),)
    return graph.write(Upload(graph=name, documents=documents, base_iri=EX, replaces=replaces))


def read(graph: WorkingGraph, name: str = f"{EX}g") -> list[str]:
    answer = graph.read(name, "application/n-triples")
    assert answer is not None
    return sorted(b"".join(answer).decode().splitlines())


def count(graph: WorkingGraph) -> str:
    job = Job(query="SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", media_type="text/csv")
    return b"".join(graph.query(job)).decode().split()[-1]


def fill(graph: WorkingGraph, number: int) -> None:
    update(graph, "INSERT DATA {" + "".join(f"<s{n}> <p> {n} ." for n in range(number)) + "}")


def test_what_was_answered_survives_kill_9(make: Make) -> None:
    graph = make()
    for number in range(20):
        update(graph, f"INSERT DATA {{ <s> <p> {number} }}")
        if number % 5 == 0:
            os.kill(graph.pid, signal.SIGKILL)
            time.sleep(0.05)
    assert count(graph) == "20"


def test_an_update_is_whole_or_not_at_all_wherever_it_is_killed(make: Make) -> None:
    graph = make()
    update(graph, "INSERT DATA { <s> <revision> 0 }")
    text = "DELETE { ?s ?p ?o } INSERT { ?s ?p ?n . ?s <twin> ?n } WHERE { ?s <revision> ?o . BIND(?o + 1 AS ?n) };"
    text += "".join(f"INSERT DATA {{ <s> <filler> {n} }};" for n in range(3000)) + "DELETE WHERE { ?s <filler> ?o };"
    text += "DELETE WHERE { <s> <twin> ?o }"
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
        killer = threading.Timer(delay, os.kill, (graph.pid, signal.SIGKILL))
        killer.start()
        try:
            update(graph, text)
        except QueryFailed as failed:
            assert failed.kind == "died"
        killer.join()
        time.sleep(0.05)  # where it was idle, its death must have been noticed
        left = b"".join(graph.query(Job(query="SELECT ?p { ?s ?p ?o }", media_type="text/csv"))).decode().split()
        assert left[1:] == [f"{EX}revision"]


def test_a_failing_update_changes_nothing(make: Make) -> None:
    graph = make()
    with pytest.raises(QueryFailed, match="does not exist"):
        update(graph, f"INSERT DATA {{ <a> <b> 1 }}; CLEAR GRAPH <{EX}nowhere>")
    assert count(graph) == "0"


def test_documents_are_read_whole_before_anything_is_written(make: Make) -> None:
    graph = make()
    assert put(graph, "<a> <b> 1 .")
    with pytest.raises(QueryFailed, match="line 2") as caught:
        put(graph, "<a> <b> 2 .\n<a> <b> ;;; 3 .")
    assert caught.value.kind == "syntax"
    assert len(read(graph)) == 1
    assert '"1"' in read(graph)[0]


def test_a_graph_is_replaced_or_merged_with_blank_nodes_kept_apart(make: Make) -> None:
    graph = make()
    assert put(graph, "_:x <p> 1 .")
    assert not put(graph, "_:x <p> 1 .", replaces=False)
    assert len(read(graph)) == 2
    assert not put(graph, '<a> <p> """two\nlines""", "\\\\ \\"quoted\\""@fr, _:x . _:x <q> <<( <a> <b> 1 )>> .')
    assert len(read(graph)) == 4
    assert not put(graph, "")
    assert read(graph) == []
    assert graph.remove(f"{EX}g")
    assert not graph.remove(f"{EX}g")
    assert graph.read(f"{EX}g", "text/turtle") is None


def test_an_operation_over_its_time_is_ended_and_says_so(make: Make) -> None:
    graph = make(query_timeout=1.0)
    fill(graph, 2000)
    with pytest.raises(QueryFailed, match="1 seconds") as caught:
        graph.query(Job(query=CROSS))
    assert caught.value.kind == "time"
    with pytest.raises(QueryFailed, match="nothing was changed"):
        update(graph, "INSERT { ?a ?e ?i } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    assert count(graph) == "2000"


def test_an_operation_over_its_memory_is_ended_and_says_so(make: Make) -> None:
    graph = make(query_memory=1_500_000_000, query_timeout=60.0)
    fill(graph, 3000)
    with pytest.raises(QueryFailed) as caught:
        graph.query(Job(query="SELECT DISTINCT ?a ?d ?c ?f { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f"))
    assert caught.value.kind == "memory"
    assert count(graph) == "3000"


def test_an_answer_over_its_size_is_refused_and_the_next_one_works(make: Make) -> None:
    graph = make(query_max_bytes=10_000)
    fill(graph, 2000)
    with pytest.raises(QueryFailed) as caught:
        graph.query(Job(query="SELECT * { ?s ?p ?o }"))
    assert caught.value.kind == "size"
    assert count(graph) == "2000"


def test_a_second_process_waits_for_its_turn(make: Make) -> None:
    first, second = make(), make()
    update(first, "INSERT DATA { <a> <b> 1 }")
    assert count(second) == "1"  # after the second of idleness that ends the process of the first


def test_a_second_process_that_waits_in_vain_says_who_has_it(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "IDLE", 60.0)
    monkeypatch.setattr(working, "WAIT", 0.2)
    first, second = make(), make()
    update(first, "INSERT DATA { <a> <b> 1 }")
    with pytest.raises(QueryFailed, match=f"Process {first.pid} works on the working graph") as caught:
        count(second)
    assert caught.value.kind == "busy"


def test_the_process_ends_when_nothing_is_asked(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "IDLE", 0.1)
    graph = make()
    update(graph, "INSERT DATA { <a> <b> 1 }")
    end = time.monotonic() + 20
    while graph.pid and time.monotonic() < end:
        time.sleep(0.05)
    assert graph.pid == 0
    assert count(graph) == "1"


def test_what_a_killed_process_left_behind_is_removed(make: Make, tmp_path: Path) -> None:
    graph = make()
    update(graph, "INSERT DATA { <a> <b> 1 }")
    graph.close()
    orphan = tmp_path / "working" / "store" / "bulk-1.sst"
    orphan.write_bytes(b"half")
    assert count(graph) == "1"
    assert not orphan.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="seccomp is of Linux")
def test_the_process_cannot_open_a_socket(make: Make) -> None:
    graph = make()
    update(graph, "INSERT DATA { <a> <b> 1 }")
    status = Path(f"/proc/{graph.pid}/status").read_text(encoding="utf-8")
    assert "Seccomp:\t2" in status


@pytest.mark.parametrize("text", ["LOAD <http://127.0.0.1:9/>", "LOAD SILENT <file:///etc/passwd> INTO GRAPH <g>"])
def test_load_is_refused(make: Make, text: str) -> None:
    with pytest.raises(QueryFailed, match="LOAD is not offered") as caught:
        update(make(), text)
    assert caught.value.kind == "refused"


def test_service_in_an_update_is_refused_and_bad_syntax_told_first(make: Make) -> None:
    graph = make()
    with pytest.raises(QueryFailed, match="SERVICE is not offered"):
        update(graph, "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    with pytest.raises(QueryFailed, match="Line 1, column") as caught:
        update(graph, "PREFIX a: <http://a/> LOAD ;")
    assert caught.value.kind == "syntax"


def test_deep_nesting_is_refused(make: Make) -> None:
    with pytest.raises(QueryFailed, match="nested"):
        update(make(), "INSERT {} WHERE " + "{" * 3000 + "}" * 3000)


def test_the_dataset_of_the_protocol_holds_for_every_operation_with_a_pattern() -> None:
    text = (
        "INSERT DATA { <a> <p> 'WHERE' }; INSERT { ?s <q> ?o } # WHERE\nWHERE { ?s ?p ?o }; DELETE WHERE { ?s ?p ?o }"
    )
    written = working_updates.prepared(text, ["http://a/1", "http://a/2"], ["http://a/3"])
    using = "USING <http://a/1> USING <http://a/2> USING NAMED <http://a/3>"
    assert written == (
        f"INSERT DATA {{ <a> <p> 'WHERE' }}; INSERT {{ ?s <q> ?o }} # WHERE\n {using} WHERE {{ ?s ?p ?o }}; "
        f"DELETE {{ ?s ?p ?o }} {using} WHERE {{ ?s ?p ?o }}"
    )


def test_the_dataset_of_the_protocol_is_what_patterns_see(make: Make) -> None:
    graph = make()
    put(graph, "<a> <p> 1 .", f"{EX}1")
    put(graph, "<b> <p> 2 .", f"{EX}2")
    update(graph, f"INSERT {{ GRAPH <{EX}g> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}", using=(f"{EX}2",))
    assert read(graph) == [f'<{EX}b> <{EX}p> "2"^^<http://www.w3.org/2001/XMLSchema#integer> .']


@pytest.mark.parametrize("text", ["WITH <g> DELETE { ?s ?p 1 } WHERE { ?s ?p 1 }", "INSERT {} USING <g> WHERE {}"])
def test_two_datasets_are_a_conflict(text: str) -> None:
    with pytest.raises(QueryFailed, match="keep one"):
        working_updates.prepared(text, [f"{EX}g"], [])


def test_an_entity_bomb_and_a_remote_context_are_refused(make: Make) -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    bomb = (
        f'<!DOCTYPE r [<!ENTITY e0 "aaaaaaaaaa">{entities}]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="http://a/">'
        "<rdf:value>&e9;</rdf:value></rdf:Description></rdf:RDF>"
    )
    for content, media_type, words in (
        (bomb, "application/rdf+xml", "not well-formed"),
        ('{"@context": "http://127.0.0.1:9/c", "@id": "http://a/"}', "application/ld+json", "never fetched"),
    ):
        upload = Upload(graph="", documents=((content.encode(), media_type),), base_iri=EX, replaces=False)
        with pytest.raises(QueryFailed, match=words) as caught:
            make().write(upload)
        assert caught.value.kind == "syntax"


def test_rdf_xml_and_json_ld_are_read(make: Make) -> None:
    xml = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="a">'
        "<rdf:value>é</rdf:value></rdf:Description></rdf:RDF>"
    )
    json_ld = '{"@id": "http://example.org/a", "http://www.w3.org/1999/02/22-rdf-syntax-ns#value": "é"}'
    for content, media_type in ((xml, "application/rdf+xml"), (json_ld, "application/ld+json")):
        upload = Upload(graph=f"{EX}g", documents=((content.encode(), media_type),), base_iri=EX, replaces=True)
        graph = make()
        graph.write(upload)
        assert read(graph) == [f'<{EX}a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#value> "é" .']
        graph.close()


def test_a_document_with_named_graphs_is_refused(make: Make) -> None:
    upload = Upload(
        graph=f"{EX}g", documents=((b"<http://a/> { <a> <b> 1 }", "application/trig"),), base_iri=EX, replaces=True
    )
    with pytest.raises(QueryFailed, match=r"[Nn]amed graph"):
        make().write(upload)
