"""Writes a report as a SHACL validation report in Turtle, its messages in four languages.

https://www.w3.org/TR/shacl/#validation-report; what could not be read stands in ``rdfs:comment`` of the report, since a
validation report has no word for it.
"""

import re
from collections.abc import Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from maillon.check import routes, wordings
from maillon.check.grouping import chosen
from maillon.check.values import Noted, Report
from maillon.check.wording import Wording
from maillon.vocabulary import PREFIXES, TYPE, term

_C1: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_USED: Final = ("sh", "rdf", "rdfs", "dcat", "dct", "xsd")
_COMMENT: Final = term("rdfs:comment")
_BOOLEAN: Final = term("xsd:boolean")


def write(report: Report, words: Wording, _fail_on: str, limit: int | None = None) -> str:
    """Return the report as Turtle; ``sh:conforms`` is as SHACL has it: there is no result of any severity.

    Args:
        report: What was found.
        words: In which language comments are; messages are in all four.
        limit: How many records with findings are listed, None for all.
    """
    triples = list(_triples(report, words, limit))
    used = {name: PREFIXES[name] for name in _USED}
    text = (serialize(triples, format=RdfFormat.TURTLE, prefixes=used) or b"").decode()
    # Turtle may hold them, but a terminal would obey them.
    return _C1.sub(lambda found: f"\\u{ord(found[0]):04X}", text)


def _triples(report: Report, words: Wording, limit: int | None) -> Iterator[Triple]:
    node = BlankNode("report")
    shown, more = chosen(report, limit)
    conforms = not any(report.counts.values()) and report.is_read
    yield Triple(node, TYPE, term("sh:ValidationReport"))
    yield Triple(node, term("sh:conforms"), Literal(str(conforms).lower(), datatype=_BOOLEAN))
    for line in _comments(report, words, more):
        yield Triple(node, _COMMENT, Literal(line, language=words.tag))
    for line in report.shapes:
        yield Triple(node, _COMMENT, Literal(wordings.clean(line), language="en"))
    notes = [note for record in shown for note in record.notes]
    # Labels of our own, so that the same findings make the same file.
    yield from (Triple(node, term("sh:result"), BlankNode(f"r{number}")) for number in range(1, len(notes) + 1))
    for number, note in enumerate(notes, 1):
        yield from _result(BlankNode(f"r{number}"), note)


def _comments(report: Report, words: Wording, more: int) -> Iterator[str]:
    for item in report.refused:
        where = wordings.place(item.place, words, report.target)
        parts = (words.refused, where, wordings.clean(item.identifier), wordings.reason(item, words))
        yield ": ".join(part for part in parts if part)
    if report.failure:
        yield words.failure.format(reason=wordings.clean(report.failure))
    if not report.is_read:
        yield words.nothing
    if more:
        yield words.more_records[more > 1].format(count=words.number(more))
    if report.dropped:
        yield words.dropped.format(count=words.number(report.dropped))


def _result(node: BlankNode, note: Noted) -> Iterator[Triple]:
    finding = note.finding
    yield Triple(node, TYPE, term("sh:ValidationResult"))
    yield Triple(node, term("sh:focusNode"), NamedNode(finding.focus))
    yield Triple(node, term("sh:resultSeverity"), term(f"sh:{finding.severity}"))
    yield Triple(node, term("sh:sourceConstraintComponent"), NamedNode(finding.component))
    yield Triple(node, term("sh:sourceShape"), _node(finding.shape))
    if finding.path:
        path, described = routes.triples(finding.path, f"{node.value}p")
        yield Triple(node, term("sh:resultPath"), path)
        yield from described
    if finding.value:
        yield Triple(node, term("sh:value"), _term(finding.value))
    for language, text in sorted(note.messages.items()):
        yield Triple(node, term("sh:resultMessage"), Literal(text, language=language))


def _node(name: str) -> NamedNode | BlankNode:
    return BlankNode(name[2:]) if name.startswith("_:") else NamedNode(name)


def _term(text: str) -> NamedNode | BlankNode | Literal:
    quad = next(parse(f"<urn:s> <urn:p> {text} .", RdfFormat.N_TRIPLES, lenient=True))
    return quad.object if isinstance(quad.object, NamedNode | BlankNode | Literal) else Literal(text)
