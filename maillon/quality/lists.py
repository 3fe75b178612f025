"""Reads what data.europa.eu counts and how much (``ontology/mqa.toml``): metrics, points, ratings and lists of values.

Weights and lists are data because data.europa.eu changes them. The lists look values up in the code lists of
``ontology/authority/`` (EU Vocabularies, IANA media types).
https://data.europa.eu/mqa/methodology
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from maillon import paths
from maillon.vocabulary import term

PV: Final = "https://piveau.eu/ns/voc#"
"""Namespace of the metrics and dimensions of data.europa.eu."""

_IANA: Final = "www.iana.org/assignments/media-types/"
_NOTATION: Final = term("skos:notation")
_IN_SCHEME: Final = term("skos:inScheme")
_LISTED: Final = term("skos:hasTopConcept")

Texts = Mapping[str, str]
"""A text in fr, nl, de and en."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One thing that data.europa.eu counts.

    Attributes:
        name: Its name in ``pv:``.
        dimension: Name of its dimension.
        on: ``dataset``, ``distribution``, or ``either``: the best distribution where it is described, else the dataset.
        test: ``present``, ``reachable``, ``some``, ``each`` or ``compliant``; see the file.
        properties: Prefixed names of the properties it looks at.
        lists: Names of the lists: one for all properties, or one for each.
        points: What it is worth.
        label: What it is called.
        definition: When it is met.
    """

    name: str
    dimension: str
    on: str
    test: str
    properties: tuple[str, ...]
    lists: tuple[str, ...]
    points: int
    label: Texts
    definition: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A group of metrics.

    Attributes:
        name: Its name in ``pv:``.
        maximum: Most points that can be had in it.
        label: What it is called.
        definition: What it is about.
    """

    name: str
    maximum: int
    label: Texts
    definition: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A word for a range of points.

    Attributes:
        name: The word that data.europa.eu uses, in English.
        least: Fewest points that earn it.
        label: What it is called.
    """

    name: str
    least: int
    label: Texts


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of values.

    Attributes:
        iris: IRIs in it.
        codes: Codes in it, folded; a text that is one of them counts as in the list. Empty where texts do not count.
    """

    iris: frozenset[str]
    codes: frozenset[str]

    def holds(self, value: Literal | NamedNode | BlankNode) -> bool:
        """Tell whether a value is in the list; parameters of a media type ("text/csv;charset=utf-8") are no matter."""
        if isinstance(value, Literal):
            return bool(self.codes) and value.value.partition(";")[0].strip().casefold() in self.codes
        return value.value in self.iris


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads((paths.ONTOLOGY / "mqa.toml").read_text(encoding="utf-8"))


@cache
def metrics() -> tuple[Metric, ...]:
    """Return all metrics, by dimension, in the order of the methodology."""
    return tuple(
        Metric(**{**row, "properties": tuple(row["properties"]), "lists": tuple(row.get("lists", ()))})
        for row in _file()["metrics"]
    )


@cache
def dimensions() -> tuple[Dimension, ...]:
    """Return the dimensions, in the order of the methodology."""
    return tuple(Dimension(**row) for row in _file()["dimensions"])


@cache
def ratings() -> tuple[Rating, ...]:
    """Return the ratings, the best first."""
    return tuple(Rating(**row) for row in _file()["ratings"])


@cache
def terms() -> Mapping[str, tuple[Texts, Texts]]:
    """Return label and definition of what is said beside the metrics, by name."""
    return {name: (row["label"], row["definition"]) for name, row in _file()["terms"].items()}


@cache
def other_profiles() -> tuple[str, ...]:
    """Return how the IRIs of shapes start that are about other profiles than DCAT-AP."""
    return tuple(_file()["compliance"]["other"])


def _spellings(iri: str) -> Iterator[str]:
    """Yield an IRI; that of an IANA type with both protocols, as catalogues write them."""
    yield iri
    if _IANA in iri:
        yield iri.replace("https:", "http:", 1) if iri.startswith("https:") else iri.replace("http:", "https:", 1)


def _concepts(table: str) -> dict[str, str]:
    """Return the code of each concept of a table by its IRI, deprecated concepts too."""
    found: dict[str, str] = {}
    for quad in parse((paths.ONTOLOGY / "authority" / f"{table}.ttl").read_bytes(), RdfFormat.TURTLE):
        subject, value = quad.subject.value, quad.object
        if quad.predicate == _NOTATION and isinstance(value, Literal):
            found[subject] = value.value
        elif quad.predicate == _IN_SCHEME:
            found.setdefault(subject, "")
        elif quad.predicate == _LISTED and isinstance(value, NamedNode):
            found.setdefault(value.value, value.value.partition(_IANA)[2])
    return found


@cache
def listing(name: str) -> Listing:
    """Return a list of the file. Raises KeyError where it has none of this name."""
    row = _file()["lists"][name]
    wanted = frozenset(row.get("codes", ()))
    chosen = {iri: code for iri, code in _concepts(row["table"]).items() if not wanted or code in wanted}
    iris = {spelling for iri in [*chosen, *row.get("also", ())] for spelling in _spellings(iri)}
    codes = {code.casefold() for code in chosen.values() if code} if row.get("literals") else set()
    return Listing(frozenset(iris), frozenset(codes))
