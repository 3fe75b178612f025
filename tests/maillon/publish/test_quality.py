"""Quality as it is published: of every dataset, the same both ways, judged again only where it may differ."""

import io
import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode

from maillon import publish
from maillon.errors import SnapshotError
from maillon.ledger import Ledger, twins
from maillon.links.states import LinkState
from maillon.links.store import Links
from maillon.publish import quality, remote_content
from maillon.publish.quality import Circumstances
from maillon.publish.remote_content import Shared
from maillon.quality import assessments
from maillon.quality.file import QualityFile
from maillon.records import Entity
from maillon.settings import Settings
from maillon.sources import Source
from maillon.sparql.remote.marker import Names
from maillon.store import graph, snapshots
from maillon.store.documents import Documents
from maillon.store.snapshots import Snapshot

BASE = "http://localhost:8000/"
AUTHORITY = "http://publications.europa.eu/resource/authority/"
QUALITY = NamedNode(f"{BASE}graph/quality")
PAST = NamedNode(f"{BASE}graph/quality-history")
DAYS = ("2026-11-22", "2026-11-23", "2026-11-25", "2026-12-01", "2026-12-30", "2027-12-01")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "ANNUAL", "IRREG")
AT = tuple(f"2026-11-2{turn}T12:00:00Z" for turn in range(2, 8))
Make = Callable[[str, str, str], Entity]


@dataclass
class Web:
    """What is known of links, which a test changes as it goes."""

    states: dict[str, LinkState] = field(default_factory=dict)
    asked: list[set[str]] = field(default_factory=list)

    def known(self, urls: Iterable[str]) -> Mapping[str, LinkState]:
        wanted = set(urls)
        self.asked.append(wanted)
        return {url: self.states[url] for url in wanted if url in self.states}

    def say(self, url: str, verdict: str) -> None:
        status = 200 if verdict == "ok" else 404
        self.states[url] = LinkState(url=url, verdict=verdict, status=status, checked="2026-11-22T10:00:00Z")


def now(settings: Settings, web: Web, today: str = DAYS[0]) -> Circumstances:
    return Circumstances(base=BASE, history=settings.quality_history, states=web.known, today=today)


def url(number: int) -> str:
    return f"https://files.example.org/{number}.csv"


def entities(make: Make, number: int, variant: int) -> list[Entity]:
    """Return a dataset and its distribution."""
    iri, part = f"https://data.example.org/{number}", f"https://data.example.org/{number}/file"
    description = f'dct:description "Texte {variant}"@fr ;' if variant % 2 else ""
    licence = f"dct:license <{AUTHORITY}licence/CC_BY_4_0> ;" if variant % 3 else ""
    dataset = f"""<{iri}> a dcat:Dataset ; dct:title "Jeu {number}"@fr ; {description}
        dct:accrualPeriodicity <{AUTHORITY}frequency/{FREQUENCIES[(number + variant) % 5]}> ;
        dct:modified "2026-11-{variant + 10}"^^xsd:date ; dct:publisher <https://org.example.org/{number % 3}> ;
        dcat:distribution <{part}> ."""
    distribution = f"""<{part}> a dcat:Distribution ; {licence} dct:format <{AUTHORITY}file-type/CSV> ;
        dcat:accessURL <{url(number)}> ; dcat:downloadURL <{url(number + variant % 2)}> ."""
    return [make(iri, "dataset", dataset), make(part, "distribution", distribution)]


def body(make: Make, number: int, name: str) -> Entity:
    iri = f"https://org.example.org/{number}"
    return make(
        iri, "organisation", f'<{iri}> a foaf:Agent ; foaf:name "{name}"@fr .' if name else f"<{iri}> a foaf:Agent ."
    )


def everything(snapshot: Snapshot) -> dict[str, Any]:
    """Return all that the quality of a snapshot answers, and what its store says of it."""
    opened = QualityFile(snapshot.quality)
    found: dict[str, Any] = {}
    for kind in ("catalogue", "source", "organisation"):
        found[f"{kind} median"] = dict(opened.median(kind))
        for scope in opened.scopes(kind):
            found[f"{kind} {scope.key}"] = scope
            found[f"{kind} {scope.key} worst"] = opened.worst(kind, scope.key, "", 1000)
            found[f"{kind} {scope.key} members"] = list(opened.members(kind, scope.key))
    opened.close()
    store = graph.open_read_only(snapshot.store)
    found["store"] = {str(quad) for quad in store.quads_for_pattern(None, None, None, QUALITY)}
    return found


