"""Rules that turn what stands for an address into an IRI (`RFC 3987 <https://www.rfc-editor.org/rfc/rfc3987>`_).

Only properties whose value is an address are touched. A URL inside the query of another (WCS and CSW requests, 4,102 on
data.gov.be) is legal and stays.
"""

import ipaddress
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlsplit

from pyoxigraph import Literal, NamedNode, Triple

from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.vocabulary import ACCESS_URL, DOWNLOAD_URL, term

ADDRESSES: Final = frozenset(
    {ACCESS_URL, DOWNLOAD_URL}
    | {
        term(name)
        for name in (
            "dcat:landingPage", "dcat:endpointURL", "dcat:endpointDescription", "foaf:page", "foaf:homepage",
            "vcard:hasURL", "foaf:workplaceHomepage",
        )
    }
)  # fmt: skip
_LONGEST: Final = 8000
_ILLEGAL: Final = str.maketrans({sign: f"%{ord(sign):02X}" for sign in ' "<>{}|\\^`'})
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.IGNORECASE)
_WITHOUT_SCHEME: Final = re.compile(r"www\.[a-z0-9-]+\.[a-z0-9.-]+(?:[/?#].*)?", re.IGNORECASE)
_WRONG_SCHEME: Final = re.compile(
    r"^(?:https?://)(?=https?://)|^(?:h?hh?ttps?s?|htps?|htttps?|https?)(?:;|:)?/{1,3}(?=[^/])", re.IGNORECASE
)
_PLACEHOLDER: Final = re.compile(r"<<.*>>|\{\{|%3C%3C|%7B%7B", re.IGNORECASE)
_EDGES: Final = re.compile(r"^(?:%20|%09|%0A|%0D)+|(?:%20|%09|%0A|%0D)+$", re.IGNORECASE)
_INTERNAL: Final = re.compile(r"localhost|.*\.(?:local|localhost|localdomain|intranet|internal|lan)", re.IGNORECASE)
_SCHEMES: Final = ("https://", "http://")
_TWICE: Final = tuple(f"{scheme}{more}" for scheme in _SCHEMES for more in ("/", "http:", "https:"))
_ENDS: Final = ("%20", "%09", "%0A", "%0D", "%0a", "%0d")
_MAYBE_INTERNAL: Final = re.compile(
    r"(?!https?:)|https?://(?:[^/?#]*@)?(?:\[|\d|localhost|[^/?#:]*\.(?:local|intranet|internal|lan))", re.IGNORECASE
)
_PRIVATE_SCHEMES: Final = ("file:", "c:", "smb:", "sde:")


def absolute(text: str) -> str | None:
    """Return the address that a text holds, None where it holds none or more than one.

    Blanks around it go, those inside and signs that no IRI may have are percent-encoded, ``www.`` gets a scheme.
    """
    value = _EDGES.sub("", text.strip().strip("\ufeff\u200b")).strip()
    if not value or len(value) > _LONGEST or _PLACEHOLDER.search(value) or re.search(r"[\t\n]|\s\S+://", value):
        return None
    if _WITHOUT_SCHEME.fullmatch(value):
        value = f"http://{value}"
    value = _mended_scheme(value).translate(_ILLEGAL)
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        return None
    is_host = bool(_HOST.fullmatch(host)) or _is_internal(host)
    return _iri(value) if parts.scheme.lower() in ("http", "https", "ftp") and is_host else None


def _mended_scheme(value: str) -> str:
    """Mend ``hhttps:``, ``http:/`` and ``http://https://``; what has a scheme of another kind stays."""
    match = _WRONG_SCHEME.match(value)
    if match is None or re.match(r"https?://(?!https?://)[^/]", value, re.IGNORECASE):
        return value
    rest = value[match.end() :]
    if rest.lower().startswith(("http://", "https://")):
        return rest
    return ("https://" if "s" in match[0].lower() else "http://") + rest


def _iri(value: str) -> str | None:
    """Percent-encode what no IRI may have after the host, in UTF-8 (RFC 3987, 3.1); None where it still is none.

    Brackets are among them: a catalogue of Paris has ``?filter[]=`` in its references.
    """
    end = re.match(r"[a-z]+://[^/?#]*", value, re.IGNORECASE)
    head = end[0] if end else ""
    rest = value[len(head) :].replace("[", "%5B").replace("]", "%5D")
    iri = head + (rest if rest.isascii() else quote(rest, safe="%/:?#@!$&'()*+,;=~-._"))
    try:
        return NamedNode(iri).value
    except ValueError:
        return None


def _is_internal(host: str) -> bool:
    if _INTERNAL.fullmatch(host):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _literals(triples: Triples, _context: Context) -> Iterator[Change]:
    for triple in triples.among(ADDRESSES):
        if isinstance(triple.object, Literal):
            address = absolute(triple.object.value)
            if address is not None:
                yield Change((triple,), (Triple(triple.subject, triple.predicate, NamedNode(address)),))


