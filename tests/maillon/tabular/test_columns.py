"""Tables whose columns a source's TOML declares: values, links, codes, wrong cells, keys, provenance."""

import pytest

from maillon.errors import ParseFailed, SourceDefinitionError
from maillon.records import Entity

from .conftest import BASE, DISTRIBUTION, ROOT, Convert

PLACES = """
iri = "place/{id}"
class = "schema:Place"
[tables.columns.id]
property = "dct:identifier"
[tables.columns.naam]
property = "schema:name"
language = "nl"
[tables.columns.inwoners]
property = "schema:population"
datatype = "integer"
"""


def test_a_row_becomes_an_entity_linked_to_its_row_and_its_table(convert: Convert) -> None:
    found = convert("p.csv", "id,naam,inwoners\n7,Jette,52\n", PLACES)
    assert not found.rejected
    (row,) = found.rows()
    assert (row.iri, row.kind) == (f"{ROOT}place/7", "data")
    assert sorted(map(str, row.triples)) == sorted(
        f"<{ROOT}place/7> {rest}"
        for rest in (
            "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://schema.org/Place>",
            '<http://purl.org/dc/terms/identifier> "7"',
            '<http://schema.org/name> "Jette"@nl',
            '<http://schema.org/population> "52"^^<http://www.w3.org/2001/XMLSchema#integer>',
            f"<http://rdfs.org/ns/void#inDataset> <{BASE}graph/data/test/t>",
            f"<http://www.w3.org/ns/prov#wasDerivedFrom> <{DISTRIBUTION}#row=2>",
        )
    )


def test_the_table_itself_is_described_first_with_its_dataset_and_distribution(convert: Convert) -> None:
    first = convert("p.csv", "id,naam,inwoners\n7,Jette,52\n", PLACES).entities[0]
    assert isinstance(first, Entity)
    assert first.iri == f"{BASE}graph/data/test/t"
    said = {str(triple.object) for triple in first.triples}
    assert {f"<{DISTRIBUTION}>", "<https://portal.example/id/dataset/1>", "<http://rdfs.org/ns/void#Dataset>"} <= said


def test_a_wrong_cell_is_named_and_its_row_kept_without_it(convert: Convert) -> None:
    found = convert("p.csv", "id,naam,inwoners\n1,A,1\n2,B,n/a\n", PLACES)
    assert found.messages == ['p.csv row 3, column "inwoners": wrong cell: "n/a" is no integer']
    assert not found.rejected[0].is_dataset
    assert "population" not in found.said("place/2")
    assert found.said("place/2")["name"] == ["B"]


def test_texts_declared_as_null_say_nothing(convert: Convert) -> None:
    found = convert("p.csv", "id,naam,inwoners\n2,-,n/a\n", 'null = ["n/a", "-"]\n' + PLACES)
    assert not found.rejected
    assert found.said("place/2").keys() == {"type", "identifier", "inDataset", "wasDerivedFrom"}


def test_a_row_without_key_is_rejected(convert: Convert) -> None:
    found = convert("p.csv", "id,naam,inwoners\n,Jette,52\n8,Evere,1\n", PLACES)
    assert found.messages == ["p.csv row 2: row without key: no usable value of id, of which its IRI is made"]
    assert len(found.rows()) == 1


def test_a_key_that_stands_twice_is_rejected_the_second_time(convert: Convert) -> None:
    found = convert("p.csv", "id,naam,inwoners\n8,Evere,1\n8,Jette,52\n", PLACES)
    assert found.messages == [f"p.csv row 3: key that stood before: {ROOT}place/8 is row 2 already"]
    assert found.said("place/8")["name"] == ["Evere"]


def test_a_required_cell_that_is_empty_is_named(convert: Convert) -> None:
    found = convert("p.csv", "id,naam,inwoners\n8,,1\n", PLACES.replace('language = "nl"', "required = true"))
    assert found.messages == ['p.csv row 2, column "naam": wrong cell: is required and missing']


def test_ragged_rows_short_ones_are_filled_long_ones_rejected(convert: Convert) -> None:
    found = convert("p.csv", "id,naam,inwoners\n1,A\n2,B,3,4\n3,C,5,,\n", PLACES)
    assert found.messages == ["p.csv row 3: row that cannot be read: has 4 cells, the table 3 columns"]
    assert [row.iri.rsplit("/", 1)[1] for row in found.rows()] == ["1", "3"]


