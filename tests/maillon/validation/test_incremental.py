"""Parts and wholes: chunks give what one call gives; validating only what is new gives what validating all gives."""

import random
from collections import Counter
from collections.abc import Mapping

import pytest
from sqlalchemy import Connection

from bench._validation_catalogue import DEFECTS, Catalogue
from maillon import validation
from maillon.ledger import Ledger, NewVersion, Validation, reading, writing
from maillon.records import Finding, Version
from maillon.settings import Settings
from maillon.sources import Source
from maillon.validation import attribution, engine, shapes
from maillon.validation.engine import ShaclEngine

AT = "2026-11-20T08:00:00Z"
Versions = dict[str, Version]


def listed(catalogue: Catalogue, datasets: int) -> list[Version]:
    return list(catalogue.versions(datasets))


def test_chunks_of_any_size_give_what_one_call_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = listed(Catalogue(rate=0.5), 60)
    (whole,) = attribution.chunks(versions, len(versions), 10**12)
    expected = {key: Counter(found) for key, found in attribution.findings(engine.default(), whole).items()}
    assert sum(found.total() for found in expected.values()) > 20
    for size in (1, 7, 100):
        monkeypatch.setattr(validation, "CHUNK", size)
        assert {key: Counter(found) for key, found in validation.validate(versions).items()} == expected, size


def test_every_defect_of_the_synthetic_catalogue_but_one_is_found_and_nothing_else() -> None:
    catalogue = Catalogue(rate=1)
    found = validation.validate([version for number in range(200) for version in catalogue.dataset(number)])
    by_defect: dict[str, set[str]] = {}
    for number in range(200):
        shapes_of = {item.shape for version in catalogue.dataset(number) for item in found[version.hash]}
        by_defect.setdefault(catalogue.defect(number), set()).update(shapes_of)
    assert by_defect.keys() == set(DEFECTS)
    assert {defect for defect, rules in by_defect.items() if not rules} <= {"deprecated version"}
    assert not any(validation.validate(listed(Catalogue(rate=0), 20)).values())


def _validate_what_is_new(connection: Connection, versions: Mapping[str, Version]) -> int:
    """Do what a harvest does: validate hashes never validated under this build; return how many these were."""
    run = writing.start_run(connection, "bench", AT, None)
    unique = {version.hash: version for version in versions.values()}
    writing.put_versions(connection, run, AT, [NewVersion(v.iri, v.hash, v.text) for v in unique.values()])
    known = reading.validated(connection, list(unique), validation.build_id())
    found = validation.validate([version for key, version in unique.items() if key not in known])
    results = [Validation(key, validation.passes_gate(items), tuple(items)) for key, items in found.items()]
    writing.put_validations(connection, validation.build_id(), AT, results)
    writing.finish_run(connection, run, {"status": "done", "finished": AT, "message": ""}, {})
    return len(results)


def _edit(versions: Versions, chance: random.Random, edition: int) -> str:
    """Edit one entity: its text, its defect, or one that many datasets share; return its kind."""
    shared = Catalogue().shared(edition)
    datasets = Catalogue(seed=chance.choice((1, 2, 3)), rate=0.7).dataset(chance.randrange(30), edition)
    new = chance.choice(shared if chance.random() < 0.4 else datasets)
    kind = new.kind if new.hash != versions[new.iri].hash else ""
    versions[new.iri] = new
    return kind


def _other_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edit the shapes: two titles are one too few now."""
    path = "<urn:maillon:shape:dataset-title> <http://www.w3.org/ns/shacl#minCount> "
    text = shapes.text()
    assert f'{path}"1"' in text
    edited = ShaclEngine(text.replace(f'{path}"1"', f'{path}"3"'))
    monkeypatch.setattr(engine, "default", lambda: edited)
    monkeypatch.setattr(validation, "build_id", lambda: "0" * 64)


def _counted(found: Mapping[str, list[Finding]]) -> dict[str, Counter[Finding]]:
    return {key: Counter(items) for key, items in found.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_only_what_is_new_is_validated_and_all_findings_are_those_of_validating_everything(
    seed: int, new_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, kinds, edition = random.Random(seed), Counter[str](), 0
    versions = {version.iri: version for version in Catalogue(rate=0.5).versions(30)}
    with Ledger(new_settings.ledger) as ledger:
        with ledger.writing() as connection:
            writing.put_source(connection, Source(name="bench", kind="dcat", url="x.ttl"), AT)
            assert _validate_what_is_new(connection, versions) == len(versions)
            assert _validate_what_is_new(connection, versions) == 0
        for round_ in range(6):
            for _ in range(15):
                edition += 1
                kinds[_edit(versions, chance, edition)] += 1
            if round_ == 3:
                _other_shapes(monkeypatch)
            with ledger.writing() as connection:
                validated = _validate_what_is_new(connection, versions)
            assert validated == len(versions) if round_ == 3 else 0 < validated <= 15
            kept = ledger.findings([version.hash for version in versions.values()])
            assert _counted(kept) == _counted(validation.validate(list(versions.values())))
    assert {"dataset", "distribution", "organisation", "contact", "resource"} <= kinds.keys()
