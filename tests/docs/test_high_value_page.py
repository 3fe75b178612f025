"""docs/reference/high-value.md names every rule on high-value and geographic data, with its severity, and no other."""

import re
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, parse

from maillon import paths
from maillon.validation import marks
from maillon.vocabulary import term

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "high-value.md"


def test_the_page_names_every_rule_with_its_severity() -> None:
    severities: dict[str, str] = {}
    for path in [*paths.SHAPES.glob("hvd-*.ttl"), *paths.SHAPES.glob("geo-*.ttl")]:
        for quad in parse(path.read_bytes(), RdfFormat.TURTLE):
            if quad.predicate == term("sh:severity") and isinstance(quad.object, NamedNode):
                rule = str(quad.subject).strip("<>").removeprefix("urn:maillon:shape:")
                severities[rule] = quad.object.value.rpartition("#")[2]
    written: dict[str, str] = {}
    text = PAGE.read_text(encoding="utf-8")
    for rules, severity in re.findall(r"^\| .* \| (`.*`) \| (\w+) \|$", text, re.MULTILINE):
        written |= dict.fromkeys(re.findall(r"`([^`]+)`", rules), severity)
    assert written == severities


def test_the_page_gives_the_address_of_the_regulation() -> None:
    assert f"`{marks.REGULATION}`" in PAGE.read_text(encoding="utf-8")
