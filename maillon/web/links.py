"""Addresses of our own pages and documents, and links to whatever a graph names."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from flask import request, url_for

from maillon.store.documents import Document, Documents
from maillon.vocabulary import NAME, TITLE, term
from maillon.web import display, texts
from maillon.web.described import read
from maillon.web.display import Link
from maillon.web.texts import Text

EXTENSIONS: Final = ("ttl", "rdf", "jsonld", "nt")
NAMES: Final = (
    TITLE, NAME, term("vcard:fn"), term("rdfs:label"), term("skos:prefLabel"), term("schema:name"),
)  # fmt: skip
"""Properties that say what an entity is called, the first that is there counts."""


def page(kind: str, key: str) -> str:
    """Return the address of the page about an entity, in the language of the request."""
    if kind == "dataset":
        return url_for("pages.dataset", key=key)
    if kind == "organisation":
        return url_for("pages.organisation", key=key)
    return url_for("pages.entity", kind=kind, key=key)


def data(kind: str, key: str, extension: str) -> str:
    """Return the address of a document in one serialization."""
    return f"{request.script_root}/doc/{kind}/{key}.{extension}"


def by_iri(iri: str) -> str:
    """Return the address that finds the document about any IRI of the catalogue."""
    return f"{request.script_root}/doc?{urlencode({'iri': iri})}"


def name(document: Document, language: str) -> Text:
    """Return what an entity is called, for a visitor; the last part of its IRI where nobody named it."""
    found = texts.choose(read(document.iri, document.text).texts(*NAMES), language)
    return found or Text(display.tail(document.iri))


def to_document(document: Document, language: str) -> Link:
    """Return a link to the page about an entity of ours."""
    return Link(name(document, language), page(document.kind, document.key), document.iri)


def to_iri(iri: str, language: str) -> Link:
    """Return a link to something that is not ours: by its name in a controlled vocabulary, else by itself."""
    label = display.concept(iri, language)
    shown = label if label.value != display.tail(iri) else Text(iri)
    return Link(shown, display.followed(iri), iri, outside=True)


def resolve(iris: Iterable[str], documents: Documents, language: str) -> list[Link]:
    """Return links to several things, ours among them by their pages."""
    wanted = list(dict.fromkeys(iris))
    known = documents.many(wanted)
    return [to_document(known[iri], language) if iri in known else to_iri(iri, language) for iri in wanted]
