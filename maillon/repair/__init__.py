"""Repairs what sources get wrong, by declared rules, each application kept with what stood there before."""

from maillon.repair.engine import Application, Repaired, pack, repair, unpack
from maillon.repair.registry import BY_ID, RULES
from maillon.repair.rule import Change, Context, Example, Rule, Triples

__all__ = [
    "BY_ID", "RULES", "Application", "Change", "Context", "Example", "Repaired", "Rule", "Triples",
    "pack", "repair", "unpack",
]  # fmt: skip
