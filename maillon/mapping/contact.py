"""Turns contact points into embedded vcard:Kind nodes (DCAT-AP 3.0.1, properties of DCAT-AP HVD 3.0.0).

A contact point has no identity of its own in the sources that yield it, so it stays part of the dataset or service.
"""

from maillon.mapping import literals
from maillon.mapping.subject import Subject
from maillon.records import Contact


def add(subject: Subject, contact: Contact) -> None:
    """Add a contact point that states something.

    A page given as e-mail address becomes the URL; an address that is none (``info(at)example.org``) stays a literal.
    """
    page = literals.address(contact.email)
    mailboxes = literals.mailboxes(contact.email) if page is None else []
    unread = literals.text(contact.email) if page is None and not mailboxes else None
    name, url = literals.text(contact.name), literals.reference(contact.url)
    telephone = literals.telephone(contact.telephone)
    if not (name or page or mailboxes or unread or url or telephone):
        return
    node = subject.embed("dcat:contactPoint", "vcard:Kind")
    subject.add("vcard:fn", name, of=node)
    subject.add("vcard:hasEmail", *mailboxes, unread, of=node)
    subject.add("vcard:hasURL", page, url, of=node)
    subject.add("vcard:hasTelephone", telephone, of=node)
