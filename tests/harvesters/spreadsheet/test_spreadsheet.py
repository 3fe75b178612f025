"""The kind ``spreadsheet``: tables, forms and delimited texts, with every pitfall that was counted in the wild."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from harvesters import _sheet_plan
from maillon import mapping
from maillon.errors import SourceDefinitionError
from maillon.rdf import canonical
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Source

Fetcher = Callable[..., Any]
Harvest = Callable[..., list[Record]]
Rows = list[list[Any]]


def workbook(path: Path, sheets: dict[str, Rows], merges: tuple[str, ...] = ()) -> Path:
    """Write sheets; a text that begins with ``=`` is a formula whose last value stands after a bar."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy", "strings_to_urls": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(number, column, value.split("|")[0], None, value.split("|")[1])
                elif value is not None:
                    sheet.write(number, column, value)
        for merged in merges:
            first = merged.split(":", 1)[0]
            sheet.merge_range(merged, rows[int(first[1:]) - 1][ord(first[0]) - 65])
    book.close()
    return path


def datasets(records: list[Record]) -> list[Dataset]:
    return [item for item in records if isinstance(item, Dataset)]


def rejected(records: list[Record]) -> dict[str, tuple[str, str]]:
    return {item.identifier: (item.reason, item.detail) for item in records if isinstance(item, Rejected)}


PLAIN = {"identifier": "Code", "title": "Titre"}


def test_two_header_rows_with_one_term_on_several_columns_go_by_letter(harvest: Harvest, tmp_path: Path) -> None:
    rows: Rows = [
        ["ID", "dct:title", "dct:title", "dcat:accessURL", "dcat:accessURL"],
        [9, 11, 12, 80, 81],
        ["a", "Arbres", "Bomen", "https://example.org/fr", "https://example.org/nl"],
    ]
    columns = {
        "identifier": "ID",
        "title": {"fr": "B", "nl": "dct:title / 12"},
        "distribution": {"access_url": ["80", 5]},
    }
    constants = {"distribution": {"language": ["fr", "nl"]}}
    path = workbook(tmp_path / "x.xlsx", {"DB": rows})
    (found,) = harvest(path, columns=columns, header_rows=2, constants=constants)
    assert isinstance(found, Dataset)
    assert found.title == {"fr": "Arbres", "nl": "Bomen"}
    assert [(item.access_url, item.language) for item in found.distributions] == [
        ("https://example.org/fr", ("fr",)),
        ("https://example.org/nl", ("nl",)),
    ]


def test_a_name_that_several_columns_have_is_no_name(harvest: Harvest, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"DB": [["Code", "Titre", "Titre"], ["a", "b", "c"]]})
    with pytest.raises(SourceDefinitionError, match="columns B, C are all called 'Titre': say which by its letter"):
        harvest(path, columns=PLAIN)


def test_an_unknown_column_is_answered_with_the_headers_found(harvest: Harvest, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Notes": [["Lisez-moi"]], "DB": [["Code", "Titel"], ["a", "b"]]})
    with pytest.raises(
        SourceDefinitionError, match="no column 'Titre' in sheet 'DB'; its headers are: A 'Code', B 'Tit"
    ):
        harvest(path, columns=PLAIN)


def test_a_narrative_first_sheet_and_hidden_sheets_are_passed_over(harvest: Harvest, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "x.xlsx", {"Lisez-moi": [["Bonjour"]], "DB": [["Inventaire"], [], ["CODE ", " titre *"], ["a", "b"]]}
    )
    assert [item.title for item in datasets(harvest(path, columns=PLAIN))] == [{"fr": "b"}]
    with pytest.raises(SourceDefinitionError, match="no sheet 'Base'; its sheets are: 'Lisez-moi', 'DB'"):
        harvest(path, columns=PLAIN, sheet="Base")


def test_with_a_title_above_several_header_rows_their_place_is_stated(harvest: Harvest, tmp_path: Path) -> None:
    rows: Rows = [["Inventaire"], ["Code", "Titre"], ["1", "2"], ["a", "A"]]
    path = workbook(tmp_path / "x.xlsx", {"F": rows})
    assert [item.identifier for item in datasets(harvest(path, columns=PLAIN, header_row=2, header_rows=2))] == ["a"]
    assert [item.identifier for item in datasets(harvest(path, columns=PLAIN, header_rows=2))] == ["1", "a"]


def test_all_sheets_are_read_where_the_options_say_so(harvest: Harvest, tmp_path: Path) -> None:
    sheets: dict[str, Rows] = {name: [["Code", "Titre"], [name, name]] for name in ("Nord", "Sud")}
    path = workbook(tmp_path / "x.xlsx", sheets)
    assert [item.identifier for item in datasets(harvest(path, columns=PLAIN, sheet="*"))] == ["Nord", "Sud"]
    assert [item.identifier for item in datasets(harvest(path, columns=PLAIN))] == ["Nord"]
    assert [item.identifier for item in datasets(harvest(path, columns=PLAIN, sheet=["sud"]))] == ["Sud"]


def test_a_bilingual_header_is_known_by_either_name(harvest: Harvest, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"DB": [["Code", "Titre / Titel"], ["a", "b"]]})
    assert datasets(harvest(path, columns=PLAIN))
    assert datasets(harvest(path, columns={"identifier": "Code", "title": "Titel"}))


