"""A snapshot rebuilt from the ledger and one made from the last snapshot plus the changes are the same."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from maillon import publish, repair
from maillon.ledger import Ledger, repairs, twins, writing
from maillon.ledger.repairs import Repaired
from maillon.rdf import canonical
from maillon.records import Entity
from maillon.settings import Settings
from maillon.sources import Source
from maillon.store.snapshots import Snapshot

BASE = "http://localhost:8000/"
ACTIONS = {
    "put": ("live", "update"),
    "gone": ("gone", "delete"),
    "withhold": ("withheld", "withhold"),
    "miss": ("missing", None),  # no line in the change log
    "restore": ("live", "restore"),
    "twin": ("live", None),  # what follows changes no entity, only what is published of it
    "repair": ("live", None),
}
STEP = st.tuples(st.integers(0, 15), st.integers(0, 3), st.sampled_from(sorted(ACTIONS)))
ROUNDS = st.lists(st.lists(STEP, min_size=1, max_size=6), min_size=1, max_size=4)


class World:
    """A ledger that is changed by steps of (entity, variant, action), and published in two data folders."""

    def __init__(self, folder: Path, world: Callable[[int, int], Entity], owners: Sequence[Source], keep: Any) -> None:
        self.one = Settings(data=folder / "one", base_iri=BASE)
        self.other = Settings(data=folder / "other", base_iri=BASE)
        self.ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite'}")
        self._world, self._owners, self._keep = world, owners, keep
        self._clock = 0

    def change(self, steps: Sequence[tuple[int, int, str]]) -> None:
        for number, variant, action in steps:
            entity = self._world(number, variant)
            known = entity.iri in self.ledger.known([entity.iri])
            state, operation = ACTIONS[action]
            if not known and action in {"gone", "miss"}:
                continue  # only what was there can go
            if action in {"twin", "repair"}:
                self._annotate(entity, variant, action)
                continue
            if action == "miss" and self._latest(entity.iri) not in {"live", "missing"}:
                continue
            self._clock += 1
            at = f"2026-11-{1 + self._clock // 60:02d}T10:{self._clock % 60:02d}:00Z"
            if action in {"gone", "miss"}:  # the content stays as it was
                entity = self._as_it_is(entity.iri)
            self._keep(self.ledger, self._owners[number % 2], [entity], state, operation if known else "create", at)

    def _annotate(self, entity: Entity, variant: int, action: str) -> None:
        """Make a dataset a copy of another one or its own again; or note that something was repaired, or no longer."""
        if entity.iri not in self.ledger.known([entity.iri]):
            return
        at = "2026-11-21T10:00:00Z"
        with self.ledger.writing() as connection:
            if action == "twin" and entity.kind == "dataset":
                shown = self._world(variant, 0).iri
                new = [] if shown == entity.iri else [twins.Twin(entity.iri, shown, 90, "the same title")]
                parts = [f"{BASE}id/distribution/{'ab'[number % 2]}/p{number}" for number in range(3)]
                twins.replace(connection, [entity.iri], new, at)
                twins.note_changes(connection, [entity.iri, shown, *parts], at)
            if action == "repair":
                run = writing.start_run(connection, self._owners[0].name, at, None)
                line = f'<{entity.iri}> <http://purl.org/dc/terms/title> "{variant}" .\n'
                applied = repair.pack([repair.Application("some-rule", line, "", "")] * variant)
                repairs.put(connection, run, at, [Repaired(entity.iri, 0, applied, None)])
                twins.note_changes(connection, [entity.iri], at)

    def _latest(self, iri: str) -> str:
        return self.ledger.known([iri])[iri].state

    def _as_it_is(self, iri: str) -> Entity:
        stored = next(self.ledger.current([iri]))
        return Entity(iri, stored.kind, tuple(canonical.triples(stored.text)))

    def publish(self, settings: Settings, mode: publish.Mode) -> Snapshot:
        return publish.publish(self.ledger, settings, mode)

    def close(self) -> None:
        self.ledger.close()


def _difference(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return, per part that differs, what only one of two pictures has: short enough to be read."""
    found = {}
    for name, left in one.items():
        right = other[name]
        if left != right:
            if isinstance(left, list):
                found[name] = ([x for x in left if x not in right], [x for x in right if x not in left])
            else:
                found[name] = (left, right)
    return found


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(rounds=ROUNDS)
@example(rounds=[[(12, 1, "put")], [(12, 3, "put")], [(12, 3, "gone")]])  # labels that stay in every store
@example(rounds=[[(1, 3, "put"), (13, 1, "put")], [(13, 1, "gone")]])  # a body that changes its owner
@example(rounds=[[(6, 1, "put")], [(8, 0, "put")], [(9, 1, "withhold")]])  # only what a dataset refers to changes
@example(rounds=[[(0, 1, "twin"), (0, 2, "repair")], [(0, 2, "put")], [(1, 1, "gone")], [(0, 0, "twin")]])
@example(rounds=[[(15, 0, "put"), (15, 1, "repair")], [(15, 2, "put")], [(15, 2, "repair"), (15, 0, "repair")]])
@example(rounds=[[(4, 3, "put")], [(4, 1, "put")]])  # a dataset becomes a series and back
def test_rebuilt_and_incremental_snapshots_are_the_same(
    rounds: list[list[tuple[int, int, str]]],
    world: Callable[[int, int], Entity],
    owners: tuple[Source, ...],
    keep: Any,
    picture: Callable[[Snapshot], dict[str, Any]],
) -> None:
    with TemporaryDirectory() as folder:
        small = World(Path(folder), world, owners, keep)
        try:
            small.change([(number, number % 4, "put") for number in range(0, 15, 2)])
            small.publish(small.one, "rebuild").close()
            for turn, steps in enumerate(rounds):
                # The last step is always a change: without one no snapshot is made, and later runs are not told of.
                small.change([*steps, (11, turn % 4, "put")])
                with small.publish(small.one, "incremental") as snapshot:
                    pass
            with snapshot, small.publish(small.other, "rebuild") as rebuilt:
                assert (snapshot.fresh, snapshot.manifest.mode) == (True, "incremental")
                made, anew = picture(snapshot), picture(rebuilt)
            assert made["faults"] == []
            assert anew["faults"] == []
            assert _difference(made, anew) == {}
        finally:
            small.close()
