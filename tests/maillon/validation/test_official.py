"""The European shapes, repaired: each repair and the background on small files, and the real files where they are."""

from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from bench._validation_catalogue import Catalogue
from maillon.errors import OperatorError
from maillon.validation import agreement, engine, official
from maillon.validation.engine import ShaclEngine, TextRefused
from maillon.validation.official import background, patches
from maillon.validation.official.sentences import LANGUAGES, short

STANDARDS = Path(__file__).resolve().parents[4] / "shared" / "standards"
needs_shared = pytest.mark.skipif(not STANDARDS.is_dir(), reason="../shared is absent: the European shapes are there")
PREFIXES = """
@prefix : <https://e.example/> . @prefix s: <https://shapes.example/#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix dcatap: <http://data.europa.eu/r5r/> . @prefix adms: <http://www.w3.org/ns/adms#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix spdx: <http://spdx.org/rdf/terms#> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix r5r: <http://data.europa.eu/r5r#> .
@prefix a: <http://publications.europa.eu/resource/authority/> .
"""
BASE = """
<https://shapes.example/> owl:imports <https://remote.example/> .
s:Dataset a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dct:title ; sh:minCount 1 ] , [ sh:path dct:title ; sh:maxCount 2 ] ,
        [ sh:path dct:issued ; sh:shape s:Date ; sh:severity sh:Violation ] , s:nowhere .
s:Date a sh:NodeShape ; sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:dateTime ] ) .
s:Concept a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property [ sh:path dct:never ; sh:minCount 1 ] .
"""
RANGES = """
s:DatasetR a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dct:language ; sh:class dct:LinguisticSystem ] ,
        [ sh:path dct:publisher ; sh:class foaf:Agent ] .
"""
DEPRECATED = """
r5r:StatusRestrictionADMS a sh:NodeShape ;
    sh:property [ sh:path skos:inScheme ; sh:hasValue <http://purl.org/adms/status/1.0> ; sh:minCount 1 ] .
s:Old a sh:NodeShape ; sh:targetClass dcat:Distribution ;
    sh:property [ sh:path adms:status ; sh:node r5r:StatusRestrictionADMS ; sh:severity sh:Warning ] .
"""
VOCABULARIES = """
s:Status a sh:NodeShape ;
    sh:property [ sh:path skos:inScheme ; sh:hasValue a:distribution-status ; sh:minCount 1 ] .
s:New a sh:NodeShape ; sh:targetClass dcat:Distribution ;
    sh:property [ sh:path adms:status ; sh:node s:Status ] .
s:Algorithm a sh:NodeShape ; sh:pattern "^https://spdx.org/rdf/terms" ; sh:class spdx:ChecksumAlgorithm .
s:Sum a sh:NodeShape ; sh:targetClass spdx:Checksum ; sh:property [ sh:path spdx:algorithm ; sh:node s:Algorithm ] .
"""
HVD_BASE = """
s:H a sh:NodeShape ; sh:targetClass dcat:Dataset ;
    sh:property [ sh:path dcatap:hvdCategory ; sh:minCount 1 ;
                  <https://purl.eu/ns/shacl#message> "A category is needed."@en ] .
s:K a sh:NodeShape ; sh:targetClass vcard:Kind ; sh:property [ sh:path vcard:hasEmail ; sh:minCount 1 ] .
"""
HVD_RANGES = """
s:D a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ sh:path dcat:landingPage ; sh:class rdfs:Resource ] .
"""
FILES = {
    "shapes.ttl": BASE,
    "range.ttl": RANGES,
    "shapes_recommended.ttl": "",
    "deprecateduris.ttl": DEPRECATED,
    "mdr-vocabularies.shape.ttl": VOCABULARIES,
    "hvd-SHACL-base.ttl": HVD_BASE,
    "hvd-SHACL-ranges.ttl": HVD_RANGES,
    "hvd-SHACL-usagenotes.ttl": "",
}
GOOD = """
:d a dcat:Dataset ; dct:title "Arbres"@fr ; dct:issued "2024-02-01"^^xsd:date ;
    dct:language <http://publications.europa.eu/resource/authority/language/FRA> ;
    dct:publisher :p ; dcat:landingPage :page .
:p a foaf:Organization .
:f a dcat:Distribution ; adms:status <http://publications.europa.eu/resource/authority/distribution-status/COMPLETED> .
:sum a spdx:Checksum ; spdx:algorithm spdx:checksumAlgorithm_sha256 .
"""


