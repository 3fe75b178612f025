"""What a data steward reads: what was repaired, how each harvest went, whose copy is shown, where a row comes from."""

import csv
import io
import time
from collections.abc import Callable
from typing import Any

import pyoxigraph
import pytest
from flask.testing import FlaskClient

from maillon.store.documents import RunInfo
from maillon.web import repairs
from maillon.web.pages import sources

BASE = "http://localhost:8000/"
DATASET = f"{BASE}id/dataset/ville/jeu-1"
DCT = "http://purl.org/dc/terms/"
Parse = Callable[[str], Any]


def test_a_source_says_what_was_repaired_with_what_stood_there(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/source/ville/repairs").text)
    assert page.words("//h1") == "Ce que nous avons corrigé pour vous"
    words = page.words("//table[contains(@class, 'repaired')]")
    assert "dct:title ␣␣Stations de vélos fr" in words, "blanks at the ends are the point of the rule: they are seen"
    assert "dct:spatial / rdf:type" in words, "of an embedded node stands how it is reached"
    assert page.find("//table[contains(@class, 'repaired')]//a/@href") == ["/fr/dataset/ville/jeu-1"]
    assert page.words("(//dl[@class='numbers']//dd)[1]") == "3"
    assert "Blanks" not in words


def test_the_records_of_one_rule_are_one_table_without_the_others(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/nl/source/ville/repairs?rule=outer-blanks").text)
    assert len(page.find("//table[contains(@class, 'repaired')]")) == 1
    assert "rdf:type" not in page.words("//table[contains(@class, 'repaired')]")
    assert page.find("//main//a[@aria-current='true' and contains(@href, 'rule=')]/@href") == [
        "/nl/source/ville/repairs?rule=outer-blanks#records"
    ]
    assert page.find("//a[contains(@href, '.csv')]/@href") == ["/nl/source/ville/repairs.csv?rule=outer-blanks"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("rule=unknown", "Rien n'a été corrigé selon cette règle."),
        ("rule=%3Cscript%3Ealert(1)%3C/script%3E", "Rien n'a été corrigé selon cette règle."),
        ("after=~~~%00%F0%9F%92%A9%FF", "Il n'y a pas d'autre notice."),
        ("rule=outer-blanks&after=%E2%80%AE", "Rien n'a été corrigé selon cette règle."),
    ],
)
def test_a_rule_or_place_that_does_not_exist_is_said(client: FlaskClient, read: Parse, query: str, said: str) -> None:
    answer = client.get(f"/fr/source/ville/repairs?{query}")
    page = read(answer.text)
    assert (answer.status_code, page.faults) == (200, [])
    assert said in page.words()
    assert "<script" not in answer.text


def test_a_source_without_repairs_and_one_that_does_not_exist(client: FlaskClient, read: Parse) -> None:
    assert "Er moest niets worden hersteld." in read(client.get("/nl/source/region/repairs").text).words()
    for address in ("source/rien/repairs", "source/rien/repairs.csv", "source/rien/run/1", "source/ville/run/99999"):
        assert client.get(f"/fr/{address}").status_code == 404, address
    assert client.get("/fr/source/region/run/8").status_code == 404, "a run of another source"
    assert client.get("/fr/source/ville/repairs.exe").status_code == 404


def test_hostile_values_are_shown_harmless_short_and_soon(difficult_client: FlaskClient, read: Parse) -> None:
    for address in ("source/difficile/repairs", "dataset/difficile/hostile"):
        started = time.monotonic()
        answer = difficult_client.get(f"/fr/{address}")
        assert time.monotonic() - started < 5
        page = read(answer.text)
        assert page.faults == [], address
        assert len(answer.data) < 200_000
        assert not page.find("//script")
        words = page.words()
        for expected in ("<script>alert(1)</script></textarea>", "nul ␀ bell ␇", "␣␣edges␣", "rule-of-another-time"):
            assert expected in words, expected
        assert "http://a b/" in words
        assert "dcat:contactPoint / vcard:hasAddress" in words
        assert "et 288 de plus" in words, "of 300 keywords 12 are shown"
        assert "et 14 de plus" in words, "of 39 repairs 25 are shown"
        assert [item for item in page.find("//bdi") if "\u202e" in item.text_content()]


@pytest.mark.parametrize(
    ("extension", "media_type"),
    [("csv", "text/csv"), ("ru", "application/sparql-update"), ("rdfp", "application/rdf-patch")],
)
def test_patches_are_streamed_as_files(client: FlaskClient, extension: str, media_type: str) -> None:
    answer = client.get(f"/fr/source/ville/repairs.{extension}")
    assert (answer.status_code, answer.mimetype, answer.mimetype_params["charset"]) == (200, media_type, "utf-8")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="ville-repairs.{extension}"'
    assert "Content-Length" not in answer.headers, "it is not held in memory"
    assert answer.headers["ETag"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/fr/source/ville/repairs.{extension}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_patches_of_hostile_values_are_whole_and_harmless(difficult_client: FlaskClient) -> None:
    text = difficult_client.get("/nl/source/difficile/repairs.csv").text
    limit = csv.field_size_limit(20_000_000)
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    finally:
        csv.field_size_limit(limit)
    rules = {"address-malformed", "rule-of-another-time", "empty-node", "outer-blanks", "escaped-twice"}
    assert {row["rule"] for row in rows} == rules
    assert max(len(row["old"]) for row in rows) == 10_000_000, "a download has all of a value"
    assert not [row for row in rows if any(value.startswith(("=", "+", "@")) for value in row.values())]
    update = difficult_client.get("/nl/source/difficile/repairs.ru")
    assert update.status_code == 200
    assert update.text.count("# outer-blanks") == 6


def test_the_table_has_every_repair_in_the_language_of_the_visitor(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/de/source/ville/repairs.csv").text)))
    assert {row["rule"] for row in rows} == {"outer-blanks", "empty-node"}
    assert {row["entity"] for row in rows} == {DATASET}
    first = next(row for row in rows if row["rule"] == "outer-blanks")
    assert (first["old"], first["new"]) == ("  Stations de vélos @fr", "Stations de vélos @fr")
    assert first["title"] == repairs.title("outer-blanks", "de") + "."
    only = client.get("/de/source/ville/repairs.csv?rule=empty-node").text
    assert "outer-blanks" not in only
    assert "empty-node" in only


def test_the_update_makes_of_what_the_source_sent_what_is_shown_here(client: FlaskClient) -> None:
    shown = pyoxigraph.Store()
    shown.load(client.get("/doc/dataset/ville/jeu-1.nt").data, pyoxigraph.RdfFormat.N_TRIPLES)
    title = pyoxigraph.NamedNode(f"{DCT}title")
    subject = pyoxigraph.NamedNode(DATASET)
    theirs = pyoxigraph.Store()
    theirs.extend(shown)
    right = pyoxigraph.Quad(subject, title, pyoxigraph.Literal("Stations de vélos", language="fr"))
    wrong = pyoxigraph.Quad(subject, title, pyoxigraph.Literal("  Stations de vélos", language="fr"))
    node, place = pyoxigraph.BlankNode(), pyoxigraph.NamedNode(f"{DCT}spatial")
    kind = pyoxigraph.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    theirs.remove(right)
    theirs.extend([wrong, pyoxigraph.Quad(subject, place, node)])
    theirs.add(pyoxigraph.Quad(node, kind, pyoxigraph.NamedNode(f"{DCT}Location")))
    assert set(theirs) != set(shown)
    theirs.update(client.get("/fr/source/ville/repairs.ru").text)
    assert set(theirs) == set(shown)


def test_a_run_has_its_numbers_reasons_and_repairs(client: FlaskClient, read: Parse) -> None:
    page = read(client.get("/fr/source/ville/run/9").text)
    words = page.words()
    for expected in ("1 min 23 s", "20 novembre 2026, 08:00 UTC", "marqué comme privé par la source (1)", "terminé"):
        assert expected in words
    counts = dict(zip(
        [item.text for item in page.find("//dl[contains(@class, 'numbers')]//dt")],
        [item.text for item in page.find("//dl[contains(@class, 'numbers')]//dd")], strict=True,
    ))  # fmt: skip
    assert (counts["trouvés"], counts["affichés"], counts["inchangés"], counts["rejetés"]) == ("9", "8", "6", "1")
    rows = [[cell.text_content() for cell in row.xpath("th|td")] for row in page.find("(//table)[1]/tbody/tr")]
    assert rows == [["À corriger", "3", "1"], ["À corriger si possible", "0", "2"]]
    assert "/fr/source/ville/repairs?rule=outer-blanks" in page.find("//a/@href")
    assert "elles ne sont pas nommées" in words.lower(), "private records are counted, never named"


def test_runs_that_failed_died_or_read_a_part_say_so(difficult_client: FlaskClient, read: Parse) -> None:
    said = {number: read(difficult_client.get(f"/fr/source/difficile/run/{number}").text) for number in range(2, 8)}
    for page in said.values():
        assert page.faults == []
        assert not page.find("//script")
    texts = {number: page.words() for number, page in said.items()}
    assert "Seul ce que la source a modifié" in texts[4]
    assert "lignes de données converties en RDF" in texts[4]
    assert "n'a pas pu être achevé" in texts[5]
    assert "trouvés" not in texts[5], "a run that counted nothing shows no zeros"
    assert "It ended <script>alert(1)</script>" in texts[5]
    assert "interrompu" in texts[6]
    assert "secret" not in " ".join(texts.values())


def test_the_trend_of_findings_is_drawn_and_said(difficult_client: FlaskClient, read: Parse) -> None:
    page = read(difficult_client.get("/fr/source/difficile").text)
    assert page.words("//figcaption") == "Constats au fil des 3 derniers moissonnages : de 900 à 7."
    assert page.find("//figure//*[local-name()='svg']/@aria-hidden") == ["true"]


def test_the_trend_leaves_out_runs_that_tell_nothing() -> None:
    def run(number: int, status: str, **report: Any) -> RunInfo:
        return RunInfo(id=number, source="s", started="", finished=None, status=status, message="", report=report)

    good = [run(number, "done", findings={"Violation": number}) for number in (0, 5, 10)]
    others = [run(9, "failed"), run(8, "done", findings={"Info": 99}, partial=True), run(7, "done")]
    drawn = sources.trend([good[0], *others, good[1], good[2]], "en")
    assert drawn is not None
    assert (drawn.points, drawn.first, drawn.last, drawn.runs) == ("4.0,4.0 120.0,24.0 236.0,44.0", "10", "0", "3")
    assert sources.trend([*good[:2], *others], "en") is None
    flat = sources.trend([run(number, "done", findings={}) for number in range(3)], "en")
    assert flat is not None
    assert flat.points == "4.0,44.0 120.0,44.0 236.0,44.0", "no division by nought"


def test_a_copy_leads_to_what_is_shown_and_back(client: FlaskClient, read: Parse) -> None:
    copy = read(client.get("/nl/dataset/region/copie-1").text)
    assert "Dit is een kopie van een dataset door een ander portaal." in copy.words("//p[@class='note'][1]")
    assert copy.find("//p[@class='note']/a/@href") == ["/nl/dataset/ville/jeu-1"]
    assert "Europese portalen" not in copy.words(), "a copy is not offered to them"
    shown = read(client.get("/fr/dataset/ville/jeu-1").text)
    assert "Aussi décrit par un autre portail" in shown.words("//aside")
    assert "/fr/dataset/region/copie-1" in shown.find("//aside//a/@href")
    part = read(client.get("/fr/doc/distribution/region/copie-1-1").text)
    assert "la copie d'un jeu de données" in part.words()
    assert "/fr/dataset/region/copie-1" in part.find("//section//a/@href")


def test_copies_are_in_no_list(client: FlaskClient, read: Parse) -> None:
    for address in ("datasets?q=repris", "datasets?source=region", "source/region", ""):
        assert "copie-1" not in client.get(f"/fr/{address}").text, address
    assert read(client.get("/fr/datasets").text).words("//main").count("12 jeux de données") == 1


def test_a_row_has_a_page_that_leads_to_its_file_and_dataset(client: FlaskClient, read: Parse) -> None:
    row = read(client.get("/nl/doc/data/ville/stations/1").text)
    assert row.words("//h1") == "Halte 1"
    origin = "//section[@aria-labelledby='origin']"
    assert "(rij 2)" in row.words(origin)
    assert row.find(f"{origin}//a/@href")[:2] == ["/nl/dataset/ville/jeu-1", "/nl/doc/distribution/ville/jeu-1-1"]
    table = read(client.get(row.find(f"{origin}//a/@href")[2]).text)
    assert table.words("//h1") == "Stations"
    assert "Rijen:2" in table.words(origin)


def test_a_dataset_and_its_file_say_that_their_rows_are_linked_data(client: FlaskClient, read: Parse) -> None:
    for address in ("dataset/ville/jeu-1", "doc/distribution/ville/jeu-1-1"):
        page = read(client.get(f"/fr/{address}").text)
        assert "Stations (2 lignes)" in page.words(), address
    assert "données liées (2" not in read(client.get("/fr/dataset/ville/jeu-2").text).words()


def test_pages_with_the_next_harvest_are_fresh_for_an_hour_only(client: FlaskClient) -> None:
    lasting, timed = (client.get(f"/fr/source/ville{rest}").headers["ETag"] for rest in ("/repairs", ""))
    assert timed.startswith(lasting[:-1])
    assert len(timed) == len(lasting) + len("-2026112123")


def test_crawlers_are_kept_out_of_patches_but_not_of_pages(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text
    assert "Disallow: /*/source/*/repairs.\n" in text
    assert "Disallow: /*?\n" in text
