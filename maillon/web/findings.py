"""Findings of validation in words: what is wrong with a record, grouped, the gravest first.

Turns ``sh:ValidationResult`` values into sentences of the shapes (``sh:message`` in four languages).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from maillon import validation
from maillon.records import Finding
from maillon.store.documents import Document
from maillon.validation import shown
from maillon.web import quality_rules
from maillon.web.described import compact
from maillon.web.wording import _

ORDER: Final = ("Violation", "Warning", "Info")
"""Severities, the gravest first."""
_STEP: Final = re.compile(r"<[^<>]*>|[|/^]")


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one kind.

    Attributes:
        severity: ``violation``, ``warning`` or ``info``.
        severity_label: The same in the visitor's language.
        message: What is wrong, in the visitor's language.
        field: What the field concerned is called, in the visitor's language; empty where the rule is not known.
        property: Property concerned as a prefixed name, empty where it is the record as a whole.
        count: How often.
        values: Values concerned, a few of them, as lexical forms or IRIs.
    """

    severity: str
    severity_label: str
    message: str
    field: str
    property: str
    count: int
    values: list[str]


def severity_label(severity: str) -> str:
    """Return the name of a severity in the language of the request."""
    return {"Violation": _("Must be corrected"), "Warning": _("Should be corrected")}.get(
        severity, _("Could be better")
    )


def path_name(path: str) -> str:
    """Return a result path (SPARQL path text with full IRIs) with prefixed names."""
    parts = _STEP.findall(path) if "<" in path else [path]
    return " ".join(compact(part.strip("<>")) for part in parts)


def lexical(value: str) -> str:
    """Return a value node (N-Triples syntax) without its syntax."""
    try:
        quad = next(parse(f"<x:s> <x:p> {value} .", RdfFormat.N_TRIPLES))
    except (SyntaxError, StopIteration):
        return value
    return quad.object.value if isinstance(quad.object, NamedNode | Literal) else value


def _own(finding: Finding) -> list[str]:
    return [lexical(finding.value)] if finding.value else []


def group(
    found: Iterable[Finding], language: str, values: Mapping[Finding, list[str]] | None = None
) -> list[FindingGroup]:
    """Group findings by shape, the gravest and then the most frequent first.

    Args:
        found: The findings.
        language: Of the texts.
        values: What each is about, where more is known than the finding itself says.
    """
    said = values or {}
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in found:
        groups.setdefault((finding.severity, finding.shape, finding.path), []).append(finding)
    order = sorted(groups.items(), key=lambda item: (ORDER.index(item[0][0]), -len(item[1])))
    return [
        FindingGroup(
            severity.lower(),
            severity_label(severity),
            validation.message(shape, language),
            quality_rules.name(shape, language),
            path_name(path),
            len(members),
            list(dict.fromkeys(value for member in members for value in said.get(member, _own(member)) if value))[:3],
        )
        for (severity, shape, path), members in order
    ]


def of_documents(documents: Iterable[Document], language: str) -> list[FindingGroup]:
    """Group the findings of several documents."""
    found = [(finding, document.text) for document in documents for finding in document.findings]
    values = {finding: shown.values(finding, text) for finding, text in found}
    return group([finding for finding, _text in found], language, values)
