"""Turns licence and rights texts into dct:license and dct:rights (DCAT-AP 3.0.1).

A licence is never invented: one that the EU table knows becomes its IRI there, another address is kept as the licence
document that the source named, and free text becomes a rights statement. At most one rights statement is written,
because the EU validator reports more (it has not followed 3.0.1 there).
"""

from functools import lru_cache

from maillon.authority import LONGEST
from maillon.mapping import codes, literals
from maillon.mapping.subject import Subject
from maillon.rdf.lexical import NO_LICENCE
from maillon.rdf.ntriples import iri
from maillon.records import Texts


def _read_licence(licence: str | None) -> tuple[str | None, str | None]:
    """Return the licence document that a text names, else the free text, as they stand in a line."""
    text = literals.stated(licence)
    text = "" if text.lower() in NO_LICENCE else text
    concept = codes.known("licence", text)
    document = iri(concept) if concept else literals.address(text)
    return document, literals.text(text) if document is None else None


_read = lru_cache(maxsize=1_000)(_read_licence)  # a source has few licences


def add(subject: Subject, licence: str | None, rights: Texts) -> None:
    """Add the licence and the rights statement that are stated."""
    if not licence and not rights:
        return
    document, free_text = _read(licence) if licence and len(licence) <= LONGEST else _read_licence(licence)
    subject.add("dct:license", document)
    statements = literals.texts(rights) if rights else []
    if free_text is not None:
        statements.append(free_text)
    if statements:
        node = subject.embed("dct:rights", "dct:RightsStatement")
        subject.add("rdfs:label", *statements, of=node)
