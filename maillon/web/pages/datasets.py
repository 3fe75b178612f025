"""The list of datasets: search, facets, order, pages."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from flask import g, render_template, request, url_for

from maillon import authority
from maillon.search import SORTS, Query, Results
from maillon.web import display, facets
from maillon.web.current import Published, snapshot
from maillon.web.facets import Chosen, Facet, Wanted
from maillon.web.pages.blueprint import blueprint
from maillon.web.pages.cards import DatasetCard, cards
from maillon.web.pages.home import Way
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
class Instead:
    """Words to search for instead of those typed.

    Attributes:
        words: What to search for.
        href: Address of the list for it.
    """

    words: str
    href: str


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
        corrected: Words searched for in the place of misspelt ones, then others that may be meant; empty where none is.
        partial: Whether datasets without some of the words were accepted.
        missing: Words that no dataset has, as one text; only where ``partial``.
        nearest: Where nothing is found, words of the index near to those typed.
        themes: Where nothing is found, the themes with their numbers of datasets.
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
    corrected: list[Instead]
    partial: bool
    missing: str
    nearest: list[Instead]
    themes: list[Way]


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


def _instead(texts: Iterable[str], wanted: Wanted) -> list[Instead]:
    return [Instead(text, wanted.address(text=text)) for text in texts]


def _nearest(wanted: Wanted, published: Published) -> list[Instead]:
    """Return other words to search for, without the filters: with them, nothing may be left."""
    found = published.search.suggest(wanted.text) if wanted.text else []
    others = [text for text in found if text != wanted.text.lower() or wanted.filters]
    return _instead(others, replace(wanted, filters={}))


def _themes(published: Published, language: str) -> list[Way]:
    counts = published.search.search(Query(language=language, limit=0)).facets["theme"]
    known = [(value, count) for value, count in counts if authority.labels(value)]
    labels = facets.option_labels("theme", [value for value, _count in known], published, language)
    return [
        Way(labels[value], Wanted(filters={"theme": (value,)}).address(), display.number(count, language))
        for value, count in known
    ]


def _search(wanted: Wanted, sort: str, published: Published, language: str) -> tuple[Wanted, int, Results]:
    """Return what is wanted with a page that is there, the number of the last page, and what is found."""
    query = Query(text=wanted.text, wide=True, language=language, filters=wanted.filters, sort=sort, limit=PAGE_SIZE)
    results = published.search.search(replace(query, offset=(wanted.page - 1) * PAGE_SIZE))
    last = max(1, -(-results.total // PAGE_SIZE))
    if wanted.page > last:
        wanted = replace(wanted, page=last)
        results = published.search.search(replace(query, offset=(last - 1) * PAGE_SIZE))
    return wanted, last, results


def datasets_page(wanted: Wanted, published: Published, language: str) -> DatasetsPage:
    """Search, and make what the page shows; a page beyond the last becomes the last."""
    sort = wanted.sort or ("relevance" if wanted.text else "modified")
    wanted, last, results = _search(wanted, sort, published, language)
    return DatasetsPage(
        title=_("Results for “%(words)s”", words=wanted.text) if wanted.text else _("Datasets"),
        count=display.datasets(results.total, language),
        wanted=wanted,
        datasets=cards(results.hits, language, " ".join(results.words)),
        facets=facets.build(results.facets, wanted, published, language),
        chosen=facets.chosen_filters(wanted, published, language),
        sortings=_sortings(wanted, sort),
        steps=_steps(wanted, last),
        previous=wanted.address(page=wanted.page - 1) if wanted.page > 1 else "",
        next=wanted.address(page=wanted.page + 1) if wanted.page < last else "",
        clear=url_for("pages.datasets"),
        corrected=_instead(results.corrected, wanted),
        partial=results.partial,
        missing=", ".join(results.missing),
        nearest=[] if results.total else _nearest(wanted, published),
        themes=[] if results.total else _themes(published, language),
    )


@blueprint.get("/datasets")
def datasets() -> str:
    """Show the datasets that a visitor looks for."""
    published = snapshot()
    page = datasets_page(facets.parse(request.args, published), published, g.language)
    return render_template("pages/datasets.html", page=page)