class Small:
    """A ledger with datasets that a test changes as it goes."""

    def __init__(self, ledger: Ledger, owners: tuple[Source, ...], keep: Any, make: Make) -> None:
        self.ledger = ledger
        self._owners, self._keep, self._make = owners, keep, make

    def fill(self, size: int) -> None:
        """Write three bodies, and the first datasets in variant 1."""
        for number in range(3):
            self.name(number, "Service exemple", "create")
        for number in range(size):
            self.put(number, 1, operation="create")

    def put(self, number: int, variant: int, state: str = "live", operation: str = "update", at: str = AT[0]) -> None:
        made = entities(self._make, number, variant)
        self._keep(self.ledger, self._owners[number % 2], made, state, operation, at)

    def name(self, number: int, name: str, operation: str = "update", at: str = AT[0]) -> None:
        self._keep(self.ledger, self._owners[0], [body(self._make, number, name)], "live", operation, at)

    def twin(self, chance: random.Random) -> None:
        """Make a dataset a copy of another one, or its own again; always a change of the ledger."""
        copy, shown = (f"https://data.example.org/{number}" for number in chance.sample(range(6), 2))
        new = [twins.Twin(copy, shown, 90, "the same title")] if chance.random() < 0.5 else []
        with self.ledger.writing() as connection:
            twins.replace(connection, [copy], new, AT[0])
            parts = [f"https://data.example.org/{number}/file" for number in range(6)]
            twins.note_changes(connection, [copy, shown, *parts], AT[0])