def ntriples(turtle: str) -> str:
    return "".join(f"{quad.triple} .\n" for quad in parse(PREFIXES + turtle, RdfFormat.TURTLE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(PREFIXES + text, encoding="utf-8")
    return tmp_path


def said(differences: list[official.Difference]) -> set[tuple[bool, str, str]]:
    return {(item.is_said, item.patch.name, short(item.result.path)) for item in differences}


def test_a_good_catalogue_has_no_result_and_codes_are_not_what_is_checked(folder: Path) -> None:
    checked = official.engine(folder, "official-3.0.1")
    assert checked.validate(ntriples(GOOD)) == []
    restated = GOOD + "<http://publications.europa.eu/resource/authority/language/FRA> a skos:Concept ."
    assert checked.validate(ntriples(restated)) == []
    own = checked.validate(ntriples(GOOD + ":mine a skos:Concept ."))
    assert [result.focus for result in own] == ["<https://e.example/mine>"], "our own concepts are checked"


def test_each_repair_is_listed_with_its_reason_and_what_it_changed(folder: Path) -> None:
    checked = official.engine(folder, "official-3.0.1")
    assert [(patch.name, patch.effect, len(patch.shapes)) for patch in checked.patches] == [
        ("imports", "same", 1),
        ("dangling", "same", 1),
        ("sh-shape", "more", 1),
        ("status-schemes", "less", 1),
        ("spdx", "less", 1),
        ("range-types", "less", 0),
    ]
    assert all(patch.reason.endswith(".") for patch in checked.patches)
    hvd = official.engine(folder, "official-hvd-3.0.0")
    names = {patch.name: len(patch.shapes) for patch in hvd.patches}
    assert names["flagged-only"] == 6
    assert names["rdfs-resource"] == 1


def test_what_the_eu_validator_says_otherwise_is_told_with_the_reason(folder: Path) -> None:
    checked = official.engine(folder, "official-3.0.1")
    assert said(checked.differences(ntriples(GOOD))) == {
        (True, "range-types", "dct:language"),
        (True, "status-schemes", "adms:status"),
        (True, "spdx", "spdx:algorithm"),
    }
    bad_date = ':d a dcat:Dataset ; dct:title "x" ; dct:issued "hier" .'
    (result,) = checked.validate(ntriples(bad_date))
    assert result.value == '"hier"'
    assert said(checked.differences(ntriples(bad_date))) == {(False, "sh-shape", "dct:issued")}


def test_high_value_rules_hold_only_of_what_names_the_regulation(folder: Path) -> None:
    law = "dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ;"
    two = f"""
    :plain a dcat:Dataset ; dcat:contactPoint :c ; dcat:landingPage :page .
    :high a dcat:Dataset ; {law} dcat:contactPoint :h ; dcat:landingPage :page .
    :c a vcard:Kind . :h a vcard:Organization .
    """
    checked = official.engine(folder, "official-hvd-3.0.0")
    results = checked.validate(ntriples(two))
    assert [result.focus for result in results] == ["<https://e.example/h>", "<https://e.example/high>"]
    assert ("en-x-author", "A category is needed.") in results[1].messages
    assert said(checked.differences(ntriples(two))) == {
        (True, "flagged-only", "dcatap:hvdCategory"),
        (True, "flagged-only", "vcard:hasEmail"),
        (True, "rdfs-resource", "dcat:landingPage"),
    }


def test_property_shapes_have_lasting_names_that_no_order_changes(folder: Path, tmp_path: Path) -> None:
    first = official.engine(folder, "official-3.0.1").validate(ntriples(":d a dcat:Dataset ."))
    assert [result.shape.rpartition("-")[0] for result in first] == ["urn:maillon:official:3.0.1:base:Dataset-title"]
    one, other = "[ sh:path dct:title ; sh:minCount 1 ]", "[ sh:path dct:title ; sh:maxCount 2 ]"
    swapped = BASE.replace(one, "X").replace(other, one).replace("X", other)
    assert swapped != BASE
    (folder / "shapes.ttl").write_text(PREFIXES + swapped, encoding="utf-8")
    again = official.engine(folder, "official-3.0.1").validate(ntriples(":d a dcat:Dataset ."))
    assert [result.shape for result in again] == [result.shape for result in first]


def test_every_result_has_a_sentence_in_four_languages(folder: Path) -> None:
    checked = official.engine(folder, "official-3.0.1")
    bad = """
    :d a dcat:Dataset ; dct:title "a", "b", "c" ; dct:issued 2024 ; dct:publisher "Ville" .
    :f a dcat:Distribution ; adms:status :odd .
    """
    results = checked.validate(ntriples(bad))
    assert len(results) == 4
    for result in results:
        texts = dict(result.messages)
        assert [texts[language][-1] for language in LANGUAGES] == ["."] * 4
        assert len(set(texts.values())) == 4
        assert not any("{" in text or "None" in text for text in texts.values())
    by_path = {short(result.path): dict(result.messages)["en"] for result in results}
    assert by_path["dct:issued"].startswith(
        "dct:issued has the value « 2024 » (xsd:integer), which does not fit: xsd:date / xsd:dateTime"
    )
    assert (
        "a code of the list <http://publications.europa.eu/resource/authority/distribution-status>"
        in by_path["adms:status"]
    )
    assert by_path["dct:title"] == "dct:title has too many values: at most 2. Keep the right one."


def test_a_part_of_a_profile_can_be_asked_for(folder: Path) -> None:
    assert official.profiles()[:2] == ("official-3.0.1", "official-3.0.1-base")
    assert {"official-2.1.1", "official-hvd-3.0.0", "official-hvd-3.0.0-usagenotes"} <= set(official.profiles())
    ranges = official.engine(folder, "official-3.0.1-ranges")
    (only,) = ranges.validate(ntriples(":d a dcat:Dataset ; dct:publisher :nobody ."))
    assert only.component.endswith("ClassConstraintComponent")
    with pytest.raises(OperatorError, match=r"choose one of official-3\.0\.1"):
        official.engine(folder, "official-9")


def test_missing_broken_and_huge_files_are_the_users_matter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "range.ttl").write_text("<urn:a>", encoding="utf-8")
    with pytest.raises(OperatorError, match=r"range\.ttl cannot be read"):
        official.engine(folder, "official-3.0.1")
    (folder / "range.ttl").unlink()
    with pytest.raises(OperatorError, match=r"range\.ttl of official-3\.0\.1 is not in .*: download"):
        official.engine(folder, "official-3.0.1")
    monkeypatch.setattr("maillon.validation.official.files._LARGEST", 10)
    with pytest.raises(OperatorError, match="larger than any shapes file"):
        official.engine(folder, "official-3.0.1-base")


def test_a_text_that_cannot_be_read_is_refused(folder: Path) -> None:
    with pytest.raises(TextRefused):
        official.engine(folder, "official-3.0.1").validate("nonsense")


def test_codes_of_lists_that_we_hold_whole_must_exist_and_those_of_others_are_trusted() -> None:
    data = """
    :d dct:publisher a:corporate-body\\/XYZ ; dct:spatial a:place\\/BEL_BRU ;
       dct:accrualPeriodicity a:frequency\\/NEVERMORE ; adms:status <http://purl.org/adms/status/Completed> .
    """
    triples = [quad.triple for quad in parse(PREFIXES + data, RdfFormat.TURTLE)]
    text, codes = background.stubs(triples)
    assert {code.rpartition("/")[2] for code in codes} == {"XYZ", "BEL_BRU", "NEVERMORE", "Completed"}
    assert text.count("inScheme") == 3, "an unknown frequency is not made a code of the list"
    assert (
        "place/BEL_BRU> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://purl.org/dc/terms/Location>" in text
    )


def test_a_circle_of_blank_nodes_in_a_shapes_file_ends() -> None:
    loop = ntriples("s:A sh:property _:x . _:x sh:path dct:title ; sh:node _:x .")
    named = patches.skolemised([quad.triple for quad in parse(loop, RdfFormat.N_TRIPLES)], "urn:p:")
    assert not any(str(triple.subject).startswith("_:") for triple in named)


def examples() -> str:
    """Return the examples of DCAT-AP, its HVD profile and DCAT-AP-ES that can be read, as one graph."""
    folders = ("dcat-ap/3.0.1/html/examples", "dcat-ap-hvd/3.0.0/html/examples", "examples/dcat-ap-es/ttl/1.0.0")
    lines: set[str] = set()
    for path in (path for folder in folders for path in sorted((STANDARDS / folder).glob("*.ttl"))):
        try:
            quads = list(parse(path.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True))
        except SyntaxError:
            continue  # three of them are no Turtle
        lines.update(f"{quad.triple} .\n" for quad in quads)
    return "".join(sorted(lines))


@pytest.mark.corpus
@needs_shared
@pytest.mark.parametrize(
    ("profile", "number"), [("official-3.0.1", 100), ("official-2.1.1", 100), ("official-hvd-3.0.0", 10)]
)
def test_pyshacl_finds_the_same_with_the_same_repaired_files(profile: str, number: int) -> None:
    ours, theirs = (official.engine(STANDARDS, profile, make) for make in (ShaclEngine, engine.reference))
    text = examples()
    results = ours.validate(text)
    assert agreement.differing(results, theirs.validate(text)) == {}
    assert len(results) > number
    assert {language for result in results for language, _ in result.messages} >= set(LANGUAGES)


@pytest.mark.corpus
@needs_shared
def test_a_hundred_valid_datasets_have_no_violation_and_the_published_files_find_more_than_a_thousand() -> None:
    text = "".join(version.text for version in Catalogue(rate=0).versions(100))
    checked = official.engine(STANDARDS, "official-3.0.1")
    found = checked.validate(text)
    assert {result.severity for result in found} == {"Warning"}
    assert len({result.shape for result in found}) == 1, "none of these publishers is an institution of the EU"
    said = Counter((item.is_said, item.patch.name) for item in checked.differences(text))
    assert said == {(True, "range-types"): 1100, (True, "spdx"): 200}
    assert official.engine(STANDARDS, "official-hvd-3.0.0").validate(text) == []


@pytest.mark.corpus
@needs_shared
def test_the_repairs_meet_the_published_files_where_they_are_wrong() -> None:
    touched = {patch.name: len(patch.shapes) for patch in official.engine(STANDARDS, "official-3.0.1").patches}
    assert touched == {
        "imports": 1,
        "dangling": 0,
        "sh-shape": 5,
        "status-schemes": 1,
        "spdx": 1,
        "range-types": 0,
    }
    alone = {patch.name: len(patch.shapes) for patch in official.engine(STANDARDS, "official-hvd-3.0.0-base").patches}
    assert alone["dangling"] == 1
    whole = {patch.name: len(patch.shapes) for patch in official.engine(STANDARDS, "official-hvd-3.0.0").patches}
    assert whole["rdfs-resource"] == 5
    assert whole["flagged-only"] > 10
