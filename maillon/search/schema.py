"""The fields and analysers of the search index (tantivy), the same for writing and for reading.

A text is indexed in the stemmed fields of its own language (French, Dutch, German, English), a text without or in
another language in all four. Analysers lower-case, fold to ASCII and then stem: best of the orders measured on 41 word
pairs. ``plain`` holds every word folded but not stemmed, for prefixes and misspellings; ``suggest`` holds pairs of
folded and written form, so that "qual" finds "qualité".
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import tantivy

LANGUAGES: Final = {"fr": "french", "nl": "dutch", "de": "german", "en": "english"}
FACETS: Final = ("theme", "publisher", "format", "licence", "language", "source", "frequency", "hvd", "access")
SORTS: Final = ("relevance", "modified", "title")
SEPARATOR: Final = "\x1f"
"""Between the folded and the written form of a word in ``suggest``."""
_LONGEST_WORD = 60
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})
_COMBINING = re.compile(r"[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")


def schema() -> tantivy.Schema:
    """Return the schema of the index."""
    builder = tantivy.SchemaBuilder()
    for language in LANGUAGES:
        builder.add_text_field(f"title_{language}", tokenizer_name=language)
        builder.add_text_field(f"body_{language}", tokenizer_name=language)
        builder.add_unsigned_field(f"by_title_{language}", fast=True)
    builder.add_text_field("plain", tokenizer_name="plain")
    builder.add_text_field("suggest", tokenizer_name="raw", index_option="basic")
    for facet in FACETS:
        builder.add_text_field(facet, tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_text_field("iri", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("by_modified", fast=True)
    builder.add_bytes_field("summary", stored=True)
    return builder.build()


def analyser(stemmer: str = "") -> tantivy.TextAnalyzer:
    """Return the analyser of one language, or the one without a stemmer."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.remove_long(_LONGEST_WORD)).filter(tantivy.Filter.lowercase())
    builder = builder.filter(tantivy.Filter.ascii_fold())
    return (builder.filter(tantivy.Filter.stemmer(stemmer)) if stemmer else builder).build()


def register(index: tantivy.Index) -> None:
    """Give an index its analysers; they are not kept in its files."""
    for language, stemmer in LANGUAGES.items():
        index.register_tokenizer(language, analyser(stemmer))
    index.register_tokenizer("plain", analyser())


def folded(text: str) -> str:
    """Return a text in lower case and without accents, for comparing and sorting."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
        text = _COMBINING.sub("", text)
    return text.casefold()


def words(text: str) -> list[str]:
    """Return the words of a text as written, in lower case, without those that are absurdly long."""
    return [word.lower() for word in _WORD.findall(text) if len(word) <= _LONGEST_WORD]


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return the text to show in a language: in that one, else in the first of ours that is there, else any."""
    for wanted in (language, *LANGUAGES):
        for tag in sorted(texts):
            if tag.lower().split("-")[0] == wanted:
                return texts[tag]
    return texts[min(texts)] if texts else ""
