"""The page of any entity that has none of its own (distributions, contact points, services, catalogues ...)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from flask import abort, g, redirect, render_template
from werkzeug.wrappers import Response

from maillon.identifiers import KINDS
from maillon.store.documents import Document, Documents
from maillon.vocabulary import HAS_DISTRIBUTION, term
from maillon.web import findings, links, properties
from maillon.web.current import Published, snapshot
from maillon.web.described import read
from maillon.web.display import Link
from maillon.web.findings import FindingGroup
from maillon.web.pages import distributions, prose, tables
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.distributions import DistributionCard
from maillon.web.pages.gone import gone
from maillon.web.pages.prose import Heading
from maillon.web.pages.tables import Origin, Table
from maillon.web.properties import Node

MOST_REFERRERS = 25
_LICENCE: Final = term("dct:license")


@dataclass(frozen=True, slots=True)
class EntityPage:
    """What ``templates/pages/entity.html`` shows.

    Attributes:
        iri: The entity.
        kind: One of ``identifiers.KINDS``.
        heading: What it is called.
        file: What can be fetched, of a distribution; None of anything else.
        nodes: All its properties.
        referrers: What refers to it, the first of them; of a distribution, without the tables made of it.
        copy: Whether it is part of another portal's copy of a dataset.
        origin: Where it comes from, None where it is no item of open data.
        tables: Tables made of it, whose rows are linked data.
        findings: What is wrong with its record.
        downloads: Pairs of extension and address of its data in each serialization.
    """

    iri: str
    kind: str
    heading: Heading
    file: DistributionCard | None
    nodes: list[Node]
    referrers: list[Link]
    copy: bool
    origin: Origin | None
    tables: list[Table]
    findings: list[FindingGroup]
    downloads: list[tuple[str, str]]


def _file(document: Document, referring: Iterable[Document], documents: Documents, language: str) -> DistributionCard:
    """Return the card of a distribution, under the licences of its dataset where it states none of its own."""
    own = read(document.iri, document.text)
    datasets = [read(item.iri, item.text) for item in referring if item.kind == "dataset"]
    known = documents.many(dict.fromkeys(iri for said in (own, *datasets) for iri in said.iris(_LICENCE)))
    lists = [said.iris(HAS_DISTRIBUTION) for said in datasets]
    places = [files.index(document.iri) for files in lists if document.iri in files]
    made = distributions.card(document, min(places, default=0) + 1, known, language)
    if made.licences:
        return made
    licences = [licence for said in datasets for licence in distributions.licences(said, known, language)]
    return replace(made, licences=list({licence.label.value: licence for licence in licences}.values()))


def _heading(document: Document, file: DistributionCard | None, language: str) -> Heading:
    """Return what an entity is called; a file without a title by its own name or format, as on its dataset's page."""
    found = prose.heading(read(document.iri, document.text), document.key, language)
    return replace(found, text=file.title) if file and found.missing else found


def entity_page(document: Document, published: Published, language: str) -> EntityPage:
    """Make what the page shows."""
    documents = published.documents
    copy = document.state == "copy"
    referring = documents.many(documents.referrers(document.iri, limit=MOST_REFERRERS, copies=copy)).values()
    file = _file(document, referring, documents, language) if document.kind == "distribution" else None
    made = tables.tables([document.iri], documents, language) if document.kind == "distribution" else []
    return EntityPage(
        iri=document.iri,
        kind=document.kind,
        heading=_heading(document, file, language),
        file=file,
        nodes=properties.table(document, documents, language),
        referrers=[links.to_document(item, language) for item in referring if not made or item.kind != "data"],
        copy=copy,
        origin=tables.origin(document, documents, language),
        tables=made,
        findings=findings.of_documents([document], language),
        downloads=[(item, links.data(document.kind, document.key, item)) for item in links.EXTENSIONS],
    )


@blueprint.get("/doc/<kind>/<path:key>")
def entity(kind: str, key: str) -> str | tuple[str, int] | Response:
    """Show an entity; what has a page of its own is shown there."""
    published = snapshot()
    document = published.documents.find(kind, key) if kind in KINDS else None
    if document is None:
        abort(404)
    if document.state == "gone":
        return gone(document, published)
    if kind in ("dataset", "organisation"):
        return redirect(links.page(kind, key))
    return render_template("pages/entity.html", page=entity_page(document, published, g.language))
