"""What publishing promises: sound snapshots whose parts agree, and none where nothing changed."""

import io
import json
import resource
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, RdfFormat, parse

from maillon import publish
from maillon.errors import OperatorError, SnapshotError
from maillon.ledger import Ledger
from maillon.publish import retention
from maillon.records import Entity
from maillon.search import Query, SearchIndex
from maillon.settings import Settings
from maillon.sources import Source
from maillon.store import findings_by_record, graph, snapshots
from maillon.store.documents import Documents
from maillon.store.snapshots import Snapshot

BASE = "http://localhost:8000/"
DCAT = "http://www.w3.org/ns/dcat#"
World = Callable[[int, int], Entity]


def filled(settings: Settings, world: World, owners: tuple[Source, ...], keep: Any, numbers: range) -> Ledger:
    ledger = Ledger(settings.ledger)
    keep(ledger, owners[0], [world(number, 1) for number in numbers])
    return ledger


@pytest.mark.parametrize("name", ["settings", "harvested"])
def test_all_parts_of_a_snapshot_count_the_same(name: str, request: pytest.FixtureRequest) -> None:
    settings: Settings = request.getfixturevalue(name)
    with snapshots.open_current(settings.snapshots) as snapshot:
        assert publish.verify(snapshot) == []
        documents = Documents(snapshot.documents)
        store = graph.open_read_only(snapshot.store)
        datasets = snapshot.manifest.counts["datasets"]
        assert datasets >= 12
        assert documents.count("dataset") == datasets
        assert len(documents.page("dataset", limit=1000)) == datasets
        assert len(SearchIndex(snapshot.search)) == datasets
        assert (
            graph.count(store, f"?d a <{DCAT}Dataset> FILTER NOT EXISTS {{ ?d a <{DCAT}DatasetSeries> }}") == datasets
        )
        assert graph.count(store, f"<{BASE}id/catalog/all> <{DCAT}dataset> ?d") == datasets
        assert sum(snapshot.manifest.sources.values()) == datasets
        assert sum(source.datasets for source in documents.sources()) == datasets


