"""What a check found, before it is written in any format: records with their findings, what could not be read, counts.

Turns nothing into anything; the other modules of the package fill these values (``checking``) and write them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from maillon.records import Finding, Texts

SEVERITIES: Final = ("Violation", "Warning", "Info")
"""The severities of SHACL, the worst first."""

DOCUMENT: Final = "document"
"""Kind of a record that is no entity but a file that was read, with what is wrong with the file itself."""

FAIL_ON: Final = ("violation", "warning", "info", "never")
"""From which severity on a check fails."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in what was checked.

    Attributes:
        document: Name of the file, member of an archive or address; empty where it is not known.
        line: Counted from 1; 0 where it is not known.
        column: Counted from 1; 0 where it is not known.
    """

    document: str = ""
    line: int = 0
    column: int = 0


NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One finding with what a steward needs to find it.

    Attributes:
        finding: As the engine gave it.
        messages: What is wrong, why it matters and what to do, by language.
        part: IRI of the entity that it is about: the record itself, or one of its distributions.
        part_name: What that is called where the document gives it no address; else empty.
        value: The value as a reader knows it: a text, an address, what an embedded node says; else empty.
        place: Where the value stands, or the entity where a value is missing.
    """

    finding: Finding
    messages: Texts
    part: str
    part_name: str = ""
    value: str = ""
    place: Place = NOWHERE

    def message(self, language: str) -> str:
        """Return what it says in a language, else in English or any; the IRI of the shape where it says nothing."""
        return next((self.messages[tag] for tag in (language, "en", *self.messages) if tag in self.messages), "") or (
            self.finding.shape
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One record: a dataset with its distributions, or any other entity.

    Attributes:
        iri: The entity.
        is_named: Whether the document gives it this IRI; otherwise Maillon would mint it.
        kind: One of ``identifiers.KINDS``, or DOCUMENT.
        title: By language.
        notes: Its findings, in the order of severity; at most as many as the check keeps.
        counts: Number of its findings by severity, those that were not kept included.
        repairs: How often each repair rule would be applied to it on harvest, by its id.
        place: Where it begins.
    """

    iri: str
    is_named: bool
    kind: str
    title: Texts
    notes: tuple[Noted, ...]
    counts: Mapping[str, int]
    repairs: Mapping[str, int]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What could not be read or used.

    Attributes:
        identifier: What the document calls it, or its place.
        reason: Short and the same for all with the same fault.
        detail: What is particular to this one.
        place: Where it stands.
        is_fault: Whether it is one; what a portal marks private is only not looked at.
    """

    identifier: str
    reason: str
    detail: str = ""
    place: Place = NOWHERE
    is_fault: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One thing to do, with what it would gain.

    Attributes:
        name: One of ``maillon.quality.gains.FIXES``.
        points: Sum of what the scores of the datasets would rise by.
        values: Number of values to write or correct.
        datasets: Number of datasets concerned.
    """

    name: str
    points: int
    values: int
    datasets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """The European score of all datasets together.

    Attributes:
        points: Mean of their points, 0 to 405.
        datasets: Number of datasets scored.
        dimensions: Mean points by dimension.
        fixes: Those that gain most, the most points for the fewest values first.
    """

    points: float
    datasets: int
    dimensions: Mapping[str, float]
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a check found.

    Attributes:
        target: What was checked, as it was given; ``-`` is standard input.
        profile: Name of the profile.
        engine: Name and version of what validated it.
        shapes: What the profile rests on beyond its name, such as patches of official shapes; each in one line.
        records: Those with findings or without, in the order in which they were read; before them files with findings.
        refused: What could not be read or used.
        failure: Why reading ended early; empty where it did not.
        kinds: Number of entities by kind, distributions included.
        counts: Number of findings by severity.
        rules: Number of findings by shape and severity, the most frequent first.
        dropped: Number of findings that are counted but not kept.
        rating: None where there is no dataset, or for a profile under which it means nothing.
        seconds: How long it took.
    """

    target: str
    profile: str
    engine: str
    shapes: tuple[str, ...] = ()
    records: tuple[Checked, ...] = ()
    refused: tuple[Refused, ...] = ()
    failure: str = ""
    kinds: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    rules: tuple[tuple[str, str, int], ...] = ()
    dropped: int = 0
    rating: Rating | None = None
    seconds: float = field(default=0.0, compare=False)

    @property
    def is_read(self) -> bool:
        """Whether anything could be read at all."""
        return any(record.kind != DOCUMENT for record in self.records)

    @property
    def described(self) -> tuple[int, int]:
        """How many records have no finding, and how many there are; files are none."""
        numbers = [not record.counts for record in self.records if record.kind != DOCUMENT]
        return sum(numbers), len(numbers)

    def fails(self, fail_on: str) -> bool:
        """Tell whether there is something of a severity, one of FAIL_ON, or worse.

        What could not be read weighs as a violation, because nobody else will be able to read it either.
        """
        if fail_on == "never":
            return False
        worst = SEVERITIES[: FAIL_ON.index(fail_on) + 1]
        unread = self.failure or any(item.is_fault for item in self.refused)
        return bool(unread) or any(self.counts.get(severity) for severity in worst)

    def status(self, fail_on: str) -> int:
        """Return the exit status: 0 passes, 1 fails, 2 nothing could be read."""
        return 2 if not self.is_read else int(self.fails(fail_on))
