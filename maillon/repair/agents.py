"""Rules that tell which public body an organisation is, by its number or its name.

A recognised organisation keeps the IRI that its source gave it and gets ``owl:sameAs`` with its IRI at org.belgif.be
and its number as ``dct:identifier``, so that queries and portals see one body. Records that have no IRIs of their own
get that IRI at once (``maillon.mapping.agent``). Organisations that our table does not have keep their checked number.
https://semiceu.github.io/DCAT-AP/releases/3.0.1/#Agent
"""

from collections.abc import Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon import organisations
from maillon.organisations import Body
from maillon.rdf.lexical import stated
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.vocabulary import IDENTIFIER, NAME, PUBLISHER, TYPE, term

_CREATOR: Final = term("dct:creator")
_SAME: Final = term("owl:sameAs")
_AGENT: Final = term("foaf:Agent")
_LABELS: Final = (NAME, term("skos:prefLabel"), term("rdfs:label"), term("vcard:fn"), term("schema:name"))
_IDENTIFIERS: Final = (IDENTIFIER, term("org:identifier"), term("schema:identifier"), term("skos:notation"))
_KINDS: Final = frozenset({"organisation"})


def _texts(triples: Triples, node: object, predicates: tuple[NamedNode, ...]) -> list[Literal]:
    return [t.object for t in triples.having(*predicates) if t.subject == node and isinstance(t.object, Literal)]


def _number(triples: Triples, node: NamedNode | BlankNode) -> str | None:
    """Return the KBO/BCE number that a node states by its IRI or an identifier, None where it states none or two."""
    said = [node.value] if isinstance(node, NamedNode) else []
    said += [text.value for text in _texts(triples, node, _IDENTIFIERS)]
    found = {number for text in said if (number := organisations.belgian_number(text))}
    return found.pop() if len(found) == 1 else None


def _named(triples: Triples, node: object) -> Body | None:
    """Return the body that the names of a node mean; names of two bodies mean none."""
    found = {organisations.by_name(text.value) for text in _texts(triples, node, _LABELS)} - {None}
    return found.pop() if len(found) == 1 else None


def _marks(triples: Triples, node: NamedNode | BlankNode, iri: str, number: str) -> tuple[Triple, ...]:
    """Return the triples that say which body a node is; an identifier of its source stays the only one."""
    found = []
    if not _texts(triples, node, (IDENTIFIER,)):
        found.append(Triple(node, IDENTIFIER, Literal(number)))
    if not (isinstance(node, NamedNode) and node.value == iri):
        found.append(Triple(node, _SAME, NamedNode(iri)))
    return tuple(triple for triple in found if triple not in triples)


def _nodes(triples: Triples) -> Iterator[NamedNode | BlankNode]:
    """Yield what may be an organisation in an entity: itself, or embedded publishers and creators."""
    if triples.kind in _KINDS:
        yield triples.node
    for triple in triples.having(PUBLISHER, _CREATOR):
        if isinstance(triple.object, BlankNode):
            yield triple.object


def _by_number(triples: Triples, context: Context) -> Iterator[Change]:
    for node in _nodes(triples):
        number = _number(triples, node)
        marks = _marks(triples, node, organisations.iri_of(number), number) if number else ()
        if marks:
            yield Change((), marks)


def _by_name(triples: Triples, context: Context) -> Iterator[Change]:
    for node in _nodes(triples):
        body = None if _number(triples, node) else _named(triples, node)
        marks = _marks(triples, node, body.iri, body.number) if body else ()
        if marks:
            yield Change((), marks)


def _literals(triples: Triples, context: Context) -> Iterator[Change]:
    """Turn a publisher given as a text into an embedded agent of that name."""
    for triple in triples.having(PUBLISHER, _CREATOR):
        text = triple.object
        if isinstance(text, Literal) and stated(text.value):
            node = BlankNode()
            link = Triple(triple.subject, triple.predicate, node)
            yield Change((triple,), (link, Triple(node, TYPE, _AGENT), Triple(node, NAME, text)))


def _spelt(text: str) -> str | None:
    """Return a number that is certain as it is best written: SIRET and SIREN by digits, KBO/BCE by ten digits."""
    return organisations.french_number(text) or organisations.belgian_number(text)


