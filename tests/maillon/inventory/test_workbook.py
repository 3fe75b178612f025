"""The inventory workbook: written in four languages, and harvested again as people send it back."""

import xml.sax.saxutils
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import load_workbook

from harvesters import _inventory_messages, spreadsheet
from maillon import authority, inventory, mapping
from maillon.inventory.workbook import _WORDINGS
from maillon.rdf import canonical
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Answer, Source

LANGUAGES = inventory.LANGUAGES
Cells = dict[str, list[list[object]]]


class OneFile:
    """``maillon.sources.Fetch`` over one file."""

    base_iri = "https://catalogue.example/"
    bookmark = ""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        return Answer(f"{self.base_iri}source/test/{self.path.name}", "", self.path)

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        yield self(url)


def harvest(path: Path) -> list[Record]:
    source = Source(name="test", kind="spreadsheet", url=str(path))
    return list(spreadsheet.records(source, OneFile(path)))


def rejected(records: Sequence[Record]) -> dict[str, Rejected]:
    return {item.identifier: item for item in records if isinstance(item, Rejected)}


def datasets(records: Sequence[Record]) -> list[Dataset]:
    return [item for item in records if isinstance(item, Dataset)]


def real(language: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the example rows as somebody's own: their identifiers are no examples any more."""
    prefix = _WORDINGS[language].example_prefix
    rows, files = inventory.examples(language)
    return (
        [{**row, "identifier": row["identifier"].removeprefix(prefix)} for row in rows],
        [{**row, "dataset": row["dataset"].removeprefix(prefix)} for row in files],
    )


def cells(path: Path) -> Cells:
    with load_workbook(str(path)) as book:
        return {name: [[*row] for row in book.get_sheet_by_name(name).to_python(False)] for name in book.sheet_names}


def save_plain(path: Path, sheets: Cells) -> Path:
    """Write bare cells, as another program does that keeps neither comments nor lists nor hidden rows."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy", "strings_to_urls": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(number, column, value, None, "#DIV/0!")
                elif value != "":
                    sheet.write(number, column, value)
    book.close()
    return path


def save_ods(path: Path, sheets: Cells) -> Path:
    """Write an OpenDocument table, as LibreOffice does: empty cells counted, comments inside their cells."""

    def cell(value: object) -> str:
        shown = xml.sax.saxutils.escape(str(value))
        if value == "":
            return '<table:table-cell table:number-columns-repeated="1"/>'
        if hasattr(value, "isoformat"):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        note = "<office:annotation><text:p>Aide</text:p></office:annotation>" if shown.endswith("*") else ""
        return f'<table:table-cell office:value-type="string">{note}<text:p>{shown}</text:p></table:table-cell>'

    tables = "".join(
        f'<table:table table:name="{xml.sax.saxutils.escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
        + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated='
        '"16384"/></table:table-row></table:table>'
        for name, rows in sheets.items()
    )
    names = {"office": "office", "table": "table", "text": "text"}
    declared = " ".join(
        f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{value}:1.0"' for key, value in names.items()
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {declared} office:version="1.3">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
            "</manifest:manifest>",
        )
    return path


@pytest.fixture
def filled(tmp_path: Path) -> Callable[[str], Path]:
    """Return a maker of workbooks filled with the examples as real rows."""

    def make(language: str) -> Path:
        path = tmp_path / f"inventory-{language}.xlsx"
        inventory.write(path, language, *real(language))
        return path

    return make


def _field(record: Dataset, name: str) -> object:
    stem, _, tag = name.partition(".")
    simple = {"identifier": record.identifier, "landing_page": record.landing_page, "issued": record.issued,
              "modified": record.modified, "license": record.license, "access_rights": record.access_rights,
              "frequency": record.frequency, "spatial": "; ".join(record.spatial), "theme": "; ".join(record.theme),
              "language": "; ".join(record.language)}  # fmt: skip
    if name in simple:
        return simple[name]
    if stem in ("title", "description"):
        return getattr(record, stem).get(tag)
    if stem == "keyword":
        return " ; ".join(word for language, word in record.keyword if language == tag)
    if stem == "publisher":
        return record.publisher.name.get(tag) if record.publisher else None
    if stem == "contact":
        return getattr(record.contact[0], tag)
    return record.temporal[0][0 if tag == "start" else 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_harvested_as_it_is(language: str, filled: Callable[[str], Path]) -> None:
    rows, files = real(language)
    found = harvest(filled(language))
    assert not rejected(found)
    assert [item.identifier for item in datasets(found)] == [row["identifier"] for row in rows]
    for record, row in zip(datasets(found), rows, strict=True):
        assert {name: _field(record, name) for name in row} == row
    written = [
        {"dataset": record.identifier, "access_url": item.access_url, "format": item.format, "modified": item.modified}
        | {f"title.{tag}": text for tag, text in item.title.items()}
        | {"language": "".join(item.language)}
        for record in datasets(found)
        for item in record.distributions
    ]
    assert [{key: value for key, value in item.items() if value} for item in written] == files


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_becomes_entities_with_codes_of_the_authorities(
    language: str, filled: Callable[[str], Path]
) -> None:
    path = filled(language)
    source = Source(name="test", kind="spreadsheet", url=str(path))
    entities = mapping.entities(datasets(harvest(path))[0], source, "https://catalogue.example/")
    text = "\n".join(canonical.version(item, "https://catalogue.example/").text for item in entities)
    for code in ("data-theme/ENVI", "frequency/ANNUAL", "licence/CC_BY_4_0", "access-right/PUBLIC", "file-type/CSV"):
        assert f"<http://publications.europa.eu/resource/authority/{code}>" in text
    assert '"2024-11-15"^^<http://www.w3.org/2001/XMLSchema#date>' in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_left_in_are_not_harvested_but_listed(language: str, tmp_path: Path) -> None:
    path = tmp_path / "untouched.xlsx"
    inventory.write(path, language)
    found = harvest(path)
    assert not datasets(found)
    assert len(found) == 5
    assert {item.reason for item in rejected(found).values()} == {_inventory_messages.message(language, "example")}
    assert not any(item.is_dataset for item in rejected(found).values())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("save", [save_plain, save_ods], ids=["xlsx", "ods"])
def test_saved_by_another_program_it_says_the_same(
    language: str, save: Callable[[Path, Cells], Path], filled: Callable[[str], Path], tmp_path: Path
) -> None:
    path = filled(language)
    sheets = cells(path)
    next(iter(sheets.values()))[2][11] = "?"  # so that a header is said in a message
    again = save(tmp_path / f"again.{'ods' if save is save_ods else 'xlsx'}", cells(path))
    assert harvest(again) == harvest(path)


def test_comments_of_an_ods_do_not_get_into_its_headers(filled: Callable[[str], Path], tmp_path: Path) -> None:
    sheets = cells(filled("fr"))
    sheets["Jeux de données"][2][7] = ""
    found = harvest(save_ods(tmp_path / "again.ods", sheets))
    reason = _inventory_messages.message("fr", "missing", "E-mail de contact")
    assert [(item.identifier, item.reason) for item in rejected(found).values()] == [("Jeux de données!H3", reason)]


def test_saved_as_csv_the_sheet_of_datasets_is_still_known(filled: Callable[[str], Path], tmp_path: Path) -> None:
    rows = cells(filled("fr"))["Jeux de données"]
    path = tmp_path / "inventaire.csv"
    path.write_bytes("\r\n".join(";".join(f'"{cell}"' for cell in row) for row in rows).encode("cp1252"))
    found = harvest(path)
    assert [item.identifier for item in datasets(found)] == ["arbres", "budget"]
    assert datasets(found)[0].title["fr"] == "Arbres des parcs communaux"


def test_inserted_rows_and_a_deleted_column_do_no_harm(filled: Callable[[str], Path], tmp_path: Path) -> None:
    sheets = cells(filled("fr"))
    rows = sheets["Jeux de données"]
    for row in rows:
        del row[6]  # the department
    sheets["Jeux de données"] = [["Inventaire de la commune"], [], *rows[:3], [], ["  "], *rows[3:]]
    found = harvest(save_plain(tmp_path / "changed.xlsx", sheets))
    assert not rejected(found)
    assert [item.identifier for item in datasets(found)] == ["arbres", "budget"]
    assert datasets(found)[0].contact[0].email == "espaces.verts@valprairie.example"
    assert datasets(found)[0].contact[0].name is None


def test_rows_sorted_together_with_the_hidden_row_are_all_harvested(
    filled: Callable[[str], Path], tmp_path: Path
) -> None:
    sheets = cells(filled("nl"))
    for name, rows in sheets.items():
        if name in ("Datasets", "Bestanden"):
            sheets[name] = [["Inventaris"], rows[0], *sorted(rows[1:], key=lambda row: str(row[0]))]
    assert sheets["Datasets"][2][0] == "begroting"
    found = harvest(save_plain(tmp_path / "sorted.xlsx", sheets))
    assert not rejected(found)
    assert [(item.identifier, len(item.distributions)) for item in datasets(found)] == [("begroting", 1), ("bomen", 2)]


def test_codes_typed_by_hand_in_another_language_are_understood(filled: Callable[[str], Path], tmp_path: Path) -> None:
    path = filled("fr")
    sheets = cells(path)
    theme, frequency = _column(sheets, "theme"), _column(sheets, "frequency")
    sheets["Jeux de données"][2][theme] = "Milieu ; Vervoer"
    sheets["Jeux de données"][2][frequency] = "jährlich"
    again = save_plain(tmp_path / "typed.xlsx", sheets)
    found = harvest(again)
    assert not rejected(found)
    assert datasets(found)[0].theme == ("Milieu", "Vervoer")
    assert authority.lookup("frequency", datasets(found)[0].frequency or "") == authority.lookup("frequency", "ANNUAL")


def _column(sheets: Cells, field: str, sheet: int = 0) -> int:
    markers = [str(cell).rstrip("*").rpartition(":")[2] for cell in list(sheets.values())[sheet][1]]
    return markers.index(field)


def _letter(column: int) -> str:
    return chr(65 + column)


MISTAKES = [
    # sheet, field, what is typed, fault
    (0, "issued", "l'an dernier", "date"),
    (0, "issued", "31/02/2024", "date"),
    (0, "modified", "45413", "date"),
    (0, "theme", "Jardinage", "code"),
    (0, "license", "libre", "code"),
    (0, "title.{}", "", "missing"),
    (0, "contact.email", "", "missing"),
    (0, "contact.email", "a trouver", "mail"),
    (0, "landing_page", "K:\\donnees", "url"),
    (0, "description.{}", "=1/0", "formula"),
    (1, "dataset", "inconnu", "no dataset"),
    (1, "dataset", "", "missing"),
    (1, "access_url", "", "missing"),
    (1, "format", "cassette", "code"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_wrong_cell_is_named_in_the_language_of_the_workbook(
    language: str, mistake: tuple[int, str, str, str], filled: Callable[[str], Path], tmp_path: Path
) -> None:
    sheet, field, typed, fault = mistake
    sheets = cells(filled(language))
    name = list(sheets)[sheet]
    column = _column(sheets, field.format(language), sheet)
    sheets[name][2][column] = typed
    found = harvest(save_plain(tmp_path / "wrong.xlsx", sheets))
    assert [item.identifier for item in datasets(found)] == [row["identifier"] for row in real(language)[0]]
    label = str(sheets[name][0][column]).rstrip(" *")
    item = rejected(found)[f"{name}!{_letter(column)}3"]
    assert item.reason == _inventory_messages.message(language, fault, label)
    assert label in item.reason
    assert not item.is_dataset
    assert len(rejected(found)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_identifier_given_twice_is_named_with_the_first_place(
    language: str, filled: Callable[[str], Path], tmp_path: Path
) -> None:
    sheets = cells(filled(language))
    name = next(iter(sheets))
    sheets[name][3][0] = str(sheets[name][2][0]).upper()
    found = harvest(save_plain(tmp_path / "twice.xlsx", sheets))
    assert len(datasets(found)) == 1
    item = rejected(found)[f"{name}!A4"]
    assert item.is_dataset
    assert item.detail.endswith(f"{name}!A3")


def test_a_row_without_reference_is_rejected_as_a_dataset(filled: Callable[[str], Path], tmp_path: Path) -> None:
    sheets = cells(filled("nl"))
    sheets["Datasets"][3][0] = ""
    sheets["Bestanden"].pop()
    found = harvest(save_plain(tmp_path / "lacking.xlsx", sheets))
    assert [item.identifier for item in datasets(found)] == ["bomen"]
    assert rejected(found)["Datasets!A4"].is_dataset
    assert rejected(found)["Datasets!A4"].detail == "Begroting van de gemeente"


def test_a_column_that_people_add_is_mentioned(filled: Callable[[str], Path], tmp_path: Path) -> None:
    sheets = cells(filled("en"))
    sheets["Datasets"] = [[*row, "Remarks" if number == 0 else "" if number == 1 else "ask Finance"]
                          for number, row in enumerate(sheets["Datasets"])]  # fmt: skip
    found = harvest(save_plain(tmp_path / "added.xlsx", sheets))
    assert len(datasets(found)) == 2
    assert [(item.identifier, item.detail) for item in rejected(found).values()] == [("Datasets!Y1", "Remarks")]


def test_a_file_given_twice_is_named_where_it_stands_again(filled: Callable[[str], Path], tmp_path: Path) -> None:
    sheets = cells(filled("de"))
    rows = sheets["Dateien"]
    rows += [list(rows[2]), list(rows[2])]
    rows[5][_column(sheets, "description.de", 1)] = "anders"
    rows[6][_column(sheets, "description.de", 1)] = "wieder anders"
    rows.append([*rows[5][:4], "noch einmal", *rows[5][5:]])
    found = harvest(save_plain(tmp_path / "again.xlsx", sheets))
    assert list(rejected(found)) == ["Dateien!B8"]
    assert rejected(found)["Dateien!B8"].reason == _inventory_messages.message("de", "same file")


def test_without_its_column_of_references_datasets_go_by_their_titles(
    filled: Callable[[str], Path], tmp_path: Path
) -> None:
    sheets = cells(filled("fr"))
    for row in sheets["Jeux de données"]:
        del row[0]
    found = harvest(save_plain(tmp_path / "cut.xlsx", sheets))
    assert [item.identifier for item in datasets(found)] == ["Arbres des parcs communaux", "Budget communal"]
    assert rejected(found)["Jeux de données"].reason == _inventory_messages.message("fr", "no column")
    assert len(rejected(found)) == 4


def test_five_thousand_rows_are_harvested_and_one_wrong_cell_among_them_is_named(tmp_path: Path) -> None:
    rows, _ = real("fr")
    many = [{**rows[0], "identifier": f"ENV-{number}"} for number in range(5000)]
    many[4321]["issued"] = "bientôt"
    path = tmp_path / "many.xlsx"
    inventory.write(path, "fr", many, [])
    found = harvest(path)
    assert len(datasets(found)) == 5000
    assert list(rejected(found)) == ["Jeux de données!L4324"]
