"""Rules are tried in order until nothing changes; one that fails loses nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.records import Entity
from maillon.repair import BY_ID, RULES, Application, Change, Context, Rule, Triples, pack, repair, unpack
from maillon.vocabulary import TITLE, term

Read = Callable[..., Entity]
Make = Callable[..., Context]


def _rule(name: str, function: Callable[[Triples, Context], Iterator[Change]]) -> Rule:
    return replace(BY_ID["outer-blanks"], id=name, repair=function, predicates=frozenset({TITLE}), marks=frozenset())


def test_an_entity_without_anything_of_interest_is_returned_as_it_is(entity_of: Read, context_of: Make) -> None:
    entity = entity_of("<urn:example> a dcat:Dataset .")
    repaired = repair(entity, context_of(), [rule for rule in RULES if rule.predicates])
    assert repaired.entity is entity
    assert repaired.applications == ()


def test_a_rule_that_raises_becomes_a_fault_and_the_others_carry_on(entity_of: Read, context_of: Make) -> None:
    def broken(triples: Triples, _context: Context) -> Iterator[Change]:
        yield Change(triples.having(TITLE), ())
        raise ZeroDivisionError("by zero")

    repaired = repair(
        entity_of('<urn:example> dct:title " Bus "@fr .'),
        context_of(),
        (_rule("broken", broken), BY_ID["outer-blanks"]),
    )
    assert repaired.faults == ("broken: ZeroDivisionError: by zero",)
    assert [str(triple.object) for triple in repaired.entity.triples] == ['"Bus"@fr']


def test_rules_that_undo_one_another_end_with_a_fault(entity_of: Read, context_of: Make) -> None:
    def flip(triples: Triples, _context: Context) -> Iterator[Change]:
        for text in triples.texts():
            yield text.becoming(text.value.swapcase())

    repaired = repair(entity_of('<urn:example> dct:title "Bus"@fr .'), context_of(), (_rule("flip", flip),))
    assert "engine: rules undo one another" in repaired.faults


def test_a_change_of_an_embedded_node_has_the_path_to_it(entity_of: Read, context_of: Make) -> None:
    entity = entity_of(
        '<urn:example> dct:temporal [ dcat:startDate "2019-01-01"^^xsd:date ; dcat:endDate "9999-12-31"^^xsd:date ] .'
    )
    (item,) = repair(entity, context_of(), (BY_ID["open-end"],)).applications
    assert item.path == "<http://purl.org/dc/terms/temporal>"
    assert item.removed.startswith("_:b0 <http://www.w3.org/ns/dcat#endDate> ")
    assert item.where.startswith("_:b0 <http://www.w3.org/ns/dcat#startDate> ")
    assert item.added == ""


def test_a_new_embedded_node_needs_no_path(entity_of: Read, context_of: Make) -> None:
    def embed(triples: Triples, _context: Context) -> Iterator[Change]:
        if triples.having(TITLE):
            node = BlankNode()
            first = Triple(triples.node, term("dct:temporal"), node)
            yield Change(triples.having(TITLE), (first, Triple(node, term("rdfs:label"), Literal("x"))))

    repaired = repair(entity_of('<urn:example> dct:title "Bus"@fr .'), context_of(), (_rule("embed", embed),))
    (item,) = repaired.applications
    assert item.path == "" and "_:n0" in item.added
    assert repaired.faults == ()


def test_what_would_change_nothing_is_no_application(entity_of: Read, context_of: Make) -> None:
    def idle(triples: Triples, _context: Context) -> Iterator[Change]:
        yield Change(triples.having(TITLE), triples.having(TITLE))
        yield Change((Triple(triples.node, TITLE, Literal("never there")),), ())

    entity = entity_of('<urn:example> dct:title "Bus"@fr .')
    assert repair(entity, context_of(), (_rule("idle", idle),)).entity is entity


def test_a_renamed_property_is_repaired_further_in_the_same_pass(entity_of: Read, context_of: Make) -> None:
    repaired = repair(entity_of('<urn:example> dcat:title " Bus "@fre .'), context_of())
    assert [str(triple) for triple in repaired.entity.triples] == [f'<urn:example> {TITLE} "Bus"@fr']
    assert [item.rule for item in repaired.applications] == ["wrong-term", "language-tag", "outer-blanks"]


def test_applications_come_back_from_the_ledger_as_they_were() -> None:
    given = (
        Application("a", '<a:b> <a:c> "é\\n" .\n', "", ""),
        Application("b", "", "_:b0 <a:c> <a:d> .\n", "<a:p>", "w"),
    )
    packed = pack(given)
    assert packed is not None
    assert unpack(packed) == given
    assert pack(()) is None
    assert unpack(None) == ()


def test_the_text_that_replaces_another_keeps_its_place(entity_of: Read) -> None:
    triples = Triples(entity_of('<urn:example> dct:title "a"@fr, "b"@fr, "c"@fr .'))
    triples.apply(triples.texts()[1].becoming("z"))
    assert [text.value for text in triples.texts()] == ["a", "z", "c"]
    assert [str(node) for node in triples.predicates()] == [str(NamedNode(TITLE.value))]
