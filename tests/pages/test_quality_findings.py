"""The findings on pages: each rule once, with some of the records that break it, and the pages of one rule."""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from flask import Flask
from flask.testing import FlaskClient

from maillon.quality import gains, lists
from maillon.quality.file import QualityFile
from maillon.records import Finding
from maillon.settings import Settings
from maillon.store.findings_by_record import Found, RuleCount
from maillon.validation import shapes
from maillon.web import create_app, quality_findings, quality_lists, quality_overview, quality_places
from maillon.web.current import snapshot
from maillon.web.engine import engine
from maillon.web.pages import quality_files
from maillon.web.texts import Text

RULE = "urn:maillon:shape:dataset-description"
Parse = Callable[[str], Any]


@pytest.fixture(scope="module")
def quality_app(settings: Settings) -> Iterator[Flask]:
    """Give the application over the sample catalogue."""
    made = create_app(replace(settings, queries_per_client=1000, query_rate=""))
    yield made
    with made.app_context():
        engine().close()


@pytest.fixture
def visitor(quality_app: Flask) -> FlaskClient:
    """Give a client of it."""
    return quality_app.test_client()


@pytest.fixture(scope="module")
def measured(settings: Settings) -> Iterator[QualityFile]:
    """Give the quality file of the sample catalogue."""
    file = QualityFile(settings.snapshots / "current" / "quality.sqlite")
    yield file
    file.close()


def _rules(page: Any) -> list[Any]:
    return list(page.find("//ul[@class='findings']/li"))


@pytest.mark.parametrize("place", ["source/ville", "organisation/region/nature", "organisation/region/finances"])
def test_the_findings_are_by_rule_the_gravest_first_and_then_most_records(
    visitor: FlaskClient, read: Parse, place: str
) -> None:
    rows = list(csv.DictReader(io.StringIO(visitor.get(f"/en/{place}/findings.csv").data.decode("utf-8-sig"))))
    records: dict[str, set[str]] = {}
    for row in rows:
        records.setdefault(f"{row['What is wrong']} {row['What to do']}".strip(), set()).add(row["Page"])
    grave = {f"{row['What is wrong']} {row['What to do']}".strip(): row["Severity"] for row in rows}
    page = read(visitor.get(f"/en/{place}/findings").text)
    told = [" ".join(item.xpath("p")[0].text_content().split()) for item in _rules(page)]
    assert sorted(told) == sorted(" ".join(text.split()) for text in records), "each rule once"
    order = [
        (["Must be corrected", "Should be corrected", "Could be better"].index(grave[text]), -len(records[text]))
        for text in told
    ]
    assert order == sorted(order)
    for text, item in zip(told, _rules(page), strict=True):
        count = item.xpath("p")[1].text_content().split("·")[0]
        assert f"{len(records[text])} record" in count
        shown = item.xpath(".//details//th/a/@href")
        assert len(shown) == min(len(records[text]), 10)
        assert {f"http://localhost{address}" for address in shown} <= records[text]
    heads = [item.text_content().split() for item in page.find("//h2[.//*[@class='count']]")]
    assert sum(int(words[-1]) for words in heads) == len(rows)


def test_a_rule_says_what_correcting_it_gains(visitor: FlaskClient, read: Parse, measured: QualityFile) -> None:
    scope = measured.scope("source", "ville")
    assert scope is not None
    points = {gain.fix: gain.points for gain in scope.gains}
    page = read(visitor.get("/en/source/ville/findings").text)
    told = {
        rule: item.xpath(".//p[@class='gain']")[0].text_content()
        for item in _rules(page)
        for rule in quality_overview.FIXES
        if item.xpath(".//p[@class='gain']") and shapes.message(rule, "en") in " ".join(item.text_content().split())
    }
    assert told
    assert told == {rule: f"+{points[quality_overview.FIXES[rule]]} points" for rule in told}
    assert f"gains +{points['mend-violations']} points" in page.words("//section[@aria-labelledby='violation']")


def test_rules_with_a_gain_are_rules_and_fixes_that_there_are() -> None:
    for rule, fix in quality_overview.FIXES.items():
        assert shapes.message(rule, "en") != rule, rule
        metric = next(item for item in lists.metrics() if item.name == gains.FIXES[fix].unmet)
        assert rule.startswith(f"urn:maillon:shape:{metric.on}-") or fix == "add-distribution"


