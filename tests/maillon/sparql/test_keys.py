"""The key of an answer is another one wherever the answer may be another one, and only there."""

from dataclasses import fields, replace
from typing import Any

import pytest

from maillon.settings import Settings
from maillon.sparql.jobs import Job
from maillon.sparql.kept import keys
from maillon.store import snapshots

JOB = Job(query="SELECT * { ?s ?p ?o }")
OTHERS: dict[str, Any] = {
    "query": "SELECT ?s { ?s ?p ?o }",
    "media_type": "text/csv",
    "rdf_media_type": "application/n-triples",
    "base_iri": "http://example.org/",
    "default_graphs": ("http://example.org/g",),
    "named_graphs": ("http://example.org/g",),
    "bindings": (("s", "<http://example.org/a>"),),
    "labels": "fr",
    "max_rows": 10,
    "max_bytes": 10,
    "seconds": 1.0,
}


def test_every_part_of_a_job_is_looked_at() -> None:
    assert {item.name for item in fields(Job)} <= set(OTHERS), "Decide whether what is new changes the answer."


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_another_job_has_another_key_or_another_budget(name: str) -> None:
    other = replace(JOB, **{name: OTHERS[name]})
    is_budget = name in ("max_bytes", "seconds")
    assert (keys.key("snap", other) == keys.key("snap", JOB)) is is_budget
    assert (keys.budget(other) != keys.budget(JOB)) is is_budget


def test_the_key_begins_with_the_snapshot_and_ignores_how_a_query_is_written() -> None:
    key = keys.key("snap", JOB)
    assert key is not None
    assert key.startswith("snap/")
    assert keys.key("snap", replace(JOB, query="select*{?s?p?o} # all")) == key
    assert keys.key("other", JOB) == key.replace("snap/", "other/")


def test_an_answer_that_does_not_last_has_no_key() -> None:
    assert keys.key("snap", replace(JOB, query="SELECT (NOW() AS ?now) {}")) is None


def test_snapshots_with_the_same_documents_but_other_files_are_told_apart(settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        manifest = snapshot.manifest
    identity = keys.identity(manifest)
    assert identity == keys.identity(manifest) == keys.identity(replace(manifest))
    assert len(identity) == 40
    sums = {name: replace(item, sha256="0" * 64) for name, item in manifest.files.items()}
    for other in (replace(manifest, files=sums), replace(manifest, number=2), replace(manifest, build="other")):
        assert keys.identity(other) != identity


def test_many_snapshots_are_told_apart(settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        manifest = snapshot.manifest
    assert len({keys.identity(replace(manifest, number=number)) for number in range(100)}) == 100
