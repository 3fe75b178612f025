"""Values as people read them: dates, sizes, numbers, names of concepts, links that may be followed.

Turns lexical forms and IRIs of the graph into text in the visitor's language with the rules of Unicode CLDR (Babel).
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import unquote, urlsplit

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from maillon import authority
from maillon.web import known_names, texts
from maillon.web.texts import Text
from maillon.web.wording import _, ngettext

_FOLLOWED: Final = ("http", "https", "ftp", "ftps")
_YEAR: Final = re.compile(r"-?\d{4}(?:Z|[+-]\d\d:\d\d)?")
_MONTH: Final = re.compile(r"(\d{4})-(\d\d)(?:Z|[+-]\d\d:\d\d)?")
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*|Z|[+-]\d\d:\d\d)?")
_REGIONS: Final = {"en": "en_GB"}
"""Whose dates a language has here: 1 March 2024, not March 1, 2024."""
_SHORT: Final = 9
"""Characters below which the last part of a path says too little."""
_UNITS: Final = {"fr": ("octets", "ko", "Mo", "Go", "To")}
_UNITS_ELSEWHERE: Final = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Link:
    """Something with a name and perhaps an address.

    Attributes:
        label: What is shown.
        href: Address to follow, empty where it is not safe or not known.
        iri: The thing itself, empty for a mere text.
        outside: Whether the address leads to another site.
    """

    label: Text
    href: str = ""
    iri: str = ""
    outside: bool = False


def followed(address: str) -> str:
    """Return an address if a browser may be sent there (http, https, ftp with a host), else nothing."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return address.strip() if parts.scheme.lower() in _FOLLOWED and parts.netloc else ""


def host(address: str) -> str:
    """Return the host of an address, without ``www.``."""
    return (urlsplit(address).hostname or "").removeprefix("www.")


def number(value: float, language: str) -> str:
    """Return a number with the separators of a language."""
    return str(format_decimal(value, locale=language))


def datasets(count: int, language: str) -> str:
    """Return a number of datasets in words."""
    return str(ngettext("%(count)s dataset", "%(count)s datasets", count, count=number(count, language)))


def size(octets: str, language: str) -> str:
    """Return a size in octets (a decimal lexical form) in the unit that suits it; as it is where it is no number."""
    try:
        value = float(octets)
    except ValueError:
        return octets
    if not math.isfinite(value):
        return octets
    units = _UNITS.get(language, _UNITS_ELSEWHERE)
    step = 0
    while abs(value) >= 1000 and step < len(units) - 1:
        value /= 1000
        step += 1
    shown = format_decimal(value, locale=language, format="#,##0.#" if step and value < 100 else "#,##0")
    return f"{shown}\u00a0{units[step]}"


def moment(value: str, language: str) -> str:
    """Return a year, month, day or time stamp (ISO 8601, XML Schema) as a date in words; else the text as it is."""
    value = value.strip()
    try:
        if match := _MONTH.fullmatch(value):
            first = date(int(match[1]), int(match[2]), 1)
            return str(format_skeleton("yMMMM", datetime(first.year, first.month, 1), locale=language))  # noqa: DTZ001
        if match := _DAY.fullmatch(value):
            return str(format_date(date.fromisoformat(match[1]), "long", locale=_REGIONS.get(language, language)))
    except ValueError:
        return value
    return value[: -len("Z")] if _YEAR.fullmatch(value) and value.endswith("Z") else value


def tail(iri: str) -> str:
    """Return the last part of an IRI, the best name where nobody gave one."""
    rest = re.split(r"[/#=]", iri.rstrip("/#="))[-1]
    return unquote(rest) or iri


def concept(iri: str, language: str) -> Text:
    """Return the name of a concept of a controlled vocabulary; the last part of its IRI where it has none for us."""
    if not iri.lower().startswith(("http://", "https://", "urn:")):
        return Text(known_names.protocol(iri) or iri)
    found = known_names.of(iri) or authority.label(iri, language) or known_names.protocol(tail(iri))
    return Text(found) if found else Text(tail(iri))


def site_and_tail(iri: str) -> str:
    """Return the host of an address and the end of its path: "v1.0" or "447" alone name nothing.

    Two parts of the path where the last is short (data.gov.be: ``.../taxonomy/term/447``, ``.../license/cbe/full``).
    """
    site, *path = [part for part in unquote(iri).partition("://")[2].split("/") if part] or [""]
    shown = "/".join(path[-2:] if path and len(path[-1]) < _SHORT else path[-1:])
    return " – ".join(part for part in (site.removeprefix("www."), shown) if part) or iri


def concepts(iris: Iterable[str], language: str) -> list[Link]:
    """Return links to concepts by name, each name once (portals send the same theme under two IRIs)."""
    found: dict[str, Link] = {}
    for iri in iris:
        label = concept(iri, language)
        found.setdefault(label.value.casefold(), Link(label, followed(iri), iri, outside=True))
    return list(found.values())


def language_name(tag: str, language: str) -> str:
    """Return the name of a language in a language: ``nl`` in French is "néerlandais"."""
    primary = texts.split_tag(tag)[0]
    try:
        return Locale.parse(primary).get_display_name(language) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def kind_name(kind: str) -> str:
    """Return the name of a kind of entities (``identifiers.KINDS``) in the language of the request."""
    names = {
        "catalog": _("Catalogue"),
        "record": _("Catalogue record"),
        "dataset": _("Dataset"),
        "distribution": _("File or service of a dataset"),
        "service": _("Data service"),
        "series": _("Dataset series"),
        "data": _("Item of open data"),
        "organisation": _("Organisation"),
        "contact": _("Contact point"),
    }
    return names.get(kind) or _("Other resource")