def test_only_some_records_of_a_rule_are_shown_and_the_others_one_link_away(
    visitor: FlaskClient, read: Parse, monkeypatch: pytest.MonkeyPatch, quality_app: Flask
) -> None:
    monkeypatch.setattr(quality_overview, "EXAMPLES", 1)
    monkeypatch.setattr(quality_overview, "_kept", WeakKeyDictionary())
    page = read(visitor.get("/en/quality/findings").text)
    for item in _rules(page):
        (count,) = re.findall(r"(\d+) records?", item.xpath("p")[1].text_content())
        links = item.xpath("p[contains(@class, 'small')]/a[contains(@href, 'rule=')]/@href")
        assert len(item.xpath(".//details//th/a")) == 1
        assert len(links) == (int(count) > 1)
        for link in links:
            assert len(read(visitor.get(link).text).find("//main//table/tbody/tr")) == int(count)


def test_files_of_one_name_are_told_apart(quality_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = Finding("urn:f", "", '"x"', "Warning", "c", RULE)
    numbers = ("000000000001", "000000000002")
    records = [Found(f"https://example.org/{end}", "distribution", f"x-{end}", (finding,)) for end in numbers]

    def marks(chosen: list[Found]) -> list[str]:
        return [line.mark for line in quality_lists.tables({RULE: chosen}, snapshot().documents, "en")[RULE].lines]

    with quality_app.test_request_context("/en/"):
        assert marks(records) == ["", ""], "without a name they are called by the end of their IRI"
        monkeypatch.setattr(quality_findings, "dataset_names", lambda *_: defaultdict(lambda: Text("a")))
        monkeypatch.setattr(quality_findings, "own_name", lambda *_: Text("b"))
        assert marks(records) == [f"…{end}" for end in numbers]
        assert marks(records[:1]) == [""]


def test_of_many_values_some_are_shown_and_the_others_counted(quality_app: Flask) -> None:
    eu = "http://publications.europa.eu/resource/authority/file-type"
    found = [Finding("urn:f", "", f"<{eu}/F{number}>", "Warning", "c", RULE) for number in range(7)]
    other = Finding("urn:f", "", '"of another rule"', "Warning", "c", "urn:other")
    record = Found("https://example.org/d", "dataset", "x-d", (*found, other, found[0]))
    with quality_app.test_request_context("/en/"):
        table = quality_lists.tables({RULE: [record]}, snapshot().documents, "en")[RULE]
    (line,) = table.lines
    assert line.values == [f"…/file-type/F{number}" for number in range(5)]
    assert line.more == 2
    assert table.has_values


def test_only_so_much_is_kept_of_a_snapshot(quality_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_overview, "_kept", WeakKeyDictionary())
    monkeypatch.setattr(quality_overview, "KEPT", 2)
    with quality_app.test_request_context("/en/"):
        published = snapshot()
        places = [quality_places.source(name, published, "en") for name in ("ville", "region")]
        for place in (*places, *places):
            first = quality_overview.counts(place, published)
            assert quality_overview.counts(place, published) is first
            assert quality_overview.examples(place, published)
        assert len(quality_overview._kept[published]) == 2


def test_what_was_not_measured_has_findings_and_no_gain(quality_app: Flask) -> None:
    with quality_app.test_request_context("/en/"):
        place = quality_places.source("ville", snapshot(), "en")
        item = RuleCount(next(iter(quality_overview.FIXES)), "Warning", 3, 2)
        card = quality_overview.card(item, place, None, "en")
    assert (card.gain, card.mean, card.count, card.records) == ("", "", "3 times in 2 records", 2)


def test_pages_of_a_rule_go_on_without_leaving_one_out(
    visitor: FlaskClient, read: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quality_files, "RECORDS", 2)
    for place in ("source/ville", "organisation/region/finances", "quality"):
        rows = list(csv.DictReader(io.StringIO(visitor.get(f"/en/{place}/findings.csv").data.decode("utf-8-sig"))))
        rule, _times = Counter(row["Rule"] for row in rows).most_common(1)[0]
        address, seen, pages = f"/en/{place}/findings?rule={rule}", [], 0
        while address:
            page = read(visitor.get(address).text)
            seen += page.find("//main//table//th/a/@href")
            pages += 1
            address = next(iter(page.find("//main//a[contains(@href, 'after=')]/@href")), "")
        assert len(seen) == len(set(seen))
        assert {f"http://localhost{item}" for item in seen} == {row["Page"] for row in rows if row["Rule"] == rule}
        assert pages == -(-len(seen) // 2)
