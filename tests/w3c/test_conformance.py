"""The W3C's suites against a running server: what the engine passes, passes over HTTP; docs/conformance.md tells."""

from collections.abc import Callable

import pytest

from . import http_scripts, manifests, running
from .endpoints import Direct, Http, Live
from .manifests import Case
from .page import PAGE, REASONS, Suite, page

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not manifests.SUITES.is_dir(), reason="../shared is absent: the W3C's suites are there"),
]
QUERY = "sparql11/manifest-sparql11-query.ttl"
UPDATE = "sparql11/manifest-sparql11-update.ttl"
EVALUATED = (
    ("SPARQL 1.1 query, evaluation", QUERY, False, 225),
    ("SPARQL 1.1 query, syntax", QUERY, True, 103),
    ("SPARQL 1.1 results, JSON, CSV and TSV", "sparql11/manifest-sparql11-results.ttl", False, 10),
    ("SPARQL 1.1 update, evaluation", UPDATE, False, 94),
    ("SPARQL 1.1 update, syntax", UPDATE, True, 63),
    ("SPARQL 1.0 query, evaluation", "sparql10/manifest-evaluation.ttl", False, 283),
    ("SPARQL 1.0 query, syntax", "sparql10/manifest-syntax.ttl", True, 199),
)
PROTOCOL = "sparql11/protocol/manifest.ttl"
GRAPH_STORE = "sparql11/graph-store-protocol/manifest.ttl"
GOES_OUT = ("LOAD", "SERVICE")


def _evaluated(operator: Http) -> list[Suite]:
    suites = []
    for name, manifest, is_syntax, number in EVALUATED:
        cases = [case for case in manifests.cases(manifest) if ("Syntax" in case.kind) is is_syntax]
        assert len(cases) == number, name
        outgoing = frozenset(case.name for case in cases if any(word in case.text for word in GOES_OUT))
        asked: list[Case] = [case for case in cases if case.name not in outgoing]
        faults = running.run(cases, Live(operator))
        suites.append(Suite(name, "/working/sparql", faults, running.run(asked, Direct()), outgoing))
    return suites


def _empty(operator: Http) -> None:
    assert operator.send("POST", "/working/sparql", b"DROP ALL", content_type="application/sparql-update")[0] == 204


def _played(operator: Http, manifest: str, prefix: str, path: str) -> dict[str, str]:
    faults = {}
    for script in http_scripts.scripts(manifest):
        _empty(operator)
        for name, content in script.graphs:
            target = f"/working/graphs?graph={name}"
            assert operator.send("PUT", target, content, content_type="application/n-triples")[0] == 201
        faults[script.name] = http_scripts.play(script, operator, prefix, path)
    return faults


def _over_http(operator: Http, visitor: Http) -> list[Suite]:
    public = {
        script.name: http_scripts.play(script, visitor, "/sparql/", "/sparql")
        for script in http_scripts.scripts(PROTOCOL)
        if not script.graphs and not script.name.startswith("update_")
    }
    assert len(public) == 21
    described: Callable[[Http, str], dict[str, str]] = http_scripts.service_description
    return [
        Suite("Protocol", "/working/sparql", _played(operator, PROTOCOL, "/sparql/", "/working/sparql")),
        Suite("Protocol, what needs no data and no update", "/sparql", public),
        Suite("Service Description", "/working/sparql", described(operator, "/working/sparql")),
        Suite("Service Description", "/sparql", described(visitor, "/sparql")),
        Suite("Graph Store Protocol", "/working/graphs", _played(operator, GRAPH_STORE, "/gsp", "/working/graphs")),
    ]


def test_the_suites_pass_and_the_page_says_what_came_out(operator: Http, visitor: Http) -> None:
    suites = [*_evaluated(operator), *_over_http(operator, visitor)]
    numbers = {(suite.name, suite.address): len(suite.faults) for suite in suites}
    assert numbers["Protocol", "/working/sparql"] == 34
    assert numbers["Graph Store Protocol", "/working/graphs"] == 13
    assert [line for suite in suites for line in suite.worse] == []
    failed = {name for suite in suites for name in suite.failed}
    assert failed == set(REASONS), "give each test that is not passed its reason in tests/w3c/page.py, and no other"
    text = page(suites)
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        PAGE.write_text(text, encoding="utf-8")
        pytest.fail("docs/conformance.md was not what came out; it has been written anew: read and commit it")
