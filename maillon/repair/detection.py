"""Rules that turn texts without a language tag into tagged ones: by what the source declares, else by detection.

Detection is `py3langid <https://github.com/adbar/py3langid>`_ among the four languages of the catalogue, and only where
it is sure: 40 characters and 5 words, 0.99 among the four and no other European language closer. Measured on 5,517
tagged titles and descriptions of data.gov.be of that length with the tags hidden: 3,636 detected, 98.95 % with the tag
of the source; of the 38 others the source's tag is wrong in 24, so that about 99.6 % are right.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from maillon.repair.rule import Change, Context, Example, Rule, Text, Triples
from maillon.settings import LANGUAGES
from maillon.vocabulary import DESCRIPTION, TITLE, term

_TEXTS: Final = frozenset(
    {TITLE, DESCRIPTION, term("dcat:keyword"), term("dct:alternative"), term("adms:versionNotes")}
)
_DETECTED: Final = frozenset({TITLE, DESCRIPTION})
_OTHERS: Final = ("es", "it", "pt", "ca", "lb", "da", "sv", "no", "pl")
_LEAST: Final = 40
_LEAST_WORDS: Final = 5
_SURE: Final = 0.99
_SURE_AMONG_ALL: Final = 0.8
_READ: Final = 4000
"""Characters that detection reads; more do not change the answer."""
_TAG: Final = re.compile(r"<[^<>]*>|&[a-z]{2,8};|https?://\S+", re.IGNORECASE)


@lru_cache(maxsize=1)
def _identifiers() -> tuple[Any, Any]:
    """Return one identifier for the catalogue's languages and one for more; they take a second to load."""
    from py3langid.langid import (  # type: ignore[import-untyped]  # noqa: PLC0415 - loads numpy
        MODEL_FILE,
        LanguageIdentifier,
    )

    narrow = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    wide = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    narrow.set_languages(list(LANGUAGES))
    wide.set_languages([*LANGUAGES, *_OTHERS])
    return narrow, wide


@lru_cache(maxsize=4096)
def detect(text: str) -> str:
    """Return the language of a text (one of the catalogue's) where it is sure, else an empty text."""
    plain = " ".join(_TAG.sub(" ", text[:_READ]).split())
    if len(plain) < _LEAST or len(plain.split()) < _LEAST_WORDS:
        return ""
    narrow, wide = _identifiers()
    language, sure = narrow.classify(plain)
    if sure < _SURE:
        return ""
    other, sure_among_all = wide.classify(plain)
    return str(language) if other == language and sure_among_all >= _SURE_AMONG_ALL else ""


def _untagged(triples: Triples) -> list[Text]:
    return [text for text in triples.texts() if text.language == "" and text.predicate in _TEXTS]


def _is_taken(triples: Triples, text: Text, language: str) -> bool:
    """Tell whether the title has a text in that language already, which may not be a second one."""
    return text.predicate == TITLE and any(
        item.language == language and item.predicate == TITLE and item.triple.subject == text.triple.subject
        for item in triples.texts()
    )


def _declared(triples: Triples, context: Context) -> Iterator[Change]:
    language = context.source.language.lower()
    for text in _untagged(triples) if language else ():
        if not _is_taken(triples, text, language):
            yield text.becoming(text.value, language)


def _guessed(triples: Triples, _context: Context) -> Iterator[Change]:
    for text in _untagged(triples):
        language = detect(text.value) if text.predicate in _DETECTED else ""
        if language and not _is_taken(triples, text, language):
            yield text.becoming(text.value, language)


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="language-declared",
        title={
            "fr": "Les textes sans code de langue reçoivent celui que la source déclare.",
            "nl": "Teksten zonder taalcode krijgen die welke de bron opgeeft.",
            "de": "Texte ohne Sprachcode erhalten den, den die Quelle angibt.",
            "en": "Texts without a language code get the one that the source declares.",
        },
        matches="A title, description or keyword without language tag (91 datasets in the feeds read), where the TOML "
        "of the source has `language`.",
        changes="The same text with that tag.",
        predicates=_TEXTS,
        marks=frozenset({"untagged"}),
        example=Example(
            before='<urn:example> dct:title "Bus" ; dcat:keyword "tram" .',
            after='<urn:example> dct:title "Bus"@fr ; dcat:keyword "tram"@fr .',
            source={"language": "fr"},
        ),
        repair=_declared,
    ),
    Rule(
        id="language-detected",
        title={
            "fr": "La langue des textes sans code de langue a été reconnue par un programme.",
            "nl": "De taal van teksten zonder taalcode is door een programma herkend.",
            "de": "Die Sprache von Texten ohne Sprachcode wurde von einem Programm erkannt.",
            "en": "The language of texts without a language code was recognised by a program.",
        },
        matches="A title or description of 40 characters and 5 words or more without language tag, whose language is "
        "told with a confidence of 0.99 (about 99.6 % right, measured on data.gov.be).",
        changes="The same text with the tag of that language; shorter and doubtful texts stay without.",
        predicates=_DETECTED,
        marks=frozenset({"untagged"}),
        example=Example(
            before='<urn:example> dct:title "Bus" ; dct:description '
            '"De haltes van bussen en trams in het gewest, met hun naam en hun ligging." .',
            after='<urn:example> dct:title "Bus" ; dct:description '
            '"De haltes van bussen en trams in het gewest, met hun naam en hun ligging."@nl .',
        ),
        repair=_guessed,
    ),
)
