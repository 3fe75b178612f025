"""Titles and descriptions come back in the order of their document, whatever happened to them in between."""

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Triple

from maillon.rdf.order import TextOrder
from maillon.vocabulary import DESCRIPTION, TITLE, TYPE

_NODE = NamedNode("https://example.org/1")


@given(st.lists(st.text(alphabet="abc", max_size=3), unique=True), st.randoms())
def test_texts_keep_the_order_of_the_document(texts: list[str], chance: object) -> None:
    quads = [Quad(_NODE, DESCRIPTION, Literal(text, language="fr")) for text in texts]
    order = TextOrder()
    assert list(order.watch(quads)) == quads
    shuffled = [quad.triple for quad in quads]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert order.sorted(shuffled) == tuple(quad.triple for quad in quads)


def test_other_properties_stand_before_texts_and_unknown_texts_are_sorted() -> None:
    texts = [Triple(_NODE, TITLE, Literal(text)) for text in "cab"]
    typed = Triple(_NODE, TYPE, _NODE)
    found = TextOrder().sorted([*texts, typed])
    assert [str(triple.object) for triple in found] == ["<https://example.org/1>", '"a"', '"b"', '"c"']


def test_a_text_repeated_for_the_same_subject_keeps_its_first_place() -> None:
    order = TextOrder()
    order.note([Quad(_NODE, TITLE, Literal(text)) for text in ("b", "a", "b")])
    assert [str(t.object) for t in order.sorted([Triple(_NODE, TITLE, Literal(text)) for text in "ab"])] == [
        '"b"',
        '"a"',
    ]
