"""Rules that turn licences as sources write them into concepts of the EU licence list, and never invent one.

``dct:license`` of DCAT-AP 3.0.1 is a licence document. Names, addresses of deeds and legal codes, and paragraphs that
link to exactly one licence we know become its IRI; a national licence that the EU list does not have keeps its own
address; any other text becomes a rights statement, which pages show and validation reports. A licence that stands on
the dataset only (DCAT 1, Italian feeds) stays there: rules see one entity at a time, and no distribution said it.
https://op.europa.eu/en/web/eu-vocabularies/dataset/-/resource?uri=http://publications.europa.eu/resource/dataset/licence
"""

import html
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon import authority
from maillon.rdf.lexical import NO_LICENCE, address, stated
from maillon.repair import values
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.vocabulary import AUTHORITY, TYPE, term

LONGEST: Final = 20_000
"""Characters of the longest text in which a licence is looked for."""

_LICENCE: Final = term("dct:license")
_RIGHTS: Final = term("dct:rights")
_ACCESS_URL: Final = term("dcat:accessURL")
_DOWNLOAD_URL: Final = term("dcat:downloadURL")
_LABEL: Final = term("rdfs:label")
_STATEMENT: Final = term("dct:RightsStatement")
_EU: Final = AUTHORITY + "licence/"

_PROTOCOL = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)
_ENDING = re.compile(r"(?:/(?:deed|legalcode)(?:[.-][\w-]+)?|\.(?:html?|pdf|php|txt))?/*$", re.IGNORECASE)
_COMMONS = re.compile(r"creativecommons\.org/licen[cs]es/([a-z-]+)(?:/(\d\.\d))?(?:/([a-z-]+))?")
_ZERO = re.compile(r"creativecommons\.org/(?:publicdomain|licen[cs]es)/(?:zero|cc0)(?:/1\.0)?(?:/[a-z-]{2,6})?")
_MARK = re.compile(r"creativecommons\.org/(?:publicdomain/mark|licenses/publicdomain)(?:/1\.0)?(?:/[a-z-]{2,6})?")
_LINK = re.compile(r"(?:https?://|www\.)[^\s\"'<>()\[\]]+", re.IGNORECASE)
_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_NUMBER = re.compile(r"\d(?:\.\d)?")
# Words of the names of Creative Commons licences in four languages, by what they stand for; "" says nothing.
_WORDS: Final = {
    word: sign
    for sign, words in {
        "cc": "cc ccby ccbysa creative commons creativecommons",
        "by": "by attribution paternité naamsvermelding namensnennung",
        "nc": "nc noncommercial nichtkommerziell nietcommercieel",
        "sa": "sa sharealike gelijkdelen",
        "nd": "nd noderivatives noderivs geenafgeleidewerken",
        "": "licence license licentie lizenz international internationale internationaal public the this work is "
        "licensed under a unported v version generic",
    }.items()
    for word in words.split()
}
_SEVERAL: Final = (
    (re.compile(r"non[ -]commercial|pas d[’']utilisation commerciale|niet[ -]commercieel|nicht[ -]kommerziell"), "nc"),
    (re.compile(r"share[ -]alike|partage dans les mêmes conditions|gelijk ?delen|weitergabe unter gleichen \w+"), "sa"),
    (re.compile(r"no[ -]deriv\w*|pas de modifications?|geen afgeleide werken|keine bearbeitung(?:en)?"), "nd"),
    (re.compile(r"cc[ -]?by[ -]sa\b"), "cc by sa"),
    (re.compile(r"\bccby\b"), "cc by"),
)


