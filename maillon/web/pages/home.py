"""The home page: what this is, a search box, the size of it all, ways in."""

from dataclasses import dataclass
from typing import Final

from flask import g, render_template

from maillon import authority
from maillon.search import Query, Results
from maillon.web import display, facets
from maillon.web.current import Published, snapshot
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.cards import DatasetCard, cards
from maillon.web.texts import Text
from maillon.web.wording import ngettext

NEWEST: Final = 6
ORGANISATIONS: Final = 12


@dataclass(frozen=True, slots=True)
class Way:
    """A way into the catalogue.

    Attributes:
        label: Name of the theme or organisation.
        href: Address of the list it leads to.
        count: Datasets found there, in the digits of the language.
    """

    label: Text
    href: str
    count: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """What ``templates/pages/home.html`` shows.

    Attributes:
        numbers: Pairs of what is counted, in the form that its number asks for, and the number in the digits of the
            language.
        themes: Ways in by theme of the EU vocabulary, the fullest first.
        newest: The datasets changed last.
        publishers: Ways in by organisation, the fullest first.
        formats: Ways in by format, the fullest first.
        published: Day on which the catalogue was published, in words.
    """

    numbers: list[tuple[str, str]]
    themes: list[Way]
    newest: list[DatasetCard]
    publishers: list[Way]
    formats: list[Way]
    published: str


def _ways(facet: str, counts: list[tuple[str, int]], published: Published, language: str) -> list[Way]:
    labels = facets.option_labels(facet, [value for value, _count in counts], published, language)
    return [
        Way(
            labels[value],
            facets.Wanted(filters={facet: (value,)}).address(),
            display.number(count, language),
        )
        for value, count in counts
    ]


def _numbers(results: Results, published: Published, language: str) -> list[tuple[str, str]]:
    files = published.snapshot.manifest.counts.get("distributions", 0)
    organisations, sources = len(results.facets["publisher"]), len(published.sources)
    counted = [
        (ngettext("dataset", "datasets", results.total), results.total),
        (ngettext("file or service", "files and services", files), files),
        (ngettext("organisation", "organisations", organisations), organisations),
        (ngettext("source", "sources", sources), sources),
    ]
    return [(name, display.number(count, language)) for name, count in counted]


def home_page(published: Published, language: str) -> HomePage:
    """Make what the page shows; one search gives all of it."""
    results = published.search.search(
        Query(language=language, sort="modified", limit=NEWEST, facet_limit=facets.MOST * 50)
    )
    return HomePage(
        numbers=_numbers(results, published, language),
        themes=_ways(
            "theme", [item for item in results.facets["theme"] if authority.labels(item[0])], published, language
        ),
        newest=cards(results.hits, language),
        publishers=_ways("publisher", results.facets["publisher"][:ORGANISATIONS], published, language),
        formats=_ways("format", results.facets["format"][:ORGANISATIONS], published, language),
        published=display.moment(published.snapshot.manifest.made, language),
    )


@blueprint.get("/")
def home() -> str:
    """Show the home page."""
    return render_template("pages/home.html", page=home_page(snapshot(), g.language))
