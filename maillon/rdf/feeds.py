"""Reads the members of an event stream: which version of which subject each fragment holds.

Two forms. `DCAT-AP Feeds <https://semiceu.github.io/LDES-DCAT-AP-feeds/>`_: a member is an ``as:Create``,
``as:Update`` or ``as:Delete`` with ``as:object`` and ``as:published``, and what it says stands in the named graph with
the member's IRI. Other `LDES <https://w3id.org/ldes/specification>`_: a member is a version object in the default
graph; ``ldes:versionOfPath`` (default ``dct:isVersionOf``) names the subject, and what it says is said of the subject.
The description of the stream itself, in the default graph, is no data of the source; which paths it names holds for
all its fragments, so ``context`` reads them from one and ``members`` takes them for the others. Only paths of a single
property are understood.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
_VERSION_TIMESTAMP_PATH: Final = term("ldes:versionTimestampPath")
_DELETE_PATH: Final = term("ldes:versionDeletePath")
_DELETE_OBJECT: Final = term("ldes:versionDeleteObject")
_TIMES: Final = frozenset({_PUBLISHED, term("prov:generatedAtTime"), term("dct:created"), ISSUED, MODIFIED})
"""Properties that name the time of a version where no ``ldes:timestampPath`` is known."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an event stream says of its members; each empty where it says nothing.

    Attributes:
        stream: The streams' IRIs.
        subject: Properties that name a member's subject, beside the usual ones (``ldes:versionOfPath``).
        time: Properties that name when a member was added (``ldes:timestampPath``).
        version_time: Properties that order the versions of a subject where the members are not in that order.
        delete_path: Properties whose value tells a deletion; ``rdf:type`` where none is named.
        delete_object: The values that tell it, beside ``as:Delete``.
    """

    stream: frozenset[NamedNode] = field(default_factory=frozenset)
    subject: frozenset[NamedNode] = field(default_factory=frozenset)
    time: frozenset[NamedNode] = field(default_factory=frozenset)
    version_time: frozenset[NamedNode] = field(default_factory=frozenset)
    delete_path: frozenset[NamedNode] = field(default_factory=frozenset)
    delete_object: frozenset[NamedNode] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        """Whether it names any path or object."""
        return any((self.subject, self.time, self.version_time, self.delete_path, self.delete_object))


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


def seconds(value: object) -> float:
    """Return a literal's time in seconds since 1970, as UTC where it has no zone; minus infinity for anything else."""
    try:
        moment = datetime.fromisoformat(value.value.strip() if isinstance(value, Literal) else "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return float("-inf")


def context(quads: Iterable[Quad]) -> Context:
    """Return what a document says of the event stream, whichever of them it describes."""
    found: dict[NamedNode, set[NamedNode]] = {
        path: set()
        for path in (
            _VERSION_OF_PATH, _TIMESTAMP_PATH, _VERSION_TIMESTAMP_PATH, _DELETE_PATH, _DELETE_OBJECT, _STREAM,
        )
    }  # fmt: skip
    for quad in quads:
        if quad.predicate in found and isinstance(quad.object, NamedNode):
            found[quad.predicate].add(quad.object)
        elif quad.predicate == TYPE and quad.object == _STREAM and isinstance(quad.subject, NamedNode):
            found[_STREAM].add(quad.subject)
    return Context(
        frozenset(found[_STREAM]),
        frozenset(found[_VERSION_OF_PATH]),
        frozenset(found[_TIMESTAMP_PATH]),
        frozenset(found[_VERSION_TIMESTAMP_PATH]),
        frozenset(found[_DELETE_PATH]),
        frozenset(found[_DELETE_OBJECT]),
    )


def members(quads: Sequence[Quad], of_stream: Context | None = None) -> Iterator[Member]:
    """Yield the members of one fragment, in the order of their IRIs.

    Args:
        quads: The fragment.
        of_stream: What the stream says of its members; default: what this fragment says of the stream.
    """
    paths = context(quads) if of_stream is None else of_stream
    subject_paths = {_OBJECT, _VERSION_OF, *paths.subject}
    time_paths = paths.version_time or paths.time or _TIMES
    delete_paths, delete_objects = paths.delete_path or {TYPE}, {_DELETE, *paths.delete_object}
    listed = {quad.object for quad in quads if quad.predicate == _MEMBER}
    subjects: dict[NamedNode, tuple[NamedNode, NamedNode | None]] = {}
    times: dict[NamedNode, float] = defaultdict(lambda: float("-inf"))
    deleted: set[NamedNode] = set()
    for quad in quads:
        member, predicate, target = quad.subject, quad.predicate, quad.object
        if not isinstance(member, NamedNode) or not isinstance(quad.graph_name, DefaultGraph):
            continue
        if predicate in subject_paths:
            subjects[member] = predicate, target if isinstance(target, NamedNode) else None
        elif predicate in time_paths:
            times[member] = max(times[member], seconds(target))
        if (predicate in delete_paths or predicate == TYPE) and target in delete_objects:
            deleted.add(member)
    for member, (path, subject) in sorted(subjects.items(), key=lambda item: item[0].value):
        if path == _OBJECT or member in listed:
            yield Member(member, subject, times[member], member in deleted, path)


def is_standalone(quads: Iterable[Quad], members: Mapping[NamedNode, Member]) -> bool:
    """Tell whether the named graph of each member speaks of the member's subject only, blank nodes aside.

    Args:
        quads: The fragment.
        members: Its members by IRI.
    """
    for quad in quads:
        member = members.get(quad.graph_name) if isinstance(quad.graph_name, NamedNode) else None
        if member is not None and isinstance(quad.subject, NamedNode) and quad.subject != member.subject:
            return False
    return True


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
