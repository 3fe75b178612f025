"""What is measured of descriptions, in words: dimensions, metrics and ratings of the European scale, own indicators.

Turns the definitions of ``ontology/mqa.toml`` (the Metadata Quality Assessment, https://data.europa.eu/mqa/methodology)
and ``ontology/indicators.toml`` into texts in the language of the request.
"""

import math
from functools import cache
from typing import Final

from maillon.quality import indicators, lists, mqa
from maillon.quality.lists import Dimension, Metric, Rating
from maillon.records import Texts
from maillon.web import display
from maillon.web.wording import _

MQA: Final = "https://data.europa.eu/mqa/methodology"


@cache
def most() -> int:
    """Return the points of a perfect description: 405."""
    return sum(item.points for item in lists.metrics())


@cache
def metric(name: str) -> Metric | None:
    """Return a metric of the European scale by its name in ``pv:``."""
    return next((item for item in lists.metrics() if item.name == name), None)


@cache
def dimension(name: str) -> Dimension | None:
    """Return a dimension of the European scale by its name in ``pv:``."""
    return next((item for item in lists.dimensions() if item.name == name), None)


def rating(points: float) -> Rating:
    """Return the rating of points, whole or mean."""
    found = mqa.rating(points)
    return next(item for item in lists.ratings() if item.name == found)


def whole(points: float) -> int:
    """Return points as they are shown: halves are rounded up, as for the rating."""
    return math.floor(points + 0.5)


def said(texts: Texts, language: str) -> str:
    """Return a text of the definitions in a language, else in English."""
    return texts.get(language) or texts.get("en", "")


def rating_name(item: Rating, language: str) -> str:
    """Return what a rating is called, as the first word of a sentence."""
    text = said(item.label, language)
    return text[:1].upper() + text[1:]


def name(measure: str, language: str) -> str:
    """Return what a dimension, metric or indicator is called; its machine name where nobody defines it."""
    found = dimension(measure) or metric(measure)
    if found is not None:
        return said(found.label, language)
    own = indicators.definitions().get(measure)
    return said(own.title, language) if own else measure


def reason(dimension_name: str) -> str:
    """Return why a dimension matters."""
    reasons = {
        "findability": _("Keywords, a theme, a place and a period are what people search and filter by."),
        "accessibility": _("A description is worth little if its file cannot be fetched."),
        "interoperability": _("Programs can combine data only where the format is named, open and fit for machines."),
        "reusability": _("Without a licence, a contact and a publisher nobody knows what may be done with the data."),
        "contextuality": _("Rights, size and dates tell whether it is worth fetching the data."),
    }
    return reasons.get(dimension_name, "")


def formula(item: Metric, language: str) -> str:
    """Return how the points of a metric are worked out."""
    values = {
        "points": display.number(item.points, language),
        "property": ", ".join(item.properties),
        "on": _("the dataset") if item.on == "dataset" else _("its best file"),
    }
    if item.on == "either":
        return _("%(points)s points where the best file, else the dataset, has a value for %(property)s.", **values)
    texts = {
        "present": _("%(points)s points where %(on)s has a value for %(property)s.", **values),
        "reachable": _(
            "%(points)s points where %(on)s has an address in %(property)s that answers with 200 to 299.", **values
        ),
        "some": _("%(points)s points where %(on)s has a value of the list in %(property)s.", **values),
        "each": _("%(points)s points where %(on)s has values of the lists in all of %(property)s.", **values),
        "compliant": _("%(points)s points where validation finds no violation of DCAT-AP.", **values),
    }
    return texts.get(item.test, "")
