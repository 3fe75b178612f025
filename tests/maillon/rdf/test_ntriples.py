"""Lines written by hand are those that pyoxigraph writes; labels of blank nodes are those of its RDFC-1.0."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from maillon import identifiers
from maillon.rdf import canonical, ntriples
from maillon.records import Entity
from maillon.vocabulary import term

BASE = "https://catalogue.example/"
S, P, Q = (NamedNode(f"https://x.example/{name}") for name in "spq")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"', "\\", "a\nb", "_:n1", "\x7f", "\x85", "é\u2028"]
)
OBJECTS = (
    TEXTS.map(Literal)
    | TEXTS.map(lambda text: Literal(text, language="fr"))
    | st.sampled_from([S, NamedNode("urn:x:_:y"), *map(BlankNode, ("n1", "n2", "n3", "n10"))])
)
SUBJECTS = st.sampled_from([S, *map(BlankNode, ("n1", "n2", "n3", "n10"))])
GRAPHS = st.lists(st.builds(Triple, SUBJECTS, st.sampled_from([P, Q]), OBJECTS), max_size=12)


def _by_library(triples: list[Triple]) -> set[str]:
    """Return the canonical lines with nothing but pyoxigraph; only triples with blank nodes have a say in labels."""
    blank = [item for item in triples if isinstance(item.subject, BlankNode) or isinstance(item.object, BlankNode)]
    plain = [item for item in triples if item not in blank]
    dataset = Dataset(Quad(item.subject, item.predicate, item.object) for item in blank)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)

    def named(value: Any) -> Any:
        if not isinstance(value, BlankNode):
            return value
        return NamedNode(identifiers.skolem(BASE, S.value, value.value.removeprefix("c14n")))

    plain += [Triple(named(quad.subject), quad.predicate, named(quad.object)) for quad in dataset]
    return set((serialize(plain, format=RdfFormat.N_TRIPLES) or b"").decode().split("\n")) - {""}


@given(GRAPHS)
def test_any_graph_gets_the_canonical_form_that_the_library_gives(triples: list[Triple]) -> None:
    entity = Entity(S.value, "dataset", tuple(triples))
    text = canonical.version(entity, BASE).text
    assert text == "".join(f"{line}\n" for line in sorted(_by_library(triples)))


@given(GRAPHS)
def test_an_entity_kept_as_lines_is_the_same_as_its_triples(triples: list[Triple]) -> None:
    plain = Entity(S.value, "dataset", tuple(triples))
    written = ntriples.Written(S.value, "dataset", ntriples.lines(plain))
    assert canonical.version(written, BASE) == canonical.version(plain, BASE)
    assert written.triples == plain.triples
    assert written.triples is written.triples


@given(TEXTS, st.sampled_from(["", "fr", "nl-BE", "x-y", "not a tag"]))
def test_a_literal_is_written_as_the_library_writes_it(text: str, tag: str) -> None:
    try:
        expected = Literal(text, language=tag) if tag else Literal(text)
    except ValueError:
        expected = Literal(text)
    written = ntriples.literal(text, ntriples.tagged(tag))
    assert written == str(expected)
    (quad,) = parse(f"<urn:s> <urn:p> {written} .", RdfFormat.N_TRIPLES)
    assert quad.object == expected


def test_terms_have_their_datatype_and_full_iri() -> None:
    assert ntriples.literal("7", ntriples.typed("xsd:integer")) == str(Literal("7", datatype=term("xsd:integer")))
    assert ntriples.prefixed("dct:title") == ntriples.iri(term("dct:title").value) == str(term("dct:title"))
