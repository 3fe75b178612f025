"""Turns the name of a profile into the shapes that it checks: all of ours, or those of one European specification.

data.europa.eu still names DCAT-AP 2.1.1 and reads DCAT-AP 3; a publisher may be asked for either, or for the rules on
high-value or geographic data. A profile is a choice among the files of ``shapes/``, without some rules, and for 2.1.1
with the rules of ``shapes/profiles/dcat-ap-2.1.1.ttl``: those that 3.0.1 gave up (the two specifications compared:
https://semiceu.github.io/DCAT-AP/releases/3.0.1/, https://github.com/SEMICeu/DCAT-AP/tree/master/releases/2.1.1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from maillon import paths
from maillon.errors import OperatorError
from maillon.validation import engine as engines
from maillon.validation import shapes
from maillon.validation.engine import Engine
from maillon.vocabulary import term

DEFAULT: Final = "maillon"
"""All rules: the gate, DCAT-AP 3.0.1, and what applies to resources declared high-value or recognised as geographic."""

_FOLDER: Final = paths.SHAPES / "profiles"
_SHAPE: Final = "urn:maillon:shape:"
_PROPERTY: Final = term("sh:property")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A choice of rules.

    Attributes:
        name: As the command line gives it.
        title: What it is, by language (fr, nl, de, en).
        without_files: Patterns of the names of files of ``shapes/`` that are left out.
        with_files: Names of files of ``shapes/profiles/`` that are added.
        without_rules: Patterns of rules left out, without ``urn:maillon:shape:``.
    """

    name: str
    title: Mapping[str, str] = field(default_factory=dict)
    without_files: tuple[str, ...] = ()
    with_files: tuple[str, ...] = ()
    without_rules: tuple[str, ...] = ()

    @property
    def files(self) -> list[Path]:
        """The files of its shapes, in a fixed order."""
        kept = [path for path in sorted(paths.SHAPES.glob("*.ttl")) if not _matches(path.name, self.without_files)]
        return kept + [_FOLDER / name for name in self.with_files]


# What 3.0.1 (3.0.0 already, but for dct:rights) asks and 2.1.1 does not: classes and properties that it does not know,
# and rows whose number or kind of values was changed. What it asks instead is in shapes/profiles/dcat-ap-2.1.1.ttl.
_NOT_IN_2_1_1: Final = (
    "*-legislation-node",  # dcatap:applicableLegislation came with HVD
    "catalog-temporal-node",
    "dataset-access-rights-code",  # must, not only should, be a code
    "dataset-has-version-node", "dataset-in-series-node", "dataset-version-literal", "dataset-version-single",  # dcat:
    "distribution-byte-size-number",  # xsd:decimal, not xsd:nonNegativeInteger
    "identifier-notation",  # 0..1, not 1
    *(f"data-service-{row}*" for row in (
        "conforms-to", "contact-point", "documentation", "format", "keyword", "landing-page", "publisher", "theme")),
)  # fmt: skip

_BEYOND_DCAT_AP: Final = ("gate.ttl", "hvd-*.ttl", "geo-*.ttl")


def _titled(name: str, fr: str, nl: str, de: str, en: str) -> Mapping[str, str]:
    return MappingProxyType(
        {"fr": f"{name} : {fr}", "nl": f"{name}: {nl}", "de": f"{name}: {de}", "en": f"{name}: {en}"}
    )


PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile(
                name=DEFAULT,
                title=_titled(
                    "Maillon",
                    "toutes les règles de ce portail",
                    "alle regels van dit portaal",
                    "alle Regeln dieses Portals",
                    "all rules of this portal",
                ),
            ),
            Profile(
                name="dcat-ap-3.0.1",
                title=_titled(
                    "DCAT-AP 3.0.1",
                    "le profil européen en vigueur",
                    "het geldende Europese profiel",
                    "das geltende europäische Profil",
                    "the European profile in force",
                ),
                without_files=_BEYOND_DCAT_AP,
            ),
            Profile(
                name="dcat-ap-2.1.1",
                title=_titled(
                    "DCAT-AP 2.1.1",
                    "le profil européen précédent",
                    "het vorige Europese profiel",
                    "das vorige europäische Profil",
                    "the European profile before it",
                ),
                without_files=(*_BEYOND_DCAT_AP, "dataset-series*.ttl"),
                with_files=("dcat-ap-2.1.1.ttl",),
                without_rules=_NOT_IN_2_1_1,
            ),
            Profile(
                name="dcat-ap-hvd-3.0.0",
                title=_titled(
                    "DCAT-AP HVD 3.0.0",
                    "DCAT-AP et les jeux de données de forte valeur",
                    "DCAT-AP en hoogwaardige datasets",
                    "DCAT-AP und hochwertige Datensätze",
                    "DCAT-AP and high-value datasets",
                ),
                without_files=("gate.ttl", "geo-*.ttl"),
            ),
            Profile(
                name="geodcat-ap-3",
                title=_titled(
                    "GeoDCAT-AP 3",
                    "DCAT-AP et l'essentiel pour les données géographiques",
                    "DCAT-AP en het belangrijkste voor geografische gegevens",
                    "DCAT-AP und das Wesentliche für Geodaten",
                    "DCAT-AP and the essentials for geographic data",
                ),
                without_files=("gate.ttl", "hvd-*.ttl"),
            ),
        )
    }
)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _profile(name: str) -> Profile:
    try:
        return PROFILES[name]
    except KeyError:
        raise OperatorError(f"There is no profile {name!r}: choose one of {', '.join(PROFILES)}.") from None


def _triples(path: Path) -> list[Triple]:
    try:
        return [quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)]
    except (SyntaxError, OSError) as error:
        raise OperatorError(f"Shapes file {path.name} cannot be read: correct it. {error}") from error


def _without(triples: list[Triple], patterns: tuple[str, ...]) -> list[Triple]:
    """Return the triples without the rules that match, and without the anonymous parts that only these had."""

    def is_left_out(node: object) -> bool:
        return isinstance(node, NamedNode) and _matches(node.value.removeprefix(_SHAPE), patterns)

    kept = [
        item
        for item in triples
        if not is_left_out(item.subject) and not (item.predicate == _PROPERTY and is_left_out(item.object))
    ]
    while True:
        used = {item.object for item in kept if isinstance(item.object, BlankNode)}
        fewer = [item for item in kept if not isinstance(item.subject, BlankNode) or item.subject in used]
        if len(fewer) == len(kept):
            return kept
        kept = fewer


def text(name: str) -> str:
    """Return the shapes of a profile as N-Triples, for an engine.

    Raises:
        OperatorError: There is no such profile, or a file cannot be read.
    """
    profile = _profile(name)
    if name == DEFAULT:
        return shapes.text()
    triples = [triple for path in profile.files for triple in _triples(path)]
    return "".join(f"{triple} .\n" for triple in _without(triples, profile.without_rules))


def engine(name: str) -> Engine:
    """Return the engine of a profile, compiled once; that of the default profile is the engine of this process.

    Texts have to get their marks (``marks.marked``) before they are given to it, as ``attribution`` does.

    Raises:
        OperatorError: There is no such profile, its shapes are wrong, or there is no engine at all.
    """
    return engines.default() if name == DEFAULT else _compiled(name)


@cache
def _compiled(name: str) -> Engine:
    return engines.of(text(name))


def message(shape_iri: str, language: str) -> str:
    """Return what a rule says to people, whichever profile it is of; arguments and answer as ``shapes.message``."""
    found = shapes.message(shape_iri, language)
    return found if found != shape_iri else shapes.message(shape_iri, language, _FOLDER)
