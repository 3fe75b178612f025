"""The rules on codes on the Brussels part of data.gov.be: what they change, that they settle, and what they cost."""

import gzip
import time
from collections import Counter, defaultdict
from importlib import import_module
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from maillon.mapping import kind_of
from maillon.records import Entity
from maillon.repair import Context, Rule, repair
from maillon.sources import Source
from maillon.vocabulary import TYPE

_FILE = (
    Path(__file__).resolve().parents[4]
    / "shared" / "corpus" / "dcat" / "be-data-gov-ldes" / "derived-brussels-subset.nt.gz"
)  # fmt: skip
_MODULES = ("licences", "formats", "codes", "agents", "dates", "places", "contacts")
_RULES: tuple[Rule, ...] = tuple(rule for name in _MODULES for rule in import_module(f"maillon.repair.{name}").RULES)
_CONTEXT = Context(
    source=Source(name="brussels", kind="dcat", url="https://example.org/", language="fr", timezone="Europe/Brussels"),
    base="https://data.example.org/",
)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not _FILE.is_file(), reason="the corpus is not beside the checkout"),
]


def _entities() -> list[Entity]:
    about: dict[object, list[Triple]] = defaultdict(list)
    for quad in parse(gzip.decompress(_FILE.read_bytes()), RdfFormat.N_TRIPLES):
        about[quad.subject].append(quad.triple)
    found = []
    for node in [item for item in about if isinstance(item, NamedNode)]:
        triples = list(about[node])
        for triple in triples:
            if isinstance(triple.object, BlankNode):
                triples.extend(about[triple.object])
        types = [t.object.value for t in about[node] if t.predicate == TYPE and isinstance(t.object, NamedNode)]
        found.append(Entity(node.value, kind_of(types), tuple(triples)))
    return found


def test_the_codes_of_brussels_are_repaired_once_and_quickly() -> None:
    entities = _entities()
    repair(entities[0], _CONTEXT, _RULES)  # tables are read once
    began = time.process_time()
    repaired = [repair(entity, _CONTEXT, _RULES) for entity in entities]
    spent = time.process_time() - began

    applied = Counter(item.rule for one in repaired for item in one.applications)
    # 303 datasets of the region by GeoNames; 34 themes EDUC#SPORT; 35 bodies whose IRI is their number.
    assert applied["place-eu"] == 303
    assert applied["theme-eu"] == 34
    assert applied["organisation-by-number"] >= 30
    assert 600 < applied["format-by-extension"] < 852  # of the distributions without any format
    assert not any(one.faults for one in repaired)
    assert not any(repair(one.entity, _CONTEXT, _RULES).applications for one in repaired)
    assert spent / len(entities) < 0.001  # measured: 0.07 ms
