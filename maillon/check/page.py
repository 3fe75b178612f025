"""Writes a report as one HTML page to read, print or send: no script, nothing fetched, every value escaped."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from maillon import paths
from maillon.check import wordings
from maillon.check.grouping import Group, chosen, groups
from maillon.check.values import Checked, Report
from maillon.check.wording import Wording
from maillon.repair import BY_ID

LIMIT: Final = 500
"""Records that a page shows in full, unless another number is given; a page of all would not open in a browser."""

_VALUES: Final = 20  # values of one rule in one record
_REFUSED: Final = 1000
_VALUE: Final = 400  # characters of a value


def write(report: Report, words: Wording, fail_on: str, limit: int | None = LIMIT) -> str:
    """Return the report as HTML.

    Args:
        report: What was found.
        words: In which language.
        fail_on: From which severity on it fails.
        limit: How many records are shown in full, None for all.
    """
    environment = Environment(
        loader=FileSystemLoader(paths.TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    shown, more = chosen(report, limit)
    template = environment.get_template("check/report.html")
    return template.render(
        report=report,
        words=words,
        clean=wordings.clean,
        day=datetime.now(UTC).date().isoformat(),
        profile=wordings.profile(report, words),
        heading=words.heading.format(target=wordings.target(report, words)),
        verdict=wordings.verdict(report, words, fail_on),
        fails=report.status(fail_on) != 0,
        records=[_record(record, report, words) for record in shown],
        more=words.more_records[more > 1].format(count=words.number(more)) if more else "",
        refused=_refused(report, words),
        **_totals(report, words),
    )


def _totals(report: Report, words: Wording) -> Mapping[str, Any]:
    clean, total = report.described
    return {
        "kinds": wordings.kinds(report, words),
        "counts": wordings.counts(report.counts, words),
        "score": wordings.score(report, words),
        "without": words.without.format(count=words.number(clean), total=words.number(total)),
    }


def _refused(report: Report, words: Wording) -> list[str]:
    lines = []
    for item in report.refused[:_REFUSED]:
        where = wordings.place(item.place, words, report.target)
        name = wordings.clean(item.identifier, _VALUE)
        lines.append(": ".join(part for part in (where, name, wordings.reason(item, words)) if part))
    more = len(report.refused) - len(lines)
    return lines + ([words.more_refused[more > 1].format(count=words.number(more))] if more else [])


def _record(record: Checked, report: Report, words: Wording) -> Mapping[str, Any]:
    titles = [BY_ID[rule].title[words.tag] for rule in record.repairs]
    return {
        "title": wordings.title(record, words),
        "kind": words.kinds[record.kind][0],
        "address": wordings.address(record, words),
        "where": wordings.place(record.place, words, report.target),
        "groups": [_group(group, record, report, words) for group in groups(record)],
        "repairs": "; ".join(titles),
    }


def _group(group: Group, record: Checked, report: Report, words: Wording) -> Mapping[str, Any]:
    name = group.field(words.tag)
    more = len(group.notes) - _VALUES
    return {
        "severity": group.severity,
        "word": words.severities[group.severity][0],
        "field": wordings.clean(name),
        "code": wordings.clean(group.path) if group.path != name else "",
        "messages": [wordings.clean(message) for message in group.messages(words.tag)[:_VALUES]],
        "places": [
            {
                "value": wordings.clean(note.value, _VALUE),
                "inside": wordings.inside(note, record, words),
                "line": wordings.place(note.place, words, report.target),
            }
            for note in group.notes[:_VALUES]
        ],
        "more": words.more_values[more > 1].format(count=words.number(more)) if more > 0 else "",
    }
