"""marks.marked(): which resources the conditional rules apply to, and that a mark is never seen outside."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from maillon import paths, validation
from maillon.records import Version
from maillon.validation import marks
from maillon.vocabulary import PREFIXES, term

Make = Callable[[str], Version]
Raw = Callable[[str, str], Version]

TYPE = f"<{PREFIXES['rdf']}type>"
ELI = f"<{marks.REGULATION}>"
LEGISLATION = "<http://data.europa.eu/r5r/applicableLegislation>"
CATEGORY = "<http://data.europa.eu/r5r/hvdCategory>"
WATER = "<http://data.europa.eu/bna/c_43f88346>"
SPANISH = Path(__file__).resolve().parents[4] / "shared" / "standards" / "examples" / "dcat-ap-es" / "ttl" / "1.0.0"
KINDS = {"Dataset": "dataset", "DatasetSeries": "series", "DataService": "service", "Distribution": "distribution"}


def names(text: str) -> list[tuple[str, str]]:
    """Return pairs of subject and name of the class, in the order of the marks."""
    found = marks.marked(text)
    assert found == "" or found.endswith("\n")
    lines = [line.split(" ", 2) for line in found.split("\n") if line]
    assert all(predicate == TYPE for _, predicate, _ in lines)
    return [(subject, value.removeprefix(f"<{marks.CLASS}").removesuffix("> .")) for subject, _, value in lines]


def classes(statements: str, kind: str = "dcat:Dataset", make: Make | None = None) -> list[str]:
    assert make is not None
    return [name for _, name in names(make(f":d a {kind} ; {statements} .").text)]


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
def test_the_exact_eli_flags_a_resource_of_each_kind(version: Make, kind: str, name: str) -> None:
    assert classes(f"{LEGISLATION} {ELI}", f"dcat:{kind}", version) == [f"high-value-{name}"]


def test_other_legislation_beside_the_eli_changes_nothing(version: Make) -> None:
    statements = f"{LEGISLATION} <http://data.europa.eu/eli/dir/2003/4/oj> , {ELI} ; {CATEGORY} {WATER}"
    assert classes(statements, make=version) == ["high-value-dataset"]


@pytest.mark.parametrize(
    "value",
    [
        "<https://data.europa.eu/eli/reg_impl/2023/138/oj>",
        "<http://data.europa.eu/eli/reg_impl/2023/138>",
        "<http://data.europa.eu/eli/reg_impl/2023/138/oj/>",
        "<http://data.europa.eu/eli/reg_impl/2023/138/oj/nld>",
        "<http://data.europa.eu/eli/reg_impl/2023/138/oj_alt>",
        "<https://eur-lex.europa.eu/eli/reg_impl/2023/138/oj>",
        "<https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:32023R0138>",
    ],
)
def test_the_regulation_named_in_another_way_is_no_flag_but_is_noticed(version: Make, value: str) -> None:
    assert classes(f"{LEGISLATION} {value}", make=version) == ["high-value-unclear-dataset"]
    assert classes(f"<http://data.europa.eu/r5r#applicableLegislation> {value}", make=version) == [
        "high-value-unclear-dataset"
    ]


@pytest.mark.parametrize("statements", [f"{CATEGORY} {WATER}", f"{CATEGORY} 'Eau'@fr", f"dct:conformsTo {ELI}"])
def test_signs_of_a_high_value_dataset_without_the_legislation_are_noticed(version: Make, statements: str) -> None:
    assert classes(statements, make=version) == ["high-value-unclear-dataset"]


@pytest.mark.parametrize(
    "statements",
    [
        f"{LEGISLATION} <http://data.europa.eu/eli/reg_impl/2023/1380/oj>",
        f"{LEGISLATION} <http://data.europa.eu/eli/reg_impl/12023/138/oj>",
        f"{LEGISLATION} 'http://data.europa.eu/eli/reg_impl/2023/138/oj'",  # applicable-legislation-node finds it
        f"dct:description 'Report under {ELI} , dcatap:hvdCategory>'@en",
        "dcat:keyword '2023/138'@fr",  # 6 datasets of data.gov.be, all flagged properly too
        f"foaf:page {ELI}",
        "dct:title 'Arbres'@fr",
    ],
)
def test_a_mention_elsewhere_is_no_sign(version: Make, statements: str) -> None:
    assert classes(statements, make=version) == []


def test_a_series_that_calls_itself_a_dataset_too_is_a_series(version: Make) -> None:
    assert classes(f"{LEGISLATION} {ELI}", "dcat:DatasetSeries , dcat:Dataset", version) == ["high-value-series"]


def test_what_is_neither_data_nor_service_gets_no_mark(version: Make) -> None:
    assert classes(f"{LEGISLATION} {ELI} ; {CATEGORY} {WATER}", "dcat:Catalog", version) == []
    assert names(f"<urn:a> {LEGISLATION} {ELI} .\n") == []


def test_only_the_subject_that_says_so_is_flagged_not_what_is_embedded_in_it(version: Make) -> None:
    turtle = (
        f":d a dcat:Dataset ; {LEGISLATION} {ELI} ; dcat:distribution :f . :f a dcat:Distribution ; dct:title 'a' ."
    )
    assert names(version(turtle).text) == [("<https://data.example/d>", "high-value-dataset")]


def test_a_contact_point_described_within_a_flagged_resource_is_marked(version: Make) -> None:
    kind = f"<{PREFIXES['vcard']}Kind>"
    flagged = version(
        f":d a dcat:Dataset ; {LEGISLATION} {ELI} ; dcat:contactPoint :c , :elsewhere . :c a {kind} . "
        f":other a dcat:Dataset ; dcat:contactPoint :o . :o a {kind} ."
    )
    assert names(flagged.text) == [
        ("<https://data.example/c>", "high-value-contact"),
        ("<https://data.example/d>", "high-value-dataset"),
    ]


SPATIAL = [
    "dct:subject <http://inspire.ec.europa.eu/theme/tn>",
    "dct:subject <http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/transportation>",
    "dct:type <http://inspire.ec.europa.eu/metadata-codelist/ResourceType/dataset>",
    "<http://data.europa.eu/930/referenceSystem> 'Lambert'",
    "dct:conformsTo <http://www.opengis.net/def/crs/EPSG/0/31370>",
    "dct:conformsTo <https://www.opengis.net/def/crs/EPSG/0/31370>",
    "dct:conformsTo <http://www.opengis.net/def/serviceType/ogc/wms>",
    f"{LEGISLATION} <http://data.europa.eu/eli/dir/2007/2/oj>",
]


@pytest.mark.parametrize("statements", SPATIAL)
def test_geographic_resources_are_recognised_files_are_not(version: Make, statements: str) -> None:
    assert classes(statements, "dcat:Dataset", version) == ["spatial-dataset"]
    assert classes(statements, "dcat:DatasetSeries", version) == ["spatial-series"]
    assert classes(statements, "dcat:DataService", version) == ["spatial-service"]
    assert classes(statements, "dcat:Distribution", version) == []


@pytest.mark.parametrize(
    "statements",
    [
        "dct:spatial <http://data.europa.eu/nuts/code/BE1>",
        "dct:spatial [ dct:title 'POINT(4 50)'^^<http://www.opengis.net/ont/geosparql#wktLiteral> ]",
        "dct:accessRights <http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations>",
        "dct:type <http://inspire.ec.europa.eu/metadata-codelist/ResourceType/nonGeographicDataset>",
        "<http://data.europa.eu/930/custodian> :org",
        "dct:description 'See <http://inspire.ec.europa.eu/theme/tn>'@en",
        f"{LEGISLATION} <http://data.europa.eu/eli/dir/2007/20/oj>",
    ],
)
def test_a_place_or_a_mention_does_not_make_geographic_data(version: Make, statements: str) -> None:
    assert classes(statements, make=version) == []


def test_marks_come_in_one_order_whatever_the_order_of_the_text(version: Make) -> None:
    lines = version(f":d a dcat:Dataset ; {SPATIAL[0]} ; {LEGISLATION} {ELI} .").text.strip("\n").split("\n")
    expected = marks.marked("\n".join(lines) + "\n")
    assert expected.count("\n") == 2
    assert marks.marked("\n".join(reversed(lines))) == expected  # and without a newline at the end


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "2023/138",
        "hvdCategory>",
        "\x00 hvdCategory> \n",
        f"{LEGISLATION} {ELI} .",
        f"<urn:a> {LEGISLATION}",
        f'<urn:a> {TYPE} "hvdCategory> inspire.ec.europa.eu/',
        "a\u2028hvdCategory> b c",
        "\ud800 2023/138 c",
    ],
)
def test_what_is_no_triple_is_passed_over(text: str) -> None:
    assert marks.marked(text) == ""


def test_a_huge_text_full_of_mentions_is_read_once(version: Make) -> None:
    # One line of 20 MB with a million mentions: searching on within the line would take hours.
    text = version(f":d a dcat:Dataset ; {LEGISLATION} {ELI} .").text
    assert len(marks.marked(f'{text}<urn:a> <urn:b> "{"2023/138 hvdCategory> " * 1_000_000}" .\n').split("\n")) == 2


def test_a_flagged_resource_with_very_many_contact_points_is_read_in_one_pass() -> None:
    dataset, contact = "<urn:d>", f"<{PREFIXES['dcat']}contactPoint>"
    lines = [f"{dataset} {contact} <urn:c{number}> .\n<urn:c{number}> <urn:p> <urn:q> .\n" for number in range(50_000)]
    text = f"{dataset} {TYPE} <{PREFIXES['dcat']}Dataset> .\n{dataset} {LEGISLATION} {ELI} .\n{''.join(lines)}"
    assert len(names(text)) == 50_001


def test_rules_apply_to_the_flagged_version_and_not_to_its_neighbour(version: Make) -> None:
    stated = "dct:title 'Eau'@fr ; dct:description 'Analyses.'@fr"
    flagged = version(f":a a dcat:Dataset ; {stated} ; {LEGISLATION} {ELI} .")
    plain = version(f":b a dcat:Dataset ; {stated} .")
    found = validation.validate([flagged, plain])
    high_value = {item.shape.removeprefix("urn:maillon:shape:") for item in found[flagged.hash] if "hvd-" in item.shape}
    assert high_value == {"hvd-dataset-category", "hvd-dataset-distribution"}
    assert not [item for item in found[plain.hash] if "hvd-" in item.shape]
    assert not validation.is_conformant(found[flagged.hash])


def test_no_finding_shows_a_mark(version: Make) -> None:
    examples = sorted((paths.ROOT / "tests" / "shapes").glob("hvd-*/*.ttl"))
    examples += sorted((paths.ROOT / "tests" / "shapes").glob("geo-*/*.ttl"))
    assert len(examples) > 70
    versions = [version(path.read_text(encoding="utf-8")) for path in examples]
    found = [item for items in validation.validate(versions).values() for item in items]
    assert len(found) > 70
    assert marks.CLASS not in repr(found)


def test_every_class_that_a_rule_targets_is_one_that_is_given() -> None:
    targeted = {
        quad.object.value.removeprefix(marks.CLASS)
        for path in paths.SHAPES.glob("*.ttl")
        for quad in parse(path.read_bytes(), RdfFormat.TURTLE)
        if quad.predicate == term("sh:targetClass") and isinstance(quad.object, NamedNode)
        if quad.object.value.startswith("urn:maillon:")
    }
    given = {f"high-value{sign}-{kind}" for sign in ("", "-unclear") for kind in KINDS.values()}
    assert targeted == given | {"high-value-contact", "spatial-dataset", "spatial-series", "spatial-service"}


def test_the_codes_in_the_rules_are_those_of_the_tables() -> None:
    table = (paths.ONTOLOGY / "authority" / "hvd-category.ttl").read_text(encoding="utf-8")
    concepts = set(re.findall(r"^c:(c_[0-9a-f]+) a skos:Concept", table, re.MULTILINE))
    narrow = set(re.findall(r"^c:(c_[0-9a-f]+) a skos:Concept .*skos:broader", table, re.MULTILINE))
    assert (len(concepts), len(concepts - narrow)) == (96, 6)
    for kind in ("dataset", "series", "service"):
        shapes = (paths.SHAPES / f"hvd-{kind}.ttl").read_text(encoding="utf-8")
        codes = [re.findall(r"<http://data\.europa\.eu/bna/(c_[0-9a-f]+)>", part) for part in shapes.split("sh:in (")]
        assert [set(found) for found in codes[1:]] == [concepts, concepts - narrow]
    licences = (paths.ONTOLOGY / "authority" / "licence.ttl").read_text(encoding="utf-8")
    known = set(re.findall(r"^c:(\S+) a skos:Concept", licences, re.MULTILINE))
    rule = (paths.SHAPES / "hvd-distribution.ttl").read_text(encoding="utf-8")
    accepted = set(re.findall(r"<http://publications\.europa\.eu/resource/authority/licence/(\w+)>", rule))
    assert {"CC0", "CC_BY_4_0"} < accepted <= known
    assert not {code for code in accepted if re.search("SA|NC|ND", code)}


def test_the_identity_of_a_validation_depends_on_how_marks_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    validation.build_id.cache_clear()
    before = validation.build_id()
    monkeypatch.setattr(marks, "digest", lambda: "changed")
    validation.build_id.cache_clear()
    assert validation.build_id() != before
    validation.build_id.cache_clear()
    assert re.fullmatch("[0-9a-f]{64}", before)


@pytest.mark.corpus
@pytest.mark.skipif(not SPANISH.is_dir(), reason="../shared is absent: corpus tests need it")
@pytest.mark.parametrize(("name", "flagged"), [("HVD", 3), ("HVD_full", 5), ("HVD_minimal", 3)])
def test_the_spanish_examples_of_high_value_catalogues_keep_the_rules(version: Make, name: str, flagged: int) -> None:
    catalogue = version((SPANISH / f"E_DCAT-AP-ES_Catalog_{name}.ttl").read_text(encoding="utf-8"))
    marked = [kind for _, kind in names(catalogue.text) if re.fullmatch(r"high-value-(?!contact|unclear)\w+", kind)]
    assert len(marked) == flagged
    found = validation.validate([catalogue])[catalogue.hash]
    assert not [item for item in found if "shape:hvd-" in item.shape and item.severity != "Info"]


@pytest.mark.corpus
@pytest.mark.skipif(not SPANISH.is_dir(), reason="../shared is absent: corpus tests need it")
def test_catalogues_without_high_value_datasets_have_none_of_these_findings(version: Make) -> None:
    for name in ("minimal", "full", "Catalog"):
        catalogue = version((SPANISH / f"E_DCAT-AP-ES_{name}.ttl").read_text(encoding="utf-8"))
        assert names(catalogue.text) == []
        assert not [item for item in validation.validate([catalogue])[catalogue.hash] if "shape:hvd-" in item.shape]