def _spelling(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


@cache
def _known() -> tuple[dict[str, str], dict[str, str]]:
    """Return the IRIs by spelling and by address; an empty one marks a page that is about several licences."""
    table = values.table("licences")
    names = {_spelling(text): _EU + code for text, code in table["spellings"].items()}
    names |= {_spelling(text): iri for text, iri in table["names"].items()}
    addresses = {text: _EU + code if code else "" for text, code in table["addresses"].items()}
    return names, addresses | table["documents"]


def _commons(parts: list[str], version: str) -> str | None:
    """Return the concept of a Creative Commons licence by its parts; without a version it is 4.0 (ontology/README)."""
    known = set(parts)
    if "by" not in known or {"sa", "nd"} <= known or known - {"by", "nc", "sa", "nd"}:
        return None
    code = "CC_BY" + "".join(part.upper() for part in ("nc", "nd", "sa") if part in known)
    return authority.lookup("licence", f"{_EU}{code}_{(version or '4.0').replace('.', '_')}")


def _by_address(iri: str) -> str | None:
    """Return the licence behind an address, None where it is not known."""
    bare = _ENDING.sub("", _PROTOCOL.sub("", iri).lower().split("#")[0].split("?")[0])
    if bare in _known()[1]:
        return _known()[1][bare] or None
    if _ZERO.fullmatch(bare):
        return _EU + "CC0"
    if _MARK.fullmatch(bare):
        return _EU + "CC_PDM_1_0"
    match = _COMMONS.fullmatch(bare)
    if match is None:
        return authority.lookup("licence", iri)
    kind, version, port = match.groups(default="")
    if port and port not in ("deed", "igo", "international"):  # a national version is another text of law
        return authority.lookup("licence", iri)
    return _commons(kind.split("-"), version)


def _by_name(text: str) -> str | None:
    """Return the licence that a name stands for; each word of it must belong to the name of that licence."""
    known = authority.lookup("licence", text) or _known()[0].get(_spelling(text))
    if known or len(text) > 200:
        return known
    plain = text.casefold()
    for pattern, sign in _SEVERAL:
        plain = pattern.sub(f" {sign} ", plain)
    words = _WORD.findall(plain)
    versions = {word if "." in word else word + ".0" for word in words if _NUMBER.fullmatch(word)}
    signs = [_WORDS.get(word) for word in words if not _NUMBER.fullmatch(word)]
    if None in signs or "cc" not in signs or len(versions) > 1:
        return None
    return _commons([sign for sign in signs if sign and sign != "cc"], next(iter(versions), ""))


@lru_cache(maxsize=20_000)
def recognise(text: str) -> str | None:
    """Return the IRI of the licence that a whole text or an address names, None where it names none we know."""
    text = stated(text)
    if not text or len(text) > LONGEST or text.startswith(_EU):
        return authority.lookup("licence", text) if text else None
    if _LINK.fullmatch(text):
        return _by_address(text)
    return _by_name(text)


@lru_cache(maxsize=5_000)
def linked(text: str) -> str | None:
    """Return the one licence that a longer text links to, None where it links to none or to several."""
    if len(text) > LONGEST or ("://" not in text and "www." not in text.lower()):
        return None
    links = {link.rstrip(".,;:") for link in _LINK.findall(html.unescape(text))}
    found = {known for link in links if (known := _by_address(link))}
    return found.pop() if len(found) == 1 else None


def _to_eu(triples: Triples, context: Context) -> Iterator[Change]:
    yield from values.recode(triples, _LICENCE, recognise)
    for triple in triples.having(_LICENCE):  # a paragraph keeps its other conditions as a rights statement
        text = triple.object.value if isinstance(triple.object, Literal) else ""
        document = linked(text) if text and not recognise(text) else None
        if document:
            yield Change((), (Triple(triple.subject, _LICENCE, NamedNode(document)),))


def _statements(triples: Triples) -> Iterator[tuple[Triple, tuple[Triple, ...], str]]:
    """Yield (dct:rights triple, triples of its node, one text) of the rights statements."""
    for triple in triples.having(_RIGHTS):
        value = values.read(triples, triple)
        for text in value.texts:
            yield triple, value.parts, text


def _from_rights(triples: Triples, context: Context) -> Iterator[Change]:
    if triples.having(_LICENCE):
        return
    said = list(_statements(triples))
    found = {known for _, _, text in said if (known := recognise(text) or linked(text))}
    if len(found) != 1:
        return
    licence = NamedNode(found.pop())
    for triple, parts, text in said:
        if recognise(text) == licence.value:
            lone = sum(1 for other, _, _ in said if other == triple) == 1
            gone = (triple, *parts) if lone else tuple(part for part in parts if _says(part, text))
            yield Change(gone, (Triple(triple.subject, _LICENCE, licence),))
        elif linked(text) == licence.value:
            yield Change((), (Triple(triple.subject, _LICENCE, licence),))


def _from_dataset(triples: Triples, context: Context) -> Iterator[Change]:
    if context.dataset_licence and not triples.having(_LICENCE, _RIGHTS):
        yield Change((), (Triple(triples.node, _LICENCE, NamedNode(context.dataset_licence)),))


def _says(part: Triple, text: str) -> bool:
    return isinstance(part.object, Literal) and part.object.value == text


def _unstated(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.having(_LICENCE):
        value = values.read(triples, triple)
        if value.texts and all(stated(text).lower() in NO_LICENCE | {""} for text in value.texts):
            yield Change((triple, *value.parts), ())


def _to_rights(triples: Triples, context: Context) -> Iterator[Change]:
    """Move what is no licence document; one node holds all statements, because EU validators accept one only."""
    for triple in triples.having(_LICENCE):
        text = triple.object
        if not isinstance(text, Literal) or not stated(text.value):
            continue
        document = address(text.value)
        if document is not None:
            yield Change((triple,), (Triple(triple.subject, _LICENCE, document),))
            continue
        statements = [t.object for t in triples.having(_RIGHTS) if t.subject == triple.subject]
        node = next((item for item in statements if isinstance(item, BlankNode)), None)
        if node is not None:
            yield Change((triple,), (Triple(node, _LABEL, text),))
        else:
            new = BlankNode()
            statement = Triple(triple.subject, _RIGHTS, new), Triple(new, TYPE, _STATEMENT), Triple(new, _LABEL, text)
            yield Change((triple,), statement)


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="licence-not-stated",
        title={
            "fr": "Supprime une licence qui dit seulement qu'il n'y en a pas d'indiquée.",
            "nl": "Verwijdert een licentie die alleen zegt dat er geen is opgegeven.",
            "de": "Entfernt eine Lizenz, die nur besagt, dass keine angegeben ist.",
            "en": "Removes a licence that only says that none is given.",
        },
        matches="dct:license with `notspecified`, `none`, an empty text or the like (CKAN portals, Italian feeds).",
        changes="The value is removed: the licence counts as missing, which validation reports.",
        predicates=frozenset({_LICENCE}),
        example=Example(
            kind="distribution",
            before='<urn:example> a dcat:Distribution ; dct:license "notspecified" .',
            after="<urn:example> a dcat:Distribution .",
        ),
        repair=_unstated,
    ),
    Rule(
        id="licence-eu",
        title={
            "fr": "Remplace le nom ou l'adresse d'une licence connue par son code dans la liste européenne.",
            "nl": "Vervangt de naam of het adres van een bekende licentie door haar code in de Europese lijst.",
            "de": "Ersetzt Namen oder Adresse einer bekannten Lizenz durch ihren Code in der EU-Liste.",
            "en": "Replaces the name or address of a known licence by its code in the EU list.",
        },
        matches="dct:license as a text, a labelled node or an address that names one known licence: `ODbL Paris`, "
        "`CC-BY 4.0`, creativecommons.org deeds and legal codes in any language, opendefinition.org, "
        "opendatacommons.org, etalab (data.gov.be 136, other feeds 132, Paris 20 spellings).",
        changes="The IRI of the EU licence list; a national licence known under several addresses gets its own one. "
        "National versions of Creative Commons and unknown licences are left as they are.",
        predicates=frozenset({_LICENCE}),
        example=Example(
            kind="distribution",
            before="<urn:example> a dcat:Distribution ; "
            "dct:license <https://creativecommons.org/licenses/by/4.0/deed.fr> .",
            after="<urn:example> a dcat:Distribution ; "
            "dct:license <http://publications.europa.eu/resource/authority/licence/CC_BY_4_0> .",
        ),
        repair=_to_eu,
    ),
    Rule(
        id="licence-text-to-rights",
        title={
            "fr": "Range un texte libre donné comme licence parmi les conditions d'utilisation.",
            "nl": "Zet een vrije tekst die als licentie is opgegeven bij de gebruiksvoorwaarden.",
            "de": "Führt einen freien Text, der als Lizenz angegeben ist, unter den Nutzungsbedingungen.",
            "en": "Puts free text given as a licence among the conditions of use.",
        },
        matches="dct:license with a text that names no licence we know (5 in DCAT feeds; ArcGIS Hub portals 113: "
        "`This data is furnished AS IS ...`).",
        changes="A dct:RightsStatement with the text; a text that is an address becomes that address.",
        predicates=frozenset({_LICENCE}),
        example=Example(
            kind="distribution",
            before='<urn:example> a dcat:Distribution ; dct:license "Demander au service exemple"@fr .',
            after="<urn:example> a dcat:Distribution ; "
            'dct:rights [ a dct:RightsStatement ; rdfs:label "Demander au service exemple"@fr ] .',
        ),
        repair=_to_rights,
    ),
    Rule(
        id="licence-from-rights",
        title={
            "fr": "Reconnaît une licence connue dans les conditions d'utilisation quand aucune licence n'est indiquée.",
            "nl": "Herkent een bekende licentie in de gebruiksvoorwaarden als er geen licentie is opgegeven.",
            "de": "Erkennt eine bekannte Lizenz in den Nutzungsbedingungen, wenn keine Lizenz angegeben ist.",
            "en": "Recognises a known licence among the conditions of use where no licence is given.",
        },
        matches="No dct:license, and dct:rights that is the name of one known licence or links to exactly one (free "
        "text of Opendatasoft portals, paragraphs in HTML of ArcGIS Hub, constraints of ISO 19139 records).",
        changes="dct:license with its IRI. A statement that says no more than the name goes; a longer text stays.",
        predicates=frozenset({_RIGHTS}),
        example=Example(
            kind="distribution",
            before="<urn:example> a dcat:Distribution ; "
            'dct:rights [ a dct:RightsStatement ; rdfs:label "ODbL Paris" ] .',
            after="<urn:example> a dcat:Distribution ; "
            "dct:license <http://publications.europa.eu/resource/authority/licence/ODC_BL> .",
        ),
        repair=_from_rights,
    ),
    Rule(
        id="licence-from-dataset",
        title={
            "fr": "Reprend pour un fichier la licence de son jeu de données, quand il n'en indique pas.",
            "nl": "Neemt voor een bestand de licentie van zijn dataset over als het er zelf geen vermeldt.",
            "de": "Übernimmt für eine Datei die Lizenz ihres Datensatzes, wenn sie selbst keine angibt.",
            "en": "Takes over the licence of the dataset for a file that states none itself.",
        },
        matches="A distribution without dct:license and dct:rights whose dataset has exactly one dct:license (DCAT 1 "
        "and Italian catalogues: 77). Tried once the whole source has been read.",
        changes="dct:license of the dataset.",
        kinds=frozenset({"distribution"}),
        predicates=frozenset({_ACCESS_URL, _DOWNLOAD_URL}),
        example=Example(
            kind="distribution",
            dataset_licence="http://publications.europa.eu/resource/authority/licence/CC0",
            before="<urn:example> a dcat:Distribution ; dcat:accessURL <https://data.example/a> .",
            after="<urn:example> a dcat:Distribution ; dcat:accessURL <https://data.example/a> ; "
            "dct:license <http://publications.europa.eu/resource/authority/licence/CC0> .",
        ),
        repair=_from_dataset,
    ),
)
"""In the order in which they are tried."""
