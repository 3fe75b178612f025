"""Turns a closure into our own indicators, stricter than the European score: from 0.0 (bad) to 1.0 (good) by name.

The European score asks whether something is stated (https://data.europa.eu/mqa/methodology); these ask whether it
holds: whether the data are as fresh as promised, the addresses work, both languages of the Region are there. What each
one means, why, and how it is measured stands with its lists of codes in ``ontology/indicators.toml``. Every indicator
is a pure function of the closure.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from pyoxigraph import Literal

from maillon import authority, identifiers, paths
from maillon.quality.freshness import Promise, freshness
from maillon.quality.values import Closure, Facts, Part
from maillon.records import Texts
from maillon.vocabulary import AUTHORITY

_FILE_TYPE: Final = AUTHORITY + "file-type/"
_LICENCE: Final = AUTHORITY + "licence/"
_TEXTS: Final = ("dct:title", "dct:description")
_ADDRESSES: Final = ("dcat:downloadURL", "dcat:accessURL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What an indicator means, each text by language.

    Attributes:
        name: Machine name.
        title: A few words.
        what: What it says.
        why: Why it matters.
        how: How it is measured, and when it does not apply.
        formula: The same as a formula.
    """

    name: str
    title: Texts
    what: Texts
    why: Texts
    how: Texts
    formula: Texts


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads((paths.ONTOLOGY / "indicators.toml").read_text(encoding="utf-8"))


@cache
def definitions() -> Mapping[str, Definition]:
    """Return the definition of every indicator, by name, in the order in which they are shown."""
    return {item["name"]: Definition(**item) for item in _tables()["indicator"]}


@cache
def _set(table: str, name: str) -> frozenset[str]:
    return frozenset(_tables()[table][name])


@cache
def promise() -> Promise:
    """Return what each frequency promises."""
    return Promise(**_tables()["freshness"])


@lru_cache(maxsize=4_096)
def file_type(value: str) -> str:
    """Return the code of the EU file-type table for a format as written (IRI, media type or text); empty for none."""
    if value.startswith(_FILE_TYPE):
        return value.removeprefix(_FILE_TYPE)
    last = value.rstrip("/").rsplit("/", 1)[-1]
    found = authority.lookup("file-type", value) or authority.lookup("file-type", last)
    return found.removeprefix(_FILE_TYPE) if found else ""


def _file_types(part: Part) -> set[str]:
    values = (*part.facts.get("dct:format", ()), *part.facts.get("dcat:mediaType", ()))
    return {code for value in values if (code := file_type(value.value))}


def _everything(closure: Closure) -> Iterator[Facts]:
    yield closure.facts
    for part in closure.parts:
        yield part.facts


def _freshness(closure: Closure) -> float | None:
    return freshness(closure, promise())[0]


def _links(closure: Closure) -> float | None:
    states = closure.links.values()
    return sum(state.is_good for state in states) / len(states) if states else None


def _filled(facts: Facts, name: str) -> dict[str, float]:
    """Return by language 1.0 where a text is there, 0.5 where only a machine wrote it (tag ``fr-t-nl``)."""
    found: dict[str, float] = {}
    for value in facts.get(name, ()):
        if isinstance(value, Literal) and value.language and value.value.strip():
            primary, *rest = value.language.lower().split("-")
            found[primary] = max(found.get(primary, 0.0), 0.5 if "t" in rest else 1.0)
    return found


def _languages(closure: Closure) -> float | None:
    filled = [_filled(closure.facts, name) for name in _TEXTS]
    asked = _set("languages", "always") | (_set("languages", "begun") & set().union(*filled))
    return sum(texts.get(language, 0.0) for texts in filled for language in asked) / (len(asked) * len(filled))


def _works(part: Part, closure: Closure) -> bool:
    """Tell whether a distribution can be downloaded, for all that is known."""
    urls = [value.value for value in part.facts.get("dcat:downloadURL", ())]
    return any(url not in closure.links or closure.links[url].is_good for url in urls)


def _previewable(closure: Closure) -> float | None:
    types = _set("previewable", "types")
    parts = (part for part in closure.parts if "dcat:packageFormat" not in part.facts)
    return float(any(types & _file_types(part) and _works(part, closure) for part in parts))


def _standards(closure: Closure) -> set[str]:
    return {value.value for facts in _everything(closure) for value in facts.get("dct:conformsTo", ())}


def _joinable(closure: Closure) -> float | None:
    if not closure.parts:
        return None
    types = set().union(*map(_file_types, closure.parts))
    if types & _set("joinable", "linked"):
        return 1.0
    models = tuple(_set("joinable", "models"))
    is_coded = types & _set("joinable", "coded") or any(iri.startswith(models) for iri in _standards(closure))
    return 0.5 if is_coded else 0.0


def _documented(closure: Closure) -> float | None:
    if not any(_set("documented", "types") & _file_types(part) for part in closure.parts):
        return None
    pages = {value.value for facts in _everything(closure) for value in facts.get("foaf:page", ())}
    files = {v.value for part in closure.parts for name in _ADDRESSES for v in part.facts.get(name, ())}
    signs = _set("documented", "machine")
    if any(sign in iri.lower() for iri in (*pages, *files, *_standards(closure)) for sign in signs):
        return 1.0
    return 0.5 if pages else 0.0


def _stable(closure: Closure) -> float | None:
    if closure.key.startswith("x-") and closure.iri.startswith(("http://", "https://")):
        return 1.0
    stated = {value.value for value in closure.facts.get("dct:identifier", ())}
    last = closure.iri.rsplit("/", 1)[-1]
    is_own = closure.key.startswith("x-") or any(identifiers.segment(text) == last for text in stated)
    return 0.5 if is_own else 0.0


def _repaired(closure: Closure) -> float | None:
    values = sum(len(found) for facts in _everything(closure) for found in facts.values())
    return max(0.0, 1 - closure.repairs / values) if values else None


@lru_cache(maxsize=4_096)
def is_open(licence: str) -> bool:
    """Tell whether a licence is known to be at least as open as CC BY 4.0."""
    if licence in _set("open", "addresses"):
        return True
    found = authority.lookup("licence", licence)
    return found is not None and found.removeprefix(_LICENCE) in _set("open", "codes")


def _open(closure: Closure) -> float | None:
    own = closure.facts.get("dct:license", ())
    licences = [part.facts.get("dct:license", ()) or own for part in closure.parts] or [own]
    # Where there are several, all of them bind.
    return sum(bool(found) and all(is_open(item.value) for item in found) for found in licences) / len(licences)


def _unique(closure: Closure) -> float | None:
    return 1 / (1 + closure.twins)


_MEASURES: Final[Mapping[str, Callable[[Closure], float | None]]] = {
    "freshness": _freshness,
    "links": _links,
    "languages": _languages,
    "previewable": _previewable,
    "joinable": _joinable,
    "documented": _documented,
    "stable": _stable,
    "repaired": _repaired,
    "open": _open,
    "unique": _unique,
}
NAMES: Final = tuple(_MEASURES)
"""Machine names of the indicators, in the order in which they are shown."""


def measure(closure: Closure) -> dict[str, float | None]:
    """Return every indicator of a dataset by name, rounded to four digits; None where it does not apply."""
    found = {name: measured(closure) for name, measured in _MEASURES.items()}
    return {name: None if value is None else round(value, 4) for name, value in found.items()}


def due(closure: Closure) -> str:
    """Return the first day on which an indicator may differ though nothing changed, ISO 8601; empty where never."""
    return freshness(closure, promise())[1]
