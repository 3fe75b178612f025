"""Look-ups in what a document says."""

from maillon.vocabulary import TITLE, term
from maillon.web.described import compact, read

IRI = "https://example.org/d"
NODE = "http://localhost:8000/.well-known/genid/abc-0"
TEXT = f"""<{IRI}> <http://purl.org/dc/terms/temporal> <{NODE}> .
<{IRI}> <http://purl.org/dc/terms/title> "Deux"@fr .
<{IRI}> <http://purl.org/dc/terms/title> "Two" .
<{IRI}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .
<{NODE}> <http://www.w3.org/ns/dcat#startDate> "2020-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .
"""


def test_values_are_found_by_property() -> None:
    said = read(IRI, TEXT)
    assert sorted(said.texts(term("rdfs:label"), TITLE)) == [("", "Two"), ("fr", "Deux")]
    assert said.types() == ["http://www.w3.org/ns/dcat#Dataset"]
    assert said.string(term("foaf:name")) == ""
    assert said.iris(term("dct:temporal")) == [NODE]


def test_embedded_nodes_are_read_in_place() -> None:
    said = read(IRI, TEXT)
    assert said.is_embedded(NODE)
    assert not said.is_embedded(IRI)
    assert said.about(NODE).string(term("dcat:startDate")) == "2020-01-01"
    assert said.subjects() == [IRI, NODE]


def test_properties_come_with_their_class_first() -> None:
    assert [compact(predicate) for predicate, _ in read(IRI, TEXT).properties()] == [
        "rdf:type",
        "dct:temporal",
        "dct:title",
    ]


def test_iris_are_shortened_only_where_that_can_be_undone() -> None:
    assert compact("http://purl.org/dc/terms/title") == "dct:title"
    assert compact("http://purl.org/dc/terms/") == "http://purl.org/dc/terms/"
    assert compact("http://www.w3.org/ns/dcat#a/b") == "http://www.w3.org/ns/dcat#a/b"
    assert compact("https://example.org/x") == "https://example.org/x"
