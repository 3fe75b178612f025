"""The blueprint of all pages: their language from the address, their validators from the snapshot."""

from typing import Any

from flask import Blueprint, g

from maillon.settings import LANGUAGES
from maillon.web import headers, languages

blueprint = Blueprint("pages", __name__, url_prefix=f"/<any({', '.join(LANGUAGES)}):language>")


@blueprint.url_value_preprocessor
def take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the language of the address for the request, so that views need no argument for it."""
    g.language = values.pop("language") if values else languages.current()


@blueprint.app_url_defaults
def give_language(endpoint: str, values: dict[str, Any]) -> None:
    """Add the request's language to the addresses of other pages."""
    if endpoint.startswith("pages."):
        values.setdefault("language", g.get("language") or languages.current())


blueprint.before_request(headers.answer_unchanged)
blueprint.after_request(headers.mark_page)
