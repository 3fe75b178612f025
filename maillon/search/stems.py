"""Turns a word or phrase into the stems that the index holds for it, in each of the four languages."""

import re
from collections.abc import Iterator
from typing import Final

from maillon.search.schema import LANGUAGES, analyser

_VOWEL_S = re.compile(r"\w{2}[aiou]s?$")
_SHORTEST_DUTCH: Final = 4


def forms(language: str, stem: str) -> list[str]:
    """Return a stem with and without its s, in the languages whose stemmer is unsure of it.

    The French one keeps the s after a, i, o, u (vélos); the Dutch one takes that of a stem for a plural (fiets is cut
    to "fiet", fietsen to "fiets"). A short Dutch stem stays as it is: "subsdes", a slip for "subsides", is cut to
    "subs", and "sub" is another word in 3,689 datasets of data.gov.be.
    """
    bare = stem.removesuffix("s")
    if (language == "fr" and _VOWEL_S.search(stem)) or (language == "nl" and len(bare) >= _SHORTEST_DUTCH):
        return [stem, bare if stem.endswith("s") else stem + "s"]
    return [stem]


class Stems:
    """The analysers of the index, for texts that are asked."""

    def __init__(self) -> None:
        self._analysers = {language: analyser(stemmer) for language, stemmer in LANGUAGES.items()}
        self._plain = analyser()

    def each(self, text: str) -> Iterator[tuple[str, list[str]]]:
        """Yield each language with the stems of a text."""
        for language, analysis in self._analysers.items():
            yield language, analysis.analyze(text)

    def plain(self, text: str) -> list[str]:
        """Return the words of a text as the index holds them unstemmed: in lower case, without accents."""
        return list(self._plain.analyze(text))

    def alike(self, word: str, other: str) -> bool:
        """Whether two words are the same in a language, as singular and plural are."""
        return any(mine == theirs for (_, mine), (_, theirs) in zip(self.each(word), self.each(other), strict=True))
