"""What was repaired, in words: rules by source, and what each changed in which record.

Turns ``store.documents.Repair`` rows into values for pages, and into the patches of ``maillon.repair.patches``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from maillon import repair
from maillon.repair import Application
from maillon.store.documents import Documents, Repair
from maillon.vocabulary import TYPE
from maillon.web import display, findings, links
from maillon.web.described import compact
from maillon.web.texts import Text

_PAGE: Final = 500
"""Documents read at once for a download."""

MOST_STATEMENTS: Final = 12
"""Statements shown of one side of a repair; a list of keywords taken apart has hundreds."""

MOST_REPAIRS: Final = 25
"""Repairs shown of one record."""

LONGEST: Final = 400
"""Characters shown of a value; descriptions of 100,000 stand in the corpus, and the downloads have all of them."""

_PLAIN: Final = "http://www.w3.org/2001/XMLSchema#string"
_EDGES: Final = re.compile(r"^\s+|\s+$")
_CONTROLS: Final = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"} | {0x7F: 0x2421}
"""Pictures of control characters: they may not stand in HTML, and would not be seen."""
_NO_CHARACTER: Final = re.compile("[\x80-\x9f\ufdd0-\ufdef\ufffe\uffff\U0001fffe-\U0001ffff]")


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule was applied in the records of a source.

    Attributes:
        id: Id of the rule.
        title: What it does, in the visitor's language.
        count: Number of applications, in the digits of the language.
        records: Number of entities concerned, in the digits of the language.
    """

    id: str
    title: str
    count: str
    records: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that a rule took out or put in.

    Attributes:
        property: Its property as a prefixed name, after those that lead to the part of the record it is about.
        value: Its value as a lexical form or IRI, its beginning only where it is long; blanks at its ends are marked.
        note: Language tag or datatype, empty for plain texts and references.
    """

    property: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Done:
    """One repair of one record.

    Attributes:
        rule: Id of the rule.
        title: What the rule does, in the visitor's language.
        old: What the source sent.
        new: What stands in its place.
        more_old: Number of statements left out of ``old``.
        more_new: Number of statements left out of ``new``.
    """

    rule: str
    title: str
    old: list[Statement]
    new: list[Statement]
    more_old: int
    more_new: int


@dataclass(frozen=True, slots=True)
class RepairedRecord:
    """A record in which something was repaired.

    Attributes:
        iri: The entity.
        name: What it is called.
        kind: One of ``identifiers.KINDS``.
        href: Its page.
        repairs: What was repaired.
        more: Number of repairs left out.
    """

    iri: str
    name: Text
    kind: str
    href: str
    repairs: list[Done]
    more: int


def title(rule: str, language: str) -> str:
    """Return what a rule does, without a full stop; its id where this Maillon no longer has it."""
    known = repair.BY_ID.get(rule)
    return known.title.get(language, known.title["en"]).removesuffix(".") if known else rule


def by_rule(documents: Documents, source: str, language: str) -> list[RuleCount]:
    """Return the rules applied in the records of a source, the most frequent first."""
    return [
        RuleCount(rule, title(rule, language), display.number(count, language), display.number(records, language))
        for rule, count, records in documents.repairs_by_rule(source)
    ]


def done(repairs: Sequence[Repair], language: str) -> list[Done]:
    """Return repairs as pages show them."""
    return [_done(item, language) for item in repairs]


def _done(item: Repair, language: str) -> Done:
    paths = _paths(item)
    old, new = _lines(item.removed), _lines(item.added)
    return Done(
        rule=item.rule,
        title=title(item.rule, language),
        old=_statements(old, paths),
        new=_statements(new, paths),
        more_old=max(0, len(old) - MOST_STATEMENTS),
        more_new=max(0, len(new) - MOST_STATEMENTS),
    )


def _lines(text: str) -> list[str]:
    # Not splitlines(): texts may hold line separators of Unicode, which N-Triples does not escape.
    return [line for line in text.split("\n") if line.strip()]


def _split(line: str) -> tuple[str, str, str]:
    subject, predicate, value = line.removesuffix(" .").split(" ", 2)
    return subject, compact(predicate.strip("<>")), value


def _paths(item: Repair) -> dict[str, str]:
    """Return by which properties the embedded nodes of a repair are reached from the record, by label."""
    found = {f"_:b{number}": findings.path_name(path) for number, path in enumerate(item.path.split("\n")) if path}
    for line in _lines(item.removed + item.where + item.added):
        subject, name, value = _split(line)
        if value.startswith("_:") and value not in found and len(found) < MOST_STATEMENTS:
            before = found.get(subject, "")
            found[value] = f"{before} / {name}" if before else name
    return found


def _statements(lines: Sequence[str], paths: Mapping[str, str]) -> list[Statement]:
    made = []
    for line in lines[:MOST_STATEMENTS]:
        subject, name, value = _split(line)
        before = paths.get(subject, "")
        made.append(Statement(f"{before} / {name}" if before else name, *_value(value)))
    return made


def _value(value: str) -> tuple[str, str]:
    """Return lexical form (or IRI) and note (language or datatype) of an object in N-Triples, fit to be shown."""
    if value.startswith("_:"):
        return "…", ""
    try:
        found = next(parse(f"<x:s> {TYPE} {value} .", RdfFormat.N_TRIPLES, lenient=True)).object
    except (SyntaxError, StopIteration):
        return shown(value), ""
    if isinstance(found, Literal):
        note = found.language or ("" if found.datatype.value == _PLAIN else compact(found.datatype.value))
        return shown(found.value), note
    return shown(found.value if isinstance(found, NamedNode) else str(found)), ""


def shown(text: str) -> str:
    """Return a value so that a person sees what a rule is about: blanks at its ends, control characters, no end."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    marked = _EDGES.sub(lambda match: "␣" * min(len(match[0]), 8), cut).translate(_CONTROLS)
    return _NO_CHARACTER.sub("\ufffd", marked)


def records(
    documents: Documents, source: str, rule: str, after: str, limit: int, language: str
) -> list[RepairedRecord]:
    """Return records of a source in which a rule (empty: any) repaired something, by IRI, after an IRI."""
    found = documents.repaired(source, rule, after, limit)
    known = documents.many(iri for iri, *_ in found)
    return [
        RepairedRecord(
            iri=iri,
            name=links.name(known[iri], language) if iri in known else Text(iri),
            kind=kind,
            href=links.page(kind, key),
            repairs=done(repairs[:MOST_REPAIRS], language),
            more=max(0, len(repairs) - MOST_REPAIRS),
        )
        for iri, kind, key, repairs in found
    ]


def applications(documents: Documents, source: str, rule: str = "") -> Iterator[tuple[str, list[Application]]]:
    """Yield the IRIs of a source's entities with what was repaired of each, for ``repair.patches``."""
    after = ""
    while page := documents.repaired(source, rule, after, _PAGE):
        for iri, _kind, _key, repairs in page:
            yield iri, [Application(item.rule, item.removed, item.added, item.path, item.where) for item in repairs]
        after = page[-1][0]
