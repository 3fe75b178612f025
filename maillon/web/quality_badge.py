"""The badge of a source or an organisation for its own site: ``metadata: Good · 287/405``, as SVG.

Turns a mean score into a picture of SVG 2 (https://www.w3.org/TR/SVG2/) that needs no font and no script, at an address
of its own: ``/badge/source/<name>.svg?lang=nl``. Texts are fitted to the places made for them, whatever font is there.
"""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import force_locale

from maillon.settings import LANGUAGES
from maillon.web import display, negotiation, quality_places, quality_words
from maillon.web.current import snapshot
from maillon.web.quality_rules import printable
from maillon.web.wording import _

SECONDS: Final = 3600
"""How long a badge may be kept."""

_COLOURS: Final = {
    "excellent": "#14622f", "good": "#1f5f8b", "sufficient": "#7a5200", "bad": "#9c1f1f", "": "#5a5a5a",
}  # fmt: skip
"""Backgrounds on which white text has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

_NARROW: Final = frozenset("iljtfrI.,:;|!·/ ()'")
_WIDE: Final = frozenset("mwMW%")

blueprint = Blueprint("quality_badge", __name__)
blueprint.after_request(negotiation.open_to_all)


@dataclass(frozen=True, slots=True)
class Badge:
    """What ``templates/partials/badge.svg`` draws.

    Attributes:
        title: What it says, with whose it is, for those who do not see it.
        left: Text of the left half.
        right: Text of the right half.
        colour: Background of the right half.
        left_width: Width of the left text in units.
        right_width: Width of the right text in units.
    """

    title: str
    left: str
    right: str
    colour: str
    left_width: int
    right_width: int


def width(text: str) -> int:
    """Return about how wide a text is at a height of 11 units in a sans-serif font."""
    return round(sum(3.6 if sign in _NARROW else 9.5 if sign in _WIDE else 6.6 for sign in text))


def badge(name: str, points: float | None, language: str) -> Badge:
    """Return the badge of something by its mean points; None where it was not measured."""
    left, css, right = _("metadata"), "", _("not measured")
    if points is not None:
        rating = quality_words.rating(points)
        shown = [display.number(item, language) for item in (quality_words.whole(points), quality_words.most())]
        css, right = rating.name.lower(), f"{quality_words.rating_name(rating, language)} · {shown[0]}/{shown[1]}"
    return Badge(f"{printable(name)} – {left}: {right}", left, right, _COLOURS[css], width(left), width(right))


@blueprint.get("/badge/<any(source, organisation):kind>/<path:segment>.svg")
def show(kind: str, segment: str) -> Response:
    """Answer the badge of a source or an organisation."""
    settings, published = current_app.config["MAILLON"], snapshot()
    asked = request.args.get("lang", "")
    language = asked if asked in LANGUAGES else settings.default_language
    manifest = published.snapshot.manifest
    entity_tag = negotiation.tag(manifest.number, manifest.content, current_app.config["MAILLON_BUILD"], language)
    response = negotiation.unchanged(entity_tag)
    if response is None:
        with force_locale(language):
            place = quality_places.find(kind, segment, published, language)
            scope = quality_places.scope(place, published)
            made = badge(place.title.value, scope.points if scope else None, language)
            picture = render_template("partials/badge.svg", badge=made, language=language)
        response = Response(picture, mimetype="image/svg+xml")
        response.set_etag(entity_tag, weak=True)
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