def test_a_header_that_stands_twice_is_refused_where_it_is_declared(convert: Convert) -> None:
    with pytest.raises(ParseFailed, match="columns 2 and 3 are both headed 'naam'"):
        convert("p.csv", "id,naam,naam,inwoners\n1,A,B,3\n", PLACES)


def test_a_header_that_stands_twice_but_is_not_declared_does_no_harm(convert: Convert) -> None:
    found = convert("p.csv", "id,x,x,naam,inwoners\n1,A,B,Jette,3\n", PLACES)
    assert found.said("place/1")["name"] == ["Jette"]


def test_a_missing_key_column_is_named_with_those_that_are_there(convert: Convert) -> None:
    with pytest.raises(ParseFailed, match=r"has no column 'id'\. Its columns: 'nr', 'naam'"):
        convert("p.csv", "nr,naam\n1,A\n", PLACES)


def test_a_missing_other_column_is_a_line_of_the_report(convert: Convert) -> None:
    found = convert("p.csv", "id,naam\n1,A\n", PLACES)
    assert found.messages == [
        "p.csv: header other than declared: column 'inwoners' is declared, the file has none such"
    ]


def test_an_identifier_with_odd_signs_gets_a_key_without_escapes(convert: Convert) -> None:
    found = convert("p.csv", 'id,naam,inwoners\n"a/b é",A,1\n', PLACES)
    (row,) = found.rows()
    assert row.iri.startswith(ROOT + "place/")
    assert row.iri.removeprefix(ROOT + "place/").isalnum()
    assert found.said(row.iri.removeprefix(ROOT))["identifier"] == ["a/b é"]


def test_an_absolute_template_names_things_of_others_and_is_escaped(convert: Convert) -> None:
    found = convert("p.csv", 'id,naam,inwoners\n"a b",A,1\n', PLACES.replace("place/{id}", "https://x.example/id/{id}"))
    assert [row.iri for row in found.rows()] == ["https://x.example/id/a%20b"]


LINKS = """
iri = "{id}"
[tables.columns.id]
[tables.columns.commune]
property = "schema:containedInPlace"
iri = "../towns/{commune}"
[tables.columns.talen]
property = "dct:language"
codes = "language"
separator = ";"
[tables.columns.soort]
property = "dct:type"
codes = { A = "https://x.example/a", B = "school" }
[tables.columns.zelfde]
virtual = true
property = "owl:sameAs"
iri = "https://x.example/{id}"
"""


def test_links_codes_and_virtual_columns(convert: Convert) -> None:
    found = convert("l.csv", "id,commune,talen,soort\n5,21004,nl; fr;klingon,B\n6,,,A\n7,,,C\n", LINKS)
    five, six = found.said("5"), found.said("6")
    assert five["containedInPlace"] == [f"{BASE}id/data/test/towns/21004"]
    assert [iri.rsplit("/", 1)[1] for iri in five["language"]] == ["NLD", "FRA"]
    assert five["type"] == [f"{ROOT}code/soort/B"]
    assert six["type"] == ["https://x.example/a"]
    assert "containedInPlace" not in six
    assert six["sameAs"] == ["https://x.example/6"]
    assert found.messages == [
        'l.csv row 2, column "talen": wrong cell: "klingon" is not in the code list',
        'l.csv row 4, column "soort": wrong cell: "C" is not in the code list',
    ]
    assert found.said("code/soort/B")["prefLabel"] == ["school"]
    assert found.said("code/soort")["hasTopConcept"] == [f"{ROOT}code/soort/B"]


