"""Writes a report as JUnit XML, which servers of continuous integration read.

There is no standard; these are the elements that Jenkins, GitLab (https://docs.gitlab.com/ci/testing/unit_test_reports/)
and others read: a test case for each record, at most one failure in each, with everything in its text; a name for each
that no other has, because GitLab shows only the first of two.
"""

from collections import Counter
from xml.etree import ElementTree as Xml

from maillon.check import wordings
from maillon.check.grouping import chosen
from maillon.check.values import FAIL_ON, SEVERITIES, Checked, Noted, Refused, Report
from maillon.check.wording import Wording

_MESSAGE = 300  # characters of an attribute


def write(report: Report, words: Wording, fail_on: str, limit: int | None = None) -> str:
    """Return the report as JUnit XML.

    Args:
        report: What was found.
        words: In which language.
        fail_on: From which severity on a finding is a failure; others stand in ``system-out``.
        limit: How many records with findings are listed, None for all.
    """
    writer = _Writer(report, words, fail_on)
    shown, more = chosen(report, limit)
    cases = [
        *(writer.record(record) for record in (*shown, *(item for item in report.records if not item.counts))),
        *(writer.refused(item) for item in report.refused),
        *writer.failure(),
    ]
    suite = Xml.Element("testsuite", {"name": writer.name, **_numbers(cases), "time": f"{report.seconds:.3f}"})
    properties = Xml.SubElement(suite, "properties")
    for name, value in (("profile", report.profile), ("engine", report.engine)):
        Xml.SubElement(properties, "property", {"name": name, "value": wordings.clean(value)})
    suite.extend(cases)
    Xml.SubElement(suite, "system-out").text = "\n".join(writer.ending(more))
    suites = Xml.Element("testsuites", {"name": "maillon check", **_numbers(cases)})
    suites.append(suite)
    Xml.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(suites, encoding="unicode") + "\n"


def _numbers(cases: list[Xml.Element]) -> dict[str, str]:
    found = Counter(child.tag for case in cases for child in case)
    names = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(cases)), **{name: str(found[tag]) for name, tag in names.items()}}


class _Writer:
    """Writes the test cases of one report."""

    def __init__(self, report: Report, words: Wording, fail_on: str) -> None:
        self._report = report
        self._words = words
        self._worst = () if fail_on == "never" else SEVERITIES[: FAIL_ON.index(fail_on) + 1]
        self._names: Counter[str] = Counter()
        self._fails = fail_on != "never"
        self.name = wordings.target(report, words)

    def _case(self, kind: str, name: str, document: str, line: int) -> Xml.Element:
        self._names[name] += 1
        unique = f"{name} [{self._names[name]}]" if self._names[name] > 1 else name
        case = Xml.Element("testcase", {"classname": f"maillon.{kind}", "name": unique, "time": "0"})
        if line:
            case.set("file", wordings.clean(document))
            case.set("line", str(line))
        return case

    def record(self, record: Checked) -> Xml.Element:
        """Return the test case of a record."""
        name = wordings.title(record, self._words)
        name = f"{name} <{wordings.clean(record.iri)}>" if record.is_named else name
        case = self._case(record.kind, name, record.place.document, record.place.line)
        failing = [note for note in record.notes if note.finding.severity in self._worst]
        failed = {severity: record.counts[severity] for severity in self._worst if record.counts.get(severity)}
        if failed:
            said = wordings.counts(failed, self._words)
            first = failing[0].message(self._words.tag) if failing else ""
            failure = Xml.SubElement(case, "failure", {"message": wordings.clean(f"{said}: {first}", _MESSAGE)})
            failure.set("type", next(iter(failed)))
            failure.text = "\n".join(self._line(note, record) for note in failing) or said
        others = [note for note in record.notes if note.finding.severity not in self._worst]
        if others:
            Xml.SubElement(case, "system-out").text = "\n".join(self._line(note, record) for note in others)
        return case

    def _line(self, note: Noted, record: Checked) -> str:
        words = self._words
        value = words.value.format(value=wordings.clean(note.value, _MESSAGE)) if note.value else ""
        where = wordings.place(note.place, words, self._report.target)
        place = ", ".join(item for item in (value, wordings.inside(note, record, words), where) if item)
        said = wordings.clean(note.message(words.tag))
        return f"{words.severities[note.finding.severity][0]}: {said}{f' ({place})' if place else ''}"

    def refused(self, item: Refused) -> Xml.Element:
        """Return the test case of what could not be read."""
        name = wordings.clean(item.identifier, _MESSAGE) or self._words.refused
        case = self._case("reading", name, item.place.document, item.place.line)
        where = wordings.place(item.place, self._words, self._report.target)
        said = ": ".join(part for part in (where, wordings.reason(item, self._words)) if part)
        self._unread(case, said, is_fault=item.is_fault)
        return case

    def _unread(self, case: Xml.Element, said: str, *, is_fault: bool = True) -> None:
        if not is_fault:
            Xml.SubElement(case, "skipped", {"message": wordings.clean(said, _MESSAGE)})
        elif self._fails or not self._report.is_read:
            Xml.SubElement(case, "error", {"message": wordings.clean(said, _MESSAGE), "type": "unread"}).text = said
        else:
            Xml.SubElement(case, "system-out").text = said

    def failure(self) -> list[Xml.Element]:
        """Return the test case of reading to the end, where that failed or there was nothing to read."""
        if self._report.is_read and not self._report.failure:
            return []
        case = self._case("reading", self.name, self._report.target, 0)
        reason = wordings.clean(self._report.failure)
        self._unread(case, self._words.failure.format(reason=reason) if reason else self._words.nothing)
        return [case]

    def ending(self, more: int) -> list[str]:
        """Return what there is to say of the whole."""
        report, words = self._report, self._words
        lines = [words.more_records[more > 1].format(count=words.number(more))] if more else []
        if report.dropped:
            lines.append(words.dropped.format(count=words.number(report.dropped)))
        return [*lines, *map(wordings.clean, report.shapes), *wordings.score(report, words)]
