"""The query of the dataset list as it stands in an address, and the facets that refine it.

Turns ``?q=&theme=TRAN&publisher=...&sort=&page=`` into what a visitor wants and back into addresses. Values of several
facets are joined by "and", values of one facet by "or". Concepts of the EU authority tables stand by their code and
publishers by their key, so that addresses stay readable.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

from flask import current_app, url_for
from werkzeug.datastructures import MultiDict

from maillon import authority, identifiers
from maillon.search import SORTS
from maillon.vocabulary import AUTHORITY, NAME, TITLE
from maillon.web import display, known_names, links, texts
from maillon.web.current import Published
from maillon.web.described import read
from maillon.web.wording import _

SHOWN: Final = 7
"""Options of a facet that are shown at once; the rest unfolds."""

MOST: Final = 200
"""Options of a facet at most; beyond them, searching is the better way."""

LONGEST: Final = 500
"""Characters of a query that are read."""

FACETS: Final = ("theme", "publisher", "format", "licence", "hvd", "access", "language", "frequency", "source")
_TABLES: Final = {
    "theme": "data-theme",
    "format": "file-type",
    "licence": "licence",
    "access": "access-right",
    "language": "language",
    "frequency": "frequency",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor asks of the dataset list.

    Attributes:
        text: Words to search for, may be empty.
        filters: Chosen values by facet, as in the index (IRIs in full).
        sort: One of SORTS, empty for the default order.
        page: Number of the page, from 1.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    page: int = 1

    def address(self, **changes: Any) -> str:
        """Return the address of the list for this, with some attributes changed; on page 1 unless a page is given."""
        wanted = replace(self, **{"page": 1, **changes})
        pairs = [(name, shorten(name, value)) for name, chosen in wanted.filters.items() for value in chosen]
        page = str(wanted.page) if wanted.page > 1 else ""
        pairs += [(name, value) for name, value in (("q", wanted.text), ("sort", wanted.sort), ("page", page)) if value]
        return url_for("pages.datasets") + (f"?{urlencode(pairs)}" if pairs else "")

    def without(self, facet: str, value: str) -> str:
        """Return the address of the list with one chosen value taken back."""
        rest = {
            name: tuple(item for item in chosen if (name, item) != (facet, value))
            for name, chosen in self.filters.items()
        }
        return self.address(filters={name: chosen for name, chosen in rest.items() if chosen})


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet.

    Attributes:
        value: As it stands in an address.
        label: Its name in the visitor's language.
        count: Datasets that have it under the other filters in force.
        chosen: Whether the visitor ticked it.
    """

    value: str
    label: texts.Text
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to refine the list.

    Attributes:
        name: Parameter of the address.
        label: Its name in the visitor's language.
        options: Those shown at once, chosen ones included.
        more: Those that unfold.
    """

    name: str
    label: str
    options: list[Option]
    more: list[Option]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter in force, with the address of the list without it.

    Attributes:
        facet: Name of its facet in the visitor's language.
        label: Its name in the visitor's language.
        href: Address of the list without it.
    """

    facet: str
    label: texts.Text
    href: str


def facet_label(name: str) -> str:
    """Return the name of a facet in the language of the request."""
    labels: dict[str, Callable[[], str]] = {
        "theme": lambda: _("Theme"),
        "publisher": lambda: _("Organisation"),
        "format": lambda: _("Format"),
        "licence": lambda: _("Licence"),
        "hvd": lambda: _("High-value dataset"),
        "access": lambda: _("Access"),
        "language": lambda: _("Language of the data"),
        "frequency": lambda: _("Update frequency"),
        "source": lambda: _("Harvested from"),
    }
    return labels[name]()


def shorten(facet: str, value: str) -> str:
    """Return a value of the index as it stands in an address."""
    if facet == "publisher":
        return identifiers.key(current_app.config["MAILLON"].base_iri, "organisation", value)
    code = value.removeprefix(f"{AUTHORITY}{_TABLES[facet]}/") if facet in _TABLES else value
    return code if _is_code(code) else value


def _is_code(text: str) -> bool:
    """Tell whether ``expand`` makes an IRI of a text: not of ``OGC:WMS``, which data.gov.be has as a file type."""
    return bool(text) and ":" not in text and text.upper() == text


def expand(facet: str, value: str, published: Published) -> str:
    """Return a value of an address as it stands in the index."""
    if facet == "publisher" and "://" not in value:
        found = published.documents.find("organisation", value)
        return found.iri if found else value
    if facet in _TABLES and _is_code(value):
        return f"{AUTHORITY}{_TABLES[facet]}/{value}"
    return value


