"""The Brussels part of data.gov.be: pieces joined, everything settled, and a patch that does the same at the source."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, Triple, parse

from maillon.mapping.described import kind_of
from maillon.records import Entity
from maillon.repair import RULES, Context, Repaired, repair
from maillon.repair.patches import sparql_update
from maillon.repair.rule import Triples
from maillon.sources import Source
from maillon.vocabulary import DESCRIPTION, TITLE, TYPE

_CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
_FILE = _CORPUS / "dcat" / "be-data-gov-ldes" / "derived-brussels-subset.nt.gz"
_CONTEXT = Context(source=Source(name="brussels", kind="dcat", url="https://example.org/"), base="b:")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not _FILE.is_file(), reason="the corpus is not beside the checkout"),
]


def _closure(by_subject: dict[object, list[Triple]], node: object) -> Iterator[Triple]:
    for triple in by_subject.get(node, ()):
        yield triple
        if isinstance(triple.object, BlankNode):
            yield from _closure(by_subject, triple.object)


@cache
def _repaired() -> tuple[tuple[Entity, Repaired], ...]:
    by_subject: dict[object, list[Triple]] = {}
    for quad in parse(gzip.decompress(_FILE.read_bytes()), RdfFormat.N_TRIPLES):
        by_subject.setdefault(quad.subject, []).append(quad.triple)
    found = []
    for node in [node for node in by_subject if isinstance(node, NamedNode)]:
        triples = tuple(_closure(by_subject, node))
        types = [t.object.value for t in triples if t.subject == node and t.predicate == TYPE]  # type: ignore[union-attr]
        entity = Entity(node.value, kind_of(types), triples)
        found.append((entity, repair(entity, _CONTEXT)))
    return tuple(found)


def _crowded(entity: Entity) -> int:
    return len(Triples(entity).several(DESCRIPTION)) + len(Triples(entity).several(TITLE))


def test_descriptions_split_at_commas_are_joined_and_the_unsure_are_told_apart() -> None:
    about = [(before, after) for before, after in _repaired() if before.kind in ("dataset", "service")]
    split = [before for before, _ in about if Triples(before).several(DESCRIPTION)]
    left = [after for _, after in about if Triples(after.entity).several(DESCRIPTION)]
    unsure = [after for _, after in about if "description-joined-order-unsure" in {a.rule for a in after.applications}]

    assert len(split) == 397
    assert len(left) <= 2
    assert len(unsure) <= 12


def test_titles_of_datasets_are_one_in_each_language() -> None:
    assert sum(_crowded(after.entity) for before, after in _repaired() if before.kind == "dataset") <= 2


def test_no_rule_fails_and_repairing_again_changes_nothing() -> None:
    for _, after in _repaired():
        assert after.faults == ()
        assert repair(after.entity, _CONTEXT).applications == ()


def test_no_mark_hides_from_a_rule_what_it_would_change() -> None:
    marked = [rule for rule in RULES if rule.marks]
    for before, _ in _repaired()[::7]:
        triples = Triples(before)
        marks = frozenset(triples.marks())
        for rule in marked:
            if rule.marks.isdisjoint(marks):
                assert list(rule.repair(triples, _CONTEXT)) == []


def test_texts_that_are_whole_are_not_touched() -> None:
    names = Counter(item.rule for _, after in _repaired() for item in after.applications)
    assert names["mojibake"] == names["placeholder"] == names["keyword-list"] == names["language-detected"] == 0


def test_the_update_applied_to_what_was_sent_gives_what_is_shown(canonical: Callable[..., list[str]]) -> None:
    store = Store()
    changed = [(before, after) for before, after in _repaired() if after.applications]
    store.extend(Quad(t.subject, t.predicate, t.object) for before, _ in changed for t in before.triples)
    store.update("".join(sparql_update((before.iri, after.applications) for before, after in changed)))

    expected = Store()
    expected.extend(Quad(t.subject, t.predicate, t.object) for _, after in changed for t in after.entity.triples)
    # All of them in one graph have more blank nodes than canonical labels are meant for, so the entities are compared.
    for _, after in changed:
        assert canonical(_about(store, after.entity.iri)) == canonical(_about(expected, after.entity.iri))


def _about(store: Store, iri: str) -> list[Triple]:
    todo: list[NamedNode | BlankNode] = [NamedNode(iri)]
    found: dict[Triple, None] = {}
    for node in todo:
        for quad in store.quads_for_pattern(node, None, None):
            if quad.triple not in found and isinstance(quad.object, BlankNode):
                todo.append(quad.object)
            found[quad.triple] = None
    return list(found)
