"""Files that hold tables: encodings, delimiters, damage, passwords and traps."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from harvesters import _sheet_fields, _sheet_file, _sheet_scan
from maillon.errors import ParseFailed
from maillon.sources import Answer

Read = Callable[..., list[list[str]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a reader of the first sheet of octets."""

    def run(data: bytes, name: str = "x.csv", **keys: str) -> list[list[str]]:
        path = tmp_path / name
        path.write_bytes(data)
        return _sheet_file.sheets(Answer(f"https://example.org/{name}", "", path), **keys)[0].rows

    return run


def xlsx(cells: dict[str, object] | None = None) -> bytes:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    sheet = book.add_worksheet("Feuille 1")
    for place, value in (cells or {"A1": "Code", "A2": "a"}).items():
        sheet.write(place, value)
    book.close()
    return data.getvalue()


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return result.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
TABLE = [["Code", "Titre"], ["a", "Été à l’œil €"]]


@pytest.mark.parametrize(
    "data",
    [
        "Code,Titre\na,Été à l’œil €\n".encode(),
        "\ufeffCode,Titre\r\na,Été à l’œil €\r\n".encode(),
        "\ufeffCode,Titre\ra,Été à l’œil €\r".encode(),
        "Code;Titre\na;Été à l’œil €".encode("cp1252"),
        "\ufeffCode\tTitre\na\tÉté à l’œil €\n".encode("utf-16-le"),
        "\ufeffCode\tTitre\na\tÉté à l’œil €\n".encode("utf-16-be"),
        "sep=|\r\nCode|Titre\r\na|Été à l’œil €\r\n".encode(),
    ],
    ids=["utf-8", "byte order mark and CRLF", "CR-only line ends", "cp1252", "utf-16-le", "utf-16-be", "sep="],
)
def test_text_of_any_usual_encoding_and_line_end_is_read(data: bytes, read: Read) -> None:
    assert [row for row in read(data) if any(row)] == TABLE


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_in_spite_of_other_signs_in_texts(sign: str, read: Read) -> None:
    rows = [["Code", "Titre", "Note"]]
    rows += [
        [str(number), f"{', ; | '.replace(sign, '')} {'x,' * (number % 3)}".replace(sign, " "), ""]
        for number in range(9)
    ]
    text = "\n".join(sign.join(row) for row in rows)
    assert [len(row) for row in read(text.encode())] == [3] * 10


def test_a_line_break_and_a_doubled_quotation_mark_stay_in_their_cell(read: Read) -> None:
    assert read(b'Code;Titre\r\na;"un ""bon""\r\ntitre"\r\n')[1] == ["a", 'un "bon"\ntitre']


def test_a_quotation_mark_never_closed_is_an_error_instead_of_lost_rows(read: Read) -> None:
    with pytest.raises(ParseFailed, match="quotation mark may be missing"):
        read(b'Code,Titre\na,"B\nc,C\nd,D\n')


def test_a_stated_delimiter_and_encoding_are_obeyed(read: Read) -> None:
    assert read("Code^Titre\na^Łódź".encode("cp1250"), delimiter="^", encoding="cp1250")[1] == ["a", "Łódź"]
    with pytest.raises(ParseFailed, match="is not ascii"):
        read("é".encode(), encoding="ascii")


@pytest.mark.parametrize("data", [b"<!DOCTYPE html><table>", b"\n<?xml version='1.0'?><Workbook/>", b"%PDF-1.7"])
def test_a_web_page_or_pdf_under_the_name_of_a_table_is_told(data: bytes, read: Read) -> None:
    with pytest.raises(ParseFailed, match="is no table but"):
        read(data, "x.xls")


def _ole(*streams: bytes) -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return head + b"".join(streams) + bytes(512)


@pytest.mark.parametrize(
    "data",
    [
        _ole("EncryptedPackage".encode("utf-16-le")),
        _ole(struct.pack("<HHHHHHII", 0x809, 16, 0x600, 5, 0x0DBB, 0x07CC, 0, 0x0606), b"\x2f\x00\x36\x00"),
    ],
    ids=["xlsx", "xls"],
)
def test_a_workbook_under_a_password_is_told(data: bytes, read: Read) -> None:
    with pytest.raises(ParseFailed, match="protected by a password"):
        read(data, "x.xlsx")


def test_an_ods_under_a_password_is_told(read: Read) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", b"\x8a\x11\x00")
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    with pytest.raises(ParseFailed, match="protected by a password"):
        read(data.getvalue(), "x.ods")


