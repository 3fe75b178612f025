"""The counts of a snapshot are those of its store, and an unreadable file is none."""

from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store

from maillon.store import statistics
from maillon.vocabulary import TYPE, term

QUADS = b"""
<urn:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:C> .
<urn:b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:C> .
<urn:b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:D> .
<urn:a> <urn:p> "1" .
<urn:a> <urn:p> "2" .
<urn:a> <urn:p> "3" .
<urn:a> <urn:p> "4" .
<urn:a> <urn:q> "1" <urn:g> .
<urn:a> <urn:p> "1" <urn:g> .
<urn:a> <urn:p> "1" <urn:h> .
"""


def _counted() -> statistics.Statistics:
    store = Store()
    store.load(QUADS, RdfFormat.N_QUADS)
    return statistics.count(store)


def test_graphs_classes_and_properties_are_counted_the_largest_first() -> None:
    counted = _counted()
    assert list(counted.graphs.items()) == [("urn:g", 2), ("urn:h", 1)]
    assert list(counted.classes.items()) == [("urn:C", 2), ("urn:D", 1)]
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    assert list(counted.properties.items()) == [("urn:p", 4), (kind, 3)]


def test_codes_are_counted_by_class_where_all_are_iris_and_not_too_many() -> None:
    store, theme, kind = Store(), term("dcat:theme"), term("dcat:Dataset")
    for number in range(1001):
        node = NamedNode(f"urn:{number}")
        store.add(Quad(node, theme, NamedNode("urn:a" if number % 3 else "urn:b")))
        store.add(Quad(node, term("dct:format"), node))
        if number < 4:
            store.add(Quad(node, TYPE, kind))
    store.add(Quad(NamedNode("urn:0"), term("dct:license"), BlankNode("b")))
    found = statistics.count(store).codes
    assert found[statistics.code_key("", theme.value)] == {"urn:a": 667, "urn:b": 334}
    assert found[statistics.code_key(kind.value, theme.value)] == {"urn:a": 2, "urn:b": 2}
    assert len(found) == 2, "there are too many formats, and a licence without an IRI"


def test_an_empty_store_is_counted_too() -> None:
    assert statistics.count(Store()) == statistics.Statistics(graphs={}, classes={}, properties={})


def test_counts_are_read_as_they_were_written(tmp_path: Path) -> None:
    with_codes = replace(_counted(), codes={"urn:C urn:p": {"urn:a": 1}})
    statistics.write(tmp_path, with_codes)
    assert statistics.read(tmp_path) == with_codes
    statistics.write(tmp_path, _counted())
    assert statistics.read(tmp_path) == _counted()
    assert list((statistics.read(tmp_path) or _counted()).classes) == ["urn:C", "urn:D"]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "[]",
        '{"graphs": {}}',
        '{"graphs": {"a": "b"}, "classes": {}, "properties": {}}',
        "\x00",
        '{"graphs": {}, "classes": {}, "properties": {}, "codes": {"a": 1}}',
    ],
)
def test_a_file_that_cannot_be_read_is_no_counts(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / statistics.NAME).write_text(text, encoding="utf-8")
    assert statistics.read(tmp_path) is None
