"""The page of something that its source withdrew: 410, with what was known of it."""

from dataclasses import dataclass

from flask import g, render_template

from maillon.store.documents import Document
from maillon.web import display, properties
from maillon.web.current import Published
from maillon.web.described import read
from maillon.web.pages import prose
from maillon.web.pages.prose import Heading, Prose
from maillon.web.properties import Node


@dataclass(frozen=True, slots=True)
class GonePage:
    """What ``templates/errors/gone.html`` shows.

    Attributes:
        iri: The entity.
        kind: One of ``identifiers.KINDS``.
        heading: Its last title.
        prose: Its last description.
        since: Day on which it went, in words.
        first: Day on which it was first seen, in words.
        source: Name of the source that had listed it.
        nodes: All that was known.
    """

    iri: str
    kind: str
    heading: Heading
    prose: Prose
    since: str
    first: str
    source: str
    nodes: list[Node]


def gone_page(document: Document, published: Published, language: str) -> GonePage:
    """Make what the page shows."""
    said = read(document.iri, document.text)
    return GonePage(
        iri=document.iri,
        kind=document.kind,
        heading=prose.heading(said, document.key, language),
        prose=prose.prose(said, language),
        since=display.moment(document.modified, language),
        first=display.moment(document.issued, language),
        source=document.source,
        nodes=properties.table(document, published.documents, language),
    )


def gone(document: Document, published: Published) -> tuple[str, int]:
    """Answer 410 with what was known."""
    return render_template("errors/gone.html", page=gone_page(document, published, g.language)), 410
