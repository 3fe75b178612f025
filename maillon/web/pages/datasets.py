"""The list of datasets: search, facets, order, pages."""

from dataclasses import dataclass, replace
from typing import Final

from flask import g, render_template, request, url_for

from maillon.search import SORTS, Query
from maillon.web import display, facets
from maillon.web.current import Published, snapshot
from maillon.web.facets import Chosen, Facet, Wanted
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.cards import DatasetCard, cards
from maillon.web.wording import _

PAGE_SIZE: Final = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the page numbers.

    Attributes:
        number: Number of the page, 0 for a gap.
        href: Its address, empty for a gap.
        current: Whether it is the page shown.
    """

    number: int
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Sorting:
    """One order of the list.

    Attributes:
        label: Its name in the visitor's language.
        href: Address of the list in this order.
        current: Whether it is in force.
    """

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class DatasetsPage:
    """What ``templates/pages/datasets.html`` shows.

    Attributes:
        title: Heading, which says what the list holds.
        count: The number of datasets found, in words.
        wanted: What the visitor asked for.
        datasets: The datasets of this page.
        facets: What the list can be refined by.
        chosen: Filters in force.
        sortings: The orders offered.
        steps: Links to other pages, empty where there is one page only.
        previous: Address of the page before, empty on the first.
        next: Address of the page after, empty on the last.
        clear: Address of the list without words and filters.
        approximate: Whether nothing was found as typed, so that similar words were accepted.
    """

    title: str
    count: str
    wanted: Wanted
    datasets: list[DatasetCard]
    facets: list[Facet]
    chosen: list[Chosen]
    sortings: list[Sorting]
    steps: list[Step]
    previous: str
    next: str
    clear: str
    approximate: bool


def _steps(wanted: Wanted, last: int) -> list[Step]:
    if last < 2:
        return []
    near = {1, 2, last - 1, last, *range(wanted.page - 1, wanted.page + 2)}
    numbers = sorted(number for number in near if 1 <= number <= last)
    made: list[Step] = []
    for number in numbers:
        if made and number > made[-1].number + 1:
            made.append(Step(0, "", current=False))
        made.append(Step(number, wanted.address(page=number), number == wanted.page))
    return made


def _sortings(wanted: Wanted, sort: str) -> list[Sorting]:
    labels = {
        "relevance": _("Best match"),
        "modified": _("Last updated"),
        "title": _("Title A to Z"),
    }
    offered = [name for name in SORTS if wanted.text or name != "relevance"]
    return [Sorting(labels[name], wanted.address(sort=name), name == sort) for name in offered]


def datasets_page(wanted: Wanted, published: Published, language: str) -> DatasetsPage:
    """Search, and make what the page shows; a page beyond the last becomes the last."""
    sort = wanted.sort or ("relevance" if wanted.text else "modified")

    def search(page: int) -> Query:
        return Query(
            text=wanted.text,
            language=language,
            filters=wanted.filters,
            sort=sort,
            offset=(page - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
        )

    results = published.search.search(search(wanted.page))
    last = max(1, -(-results.total // PAGE_SIZE))
    if wanted.page > last:
        wanted = replace(wanted, page=last)
        results = published.search.search(search(last))
    return DatasetsPage(
        title=_("Results for “%(words)s”", words=wanted.text) if wanted.text else _("Datasets"),
        count=display.datasets(results.total, language),
        wanted=wanted,
        datasets=cards(results.hits, language, wanted.text),
        facets=facets.build(results.facets, wanted, published, language),
        chosen=facets.chosen_filters(wanted, published, language),
        sortings=_sortings(wanted, sort),
        steps=_steps(wanted, last),
        previous=wanted.address(page=wanted.page - 1) if wanted.page > 1 else "",
        next=wanted.address(page=wanted.page + 1) if wanted.page < last else "",
        clear=url_for("pages.datasets"),
        approximate=results.approximate,
    )


@blueprint.get("/datasets")
def datasets() -> str:
    """Show the datasets that a visitor looks for."""
    published = snapshot()
    page = datasets_page(facets.parse(request.args, published), published, g.language)
    return render_template("pages/datasets.html", page=page)
