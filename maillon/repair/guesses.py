"""Rules that guess a format that no source declared: by the address of the file, else by its first octets.

They are rules of their own, so that the ledger and the page of a source tell a guess from what was declared.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from pyoxigraph import NamedNode, Triple

from maillon.repair import values
from maillon.repair.filetypes import EU, IANA, file_type, media_type, media_type_of, says_nothing, uninformative
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.vocabulary import ACCESS_URL, DOWNLOAD_URL, term

_FORMAT: Final = term("dct:format")
_MEDIA_TYPE: Final = term("dcat:mediaType")
_PACKING: Final = term("dcat:compressFormat")
_DISTRIBUTIONS: Final = frozenset({"distribution"})


class Guess(NamedTuple):
    """What an address says of the file behind it: code of the EU list, media type of the packing or empty."""

    code: str
    packing: str = ""


def _unknown(triples: Triples) -> tuple[Triple, ...] | None:
    """Return the triples that declare a format without telling it; None where one does tell it."""
    declared = triples.having(_FORMAT, _MEDIA_TYPE)
    gone: list[Triple] = []
    for triple in declared:
        value = values.read(triples, triple)
        if not value.texts or not all(says_nothing(text) for text in value.texts):
            return None
        gone += [triple, *value.parts]
    return tuple(gone)


@lru_cache(maxsize=20_000)
def by_address(url: str) -> Guess | None:
    """Return what an address says of the file behind it; None where it says nothing for certain."""
    try:
        parts = urlsplit(url.strip())
        query = {key.lower(): given[-1].lower() for key, given in parse_qs(parts.query[:2000]).items()}
    except ValueError:
        return None
    table = values.table("formats")
    path = unquote(parts.path).rstrip("/").lower()
    last = path.rsplit("/", 1)[-1]
    service = query.get("service", "") if query else last
    if service in table["services"] and query.get("request", "").lower() in ("", "getcapabilities"):
        return Guess(table["services"][service])
    asked = query.get("outputformat") or query.get("format") or query.get("f") or ""
    asked = asked or (last if path.rsplit("/", 2)[-2:-1] == ["exports"] else "")
    if asked:
        known = file_type(asked)
        return Guess(known.removeprefix(EU)) if known and not known.endswith("/HTML") else None
    return _by_ending(last)


def _by_ending(name: str) -> Guess | None:
    stem, dot, ending = name.rpartition(".")
    endings, packings = values.table("formats")["endings"], values.table("formats")["packings"]
    if not dot or not stem:
        return None
    inner = endings.get(stem.rpartition(".")[2]) if "." in stem else None
    if ending in packings and inner and inner not in ("ZIP", "GZIP"):
        return Guess("TAR_GZ") if (inner, ending) == ("TAR", "gz") else Guess(inner, packings[ending])
    return Guess(endings[ending]) if ending in endings else None


def _addresses(triples: Triples) -> list[str]:
    """Return the addresses of a distribution, that of the file itself first."""
    return [t.object.value for t in triples.having(DOWNLOAD_URL, ACCESS_URL) if isinstance(t.object, NamedNode)]


def _added(triples: Triples, guess: Guess) -> tuple[Triple, ...]:
    media = media_type_of(EU + guess.code)
    found = [Triple(triples.node, _FORMAT, NamedNode(EU + guess.code))]
    if media:
        found.append(Triple(triples.node, _MEDIA_TYPE, NamedNode(media)))
    if guess.packing:
        found.append(Triple(triples.node, _PACKING, NamedNode(IANA + guess.packing)))
    return tuple(found)


def _guessed(triples: Triples, context: Context) -> Iterator[Change]:
    gone = _unknown(triples)
    if gone is None:
        return
    guess = next((found for url in _addresses(triples) if (found := by_address(url))), None)
    if guess:
        yield Change(gone, _added(triples, guess))


def _sniffed(triples: Triples, context: Context) -> Iterator[Change]:
    if context.sniff is None or _unknown(triples) is None:
        return
    gone = _unknown(triples) or ()
    for url in _addresses(triples)[:1]:
        media = media_type(context.sniff(url) or "")
        if media is None or media in uninformative():
            continue
        concept = file_type(media)
        found = [Triple(triples.node, _MEDIA_TYPE, NamedNode(media))]
        found += [Triple(triples.node, _FORMAT, NamedNode(concept))] if concept else []
        yield Change(gone, tuple(found))


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="format-by-extension",
        title={
            "fr": "Devine, d'après l'adresse du fichier, un format qui n'est pas déclaré.",
            "nl": "Raadt uit het adres van het bestand een formaat dat niet is opgegeven.",
            "de": "Errät aus der Adresse der Datei ein Format, das nicht angegeben ist.",
            "en": "Guesses a format that is not declared from the address of the file.",
        },
        matches="No format nor media type that tells anything (1,959 at data.gov.be), and an address that "
        "ends in a known ending (`x.shp.zip`, `/exports/csv`), asks for a format or names a WMS, WFS or WCS service.",
        changes="dct:format, dcat:mediaType and dcat:compressFormat by the address; a guess, as this rule says.",
        kinds=_DISTRIBUTIONS,
        predicates=frozenset({ACCESS_URL, DOWNLOAD_URL}),
        example=Example(
            kind="distribution",
            before="<urn:example> a dcat:Distribution ; dcat:downloadURL <https://example.org/files/roads.shp.zip> .",
            after="<urn:example> a dcat:Distribution ; dcat:downloadURL <https://example.org/files/roads.shp.zip> ; "
            "dct:format <http://publications.europa.eu/resource/authority/file-type/SHP> ; "
            "dcat:mediaType <https://www.iana.org/assignments/media-types/application/vnd.shp> ; "
            "dcat:compressFormat <https://www.iana.org/assignments/media-types/application/zip> .",
        ),
        repair=_guessed,
    ),
    Rule(
        id="format-by-sniffing",
        title={
            "fr": "Reconnaît, d'après les premiers octets du fichier, un format qui n'est pas déclaré.",
            "nl": "Herkent aan de eerste bytes van het bestand een formaat dat niet is opgegeven.",
            "de": "Erkennt an den ersten Bytes der Datei ein Format, das nicht angegeben ist.",
            "en": "Recognises a format that is not declared by the first octets of the file.",
        },
        matches="No format nor media type that tells anything and no telling address, in a source whose TOML has "
        "`sniff = true`.",
        changes="dcat:mediaType and dct:format by the first octets; a guess, as this rule says.",
        kinds=_DISTRIBUTIONS,
        predicates=frozenset({ACCESS_URL, DOWNLOAD_URL}),
        example=Example(
            kind="distribution",
            before="<urn:example> a dcat:Distribution ; dcat:downloadURL <https://example.org/download/17> .",
            after="<urn:example> a dcat:Distribution ; dcat:downloadURL <https://example.org/download/17> ; "
            "dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ; "
            "dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> .",
            sniffed="text/csv",
        ),
        repair=_sniffed,
    ),
)
"""In the order in which they are tried."""
