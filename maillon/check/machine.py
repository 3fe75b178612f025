"""Writes a report as JSON, for programs; texts are in one language, values also in N-Triples syntax."""

import json
from typing import Any

from maillon.check.fields import field
from maillon.check.grouping import chosen
from maillon.check.values import Checked, Noted, Place, Report
from maillon.check.wording import Wording
from maillon.quality import mqa
from maillon.quality.gains import FIXES


def write(report: Report, words: Wording, fail_on: str, limit: int | None = None) -> str:
    """Return the report as one JSON object, in ASCII, so that nothing in it commands a terminal.

    Args:
        report: What was found.
        words: In which language messages are.
        fail_on: From which severity on it fails.
        limit: How many records with findings are listed, None for all.
    """
    shown, more = chosen(report, limit)
    parts = {
        "target": report.target,
        "profile": report.profile,
        "engine": report.engine,
        "language": words.tag,
        "read": report.is_read,
        "fail_on": fail_on,
        "status": report.status(fail_on),
        "counts": dict(report.counts),
        "kinds": dict(report.kinds),
        "more_records": more,
        "dropped_findings": report.dropped,
        "rules": [{"shape": shape, "severity": severity, "times": times} for shape, severity, times in report.rules],
        "refused": [
            {"identifier": item.identifier, "reason": item.reason, "detail": item.detail, **_place(item.place)}
            for item in report.refused
        ],
        "failure": report.failure,
        "score": _score(report, words),
        "about": list(report.shapes),
    }
    # Record by record, because all of them as one tree take ten times the memory of the text.
    head = json.dumps(parts, indent=1).removesuffix("\n}")
    records = ",\n".join(json.dumps(_record(record, words)) for record in shown)
    return f'{head},\n "records": [\n{records}\n ]\n}}\n'


def _place(place: Place) -> dict[str, Any]:
    return {"document": place.document, "line": place.line or None, "column": place.column or None}


def _record(record: Checked, words: Wording) -> dict[str, Any]:
    return {
        "iri": record.iri if record.is_named else None,
        "kind": record.kind,
        "title": dict(record.title),
        **_place(record.place),
        "counts": dict(record.counts),
        "findings": [_finding(note, words) for note in record.notes],
        "repairs": dict(record.repairs),
    }


def _finding(note: Noted, words: Wording) -> dict[str, Any]:
    return {
        "severity": note.finding.severity,
        "field": field(note.finding.path, words.tag),
        "path": note.finding.path,
        "focus": note.finding.focus,
        "part": note.part,
        "value": note.value,
        "term": note.finding.value,
        "message": note.message(words.tag),
        "shape": note.finding.shape,
        "component": note.finding.component,
        **_place(note.place),
    }


def _score(report: Report, words: Wording) -> dict[str, Any] | None:
    found = report.rating
    if found is None:
        return None
    return {
        "points": round(found.points, 1),
        "of": 405,
        "rating": mqa.rating(found.points),
        "datasets": found.datasets,
        "dimensions": {name: round(points, 1) for name, points in found.dimensions.items()},
        "fixes": [
            {"fix": fix.name, "title": FIXES[fix.name].title[words.tag], "points": fix.points, "values": fix.values}
            | {"datasets": fix.datasets}
            for fix in found.fixes
        ],
    }
