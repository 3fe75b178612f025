"""Writes a report as SARIF 2.1.0, which code hosts show beside the lines of a change.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; at most 25,000 results, because GitHub refuses more:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from maillon import __version__
from maillon.check import wordings
from maillon.check.fields import field
from maillon.check.grouping import chosen
from maillon.check.values import Checked, Noted, Place, Refused, Report
from maillon.check.wording import Wording

MOST: Final = 25_000
"""Results of one run that GitHub accepts."""

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"Violation": "error", "Warning": "warning", "Info": "note"}
_UNREAD: Final = "urn:maillon:check:unread"
_SAFE: Final = "/!$&'()*+,;=@-._~"
_WEB: Final = "%:?#[]"


def write(report: Report, words: Wording, _fail_on: str, limit: int | None = None) -> str:
    """Return the report as SARIF.

    Args:
        report: What was found.
        words: In which language messages are.
        limit: How many records with findings are listed, None for all.
    """
    writer = _Writer(report, words)
    shown, more = chosen(report, limit)
    notes = sum(len(record.notes) for record in shown) + len(report.refused)
    results = [item for item, _ in zip(writer.results(shown), range(MOST), strict=False)]
    left = notes - len(results) + report.dropped
    run = {
        "tool": {"driver": writer.driver()},
        "language": words.tag,
        "columnKind": "unicodeCodePoints",
        "invocations": [writer.invocation(more, left)],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def uri(document: str) -> str:
    """Return a document as a URI reference: relative where it is relative, ``file:`` where it is absolute."""
    if document == "-":
        return "standard-input"
    if re.match(r"https?://", document, re.IGNORECASE):
        return quote(document, safe=_SAFE + _WEB)
    path = quote(document, safe=_SAFE, errors="surrogateescape")
    return f"file://{path}" if Path(document).is_absolute() else path


class _Writer:
    """Writes the parts of one run."""

    def __init__(self, report: Report, words: Wording) -> None:
        self._report = report
        self._words = words
        self._rules: dict[str, dict[str, Any]] = {}

    def results(self, records: Any) -> Iterator[dict[str, Any]]:
        """Yield what could not be read, then the findings; rules are noted on the way."""
        for item in self._report.refused:
            yield self._refused(item)
        for record in records:
            for note in record.notes:
                yield self._result(note, record)

    def driver(self) -> dict[str, Any]:
        """Return the tool with the rules that spoke."""
        return {
            "name": "Maillon",
            "semanticVersion": __version__,
            "rules": list(self._rules.values()),
        }

    def invocation(self, more: int, left: int) -> dict[str, Any]:
        """Return how the run went, and what is not listed."""
        report, words = self._report, self._words
        said = [("error", words.failure.format(reason=wordings.clean(report.failure)))] if report.failure else []
        said += [("error", words.nothing)] if not report.is_read else []
        said += [("note", words.more_records[more > 1].format(count=words.number(more)))] if more else []
        said += [("note", words.dropped.format(count=words.number(left)))] if left else []
        said += [("note", wordings.clean(line)) for line in (*report.shapes, *wordings.score(report, words))]
        return {
            "executionSuccessful": report.is_read and not report.failure,
            "toolExecutionNotifications": [{"level": level, "message": {"text": text}} for level, text in said],
        }

    def _rule(self, name: str, severity: str, text: str) -> int:
        if name not in self._rules:
            self._rules[name] = {
                "id": name,
                "shortDescription": {"text": wordings.clean(text)},
                "help": {"text": wordings.clean(text)},
                "defaultConfiguration": {"level": _LEVELS.get(severity, "warning")},
            }
        return list(self._rules).index(name)

    def _result(self, note: Noted, record: Checked) -> dict[str, Any]:
        finding, words = note.finding, self._words
        text = wordings.clean(note.message(words.tag))
        name = field(finding.path, words.tag)
        value = f" {words.value.format(value=wordings.clean(note.value, 200))}." if note.value else ""
        title = wordings.title(record, words)
        identity = "\n".join((finding.shape, finding.focus, finding.path, finding.value))
        return {
            "ruleId": finding.shape,
            "ruleIndex": self._rule(finding.shape, finding.severity, text),
            "level": _LEVELS.get(finding.severity, "warning"),
            "message": {"text": f"{title}{f' · {wordings.clean(name)}' if name else ''}: {text}{value}"},
            "locations": [self._location(note.place, note.part)],
            "partialFingerprints": {"maillonFinding/v1": hashlib.sha256(identity.encode()).hexdigest()},
        }

    def _refused(self, item: Refused) -> dict[str, Any]:
        said = wordings.reason(item, self._words)
        name = wordings.clean(item.identifier, 200)
        return {
            "ruleId": _UNREAD,
            "ruleIndex": self._rule(_UNREAD, "Violation", self._words.refused),
            "level": "error" if item.is_fault else "note",
            "message": {"text": f"{name}: {said}" if name else said},
            "locations": [self._location(item.place, item.identifier)],
        }

    def _location(self, place: Place, name: str) -> dict[str, Any]:
        physical: dict[str, Any] = {"artifactLocation": {"uri": uri(place.document or self._report.target)}}
        if place.line:
            physical["region"] = {"startLine": place.line}
        if place.column:
            physical["region"]["startColumn"] = place.column
        return {
            "physicalLocation": physical,
            "logicalLocations": [{"fullyQualifiedName": wordings.clean(name), "kind": "resource"}],
        }
