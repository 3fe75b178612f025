"""A patch, applied to what the source sent, gives what the catalogue shows."""

import csv
from collections.abc import Callable, Sequence

import pytest
from pyoxigraph import NamedNode, Quad, Store

from maillon.records import Entity
from maillon.repair import BY_ID, RULES, Application, Context, Rule, repair
from maillon.repair.patches import COLUMNS, csv_rows, rdf_patch, sparql_update

Read = Callable[..., Entity]
Make = Callable[..., Context]
Canonical = Callable[..., list[str]]

_TWO_PERIODS = (
    '<urn:example> dct:title " Bus "@fre ; dct:temporal [ a dct:PeriodOfTime ], '
    '[ a dct:PeriodOfTime ; dcat:startDate "2019-01-01"^^xsd:date ; dcat:endDate "1900-01-01"^^xsd:date ], '
    '[ a dct:PeriodOfTime ; dcat:startDate "1850-01-01"^^xsd:date ; dcat:endDate "1900-01-01"^^xsd:date ] ; '
    'dct:identifier "x", "example" ; dct:spatial [ locn:geometry [] ], [ locn:geometry [ dct:title "a\\"\\n} b" ] ] .'
)


def _patched(entity: Entity, applications: Sequence[Application]) -> list[Quad]:
    store = Store()
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in entity.triples)
    store.update("".join(sparql_update([(entity.iri, applications)])))
    return list(store)


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_the_update_makes_the_example_what_the_rule_made_it(
    rule: Rule, entity_of: Read, context_of: Make, canonical: Canonical
) -> None:
    entity = entity_of(rule.example.before, rule.example.kind)
    repaired = repair(entity, context_of(**rule.example.source))
    assert canonical(_patched(entity, repaired.applications)) == canonical(repaired.entity.triples)


def test_the_update_tells_an_empty_period_from_a_full_one(
    entity_of: Read, context_of: Make, canonical: Canonical
) -> None:
    entity = entity_of(_TWO_PERIODS)
    repaired = repair(entity, context_of())
    assert {"empty-node", "open-end", "one-identifier"} <= {item.rule for item in repaired.applications}
    assert canonical(_patched(entity, repaired.applications)) == canonical(repaired.entity.triples)


def test_the_patch_names_what_it_takes_and_puts(entity_of: Read, context_of: Make) -> None:
    entity = entity_of('<urn:example> dct:title " Bus "@fr .')
    applications = repair(entity, context_of()).applications
    assert list(rdf_patch([(entity.iri, applications)])) == [
        "TX .\n",
        "# outer-blanks\n",
        'D <urn:example> <http://purl.org/dc/terms/title> " Bus "@fr .\n',
        'A <urn:example> <http://purl.org/dc/terms/title> "Bus"@fr .\n',
        "TC .\n",
    ]


def test_the_patch_leaves_embedded_nodes_to_the_update_and_says_so(entity_of: Read, context_of: Make) -> None:
    entity = entity_of(_TWO_PERIODS)
    text = "".join(rdf_patch([(entity.iri, repair(entity, context_of()).applications)]))
    assert "# empty-node on an embedded node of urn:example: see the SPARQL Update\n" in text
    assert "_:b0" not in text
    assert "adms#identifier> _:r" in text


def test_the_table_has_one_row_for_each_value_with_the_title_of_the_rule(entity_of: Read, context_of: Make) -> None:
    entity = entity_of(
        '<urn:example> dct:title " Bus "@fr ; dcat:keyword "a, b, c"@fr ; foaf:Page <https://example.org/> .'
    )
    rows = list(csv.reader(csv_rows([(entity.iri, repair(entity, context_of()).applications)], "nl")))
    assert tuple(rows[0]) == COLUMNS
    found = {(row[1], row[4].rsplit("/", 1)[-1], row[5], row[6]) for row in rows[1:]}
    assert ("outer-blanks", "title", " Bus  @fr", "Bus @fr") in found
    assert ("keyword-list", "dcat#keyword", "a, b, c @fr", "a @fr") in found
    assert ("keyword-list", "dcat#keyword", "", "b @fr") in found
    assert ("wrong-term", "page", "https://example.org/", "https://example.org/") in found
    assert {row[2] for row in rows[1:] if row[1] == "outer-blanks"} == {BY_ID["outer-blanks"].title["nl"]}


def test_a_value_that_looks_like_a_formula_is_no_formula_in_the_table(entity_of: Read, context_of: Make) -> None:
    entity = entity_of('<urn:example> dct:title "=HYPERLINK(1) "@fr .')
    rows = list(csv.reader(csv_rows([(entity.iri, repair(entity, context_of()).applications)])))
    assert rows[1][5] == "'=HYPERLINK(1)  @fr"


def test_an_unknown_rule_of_an_old_run_is_named_by_its_id() -> None:
    old = Application("gone", '<a:b> <a:c> "x" .\n', "", "")
    assert "gone,gone," in list(csv_rows([("a:b", [old])]))[1]
    assert "# gone: gone\n" in list(sparql_update([("a:b", [old])]))


def test_the_update_takes_a_dangling_node_and_no_named_one(
    entity_of: Read, context_of: Make, canonical: Canonical
) -> None:
    entity = entity_of("<urn:example> dct:publisher [], <https://example.org/organisation> .")
    repaired = repair(entity, context_of(), (BY_ID["empty-node"],))
    assert [str(triple.object) for triple in repaired.entity.triples] == ["<https://example.org/organisation>"]
    assert canonical(_patched(entity, repaired.applications)) == canonical(repaired.entity.triples)


def test_the_update_gives_each_new_node_a_name_of_its_own(
    entity_of: Read, context_of: Make, canonical: Canonical
) -> None:
    entity = entity_of('<urn:example> dct:identifier "a", "b", "c" .')
    repaired = repair(entity, context_of(), (BY_ID["one-identifier"],))
    assert len(repaired.applications) == 2
    assert canonical(_patched(entity, repaired.applications)) == canonical(repaired.entity.triples)


def test_values_with_signs_that_look_like_line_ends_stay_whole() -> None:
    line = '<urn:d> <http://purl.org/dc/terms/title> "a\u2028b\u0085c\x0bd" .\n'
    done = [Application("outer-blanks", line, line.replace("a", "A"), "")]
    [removed] = [text for text in rdf_patch([("urn:d", done)]) if text.startswith("D ")]
    assert removed == f"D {line}"


def test_an_iri_that_no_syntax_can_write_is_deleted_by_its_text_and_shown_as_it_was_sent() -> None:
    page = "http://xmlns.com/foaf/0.1/page"
    line = f"<urn:d> <{page}> <https://x.example/a b> .\n"
    fixed = f"<urn:d> <{page}> <https://x.example/a%20b> .\n"
    done = [Application("address-malformed", line, fixed, "")]
    store = Store()
    store.add(Quad(NamedNode("urn:d"), NamedNode(page), NamedNode("https://x.example/a")))
    update = "".join(sparql_update([("urn:d", done)]))
    store.update(update)
    assert 'STR(?o) = "https://x.example/a b"' in update
    assert {quad.object.value for quad in store} == {"https://x.example/a", "https://x.example/a%20b"}
    rows = list(csv_rows([("urn:d", [Application("x", "<urn:d> <urn:p> <a>b> .\n", "", "")])]))
    assert "a>b" in rows[1]
