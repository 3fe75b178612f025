"""Rules that turn mail addresses and telephone numbers into ``mailto:`` and ``tel:`` IRIs (RFC 6068, RFC 3966).

A page in the place of a mail address becomes ``vcard:hasURL``; what says that there is no address goes; what cannot be
read stays as it was. National telephone numbers are read with the country of the source's language tag (``fr-BE``) or
of its top-level domain, and only where the number is valid there.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urlsplit

from pyoxigraph import Literal, NamedNode, Triple

from maillon.rdf.lexical import address, stated
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.sources import Source
from maillon.vocabulary import term

LONGEST: Final = 1_000
"""Characters of the longest text in which mail addresses are looked for."""

_MAIL: Final = term("vcard:hasEmail")
_MAILS: Final = (_MAIL, term("foaf:mbox"), term("schema:email"))
_URL: Final = term("vcard:hasURL")
_PHONES: Final = (term("vcard:hasTelephone"), term("foaf:phone"))

_PART = r"[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+)*"
_MAILBOX = re.compile(rf"(?<![\w.])({_PART}@(?:[\w-]+\.)+[A-Za-z]{{2,24}})(?![\w@])")
_GOOD = re.compile(rf"mailto:{_PART}@(?:[\w-]+\.)+[A-Za-z]{{2,24}}")
_AT = re.compile(r"\s*(?:\(at\)|\[at\]|\{at\}|\(@\)|\s+at\s+|\(a\)|&#64;)\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*(?:\(dot\)|\[dot\]|\(punkt\)|\(point\))\s*", re.IGNORECASE)
_NONE: Final = frozenset(
    {
        "email", "e-mail", "mail", "mailto", "unknown", "inconnu", "onbekend", "unbekannt", "niet beschikbaar",
        "non disponible", "nicht verfügbar", "not available", "n.a.", "geen", "aucun", "aucune", "tbd", "to be defined",
        "xxx", "nomail", "no email", "noreply", "pas d'adresse", "geen e-mail",
    }
)  # fmt: skip
_TELEPHONE = re.compile(r"(?:tel|phone|fax)?[:.]?\s*([+\d][\d\s().,/\u00a0-]{5,30})", re.IGNORECASE)
_REGIONS: Final = {
    "be": "BE", "brussels": "BE", "vlaanderen": "BE", "gent": "BE", "fr": "FR", "lu": "LU", "nl": "NL", "de": "DE",
    "ch": "CH", "at": "AT", "it": "IT", "es": "ES", "uk": "GB",
}  # fmt: skip


def _written(value: object) -> str:
    """Return the text of a literal, or of an IRI without its scheme and escapes."""
    if isinstance(value, Literal):
        return stated(value.value)[:LONGEST]
    return stated(unquote(value.value))[:LONGEST] if isinstance(value, NamedNode) else ""


@lru_cache(maxsize=10_000)
def mailboxes(text: str) -> tuple[str, ...]:
    """Return the ``mailto:`` IRIs of the addresses in a text, in its order; none where the text holds anything else."""
    plain = _DOT.sub(".", _AT.sub("@", re.sub(r"mailto:", " ", text, flags=re.IGNORECASE)))
    found = _MAILBOX.findall(plain)
    rest = re.sub(r"[\s,;<>()\"'/|&]|\b(?:et|en|und|and|ou|of|or)\b", "", _MAILBOX.sub("", plain)).strip(".:")
    if not found or len(rest) > 60:  # "Service exemple <info@example.org>" is a name and an address
        return ()
    return tuple(dict.fromkeys("mailto:" + mailbox for mailbox in found))


def _says_none(text: str) -> bool:
    bare = re.sub(r"^mailto:\s*", "", text, flags=re.IGNORECASE).strip()
    return bare.lower() in _NONE or not bare


def _mails(triples: Triples) -> Iterator[Triple]:
    """Yield the mail addresses that are not yet a well-formed ``mailto:`` IRI."""
    for triple in triples.having(*_MAILS):
        value = triple.object
        if not (isinstance(value, NamedNode) and _GOOD.fullmatch(value.value)):
            yield triple


def _addresses(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in _mails(triples):
        text = _written(triple.object)
        if not text or (isinstance(triple.object, NamedNode) and "://" in text):
            continue
        nodes = [NamedNode(iri) for iri in mailboxes(text)]
        if nodes:
            yield Change((triple,), tuple(Triple(triple.subject, triple.predicate, node) for node in nodes))


def _relative(triples: Triples, context: Context) -> Iterator[Change]:
    """Take back a mail address that a parser made absolute against the address of the document."""
    for triple in _mails(triples):
        iri = triple.object.value if isinstance(triple.object, NamedNode) else ""
        last = unquote(iri.rsplit("/", 1)[-1]) if "://" in iri and "?" not in iri else ""
        found = mailboxes(last) if "@" in last else ()
        if len(found) == 1:
            yield Change((triple,), (Triple(triple.subject, triple.predicate, NamedNode(found[0])),))


def _pages(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in _mails(triples):
        if triple.predicate != _MAIL:
            continue
        page = address(re.sub(r"^mailto:\s*(?=https?:)", "", _written(triple.object), flags=re.IGNORECASE))
        if page is not None and page.value.lower().startswith(("http://", "https://")) and "@" not in page.value:
            yield Change((triple,), (Triple(triple.subject, _URL, page),))


def _placeholders(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in _mails(triples):
        if isinstance(triple.object, Literal | NamedNode) and _says_none(_written(triple.object)):
            yield Change((triple,), ())


def region(source: Source) -> str:
    """Return the country (ISO 3166-1) whose national numbers a source writes, empty where that is not certain."""
    subtag = source.language.partition("-")[2].upper()
    if len(subtag) == 2:
        return subtag
    host = urlsplit(source.homepage or (source.url if source.is_http else "")).hostname or ""
    return _REGIONS.get(host.rsplit(".", 1)[-1], "") or ("BE" if source.timezone == "Europe/Brussels" else "")


@lru_cache(maxsize=10_000)
def telephone(text: str, country: str) -> str | None:
    """Return the ``tel:`` IRI of a number in international form, None where it is no number valid in its country.

    Args:
        text: What the source wrote, with or without ``tel:``.
        country: Whose national numbers are meant (ISO 3166-1), empty for international numbers only.
    """
    match = _TELEPHONE.fullmatch(text.strip())
    if match is None:
        return None
    import phonenumbers  # noqa: PLC0415 - 0.05 s to load, for sources that give telephone numbers

    number = match[1].replace("(0)", "")
    number = "+" + number[2:] if number.startswith("00") else number
    try:
        known = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(known):
        return None
    return "tel:" + phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.E164)


def _telephones(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.having(*_PHONES):
        text = _written(triple.object)
        iri = telephone(text, region(context.source)) if text else None
        if iri and not (isinstance(triple.object, NamedNode) and triple.object.value == iri):
            yield Change((triple,), (Triple(triple.subject, triple.predicate, NamedNode(iri)),))


_PREDICATES: Final = frozenset(_MAILS)

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="mail-placeholder",
        title={
            "fr": "Supprime une adresse e-mail qui dit seulement qu'il n'y en a pas.",
            "nl": "Verwijdert een e-mailadres dat alleen zegt dat er geen is.",
            "de": "Entfernt eine E-Mail-Adresse, die nur besagt, dass es keine gibt.",
            "en": "Removes a mail address that only says that there is none.",
        },
        matches="vcard:hasEmail or foaf:mbox with `EMAIL`, `niet beschikbaar`, an empty `mailto:` (ISO records).",
        changes="The value is removed: the address counts as missing, which validation reports.",
        predicates=_PREDICATES,
        example=Example(
            before='<urn:example> a dcat:Dataset ; dcat:contactPoint [ vcard:fn "Exemple" ; vcard:hasEmail "EMAIL" ] .',
            after='<urn:example> a dcat:Dataset ; dcat:contactPoint [ vcard:fn "Exemple" ] .',
        ),
        repair=_placeholders,
    ),
    Rule(
        id="mail-relative",
        title={
            "fr": "Rétablit une adresse e-mail devenue adresse de page.",
            "nl": "Herstelt een e-mailadres dat een paginaadres is geworden.",
            "de": "Stellt eine E-Mail-Adresse wieder her, die zur Seitenadresse wurde.",
            "en": "Restores a mail address that became the address of a page.",
        },
        matches='vcard:hasEmail whose IRI ends in a mail address: `rdf:resource="info@example.org"` is relative, so '
        "that parsers put the document's address before it (Italian feeds, 58).",
        changes="The `mailto:` IRI.",
        predicates=_PREDICATES,
        example=Example(
            before="<urn:example> a dcat:Dataset ; dcat:contactPoint [ "
            "vcard:hasEmail <https://data.ville.test/info@ville.test> ] .",
            after="<urn:example> a dcat:Dataset ; dcat:contactPoint [ vcard:hasEmail <mailto:info@ville.test> ] .",
        ),
        repair=_relative,
    ),
    Rule(
        id="mail-page",
        title={
            "fr": "Range une page donnée comme adresse e-mail parmi les pages de contact.",
            "nl": "Zet een pagina die als e-mailadres is opgegeven bij de contactpagina's.",
            "de": "Führt eine Seite, die als E-Mail-Adresse angegeben ist, unter den Kontaktseiten.",
            "en": "Puts a page given as mail address among the contact pages.",
        },
        matches="vcard:hasEmail with the address of a page (2 at data.gov.be, 58 in DCAT feeds, ArcGIS Hub).",
        changes="vcard:hasURL with the same address.",
        predicates=frozenset({_MAIL}),
        example=Example(
            before="<urn:example> a dcat:Dataset ; dcat:contactPoint [ "
            "vcard:hasEmail <https://www.ville.test/contact> ] .",
            after="<urn:example> a dcat:Dataset ; dcat:contactPoint [ "
            "vcard:hasURL <https://www.ville.test/contact> ] .",
        ),
        repair=_pages,
    ),
    Rule(
        id="mail-address",
        title={
            "fr": "Écrit une adresse e-mail sous la forme « mailto: ».",
            "nl": "Schrijft een e-mailadres in de vorm ‘mailto:’.",
            "de": "Schreibt eine E-Mail-Adresse in der Form „mailto:“.",
            "en": "Writes a mail address in the form “mailto:”.",
        },
        matches="A mail address as a text (25 in DCAT feeds), with blanks (`mailto:%20x`, `mailto: x`: 174 at "
        "ArcGIS Hub), `poststelle(at)example.org`, a list, a name before it.",
        changes="One `mailto:` IRI for each address.",
        predicates=_PREDICATES,
        example=Example(
            before="<urn:example> a dcat:Dataset ; dcat:contactPoint [ "
            'vcard:hasEmail "a@ville.test; poststelle(at)ville.test" ] .',
            after="<urn:example> a dcat:Dataset ; dcat:contactPoint [ "
            "vcard:hasEmail <mailto:a@ville.test>, <mailto:poststelle@ville.test> ] .",
        ),
        repair=_addresses,
    ),
    Rule(
        id="telephone",
        title={
            "fr": "Écrit un numéro de téléphone sous la forme internationale.",
            "nl": "Schrijft een telefoonnummer in de internationale vorm.",
            "de": "Schreibt eine Telefonnummer in der internationalen Form.",
            "en": "Writes a telephone number in its international form.",
        },
        matches="vcard:hasTelephone or foaf:phone as a text or with blanks, brackets or `(0)`, whose number is valid: "
        "international ones always, national ones in the country of the source.",
        changes="A `tel:` IRI such as `tel:+3225551234`.",
        predicates=frozenset(_PHONES),
        example=Example(
            before='<urn:example> a dcat:Dataset ; dcat:contactPoint [ vcard:hasTelephone "+32 (0)2 555 12 34" ] .',
            after="<urn:example> a dcat:Dataset ; dcat:contactPoint [ vcard:hasTelephone <tel:+3225551234> ] .",
        ),
        repair=_telephones,
    ),
)
"""In the order in which they are tried."""
