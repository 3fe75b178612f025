"""Rules that turn language tags of any kind into the plain tags of `BCP 47 <https://www.rfc-editor.org/info/bcp47>`_.

``fr-t-nl`` (`RFC 6497 <https://www.rfc-editor.org/rfc/rfc6497>`_) says "translated from Dutch by machine" and is kept:
95,274 texts of data.gov.be carry such a tag, and readers must be able to prefer the original.
"""

from collections.abc import Iterator
from typing import Final

from maillon.repair.rule import Change, Context, Example, Rule, Text, Triples

_ALIASES: Final = {
    "fre": "fr", "fra": "fr", "dut": "nl", "nld": "nl", "ger": "de", "deu": "de", "eng": "en", "ita": "it", "spa": "es",
    "por": "pt", "ltz": "lb", "cat": "ca", "gre": "el", "ell": "el", "francais": "fr", "french": "fr", "dutch": "nl",
    "german": "de", "english": "en",
}  # fmt: skip
_NO_LANGUAGE: Final = frozenset({"und", "zxx", "mul", "mis", "xx", "x-none", "default", "none"})
_REGIONS_CUT: Final = frozenset({"fr", "nl", "de", "en"})


def plain(tag: str) -> str:
    """Return the plain form of a language tag (empty where it says that there is none), itself where it is plain."""
    primary, hyphen, rest = tag.lower().replace("_", "-").partition("-")
    if primary in _NO_LANGUAGE or tag.lower() in _NO_LANGUAGE:
        return ""
    primary = _ALIASES.get(primary) or (_short(primary) if len(primary) == 3 else primary)
    if rest.startswith("t-"):
        source, dash, more = rest[2:].partition("-")
        return f"{primary}-t-{_ALIASES.get(source, source)}{dash}{more}"
    is_region = len(rest) == 2 or (len(rest) == 3 and rest.isdigit())
    return primary if primary in _REGIONS_CUT and is_region else primary + hyphen + rest


def _short(code: str) -> str:
    """Return the two-letter code of a three-letter one where there is one."""
    import langcodes  # noqa: PLC0415 - 0.1 s to load, for tags that few sources have

    try:
        return langcodes.standardize_tag(code)
    except ValueError:
        return code


def _tags(triples: Triples, _context: Context) -> Iterator[Change]:
    for text in triples.texts():
        tag = text.language
        if not tag or (len(tag) == 2 and tag != "xx"):
            continue
        better = plain(tag)
        if better != tag and not _is_regional_twin(triples, text, better):
            yield text.becoming(text.value, better)


def _is_regional_twin(triples: Triples, text: Text, tag: str) -> bool:
    """Tell whether cutting the region would give a second text of that language beside another one."""
    if not text.language or not text.language.startswith(f"{tag}-"):
        return False
    same = (item for item in triples.texts() if item.predicate == text.predicate and item.language)
    family = [item for item in same if item.triple.subject == text.triple.subject and plain(item.language or "") == tag]
    return len({item.language for item in family}) > 1


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="language-tag",
        title={
            "fr": "Les codes de langue des textes sont ramenés à leur forme courte (fre, fr-BE: fr).",
            "nl": "Taalcodes van teksten zijn teruggebracht tot hun korte vorm (dut, nl-BE: nl).",
            "de": "Sprachcodes von Texten sind auf ihre kurze Form gebracht (ger, de-AT: de).",
            "en": "Language codes of texts are brought to their short form (eng, en-US: en).",
        },
        matches="A tag of ISO 639-2 (`fre` on 158 literals), with a region (`en-US`) or that says nothing (`und`). "
        "`fr-t-nl` stays, and so do `fr-BE` and `fr-FR` side by side.",
        changes="The two-letter tag; no tag for `und`.",
        marks=frozenset({"tag"}),
        example=Example(
            before='<urn:example> dct:title "Bus"@fre, "Bus service"@en-US, "Buslijnen"@nl-t-fr .',
            after='<urn:example> dct:title "Bus"@fr, "Bus service"@en, "Buslijnen"@nl-t-fr .',
        ),
        repair=_tags,
    ),
)