def parse(arguments: MultiDict[str, str], published: Published) -> Wanted:
    """Read what a visitor wants from the parameters of an address; what makes no sense is left out."""
    filters: dict[str, tuple[str, ...]] = {}
    for name in FACETS:
        values = [value for value in arguments.getlist(name)[:50] if value]
        if values:
            filters[name] = tuple(dict.fromkeys(expand(name, value, published) for value in values))
    page = arguments.get("page", "1")
    sort = arguments.get("sort", "")
    return Wanted(
        text=" ".join(arguments.get("q", "").replace("\0", " ").split())[:LONGEST],
        filters=filters,
        sort=sort if sort in SORTS else "",
        page=min(max(1, int(page)), 1_000_000) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
    )


def organisation_names(iris: list[str], published: Published, language: str) -> dict[str, texts.Text]:
    """Return the name of each organisation; the last part of its IRI where nobody gave one."""
    found = published.documents.many(iris)
    names: dict[str, texts.Text] = {}
    for iri in iris:
        document = found.get(iri)
        known = read(iri, document.text).texts(NAME, TITLE) if document else []
        names[iri] = texts.choose(known, language) or texts.Text(display.tail(iri))
    return names


def option_labels(facet: str, values: list[str], published: Published, language: str) -> dict[str, texts.Text]:
    """Return the name of each value of a facet in a language."""
    if facet == "publisher":
        return organisation_names(values, published, language)
    if facet == "source":
        titles = {item.name: texts.choose(list(item.title.items()), language) for item in published.sources}
        return {value: titles.get(value) or texts.Text(value) for value in values}
    if facet == "hvd":
        return {value: texts.Text(_("Yes") if value in ("true", "1") else _("No")) for value in values}
    if facet in ("licence", "format"):
        own = _own_names(values, published, language) if facet == "licence" else {}
        return _told_apart({value: own.get(value) or _name(facet, value, language) for value in values})
    return {value: display.concept(value, language) for value in values}


def _own_names(values: list[str], published: Published, language: str) -> dict[str, texts.Text]:
    """Return what sources call the licences that they describe and we do not know, by IRI."""
    wanted = [value for value in values if not authority.labels(value) and not known_names.of(value)]
    found = published.documents.many(wanted)
    names = {
        iri: texts.choose(read(iri, document.text).texts(*links.NAMES), language) for iri, document in found.items()
    }
    return {iri: name for iri, name in names.items() if name}


def _name(facet: str, value: str, language: str) -> texts.Text:
    """Return the name of a licence or format; with its site where its last part ("v1.0", "447") would stand alone."""
    label = display.concept(value, language)
    is_bare = "://" in value and label.value == display.tail(value)
    return (
        texts.Text(display.site_and_tail(value)) if is_bare and (facet == "licence" or label.value.isdigit()) else label
    )


def _told_apart(names: dict[str, texts.Text]) -> dict[str, texts.Text]:
    """Say how the value is written where two of them have one name: "WMS" and "WMS (OGC:WMS)"."""
    seen: set[str] = set()
    made = {}
    for value, name in names.items():
        is_site = "://" in value and not value.startswith(AUTHORITY)
        written = display.site_and_tail(value) if is_site else display.tail(value)
        is_new = name.value.casefold() not in seen
        made[value] = name if is_new or written == name.value else replace(name, value=f"{name.value} ({written})")
        seen.add(name.value.casefold())
    return made


def build(
    found: Mapping[str, list[tuple[str, int]]], wanted: Wanted, published: Published, language: str
) -> list[Facet]:
    """Return the facets worth showing: those with at least two values, or with one that is chosen."""
    made = []
    for name in FACETS:
        counts = dict(found.get(name, ())[:MOST])
        chosen = wanted.filters.get(name, ())
        values = [*(value for value in chosen if value not in counts), *counts]
        if len(values) < 2 and not chosen:
            continue
        labels = option_labels(name, values, published, language)
        options = [
            Option(shorten(name, value), labels[value], counts.get(value, 0), value in chosen) for value in values
        ]
        options.sort(key=lambda item: not item.chosen)
        cut = max(SHOWN, sum(item.chosen for item in options))
        made.append(Facet(name, facet_label(name), options[:cut], options[cut:]))
    return made


def chosen_filters(wanted: Wanted, published: Published, language: str) -> list[Chosen]:
    """Return the filters in force, each with the way to take it back."""
    made = []
    for name, values in wanted.filters.items():
        labels = option_labels(name, list(values), published, language)
        made += [Chosen(facet_label(name), labels[value], wanted.without(name, value)) for value in values]
    return made
