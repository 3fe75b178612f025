"""Turns the responsible parties of ISO 19115 into agents and contact points of GeoDCAT-AP 3, by role.

Every party becomes a ``prov:qualifiedAttribution`` with its role; the roles that GeoDCAT-AP has a property for get that
too. An organisation is one entity by its name in the whole source, a person stays embedded in what names it.
"""

import re
from typing import Final

from lxml import etree
from pyoxigraph import Literal, NamedNode

from harvesters import _iso_element as iso
from harvesters import _iso_graph as rdf

_PROPERTIES: Final = {
    "publisher": "dct:publisher", "author": "dct:creator", "owner": "dct:rightsHolder",
    "custodian": "geodcatap:custodian", "distributor": "geodcatap:distributor", "originator": "geodcatap:originator",
    "principalInvestigator": "geodcatap:principalInvestigator", "processor": "geodcatap:processor",
    "resourceProvider": "geodcatap:resourceProvider", "user": "geodcatap:user",
}  # fmt: skip
_ROLES: Final = frozenset({*_PROPERTIES, "pointOfContact"})
_MAILBOX = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"]+\.[^\s@<>()\[\]\\,;:\".]+")
_ADDRESS: Final = (
    ("deliveryPoint", "street-address", "thoroughfare"),
    ("city", "locality", "postName"),
    ("administrativeArea", "region", "adminUnitL2"),
    ("postalCode", "postal-code", "postCode"),
    ("country", "country-name", "adminUnitL1"),
)


class _Party:
    """One responsible party as read, whatever the encoding."""

    def __init__(self, element: etree._Element, reader: iso.Reader) -> None:
        self.role = iso.code(element, "role")
        organisation = element.find("party/CI_Organisation")
        name = element.find("organisationName") if organisation is None else organisation.find("name")
        person = element.find("individualName")
        person = element.find(".//CI_Individual/name") if person is None else person
        self.organisation: list[Literal] = reader.texts(name)
        self.iri = rdf.web(iso.href(name))
        self.person: list[Literal] = reader.texts(person) or self._swiss(element, reader)
        if not self.organisation:
            self.person = self.person or reader.texts(element, "positionName")
        mails = " ".join(text for item in element.iter("electronicMailAddress") if (text := iso.value(item)))
        self.mailboxes = [rdf.mailbox(text) for text in dict.fromkeys(_MAILBOX.findall(mails))]
        voices = [*element.iter("voice"), *element.iter("number")]
        self.telephones = [_telephone(text) for item in voices if (text := iso.value(item))]
        self.pages = [
            rdf.web(iso.value(item, "linkage")) for path in ("onlineResource", "contactInfo//onlineResource")
            for item in element.findall(f".//{path}/CI_OnlineResource")
        ]  # fmt: skip
        self._reader = reader
        self._addresses = list(element.iter("CI_Address"))

    @staticmethod
    def _swiss(element: etree._Element, reader: iso.Reader) -> list[Literal]:
        names = [iso.value(element, path) for path in ("individualFirstName", "individualLastName")]
        text = rdf.literal(" ".join(filter(None, names)), reader.language)
        return [text] if text is not None else []

    def address(self, node: rdf.Node, vcard: bool) -> None:
        """Embed the postal address, as vCard or as Core Location."""
        for element in self._addresses:
            parts = {}
            for name, *terms in _ADDRESS:
                texts = (self._reader.first(item) for item in element.findall(name))
                parts[terms[0] if vcard else terms[1]] = rdf.literal(" ".join(filter(None, texts)))
            if not any(parts.values()):
                continue
            prefix = "vcard" if vcard else "locn"
            child = node.embed("vcard:hasAddress" if vcard else "locn:address", f"{prefix}:Address")
            for local, text in parts.items():
                child.add(f"{prefix}:{local}", text)


def _telephone(text: str) -> NamedNode | Literal | None:
    digits = re.sub(r"\(0\)|[\s().\-/\u00a0]", "", text.removeprefix("tel:"))
    return NamedNode("tel:" + digits) if re.fullmatch(r"\+?\d{3,20}", digits) else rdf.literal(text)


def add(node: rdf.Node, elements: list[etree._Element], reader: iso.Reader, graph: rdf.Graph) -> None:
    """Add the parties to a resource or to its catalogue record.

    Args:
        node: Who they are responsible for.
        elements: ``CI_ResponsibleParty`` (ISO 19139) or ``CI_Responsibility`` (ISO 19115-3).
        reader: Reads their texts.
        graph: Takes the organisations.
    """
    for element in elements:
        party = _Party(element, reader)
        if not (party.organisation or party.person or any(party.mailboxes)):
            continue
        if party.role == "pointOfContact":
            _contact(node, party)
        attribution = node.embed("prov:qualifiedAttribution", "prov:Attribution")
        if party.role in _ROLES:
            attribution.add("dcat:hadRole", NamedNode(f"{rdf.CODELIST}ResponsiblePartyRole/{party.role}"))
        elif party.role:
            attribution.embed("dcat:hadRole", "dcat:Role").add("rdfs:label", rdf.literal(party.role))
        _agent(attribution, "prov:agent", party, graph)
        if party.role in _PROPERTIES:
            _agent(node, _PROPERTIES[party.role], party, graph)


def _contact(node: rdf.Node, party: _Party) -> None:
    kind = "Individual" if party.person else "Organization" if party.organisation else "Kind"
    contact = node.embed("dcat:contactPoint", f"vcard:{kind}")
    contact.add("vcard:fn", *(party.person or party.organisation))
    if party.person:
        contact.add("vcard:organization-name", *party.organisation)
    contact.add("vcard:hasTelephone", *party.telephones)
    contact.add("vcard:hasEmail", *party.mailboxes)
    contact.add("vcard:hasURL", *party.pages)
    party.address(contact, vcard=True)


def _agent(node: rdf.Node, predicate: str, party: _Party, graph: rdf.Graph) -> None:
    organisation = _organisation(party, graph)
    if party.person:
        agent = node.embed(predicate, "prov:Agent", "foaf:Person")
        agent.add("foaf:name", *party.person)
        agent.add("org:memberOf", organisation.node if organisation else None)
    elif organisation is not None:
        agent = organisation
        node.add(predicate, agent.node)
    else:
        agent = node.embed(predicate, "prov:Agent", "foaf:Agent")
    agent.add("foaf:phone", *party.telephones)
    agent.add("foaf:mbox", *party.mailboxes)
    agent.add("foaf:workplaceHomepage", *party.pages)
    party.address(agent, vcard=False)


def _organisation(party: _Party, graph: rdf.Graph) -> rdf.Node | None:
    if not party.organisation:
        return None
    found = graph.organisation(party.iri or graph.mint("organisation", party.organisation[0].value))
    found.add("foaf:name", *party.organisation)
    return found
