"""Runs the tests of the suites against an endpoint and says of each whether it passes, or why it does not."""

import re
from collections.abc import Iterable
from typing import Final

from pyoxigraph import Dataset, NamedNode, Quad, RdfFormat, parse

from . import comparing
from .endpoints import Endpoint, Refused
from .manifests import Case, Data, address_of

PASSED: Final = ""
_GRAPH: Final = re.compile(r"^\s*(?:CONSTRUCT|DESCRIBE)\b", re.IGNORECASE | re.MULTILINE)


def run(cases: Iterable[Case], endpoint: Endpoint) -> dict[str, str]:
    """Return the fault of each test by its name, empty for one that passes."""
    held: Data | None = None
    faults = {}
    for case in cases:
        is_evaluated = case.kind.endswith(("EvaluationTest", "ResultFormatTest"))
        if is_evaluated and (held != case.data or case.base.endswith(".ru")):
            endpoint.load(case.data)
            held = case.data if not case.base.endswith(".ru") else None
        try:
            faults[case.name] = _fault(case, endpoint)
        except Refused as refused:
            faults[case.name] = str(refused)
    return faults


def _fault(case: Case, endpoint: Endpoint) -> str:
    if "Syntax" in case.kind:
        return _syntax(case, endpoint)
    if case.kind == "UpdateEvaluationTest":
        endpoint.update(case.text, case.base)
        is_right = comparing.dataset(endpoint.quads()) == comparing.dataset(_quads(case.after))
        return PASSED if is_right else "the dataset afterwards is another one"
    assert case.expected is not None, case.name
    wanted = comparing.expected(case.expected, address_of(case.expected))
    suffix = case.expected.suffix
    if isinstance(wanted, Dataset):
        content = endpoint.query(case.text, case.base, ".ttl")
        given: comparing.Answer = comparing.dataset(list(parse(content, RdfFormat.TURTLE)))
    else:
        suffix = ".srj" if suffix in comparing.RDF_SUFFIXES else suffix
        given = comparing.table(endpoint.query(case.text, case.base, suffix), suffix)
    return PASSED if comparing.is_same(wanted, given, is_lax=case.is_lax) else "the answer is another one"


def _quads(data: Data) -> list[Quad]:
    """Return the quads of a dataset, blank nodes of its files kept apart."""
    found: list[Quad] = []
    graphs = [(None, path) for path in data.default] + [(NamedNode(name), path) for name, path in data.named]
    for graph, path in graphs:
        form = comparing.RDF_SUFFIXES[path.suffix]
        quads = parse(path=path, format=form, base_iri=address_of(path), rename_blank_nodes=True)
        found += [Quad(quad.subject, quad.predicate, quad.object, graph) if graph else quad for quad in quads]
    return found


def _syntax(case: Case, endpoint: Endpoint) -> str:
    """Tell whether a text is taken for SPARQL or not; what it asks for need not be there."""
    try:
        if case.base.endswith(".ru"):
            endpoint.update(case.text, case.base)
        else:
            endpoint.query(case.text, case.base, ".ttl" if _GRAPH.search(case.text) else ".srj")
    except Refused as refused:
        if case.kind.startswith("Negative"):
            return PASSED if refused.is_syntax else f"refused, but not as a syntax error: {refused}"
        return f"refused: {refused}" if refused.is_syntax else PASSED
    return "accepted" if case.kind.startswith("Negative") else PASSED
