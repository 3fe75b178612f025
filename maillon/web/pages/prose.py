"""Titles and descriptions with what a reader must know of them: their language, and whether a machine wrote them."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from maillon.vocabulary import DESCRIPTION
from maillon.web import display, links, texts
from maillon.web.described import Description
from maillon.web.texts import Text

_SUMMARY: Final = 200


@dataclass(frozen=True, slots=True)
class Heading:
    """A title.

    Attributes:
        text: The title shown, or the key of the entity where it has none.
        missing: Whether it has none.
        machine: Name of the language that it was translated from by machine, empty for a human text.
        original: The title that was translated, None where there is none.
        elsewhere: Pairs of name of language and title, in the other languages, as persons wrote them.
    """

    text: Text
    missing: bool
    machine: str
    original: Text | None
    elsewhere: list[tuple[str, Text]]


@dataclass(frozen=True, slots=True)
class Prose:
    """A description.

    Attributes:
        blocks: Harmless HTML; several where a source sent several texts in one language.
        lang: Language for the ``lang`` attribute, empty where it is the page's.
        language: Name of that language, empty where it is the page's.
        machine: Name of the language that it was translated from by machine, empty for a human text.
        summary: Its beginning as plain text, for search engines.
    """

    blocks: list[Markup]
    lang: str
    language: str
    machine: str
    summary: str


def heading(said: Description, fallback: str, language: str) -> Heading:
    """Return the title (or name) of an entity for a visitor."""
    known = said.texts(*links.NAMES)
    shown = texts.choose(known, language)
    if shown is None:
        return Heading(Text(fallback), missing=True, machine="", original=None, elsewhere=[])
    others: dict[str, Text] = {}
    for tag, value in known:
        primary, machine = texts.split_tag(tag)
        if primary and not machine and value.strip() and value.strip() != shown.value:
            others.setdefault(primary, Text(value.strip(), primary, own=False))
    return Heading(
        shown,
        missing=False,
        machine=display.language_name(shown.machine, language) if shown.machine else "",
        original=texts.original(known, shown),
        elsewhere=[(display.language_name(tag, language), text) for tag, text in sorted(others.items())],
    )


def prose(said: Description, language: str) -> Prose:
    """Return the description of an entity for a visitor."""
    found = texts.choose_all(said.texts(DESCRIPTION), language)
    found.sort(key=lambda text: -len(text.value))
    first = found[0] if found else Text("")
    plain = texts.plain(first.value)
    return Prose(
        blocks=[texts.rich(text.value) for text in found],
        lang=first.lang,
        language=display.language_name(first.lang, language) if first.lang else "",
        machine=display.language_name(first.machine, language) if first.machine else "",
        summary=plain[:_SUMMARY].rsplit(" ", 1)[0] + "…" if len(plain) > _SUMMARY else plain,
    )
