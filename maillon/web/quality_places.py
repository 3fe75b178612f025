"""Of what quality is told: the catalogue, a source or an organisation, with the addresses of their pages and files.

Turns the names in addresses into scopes of ``maillon.quality.values`` and back.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from flask import abort, current_app, request, url_for

from maillon.quality.values import Scope
from maillon.store.documents import PUBLISHED
from maillon.web import links, quality_data, texts
from maillon.web.current import Published
from maillon.web.texts import Text
from maillon.web.wording import _

CATALOGUE: Final = "catalogue"
SOURCE: Final = "source"
ORGANISATION: Final = "organisation"
KINDS: Final = (SOURCE, ORGANISATION)


@dataclass(frozen=True, slots=True)
class Place:
    """The catalogue, a source or an organisation.

    Attributes:
        kind: ``catalogue``, ``source`` or ``organisation``.
        key: Name of the source, IRI of the organisation, empty for the catalogue.
        segment: What stands for it in addresses of pages, empty for the catalogue.
        title: What it is called.
        href: Address of its page.
    """

    kind: str
    key: str
    segment: str
    title: Text
    href: str

    def address(self, what: str, **parameters: str) -> str:
        """Return the address of ``report``, ``findings``, ``table`` (with ``extension``) or ``feed``."""
        given = {name: value for name, value in parameters.items() if value}
        if self.kind == SOURCE:
            given["name"] = self.segment
        if self.kind == ORGANISATION:
            given["key"] = self.segment
        return url_for(f"pages.{self.kind}_{what}", **given)  # type: ignore[arg-type]  # _external is not among them

    @property
    def badge(self) -> str:
        """Return the path of its badge."""
        return f"{request.script_root}/badge/{self.kind}/{quote(self.segment)}.svg"


def catalogue() -> Place:
    """Return the catalogue as a whole."""
    return Place(CATALOGUE, "", "", Text(current_app.config["MAILLON"].title), url_for("pages.quality"))


def source(name: str, published: Published, language: str) -> Place:
    """Return a source by its name; aborts with 404 where there is none."""
    info = next((item for item in published.sources if item.name == name), None)
    if info is None:
        abort(404)
    title = texts.choose(list(info.title.items()), language) or Text(name)
    return Place(SOURCE, name, name, title, url_for("pages.source", name=name))


def organisation(key: str, published: Published, language: str) -> Place:
    """Return an organisation by its key in our addresses; aborts with 404 where there is none, 410 where it is gone."""
    document = published.documents.find("organisation", key)
    if document is None:
        abort(404)
    if document.state not in PUBLISHED:
        abort(410)
    return Place(ORGANISATION, document.iri, key, links.name(document, language), links.page("organisation", key))


def find(kind: str, segment: str, published: Published, language: str) -> Place:
    """Return a source or an organisation by kind and what stands for it in addresses."""
    return (source if kind == SOURCE else organisation)(segment, published, language)


def scope(place: Place, published: Published) -> Scope | None:
    """Return what was measured of it; None where it has no datasets or nothing was measured."""
    return quality_data.of(published).scope(place.kind, place.key)


def name_of_kind(kind: str) -> str:
    """Return what a kind is called in the language of the request."""
    return {CATALOGUE: _("Catalogue"), SOURCE: _("Source")}.get(kind) or _("Organisation")
