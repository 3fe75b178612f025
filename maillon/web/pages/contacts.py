"""Whom to ask about a dataset (vcard:Kind)."""

from dataclasses import dataclass
from typing import Final

from maillon.store.documents import Documents
from maillon.vocabulary import term
from maillon.web import display, texts
from maillon.web.described import Description, read
from maillon.web.texts import Text

_NAME: Final = (term("vcard:fn"), term("vcard:organization-name"), term("foaf:name"), term("rdfs:label"))
_CONTACT: Final = term("dcat:contactPoint")


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A contact point.

    Attributes:
        name: Its name, None where it has none.
        email: Its address, empty where it has none.
        url: Its page, empty where it has none that may be followed.
        telephone: Its number as given, empty where it has none.
    """

    name: Text | None
    email: str
    url: str
    telephone: str


def _strip(value: str, scheme: str) -> str:
    return value[len(scheme) :] if value.lower().startswith(scheme) else value


def _card(said: Description, language: str) -> ContactCard:
    email = _strip(said.string(term("vcard:hasEmail"), term("vcard:email"), term("foaf:mbox")), "mailto:").strip()
    url = next(
        (item for item in map(display.followed, said.strings(term("vcard:hasURL"), term("vcard:url"))) if item), ""
    )
    phone = said.string(term("vcard:hasTelephone"), term("vcard:tel"))
    if said.is_embedded(phone):
        phone = said.about(phone).string(term("vcard:hasValue"))
    return ContactCard(
        texts.choose(said.texts(*_NAME), language), email if "@" in email else "", url, _strip(phone, "tel:")
    )


def contacts(said: Description, documents: Documents, language: str) -> list[ContactCard]:
    """Return the contact points of a dataset, whether it describes them itself or other documents do; each once."""
    found: dict[ContactCard, None] = {}
    iris = said.iris(_CONTACT)
    known = documents.many(iris)
    for iri in iris:
        card = _card(read(iri, known[iri].text) if iri in known else said.about(iri), language)
        if card.name or card.email or card.url or card.telephone:
            found[card] = None
    return list(found)
