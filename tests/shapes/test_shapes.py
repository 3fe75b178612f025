"""Every rule of shapes/ against an example that keeps it and one that breaks it (style: SEMIC pairs).

``tests/shapes/<class>/good*.ttl`` have no finding at all (those of ``gate``: none of its own). Every other file is
named after the rule it breaks, ``<rule>[.<variant>].ttl`` for ``urn:maillon:shape:<class>-<rule>``, and starts with
``# expect: <path> <severity>``: prefixed names or ``<IRI>``, in a SPARQL path if need be; ``-`` is the node itself.
So that these stay short, they need not say all that is recommended: that something recommended is missing (a minimum
whose severity is not Violation) counts only in the examples of that very rule.

The rules of a class stand in ``shapes/<class>.ttl``, or also in ``shapes/<class>-<part>.ttl`` where they are many.
"""

import hashlib
import re
from collections.abc import Collection
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from maillon import paths, validation
from maillon.records import Finding, Version
from maillon.vocabulary import PREFIXES, QUERY_PREFIXES, term

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/*.ttl"))
BAD = [path for path in CASES if not path.name.startswith("good")]
GOOD = [path for path in CASES if path.name.startswith("good")]
LANGUAGES = {"fr", "nl", "de", "en"}
SHAPE = "urn:maillon:shape:"
SH = PREFIXES["sh"]
MINIMA = {f"{SH}MinCountConstraintComponent", f"{SH}QualifiedMinCountConstraintComponent"}
WITHOUT_EXAMPLES = {"engine"}
"""Files of shapes without target, whose findings are made elsewhere: tests/maillon/validation has their tests."""

NO_CONSTRAINT = {"targetClass", "targetSubjectsOf", "property", "name", "description", "message", "severity"}
"""What a node shape may say without being itself the source of findings."""


def triples_of(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)]


def shape_files(without: Collection[str] = ()) -> list[Path]:
    return [path for path in sorted(paths.SHAPES.glob("*.ttl")) if path.stem not in without]


def shape_triples(without: Collection[str] = ()) -> list[Triple]:
    return [triple for path in shape_files(without) for triple in triples_of(path)]


def local(triple: Triple) -> str:
    """Return the name of a property of SHACL; the whole IRI of any other."""
    return triple.predicate.value.removeprefix(SH)


def class_of(stem: str) -> str:
    """Return the folder of examples of a file of shapes: of several whose name it starts with, the longest."""
    folders = {path.parent.name for path in CASES}
    return max((name for name in folders if f"{stem}-".startswith(f"{name}-")), key=len, default=stem)


def rules(without: Collection[str] = ()) -> set[str]:
    """Return the shapes that findings can name: those that sh:property leads to, and node shapes with constraints."""
    triples = shape_triples(without)
    targeted = {t.subject for t in triples if local(t).startswith("target")}
    properties = {str(t.object).strip("<>") for t in triples if local(t) == "property"}
    about_nodes = {
        str(t.subject).strip("<>")
        for t in triples
        if t.subject in targeted and t.predicate.value.startswith(SH) and local(t) not in NO_CONSTRAINT
    }
    return properties | about_nodes


def rule_of(path: Path) -> str:
    return f"{SHAPE}{path.parent.name}-{path.stem.split('.')[0]}"


def findings_of(path: Path) -> list[Finding]:
    triples = triples_of(path)
    text = "".join(sorted(f"{triple} .\n" for triple in triples))
    subject = next(triple.subject for triple in triples if isinstance(triple.subject, NamedNode))
    version = Version(subject.value, "resource", hashlib.sha256(text.encode()).hexdigest(), text)
    return validation.validate([version])[version.hash]


def expanded(path: str) -> str:
    """Return a path as findings give it: prefixed names become IRIs; without blanks and brackets, ``-`` is empty."""
    if path == "-":
        return ""
    iris = re.sub(r"<[^>]*>|[\w-]+:[\w-]+", lambda m: m[0] if m[0][0] == "<" else f"<{prefixed(m[0])}>", path)
    return re.sub(r"[\s()]", "", iris)


def prefixed(name: str) -> str:
    prefix, rest = name.split(":", 1)
    return QUERY_PREFIXES[prefix] + rest


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_good_example_has_no_finding(path: Path) -> None:
    found = findings_of(path)
    if path.parent.name == "gate":
        found = [item for item in found if item.shape.startswith(f"{SHAPE}gate-")]
    assert found == []


@pytest.mark.parametrize("path", BAD, ids=name)
def test_bad_example_breaks_its_rule_and_no_other(path: Path) -> None:
    match = re.fullmatch(r"# expect: (\S+) (\w+)", path.read_text(encoding="utf-8").split("\n", 1)[0])
    assert match, "the first line says what is expected"
    rule = rule_of(path)
    found = findings_of(path)
    if path.parent.name == "gate":
        assert not validation.passes_gate(found)
        found = [item for item in found if item.shape.startswith(f"{SHAPE}gate-")]
    counted = [
        (item.shape, re.sub(r"[\s()]", "", item.path), item.severity)
        for item in found
        if item.shape == rule or item.component not in MINIMA or item.severity == "Violation"
    ]
    assert counted == [(rule, expanded(match[1]), match[2])]


def test_every_rule_has_a_bad_example_and_every_class_a_good_one() -> None:
    assert {rule_of(path) for path in BAD} == rules(WITHOUT_EXAMPLES)
    assert {path.parent.name for path in GOOD} == {class_of(path.stem) for path in shape_files(WITHOUT_EXAMPLES)}


def test_the_iri_of_a_shape_says_where_its_examples_are() -> None:
    for path in shape_files(WITHOUT_EXAMPLES):
        shapes = {str(t.subject).strip("<>") for t in triples_of(path) if t.predicate == term("rdf:type")}
        assert all(f"{shape}-".startswith(f"{SHAPE}{class_of(path.stem)}-") for shape in shapes), path.name


def test_every_shape_that_can_fire_speaks_four_languages() -> None:
    spoken: dict[str, dict[str, str]] = {}
    for triple in shape_triples():
        if triple.predicate == term("sh:message"):
            assert isinstance(triple.object, Literal)
            spoken.setdefault(str(triple.subject).strip("<>"), {})[triple.object.language or ""] = triple.object.value
    assert spoken.keys() == rules() | {f"{SHAPE}validation-failed"}
    for shape, texts in spoken.items():
        assert texts.keys() == LANGUAGES, shape
        # What is wrong, why it matters, what to do: at least two sentences in each language, none left untranslated.
        assert all(text.count(".") >= 2 and text.endswith(".") for text in texts.values()), shape
        assert len(set(texts.values())) == len(LANGUAGES), shape


def test_every_shape_that_can_fire_has_a_name_in_four_languages_and_a_severity() -> None:
    names: dict[str, list[str]] = {}
    severities: dict[str, list[str]] = {}
    for triple in shape_triples():
        if local(triple) == "name":
            assert isinstance(triple.object, Literal)
            names.setdefault(str(triple.subject).strip("<>"), []).append(triple.object.language or "")
        elif local(triple) == "severity":
            severities.setdefault(str(triple.subject).strip("<>"), []).append(str(triple.object))
    for shape in rules():
        assert sorted(names.get(shape, [])) == sorted(LANGUAGES), shape
        assert len(severities.get(shape, [])) == 1, shape


def test_constraints_look_at_one_entity_only() -> None:
    """What holds of entities apart must hold of the whole graph: no class checks, inverse paths or queries."""
    forbidden = {"class", "inversePath", "sparql", "targetObjectsOf", "equals", "node", "zeroOrMorePath", "targetNode"}
    assert {local(t) for t in shape_triples()}.isdisjoint(forbidden)


def test_every_shape_has_an_iri_and_can_fire_or_is_part_of_one_that_can() -> None:
    triples = shape_triples()
    kinds = {term("sh:PropertyShape"), term("sh:NodeShape")}
    defined = {t.subject for t in triples if t.predicate == term("rdf:type") and t.object in kinds}
    referred = {t.object for t in triples if t.predicate == term("sh:property")}
    assert all(isinstance(shape, NamedNode) and shape.value.startswith(SHAPE) for shape in referred)
    assert referred <= defined
    assert not any(isinstance(t.subject, BlankNode) for t in triples if t.predicate == term("sh:severity"))
    used = {t.object for t in triples if local(t) in {"property", "not"} or t.predicate == term("rdf:first")}
    targeted = {t.subject for t in triples if local(t).startswith("target")}
    assert defined <= used | targeted | {NamedNode(f"{SHAPE}validation-failed")}
