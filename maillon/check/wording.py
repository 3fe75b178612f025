"""What a report of a check says around the findings, by language. One module a language."""

from collections.abc import Mapping
from dataclasses import dataclass

Forms = tuple[str, str]
"""Singular and plural."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of one language; names in braces are filled in.

    Attributes:
        tag: The language.
        severities: By severity of SHACL.
        kinds: By kind of entity (``identifiers.KINDS``) or ``values.DOCUMENT``.
        reasons: Why something could not be used, by the reason of the reader; others are shown as they are.
        heading: Title of the report: target.
        standard_input: Said instead of a file name.
        profile: Under which rules: profile.
        about: Heading of what there is to know about the rules.
        untitled: Said instead of a title.
        unnamed: Said of what has no IRI in the document.
        line: Where something stands: line.
        column: Where something stands: line, column.
        value: Before a value.
        inside: In which distribution a value stands: part.
        times: How often: count.
        more_values: How many more values have the same finding: count.
        more_records: How many records with findings are not shown: count.
        more_refused: How many further parts could not be read: count.
        repaired: Before what Maillon would repair by itself.
        refused: Heading of what could not be read.
        unread: Parts that could not be read.
        failure: Before the reason why reading ended early.
        totals: Heading of the totals.
        without: How many records have no findings: count, total.
        findings: Heading of the findings.
        frequent: Heading of the most frequent rules.
        dropped: How many findings are counted but not listed: count.
        score: The European score: points, rating, datasets.
            unlinked: That addresses were not tried.
        fixes: Heading of what would raise the score.
        gain: What a fix would gain: points, work, values, datasets.
            values: The values that a fix writes or corrects.
        passes: That nothing speaks against it.
        fails: What does: findings.
        nothing: That nothing could be read.
        table: Headings of field, value, line and what to do.
    """

    tag: str
    severities: Mapping[str, Forms]
    kinds: Mapping[str, Forms]
    reasons: Mapping[str, str]
    heading: str
    standard_input: str
    profile: str
    about: str
    untitled: str
    unnamed: str
    line: str
    column: str
    value: str
    inside: str
    times: str
    more_values: Forms
    more_records: Forms
    more_refused: Forms
    repaired: str
    refused: str
    unread: Forms
    failure: str
    totals: str
    without: str
    findings: str
    frequent: str
    dropped: str
    score: str
    unlinked: str
    fixes: str
    gain: str
    values: Forms
    passes: str
    fails: str
    nothing: str
    table: tuple[str, str, str, str]

    def counted(self, forms: Forms, count: int) -> str:
        """Return a number with its noun, as ``3 errors``."""
        singular = count == 1 or (self.tag == "fr" and count == 0)
        return f"{self.number(count)} {forms[0] if singular else forms[1]}"

    def number(self, count: int) -> str:
        """Return a number with the language's separator of thousands."""
        separator = {"en": ",", "fr": "\u202f"}.get(self.tag, ".")
        return f"{count:,}".replace(",", separator)
