"""The applying alone, on versions made by hand: random histories, other shapes, staging that stays small."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillon import validation
from maillon.errors import MassChange
from maillon.harvest import silent
from maillon.harvest.apply import Application
from maillon.harvest.staging import Staged, Staging
from maillon.ledger import Ledger, writing
from maillon.records import Finding, Version
from maillon.sources import Source

Check = Callable[[Ledger], None]

KIND_OF = {"a": "dataset", "b": "dataset", "c": "dataset", "d": "distribution", "e": "organisation"}
CLASS_OF = {
    "dataset": "http://www.w3.org/ns/dcat#Dataset",
    "distribution": "http://www.w3.org/ns/dcat#Distribution",
    "organisation": "http://xmlns.com/foaf/0.1/Agent",
}


def staged(name: str, title: str) -> Staged:
    """An entity; one without title does not pass the gate if it is a dataset."""
    iri, kind = f"urn:x:{name}", KIND_OF[name]
    lines = [f"<{iri}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{CLASS_OF[kind]}> .\n"]
    if title:
        lines.append(f'<{iri}> <http://purl.org/dc/terms/title> "{title}" .\n')
    text = "".join(sorted(lines))
    return Staged(iri, kind, f"x-{name}", hashlib.sha256(text.encode()).hexdigest(), text)


def source(name: str) -> Source:
    return Source(name=name, kind="x", url="https://x.example/", grace_days=2, grace_runs=1, mass_change=1.0)


def harvest(ledger: Ledger, folder: Path, from_source: Source, listed: dict[str, str], now: datetime) -> Application:
    """One complete run over versions; the last transaction is the one of the real run."""
    at = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    with ledger.writing() as connection:
        writing.put_source(connection, from_source, at)
        run = writing.start_run(connection, from_source.name, at, None)
    with Staging(folder / "staging.sqlite") as staging:
        for name, title in listed.items():
            staging.add([staged(name, title)], [("urn:x:a", "urn:x:d")] if name == "a" else [])
        application = Application(from_source, ledger, staging, run, now)
        application.compare(accept_mass_change=False)
        application.apply(silent)
        with application.transaction() as connection:
            application.settle(connection)
            ended = {"status": "done", "finished": at, "message": ""}
            writing.finish_run(connection, run, ended, {})
        counts = application.datasets()
        assert counts.missing == ledger.count(from_source.name, "dataset", ("missing",))
        assert counts.published == ledger.count(from_source.name, "dataset", ("live", "missing"))
    return application


LISTED = st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["", "one", "two"]))
HISTORY = st.lists(st.tuples(st.sampled_from(["town", "village"]), LISTED, st.integers(0, 3)), max_size=6)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORY)
def test_replaying_the_changes_gives_the_entities_after_any_history(
    check_ledger: Check, history: list[tuple[str, dict[str, str], int]]
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as name, Ledger(f"sqlite:///{name}/ledger.sqlite") as ledger:
        sequence = 0
        for source_name, listed, days in history:
            now += timedelta(days=days)
            before = {item.iri: item for item in ledger.current()}
            harvest(ledger, Path(name), source(source_name), listed, now)
            check_ledger(ledger)
            changed = ledger.changed_since(sequence)
            sequence = ledger.sequence()
            # What is published differently is named by a change, and nothing else is.
            for item in ledger.current():
                old = before.get(item.iri)
                same = old is not None and (old.hash, old.state in {"live", "missing"}, old.state == "gone") == (
                    item.hash, item.state in {"live", "missing"}, item.state == "gone",
                )  # fmt: skip
                assert same == (item.iri not in changed)


def test_under_other_shapes_everything_seen_is_validated_again(
    tmp_path: Path, check_ledger: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with Ledger(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        listed = {"a": "one", "b": "one", "c": "", "d": "one"}
        harvest(ledger, tmp_path, source("town"), listed, now)
        hashes = {item.iri: item.hash for item in ledger.current()}
        before, sequence = ledger.findings(list(hashes.values())), ledger.sequence()
        calls: list[int] = []
        real = validation.validate

        def stricter(versions: list[Version]) -> dict[str, list[Finding]]:
            """The findings of the real shapes, and as if other shapes asked something of b more, and nothing of c."""
            calls.append(len(versions))
            found = real(versions)
            extra = Finding(hashes["urn:x:b"], "", "", "Warning", "urn:component", "urn:shape:new")
            found[hashes["urn:x:b"]].append(replace(extra, focus="urn:x:b"))
            found[hashes["urn:x:c"]] = []
            return found

        monkeypatch.setattr(validation, "build_id", lambda: "other shapes")
        monkeypatch.setattr(validation, "validate", stricter)
        harvest(ledger, tmp_path, source("town"), listed, now)
        changes = [(change.iri, change.operation) for change in ledger.changes(sequence)]
        assert changes == [("urn:x:b", "validate"), ("urn:x:c", "restore")]
        assert len(ledger.findings([hashes["urn:x:b"]])[hashes["urn:x:b"]]) == 1 + len(before[hashes["urn:x:b"]])
        check_ledger(ledger)
        harvest(ledger, tmp_path, source("town"), listed, now)
        assert calls == [4]
        assert len(list(ledger.changes(sequence))) == 2


def test_mass_change_counts_only_datasets_that_are_live(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    guarded = replace(source("town"), mass_change=0.0)
    with Ledger(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr("maillon.harvest.apply.MASS_CHANGE_FLOOR", 0)
        harvest(ledger, tmp_path, guarded, {"a": "one", "c": "", "d": "one", "e": "one"}, now)
        harvest(ledger, tmp_path, guarded, {"a": "one"}, now)
        with pytest.raises(MassChange, match="1 of the 1 datasets"):
            harvest(ledger, tmp_path, guarded, {}, now)
