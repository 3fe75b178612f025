"""profiles: which rules each profile has, and what DCAT-AP 2.1.1 finds that 3.0.1 does not, and the reverse."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from maillon import paths, validation
from maillon.errors import OperatorError
from maillon.records import Version
from maillon.validation import engine, profiles, shapes
from maillon.vocabulary import term

Make = Callable[[str], Version]

SHAPE = "urn:maillon:shape:"
OLD, NEW = "dcat-ap-2.1.1", "dcat-ap-3.0.1"
LANGUAGES = {"fr", "nl", "de", "en"}
ADDED = paths.SHAPES / "profiles" / "dcat-ap-2.1.1.ttl"
GEO = "http://data.europa.eu/930/"
XSD = "http://www.w3.org/2001/XMLSchema#"
EU = "http://publications.europa.eu/resource/authority/"
HIGH_VALUE = "<http://data.europa.eu/r5r/applicableLegislation> <http://data.europa.eu/eli/reg_impl/2023/138/oj>"


def triples_of(name: str) -> list[Triple]:
    return [quad.triple for quad in parse(profiles.text(name), RdfFormat.N_TRIPLES)]


def rules_of(name: str) -> set[str]:
    return {
        triple.subject.value.removeprefix(SHAPE)
        for triple in triples_of(name)
        if triple.predicate == term("sh:message") and isinstance(triple.subject, NamedNode)
    }


def found(name: str, version: Version) -> dict[str, str]:
    """Return severities by rule, as a profile finds them in a version."""
    items = validation.validate([version], profiles.engine(name))[version.hash]
    return {item.shape.removeprefix(SHAPE): item.severity for item in items}


def test_every_profile_has_a_title_in_four_languages_and_files_that_exist() -> None:
    assert list(profiles.PROFILES) == ["maillon", NEW, OLD, "dcat-ap-hvd-3.0.0", "geodcat-ap-3"]
    for name, profile in profiles.PROFILES.items():
        assert profile.name == name
        assert profile.title.keys() == LANGUAGES
        assert len(set(profile.title.values())) == 4
        assert all(path.is_file() for path in profile.files)
        assert len(profile.files) > 10


def test_the_default_profile_is_what_is_validated_with_everywhere() -> None:
    assert profiles.engine(profiles.DEFAULT) is engine.default()
    masked = [
        sorted(re.sub(r"_:\w+", "_:", line) for line in text.split("\n"))
        for text in (profiles.text(profiles.DEFAULT), shapes.text())
    ]
    assert masked[0] == masked[1]
    assert profiles.PROFILES[profiles.DEFAULT].files == sorted(paths.SHAPES.glob("*.ttl"))


def test_an_engine_is_compiled_once_and_an_unknown_name_says_which_there_are() -> None:
    assert profiles.engine(OLD) is profiles.engine(OLD)
    with pytest.raises(OperatorError, match=r"no profile 'dcat-ap-9': choose one of maillon, dcat-ap-3\.0\.1"):
        profiles.engine("dcat-ap-9")


def test_profiles_differ_in_the_rules_for_declared_and_geographic_data_and_in_the_gate() -> None:
    everything = rules_of("maillon")
    families = {name: {rule for rule in everything if rule.startswith(name)} for name in ("gate-", "hvd-", "geo-")}
    assert all(families.values())
    plain = everything - families["gate-"] - families["hvd-"] - families["geo-"]
    assert rules_of(NEW) == plain
    assert rules_of("dcat-ap-hvd-3.0.0") == plain | families["hvd-"]
    assert rules_of("geodcat-ap-3") == plain | families["geo-"]


def test_rules_left_out_under_2_1_1_exist_and_leave_nothing_of_themselves() -> None:
    left_out = profiles.PROFILES[OLD].without_rules
    known = rules_of(NEW)
    for pattern in left_out:
        assert any(fnmatchcase(rule, pattern) for rule in known), pattern
    triples = triples_of(OLD)
    named = {str(node).strip("<>").removeprefix(SHAPE) for item in triples for node in (item.subject, item.object)}
    assert not [name for name in named for pattern in left_out if fnmatchcase(name, pattern)]
    assert not [name for name in named if name.startswith(("dataset-series", "gate-", "hvd-", "geo-"))]
    used = {item.object for item in triples}
    assert all(item.subject in used for item in triples if isinstance(item.subject, BlankNode))


def test_rules_that_2_1_1_adds_speak_four_languages_and_name_where_they_are_written() -> None:
    spoken: dict[str, dict[str, str]] = {}
    severities, sources, rules = set(), set(), set()
    for quad in parse(ADDED.read_bytes(), RdfFormat.TURTLE):
        subject = str(quad.subject).strip("<>")
        if quad.predicate == term("sh:message") and isinstance(quad.object, Literal):
            spoken.setdefault(subject, {})[quad.object.language or ""] = quad.object.value
        if quad.predicate == term("sh:property"):
            rules.add(str(quad.object).strip("<>"))
        if quad.predicate == term("sh:severity"):
            severities.add(subject)
        if quad.predicate == term("rdfs:seeAlso"):
            sources.add(subject)
    assert spoken.keys() == severities == sources == rules
    for rule, texts in spoken.items():
        assert rule.startswith(f"{SHAPE}{OLD}-")
        assert texts.keys() == LANGUAGES
        assert all(text.count(".") >= 2 and text.endswith(".") for text in texts.values()), rule
        assert len(set(texts.values())) == 4
        for language in LANGUAGES:
            assert profiles.message(rule, language) == texts[language]


def test_messages_of_all_profiles_are_found_in_one_place() -> None:
    assert profiles.message(f"{SHAPE}dataset-title", "nl") == shapes.message(f"{SHAPE}dataset-title", "nl")
    assert profiles.message(f"{SHAPE}{OLD}-catalog-rights-single", "pt").startswith("The catalogue has several rights")
    assert profiles.message("urn:maillon:shape:gone", "fr") == "urn:maillon:shape:gone"


STRICTER_IN_2_1_1 = {
    "catalog-rights-single": (":c a dcat:Catalog ; dct:rights :r , :s", "Violation"),
    "catalog-is-part-of-single": (":c a dcat:Catalog ; dct:isPartOf :d , :e", "Violation"),
    "catalog-themes-list": (":c a dcat:Catalog ; dcat:themeTaxonomy :themes", "Warning"),
    "catalog-record-conforms-to-single": (":r a dcat:CatalogRecord ; dct:conformsTo :p , :q", "Violation"),
    "dataset-access-rights-code": (":d a dcat:Dataset ; dct:accessRights :open", "Violation"),
    "dataset-spatial-resolution-single": (":d a dcat:Dataset ; dcat:spatialResolutionInMeters 1.0 , 10.0", "Violation"),
    "dataset-version-info-single": (
        ":d a dcat:Dataset ; <http://www.w3.org/2002/07/owl#versionInfo> '1' , '2'",
        "Violation",
    ),
    "dataset-series-readable": (":s a dcat:DatasetSeries", "Info"),
    "distribution-rights-single": (":f a dcat:Distribution ; dct:rights :r , :s", "Violation"),
    "distribution-byte-size-decimal": (":f a dcat:Distribution ; dcat:byteSize '12 kB'", "Violation"),
}


@pytest.mark.parametrize(("rule", "example"), STRICTER_IN_2_1_1.items())
def test_what_only_2_1_1_finds(version: Make, rule: str, example: tuple[str, str]) -> None:
    bad = version(f"{example[0]} .")
    old = {name: severity for name, severity in found(OLD, bad).items() if name.startswith(f"{OLD}-")}
    # A catalogue without the list of themes has that finding beside the one looked for.
    assert old.pop(f"{OLD}-{rule}") == example[1]
    assert old.keys() <= {f"{OLD}-catalog-themes-list"}
    assert not [name for name in found(NEW, bad) if name.startswith(f"{OLD}-")]


def test_every_rule_of_2_1_1_has_an_example_here() -> None:
    assert {f"{OLD}-{name}" for name in STRICTER_IN_2_1_1} == {name for name in rules_of(OLD) if name.startswith(OLD)}


@pytest.mark.parametrize(
    "turtle",
    [
        f":c a dcat:Catalog ; dct:rights :r ; dct:isPartOf :d ; dcat:themeTaxonomy <{EU}data-theme> , :own",
        ":r a dcat:CatalogRecord ; dct:conformsTo :p",
        f":d a dcat:Dataset ; dct:accessRights <{EU}access-right/PUBLIC> ; dcat:spatialResolutionInMeters 1.0",
        ":s a dcat:DatasetSeries , dcat:Dataset",
        f":f a dcat:Distribution ; dct:rights :r ; dcat:byteSize '12'^^<{XSD}nonNegativeInteger>",
        f":f a dcat:Distribution ; dcat:byteSize '12.0'^^<{XSD}decimal>",
    ],
)
def test_what_2_1_1_allows_has_no_finding_of_its_own(version: Make, turtle: str) -> None:
    assert not [name for name in found(OLD, version(f"{turtle} .")) if name.startswith(f"{OLD}-")]


@pytest.mark.parametrize(
    ("turtle", "rule"),
    [
        (":i a <http://www.w3.org/ns/adms#Identifier>", "identifier-notation"),
        (f":f a dcat:Distribution ; dcat:byteSize '12'^^<{XSD}decimal>", "distribution-byte-size-number"),
        (":d a dcat:Dataset ; dcat:version '1' , '2'", "dataset-version-single"),
        (":d a dcat:Dataset ; dcat:inSeries 'the series'", "dataset-in-series-node"),
        (":a a dcat:DataService", "data-service-theme"),
        (":s a dcat:DatasetSeries", "dataset-series-title"),
    ],
)
def test_what_only_3_0_1_finds(version: Make, turtle: str, rule: str) -> None:
    bad = version(f"{turtle} .")
    assert rule in found(NEW, bad)
    assert rule not in found(OLD, bad)


def test_rules_on_declared_and_geographic_data_are_found_only_in_their_profiles(version: Make) -> None:
    both = version(f":d a dcat:Dataset ; {HIGH_VALUE} ; <{GEO}topicCategory> :t .")
    families = {
        name: {rule.split("-", 1)[0] for rule in found(name, both)} & {"hvd", "geo"} for name in profiles.PROFILES
    }
    assert families == {
        "maillon": {"hvd", "geo"},
        NEW: set(),
        OLD: set(),
        "dcat-ap-hvd-3.0.0": {"hvd"},
        "geodcat-ap-3": {"geo"},
    }
