"""Quads become one record a subject, whatever their order and their blank node labels."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Dataset, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from maillon.rdf import canonical, subjects
from maillon.records import Described, Entity, Rejected
from maillon.sources import Source

SOURCE = Source(name="tests", kind="dcat", url="unused")
BASE = "https://catalogue.example/"
PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix adms: <http://www.w3.org/ns/adms#> .
"""
CATALOGUE = """
<https://p.example/c> a dcat:Catalog ; dct:title "Catalogue"@fr ; dcat:dataset [
    a dcat:Dataset ; dct:identifier "d-1" ; dct:title "Trams"@fr, "Trams"@nl ;
    dct:publisher [ a foaf:Agent ; foaf:name "STIB" ; foaf:homepage <https://stib.example/> ] ;
    dcat:contactPoint [ a vcard:Kind ; vcard:fn "Desk" ; vcard:hasEmail <mailto:desk@example.org> ] ;
    dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2020" ] ;
    dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://p.example/1.csv> ],
                      [ a dcat:Distribution ; dcat:accessURL <https://p.example/2.csv> ] ],
  [ a dcat:Dataset ; dct:title "Without identifier" ; dcat:landingPage <https://p.example/page> ] ;
  dcat:record [ a dcat:CatalogRecord ; foaf:primaryTopic <https://p.example/d/3> ] ;
  dcat:service [ a dcat:DataService ; dcat:endpointURL <https://p.example/api> ] .
<https://p.example/d/3> a dcat:Dataset ; dct:title "Named" ; dct:license <https://l.example/only-referred-to> .
"""


def quads(turtle: str) -> list[Quad]:
    text = (PREFIXES + turtle).encode()
    return list(parse(text, RdfFormat.TURTLE, base_iri="https://p.example/", rename_blank_nodes=True))


def described(items: list[Quad]) -> dict[str, Described]:
    found = [record for record in subjects.split(items, SOURCE, BASE) if isinstance(record, Described)]
    assert len({record.subject for record in found}) == len(found)
    return {record.subject.value: record for record in found}


def rejected(items: list[Quad]) -> list[Rejected]:
    return [record for record in subjects.split(items, SOURCE, BASE) if isinstance(record, Rejected)]


def hashes(items: list[Quad]) -> dict[str, str]:
    return {
        iri: canonical.version(Entity(iri, "resource", record.triples), BASE).hash
        for iri, record in described(items).items()
    }


def relabelled(items: list[Quad], seed: int) -> list[Quad]:
    """Return the same graph in another order under other labels."""
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)
    labels: dict[Any, BlankNode] = {}

    def other(term: Any) -> Any:
        return labels.setdefault(term, BlankNode()) if isinstance(term, BlankNode) else term

    return [Quad(other(quad.subject), quad.predicate, other(quad.object)) for quad in shuffled]


def test_blank_entities_get_iris_and_other_blank_nodes_stay_embedded() -> None:
    records = described(quads(CATALOGUE))
    kinds = sorted(iri.removeprefix(BASE + "id/").split("/")[0] for iri in records if iri.startswith(BASE))
    assert kinds == ["dataset", "dataset", "distribution", "distribution", "organisation", "record", "service"]
    dataset = records[BASE + "id/dataset/tests/d-1"]
    embedded = {triple.subject for triple in dataset.triples if isinstance(triple.subject, BlankNode)}
    assert len(embedded) == 2
    assert "https://l.example/only-referred-to" not in records
    assert not rejected(quads(CATALOGUE))


def test_no_triple_is_lost() -> None:
    items = quads(CATALOGUE)
    assert sum(len(record.triples) for record in described(items).values()) == len(items)


@settings(max_examples=50, deadline=None)
@given(st.integers())
def test_iris_and_hashes_do_not_depend_on_order_or_labels(seed: int) -> None:
    items = quads(CATALOGUE)
    assert hashes(relabelled(items, seed)) == hashes(items)


