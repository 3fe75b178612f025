"""Tables with CSVW metadata as entities: keys, several things in a row, references, and what is passed over."""

import json
from typing import Any

import pytest

from maillon.errors import ParseFailed
from maillon.tabular import metadata

from .conftest import BASE, ROOT, Convert

COLUMNS: list[dict[str, Any]] = [
    {"name": "id", "titles": "Id", "required": True, "propertyUrl": "dct:identifier"},
    {"name": "when", "titles": "When", "datatype": {"base": "date", "format": "d.M.yyyy"}, "propertyUrl": "dct:date"},
    {"name": "tags", "titles": "Tags", "separator": ";", "ordered": True, "propertyUrl": "schema:keywords"},
]
TABLE = "Id,When,Tags\n1,1.2.2024,a; b\n2,x,\n"


def described(schema: dict[str, Any] | None = None, **more: Any) -> dict[str, str]:
    schema = {"columns": COLUMNS, "primaryKey": "id", **(schema or {})}
    table = {"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": schema, **more}
    return {"m.json": json.dumps(table)}


def test_the_primary_key_names_rows_that_have_no_about_url(convert: Convert) -> None:
    found = convert("t.csv", TABLE, 'csvw = "m.json"', described())
    assert [row.iri for row in found.rows()] == [f"{ROOT}1", f"{ROOT}2"]
    assert found.said("1")["date"] == ["2024-02-01"]
    assert found.messages == ['t.csv row 3, column "When": wrong cell: "x" is no date as d.M.yyyy']


def test_ordered_values_are_a_list_in_their_order(convert: Convert) -> None:
    store = convert("t.csv", TABLE, 'csvw = "m.json"', described()).store()
    rdf = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>"
    query = rdf + "SELECT ?v { ?s <http://schema.org/keywords> ?l . "
    for path, value in (("rdf:first", "a"), ("rdf:rest/rdf:first", "b")):
        (row,) = list(store.query(query + f"?l {path} ?v }}"))  # type: ignore[arg-type]
        assert row[0].value == value


def test_one_row_may_describe_several_things_and_shared_ones_come_once(convert: Convert) -> None:
    columns = [
        {"name": "id", "titles": "Id", "aboutUrl": "#e-{id}", "propertyUrl": "schema:name"},
        {"name": "place", "titles": "Place", "aboutUrl": "#p-{place}", "propertyUrl": "schema:name"},
        {"virtual": True, "aboutUrl": "#e-{id}", "propertyUrl": "schema:location", "valueUrl": "#p-{place}"},
    ]
    others = described({"columns": columns, "primaryKey": []})
    found = convert("t.csv", "Id,Place\n1,Here\n2,Here\n", 'csvw = "m.json"', others)
    iris = [f"https://files.example/t.csv#{part}" for part in ("e-1", "p-Here", "e-2")]
    assert [row.iri for row in found.rows()] == iris
    assert not found.rejected


def test_what_metadata_says_of_the_table_is_said_of_its_graph(convert: Convert) -> None:
    more: dict[str, Any] = {
        "dct:title": {"@value": "T", "@language": "nl"},
        "notes": [{"@type": "oa:Annotation", "rdf:value": "n"}],
    }
    first = convert("t.csv", TABLE, 'csvw = "m.json"', described(**more)).entities[0]
    assert first.iri == f"{BASE}graph/data/test/t"
    assert {'"T"@nl', '"n"'} <= {str(triple.object) for triple in first.triples}


def test_a_reference_to_no_row_of_the_other_table_is_named(convert: Convert) -> None:
    keys = [{"columnReference": "id", "reference": {"resource": "u.csv", "columnReference": "code"}}]
    group = {
        "@context": "http://www.w3.org/ns/csvw",
        "tables": [
            {"url": "t.csv", "tableSchema": {"columns": COLUMNS, "primaryKey": "id", "foreignKeys": keys}},
            {"url": "u.csv", "tableSchema": {"columns": [{"name": "code"}]}},
        ],
    }
    others = {"m.json": json.dumps(group), "u.csv": "code\n1\n"}
    found = convert("t.csv", TABLE.replace("x", ""), 'csvw = "m.json"', others)
    assert found.messages == ['t.csv row 3, column "id": wrong cell: "2" is no row of u.csv']
    assert len(found.rows()) == 2


def test_rows_without_identity_are_refused_with_what_to_add(convert: Convert) -> None:
    with pytest.raises(ParseFailed, match="give aboutUrl or primaryKey, or iri here"):
        convert("t.csv", TABLE, 'csvw = "m.json"', described({"primaryKey": []}))
    found = convert("t.csv", TABLE, 'csvw = "m.json"\niri = "x/{id}"', described({"primaryKey": []}))
    assert [row.iri for row in found.rows()] == [f"{ROOT}x/1", f"{ROOT}x/2"]


def test_what_must_be_passed_over_is_listed(convert: Convert) -> None:
    columns = [{**COLUMNS[0], "null": 5, "lang": "!", "datatype": "colour"}, *COLUMNS[1:]]
    found = convert("t.csv", TABLE, 'csvw = "m.json"', described({"columns": columns}))
    assert {item.detail for item in found.rejected if item.reason == "CSVW metadata passed over"} == {
        "null 5 is no text",
        "'!' is no language tag",
        "datatype 'colour' is unknown: taken as string",
    }


def test_a_header_other_than_described_is_listed(convert: Convert) -> None:
    found = convert("t.csv", TABLE.replace("When", "Quand"), 'csvw = "m.json"', described())
    assert "column 2 is headed 'Quand' and described as 'When'" in {item.detail for item in found.rejected}


def test_metadata_of_another_file_is_refused(convert: Convert) -> None:
    group = json.dumps({"tables": [{"url": "a.csv"}, {"url": "b.csv"}]})
    with pytest.raises(ParseFailed, match=r"describes a\.csv, b\.csv, but not t\.csv"):
        convert("t.csv", TABLE, 'csvw = "m.json"', {"m.json": group})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is no JSON"),
        (b"[]", "holds no JSON object"),
        (b"{}", "neither url nor tables"),
        (b'{"tables": [{"dct:title": "x"}]}', "a table has no url"),
        (b'{"tables": [' + b'{"url": "a"},' * 600 + b'{"url": "b"}]}', "describes 601 tables"),
        (b'{"a":' * 100_000, "is no JSON"),
    ],
)
def test_what_is_no_metadata_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ParseFailed, match=message):
        metadata.read(content, "https://x.example/m.json", lambda _: b"")
