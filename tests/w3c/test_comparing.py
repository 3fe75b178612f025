"""The comparison of the suites takes the same for the same and nothing else; faults of answers are seen."""

import pytest
from pyoxigraph import RdfFormat, parse

from . import comparing, http_scripts
from .comparing import Answer
from .http_scripts import Sent
from .page import Suite, page

HEAD = "?a\t?b\n"


def rows(*lines: str) -> Answer:
    return comparing.table((HEAD + "".join(f"{line}\n" for line in lines)).encode(), ".tsv")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (["1\t2", "3\t4"], ["3\t4", "1\t2"], True),
        (["1\t2", "1\t2"], ["1\t2"], False),
        (["1\t2"], ["1\t3"], False),
        (["1\t"], ["1\t2"], False),
        (['"01"^^<http://www.w3.org/2001/XMLSchema#integer>\t2'], ["1\t2"], True),
        (['"1"\t2'], ["1\t2"], False),
        (["_:x\t_:y", "_:y\t_:x"], ["_:b\t_:a", "_:a\t_:b"], True),
        (["_:x\t_:y", "_:y\t_:z"], ["_:a\t_:b", "_:a\t_:c"], False),
        (["_:x\t_:x"], ["_:a\t_:b"], False),
        (["_:x\t_:y"], ["_:a\t_:a"], False),
        (["_:x\t1", "_:x\t2"], ["_:a\t2", "_:a\t1"], True),
        (["_:x\t1", "_:x\t2"], ["_:a\t2", "_:b\t1"], False),
    ],
)
def test_rows_are_compared_up_to_order_and_names_of_blank_nodes(
    one: list[str], other: list[str], is_same: bool
) -> None:
    assert comparing.is_same(rows(*one), rows(*other)) is is_same
    assert comparing.is_same(rows(*other), rows(*one)) is is_same


def test_a_reduced_answer_may_repeat_rows_less_often_but_not_more() -> None:
    assert comparing.is_same(rows("1\t2", "1\t2"), rows("1\t2"), is_lax=True)
    assert not comparing.is_same(rows("1\t2"), rows("1\t2", "1\t2"), is_lax=True)
    assert not comparing.is_same(rows("1\t2", "3\t4"), rows("1\t2"), is_lax=True)


def test_a_truth_is_no_table() -> None:
    truth = comparing.table(b'{"head":{},"boolean":true}', ".srj")
    assert truth is True
    assert comparing.is_same(truth, True)
    assert not comparing.is_same(truth, False)
    assert not comparing.is_same(truth, rows("1\t2"))


def test_graphs_are_compared_up_to_names_of_blank_nodes() -> None:
    def graph(turtle: str) -> Answer:
        return comparing.dataset(list(parse(turtle, RdfFormat.TURTLE, base_iri="http://a/")))

    assert comparing.is_same(graph("_:x <p> _:y . _:y <p> 1 ."), graph("_:b <p> 1 . _:a <p> _:b ."))
    assert not comparing.is_same(graph("_:x <p> _:y . _:y <p> 1 ."), graph("_:x <p> _:y . _:x <p> 1 ."))


def test_faults_of_an_answer_are_seen() -> None:
    sent = Sent(
        method="GET", path="/", headers={}, body=None, statuses=frozenset({"2"}), boolean=True, format="boolean",
        location="", turtle="",
    )  # fmt: skip
    json = "application/sparql-results+json"
    assert list(http_scripts._wrong(sent, 200, json, b'{"boolean": true}')) == []
    assert list(http_scripts._wrong(sent, 404, json, b'{"boolean": true}'))
    assert list(http_scripts._wrong(sent, 200, "text/plain", b'{"boolean": true}'))
    assert list(http_scripts._wrong(sent, 200, json, b'{"boolean": false}'))


def test_a_test_that_only_the_engine_passes_is_worse_and_stands_on_the_page() -> None:
    faults = {"a": "", "b": "wrong", "c": "wrong", "d": "refused"}
    suite = Suite("S", "/x", faults, {"a": "", "b": "", "c": "wrong"}, frozenset({"d"}))
    assert suite.worse == ["b: wrong"]
    assert "| S | `/x` | 4 | 2 | 1 |" in page([suite])
    assert "| S | b | wrong |" in page([suite])
