"""The engines behind the one interface: messages, the stand-in where shacl is absent, reports read as RDF."""

import logging
import sys
from collections.abc import Iterator

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse

from maillon import validation
from maillon.errors import OperatorError
from maillon.records import Version
from maillon.validation import engine, reports
from maillon.validation.engine import Result, ShaclEngine, TextRefused

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix e: <http://e.example/> .
e:S a sh:NodeShape ; sh:targetClass e:C ; sh:property e:P, e:Q, e:R .
e:P a sh:PropertyShape ; sh:path e:p ; sh:minCount 1 ; sh:message "Il manque."@fr , "Missing."@en , "-" ;
    sh:severity sh:Warning .
e:Q a sh:PropertyShape ; sh:path ( e:q [ sh:inversePath e:r ] [ sh:zeroOrMorePath [ sh:alternativePath ( e:p e:q ) ] ] )
    ; sh:maxCount 0 ; sh:severity e:Grave .
e:R a sh:PropertyShape ; sh:path e:n ; sh:datatype <http://www.w3.org/2001/XMLSchema#integer> .
"""
DATA = """
<http://e.example/x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e.example/C> .
<http://e.example/x> <http://e.example/q> <http://e.example/y> .
<http://e.example/z> <http://e.example/r> <http://e.example/y> .
<http://e.example/x> <http://e.example/n> "01"^^<http://www.w3.org/2001/XMLSchema#byte> .
"""
E = "http://e.example/"
SH = "http://www.w3.org/ns/shacl#"
COUNT = f"{SH}MaxCountConstraintComponent"
PATH = f"(<{E}q>/^<{E}r>/((<{E}p>|<{E}q>))*)"
BYTE = '"01"^^<http://www.w3.org/2001/XMLSchema#byte>'
EXPECTED = {
    Result(f"<{E}x>", f"<{E}p>", "", "Warning", f"{SH}MinCountConstraintComponent", f"{E}P"),
    Result(f"<{E}x>", PATH, "", f"{E}Grave", COUNT, f"{E}Q"),
    Result(f"<{E}x>", f"<{E}n>", BYTE, "Violation", f"{SH}DatatypeConstraintComponent", f"{E}R"),
}
MESSAGES = (("", "-"), ("en", "Missing."), ("fr", "Il manque."))


def ntriples(turtle: str) -> str:
    return "".join(f"{quad.triple} .\n" for quad in parse(turtle, RdfFormat.TURTLE))


def without_messages(results: list[Result]) -> set[Result]:
    return {Result(item.focus, item.path, item.value, item.severity, item.component, item.shape) for item in results}


@pytest.fixture
def no_shacl(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "shacl", None)
    engine.default.cache_clear()
    yield
    engine.default.cache_clear()


def test_both_engines_give_the_same_results_values_and_paths() -> None:
    for made in (ShaclEngine(ntriples(SHAPES)), engine.reference(ntriples(SHAPES))):
        assert without_messages(made.validate(DATA)) == EXPECTED, made.name


def test_messages_keep_their_languages_where_they_are_asked_for() -> None:
    plain, told = ShaclEngine(ntriples(SHAPES)), ShaclEngine(ntriples(SHAPES), with_messages=True)
    assert {result.messages for result in plain.validate(DATA)} == {()}
    results = told.validate(DATA)
    assert without_messages(results) == EXPECTED
    assert [result.messages for result in results if result.shape == f"{E}P"] == [MESSAGES]
    reference = engine.reference(ntriples(SHAPES)).validate(DATA)
    assert [result.messages for result in reference if result.shape == f"{E}P"] == [MESSAGES]


@pytest.mark.usefixtures("no_shacl")
def test_pyshacl_stands_in_where_shacl_is_absent_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "maillon"):
        found = engine.default()
        of_others = engine.of(ntriples(SHAPES))
    assert found.name.startswith("pyshacl ")
    assert of_others.name == found.name
    assert without_messages(of_others.validate(DATA)) == EXPECTED
    assert "validates instead, far more slowly" in caplog.text
    dataset = ntriples("<https://e.example/d> a <http://www.w3.org/ns/dcat#Dataset> .")
    version = Version("https://e.example/d", "dataset", "0" * 64, dataset)
    shapes = {finding.shape for finding in validation.validate([version])["0" * 64]}
    assert "urn:maillon:shape:dataset-title" in shapes


def test_findings_of_the_stand_in_are_kept_apart_from_those_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def build() -> str:
        engine.default.cache_clear()
        validation.build_id.cache_clear()
        return validation.build_id()

    usual = build()
    with monkeypatch.context() as context:
        context.setitem(sys.modules, "shacl", None)
        absent = build()
    assert absent != usual == build()


def test_without_any_engine_a_person_is_told_what_to_install(no_shacl: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "maillon.validation.pyshacl_engine", None)
    with pytest.raises(OperatorError, match="pip install pyshacl"):
        engine.default()


def test_the_switch_of_rdflib_is_as_before_whatever_happens() -> None:
    made = engine.reference(ntriples(SHAPES))
    for before in (True, False):
        rdflib.NORMALIZE_LITERALS = before
        made.validate(DATA)
        with pytest.raises(TextRefused):
            made.validate("nonsense")
        assert rdflib.NORMALIZE_LITERALS is before
    rdflib.NORMALIZE_LITERALS = True


@pytest.mark.parametrize(
    "line", ["<http://e.example/a b> <urn:p> <urn:o> .", '<urn:s> <urn:p> "x"@fr_BE .', "<s> <urn:p> 1 ."]
)
def test_what_one_engine_refuses_the_other_refuses(line: str) -> None:
    for made in (ShaclEngine(ntriples(SHAPES)), engine.reference(ntriples(SHAPES))):
        with pytest.raises(TextRefused):
            made.validate(DATA + line + "\n")


def test_wrong_shapes_are_the_operators_matter_for_the_reference_too() -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        engine.reference("nonsense")
    with pytest.raises(OperatorError, match="declare no shape"):
        engine.reference("<urn:a> <urn:b> <urn:c> .\n")
    dangling = ntriples(SHAPES) + f"<{E}S> <{SH}property> <{E}nowhere> .\n"
    with pytest.raises(OperatorError, match="pySHACL cannot use the shapes"):
        engine.reference(dangling).validate(DATA)


def test_a_list_in_the_data_that_never_ends_does_not_hang_either() -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    loop = f"<{E}x> <{E}p> _:l .\n_:l <{rdf}first> <{E}x> .\n_:l <{rdf}rest> _:l .\n"
    ours, theirs = (
        made.validate(DATA + loop) for made in (ShaclEngine(ntriples(SHAPES)), engine.reference(ntriples(SHAPES)))
    )
    assert without_messages(ours) == without_messages(theirs)


def test_a_path_that_is_no_path_is_shown_as_it_is() -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    text = f"_:a <{rdf}first> <urn:p> .\n_:a <{rdf}rest> _:a .\n_:b <{SH}inversePath> _:b .\n_:c <urn:x> <urn:y> .\n"
    graph = reports.index(quad.triple for quad in parse(text, RdfFormat.N_TRIPLES))
    assert reports.path_text("_:a", graph) == "(<urn:p>)"
    assert reports.path_text("_:b", graph).startswith("^^^^")
    assert [reports.path_text(node, graph) for node in ("_:c", "_:d", "<urn:p>")] == ["_:c", "_:d", "<urn:p>"]
