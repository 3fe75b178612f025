"""Random histories of several sources: whatever happened, in whatever order, the ledger is right and is published."""

import importlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from maillon import identifiers, mapping, publish, repair
from maillon.harvest import Report, link
from maillon.harvest.staging import Staged
from maillon.harvest.taking import Taker, renamed
from maillon.ledger import Ledger, bookmarks, reading, repairs, schema, twins
from maillon.settings import Settings
from maillon.sources import Source
from maillon.store import graph
from maillon.store.documents import Documents

from .conftest import Town

BASE = "https://catalogue.example.org/"
SHOWN = ("live", "missing")
NAMES = ("north", "south")
SLOTS = 5
SHARED = 4  # from this slot on, the IRI of a dataset is the same in every source
TABLE = {"name": "places", "dataset": "fixed", "file": "places.csv", "iri": "{nis}",
         "columns": {"nis": {"property": "dct:identifier"}, "name": {"property": "rdfs:label"}}}  # fmt: skip
ROWS = ("nis,name\n1,Alpha\n2,Beta\n", "nis,name\n2,Beta\n3,Gamma\n", "\x00\x01", None)
ACTIONS = (
    "put", "put", "hide", "vanish", "vanish", "rename", "rename", "rename all", "private", "delete", "partial", "shift",
    "fail", "table", "repairs", "aggregator", "replay", "link", "publish", "sleep",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.sampled_from(NAMES), st.integers(0, SLOTS - 1), st.integers(0, 2)),
    min_size=2, max_size=8,
)  # fmt: skip


@dataclass
class Portal:
    """What one source would answer now: lines by slot, and how it is defined."""

    town: Town
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    names: Counter[int] = field(default_factory=Counter)
    private: set[int] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    marks: int = 0
    last: Report | None = None

    def put(self, slot: int, variant: int) -> None:
        self.private.discard(slot)
        name = self.town.source.name
        title = f"Ã‰tat des  {('arbres', 'bancs', 'voies', 'parcs', 'places')[slot]}{' (suite)' * (variant == 2)}"
        files = {"csv": f"{name}-{slot}.csv"} | ({"zip": f"{name}-{slot}-{variant}.zip"} if variant else {})
        self.lines[slot] = {"id": "", "title": title, "files": files, "publisher": "Ville"}
        if slot >= SHARED:
            self.lines[slot]["iri"] = f"https://owner.example/{slot}"
        self.lines[slot]["id"] = f"{slot}{'x' * self.names[slot]}"
        self.deleted.discard(self.lines[slot]["id"])

    def rename(self, slot: int) -> None:
        if slot in self.lines:
            self.names[slot] += 1
            self.lines[slot] = {**self.lines[slot], "id": f"{slot}{'x' * self.names[slot]}"}

    def listed(self) -> list[dict[str, Any]]:
        lines = [
            {"id": line.get("iri", line["id"]), "private": True} if slot in self.private else line
            for slot, line in sorted(self.lines.items())
        ]
        fixed = {"id": "fixed", "title": "Lieux", "files": {"csv": "places.csv"}}
        return [*lines, *({"deleted": identifier} for identifier in sorted(self.deleted)), fixed]

    def run(self, *more: dict[str, Any], lines: Sequence[dict[str, Any]] | None = None, **options: Any) -> Report:
        self.marks += 1
        mark = {"bookmark": str(self.marks), "partial": lines is not None}
        self.town.lists(*(self.listed() if lines is None else lines), *more, mark)
        self.last = self.town.run(accept_mass_change=True, **options)
        return self.last


def write(path: Path, text: str | None) -> None:
    path.unlink(missing_ok=True)
    if text is not None:
        path.write_text(text, encoding="utf-8")


