"""The languages of the interface: which one a request is in, and the same page in another.

Turns the first path segment (``/fr/...``), else ``Accept-Language`` (RFC 9110, section 12.5.4), into one of the four
languages of ``settings.LANGUAGES``. Nothing is kept about the visitor: the address alone decides.
"""

from typing import Final
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for
from flask_babel import Babel

from maillon import paths
from maillon.settings import LANGUAGES

_BY_PARAMETER: Final = ("sparql.sparql", "short_queries.answer")
"""Pages whose language is a parameter, not a part of the path."""
NAMES: Final[dict[str, str]] = {"fr": "Français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}
"""Each language by its own name, as the language menu shows it."""


def preferred() -> str:
    """Return the language that the visitor's browser asks for, else the setting ``default_language``."""
    default: str = current_app.config["MAILLON"].default_language
    # The default comes first: it is what `*` and equal weights get.
    order = [default, *(language for language in LANGUAGES if language != default)]
    return request.accept_languages.best_match(order, default) if request.accept_languages else default


def current() -> str:
    """Return the language of this request: that of its address, else the preferred one."""
    first = request.path.split("/", 2)[1]
    return first if first in LANGUAGES else preferred()


def install(app: Flask) -> None:
    """Set up gettext for an application; the catalogues are ``templates/translations/<language>``."""
    app.config["BABEL_DEFAULT_LOCALE"] = app.config["MAILLON"].default_language
    Babel(app, locale_selector=current, default_translation_directories=str(paths.TEMPLATES / "translations"))


def alternatives() -> dict[str, str]:
    """Return the address of this page in each language; its own query stays. Home where a page has no such address."""
    endpoint, place = request.endpoint or "", request.view_args
    if endpoint in _BY_PARAMETER and request.method == "GET":
        kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
        own = url_for(endpoint, **(place or {}))
        return {language: f"{own}?{urlencode([*kept, ('lang', language)])}" for language in LANGUAGES}
    if not endpoint.startswith("pages.") or place is None:
        return {language: url_for("pages.home", language=language) for language in LANGUAGES}
    query = urlencode(list(request.args.items(multi=True)))
    return {
        language: url_for(endpoint, **{**place, "language": language}) + (f"?{query}" if query else "")
        for language in LANGUAGES
    }
