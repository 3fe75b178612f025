"""pySHACL as the reference: the same results on the examples of the rules, on real catalogues and on mutated graphs.

Compared are focus, path, severity, component and shape. Values are not: pySHACL rewrites the lexical form of literals.
What of pySHACL is put right for that, and what stays different, stands in ``maillon.validation.pyshacl_engine``. Here
are the parts that take seconds; ``bench/validation_reference.py`` compares whole catalogues and 60 mutated graphs, and
docs/decisions/0022-engines-and-official-shapes.md has what came out.
"""

import gzip
import hashlib
import random
import re
from collections import Counter
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from bench import _validation_fuzz as fuzz
from maillon import paths, validation
from maillon.records import Version
from maillon.validation import agreement, engine, marks, shapes
from maillon.validation.engine import Engine

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = sorted((ROOT / "tests" / "shapes").glob("*/*.ttl"))
SHARED = ROOT.parent / "shared"
SUBSET = SHARED / "corpus" / "dcat" / "be-data-gov-ldes" / "derived-brussels-subset.nt.gz"
OFFICIAL = SHARED / "standards" / "examples"
GERMAN = OFFICIAL / "dcat-ap-de-testcases" / "dashboard"
needs_shared = pytest.mark.skipif(not SUBSET.is_file(), reason="../shared is absent: corpus tests need it")


@pytest.fixture(scope="module", name="reference")
def _reference() -> Engine:
    return engine.reference()


def triples_of(path: Path) -> list[Triple]:
    """Return the triples of an example; its subjects are made different from those of the other examples."""
    host = f"{path.parent.name}-{path.stem}".replace(".", "-")
    content = path.read_text(encoding="utf-8").replace("<https://data.example/", f"<https://{host}.example/")
    return [quad.triple for quad in parse(content, RdfFormat.TURTLE, rename_blank_nodes=True)]


def assert_equal(text: str, reference: Engine, name: str = "") -> int:
    """Compare the engine with the reference on a text with its marks; return how many results there are."""
    data = text + marks.marked(text)
    ours = engine.default().validate(data)
    assert agreement.differing(ours, reference.validate(data)) == {}, name
    return len(ours)


def test_equal_on_the_examples_of_every_rule(reference: Engine) -> None:
    found = 0
    for start in range(0, len(EXAMPLES), 100):
        part = EXAMPLES[start : start + 100]
        triples = [triple for path in part for triple in triples_of(path)]
        found += assert_equal(fuzz.text_of(triples), reference, f"{part[0]} and after")
    assert found > len(EXAMPLES)


def test_equal_on_mutated_graphs(reference: Engine) -> None:
    examples = [triple for path in EXAMPLES for triple in triples_of(path)]
    found = sum(assert_equal(fuzz.graph(seed, examples), reference, f"seed {seed}") for seed in range(6))
    assert found > 500, "the mutations must break something"


def test_mutations_are_the_same_for_a_seed_and_reach_every_class_of_the_shapes() -> None:
    examples = [triple for path in EXAMPLES[:50] for triple in triples_of(path)]
    assert fuzz.graph(3, examples) == fuzz.graph(3, examples) != fuzz.graph(5, examples)
    assert fuzz.graph(2, examples) != fuzz.graph(4, [])
    classes, properties = fuzz.terms()
    assert len(classes) > 15
    assert len(properties) > 40


@needs_shared
@pytest.mark.corpus
@pytest.mark.parametrize("name", ["brandenburg", "bremen", "destatis", "rostock"])
def test_equal_on_a_part_of_each_real_catalogue(name: str, reference: Engine) -> None:
    content = (GERMAN / f"{name}-catalog-original-input.rdf").read_bytes()
    triples = [quad.triple for quad in parse(content, RdfFormat.RDF_XML, base_iri="https://e.example/")]
    subjects = sorted({str(triple.subject) for triple in triples})
    kept = set(random.Random(name).sample(subjects, min(80, len(subjects))))
    part = fuzz.text_of([triple for triple in triples if str(triple.subject) in kept])
    assert assert_equal(part, reference) > 20


@needs_shared
@pytest.mark.corpus
def test_equal_on_the_examples_of_dcat_ap_es(reference: Engine) -> None:
    triples: list[Triple] = []
    left_out = []
    for path in sorted((OFFICIAL / "dcat-ap-es" / "ttl").rglob("*.ttl")):
        try:
            triples += [quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)]
        except SyntaxError:
            left_out.append(path.name)
    assert len(left_out) < 20
    assert assert_equal(fuzz.text_of(triples), reference) > 100


def subset_versions() -> list[Version]:
    """Every subject of the Brussels subset of data.gov.be as a version of its own; blank nodes are named for that."""
    lines: dict[str, list[str]] = {}
    content = re.sub(r"(?<=[ \n])_:(\w+)(?= )", r"<urn:genid:\1>", "\n" + gzip.decompress(SUBSET.read_bytes()).decode())
    for line in content.split("\n"):
        if line.strip():
            lines.setdefault(line.split(" ", 1)[0], []).append(line + "\n")
    texts = {subject: "".join(sorted(part)) for subject, part in lines.items()}
    return [
        Version(subject.strip("<>"), "resource", hashlib.sha256(text.encode()).hexdigest(), text)
        for subject, text in texts.items()
    ]


@needs_shared
@pytest.mark.corpus
def test_entities_apart_give_what_the_whole_graph_gives() -> None:
    versions = subset_versions()
    apart = Counter(agreement.row(finding) for found in validation.validate(versions).values() for finding in found)
    whole = "".join(version.text + marks.marked(version.text) for version in versions)
    assert apart == Counter(agreement.row(result) for result in engine.default().validate(whole))
    assert len(versions) > 1000
    assert sum(apart.values()) > 0


@needs_shared
@pytest.mark.corpus
def test_equal_on_real_entities(reference: Engine) -> None:
    sample = random.Random(1).sample(subset_versions(), 150)
    outcome = agreement.compare(sample, engine.default(), reference)
    assert outcome.disagreements == ()
    assert outcome.findings > 50


def test_the_shapes_text_is_what_the_files_say_and_blank_nodes_of_two_files_never_meet() -> None:
    def blind(term: object) -> str:
        return "_:" if isinstance(term, BlankNode | rdflib.BNode) else str(term)

    files, nodes = Counter[tuple[str, ...]](), 0
    for path in paths.SHAPES.glob("*.ttl"):
        graph = rdflib.Graph().parse(path, format="turtle")
        files.update((blind(s), blind(p), blind(o)) for s, p, o in graph)
        nodes += len({term for triple in graph for term in triple if isinstance(term, rdflib.BNode)})
    joined = [quad.triple for quad in parse(shapes.text(), RdfFormat.N_TRIPLES)]
    values = [(item.subject, item.predicate, item.object) for item in joined]
    bare = Counter(
        tuple(blind(term.value if isinstance(term, NamedNode | Literal) else term) for term in triple)
        for triple in values
    )
    assert bare == files
    assert len({term for triple in values for term in triple if isinstance(term, BlankNode)}) == nodes
