"""Every profile can be checked against; the European ones say what was patched and what the EU's validator says."""

import json
from collections import Counter
from pathlib import Path

import pytest

from maillon.check import choosing
from maillon.errors import OperatorError
from maillon.validation import profiles
from tests.maillon.check.conftest import Maillon, checked, shapes_of

STANDARDS = Path(__file__).resolve().parents[4] / "shared" / "standards"
needs_standards = pytest.mark.skipif(
    not STANDARDS.is_dir(), reason="the European shapes (../shared/standards) are absent"
)

CHECKSUM = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix spdx: <http://spdx.org/rdf/terms#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix ex: <https://data.example.org/> .
ex:d a dcat:Dataset ; dct:title "A"@en ; dct:description "B"@en ; dct:publisher ex:p ; dcat:distribution ex:f .
ex:p a foaf:Agent ; foaf:name "Service exemple"@fr .
ex:f a dcat:Distribution ; dcat:accessURL <https://data.example.org/f.csv> ;
  spdx:checksum [ a spdx:Checksum ; spdx:checksumValue "00"^^xsd:hexBinary ;
    spdx:algorithm <http://spdx.org/rdf/terms#checksumAlgorithm_sha1> ] .
"""


@pytest.mark.parametrize("name", sorted(profiles.PROFILES))
def test_each_of_our_profiles_finds_what_every_profile_forbids(name: str, catalogue: Path) -> None:
    report = checked(catalogue, name)
    found = shapes_of(report)
    assert report.profile == name
    assert 17 in found["distribution-access-url"]
    assert report.rating is not None
    assert all(note.messages for record in report.records for note in record.notes), "every rule says something"


def test_every_name_is_a_profile_and_no_other(tmp_path: Path) -> None:
    assert {"maillon", "dcat-ap-2.1.1", "official-3.0.1", "official-2.1.1", "official-hvd-3.0.0"} <= set(
        choosing.whole()
    )
    assert "official-3.0.1-base" in choosing.names()
    assert "official-3.0.1-base" not in choosing.whole()
    with pytest.raises(OperatorError, match=r"official-3\.0\.1"):
        choosing.profile("official-3.0.1", tmp_path)
    with pytest.raises(OperatorError, match="There is no profile"):
        choosing.profile("mine", None)


@needs_standards
@pytest.mark.corpus
@pytest.mark.parametrize("name", ["official-3.0.1", "official-2.1.1", "official-hvd-3.0.0"])
def test_european_profiles_find_with_place_and_message_in_four_languages(name: str, catalogue: Path) -> None:
    report = checked(catalogue, name, STANDARDS)
    assert report.rating is None, "the score is about our rules"
    assert bool(report.shapes) == (name != "official-2.1.1"), "what was patched is said, and 2.1.1 needs nothing"
    notes = [note for record in report.records for note in record.notes]
    assert all(set(note.messages) == {"fr", "nl", "de", "en"} for note in notes)
    if name != "official-hvd-3.0.0":
        assert {note.place.line for note in notes if note.finding.path.strip("<>").endswith("accessURL")} == {15, 17}
        assert not [note for note in notes if "/.well-known/genid/" in note.message("en")]


@needs_standards
@pytest.mark.corpus
def test_what_only_the_validator_of_the_eu_says_is_told_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "checksum.ttl"
    path.write_text(CHECKSUM, encoding="utf-8")
    report = checked(path, "official-3.0.1", STANDARDS)
    (spdx,) = [line for line in report.shapes if line.startswith("spdx: ")]
    assert "https://spdx.org" in spdx
    assert "EU's validator also reports 1 time: spdx:algorithm" in spdx
    assert not [n for r in report.records for n in r.notes if "algorithm" in n.finding.path], (
        "it is no fault of the file"
    )


@needs_standards
@pytest.mark.corpus
def test_the_command_writes_european_findings_in_every_format(catalogue: Path, maillon: Maillon) -> None:
    sizes = Counter[str]()
    for form in ("text", "json", "junit", "sarif", "html", "ttl"):
        how = ("--profile", "official-3.0.1", "--shapes", STANDARDS, "--format", form, "--in", "fr")
        result = maillon("check", catalogue, *how)
        assert result.exit_code == 1, result.output
        assert "sh:shape" in result.stdout, "the patch is named"
        sizes[form] = len(result.stdout)
    assert all(sizes.values())
    found = json.loads(maillon("check", catalogue, *how[:4], "--format", "json").stdout)
    assert found["score"] is None
