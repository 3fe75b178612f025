"""Organisations: all that publish datasets, and the page of one."""

from dataclasses import dataclass
from itertools import groupby

from flask import abort, g, render_template, url_for

from maillon.search import Query
from maillon.store.documents import Document
from maillon.vocabulary import term
from maillon.web import display, facets, links, properties
from maillon.web.current import Published, snapshot
from maillon.web.described import read
from maillon.web.display import Link
from maillon.web.pages import prose
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.cards import DatasetCard, cards, sort_key
from maillon.web.pages.gone import gone
from maillon.web.pages.home import Way
from maillon.web.pages.prose import Heading, Prose
from maillon.web.properties import Node
from maillon.web.wording import ngettext

DATASETS_SHOWN = 10
MOST_WITHOUT_LETTERS = 60
MOST_ORGANISATIONS = 10_000


@dataclass(frozen=True, slots=True)
class OrganisationsPage:
    """What ``templates/pages/organisations.html`` shows.

    Attributes:
        count: A sentence with the number of organisations.
        letters: Pairs of first letter and the organisations that begin with it; one pair without a letter where they
            are few.
    """

    count: str
    letters: list[tuple[str, list[Way]]]


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """What ``templates/pages/organisation.html`` shows.

    Attributes:
        iri: The organisation.
        key: Its key in our addresses.
        heading: Its name.
        prose: What it says of itself.
        homepages: Its pages, only those that may be followed.
        count: Number of its datasets, in words.
        datasets: Its datasets that changed last.
        all_datasets: Address of the list of all of them.
        themes: Ways into them by theme.
        downloads: Pairs of extension and address of its data in each serialization.
        nodes: All its properties.
        referrers: What else refers to it, where it publishes no dataset.
    """

    iri: str
    key: str
    heading: Heading
    prose: Prose
    homepages: list[str]
    count: str
    datasets: list[DatasetCard]
    all_datasets: str
    themes: list[Way]
    downloads: list[tuple[str, str]]
    nodes: list[Node]
    referrers: list[Link]


def organisations_page(published: Published, language: str) -> OrganisationsPage:
    """Make what the list shows: organisations that publish datasets, by name."""
    results = published.search.search(Query(language=language, limit=0, facet_limit=MOST_ORGANISATIONS))
    counts = dict(results.facets["publisher"])
    names = facets.organisation_names(list(counts), published, language)
    known = published.documents.many(counts)
    made = [
        Way(
            name,
            links.page("organisation", known[iri].key)
            if iri in known
            else url_for("pages.datasets", publisher=facets.shorten("publisher", iri)),
            display.number(counts[iri], language),
        )
        for iri, name in sorted(names.items(), key=lambda item: sort_key(item[1]))
    ]
    many = len(made) > MOST_WITHOUT_LETTERS
    letters = groupby(made, key=lambda way: letter(sort_key(way.label)) if many else "")
    return OrganisationsPage(
        ngettext(
            "%(count)s organisation publishes datasets here.",
            "%(count)s organisations publish datasets here.",
            len(made),
            count=display.number(len(made), language),
        ),
        [(first, list(ways)) for first, ways in letters],
    )


def letter(key: str) -> str:
    """Return the heading under which a name stands."""
    return key[0].upper() if key and key[0].isalpha() else "0–9"


def organisation_page(document: Document, published: Published, language: str) -> OrganisationPage:
    """Make what the page of one organisation shows."""
    said = read(document.iri, document.text)
    filters = {"publisher": (document.iri,)}
    results = published.search.search(
        Query(language=language, filters=filters, sort="modified", limit=DATASETS_SHOWN, facet_limit=10)
    )
    themes = facets.option_labels("theme", [iri for iri, _ in results.facets["theme"]], published, language)
    wanted = facets.Wanted(filters=filters)
    referring = published.documents.referrers(document.iri, limit=25) if not results.total else []
    return OrganisationPage(
        iri=document.iri,
        key=document.key,
        heading=prose.heading(said, document.key, language),
        prose=prose.prose(said, language),
        homepages=[
            page for page in map(display.followed, said.strings(term("foaf:homepage"), term("foaf:page"))) if page
        ],
        count=display.datasets(results.total, language),
        datasets=cards(results.hits, language),
        all_datasets=wanted.address(),
        themes=[
            Way(themes[iri], wanted.address(filters={**filters, "theme": (iri,)}), display.number(count, language))
            for iri, count in results.facets["theme"]
        ],
        downloads=[(item, links.data("organisation", document.key, item)) for item in links.EXTENSIONS],
        nodes=properties.table(document, published.documents, language),
        referrers=links.resolve(referring, published.documents, language),
    )


@blueprint.get("/organisations")
def organisations() -> str:
    """Show the organisations that publish datasets."""
    return render_template("pages/organisations.html", page=organisations_page(snapshot(), g.language))


@blueprint.get("/organisation/<path:key>")
def organisation(key: str) -> str | tuple[str, int]:
    """Show an organisation, or what was known of one that is gone."""
    published = snapshot()
    document = published.documents.find("organisation", key)
    if document is None:
        abort(404)
    if document.state == "gone":
        return gone(document, published)
    return render_template("pages/organisation.html", page=organisation_page(document, published, g.language))
