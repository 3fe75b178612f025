"""Every rule is what it says: its example is its test."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from maillon.identifiers import KINDS
from maillon.records import Entity
from maillon.repair import BY_ID, RULES, Context, Rule, repair
from maillon.repair import registry as registry_module
from maillon.repair.rule import MARKS

_BY_ID = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def _context(rule: Rule, context_of: Callable[..., Context]) -> Context:
    sniffed = rule.example.sniffed
    context = context_of(**rule.example.source)
    sniff = (lambda _address: sniffed) if sniffed else None
    return replace(context, sniff=sniff, dataset_licence=rule.example.dataset_licence)


@_BY_ID
def test_the_example_becomes_what_it_says_and_stays_so(
    rule: Rule,
    entity_of: Callable[..., Entity],
    context_of: Callable[..., Context],
    canonical: Callable[..., list[str]],
) -> None:
    before = entity_of(rule.example.before, rule.example.kind)
    after = entity_of(rule.example.after, rule.example.kind)
    context = _context(rule, context_of)

    repaired = repair(before, context, (rule,))

    assert repaired.faults == ()
    assert canonical(repaired.entity.triples) == canonical(after.triples)
    assert {item.rule for item in repaired.applications} == {rule.id}
    assert repair(repaired.entity, context, (rule,)).applications == ()


@_BY_ID
def test_all_rules_together_settle_on_the_example(
    rule: Rule, entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    context = _context(rule, context_of)
    repaired = repair(entity_of(rule.example.before, rule.example.kind), context)

    assert rule.id in {item.rule for item in repaired.applications}
    assert repaired.faults == ()
    assert repair(repaired.entity, context).applications == ()


@_BY_ID
def test_a_rule_is_told_in_four_languages(rule: Rule) -> None:
    assert set(rule.title) == {"fr", "nl", "de", "en"}
    assert all(title.strip() and title[0].isupper() and title.endswith(".") for title in rule.title.values())
    assert len(set(rule.title.values())) == 4
    assert rule.matches.strip() and rule.changes.strip()
    assert rule.kinds <= set(KINDS)
    assert rule.marks <= MARKS
    assert rule.example.kind in (rule.kinds or set(KINDS))


@_BY_ID
def test_a_rule_is_off_where_its_source_says_so(
    rule: Rule, entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    context = context_of(**{**rule.example.source, "repairs_off": (rule.id,)})
    repaired = repair(entity_of(rule.example.before, rule.example.kind), context)
    assert rule.id not in {item.rule for item in repaired.applications}


def test_ids_are_unique_and_plain() -> None:
    assert len(BY_ID) == len(RULES) == len(registry_module.RULES)
    assert all(name == name.lower() and name.replace("-", "").isalnum() for name in BY_ID)