def test_a_workbook_cut_short_anywhere_is_a_message(read: Read) -> None:
    data = xlsx()
    for length in range(4, len(data), 97):
        with pytest.raises(ParseFailed, match=r"x\.xlsx"):
            read(data[:length], "x.xlsx")


def test_an_ole_file_that_is_no_workbook_is_a_message(read: Read) -> None:
    with pytest.raises(ParseFailed, match=r"x\.xls"):
        read(_ole(b"no workbook"), "x.xls")


def test_octets_changed_at_random_never_crash(read: Read) -> None:
    data = xlsx({f"{letter}{row}": f"{letter}{row}" for letter in "ABC" for row in range(1, 20)})
    usable = 0
    for position in range(0, len(data), 41):
        broken = data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]
        try:
            read(broken, "x.xlsx")
            usable += 1
        except ParseFailed as error:
            assert "x.xlsx" in str(error) or "workbook" in str(error)
    assert usable > 0


def test_a_cell_at_the_far_end_of_a_sheet_takes_no_memory(read: Read) -> None:
    with pytest.raises(ParseFailed, match=r"reaches to row 1,048,576 and column 16,384"):
        read(xlsx({"A1": "Code", "XFD1048576": "x"}), "x.xlsx")


def test_repeated_cells_of_an_ods_take_no_memory(read: Read) -> None:
    table = 'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    office = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    content = (
        f'<office:document-content {office} {table}><table:table table:name="A"><table:table-row '
        'table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" office:value="1" '
        'table:number-columns-repeated="16384"/></table:table-row></table:table></office:document-content>'
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    with pytest.raises(ParseFailed, match="too large to be an inventory"):
        read(data.getvalue(), "x.ods")


def test_merged_and_failed_cells_of_an_ods_are_known(tmp_path: Path) -> None:
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    calc = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    text = '<table:table-cell office:value-type="string"{}><text:p>{}</text:p></table:table-cell>'
    rows = [
        text.format(' table:number-rows-spanned="2"', "a") + text.format("", "b"),
        "<table:covered-table-cell/>" + text.format(' calcext:value-type="error" office:string-value=""', "#N/A"),
    ]
    content = (
        f'<office:document-content{names} {calc}><office:body><office:spreadsheet><table:table table:name="A">'
        + "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
        + "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    path = tmp_path / "x.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>',
        )
    (sheet,) = _sheet_file.sheets(Answer("https://example.org/x.ods", "", path))
    assert sheet.rows == [["a", "b"], ["a", "#N/A"]]
    assert sheet.merges == (((0, 0), (1, 0)),)


def test_a_part_that_unpacks_to_gigabytes_is_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sheet_scan, "MOST_OCTETS", 1_000_000)
    data = changed(xlsx(), "xl/sharedStrings.xml", lambda old: old + b" " * 2_000_000)
    assert len(data) < 20_000
    with pytest.raises(ParseFailed, match="octets once unpacked"):
        read(data, "x.xlsx")


def test_entities_in_a_workbook_are_not_expanded(read: Read) -> None:
    bomb = b'<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    data = changed(
        xlsx({"A1": 1}),
        SHEET,
        lambda old: old.replace(b"<worksheet", bomb + b"<worksheet", 1).replace(b"<v>1</v>", b"<v>&c;</v>"),
    )
    try:
        rows = read(data, "x.xlsx")
    except ParseFailed:
        return
    assert all(len(cell) < 50 for row in rows for cell in row)


def test_error_values_are_told_from_words_with_a_hash() -> None:
    assert all(map(_sheet_scan.is_error, ("#REF!", "#N/A", "#NOM?", "#DIV/0!", "#NV", "Err:502", "#ÜBERLAUF!")))
    assert not any(map(_sheet_scan.is_error, ("#opendata", "#OPENDATA", "#12", "# 1", "", "N/A")))


@pytest.mark.parametrize(("number", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (16383, "XFD")])
def test_columns_have_their_letters(number: int, letters: str) -> None:
    assert _sheet_scan.column_letter(number) == letters
    assert _sheet_scan.column_number(letters.lower()) == number


@pytest.mark.timeout(20)
@pytest.mark.parametrize("value", ["a@" + "." * 130_000 + "@", "www." + "." * 130_000 + " ", "a" + " " * 130_000 + "b"])
@pytest.mark.parametrize("name", ["contact.email", "distribution.access_url", "issued", "keyword", "landing_page"])
def test_endless_values_are_checked_in_no_time(name: str, value: str) -> None:
    for item in _sheet_fields.parts(name, value):
        assert _sheet_fields.fault(name, item) or name == "keyword"
