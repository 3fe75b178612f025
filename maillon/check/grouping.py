"""Puts the findings of a record together that say the same, and the records in the order in which they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from maillon.check.fields import field
from maillon.check.routes import last, short, shown
from maillon.check.values import DOCUMENT, SEVERITIES, Checked, Noted, Report
from maillon.validation import shapes


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one rule about one field of a record.

    Attributes:
        notes: They, at least one.
    """

    notes: tuple[Noted, ...]

    @property
    def severity(self) -> str:
        """Their severity."""
        return self.notes[0].finding.severity

    @property
    def path(self) -> str:
        """The field as specialists know it, such as ``dct:title``; empty for the description as a whole."""
        path = self.notes[0].finding.path
        return short(last(path)) or shown(path).removeprefix("(").removesuffix(")")

    def field(self, language: str) -> str:
        """Return the field as everybody knows it; of a rule about no single property, what the rule calls it."""
        finding = self.notes[0].finding
        name = "" if last(finding.path) else shapes.name(finding.shape, language)
        return name or field(finding.path, language)

    def messages(self, language: str) -> tuple[str, ...]:
        """Return what is wrong and what to do; the messages of official shapes name their values and so differ."""
        return tuple(dict.fromkeys(note.message(language) for note in self.notes))


def groups(record: Checked) -> list[Group]:
    """Return the findings of a record by rule and field, the worst first."""
    found: dict[tuple[str, str], list[Noted]] = {}
    for note in record.notes:
        found.setdefault((note.finding.shape, note.finding.path), []).append(note)
    return [Group(tuple(notes)) for notes in found.values()]


def worst_first(report: Report) -> list[Checked]:
    """Return the records with findings, those with the most of the worst first, else as they were read."""
    told = [record for record in report.records if record.counts]
    # What is wrong with a file as a whole comes first, for it may be behind the rest.
    return sorted(
        told, key=lambda item: (item.kind != DOCUMENT, [-item.counts.get(severity, 0) for severity in SEVERITIES])
    )


def chosen(report: Report, limit: int | None) -> tuple[Sequence[Checked], int]:
    """Return the records that are shown in full, and how many more have findings.

    Args:
        report: The report.
        limit: How many at most; None for all.
    """
    told = worst_first(report)
    shown_ones = told if limit is None else told[:limit]
    return shown_ones, len(told) - len(shown_ones)
