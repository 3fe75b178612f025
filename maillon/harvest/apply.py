"""Applies what a run has read to its end: staging and ledger in, new versions, findings, states and changes out.

Each batch is validated first, then written in one short transaction; a process that is killed leaves the batches
before, and the next run does the rest. What the run has not seen is settled in one last transaction together with the
end of the run, so that ``missing_runs`` counts complete runs only. A dry run goes the same way and writes nothing.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from maillon import validation
from maillon.errors import MassChange
from maillon.harvest import dropped, repairing
from maillon.harvest.decisions import (
    PUBLISHED,
    Decision,
    Verdict,
    decide,
    is_foreign,
    lapse,
    refuse_address,
    refuse_foreign,
    withdraw,
)
from maillon.harvest.merging import parts_of
from maillon.harvest.options import Progress, written
from maillon.harvest.staging import Staged, Staging
from maillon.ledger import EntityRow, Ledger, NewState, NewVersion, Validation, reading, repairs, writing
from maillon.ledger.repairs import Repaired
from maillon.records import Finding, Rejected, Version
from maillon.repair import unpack
from maillon.sources import Source

MASS_CHANGE_FLOOR = 5
"""So many datasets may always vanish, or small sources would stop at every change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Numbers of datasets, as ``Report`` describes them."""

    new: int
    changed: int
    unchanged: int
    withheld: int
    missing: int
    gone: int
    published: int


@dataclass
class Application:
    """The applying of one run.

    Attributes:
        source: What was harvested.
        ledger: Where to.
        staging: What was read.
        run: Number of the run, 0 for a dry run, which writes nothing.
        now: Time of the run.
        private: Datasets, by IRI, that the source marks private and of which nothing may be shown any longer.
        deleted: What the source says it has deleted, by IRI.
        is_partial: Whether what this run has not seen stays as it is.
        kept: Rows of open datasets that stay as they are.
        withdrawn: Rows of which nothing may be shown any longer.
        yielding: Sources whose entities this one takes over where both describe them.
        rejected: Records refused here, because another entity or source has their IRI or address.
        withheld: Datasets that the gate keeps back, with the reason.
        unseen: State that entities not seen in this run came to, by kind and state.
        tally: Findings of what was read, before and after repair.
        repaired: Number of entities by rule that repaired them.
    """

    source: Source
    ledger: Ledger
    staging: Staging
    run: int
    now: datetime
    private: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    is_partial: bool = False
    kept: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()
    yielding: frozenset[str] = frozenset()
    rejected: list[Rejected] = field(default_factory=list)
    withheld: list[Rejected] = field(default_factory=list)
    unseen: Counter[tuple[str, str]] = field(default_factory=Counter)
    tally: repairing.Tally = field(default_factory=repairing.Tally)
    repaired: Counter[str] = field(default_factory=Counter)

    @property
    def _at(self) -> str:
        return written(self.now)

    def transaction(self) -> AbstractContextManager[Connection]:
        """Give a writing transaction; a dry run gets a reading one."""
        return self.ledger.writing() if self.run else self.ledger.reading()

    def vanishing(self) -> list[str]:
        """Return the datasets that the ledger shows and this run has not read; none in a partial run."""
        if self.is_partial:
            return []
        found: list[str] = []
        with self.ledger.reading() as connection:
            rows = (row for row in reading.of_source(connection, self.source.name) if row.kind == "dataset")
            while part := list(islice(rows, reading.BATCH)):
                shown = [row.iri for row in part if row.state != "withheld"]
                found += sorted(self.staging.lacking(shown) - self.private - self.deleted)
        return found

    def compare(self, accept_mass_change: bool) -> None:
        """Find what the ledger has of this source and this run has not, before anything is applied.

        Raises:
            MassChange: Too many datasets would vanish at once.
        """
        live = vanishing = 0
        gone = dropped.parts(self.ledger, self.staging, self.deleted) if self.is_partial else self._parts(self.deleted)
        self.deleted |= gone
        self.private |= self._parts(self.private)
        with self.ledger.reading() as connection:
            rows = reading.of_source(connection, self.source.name)
            while part := list(islice(rows, reading.BATCH)):
                lacking = self.staging.lacking([row.iri for row in part])
                if self.is_partial:
                    lacking &= self.deleted | self.private | {row.iri for row in part if row.kind == "data"}
                lacking -= self.kept
                self.staging.note_unseen((row.iri, row.missing_since is None) for row in part if row.iri in lacking)
                datasets = [row for row in part if row.kind == "dataset" and row.state == "live"]
                datasets = [row for row in datasets if row.iri not in self.private]  # they must go, however many
                live += len(datasets)
                vanishing += sum(row.iri in lacking for row in datasets)
        too_many = vanishing > MASS_CHANGE_FLOOR and vanishing > self.source.mass_change * live
        if too_many and not accept_mass_change:
            raise MassChange(
                f"{vanishing:,} of the {live:,} datasets of source {self.source.name} would vanish, more than its "
                f"mass_change of {self.source.mass_change:.0%}: nothing was changed. Look at the source; if this is "
                "right, run again with --accept-mass-change."
            )

    def apply(self, progress: Progress) -> None:
        """Apply what was read, batch by batch."""
        done, total = 0, self.staging.count()
        progress("applying", done, total)
        for batch in self.staging.batches():
            self._apply(batch)
            done += len(batch)
            progress("applying", done, total)

    def _apply(self, batch: Sequence[Staged]) -> None:
        known = self.ledger.known([item.iri for item in batch])
        ours = [item for item in batch if not is_foreign(known.get(item.iri), self.source.name, self.yielding)]
        verdicts = self._verdicts(ours)
        with self.ledger.reading() as connection:
            repaired = repairing.known(connection, ours)
        altered = repairing.differing(ours, repaired)
        with self.transaction() as connection:
            known = reading.known(connection, [item.iri for item in batch])
            decisions = self._decide(connection, batch, known, verdicts)
            if self.run:
                self._write(connection, decisions, known, verdicts)
                self._write_repairs(connection, decisions, known, altered)
        self._count(ours, verdicts, {**repaired, **{row.iri: row for row in altered}})
        self.staging.note_outcomes((decision.item.iri, decision.outcome) for decision in decisions)
        for decision in decisions:
            if decision.item.repairs is not None and decision.outcome not in {"kept", "rejected"}:
                self.repaired.update({item.rule for item in unpack(decision.item.repairs)})
        self.rejected += [decision.rejected for decision in decisions if decision.rejected is not None]
        self._explain(decisions, verdicts)

    def _verdicts(self, items: Sequence[Staged]) -> dict[str, Verdict]:
        """Validate the versions that were never validated under these shapes; return a verdict on each, by hash."""
        with self.ledger.reading() as connection:
            passes = reading.validated(connection, [item.hash for item in items], validation.build_id())
            todo = [item for item in items if item.hash not in passes]
            before = reading.findings(connection, [item.hash for item in todo])
        verdicts = {key: Verdict(value) for key, value in passes.items()}
        if todo:
            found = validation.validate([Version(item.iri, item.kind, item.hash, item.text) for item in todo])
            for key, findings in found.items():
                fresh = Validation(key, validation.passes_gate(findings), tuple(findings))
                differs = key in before and set(before[key]) != set(findings)
                verdicts[key] = Verdict(fresh.passes, fresh, differs)
        return verdicts

    def _decide(
        self,
        connection: Connection,
        batch: Sequence[Staged],
        known: dict[str, EntityRow],
        verdicts: dict[str, Verdict],
    ) -> list[Decision]:
        moved = [item.key for item in batch if item.iri not in known or known[item.iri].key != item.key]
        holders = reading.taken_keys(connection, moved)
        decisions = []
        for item in batch:
            row, verdict = known.get(item.iri), verdicts.get(item.hash)
            holder = holders.get((item.kind, item.key), item.iri)
            # No verdict though it is free: its owner let go of it since it was looked at; the next run takes it.
            if row is not None and (verdict is None or is_foreign(row, self.source.name, self.yielding)):
                decisions.append(refuse_foreign(item, row.source))
            elif holder != item.iri:
                decisions.append(refuse_address(item, holder))
            else:
                decisions.append(decide(item, row, verdicts[item.hash], self._at))
        return decisions

    def _write(
        self,
        connection: Connection,
        decisions: Sequence[Decision],
        known: dict[str, EntityRow],
        verdicts: dict[str, Verdict],
    ) -> None:
        accepted = [decision for decision in decisions if decision.outcome not in {"kept", "rejected"}]
        fresh = {item.hash: item for item in (verdicts[each.item.hash].fresh for each in accepted) if item is not None}
        states = [decision.state for decision in accepted if decision.state is not None]
        versions = [
            NewVersion(item.iri, item.hash, item.text)
            for item in (decision.item for decision in accepted)
            if item.iri not in known or known[item.iri].hash != item.hash
        ]
        writing.put_versions(connection, self.run, self._at, versions)
        writing.put_validations(connection, validation.build_id(), self._at, fresh.values())
        new = {state.iri for state in states} - set(known)
        writing.put_entities(connection, self.run, self.source.name, states, new)
        writing.touch(connection, self.run, [decision.item.iri for decision in accepted if decision.state is None])
        writing.put_changes(connection, self.run, self._at, states)

    def _write_repairs(
        self,
        connection: Connection,
        decisions: Sequence[Decision],
        known: dict[str, EntityRow],
        altered: Sequence[Repaired],
    ) -> None:
        """Keep what is repaired in another way than before; what is published of it is then another too."""
        accepted = {each.item.iri: each for each in decisions if each.outcome not in {"kept", "rejected"}}
        rows = [row for row in altered if row.iri in accepted]
        repairs.put(connection, self.run, self._at, rows)
        still = [known[row.iri] for row in rows if row.iri in known and not accepted[row.iri].changes]
        published = [row for row in still if row.state in {"live", "missing"}]
        writing.put_changes(connection, self.run, self._at, [NewState.of(row, "validate") for row in published])

    def _count(self, items: Sequence[Staged], verdicts: dict[str, Verdict], repaired: dict[str, Repaired]) -> None:
        found = {key: verdict.fresh.findings for key, verdict in verdicts.items() if verdict.fresh is not None}
        stored = self.ledger.findings([item.hash for item in items if item.hash not in found])
        self.tally.count(items, {**stored, **found}, repaired)

    def _explain(self, decisions: Sequence[Decision], verdicts: dict[str, Verdict]) -> None:
        """Note why datasets are withheld, from the gate's findings."""
        items = [each.item for each in decisions if each.outcome == "withheld" and each.item.kind == "dataset"]
        if not items:
            return
        stored = self.ledger.findings([item.hash for item in items])
        for item in items:
            fresh = verdicts[item.hash].fresh
            findings: Sequence[Finding] = stored.get(item.hash, []) if fresh is None else fresh.findings
            shapes = {finding.shape for finding in findings if not validation.passes_gate([finding])}
            reason = " ".join(validation.message(shape, "en") for shape in sorted(shapes))
            self.withheld.append(Rejected(item.iri, reason))

    def settle(self, connection: Connection) -> None:
        """Count what this run has not seen as missing or, in the end, gone; withdraw what is private now."""
        for iris in self.staging.unseen():
            rows = reading.known(connection, iris)
            # One that is gone or another's by now is no longer ours to judge.
            ours = [row for row in rows.values() if row.source == self.source.name and row.state != "gone"]
            states = [self._unseen(row) for row in ours]
            self.unseen.update((state.kind, state.state) for state in states)
            if self.run:
                writing.put_unseen(connection, states)
                writing.put_changes(connection, self.run, self._at, states)

    def _unseen(self, row: EntityRow) -> NewState:
        if row.iri in self.private or row.iri in self.withdrawn:
            return withdraw(row)
        # A row that its file no longer has is gone at once: the file is known, and a new edition of it is the truth.
        return lapse(row, self.source, self.now, deleted=row.iri in self.deleted or row.kind == "data")

    def _parts(self, iris: frozenset[str]) -> frozenset[str]:
        """Return the distributions that datasets have or ever had, as far as the ledger knows them."""
        if not iris:
            return iris
        with self.ledger.reading() as connection:
            texts = reading.texts(connection, sorted(iris))
            return frozenset(part for text in texts for part in parts_of(text))

    def datasets(self) -> Counts:
        """Return the counts of the report, after ``apply`` and ``settle``."""
        outcomes = self.staging.outcomes()
        by_distribution = self.staging.changed_by_distribution()
        count = {outcome: outcomes[("dataset", outcome)] for outcome in (*PUBLISHED, "withheld")}
        others = self._others()
        missing = self.unseen[("dataset", "missing")] + others["missing"]
        return Counts(
            new=count["new"],
            changed=count["changed"] + by_distribution,
            unchanged=count["unchanged"] + count["returned"] - by_distribution,
            withheld=count["withheld"],
            missing=missing,
            gone=self.unseen[("dataset", "gone")],
            published=others["live"] + sum(count[outcome] for outcome in PUBLISHED) + missing,
        )

    def _others(self) -> Counter[str]:
        """Count the published datasets that a partial run does not mention, by state."""
        if not self.is_partial:
            return Counter()
        with self.ledger.reading() as connection:
            rows = [row for row in reading.of_source(connection, self.source.name) if row.kind == "dataset"]
        unseen = {iri for part in self.staging.unseen() for iri in part}
        states = {row.iri: row.state for row in rows if row.state in {"live", "missing"} and row.iri not in unseen}
        return Counter(states[iri] for part in reading.batches(states) for iri in self.staging.lacking(part))
