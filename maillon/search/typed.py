"""Turns what a visitor types into words, "phrases in quotes" and -words to leave out, by rules of our own.

No text is a syntax error. Articles, prepositions, pronouns and question words in French, Dutch, German and English are
dropped where anything else is left: "les écoles à Ixelles" asks for schools and for Ixelles. The lists are our own.
Words that mean something in another of the languages are in none of them: "son" (sound), "or" (gold), "bij" (bee),
"mais" (folded as maïs), "mijn" (a mine).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from maillon.search.schema import folded, words

_TERM = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’](?=\w)", re.IGNORECASE)
_MAX_TERMS: Final = 20
_FRENCH = (
    "a au aux avec ce ces cet cette chez chercher cherche combien comment d dans de des du elle elles en est et"
    " il ils je l la le les leur leurs ma mes nos notre nous on ou où par pour pourquoi quand que quel quelle"
    " quelles quels qui quoi sa se ses sont sur tes trouver tu un une vos votre vous y à"
)
_DUTCH = (
    "aan dat de deze die dit door een en er het hij hoe hoeveel hun ik in is je met naar of om onze op per te uit uw"
    " van vind vinden voor waar waarom wanneer wat we welk welke wie wij ze zij zijn zoek zoeken"
)
_GERMAN = (
    "am an auf aus bei das dem den der des die ein eine einem einen einer eines finde finden für ich ihr ihre im"
    " in ist mit nach oder sie sind suche suchen und unser unsere vom von wann warum was welche welcher welches"
    " wer wie wieviel wir wo zu zum zur über"
)
_ENGLISH = (
    "a an and are at by can find for from how i in is of on our per the their these they this those to we what when"
    " where which who whose why with you your"
)
STOP_WORDS: Final = frozenset(folded(f"{_FRENCH} {_DUTCH} {_GERMAN} {_ENGLISH}").split())
"""Folded."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One thing asked for.

    Attributes:
        text: The word without an elided article, or the phrase.
        phrase: Whether it stood in quotes.
        minus: Whether it is to be left out.
        start: Where its text begins in what was typed.
        end: Where it ends.
    """

    text: str
    phrase: bool
    minus: bool
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        """Whether it is a number, such as a year."""
        return not self.phrase and self.text.isdecimal()


def _terms(text: str) -> Iterator[Typed]:
    for number, found in enumerate(_TERM.finditer(text)):
        if number == _MAX_TERMS:
            return
        phrase = found[2] is not None
        start, end = found.span(2 if phrase else 3)
        if not phrase:  # l'eau: the article must not stand before the word everywhere
            elided = _ELISION.match(text[start:end])
            start += elided.end() if elided else 0
        yield Typed(text[start:end], phrase, found[1] == "-", start, end)


def _is_stop_word(term: Typed) -> bool:
    parts = words(term.text)
    return not (term.phrase or term.minus) and bool(parts) and STOP_WORDS.issuperset(map(folded, parts))


def read(text: str) -> list[Typed]:
    """Return what a text asks for, at most 20 things; stop words only where there is nothing else."""
    terms = list(_terms(text))
    kept = [term for term in terms if not _is_stop_word(term)]
    return kept if any(words(term.text) for term in kept if not term.minus) else terms