def test_formulas_give_their_last_value_and_failed_ones_are_named(harvest: Harvest, tmp_path: Path) -> None:
    rows: Rows = [
        ["Code", "Titre", "Description"],
        ["a", "=A1|Arbres", "=VLOOKUP(A1,B1,2)|#REF!"],
        ["b", "B", "=1/0|#N/A"],
    ]
    columns = PLAIN | {"description": "Description"}
    found = harvest(workbook(tmp_path / "x.xlsx", {"Feuille 1": rows}), columns=columns)
    assert [item.title for item in datasets(found)] == [{"fr": "Arbres"}, {"fr": "B"}]
    assert [item.description for item in datasets(found)] == [{}, {}]
    reason = "cell cannot be used: description is a formula that fails"
    assert rejected(found) == {"Feuille 1!C2": (reason, "#REF!"), "Feuille 1!C3": (reason, "#N/A")}


def test_dates_numbers_and_booleans_read_as_they_mean(harvest: Harvest, tmp_path: Path) -> None:
    rows: Rows = [
        ["Code", "Titre", "Publié", "Version", "Ouvert"],
        [1024, "A", date(2024, 5, 1), 1.5, True],
        [1025.0, "B", 45413, 2, False],
        ["c", "C", "mai 2024", "1.0", None],
    ]
    columns = PLAIN | {"issued": "Publié", "version": "Version", "access_rights": "Ouvert"}
    values = {"access_rights": {"true": "PUBLIC", "false": "RESTRICTED"}}
    found = harvest(workbook(tmp_path / "x.xlsx", {"F": rows}), columns=columns, values=values)
    assert [(item.identifier, item.issued, item.version, item.access_rights) for item in datasets(found)] == [
        ("1024", "2024-05-01", "1.5", "PUBLIC"),
        ("1025", None, "2", "RESTRICTED"),
        ("c", "mai 2024", "1.0", None),
    ]
    assert rejected(found) == {"F!C3": ("cell cannot be used: issued is not a date", "45413")}


def test_one_row_a_resource_is_regrouped_to_datasets(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "jeu;titre;mots;url;format\narbres;Arbres;arbre,parc;https://example.org/a.csv;CSV\n"
        "écoles;Écoles;;https://example.org/e.csv;CSV\narbres;Arbres;arbre,bois;https://example.org/a.json;JSON\n"
    )
    columns = {"title": "titre", "keyword": "mots", "distribution": {"access_url": "url", "format": "format"}}
    found = datasets(harvest(path, columns=columns, group_by="jeu"))
    assert [(item.identifier, [part.format for part in item.distributions]) for item in found] == [
        ("arbres", ["CSV", "JSON"]),
        ("écoles", ["CSV"]),
    ]
    assert [word for _, word in found[0].keyword] == ["arbre", "parc", "bois"]


