"""Organisations: all that publish datasets, and the page of one."""

import re
from dataclasses import dataclass
from typing import Final

from flask import abort, g, render_template, request, url_for

from maillon.search import Query
from maillon.search.schema import folded
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
from maillon.web.texts import Text
from maillon.web.wording import _, ngettext

DATASETS_SHOWN = 10
MOST_WITHOUT_LETTERS = 60
MOST_ORGANISATIONS = 10_000
_HASH: Final = re.compile(r"[0-9a-f]{32,64}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OrganisationsPage:
    """What ``templates/pages/organisations.html`` shows.

    Attributes:
        count: A sentence with the number of organisations.
        words: What was searched for in the names, empty where all are shown.
        letters: Pairs of first letter and the organisations that begin with it, those without a name last; one pair
            without a letter where they are few.
    """

    count: str
    words: str
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


def organisations_page(published: Published, language: str, words: str = "") -> OrganisationsPage:
    """Make what the list shows: organisations that publish datasets and have these words in their names, by name."""
    results = published.search.search(Query(language=language, limit=0, facet_limit=MOST_ORGANISATIONS))
    counts = dict(results.facets["publisher"])
    names = facets.organisation_names(list(counts), published, language)
    known = published.documents.many(counts)
    wanted = folded(words)
    made = [
        Way(
            name,
            links.page("organisation", known[iri].key)
            if iri in known
            else url_for("pages.datasets", publisher=facets.shorten("publisher", iri)),
            display.number(counts[iri], language),
        )
        for iri, name in sorted(names.items(), key=lambda item: (_is_hash(item[1]), sort_key(item[1])))
        if wanted in sort_key(name)
    ]
    return OrganisationsPage(
        ngettext(
            "%(count)s organisation publishes datasets here.",
            "%(count)s organisations publish datasets here.",
            len(counts),
            count=display.number(len(counts), language),
        ),
        words,
        _letters(made),
    )


def _letters(ways: list[Way]) -> list[tuple[str, list[Way]]]:
    """Return organisations by the letter under which they stand."""
    found: dict[str, list[Way]] = {}
    is_long = len(ways) > MOST_WITHOUT_LETTERS
    for way in ways:
        named = _("Without a name") if _is_hash(way.label) else letter(sort_key(way.label))
        found.setdefault(named if is_long else "", []).append(way)
    return list(found.items())


def _is_hash(name: Text) -> bool:
    """Tell whether a name is none: data.gov.be has a publisher known by the 40 hexadecimal digits of its address."""
    return _HASH.fullmatch(name.value) is not None


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
    themes = facets.option_labels("theme", [iri for iri, _count in results.facets["theme"]], published, language)
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
    words = " ".join(request.args.get("q", "").split())[: facets.LONGEST]
    return render_template("pages/organisations.html", page=organisations_page(snapshot(), g.language, words))


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
