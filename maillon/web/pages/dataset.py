"""The page of a dataset: what it is, what can be fetched, who answers for it, what is wrong with its record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import abort, g, render_template, request, url_for

from maillon.store.documents import Document
from maillon.vocabulary import HAS_DISTRIBUTION, PRIMARY_TOPIC, SAMPLE, term
from maillon.web import display, facets, findings, links, properties, repairs, texts
from maillon.web.current import Published, snapshot
from maillon.web.described import Description, read
from maillon.web.display import Link
from maillon.web.engine import engine
from maillon.web.findings import FindingGroup
from maillon.web.pages import contacts, distributions, facts, files, prose, tables
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.contacts import ContactCard
from maillon.web.pages.facts import Fact
from maillon.web.pages.files import Files
from maillon.web.pages.gone import gone
from maillon.web.pages.prose import Heading, Prose
from maillon.web.pages.quality_block import QualityBlock, quality_block
from maillon.web.pages.tables import Table
from maillon.web.properties import Node
from maillon.web.repairs import Done
from maillon.web.texts import Text

MOST_SAMPLES: Final = 500
"""Samples shown at most, as a list on one page."""


@dataclass(frozen=True, slots=True)
class About:
    """What stands beside the description of a dataset.

    Attributes:
        publishers: Organisations that publish it.
        updated: Day of its last change in words, empty where unknown.
        issued: Day of its publication in words, empty where unknown.
        licences: Licences of the dataset itself.
        contacts: Whom to ask.
        landing_pages: Pages of the publisher about it, only those that may be followed.
        themes: Its themes, each with the address of the datasets that share it.
        keywords: Its keywords in the visitor's language, else in another, each with the address of a search for it.
        facts: Dates, places and terms.
        source: The source it was harvested from.
        harvested: Day on which its content last changed here, in words.
    """

    publishers: list[Link]
    updated: str
    issued: str
    licences: list[Link]
    contacts: list[ContactCard]
    landing_pages: list[str]
    themes: list[Link]
    keywords: list[Link]
    facts: list[Fact]
    source: Link
    harvested: str


@dataclass(frozen=True, slots=True)
class DatasetPage:
    """What ``templates/pages/dataset.html`` shows.

    Attributes:
        iri: The dataset.
        heading: Its title.
        prose: Its description.
        about: What stands beside the description.
        missing: Whether its source no longer lists it.
        original: The record that is shown in the place of this copy, None where it is none.
        copies: Records of the same dataset from other sources.
        repairs: What was repaired in its record.
        more_repairs: Number of repairs left out of these.
        all_repairs: Address of the page with every repair of its source, empty where it has no source.
        hvd: Whether it is a high-value dataset.
        files: What can be fetched.
        samples: Samples of the data (adms:sample) that are no distributions of it.
        more_samples: Number of samples that are not shown.
        services: Data services that serve it.
        tables: Tables made of its distributions, whose rows are linked data.
        findings: What is wrong with its record and those of its distributions.
        quality: Its points and what would raise them most, None where it was not measured.
        conformant: Whether it is offered to European portals.
        downloads: Pairs of extension and address of its data in each serialization.
        nodes: All its properties.
    """

    iri: str
    heading: Heading
    prose: Prose
    about: About
    missing: bool
    original: Link | None
    copies: list[Link]
    repairs: list[Done]
    more_repairs: int
    all_repairs: str
    hvd: bool
    files: Files
    samples: Files
    more_samples: int
    services: list[Link]
    tables: list[Table]
    findings: list[FindingGroup]
    quality: QualityBlock | None
    conformant: bool
    downloads: list[tuple[str, str]]
    nodes: list[Node]


def _themes(said: Description, language: str) -> list[Link]:
    return [
        Link(item.label, url_for("pages.datasets", theme=facets.shorten("theme", item.iri)), item.iri)
        for item in display.concepts(said.strings(term("dcat:theme")), language)
    ]


def _keywords(said: Description, language: str) -> list[Link]:
    found = texts.choose_all(said.texts(term("dcat:keyword")), language)
    return [Link(text, url_for("pages.datasets", q=f'"{text.value}"')) for text in found]


def _source(document: Document, published: Published, language: str) -> Link:
    info = next((item for item in published.sources if item.name == document.source), None)
    label = texts.choose(list(info.title.items()), language) if info else None
    return Link(label or Text(document.source), url_for("pages.source", name=document.source) if info else "")


def _about(
    document: Document, said: Description, known: Mapping[str, Document], published: Published, language: str
) -> About:
    pages = [address for address in map(display.followed, said.strings(term("dcat:landingPage"))) if address]
    return About(
        publishers=facts.publishers(said, published.documents, language),
        updated=facts.updated(said, language),
        issued=facts.published(said, language),
        licences=distributions.licences(said, known, language),
        contacts=contacts.contacts(said, published.documents, language),
        landing_pages=pages,
        themes=_themes(said, language),
        keywords=_keywords(said, language),
        facts=facts.facts(said, published.documents, language),
        source=_source(document, published, language),
        harvested=display.moment(document.modified, language),
    )


def dataset_page(document: Document, published: Published, language: str, wanted: int = 1) -> DatasetPage:
    """Make what the page of a published dataset shows; ``wanted`` is the page of its files, from 1."""
    said = read(document.iri, document.text)
    documents = published.documents
    parts = list(documents.many(said.iris(HAS_DISTRIBUTION)).values())
    whole = {part.iri for part in parts}
    samples = [part for part in documents.many(said.iris(SAMPLE)).values() if part.iri not in whole]
    known = documents.many(said.iris(term("dct:license")))
    repaired = documents.repairs_of(document.iri)
    return DatasetPage(
        iri=document.iri,
        heading=prose.heading(said, document.key, language),
        prose=prose.prose(said, language),
        about=_about(document, said, known, published, language),
        missing=document.state == "missing",
        original=_original(document, published, language),
        copies=_copies(document, published, language),
        repairs=repairs.done(repaired[: repairs.MOST_REPAIRS], language),
        more_repairs=max(0, len(repaired) - repairs.MOST_REPAIRS),
        all_repairs=url_for("pages.source_repairs", name=document.source) if document.source else "",
        hvd=bool(said.values(term("dcatap:hvdCategory"))),
        files=files.files(parts, document.key, wanted, documents, language),
        samples=files.files(samples[:MOST_SAMPLES], document.key, 1, documents, language, is_paged=False),
        more_samples=max(0, len(samples) - MOST_SAMPLES),
        services=facts.services(document, documents, language),
        tables=tables.tables([document.iri], documents, language),
        findings=findings.of_documents([document, *parts, *samples], language),
        quality=quality_block(document.iri, published, language),
        conformant=document.conformant and document.state != "copy",
        downloads=[(extension, links.data("dataset", document.key, extension)) for extension in links.EXTENSIONS],
        nodes=properties.table(document, documents, language),
    )


def _original(document: Document, published: Published, language: str) -> Link | None:
    """Return the record that is shown in the place of a copy: its own catalogue record names it."""
    if document.state != "copy":
        return None
    record = published.documents.find("record", document.key)
    shown = read(record.iri, record.text).iris(PRIMARY_TOPIC) if record else []
    return next(iter(links.resolve(shown, published.documents, language)), None)


def _copies(document: Document, published: Published, language: str) -> list[Link]:
    """Return the other sources' records of a dataset: their catalogue records are about it."""
    documents = published.documents
    records = documents.many(documents.referrers(document.iri, kind="record")).values()
    keys = [record.key for record in records if record.key != document.key]
    found = [documents.find("dataset", key) for key in keys]
    return [links.to_document(item, language) for item in found if item is not None and item.state == "copy"]


@blueprint.get("/dataset/<path:key>")
def dataset(key: str) -> str | tuple[str, int]:
    """Show a dataset, or what was known of one that is gone."""
    published = snapshot()
    document = published.documents.find("dataset", key)
    if document is None:
        abort(404)
    if document.state == "gone":
        return gone(document, published)
    engine().viewed(document.iri)
    wanted = files.page_number(request.args.get(files.PARAMETER, "1"))
    return render_template("pages/dataset.html", page=dataset_page(document, published, g.language, wanted))
