"""Reads the members of an event stream: which version of which subject each fragment holds.

Two forms. `DCAT-AP Feeds <https://semiceu.github.io/LDES-DCAT-AP-feeds/>`_: a member is an ``as:Create``,
``as:Update`` or ``as:Delete`` with ``as:object`` and ``as:published``, and what it says stands in the named graph with
the member's IRI. Other `LDES <https://w3id.org/ldes/specification>`_: a member is a version object in the default
graph; ``ldes:versionOfPath`` (default ``dct:isVersionOf``) names the subject, and what it says is said of the subject.
The description of the stream itself, in the default graph, is no data of the source.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from maillon.vocabulary import ISSUED, MODIFIED, TYPE, term

_OBJECT: Final = term("as:object")
_PUBLISHED: Final = term("as:published")
_DELETE: Final = term("as:Delete")
_MEMBER: Final = term("tree:member")
_STREAM: Final = term("ldes:EventStream")
_VERSION_OF: Final = term("dct:isVersionOf")
_VERSION_OF_PATH: Final = term("ldes:versionOfPath")
_TIMESTAMP_PATH: Final = term("ldes:timestampPath")
_TIMES: Final = frozenset({_PUBLISHED, term("prov:generatedAtTime"), term("dct:created"), ISSUED, MODIFIED})
"""Properties that name the time of a version where no ``ldes:timestampPath`` stands in the same document."""


@dataclass(frozen=True, slots=True)
class Member:
    """One version of one subject.

    Attributes:
        iri: The member.
        subject: The subject, or None where the member names none that has an IRI.
        published: When, in seconds since 1970; minus infinity where it does not say or cannot be read.
        deleted: Whether it says that the subject is gone.
        version_of: The property that named the subject.
    """

    iri: NamedNode
    subject: NamedNode | None
    published: float
    deleted: bool
    version_of: NamedNode


def is_feed(quads: Iterable[Quad]) -> bool:
    """Tell whether a document is a fragment or the description of an event stream."""
    return any(
        quad.predicate in (_OBJECT, _MEMBER) or (quad.predicate == TYPE and quad.object == _STREAM) for quad in quads
    )


def _seconds(value: object) -> float:
    try:
        moment = datetime.fromisoformat(value.value.strip() if isinstance(value, Literal) else "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return float("-inf")


def _paths(quads: Iterable[Quad]) -> tuple[set[NamedNode], set[NamedNode], set[NamedNode]]:
    """Return the listed members, the properties that name a member's subject, and those that name its time."""
    listed, subject, time = set[NamedNode](), {_OBJECT, _VERSION_OF}, set(_TIMES)
    sets = {_MEMBER: listed, _VERSION_OF_PATH: subject, _TIMESTAMP_PATH: time}
    for quad in quads:
        if quad.predicate in sets and isinstance(quad.object, NamedNode):
            sets[quad.predicate].add(quad.object)
    return listed, subject, time


def members(quads: Sequence[Quad]) -> Iterator[Member]:
    """Yield the members of one fragment, in the order of their IRIs."""
    listed, subject_paths, time_paths = _paths(quads)
    subjects: dict[NamedNode, tuple[NamedNode, NamedNode | None]] = {}
    times: dict[NamedNode, float] = defaultdict(lambda: float("-inf"))
    deleted: set[NamedNode] = set()
    for quad in quads:
        member = quad.subject
        if not isinstance(member, NamedNode) or not isinstance(quad.graph_name, DefaultGraph):
            continue
        if quad.predicate in subject_paths:
            subjects[member] = quad.predicate, quad.object if isinstance(quad.object, NamedNode) else None
        elif quad.predicate in time_paths:
            times[member] = max(times[member], _seconds(quad.object))
        elif quad.predicate == TYPE and quad.object == _DELETE:
            deleted.add(member)
    for member, (path, subject) in sorted(subjects.items(), key=lambda item: item[0].value):
        if path == _OBJECT or member in listed:
            yield Member(member, subject, times[member], member in deleted, path)


def payloads(quads: Iterable[Quad], wanted: Mapping[NamedNode, Member]) -> dict[NamedNode, list[Quad]]:
    """Return what each wanted member of one fragment says, as quads about its subject.

    Args:
        quads: The fragment.
        wanted: Members by IRI.
    """
    named: dict[NamedNode, list[Quad]] = {iri: [] for iri in wanted}
    default: dict[object, list[Quad]] = defaultdict(list)
    starts = {iri if member.version_of != _OBJECT else member.subject for iri, member in wanted.items()}
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode):
            if quad.graph_name in named:
                named[quad.graph_name].append(quad)
        elif isinstance(quad.subject, BlankNode) or quad.subject in starts:
            default[quad.subject].append(quad)
    for iri, member in wanted.items():
        # Some feeds have no named graphs: then what the default graph says of the subject is the content.
        if not named[iri]:
            named[iri].extend(_star(default, iri if member.version_of != _OBJECT else member.subject, member))
    return named


def _star(default: Mapping[object, list[Quad]], start: NamedNode | None, member: Member) -> Iterator[Quad]:
    """Yield what the default graph says of a member's subject, or of a version object as said of the subject."""
    todo: list[NamedNode | BlankNode | None] = [start]
    seen: set[NamedNode | BlankNode | None] = {start}
    while todo:
        node = todo.pop()
        for quad in default.get(node, ()):
            if quad.predicate == member.version_of:
                continue
            subject = member.subject if node == start and member.subject is not None else quad.subject
            yield Quad(subject, quad.predicate, quad.object)
            if isinstance(quad.object, BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                todo.append(quad.object)
