"""The page about the catalogue, with the accessibility statement (Directive (EU) 2016/2102)."""

from dataclasses import dataclass

from flask import current_app, render_template

import maillon
from maillon.web.current import snapshot
from maillon.web.pages.blueprint import blueprint


@dataclass(frozen=True, slots=True)
class AboutPage:
    """What ``templates/pages/about.html`` shows.

    Attributes:
        publisher: Name of the body that publishes the catalogue.
        version: Version of Maillon.
        snapshot: Number of the snapshot shown.
        base: The base IRI, where the catalogue's own IRIs live.
    """

    publisher: str
    version: str
    snapshot: int
    base: str


@blueprint.get("/about")
def about() -> str:
    """Show what this catalogue is and how accessible it is."""
    settings = current_app.config["MAILLON"]
    page = AboutPage(settings.publisher, maillon.__version__, snapshot().snapshot.number, settings.base_iri)
    return render_template("pages/about.html", page=page)
