"""Recognises public bodies by their number or their name, so that one body is one entity in all sources.

The bodies are those of ``ontology/organisations.ttl`` (Crossroads Bank for Enterprises KBO/BCE; its head says where the
facts come from), read once. A number is checked by its own check digits before it counts: KBO/BCE and establishment
units by mod 97, SIREN and SIRET by Luhn (ISO/IEC 7812), with the exception for La Poste. A name counts only if it
belongs to one body; in "Ville de Bruxelles - Stad Brussel" both parts must name the same one.
https://kbopub.economie.fgov.be/ https://www.sirene.fr/
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from maillon import paths
from maillon.vocabulary import IDENTIFIER, NAME, PREFIXES, term

LONGEST: Final = 200
"""Characters of the longest text taken for a name or a number."""

_BELGIF: Final = "https://org.belgif.be/id/"
_HIDDEN: Final = PREFIXES["skos"] + "hiddenLabel"
_HOMEPAGE: Final = term("foaf:homepage")
_TYPE: Final = term("dct:type")

_IRI = re.compile(
    r"https?://org\.belgif\.be/(?:id|doc)/Cbe(?:RegisteredEntity|EstablishmentUnit)/(\d{10})", re.IGNORECASE
)
_BELGIAN = re.compile(
    r"((?:(?:KBO|BCE|CBE|ZKE|BTW|TVA|VAT|n°|nr\.?|no\.?)[\s:/-]*)*(?:BE[\s.-]?)?)([0-9][\d. ]{7,14}\d)", re.IGNORECASE
)
_FRENCH = re.compile(r"(?:(SIRET|SIREN|RCS)[\s:n°]*)?(\d{3}[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d{5})?)", re.IGNORECASE)
_LEGAL_FORM = re.compile(
    r"\b(?:asbl|vzw|aisbl|ivzw|a s b l|v z w|nv van publiek recht|sa de droit public|nv|sprl|bvba)\b"
)
_MUNICIPALITY = re.compile(
    r"^(?:l )?(?:administration communale|commune|ville|municipality|city|gemeentebestuur|stadsbestuur|gemeinde|stadt"
    r"|gemeente|stad)(?: (?:de|d|of|van))? (?=\w)"
)
_SIGNS = re.compile(r"[\W_]+")
_PARTS = re.compile(r"\s+[-–—|]\s+|\s*/\s*|\s*[()|]\s*")
_LA_POSTE: Final = "356000000"


@dataclass(frozen=True, slots=True)
class Body:
    """A public body.

    Attributes:
        iri: Its IRI at org.belgif.be.
        number: Its number in the Crossroads Bank for Enterprises, ten digits.
        names: Its names by BCP 47 language tag.
        kind: IRI of its type in the ADMS list of publisher types.
        homepage: Its site, empty where the table has none.
    """

    iri: str
    number: str
    names: tuple[tuple[str, str], ...]
    kind: str
    homepage: str


def _spelling(name: str) -> str:
    """Return what is compared of a name: no case, accents, signs, legal form, nor the word for municipality."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    plain = _SIGNS.sub(" ", bare.casefold()).strip()
    plain = _SIGNS.sub(" ", _LEGAL_FORM.sub(" ", plain)).strip()
    return _MUNICIPALITY.sub("@ ", plain)


@cache
def _bodies() -> tuple[dict[str, Body], dict[str, str]]:
    """Return the bodies by IRI, and IRI by spelling; a spelling of two bodies is left out."""
    facts: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for quad in parse(path=paths.ONTOLOGY / "organisations.ttl", format=RdfFormat.TURTLE):
        subject, value = quad.subject, quad.object
        if isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal):
            tag = (value.language or "") if isinstance(value, Literal) else ""
            facts.setdefault(subject.value, {}).setdefault(quad.predicate.value, []).append((tag, value.value))
    bodies: dict[str, Body] = {}
    claims: dict[str, set[str]] = {}
    for iri, said in facts.items():
        number, kind, homepage = (said.get(item.value, [("", "")])[0][1] for item in (IDENTIFIER, _TYPE, _HOMEPAGE))
        names = tuple(sorted(said[NAME.value]))
        bodies[iri] = Body(iri, number, names, kind, homepage)
        for _, text in (*names, *said.get(_HIDDEN, ())):
            claims.setdefault(_spelling(text), set()).add(iri)
    return bodies, {spelling: next(iter(found)) for spelling, found in claims.items() if len(found) == 1}


def is_belgian(number: str) -> bool:
    """Tell whether ten digits are a number of an enterprise (0, 1) or an establishment unit (2 to 8) in Belgium."""
    return (
        len(number) == 10 and number.isdecimal() and number[0] != "9" and 97 - int(number[:8]) % 97 == int(number[8:])
    )


def _luhn(digits: str) -> bool:
    doubled = (int(sign) * (1 + place % 2) for place, sign in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def is_french(number: str) -> bool:
    """Tell whether digits are a SIREN (9) or a SIRET (14); those of La Poste add up to a multiple of five."""
    if not number.isdecimal() or len(number) not in (9, 14) or not int(number):
        return False
    return _luhn(number) or (number.startswith(_LA_POSTE) and sum(map(int, number)) % 5 == 0)


def belgian_number(text: str) -> str | None:
    """Return the ten digits of a KBO/BCE number in any spelling (``BE 0207.373.429``) or IRI, None where it is none.

    Ten bare digits may be any key of a database, so they must be the number of a body in our table.
    """
    text = text.strip()
    if len(text) > LONGEST:
        return None
    if match := _IRI.fullmatch(text):
        return match[1] if is_belgian(match[1]) else None
    match = _BELGIAN.fullmatch(text)
    if match is None:
        return None
    digits = re.sub(r"\D", "", match[2])
    if len(digits) == 9 and match[1]:  # "BE 207.373.429", before the numbers had ten digits
        digits = "0" + digits
    is_certain = bool(match[1]) or not match[2].isdecimal() or iri_of(digits) in _bodies()[0]
    return digits if is_certain and is_belgian(digits) else None


def french_number(text: str) -> str | None:
    """Return the digits of a SIREN or SIRET (``SIRET 217 500 016 00011``), None where it is none.

    Nine bare digits may be anything, so a SIREN must be called so.
    """
    match = _FRENCH.fullmatch(text.strip()) if len(text) <= LONGEST else None
    digits = re.sub(r"\D", "", match[2]) if match else ""
    return digits if match and (match[1] or len(digits) == 14) and is_french(digits) else None


def iri_of(number: str) -> str:
    """Return the IRI at org.belgif.be for ten digits that are a KBO/BCE number."""
    return f"{_BELGIF}Cbe{'RegisteredEntity' if number[0] in '01' else 'EstablishmentUnit'}/{number}"


@lru_cache(maxsize=20_000)
def by_number(text: str) -> Body | None:
    """Return the body with a KBO/BCE number, None where the text is none or the body is not in our table."""
    number = belgian_number(text)
    return _bodies()[0].get(iri_of(number)) if number else None


@lru_cache(maxsize=20_000)
def by_name(name: str) -> Body | None:
    """Return the one body that a name stands for, None where it stands for none or for several."""
    if not name or len(name) > LONGEST:
        return None
    bodies, spellings = _bodies()
    whole = spellings.get(_spelling(name))
    if whole:
        return bodies[whole]
    parts = [part for part in _PARTS.split(name) if part.strip()]
    found = {spellings.get(_spelling(part)) for part in parts}
    iri = found.pop() if len(found) == 1 else None
    return bodies[iri] if iri else None
