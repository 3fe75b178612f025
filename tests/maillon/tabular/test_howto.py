"""The how-to: every declaration in it can be used, and every key that exists stands in it."""

import re
import tomllib
from pathlib import Path

from maillon.tabular import declaration

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "turn-a-table-into-rdf.md"


def test_every_declaration_of_the_page_can_be_used() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    tables = [declaration.read(table, "x") for block in blocks for table in tomllib.loads(block)["tables"]]
    assert [table.name for table in tables] == ["places", "population", "budget"]


def test_every_key_stands_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    keys = {*declaration.TABLE_KEYS, *declaration.COLUMN_KEYS, *declaration.GEOMETRY_KEYS} - {"columns"}
    assert [key for key in sorted(keys) if not re.search(rf"(?:`|\b){key}\b", text)] == []
