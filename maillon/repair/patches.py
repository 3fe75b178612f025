"""Turns the applications of rules into patches to apply at the source, as streams of text.

Three forms: a table for people (`CSV, RFC 4180 <https://www.rfc-editor.org/rfc/rfc4180>`_), `RDF Patch
<https://afs.github.io/rdf-patch/>`_ and `SPARQL 1.1 Update <https://www.w3.org/TR/sparql11-update/>`_. Only the last
can speak of embedded nodes: it finds them by the path from the entity and by all that is said of them.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

from pyoxigraph import Literal, RdfFormat, Triple, parse

from maillon.repair import registry
from maillon.repair.engine import Application

Repairs = Iterable[tuple[str, Sequence[Application]]]
"""IRIs of entities with what was repaired of each, in the order in which it was."""

COLUMNS: Final = ("entity", "rule", "title", "path", "property", "old", "new")
_NODE: Final = re.compile(r"^_:(\w+)|(?<=> )_:(\w+)(?= \.$)", re.MULTILINE)
_LINE: Final = re.compile(r"^(\S+) (\S+) (.*) \.$")
_BROKEN: Final = re.compile(r"^<.*[\x00-\x20\"{}|\\^`<>].*>$")
"""An IRI that SPARQL cannot write."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def _title(rule: str, language: str) -> str:
    known = registry.BY_ID.get(rule)
    return known.title[language] if known else rule


def csv_rows(repairs: Repairs, language: str = "en") -> Iterator[str]:
    """Yield the lines of a table: one for each value that was changed.

    Columns: entity, rule, title (of the rule), path (from the entity to the embedded node, else empty), property, old
    (value before, empty where there was none), new. Values that a spreadsheet would take for a formula get an
    apostrophe before them.

    Args:
        repairs: What was repaired.
        language: Of the titles: ``fr``, ``nl``, ``de`` or ``en``.
    """
    yield _row(COLUMNS)
    for iri, applications in repairs:
        for item in applications:
            path = item.path.replace("\n", " ")
            for name, old, new in _values(item):
                yield _row((iri, item.rule, _title(item.rule, language), path, name, old, new))


