"""Turns what was read into a report: every entity as it was sent is validated, findings are put to records and lines.

Validated is what the document says, not what repair would make of it, because its publisher is asked to correct it;
what Maillon would repair by itself is said beside. A record is a dataset with its distributions, or any other entity.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from maillon import repair
from maillon.check import encoding
from maillon.check.choosing import Judged, Profile
from maillon.check.places import Places, Wanted, lexical
from maillon.check.reading import NAME as SOURCE
from maillon.check.reading import Input, Read, read
from maillon.check.routes import last
from maillon.check.scoring import Scoring
from maillon.check.values import SEVERITIES, Checked, Noted, Report
from maillon.harvest.options import Progress
from maillon.harvest.staging import Staged, Staging
from maillon.rdf import canonical
from maillon.records import Texts, Version
from maillon.settings import Settings
from maillon.validation import shown
from maillon.vocabulary import NAME, TITLE, TYPE, term

KEPT: Final = 100_000
"""Findings that a report lists; all are counted."""

_NAMES: Final = (
    TITLE, NAME, term("vcard:fn"), term("vcard:organization-name"), term("skos:prefLabel"), term("rdfs:label"),
)  # fmt: skip
_ADDRESSES: Final = (term("dcat:downloadURL"), term("dcat:accessURL"))
_SAYING: Final = (Literal, NamedNode)
_TRIED: Final = 8  # values by which a record without an address is looked for
_SHOWN: Final = 3  # values of an embedded node that are shown
_ORDER: Final = {severity: place for place, severity in enumerate(SEVERITIES)}


def check(given: Input, settings: Settings, profile: Profile, progress: Progress) -> Report:
    """Check a document.

    Args:
        given: What, and how to read it.
        settings: The settings in force; its data folder is neither read nor written.
        profile: Against which rules.
        progress: Told how far it is.

    Raises:
        OperatorError: There is no such file or kind, or the shapes cannot be used.
    """
    began = time.monotonic()
    with read(given, settings, progress) as found:
        checker = _Checker(settings.base_iri, profile)
        total = found.staging.count()
        for batch in _batches(found.staging, profile.size):
            checker.take(batch)
            progress("checking", sum(checker.kinds.values()), total)
        files = encoding.records(found.documents)
        checker.count(files)
        records = [*files, *_placed(checker, found)]
    return Report(
        target=given.target,
        profile=profile.name,
        engine=profile.engine,
        shapes=profile.notes(),
        records=tuple(records),
        refused=tuple(found.refused),
        failure=found.failure,
        kinds=dict(checker.kinds.most_common()),
        counts={severity: checker.counts[severity] for severity in SEVERITIES},
        rules=checker.ranking(),
        dropped=checker.dropped,
        rating=checker.scoring.rating(),
        seconds=time.monotonic() - began,
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """A record as it was staged, with its distributions."""

    head: Staged
    parts: list[Staged]


def _groups(staging: Staging) -> Iterator[_Group]:
    """Yield the records in the order in which they were read; distributions of no dataset come last."""
    claimed: set[str] = set()
    for batch in staging.batches():
        for item in batch:
            if item.kind != "distribution":
                linked = [iri for iri in sorted(staging.parts_of(item.iri)) if iri not in claimed]
                claimed.update(linked)
                parts = [part for iri in linked if (part := staging.get(iri, "distribution")) is not None]
                yield _Group(item, parts)
    for batch in staging.batches():
        yield from (_Group(item, []) for item in batch if item.kind == "distribution" and item.iri not in claimed)


def _batches(staging: Staging, size: int) -> Iterator[list[_Group]]:
    groups = _groups(staging)
    while batch := list(islice(groups, size)):
        yield batch


def sent(item: Staged) -> Version:
    """Return an entity as its document gives it, before repair."""
    text = item.text if item.sent is None else item.sent
    digest = item.hash if item.sent is None else hashlib.sha256(text.encode()).hexdigest()
    return Version(item.iri, item.kind, digest, text)


@dataclass
class _Checker:
    """Validates records and counts; ``records`` are those taken so far."""

    base: str
    profile: Profile
    records: list[Checked] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    wanted: list[list[list[Wanted]]] = field(default_factory=list)
    """What to look for in the documents, for each record: for itself, then for each finding, the best first."""

    def __post_init__(self) -> None:
        self.scoring = Scoring(self.profile.is_scored)
        self._kept = 0

    def take(self, groups: Sequence[_Group]) -> None:
        """Validate some records."""
        versions = {item.iri: sent(item) for group in groups for item in (group.head, *group.parts)}
        found = self.profile.judge(list(versions.values()))
        findings = {key: [item.finding for item in judged] for key, judged in found.items()}
        for group in groups:
            members = [versions[item.iri] for item in (group.head, *group.parts)]
            self.kinds.update(item.kind for item in members)
            self.scoring.add(members, findings)
            self.records.append(self._record(group, members, found))

    def count(self, files: Sequence[Checked]) -> None:
        """Count the findings of files as such."""
        for note in (note for record in files for note in record.notes):
            self.counts[note.finding.severity] += 1
            self.rules[note.finding.shape, note.finding.severity] += 1

    def _record(self, group: _Group, members: Sequence[Version], found: Mapping[str, list[Judged]]) -> Checked:
        embedded = _embedded(members, self.base) if any(found[item.hash] for item in members) else {}
        names = {item.iri: _called(item) for item in members if found[item.hash] and not self.is_named(item.iri)}
        notes = [
            Noted(
                finding=judged.finding,
                messages=self._messages(judged, embedded),
                part=item.iri,
                part_name=names.get(item.iri, ""),
                value=shown.line(judged.finding, item.text).replace(f"{self.base}source/{SOURCE}/", ""),
            )
            for item in members
            for judged in found[item.hash]
        ]
        notes.sort(key=lambda note: (_ORDER.get(note.finding.severity, 9), note.finding.shape))
        counts = Counter(note.finding.severity for note in notes)
        self.counts.update(counts)
        self.rules.update((note.finding.shape, note.finding.severity) for note in notes)
        kept = notes[: max(0, KEPT - self._kept)]
        self.wanted.append([self._own(members[0]), *(self._choices(note, group.head.iri, embedded) for note in kept)])
        self._kept += len(kept)
        self.dropped += len(notes) - len(kept)
        done = (item.repairs for item in (group.head, *group.parts) if item.repairs)
        return Checked(
            iri=group.head.iri,
            is_named=self.is_named(group.head.iri),
            kind=group.head.kind,
            title=_title(members[0]),
            notes=tuple(kept),
            counts={severity: counts[severity] for severity in SEVERITIES if counts[severity]},
            repairs=dict(Counter(one.rule for packed in done for one in repair.unpack(packed)).most_common()),
        )

    def _messages(self, judged: Judged, embedded: Mapping[str, Sequence[Triple]]) -> Texts:
        """Return messages that show an embedded node by what it says, for its IRI is one of ours."""
        value = judged.finding.value
        if not value.startswith(f"<{self.base}.well-known/genid/"):
            return judged.messages
        said = f'"{_readable(value, embedded)}"'
        return {language: text.replace(value, said) for language, text in judged.messages.items()}

    def _own(self, version: Version) -> list[Wanted]:
        """Return what to look for to find a record: its IRI, or what it says where it has none."""
        if self.is_named(version.iri):
            return [Wanted(version.iri)]
        said = [item for item in canonical.triples(version.text) if item.predicate != TYPE]
        return [
            Wanted("", item.predicate.value, str(item.object))
            for item in said
            if isinstance(item.object, _SAYING) and item.subject == NamedNode(version.iri)
        ][:_TRIED]

    def _choices(self, note: Noted, record: str, embedded: Mapping[str, Sequence[Triple]]) -> list[Wanted]:
        """Return what to look for in a document, the best first: the value, the property, the subject, the record."""
        finding, predicate, choices = note.finding, last(note.finding.path), []
        inner = embedded.get(finding.value[1:-1], ()) if finding.value.startswith("<") else ()
        choices += [Wanted("", item.predicate.value, str(item.object)) for item in inner if item.predicate != TYPE]
        subject = finding.focus if self.is_named(finding.focus) else ""
        if predicate and finding.value:
            choices.append(Wanted(subject, predicate, finding.value))
        if predicate and subject:
            choices.append(Wanted(subject, predicate))
        return choices + [Wanted(iri) for iri in dict.fromkeys((subject, note.part, record)) if self.is_named(iri)]

    def is_named(self, iri: str) -> bool:
        """Tell whether a document gives an IRI, which Maillon would mint otherwise."""
        return bool(iri) and not iri.startswith((f"{self.base}id/", f"{self.base}.well-known/genid/"))

    def ranking(self) -> tuple[tuple[str, str, int], ...]:
        """Return the rules that speak most often."""
        return tuple((shape, severity, number) for (shape, severity), number in self.rules.most_common())


def _title(version: Version) -> Texts:
    """Return what an entity is called, by language."""
    names: dict[NamedNode, dict[str, str]] = {}
    for triple in canonical.triples(version.text):
        if triple.subject == NamedNode(version.iri) and isinstance(triple.object, Literal):
            names.setdefault(triple.predicate, {})[triple.object.language or ""] = triple.object.value
    return next((names[name] for name in _NAMES if name in names), {})


def _called(version: Version) -> str:
    """Return what an entity without an address of its own is called: its title, else the address of its file."""
    said = (item for item in canonical.triples(version.text) if item.subject == NamedNode(version.iri))
    addresses = {item.predicate: item.object.value for item in said if isinstance(item.object, _SAYING)}
    address = next((addresses[name] for name in _ADDRESSES if name in addresses), "")
    return next(iter(_title(version).values()), address)


def _embedded(members: Sequence[Version], base: str) -> dict[str, list[Triple]]:
    """Return what is said of the embedded nodes of a record, by their skolem IRI."""
    found: dict[str, list[Triple]] = {}
    for item in members:
        if f"{base}.well-known/genid/" in item.text:
            for triple in canonical.triples(item.text):
                if isinstance(triple.subject, NamedNode) and triple.subject.value != item.iri:
                    found.setdefault(triple.subject.value, []).append(triple)
    return found


def _readable(value: str, embedded: Mapping[str, Sequence[Triple]]) -> str:
    """Return a value as a reader knows it, from N-Triples syntax."""
    if not value:
        return ""
    if value.startswith("<"):
        said = embedded.get(value[1:-1])
        if said is None:
            return value[1:-1]
        texts = [item.object.value for item in said if item.predicate != TYPE and isinstance(item.object, _SAYING)]
        return ", ".join(texts[:_SHOWN])
    return lexical(value)


def _placed(checker: _Checker, found: Read) -> list[Checked]:
    """Put records and findings to lines."""
    places = Places(frozenset(item for wanted in checker.wanted for choices in wanted for item in choices))
    for document in found.documents:
        places.look(document.path.read_bytes(), document.base, document.media_type, document.name)
    return [
        _record_placed(record, places, wanted) for record, wanted in zip(checker.records, checker.wanted, strict=True)
    ]


def _record_placed(record: Checked, places: Places, wanted: Sequence[Sequence[Wanted]]) -> Checked:
    head, others = places.first(*wanted[0]), [places.of(*choices) for choices in wanted[1:]]
    notes = [
        replace(note, place=place if place.line else head) for note, place in zip(record.notes, others, strict=True)
    ]
    return replace(record, place=head, notes=tuple(notes))
