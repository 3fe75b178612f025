"""A dataset as a list shows it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flask import url_for
from markupsafe import Markup, escape

from maillon.search import Hit, Summary
from maillon.search.schema import analyser, folded
from maillon.web import display, texts
from maillon.web.texts import Text

LENGTH: Final = 260
"""Characters of a description in a list."""

_PIECE: Final = re.compile(r"\w+|\W+")
_STEMMERS: Final = {"fr": "french", "nl": "dutch", "de": "german", "en": "english"}


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """One dataset in a list.

    Attributes:
        href: Address of its page.
        title: Its title, or its key where it has none.
        snippet: The part of its description that fits what was searched for; words found are marked.
        snippet_lang: Language of the snippet for the ``lang`` attribute, empty where it is the page's.
        machine: Name of the language that the title was translated from by machine, empty for a human text.
        publisher: Name of its publisher, None where there is none.
        formats: Names of the formats of its distributions.
        modified: Date of its last change in words, empty where unknown or the same as the other.
        issued: Date of its publication in words, empty where unknown.
        hvd: Whether it is a high-value dataset.
    """

    href: str
    title: Text
    snippet: Markup
    snippet_lang: str
    machine: str
    publisher: Text | None
    formats: list[Text]
    modified: str
    issued: str
    hvd: bool


def snippet(description: str, query: str, language: str) -> Markup:
    """Return the part of a text where most words of a query stand, at most LENGTH characters, these words marked."""
    analysis = analyser(_STEMMERS.get(language, ""))
    stems = set(analysis.analyze(query))
    pieces = _PIECE.findall(description)
    found = [
        bool(stems.intersection(analysis.analyze(piece))) if stems and piece[0].isalnum() else False for piece in pieces
    ]
    begin = 0
    if any(found) and len(description) > LENGTH:
        first = found.index(True)
        begin = max(0, first - 16) if sum(map(len, pieces[:first])) > LENGTH // 2 else 0
    shown: list[str] = [] if not begin else [Markup("… ")]
    length = 0
    for piece, hit in list(zip(pieces, found, strict=True))[begin:]:
        length += len(piece)
        if length > LENGTH:
            shown.append(Markup("…"))
            break
        shown.append(Markup("<mark>{}</mark>").format(piece) if hit else escape(piece))
    return Markup("").join(shown)


def card(summary: Summary, language: str, query: str) -> DatasetCard:
    """Make the card of one dataset."""
    title = texts.choose(summary.title.items(), language) or Text(summary.key)
    description = texts.choose(summary.description.items(), language)
    names = {
        display.concept(item, language).value.casefold(): display.concept(item, language) for item in summary.formats
    }
    return DatasetCard(
        href=url_for("pages.dataset", key=summary.key),
        title=title,
        snippet=snippet(texts.plain(description.value), query, description.lang or language)
        if description
        else Markup(),
        snippet_lang=description.lang if description else "",
        machine=display.language_name(title.machine, language) if title.machine else "",
        publisher=texts.choose(summary.publisher_name.items(), language),
        formats=list(names.values())[:6],
        modified=display.moment(summary.modified, language) if summary.modified != summary.issued else "",
        issued=display.moment(summary.issued, language),
        hvd=summary.hvd,
    )


def cards(hits: Iterable[Hit], language: str, query: str = "") -> list[DatasetCard]:
    """Make the cards of the datasets found."""
    return [card(hit.summary, language, query) for hit in hits]


def sort_key(text: Text) -> str:
    """Return what a name is sorted by: without accents and case."""
    return folded(text.value)