def _malformed(triples: Triples, _context: Context) -> Iterator[Change]:
    for triple in triples.among(ADDRESSES):
        if not isinstance(triple.object, NamedNode):
            continue
        value = triple.object.value
        if (
            value.isascii()
            and value.startswith(_SCHEMES)
            and not value.endswith(_ENDS)
            and not value.startswith(_TWICE)
        ):
            continue
        address = absolute(value)
        if address is not None and address != value:
            yield Change((triple,), (Triple(triple.subject, triple.predicate, NamedNode(address)),))


def _internal(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.among(ADDRESSES):
        if not isinstance(triple.object, NamedNode):
            continue
        value = triple.object.value
        if not _MAYBE_INTERNAL.match(value):
            continue
        try:
            host = urlsplit(value).hostname or ""
        except ValueError:
            continue
        hidden = value.lower().startswith(_PRIVATE_SCHEMES) or (host and _is_internal(host))
        if hidden and host not in context.source.allow_hosts:
            yield Change((triple,), ())


def _access(triples: Triples, _context: Context) -> Iterator[Change]:
    if triples.having(ACCESS_URL):
        return
    found = [t.object for t in triples.having(DOWNLOAD_URL) if t.subject == triples.node]
    addresses = [node.value for node in found if isinstance(node, NamedNode)]
    if addresses:
        yield Change((), (Triple(triples.node, ACCESS_URL, NamedNode(min(addresses))),))


def _titles(fr: str, nl: str, de: str, en: str) -> dict[str, str]:
    return {"fr": fr, "nl": nl, "de": de, "en": en}


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="address-as-text",
        title=_titles(
            "Les adresses écrites comme du texte sont devenues des liens.",
            "Adressen die als tekst geschreven waren, zijn links geworden.",
            "Als Text geschriebene Adressen sind zu Links geworden.",
            "Addresses written as text have become links.",
        ),
        matches="A literal, also one typed xsd:anyURI, where an address is meant (78 in the feeds read); `www.` "
        "without scheme; blanks around or inside it.",
        changes="The IRI; blanks inside are percent-encoded, `www.` gets `http://`.",
        predicates=ADDRESSES,
        example=Example(
            before='<urn:example> dcat:landingPage " www.example.org/a b"^^xsd:anyURI .',
            after="<urn:example> dcat:landingPage <http://www.example.org/a%20b> .",
        ),
        repair=_literals,
    ),
    Rule(
        id="address-malformed",
        title=_titles(
            "Les adresses mal formées sont corrigées (http://https://, blancs, accents).",
            "Misvormde adressen zijn verbeterd (http://https://, spaties, accenten).",
            "Fehlerhafte Adressen sind berichtigt (http://https://, Leerzeichen, Akzente).",
            "Malformed addresses are corrected (http://https://, blanks, accents).",
        ),
        matches="An IRI with a mistyped or doubled scheme (`hhttps:`), encoded blanks at its end, signs that no IRI "
        "may have, or letters that are not ASCII (36 on data.gov.be).",
        changes="The same address as every client sends it (RFC 3987, section 3.1).",
        predicates=ADDRESSES,
        example=Example(
            before="<urn:example> dcat:landingPage <http://https://example.org/donn%C3%A9es%20> .",
            after="<urn:example> dcat:landingPage <https://example.org/donn%C3%A9es> .",
        ),
        repair=_malformed,
    ),
    Rule(
        id="address-internal",
        title=_titles(
            "Les adresses internes à une administration, que personne d'autre n'atteint, sont retirées.",
            "Interne adressen van een administratie, die niemand anders bereikt, zijn verwijderd.",
            "Interne Adressen einer Verwaltung, die sonst niemand erreicht, sind entfernt.",
            "Addresses inside an administration, which nobody else can reach, are removed.",
        ),
        matches="A link to localhost, a private network or a file of some machine (data.gov.be: localhost:8080/rest).",
        changes="Nothing in its place. Hosts in the source's allow_hosts stay.",
        predicates=ADDRESSES,
        example=Example(
            before='<urn:example> dct:title "Bus"@fr ; dcat:accessURL <http://localhost:8080/rest/1> .',
            after='<urn:example> dct:title "Bus"@fr .',
            kind="distribution",
        ),
        repair=_internal,
    ),
    Rule(
        id="access-from-download",
        title=_titles(
            "L'adresse de téléchargement sert aussi d'adresse d'accès, là où celle-ci manque.",
            "Het downloadadres dient ook als toegangsadres, waar dat ontbreekt.",
            "Die Download-Adresse dient auch als Zugangsadresse, wo diese fehlt.",
            "The download address also serves as access address where that is missing.",
        ),
        matches="A distribution with dcat:downloadURL and no dcat:accessURL (30 on data.gov.be).",
        changes="dcat:accessURL with the same address, beside it.",
        kinds=frozenset({"distribution"}),
        predicates=frozenset({DOWNLOAD_URL}),
        example=Example(
            before="<urn:example> dcat:downloadURL <https://example.org/a.csv> .",
            after="<urn:example> dcat:downloadURL <https://example.org/a.csv> ; "
            "dcat:accessURL <https://example.org/a.csv> .",
            kind="distribution",
        ),
        repair=_access,
    ),
)
