"""Turns a finding into the values that it is about, as people know them: texts and addresses, not nodes of a graph.

SHACL leaves the value out where a constraint counts (``sh:maxCount``, ``sh:uniqueLang``; section 4,
https://www.w3.org/TR/shacl/#core-components), gives the focus node itself for a constraint on a whole description, and
an embedded node by its name, which is one of ours: 403 findings of data.gov.be say that the format is an address
``.../.well-known/genid/...`` that nobody has written.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from maillon.rdf import canonical
from maillon.records import Finding
from maillon.vocabulary import TYPE

_EMBEDDED: Final = "/.well-known/genid/"
_COUNTS: Final = frozenset(
    f"http://www.w3.org/ns/shacl#{name}ConstraintComponent" for name in ("MaxCount", "QualifiedMaxCount", "UniqueLang")
)
_LITERALS: Final = 3  # of an embedded node
_DEPTH: Final = 3
_SEVERAL: Final = 5  # of several values, so many are told
_SHORT: Final = 80  # characters of each of them
_STEP: Final = re.compile(r"<([^<>]*)>")


def values(finding: Finding, text: str) -> list[str]:
    """Return the values that a finding is about, in the order of the text.

    Args:
        finding: The finding.
        text: ``Version.text`` of what it was found in, where its embedded nodes are.

    Returns:
        Lexical forms of literals, IRIs, and of embedded nodes what they say (empty where they say nothing). Nothing
        where no value is there to be shown: one is missing, or the whole description is meant.
    """
    about = _about(text) if needs_text(finding) else {}
    value = _term(finding.value) if finding.value else None
    if finding.value == f"<{finding.focus}>":
        return [said] if (said := _said_of(value, about)) else []
    if finding.value:
        return [_readable(value, about) if isinstance(value, NamedNode | Literal) else finding.value]
    path = _STEP.findall(finding.path) or [finding.path]
    if finding.component in _COUNTS and len(path) == 1:
        found = [item.object for item in about.get(finding.focus, ()) if item.predicate.value == path[0]]
        return [_readable(item, about) for item in found if isinstance(item, NamedNode | Literal)]
    return []


def line(finding: Finding, text: str) -> str:
    """Return the values that a finding is about in one line; of several a few, each cut short: GML takes 300 signs."""
    found = values(finding, text)
    if len(found) < 2:
        return "".join(found)
    cut = [value if len(value) <= _SHORT else f"{value[: _SHORT - 1]}…" for value in found[:_SEVERAL]]
    return "; ".join([*cut, *(["…"] if len(found) > _SEVERAL else [])])


def needs_text(finding: Finding) -> bool:
    """Tell whether the values of a finding stand in the text only: in an embedded node, or where there are too many."""
    return _EMBEDDED in finding.value or finding.component in _COUNTS


_Said = Mapping[str, Sequence[Triple]]


def _about(text: str) -> _Said:
    """Return what is said, by subject."""
    found: dict[str, list[Triple]] = {}
    for triple in canonical.triples(text):
        if isinstance(triple.subject, NamedNode):
            found.setdefault(triple.subject.value, []).append(triple)
    return found


def _term(value: str) -> object:
    try:
        return next(parse(f"<x:s> <x:p> {value} .", RdfFormat.N_TRIPLES)).object
    except (SyntaxError, StopIteration):
        return None


def _said_of(value: object, about: _Said) -> str:
    """Return what an embedded node says that is itself at fault, such as a place by its name; empty for an entity."""
    return _readable(value, about) if isinstance(value, NamedNode) and _is_embedded(value) else ""


def _is_embedded(value: NamedNode | Literal) -> bool:
    return isinstance(value, NamedNode) and _EMBEDDED in value.value


def _readable(value: NamedNode | Literal, about: _Said, depth: int = _DEPTH) -> str:
    """Return a value; an embedded node by its first texts, or by those of the nodes in it."""
    if not _is_embedded(value):
        return value.value
    others = [item.object for item in about.get(value.value, ()) if item.predicate != TYPE]
    texts = [item.value for item in others if isinstance(item, Literal | NamedNode) and not _is_embedded(item)]
    inner = [item for item in others if isinstance(item, NamedNode) and _is_embedded(item)]
    if not texts and depth:
        texts = [shown for item in inner if (shown := _readable(item, about, depth - 1))]
    return ", ".join(texts[:_LITERALS])
