"""Lists of the records that break a rule: what each is called, where it is corrected, and the values concerned.

Turns records with findings (``sh:ValidationResult``) into lines of a table in the visitor's language.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from maillon.records import Finding
from maillon.store import findings_by_record
from maillon.store.documents import Documents
from maillon.store.findings_by_record import Found
from maillon.validation import shown
from maillon.vocabulary import AUTHORITY
from maillon.web import display, links, quality_findings
from maillon.web.texts import Text

MOST_VALUES: Final = 5
"""Values shown of one record; the tables have all of them."""

MARK: Final = 12
"""Characters of an IRI by which records of the same name are told apart: sources number them at the end."""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record that breaks a rule.

    Attributes:
        name: Title of its dataset, or its own name.
        part: What the file or service of that dataset is called; None for all other records.
        mark: The end of its IRI where another line of the table is called the same; empty where none is.
        href: Its page.
        values: What is concerned in it, a few values; empty where something is missing.
        more: Number of values left out, in figures; 0 where all are there.
    """

    name: Text
    part: Text | None
    mark: str
    href: str
    values: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class RecordTable:
    """Records that break one rule.

    Attributes:
        kind: What kind of records they are, in the visitor's language.
        field: What the field is called, with its property.
        lines: The records.
        has_values: Whether there is a value to show in one of them: none where something is missing.
    """

    kind: str
    field: str
    lines: list[RecordLine]
    has_values: bool


def tables(wanted: Mapping[str, Sequence[Found]], documents: Documents, language: str) -> dict[str, RecordTable]:
    """Return a table for each rule.

    Args:
        wanted: Records by IRI of the rule that they break.
        documents: The documents file, where names are looked up: those of all records in a few readings.
        language: Of the texts.
    """
    items = list({item.iri: item for records in wanted.values() for item in records}.values())
    names = quality_findings.dataset_names(items, documents, language)
    texts = findings_by_record.texts(documents, _read_of(wanted))
    return {rule: _table(rule, records, names, texts, language) for rule, records in wanted.items()}


def _read_of(wanted: Mapping[str, Sequence[Found]]) -> Iterable[str]:
    """Return the IRIs of those records whose texts are needed: files for their names, others for values in them."""
    return dict.fromkeys(
        item.iri
        for rule, records in wanted.items()
        for item in records
        if item.kind == "distribution" or any(map(shown.needs_text, _own(item, rule)))
    )


def _own(record: Found, rule: str) -> list[Finding]:
    return [finding for finding in record.findings if finding.shape == rule]


def _table(
    rule: str, records: Sequence[Found], names: Mapping[str, Text], texts: Mapping[str, str], language: str
) -> RecordTable:
    parts = {
        item.iri: quality_findings.own_name(item.iri, texts.get(item.iri, ""), language)
        for item in records
        if item.kind == "distribution"
    }
    called = Counter((names[item.iri].value, parts.get(item.iri)) for item in records)
    lines = []
    for item in records:
        values = _values(item, rule, texts.get(item.iri, ""))
        is_alone = called[names[item.iri].value, parts.get(item.iri)] == 1
        lines.append(
            RecordLine(
                name=names[item.iri],
                part=parts.get(item.iri),
                mark="" if is_alone else f"…{item.iri[-MARK:]}",
                href=links.page(item.kind, item.key),
                values=values[:MOST_VALUES],
                more=max(0, len(values) - MOST_VALUES),
            )
        )
    kind = display.kind_name(records[0].kind) if records else ""
    fields = [quality_findings.field_name(finding, language) for item in records for finding in _own(item, rule)]
    return RecordTable(kind, fields[0] if fields else "", lines, any(line.values for line in lines))


def _values(record: Found, rule: str, text: str) -> list[str]:
    """Return the values concerned, each once; those of the EU's lists without what they all begin with."""
    found = [shown.line(finding, text).replace(AUTHORITY, "…/") for finding in _own(record, rule)]
    return [value for value in dict.fromkeys(found) if value]