@pytest.fixture
def small(new_settings: Settings, owners: tuple[Source, ...], keep: Any, entity: Make) -> Iterator[Small]:
    with Ledger(new_settings.ledger) as opened:
        yield Small(opened, owners, keep, entity)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the list to which the IRI of every dataset is added that is judged."""
    seen: list[str] = []
    entry = assessments.entry

    def noted(closure: Any) -> Any:
        seen.append(closure.iri)
        return entry(closure)

    monkeypatch.setattr(assessments, "entry", noted)
    return seen


def test_every_published_dataset_has_an_assessment_and_nothing_else_has(settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        documents, opened = Documents(snapshot.documents), QualityFile(snapshot.quality)
        shown = {item.iri for item in documents.page("dataset", limit=1000)}
        assert {item.iri for item in opened.members("catalogue")} == shown
        for item in documents.dump():
            found = opened.dataset(item.iri)
            assert (found is not None) == (item.iri in shown)
        copied = opened.dataset(f"{BASE}id/dataset/ville/jeu-1")
        assert copied is not None
        assert copied.indicators["unique"] == 0.5  # region has a copy of it
        assert copied.indicators["repaired"] is not None
        assert copied.indicators["repaired"] < 1  # two repairs
        documents.close()
        opened.close()


def test_the_graph_says_the_points_of_every_dataset(settings: Settings) -> None:
    points = "http://www.w3.org/ns/dqv#isMeasurementOf> <https://piveau.eu/ns/voc#scoring"
    with snapshots.open_current(settings.snapshots) as snapshot:
        store, opened = graph.open_read_only(snapshot.store), QualityFile(snapshot.quality)
        for item in opened.members("catalogue"):
            pattern = f"?m <http://www.w3.org/ns/dqv#computedOn> <{item.iri}> ; <{points}> ; dqv:value ?v"
            asked = pattern.replace("dqv:value", "<http://www.w3.org/ns/dqv#value>").replace(
                "?v", str(item.score.points)
            )
            assert graph.count(store, f"GRAPH {QUALITY} {{ {asked} }}") == 1
        opened.close()


def test_quality_is_in_no_dump_no_document_and_no_count(settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        out = io.BytesIO()
        publish.dump(snapshot, out)
        assert b"graph/quality" not in out.getvalue()
        assert b"ns/dqv#" not in out.getvalue()
        store = graph.open_read_only(snapshot.store)
        assert graph.triples(store) == snapshot.manifest.counts["triples"]
        assert graph.count(store, "?m <http://www.w3.org/ns/dqv#value> ?v") == 0
        assert "quality.sqlite" in snapshot.manifest.files
        assert publish.verify(snapshot) == []


def test_both_ways_give_the_same_over_random_changes(new_settings: Settings, small: Small, tmp_path: Path) -> None:
    chance, web = random.Random(7), Web()
    small.fill(6)
    other = replace(new_settings, data=tmp_path / "other")
    publish.publish(small.ledger, new_settings, "rebuild", now=now(new_settings, web)).close()
    for turn, today in enumerate(DAYS):
        for _ in range(chance.randint(0, 3)):
            web.say(url(chance.randint(0, 7)), chance.choice(("ok", "missing", "page")))
        for number in chance.sample(range(6), chance.randint(0, 2)):
            small.put(number, chance.randint(0, 9), chance.choice(("live", "live", "gone")), at=AT[turn])
        if turn % 2:
            small.name(0, "Autre nom" if turn % 4 == 1 else "", at=AT[turn])
        small.twin(chance)
        with (
            publish.publish(small.ledger, new_settings, "incremental", now=now(new_settings, web, today)) as made,
            publish.publish(small.ledger, other, "rebuild", now=now(other, web, today)) as anew,
        ):
            assert made.manifest.mode == "incremental"
            one, two = everything(made), everything(anew)
            assert {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)} == set()
            assert publish.verify(made) == publish.verify(anew) == []


def test_only_what_may_differ_is_judged_again(new_settings: Settings, small: Small, judged: list[str]) -> None:
    web = Web()
    small.fill(30)

    def published(today: str = DAYS[0]) -> list[str]:
        judged.clear()
        publish.publish(small.ledger, new_settings, "auto", now=now(new_settings, web, today)).close()
        return sorted(judged)

    assert len(published()) == 30
    assert published() == []
    small.put(4, 2)
    assert published() == ["https://data.example.org/4"]
    small.name(2, "Autre nom")
    assert published() == sorted(f"https://data.example.org/{number}" for number in range(2, 30, 3))
    web.say(url(9), "missing")
    small.put(20, 3)  # links alone are no reason on the same day
    # Dataset 8 is downloaded from there too.
    assert published() == [f"https://data.example.org/{number}" for number in (20, 8, 9)]


def test_a_day_that_passes_judges_only_what_goes_stale_on_it(
    new_settings: Settings, small: Small, judged: list[str]
) -> None:
    small.fill(10)  # all of 11 November; 0 and 5 promise a change a week, which is late from the tenth day on
    web = Web()
    publish.publish(small.ledger, new_settings, now=now(new_settings, web, "2026-11-20")).close()
    days = (("2026-11-21", (0, 5)), ("2026-11-22", ()), ("2026-11-30", (0, 5)), ("2026-12-01", ()))
    for variant, (day, due) in enumerate(days, 2):
        judged.clear()
        small.put(8, variant)
        with publish.publish(small.ledger, new_settings, "incremental", now=now(new_settings, web, day)) as snapshot:
            opened = QualityFile(snapshot.quality)
            weekly = opened.dataset("https://data.example.org/5")
            opened.close()
        assert sorted(judged) == [f"https://data.example.org/{number}" for number in (*due, 8)]
        assert weekly is not None
        assert weekly.indicators["freshness"] == (0.5 if day < "2026-11-30" else 0.0)


def test_links_that_work_otherwise_are_a_reason_to_publish_on_another_day(
    new_settings: Settings, small: Small, judged: list[str]
) -> None:
    web = Web()
    small.fill(4)
    # Nothing here goes stale: all is stale already.
    today = date.today() + timedelta(days=3650)  # noqa: DTZ011
    publish.publish(small.ledger, new_settings, now=now(new_settings, web, today.isoformat())).close()
    judged.clear()
    later = now(new_settings, web, (today + timedelta(days=1)).isoformat())
    with publish.publish(small.ledger, new_settings, now=later) as snapshot:
        assert (snapshot.fresh, judged) == (False, [])
    web.say(url(0), "missing")
    with publish.publish(small.ledger, new_settings, now=later) as snapshot:
        assert (snapshot.fresh, snapshot.manifest.mode, judged) == (True, "incremental", ["https://data.example.org/0"])
        opened = QualityFile(snapshot.quality)
        found = opened.dataset("https://data.example.org/0")
        assert found is not None
        assert found.indicators["links"] == 0.0
        opened.close()
    web.states = {key: replace(state, checks=9, checked="2030-01-01T00:00:00Z") for key, state in web.states.items()}
    with publish.publish(small.ledger, new_settings, now=later) as snapshot:
        assert not snapshot.fresh  # checked again, and the same


def test_what_the_checker_keeps_is_what_links_are_judged_by(new_settings: Settings, small: Small) -> None:
    small.fill(2)
    checked = datetime(2026, 11, 22, tzinfo=UTC)
    Links(new_settings.links).put(LinkState(url=url(0), verdict="page", status=200), checked)
    with publish.publish(small.ledger, new_settings) as snapshot:
        assert _links(snapshot) == {0: 0.0, 1: None}
    new_settings.links.write_bytes(b"torn" * 3000)
    lines: list[str] = []
    with publish.publish(small.ledger, new_settings, "rebuild", lambda stage, *_: lines.append(stage)) as snapshot:
        assert _links(snapshot) == {0: None, 1: None}
    assert len([line for line in lines if "without links" in line]) == 1


def _links(snapshot: Snapshot) -> dict[int, float | None]:
    opened = QualityFile(snapshot.quality)
    found = {number: opened.dataset(f"https://data.example.org/{number}") for number in (0, 1)}
    opened.close()
    return {number: item.indicators["links"] for number, item in found.items() if item}


def test_links_are_asked_for_together(new_settings: Settings, small: Small) -> None:
    web = Web()
    small.fill(30)
    publish.publish(small.ledger, new_settings, now=now(new_settings, web)).close()
    assert len(web.asked) == 1
    assert web.asked[0] == {url(number) for number in range(31)}


def test_a_torn_quality_file_is_found_and_makes_the_next_publish_a_rebuild(
    new_settings: Settings, small: Small
) -> None:
    small.fill(4)
    with publish.publish(small.ledger, new_settings) as snapshot:
        path, whole = snapshot.quality, snapshot.quality.read_bytes()
        path.write_bytes(b"no database" * 1000)
        assert [fault for fault in publish.verify(snapshot) if "quality.sqlite is torn" in fault]
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DELETE FROM scopes WHERE kind = 'source'")
            connection.commit()
        assert publish.verification.faults(snapshot.path, snapshot.manifest)
        path.write_bytes(b"no database" * 1000)
    small.put(0, 2)
    with publish.publish(small.ledger, new_settings) as snapshot:
        assert snapshot.manifest.mode == "rebuild"
        assert publish.verify(snapshot) == []


def test_a_snapshot_from_before_there_was_quality_is_built_upon_anew(new_settings: Settings, small: Small) -> None:
    small.fill(4)
    with publish.publish(small.ledger, new_settings) as snapshot:
        snapshot.quality.unlink()
        assert quality.keep(new_settings, snapshot) == ""
        assert not quality.is_stale(snapshot, now(new_settings, Web(), "2099-01-01"))


def test_a_remote_server_is_sent_the_same_as_a_store_of_our_own(new_settings: Settings, small: Small) -> None:
    small.fill(5)
    names, shared = Names(BASE), Shared([])
    with publish.publish(small.ledger, new_settings, now=now(new_settings, Web())) as before:
        small.put(0, 2)
        small.put(1, 1, "gone", "delete")
        with publish.publish(small.ledger, new_settings, "incremental", now=now(new_settings, Web())) as after:
            held = _sent(before, shared, names)
            for gone, new, _ in remote_content.differences(before.path, after.path, shared, names):
                for name, triples in gone.items():
                    held[name] -= set(triples)
                for name, triples in new.items():
                    held.setdefault(name, set()).update(triples)
            assert held == _sent(after, shared, names)
            store = graph.open_read_only(after.store)
            for term in (QUALITY, PAST):
                assert len(held[term.value]) == len(list(store.quads_for_pattern(None, None, None, term))) > 0


def _sent(snapshot: Snapshot, shared: Shared, names: Names) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for lines in remote_content.everything(snapshot.path, shared, names):
        for name, triples in remote_content.by_graph(lines, names.public).items():
            found.setdefault(name, set()).update(triples)
    return found


def test_a_quality_file_that_counts_otherwise_is_not_published(
    new_settings: Settings, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.fill(4)
    monkeypatch.setattr(quality._Judge, "entries", lambda *_: iter(()))
    with pytest.raises(SnapshotError, match="the quality file has 0 datasets, the manifest 4"):
        publish.publish(small.ledger, new_settings, "rebuild")
