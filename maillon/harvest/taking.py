"""Turns one record into staged entities: mapped, repaired by the declared rules, canonical, under the IRIs we keep.

What the source sent is kept beside what was repaired, so that a steward can be shown both.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon import identifiers, mapping, repair, tabular
from maillon.errors import RecordRejected
from maillon.harvest.merging import is_dataset, links_of, united
from maillon.harvest.report import legible
from maillon.harvest.staging import Staged, Staging
from maillon.rdf import canonical
from maillon.records import DataService, Dataset, Described, Entity, Rejected, Version
from maillon.vocabulary import term

_Any = TypeVar("_Any")
_SAME_AS = term("owl:sameAs")
_IRI = re.compile(r"<([^<>]*)>")

_FAULTS = 5
"""Faults in rules that a report names; one is enough to find it."""


def renamed(entity: Entity, aliases: Mapping[str, str], base: str) -> Entity:
    """Return an entity with the IRIs that are kept in the place of those that the source gives now.

    An IRI that is not ours stays beside it as ``owl:sameAs``, because it leads to what the source says today.
    """
    if not aliases:
        return entity
    iri = aliases.get(entity.iri, entity.iri)

    def kept(value: _Any) -> _Any | NamedNode:
        return NamedNode(aliases[value.value]) if isinstance(value, NamedNode) and value.value in aliases else value

    def kept_object(value: _Any) -> _Any | NamedNode | Literal:
        # Mapping writes the IRI of a dataset as its identifier too.
        return Literal(iri) if iri != entity.iri and value == Literal(entity.iri) else kept(value)

    triples = [Triple(kept(item.subject), item.predicate, kept_object(item.object)) for item in entity.triples]
    if iri != entity.iri and not entity.iri.startswith(base):
        triples.append(Triple(NamedNode(iri), _SAME_AS, NamedNode(entity.iri)))
    return Entity(iri, entity.kind, tuple(triples))


def entity_of(iri: str, kind: str, text: str, base: str) -> Entity:
    """Read a canonical text back, its embedded nodes blank again."""
    prefix = identifiers.skolem(base, iri, "")

    def blank(value: _Any) -> _Any | BlankNode:
        if isinstance(value, NamedNode) and value.value.startswith(prefix):
            return BlankNode(value.value.removeprefix(prefix))
        return value

    read = canonical.triples(text)
    return Entity(iri, kind, tuple(Triple(blank(item.subject), item.predicate, blank(item.object)) for item in read))


@dataclass
class Taker:
    """Takes the records of one run into its staging file.

    Attributes:
        context: What repair rules may know.
        aliases: The IRI that is kept by the IRI that the source gives now.
        readings: How documents had to be read, by note; how often.
        repaired: Number of entities by rule that repaired them.
        faults: Rules that failed, with what they failed on; their entities are kept without that repair.
        void: Aliases that cannot be right, because the source gives both IRIs.
        finder: Sees what the tables of the source are made of.
    """

    context: repair.Context
    aliases: Mapping[str, str] = field(default_factory=dict)
    readings: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    void: set[str] = field(default_factory=set)
    finder: tabular.Finder = field(init=False)
    _given: dict[str, str] = field(init=False)
    _twice: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make ready to see what tables and aliases are made of."""
        self.begin()

    def begin(self) -> None:
        """Begin anew."""
        self.readings.clear()
        self.repaired.clear()
        self.faults.clear()
        self.finder = tabular.Finder(tabular.declared(self.context.source))
        # Under which IRI the source gives what has several; empty as long as it has given none.
        self._given = dict.fromkeys(self.aliases.values(), "")
        self._twice.clear()

    def shed(self) -> bool:
        """Take back the aliases that turned out wrong; tell whether there were any, so that all has to be read anew."""
        wrong = {given for given, kept in self.aliases.items() if kept in self._twice}
        self.void |= wrong
        self.aliases = {given: kept for given, kept in self.aliases.items() if given not in wrong}
        return bool(wrong)

    def take(self, record: Dataset | DataService | Described, staging: Staging) -> list[Rejected]:
        """Stage the entities of a record; return what of it cannot be used."""
        try:
            given = mapping.entities(record, self.context.source, self.context.base)
            sent = [renamed(entity, self.aliases, self.context.base) for entity in given]
            items = self.items(sent)
        except RecordRejected as error:
            return [Rejected(error.identifier, error.reason, error.detail, is_dataset(record))]
        if isinstance(record, Described):
            self.readings[record.note] += 1
            items = [self._united(item, staging) for item in items]
        self._compare(given)
        return staging.add(items, [link for entity in sent for link in links_of(entity)])

    def _compare(self, given: Iterable[Entity]) -> None:
        """Find aliases that are wrong: identifiers of now and of before both in the source are two things after all."""
        for entity in given:
            kept = self.aliases.get(entity.iri, entity.iri)
            if kept not in self._given:
                continue
            if self._given[kept] not in {"", entity.iri}:
                self._twice.add(kept)
            self._given[kept] = entity.iri

    def items(self, sent: Sequence[Entity]) -> list[Staged]:
        """Return entities as they are staged. Raises RecordRejected where one has no canonical form."""
        return [self._item(entity) for entity in sent]

    def _item(self, sent: Entity) -> Staged:
        base = self.context.base
        entity, applications, faults = repair.repair(sent, self.context)
        self.finder.see(entity)
        version = canonical.version(entity, base)
        self.repaired.update({application.rule for application in applications})
        self.faults += [legible(fault) for fault in faults][: _FAULTS - len(self.faults)]
        return Staged(
            iri=version.iri,
            kind=version.kind,
            key=identifiers.key(base, version.kind, version.iri),
            hash=version.hash,
            text=version.text,
            repairs=repair.pack(applications),
            sent=canonical.version(sent, base).text if applications else None,
        )

    def row(self, entity: Entity) -> Staged:
        """Return a row of an open dataset as it is staged: its values are those of the file, so no rule repairs it."""
        version = canonical.version(entity, self.context.base)
        key = identifiers.key(self.context.base, version.kind, version.iri)
        return Staged(version.iri, version.kind, key, version.hash, version.text)

    def _united(self, item: Staged, staging: Staging) -> Staged:
        """Unite what several documents of an RDF source say of one subject; of datasets the first is kept."""
        earlier = None if item.kind == "dataset" else staging.get(item.iri, item.kind)
        if earlier is None:
            return item
        version = united(earlier.text, item.iri, item.kind, item.text, self.context.base)
        if version is None:
            return item
        repairs, sent = _both(earlier.repairs, item.repairs), None
        if repairs is not None:
            sent = item.sent or item.text
            both = united(earlier.sent or earlier.text, item.iri, item.kind, sent, self.context.base)
            sent = sent if both is None else both.text
        return replace(item, hash=version.hash, text=version.text, repairs=repairs, sent=sent)

    def restage(self, staging: Staging, aliases: Mapping[str, str]) -> list[Rejected]:
        """Put what was staged under the IRIs that are kept, and what refers to it; return what had to be refused."""
        refused = []
        self.aliases = {**self.aliases, **aliases}
        for batch in staging.batches():
            for item in batch:
                if aliases.keys() & set(_IRI.findall(item.text)):
                    rejected = staging.rename(self._under(item, aliases), item.iri)
                    refused += [rejected] if rejected is not None else []
        return refused

    def _under(self, item: Staged, aliases: Mapping[str, str]) -> Staged:
        base = self.context.base

        def text(old: str) -> Version:
            return canonical.version(renamed(entity_of(item.iri, item.kind, old, base), aliases, base), base)

        version = text(item.text)
        return replace(
            item,
            iri=version.iri,
            key=identifiers.key(base, version.kind, version.iri),
            hash=version.hash,
            text=version.text,
            repairs=_repairs_under(item.repairs, aliases),
            sent=None if item.sent is None else text(item.sent).text,
        )


def _both(one: bytes | None, other: bytes | None) -> bytes | None:
    """Unite the applications of repairs of two documents, in an order that does not depend on which came first."""
    if one is None or other is None or one == other:
        return one or other
    places = {rule.id: place for place, rule in enumerate(repair.RULES)}
    found = {*repair.unpack(one), *repair.unpack(other)}
    return repair.pack(sorted(found, key=lambda item: (places.get(item.rule, 0), astuple(item))))


def _repairs_under(packed: bytes | None, aliases: Mapping[str, str]) -> bytes | None:
    """Write the applications of repairs with the IRIs that are kept."""
    if packed is None:
        return None

    def under(lines: str) -> str:
        return _IRI.sub(lambda found: f"<{aliases.get(found[1], found[1])}>", lines)

    return repair.pack(
        [
            replace(item, removed=under(item.removed), added=under(item.added), where=under(item.where))
            for item in repair.unpack(packed)
        ]
    )
