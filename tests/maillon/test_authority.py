"""The controlled vocabularies: complete labels, unambiguous spellings, look-ups as sources write codes."""

import subprocess
import sys

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from maillon import authority
from maillon.vocabulary import AUTHORITY

SKOS = "http://www.w3.org/2004/02/skos/core#"
IANA = "https://www.iana.org/assignments/media-types/"
TABLES = sorted(path.stem for path in authority.graph_files())


@pytest.mark.parametrize(
    ("table", "text", "concept"),
    [
        ("file-type", "CSV", "file-type/CSV"),
        ("file-type", ".csv", "file-type/CSV"),
        ("file-type", "text/csv; charset=utf-8", "file-type/CSV"),
        ("file-type", "application/vnd.ms-excel", "file-type/XLS"),
        ("file-type", "Esri Shapefile", "file-type/SHP"),
        ("file-type", "page web", "file-type/HTML"),
        ("licence", "CC-BY-4.0", "licence/CC_BY_4_0"),
        ("licence", "cc-by", "licence/CC_BY_4_0"),
        ("licence", "https://creativecommons.org/licenses/by/4.0/deed.fr", "licence/CC_BY_4_0"),
        ("licence", "http://creativecommons.org/licenses/by/4.0/legalcode", "licence/CC_BY_4_0"),
        ("licence", "https://spdx.org/licenses/CC-BY-4.0", "licence/CC_BY_4_0"),
        ("licence", "https://creativecommons.org/licenses/by/3.0/at/deed.de", "licence/CC_BY_3_0_AT"),
        ("licence", "cc-zero", "licence/CC0"),
        ("licence", "etalab-2.0", "licence/ETALAB_2_0"),
        ("licence", "lov2", "licence/ETALAB_2_0"),
        ("licence", "odbl", "licence/ODC_BL"),
        ("frequency", "annuel", "frequency/ANNUAL"),
        ("frequency", "Jaarlijks", "frequency/ANNUAL"),
        ("frequency", "yearly", "frequency/ANNUAL"),
        ("frequency", "R/P1Y", "frequency/ANNUAL"),
        ("frequency", "jährlich", "frequency/ANNUAL"),
        ("frequency", "http://purl.org/cld/freq/daily", "frequency/DAILY"),
        ("language", "fr-BE", "language/FRA"),
        ("language", "ger", "language/DEU"),
        ("language", "Nederlands", "language/NLD"),
        ("access-right", "openbaar", "access-right/PUBLIC"),
        ("country", "Belgique", "country/BEL"),
        ("country", "be", "country/BEL"),
        ("data-theme", "Environnement", "data-theme/ENVI"),
        ("data-theme", AUTHORITY + "data-theme/EDUC#this", "data-theme/EDUC"),
        ("data-theme", "https://publications.europa.eu/resource/authority/data-theme/EDUC", "data-theme/EDUC"),
        ("planned-availability", "stable", "planned-availability/STABLE"),
        ("distribution-status", "http://purl.org/adms/status/Withdrawn", "distribution-status/WITHDRAWN"),
    ],
)
def test_a_code_is_found_however_it_is_spelt(table: str, text: str, concept: str) -> None:
    assert authority.lookup(table, text) == AUTHORITY + concept


@pytest.mark.parametrize(
    ("text", "media_type"),
    [("text/csv", "text/csv"), ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
     ("application/vnd.oma.bcast.ltkm", "application/vnd.oma.bcast.ltkm"),
     ("http://www.iana.org/assignments/media-types/image/png", "image/png")],
)  # fmt: skip
def test_media_types_become_iana_addresses(text: str, media_type: str) -> None:
    assert authority.lookup("media-type", text) == IANA + media_type


@pytest.mark.parametrize(
    ("table", "text"),
    [("licence", "notspecified"), ("licence", "Open Government Licence v1.0"), ("licence", ""), ("file-type", "  "),
     ("licence", "http://creativecommons.org/licenses/by/3.0/au/"), ("file-type", "csv " * 200),
     ("frequency", "!!!"), ("media-type", "application/x-unregistered"), ("country", "\u4e2d\u56fd")],
)  # fmt: skip
def test_what_is_unknown_or_ambiguous_is_no_code(table: str, text: str) -> None:
    assert authority.lookup(table, text) is None


def test_an_unknown_table_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        authority.lookup("colours", "red")


def test_a_deprecated_licence_is_known_by_its_iri_only() -> None:
    assert authority.lookup("licence", AUTHORITY + "licence/CC_BY") == AUTHORITY + "licence/CC_BY"
    assert authority.lookup("licence", "CC_BY") == AUTHORITY + "licence/CC_BY_4_0"


def test_the_label_falls_back_to_english() -> None:
    assert authority.label(AUTHORITY + "data-theme/ENVI", "nl") == "Milieu"
    assert authority.label(AUTHORITY + "data-theme/ENVI", "nl-BE") == "Milieu"
    assert authority.label(AUTHORITY + "data-theme/ENVI", "it") == "Environment"
    assert authority.label(AUTHORITY + "licence/MIT", "fr") == "The MIT License"
    assert authority.label("http://example.org/none", "fr") is None
    assert authority.labels("http://example.org/none") == {}


@pytest.mark.parametrize("table", TABLES)
def test_every_concept_has_a_scheme_a_class_and_labels(table: str) -> None:
    path = next(path for path in authority.graph_files() if path.stem == table)
    quads = list(parse(path=path, format=RdfFormat.TURTLE))
    said: dict[str, set[str]] = {}
    languages: dict[str, list[str]] = {}
    for quad in quads:
        assert isinstance(quad.subject, NamedNode)
        said.setdefault(quad.subject.value, set()).add(quad.predicate.value.rsplit("#")[-1])
        if quad.predicate.value == SKOS + "prefLabel" and isinstance(quad.object, Literal):
            languages.setdefault(quad.subject.value, []).append(quad.object.language or "")
    for concept, properties in said.items():
        if "inScheme" in properties:
            assert {"type", "prefLabel"} <= properties, concept
            assert len(languages[concept]) == len(set(languages[concept])), concept
            complete = table not in ("licence", "file-type", "media-type")
            assert set(languages[concept]) == {"fr", "nl", "de", "en"} if complete else "en" in languages[concept], (
                concept
            )


@pytest.mark.parametrize("table", TABLES)
def test_no_hidden_spelling_names_two_concepts(table: str) -> None:
    path = next(path for path in authority.graph_files() if path.stem == table)
    owners: dict[str, str] = {}
    for quad in parse(path=path, format=RdfFormat.TURTLE):
        if quad.predicate.value == SKOS + "hiddenLabel" and isinstance(quad.object, Literal):
            assert isinstance(quad.subject, NamedNode)
            assert authority.lookup(table, quad.object.value) in (quad.subject.value, None) or owners
            owner = owners.setdefault(quad.object.value.casefold(), quad.subject.value)
            assert owner == quad.subject.value, quad.object.value


def test_the_tables_are_small() -> None:
    assert sum(path.stat().st_size for path in authority.graph_files()) < 500_000


def test_importing_reads_no_table() -> None:
    code = "from maillon import authority; assert authority._tables.cache_info().currsize == 0"
    subprocess.run([sys.executable, "-c", code], check=True)
