"""Turns contact points into embedded vcard:Kind nodes (DCAT-AP 3.0.1, properties of DCAT-AP HVD 3.0.0).

A contact point has no identity of its own in the sources that yield it, so it stays part of the dataset or service.
"""

from maillon.mapping import literals
from maillon.mapping.subject import Subject
from maillon.records import Contact


def add(subject: Subject, contact: Contact) -> None:
    """Add a contact point that states something.

    Lists of addresses, ``info(at)example.org`` and telephone numbers stay texts here: rules read them.
    """
    mailbox = literals.mailbox(contact.email)
    name, url = literals.text(contact.name), literals.reference(contact.url)
    telephone = literals.reference(contact.telephone)
    if not (name or mailbox or url or telephone):
        return
    node = subject.embed("dcat:contactPoint", "vcard:Kind")
    subject.add("vcard:fn", name, of=node)
    subject.add("vcard:hasEmail", mailbox, of=node)
    subject.add("vcard:hasURL", url, of=node)
    subject.add("vcard:hasTelephone", telephone, of=node)
