"""The web application: pages for people, linked data, feeds and SPARQL, all read-only on the published snapshot."""

from typing import Any, Final

from flask import Flask, Response, current_app, redirect, request, url_for
from jinja2 import StrictUndefined

from maillon import paths
from maillon import settings as configuration
from maillon.settings import Settings
from maillon.web import (
    current,
    display,
    errors,
    feed,
    graph_store,
    headers,
    languages,
    limits,
    linked_data,
    operator,
    pages,
    quality_badge,
    repeated,
    saved_queries,
    short_queries,
    sparql,
    working,
)
from maillon.web.wording import _

LARGEST_FORM: Final = 2_000_000
"""Octets that a request body may have; SPARQL queries are the only bodies."""

MENU: Final = ("datasets", "organisations", "sources", "quality", "sparql", "about")


def _menu() -> list[tuple[str, str, bool]]:
    """Return name, address and whether it is the present one, of each page of the main menu."""
    names = {
        "datasets": _("Datasets"),
        "organisations": _("Organisations"),
        "sources": _("Sources"),
        "quality": _("Quality"),
        "sparql": _("SPARQL"),
        "about": _("About"),
    }
    return [(names[item], url_for(f"pages.{item}"), request.endpoint == f"pages.{item}") for item in MENU]


def _shared() -> dict[str, Any]:
    """Return what every template may use beside its page."""
    return {
        "site": current_app.config["MAILLON"],
        "language": languages.current(),
        "language_names": languages.NAMES,
        "alternatives": languages.alternatives,
        "menu": _menu,
        "style": url_for("static", filename="dist/maillon.css", v=current_app.config["MAILLON_BUILD"]),
        "icon": url_for("static", filename="favicon.svg", v=current_app.config["MAILLON_BUILD"]),
    }


def _root() -> Response:
    """Lead from ``/`` to the home page in the language that the browser asks for."""
    response = redirect(url_for("pages.home", language=languages.preferred()))
    response.vary.add("Accept-Language")
    return response  # type: ignore[return-value]  # Flask's own Response


def _robots() -> Response:
    """Keep crawlers out of the endless: queries, combinations of filters, patches. Every record has a plain address."""
    closed = ("/sparql", "/graphs", "/q", "/api/", "/*/queries/", "/*?", "/*/source/*/repairs.", "/*/findings.")
    return Response("User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in closed), mimetype="text/plain")


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application.

    Args:
        settings: Settings in force; default those of environment and settings file.
    """
    app = Flask("maillon.web", static_folder=str(paths.STATIC), template_folder=str(paths.TEMPLATES))
    app.config["MAILLON"] = settings or configuration.load()
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters["urlhost"] = display.host
    app.jinja_env.filters["number"] = display.number
    app.jinja_env.globals["kind_name"] = display.kind_name
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for part in (languages, current, errors):
        part.install(app)
    app.context_processor(_shared)
    app.add_url_rule("/", "root", _root)
    app.add_url_rule("/robots.txt", "robots", _robots)
    repeated.install(app)
    asking = (sparql.blueprint, graph_store.blueprint, saved_queries.blueprint, short_queries.blueprint)
    limits.install(app, *asking)
    reading = (pages.blueprint, linked_data.blueprint, feed.blueprint, quality_badge.blueprint)
    for blueprint in (*reading, *asking, working.blueprint, operator.blueprint):
        app.register_blueprint(blueprint)
    headers.install(app)
    return app