def _row(values: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([f"'{value}" if value.startswith(_FORMULA) else value for value in values])
    return buffer.getvalue()


def _values(item: Application) -> Iterator[tuple[str, str, str]]:
    """Yield (property, old value, new value); values of one property stand side by side."""
    old, new = _by_property(item.removed), _by_property(item.added)
    if len(old) == len(new) == 1 and old.keys() != new.keys():  # a property renamed
        (before, values), (after, others) = next(iter(old.items())), next(iter(new.items()))
        yield f"{before} > {after}", ", ".join(values), ", ".join(others)
        return
    for name in dict.fromkeys((*old, *new)):
        for was, now in zip_longest(old.get(name, ()), new.get(name, ()), fillvalue=""):
            yield name, was, now


def _by_property(lines: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in _lines(lines):
        name, value = _property(line)
        found.setdefault(name, []).append(value)
    return found


def _property(line: str) -> tuple[str, str]:
    """Return the property of a line and its value for people; an IRI that no parser takes stays as it was sent."""
    try:
        triple = next(parse(line.encode(), RdfFormat.N_TRIPLES, lenient=True)).triple
    except (SyntaxError, StopIteration):
        match = _LINE.match(line)
        return (match[2].strip("<>"), match[3].strip("<>")) if match else ("", line)
    target = triple.object
    value = target.value if not isinstance(target, Triple) else str(target)
    tagged = f"{value} @{target.language}" if isinstance(target, Literal) and target.language else value
    return triple.predicate.value, tagged


def _lines(text: str) -> list[str]:
    """Cut into lines at line feeds alone: a value may hold other signs at which ``splitlines`` would cut."""
    return [line for line in text.split("\n") if line]


def rdf_patch(repairs: Repairs) -> Iterator[str]:
    """Yield the lines of an RDF Patch, one transaction for each entity.

    Changes of embedded nodes, which have no name outside the source, are left out with a comment that says so.
    """
    number = 0
    for iri, applications in repairs:
        yield "TX .\n"
        for item in applications:
            if item.path:
                yield f"# {item.rule} on an embedded node of {iri}: see the SPARQL Update\n"
                continue
            number += 1
            yield f"# {item.rule}\n"
            yield from (f"D {line}\n" for line in _lines(item.removed))
            added = _renamed(item.added, f"r{number}")
            yield from (f"A {line}\n" for line in _lines(added))
        yield "TC .\n"


def _renamed(lines: str, prefix: str) -> str:
    """Give new nodes names that no other application uses."""

    def name(match: re.Match[str]) -> str:
        label = match[1] or match[2]
        return f"_:{prefix}{label}" if label.startswith("n") else match[0]

    return _NODE.sub(name, lines)


def sparql_update(repairs: Repairs, language: str = "en") -> Iterator[str]:
    """Yield a SPARQL Update request, one or two operations for each application, to be run in this order.

    It is about the default graph; where the source keeps its data in a named one, put it in ``using-graph-uri``.

    Args:
        repairs: What was repaired.
        language: Of the comments.
    """
    number = 0
    for iri, applications in repairs:
        for item in applications:
            number += 1  # one label may not stand in two operations of a request
            added = _renamed(item.added, f"r{number}")
            yield f"# {item.rule}: {_title(item.rule, language)}\n"
            if item.path:
                yield _by_pattern(iri, item, added)
                continue
            yield from _deleted(item.removed)
            if added:
                yield f"INSERT DATA {{\n{added}}} ;\n"


def _deleted(lines: str) -> Iterator[str]:
    """Yield the operations that delete statements; an IRI that SPARQL cannot write is found by its text."""
    broken = [line for line in _lines(lines) if (match := _LINE.match(line)) and _BROKEN.match(match[3])]
    plain = "".join(f"{line}\n" for line in _lines(lines) if line not in broken)
    if plain:
        yield f"DELETE DATA {{\n{plain}}} ;\n"
    for line in broken:
        match = _LINE.match(line)
        if match:
            about, text = f"{match[1]} {match[2]} ?o", str(Literal(match[3].removeprefix("<").removesuffix(">")))
            yield f"DELETE {{ {about} }} WHERE {{ {about} FILTER(isIRI(?o) && STR(?o) = {text}) }} ;\n"


def _variables(lines: str) -> str:
    """Write embedded nodes as variables; new ones stay blank, so that each solution gets its own."""

    def variable(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return f"_:{name}" if name.startswith("r") else f"?{name}"

    return _NODE.sub(variable, lines)


def _by_pattern(iri: str, item: Application, added: str) -> str:
    paths = item.path.split("\n")
    leads = "".join(f"<{iri}> {path} ?b{number} .\n" for number, path in enumerate(paths))
    known = item.removed + item.where
    closed = "".join(_nothing_else(number, known) for number in range(len(paths)))
    return (
        f"DELETE {{\n{_variables(item.removed)}}}\nINSERT {{\n{_variables(added)}}}\n"
        f"WHERE {{\n{leads}{_variables(known)}{closed}}} ;\n"
    )


def _nothing_else(number: int, known: str) -> str:
    """Return filters: it is an embedded node, and nothing is said of it but what these lines say."""
    same = []
    for line in _lines(known):
        match = _LINE.match(line)
        if match and match[1] == f"_:b{number}":
            value = _variables(f"_:s <p:p> {match[3]} .").removeprefix("?s <p:p> ").removesuffix(" .")
            same.append(f"(?p = {match[2]} && sameTerm(?o, {value}))")
    rest = f" FILTER(!({' || '.join(same)}))" if same else ""
    return f"FILTER(isBlank(?b{number}))\nFILTER NOT EXISTS {{ ?b{number} ?p ?o .{rest} }}\n"
