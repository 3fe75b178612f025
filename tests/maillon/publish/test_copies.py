"""A dataset that another source publishes too is shown once, its copy kept in a graph of its own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from maillon import publish, repair
from maillon.ledger import Ledger, repairs, twins, writing
from maillon.ledger.repairs import Repaired
from maillon.records import Entity
from maillon.search import Query, SearchIndex
from maillon.settings import Settings
from maillon.sources import Source
from maillon.store import graph
from maillon.store.documents import Documents

BASE = "http://localhost:8000/"
DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
AT = "2026-11-21T10:00:00Z"
World = Callable[[int, int], Entity]


def test_a_copy_is_kept_but_not_shown_twice(
    new_settings: Settings, world: World, owners: tuple[Source, ...], keep: Any
) -> None:
    with Ledger(new_settings.ledger) as ledger:
        keep(ledger, owners[0], [world(number, 1) for number in (0, 1, 8, 9, 10)])
        copy, shown = world(0, 1).iri, world(1, 1).iri
        publish.publish(ledger, new_settings).close()
        with ledger.writing() as connection:
            twins.replace(connection, [copy], [twins.Twin(copy, shown, 90, "the same title")], AT)
            twins.note_changes(connection, [copy, shown, *(world(number, 1).iri for number in (8, 9))], AT)
        with publish.publish(ledger, new_settings) as snapshot:
            assert publish.verify(snapshot) == []
            counts = snapshot.manifest.counts
            assert (counts["datasets"], counts["copies"]) == (1, 1)
            documents, store = Documents(snapshot.documents), graph.open_read_only(snapshot.store)
            found = documents.get(copy)
            assert found is not None
            assert (found.state, found.graph) == ("copy", f"{BASE}graph/copies")
            assert [item.iri for item in documents.page("dataset")] == [shown]
            assert [hit.summary.iri for hit in SearchIndex(snapshot.search).search(Query()).hits] == [shown]
            assert graph.count(store, f"?d a <{DCAT}Dataset>") == 1
            assert graph.count(store, f"GRAPH <{BASE}graph/copies> {{ <{copy}> a <{DCAT}Dataset> }}") == 1
            record = f"<{shown}> <{DCT}isReferencedBy> ?r . ?r <{DCT}source> <{copy}>"
            assert graph.count(store, f"{record} ; <http://xmlns.com/foaf/0.1/primaryTopic> <{shown}>") == 1
            documents.close()


def test_a_file_of_a_copy_that_another_dataset_has_too_stays_in_the_catalogue(
    new_settings: Settings, world: World, owners: tuple[Source, ...], keep: Any
) -> None:
    with Ledger(new_settings.ledger) as ledger:
        keep(ledger, owners[0], [world(number, 1) for number in (0, 1, 8, 9)])
        with ledger.writing() as connection:
            twins.replace(connection, [world(0, 1).iri], [twins.Twin(world(0, 1).iri, world(1, 1).iri, 90, "")], AT)
        with publish.publish(ledger, new_settings) as snapshot:
            documents = Documents(snapshot.documents)
            states = {number: found.state for number in (8, 9) if (found := documents.get(world(number, 1).iri))}
            documents.close()
        assert states == {8: "copy", 9: "live"}


def test_a_copy_is_shown_again_at_once_when_what_was_shown_is_gone(
    new_settings: Settings, world: World, owners: tuple[Source, ...], keep: Any, picture: Any, tmp_path: Path
) -> None:
    with Ledger(new_settings.ledger) as ledger:
        keep(ledger, owners[0], [world(number, 1) for number in (0, 1, 8, 9, 11)])
        with ledger.writing() as connection:
            twins.replace(connection, [world(0, 1).iri], [twins.Twin(world(0, 1).iri, world(1, 1).iri, 90, "")], AT)
        publish.publish(ledger, new_settings).close()
        keep(ledger, owners[0], [world(1, 1)], "gone", "delete")
        with publish.publish(ledger, new_settings, "incremental") as snapshot:
            assert snapshot.manifest.mode == "incremental"
            made = picture(snapshot)
        other = replace(new_settings, data=tmp_path / "other", ledger_url=new_settings.ledger)
        with publish.publish(ledger, other, "rebuild") as rebuilt:
            assert picture(rebuilt)["store"] == made["store"]
        assert made["faults"] == []
        assert made["counts"]["datasets"] == 1


def test_repairs_stand_in_the_provenance_graph_and_in_the_documents(
    new_settings: Settings, world: World, owners: tuple[Source, ...], keep: Any
) -> None:
    with Ledger(new_settings.ledger) as ledger:
        entity = world(0, 1)
        keep(ledger, owners[0], [entity])
        rule = repair.RULES[0].id
        line = f'<{entity.iri}> <{DCT}title> "Budget  \\"x\\"" .\n'
        with ledger.writing() as connection:
            run = writing.start_run(connection, owners[0].name, AT, None)
            applied = repair.pack([repair.Application(rule, line, line.replace("  ", " "), "")])
            repairs.put(connection, run, AT, [Repaired(entity.iri, 0, applied, None)])
        with publish.publish(ledger, new_settings) as snapshot:
            assert publish.verify(snapshot) == []
            documents, store = Documents(snapshot.documents), graph.open_read_only(snapshot.store)
            name = owners[0].name
            assert documents.repairs_by_rule(name) == [(rule, 1, 1)]
            [(iri, kind, _, [done])] = documents.repaired(name, rule)
            assert (iri, kind, done.rule, done.removed, done.run) == (entity.iri, "dataset", rule, line, run)
            assert documents.repaired(name, "another-rule") == []
            assert documents.repaired(name, after=iri) == []
            pattern = (
                f"GRAPH <{BASE}graph/provenance> {{ ?r a <urn:maillon:term:Repair> ; "
                f"<http://www.w3.org/ns/prov#used> <{iri}> ; <urn:maillon:term:rule> <urn:maillon:rule:{rule}> ; "
                f"<http://www.w3.org/ns/prov#wasInformedBy> <{BASE}id/catalog/{name}#run-{run}> . "
                f"<urn:maillon:rule:{rule}> <http://www.w3.org/2000/01/rdf-schema#label> ?title }}"
            )
            assert graph.count(store, pattern) == 4
            assert graph.count(store, "?r a <urn:maillon:term:Repair>") == 0
            documents.close()
