"""Forms of answers of our own: the first rows for pages, and flat records for spreadsheets."""

import io
import json
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from maillon.sparql.labels import Labels
from maillon.sparql.tables import records, table, value

XSD = "http://www.w3.org/2001/XMLSchema#"
DATA = """
@prefix dct: <http://purl.org/dc/terms/> . @prefix e: <http://x/> .
e:a dct:title "Un"@fr , "Een"@nl ; e:n 12 ; e:p e:b . e:b dct:title "Deux"@fr ; e:n 1.5 . e:c e:n "x" .
"""


@pytest.fixture
def store() -> Store:
    found = Store()
    found.load(DATA.encode(), RdfFormat.TURTLE)
    return found


def written(result: Any, labels: Labels | None = None) -> Any:
    output = io.BytesIO()
    records(result, labels, output.write)
    return json.loads(output.getvalue())


@pytest.mark.parametrize(
    ("text", "datatype", "found"),
    [
        ("12", "integer", 12), ("-007", "int", -7), ("123456789012345", "long", 123456789012345),
        ("1234567890123456", "integer", "1234567890123456"), ("9" * 10_000, "integer", "9" * 10_000),
        ("twelve", "integer", "twelve"), ("1.5", "decimal", 1.5), ("0.1", "decimal", 0.1), (".5", "decimal", 0.5),
        ("2.0", "decimal", 2), ("1000000000000000000", "decimal", "1000000000000000000"),
        ("0.1234567890123456789", "decimal", "0.1234567890123456789"), ("1e5", "decimal", "1e5"),
        ("1.5E3", "double", 1500.0), ("NaN", "double", "NaN"), ("-INF", "float", "-INF"), ("1e999", "double", "1e999"),
        ("true", "boolean", True), ("0", "boolean", False), ("yes", "boolean", "yes"),
        ("2024-02-03", "date", "2024-02-03"), ("1_0", "integer", "1_0"), ("١٢", "integer", "١٢"), ("", "integer", ""),
        ("", "decimal", ""), ("0", "integer", 0), ("-0", "integer", 0), ("0.0", "decimal", 0), ("x", "string", "x"),
    ],
)  # fmt: skip
def test_a_literal_becomes_what_a_spreadsheet_holds(text: str, datatype: str, found: Any) -> None:
    got = value(Literal(text, datatype=NamedNode(XSD + datatype)))
    assert (got, type(got)) == (found, type(found))


def test_every_record_has_every_column_and_numbers_are_numbers(store: Store) -> None:
    result = store.query("SELECT ?s ?n ?p { ?s <http://x/n> ?n OPTIONAL { ?s <http://x/p> ?p } } ORDER BY ?s")
    assert written(result) == [
        {"s": "http://x/a", "n": 12, "p": "http://x/b"},
        {"s": "http://x/b", "n": 1.5, "p": None},
        {"s": "http://x/c", "n": "x", "p": None},
    ]


def test_columns_with_iris_get_one_with_labels_after_them(store: Store) -> None:
    result = store.query("SELECT ?s ?n ?p { ?s <http://x/n> ?n OPTIONAL { ?s <http://x/p> ?p } } ORDER BY ?s")
    found = written(result, Labels(store, "nl"))
    assert [list(row) for row in found] == [["s", "s_label", "n", "p", "p_label"]] * 3
    assert [(row["s_label"], row["p_label"]) for row in found] == [("Een", "Deux"), ("Deux", None), (None, None)]


def test_a_column_of_the_query_is_not_overwritten_by_a_label(store: Store) -> None:
    result = store.query("SELECT ?s ?s_label { ?s <http://x/n> ?s_label } ORDER BY ?s")
    assert [row["s_label"] for row in written(result, Labels(store, "fr"))] == [12, 1.5, "x"]


def test_other_results_are_records_too(store: Store) -> None:
    assert written(store.query("ASK { ?s ?p ?o }")) == [{"answer": True}]
    assert written(store.query("ASK { ?s ?p 13 }"), Labels(store)) == [{"answer": False}]
    assert written(store.query("SELECT * { ?s <http://x/none> ?o }"), Labels(store)) == []
    assert written(store.query("SELECT ?s { VALUES ?s { UNDEF } }"), Labels(store)) == [{"s": None}]
    graph = written(store.query("CONSTRUCT { ?s <http://x/n> ?n } WHERE { ?s <http://x/n> ?n FILTER(?n = 12) }"))
    assert graph == [{"subject": "http://x/a", "predicate": "http://x/n", "object": 12}]
    blank, triple = written(
        store.query("SELECT ?x { { BIND(BNODE() AS ?x) } UNION { BIND(<<( <a:a> <a:b> 1 )>> AS ?x) } }")
    )
    assert (blank["x"][:2], triple["x"][:6]) == ("_:", "<a:a> ")


def test_records_come_in_parts_and_stay_open_where_they_break_off(store: Store) -> None:
    query = "SELECT ?x ?y { ?x ?p ?o . ?y ?q ?r . ?z ?s ?t . ?a ?b ?c . ?d ?e ?f }"
    parts: list[bytes] = []

    def write(data: bytes) -> None:
        if len(parts) == 3:
            raise BrokenPipeError
        parts.append(data)

    with pytest.raises(BrokenPipeError):
        records(store.query(query), Labels(store, "fr"), write)
    assert all(30_000 < len(part) < 40_000 for part in parts)
    with pytest.raises(ValueError, match=r"delimiter|Expecting"):
        json.loads(b"".join(parts))


def test_a_table_has_labels_beside_iris_where_they_are_asked_for(store: Store) -> None:
    query = "SELECT ?s ?n { ?s <http://x/n> ?n } ORDER BY ?s"
    plain = json.loads(table(store.query(query), 2))
    assert plain["columns"] == ["s", "n"]
    assert plain["truncated"]
    assert plain["rows"][0] == [
        {"type": "iri", "text": "http://x/a"},
        {"type": "literal", "text": "12", "lang": "", "datatype": XSD + "integer"},
    ]
    labelled = json.loads(table(store.query(query), 3, Labels(store, "fr")))
    assert not labelled["truncated"]
    assert labelled["rows"][0][0] == {"type": "iri", "text": "http://x/a", "label": "Un", "label_lang": "fr"}
    assert labelled["rows"][2][0] == {"type": "iri", "text": "http://x/c"}


def test_a_table_of_an_ask_has_one_cell_and_one_of_a_graph_three_columns(store: Store) -> None:
    assert json.loads(table(store.query("ASK {}"), 10)) == {
        "columns": [], "truncated": False, "rows": [[{"type": "literal", "text": "true", "lang": "", "datatype": ""}]]
    }  # fmt: skip
    graph = json.loads(table(store.query("CONSTRUCT WHERE { ?s ?p ?o }"), 1))
    assert (graph["columns"], graph["truncated"]) == (["subject", "predicate", "object"], True)
