"""What pages about quality are made of: charts, comparisons, numbers in words, rules, new findings, badges, tables."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from lxml import etree
from python_calamine import CalamineWorkbook

from maillon.quality.values import Moment, Scope, ScopeGain
from maillon.records import Finding
from maillon.settings import LANGUAGES, Settings
from maillon.validation import shapes
from maillon.web import (
    create_app,
    quality_badge,
    quality_charts,
    quality_data,
    quality_feed,
    quality_parts,
    quality_rules,
    quality_tables,
    quality_words,
)
from maillon.web.pages import quality_measures
from maillon.web.quality_findings import FindingRow
from maillon.web.texts import Text

VIEWS = quality_measures  # its view has to be in the blueprint before an application is made
SVG = "{http://www.w3.org/2000/svg}"


def _moment(made: str, points: float = 200.0, **severities: int) -> Moment:
    return Moment(snapshot=1, made=made, datasets=3, points=points, severities=severities, indicators={})


def _scope(**values: Any) -> Scope:
    given: dict[str, Any] = {
        "kind": "source", "key": "ville", "datasets": 3, "points": 287.4, "dimensions": {}, "metrics": {},
        "indicators": {}, "severities": {}, "shapes": (), "gains": (),
    }  # fmt: skip
    return Scope(**{**given, **values})


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Give an application without data: only words are asked of it."""
    return create_app(Settings(data=tmp_path_factory.mktemp("nothing")))


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    """Be in a request for an English page."""
    with app.test_request_context("/en/"):
        yield


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([281.0, 281.0], [281, 282]),
        ([218.0, 281.3], [200, 220, 240, 260, 280, 300]),
        ([0, 0], [0, 1]),
        ([3, 164], [0, 50, 100, 150, 200]),
        ([12_000, 91_500], [0, 20_000, 40_000, 60_000, 80_000, 100_000]),
    ],
)
def test_the_vertical_axis_has_round_numbers_that_enclose_the_values(values: list[float], expected: list[int]) -> None:
    assert quality_charts.levels(values) == expected


def test_a_chart_places_the_highest_value_highest_and_time_from_left_to_right() -> None:
    series = quality_charts.Series("p", "P", "s", ["a", "b", "c"], [10, 30, 20], ["P"], [["10"], ["30"], ["20"]])
    chart = quality_charts.draw(series, "en")
    assert chart is not None
    heights = [float(point.y) for point in chart.points]
    assert heights[1] < heights[2] < heights[0]
    across = [float(point.x) for point in chart.points]
    assert across == sorted(across)
    assert 0 < across[0] < across[-1] < quality_charts.WIDTH
    assert [row.day for row in chart.rows] == ["c", "b", "a"], "the table has the newest first"
    assert [(end.label, end.anchor) for end in chart.ends] == [("a", "start"), ("c", "end")]


def test_one_point_is_no_line() -> None:
    series = quality_charts.Series("p", "P", "s", ["a"], [10], ["P"], [["10"]])
    assert quality_charts.draw(series, "en") is None


def test_a_scope_is_compared_with_what_it_was_a_month_ago() -> None:
    days = ["2026-01-01T04:00:00Z", "2026-10-01T04:00:00Z", "2026-10-25T04:00:00Z", "2026-11-20T04:00:00Z"]
    found = quality_data.before([_moment(day) for day in days])
    assert found is not None
    assert found.made == days[1], "25 October is less than 28 days before"
    young = quality_data.before([_moment(day) for day in days[2:]])
    assert young is not None
    assert young.made == days[2], "a young one is compared with its first measurement"
    assert quality_data.before([_moment(days[0])]) is None
    assert quality_data.before([]) is None


@pytest.mark.parametrize(
    ("value", "expected"), [(12.4, "+12"), (-3.26, "−3.3"), (0.0, "±0"), (0.04, "±0"), (-1234.0, "−1,234")]
)
def test_differences_have_their_sign(value: float, expected: str) -> None:
    assert quality_parts.signed(value, "en") == expected


@pytest.mark.parametrize(
    ("share", "expected"), [(0.999, "99%"), (1.0, "100%"), (0.001, "1%"), (0.0, "0%"), (0.5, "50%")]
)
def test_only_all_is_100_percent_and_only_none_is_0(share: float, expected: str) -> None:
    assert quality_parts.percent(share, "en") == expected


