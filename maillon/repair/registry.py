"""All repair rules in the order in which they are tried; their ids stand in the ledger and in sources' TOMLs.

Structure comes first, because a text behind a wrong property is not found otherwise; then language tags, by which the
pieces of a text are joined before its HTML is cleaned; then addresses and codes, which read the cleaned texts.
"""

from collections.abc import Mapping
from importlib import import_module, util
from typing import Final

from maillon.repair.rule import Rule

_FIRST: Final = ("structure", "languages", "fragments", "texts", "detection", "addresses")
_CODES: Final = ("licences", "formats", "codes", "agents", "dates", "places", "contacts")


def _all() -> tuple[Rule, ...]:
    names = [f"maillon.repair.{name}" for name in (*_FIRST, *_CODES)]
    modules = [import_module(name) for name in names if util.find_spec(name)]
    ordered = [rule for module in modules for rule in getattr(module, "RULES", ())]
    late = [rule for module in modules for rule in getattr(module, "LATE_RULES", ())]
    return tuple(dict.fromkeys((*ordered, *late)))


RULES: Final[tuple[Rule, ...]] = _all()
"""In the order in which they are tried."""

BY_ID: Final[Mapping[str, Rule]] = {rule.id: rule for rule in RULES}
