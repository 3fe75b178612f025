"""Writes a report as a text for a terminal or a log, that a steward reads from top to bottom."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from maillon.check import wordings
from maillon.check.grouping import Group, chosen, groups
from maillon.check.values import Checked, Refused, Report
from maillon.check.wording import Wording
from maillon.repair import BY_ID

LIMIT: Final = 20
"""Records that are shown in full, unless another number is given."""

_VALUES: Final = 5  # values of one rule in one record
_REFUSED: Final = 20
_RULES: Final = 10
_VALUE: Final = 160  # characters of a value
_COLOURS: Final = {"Violation": "31", "Warning": "33", "Info": "36", "title": "1"}

Paint = Callable[[str, str], str]


def coloured(text: str, kind: str) -> str:
    """Return a text in the colour of a severity, or bold as a title; for a terminal."""
    return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m"


def plain(text: str, _kind: str) -> str:
    """Return a text as it is."""
    return text


def write(report: Report, words: Wording, fail_on: str, limit: int | None = LIMIT, paint: Paint = plain) -> str:
    """Return the report as text.

    Args:
        report: What was found.
        words: In which language.
        fail_on: From which severity on it fails; for the last line.
        limit: How many records are shown in full, None for all.
        paint: Colours a text.
    """
    writer = _Writer(report, words, paint)
    shown, more = chosen(report, limit)
    lines = [
        paint(words.heading.format(target=wordings.target(report, words)), "title"),
        wordings.profile(report, words),
        *(line for number, record in enumerate(shown, 1) for line in writer.record(number, record)),
    ]
    if more and limit != 0:
        lines += ["", words.more_records[more > 1].format(count=words.number(more))]
    lines += [*writer.refused(), *writer.about(), *writer.totals()]
    return "\n".join([*lines, "", paint(wordings.verdict(report, words, fail_on), "title"), ""])


class _Writer:
    """Writes the parts of one report."""

    def __init__(self, report: Report, words: Wording, paint: Paint) -> None:
        self._report = report
        self._words = words
        self._paint = paint

    def record(self, number: int, record: Checked) -> Iterator[str]:
        """Yield the lines of a record."""
        words = self._words
        kind = words.kinds[record.kind][0]
        yield f"\n{self._paint(f'{number}. {wordings.title(record, words)}', 'title')} [{kind}]"
        where = wordings.place(record.place, words, self._report.target)
        yield f"   {wordings.address(record, words)}{f' ({where})' if where else ''}"
        for group in groups(record):
            yield from self._group(group, record)
        if record.repairs:
            titles = [f"{BY_ID[rule].title[words.tag]}{self._times(times)}" for rule, times in record.repairs.items()]
            yield f"   {words.repaired}: {'; '.join(titles)}"

    def _times(self, count: int) -> str:
        return f" ({self._words.times.format(count=self._words.number(count))})" if count > 1 else ""

    def _group(self, group: Group, record: Checked) -> Iterator[str]:
        words = self._words
        severity = self._paint(words.severities[group.severity][0], group.severity)
        name = group.field(words.tag)
        field = f" · {wordings.clean(name)}" if name else ""
        code = f" ({wordings.clean(group.path)})" if group.path and group.path != name else ""
        yield f"   - {severity}{field}{code}{self._times(len(group.notes))}"
        messages = group.messages(words.tag)
        for message in messages[:_VALUES]:
            yield f"     {wordings.clean(message)}"
        for note in group.notes[:_VALUES]:
            value = words.value.format(value=wordings.clean(note.value, _VALUE)) if note.value else ""
            where = wordings.place(note.place, words, self._report.target)
            parts = [value, wordings.inside(note, record, words), where]
            if any(parts):
                yield f"       {', '.join(part for part in parts if part)}"
        if len(group.notes) > _VALUES:
            yield f"       {self._more(words.more_values, len(group.notes) - _VALUES)}"

    def _more(self, forms: tuple[str, str], count: int) -> str:
        return forms[count > 1].format(count=self._words.number(count))

    def refused(self) -> Iterator[str]:
        """Yield what could not be read, and why reading ended."""
        items, words = self._report.refused, self._words
        if items:
            yield f"\n{self._paint(words.refused, 'title')}"
        yield from (f"   - {self._refused(item)}" for item in items[:_REFUSED])
        if len(items) > _REFUSED:
            yield f"   {self._more(words.more_refused, len(items) - _REFUSED)}"
        if self._report.failure:
            yield "\n" + self._paint(words.failure.format(reason=wordings.clean(self._report.failure)), "Violation")

    def _refused(self, item: Refused) -> str:
        where = wordings.place(item.place, self._words, self._report.target)
        name = wordings.clean(item.identifier, _VALUE)
        return ": ".join(part for part in (where, name, wordings.reason(item, self._words)) if part)

    def about(self) -> Iterator[str]:
        """Yield what there is to know about the rules."""
        if self._report.shapes:
            yield f"\n{self._paint(self._words.about, 'title')}"
        yield from (f"   - {wordings.clean(line)}" for line in self._report.shapes)

    def totals(self) -> Iterator[str]:
        """Yield the numbers."""
        report, words = self._report, self._words
        if not report.is_read:
            return
        yield f"\n{self._paint(words.totals, 'title')}: {wordings.kinds(report, words)}"
        clean, total = report.described
        yield f"   {words.without.format(count=words.number(clean), total=words.number(total))}"
        if any(report.counts.values()):
            yield f"   {wordings.counts(report.counts, words)}"
            yield f"   {words.frequent}:"
        yield from self._rules(report.rules[:_RULES])
        if report.dropped:
            yield f"   {words.dropped.format(count=words.number(report.dropped))}"
        for place, line in enumerate(wordings.score(report, words)):
            if place == 2:
                yield f"   {words.fixes}:"
            yield f"   {'   ' if place > 1 else ''}{line}"

    def _rules(self, rules: Sequence[tuple[str, str, int]]) -> Iterator[str]:
        names = {note.finding.shape: note for record in self._report.records for note in record.notes}
        for shape, severity, number in rules:
            said = names[shape].message(self._words.tag) if shape in names else shape
            forms = self._words.severities[severity]
            yield f"      {self._words.counted(forms, number)}: {wordings.clean(said, _VALUE)}"
