"""The IRI policy: stable, collision-free, safe in a path."""

import re

from hypothesis import given
from hypothesis import strategies as st

from maillon import identifiers

BASE = "https://data.example/"
SAFE = re.compile(r"https://data\.example/id/[a-z]+/[A-Za-z0-9._~-]+/[A-Za-z0-9._~-]+")


@given(st.text(min_size=1), st.text(min_size=1))
def test_minted_iris_are_safe_and_stable(source: str, identifier: str) -> None:
    iri = identifiers.mint(BASE, "dataset", source, identifier)
    assert SAFE.fullmatch(iri)
    assert iri == identifiers.mint(BASE, "dataset", source, identifier)
    assert identifiers.is_absolute(iri)


@given(st.lists(st.text(min_size=1), min_size=2, max_size=20, unique=True))
def test_different_identifiers_give_different_iris(texts: list[str]) -> None:
    assert len({identifiers.mint(BASE, "dataset", "s", text) for text in texts}) == len(texts)


def test_the_key_of_a_minted_iri_is_its_rest_and_of_any_other_a_hash() -> None:
    iri = identifiers.mint(BASE, "dataset", "stib", "42")
    assert iri == "https://data.example/id/dataset/stib/42"
    assert identifiers.key(BASE, "dataset", iri) == "stib/42"
    assert identifiers.document(BASE, "dataset", "stib/42") == "https://data.example/doc/dataset/stib/42"
    other = identifiers.key(BASE, "dataset", "https://elsewhere.example/d/1?x=é")
    assert re.fullmatch(r"x-[a-z2-7]{20}", other)


def test_dots_alone_never_become_a_path_segment() -> None:
    assert identifiers.segment("..") not in {".", ".."}
    assert identifiers.segment("a/b") != "a/b"


def test_only_absolute_iris_without_blanks_are_taken_as_they_are() -> None:
    assert identifiers.is_absolute("urn:uuid:6d2b1c3e")
    for text in ("catalog.rdf", "http://a b", "", "javascript:alert(1)", "http://x/<y>", "file:///etc/passwd"):
        assert not identifiers.is_absolute(text)
