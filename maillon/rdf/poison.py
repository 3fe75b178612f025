"""Tells whether the canonical form of a graph would take for ever, before it is asked for.

RDFC-1.0 (`section 7 <https://www.w3.org/TR/rdf-canon/#dataset-poisoning>`_) tries every order of blank nodes that look
the same, so that 60 triples can cost years; pyoxigraph has no limit. Here the same search is walked without hashing
anything, and given up at a budget. Measured with pyoxigraph 0.5.13: a unit of the budget costs it about 0.4 µs.
"""

from collections.abc import Iterable
from itertools import permutations
from typing import Final

from pyoxigraph import BlankNode, Triple

BUDGET: Final = 1_500_000
"""Units of work, each one blank node looked at in one order; about 0.5 s of canonicalisation."""
_MAX_DEPTH: Final = 200

_Link = tuple[str, BlankNode]
"""Direction with property, and the blank node at the other end."""


class _Exhausted(Exception):
    """The budget is used up."""


class _Walk:
    def __init__(self, links: dict[BlankNode, list[_Link]], looks: dict[BlankNode, str]) -> None:
        self._links = links
        self._looks = looks
        self._left = BUDGET

    def _pay(self, amount: int) -> None:
        self._left -= amount
        if self._left < 0:
            raise _Exhausted

    def explore(self, node: BlankNode, issued: set[BlankNode]) -> set[BlankNode]:
        """Walk as "Hash N-Degree Quads" does; return the nodes that have an identifier afterwards."""
        groups: dict[str, list[BlankNode]] = {}
        for link, other in self._links.get(node, ()):
            groups.setdefault(link + (str(other) if other in issued else self._looks[other]), []).append(other)
        for group in groups.values():
            chosen = issued
            for order in permutations(group):
                current = self._order(order, set(issued))
                if chosen is issued:
                    chosen = current
            issued = chosen
        return issued

    def _order(self, order: Iterable[BlankNode], issued: set[BlankNode]) -> set[BlankNode]:
        fresh = []
        for other in order:
            self._pay(1 + len(issued))
            if other not in issued:
                fresh.append(other)
                issued.add(other)
        if len(issued) > _MAX_DEPTH:
            raise _Exhausted
        for other in fresh:
            issued = self.explore(other, issued)
        return issued


def _looks(triples: Iterable[Triple]) -> dict[BlankNode, str]:
    """Return what each blank node looks like on its own ("Hash First Degree Quads")."""
    lines: dict[BlankNode, list[str]] = {}
    for triple in triples:
        subject, target = triple.subject, triple.object
        nodes = {node for node in (subject, target) if isinstance(node, BlankNode)}
        for node in nodes:
            ends = [
                "_:a" if end == node else "_:z" if isinstance(end, BlankNode) else str(end) for end in (subject, target)
            ]
            lines.setdefault(node, []).append(f"{ends[0]} {triple.predicate} {ends[1]}")
    return {node: "\n".join(sorted(text)) for node, text in lines.items()}


def is_poisonous(triples: Iterable[Triple]) -> bool:
    """Tell whether canonicalising these triples would take more than about a second."""
    triples = list(triples)
    looks = _looks(triples)
    seen: dict[str, int] = {}
    for look in looks.values():
        seen[look] = seen.get(look, 0) + 1
    alike = {node for node, look in looks.items() if seen[look] > 1}
    links: dict[BlankNode, list[_Link]] = {}
    for triple in triples:
        subject, target = triple.subject, triple.object
        if not isinstance(subject, BlankNode) or not isinstance(target, BlankNode):
            continue
        if subject != target and subject in alike and target in alike:
            links.setdefault(subject, []).append((f">{triple.predicate}", target))
            links.setdefault(target, []).append((f"<{triple.predicate}", subject))
    walk = _Walk(links, looks)
    try:
        for node in links:
            walk.explore(node, {node})
    except _Exhausted:
        return True
    return False
