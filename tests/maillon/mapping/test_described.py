"""Subjects of RDF sources pass through with every triple; their classes decide their kind."""

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon import mapping
from maillon.errors import RecordRejected
from maillon.records import Described
from maillon.sources import Source
from maillon.vocabulary import TYPE, term


@pytest.mark.parametrize(
    ("names", "kind"),
    [(("dcat:Catalog", "dcat:Dataset"), "catalog"), (("dcat:CatalogRecord",), "record"),
     (("dcat:Dataset",), "dataset"),
     (("dcat:Dataset", "dcat:DatasetSeries"), "series"), (("dcat:Distribution",), "distribution"),
     (("dcat:DataService",), "service"), (("foaf:Agent",), "organisation"), (("org:Organization",), "organisation"),
     (("vcard:Kind",), "contact"), (("vcard:Organization",), "contact"),
     (("vcard:Organization", "foaf:Agent"), "organisation"),
     (("foaf:Person",), "contact"), (("foaf:Person", "foaf:Agent"), "contact"), (("vcard:Individual",), "contact"),
     (("foaf:Organization", "foaf:Agent"), "organisation"), (("schema:GovernmentOrganization",), "organisation"),
     (("dct:LicenseDocument",), "resource"), ((), "resource")],
)  # fmt: skip
def test_the_classes_decide_the_kind(names: tuple[str, ...], kind: str) -> None:
    assert mapping.kind_of(term(name).value for name in names) == kind


def test_every_triple_passes_through(source: Source, base: str) -> None:
    subject, node = NamedNode("https://ville.example.org/1"), BlankNode("b")
    triples = (
        Triple(subject, TYPE, term("dcat:Dataset")),
        Triple(subject, term("dct:temporal"), node),
        Triple(node, TYPE, term("dcat:Distribution")),
        Triple(
            subject,
            NamedNode("https://own.example.org/property"),
            Literal("120", datatype=term("xsd:nonNegativeInteger")),
        ),
    )
    (entity,) = mapping.entities(Described(subject, triples), source, base)
    assert (entity.iri, entity.kind, entity.triples) == (subject.value, "dataset", triples)


def test_a_relative_subject_is_rejected(source: Source, base: str) -> None:
    with pytest.raises(RecordRejected, match="absolute"):
        mapping.entities(Described(NamedNode("x:y"), ()), source, base)
