"""A table, its declaration in TOML and the conversion of both, in one call."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pyoxigraph import Quad, Store, Triple

from maillon import tabular
from maillon.errors import SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Entity, Rejected
from maillon.sources import Answer, parse
from maillon.tabular.resources import Resource

BASE = "http://localhost:8000/"
DISTRIBUTION = "https://portal.example/id/distribution/1"
ROOT = f"{BASE}id/data/test/t/"


@dataclass
class Converted:
    """What came out of a table."""

    entities: list[Entity] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def messages(self) -> list[str]:
        return [f"{item.identifier}: {item.reason}: {item.detail}" for item in self.rejected]

    def triples(self) -> list[Triple]:
        return [
            triple for entity in self.entities for triple in canonical.triples(canonical.version(entity, BASE).text)
        ]

    def said(self, local: str) -> dict[str, list[str]]:
        """Return what is said of an entity under ROOT: texts by the end of the predicate's IRI."""
        found: dict[str, list[str]] = {}
        for entity in self.entities:
            if entity.iri == ROOT + local:
                for triple in entity.triples:
                    if triple.subject.value == entity.iri:  # type: ignore[union-attr]
                        name = triple.predicate.value.replace("#", "/").rsplit("/", 1)[1]
                        found.setdefault(name, []).append(getattr(triple.object, "value", "_"))
        return found

    def rows(self) -> list[Entity]:
        """Return the entities that come from a row of the file."""
        origin = f"<{DISTRIBUTION}#"
        return [item for item in self.entities if any(str(triple.object).startswith(origin) for triple in item.triples)]

    def store(self) -> Store:
        store = Store()
        store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in self.triples())
        return store


Convert = Callable[..., Converted]


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    """Return ``convert(file name, content, toml of [[tables]], others)``; ``others`` are files beside it."""

    def run(file: str, content: str | bytes, declared: str, others: dict[str, str] | None = None) -> Converted:
        for name, text in {file: content, **(others or {})}.items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        toml = f'kind = "dcat"\nurl = "x.ttl"\n[[tables]]\nname = "t"\ndataset = "d"\n{declared}'
        tomllib.loads(toml)
        source = parse(toml, "test", tmp_path)

        def open_document(url: str) -> Answer:
            path = tmp_path / url.removeprefix("https://files.example/")
            if not path.is_file():
                raise SourceUnavailable(f"{url} is not there")
            return Answer(f"https://files.example/{path.name}", "", path)

        found = Converted()
        (table,) = tabular.declared(source)
        resource = Resource("https://portal.example/id/dataset/1", DISTRIBUTION, file)
        for item in tabular.rows(table, resource, source, BASE, open_document):
            (found.entities if isinstance(item, Entity) else found.rejected).append(item)  # type: ignore[arg-type]
        return found

    return run
