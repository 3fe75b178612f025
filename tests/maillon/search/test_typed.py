"""How a text is read: words, phrases, words to leave out, and words that say nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillon.search import typed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("les écoles à Ixelles", ["écoles", "Ixelles"]),
        ("Qualité de l'air", ["Qualité", "air"]),
        ("wat is het budget van de gemeente", ["budget", "gemeente"]),
        ("wo sind die Schulen", ["Schulen"]),
        ("where is the library", ["library"]),
        ("de la", ["de", "la"]),
        ("le -budget", ["le", "budget"]),
        ('"de la" budget', ["de la", "budget"]),
        ("or bruit son mijn", ["or", "bruit", "son", "mijn"]),
        ("", []),
    ],
)
def test_what_is_searched_for(text: str, expected: list[str]) -> None:
    assert [term.text for term in typed.read(text)] == expected


def test_signs_are_read() -> None:
    phrase, word, number = typed.read('"a b" -l\'eau 2024')
    assert (phrase.text, phrase.phrase, phrase.minus, phrase.is_number) == ("a b", True, False, False)
    assert (word.text, word.phrase, word.minus) == ("eau", False, True)
    assert number.is_number


@given(st.text(max_size=80))
def test_every_term_stands_where_it_says(text: str) -> None:
    assert all(text[term.start : term.end] == term.text for term in typed.read(text))
    assert len(typed.read(text)) <= 20