class World:
    """Portals that share one ledger, changed step by step and looked at after each."""

    def __init__(self, folder: Path, kind: str, ledger: Ledger, check: Callable[[Ledger], None]) -> None:
        self.ledger, self._check, self._folder = ledger, check, folder
        self.settings = Settings(
            data=folder / "data", base_iri=BASE, ledger_url=f"sqlite:///{folder}/data/ledger.sqlite"
        )
        self._listing = importlib.import_module(kind)
        self.portals = {}
        for name in NAMES:
            (folder / name).mkdir()
            source = Source(name=name, kind=kind, url=str(folder / name / "list.json"), language="fr")
            town = Town(folder / name, self.settings, ledger, replace(source, grace_days=2, grace_runs=1))
            town.policy(tables=(TABLE,) if name == NAMES[0] else ())
            (folder / name / "places.csv").write_text(ROWS[0] or "")
            self.portals[name] = Portal(town)
            for slot in range(3):
                self.portals[name].put(slot, 0)
            self.full(self.portals[name])

    def step(self, action: str, name: str, slot: int, variant: int) -> None:
        portal = self.portals[name]
        if action == "publish":
            self.publish("incremental")
        elif action == "link":
            link(self.ledger, self.settings.data)
        elif action == "sleep":
            for item in self.portals.values():
                item.town.sleeps(days=variant)
        elif action in {"partial", "hide", "shift", "fail", "replay"}:
            getattr(self, action)(portal, slot, variant)
        else:
            self.alter(action, portal, slot, variant)
            self.full(portal)
        self.check(portal)

    def alter(self, action: str, portal: Portal, slot: int, variant: int) -> None:
        town = portal.town
        if action == "put":
            portal.put(slot, variant)
        elif action in {"rename", "rename all"}:
            for each in list(portal.lines) if action == "rename all" else [slot]:
                portal.rename(each)
        elif action == "private":
            portal.private.add(slot)
        elif action == "repairs":
            town.policy(repairs_off=tuple(rule.id for rule in repair.RULES) if variant else ())
        elif action == "aggregator":
            town.policy(aggregator=bool(variant))
        elif action == "table":
            write(town.folder / "places.csv", ROWS[(slot + variant) % len(ROWS)])
        else:
            self.take(action, portal, slot)

    def take(self, action: str, portal: Portal, slot: int) -> None:
        line = portal.lines.pop(slot, None)
        if line is not None and action == "delete":
            portal.deleted.add(line.get("iri", line["id"]))

    def full(self, portal: Portal) -> None:
        """Harvest all of a source, then again: a second identical run must change nothing."""
        report = portal.run()
        assert report.status == "done", report.notes
        before = self.rows()
        missing = report.missing or any(item.state == "missing" for item in self.ledger.current())
        again = portal.run(full=True)
        assert again.status == "done"
        if not missing:
            assert self.rows() == before
            assert (again.new, again.changed, again.gone) == (0, 0, 0)
        self.check_identity(portal)

    def partial(self, portal: Portal, slot: int, variant: int) -> None:
        portal.put(slot, variant)
        changed = [line for line in portal.listed() if line.get("id") == portal.lines[slot]["id"]]
        published = {item.iri for item in self.ledger.current(kinds=["dataset"]) if item.state in SHOWN}
        before = portal.last
        report = portal.run(lines=changed)
        assert report.status == "done"
        assert report.partial
        assert before is not None
        assert published <= {item.iri for item in self.ledger.current(kinds=["dataset"]) if item.state in SHOWN}
        assert portal.town.run(replay_run=report.run, accept_mass_change=True).partial

    def hide(self, portal: Portal, slot: int, variant: int) -> None:
        """Mark a dataset private in a run that mentions nothing else: it and its files are shown no longer."""
        portal.private.add(slot)
        line = portal.lines.get(slot)
        if line is not None:
            portal.run(lines=[{"id": line.get("iri", line["id"]), "private": True}])
            name = portal.town.source.name
            shown = [item for item in self.ledger.current() if item.state in SHOWN and item.source == name]
            with self.ledger.reading() as connection:
                own = identifiers.mint(BASE, "dataset", name, line["id"])
                iri = line.get("iri") or bookmarks.aliases_of(connection, name).get(own, own)
            assert iri not in {item.iri for item in shown}
            files = {item.iri for item in shown if f"{name}-{slot}" in item.text and item.kind == "distribution"}
            assert all(any(f"<{file}>" in item.text for item in shown if item.kind == "dataset") for file in files)

    def shift(self, portal: Portal, slot: int, variant: int) -> None:
        flag = portal.town.folder / "shifts"
        flag.touch()
        portal.put(slot, variant)
        report = portal.run({"shift once": str(flag)})
        assert report.status == "done"
        assert "read 2 times" in " ".join(report.notes)

    def fail(self, portal: Portal, slot: int, variant: int) -> None:
        before = self.rows()
        report = portal.run({"raise": ("SourceUnavailable", "PagesShifted", "KeyError")[variant]})
        assert report.status == "failed"
        assert self.rows() == before

    def replay(self, portal: Portal, slot: int, variant: int) -> None:
        done = [row.id for row in self.ledger.runs(portal.town.source.name) if row.status == "done"][:3]
        if (portal.town.settings.data / "raw" / str(done[-1])).is_dir():
            assert portal.town.run(replay_run=done[-1], accept_mass_change=True).status == "done"
        self.full(portal)

    def rows(self) -> dict[str, list[Any]]:
        names = ("entities", "versions", "changes", "repairs", "aliases")
        with self.ledger.reading() as connection:
            columns = {name: [column for column in schema.metadata.tables[name].c if column.name != "last_seen_run"]
                       for name in names}  # fmt: skip
            return {name: sorted(map(repr, connection.execute(select(*columns[name])))) for name in names}

    def check(self, portal: Portal) -> None:
        self._check(self.ledger)
        self.check_aliases()
        name = portal.town.source.name
        with self.ledger.reading() as connection:
            data = [row for row in reading.of_source(connection, name) if row.kind == "data" and row.state == "missing"]
        assert data == []

    def check_aliases(self) -> None:
        known = self.ledger.known([item.iri for item in self.ledger.current()])
        for name in NAMES:
            with self.ledger.reading() as connection:
                aliases = bookmarks.aliases_of(connection, name)
            assert aliases.keys().isdisjoint(aliases.values())
            assert set(aliases.values()) <= known.keys()

    def check_identity(self, portal: Portal) -> None:
        """After a complete run: what is given is there once, what is private nowhere, repairs tell what they did."""
        name = portal.town.source.name
        with self.ledger.reading() as connection:
            aliases = bookmarks.aliases_of(connection, name)
        known = {item.iri: item for item in self.ledger.current()}
        kept: Counter[str] = Counter()
        for slot, line in portal.lines.items():
            own = line.get("iri") or identifiers.mint(BASE, "dataset", name, line["id"])
            iri = aliases.get(own, own)
            kept[iri] += 1
            if iri in known and known[iri].source == name:
                assert (known[iri].state in SHOWN) == (slot not in portal.private)
            if slot in portal.private:
                files = [item for item in known.values() if f"/{name}-{slot}.csv" in item.text and item.state in SHOWN]
                assert not [item for item in files if f"{item.iri}>" in known[iri].text] if iri in known else True
        assert set(kept.values()) <= {1}
        self.check_repairs(portal, aliases, known)

    def check_repairs(self, portal: Portal, aliases: dict[str, str], known: dict[str, Any]) -> None:
        taker = Taker(repair.Context(source=portal.town.source, base=BASE), aliases)
        for item in self.staged(portal, taker):
            stored = known.get(item.iri)
            if stored is None or stored.source != portal.town.source.name:
                continue
            assert stored.text == item.text
            with self.ledger.reading() as connection:
                row = repairs.current(connection, [item.iri]).get(item.iri)
            applied = repair.unpack(None if row is None else row.applied)
            lines = set((item.sent or item.text).splitlines())
            for each in applied:
                assert "_:" not in each.removed + each.added
                lines = (lines - set(each.removed.splitlines())) | set(each.added.splitlines())
            assert lines == set(stored.text.splitlines())

    def staged(self, portal: Portal, taker: Taker) -> Iterator[Staged]:
        for slot, line in portal.lines.items():
            if slot not in portal.private:
                given = mapping.entities(self._listing.dataset(line), portal.town.source, BASE)
                yield from taker.items([renamed(entity, taker.aliases, BASE) for entity in given])

    def publish(self, mode: publish.Mode, other: bool = False) -> tuple[bool, dict[str, Any]]:
        into = replace(self.settings, data=self._folder / "other") if other else self.settings
        with publish.publish(self.ledger, into, mode) as snapshot:
            with closing(Documents(snapshot.documents)) as documents:
                found = {item.iri: item.state for item in documents.dump() if item.kind == "dataset"}
            # The history of scores is another in a folder that published more often.
            history = f"<{BASE}graph/quality-history>"
            quads = graph.open_read_only(snapshot.store)
            store = sorted(str(quad) for quad in quads if str(quad.graph_name) != history)
            picture = {"content": snapshot.manifest.content, "counts": snapshot.manifest.counts, "store": store}
            fresh = snapshot.fresh
        assert not {iri for iri, state in found.items() if state in (*SHOWN, "copy")} ^ {
            item.iri for item in self.ledger.current(kinds=["dataset"]) if item.state in SHOWN
        }
        with self.ledger.reading() as connection:
            copies = twins.all_twins(connection)
        assert all(found[copies[iri].shown] in SHOWN for iri, state in found.items() if state == "copy")
        return fresh, picture


def play(steps: Sequence[tuple[str, str, int, int]], kind: str, check: Callable[[Ledger], None]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        with Ledger(f"sqlite:///{folder}/data/ledger.sqlite") as ledger:
            world = World(folder, kind, ledger, check)
            world.publish("incremental")
            for step in steps:
                world.step(*step)
            fresh, made = world.publish("incremental")
            if fresh:
                assert world.publish("rebuild", other=True)[1] == made


@pytest.mark.slow
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
@example(
    steps=[("rename all", "north", 0, 0), ("put", "north", 4, 1), ("link", "north", 0, 0), ("vanish", "south", 1, 0)]
)
@example(steps=[("hide", "north", 1, 0), ("put", "north", 1, 2), ("partial", "north", 1, 1), ("shift", "north", 2, 2)])
@example(
    steps=[("put", "south", 4, 0), ("aggregator", "south", 0, 1), ("put", "north", 4, 1), ("repairs", "north", 0, 1)]
)
def test_whatever_happens_nothing_is_lost_and_nothing_private_is_shown(
    steps: list[tuple[str, str, int, int]], harvester: str, check_ledger: Callable[[Ledger], None]
) -> None:
    play(steps, harvester, check_ledger)