_TERMS = st.sampled_from([NamedNode(f"https://x.example/{name}") for name in "abc"])
_BLANKS = st.sampled_from([BlankNode(name) for name in "uvwxyz"])
_TYPES = st.sampled_from(
    [NamedNode("http://www.w3.org/ns/dcat#" + name) for name in ("Dataset", "Distribution", "Catalog", "DataService")]
)
_QUADS = st.one_of(
    st.builds(
        Quad,
        st.one_of(_TERMS, _BLANKS),
        st.sampled_from(
            [
                NamedNode("http://www.w3.org/ns/dcat#distribution"),
                NamedNode("http://www.w3.org/ns/dcat#dataset"),
                NamedNode("http://purl.org/dc/terms/spatial"),
            ]
        ),
        st.one_of(_TERMS, _BLANKS),
    ),
    st.builds(Quad, _BLANKS, st.just(NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")), _TYPES),
    st.builds(
        Quad,
        _BLANKS,
        st.sampled_from([NamedNode("http://purl.org/dc/terms/" + name) for name in ("identifier", "title")]),
        st.sampled_from([Literal("1"), Literal("2"), Literal("1", language="fr")]),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_QUADS, max_size=25, unique=True), st.integers())
def test_any_graph_gives_the_same_records_in_any_order(items: list[Quad], seed: int) -> None:
    again = relabelled(items, seed)
    assert hashes(items) == hashes(again)
    assert rejected(items) == rejected(again)


def test_one_identifier_for_two_different_datasets_gives_two_iris() -> None:
    records = described(
        quads(
            """[] a dcat:Dataset ; dct:identifier "1" ; dct:title "A" .
               [] a dcat:Dataset ; dct:identifier "1" ; dct:title "B" ."""
        )
    )
    assert len(records) == 2
    assert BASE + "id/dataset/tests/1" in records


def test_the_same_blank_dataset_on_two_pages_is_one() -> None:
    page = '[] a dcat:Dataset ; dct:identifier "1" ; dct:title "A" .'
    records = described(quads(page) + quads(page))
    assert list(records) == [BASE + "id/dataset/tests/1"]
    assert len(records[BASE + "id/dataset/tests/1"].triples) == 3


def test_distributions_with_one_address_but_two_formats_are_two() -> None:
    records = described(
        quads(
            """<https://p.example/d> a dcat:Dataset ; dcat:distribution
               [ a dcat:Distribution ; dcat:accessURL <https://p.example/x> ; dct:format "CSV" ],
               [ a dcat:Distribution ; dcat:accessURL <https://p.example/x> ; dct:format "JSON" ] ."""
        )
    )
    assert len(records) == 3


def test_one_publisher_described_in_two_datasets_is_one_entity() -> None:
    agent = '[ a foaf:Agent ; foaf:homepage <https://a.example/> ; foaf:name "{}" ]'
    records = described(
        quads(
            f"""<https://p.example/1> dct:publisher {agent.format("A")} .
                <https://p.example/2> dct:publisher {agent.format("B")} ."""
        )
    )
    assert len(records) == 3


def test_an_untyped_blank_node_gets_the_class_of_its_role() -> None:
    records = described(quads("<https://p.example/d> dcat:distribution [ dcat:accessURL <https://p.example/x> ] ."))
    (distribution,) = (record for iri, record in records.items() if "/distribution/" in iri)
    assert NamedNode("http://www.w3.org/ns/dcat#Distribution") in {triple.object for triple in distribution.triples}


def test_a_contact_point_that_is_an_agent_too_stays_embedded() -> None:
    records = described(
        quads('<https://p.example/d> dcat:contactPoint [ a vcard:Organization, foaf:Organization ; foaf:name "D" ] .')
    )
    assert list(records) == ["https://p.example/d"]


def test_a_dataset_without_any_identity_is_rejected_and_not_left_in_its_catalogue() -> None:
    items = quads(
        "<https://p.example/c> a dcat:Catalog ; dcat:dataset [ a dcat:Dataset ; dct:license <https://l.example/> ] ."
    )
    assert [record.reason for record in rejected(items)] == ["no identity"]
    assert len(described(items)["https://p.example/c"].triples) == 1


def test_blank_nodes_that_nothing_leads_to_are_listed() -> None:
    items = quads('[] a vcard:Kind ; vcard:fn "Lost" ; vcard:hasAddress [ vcard:locality "Lost too" ] .')
    assert [(record.identifier, record.reason) for record in rejected(items)] == [
        ("Kind without IRI: Lost", "no identity")
    ]


def test_a_cycle_of_blank_nodes_that_nothing_leads_to_is_listed() -> None:
    assert rejected(quads("_:a dct:relation _:b . _:b dct:relation _:a ."))


def test_subjects_with_local_iris_are_embedded_with_all_their_triples() -> None:
    items = quads(
        """<https://p.example/d> dct:temporal <file:///tmp/x> ; dcat:contactPoint <mailto:a@example.org> .
           <file:///tmp/x> a dct:PeriodOfTime . <mailto:a@example.org> a vcard:Kind ."""
    )
    records = described(items)
    assert list(records) == ["https://p.example/d"]
    objects = {triple.object for triple in records["https://p.example/d"].triples}
    assert NamedNode("mailto:a@example.org") in objects
    assert NamedNode("file:///tmp/x") not in objects
    assert len(records["https://p.example/d"].triples) == 5


def test_skolem_iris_of_a_source_are_ordinary_iris() -> None:
    iri = "https://p.example/.well-known/genid/abc"
    assert iri in described(quads(f"<{iri}> a dcat:Distribution ."))


def test_an_embedded_node_that_two_subjects_share_is_copied_to_both() -> None:
    records = described(
        quads('<https://p.example/1> dct:spatial _:s . <https://p.example/2> dct:spatial _:s . _:s dct:title "X" .')
    )
    assert [len(record.triples) for record in records.values()] == [2, 2]


def test_too_many_embedded_nodes_reject_the_subject_only() -> None:
    items = [
        Quad(NamedNode("https://p.example/d"), NamedNode("https://p.example/p"), BlankNode())
        for _ in range(subjects.MAX_EMBEDDED + 1)
    ]
    items.append(Quad(NamedNode("https://p.example/e"), NamedNode("https://p.example/p"), Literal("x")))
    assert list(described(items)) == ["https://p.example/e"]
    assert [record.reason for record in rejected(items)] == ["too many embedded nodes"]


def test_blank_nodes_shared_by_very_many_subjects_do_not_explode() -> None:
    nodes = [BlankNode() for _ in range(200)]
    property_ = NamedNode("https://p.example/p")
    items = [Quad(nodes[0], property_, node) for node in nodes[1:]]
    items += [Quad(NamedNode(f"https://p.example/{number}"), property_, nodes[0]) for number in range(1000)]
    records = list(subjects.split(items, SOURCE, BASE))
    assert len(records) == 1000
    assert sum(len(record.triples) for record in records if isinstance(record, Described)) < 25 * (len(items) + 1000)


def test_an_endless_iri_is_no_identity() -> None:
    iri = "https://p.example/" + "x" * 5000
    assert list(described(quads(f'<{iri}> a dcat:Dataset ; dct:identifier "1" .'))) == [BASE + "id/dataset/tests/1"]


def test_a_refused_dataset_is_listed_once_with_all_it_embeds() -> None:
    assert len(rejected(quads("[] a dcat:Dataset ; dcat:contactPoint [ a vcard:Kind ; vcard:fn 'x' ] ."))) == 1


def test_a_dataset_object_and_named_graphs_are_taken_as_they_are() -> None:
    graph = NamedNode("https://p.example/g")
    items = [Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads(CATALOGUE)]
    records = list(subjects.split(Dataset(items), SOURCE, BASE, "lenient"))
    assert len(records) == 9
    assert all(isinstance(record, Described) and record.note == "lenient" for record in records)
    assert all(
        isinstance(triple, Triple) for record in records if isinstance(record, Described) for triple in record.triples
    )