def test_numbers_and_dates_as_belgian_offices_write_them(convert: Convert) -> None:
    declared = """
iri = "{id}"
[tables.columns.id]
[tables.columns.bedrag]
property = "schema:price"
datatype = "decimal"
decimal = ","
group = "."
[tables.columns.datum]
property = "dct:issued"
datatype = "date"
format = "d/M/yyyy"
[tables.columns.actief]
property = "schema:isAccessibleForFree"
datatype = "boolean"
format = "ja|nee"
"""
    found = convert("b.csv", "id;bedrag;datum;actief\n1;1.234,50;3/12/2024;ja\n2;1.5,0x;30/2/2024;soms\n", declared)
    said = found.said("1")
    assert (said["price"], said["issued"], said["isAccessibleForFree"]) == (["1234.50"], ["2024-12-03"], ["true"])
    assert found.messages == [
        'b.csv row 3, column "bedrag": wrong cell: "1.5,0x" is no decimal number',
        'b.csv row 3, column "datum": wrong cell: "30/2/2024" is no date: there is no such day',
        "b.csv row 3, column \"actief\": wrong cell: \"soms\" is not 'ja' or 'nee'",
    ]


def test_a_wide_table_is_melted_and_its_rows_keep_their_number(convert: Convert) -> None:
    declared = """
iri = "{nis}/{jaar}"
melt = ["2019", "2020"]
melt_into = ["jaar", "aantal"]
[tables.columns.nis]
[tables.columns.jaar]
property = "dct:date"
datatype = "gYear"
[tables.columns.aantal]
property = "schema:value"
datatype = "integer"
"""
    found = convert("w.csv", "nis,2019,2020\n21004,5,x\n", declared)
    assert found.said("21004/2019")["value"] == ["5"]
    assert found.said("21004/2020")["wasDerivedFrom"] == [f"{DISTRIBUTION}#row=2"]
    assert found.messages == ['w.csv row 2, column "aantal": wrong cell: "x" is no integer']
    with pytest.raises(ParseFailed, match="has no column '2020', which melt names"):
        convert("w.csv", "nis,2019\n21004,5\n", declared)


def test_many_wrong_cells_are_named_two_hundred_times_and_then_counted(convert: Convert) -> None:
    rows = "".join(f"{number},A,x\n" for number in range(1000))
    found = convert("p.csv", "id,naam,inwoners\n" + rows, PLACES)
    assert len(found.rejected) == 201
    assert found.messages[-1] == 'p.csv, column "inwoners": wrong cell: 800 more like the 200 that are named'
    assert len(found.rows()) == 1000


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ('iri = "{id}"\nklass = "x"\n[tables.columns.id]', "unknown key klass"),
        ('iri = "{id}"\n[tables.columns.id]\npropriety = "x"', "unknown key columns.id.propriety"),
        ('iri = "{id"\n[tables.columns.id]', "brace"),
        ('iri = "{id}"\n[tables.columns.id]\nproperty = "name"', "neither an IRI nor a name with a known prefix"),
        ('iri = "{id}"\n[tables.columns.id]\ndatatype = "integr"', "datatype 'integr' is unknown"),
        ('iri = "{id}"\n[tables.columns.id]\ndatatype = "date"\nformat = "dd-Q"', "'Q' is no part of a date"),
        ('iri = "{id}"\n[tables.columns.id]\nformat = "(a+)+"', "repeats inside a repetition"),
        ('iri = "{id}"\n[tables.columns.id]\ncodes = "planets"', "no authority table. Known: access-right"),
        ('iri = "{id}"\n[tables.columns.id]\nrequired = "yes"', "columns.id.required = 'yes' is not of the right type"),
        ('iri = "{id}"', "give either csvw or columns"),
        ("[tables.columns.id]", "give iri, such as place/{id}"),
        ('iri = "{id}"\ncsvw = "m.json"\nmelt = ["a"]', "go with columns, not with csvw"),
        ('iri = "{id}"\nformat = "pdf"\n[tables.columns.id]', "format = 'pdf': use one of csv"),
        ('cube = true\nmeasures = ["n"]\n[tables.columns.n]', "a cube needs dimensions"),
        ('cube = true\ndimensions = ["y"]\nmeasures = ["n"]\n[tables.columns.n]', "dimensions: 'y' has no"),
        ('iri = "{id}"\nmeasures = ["id"]\n[tables.columns.id]', "give cube = true"),
    ],
)
def test_a_declaration_that_cannot_be_used_says_which_key_of_which_table(
    convert: Convert, declared: str, message: str
) -> None:
    with pytest.raises(SourceDefinitionError, match="Source test: table t: ") as caught:
        convert("p.csv", "id\n1\n", declared)
    assert message in str(caught.value)
