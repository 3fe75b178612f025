"""Turns a word of public administration into those that mean the same, in four languages (`ontology/synonyms.toml`)."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from maillon import paths
from maillon.search.schema import folded, words
from maillon.search.stems import Stems, forms
from maillon.search.typed import STOP_WORDS

LONGEST: Final = 3
"""Words of an entry of the table, stop words apart."""

Key = tuple[str, ...]


class Entry(NamedTuple):
    """One word or phrase of a group: its language, how it is written, and its stems there."""

    language: str
    text: str
    stems: Key


@dataclass(frozen=True, slots=True)
class Synonyms:
    """The table.

    Attributes:
        groups: Entries that mean the same.
        found: Numbers of groups by language and by the stems of an entry without its stop words.
    """

    groups: tuple[tuple[Entry, ...], ...]
    found: dict[tuple[str, Key], frozenset[int]]

    def of(self, typed: Sequence[str], stems: Stems) -> list[Entry]:
        """Return the entries that mean the same as some words standing together, themselves left out."""
        keys = {(language, tuple(list_)) for language, list_ in stems.each(" ".join(typed))}
        numbers = sorted({number for key in keys for number in self.found.get(key, ())})
        entries = [entry for number in numbers for entry in self.groups[number]]
        return list(dict.fromkeys(entry for entry in entries if (entry.language, entry.stems) not in keys))


def _bare(text: str) -> str:
    """Return a text without stop words and elided articles."""
    return " ".join(word for word in words(text) if folded(word) not in STOP_WORDS)


def _keys(entry: Entry, stems: Stems) -> list[tuple[str, Key]]:
    bare = dict(stems.each(_bare(entry.text)))[entry.language]
    if len(bare) == 1:
        return [(entry.language, (form,)) for form in forms(entry.language, bare[0])]
    return [(entry.language, tuple(bare))]


@cache
def table() -> Synonyms:
    """Read the table, once."""
    stems = Stems()
    listed = tomllib.loads((paths.ONTOLOGY / "synonyms.toml").read_text(encoding="utf-8"))["group"]
    groups = tuple(
        tuple(
            Entry(language, text, tuple(dict(stems.each(text))[language]))
            for language, texts in group.items()
            for text in texts
        )
        for group in listed
    )
    found: dict[tuple[str, Key], frozenset[int]] = {}
    for number, group in enumerate(groups):
        for key in {key for entry in group for key in _keys(entry, stems)}:
            found[key] = found.get(key, frozenset()) | {number}
    return Synonyms(groups, found)