@pytest.mark.parametrize(
    ("points", "name"),
    [(0, "Bad"), (120.4, "Bad"), (120.5, "Sufficient"), (220.49, "Sufficient"), (220.5, "Good"), (350.49, "Good"),
     (350.5, "Excellent"), (405, "Excellent")],
)  # fmt: skip
def test_a_rating_fits_the_number_that_stands_beside_it(points: float, name: str) -> None:
    assert quality_words.rating(points).name == name
    least = {"Bad": 0, "Sufficient": 121, "Good": 221, "Excellent": 351}[name]
    assert quality_words.whole(points) >= least


def test_the_first_fixes_are_those_with_most_points_in_the_order_of_their_effort() -> None:
    gains = [
        ScopeGain(fix=fix, points=points, values=values, datasets=1)
        for fix, points, values in (("one", 50, 1), ("many", 900, 30), ("few", 100, 4), ("most", 2000, 200))
    ]
    assert [gain.fix for gain in quality_parts.first(gains, 3)] == ["many", "few", "most"]
    assert quality_parts.first(gains, 9) == gains


def test_what_is_good_is_what_nearly_all_have_and_never_what_is_unknown(english: None) -> None:
    scope = _scope(metrics={"keywordAvailability": 1.0, "licenceAvailability": 0.95, "temporalAvailability": 0.89,
                            "accessUrlStatusCode": 0.0})  # fmt: skip
    assert [bar.name for bar in quality_parts.good(scope, "en")] == ["Keywords", "Licence"]


def test_points_that_nobody_can_have_are_told_until_an_address_was_checked() -> None:
    assert quality_parts.unchecked_points({"links": None}) == 80
    assert quality_parts.unchecked_points({}) == 80
    assert quality_parts.unchecked_points({"links": 0.0}) == 0


def test_trends_are_told_in_words_and_numbers_too(english: None) -> None:
    moments = [
        _moment("2026-10-01T04:00:00Z", 218.4, Violation=100, Warning=64),
        _moment("2026-11-01T04:00:00Z", 281.5, Violation=3, Warning=1),
    ]
    points, findings = quality_parts.charts(moments, "en")
    assert points.summary == "Points of the European scale: from 218 to 282."
    assert findings.summary == "Findings of all kinds: from 164 to 4."
    assert findings.rows[0].cells == ["3", "1", "0"]
    assert quality_parts.charts(moments[:1], "en") == []


def test_every_message_is_cut_into_what_is_wrong_and_what_to_do() -> None:
    for shape, texts in shapes.messages().items():
        for language in LANGUAGES:
            wrong, to_do = quality_rules.wrong_and_to_do(shape, language)
            assert f"{wrong} {to_do}".strip() == " ".join(texts[language].split()), "nothing is lost"
            assert wrong.endswith((".", "?", "!", "»", "”", ")"))


def test_an_abbreviation_ends_no_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "Le champ est vide, p. ex. Titre ou z. B. Datum : voyez cela. Écrivez-le (art. 3. Ainsi)."
    monkeypatch.setattr("maillon.validation.message", lambda *_: said)
    assert quality_rules.wrong_and_to_do("urn:x", "fr")[0].endswith("voyez cela.")


def test_a_rule_that_is_gone_has_its_iri_for_a_message() -> None:
    assert quality_rules.wrong_and_to_do("urn:maillon:shape:gone", "fr") == ("urn:maillon:shape:gone", "")
    assert quality_rules.name("urn:maillon:shape:gone", "fr") == ""
    assert quality_rules.specification("urn:maillon:shape:gone") == ""


def _finding(shape: str, value: str = "", severity: str = "Warning", focus: str = "urn:a") -> Finding:
    return Finding(focus, "<urn:p>", value, severity, "urn:c", shape)


