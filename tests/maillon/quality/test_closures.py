"""What becomes part of a closure: facts of every kind of term, distributions, findings, links and repairs."""

from collections.abc import Iterable, Mapping

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from maillon.quality import closures
from maillon.quality.closures import addresses, closure
from maillon.settings import Settings
from maillon.store import snapshots
from maillon.store.documents import Document, Documents, Repair

from .scored import BASE, DEAD, FILE, PAGE, SET, TODAY, document, finding, part, states

PUBLISHER, CONTACT = "https://org.example.org/1", "https://org.example.org/1/contact"


def _lookup(*found: Document) -> closures.Lookup:
    known = {item.iri: item for item in found}

    def look(iris: Iterable[str]) -> Mapping[str, Document]:
        return {iri: known[iri] for iri in iris if iri in known}

    return look


def test_facts_have_prefixed_names_and_the_terms_that_a_parser_reads() -> None:
    turtle = (
        'a dcat:Dataset ; dct:title "Air"@fr , "A \\"quoted\\" \\\\ title\\n"@en ; dct:issued "2020-01-01"^^xsd:date ;'
        ' dct:description "plain" ; <http://example.org/own/term> <http://example.org/é> ;'
        " dct:spatial [ a dct:Location ]"
    )
    found = document(SET, "dataset", turtle)
    facts = closure(found, _lookup(), {}, TODAY).facts
    parsed = [quad for quad in parse(found.text.encode(), RdfFormat.N_TRIPLES) if quad.subject == NamedNode(SET)]
    assert sorted(str(value) for values in facts.values() for value in values) == sorted(str(q.object) for q in parsed)
    assert facts["dct:title"][0] == Literal('A "quoted" \\ title\n', language="en")
    assert facts["dct:issued"] == (Literal("2020-01-01", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date")),)
    assert facts["http://example.org/own/term"] == (NamedNode("http://example.org/é"),)
    assert len(facts["dct:spatial"]) == 1


def test_distributions_come_in_the_order_of_their_iris_and_only_published_ones_are_described() -> None:
    links = " ; ".join(f"dcat:distribution <{SET}#{number}>" for number in (3, 1, 2))
    found = closure(
        document(SET, "dataset", f"a dcat:Dataset ; {links}"),
        _lookup(
            document(f"{SET}#1", "distribution", part()),
            document(f"{SET}#2", "distribution", part(), state="gone"),
            document(f"{SET}#3", "distribution", part(), state="missing"),
        ),
        {},
        TODAY,
    )
    assert [item.iri for item in found.parts] == [f"{SET}#1", f"{SET}#2", f"{SET}#3"]
    assert [bool(item.facts) for item in found.parts] == [True, False, True]


def test_a_distribution_that_is_embedded_in_the_dataset_is_read_from_its_text() -> None:
    turtle = "a dcat:Dataset ; dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://files.example.org/a> ]"
    found = closure(document(SET, "dataset", turtle), _lookup(), states({"https://files.example.org/a": 200}), TODAY)
    assert len(found.parts) == 1
    assert found.parts[0].iri.startswith(f"{BASE}.well-known/genid/")
    assert found.parts[0].facts["dcat:accessURL"] == (NamedNode("https://files.example.org/a"),)
    assert set(found.links) == {"https://files.example.org/a"}


def test_findings_are_those_of_dataset_distributions_publishers_and_contact_points() -> None:
    turtle = (
        f"a dcat:Dataset ; dcat:distribution <{SET}#1> ; dct:publisher <{PUBLISHER}> ; dcat:contactPoint <{CONTACT}> ;"
        f" dct:creator <https://org.example.org/2> ; dct:relation <{SET}/other>"
    )
    own = {iri: finding("Warning", f"urn:maillon:shape:{iri}") for iri in (SET, f"{SET}#1", PUBLISHER, CONTACT)}
    others = {
        iri: finding("Warning", "urn:maillon:shape:other") for iri in ("https://org.example.org/2", f"{SET}/other")
    }
    described = [document(iri, "organisation", "a foaf:Agent", [item]) for iri, item in (own | others).items()]
    found = closure(document(SET, "dataset", turtle, [own[SET]]), _lookup(*described), {}, TODAY)
    assert set(found.findings) == set(own.values())
    assert len(found.findings) == 4
    assert found.organisations == (PUBLISHER,)


def test_an_embedded_publisher_is_no_organisation() -> None:
    turtle = f'a dcat:Dataset ; dct:publisher [ foaf:name "Service exemple" ] , <{PUBLISHER}>'
    assert closure(document(SET, "dataset", turtle), _lookup(), {}, TODAY).organisations == (PUBLISHER,)


def test_links_are_those_of_the_dataset_that_were_checked() -> None:
    found = closure(
        document(SET, "dataset", f"a dcat:Dataset ; dcat:distribution <{SET}#1>"),
        _lookup(document(f"{SET}#1", "distribution", part())),
        states({PAGE: 200, DEAD: 404}),
        TODAY,
    )
    assert set(found.links) == {PAGE}
    assert addresses(found) == {PAGE, FILE}


def test_addresses_of_a_document_are_access_and_download_addresses_even_as_text() -> None:
    turtle = f'a dcat:Distribution ; dcat:accessURL <{PAGE}> , "{DEAD}" ; dcat:downloadURL <{FILE}> ; foaf:page <{SET}>'
    assert addresses(document(f"{SET}#1", "distribution", turtle)) == {PAGE, DEAD, FILE}
    assert (
        addresses(document(SET, "dataset", 'dct:title "dcat:accessURL <x> <http://www.w3.org/ns/dcat#accessURL>"'))
        == set()
    )


def test_repairs_are_counted_where_documents_carry_them_and_where_only_the_provenance_does(settings: Settings) -> None:
    iri = f"{BASE}id/dataset/ville/jeu-1"
    with snapshots.open_current(settings.snapshots) as snapshot:
        documents = Documents(snapshot.documents)
        found = documents.get(iri)
        assert found is not None
        assert found.repairs == []
        assert closure(found, documents.many, {}, TODAY).repairs == 2
        documents.close()
    repaired = document(SET, "dataset", "a dcat:Dataset")
    repaired.repairs.append(Repair("trim", "a", "b", "", "", 1))
    assert closure(repaired, _lookup(), {}, TODAY).repairs == 1


def test_a_text_that_looks_like_a_repair_is_none() -> None:
    turtle = 'dct:title "a\\n<x:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:maillon:term:Repair> ."'
    found = document(SET, "dataset", turtle)
    assert closure(found, _lookup(), {}, TODAY).repairs == 0


def test_a_published_dataset_is_read_with_all_that_belongs_to_it(settings: Settings) -> None:
    with snapshots.open_current(settings.snapshots) as snapshot:
        documents = Documents(snapshot.documents)
        for item in documents.page("dataset", limit=100):
            found = closure(item, documents.many, {}, TODAY, twins=1)
            assert (found.iri, found.key, found.source, found.modified) == (
                item.iri,
                item.key,
                item.source,
                item.modified,
            )
            assert (found.twins, found.today) == (1, TODAY)
            assert [part.iri for part in found.parts] == sorted(
                value.value for value in found.facts.get("dcat:distribution", ())
            )
            assert item.conformant == all(each.severity != "Violation" for each in found.findings)
        documents.close()


@pytest.mark.parametrize(
    "text", ["_:b0", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>', '"\\u00E9"@fr', "<http://a/\\u00E9>"]
)
def test_terms_are_read_as_a_parser_reads_them(text: str) -> None:
    found = closures._term(text)
    parsed = next(iter(parse(f"<x:s> <x:p> {text} .".encode(), RdfFormat.N_TRIPLES))).object
    assert isinstance(found, BlankNode) if isinstance(parsed, BlankNode) else found == parsed


def test_a_dataset_without_a_line_is_an_empty_closure() -> None:
    empty = Document(SET, "dataset", "x-1", "ville", "", "")
    found = closure(empty, _lookup(), {}, TODAY)
    assert (found.facts, found.parts, found.findings, found.links) == ({}, (), (), {})