def test_a_row_without_the_key_of_its_group_is_no_dataset(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("jeu;titre\narbres;Arbres\n;Total : 1\n")
    found = harvest(path, columns={"title": "titre"}, group_by="jeu")
    assert [item.identifier for item in datasets(found)] == ["arbres"]
    assert rejected(found) == {"x!A3": ("row without identifier", "Total : 1")}


def test_merged_cells_count_for_every_row_they_span(harvest: Harvest, tmp_path: Path) -> None:
    rows: Rows = [["Code", "Titre", "Lien"], ["a", "Arbres", "https://example.org/1"], [None, None, "https://example.org/2"],
                  ["b", "Bois", "https://example.org/3"]]  # fmt: skip
    columns = PLAIN | {"distribution": {"access_url": "Lien"}}
    path = workbook(tmp_path / "x.xlsx", {"F": rows}, merges=("A2:A3", "B2:B3"))
    found = datasets(harvest(path, columns=columns, group_by="Code"))
    assert [(item.identifier, len(item.distributions)) for item in found] == [("a", 2), ("b", 1)]


def test_a_merged_header_counts_for_the_columns_below_it(harvest: Harvest, tmp_path: Path) -> None:
    rows: Rows = [["Code", "Titre", None], [None, "FR", "NL"], ["a", "Arbres", "Bomen"]]
    path = workbook(tmp_path / "x.xlsx", {"F": rows}, merges=("B1:C1",))
    columns = {"identifier": "Code", "title": {"fr": "Titre / FR", "nl": "Titre / NL"}}
    (found,) = datasets(harvest(path, columns=columns, header_rows=2))
    assert found.title == {"fr": "Arbres", "nl": "Bomen"}


def test_empty_cells_mean_the_value_above_where_the_options_say_so(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Service,Code,Titre\nVoirie,a,A\n,b,B\n\nParcs,c,C\n,d,D\n")
    found = datasets(harvest(path, columns=PLAIN | {"publisher": "Service"}, fill_down="Service"))
    assert [item.publisher.name["fr"] for item in found if item.publisher] == ["Voirie", "Voirie", "Parcs", "Parcs"]


def test_one_column_per_version_is_melted(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("1.0.0,2.0.0,Code,Titre\nid-1,id-2,a,A\nid-3,,b,B\n,,c,C\n")
    melt = {"columns": r"\d+\.\d+\.\d+", "name": "distribution.title", "value": "distribution.identifier"}
    found = datasets(harvest(path, columns=PLAIN, melt=melt))
    assert [[(part.identifier, part.title["fr"]) for part in item.distributions] for item in found] == [
        [("id-1", "1.0.0"), ("id-2", "2.0.0")],
        [("id-3", "1.0.0")],
        [],
    ]


def test_a_form_is_one_dataset_found_by_its_labels(harvest: Harvest, tmp_path: Path) -> None:
    rows: Rows = [
        ["Etikett", "Feld", "Pflicht", "Inhalt", "Erläuterung"],
        ["titel", "Titel", "zwingend", "Brunnen", "Treffender Titel"],
        ["kategorie", "Kategorie", "zwingend", "Umwelt, Verwaltung", "1-n Angaben"],
        [],
        ["datum", "Datum", "optional", "laufend", "Wann?"],
        ["ressource", "brunnen.csv", "Die Liste"],
        ["ressource", None, None],
        ["ressource", "karte.png", "Die Karte"],
    ]
    place = {"title": {"label": "ressource", "column": "B"}, "description": {"label": "ressource", "column": "C"}}
    columns = {"title": "Titel", "theme": "kategorie", "modified": "Datum", "distribution": place}
    options = {"layout": "form", "value_column": "D", "columns": columns, "separators": {"theme": ","}}
    path = workbook(tmp_path / "x.xlsx", {"Werte": [["Umwelt"]], "Meta": rows})
    found = harvest(path, language="de", **options)
    (record,) = datasets(found)
    assert (record.identifier, record.theme) == ("Brunnen", ("Umwelt", "Verwaltung"))
    assert [(part.title["de"], part.description["de"]) for part in record.distributions] == [
        ("brunnen.csv", "Die Liste"),
        ("karte.png", "Die Karte"),
    ]
    assert rejected(found) == {"Meta!D5": ("cell cannot be used: modified is not a date", "laufend")}


def test_an_empty_form_is_rejected_for_want_of_a_title(harvest: Harvest, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Meta": [["titel", "Titel", None, None, "Treffender Titel"]]})
    found = harvest(path, layout="form", value_column="D", columns={"title": "Titel"})
    assert found == [Rejected("Meta", "row without title")]


def test_a_form_without_any_of_the_labels_is_named(harvest: Harvest, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Meta": [["Name", "x"]]})
    with pytest.raises(SourceDefinitionError, match="titel"):
        harvest(path, layout="form", columns={"title": "Titel"})


def test_a_wrong_cell_does_not_lose_its_row(harvest: Harvest, tmp_path: Path) -> None:
    rows: Rows = [
        ["Code", "Titre", "Lien", "Mail", "Revu"],
        ["a", "Arbres", "K:\\arbres.csv", "le secrétariat", "jamais"],
    ]
    columns = PLAIN | {"distribution": {"access_url": "Lien"}, "contact": {"email": "Mail"}, "modified": "Revu"}
    found = harvest(workbook(tmp_path / "x.xlsx", {"Feuille 1": rows}), columns=columns)
    assert [item.identifier for item in datasets(found)] == ["a"]
    assert rejected(found) == {
        "Feuille 1!C2": ("cell cannot be used: distribution.access_url is not a web address", "K:\\arbres.csv"),
        "Feuille 1!D2": ("cell cannot be used: contact.email is not an e-mail address", "le secrétariat"),
        "Feuille 1!E2": ("cell cannot be used: modified is not a date", "jamais"),
    }
    assert not any(item.is_dataset for item in found if isinstance(item, Rejected))


def test_placeholders_say_nothing(harvest: Harvest, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"F": [["Code", "Titre", "Lien", "Revu"], ["a", "Arbres", "-", "n/a"]]})
    (found,) = datasets(harvest(path, columns=PLAIN | {"landing_page": "Lien", "modified": "Revu"}))
    assert (found.landing_page, found.modified) == (None, None)


def test_empty_rows_say_nothing_and_rows_without_identity_are_rejected(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Code,Titre,Note\na,A,\n,,\n ,  ,\n,B,sans code\n,,Total : 2\na,A bis,\n")
    found = harvest(path, columns=PLAIN)
    assert [item.identifier for item in datasets(found)] == ["a"]
    assert [(item.identifier, item.reason, item.is_dataset) for item in found if isinstance(item, Rejected)] == [
        ("x!A5", "row without identifier", True),
        ("x!A6", "row without identifier", True),
        ("a", "identifier stands twice in the source", True),
    ]
    by_title = harvest(path, columns={"title": "Titre"})
    assert [item.identifier for item in datasets(by_title)] == ["A", "B", "A bis"]
    assert rejected(by_title) == {"x!A6": ("row without title", "")}


def test_rows_are_left_out_as_the_options_say_and_listed(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Code,Titre,État\n(texte),(texte),\na,A,publié\nb,B,Brouillon\n")
    found = harvest(path, columns=PLAIN, skip_rows=[2], skip={"État": ["brouillon"]})
    assert [item.identifier for item in datasets(found)] == ["a"]
    assert rejected(found) == {"x!A4": ("row left out, as the source's skip says", "Brouillon")}


def test_several_columns_make_one_text_or_many_values(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('ok,Code,Titre,t1,t2,,note\n1.0,a,A,"bois,parc",bois,eau,Voir aussi B\n')
    columns = PLAIN | {"keyword": ["t1", "t2", 6], "description": ["Titre", "note"]}
    (found,) = harvest(path, columns=columns)
    assert isinstance(found, Dataset)
    assert [word for _, word in found.keyword] == ["bois", "parc", "eau"]
    assert found.description == {"fr": "A\n\nVoir aussi B"}


def test_a_theme_with_commas_stays_whole_and_a_separator_may_be_given(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('Code;Titre;Thème\na;A;"Transports, Déplacements"\nb;B;Eau # Air\n')
    columns = PLAIN | {"theme": "Thème"}
    assert [item.theme for item in datasets(harvest(path, columns=columns))] == [
        ("Transports, Déplacements",),
        ("Eau # Air",),
    ]
    assert datasets(harvest(path, columns=columns, separators={"theme": "#"}))[1].theme == ("Eau", "Air")


def test_values_that_hold_the_separator_are_known_by_name(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('Code;Thème\na;"Eau, Transports, Déplacements,Air"\n')
    options = {"separators": {"theme": ","}, "terms": {"theme": ["Transports", "Transports, Déplacements"]}}
    (found,) = datasets(harvest(path, columns={"identifier": "Code", "theme": "Thème"}, **options))
    assert found.theme == ("Eau", "Transports, Déplacements", "Air")


def test_constants_and_translations_fill_in_what_the_table_means(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Code,Titre,Rythme,Lic\na,A,1,\nb,B,8,ODbL\nc,C,9,\n")
    options = {
        "columns": PLAIN | {"frequency": "Rythme", "license": "Lic"},
        "constants": {"license": "CC0", "publisher": {"fr": "Service exemple"}},
        "values": {"frequency": {"1": "CONT", "8": "IRREG"}},
    }
    found = datasets(harvest(path, **options))
    assert [(item.frequency, item.license) for item in found] == [("CONT", "CC0"), ("IRREG", "ODbL"), ("9", "CC0")]
    assert all(item.publisher and item.publisher.name == {"fr": "Service exemple"} for item in found)


def test_two_addresses_in_one_cell_are_two_distributions(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Code;Titre;Lien\na;A;https://example.org/1 https://example.org/2,3\n")
    (found,) = datasets(harvest(path, columns=PLAIN | {"distribution": {"access_url": "Lien"}}))
    assert [item.access_url for item in found.distributions] == ["https://example.org/1", "https://example.org/2,3"]


def test_headers_that_are_field_names_need_no_options(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("identifier\ttitle.nl\tdistribution.access_url\tremarks\na\tBomen\thttps://example.org/a\tx\n")
    (found,) = datasets(harvest(path))
    assert found.title == {"nl": "Bomen"}
    assert found.distributions[0].access_url == "https://example.org/a"
    path.write_text("naam\tadres\nx\ty\n")
    with pytest.raises(SourceDefinitionError, match=r"say under columns .*A 'naam', B 'adres'"):
        harvest(path)


def test_of_several_files_one_that_cannot_be_used_is_named_with_its_cells(harvest: Harvest, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    workbook(folder / "a été.xlsx", {"F": [["Code", "Titre", "Revu"], ["a", "A", "jamais"]]})
    workbook(folder / "b.xlsx", {"F": [["Nom"], ["b"]]})
    (folder / "c.xlsx").write_bytes((folder / "a été.xlsx").read_bytes()[:2000])
    (folder / "d.csv").write_text("Code,Titre,Revu\nd,D,2024\n")
    found = harvest(folder, columns=PLAIN | {"modified": "Revu"})
    assert [item.identifier for item in datasets(found)] == ["a", "d"]
    assert list(rejected(found)) == ["[a été.xlsx]F!C2", "b.xlsx", "c.xlsx"]


def test_the_options_of_the_how_to_are_right_and_name_every_key(harvest: Harvest, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "how-to" / "harvest-a-spreadsheet.md").read_text(encoding="utf-8")
    blocks = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL)]
    (options,) = (block["options"] for block in blocks if "options" in block)
    rows: Rows = [
        ["Code", "Titre", "Résumé", "Remarques", "Titre", "Mots-clés", "Courriel", "Rythme", "Lien", "Type"],
        ["", "fr", "", "", "nl", "", "", "", "", ""],
        ["a", "Arbres", "x", "y", "Bomen", "bois, eau", "a@example.org", 1, "https://example.org/a", "CSV"],
    ]
    (found,) = harvest(workbook(tmp_path / "x.xlsx", {"Inventaire": rows}), **options)
    assert isinstance(found, Dataset)
    assert (found.title, found.frequency, found.license) == ({"fr": "Arbres", "nl": "Bomen"}, "ANNUAL", "CC0")
    assert all(f"`{item.name}" in text for item in fields(_sheet_plan.Plan))


def test_records_become_canonical_entities_twice_alike(harvest: Harvest, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "x.xlsx",
        {"F": [["Code", "Titre", "Lien", "Format"], ["a", "Arbres", "https://example.org/a.csv", "csv"]]},
    )
    columns = PLAIN | {"distribution": {"access_url": "Lien", "format": "Format"}}
    source, base = Source(name="test", kind="spreadsheet", url=str(path)), "https://catalogue.example/"
    texts = []
    for _ in range(2):
        (record,) = datasets(harvest(path, columns=columns))
        texts.append([canonical.version(item, base).text for item in mapping.entities(record, source, base)])
    assert texts[0] == texts[1]
    assert "<http://publications.europa.eu/resource/authority/file-type/CSV>" in "".join(texts[0])


def test_an_empty_file_has_no_table(harvest: Harvest, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("")
    with pytest.raises(SourceDefinitionError, match="there is no table"):
        harvest(path, columns=PLAIN)