def test_a_tombstone_is_only_in_the_documents(settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        documents = Documents(snapshot.documents)
        gone = documents.get(f"{BASE}id/dataset/ville/disparu")
        assert gone is not None
        assert (gone.state, gone.derived, gone.findings) == ("gone", "", [])
        assert "Jeu disparu" in gone.text
        assert documents.find("record", gone.key) is None
        assert gone.iri not in {document.iri for document in documents.page("dataset", limit=1000)}
        store = graph.open_read_only(snapshot.store)
        assert graph.count(store, f"{{ <{gone.iri}> ?p ?o }} UNION {{ ?s ?p <{gone.iri}> }}") == 0


def test_what_is_withheld_is_nowhere(new_settings: Settings, world: World, owners: Any, keep: Any) -> None:
    with filled(new_settings, world, owners, keep, range(8)) as ledger:
        hidden = world(0, 2)
        keep(ledger, owners[0], [hidden], "withheld", "withhold")
        with publish.publish(ledger, new_settings) as snapshot:
            out = io.BytesIO()
            publish.dump(snapshot, out)
            assert hidden.iri not in out.getvalue().decode()
            assert Documents(snapshot.documents).get(hidden.iri) is None
            store = graph.open_read_only(snapshot.store)
            assert graph.count(store, f"<{hidden.iri}> ?p ?o") == 0


def test_a_violation_in_a_distribution_takes_conformance_from_its_dataset(
    new_settings: Settings, world: World, owners: Any, keep: Any
) -> None:
    with Ledger(new_settings.ledger) as ledger:
        # Dataset 0 in variant 2 refers to distributions 8 (a/p0) and 9 (b/p2 is another); 8 lacks its access URL.
        keep(ledger, owners[0], [world(0, 2), world(8, 0)])
        with publish.publish(ledger, new_settings) as snapshot:
            documents = Documents(snapshot.documents)
            dataset, distribution = documents.get(world(0, 2).iri), documents.get(world(8, 0).iri)
            assert dataset is not None
            assert distribution is not None
            violations = [item.shape for item in distribution.findings if item.severity == "Violation"]
            assert violations == ["urn:maillon:shape:distribution-access-url"]
            assert {dataset.iri: tuple(dataset.findings)} == findings_by_record.of_iris(documents, [dataset.iri])
            assert "Violation" not in {item.severity for item in dataset.findings}
            assert not dataset.conformant
            assert documents.count("dataset", conformant_only=True) == 0


def test_findings_and_provenance_are_in_named_graphs(settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        names = {graph.value for graph in graph_names(snapshot)}
        own = {f"{BASE}graph/{name}" for name in ("findings", "provenance", "copies", "quality")}
        assert names == {*own, f"{BASE}graph/data/ville/stations"}
        store = graph.open_read_only(snapshot.store)
        result = "<http://www.w3.org/ns/shacl#ValidationResult>"
        findings = graph.count(store, f"GRAPH <{BASE}graph/findings> {{ ?r a {result} }}")
        assert findings == snapshot.manifest.counts["findings"] > 0
        activity = "<http://www.w3.org/ns/prov#Activity>"
        runs = sum(len(source.runs) for source in Documents(snapshot.documents).sources())
        assert graph.count(store, f"GRAPH <{BASE}graph/provenance> {{ ?r a {activity} }}") == runs > 0


def graph_names(snapshot: Snapshot) -> list[Any]:
    return list(graph.open_read_only(snapshot.store).named_graphs())


def test_nothing_is_made_where_nothing_changed(new_settings: Settings, world: World, owners: Any, keep: Any) -> None:
    with filled(new_settings, world, owners, keep, range(8)) as ledger:
        publish.publish(ledger, new_settings).close()
        with publish.publish(ledger, new_settings) as again:
            assert (again.number, again.fresh) == (1, False)
        with publish.publish(ledger, new_settings, "rebuild") as rebuilt:
            assert (rebuilt.number, rebuilt.fresh) == (2, True)


def test_the_way_follows_the_share_of_changes(new_settings: Settings, world: World, owners: Any, keep: Any) -> None:
    with filled(new_settings, world, owners, keep, range(12)) as ledger:
        publish.publish(ledger, new_settings).close()
        keep(ledger, owners[0], [world(5, 2)], "live", "update")
        with publish.publish(ledger, new_settings) as few:
            assert (few.manifest.mode, few.manifest.previous, few.manifest.changed) == ("incremental", 1, 1)
        keep(ledger, owners[0], [world(number, 3) for number in range(8)], "live", "update")
        with publish.publish(ledger, new_settings) as many:
            assert (many.manifest.mode, many.manifest.changed) == ("rebuild", 0)


def test_another_base_or_title_is_published_though_the_ledger_is_the_same(
    new_settings: Settings, world: World, owners: Any, keep: Any
) -> None:
    with filled(new_settings, world, owners, keep, range(8)) as ledger:
        publish.publish(ledger, new_settings).close()
        titled = replace(new_settings, title="Another title")
        with publish.publish(ledger, titled) as snapshot:
            assert (snapshot.fresh, snapshot.manifest.mode) == (True, "incremental")
        moved = replace(titled, base_iri="https://data.example.org/")
        with publish.publish(ledger, moved, "incremental") as snapshot:
            assert snapshot.manifest.mode == "rebuild"


def test_two_publishers_exclude_each_other(new_settings: Settings, world: World, owners: Any, keep: Any) -> None:
    with (
        filled(new_settings, world, owners, keep, range(2)) as ledger,
        retention.publisher_lock(new_settings.snapshots),
        pytest.raises(SnapshotError, match="Another process publishes"),
    ):
        publish.publish(ledger, new_settings)


def test_an_empty_ledger_can_be_published(new_settings: Settings) -> None:
    with Ledger(new_settings.ledger) as ledger, publish.publish(ledger, new_settings) as snapshot:
        assert publish.verify(snapshot) == []
        assert snapshot.manifest.counts["datasets"] == 0


def test_a_dump_keeps_every_literal_as_it_was(settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        dumps: dict[str, set[Any]] = {}
        for media_type in publish.MEDIA_TYPES:
            out = io.BytesIO()
            publish.dump(snapshot, out, media_type)
            format_ = RdfFormat.from_media_type(media_type)
            assert format_ is not None
            dumps[media_type] = set(parse(out.getvalue(), format_))
            assert b"nonNegativeInteger" in out.getvalue()
        default = {quad for quad in dumps["application/n-quads"] if quad.graph_name == DefaultGraph()}
        assert dumps["application/trig"] == dumps["application/n-quads"] > default
        assert dumps["text/turtle"] == dumps["application/n-triples"] == default
        with pytest.raises(OperatorError, match="use one of"):
            publish.dump(snapshot, io.BytesIO(), "text/plain")


def test_a_dump_and_the_store_hold_the_same(settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        out = io.BytesIO()
        publish.dump(snapshot, out)
        store = graph.open_read_only(snapshot.store)
        dumped = graph.normalised([out.getvalue().decode()])
        quality = f"{BASE}graph/quality"
        others = {quad for quad in set(store) - dumped if not str(quad.graph_name).startswith(f"<{quality}")}
        assert dumped <= set(store)
        assert quality not in out.getvalue().decode()
        subjects = {str(quad.subject) for quad in others}
        assert not any(BASE in subject for subject in subjects), (
            "only labels of vocabularies and quality are not in the dump"
        )


def test_progress_names_each_stage(new_settings: Settings, world: World, owners: Any, keep: Any) -> None:
    seen: list[str] = []
    with filled(new_settings, world, owners, keep, range(4)) as ledger:
        publish.publish(ledger, new_settings, progress=lambda stage, done, total: seen.append(stage)).close()
        publish.publish(ledger, new_settings, progress=lambda stage, done, total: seen.append(stage)).close()
    assert list(dict.fromkeys(seen)) == [
            "documents", "quality", "store", "search", "verify", "switch", "unchanged",
        ]  # fmt: skip


def test_a_manifest_says_what_it_was_made_of(settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        values = json.loads((snapshot.path / "manifest.json").read_text(encoding="utf-8"))
        assert values["base_iri"] == BASE
        assert {"maillon", "pyoxigraph", "tantivy"} <= values["versions"].keys()
        names = {path.relative_to(snapshot.path).as_posix() for path in snapshot.path.rglob("*") if path.is_file()}
        assert names - values["files"].keys() == {"manifest.json", "lease"}


def test_a_copied_snapshot_serves_elsewhere_without_being_written_to(settings: Settings, tmp_path: Path) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        root = tmp_path / "elsewhere"
        target = snapshots.folder(root, snapshot.number)
        target.parent.mkdir()
        copy_tree(snapshot.path, target)
        snapshots.switch(root, snapshot.number)
        for path in (*target.rglob("*"), target):
            path.chmod(0o555 if path.is_dir() else 0o444)
        before = sorted(path.as_posix() for path in target.rglob("*"))
        with snapshots.open_current(root) as copied:
            assert publish.verify(copied) == []
        assert sorted(path.as_posix() for path in target.rglob("*")) == before
        for path in (target, *target.rglob("*")):
            path.chmod(0o755)


def copy_tree(source: Path, target: Path) -> None:
    target.mkdir()
    for path in sorted(source.rglob("*")):
        copied = target / path.relative_to(source)
        if path.is_dir():
            copied.mkdir()
        else:
            copied.write_bytes(path.read_bytes())


def test_a_renamed_publisher_is_renamed_at_its_datasets(new_settings: Settings, keep: Any, entity: Any) -> None:
    body = "https://body.example.org/id"
    source = Source(name="c", kind="dcat", url="c.ttl", publisher="Old name", publisher_iri=body)
    iri = f"{BASE}id/dataset/c/1"
    dataset = entity(iri, "dataset", f'<{iri}> a dcat:Dataset ; dct:title "Un"@fr ; dct:publisher <{body}> .')
    with Ledger(new_settings.ledger) as ledger:
        keep(ledger, source, [dataset])
        with publish.publish(ledger, new_settings) as snapshot:
            assert _publisher_names(snapshot) == ["Old name"]
        keep(ledger, replace(source, publisher="New name"), [dataset], "live", None)
        with publish.publish(ledger, new_settings, "incremental") as snapshot:
            assert snapshot.manifest.mode == "incremental"
            assert _publisher_names(snapshot) == ["New name"]
            assert publish.verify(snapshot) == []


def _publisher_names(snapshot: Snapshot) -> list[str]:
    (hit,) = SearchIndex(snapshot.search).search(Query()).hits
    return list(hit.summary.publisher_name.values())


def test_a_folder_that_cannot_be_written_is_a_clear_error(
    new_settings: Settings, world: World, owners: Any, keep: Any
) -> None:
    with filled(new_settings, world, owners, keep, range(4)) as ledger:
        publish.publish(ledger, new_settings).close()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))  # as on a full disk; the ledger is read only
        try:
            with pytest.raises(SnapshotError, match="the last one is still served"):
                publish.publish(ledger, new_settings, "rebuild")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)
        with snapshots.open_current(new_settings.snapshots) as snapshot:
            assert (snapshot.number, publish.verify(snapshot)) == (1, [])
        assert sorted(path.name for path in new_settings.snapshots.iterdir()) == [
            "00000001",
            "current",
            "publisher.lock",
        ]
