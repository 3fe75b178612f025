"""validate(): each finding reaches its version, whatever else is validated beside it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from maillon import validation
from maillon.errors import OperatorError
from maillon.records import Finding, Version
from maillon.validation import attribution, engine, shapes

Make = Callable[[str], Version]
Raw = Callable[[str, str], Version]

GOOD = ':good a dcat:Dataset ; dct:title "Arbres"@fr ; dct:description "Arbres remarquables."@fr .'
BAD = ':bad a dcat:Dataset ; dct:title "Arbres"@fr .'
TITLE = "<https://data.example/a> <http://purl.org/dc/terms/title> "
DATASET = (
    "<https://data.example/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n"
)


def violations(findings: list[Finding]) -> list[Finding]:
    """Leave out what is only recommended, of which these small versions have nothing."""
    return [finding for finding in findings if finding.severity == "Violation"]


def names(findings: list[Finding]) -> list[str]:
    return [finding.shape.removeprefix("urn:maillon:shape:") for finding in violations(findings)]


def test_a_finding_says_where_what_and_how_bad(version: Make) -> None:
    bad = version(BAD)
    assert violations(validation.validate([bad])[bad.hash]) == [
        Finding(
            focus="https://data.example/bad",
            path="<http://purl.org/dc/terms/description>",
            value="",
            severity="Violation",
            component="http://www.w3.org/ns/shacl#MinCountConstraintComponent",
            shape="urn:maillon:shape:dataset-description",
        )
    ]


def test_a_value_is_given_in_ntriples_syntax(version: Make) -> None:
    wrong = version(':d a dcat:Distribution ; dcat:accessURL "fichier \\"a\\".csv"@fr .')
    assert [finding.value for finding in violations(validation.validate([wrong])[wrong.hash])] == [
        '"fichier \\"a\\".csv"@fr'
    ]


def test_every_hash_is_a_key_and_good_versions_have_no_finding(version: Make) -> None:
    good, bad = version(GOOD), version(BAD)
    found = validation.validate([good, bad, good])
    assert found.keys() == {good.hash, bad.hash}
    assert violations(found[good.hash]) == []
    assert validation.validate([]) == {}


def test_findings_on_embedded_nodes_belong_to_their_version(version: Make, raw: Raw) -> None:
    genid = "http://localhost:8000/.well-known/genid/abc-c14n0"
    text = (
        f"<{genid}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://spdx.org/rdf/terms#Checksum> .\n"
        f"<https://data.example/f> <http://spdx.org/rdf/terms#checksum> <{genid}> .\n"
    )
    owner = raw(text, "https://data.example/f")
    found = validation.validate([version(GOOD), owner, version(BAD)])
    assert {(finding.focus, finding.shape) for finding in found[owner.hash]} == {
        (genid, "urn:maillon:shape:checksum-algorithm"),
        (genid, "urn:maillon:shape:checksum-value"),
    }


def test_two_states_of_one_entity_do_not_complete_each_other(version: Make) -> None:
    titled = version(':d a dcat:Dataset ; dct:title "Arbres"@fr .')
    described = version(':d a dcat:Dataset ; dct:description "Arbres."@fr .')
    found = validation.validate([titled, described])
    assert names(found[titled.hash]) == ["dataset-description"]
    assert names(found[described.hash]) == ["dataset-title"]


def test_a_class_hierarchy_in_one_entity_does_not_make_targets_of_others(version: Make) -> None:
    ontology = version(':Mine a rdfs:Class ; rdfs:subClassOf dcat:Dataset ; rdfs:comment "a\\u2028b" .')
    mine = version(":thing a :Mine .")
    # U+2028 and U+0085 end a line for Python's splitlines(), not in N-Triples.
    literal = version(':d a dcat:Distribution ; dct:title "a\\u2028b\\u0085c" .')
    found = validation.validate([ontology, mine, literal])
    assert (found[ontology.hash], found[mine.hash]) == ([], [])
    assert names(found[literal.hash]) == ["distribution-access-url"]


@pytest.mark.parametrize(
    "line",
    [
        TITLE + '"Arbres"@fr_BE .\n',
        TITLE + "<https://data.example/un titre> .\n",
        TITLE + "<titre> .\n",
        "not RDF at all\n",
    ],
)
def test_a_text_that_the_engine_refuses_costs_only_its_own_version(version: Make, raw: Raw, line: str) -> None:
    versions = [version(BAD.replace(":bad", f":bad{number}")) for number in range(20)]
    broken = raw(DATASET + line, "https://data.example/a")
    found = validation.validate([*versions[:13], broken, *versions[13:]])
    assert all(names(found[item.hash]) == ["dataset-description"] for item in versions)
    assert [(item.focus, item.shape, item.severity) for item in found[broken.hash]] == [
        ("https://data.example/a", shapes.FAILED, "Violation")
    ]
    assert "parse error" in found[broken.hash][0].value
    assert line.split(" ", maxsplit=1)[0] in found[broken.hash][0].value, "the refused line is shown"
    assert validation.passes_gate(found[broken.hash])
    assert not validation.is_conformant(found[broken.hash])


def test_a_subject_written_with_escapes_keeps_its_findings(version: Make, raw: Raw) -> None:
    escaped = raw(DATASET.replace("/a>", "/caf\\u00E9>") + '<https://e.example/x> <https://e.example/p> "1" .\n', "x")
    plain = raw(DATASET.replace("/a>", "/forêt>"), "https://data.example/forêt")
    found = validation.validate([version(BAD), escaped, plain])
    assert names(found[escaped.hash]) == names(found[plain.hash]) == ["dataset-description", "dataset-title"]
    assert {finding.focus for finding in found[escaped.hash]} == {"https://data.example/café"}


def test_chunks_respect_number_and_length(version: Make) -> None:
    versions = [version(BAD.replace(":bad", f":bad{number}")) for number in range(5)]
    length = max(len(item.text) for item in versions)

    def sizes(size: int, characters: int) -> list[int]:
        return [len(chunk.versions) for chunk in attribution.chunks(versions, size, characters)]

    assert sizes(2, 10**6) == [2, 2, 1]
    assert sizes(100, 3 * length) == [3, 2]
    assert sizes(100, 1) == [1] * 5


def test_findings_do_not_depend_on_order_or_company(version: Make) -> None:
    versions = [version(BAD), version(GOOD), version(':e a dcat:Distribution ; dcat:accessURL "x" , "y" .')]
    together = validation.validate(versions)
    assert together == validation.validate(versions[::-1])
    assert together == {item.hash: validation.validate([item])[item.hash] for item in versions}
    assert [finding.value for finding in violations(together[versions[2].hash])] == ['"x"', '"y"']


def test_grades(version: Make) -> None:
    good, bad, nameless = version(GOOD), version(BAD), version("<urn:uuid:1> a dcat:Dataset .")
    found = validation.validate([good, bad, nameless])
    assert [validation.passes_gate(found[item.hash]) for item in (good, bad, nameless)] == [True, True, False]
    assert [validation.is_conformant(found[item.hash]) for item in (good, bad, nameless)] == [True, False, False]


def test_messages_in_each_language_and_for_shapes_that_no_longer_exist() -> None:
    shape = "urn:maillon:shape:dataset-title"
    texts = [validation.message(shape, language) for language in ("fr", "nl", "de", "en")]
    assert [text.split(" ")[0] for text in texts] == ["Le", "De", "Der", "The"]
    assert validation.message(shape, "it") == texts[3]
    assert validation.message("urn:maillon:shape:gone", "fr") == "urn:maillon:shape:gone"
    assert validation.message(shapes.FAILED, "nl").startswith("Deze beschrijving")


def test_the_build_identifier_follows_the_shapes(tmp_path: Path) -> None:
    assert len(validation.build_id()) == 64
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:b> 1 .", encoding="utf-8")
    first = shapes.digest(tmp_path)
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:b> 2 .", encoding="utf-8")
    assert first != shapes.digest(tmp_path)
    assert "shacl 0.3" in engine.default().name


def test_missing_broken_and_empty_shapes_are_the_operators_matter(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="install Maillon again"):
        shapes.text(tmp_path)
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:b>", encoding="utf-8")
    with pytest.raises(OperatorError, match=r"a\.ttl cannot be read"):
        shapes.text(tmp_path)
    with pytest.raises(OperatorError, match="declare no shape"):
        validation.ShaclEngine("<urn:a> <urn:b> <urn:c> .\n")
    with pytest.raises(OperatorError, match="cannot be compiled"):
        validation.ShaclEngine("nonsense")
