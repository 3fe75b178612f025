"""docs/reference/dcat-ap.md is current, every row has a rule or a reason, and the rows are those of DCAT-AP 3.0.1."""

import csv
import importlib.util
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from maillon import paths

ROOT = Path(__file__).resolve().parents[2]
STANDARDS = ROOT.parent / "shared" / "standards"
SEE_ALSO = "http://www.w3.org/2000/01/rdf-schema#seeAlso"
STRENGTHS = {"MUST": "must", "AT-LEAST-ONE": "one", "RECOMMENDED": "should", "MAY": "may", "": ""}


def load() -> ModuleType:
    """Return docs/dcat_ap_rows.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("dcat_ap_rows", ROOT / "docs" / "dcat_ap_rows.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def lists(row: Any) -> tuple[str, ...]:
    """Return the code lists; the table writes some with a slash at the end."""
    return tuple(code.rstrip("/") for code in row.code_iris)


MADE = load()
RULES = MADE.rules()
ROWS = MADE.rows()


def name(row: Any) -> str:
    return f"{row.name} {row.term}"


def test_the_page_is_what_the_shapes_say_now() -> None:
    written = MADE.PAGE.read_text(encoding="utf-8")
    assert written == MADE.page(), "run .venv/bin/python docs/dcat_ap_rows.py"


def test_every_row_has_a_rule_or_a_reason_and_not_both() -> None:
    assert [name(row) for row in ROWS if bool(MADE.rules_of(row, RULES)) == bool(row.reason)] == []


def test_every_demand_of_every_row_is_checked_with_the_severity_that_it_means() -> None:
    assert {name(row): MADE.gaps(row, RULES) for row in ROWS if MADE.gaps(row, RULES)} == {}


def test_no_reason_excuses_what_a_rule_checks() -> None:
    for row in ROWS:
        excused = replace(row, unchecked={})
        assert row.unchecked.keys() == MADE.gaps(excused, RULES), name(row)


def test_a_row_whose_rules_are_gone_has_gaps() -> None:
    title = next(row for row in ROWS if name(row) == "Catalogue dct:title")
    without = [rule for rule in RULES if rule.id != "catalog-title"]
    assert MADE.gaps(title, without) == {"present"}
    weaker = [replace(rule, severity="Warning") for rule in RULES]
    assert MADE.gaps(title, weaker) == {"present", "range"}


def test_every_rule_of_the_table_has_an_example_that_breaks_it() -> None:
    assert [rule.id for row in ROWS for rule in MADE.rules_of(row, RULES) if not rule.examples] == []


def test_every_rule_named_among_the_differences_exists() -> None:
    known = {rule.id for rule in RULES}
    assert {rule for item in MADE.words()["difference"] for rule in item["rules"]} <= known


def test_every_rule_leads_to_the_specification() -> None:
    linked = {
        quad.subject.value
        for path in paths.SHAPES.glob("*.ttl")
        for quad in parse(path.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)
        if quad.predicate.value == SEE_ALSO and isinstance(quad.subject, NamedNode)
    }
    assert [rule.id for rule in RULES if MADE.SHAPE + rule.id not in linked] == []


@pytest.mark.corpus
def test_the_rows_are_those_of_the_specification() -> None:
    table = STANDARDS / "derived" / "dcat-ap-3.0.1-properties.csv"
    if not table.exists():
        pytest.skip("needs ../shared/standards, which is not beside this checkout")
    with table.open(encoding="utf-8", newline="") as file:
        expected = [
            (
                row["class"],
                row["property"],
                row["obligation"].lower(),
                row["card"],
                row["range"],
                STRENGTHS[row["codelist_expectation"]],
                tuple(code.rstrip("/") for code in row["codelist"].split()),
                f"{row['hvd_obligation'].lower()} {row['hvd_card']}".strip(),
            )
            for row in csv.DictReader(file)
        ]
    own = [
        (row.name, row.term, row.obligation, row.number, row.range, row.strength, lists(row), row.hvd) for row in ROWS
    ]
    assert len(expected) == 137
    assert sorted(own) == sorted(expected)


@pytest.mark.corpus
def test_every_link_to_the_specification_has_its_heading_there() -> None:
    text = STANDARDS / "dcat-ap" / "3.0.1" / "index.html"
    if not text.exists():
        pytest.skip("needs ../shared/standards, which is not beside this checkout")
    anchors = set(re.findall(r'id="([^"]+)"', text.read_text(encoding="utf-8")))
    linked = {
        link
        for path in paths.SHAPES.glob("*.ttl")
        for link in re.findall(r"DCAT-AP/releases/3\.0\.1/#([\w.-]+)>", path.read_text(encoding="utf-8"))
    }
    assert linked - anchors == set()