def _numbers(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.having(IDENTIFIER):
        value = triple.object
        if triple.subject != triples.node or not isinstance(value, Literal):
            continue
        number = _spelt(value.value)
        if number and number != value.value and "://" not in value.value:
            yield Change((triple,), (Triple(triples.node, IDENTIFIER, Literal(number)),))


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="publisher-text-to-agent",
        title={
            "fr": "Fait d'un éditeur donné comme simple texte une organisation de ce nom.",
            "nl": "Maakt van een uitgever die als gewone tekst is opgegeven een organisatie met die naam.",
            "de": "Macht aus einem Herausgeber, der als bloßer Text angegeben ist, eine Organisation dieses Namens.",
            "en": "Makes a publisher given as plain text an organisation of that name.",
        },
        matches="dct:publisher or dct:creator with a text (DCAT-US and Dublin Core feeds).",
        changes="An embedded foaf:Agent with the text as foaf:name.",
        predicates=frozenset({PUBLISHER, _CREATOR}),
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:publisher "Service exemple" .',
            after='<urn:example> a dcat:Dataset ; dct:publisher [ a foaf:Agent ; foaf:name "Service exemple" ] .',
        ),
        repair=_literals,
    ),
    Rule(
        id="organisation-by-number",
        title={
            "fr": "Relie une organisation à son inscription à la Banque-Carrefour des Entreprises par son numéro.",
            "nl": "Verbindt een organisatie via haar nummer met de Kruispuntbank van Ondernemingen.",
            "de": "Verbindet eine Organisation über ihre Nummer mit der Zentralen Datenbank der Unternehmen.",
            "en": "Links an organisation by its number to the Crossroads Bank for Enterprises.",
        },
        matches="An organisation, embedded publisher or creator whose IRI or identifier is a KBO/BCE number in any "
        "spelling (212 bodies at data.gov.be).",
        changes="owl:sameAs with the IRI at org.belgif.be, and dct:identifier where there is none.",
        predicates=frozenset({NAME, IDENTIFIER, PUBLISHER, _CREATOR, *_LABELS, *_IDENTIFIERS}),
        example=Example(
            kind="organisation",
            before='<urn:example> a foaf:Agent ; dct:identifier "0207373429" .',
            after='<urn:example> a foaf:Agent ; dct:identifier "0207373429" ; '
            "owl:sameAs <https://org.belgif.be/id/CbeRegisteredEntity/0207373429> .",
        ),
        repair=_by_number,
    ),
    Rule(
        id="organisation-number-spelling",
        title={
            "fr": "Écrit un numéro d'entreprise vérifié (BCE, SIREN, SIRET) en chiffres seulement.",
            "nl": "Schrijft een gecontroleerd ondernemingsnummer (KBO, SIREN, SIRET) met cijfers alleen.",
            "de": "Schreibt eine geprüfte Unternehmensnummer (ZUD, SIREN, SIRET) nur mit Ziffern.",
            "en": "Writes a checked enterprise number (KBO/BCE, SIREN, SIRET) in digits only.",
        },
        matches="dct:identifier of an organisation such as `BE 0207.373.429` or `SIRET 217 500 016 00019` whose check "
        "digits are right (mod 97; Luhn, and the exception for La Poste).",
        changes="The ten, nine or fourteen digits.",
        kinds=_KINDS,
        predicates=frozenset({IDENTIFIER}),
        example=Example(
            kind="organisation",
            before='<urn:example> a foaf:Agent ; dct:identifier "SIRET 217 500 016 00019" .',
            after='<urn:example> a foaf:Agent ; dct:identifier "21750001600019" .',
        ),
        repair=_numbers,
    ),
    Rule(
        id="organisation-by-name",
        title={
            "fr": "Reconnaît un service public belge à son nom.",
            "nl": "Herkent een Belgische overheidsdienst aan zijn naam.",
            "de": "Erkennt eine belgische Behörde an ihrem Namen.",
            "en": "Recognises a Belgian public body by its name.",
        },
        matches="An organisation, embedded publisher or creator with a name that belongs to one body of our table: "
        "`Ville de Bruxelles - Stad Brussel`, `CIBG / CIRB`, acronyms, other case (335 variants in Brussels).",
        changes="owl:sameAs with the IRI at org.belgif.be, and dct:identifier where there is none. A name that bodies "
        "elsewhere have too is not taken.",
        predicates=frozenset({PUBLISHER, _CREATOR, *_LABELS}),
        example=Example(
            kind="organisation",
            before='<urn:example> a foaf:Agent ; foaf:name "VILLE DE BRUXELLES - Stad Brussel" .',
            after='<urn:example> a foaf:Agent ; foaf:name "VILLE DE BRUXELLES - Stad Brussel" ; '
            'dct:identifier "0207373429" ; owl:sameAs <https://org.belgif.be/id/CbeRegisteredEntity/0207373429> .',
        ),
        repair=_by_name,
    ),
)
"""In the order in which they are tried: a number tells most before its label (``BE``) is taken off."""
