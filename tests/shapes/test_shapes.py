"""Every rule of shapes/ against an example that keeps it and one that breaks it (style: SEMIC pairs).

``tests/shapes/<class>/good*.ttl`` have no finding of that class's shapes. Every other file is named after the rule it
breaks, ``<rule>[.<variant>].ttl``, and starts with ``# expect: <path> <severity>`` (path ``-``: the node itself).
"""

import hashlib
import re
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from maillon import paths, validation
from maillon.records import Finding, Version
from maillon.vocabulary import PREFIXES, term

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/*.ttl"))
BAD = [path for path in CASES if not path.name.startswith("good")]
GOOD = [path for path in CASES if path.name.startswith("good")]
LANGUAGES = {"fr", "nl", "de", "en"}
SHAPE = "urn:maillon:shape:"
SH = PREFIXES["sh"]
RULES_ON_NODES = {f"<{SHAPE}gate-dataset>", f"<{SHAPE}distribution-license-words>"}
"""Rules about several properties at once."""


def shape_triples() -> list[Triple]:
    return [
        quad.triple
        for path in sorted(paths.SHAPES.glob("*.ttl"))
        for quad in parse(path.read_bytes(), RdfFormat.TURTLE)
    ]


def shapes_of(kind: str) -> set[str]:
    wanted = term(f"sh:{kind}")
    return {str(t.subject) for t in shape_triples() if t.predicate == term("rdf:type") and t.object == wanted}


def findings_of(path: Path) -> list[Finding]:
    triples = [quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE)]
    text = "".join(sorted(f"{triple} .\n" for triple in triples))
    subject = next(triple.subject for triple in triples if isinstance(triple.subject, NamedNode))
    version = Version(subject.value, "resource", hashlib.sha256(text.encode()).hexdigest(), text)
    return validation.validate([version])[version.hash]


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_good_example_has_no_finding_of_its_class(path: Path) -> None:
    own = f"{SHAPE}{path.parent.name}"
    found = findings_of(path)
    assert [item for item in found if item.shape.startswith(own)] == []
    if path.parent.name != "gate":
        assert found == []


@pytest.mark.parametrize("path", BAD, ids=name)
def test_bad_example_breaks_its_rule_and_no_other(path: Path) -> None:
    match = re.fullmatch(r"# expect: (\S+) (\w+)", path.read_text(encoding="utf-8").split("\n", 1)[0])
    assert match, "the first line says what is expected"
    expected_path = "" if match[1] == "-" else str(term(match[1]))
    shape = f"{SHAPE}{path.parent.name}-{path.stem.split('.')[0]}"
    found = findings_of(path)
    if path.parent.name == "gate":
        assert not validation.passes_gate(found)
        found = [item for item in found if item.shape.startswith(f"{SHAPE}gate-")]
    assert [(item.shape, item.path, item.severity) for item in found] == [(shape, expected_path, match[2])]


def test_every_rule_has_a_bad_example_and_every_class_a_good_one() -> None:
    tried = {f"<{SHAPE}{path.parent.name}-{path.stem.split('.')[0]}>" for path in BAD}
    inner = {f"<{SHAPE}gate-dataset-named>"}  # part of gate-dataset, never a source shape itself
    assert tried - RULES_ON_NODES == shapes_of("PropertyShape") - inner
    assert tried >= RULES_ON_NODES
    assert {path.parent.name for path in GOOD} == {path.stem for path in paths.SHAPES.glob("*.ttl")} - {"engine"}


def test_every_shape_that_can_fire_speaks_four_languages() -> None:
    spoken: dict[str, dict[str, str]] = {}
    for triple in shape_triples():
        if triple.predicate == term("sh:message"):
            assert isinstance(triple.object, Literal)
            spoken.setdefault(str(triple.subject), {})[triple.object.language or ""] = triple.object.value
    fires = {
        *RULES_ON_NODES,
        f"<{SHAPE}validation-failed>",
        *(shapes_of("PropertyShape") - {f"<{SHAPE}gate-dataset-named>"}),
    }
    assert spoken.keys() == fires
    for shape, texts in spoken.items():
        assert texts.keys() == LANGUAGES, shape
        # What is wrong, why it matters, what to do: at least two sentences in each language, none left untranslated.
        assert all(text.count(".") >= 2 and text.endswith(".") for text in texts.values()), shape
        assert len(set(texts.values())) == len(LANGUAGES), shape


def test_constraints_look_at_one_entity_only() -> None:
    """What holds of entities apart must hold of the whole graph: no class checks, inverse paths or queries."""
    forbidden = {"class", "inversePath", "sparql", "targetObjectsOf", "equals", "node", "zeroOrMorePath", "targetNode"}
    used = {str(t.predicate).strip("<>").removeprefix(SH) for t in shape_triples()}
    assert used.isdisjoint(forbidden)


def test_every_named_shape_is_defined_and_has_an_iri() -> None:
    triples = shape_triples()
    defined = {str(t.subject) for t in triples if t.predicate == term("rdf:type")}
    referred = {t.object for t in triples if t.predicate == term("sh:property")}
    assert all(isinstance(shape, NamedNode) and shape.value.startswith(SHAPE) for shape in referred)
    assert {str(shape) for shape in referred} <= defined
    assert not any(isinstance(t.subject, BlankNode) for t in triples if t.predicate == term("sh:severity"))
