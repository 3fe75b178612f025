"""Files as they come: encodings, line ends, huge cells, thousands of columns, formulas, pages instead of tables."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from maillon import sheets
from maillon.errors import ParseFailed

from .conftest import DISTRIBUTION, Convert

DECLARED = """
iri = "{code}"
[tables.columns.code]
[tables.columns."nom élu"]
property = "schema:name"
[tables.columns.nombre]
property = "schema:value"
datatype = "integer"
"""
TEXT = "code;nom élu;nombre\n1;Évere;5\n2;Forêt;6\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        TEXT.replace("\n", "\r").encode("utf-8-sig"),
        TEXT.replace("\n", "\r\n").encode("cp1252"),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace(";", ",").encode(),
        TEXT.replace(";", "|").encode(),
    ],
    ids=["utf8", "bom", "cp1252", "utf16", "cr-only", "crlf-cp1252", "tab", "comma", "bar"],
)
def test_encodings_line_ends_and_delimiters_are_told_from_the_file(convert: Convert, content: bytes) -> None:
    found = convert("f.csv", content, DECLARED)
    assert not found.rejected
    assert [found.said(code)["name"] for code in "12"] == [["Évere"], ["Forêt"]]


def test_windows_1252_is_told_though_most_accents_come_late(convert: Convert) -> None:
    rows = "".join(f"{number};{'x' * 10_000};1\n" for number in range(120))
    found = convert("f.csv", f"code;nom élu;nombre\n{rows}z;Évere;1\n".encode("cp1252"), DECLARED)
    assert not found.rejected
    assert found.said("z")["name"] == ["Évere"]


def test_a_cell_of_ten_megabytes_costs_its_row_only(convert: Convert) -> None:
    content = f"code;nom élu;nombre\n1;{'x' * 10_000_000};5\n2;b;6\n"
    found = convert("f.csv", content, DECLARED)
    fault = "a cell from line 2 on has more than 131,072 characters, or its quote never ends"
    assert found.messages == [f"f.csv row 2: row that cannot be read: {fault}"]
    assert [row.iri[-1] for row in found.rows()] == ["2"]


def test_a_quote_that_never_ends_does_not_swallow_the_file(convert: Convert) -> None:
    content = 'code;nom élu;nombre\n0;"x;1\n' + "".join(f"{number};b;6\n" for number in range(1, 30_000))
    found = convert("f.csv", content, DECLARED)
    assert found.messages[0].startswith("f.csv row 2: row that cannot be read: a cell from line 2 on")
    assert len(found.rows()) > 5_000


def test_twenty_thousand_columns_are_refused_with_what_to_check(convert: Convert) -> None:
    with pytest.raises(ParseFailed, match=r"f\.csv row 1 has 20,001 columns, more than the 4,000 that are read"):
        convert("f.csv", "code;" + ";".join(map(str, range(20_000))) + "\n", DECLARED)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("=SUM(A1:A2)", '"=SUM(A1:A2)" is a formula and no value: save the file with values'),
        ("=$B$4", '"=$B$4" is a formula and no value: save the file with values'),
        ("#REF!", '"#REF!" is an error of the spreadsheet: correct its formula'),
        ("#N/A", '"#N/A" is an error of the spreadsheet: correct its formula'),
        ("a\x00b", '"a\x00b" holds a NUL character'),
    ],
)
def test_cells_that_are_no_values_are_named(convert: Convert, cell: str, message: str) -> None:
    found = convert("f.csv", f"code;nom élu;nombre{' ' * 4096}\n1;{cell};5\n", DECLARED)
    assert found.messages == [f'f.csv row 2, column "nom élu": wrong cell: {message}']


def test_a_guarded_code_keeps_its_leading_zero(convert: Convert) -> None:
    assert convert("f.csv", 'code;nom élu;nombre\n1;"=""0123""";5\n', DECLARED).said("1")["name"] == ["0123"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html><body>Connexion</body></html>", "is a web page and no table"),
        (b"\x7fELF\x00\x00\x00", "is binary and no table"),
        (b"PK\x03\x04 not really", "is a damaged workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is no workbook that can be read"),
        (b"", "has no column 'code'"),
    ],
)
def test_what_is_no_table_is_refused(convert: Convert, content: bytes, message: str) -> None:
    with pytest.raises(ParseFailed, match=message):
        convert("f.csv", content, DECLARED.replace("nombre", "x"))


def test_a_workbook_bomb_is_refused_before_it_is_unpacked(convert: Convert, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(sheets.MOST_UNPACKED // 1_000_000 + 1):
            part.write(b" " * 1_000_000)
    with pytest.raises(ParseFailed, match="save it as CSV"):
        convert("f.xlsx", path.read_bytes(), DECLARED)


def workbook(path: Path) -> bytes:
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Leeswijzer").write(0, 0, "lees mij")
    sheet = book.add_worksheet("Gegevens")
    sheet.write_row(1, 1, ["code", "nom élu", "nombre", "date"])
    sheet.merge_range(2, 2, 3, 2, "deux lignes")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for row, code in enumerate((21001, 21002), start=2):
        sheet.write(row, 1, code)
        sheet.write(row, 3, 5)
        sheet.write_datetime(row, 4, date(2024, 3, 1), day)
    book.close()
    return path.read_bytes()


def test_a_workbook_is_read_by_sheet_with_merged_cells_and_real_dates(convert: Convert, tmp_path: Path) -> None:
    declared = (
        'sheet = "Gegevens"\nskip_rows = 1\n'
        + DECLARED
        + '[tables.columns.date]\nproperty = "dct:date"\ndatatype = "date"\nformat = "dd/MM/yyyy"\n'
    )
    found = convert("f.xlsx", workbook(tmp_path / "w.xlsx"), declared)
    assert not found.rejected
    for number, code in ((3, "21001"), (4, "21002")):
        said = found.said(code)
        assert (said["name"], said["value"], said["date"]) == (["deux lignes"], ["5"], ["2024-03-01"])
        assert said["wasDerivedFrom"] == [f"{DISTRIBUTION}#row={number}"]


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(convert: Convert, tmp_path: Path) -> None:
    with pytest.raises(ParseFailed, match="has no sheet 'Data': it has 'Leeswijzer', 'Gegevens'"):
        convert("f.xlsx", workbook(tmp_path / "w.xlsx"), 'sheet = "Data"\n' + DECLARED)


def test_a_delimiter_inside_quotes_is_none() -> None:
    assert sheets.delimiter_of(['"a,b,c,d";x\n', '"e,f,g,h";y\n']) == ";"
    assert sheets.delimiter_of(["one column\n", "only\n"]) == ","