def test_new_findings_are_those_that_were_not_there_the_gravest_first() -> None:
    old = [_finding("urn:s1"), _finding("urn:s2", '"a"')]
    now = [_finding("urn:s1"), _finding("urn:s2", '"b"'), _finding("urn:s3", severity="Violation")]
    assert [item.shape for item in quality_feed.new_findings(now, old)] == ["urn:s3", "urn:s2"]
    assert quality_feed.new_findings(old, old) == ()
    renamed = [_finding("urn:s1", focus="urn:genid-2"), _finding("urn:s2", '"a"', focus="urn:genid-3")]
    assert quality_feed.new_findings(renamed, old) == (), "an embedded node that was named anew is nothing new"
    assert len(quality_feed.new_findings([*old, old[0]], old)) == 1, "the same once more is new"


@pytest.mark.parametrize(
    "name", ['"><script>alert(1)</script>', "A & B <svg onload=x>", "\u202eevil", "l'été", "nul \x00 \uffff"]
)
def test_a_badge_is_whole_xml_whatever_the_name(app: Flask, name: str) -> None:
    with app.test_request_context("/en/"):
        made = quality_badge.badge(name, 287.4, "en")
        picture = app.jinja_env.get_template("partials/badge.svg").render(badge=made, language="en")
    root = etree.fromstring(picture.encode())
    assert root.findtext(f"{SVG}title") == f"{quality_rules.printable(name)} – metadata: Good · 287/405"
    assert [item.text for item in root.iter(f"{SVG}text")] == ["metadata", "Good · 287/405"]
    assert {etree.QName(item).localname for item in root.iter()} == {"svg", "title", "clipPath", "rect", "g", "text"}
    given = {str(attribute) for item in root.iter() for attribute in item.attrib}
    assert not [attribute for attribute in given if attribute.startswith("on") or "href" in attribute]


def test_a_badge_of_what_was_not_measured_says_so(english: None) -> None:
    assert quality_badge.badge("x", None, "en").right == "not measured"


HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    '=HYPERLINK("http://x")',
    "=cmd|'/C'!A0",
)


def _row(value: str) -> FindingRow:
    return FindingRow(
        severity="Violation", severity_label="Must be corrected", dataset=Text(value), kind="Dataset",
        page="https://catalogue.example.org/en/dataset/x", iri="urn:x", field="Title", value=value, wrong="Wrong.",
        to_do="Do.", specification="https://example.org/s", rule="urn:maillon:shape:x",
    )  # fmt: skip


def test_no_cell_of_the_csv_can_be_a_formula() -> None:
    text = "".join(quality_tables.csv_lines(["a"] * 11, map(_row, HOSTILE)))
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert len(rows) == 1 + len(HOSTILE)
    for row, value in zip(rows[1:], HOSTILE, strict=True):
        assert row[6] == f"'{value}", "nothing but the apostrophe is added"
        assert not [cell for cell in row if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))]


def _workbook(values: Iterable[str]) -> bytes:
    made = datetime(2026, 1, 1)  # noqa: DTZ001 - Excel has no time zones
    with quality_tables.workbook(["a"] * 11, map(_row, values), "t", made) as stream:
        return stream.read()


def _cells(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_the_workbook_has_text_cells_only_and_nothing_too_long_or_unprintable(english: None) -> None:
    values = (*HOSTILE, "nul \x00 bell \x07 \ud800 \uffff", "x" * 40_000, "_x0041_", "été ü €")
    data = _workbook(values)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = etree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter("{*}f"))
    cells = list(sheet.iter("{*}c"))
    assert {cell.get("t") for cell in cells} == {"inlineStr"}
    read = [str(row[6]) for row in _cells(data)[1:]]
    assert len(read) == len(values)
    assert read[0] == "=1+1", "what a source wrote stands there as it is"
    assert read[-3] == "x" * quality_tables.LONGEST + "…"
    assert read[-2:] == ["_x0041_", "été ü €"]


def test_the_same_findings_give_the_same_workbook(english: None) -> None:
    assert _workbook("xyz") == _workbook("xyz")


def test_a_workbook_that_is_full_says_so(english: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_tables, "MOST_ROWS", 3)
    rows = _cells(_workbook("abcdefghi"))
    assert len(rows) == 5
    assert "CSV" in str(rows[-1][0])


def test_a_workbook_that_cannot_be_made_leaves_no_file_open(english: None) -> None:
    def failing() -> Iterator[str]:
        yield "x"
        raise RuntimeError("the documents are gone")

    with pytest.raises(RuntimeError):
        _workbook(failing())
