"""Turns an entity as its source sent it into the repaired entity, with one ``Application`` for each change.

Rules are tried in their order until none changes anything any more, so that repairing a repaired entity gives nothing.
An application is written in `N-Triples <https://www.w3.org/TR/n-triples/>`_ with the `property path
<https://www.w3.org/TR/sparql11-query/#propertypaths>`_ to the embedded node it is about, because blank nodes have no
name that the source would know; ``maillon.repair.patches`` makes patches of it.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, NamedNode, Triple

from maillon.records import Entity
from maillon.repair import registry
from maillon.repair.rule import Change, Context, Rule, Triples

_ROUNDS: Final = 5
"""How often all rules are tried on one entity; those shipped settle after two."""


@dataclass(frozen=True, slots=True)
class Application:
    """One change that a rule made to one entity.

    Attributes:
        rule: Id of the rule.
        removed: N-Triples lines that the entity had, each ending with a line feed; empty where the rule only adds.
            Embedded nodes stand as ``_:b0``, ``_:b1`` ..., nodes that come new as ``_:n0`` ...
        added: N-Triples lines in their place.
        path: Property path from the entity to ``_:b0``, with full IRIs; one line for each further embedded node,
            in their order. Empty where the change is about the entity itself alone.
        where: All lines of ``_:b0`` ... that stay: with ``removed`` they are all that is said of these nodes, by which
            a patch tells them from others at the end of the same path. Further nodes that they lead to are ``_:x0`` ...
    """

    rule: str
    removed: str
    added: str
    path: str
    where: str = ""


class Repaired(NamedTuple):
    """What came of an entity.

    Attributes:
        entity: The repaired entity; the very one that was given where nothing was repaired.
        applications: What was changed, in order.
        faults: Rules that failed on it, as ``rule id: what happened``; what they would have changed stays as it was.
    """

    entity: Entity
    applications: tuple[Application, ...]
    faults: tuple[str, ...]


def repair(entity: Entity, context: Context, rules: Sequence[Rule] | None = None) -> Repaired:
    """Repair an entity; no rule can lose it.

    Args:
        entity: Its embedded nodes are blank.
        context: Its source, whose ``repairs_off`` are left out.
        rules: In the order in which they are tried; all of the registry by default.
    """
    return _Repair(entity, context, registry.RULES if rules is None else tuple(rules)).run()


@lru_cache(maxsize=8192)
def _plan(
    rules: tuple[Rule, ...], kind: str, off: tuple[str, ...], present: frozenset[NamedNode], marks: frozenset[str]
) -> tuple[Rule, ...]:
    """Return the rules for a kind of entity that has these predicates and marks; most of a source share one answer."""
    return tuple(
        rule
        for rule in rules
        if rule.id not in off
        and (not rule.kinds or kind in rule.kinds)
        and (not rule.predicates or not rule.predicates.isdisjoint(present))
        and (not rule.marks or not rule.marks.isdisjoint(marks))
    )


class _Repair:
    """One entity under repair."""

    def __init__(self, entity: Entity, context: Context, rules: tuple[Rule, ...]) -> None:
        self._entity = entity
        self._context = context
        self._rules = rules
        self._triples = Triples(entity)
        self._applications: list[Application] = []
        self._faults: dict[str, None] = {}

    def run(self) -> Repaired:
        wanted = self._wanted()
        for _ in range(_ROUNDS):
            before = len(self._applications)
            self._round(wanted)
            if len(self._applications) == before:
                break
            wanted = self._wanted()
        else:
            self._faults["engine: rules undo one another"] = None
        applied = tuple(self._applications)
        entity = Entity(self._entity.iri, self._entity.kind, tuple(self._triples)) if applied else self._entity
        return Repaired(entity, applied, tuple(self._faults))

    def _round(self, wanted: tuple[Rule, ...]) -> None:
        """Try each rule once; what one changes may make later ones apply."""
        position = 0
        while position < len(wanted):
            rule = wanted[position]
            position += 1
            if self._try(rule):
                wanted = self._wanted()
                position = wanted.index(rule) + 1 if rule in wanted else self._after(rule, wanted)

    def _after(self, rule: Rule, wanted: tuple[Rule, ...]) -> int:
        """Return the position in ``wanted`` of the first rule that stands after one that is no longer in it."""
        later = set(map(id, self._rules[self._rules.index(rule) + 1 :]))
        return next((place for place, item in enumerate(wanted) if id(item) in later), len(wanted))

    def _wanted(self) -> tuple[Rule, ...]:
        present, marks = frozenset(self._triples.predicates()), frozenset(self._triples.marks())
        return _plan(self._rules, self._entity.kind, self._context.source.repairs_off, present, marks)

    def _try(self, rule: Rule) -> bool:
        """Apply one rule; tell whether it changed anything. Its failure is noted and must not lose the entity."""
        try:
            changes = tuple(rule.repair(self._triples, self._context))
        except Exception as error:  # any fault of a rule, which may be a third party's
            self._faults[f"{rule.id}: {type(error).__name__}: {error}"[:300]] = None
            return False
        return bool(changes) and self._apply(rule, changes)

    def _apply(self, rule: Rule, changes: Iterable[Change]) -> bool:
        changed = False
        for change in filter(None, map(self._effective, changes)):
            self._applications.append(application(rule.id, change, self._triples))
            self._triples.apply(change)
            changed = True
        return changed

    def _effective(self, change: Change) -> Change | None:
        """Return a change without what would change nothing; None where nothing is left."""
        added = tuple(triple for triple in dict.fromkeys(change.added) if triple not in self._triples)
        kept = set(change.added)
        removed = tuple(t for t in dict.fromkeys(change.removed) if t in self._triples and t not in kept)
        return Change(removed, added) if removed or added else None


def application(rule: str, change: Change, triples: Triples) -> Application:
    """Write down a change of an entity, before it is made.

    Args:
        rule: Id of the rule.
        change: What it removes and adds.
        triples: The entity as it is before.
    """
    nodes = list(dict.fromkeys(node for t in (*change.removed, *change.added) for node in _blank(t)))
    if not nodes:
        return Application(rule, _lines(change.removed, {}), _lines(change.added, {}), "")
    known = _paths(triples)
    names: dict[BlankNode, str] = {}
    for letter, group in (("b", [n for n in nodes if n in known]), ("n", [n for n in nodes if n not in known])):
        names.update((node, f"_:{letter}{number}") for number, node in enumerate(group))
    embedded = [node for node in names if node in known]
    gone = set(change.removed)
    where = [triple for node in embedded for triple in triples.about(node) if triple not in gone]
    further = dict.fromkeys(node for triple in where for node in _blank(triple) if node not in names)
    everyone = names | {node: f"_:x{number}" for number, node in enumerate(further)}
    paths = "\n".join(known[node] for node in embedded)
    return Application(rule, _lines(change.removed, names), _lines(change.added, names), paths, _lines(where, everyone))


def _blank(triple: Triple) -> list[BlankNode]:
    return [node for node in (triple.subject, triple.object) if isinstance(node, BlankNode)]


def _lines(triples: Iterable[Triple], names: Mapping[BlankNode, str]) -> str:
    lines = []
    for triple in triples:
        subject = names[triple.subject] if isinstance(triple.subject, BlankNode) else str(triple.subject)
        target = names[triple.object] if isinstance(triple.object, BlankNode) else str(triple.object)
        lines.append(f"{subject} {triple.predicate} {target} .\n")
    return "".join(lines)


def _paths(triples: Triples) -> dict[BlankNode, str]:
    """Return the shortest property path from the entity to each of its embedded nodes."""
    leads: dict[object, list[tuple[str, BlankNode]]] = {}
    for triple in triples.leads():
        if isinstance(triple.object, BlankNode):
            leads.setdefault(triple.subject, []).append((str(triple.predicate), triple.object))
    found: dict[BlankNode, str] = {}
    todo: list[tuple[object, str]] = [(triples.node, "")]
    for node, path in todo:
        for step, target in sorted(leads.get(node, ()), key=lambda lead: lead[0]):
            if target not in found:
                found[target] = f"{path}/{step}" if path else step
                todo.append((target, found[target]))
    return found


def pack(applications: Sequence[Application]) -> bytes | None:
    """Return applications as they are kept in the ledger (JSON, compressed by zlib); None where there is none."""
    if not applications:
        return None
    rows = [astuple(item) for item in applications]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpack(packed: bytes | None) -> tuple[Application, ...]:
    """Return what ``pack`` packed."""
    if packed is None:
        return ()
    return tuple(Application(*row) for row in json.loads(zlib.decompress(packed)))
