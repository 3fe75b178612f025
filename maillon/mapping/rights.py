"""Turns licence and rights texts into dct:license and dct:rights (DCAT-AP 3.0.1).

A licence is never invented: one that the EU table knows becomes its IRI there, another address is kept as the licence
document that the source named, and free text becomes a rights statement. At most one rights statement is written,
because the EU validator reports more (it has not followed 3.0.1 there).
"""

from maillon.mapping import codes, literals
from maillon.mapping.subject import Subject
from maillon.rdf.lexical import NO_LICENCE
from maillon.rdf.ntriples import iri
from maillon.records import Texts


def add(subject: Subject, licence: str | None, rights: Texts) -> None:
    """Add the licence and the rights statement that are stated."""
    if not licence and not rights:
        return
    text = literals.stated(licence)
    text = "" if text.lower() in NO_LICENCE else text
    concept = codes.known("licence", text)
    document = iri(concept) if concept else literals.address(text)
    subject.add("dct:license", document)
    statements = literals.texts(rights)
    free_text = literals.text(text) if document is None else None
    if free_text is not None:
        statements.append(free_text)
    if statements:
        node = subject.embed("dct:rights", "dct:RightsStatement")
        subject.add("rdfs:label", *statements, of=node)
